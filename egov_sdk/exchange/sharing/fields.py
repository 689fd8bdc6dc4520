"""How a field is given (字段处理): plain, masked, as a keyed digest, or a date made coarser; or not at all."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict

from egov_sdk.codes.masking import mask_bank_card, mask_email, mask_mobile, mask_name, mask_number, mask_other
from egov_sdk.crypto import hmac_sm3
from egov_sdk.exchange.sharing.conditions import FieldName, Record, Scalar

__all__ = ["FieldRule", "Given", "Treatment", "minimise", "plain"]

#: A value as it is given to others.
Given = str | int | bool | None


class Treatment(enum.StrEnum):
    """What happens to a field before it is given.

    What a treatment does not understand is not given: a date that is none becomes None.
    """

    PLAIN = "plain"
    MASK_NAME = "mask_name"
    MASK_NUMBER = "mask_number"
    MASK_MOBILE = "mask_mobile"
    MASK_EMAIL = "mask_email"
    MASK_BANK_CARD = "mask_bank_card"
    MASK_OTHER = "mask_other"
    DIGEST = "digest"
    YEAR = "year"
    MONTH = "month"
    DROP = "drop"


class FieldRule(BaseModel):
    """One field of a grant and its treatment."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    name: FieldName
    treatment: Treatment = Treatment.PLAIN


def plain(*names: str) -> tuple[FieldRule, ...]:
    """Rules for fields that are given as they are."""
    return tuple(FieldRule(name=name) for name in names)


_MASKS: Final[Mapping[Treatment, Callable[[str], str]]] = MappingProxyType(
    {
        Treatment.MASK_NAME: mask_name,
        Treatment.MASK_NUMBER: mask_number,
        Treatment.MASK_MOBILE: mask_mobile,
        Treatment.MASK_EMAIL: mask_email,
        Treatment.MASK_BANK_CARD: mask_bank_card,
        Treatment.MASK_OTHER: mask_other,
    }
)
_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})(-[0-9]{2}.*)?", re.S)


def minimise(record: Record, rules: Iterable[FieldRule], *, key: bytes) -> dict[str, Given]:
    """What of a record is given: the fields of the rules alone, each as its rule says.

    Args:
        key: the secret of digests; one of its own for each grant, so that two users cannot join what they have.
    """
    return {
        rule.name: _treated(record.get(rule.name), rule, key) for rule in rules if rule.treatment is not Treatment.DROP
    }


def _treated(value: Scalar, rule: FieldRule, key: bytes) -> Given:
    if value is None:
        return None
    if rule.treatment is Treatment.PLAIN:
        return value if isinstance(value, (str, int)) else _text(value)
    text = _text(value)
    if mask := _MASKS.get(rule.treatment):
        return mask(text)
    if rule.treatment is Treatment.DIGEST:
        name = rule.name.encode()
        return hmac_sm3(key, len(name).to_bytes(4, "big") + name + text.encode()).hex()
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    return match[1] if rule.treatment is Treatment.YEAR else f"{match[1]}-{match[2]}"


def _text(value: Scalar) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
