from __future__ import annotations

import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto import sm3
from egov_sdk.crypto.der import (
    bit_string,
    boolean,
    context,
    encode_tlv,
    integer,
    null,
    octet_string,
    oid,
    printable_string,
    sequence,
    set_of,
    utc_time,
    utf8_string,
)
from egov_sdk.crypto.pem import read_pem
from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.limits import Asn1Limits
from egov_sdk.pki import Certificate
from egov_sdk.pki.certificate import CERTIFICATE_LENIENCIES
from egov_sdk.pki.name import Name

from .world import NOW, NULL_PARAMETERS, Draft, authority, extension, flipped, key, leaf, root

CODE = "egov.pki.certificate_malformed"


def test_a_certificate_reads_back_what_was_issued() -> None:
    certificate = leaf()
    assert certificate.subject.text == "CN=某某局,O=测试,C=CN"
    assert certificate.issuer == authority().certificate.subject
    assert certificate.version == 3
    assert certificate.public_key == key("某某局").public_key()
    assert certificate.is_sm2
    assert certificate.signature_algorithm == "1.2.156.10197.1.501"
    assert certificate.key_usage == frozenset({"digitalSignature", "nonRepudiation"})
    assert certificate.extended_key_usage is None
    assert not certificate.is_ca
    assert certificate.path_length is None
    assert certificate.authority_key_id == authority().certificate.subject_key_id
    assert certificate.crl_urls == ("http://crl.example/1.crl",)
    assert certificate.ocsp_urls == ("http://ocsp.example/",)
    assert certificate.fingerprint == sm3(certificate.raw).hex()
    assert certificate.leniencies == ()
    assert certificate.raw.find(certificate.tbs) == 4
    assert certificate.extension("2.5.29.15") is not None
    assert certificate.extension("1.2.3") is None
    assert read_pem(certificate.to_pem())[0].der == certificate.raw
    assert "某某局" in repr(certificate)


def test_equal_octets_are_equal_certificates() -> None:
    one, same = leaf(), Certificate.parse(leaf().raw)
    assert one == same
    assert hash(one) == hash(same)
    assert one != leaf("另一局")
    assert one != one.raw
    assert pickle.loads(pickle.dumps(one)) == one


def test_dates_include_both_ends_and_are_asked_with_a_zone() -> None:
    certificate = leaf()
    assert certificate.covers(certificate.not_before)
    assert certificate.covers(certificate.not_after)
    assert not certificate.covers(datetime(2035, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="aware"):
        certificate.covers(datetime(2026, 6, 1))  # noqa: DTZ001 - the point of the test


def test_a_root_is_self_issued_and_a_ca() -> None:
    certificate = root().certificate
    assert certificate.is_self_issued
    assert certificate.is_ca
    assert certificate.key_usage == frozenset({"keyCertSign", "cRLSign"})
    assert not leaf().is_self_issued


def name_of(*values: bytes, kind: str = "2.5.4.3") -> bytes:
    return sequence(*(set_of(sequence(oid(kind), value)) for value in values))


BAD_ORDER = encode_tlv(0x31, sequence(oid("2.5.4.3"), utf8_string("zz")) + sequence(oid("2.5.4.3"), utf8_string("aa")))

LENIENT: dict[str, list[Draft]] = {
    "basic_constraints_default_written": [Draft(extensions=[extension("2.5.29.19", sequence(boolean(False)))])],
    "critical_default_written": [
        Draft(extensions=[extension("2.5.29.14", octet_string(b"id"), critical=False)]),
        Draft(extensions=[extension("1.2.3.4", b"anything", critical=False)]),
    ],
    "extension_unreadable": [
        Draft(extensions=[extension("2.5.29.31", b"\x30\x03\x02\x01")]),
        Draft(extensions=[extension("2.5.29.35", b"")]),
        Draft(extensions=[extension("2.5.29.14", b"bare octets")]),
        Draft(extensions=[extension("1.3.6.1.5.5.7.1.1", sequence(sequence(null())))]),
    ],
    "extensions_before_v3": [Draft(version=b""), Draft(version=context(0, integer(1)))],
    "key_algorithm_is_curve": [
        Draft(
            public_key_info=sequence(
                sequence(oid("1.2.156.10197.1.301"), oid("1.2.156.10197.1.301")),
                bit_string(b"\x04" + key("draft").public_key().point),
            )
        )
    ],
    "key_usage_padding": [
        Draft(extensions=[extension("2.5.29.15", b"\x03\x02\x00\xc0")]),
        Draft(extensions=[extension("2.5.29.15", b"\x03\x02\x06\xc1")]),
        Draft(extensions=[extension("2.5.29.15", b"\x03\x03\x07\xc0\x00")]),
    ],
    "name_charset": [
        Draft(subject=name_of(encode_tlv(0x13, "某局".encode("gb18030")))),
        Draft(subject=name_of(encode_tlv(0x0C, "某局".encode("gb18030")))),
        Draft(issuer=name_of(encode_tlv(0x16, "某局".encode()))),
        Draft(subject=name_of(encode_tlv(0x1E, b"odd"))),
        Draft(subject=name_of(encode_tlv(0x1C, b"odd"))),
    ],
    "name_not_text": [
        Draft(subject=name_of(octet_string(b"x"))),
        Draft(subject=name_of(integer(1))),
        Draft(subject=sequence(BAD_ORDER, set_of(sequence(oid("2.5.4.3"), integer(1))))),
    ],
    "name_set_order": [Draft(subject=sequence(BAD_ORDER)), Draft(issuer=sequence(BAD_ORDER))],
    "path_length_without_ca": [
        Draft(extensions=[extension("2.5.29.19", sequence(integer(3)))]),
        Draft(extensions=[extension("2.5.29.19", sequence(boolean(False), integer(3)))]),
    ],
    "serial_not_positive": [Draft(serial=integer(0)), Draft(serial=integer(-5))],
    "serial_not_shortest": [Draft(serial=b"\x02\x02\x00\x05"), Draft(serial=b"\x02\x02\xff\x85")],
    "serial_too_long": [Draft(serial=integer(1 << 160)), Draft(serial=integer(-(1 << 168)))],
    "time_form": [
        Draft(not_before=encode_tlv(0x17, b"2601010000Z")),
        Draft(not_after=encode_tlv(0x17, b"270101000000+0800")),
        Draft(not_after=encode_tlv(0x18, b"20270101000000.5Z")),
    ],
    "unique_identifier_as_text": [Draft(subject=name_of(utf8_string("330000"), kind="2.5.4.45"))],
}


def test_every_leniency_has_words_and_a_case() -> None:
    assert LENIENT.keys() == CERTIFICATE_LENIENCIES.keys()
    assert all(text.en and text.zh for text in CERTIFICATE_LENIENCIES.values())


@pytest.mark.parametrize(
    ("code", "draft"),
    [(code, draft) for code, drafts in LENIENT.items() for draft in drafts],
    ids=lambda v: str(v)[:40],
)
def test_a_deviation_is_read_and_named(code: str, draft: Draft) -> None:
    assert code in draft.certificate().leniencies


@pytest.mark.parametrize(
    "draft",
    [
        Draft(),
        Draft(extensions=None),
        Draft(version=b"", extensions=None),
        Draft(inner_algorithm=NULL_PARAMETERS, outer_algorithm=NULL_PARAMETERS),
        Draft(subject=name_of(encode_tlv(0x03, b"\x00\x01"), kind="2.5.4.45")),
        Draft(subject=name_of(encode_tlv(0x14, b"\xe9"), encode_tlv(0x1E, "局".encode("utf-16-be")))),
        Draft(serial=integer(1 << 159 - 1)),
        Draft(not_after=encode_tlv(0x18, b"20600101000000Z")),
        Draft(extensions=[extension("2.5.29.15", b"\x03\x03\x07\x00\x80")]),
        Draft(extensions=[extension("2.5.29.19", sequence())]),
    ],
)
def test_what_is_allowed_is_no_leniency(draft: Draft) -> None:
    assert draft.certificate().leniencies == ()


def test_a_key_under_the_curves_own_number_is_a_key() -> None:
    (draft,) = LENIENT["key_algorithm_is_curve"]
    assert draft.certificate().public_key == key("draft").public_key()


def test_a_deviating_serial_number_is_the_number_it_says() -> None:
    assert Draft(serial=b"\x02\x02\x00\x05").certificate().serial_number == 5
    assert Draft(serial=integer(-5)).certificate().serial_number == -5


def test_bits_that_do_not_count_grant_nothing() -> None:
    padded = Draft(extensions=[extension("2.5.29.15", b"\x03\x02\x06\xff")]).certificate()
    assert padded.key_usage == frozenset({"digitalSignature", "nonRepudiation"})
    all_nine = Draft(extensions=[extension("2.5.29.15", b"\x03\x03\x07\xff\x80")]).certificate()
    assert all_nine.key_usage is not None
    assert len(all_nine.key_usage) == 9
    assert Draft(extensions=[extension("2.5.29.15", b"\x03\x01\x00")]).certificate().key_usage == frozenset()


def test_a_path_length_counts_for_cas_only() -> None:
    ca = Draft(extensions=[extension("2.5.29.19", sequence(boolean(True), integer(2)))]).certificate()
    assert (ca.is_ca, ca.path_length) == (True, 2)
    assert Draft(extensions=[extension("2.5.29.19", sequence(integer(2)))]).certificate().path_length is None


def test_addresses_that_are_no_addresses_are_passed_over() -> None:
    directory = context(4, sequence())
    points = sequence(
        sequence(),
        sequence(context(0, context(1, sequence(oid("2.5.4.3"), utf8_string("x"))))),
        sequence(context(0, context(0, directory + encode_tlv(0x86, b"ldap://x/y")))),
    )
    certificate = Draft(extensions=[extension("2.5.29.31", points)]).certificate()
    assert certificate.crl_urls == ("ldap://x/y",)
    assert certificate.leniencies == ()


REFUSED = {
    "two extensions of a kind": Draft(extensions=[extension("1.2.3", b""), extension("1.2.3", b"")]),
    "other parameters outside than inside": Draft(outer_algorithm=NULL_PARAMETERS),
    "other parameters inside than outside": Draft(inner_algorithm=NULL_PARAMETERS),
    "a signature with bits that do not count": Draft(unused_bits=1),
    "a key under tag 0": Draft(public_key_info=sequence(b"\x00\x00", null())),
    "an algorithm under a long tag": Draft(inner_algorithm=b"\x1f\x81\x01\x00"),
    "an algorithm under tag 0": Draft(outer_algorithm=b"\x00\x00"),
    "another algorithm outside than inside": Draft(outer_algorithm=sequence(oid("1.2.840.10045.4.3.2"))),
    "an algorithm without a number": Draft(inner_algorithm=sequence(), outer_algorithm=sequence()),
    "an algorithm of three parts": Draft(outer_algorithm=sequence(oid("1.2.3"), null(), null())),
    "rights that cannot be read": Draft(extensions=[extension("2.5.29.19", b"\x30\x01")]),
    "rights with more behind": Draft(extensions=[extension("2.5.29.19", sequence() + b"\x00")]),
    "a negative path length": Draft(extensions=[extension("2.5.29.19", sequence(boolean(True), integer(-1)))]),
    "a key usage that is no bit string": Draft(extensions=[extension("2.5.29.15", octet_string(b"\x00"))]),
    "a key usage of nothing": Draft(extensions=[extension("2.5.29.15", b"\x03\x00")]),
    "a key usage with too many unused bits": Draft(extensions=[extension("2.5.29.15", b"\x03\x02\x08\x00")]),
    "a key usage with unused bits of nothing": Draft(extensions=[extension("2.5.29.15", b"\x03\x01\x01")]),
    "a purpose that is no number": Draft(extensions=[extension("2.5.29.37", sequence(null()))]),
    "a version that does not exist": Draft(version=context(0, integer(3))),
    "a negative version": Draft(version=context(0, integer(-2))),
    "a serial number of nothing": Draft(serial=b"\x02\x00"),
    "a serial number that is text": Draft(serial=utf8_string("1")),
    "a date that does not exist": Draft(not_after=encode_tlv(0x17, b"261301000000Z")),
    "a date without a zone": Draft(not_after=encode_tlv(0x17, b"260101000000")),
    "a date that is text": Draft(not_after=printable_string("260101000000Z")),
    "a name that is a set": Draft(subject=set_of()),
    "a name of nonsense": Draft(subject=sequence(sequence())),
    "an issuer of nonsense": Draft(issuer=sequence(set_of(null()))),
    "a key that is text": Draft(public_key_info=utf8_string("x")),
    "a key without its octets": Draft(public_key_info=sequence(sequence(oid("1.2.3")))),
    "something behind the extensions": Draft(tail=null()),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_safely_is_refused(case: str) -> None:
    with pytest.raises(ParseError) as caught:
        REFUSED[case].certificate()
    assert caught.value.code in (CODE, "egov.input.der")
    assert caught.value.message


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x30",
        b"\x30\x00",
        b"\x30\x80\x00\x00",
        b"-----BEGIN CERTIFICATE-----",
        sequence(sequence(), sequence(), b"\x03\x01\x00"),
        sequence(null(), sequence(oid("1.2.3")), b"\x03\x01\x00"),
        leaf().raw + b"\x00",
        leaf().raw[:-1],
    ],
)
def test_octets_that_are_no_certificate_are_refused(octets: bytes) -> None:
    with pytest.raises(ParseError):
        Certificate.parse(octets)


def test_a_signature_that_is_no_bit_string_is_refused() -> None:
    tbs, algorithm = Draft().tbs(), Draft().outer_algorithm
    for signature in (b"\x03\x00", b"\x03\x02\x08\x00", b"\x03\x02\x01\x00", octet_string(b"x"), b"\x00\x00"):
        with pytest.raises(ParseError):
            Certificate.parse(sequence(tbs, algorithm, signature))


def test_a_certificate_larger_than_allowed_is_refused() -> None:
    with pytest.raises(LimitExceeded) as caught:
        Certificate.parse(leaf().raw, limits=Asn1Limits(total_bytes=100))
    assert caught.value.limit == "total_bytes"


def test_a_certificate_is_not_so_long_that_hashing_it_for_each_possible_issuer_would_take_time() -> None:
    huge = Draft(extensions=[extension("1.2.3", bytes(64 << 10))]).der()
    with pytest.raises(LimitExceeded) as caught:
        Certificate.parse(huge)
    assert caught.value.limit == "certificate_bytes"
    assert Certificate.parse(huge, limits=Asn1Limits(certificate_bytes=128 << 10)).raw == huge


def test_a_large_certificate_is_read_like_a_small_one() -> None:
    large = Draft(extensions=[extension("1.2.3", bytes(20_000))])
    assert large.certificate().extensions[0].value == bytes(20_000)


def test_the_place_of_a_mistake_is_named() -> None:
    with pytest.raises(ParseError) as caught:
        Certificate.parse(REFUSED["rights that cannot be read"].der(), where="seal, signer")
    assert caught.value.where.startswith("seal, signer basicConstraints")


P256 = "1.2.840.10045.3.1.7"


def test_a_key_of_another_kind_is_told_by_its_number() -> None:
    info = sequence(sequence(oid("1.2.840.10045.2.1"), oid(P256)), b"\x03\x02\x00\x04")
    certificate = Draft(public_key_info=info).certificate()
    assert not certificate.is_sm2
    assert certificate.public_key_curve == P256
    with pytest.raises(ParseError) as caught:
        _ = certificate.public_key
    assert caught.value.code == "egov.pki.not_an_sm2_key"
    assert caught.value.detail["found"] == P256


@pytest.mark.parametrize("bits", [b"\x00\x04" + b"\x01" * 64, b"\x00", b"\x00\x04", b"\x01\x04" + b"\x00" * 64, b""])
def test_a_key_that_is_no_point_is_an_input_error_only_when_asked_for(bits: bytes) -> None:
    algorithm = sequence(oid("1.2.840.10045.2.1"), oid("1.2.156.10197.1.301"))
    certificate = Draft(public_key_info=sequence(algorithm, encode_tlv(0x03, bits))).certificate()
    with pytest.raises(InputError):
        _ = certificate.public_key


@given(st.integers(min_value=0, max_value=8 * len(leaf().raw) - 1))
def test_one_turned_bit_gives_another_certificate_or_an_input_error(bit: int) -> None:
    octets = flipped(leaf().raw, bit)
    try:
        certificate = Certificate.parse(octets)
        _ = certificate.subject.text, certificate.issuer.text
        _ = certificate.public_key
    except InputError:
        return
    assert certificate != leaf()
    assert certificate.raw == octets


@given(st.integers(min_value=0, max_value=len(leaf().raw) - 1))
def test_a_certificate_cut_short_is_an_input_error(length: int) -> None:
    with pytest.raises(InputError):
        Certificate.parse(leaf().raw[:length])


@given(st.binary(max_size=200))
def test_any_octets_are_an_input_error(octets: bytes) -> None:
    with pytest.raises(InputError):
        Certificate.parse(octets)


@given(
    st.sampled_from(["2.5.29.14", "2.5.29.15", "2.5.29.19", "2.5.29.31", "2.5.29.35", "2.5.29.37"]),
    st.binary(max_size=40),
)
def test_any_octets_in_an_extension_give_a_certificate_or_an_input_error(kind: str, value: bytes) -> None:
    try:
        certificate = Draft(extensions=[extension(kind, value)]).certificate()
    except InputError:
        return
    assert certificate.extensions[0].value == value


@given(st.binary(max_size=40))
def test_any_octets_in_a_name_give_a_certificate_or_an_input_error(octets: bytes) -> None:
    for subject in (sequence(octets), name_of(octets), name_of(encode_tlv(0x13, octets))):
        try:
            certificate = Draft(subject=subject).certificate()
            assert isinstance(certificate.subject.text, str)
        except InputError:
            continue


def test_the_stamp_of_a_name_is_what_was_received() -> None:
    subject = name_of(printable_string("A"))
    assert Draft(subject=subject).certificate().subject == Name(subject)
    assert Draft(not_before=utc_time(NOW)).certificate().not_before == NOW
