"""Electronic certificates (电子证照): identifiers and metadata, sealed faces, a register, presentation and sharing."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from egov_sdk.license.catalogue import LicenseType
    from egov_sdk.license.identifier import LicenseIdentifier
    from egov_sdk.license.local import LocalLicenseService
    from egov_sdk.license.metadata import Authority, LicenseHolder, LicenseMetadata
    from egov_sdk.license.model import License, LicenseDraft, Use
    from egov_sdk.license.policy import LicensePolicy
    from egov_sdk.license.problems import LicenseRejected
    from egov_sdk.license.service import LicenseService
    from egov_sdk.license.verify import verify

__all__ = [
    "Authority",
    "License",
    "LicenseDraft",
    "LicenseHolder",
    "LicenseIdentifier",
    "LicenseMetadata",
    "LicensePolicy",
    "LicenseRejected",
    "LicenseService",
    "LicenseType",
    "LocalLicenseService",
    "Use",
    "verify",
]

_HOMES = {
    "Authority": "metadata",
    "License": "model",
    "LicenseDraft": "model",
    "LicenseHolder": "metadata",
    "LicenseIdentifier": "identifier",
    "LicenseMetadata": "metadata",
    "LicensePolicy": "policy",
    "LicenseRejected": "problems",
    "LicenseService": "service",
    "LicenseType": "catalogue",
    "LocalLicenseService": "local",
    "Use": "model",
    "verify": "verify",
}


class _Room(ModuleType):
    """The import system puts each submodule here when it is loaded; ``verify`` is the function and not its module."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value.verify if name == "verify" and isinstance(value, ModuleType) else value)


if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers
    sys.modules[__name__].__class__ = _Room

    def __getattr__(name: str) -> object:
        """Load what is asked for: models, seals and databases take longer than all the rest together."""
        from importlib import import_module

        if name in _HOMES:
            return getattr(import_module(f"egov_sdk.license.{_HOMES[name]}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
