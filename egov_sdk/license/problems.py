"""Why the register or a verifier of licences says no: every reason with its words, and the errors that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from egov_sdk.problems import ProblemTable, Rejected
from egov_sdk.report import Text

__all__ = ["PROBLEMS", "LicenseRejected", "refuse", "unreadable"]

#: The full code is ``egov.license.`` and the key. Nothing personal and no secret is ever among the facts.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        # words: identifiers, metadata, catalogue, dates
        # face: templates and files
        # register: issue, change, use
        # presentation: tokens, status lists, codes
        # dialects
        # old certificates
    }
)


class LicenseRejected(Rejected):
    """It is not done: a rule says no; ``problem`` is the key of the reason in PROBLEMS."""

    code = "egov.license.rejected"


_TABLE = ProblemTable("license", PROBLEMS, LicenseRejected)
refuse, unreadable = _TABLE.refuse, _TABLE.unreadable
