"""A name that stands twice, and a number that is none, have two meanings and so none."""

from __future__ import annotations

import json

import pytest

from egov_sdk.strict_json import NameTwice, names_once, no_constant


def _read(text: str) -> object:
    return json.loads(text, object_pairs_hook=names_once, parse_constant=no_constant)


@pytest.mark.parametrize("text", ["{}", '{"a": 1, "b": {"a": 2}}', '[{"a": 1}, {"a": 1}]', '{"a": 1, "A": 2}'])
def test_names_that_stand_once_are_read_as_ever(text: str) -> None:
    assert _read(text) == json.loads(text)


@pytest.mark.parametrize("text", ['{"a": 1, "b": 2, "a": 1}', '{"b": {"a": 1, "a": 2}}', '[{"a": null, "\\u0061": 1}]'])
def test_a_name_that_stands_twice_is_refused_and_named(text: str) -> None:
    with pytest.raises(NameTwice) as caught:
        _read(text)
    assert caught.value.name == "a"
    assert str(caught.value) == "a name stands twice"  # names are a stranger's words


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}'])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no JSON"):
        _read(text)
