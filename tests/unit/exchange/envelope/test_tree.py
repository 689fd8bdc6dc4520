from __future__ import annotations

import pytest

from egov_sdk.exchange.envelope.tree import (
    all_paths,
    inclusion_path,
    is_under,
    leaf,
    path_lengths,
    root_of,
    root_of_path,
)
from tests.independent import sm3


def _root(things: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word by word."""
    if len(things) == 1:
        return sm3(b"\x00" + things[0])
    k = 1
    while k * 2 < len(things):
        k *= 2
    return sm3(b"\x01" + _root(things[:k]) + _root(things[k:]))


@pytest.mark.parametrize("size", [*range(1, 18), 31, 33])
def test_the_root_is_that_of_the_definition_and_every_path_leads_to_it(size: int) -> None:
    things = [b"%d" % number for number in range(size)]
    leaves = [leaf(one) for one in things]
    root = _root(things)
    assert root_of(leaves) == root
    assert all_paths(leaves) == (root, [inclusion_path(leaves, index) for index in range(size)])
    for index in range(size):
        path = inclusion_path(leaves, index)
        assert len(path) == path_lengths(index, size)
        assert root_of_path(leaves[index], index=index, size=size, path=path) == root


@pytest.mark.parametrize("size", [1, 2, 5, 8])
def test_a_path_holds_at_its_own_place_only(size: int) -> None:
    leaves = [leaf(b"%d" % number) for number in range(size)]
    root = root_of(leaves)
    for index in range(size):
        path = inclusion_path(leaves, index)
        assert is_under(root, leaves[index], index=index, size=size, path=path)
        for other in set(range(-1, size + 1)) - {index}:
            assert not is_under(root, leaves[index], index=other, size=size, path=path)
        for other_size in {size - 1, size + 1, size * 4}:
            if path_lengths(index, other_size) != len(path) if index < other_size else True:
                assert not is_under(root, leaves[index], index=index, size=other_size, path=path)
        assert not is_under(root, leaves[index], index=index, size=size, path=(*path, root))
        assert not is_under(bytes(32), leaves[index], index=index, size=size, path=path)


def test_a_node_cannot_be_taken_for_a_leaf() -> None:
    leaves = [leaf(b"a"), leaf(b"b")]
    root = root_of(leaves)
    assert leaf(b"".join(leaves)) != root
    assert not is_under(root, root, index=0, size=2, path=())


def test_a_tree_has_a_leaf() -> None:
    with pytest.raises(ValueError, match="a tree has a leaf"):
        root_of([])
    with pytest.raises(IndexError):
        inclusion_path([leaf(b"a")], 1)
