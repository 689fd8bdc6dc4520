"""The parts of the docs that are made from the source, so that they cannot drift from it.

``python -m tests.house.pages`` writes them anew; a house test compares them with what is committed.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from egov_sdk.report import ANSWERS, CheckTable, CheckText, Lang, Text
from tests.house.benchmark_page import benchmarks_part
from tests.house.commands import CommandLike, ParameterLike, commands
from tests.house.error_codes import TABLES
from tests.house.speed_part import speed_part
from tests.house.surface import public, subject
from tests.house.tree import ROOT, Module, modules

__all__ = ["LANGS", "PARTS", "READMES", "check_tables", "generated_parts", "page_path", "written_anew"]

LANGS: tuple[Lang, ...] = ("en", "zh")

_WORDS = {
    "check": Text("Check", "检查项"),
    "answer": Text("Outcomes and what they say", "判定代码及其含义"),
    "clause": Text("Clause", "依据"),
    "advisory": Text("reported, not required by the standard policy", "仅提示，标准策略不作要求"),
    "PROBLEMS": Text("What `{room}` refuses", "`{room}` 拒绝的情况"),
    "NOTES": Text("What `{room}` tolerates and tells", "`{room}` 容许并告知的情况"),
    "code": Text("Code", "代码"),
    "says": Text("What it says", "含义"),
    "found": Text("What is found in the file", "文件中的情况"),
    "name": Text("Name", "名称"),
    "parameter": Text("Argument or option", "参数或选项"),
    "profile": Text("Profile", "平台配置"),
    "covered": Text("Signed", "签名覆盖"),
    "not_covered": Text("Not signed", "签名未覆盖"),
    "unverified": Text("Not certain", "尚不确定"),
    "what": Text("What it does", "说明"),
    "integrity": Text("Integrity", "完整性（integrity）"),
    "binding": Text("Binding", "绑定关系（binding）"),
    "trust": Text("Trust", "信任（trust）"),
    "coverage": Text("Coverage", "覆盖范围（coverage）"),
}


def _own(pattern: str, *, bound_to: str = "") -> Iterator[tuple[Module, ModuleType, object]]:
    """What modules themselves bind, at their top, to names that fit: with the module, and the imported module."""
    for module in modules():
        source = module.path.read_text("utf-8")
        for name in re.findall(rf"^({pattern})\b[^\n=]*=\s*{bound_to}", source, re.M):
            value = importlib.import_module(module.name)
            yield module, value, getattr(value, name)


def check_tables() -> Iterator[tuple[Module, ModuleType, CheckTable]]:
    """Every room's table of checks, with the module that holds it."""
    for module, value, table in _own(r"[A-Z][A-Z_]*", bound_to=r"CheckTable\("):
        if isinstance(table, CheckTable):
            yield module, value, table


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _check_row(name: str, row: CheckText, lang: Lang, *, advisory: bool) -> str:
    note = f"<br>*{_WORDS['advisory'].in_(lang)}*" if advisory else ""
    reasons = "<br>".join(f"`{code}` {_cell(text.in_(lang))}" for code, text in row.reasons.items())
    return f"| `{name}`<br>{_cell(row.question.in_(lang))}{note} | {reasons} | {_cell(row.clause)} |"


def checks_part(lang: Lang) -> str:
    """Every check of every room: its question, the sentences it can answer with, its clause."""
    lines: list[str] = []
    tables = list(check_tables())
    rooms = [module.room for module, _, _ in tables]
    for module, value, table in tables:
        required = getattr(value, "REQUIRED", frozenset(table.rows))
        name = next(name for name, held in vars(value).items() if held is table)
        lines += [f"## `{module.name}.{name}`" if rooms.count(module.room) > 1 else f"## `egov_sdk.{module.room}`", ""]
        for answer in ANSWERS:
            rows = {name: row for name, row in table.rows.items() if name.partition(".")[0] == answer}
            if not rows:
                continue
            lines += [f"### {_WORDS[answer].in_(lang)}", ""]
            lines += [
                f"| {' | '.join(_WORDS[word].in_(lang) for word in ('check', 'answer', 'clause'))} |",
                "|---|---|---|",
            ]
            lines += [_check_row(name, row, lang, advisory=name not in required) for name, row in rows.items()]
            lines.append("")
    return "\n".join(lines)


def _sentence(value: object) -> str:
    """The first sentence of a docstring; nothing for a constant."""
    if not (inspect.isclass(value) or inspect.isfunction(subject(value))):
        return ""
    return inspect.cleandoc(getattr(subject(value), "__doc__", "") or "").partition("\n\n")[0]


def _shown(text: str) -> str:
    """A docstring's sentence as Markdown: double backquotes become single ones."""
    return _cell(re.sub(r"``([^`]+)``", r"`\1`", text))


def reference_part(lang: Lang) -> str:
    """Every public module with every name of its ``__all__``."""
    lines: list[str] = []
    for module in modules():
        if not module.is_public:
            continue
        value = importlib.import_module(module.name)
        first = inspect.cleandoc(value.__doc__ or "").partition("\n\n")[0]
        lines += [f"## `{module.name}`", "", _shown(first).replace("&lt;", "<"), ""]
        lines += [f"| {_WORDS['name'].in_(lang)} | {_WORDS['what'].in_(lang)} |", "|---|---|"]
        lines += [f"| `{name}` | {_shown(_sentence(member))} |" for name, member in public(value)]
        lines.append("")
    return "\n".join(lines)


def _texts(pattern: str) -> Iterator[tuple[Module, dict[str, Text]]]:
    """Every module's own tables of a name that fits: words by key."""
    for module, _, table in _own(pattern):
        if isinstance(table, Mapping) and all(isinstance(text, Text) for text in table.values()):
            yield module, {str(key): text for key, text in table.items()}


def errors_part(lang: Lang) -> str:
    """Every code that comes from a room's table, with its words."""
    lines: list[str] = []
    for table in TABLES:
        for module, texts in _texts(table):
            lines += [f"### {_WORDS[table].in_(lang).format(room=module.room)}", ""]
            lines += [f"| {_WORDS['code'].in_(lang)} | {_WORDS['says'].in_(lang)} |", "|---|---|"]
            lines += [f"| `egov.{module.room}.{key}` | {_cell(text.in_(lang))} |" for key, text in texts.items()]
            lines.append("")
    return "\n".join(lines)


def leniencies_part(lang: Lang) -> str:
    """Every deviation that is read all the same, by the room that meets it."""
    lines: list[str] = []
    for module, texts in _texts(r"[A-Z_]*LENIENCIES"):
        lines += [f"## `{module.name}`", ""]
        lines += [f"| {_WORDS['code'].in_(lang)} | {_WORDS['found'].in_(lang)} |", "|---|---|"]
        lines += [f"| `{key}` | {_cell(text.in_(lang))} |" for key, text in texts.items()]
        lines.append("")
    return "\n".join(lines)


def _usage(name: str, command: CommandLike) -> str:
    """The line that shows how a command is typed."""
    words = [name, "[…]"] if any(p.param_type_name == "option" for p in command.params) else [name]
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            word = parameter.metavar or (parameter.name or "").upper()
            words.append(word if parameter.required else f"[{word}]")
    return " ".join(words)


def _parameter_row(parameter: ParameterLike) -> str:
    name = ", ".join((*parameter.opts, *parameter.secondary_opts))
    if parameter.param_type_name == "argument":
        name = parameter.metavar or (parameter.name or "").upper()
    elif not parameter.is_flag:
        name = f"{name} {parameter.metavar or (parameter.name or '').upper()}"
    return f"| `{_cell(name)}` | {_cell(getattr(parameter, 'help', None) or '')} |"


def command_line_part(lang: Lang) -> str:
    """Every command with its help, its arguments and its options; those that all have in common are left out."""
    every = commands(lang)
    common = {"as_json", "lang", "help"}
    lines: list[str] = []
    for name, command in every:
        lines += [f"### `{name}`", "", _cell(command.help or ""), "", "```text", _usage(name, command), "```", ""]
        rows = [_parameter_row(parameter) for parameter in command.params if parameter.name not in common]
        if rows:
            lines += [f"| {_WORDS['parameter'].in_(lang)} | {_WORDS['what'].in_(lang)} |", "|---|---|", *rows, ""]
    return "\n".join(lines)


_PIECES = {
    "method": Text("method", "方法"),
    "path": Text("path", "路径"),
    "query": Text("query", "查询串"),
    "body": Text("body", "请求体"),
    "service": Text("service", "服务"),
    "time": Text("time", "时间"),
    "nonce": Text("nonce", "随机数"),
}


def gateway_part(lang: Lang) -> str:
    """Every built-in gateway profile: what its signature covers, what it leaves open, what is not certain."""
    from egov_sdk.crypto import SM2PrivateKey
    from egov_sdk.gateway import Credentials, Request
    from egov_sdk.gateway.explain import explain_request
    from egov_sdk.gateway.profiles import BUILT_IN

    who = Credentials(id="id-of-16-letters", secret="secret", service="service", signer=SM2PrivateKey.from_int(1))
    at = datetime(2026, 1, 5, tzinfo=UTC)
    separator = ", " if lang == "en" else "、"
    heads = ("profile", "covered", "not_covered", "unverified")
    lines = [f"| {' | '.join(_WORDS[word].in_(lang) for word in heads)} |", "|---|---|---|---|"]
    for name, profile in BUILT_IN.items():
        path = "" if profile.call_path else "/path"
        told = explain_request(Request("POST", path, json={"a": 1}), profile=profile, credentials=who, at=at)
        pieces = (separator.join(_PIECES[one].in_(lang) for one in some) for some in (told.covered, told.not_covered))
        open_ = "<br>".join(_cell(text.in_(lang)) for text in profile.unverified)
        lines.append(f"| `{name}`<br>{_cell(profile.title.in_(lang))} | {' | '.join(pieces)} | {open_} |")
    return "\n".join(lines)


def identity_part(lang: Lang) -> str:
    """Every built-in identity profile, with what is not certain about it."""
    from egov_sdk.identity.profiles import PROFILES

    lines = [f"| {_WORDS['profile'].in_(lang)} | {_WORDS['unverified'].in_(lang)} |", "|---|---|"]
    for name, profile in PROFILES.items():
        open_ = "<br>".join(_cell(text.in_(lang)) for text in profile.unverified)
        lines.append(f"| `{name}`<br>{_cell(profile.title.in_(lang))} | {open_} |")
    return "\n".join(lines)


#: The page that holds each generated part.
PARTS: dict[str, Callable[[Lang], str]] = {
    "benchmarks": benchmarks_part,
    "checks": checks_part,
    "command-line": command_line_part,
    "errors": errors_part,
    "gateway": gateway_part,
    "identity": identity_part,
    "leniencies": leniencies_part,
    "reference": reference_part,
    "speed": speed_part,
}
READMES: dict[Lang, Path] = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}


def generated_parts() -> tuple[tuple[str, Lang], ...]:
    """Each generated part with its languages."""
    return tuple((name, lang) for name in PARTS for lang in LANGS)


def page_path(name: str, lang: Lang) -> Path:
    """The page that holds a generated part."""
    return READMES[lang] if name == "speed" else ROOT / "docs" / lang / f"{name}.md"


def written_anew(name: str, lang: Lang, page: str) -> str:
    """The page with its generated part made from the source."""
    begin, end = f"<!-- begin generated: {name} -->", "<!-- end generated -->"
    if page.count(begin) != 1 or page.count(end) != 1:
        raise ValueError(f"the {lang} page {name} must hold the two marks {begin} and {end} once each")
    before, _, rest = page.partition(begin)
    after = rest.partition(end)[2]
    return f"{before}{begin}\n{PARTS[name](lang).strip()}\n{end}{after}"


if __name__ == "__main__":
    for part, language in generated_parts():
        path = page_path(part, language)
        path.write_text(written_anew(part, language, path.read_text("utf-8")), "utf-8")
