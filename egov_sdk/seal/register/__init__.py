"""The register of seals (印章备案) on a database: which there are, in which state, whose keys, and every use."""

from __future__ import annotations

from egov_sdk.seal.register.keys import SealKeys

__all__ = ["SealKeys"]
