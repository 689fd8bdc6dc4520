"""Steps and uses as their authors sign them (SM2), and the desk of a department that makes them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, ClassVar, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from egov_sdk.crypto import Signer, sm3
from egov_sdk.crypto.keys import Random
from egov_sdk.exchange.envelope.canonical import canonical, read_json
from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS
from egov_sdk.exchange.envelope.model import new_id
from egov_sdk.exchange.envelope.signature import Signature, check_signature, sign_headers
from egov_sdk.exchange.sharing.conditions import Condition
from egov_sdk.exchange.sharing.model import Body, SharingCase, SharingRequest, Step, UseRequest
from egov_sdk.exchange.sharing.problems import ROOT, unreadable
from egov_sdk.frozen import first_misfit
from egov_sdk.pki import Certificate
from egov_sdk.times import aware

__all__ = [
    "Desk",
    "Signed",
    "SignedStep",
    "SignedUse",
    "check_protected",
    "octets_of",
    "read_signed",
    "sign_step",
    "sign_use",
]

STEP_KIND: Final = "egov-sharing-step/1"
USE_KIND: Final = "egov-sharing-use/1"
_DEPTH: Final = 40
_MOST_BYTES: Final = 256 << 10

_M = TypeVar("_M", bound=BaseModel)
_Octets = Annotated[bytes, Field(max_length=_MOST_BYTES)]


class Signed(BaseModel):
    """What somebody signed, as it came; nothing about it is verified."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64", hide_input_in_errors=True
    )

    kind_of: ClassVar[str] = ""

    payload: _Octets = Field(repr=False)
    protected: _Octets = Field(repr=False)
    certificates: Annotated[tuple[_Octets, ...], Field(min_length=1, max_length=8)] = Field(repr=False)
    value: _Octets = Field(repr=False)

    @classmethod
    def of(cls, payload: bytes, signature: Signature) -> Self:
        """A payload with its signature."""
        return cls(
            payload=payload,
            protected=signature.protected,
            certificates=signature.certificates,
            value=signature.value,
        )

    @property
    def signature(self) -> Signature:
        """The signature as the envelopes have it."""
        return Signature(protected=self.protected, certificates=self.certificates, value=self.value)

    @property
    def digest(self) -> str:
        """SM3 of what was signed, in hexadecimal; the next step names it."""
        return sm3(self.payload).hex()


class SignedStep(Signed):
    """A step with the signature of whoever takes it."""

    kind_of = STEP_KIND

    def read(self) -> Step:
        """What it says; nothing of it is verified.

        Raises:
            ParseError: it is no step.
        """
        return read_signed(Step, self.payload)


class SignedUse(Signed):
    """A use of a grant with the signature of whoever uses it."""

    kind_of = USE_KIND

    def read(self) -> UseRequest:
        """What it says; nothing of it is verified.

        Raises:
            ParseError: it is none.
        """
        return read_signed(UseRequest, self.payload)


def check_protected(signed: Signed) -> None:
    """Return if the signature says that it is one over what this is: a step is no use, and no message either.

    Raises:
        InputError: it is another.
    """
    check_signature(signed.signature, kind=signed.kind_of, limits=DEFAULT_ENVELOPE_LIMITS, where="signature")


def read_signed(model: type[_M], payload: bytes) -> _M:
    """What signed octets say, written in the one canonical form.

    Raises:
        ParseError: they say something else.
    """
    read_json(payload, depth=_DEPTH, where="payload")
    try:
        value = model.model_validate_json(payload)
    except ValidationError as error:
        first = first_misfit(error)
        raise unreadable("sharing.step", name=first.place or ROOT, found=first.text) from None
    except (ValueError, RecursionError) as error:
        raise unreadable("sharing.step", name=ROOT, found=error) from None
    if octets_of(value) != payload:
        raise unreadable("sharing.not_canonical")
    return value


def octets_of(value: BaseModel) -> bytes:
    """The octets of a value that are signed."""
    return canonical(value.model_dump(mode="json"))


def sign_step(step: Step, *, signer: Signer, certificate: Certificate, random: Random = os.urandom) -> SignedStep:
    """Sign a step.

    Raises:
        ValueError: the certificate is not the signer's.
    """
    payload = octets_of(step)
    signature = sign_headers(payload, kind=STEP_KIND, signer=signer, certificate=certificate, random=random)
    return SignedStep.of(payload, signature)


def sign_use(use: UseRequest, *, signer: Signer, certificate: Certificate, random: Random = os.urandom) -> SignedUse:
    """Sign a use.

    Raises:
        ValueError: the certificate is not the signer's.
    """
    payload = octets_of(use)
    signature = sign_headers(payload, kind=USE_KIND, signer=signer, certificate=certificate, random=random)
    return SignedUse.of(payload, signature)


@dataclass(frozen=True, slots=True)
class Desk:
    """A department that takes steps (经办单位): its unified social credit code, its key and its certificate.

    Attributes:
        platform: the code of the platform at which it takes them, which stands in all that it signs.
    """

    code: str
    signer: Signer = field(repr=False)
    certificate: Certificate = field(repr=False)
    platform: str = field(kw_only=True)
    random: Random = field(default=os.urandom, repr=False)

    def open(self, request: SharingRequest, *, at: datetime) -> SignedStep:
        """The first step of a new case.

        Raises:
            ValueError: ``at`` has no time zone, or something is not as it should be.
        """
        case_id = new_id(at, random=self.random)
        return self._signed({"case_id": case_id, "number": 1, "previous": ""}, request, at)

    def step(self, case: SharingCase, body: Body, *, at: datetime) -> SignedStep:
        """The next step of a case, as the case is known here.

        Raises:
            ValueError: as ``open``.
        """
        return self._signed({"case_id": case.case_id, "number": case.steps + 1, "previous": case.head}, body, at)

    def use(
        self,
        case: SharingCase,
        *,
        purpose: str,
        at: datetime,
        fields: tuple[str, ...] = (),
        where: Condition | None = None,
        records: int | None = None,
    ) -> SignedUse:
        """Ask for records under a grant.

        Raises:
            ValueError: as ``open``.
        """
        use = UseRequest(
            platform=self.platform,
            case_id=case.case_id,
            actor=self.code,
            at=aware(at),
            nonce=self.random(16).hex(),
            purpose=purpose,
            fields=fields,
            where=where,
            records=records,
        )
        return sign_use(use, signer=self.signer, certificate=self.certificate, random=self.random)

    def _signed(self, place: Mapping[str, str | int], body: Body, at: datetime) -> SignedStep:
        own = {"platform": self.platform, "actor": self.code}
        step = Step.model_validate({**place, **own, "at": aware(at), "body": body})
        return sign_step(step, signer=self.signer, certificate=self.certificate, random=self.random)
