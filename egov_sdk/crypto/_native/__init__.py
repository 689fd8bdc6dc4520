"""The native kernel: SM2, SM3 and SM4 in C, compiled when the package is installed and a compiler is there."""

from __future__ import annotations

from types import ModuleType
from typing import Final

#: What this version asks of the extension module; a module that was built for another one is not used.
API: Final = 2


def find_kernel() -> tuple[ModuleType | None, str]:
    """The extension module, or None and why it is not there."""
    try:
        from egov_sdk.crypto._native import _kernel
    except ImportError as error:
        return None, f"it was not built: {error}"
    built_for = getattr(_kernel, "API", 1)
    if built_for != API:
        return None, f"it was built for another version of this package ({built_for} instead of {API}): install again"
    return _kernel, ""
