"""Every error of the room has words in both languages."""

from __future__ import annotations

import inspect

import pytest

from egov_sdk.errors import EgovError, ParseError
from egov_sdk.gateway import errors
from egov_sdk.gateway.refusals import refuse
from egov_sdk.gateway.words import WORDS, words_for

CODES = {one.code for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, EgovError)}


@pytest.mark.parametrize("code", sorted(code for code in CODES if code.startswith("egov.gateway.")))
def test_each_code_has_words(code: str) -> None:
    assert WORDS[code].en
    assert any("一" <= one <= "鿿" for one in WORDS[code].zh)


def test_the_nearest_class_speaks_for_a_code_without_words() -> None:
    made = errors.ProfileError("x", code="egov.gateway.unheard_of")
    assert words_for(made) == WORDS["egov.gateway.profile"]
    assert words_for(refuse("refused.replayed")) == WORDS["egov.gateway.refused.replayed"]
    assert words_for(ParseError("x")) is None
