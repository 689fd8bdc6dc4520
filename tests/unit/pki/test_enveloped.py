from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto import SM2PrivateKey, load_private_key
from egov_sdk.crypto.ciphertext import CiphertextForm
from egov_sdk.crypto.der import context, encode_tlv, integer, null, octet_string, oid, sequence, set_of, utf8_string
from egov_sdk.crypto.oids import (
    GM_DATA,
    GM_ENVELOPED_DATA,
    GM_SIGNED_AND_ENVELOPED_DATA,
    GM_SIGNED_DATA,
    SM2_ENCRYPTION,
    SM2_SIGNING,
    SM3,
    SM4,
    SM4_CBC,
    SM4_ECB,
)
from egov_sdk.crypto.pem import read_pem
from egov_sdk.crypto.sm4 import sm4_cbc_encrypt, sm4_ecb_encrypt
from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.limits import Asn1Limits
from egov_sdk.pki import load_certificates
from egov_sdk.pki.cms import verify_signer
from egov_sdk.pki.enveloped import ENVELOPE_LENIENCIES, open_enveloped, parse_enveloped
from egov_sdk.report import Outcome
from tests.interop_data import interop

from .world import Seeded, flipped, key, leaf

CONTENT = b"an encryption key for an office."
CONTENT_KEY, IV = b"k" * 16, b"i" * 16
KEY = key("某某局")


def recipient(
    *,
    named: bytes | None = None,
    algorithm: str = SM2_ENCRYPTION,
    form: CiphertextForm = "der",
    content_key: bytes = CONTENT_KEY,
    to: SM2PrivateKey = KEY,
) -> bytes:
    identifier = sequence(leaf().issuer.raw, integer(leaf().serial_number)) if named is None else named
    encrypted = to.public_key().encrypt(content_key, form=form, random=Seeded("envelope"))
    return sequence(integer(1), identifier, sequence(oid(algorithm)), octet_string(encrypted))


CBC = sequence(oid(SM4_CBC), octet_string(IV))
SECRET = sm4_cbc_encrypt(CONTENT_KEY, IV, CONTENT)


def envelope(
    *recipients: bytes,
    cipher: bytes = CBC,
    secret: bytes | None = None,
    kind: str = GM_ENVELOPED_DATA,
    middle: bytes = b"",
    tail: bytes = b"",
) -> bytes:
    held = context(0, SECRET, constructed=False) if secret is None else secret
    content = sequence(oid(GM_DATA), cipher, held)
    people = encode_tlv(0x31, b"".join(recipients or (recipient(),)))
    return sequence(oid(kind), context(0, sequence(integer(1), people, middle, content, tail)))


def signer_info(content: bytes = CONTENT) -> bytes:
    return sequence(
        integer(1),
        sequence(leaf().issuer.raw, integer(leaf().serial_number)),
        sequence(oid(SM3)),
        sequence(oid(SM2_SIGNING)),
        octet_string(KEY.sign(content, random=Seeded("inside"))),
    )


def signed_envelope(*, tail: bytes | None = None) -> bytes:
    end = context(0, leaf().raw) + context(1, null()) + set_of(signer_info())
    return envelope(
        kind=GM_SIGNED_AND_ENVELOPED_DATA, middle=set_of(sequence(oid(SM3))), tail=end if tail is None else tail
    )


def test_an_envelope_opens_with_the_recipients_key() -> None:
    message = parse_enveloped(envelope())
    (person,) = message.recipients
    assert person.names(leaf())
    assert not person.names(leaf("另一局"))
    assert (message.inner_type, message.cipher, message.iv) == (GM_DATA, SM4_CBC, IV)
    assert (message.certificates, message.signers, message.leniencies) == ((), (), ())
    assert open_enveloped(message, KEY) == CONTENT
    assert open_enveloped(message, KEY, certificate=leaf()) == CONTENT


@pytest.mark.parametrize("form", ["der", "c1c3c2", "c1c2c3", "c1c3c2-bare", "c1c2c3-bare"])
def test_the_key_inside_may_be_in_any_order(form: CiphertextForm) -> None:
    assert open_enveloped(parse_enveloped(envelope(recipient(form=form))), KEY) == CONTENT


@pytest.mark.parametrize(
    ("cipher", "secret", "content"),
    [
        (sequence(oid(SM4), octet_string(IV)), SECRET, CONTENT),
        (sequence(oid(SM4)), sm4_ecb_encrypt(CONTENT_KEY, CONTENT), CONTENT),
        (sequence(oid(SM4_ECB), null()), sm4_ecb_encrypt(CONTENT_KEY, CONTENT), CONTENT),
    ],
)
def test_the_content_may_be_in_any_mode_that_was_seen(cipher: bytes, secret: bytes, content: bytes) -> None:
    message = parse_enveloped(envelope(cipher=cipher, secret=context(0, secret, constructed=False)))
    assert open_enveloped(message, KEY) == content


def test_a_recipient_among_several_finds_its_own() -> None:
    several = envelope(recipient(to=key("另一局"), named=sequence(leaf().issuer.raw, integer(3))), recipient())
    assert open_enveloped(parse_enveloped(several), KEY) == CONTENT
    assert open_enveloped(parse_enveloped(several), key("另一局")) == CONTENT
    with pytest.raises(ParseError):
        open_enveloped(parse_enveloped(several), key("另一局"), certificate=leaf())


def test_of_more_recipients_than_anybody_has_none_is_tried() -> None:
    other = recipient(named=sequence(leaf("另一局").issuer.raw, integer(7)), to=key("另一局"))
    message = parse_enveloped(envelope(*[other] * 65, recipient()))
    assert open_enveloped(message, KEY, certificate=leaf()) == CONTENT
    with pytest.raises(LimitExceeded, match="66 recipients"):
        open_enveloped(message, KEY)
    twins = parse_enveloped(envelope(*[recipient(to=key("另一局"))] * 65))
    with pytest.raises(LimitExceeded, match="65 recipients"):
        open_enveloped(twins, KEY, certificate=leaf())
    assert open_enveloped(message, KEY, limits=Asn1Limits(certificates=66)) == CONTENT


def test_a_recipient_may_be_named_by_its_key() -> None:
    key_id = leaf().subject_key_id
    assert key_id is not None
    (person,) = parse_enveloped(envelope(recipient(named=context(0, key_id, constructed=False)))).recipients
    assert person.names(leaf())
    assert not person.names(leaf("另一局"))


def test_what_was_signed_inside_verifies() -> None:
    message = parse_enveloped(signed_envelope())
    content = open_enveloped(message, KEY)
    inside = message.signed(content)
    facts = verify_signer(inside, inside.signers[0], content=CONTENT)
    assert (facts.outcome, facts.certificate, facts.leniencies) == (Outcome.PASSED, leaf(), ())
    other = message.signed(content + b"!")
    assert verify_signer(other, other.signers[0]).outcome is Outcome.FAILED


LENIENT = {
    "ber": b"\x30\x80" + envelope()[4:] + b"\x00\x00",
    "certificate_unreadable": signed_envelope(tail=context(0, null()) + set_of(signer_info())),
    "cipher_without_mode": envelope(cipher=sequence(oid(SM4), octet_string(IV))),
    "key_algorithm_not_301_3": envelope(recipient(algorithm="1.2.156.10197.1.301.2")),
    "recipient_issuer_empty": envelope(recipient(named=sequence(sequence(), integer(leaf().serial_number)))),
}


def test_every_leniency_has_words_and_a_case() -> None:
    assert LENIENT.keys() == ENVELOPE_LENIENCIES.keys()


@pytest.mark.parametrize("code", LENIENT)
def test_a_deviation_is_read_and_named(code: str) -> None:
    message = parse_enveloped(LENIENT[code])
    assert message.leniencies == (code,)
    assert open_enveloped(message, KEY) == CONTENT


def test_content_in_pieces_is_put_together() -> None:
    pieces = encode_tlv(0xA0, octet_string(SECRET[:7]) + octet_string(SECRET[7:]))
    assert open_enveloped(parse_enveloped(envelope(secret=pieces)), KEY) == CONTENT


def test_two_zero_octets_may_stand_for_a_name() -> None:
    odd = envelope(recipient(named=encode_tlv(0x30, b"\x00\x00" + integer(leaf().serial_number))))
    message = parse_enveloped(odd)
    assert message.recipients[0].names(leaf())
    assert message.leniencies == ("recipient_issuer_empty",)


CLOSED = {
    "another key": (envelope(), key("另一局")),
    "a changed key": (envelope(recipient(content_key=b"K" * 16)), KEY),
    "a short key": (envelope(recipient(content_key=b"short")), KEY),
    "content cut short": (envelope(secret=context(0, SECRET[:-1], constructed=False)), KEY),
    "no content": (envelope(secret=context(0, b"", constructed=False)), KEY),
    "half a block": (envelope(cipher=sequence(oid(SM4)), secret=context(0, b"half", constructed=False)), KEY),
    "a short start": (envelope(cipher=sequence(oid(SM4_CBC), octet_string(b"short"))), KEY),
}


@pytest.mark.parametrize("case", CLOSED)
def test_what_cannot_be_opened_fails_in_one_way(case: str) -> None:
    data, private = CLOSED[case]
    with pytest.raises(ParseError) as caught:
        open_enveloped(parse_enveloped(data), private)
    assert caught.value.code == "egov.pki.cannot_open"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "cipher", [sequence(oid("1.2.3")), sequence(oid(SM4_CBC)), sequence(oid(SM4_ECB), octet_string(IV))]
)
def test_an_unknown_cipher_is_named(cipher: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        open_enveloped(parse_enveloped(envelope(cipher=cipher)), KEY)
    assert caught.value.code == "egov.pki.cipher_unknown"


MALFORMED = {
    "nothing": b"",
    "a signed message": envelope(kind=GM_SIGNED_DATA),
    "two contents": sequence(oid(GM_ENVELOPED_DATA), context(0, sequence() + sequence())),
    "more behind": envelope(tail=null()),
    "a recipient of three parts": envelope(sequence(integer(1), sequence(), sequence())),
    "a recipient of five parts": envelope(sequence(integer(1), sequence(), sequence(), null(), null())),
    "a recipient of text": envelope(utf8_string("me")),
    "a name of zeros alone": envelope(recipient(named=b"\x30\x02\x00\x00")),
    "content of another type": envelope(secret=octet_string(SECRET)),
    "pieces of another type": envelope(secret=encode_tlv(0xA0, null())),
    "a cipher of nothing": envelope(cipher=sequence()),
    "a signature without signers": signed_envelope(tail=context(0, leaf().raw)),
    "a signature of nobody": signed_envelope(tail=set_of()),
    "a signature and more": signed_envelope(tail=set_of(signer_info()) + null()),
    "no digests before the content": envelope(kind=GM_SIGNED_AND_ENVELOPED_DATA, tail=set_of(signer_info())),
    "bytes behind": envelope() + b"\x00",
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_no_envelope_is_refused(case: str) -> None:
    with pytest.raises(ParseError):
        parse_enveloped(MALFORMED[case])


def test_an_envelope_larger_than_allowed_is_refused() -> None:
    with pytest.raises(InputError):
        parse_enveloped(envelope(), limits=Asn1Limits(total_bytes=10))


@given(st.integers(min_value=0, max_value=8 * len(signed_envelope()) - 1))
def test_one_turned_bit_gives_an_envelope_or_an_input_error(bit: int) -> None:
    with contextlib.suppress(InputError):
        message = parse_enveloped(flipped(signed_envelope(), bit))
        content = open_enveloped(message, KEY)
        inside = message.signed(content)
        facts = verify_signer(inside, inside.signers[0])
        assert content == CONTENT or facts.outcome is not Outcome.PASSED


@given(st.binary(max_size=80))
def test_any_octets_are_an_input_error(octets: bytes) -> None:
    for data in (octets, sequence(oid(GM_ENVELOPED_DATA), context(0, octets)), envelope(octets, secret=octets)):
        with contextlib.suppress(InputError):
            open_enveloped(parse_enveloped(data), KEY)
            pytest.fail("random octets opened")


# other makers


def pem(*parts: str) -> bytes:
    return read_pem(interop("pki", *parts).read_bytes())[0].der


def private(*parts: str, password: str | None = None) -> SM2PrivateKey:
    return load_private_key(interop("pki", *parts).read_bytes(), password=password)


def test_an_encryption_key_as_gmcert_delivers_it_opens_and_its_signature_is_good() -> None:
    message = parse_enveloped(pem("gmcert_signed_enveloped.p7.pem"))
    assert message.leniencies == ("recipient_issuer_empty", "cipher_without_mode")
    content = open_enveloped(message, private("gmcert_signKey.pem"))
    assert content[:32] == bytes(32)
    delivered = SM2PrivateKey.from_int(int.from_bytes(content, "big"))
    assert delivered.public_key() == private("gmcert_expectedEncKey.pem").public_key()
    (encryption,) = load_certificates(interop("pki", "gmcert_encCert.pem").read_bytes())
    assert encryption.public_key == delivered.public_key()
    inside = message.signed(content)
    facts = verify_signer(inside, inside.signers[0])
    assert (facts.outcome, facts.dialect) == (Outcome.PASSED, "standard")
    assert facts.certificate is not None
    assert facts.certificate.subject == encryption.issuer


def test_an_envelope_of_gmssl_opens() -> None:
    message = parse_enveloped(pem("generated", "gmssl", "cms_enveloped.pem"))
    assert message.leniencies == ("key_algorithm_not_301_3",)
    opened = open_enveloped(message, private("generated", "gmssl", "key.pem", password="123456"))
    assert opened == interop("pki", "generated", "gmssl", "content.bin").read_bytes()
