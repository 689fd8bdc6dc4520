"""Taking decoded values apart: each place has one kind and one range, and what is out of it is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from egov_sdk.crypto import Signer, SM2PublicKey, sm3
from egov_sdk.errors import ParseError
from egov_sdk.license.present._cbor import Key, Value, encode
from egov_sdk.license.present._places import unreadable
from egov_sdk.report import Text
from egov_sdk.times import aware

__all__ = [
    "KEY_ID_BYTES",
    "SIGNATURE_BYTES",
    "TYPE_CODE",
    "array",
    "key_id",
    "kind_of",
    "mapping",
    "moment",
    "number",
    "octets",
    "seconds",
    "sign",
    "signing_input",
    "text",
    "type_code",
]

KEY_ID_BYTES: Final = 8
SIGNATURE_BYTES: Final = 64
TYPE_CODE: Final = re.compile(r"[0-9A-Z]{18}[0-9]{3}")
_LAST_SECOND: Final = (1 << 36) - 1


def key_id(key: SM2PublicKey) -> bytes:
    """The short name of a key: a hint which certificate to try, and no proof of anything."""
    return sm3(key.point)[:KEY_ID_BYTES]


def signing_input(context: str, *parts: bytes) -> bytes:
    """What is signed: the purpose by name and the parts as they stand, so that no signature serves two purposes."""
    return encode((context, *parts))


def sign(signer: Signer, context: str, *parts: bytes) -> bytes:
    """r || s over signing_input, with the default identity of GB/T 35276."""
    return signer.sign_digest(sm3(signer.public_key().z() + signing_input(context, *parts)))


def seconds(at: datetime, name: str) -> int:
    """A moment of the caller in whole seconds.

    Raises:
        ValueError: it is naive, or before 1970.
    """
    found = int(aware(at, name).timestamp())
    if not 0 <= found <= _LAST_SECOND:
        raise ValueError(f"{name} must lie after 1970, got {at.isoformat()}")
    return found


def _wrong(what: str, found: Value, expected: Text) -> ParseError:
    if isinstance(found, (bytes, tuple, Mapping)):
        unit = "字节" if isinstance(found, bytes) else "项"
        told: object = Text(f"{type(found).__name__} of {len(found)}", f"{kind_of(found).zh}（{len(found)} {unit}）")
    else:
        told = found
    return unreadable("presentation_value", where=what, found=told, expected=expected)


def kind_of(value: Value | None) -> Text:
    """What kind of value it is."""
    kinds = ((int, "数字"), (bytes, "字节串"), (str, "文本"), (tuple, "数组"), (Mapping, "映射"))
    return Text(type(value).__name__, next((zh for kind, zh in kinds if isinstance(value, kind)), "空值"))


def _instead(found: int, length: int) -> Text:
    return Text(f"{found} items instead of {length}", f"有 {found} 项，应为 {length} 项")


def array(value: Value, length: int, *, what: str) -> tuple[Value, ...]:
    """Its items, exactly so many: more are an extra field, fewer a cut one."""
    if not isinstance(value, tuple):
        raise _wrong(what, value, Text(f"{length} items", f"{length} 项"))
    if len(value) > length:
        raise unreadable("presentation_extra", where=what, found=_instead(len(value), length))
    if len(value) < length:
        raise unreadable("presentation_cut", where=what, found=_instead(len(value), length))
    return value


def number(value: Value, low: int, high: int, *, what: str) -> int:
    if not isinstance(value, int) or not low <= value <= high:
        raise _wrong(what, value, Text(f"a number from {low} to {high}", f"{low} 至 {high} 的数字"))
    return value


def moment(value: Value, *, what: str) -> datetime:
    return datetime.fromtimestamp(number(value, 0, _LAST_SECOND, what=what), UTC)


def octets(value: Value, low: int, high: int, *, what: str) -> bytes:
    if not isinstance(value, bytes) or not low <= len(value) <= high:
        exact = Text(f"{low} octets", f"{low} 字节")
        raise _wrong(what, value, exact if low == high else Text(f"{low} to {high} octets", f"{low} 至 {high} 字节"))
    return value


def text(value: Value, high: int, *, what: str) -> str:
    if not isinstance(value, str) or len(value) > high:
        raise _wrong(what, value, Text(f"a text of at most {high} characters", f"不超过 {high} 个字符的文本"))
    return value


def type_code(value: Value, *, what: str) -> str:
    if not isinstance(value, str) or TYPE_CODE.fullmatch(value) is None:
        raise _wrong(what, value, Text("a type code of 21 characters", "21 位证照类型代码"))
    return value


def mapping(value: Value, high: int, *, what: str) -> Mapping[Key, Value]:
    if not isinstance(value, Mapping) or len(value) > high:
        raise _wrong(what, value, Text(f"a map of at most {high}", f"不超过 {high} 项的映射"))
    return value
