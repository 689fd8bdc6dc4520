"""The native kernel: SM2, SM3 and SM4 in C, compiled when the package is installed and a compiler is there."""

from __future__ import annotations

import os
from types import ModuleType
from typing import Final

#: What this version asks of the extension module; a module that was built for another one is not used.
API: Final = 6

#: Names of processor features, separated by commas: the kernel then uses only these. Empty: all that there are.
ENVIRONMENT: Final = "EGOV_CRYPTO_CPU"

FEATURES: Final = ("x86_64", "adx", "avx2", "aes", "clmul", "avx512", "gfni", "vclmul")

_found: tuple[ModuleType | None, str] | None = None


def find_kernel() -> tuple[ModuleType | None, str]:
    """The extension module, or None and why it is not used."""
    global _found
    if _found is None:
        _found = _find()
    return _found


def _find() -> tuple[ModuleType | None, str]:
    if os.environ.get("EGOV_CRYPTO_BACKEND") == "pure":
        return None, "environment variable EGOV_CRYPTO_BACKEND asks for plain Python"
    try:
        from egov_sdk.crypto._native import _kernel
    except ImportError as error:
        return None, f"it was not built: {error}"
    built_for = getattr(_kernel, "API", 1)
    if built_for != API:
        return None, f"it was built for another version of this package ({built_for} instead of {API}): install again"
    try:
        limit_features(_kernel, os.environ.get(ENVIRONMENT, ""))
    except ValueError as error:
        return None, f"environment variable {ENVIRONMENT}: {error}"
    return _kernel, ""


def limit_features(kernel: ModuleType, names: str) -> None:
    """Use only these processor features, named with commas in between; empty: all that the processor has.

    Raises:
        ValueError: no such feature.
    """
    wanted = {name.strip() for name in names.split(",")} if names else set(FEATURES)
    unknown = wanted - {*FEATURES, "none"}
    if unknown:
        raise ValueError(f"no processor feature {min(unknown)!r}; there are none, {', '.join(FEATURES)}")
    kernel.limit_features(sum(getattr(kernel, name.upper()) for name in wanted - {"none"}))


def features(kernel: ModuleType) -> dict[str, str]:
    """The processor features in use, and the code that was chosen by them for each algorithm."""
    told = kernel.features()
    used = [name for name in FEATURES if told["used"] & getattr(kernel, name.upper())]
    chosen = {key: value for key, value in told.items() if isinstance(value, str)}
    return {"features": ",".join(used) or "none", **chosen}
