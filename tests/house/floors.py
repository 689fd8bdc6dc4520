"""Which floor may look at which. Every import counts: lazy, TYPE_CHECKING, relative and by name as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import PACKAGE, Module, modules

__all__ = ["FLOORS", "ONLY_IN", "imports", "library_problems", "problems"]

#: From the ground up. A room imports from floors below its own, and never from another room of its floor.
FLOORS: tuple[tuple[str, ...], ...] = (
    (
        "errors",
        "report",
        "report_wire",
        "report_words",
        "limits",
        "times",
        "frozen",
        "caches",
        "files",
        "problems",
        "parallel",
        "strict_json",
    ),
    ("crypto", "codes"),
    ("pki", "ofd", "gateway", "storage", "sheets"),
    ("identity", "seal", "exchange"),
    ("license",),
    ("door",),
    ("platform",),
    ("testing",),
    ("cli",),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

#: Floor 0 is one room in a few modules: an error carries a report, and a report raises that error.
GROUND = frozenset(FLOORS[0])

#: Libraries that have one home, so that replacing one stays a job for one room.
ONLY_IN = {
    "gmssl": {"crypto"},
    "httpx": {"gateway"},
    "joserfc": {"crypto"},
    "nats": {"exchange"},
    "openpyxl": {"sheets"},
    "lxml": {"ofd", "seal", "license", "exchange"},
    "pyhanko": {"seal", "license"},
    "pyhanko_certvalidator": {"pki"},
    "asn1crypto": {"pki", "seal"},
    "sqlalchemy": {"storage"},
    "starlette": {"platform"},
    "uvicorn": {"platform", "cli"},
    "typer": {"cli"},
    "click": {"cli"},
    "rich": {"cli"},
    "pytest": {"testing"},
}

_FACE = "door"  # what a bare `import egov_sdk` opens
_FACE_NAMES = frozenset({"connect", "connect_async"})  # the names under which the package itself has it


def _base(module: Module, node: ast.ImportFrom) -> str:
    """The absolute name that a from-import starts at."""
    if not node.level:
        return node.module or ""
    here = module.name.split(".")
    here = here[: len(here) - node.level + module.is_package]
    return ".".join([*here, *(node.module or "").split(".")]).rstrip(".")


def _by_name(module: Module, node: ast.Call) -> str | None:
    """The target of import_module() or __import__(); "?" when it is not written out."""
    called = ast.unparse(node.func)
    if called not in {"import_module", "importlib.import_module", "__import__"}:
        return None
    target = _written(node.args[0]) if node.args else None
    if target is None:
        return "?"
    dots = len(target) - len(target.lstrip("."))
    if not dots:
        return target
    here = module.name.split(".")
    return ".".join([*here[: len(here) - dots + module.is_package], target.lstrip(".")])


def _written(node: ast.expr) -> str | None:
    """A name in the source: whole, or of an f-string the part before the first gap where that names a room."""
    if isinstance(node, ast.JoinedStr) and node.values:
        head = _written(node.values[0]) or ""
        return head.rpartition(".")[0] if head.count(".") > 1 else None
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _through_the_top(tree: ast.Module, top: str) -> Iterator[tuple[ast.AST, str]]:
    """What a module reaches as ``egov_sdk.name`` after importing the package, or ``egov_sdk`` used as a value."""
    aliases = [alias for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    bound = {alias.asname for alias in aliases if alias.name == top} | {
        top for alias in aliases if alias.name.split(".")[0] == top and not alias.asname
    }
    seen = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in bound:
            seen.add(id(node.value))
            yield node, f"{top}.{node.attr}"
        elif isinstance(node, ast.Name) and node.id in bound and id(node) not in seen:
            yield node, top


def imports(module: Module) -> Iterator[tuple[ast.AST, str]]:
    """Every name that a module imports, absolute and dotted, with the node that does it."""
    tree = module.tree
    yield from _through_the_top(tree, module.name.split(".")[0])
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            # the package alone says nothing yet: its uses, above, say what of it is taken
            yield from ((node, alias.name) for alias in node.names if "." in alias.name or alias.name != PACKAGE.name)
        elif isinstance(node, ast.ImportFrom):
            base = _base(module, node)
            yield from ((node, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and (target := _by_name(module, node)) is not None:
            yield node, target


def _problem(module: Module, target: str) -> str | None:
    top, *rest = target.split(".")
    if target == "?":
        return "imports a module whose name is not written out, which nobody can check"
    if top != PACKAGE.name or (len(rest) == 1 and rest[0].startswith("__") and rest[0].endswith("__")):
        return None
    there = rest[0] if rest and rest[0] not in {"*", *_FACE_NAMES} else _FACE
    here = module.room
    if there not in FLOOR:
        return f"imports {there}, a room that no floor has"
    if there == here:
        return None
    if any(part.startswith("_") and not part.endswith("__") for part in rest):
        return f"imports {target}, which is private to {there}"
    if not here:
        return None if there == _FACE else f"imports {there}: the package's face imports only {_FACE}"
    if here in GROUND and there in GROUND:
        return None
    if FLOOR[there] == FLOOR[here]:
        return f"imports {there}, sideways on floor {FLOOR[here]}"
    return f"imports {there}, floor {FLOOR[here]} from floor {FLOOR[there]}" if FLOOR[there] > FLOOR[here] else None


def problems(package: Path = PACKAGE) -> list[str]:
    """Every import that the floors forbid, and every room that has no floor."""
    found = []
    for module in modules(package):
        if module.room and module.room not in FLOOR:
            found.append(f"{module.name}: {module.room} is a room that no floor has")
            continue
        for node, target in imports(module):
            if (problem := _problem(module, target)) is not None:
                found.append(f"{module.at(node)} {problem}")
    return found


def library_problems(package: Path = PACKAGE) -> list[str]:
    """Every import of a library outside the rooms that it belongs to."""
    found = []
    for module in modules(package):
        for node, target in imports(module):
            library = target.split(".")[0]
            if library in ONLY_IN and module.room not in ONLY_IN[library]:
                found.append(f"{module.at(node)} imports {library}, which belongs to {sorted(ONLY_IN[library])}")
    return found
