"""The native kernel under test, forced onto each of its code paths."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from egov_sdk.crypto._native import features, find_kernel, limit_features

#: what the processor may offer: the first has no x86 code at all, each further one takes another kernel somewhere
LEVELS = (
    "none",
    "x86_64",
    "x86_64,avx2",
    "x86_64,aes,clmul",
    "x86_64,adx,avx2,aes,clmul",
    "x86_64,adx,avx2,aes,clmul,gfni",
    "x86_64,adx,avx2,aes,clmul,avx512",
    "x86_64,adx,avx2,aes,clmul,avx512,gfni,vclmul",
)


def kernel() -> Any:
    """The extension module; skips the test, and says why, where it was not built."""
    module, reason = find_kernel()
    if module is None:
        pytest.skip(f"no native kernel: {reason}")
    return module


@contextmanager
def limited_to(level: str) -> Iterator[Any]:
    """The kernel as a processor with only these features would run it; skips what this processor cannot show."""
    module = kernel()
    before = features(module)["features"]
    limit_features(module, level)
    try:
        if features(module)["features"] != level:
            pytest.skip(f"this processor ({platform.machine()}) cannot show the path {level}")
        yield module
    finally:
        limit_features(module, before)
