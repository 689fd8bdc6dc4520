from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto.der import context, encode_tlv, integer, null, oid, sequence, set_of
from egov_sdk.crypto.oids import GM_DATA, GM_SIGNED_DATA
from egov_sdk.crypto.pem import write_pem
from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.limits import Asn1Limits
from egov_sdk.pki import load_certificates
from egov_sdk.pki.cms import build_signed_data

from .world import authority, key, leaf, root

CHAIN = (leaf(), authority().certificate, root().certificate)
BUNDLE = b"".join(each.to_pem() for each in CHAIN)


def p7b(*parts: bytes) -> bytes:
    """A degenerate message: certificates and no signer."""
    held = context(0, b"".join(parts)) if parts else b""
    body = sequence(integer(1), set_of(), sequence(oid(GM_DATA)), held, set_of())
    return sequence(oid(GM_SIGNED_DATA), context(0, body))


P7B = p7b(*(each.raw for each in CHAIN))


@pytest.mark.parametrize(
    "data",
    [
        BUNDLE,
        b"some words\r\n" + BUNDLE.replace(b"\n", b"\r\n"),
        BUNDLE.replace(b"CERTIFICATE", b"X509 CERTIFICATE"),
        write_pem("PRIVATE KEY", null()) + BUNDLE,
        P7B,
        write_pem("PKCS7", P7B),
        base64.b64encode(P7B),
        b"\x30\x80" + P7B[4:] + b"\x00\x00",
    ],
    ids=["pem", "crlf", "old label", "after a key", "p7b", "p7b as pem", "p7b as base64", "p7b as ber"],
)
def test_all_certificates_of_a_file_come_in_its_order(data: bytes) -> None:
    assert load_certificates(data) == CHAIN


@pytest.mark.parametrize("data", [leaf().raw, base64.b64encode(leaf().raw), base64.encodebytes(leaf().raw)])
def test_one_certificate_may_be_der_or_bare_base64(data: bytes) -> None:
    assert load_certificates(data) == (leaf(),)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (write_pem("PRIVATE KEY", null()), "egov.pki.no_certificate"),
        (p7b(), "egov.pki.no_certificate"),
        (p7b(null()), "egov.pki.no_certificate"),
        (write_pem("CERTIFICATE", null()), "egov.pki.certificate_malformed"),
        (leaf().to_pem()[:-10], "egov.input.pem"),
        (leaf().raw + leaf().raw, "egov.pki.certificate_malformed"),
        (b"", "egov.pki.certificate_malformed"),
        (b"MIIB", "egov.pki.certificate_malformed"),
        (b"M!", "egov.pki.certificate_malformed"),
        (sequence(oid(GM_DATA)), "egov.pki.message_malformed"),
        (sequence(oid(GM_DATA), context(0, null())), "egov.pki.message_malformed"),
    ],
)
def test_a_file_without_a_certificate_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        load_certificates(data)
    assert caught.value.code == code


def test_certificates_of_a_signed_message_are_found_too() -> None:
    message = build_signed_data(key("某某局"), leaf(), content=b"x", certificates=CHAIN[1:])
    assert load_certificates(message) == CHAIN


def test_more_certificates_than_allowed_are_refused() -> None:
    with pytest.raises(LimitExceeded) as caught:
        load_certificates(P7B, limits=Asn1Limits(certificates=2))
    assert caught.value.limit == "certificates"


@given(st.binary(max_size=80))
def test_any_octets_are_an_input_error(octets: bytes) -> None:
    for data in (octets, b"-----BEGIN CERTIFICATE-----\n" + octets, sequence(oid(GM_SIGNED_DATA), context(0, octets))):
        with pytest.raises(InputError):
            load_certificates(data)


@given(st.integers(min_value=0, max_value=len(P7B) - 1))
def test_a_message_cut_short_is_an_input_error(length: int) -> None:
    with pytest.raises(InputError):
        load_certificates(P7B[:length])


def test_a_length_that_promises_too_much_is_refused() -> None:
    with pytest.raises(ParseError):
        load_certificates(encode_tlv(0x30, leaf().raw)[:-1])
