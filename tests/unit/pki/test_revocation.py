from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto.der import (
    bit_string,
    context,
    encode_tlv,
    generalized_time,
    integer,
    octet_string,
    oid,
    sequence,
    utc_time,
)
from egov_sdk.errors import PlatformUnreachable
from egov_sdk.pki import Certificate, ChainResult, TrustStore, validate_chain
from egov_sdk.pki.crl import RevocationList
from egov_sdk.pki.local_ca import Revoked
from egov_sdk.pki.ocsp import OcspResponse, build_ocsp_request, certificate_id
from egov_sdk.report import Outcome

from .world import (
    DAY,
    NO_PARAMETERS,
    NOW,
    authority,
    crl_draft,
    extension,
    flipped,
    key,
    leaf,
    root,
    under,
)

PASSED, FAILED, UNKNOWN, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED
CA, ABOVE = authority(), root()
CLEAN_ABOVE = ABOVE.crl(at=NOW - DAY)
NUMBER = leaf().serial_number


def judged(
    *crls: bytes | RevocationList,
    ocsps: Iterable[bytes | OcspResponse] = (),
    certificate: Certificate | None = None,
    at: datetime = NOW,
    trust: TrustStore | None = None,
    **more: Any,
) -> ChainResult:
    return validate_chain(
        certificate or leaf(),
        trust=trust or TrustStore([ABOVE.certificate]),
        at=at,
        intermediates=[CA.certificate],
        crls=crls,
        ocsps=ocsps,
        **more,
    )


def revocation(*crls: bytes | RevocationList, **more: Any) -> tuple[Outcome, str]:
    found = judged(*crls, **more).revocation
    return found.outcome, found.reason


# lists


def test_a_chain_that_no_list_names_is_good() -> None:
    result = judged(CA.crl(at=NOW - DAY), CLEAN_ABOVE, revocation="required")
    assert (result.revocation.outcome, result.revocation.reason) == (PASSED, "not_revoked")
    assert result.outcome is PASSED


def test_a_list_may_be_read_before() -> None:
    lists = [RevocationList.parse(each) for each in (CA.crl(at=NOW - DAY), CLEAN_ABOVE)]
    assert revocation(*lists) == (PASSED, "not_revoked")


@pytest.mark.parametrize(
    ("when", "outcome", "reason"),
    [
        (NOW - DAY, FAILED, "revoked"),
        (NOW, FAILED, "revoked"),
        (NOW + timedelta(seconds=1), PASSED, "revoked_later"),
        (NOW + DAY, PASSED, "revoked_later"),
    ],
)
def test_when_a_certificate_was_revoked_decides(when: datetime, outcome: Outcome, reason: str) -> None:
    crl = CA.crl(at=NOW + 2 * DAY, revoked=[Revoked(NUMBER, when, "keyCompromise")])
    result = judged(crl, ABOVE.crl(at=NOW + 2 * DAY))
    assert (result.revocation.outcome, result.revocation.reason) == (outcome, reason)
    assert result.revoked_at == when
    assert result.anchored.outcome is result.validity.outcome is PASSED
    if outcome is FAILED:
        assert result.outcome is FAILED
        assert "keyCompromise" in result.revocation.message.en


def test_the_moment_since_when_a_key_is_in_doubt_decides() -> None:
    doubt = extension("2.5.29.24", generalized_time(NOW - 5 * DAY))
    entry = sequence(integer(NUMBER), utc_time(NOW + 5 * DAY), sequence(doubt))
    result = judged(crl_draft(entries=(entry,)), CLEAN_ABOVE)
    assert result.revocation.reason == "revoked"
    assert result.revoked_at == NOW - 5 * DAY


def test_a_revoked_ca_is_told_apart_from_a_revoked_leaf() -> None:
    gone = ABOVE.crl(at=NOW, revoked=[Revoked(CA.certificate.serial_number, NOW - DAY)])
    assert revocation(CA.crl(at=NOW), gone) == (FAILED, "issuer_revoked")


def test_the_earliest_revocation_is_given() -> None:
    above = ABOVE.crl(at=NOW, revoked=[Revoked(CA.certificate.serial_number, NOW - 9 * DAY)])
    result = judged(CA.crl(at=NOW, revoked=[Revoked(NUMBER, NOW - DAY)]), above)
    assert result.revocation.reason == "revoked"
    assert result.revoked_at == NOW - 9 * DAY


def test_the_anchor_itself_is_not_looked_up() -> None:
    gone = ABOVE.crl(at=NOW, revoked=[Revoked(ABOVE.certificate.serial_number, NOW - DAY)])
    assert revocation(CA.crl(at=NOW), gone) == (PASSED, "not_revoked")


@pytest.mark.parametrize("at", [NOW, NOW + 7 * DAY])
def test_a_list_is_good_until_its_end(at: datetime) -> None:
    assert revocation(CA.crl(at=NOW), ABOVE.crl(at=NOW), at=at) == (PASSED, "not_revoked")


def test_a_list_that_ended_no_longer_says_that_all_is_well() -> None:
    late = NOW + 7 * DAY + timedelta(seconds=1)
    assert revocation(CA.crl(at=NOW), ABOVE.crl(at=NOW), at=late) == (UNKNOWN, "list_stale")
    assert judged(CA.crl(at=NOW), ABOVE.crl(at=NOW), at=late).outcome is UNKNOWN


def test_a_list_that_ended_still_says_what_was_revoked() -> None:
    assert revocation(CA.crl(at=NOW - 90 * DAY, revoked=[Revoked(NUMBER, NOW - 91 * DAY)])) == (FAILED, "revoked")


def test_a_list_without_an_end_is_good_for_what_lies_before_it() -> None:
    endless = crl_draft(next_update=b"")
    assert revocation(endless, CLEAN_ABOVE, at=NOW - 2 * DAY) == (PASSED, "not_revoked")
    assert revocation(endless, CLEAN_ABOVE, at=NOW) == (UNKNOWN, "list_stale")


def test_a_list_made_after_a_certificate_expired_may_have_forgotten_it() -> None:
    after = leaf().not_after + DAY
    long_after = [CA.crl(at=after), ABOVE.crl(at=NOW, days=9000)]
    assert revocation(*long_after) == (UNKNOWN, "list_after_expiry")
    keeps = crl_draft(
        this_update=utc_time(after),
        next_update=utc_time(after + DAY),
        extensions=[extension("2.5.29.60", generalized_time(NOW - 900 * DAY))],
    )
    assert revocation(keeps, long_after[1]) == (PASSED, "not_revoked")


WRONG_LISTS = {
    "signed by another key": (crl_draft(signer=key("nobody")), "list_signature_wrong"),
    "signed by the leaf": (crl_draft(signer=key("某某局")), "list_signature_wrong"),
    "a delta": (crl_draft(extensions=[extension("2.5.29.27", integer(1), critical=True)]), "list_not_understood"),
    "an indirect one": (
        crl_draft(extensions=[extension("2.5.29.28", sequence(encode_tlv(0x84, b"\xff")), critical=True)]),
        "list_not_understood",
    ),
    "for CAs only": (
        crl_draft(extensions=[extension("2.5.29.28", sequence(encode_tlv(0x82, b"\xff")), critical=True)]),
        "list_out_of_scope",
    ),
    "for attributes only": (
        crl_draft(extensions=[extension("2.5.29.28", sequence(encode_tlv(0x85, b"\xff")), critical=True)]),
        "list_out_of_scope",
    ),
    "for some reasons only": (
        crl_draft(extensions=[extension("2.5.29.28", sequence(encode_tlv(0x83, b"\x01\x02")), critical=True)]),
        "list_out_of_scope",
    ),
    "of another part of the CA": (
        crl_draft(
            extensions=[
                extension(
                    "2.5.29.28",
                    sequence(context(0, context(0, encode_tlv(0x86, b"http://crl.example/2.crl")))),
                    critical=True,
                )
            ]
        ),
        "list_out_of_scope",
    ),
    "no list at all": (b"no list", "list_malformed"),
    "of another CA": (authority("别的").crl(at=NOW), "no_information"),
    "of nobody": (b"", "list_malformed"),
}


@pytest.mark.parametrize("case", WRONG_LISTS)
def test_a_list_that_may_not_be_believed_decides_nothing(case: str) -> None:
    crl, reason = WRONG_LISTS[case]
    assert revocation(crl, CLEAN_ABOVE) == (UNKNOWN, reason)
    assert judged(crl, CLEAN_ABOVE, revocation="required").outcome is UNKNOWN


@pytest.mark.parametrize("case", [case for case in WRONG_LISTS if WRONG_LISTS[case][1] == "list_signature_wrong"])
def test_a_list_that_may_not_be_believed_revokes_nobody(case: str) -> None:
    entry = sequence(integer(NUMBER), utc_time(NOW - DAY))
    forged = crl_draft(signer=key("nobody"), entries=(entry,))
    assert revocation(forged, CLEAN_ABOVE) == (UNKNOWN, "list_signature_wrong")
    assert revocation(forged, CA.crl(at=NOW), CLEAN_ABOVE) == (PASSED, "not_revoked")


def test_a_list_of_the_own_part_of_the_ca_counts() -> None:
    own = sequence(context(0, context(0, encode_tlv(0x86, b"http://crl.example/1.crl"))))
    crl = crl_draft(extensions=[extension("2.5.29.28", own, critical=True)])
    assert revocation(crl, CLEAN_ABOVE) == (PASSED, "not_revoked")


def test_a_certificate_without_points_is_in_no_part() -> None:
    own = sequence(context(0, context(0, encode_tlv(0x86, b"http://crl.example/1.crl"))))
    crl = crl_draft(extensions=[extension("2.5.29.28", own, critical=True)])
    for extensions in ((), (extension("2.5.29.31", b"\x30\x01"),)):
        bare = under(CA, "bare", extensions=extensions).certificate()
        assert revocation(crl, CLEAN_ABOVE, certificate=bare) == (UNKNOWN, "list_out_of_scope")


def test_a_list_for_users_says_nothing_about_cas() -> None:
    users = sequence(encode_tlv(0x81, b"\xff"))
    crl = crl_draft(by=ABOVE, extensions=[extension("2.5.29.28", users, critical=True)])
    assert revocation(CA.crl(at=NOW), crl) == (UNKNOWN, "list_out_of_scope")


def test_a_list_by_a_ca_whose_key_may_not_sign_lists_is_not_believed() -> None:
    rights = (
        extension("2.5.29.19", sequence(b"\x01\x01\xff"), critical=True),
        extension("2.5.29.15", b"\x03\x02\x02\x04", critical=True),
    )
    silent = under(ABOVE, "silent", extensions=rights).certificate()
    below = under(CA, "x", issuer=silent.subject.raw, signer=key("silent")).certificate()
    crl = crl_draft(issuer=silent.subject.raw, signer=key("silent"))
    result = validate_chain(
        below, trust=TrustStore([ABOVE.certificate]), at=NOW, intermediates=[silent], crls=[crl, CLEAN_ABOVE]
    )
    assert result.revocation.reason == "list_signer_not_allowed"


def test_an_entry_that_is_not_understood_decides_nothing() -> None:
    odd = sequence(integer(NUMBER), utc_time(NOW - DAY), sequence(extension("2.5.29.29", b"x", critical=True)))
    assert revocation(crl_draft(entries=(odd,)), CLEAN_ABOVE) == (UNKNOWN, "list_not_understood")


def test_something_wrong_is_told_before_something_missing() -> None:
    assert revocation(ABOVE.crl(at=NOW - 90 * DAY)) == (UNKNOWN, "list_stale")


# responses

RESPONDER = leaf("答复者", kind="ocsp")
HEARD = (RESPONDER, key("答复者"))


def test_a_ca_and_its_responder_are_believed() -> None:
    for responder in (None, HEARD):
        response = CA.ocsp_response([leaf()], at=NOW, responder=responder)
        assert revocation(CLEAN_ABOVE, ocsps=[response]) == (PASSED, "not_revoked")
        assert revocation(CLEAN_ABOVE, ocsps=[OcspResponse.parse(response)]) == (PASSED, "not_revoked")


@pytest.mark.parametrize(
    ("when", "outcome", "reason"), [(NOW, FAILED, "revoked"), (NOW + timedelta(seconds=1), PASSED, "revoked_later")]
)
def test_when_a_response_says_revoked_decides(when: datetime, outcome: Outcome, reason: str) -> None:
    response = CA.ocsp_response([leaf()], at=NOW + DAY, revoked=[Revoked(NUMBER, when)], responder=HEARD)
    result = judged(CLEAN_ABOVE, ocsps=[response])
    assert (result.revocation.outcome, result.revocation.reason) == (outcome, reason)
    assert result.revoked_at == when


def test_revoked_in_one_source_outweighs_good_in_another() -> None:
    good = CA.ocsp_response([leaf()], at=NOW)
    assert revocation(CA.crl(at=NOW, revoked=[Revoked(NUMBER, NOW)]), CLEAN_ABOVE, ocsps=[good]) == (FAILED, "revoked")


def test_a_response_that_ended_no_longer_says_that_all_is_well() -> None:
    old = CA.ocsp_response([leaf()], at=NOW - 90 * DAY)
    assert revocation(CLEAN_ABOVE, ocsps=[old]) == (UNKNOWN, "response_stale")


def answered(
    responder: Certificate, signer: str, *, certificates: tuple[Certificate, ...] | None = None, at: datetime = NOW
) -> bytes:
    """A response that says good, by whomever."""
    if certificates is None:
        return CA.ocsp_response([leaf()], at=at, responder=(responder, key(signer)))
    basic = CA.ocsp_response([leaf()], at=at, responder=(responder, key(signer)))
    inner = OcspResponse.parse(basic)
    held = context(0, sequence(*(each.raw for each in certificates)))
    body = sequence(inner.tbs, NO_PARAMETERS, bit_string(inner.signature), held)
    return sequence(b"\x0a\x01\x00", context(0, sequence(oid("1.3.6.1.5.5.7.48.1.1"), octet_string(body))))


FOREIGN = authority("别的").issue("ocsp", "CN=foreign", key("foreign").public_key(), at=NOW - DAY)
NO_PURPOSE = leaf("无用途")
OLD = CA.issue("ocsp", "CN=old", key("old").public_key(), at=NOW - 90 * DAY, days=5)
NOT_SIGNING = under(
    CA,
    "not signing",
    extensions=[
        extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.9"))),
        extension("2.5.29.15", b"\x03\x02\x05\x20", critical=True),
    ],
).certificate()
FORGED = under(
    CA, "forged", signer=key("nobody"), extensions=[extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.9")))]
).certificate()

WRONG_RESPONSES = {
    "by a responder of another CA": (answered(FOREIGN, "foreign"), "response_signer_not_allowed"),
    "by a signer without the purpose": (answered(NO_PURPOSE, "无用途"), "response_signer_not_allowed"),
    "by a responder out of its dates": (answered(OLD, "old"), "response_signer_not_allowed"),
    "by a key that may not sign": (answered(NOT_SIGNING, "not signing"), "response_signer_not_allowed"),
    "by a responder that the CA never made": (answered(FORGED, "forged"), "response_signer_not_allowed"),
    "by nobody that came along": (answered(RESPONDER, "答复者", certificates=()), "response_signer_not_allowed"),
    "signed by another key": (answered(RESPONDER, "nobody"), "response_signature_wrong"),
    "signed by another key as the CA": (
        CA.ocsp_response([leaf()], at=NOW, responder=(CA.certificate, key("nobody"))),
        "response_signature_wrong",
    ),
    "about another serial number": (CA.ocsp_response([leaf("另一局")], at=NOW), "no_information"),
    "about another CA": (ABOVE.ocsp_response([leaf()], at=NOW), "no_information"),
    "no response at all": (b"no response", "response_malformed"),
}


@pytest.mark.parametrize("case", WRONG_RESPONSES)
def test_a_response_that_may_not_be_believed_decides_nothing(case: str) -> None:
    response, reason = WRONG_RESPONSES[case]
    assert revocation(CLEAN_ABOVE, ocsps=[response]) == (UNKNOWN, reason)


@pytest.mark.parametrize(
    ("this_update", "reason"),
    [(NOW, "response_signer_not_allowed"), (OLD.not_after - timedelta(days=1), "response_stale")],
)
def test_the_key_of_a_responder_that_has_run_out_vouches_for_nobody(this_update: datetime, reason: str) -> None:
    within = OLD.not_after - timedelta(days=1)
    by_the_responder = answered(OLD, "old", at=within)
    status = OcspResponse.parse(by_the_responder).statuses[0]
    assert revocation(CLEAN_ABOVE, ocsps=[by_the_responder], at=within)[0] is PASSED
    single = sequence(
        certificate_id(leaf(), CA.certificate, hash_algorithm=status.hash_algorithm),
        b"\x80\x00",
        generalized_time(this_update),
        context(0, generalized_time(NOW + 7 * DAY)),
    )
    tbs = sequence(context(1, OLD.subject.raw), generalized_time(within), sequence(single))
    signature = bit_string(key("old").sign(tbs))
    body = sequence(tbs, NO_PARAMETERS, signature, context(0, sequence(OLD.raw)))
    forged = sequence(b"\x0a\x01\x00", context(0, sequence(oid("1.3.6.1.5.5.7.48.1.1"), octet_string(body))))
    assert revocation(CLEAN_ABOVE, ocsps=[forged]) == (UNKNOWN, reason)


def test_a_responder_that_was_itself_revoked_is_not_believed() -> None:
    plain = under(CA, "plain", extensions=[extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.9")))]).certificate()
    response = answered(plain, "plain")
    assert revocation(CLEAN_ABOVE, ocsps=[response]) == (PASSED, "not_revoked")
    stale = crl_draft(
        this_update=utc_time(NOW - 50 * DAY),
        next_update=utc_time(NOW - 49 * DAY),
        entries=(sequence(integer(plain.serial_number), utc_time(NOW - 51 * DAY)),),
    )
    found = judged(stale, CLEAN_ABOVE, ocsps=[response]).revocation
    assert found.outcome is UNKNOWN


def test_a_response_that_is_not_understood_decides_nothing() -> None:
    response = OcspResponse.parse(CA.ocsp_response([leaf()], at=NOW))
    for odd in (
        replace(response, understood=False),
        replace(response, statuses=(replace(response.statuses[0], understood=False),)),
    ):
        assert revocation(CLEAN_ABOVE, ocsps=[odd]) == (UNKNOWN, "list_not_understood")


def test_lists_and_responses_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    store = TrustStore([ABOVE.certificate])
    response, crl = CA.ocsp_response([leaf()], at=NOW), CA.crl(at=NOW)
    first = judged(crl, CLEAN_ABOVE, ocsps=[response], trust=store)

    def failing(*args: object, **more: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(RevocationList, "_read", failing)
    monkeypatch.setattr(OcspResponse, "_read", failing)
    assert judged(crl, CLEAN_ABOVE, ocsps=[response], trust=store) == first


def test_a_responder_that_does_not_know_the_certificate_decides_nothing() -> None:
    response = OcspResponse.parse(CA.ocsp_response([leaf()], at=NOW))
    unknown = response.tbs.replace(b"\x80\x00\x18", b"\x82\x00\x18")
    assert unknown != response.tbs
    signer = CA.signer
    body = sequence(unknown, NO_PARAMETERS, bit_string(signer.sign(unknown)))  # type: ignore[attr-defined]  # a key
    told = sequence(b"\x0a\x01\x00", context(0, sequence(oid("1.3.6.1.5.5.7.48.1.1"), octet_string(body))))
    assert revocation(CLEAN_ABOVE, ocsps=[told]) == (UNKNOWN, "response_status_unknown")


# modes


def test_what_is_missing_counts_only_when_it_is_required() -> None:
    assert judged().outcome is PASSED
    assert judged(revocation="required").outcome is UNKNOWN
    off = judged(CA.crl(at=NOW, revoked=[Revoked(NUMBER, NOW - DAY)]), revocation="off")
    assert (off.revocation.outcome, off.revocation.reason, off.outcome) == (SKIPPED, "not_looked_at", PASSED)
    assert off.revoked_at is None


def test_without_a_chain_revocation_stays_undecided() -> None:
    gone = CA.crl(at=NOW, revoked=[Revoked(NUMBER, NOW - DAY)])
    result = judged(gone, trust=TrustStore([authority("别的").certificate]))
    assert result.revocation.reason == "chain_unknown"
    assert judged(gone, trust=TrustStore(), revocation="off").revocation.outcome is SKIPPED


# fetching


class Network:
    """Answers from a table, and remembers what was asked."""

    def __init__(self, **answers: bytes | Exception) -> None:
        self.answers = answers
        self.asked: list[tuple[str, bytes | None]] = []

    def __call__(self, url: str, body: bytes | None = None, /) -> bytes:
        self.asked.append((url, body))
        answer = self.answers["ocsp" if body else "crl"]
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_ocsp_is_asked_first_and_enough() -> None:
    network = Network(ocsp=CA.ocsp_response([leaf()], at=NOW))
    assert revocation(CLEAN_ABOVE, fetch=network) == (PASSED, "not_revoked")
    assert network.asked == [("http://ocsp.example/", build_ocsp_request(leaf(), CA.certificate))]


@pytest.mark.parametrize(
    "failure", [OSError("no route"), PlatformUnreachable("gone", attempts=1, elapsed_s=1.0), TimeoutError()]
)
def test_when_ocsp_fails_the_list_is_asked(failure: Exception) -> None:
    network = Network(ocsp=failure, crl=CA.crl(at=NOW))
    assert revocation(CLEAN_ABOVE, fetch=network) == (PASSED, "not_revoked")
    assert [url for url, _ in network.asked] == ["http://ocsp.example/", "http://crl.example/1.crl"]


def test_when_all_fails_it_says_so() -> None:
    network = Network(ocsp=OSError(), crl=OSError())
    assert revocation(CLEAN_ABOVE, fetch=network) == (UNKNOWN, "fetch_failed")
    assert revocation(CLEAN_ABOVE, fetch=Network(ocsp=b"<html>", crl=b"<html>"))[0] is UNKNOWN


def test_nothing_is_asked_when_it_is_known_or_nobody_is_trusted() -> None:
    network = Network()
    assert revocation(CA.crl(at=NOW), CLEAN_ABOVE, fetch=network) == (PASSED, "not_revoked")
    judged(trust=TrustStore([authority("别的").certificate]), fetch=network)
    judged(fetch=network, revocation="off")
    assert network.asked == []


def test_only_web_addresses_are_asked() -> None:
    points = sequence(
        *(
            sequence(context(0, context(0, encode_tlv(0x86, url))))
            for url in (b"ldap://x/y", b"file:///etc/passwd", b"HTTP://crl.example/x.crl")
        )
    )
    odd = under(CA, "odd", extensions=[extension("2.5.29.31", points)]).certificate()
    network = Network(crl=CA.crl(at=NOW))
    assert revocation(CLEAN_ABOVE, certificate=odd, fetch=network) == (PASSED, "not_revoked")
    assert network.asked == [("HTTP://crl.example/x.crl", None)]


def test_a_mistake_in_the_fetcher_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        revocation(fetch=Network(ocsp=ZeroDivisionError()))


# hostile octets

SHARED = TrustStore([ABOVE.certificate])
GONE = CA.crl(at=NOW, revoked=[Revoked(NUMBER, NOW - DAY)])
GOOD_RESPONSE = CA.ocsp_response([leaf()], at=NOW, responder=HEARD)


@given(st.integers(min_value=0, max_value=8 * len(GONE) - 1))
def test_a_turned_bit_in_a_list_never_says_anything(bit: int) -> None:
    assert revocation(flipped(GONE, bit), CLEAN_ABOVE, trust=SHARED)[0] is UNKNOWN


@given(st.integers(min_value=0, max_value=8 * len(GOOD_RESPONSE) - 1))
def test_a_turned_bit_in_a_response_never_says_anything_else(bit: int) -> None:
    outcome, _ = revocation(CLEAN_ABOVE, ocsps=[flipped(GOOD_RESPONSE, bit)], trust=SHARED)
    assert outcome is not FAILED
    if outcome is PASSED:
        turned = OcspResponse.parse(flipped(GOOD_RESPONSE, bit))
        before = OcspResponse.parse(GOOD_RESPONSE)
        assert (turned.tbs, turned.signature) == (before.tbs, before.signature)


@given(st.binary(max_size=60))
def test_any_octets_as_information_decide_nothing(octets: bytes) -> None:
    assert revocation(octets, ocsps=[octets], trust=SHARED)[0] is UNKNOWN
