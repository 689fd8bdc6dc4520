from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto import SM2PrivateKey, sm3
from egov_sdk.crypto.der import (
    children,
    context,
    encode_tlv,
    integer,
    null,
    octet_string,
    oid,
    printable_string,
    read_one,
    sequence,
    set_of,
    utf8_string,
)
from egov_sdk.crypto.oids import GM_DATA, GM_SIGNED_DATA, PKCS7_DATA, PKCS7_SIGNED_DATA, SHA256, SM2_SIGNING, SM3
from egov_sdk.crypto.signature import der_to_raw
from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.limits import Asn1Limits
from egov_sdk.pki import Certificate
from egov_sdk.pki.cms import (
    DIALECTS,
    MESSAGE_LENIENCIES,
    SignedData,
    SignerFacts,
    build_signed_data,
    parse_signed_data,
    verify_signer,
)
from egov_sdk.report import Outcome

from .world import NOW, Seeded, authority, flipped, key, leaf, root

CONTENT = "关于某事的通知".encode()
KEY = key("某某局")
PASSED, FAILED, UNKNOWN = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN


def signed(*, content: bytes = CONTENT, detached: bool = False, attributes: bool = True, gm_oids: bool = True) -> bytes:
    return build_signed_data(
        KEY,
        leaf(),
        content=content,
        detached=detached,
        attributes=attributes,
        signing_time=NOW if attributes else None,
        gm_oids=gm_oids,
        random=Seeded("message"),
    )


def facts_of(message: bytes, content: bytes | None = None) -> SignerFacts:
    read = parse_signed_data(message)
    return verify_signer(read, read.signers[0], content=content)


class Spoiled:
    """A message by hand, every part of which a test can spoil."""

    def __init__(self) -> None:
        self.version = integer(1)
        self.outer_type = GM_SIGNED_DATA
        self.inner_type = GM_DATA
        self.content: bytes | None = CONTENT
        self.wrapped: bytes | None = None
        self.certificates: tuple[bytes, ...] = (leaf().raw,)
        self.issuer = leaf().issuer.raw
        self.serial = integer(leaf().serial_number)
        self.signer_id: bytes | None = None
        self.digest_algorithm = sequence(oid(SM3))
        self.signature_algorithm = sequence(oid(SM2_SIGNING))
        self.attributes: bytes | None = None
        self.unsigned = b""
        self.tail = b""
        self.signed: Callable[[bytes], bytes] = lambda octets: KEY.sign(octets, random=Seeded("x"))

    def inner(self) -> bytes:
        wrapped = self.wrapped
        if wrapped is None and self.content is not None:
            wrapped = octet_string(self.content)
        return sequence(oid(self.inner_type), context(0, wrapped) if wrapped is not None else b"")

    def signer(self) -> bytes:
        covered = encode_tlv(0x31, self.attributes) if self.attributes is not None else self.content or b""
        return sequence(
            integer(1),
            self.signer_id if self.signer_id is not None else sequence(self.issuer, self.serial),
            self.digest_algorithm,
            context(0, self.attributes) if self.attributes is not None else b"",
            self.signature_algorithm,
            octet_string(self.signed(covered)),
            self.unsigned,
            self.tail,
        )

    def body(self) -> bytes:
        held = context(0, b"".join(self.certificates)) if self.certificates else b""
        return sequence(self.version, set_of(self.digest_algorithm), self.inner(), held, set_of(self.signer()))

    def der(self) -> bytes:
        return sequence(oid(self.outer_type), context(0, self.body()))


def spoiled(**changes: object) -> bytes:
    message = Spoiled()
    for name, value in changes.items():
        assert hasattr(message, name)
        setattr(message, name, value)
    return message.der()


def attribute(kind: str, *values: bytes) -> bytes:
    return sequence(oid(kind), set_of(*values))


TYPE, DIGEST, TIME = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"
GOOD_TYPE = attribute(TYPE, oid(GM_DATA))
GOOD_DIGEST = attribute(DIGEST, octet_string(sm3(CONTENT)))


# what we make


@pytest.mark.parametrize("detached", [False, True])
@pytest.mark.parametrize("attributes", [False, True])
@pytest.mark.parametrize("gm_oids", [False, True])
def test_a_message_that_was_built_verifies(detached: bool, attributes: bool, gm_oids: bool) -> None:
    message = parse_signed_data(signed(detached=detached, attributes=attributes, gm_oids=gm_oids))
    assert message.content == (None if detached else CONTENT)
    assert message.gm_oids is gm_oids
    assert message.content_type == (GM_SIGNED_DATA if gm_oids else PKCS7_SIGNED_DATA)
    assert message.inner_type == (GM_DATA if gm_oids else PKCS7_DATA)
    assert message.certificates == (leaf(),)
    assert message.crls == ()
    assert message.leniencies == ()
    (signer,) = message.signers
    assert signer.signing_time == (NOW if attributes else None)
    assert signer.message_digest == (sm3(CONTENT) if attributes else None)
    facts = verify_signer(message, signer, content=CONTENT)
    assert facts.outcome is PASSED
    assert (facts.form, facts.dialect, facts.leniencies) == ("der", "standard", ())
    assert facts.certificate == leaf()


def test_a_message_checks_out_by_hand() -> None:
    """Raw DER slices and the key alone, without our reader."""
    outer = children(read_one(signed(attributes=False)))
    body = children(children(outer[1])[0])
    content = children(children(body[2])[1])[0].content
    signer = children(children(body[-1])[0])
    assert content == CONTENT
    KEY.public_key().verify(signer[-1].content, content)
    body = children(children(children(read_one(signed()))[1])[0])
    signer = children(children(body[-1])[0])
    KEY.public_key().verify(signer[-1].content, b"\x31" + signer[3].raw[1:])


def test_the_same_random_source_gives_the_same_message() -> None:
    assert signed() == signed()


def test_more_certificates_can_come_along() -> None:
    chain = (authority().certificate, root().certificate)
    message = parse_signed_data(build_signed_data(KEY, leaf(), content=b"x", certificates=(*chain, leaf())))
    assert message.certificates == (leaf(), *chain)


def test_a_certificate_of_another_key_is_not_signed_with() -> None:
    with pytest.raises(ValueError, match="another key"):
        build_signed_data(key("另一局"), leaf(), content=b"x")


def test_a_time_without_attributes_is_refused() -> None:
    with pytest.raises(ValueError, match="attributes"):
        build_signed_data(KEY, leaf(), content=b"x", attributes=False, signing_time=NOW)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        build_signed_data(KEY, leaf(), content=b"x", signing_time=datetime(2026, 1, 1))  # noqa: DTZ001 - the point


# contents


@pytest.mark.parametrize("attributes", [False, True])
def test_other_content_is_told(attributes: bool) -> None:
    facts = facts_of(signed(attributes=attributes), CONTENT + b"!")
    assert (facts.content.outcome, facts.content.reason) == (FAILED, "content_differs")
    assert facts.signature.outcome is PASSED
    assert facts.outcome is FAILED


def test_other_content_of_a_detached_message_is_told() -> None:
    plain = facts_of(signed(detached=True, attributes=False), b"other")
    assert plain.signature.reason == "message_signature_wrong"
    with_attributes = facts_of(signed(detached=True), b"other")
    assert with_attributes.signature.outcome is PASSED
    assert with_attributes.content.reason == "message_digest_wrong"
    assert with_attributes.outcome is FAILED


@pytest.mark.parametrize("attributes", [False, True])
def test_a_detached_message_without_its_content_stays_undecided(attributes: bool) -> None:
    facts = facts_of(signed(detached=True, attributes=attributes))
    assert facts.content.reason == "content_missing"
    assert facts.outcome is UNKNOWN


def test_the_content_may_be_the_digest_of_what_is_signed() -> None:
    file = b"<Signature/>"
    assert facts_of(signed(content=sm3(file), attributes=False), file).outcome is PASSED
    as_text = facts_of(signed(content=base64.b64encode(sm3(file)) + b"\n", attributes=False), file)
    assert as_text.outcome is PASSED
    assert as_text.leniencies == ("content_is_base64_digest",)
    assert facts_of(signed(content=sm3(file), attributes=False), file + b" ").content.reason == "content_differs"


# deviations

LENIENT: dict[str, list[bytes]] = {
    "attributes_not_sorted": [
        spoiled(
            attributes=GOOD_DIGEST + GOOD_TYPE,
            signed=lambda _: KEY.sign(encode_tlv(0x31, GOOD_TYPE + GOOD_DIGEST), random=Seeded("x")),
        )
    ],
    "ber": [
        b"\x30\x80" + spoiled()[4:] + b"\x00\x00",
        spoiled(wrapped=b"\x24\x80" + octet_string(CONTENT[:5]) + octet_string(CONTENT[5:]) + b"\x00\x00"),
        spoiled(wrapped=encode_tlv(0x24, octet_string(CONTENT[:5]) + octet_string(CONTENT[5:]))),
        spoiled(certificates=(b"\x30\x80" + leaf().raw[4:] + b"\x00\x00",)),
    ],
    "certificate_unreadable": [spoiled(certificates=(leaf().raw, context(1, b"\x30\x00")))],
    "content_is_base64_digest": [spoiled(content=base64.b64encode(sm3(CONTENT)))],
    "content_not_octet_string": [spoiled(wrapped=sequence(integer(1)), content=integer(1))],
    "content_type_attribute_missing": [spoiled(attributes=GOOD_DIGEST)],
    "content_type_other_family": [spoiled(attributes=attribute(TYPE, oid(PKCS7_DATA)) + GOOD_DIGEST)],
    "digest_algorithm_is_signature": [
        spoiled(digest_algorithm=sequence(oid("1.2.156.10197.1.501")), attributes=GOOD_TYPE + GOOD_DIGEST)
    ],
    "issuer_written_differently": [
        spoiled(
            issuer=sequence(
                set_of(sequence(oid("2.5.4.6"), printable_string("CN"))),
                set_of(sequence(oid("2.5.4.10"), utf8_string("测试"))),
                set_of(sequence(oid("2.5.4.3"), encode_tlv(0x1E, "签发机构".encode("utf-16-be")))),
            )
        )
    ],
    "signature_algorithm_not_301_1": [
        spoiled(signature_algorithm=sequence(oid("1.2.156.10197.1.501"), null())),
        spoiled(signature_algorithm=sequence(oid("1.2.156.10197.1.301"))),
    ],
    "signature_raw": [spoiled(signed=lambda octets: der_to_raw(KEY.sign(octets, random=Seeded("x"))))],
}


def test_every_leniency_and_dialect_has_words_and_a_case() -> None:
    assert LENIENT.keys() == MESSAGE_LENIENCIES.keys()
    assert all(text.en and text.zh for text in (*MESSAGE_LENIENCIES.values(), *DIALECTS.values()))


@pytest.mark.parametrize(("code", "message"), [(code, each) for code, several in LENIENT.items() for each in several])
def test_a_deviation_is_read_and_named(code: str, message: bytes) -> None:
    content = CONTENT if code == "content_is_base64_digest" else None
    facts = facts_of(message, content)
    assert facts.leniencies == (code,)
    assert facts.outcome is PASSED


def test_a_plain_message_by_hand_has_no_leniency() -> None:
    facts = facts_of(spoiled())
    assert (facts.outcome, facts.leniencies) == (PASSED, ())


def test_a_signer_may_be_named_by_its_key() -> None:
    key_id = leaf().subject_key_id
    assert key_id is not None
    named = spoiled(signer_id=context(0, key_id, constructed=False))
    assert facts_of(named).outcome is PASSED
    stranger = spoiled(signer_id=context(0, b"\x00" * 20, constructed=False))
    assert facts_of(stranger).signature.reason == "signer_not_found"


def _without_z(octets: bytes) -> bytes:
    from egov_sdk.crypto.signature import raw_to_der

    return raw_to_der(KEY.sign_digest(sm3(octets), random=Seeded("x")))


@pytest.mark.parametrize(
    ("dialect", "message"),
    [
        ("sm3_without_z", spoiled(signed=_without_z)),
        ("sm3_without_z_of_content_info", spoiled(signed=lambda _: _without_z(Spoiled().inner()))),
    ],
)
def test_a_signature_without_z_is_named_and_passes_only_when_asked_for(dialect: str, message: bytes) -> None:
    facts = facts_of(message)
    assert (facts.signature.outcome, facts.signature.reason) == (FAILED, "dialect_not_accepted")
    assert facts.dialect == dialect
    read = parse_signed_data(message)
    assert verify_signer(read, read.signers[0], accept=frozenset({dialect})).outcome is PASSED


def test_an_unknown_dialect_cannot_be_accepted() -> None:
    read = parse_signed_data(signed())
    with pytest.raises(ValueError, match="unknown dialects"):
        verify_signer(read, read.signers[0], accept=frozenset({"any"}))


def test_a_signature_without_z_over_attributes_is_wrong() -> None:
    message = spoiled(attributes=GOOD_TYPE + GOOD_DIGEST, signed=_without_z)
    assert facts_of(message).signature.reason == "message_signature_wrong"


# must not pass


def test_signed_attributes_passed_off_as_content_are_caught() -> None:
    """The signature over the attributes of one message is good for another with those as its content."""
    honest = parse_signed_data(signed())
    (signer,) = honest.signers
    assert signer.signed_attributes_der is not None
    forged = spoiled(content=signer.signed_attributes_der, signed=lambda _: signer.signature)
    facts = facts_of(forged)
    assert (facts.signature.outcome, facts.signature.reason) == (FAILED, "attributes_as_content")


def test_content_that_only_begins_like_a_set_is_content() -> None:
    for content in (b"1 is a number", set_of(), set_of(attribute(TIME, null())), set_of(null())):
        assert facts_of(spoiled(content=content)).outcome is PASSED


WRONG = {
    "signed by another key": (spoiled(signed=key("另一局").sign), "message_signature_wrong"),
    "signed under another name": (
        spoiled(signed=lambda octets: KEY.sign(octets, signer_id=b"someone")),
        "message_signature_wrong",
    ),
    "a signature that is none": (spoiled(signed=lambda _: b"none"), "message_signature_wrong"),
    "an empty signature": (spoiled(signed=lambda _: b""), "message_signature_wrong"),
    "sixty-four zeros": (spoiled(signed=lambda _: bytes(64)), "message_signature_wrong"),
    "a signature with something behind": (
        spoiled(signed=lambda octets: KEY.sign(octets) + b"\x00"),
        "message_signature_wrong",
    ),
    "another algorithm": (
        spoiled(signature_algorithm=sequence(oid("1.2.840.10045.4.3.2"))),
        "message_algorithm_not_supported",
    ),
    "no certificate": (spoiled(certificates=()), "signer_not_found"),
    "another certificate": (spoiled(certificates=(leaf("另一局").raw,)), "signer_not_found"),
    "another serial number": (spoiled(serial=integer(leaf().serial_number + 1)), "signer_not_found"),
    "another issuer": (spoiled(issuer=root().certificate.subject.raw), "signer_not_found"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_signature_does_not_pass(case: str) -> None:
    message, reason = WRONG[case]
    facts = facts_of(message)
    assert facts.signature.reason == reason
    assert facts.signature.outcome is (FAILED if reason == "message_signature_wrong" else UNKNOWN)
    assert facts.outcome is not PASSED
    assert facts.dialect is None


BAD_ATTRIBUTES = {
    "no digest": (GOOD_TYPE, FAILED, "message_digest_missing"),
    "a wrong digest": (GOOD_TYPE + attribute(DIGEST, octet_string(bytes(32))), FAILED, "message_digest_wrong"),
    "a short digest": (
        GOOD_TYPE + attribute(DIGEST, octet_string(sm3(CONTENT)[:31])),
        FAILED,
        "message_digest_wrong",
    ),
    "another content type": (attribute(TYPE, oid("1.2.3")) + GOOD_DIGEST, FAILED, "content_type_wrong"),
}


@pytest.mark.parametrize("case", BAD_ATTRIBUTES)
def test_attributes_that_do_not_fit_the_content_do_not_pass(case: str) -> None:
    attributes, outcome, reason = BAD_ATTRIBUTES[case]
    facts = facts_of(spoiled(attributes=attributes))
    assert facts.signature.outcome is PASSED
    assert (facts.content.outcome, facts.content.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("algorithm", "outcome", "reason"),
    [
        ("1.3.14.3.2.26", FAILED, "message_weak_algorithm"),
        ("1.2.840.113549.2.5", FAILED, "message_weak_algorithm"),
        ("1.2.3.4", UNKNOWN, "message_algorithm_not_supported"),
        (SHA256, FAILED, "message_digest_wrong"),
    ],
)
def test_another_digest_algorithm_does_not_pass(algorithm: str, outcome: Outcome, reason: str) -> None:
    message = spoiled(attributes=GOOD_TYPE + GOOD_DIGEST, digest_algorithm=sequence(oid(algorithm)))
    assert (facts_of(message).content.outcome, facts_of(message).content.reason) == (outcome, reason)


def test_of_two_certificates_with_one_serial_number_the_right_key_is_found() -> None:
    impostor = replace(leaf(), raw=leaf().raw + b"?", public_key_info=leaf("另一局").public_key_info)
    message = parse_signed_data(spoiled(certificates=()))
    found = verify_signer(message, message.signers[0], certificates=(impostor, leaf()))
    assert (found.certificate, found.signature.outcome) == (leaf(), PASSED)
    both = verify_signer(message, message.signers[0], certificates=(impostor, replace(impostor, raw=b"another")))
    assert (both.certificate, both.signature.outcome) == (impostor, FAILED)
    alone = verify_signer(message, message.signers[0], certificates=(impostor,))
    assert (alone.certificate, alone.signature.outcome) == (impostor, FAILED)


def test_a_key_that_is_no_point_leaves_the_signature_undecided() -> None:
    broken = replace(leaf(), public_key_info=leaf().public_key_info[:-1] + bytes((leaf().public_key_info[-1] ^ 1,)))
    message = parse_signed_data(spoiled(certificates=()))
    facts = verify_signer(message, message.signers[0], certificates=(broken,))
    assert facts.signature.reason == "signer_key_unreadable"
    assert facts.outcome is UNKNOWN


# RSA and ECDSA


def _classic(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "classic")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW.replace(year=2030))
        .sign(private, hashes.SHA256())
    )
    return Certificate.parse(built.public_bytes(Encoding.DER))


RSA_KEY = rsa.generate_private_key(65537, 2048)
SMALL_RSA_KEY = rsa.generate_private_key(65537, 1024)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_SHA256, RSA_PLAIN, ECDSA_SHA256 = "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1", "1.2.840.10045.4.3.2"


def classic_message(
    certificate: Certificate, algorithm: str, signed: Callable[[bytes], bytes], digest: str = SHA256
) -> SignerFacts:
    return facts_of(
        spoiled(
            certificates=(certificate.raw,),
            issuer=certificate.issuer.raw,
            serial=integer(certificate.serial_number),
            digest_algorithm=sequence(oid(digest), null()),
            signature_algorithm=sequence(oid(algorithm)),
            signed=signed,
        )
    )


def by_rsa(octets: bytes) -> bytes:
    return RSA_KEY.sign(octets, padding.PKCS1v15(), hashes.SHA256())


def by_ec(octets: bytes) -> bytes:
    return EC_KEY.sign(octets, ec.ECDSA(hashes.SHA256()))


def test_an_rsa_key_that_cannot_be_read_leaves_the_signature_undecided() -> None:
    good = _classic(RSA_KEY)
    broken = replace(
        good, public_key_info=good.public_key_info.replace(b"\x02\x03\x01\x00\x01", b"\x02\x03\x00\x00\x02")
    )
    message = parse_signed_data(
        spoiled(
            certificates=(),
            issuer=good.issuer.raw,
            serial=integer(7),
            signature_algorithm=sequence(oid(RSA_SHA256)),
            signed=by_rsa,
        )
    )
    facts = verify_signer(message, message.signers[0], certificates=(broken,))
    assert facts.signature.reason == "signer_key_unreadable"
    assert facts.outcome is UNKNOWN


def test_rsa_and_ecdsa_signers_are_checked_too() -> None:
    assert classic_message(_classic(RSA_KEY), RSA_SHA256, by_rsa).outcome is PASSED
    assert classic_message(_classic(RSA_KEY), RSA_PLAIN, by_rsa).outcome is PASSED
    assert classic_message(_classic(EC_KEY), ECDSA_SHA256, by_ec).outcome is PASSED


@pytest.mark.parametrize(
    ("facts", "outcome", "reason"),
    [
        (classic_message(_classic(RSA_KEY), RSA_SHA256, lambda o: by_rsa(o + b"!")), FAILED, "message_signature_wrong"),
        (classic_message(_classic(EC_KEY), ECDSA_SHA256, by_rsa), FAILED, "message_signature_wrong"),
        (classic_message(_classic(EC_KEY), RSA_SHA256, by_rsa), FAILED, "message_signature_wrong"),
        (classic_message(_classic(RSA_KEY), "1.2.3", by_rsa), UNKNOWN, "message_algorithm_not_supported"),
        (classic_message(_classic(RSA_KEY), "1.2.840.113549.1.1.5", by_rsa), FAILED, "message_weak_algorithm"),
        (classic_message(_classic(RSA_KEY), RSA_PLAIN, by_rsa, "1.3.14.3.2.26"), FAILED, "message_weak_algorithm"),
        (classic_message(_classic(SMALL_RSA_KEY), RSA_SHA256, by_rsa), FAILED, "message_weak_algorithm"),
    ],
)
def test_rsa_and_ecdsa_signatures_that_are_wrong_do_not_pass(facts: SignerFacts, outcome: Outcome, reason: str) -> None:
    assert (facts.signature.outcome, facts.signature.reason) == (outcome, reason)


# malformed

MALFORMED = {
    "another content type": spoiled(outer_type=GM_DATA),
    "no content": sequence(oid(GM_SIGNED_DATA)),
    "two contents": sequence(oid(GM_SIGNED_DATA), context(0, Spoiled().body() + Spoiled().body())),
    "three parts": sequence(oid(GM_SIGNED_DATA), context(0, Spoiled().body()), null()),
    "content that is bare": sequence(oid(GM_SIGNED_DATA), Spoiled().body()),
    "an inner type that is no number": spoiled(inner_type="1.2", wrapped=b"\x04\x05"),
    "two inner contents": spoiled(wrapped=octet_string(b"a") + octet_string(b"b")),
    "an inner content of nothing": spoiled(wrapped=b""),
    "a version that is text": spoiled(version=utf8_string("1")),
    "a signer with more behind": spoiled(tail=null()),
    "a signer with a short name": spoiled(signer_id=sequence(leaf().issuer.raw)),
    "a signer named by nonsense": spoiled(signer_id=sequence(null(), integer(1))),
    "a signer named by a broken name": spoiled(signer_id=sequence(sequence(null()), integer(1))),
    "two digests": spoiled(attributes=GOOD_DIGEST + GOOD_DIGEST),
    "a digest of two values": spoiled(attributes=attribute(DIGEST, octet_string(b"a"), octet_string(b"b"))),
    "a digest that is text": spoiled(attributes=attribute(DIGEST, utf8_string("a"))),
    "a time that is none": spoiled(attributes=attribute(TIME, utf8_string("now"))),
    "two types": spoiled(attributes=GOOD_TYPE + GOOD_TYPE),
    "attributes that are none": spoiled(attributes=null()),
    "an attribute of one part": spoiled(attributes=sequence(oid(TYPE))),
    "unsigned attributes that are none": spoiled(unsigned=context(1, null())),
    "an algorithm that is none": spoiled(signature_algorithm=sequence(utf8_string("sm2"))),
    "bytes behind": spoiled() + b"\x00",
    "no signers": sequence(
        oid(GM_SIGNED_DATA),
        context(0, sequence(integer(1), set_of(), sequence(oid(GM_DATA)), context(0, leaf().raw))),
    ),
    "pieces that are none": spoiled(wrapped=encode_tlv(0x24, utf8_string("x"))),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_no_signed_message_is_refused(case: str) -> None:
    with pytest.raises(ParseError):
        parse_signed_data(MALFORMED[case])


def test_unsigned_attributes_and_lists_are_kept_as_they_are() -> None:
    crl = root().crl(at=NOW)
    body = sequence(
        integer(1),
        set_of(),
        sequence(oid(GM_DATA)),
        context(0, leaf().raw),
        context(1, crl),
        set_of(Spoiled().signer()),
    )
    message = parse_signed_data(sequence(oid(GM_SIGNED_DATA), context(0, body)))
    assert message.crls == (crl,)
    message = parse_signed_data(spoiled(unsigned=context(1, attribute("1.2.3", null()))))
    assert message.signers[0].unsigned_attributes[0].oid == "1.2.3"
    assert message.signers[0].unsigned_attributes[0].values == (null(),)


def test_too_many_certificates_or_signers_are_refused() -> None:
    with pytest.raises(LimitExceeded):
        parse_signed_data(spoiled(certificates=(leaf().raw,) * 65))
    signers = encode_tlv(0x31, Spoiled().signer() * 65)
    body = sequence(integer(1), set_of(), sequence(oid(GM_DATA)), signers)
    with pytest.raises(LimitExceeded):
        parse_signed_data(sequence(oid(GM_SIGNED_DATA), context(0, body)))
    with pytest.raises(LimitExceeded):
        parse_signed_data(signed(), limits=Asn1Limits(total_bytes=50))
    with pytest.raises(LimitExceeded):
        parse_signed_data(b"\x30\x80" + signed()[4:] + b"\x00\x00", limits=Asn1Limits(depth=3))


def _whole(octets: bytes) -> SignedData | None:
    with contextlib.suppress(InputError):
        return parse_signed_data(octets)
    return None


@pytest.mark.parametrize("original", [signed(), signed(attributes=False), signed(detached=True)])
@given(data=st.data())
def test_one_turned_bit_never_passes_for_the_same_content_and_certificate(original: bytes, data: st.DataObject) -> None:
    bit = data.draw(st.integers(min_value=0, max_value=8 * len(original) - 1))
    message = _whole(flipped(original, bit))
    if message is None:
        return
    before = parse_signed_data(original)
    for signer in message.signers:
        facts = verify_signer(message, signer, content=CONTENT)
        if facts.outcome is PASSED:
            # what may be turned: the certificate (its own signature tells), types and versions around
            assert facts.dialect == "standard"
            assert signer.signature == before.signers[0].signature
            assert signer.signed_attributes_der == before.signers[0].signed_attributes_der
            assert message.content == before.content


@given(st.integers(min_value=0, max_value=len(signed()) - 1))
def test_a_message_cut_short_is_an_input_error(length: int) -> None:
    with pytest.raises(InputError):
        parse_signed_data(signed()[:length])


@given(st.binary(max_size=120))
def test_any_octets_are_an_input_error(octets: bytes) -> None:
    for message in (octets, sequence(oid(GM_SIGNED_DATA), context(0, octets)), sequence(oid(GM_SIGNED_DATA), octets)):
        with pytest.raises(InputError):
            parse_signed_data(message)


def test_a_signer_from_elsewhere_signs_too() -> None:
    """Whoever keeps the key outside of this process gives only public_key and sign_digest."""

    class Token:
        def __init__(self, held: SM2PrivateKey) -> None:
            self._held = held

        def public_key(self) -> object:
            return self._held.public_key()

        def sign_digest(self, digest: bytes) -> bytes:
            return self._held.sign_digest(digest)

    message = build_signed_data(Token(KEY), leaf(), content=CONTENT)  # type: ignore[arg-type]  # structural on purpose
    assert facts_of(message).outcome is PASSED
