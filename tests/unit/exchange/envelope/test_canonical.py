from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.envelope.canonical import canonical, read_canonical, read_json

READERS: tuple[Callable[[bytes], dict[str, object]], ...] = (
    lambda octets: read_json(octets, depth=4),
    lambda octets: read_canonical(octets, depth=4, where="here"),
)
VALUES = st.recursive(
    st.text(st.sampled_from('ab中[]{}"\\'), max_size=12) | st.integers(0, 99),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.sampled_from("abcde"), inside, max_size=4),
    max_leaves=30,
)


def levels(value: object) -> int:
    """Of objects and lists, the value itself counted."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max(map(levels, inside), default=0)


@pytest.mark.parametrize("read", READERS)
@given(value=st.dictionaries(st.sampled_from("abcde"), VALUES, max_size=4))
def test_what_is_nested_too_deeply_is_refused_and_nothing_else(
    read: Callable[[bytes], dict[str, object]], value: dict[str, object]
) -> None:
    octets = canonical(value)
    if levels(value) > 4:
        with pytest.raises(LimitExceeded):
            read(octets)
    else:
        assert read(octets) == value


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("inner", ["[[[[]]]]", '{"b":{"c":{"d":{}}}}', '[{"b":[{}]}]'])
def test_one_level_more_than_allowed_is_too_deep(read: Callable[[bytes], dict[str, object]], inner: str) -> None:
    with pytest.raises(LimitExceeded, match="depth"):
        read(f'{{"a":{inner}}}'.encode())


@pytest.mark.parametrize("read", READERS)
def test_brackets_within_texts_are_no_levels(read: Callable[[bytes], dict[str, object]]) -> None:
    assert read(b'{"a":"[[[[[[[[{{{{{{"}') == {"a": "[[[[[[[[{{{{{{"}
