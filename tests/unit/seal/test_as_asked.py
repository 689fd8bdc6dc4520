"""A platform of seals that answers with another seal than the one that was asked for: nothing of it is handed on."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from pydantic import BaseModel, TypeAdapter

from egov_sdk.gateway import GatewayClient
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.gateway.removed import removed_octets
from egov_sdk.ofd import OfdBuilder
from egov_sdk.seal import Placement, sign
from egov_sdk.seal.client import SealClient
from egov_sdk.seal.records import SealAction, SealOwner, SealRecord, SealRequest, SealState, SealUse
from tests.world import NOW, Office, entries_of, world, zipped

OWNER = SealOwner(name="某局", code="11220000013544541J")
SEAL = SealRecord(
    seal_id="S1",
    name="某局",
    owner=OWNER,
    state=SealState.VALID,
    valid_from=NOW,
    valid_to=NOW,
    made_at=NOW,
    changed_at=NOW,
    file=b"seal",
)
USE = SealUse(seal_id="S1", action=SealAction.MAKE, at=NOW)


def answering(answer: BaseModel | tuple[BaseModel, ...]) -> SealClient:
    body = TypeAdapter(type(answer) if isinstance(answer, BaseModel) else tuple[BaseModel, ...]).dump_json(
        answer,
        serialize_as_any=True,
    )
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    return SealClient(GatewayClient("https://seals.example", transport=transport))


@pytest.mark.parametrize(
    ("answer", "asked", "another"),
    [
        (SEAL, lambda client: client.find("S1"), lambda client: client.find("S2")),
        (
            SEAL,
            lambda client: client.act("S1", SealAction.REVOKE, reason="x"),
            lambda client: client.act("S2", SealAction.REVOKE, reason="x"),
        ),
        ((SEAL,), lambda client: client.seals(owner_code=OWNER.code), lambda client: client.seals(owner_code="X")),
        ((USE,), lambda client: client.uses("S1"), lambda client: client.uses("S2")),
        ((USE, USE), lambda client: client.uses("S1"), lambda client: client.uses("S1", limit=1)),
        (
            SEAL,
            lambda client: client.make(SealRequest(name="某局", owner=OWNER)),
            lambda client: client.make(SealRequest(name="某局", owner=OWNER, seal_id="S2")),
        ),
        (
            SEAL,
            lambda client: client.make(SealRequest(name="某局", owner=OWNER, seal_id="S1")),
            lambda client: client.make(SealRequest(name="某局", owner=SealOwner(name="他局"))),
        ),
    ],
)
def test_another_seal_than_the_one_that_was_asked_for_is_no_answer(
    answer: SealRecord | tuple[SealUse, ...],
    asked: Callable[[SealClient], object],
    another: Callable[[SealClient], object],
) -> None:
    assert asked(answering(answer)) == answer
    with pytest.raises(AnswerMalformed, match="not what was asked for"):
        another(answering(answer))


def test_a_report_as_of_another_time_is_no_answer() -> None:
    report = {"form": 1, "subject": "s", "policy": "p", "required": [], "checks": [], "verified_at": NOW.isoformat()}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=report))
    client = SealClient(GatewayClient("https://seals.example", transport=transport))
    assert client.verify(b"x", at=NOW).verified_at == NOW
    with pytest.raises(AnswerMalformed, match="another time"):
        client.verify(b"x", at=NOW + timedelta(days=1))


# ---------------------------------------------------------------------- stamping

PLACE = Placement(page=1, x_mm=140, y_mm=230)
LIST = "Doc_0/Signs/Signatures.xml"


def stamps_with(answer: bytes, document: bytes | None = None, *, at: Placement = PLACE, seal_id: str = "") -> bytes:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=answer))
    client = SealClient(GatewayClient("https://seals.example", transport=transport))
    sent = world().document if document is None else document
    return client.stamp(sent, seal_id or world().office.seal.seal_id, at=[at])


def edited(data: bytes, **entries: bytes) -> bytes:
    """A package with other entries: a file is named by how its name ends."""
    found = entries_of(data)
    for ending, content in entries.items():
        name = next((name for name in found if name.endswith(f"{ending}.xml")), f"Doc_0/{ending}.xml")
        found[name] = content
    return zipped(found)


def other_document() -> bytes:
    return OfdBuilder(title="another", created=NOW).page().text(30, 40, "全部同意").build()


def test_a_document_comes_back_stamped() -> None:
    stamped = world().stamped()
    assert stamps_with(stamped) == stamped
    again = world().stamped(stamped)
    assert stamps_with(again, stamped) == again
    in_empty_list = edited(world().document, OFD=entries_of(stamped)["OFD.xml"], Signatures=b"<Signatures/>")
    in_empty_list = zipped(
        {name.replace("Doc_0/Sig", "Doc_0/Signs/Sig"): c for name, c in entries_of(in_empty_list).items()}
    )
    assert stamps_with(world().stamped(in_empty_list), in_empty_list)


def test_out_of_a_recording_no_document_comes() -> None:
    assert stamps_with(removed_octets(1)) == removed_octets(1)


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        (lambda: world().stamped(other_document()), None),
        (lambda: world().document, None),
        (lambda: world().stamped(world().stamped()), None),
        (lambda: world().stamped(), lambda: world().stamped()),
        (lambda: sign_only(), None),
        (lambda: b"no document", None),
        (lambda: world().stamped(edited(world().document, Content=page_with("全部同意"))), None),
        (lambda: world().stamped(edited(world().document, Extra=b"<x/>")), None),
        (lambda: edited(world().stamped(), Content=page_with("全部同意")), None),
        (lambda: edited(world().stamped(), Extra=b"<x/>"), None),
        (lambda: edited(world().stamped(), OFD=world_root(world().stamped(), title="another")), None),
    ],
)
def test_another_document_than_was_sent_or_more_than_a_seal_on_it_is_no_answer(
    answer: Callable[[], bytes], sent: Callable[[], bytes] | None
) -> None:
    with pytest.raises(AnswerMalformed, match="not what was asked for"):
        stamps_with(answer(), sent and sent())


def test_a_signature_that_was_there_may_not_be_taken_away() -> None:
    earlier = world().stamped(by=Office.of("another office"))
    with pytest.raises(AnswerMalformed, match="not the document that was sent"):
        stamps_with(world().stamped(), earlier)


def test_the_seal_is_the_one_and_stands_where_it_was_asked_for() -> None:
    with pytest.raises(AnswerMalformed, match="does not have this seal"):
        stamps_with(world().stamped(), seal_id="another")
    with pytest.raises(AnswerMalformed, match="in other places"):
        stamps_with(world().stamped(), at=Placement(page=1, x_mm=10, y_mm=230))


def test_a_seal_with_a_wrong_signature_is_none() -> None:
    found = entries_of(world().stamped())
    value = next(name for name in found if name.endswith("SignedValue.dat"))
    broken = world().resealed(found, signer=world().office.maker)
    assert entries_of(broken)[value] != found[value]
    with pytest.raises(AnswerMalformed, match=r"integrity\.value"):
        stamps_with(broken)


def page_with(words: str) -> bytes:
    return next(
        c
        for name, c in entries_of(OfdBuilder(title="x", created=NOW).page().text(30, 40, words).build()).items()
        if name.endswith("Content.xml")
    )


def world_root(data: bytes, *, title: str) -> bytes:
    root = entries_of(data)["OFD.xml"]
    changed = re.sub(rb"<ofd:Title>[^<]*<", f"<ofd:Title>{title}<".encode(), root)
    assert changed != root
    return changed


def sign_only() -> bytes:
    office = world().office
    return sign(world().document, signer=office.signer, certificate=office.certificate, signed_at=NOW)
