from __future__ import annotations

import contextlib

import pytest
from cryptography.x509 import ocsp as theirs
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto.der import (
    bit_string,
    context,
    encode_tlv,
    generalized_time,
    integer,
    null,
    octet_string,
    oid,
    sequence,
    utf8_string,
)
from egov_sdk.crypto.oids import SHA1, SHA256, SM3
from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.limits import Asn1Limits
from egov_sdk.pki.local_ca import Revoked
from egov_sdk.pki.ocsp import OcspResponse, build_ocsp_request

from .world import DAY, NO_PARAMETERS, NOW, authority, flipped, key, leaf, root

GONE = Revoked(leaf("另一局").serial_number, NOW - DAY, "superseded")
RESPONSE = authority().ocsp_response([leaf(), leaf("另一局")], at=NOW, revoked=[GONE])
BY_RESPONDER = authority().ocsp_response([leaf()], at=NOW, responder=(leaf("答复者", kind="ocsp"), key("答复者")))


def test_a_response_reads_back_what_was_said() -> None:
    response = OcspResponse.parse(RESPONSE)
    good, revoked = response.statuses
    assert (good.state, good.revoked_at, good.cause) == ("good", None, "")
    assert (revoked.state, revoked.revoked_at, revoked.cause) == ("revoked", NOW - DAY, "superseded")
    assert (good.this_update, good.next_update) == (NOW, NOW + 7 * DAY)
    assert good.is_about(leaf(), authority().certificate)
    assert not good.is_about(leaf("另一局"), authority().certificate)
    assert not good.is_about(leaf(), root().certificate)
    assert response.produced_at == NOW
    assert response.is_by(authority().certificate)
    assert not response.is_by(root().certificate)
    assert response.certificates == ()
    assert "2 certificates" in repr(response)


def test_a_responder_of_its_own_comes_along() -> None:
    response = OcspResponse.parse(BY_RESPONDER)
    assert response.certificates == (leaf("答复者", kind="ocsp"),)
    assert response.is_by(leaf("答复者", kind="ocsp"))


def test_another_library_reads_the_response_and_the_request_alike() -> None:
    read = theirs.load_der_ocsp_response(authority().ocsp_response([leaf()], at=NOW, revoked=[]))
    assert read.certificate_status is theirs.OCSPCertStatus.GOOD
    assert read.serial_number == leaf().serial_number
    request = theirs.load_der_ocsp_request(build_ocsp_request(leaf(), authority().certificate))
    assert request.serial_number == leaf().serial_number


@pytest.mark.parametrize("algorithm", [SHA1, SHA256, SM3])
def test_certificates_are_named_by_any_known_hash(algorithm: str) -> None:
    response = OcspResponse.parse(authority().ocsp_response([leaf()], at=NOW, hash_algorithm=algorithm))
    assert response.statuses[0].is_about(leaf(), authority().certificate)


def test_an_unknown_hash_is_refused_in_a_request() -> None:
    with pytest.raises(ValueError, match="hash_algorithm"):
        build_ocsp_request(leaf(), authority().certificate, hash_algorithm="1.2.3")


def single(
    *, algorithm: str = SHA1, status: bytes = b"\x80\x00", serial: bytes | None = None, extensions: bytes = b""
) -> bytes:
    named = sequence(
        sequence(oid(algorithm)), octet_string(b"n"), octet_string(b"k"), serial if serial is not None else integer(1)
    )
    return sequence(named, status, generalized_time(NOW), extensions)


def response(
    *singles: bytes,
    responder: bytes | None = None,
    certificates: bytes = b"",
    extensions: bytes = b"",
    kind: str = "1.3.6.1.5.5.7.48.1.1",
    status: bytes = b"\x0a\x01\x00",
) -> bytes:
    data = sequence(
        responder if responder is not None else context(1, leaf().subject.raw),
        generalized_time(NOW),
        sequence(*singles),
        extensions,
    )
    basic = sequence(data, NO_PARAMETERS, bit_string(b"signature"), certificates)
    return sequence(status, context(0, sequence(oid(kind), octet_string(basic))))


def test_a_status_of_an_unknown_hash_is_about_nobody() -> None:
    (status,) = OcspResponse.parse(response(single(algorithm="1.2.3"))).statuses
    assert not status.is_about(leaf(), authority().certificate)


def test_a_responder_may_be_named_by_its_key() -> None:
    by_key = OcspResponse.parse(response(single(), responder=context(2, octet_string(b"h" * 20))))
    assert by_key.responder_key_hash == b"h" * 20
    assert not by_key.is_by(leaf())


def test_critical_extensions_are_not_understood() -> None:
    critical = context(1, sequence(sequence(oid("1.2.3"), b"\x01\x01\xff", octet_string(b""))))
    harmless = context(1, sequence(sequence(oid("1.2.3"), octet_string(b""))))
    assert not OcspResponse.parse(response(single(), extensions=critical)).understood
    assert not OcspResponse.parse(response(single(extensions=critical))).statuses[0].understood
    assert OcspResponse.parse(response(single(extensions=harmless), extensions=harmless)).understood


MALFORMED = {
    "nothing": b"",
    "an error instead": sequence(b"\x0a\x01\x03"),
    "an error with a response": response(single(), status=b"\x0a\x01\x06"),
    "a status of text": response(single(), status=utf8_string("0")),
    "another kind of response": response(single(), kind="1.2.3"),
    "a state of its own": response(single(status=b"\x83\x00")),
    "a revocation without a time": response(single(status=b"\xa1\x00")),
    "a revocation at nonsense": response(single(status=context(1, utf8_string("now")))),
    "a reason of nonsense": response(single(status=context(1, generalized_time(NOW) + context(0, null())))),
    "a serial number of text": response(single(serial=utf8_string("1"))),
    "a responder of nonsense": response(single(), responder=context(1, null())),
    "a responder of another kind": response(single(), responder=context(3, octet_string(b""))),
    "a certificate of nonsense": response(single(), certificates=context(0, sequence(null()))),
    "bytes behind": RESPONSE + b"\x00",
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_no_response_is_refused(case: str) -> None:
    with pytest.raises(ParseError):
        OcspResponse.parse(MALFORMED[case])


def test_a_response_larger_than_allowed_is_refused() -> None:
    with pytest.raises(LimitExceeded):
        OcspResponse.parse(RESPONSE, limits=Asn1Limits(total_bytes=100))
    with pytest.raises(LimitExceeded):
        OcspResponse.parse(BY_RESPONDER, limits=Asn1Limits(certificates=0))


@given(st.integers(min_value=0, max_value=8 * len(RESPONSE) - 1))
def test_one_turned_bit_gives_a_response_or_an_input_error(bit: int) -> None:
    with contextlib.suppress(InputError):
        for status in OcspResponse.parse(flipped(RESPONSE, bit)).statuses:
            assert status.state in ("good", "revoked", "unknown")


@given(st.binary(max_size=100))
def test_any_octets_are_an_input_error(octets: bytes) -> None:
    wrapped = sequence(b"\x0a\x01\x00", context(0, sequence(oid("1.3.6.1.5.5.7.48.1.1"), octet_string(octets))))
    for data in (octets, wrapped, sequence(encode_tlv(0x0A, octets))):
        with pytest.raises(InputError):
            OcspResponse.parse(data)
