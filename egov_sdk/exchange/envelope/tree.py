"""A hash tree (哈希树) under SM3: one digest for many things, each of which can be shown to be among them.

Source:
    RFC 6962, 2.1, with SM3: a leaf is SM3(00 ‖ thing), a node SM3(01 ‖ left ‖ right), and of n things the left subtree
    takes the largest power of two below n.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Final

from egov_sdk.crypto.hashes import Buffer, sm3, sm3_many

__all__ = ["inclusion_path", "leaf", "path_lengths", "root_of", "root_of_path"]

LEAF: Final = b"\x00"
NODE: Final = b"\x01"


def leaf(thing: Buffer) -> bytes:
    """The digest of one thing."""
    return sm3(LEAF + thing)


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Every level of the tree from the leaves up; the last of an odd level rises as it is."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = sm3_many(NODE + below[i] + below[i + 1] for i in range(0, len(below) - 1, 2))
        if len(below) % 2:
            above.append(below[-1])
        levels.append(above)
    return levels


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The digest over all leaves.

    Raises:
        ValueError: there is none.
    """
    if not leaves:
        raise ValueError("a tree has a leaf")
    return _levels(leaves)[-1][0]


def all_paths(leaves: Sequence[bytes]) -> tuple[bytes, list[tuple[bytes, ...]]]:
    """The root, and for each leaf its path."""
    levels = _levels(leaves)
    return levels[-1][0], [_path(levels, index) for index in range(len(leaves))]


def inclusion_path(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The digests beside the way from one leaf to the root, from below.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"{index} is not one of {len(leaves)} leaves")
    return _path(_levels(leaves), index)


def _path(levels: list[list[bytes]], index: int) -> tuple[bytes, ...]:
    path = []
    for level in levels[:-1]:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        index >>= 1
    return tuple(path)


def path_lengths(index: int, size: int) -> int:
    """How many digests the path of a leaf has.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"{index} is not one of {size} leaves")
    steps = 0
    while size > 1:
        steps += (index ^ 1) < size
        index, size = index >> 1, (size + 1) >> 1
    return steps


def root_of_path(leaf_digest: bytes, *, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root to which a path leads; index and size decide at each step on which side the digest stands.

    Raises:
        ValueError: there is no such leaf, or the path has another length than its place asks for.
    Source:
        RFC 9162, 2.1.3.2, with the place of the leaf bound to the size.
    """
    if len(path) != path_lengths(index, size):
        raise ValueError(f"the path of leaf {index} of {size} has {path_lengths(index, size)} digests")
    found, steps = leaf_digest, iter(path)
    while size > 1:
        if (index ^ 1) < size:
            beside = next(steps)
            found = sm3(NODE + beside + found) if index & 1 else sm3(NODE + found + beside)
        index, size = index >> 1, (size + 1) >> 1
    return found


def is_under(root: bytes, leaf_digest: bytes, *, index: int, size: int, path: Sequence[bytes]) -> bool:
    """Whether a leaf stands at that place under a root; a path of a wrong length is no."""
    try:
        return hmac.compare_digest(root_of_path(leaf_digest, index=index, size=size, path=path), root)
    except ValueError:
        return False
