from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto import sm3
from egov_sdk.crypto.der import (
    boolean,
    children,
    context,
    encode_tlv,
    generalized_time,
    integer,
    null,
    octet_string,
    oid,
    read_one,
    sequence,
    utf8_string,
)
from egov_sdk.crypto.oids import GM_SIGNED_DATA, PKCS7_SIGNED_DATA, SHA1, SHA256, SM3
from egov_sdk.errors import InputError, ParseError
from egov_sdk.pki import Certificate
from egov_sdk.pki._attributes import attribute
from egov_sdk.pki._message_build import build_message
from egov_sdk.pki.cms import build_signed_data
from egov_sdk.pki.timestamp import (
    TIMESTAMP_LENIENCIES,
    LocalTSA,
    TimeStampFacts,
    build_timestamp_request,
    parse_token,
    verify_token,
)
from egov_sdk.report import Outcome

from .world import CA_RIGHTS, NOW, Seeded, authority, extension, flipped, key, leaf, under

PASSED, FAILED, UNKNOWN = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN
DATA = b"the octets of a signature"
KEY = key("时间戳")
CERTIFICATE = leaf("时间戳", kind="tsa")
TSA = LocalTSA(KEY, CERTIFICATE, random=Seeded("tsa"))
TOKEN = TSA.stamp(DATA, at=NOW, nonce=5)
TST_INFO = "1.2.840.113549.1.9.16.1.4"
BOUND_V1, BOUND_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
PURPOSE = "1.3.6.1.5.5.7.3.8"


def imprint(algorithm: str = SM3, digest: bytes | None = None) -> bytes:
    return sequence(sequence(oid(algorithm)), octet_string(sm3(DATA) if digest is None else digest))


def info(
    *, version: bytes | None = None, imprinted: bytes | None = None, time: bytes | None = None, tail: bytes = b""
) -> bytes:
    return sequence(
        integer(1) if version is None else version,
        oid("1.2.3"),
        imprint() if imprinted is None else imprinted,
        integer(7),
        generalized_time(NOW) if time is None else time,
        tail,
    )


def bound(
    certificate: Certificate = CERTIFICATE, *, head: bytes = b"", digest: bytes | None = None, tail: bytes = b""
) -> bytes:
    value = sequence(head, octet_string(sm3(certificate.raw) if digest is None else digest), tail)
    return attribute(BOUND_V2, sequence(sequence(value)))


WITH_SM3 = sequence(oid(SM3))


def token(
    body: bytes | None = None,
    *,
    extra: tuple[bytes, ...] | None = None,
    certificate: Certificate = CERTIFICATE,
    signer: str = "时间戳",
    inner_type: str = TST_INFO,
    with_attributes: bool = True,
) -> bytes:
    return build_message(
        key(signer),
        certificate,
        content=info() if body is None else body,
        inner_type=inner_type,
        outer_type=GM_SIGNED_DATA,
        extra=((bound(head=WITH_SM3),) if extra is None else extra) if with_attributes else (),
        with_attributes=with_attributes,
        random=Seeded("token"),
    )


def facts_of(octets: bytes, data: bytes = DATA) -> TimeStampFacts:
    return verify_token(parse_token(octets), imprint_of=data)


def test_a_stamp_reads_back_and_verifies() -> None:
    read = parse_token(TOKEN)
    assert (read.gen_time, read.policy, read.nonce) == (NOW, "2.999.1", 5)
    assert (read.imprint, read.imprint_algorithm) == (sm3(DATA), SM3)
    assert (read.accuracy, read.ordering, read.leniencies) == (None, False, ())
    assert read.serial_number > 0
    assert read.certificates == (CERTIFICATE,)
    assert read.signer.signing_time == NOW
    assert read.signed_data.content_type == GM_SIGNED_DATA
    facts = verify_token(read, imprint_of=DATA)
    assert facts.outcome is PASSED
    assert facts.certificate == CERTIFICATE
    assert [facts.imprint.reason, facts.signature.reason, facts.binding.reason, facts.usage.reason] == [
        "imprint_matches",
        "signature_good",
        "certificate_bound",
        "time_stamping_allowed",
    ]
    assert facts.leniencies == ()


def test_the_outer_type_may_be_the_one_of_pkcs7() -> None:
    stamp = LocalTSA(KEY, CERTIFICATE, gm_oids=False, policy="1.2.3.4").stamp(DATA, at=NOW)
    assert parse_token(stamp).signed_data.content_type == PKCS7_SIGNED_DATA
    assert parse_token(stamp).policy == "1.2.3.4"
    assert parse_token(stamp).nonce is None
    assert facts_of(stamp).outcome is PASSED


def test_the_same_random_source_gives_the_same_stamp() -> None:
    one, other = (LocalTSA(KEY, CERTIFICATE, random=Seeded("same")).stamp(DATA, at=NOW) for _ in range(2))
    assert one == other


def test_fractions_of_a_second_are_kept() -> None:
    moment = NOW.replace(microsecond=250_000)
    assert parse_token(TSA.stamp(DATA, at=moment)).gen_time == moment


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        TSA.stamp(DATA, at=datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


def test_a_certificate_of_another_key_does_not_stamp() -> None:
    with pytest.raises(ValueError, match="another key"):
        LocalTSA(key("nobody"), CERTIFICATE).stamp(DATA, at=NOW)


def test_a_request_names_the_digest_and_asks_for_the_certificate() -> None:
    parts = children(read_one(build_timestamp_request(DATA, nonce=9, policy="1.2.3")))
    assert [part.tag for part in parts] == [0x02, 0x30, 0x06, 0x02, 0x01]
    assert parts[1].raw.endswith(sm3(DATA))
    assert len(children(read_one(build_timestamp_request(DATA)))) == 3


def test_optional_parts_are_read() -> None:
    full = info(
        tail=sequence(integer(1), context(0, b"\x02", constructed=False), context(1, b"\x03", constructed=False))
        + boolean(True)
        + integer(4)
        + context(0, context(4, sequence()))
        + context(1, sequence())
    )
    read = parse_token(token(full))
    assert read.accuracy == timedelta(seconds=1, milliseconds=2, microseconds=3)
    assert (read.ordering, read.nonce) == (True, 4)


# deviations


def response(status: bytes, *rest: bytes) -> bytes:
    return sequence(sequence(status), *rest)


LENIENT = {
    "response_instead_of_token": response(integer(0), TOKEN),
    "bound_by_sha1": token(extra=(bound(head=sequence(oid(SHA1)), digest=b""),)),
}


def test_every_leniency_has_words_and_a_case() -> None:
    assert LENIENT.keys() == TIMESTAMP_LENIENCIES.keys()


@pytest.mark.parametrize("code", LENIENT)
def test_a_deviation_is_read_and_named(code: str) -> None:
    assert code in facts_of(LENIENT[code]).leniencies


def test_a_response_granted_with_changes_is_read() -> None:
    assert facts_of(response(integer(1), TOKEN)).outcome is PASSED


def test_a_certificate_named_by_sha1_or_sha256_is_bound() -> None:
    import hashlib

    old = attribute(BOUND_V1, sequence(sequence(sequence(octet_string(hashlib.sha1(CERTIFICATE.raw).digest())))))
    facts = facts_of(token(extra=(old,)))
    assert (facts.outcome, facts.leniencies) == (PASSED, ("bound_by_sha1",))
    by_default = bound(digest=hashlib.sha256(CERTIFICATE.raw).digest())
    assert facts_of(token(extra=(by_default,))).outcome is PASSED


def test_a_stamp_in_ber_is_read() -> None:
    body = TOKEN[4:]
    assert facts_of(b"\x30\x80" + body + b"\x00\x00").leniencies == ("ber",)


# must not pass


def test_other_octets_are_told() -> None:
    facts = facts_of(TOKEN, DATA + b"!")
    assert (facts.imprint.outcome, facts.imprint.reason) == (FAILED, "imprint_differs")
    assert facts.signature.outcome is PASSED
    assert facts.outcome is FAILED


@pytest.mark.parametrize(
    ("algorithm", "outcome", "reason"),
    [
        (SHA1, FAILED, "message_weak_algorithm"),
        ("1.2.3", UNKNOWN, "message_algorithm_not_supported"),
        (SHA256, FAILED, "imprint_differs"),
    ],
)
def test_another_digest_does_not_match(algorithm: str, outcome: Outcome, reason: str) -> None:
    facts = facts_of(token(info(imprinted=imprint(algorithm))))
    assert (facts.imprint.outcome, facts.imprint.reason) == (outcome, reason)


UNBOUND = {
    "no word about it": ((), FAILED, "binding_missing"),
    "another certificate": ((bound(leaf(), head=WITH_SM3),), FAILED, "certificate_not_bound"),
    "another serial number": (
        (bound(head=WITH_SM3, tail=sequence(sequence(), integer(3))),),
        FAILED,
        "certificate_not_bound",
    ),
    "an unknown hash": ((bound(head=sequence(oid("1.2.3"))),), UNKNOWN, "message_algorithm_not_supported"),
}


@pytest.mark.parametrize("case", UNBOUND)
def test_a_stamp_that_does_not_name_its_certificate_does_not_pass(case: str) -> None:
    extra, outcome, reason = UNBOUND[case]
    facts = facts_of(token(extra=extra))
    assert (facts.binding.outcome, facts.binding.reason) == (outcome, reason)
    assert facts.outcome is outcome


def test_the_serial_number_in_the_binding_is_compared() -> None:
    fits = bound(head=WITH_SM3, tail=sequence(sequence(), integer(CERTIFICATE.serial_number)))
    assert facts_of(token(extra=(fits,))).outcome is PASSED


def purpose(*purposes: str, critical: bool = True) -> bytes:
    return extension("2.5.29.37", sequence(*map(oid, purposes)), critical=critical)


NOT_FOR_STAMPS = {
    "a signer": leaf(),
    "for stamps and more": under(authority(), "x", extensions=[purpose(PURPOSE, "1.3.6.1.5.5.7.3.2")]).certificate(),
    "for anything": under(authority(), "x", extensions=[purpose("2.5.29.37.0")]).certificate(),
    "a CA for stamps": under(authority(), "x", extensions=[purpose(PURPOSE), CA_RIGHTS[1]]).certificate(),
}


@pytest.mark.parametrize("case", NOT_FOR_STAMPS)
def test_a_certificate_that_is_not_for_stamps_alone_does_not_pass(case: str) -> None:
    certificate = NOT_FOR_STAMPS[case]
    signer = "某某局" if case == "a signer" else "x"
    facts = facts_of(token(certificate=certificate, signer=signer, extra=(bound(certificate, head=WITH_SM3),)))
    assert (facts.usage.outcome, facts.usage.reason) == (FAILED, "time_stamping_not_allowed")
    assert facts.outcome is FAILED


def test_a_purpose_that_is_not_critical_is_named() -> None:
    certificate = under(authority(), "x", extensions=[purpose(PURPOSE, critical=False)]).certificate()
    facts = facts_of(token(certificate=certificate, signer="x", extra=(bound(certificate, head=WITH_SM3),)))
    assert (facts.usage.outcome, facts.usage.reason) == (PASSED, "time_stamping_not_critical")


def test_a_stamp_without_signed_attributes_does_not_pass() -> None:
    facts = facts_of(token(with_attributes=False))
    assert facts.signature.reason == "message_digest_missing"
    assert facts.outcome is FAILED


def test_a_stamp_without_its_certificate_stays_undecided_until_one_is_given() -> None:
    read = parse_token(TOKEN)
    bare = replace(read, signed_data=replace(read.signed_data, certificates=()))
    facts = verify_token(bare, imprint_of=DATA)
    assert facts.certificate is None
    assert {facts.signature.reason, facts.binding.reason, facts.usage.reason} == {"signer_not_found"}
    assert facts.outcome is UNKNOWN
    assert verify_token(bare, imprint_of=DATA, certificates=[leaf(), CERTIFICATE]).outcome is PASSED


TWO_SIGNERS_AT = children(children(read_one(TOKEN))[1])[0]


def with_signers(number: int) -> bytes:
    parts = children(TWO_SIGNERS_AT)
    return sequence(
        oid(GM_SIGNED_DATA),
        context(0, sequence(*(part.raw for part in parts[:-1]), encode_tlv(0x31, parts[-1].content * number))),
    )


MALFORMED = {
    "nothing": b"",
    "a plain message": build_signed_data(KEY, CERTIFICATE, content=b"x"),
    "a detached stamp": build_signed_data(KEY, CERTIFICATE, content=info(), detached=True),
    "no signer": with_signers(0),
    "two signers": with_signers(2),
    "a refusal": response(integer(2)),
    "a refusal with a stamp": response(integer(2), TOKEN),
    "a grant without a stamp": response(integer(0)),
    "a status of nothing": sequence(sequence(), TOKEN),
    "a status of text": response(utf8_string("0"), TOKEN),
    "version 2": token(info(version=integer(2))),
    "too few parts": token(sequence(integer(1), oid("1.2.3"))),
    "no info": token(b"text"),
    "more behind the info": token(info() + b"\x00"),
    "an imprint of one part": token(info(imprinted=sequence(sequence(oid(SM3))))),
    "an imprint of text": token(info(imprinted=sequence(sequence(oid(SM3)), utf8_string("x")))),
    "a time of the short form": token(info(time=b"\x17\x0d260101000000Z")),
    "a time without a zone": token(info(time=encode_tlv(0x18, b"20260101000000"))),
    "an unknown part": token(info(tail=context(2, null()))),
    "parts out of order": token(info(tail=context(1, null()) + context(0, null()))),
    "an accuracy of text": token(info(tail=sequence(utf8_string("1")))),
    "a negative accuracy": token(info(tail=sequence(integer(-1)))),
    "two accuracies": token(info(tail=sequence(integer(1), integer(1)))),
    "an accuracy of many octets": token(info(tail=sequence(integer(1 << 70)))),
    "an empty binding": token(extra=(attribute(BOUND_V2, sequence()),)),
    "a binding to nothing": token(extra=(attribute(BOUND_V2, sequence(sequence())),)),
    "a binding without a hash": token(extra=(attribute(BOUND_V2, sequence(sequence(sequence(WITH_SM3)))),)),
    "a binding with half a serial": token(extra=(bound(head=WITH_SM3, tail=sequence(integer(1))),)),
    "two bindings": token(extra=(bound(head=WITH_SM3), bound())),
    "bytes behind": TOKEN + b"\x00",
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_no_stamp_is_refused(case: str) -> None:
    with pytest.raises(ParseError):
        parse_token(MALFORMED[case])


@given(st.integers(min_value=0, max_value=8 * len(TOKEN) - 1))
def test_one_turned_bit_never_passes_with_other_facts(bit: int) -> None:
    with contextlib.suppress(InputError):
        read = parse_token(flipped(TOKEN, bit))
        facts = verify_token(read, imprint_of=DATA)
        if facts.outcome is PASSED:
            before = parse_token(TOKEN)
            assert (read.gen_time, read.imprint, read.serial_number) == (
                before.gen_time,
                before.imprint,
                before.serial_number,
            )
            assert facts.certificate == CERTIFICATE


@given(st.binary(max_size=80))
def test_any_octets_are_an_input_error(octets: bytes) -> None:
    for data in (octets, sequence(sequence(integer(0)), octets)):
        with pytest.raises(InputError):
            parse_token(data)


@given(st.binary(max_size=60))
def test_any_octets_inside_give_a_stamp_or_an_input_error(octets: bytes) -> None:
    for data in (token(octets), token(info(tail=octets)), token(extra=(attribute(BOUND_V2, sequence(octets)),))):
        with contextlib.suppress(InputError):
            assert facts_of(data).outcome in Outcome
