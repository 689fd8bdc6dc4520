"""The closed lists, and the codes that platforms give them."""

from __future__ import annotations

import pytest

from egov_sdk.exchange.catalog.terms import (
    GUIDE,
    PROFILES,
    TITLES,
    TWO_DIGITS,
    FormatClass,
    ItemType,
    LifeCycle,
    ModeType,
    ResourceClass,
    SharingMode,
    SharingType,
    UpdateCycle,
    choices,
    read_term,
)

ALL = (ResourceClass, FormatClass, ItemType, SharingType, SharingMode, ModeType, UpdateCycle, LifeCycle)


def test_every_term_has_words_and_no_two_lists_share_a_value() -> None:
    terms = [term for kind in ALL for term in kind]
    assert set(TITLES) == set(terms)
    assert len({str(term) for term in terms}) == len(terms)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("无条件共享", SharingType.UNCONDITIONAL),
        (" 有条件 共享 ", SharingType.CONDITIONAL),
        ("不予", SharingType.REFUSED),
        ("refused", SharingType.REFUSED),
        ("Conditional", SharingType.CONDITIONAL),
        ("1", None),
        ("", None),
        ("共享", None),
        ("每日", None),
    ],
)
def test_a_term_is_read_by_its_words_and_never_by_a_code_alone(text: str, expected: SharingType | None) -> None:
    assert read_term(SharingType, text) is expected


def test_one_code_means_one_thing_here_and_another_there() -> None:
    assert read_term(SharingType, "1", profile=GUIDE) is SharingType.UNCONDITIONAL
    assert read_term(SharingType, "01", profile=TWO_DIGITS) is SharingType.CONDITIONAL
    assert read_term(SharingType, "1", profile=TWO_DIGITS) is None
    assert read_term(UpdateCycle, "1", profile=GUIDE) is UpdateCycle.REALTIME
    assert read_term(UpdateCycle, "01", profile=TWO_DIGITS) is UpdateCycle.DAILY
    assert GUIDE.code(UpdateCycle.HALF_YEARLY) is None
    assert TWO_DIGITS.code(UpdateCycle.HALF_YEARLY) == "06"


@pytest.mark.parametrize("name", PROFILES)
def test_the_codes_of_a_profile_lead_back_to_their_terms(name: str) -> None:
    profile = PROFILES[name]
    assert profile.note.zh
    for term, code in profile.codes.items():
        assert read_term(type(term), code, profile=profile) is term  # type: ignore[type-var]


@pytest.mark.parametrize("kind", [ItemType, FormatClass, ModeType, SharingMode, UpdateCycle])
def test_the_chinese_words_of_every_term_are_read(kind: type[ItemType]) -> None:
    for term in kind:
        assert read_term(kind, TITLES[term].zh) is term
        assert TITLES[term].zh in choices(kind)
