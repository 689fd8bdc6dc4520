"""Element checks at a platform over HTTP, described by a profile: no interface of a government is public."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from egov_sdk.codes import CodeKind
from egov_sdk.errors import ConfigError, PlatformRejected
from egov_sdk.frozen import Frozen
from egov_sdk.gateway import AsyncGatewayClient, GatewayClient
from egov_sdk.gateway.messages import Flow, Request, ask
from egov_sdk.identity.mapping import malformed, member, text_at
from egov_sdk.identity.profile import HOLE
from egov_sdk.identity.verifier import Element, Elements, FaceScore, Match, Verdict

__all__ = ["AsyncVerifierClient", "VerifierClient", "VerifierProfile"]

_REPLY_BYTES: Final = 256 << 10
_HOLES: Final = frozenset({*(element.value for element in Element), "type"})
_EMPTY: Final[Any] = Field(default_factory=lambda: MappingProxyType({}))


class VerifierProfile(Frozen):
    """How one platform checks elements. A profile is data, and can be read from TOML with ``model_validate``.

    Args:
        path, body: where and how the call is made; by POST, since addresses are logged everywhere.
        fields: wire names with texts; holes are ``{name}`` ``{number}`` ``{type}`` ``{mobile}`` ``{bank_card}``
            ``{valid_from}`` ``{valid_to}``. A field that is empty once filled is left out.
        kinds: the platform's word for each kind of document that it checks.
        result: the member that says what came of it, and ``results`` what its words mean; others are UNKNOWN.
        codes: what the platform's error codes mean, where a no comes as an error.
        reference: the member that holds the platform's own id of the check.
        dates: how days are written; ``endless`` is the word for a document without an end.
    """

    name: str
    path: Annotated[str, Field(pattern=r"^/")]
    body: Literal["form", "json"] = "json"
    fields: Annotated[Mapping[str, str], AfterValidator(MappingProxyType)]
    kinds: Annotated[Mapping[CodeKind, str], AfterValidator(MappingProxyType)]
    result: str
    results: Annotated[Mapping[str, Match], AfterValidator(MappingProxyType)]
    codes: Annotated[Mapping[str, Match], AfterValidator(MappingProxyType)] = _EMPTY
    reference: str = ""
    dates: str = "%Y%m%d"
    endless: str = "长期"

    @model_validator(mode="after")
    def _check(self) -> Self:
        used = {hole for text in self.fields.values() for hole in HOLE.findall(text)}
        if unknown := used - _HOLES:
            raise ValueError(f"fields: nothing fills {', '.join(sorted(unknown))}")
        if not {"name", "number"} <= used:
            raise ValueError("fields: name and number must be sent")
        return self

    @property
    def elements(self) -> frozenset[Element]:
        """Which elements it can check."""
        used = {hole for text in self.fields.values() for hole in HOLE.findall(text)}
        return frozenset(element for element in Element if element.value in used)


def _check(profile: VerifierProfile, elements: Elements, face: FaceScore | None) -> Flow[Verdict]:
    if unable := elements.asked - profile.elements:
        # leaving one out silently would turn a weaker check into a yes
        raise ConfigError(
            f"the profile {profile.name!r} does not check {', '.join(sorted(unable))}",
            code="egov.identity.elements",
            setting="fields",
        )
    if elements.kind not in profile.kinds:
        raise ConfigError(
            f"the profile {profile.name!r} has no word for {elements.kind.value}",
            code="egov.identity.document_kind",
            setting="kinds",
        )
    values = {element.value: _written(getattr(elements, element.value), profile) for element in Element}
    values["type"] = profile.kinds[elements.kind]
    filled = {
        name: text
        for name, template in profile.fields.items()
        if (text := HOLE.sub(lambda hole: values.get(hole.group(1), ""), template))
    }
    form = filled if profile.body == "form" else None
    request = (
        Request("POST", profile.path, form=form, max_answer_bytes=_REPLY_BYTES)
        if form is not None
        else Request("POST", profile.path, json=filled, max_answer_bytes=_REPLY_BYTES)
    )
    try:
        answer = yield from ask(request)
    except PlatformRejected as error:
        found = profile.codes.get(error.platform_code)
        if found is None:
            raise
        return Verdict(elements=found, asked=elements.asked, face=face, raw={"code": error.platform_code})
    reply = answer.json()
    if not isinstance(reply, Mapping) or member(reply, profile.result) is None:
        malformed("the answer to an element check does not say what came of it", request_id=answer.request_id)
    said = text_at(reply, profile.result)[:64]
    return Verdict(
        elements=profile.results.get(said, Match.UNKNOWN),
        asked=elements.asked,
        face=face,
        reference=text_at(reply, profile.reference)[:128] if profile.reference else answer.request_id,
        raw=MappingProxyType({profile.result: said}),
    )


def _written(value: object, profile: VerifierProfile) -> str:
    if isinstance(value, date):
        return profile.endless if value == date.max else value.strftime(profile.dates)
    return str(value) if value else ""


class VerifierClient:
    """An IdentityVerifier at a platform. Threads may share one."""

    def __init__(self, gateway: GatewayClient, *, profile: VerifierProfile) -> None:
        self._gateway, self._profile = gateway, profile

    def verify(self, elements: Elements, *, face: FaceScore | None = None) -> Verdict:
        """As IdentityVerifier.verify.

        Raises:
            ConfigError: the profile does not check one of the elements, or that kind of document.
        """
        return self._gateway.run(_check(self._profile, elements, face))


class AsyncVerifierClient:
    """As VerifierClient, awaited."""

    def __init__(self, gateway: AsyncGatewayClient, *, profile: VerifierProfile) -> None:
        self._gateway, self._profile = gateway, profile

    async def verify(self, elements: Elements, *, face: FaceScore | None = None) -> Verdict:
        """As VerifierClient.verify."""
        return await self._gateway.run(_check(self._profile, elements, face))
