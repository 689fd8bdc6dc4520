"""What ``egov license`` is given: drafts, holders, days, departments, sheets."""

from __future__ import annotations

import json
import sys
import tomllib
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeVar

from egov_sdk.cli._command import argument, option
from egov_sdk.cli._inputs import now, parse_time, read_file
from egov_sdk.cli._problems import UsageError
from egov_sdk.errors import ParseError
from egov_sdk.report import Text
from egov_sdk.report_words import message_of
from egov_sdk.times import day_in_beijing

if TYPE_CHECKING:
    from egov_sdk.license.catalogue import LicenseType
    from egov_sdk.license.legacy import SheetMapping
    from egov_sdk.license.metadata import Authority, LicenseHolder

__all__ = [
    "ActorText",
    "HolderText",
    "IdentifierText",
    "OnlyType",
    "ReasonText",
    "Unmasked",
    "authority",
    "holders",
    "known_types",
    "made",
    "merged_draft",
    "pairs",
    "parse_day",
    "pictures",
    "read_code_text",
    "sheet_mapping",
    "split",
    "today",
    "type_code_of",
    "types_in",
    "until",
]

_T = TypeVar("_T")
#: A draft with pictures in it.
_DRAFT_BYTES: Final = 32 << 20
_TEXT_BYTES: Final = 1 << 16

IdentifierText = Annotated[str, argument("IDENTIFIER", "The identifier of a licence.", "证照标识。")]
HolderText = Annotated[
    str, argument("HOLDER", "The holder's number; - reads standard input.", "持证主体代码，- 表示标准输入。")
]
OnlyType = Annotated[
    str | None, option("--type", "Only this type: its code or its name.", "仅此类型（代码或名称）。", metavar="TYPE")
]
ReasonText = Annotated[str, option("--reason", "Why; it stays in the history.", "原因，记入证照历史。", metavar="TEXT")]
ActorText = Annotated[
    str, option("--actor", "The account of the clerk at work: an id and no name.", "经办账号（编号，非姓名）。")
]
Unmasked = Annotated[bool, option("--full", "Mask nothing.", "不脱敏。")]


def split(text: str, name: str) -> tuple[str, str]:
    """Two texts with = between them."""
    left, equals, right = text.partition("=")
    if not left.strip() or not equals:
        raise UsageError(Text(f"{name} takes two things with = between", f"{name} 的写法为两项以 = 相连"))
    return left.strip(), right


def pairs(given: Iterable[str] | None, name: str) -> dict[str, str]:
    """``NAME=VALUE`` of an option that may be repeated."""
    found: dict[str, str] = {}
    for text in given or ():
        left, right = split(text, name)
        if left in found:
            raise UsageError(Text(f"{name} names {left!r} twice", f"{name} 重复给出“{left}”"))
        found[left] = right
    return found


def pictures(given: Iterable[str] | None) -> dict[str, bytes]:
    """The pictures of ``--picture NAME=FILE``."""
    return {name: read_file(Path(path)) for name, path in pairs(given, "--picture").items()}


def authority(text: str, name: str) -> Authority:
    """A department as ``CODE=NAME``."""
    from egov_sdk.codes import CodeKind, check_code
    from egov_sdk.license.metadata import Authority

    code, title = split(text, name)
    if not check_code(code, CodeKind.CREDIT_CODE).ok:
        raise UsageError(
            Text(f"{name}: {code!r} is no unified social credit code", f"{name}：“{code}”不是统一社会信用代码"),
            hint=Text("write CODE=NAME", "写作 代码=名称"),
        )
    if not title.strip():
        raise UsageError(Text(f"{name} lacks the name behind the =", f"{name} 的 = 之后缺少名称"))
    return Authority(name=title.strip(), code=code)


def holders(given: Iterable[str] | None) -> tuple[LicenseHolder, ...]:
    """Holders as ``NAME,CODE`` or ``NAME,CODE,TYPE``; the type is told from the code where that is left out."""
    from egov_sdk.codes.holders import suggest_holder_type
    from egov_sdk.license.metadata import LicenseHolder

    found = []
    for text in given or ():
        name, code, kind = (part.strip() for part in (*text.rsplit(",", 2), "", "")[:3])
        if kind and not (kind.isdigit() and len(kind) == 3):  # a comma in the name
            name, code, kind = f"{name},{code}", kind, ""
        suggested = suggest_holder_type(code) if code and not kind else None
        kind = kind or (suggested.code if suggested is not None else "")
        if name and code and not kind:
            raise UsageError(
                Text(
                    "--holder: the code is right as none of the kinds of codes that can be told apart",
                    "--holder：该代码不符合任何可自动识别的代码种类",
                ),
                hint=Text(
                    "check it with egov code check, or name its kind: NAME,CODE,TYPE",
                    "可用 egov code check 检查，或写明代码种类：名称,代码,类型",
                ),
            )
        if not name or not code:
            raise UsageError(
                Text("--holder takes NAME,CODE or NAME,CODE,TYPE", "--holder 的写法为 名称,代码 或 名称,代码,类型"),
                hint=Text(
                    "TYPE is the code of the holder's kind, such as 001 for a unified social credit code",
                    "类型为持证主体代码类型代码，如 001 表示统一社会信用代码",
                ),
            )
        found.append(LicenseHolder(name=name, code=code, type_code=kind))
    return tuple(found)


def parse_day(text: str | None, name: str) -> date | None:
    """A day in any form that licences have."""
    from egov_sdk.license.dates import read_date

    if text is None:
        return None
    try:
        return read_date(text).day
    except ParseError as error:
        raise UsageError(
            Text(f"{name}: {error.message}", f"{name}：{message_of(error, 'zh')}"),
            hint=Text("write it as 2026-03-01", "写作 2026-03-01"),
        ) from None


def today() -> date:
    """The day it is in Beijing."""
    return day_in_beijing(now())


def until(text: str | None, days: int) -> datetime:
    """The last moment of a copy: the one given, or so many days from now."""
    return parse_time(text, end_of_day=True) if text is not None else now() + timedelta(days=days)


def merged_draft(path: Path | None, given: Mapping[str, object]) -> dict[str, object]:
    """A draft or a change from a file, in JSON or TOML, and from options, which come before it.

    Raises:
        ParseError: the file is neither, or no table.
    """
    held: dict[str, object] = {} if path is None else _read_table(path)
    for name, value in given.items():
        if value is None or value == () or value == {}:
            continue
        before = held.get(name)
        held[name] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    return held


def _read_table(path: Path) -> dict[str, object]:
    """One object of a JSON or TOML file; ``-`` is standard input."""
    from egov_sdk.license.problems import unreadable

    data = sys.stdin.buffer.read(_DRAFT_BYTES) if str(path) == "-" else read_file(path, max_bytes=_DRAFT_BYTES)
    try:
        text = data.decode("utf-8-sig")
        # through JSON, so that days and pictures are written alike in both
        held = json.loads(text) if text.lstrip()[:1] == "{" else tomllib.loads(text)
        held = json.loads(json.dumps(held, default=_iso))
        if isinstance(held.get("pictures"), dict):
            held["pictures"] = {name: b64decode(one, validate=True) for name, one in held["pictures"].items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise unreadable("draft_file", where=str(path), found=type(error).__name__) from None
    return dict(held)


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError("no value of a draft")


def made(model: type[_T], held: Mapping[str, object], where: str) -> _T:
    """A model of plain values; what is wrong is told without the values.

    Raises:
        ParseError: ``draft_file``: an item is unknown, missing or of a wrong kind; ``where`` names it.
    """
    from pydantic import TypeAdapter, ValidationError

    from egov_sdk.frozen import first_misfit
    from egov_sdk.license.problems import unreadable

    try:
        return TypeAdapter(model).validate_python(held)
    except ValidationError as error:
        first = first_misfit(error)
        raise unreadable("draft_file", where=f"{where} {first.place}".strip(), found=first.text) from None


def type_code_of(types: Sequence[LicenseType], text: str) -> str:
    """The code of a type that was named by its code or by its name.

    Raises:
        UsageError: no type has that name, or several have.
    """
    if any(one.code == text for one in types):
        return text
    found = [one.code for one in types if text in (one.name, one.certificate_name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            Text(
                f"several types are called {text}: {', '.join(found)}",
                f"名为“{text}”的证照类型有多个：{'、'.join(found)}",
            ),
            hint=Text("give the code", "请给出代码"),
        )
    raise UsageError(
        Text(f"there is no type {text}", f"没有证照类型 {text}"),
        hint=Text("egov license types lists them", "可用 egov license types 查看"),
    )


def types_in(path: Path) -> tuple[LicenseType, ...]:
    """The types of a catalogue, with their templates; JSON by its ending, or else TOML."""
    from egov_sdk.license.catalogue_files import CATALOGUE_BYTES, load_license_types

    form: Literal["json", "toml"] = "json" if path.suffix.lower() == ".json" else "toml"
    return load_license_types(read_file(path, max_bytes=CATALOGUE_BYTES), form=form)


def known_types(paths: Iterable[Path]) -> dict[str, LicenseType]:
    """The types of catalogues at hand, by their codes."""
    return {one.code: one for path in paths for one in types_in(path)}


def read_code_text(text: str) -> str:
    """A scanned code: the text itself, ``@FILE``, or ``-`` for standard input."""
    if text == "-":
        return sys.stdin.read(_TEXT_BYTES).strip()
    if not text.startswith("@"):
        return text.strip()
    data = read_file(Path(text[1:]), max_bytes=_TEXT_BYTES)
    try:
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise UsageError(
            Text(f"{text[1:]} is no text file", f"{text[1:]} 不是文本文件"),
            hint=Text(
                "give the text that the scanner read, not a picture of the code",
                "请给出扫码得到的文本，而不是二维码图片",
            ),
        ) from None


def sheet_mapping(name: str, *, ignore_others: bool) -> SheetMapping:
    """A mapping by its name, or from a TOML file with ``name`` and ``[columns]``."""
    from dataclasses import replace

    from egov_sdk.license.legacy.mapping import MAPPINGS, SheetMapping

    found = MAPPINGS.get(name)
    if found is None:
        path = Path(name)
        if path.suffix.lower() != ".toml":
            raise UsageError(
                Text(f"there is no mapping {name}", f"没有列映射 {name}"),
                hint=Text(f"{', '.join(MAPPINGS)}, or a TOML file", f"可选：{'、'.join(MAPPINGS)}，或 TOML 文件"),
            )
        table = _read_table(path)
        columns = table.get("columns")
        known = {"name", "columns", "standard_names", "issued_as_valid", "ranges", "ignore_others"}
        if not isinstance(columns, dict) or not set(table) <= known:
            raise UsageError(
                Text(
                    f"{path}: a mapping has {', '.join(sorted(known))}",
                    f"{path}：列映射只能含 {'、'.join(sorted(known))}",
                )
            )
        found = SheetMapping(
            str(table.get("name", path.stem)),
            {str(header): str(holds) for header, holds in columns.items()},
            standard_names=bool(table.get("standard_names", True)),
            issued_as_valid=bool(table.get("issued_as_valid", False)),
            ranges=_texts(table.get("ranges", ())),
            ignore_others=bool(table.get("ignore_others", False)),
        )
    return replace(found, ignore_others=True) if ignore_others else found


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise UsageError(Text("ranges is a list of texts", "ranges 须为文本列表"))
    return tuple(map(str, value))
