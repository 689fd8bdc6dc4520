"""Presentations as a whole: what is made is read back, strangers' octets raise what they may, no change passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egov_sdk.errors import InputError, ParseError
from egov_sdk.license.present import Expected, HolderCredential, read_presentation, read_status_list
from egov_sdk.license.present import _base45 as base45
from egov_sdk.license.present import _cbor as cbor
from egov_sdk.license.present import _tree as tree
from egov_sdk.license.present.fields import ITEM_NUMBERS
from egov_sdk.license.states import LicenseState
from egov_sdk.report import Outcome
from tests.presentation_world import FIELDS, LIST_ID, NOW, TYPE, VERIFIER, Scene, scene

STAGE: Scene = scene()
CREDENTIAL = STAGE.credential()
LISTS = (STAGE.status_list(),)
POLICY = STAGE.policy()

texts = st.text(max_size=40)
items = st.dictionaries(
    st.one_of(
        st.sampled_from(sorted(ITEM_NUMBERS)),
        st.text(min_size=1, max_size=12).map(lambda name: f"KZ_{name}"),
    ),
    texts,
    max_size=12,
).filter(lambda found: found.get("identifier", "").count(".") != 2)


@settings(max_examples=60, deadline=None)
@given(fields=items, audience=st.text(max_size=64), life=st.integers(1, 86_400))
def test_what_an_issuer_signs_is_read_back(fields: Mapping[str, str], audience: str, life: int) -> None:
    read = read_presentation(STAGE.token(fields=fields, audience=audience, lifetime=timedelta(seconds=life)))
    assert dict(read.fields) == dict(fields)
    assert (read.audience, read.type_code, read.status.list_id) == (audience, TYPE, LIST_ID)
    assert read.expires_at - read.issued_at == timedelta(seconds=life)


@settings(max_examples=40, deadline=None)
@given(fields=items.filter(bool), choice=st.randoms(use_true_random=False))
def test_any_choice_of_items_is_proven_and_no_more_is_shown(fields: Mapping[str, str], choice: object) -> None:
    credential = HolderCredential.from_bytes(
        STAGE.credential(fields=fields).to_bytes(), issuer_key=STAGE.key.public_key()
    )
    show = [name for place, name in enumerate(fields) if hash((place, str(choice))) % 2]
    result = STAGE.check(STAGE.shown(*show, credential=credential), policy=POLICY, status_lists=LISTS)
    assert dict(result.require().fields) == {name: fields[name] for name in show}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_change_of_an_octet_goes_through(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    octets = bytearray(base45.decode(text.removeprefix("EGL1:"), what="test"))
    place = data.draw(st.integers(0, len(octets) - 1))
    octets[place] ^= data.draw(st.integers(1, 255))
    assert outcome_of(f"EGL1:{base45.encode(bytes(octets))}") is not Outcome.PASSED


TEXTS = (STAGE.token(), STAGE.token(fields={}), STAGE.shown(), STAGE.shown("holder_name", "KZ_工种"))


def outcome_of(text: str) -> Outcome:
    return STAGE.check(text, policy=POLICY, status_lists=LISTS).report.outcome


NAMES = ["token", "bare token", "bare", "two items"]


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_no_flipped_bit_goes_through(text: str) -> None:
    octets = bytearray(base45.decode(text.removeprefix("EGL1:"), what="test"))
    for place in range(len(octets)):
        for bit in range(8):
            octets[place] ^= 1 << bit
            assert outcome_of(f"EGL1:{base45.encode(bytes(octets))}") is not Outcome.PASSED
            octets[place] ^= 1 << bit


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_no_change_of_a_character_goes_through(text: str) -> None:
    assert outcome_of(text) is Outcome.PASSED
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    for place, char in enumerate(text):
        other = alphabet[(alphabet.index(char) + 1 + place) % 45]
        if other != char:
            assert outcome_of(text[:place] + other + text[place + 1 :]) is not Outcome.PASSED
        assert outcome_of(text[:place] + text[place + 1 :]) is not Outcome.PASSED


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda octets: f"EGL1:{base45.encode(octets)}")))
def test_reading_anything_raises_nothing_but_parse_errors(text: str) -> None:
    error = complaint(lambda: read_presentation(text))
    assert error is None or error.code.startswith("egov.license.presentation_")


def complaint(read: Callable[[], object]) -> ParseError | None:
    try:
        read()
    except ParseError as error:
        return error
    return None


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_status_list_that_was_changed_reads_or_says_why_and_never_counts(data: st.DataObject) -> None:
    octets = bytearray(LISTS[0].raw)
    place = data.draw(st.integers(0, len(octets) - 1))
    octets[place] ^= data.draw(st.integers(1, 255))
    try:
        found = read_status_list(bytes(octets))
    except InputError:
        return
    result = STAGE.check(TEXTS[0], policy=POLICY, status_lists=[found])
    assert result.report.outcome is not Outcome.PASSED


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_reading_any_octets_as_a_list_or_a_credential_raises_nothing_but_input_errors(octets: bytes) -> None:
    with pytest.raises(InputError):
        read_status_list(octets)
    with pytest.raises(InputError):
        HolderCredential.from_bytes(octets)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.integers(0, 99), st.sampled_from(sorted(LicenseState)), max_size=30), st.integers(100, 101))
def test_every_state_is_found_where_it_was_put(states: Mapping[int, LicenseState], size: int) -> None:
    found = STAGE.status_list(states, size=size)
    assert [found.state_at(place) for place in range(size)] == [
        states.get(place, LicenseState.VALID) for place in range(size)
    ]
    assert found.state_at(size) is None
    assert found.state_at(-1) is None


values = st.recursive(
    st.one_of(st.integers(0, (1 << 64) - 1), st.binary(max_size=300), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5).map(tuple),
        st.dictionaries(st.one_of(st.integers(0, 1 << 20), st.text(max_size=5)), inner, max_size=5),
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(values)
def test_values_have_one_spelling_and_come_back(value: cbor.Value) -> None:
    spelt = cbor.encode(value)
    error = complaint(lambda: cbor.decode(spelt, what="test"))
    assert "too deep" in error.message if error is not None else cbor.decode(spelt, what="test") == value


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_what_is_read_is_spelt_the_same_again(octets: bytes) -> None:
    try:
        value = cbor.decode(octets, what="test")
    except ParseError:
        return
    assert cbor.encode(value) == octets


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=90))
def test_base45_comes_back_and_packs_best(octets: bytes) -> None:
    text = base45.encode(octets)
    assert base45.decode(text, what="test") == octets
    assert len(text) == len(octets) // 2 * 3 + len(octets) % 2 * 2


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 64), st.data())
def test_every_choice_of_leaves_leads_to_the_root_and_no_other_does(count: int, data: st.DataObject) -> None:
    leaves = [tree.leaf_of(bytes(16), place, "x") for place in range(count)]
    shown = data.draw(st.frozensets(st.integers(0, count - 1), min_size=1))
    proof = tree.proof_for(leaves, shown)
    assert tree.proven_root(count, {place: leaves[place] for place in shown}, proof) == tree.root_of(leaves)
    wrong = {place: leaves[place] for place in shown}
    wrong[min(shown)] = bytes(16)
    assert tree.proven_root(count, wrong, proof) != tree.root_of(leaves)
    assert tree.proven_root(count, {place: leaves[place] for place in shown}, (*proof, bytes(16))) is None
    if proof:
        assert tree.proven_root(count, {place: leaves[place] for place in shown}, proof[:-1]) is None


@settings(max_examples=60, deadline=None)
@given(st.integers(-400, 400))
def test_the_moments_at_which_it_counts_are_one_stretch(offset: int) -> None:
    at = NOW + timedelta(seconds=offset)
    result = STAGE.check(TEXTS[0], policy=POLICY, at=at, status_lists=LISTS, expected=Expected(audience=VERIFIER))
    assert (result.report.outcome is Outcome.PASSED) == (-30 <= offset < 150)


def test_the_scene_is_what_the_tests_take_it_for() -> None:
    assert datetime(2026, 6, 1, tzinfo=UTC) < NOW
    assert CREDENTIAL.fields == FIELDS
