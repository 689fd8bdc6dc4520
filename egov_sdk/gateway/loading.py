"""Profiles of one's own, read from TOML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, NoReturn, TypeVar, cast

from egov_sdk.gateway.errors import ProfileError
from egov_sdk.gateway.profile import SETTINGS, AnswerRule, GatewayProfile, TokenCall, TokenFlow
from egov_sdk.gateway.profiles import built_in
from egov_sdk.report import Text

__all__ = ["load_profile", "parse_profile"]

T = TypeVar("T")

_PROFILE_BYTES: Final = 256 << 10


def _refuse(where: str, problem: str) -> NoReturn:
    raise ProfileError(f"profile file: {where}: {problem}", setting=where)


def _text(value: object, where: str) -> str:
    return value if isinstance(value, str) else _refuse(where, f"a text, found {value!r:.60}")


def _flag(value: object, where: str) -> bool:
    return value if isinstance(value, bool) else _refuse(where, f"true or false, found {value!r:.60}")


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        _refuse(where, f"a number, found {value!r:.60}")
    return float(value)


def _table(value: object, where: str) -> Mapping[str, object]:
    return value if isinstance(value, dict) else _refuse(where, f"a table, found {value!r:.60}")


def _texts(value: object, where: str) -> Mapping[str, str]:
    return {key: _text(inner, f"{where}.{key}") for key, inner in _table(value, where).items()}


def _list(value: object, where: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        _refuse(where, f"a text or a list of texts, found {value!r:.60}")
    return tuple(_text(inner, where) for inner in value)


def _both(value: object, where: str) -> Text:
    if isinstance(value, str):
        return Text(value, value)
    words = _texts(value, where)
    if set(words) != {"en", "zh"}:
        _refuse(where, "a text, or a table with en and zh")
    return Text(words["en"], words["zh"])


def _all_both(value: object, where: str) -> tuple[Text, ...]:
    if not isinstance(value, list):
        _refuse(where, f"a list, found {value!r:.60}")
    return tuple(_both(inner, where) for inner in value)


_Reader = Callable[[object, str], object]
_ANSWER: Final[Mapping[str, _Reader]] = MappingProxyType(
    {
        "code": _text,
        "success": _list,
        "message": _list,
        "request_id": _list,
        "codes": _texts,
        "texts": _texts,
    }
)
_CALL: Final[Mapping[str, _Reader]] = MappingProxyType(
    {"path": _text, "method": _text, "fields": _texts, "body": _text, "repeat_fields": _flag}
)


def _answer(value: object, where: str) -> AnswerRule:
    return _made(AnswerRule, value, where, _ANSWER)


def _call(value: object, where: str) -> TokenCall:
    return _made(TokenCall, value, where, _CALL, required=("path",))


_TOKEN: Final[Mapping[str, _Reader]] = MappingProxyType(
    {
        "login": _call,
        "renew": _call,
        "member": _text,
        "ends": _list,
        "renewal_member": _text,
        "renewal_ends": _list,
        "life_s": _number,
        "refresh_at": _number,
        "gives": _text,
        "parameter": _text,
        "per_service": _flag,
        "decrypt": _text,
    }
)


def _token(value: object, where: str) -> TokenFlow:
    return _made(TokenFlow, value, where, _TOKEN, required=("login", "member"))


_READERS: Final[Mapping[str, _Reader]] = MappingProxyType(
    dict.fromkeys(SETTINGS, cast(_Reader, _text))
    | {
        "title": _both,
        "fields": _texts,
        "values": _texts,
        "skew_s": _number,
        "answer": _answer,
        "token": _token,
        "unverified": _all_both,
    }
)


def _read(value: object, where: str, readers: Mapping[str, _Reader]) -> dict[str, object]:
    found = {}
    for key, inner in _table(value, where).items():
        place = f"{where}.{key}" if where else key
        if key not in readers:
            import difflib

            near = difflib.get_close_matches(key, readers, n=1)
            _refuse(place, "no such setting" + (f"; is {near[0]!r} meant?" if near else ""))
        found[key] = readers[key](inner, place)
    return found


def _made(
    kind: Callable[..., T], value: object, where: str, readers: Mapping[str, _Reader], required: Iterable[str] = ()
) -> T:
    given = _read(value, where, readers)
    if lacking := [name for name in required if name not in given]:
        _refuse(f"{where}.{lacking[0]}", "is missing")
    return kind(**given)


def parse_profile(text: str) -> GatewayProfile:
    """A profile from TOML, whose settings have the names of GatewayProfile's; ``like`` names a built-in to start from.

    Raises:
        ProfileError: not TOML, an unknown or missing setting, a wrong type, or settings that contradict each other.
    Example:
        >>> parse_profile('name = "jiangsu"\\nlike = "national-1"\\nprefix = "jsjhpt_"').prefix
        'jsjhpt_'
    """
    import tomllib

    try:
        given: dict[str, object] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProfileError(f"profile file: not TOML: {error}", setting="") from None
    like = given.pop("like", None)
    settings = _read(given, "", _READERS)
    required = ("name",) if like is not None else ("name", "fields", "signing_string", "digest")
    for name in required:
        if name not in settings:
            _refuse(name, "is missing")
    if like is not None:
        return replace(built_in(_text(like, "like")), **settings)  # type: ignore[arg-type]  # each was read by its type
    return GatewayProfile(**settings)  # type: ignore[arg-type]  # each was read by its type


def load_profile(path: Path | str) -> GatewayProfile:
    """As parse_profile, from a file.

    Raises:
        ProfileError: as parse_profile; or the file cannot be read, is no UTF-8, or is larger than 256 KiB.
    """
    try:
        with Path(path).open("rb") as file:
            octets = file.read(_PROFILE_BYTES + 1)
        if len(octets) > _PROFILE_BYTES:
            _refuse(str(path), f"larger than {_PROFILE_BYTES} bytes")
        text = octets.decode()
    except (OSError, ValueError) as error:
        raise ProfileError(f"profile file {path} cannot be read: {error}", setting=str(path)) from error
    return parse_profile(text)
