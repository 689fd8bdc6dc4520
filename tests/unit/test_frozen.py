"""What crosses an edge cannot be changed, and its mistakes say nothing of people."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from egov_sdk.frozen import Frozen, Misfit, first_misfit
from egov_sdk.license.metadata import LicenseHolder
from egov_sdk.license.model import LicenseDraft
from egov_sdk.seal.records import SealOwner

NUMBER = "11010519491231002X"


class Word(Frozen):
    octets: bytes = b""


def test_octets_are_base64_in_json_and_come_back() -> None:
    assert Word(octets=b"\xff\x00").model_dump_json() == '{"octets":"_wA="}'
    assert Word.model_validate_json('{"octets":"_wA="}') == Word(octets=b"\xff\x00")


def test_it_is_not_changed_and_has_no_other_member() -> None:
    with pytest.raises(ValidationError):
        Word().octets = b"x"
    with pytest.raises(ValidationError):
        Word.model_validate({"other": 1})


@pytest.mark.parametrize("word", [Word, LicenseDraft, LicenseHolder, SealOwner])
def test_a_mistake_does_not_show_what_was_given(word: type[Frozen]) -> None:
    with pytest.raises(ValidationError) as caught:
        word.model_validate({"number": NUMBER})
    assert NUMBER not in str(caught.value)


class Sentence(Frozen):
    words: tuple[Word, ...]


@pytest.mark.parametrize(
    ("given", "first"),
    [
        ({}, ("words", "missing")),
        ({"words": ({"octets": 1},), "other": 1}, ("words.0.octets", "bytes_type")),
        ({"words": (), "other": 1}, ("other", "extra_forbidden")),
        (NUMBER, ("", "model_type")),
    ],
)
def test_the_first_misfit_is_named_with_its_place_and_without_the_value(given: object, first: tuple[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        Sentence.model_validate(given)
    misfit = first_misfit(caught.value)
    assert misfit == Misfit(*first, misfit.text)
    assert misfit.text
    assert NUMBER not in misfit.text
