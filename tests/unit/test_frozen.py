"""What crosses an edge cannot be changed, and its mistakes say nothing of people."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from egov_sdk.frozen import Frozen
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
