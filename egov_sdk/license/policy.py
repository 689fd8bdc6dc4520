"""What a verifier of licences demands beyond sound seals: which questions must be answered with yes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Self

from egov_sdk.license.checks import CHECKS, OFFLINE, REQUIRED
from egov_sdk.license.metadata import Authority
from egov_sdk.pki import Certificate
from egov_sdk.seal.policy import Policy

__all__ = ["LicensePolicy", "bears_name"]

_NAMES: Final = frozenset({"O", "OU", "CN"})
_CODES: Final = re.compile(r"[0-9A-Z]{18}")
_NOBODY: Mapping[str, frozenset[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class LicensePolicy:
    """The demands on a licence (证照验证策略): those on its seals, and which checks of its own must pass.

    Attributes:
        name: Stands in the report.
        seal: The demands on the seals: anchors, time, revocation.
        required: Ids of the checks of ``license.checks`` that must pass, beside those that ``seal`` requires.
        requester: Who receives an annotated copy; None makes no demand on whom it was made for.
        issuer_certificates: Fingerprints (SM3, hexadecimal) of certificates that seal for an authority, by its code,
            where the certificate does not bear its name or code.
        copy_makers: Authorities beside the issuer that may make annotated copies.
        type_issuers: Codes of the authorities that may issue licences, by the code of the type; None asks nobody's
            leave, so that whoever seals as themselves under the anchors of ``seal`` may issue any type. It counts with
            ``binding.type`` among ``required``, as ``trusting`` puts it.
    """

    name: str
    seal: Policy
    required: frozenset[str]
    requester: Authority | None = None
    issuer_certificates: Mapping[str, frozenset[str]] = field(default_factory=lambda: _NOBODY)
    copy_makers: tuple[Authority, ...] = ()
    type_issuers: Mapping[str, frozenset[str]] | None = None

    def __post_init__(self) -> None:
        unknown = self.required - CHECKS.rows.keys()
        if unknown:
            raise ValueError(f"no such check: {', '.join(sorted(unknown))}")
        if not self.required:
            raise ValueError("a policy that requires nothing of the licence would decide nothing")

    @classmethod
    def standard(cls, seal: Policy, *, requester: Authority | None = None) -> Self:
        """Everything: without a register that answers, the outcome is UNKNOWN."""
        return cls(name=f"license/1 {seal.name}", seal=seal, required=REQUIRED, requester=requester)

    @classmethod
    def offline(cls, seal: Policy, *, requester: Authority | None = None) -> Self:
        """What the file itself can prove: who issued what, unchanged and within its term.

        It does not tell whether the licence was changed, suspended or revoked since; the report says so, and a person
        who relies on it must know. With a status list, ask ``with_status``.
        """
        return cls(name=f"license-offline/1 {seal.name}", seal=seal, required=OFFLINE, requester=requester)

    @classmethod
    def with_status(cls, seal: Policy, *, requester: Authority | None = None) -> Self:
        """As offline, and that a status list says that the licence is in force."""
        required = OFFLINE | {"trust.state", "trust.status_list"}
        return cls(name=f"license-status/1 {seal.name}", seal=seal, required=required, requester=requester)

    def knows(self, certificate: Certificate, authority: Authority) -> bool:
        """Whether a certificate is of an authority: given for it here, or bearing its name or its code."""
        return self.was_given(certificate, authority) or bears_name(certificate, authority)

    def was_given(self, certificate: Certificate, authority: Authority) -> bool:
        """Whether a certificate is among ``issuer_certificates`` of an authority."""
        return certificate.fingerprint in self.issuer_certificates.get(authority.code, frozenset())

    def may_issue(self, authority: Authority, *, type_code: str) -> bool:
        """Whether an authority may issue licences of a type."""
        return self.type_issuers is None or authority.code in self.type_issuers.get(type_code, frozenset())

    def without_template(self) -> Self:
        """The same for licences whose template is not at hand: the index is compared in place of the whole face.

        What is printed outside the index is then not compared with anything.
        """
        required = self.required - {"integrity.face"} | {"integrity.index"}
        return replace(self, name=f"{self.name} without-template", required=required)

    def trusting(
        self,
        *,
        issuer_certificates: Mapping[str, Iterable[str]] | None = None,
        copy_makers: Iterable[Authority] | None = None,
        type_issuers: Mapping[str, Iterable[str]] | None = None,
    ) -> Self:
        """The same with certificates that seal for an authority, further makers of copies, or who may issue what."""
        certificates = self.issuer_certificates if issuer_certificates is None else _sets(issuer_certificates)
        makers = self.copy_makers if copy_makers is None else tuple(copy_makers)
        changed = replace(self, issuer_certificates=certificates, copy_makers=makers)
        if type_issuers is None:
            return changed
        return replace(changed, type_issuers=_sets(type_issuers), required=self.required | {"binding.type"})


def _sets(given: Mapping[str, Iterable[str]]) -> Mapping[str, frozenset[str]]:
    return MappingProxyType({code: frozenset(found) for code, found in given.items()})


def bears_name(certificate: Certificate, authority: Authority) -> bool:
    """Whether a certificate bears the name of an authority, or its code."""
    for attribute in certificate.subject.attributes:
        if attribute.short in _NAMES and attribute.text.strip() == authority.name:
            return True
        if authority.code and authority.code in _CODES.findall(attribute.text):
            return True
    return False
