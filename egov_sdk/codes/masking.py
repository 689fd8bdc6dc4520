"""Masking (脱敏): what may be shown of a number, a name or an address on a page, in a log, in an error."""

from __future__ import annotations

__all__ = [
    "mask",
    "mask_bank_card",
    "mask_email",
    "mask_mobile",
    "mask_name",
    "mask_number",
    "mask_other",
]


def mask(text: str, *, head: int, tail: int) -> str:
    """Show that many characters at both ends and a star for each one between.

    A text too short to hide anything is hidden whole.

    Example:
        >>> mask("13800001234", head=3, tail=4)
        '138****1234'
    """
    if head < 0 or tail < 0:
        raise ValueError("head and tail must not be negative")
    hidden = len(text) - head - tail
    if hidden <= 0:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[len(text) - tail :]


def mask_number(text: str) -> str:
    """A personal number: its first and its last character.

    Source:
        SSO接口规范 usp 4.12 of Zhejiang (2019), masking rules; errors and ``repr`` in this library show no more.
    """
    return mask(text, head=1, tail=1)


def mask_bank_card(text: str) -> str:
    """A bank card number: the first six and the last four characters."""
    return mask(text, head=6, tail=4)


def mask_mobile(text: str) -> str:
    """A mobile number: the first three and the last four characters."""
    return mask(text, head=3, tail=4)


def mask_name(text: str) -> str:
    """A name: its first character is hidden.

    Example:
        >>> mask_name("张三")
        '*三'
    """
    return "*" + text[1:] if text else ""


def mask_email(text: str) -> str:
    """An e-mail address: three characters and ``***``; fewer where the name in front of the @ is that short."""
    name = text.partition("@")[0]
    return name[: min(3, max(len(name) - 1, 0))] + "***"


def mask_other(text: str) -> str:
    """Anything else: the first and the last third."""
    third = len(text) // 3
    return mask(text, head=third, tail=third)
