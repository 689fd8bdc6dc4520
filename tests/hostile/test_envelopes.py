"""Messages and receipts as an attacker writes them: each is refused with a code of its own."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from egov_sdk.crypto import sm3
from egov_sdk.crypto.jose import from_base64url, to_base64url
from egov_sdk.crypto.sm4 import SM4GCM
from egov_sdk.errors import EgovError, InputError
from egov_sdk.exchange.envelope import json_form, xml_form
from egov_sdk.exchange.envelope.canonical import canonical
from egov_sdk.exchange.envelope.evidence import Evidence, read_evidence
from egov_sdk.exchange.envelope.files import read_file, verify_file
from egov_sdk.exchange.envelope.forms import read_message
from egov_sdk.exchange.envelope.limits import EnvelopeLimits
from egov_sdk.exchange.envelope.receipt import read_receipt
from egov_sdk.exchange.envelope.sealed import Recipient, SealedMessage, decrypt, key_id
from egov_sdk.exchange.envelope.signed import SignedMessage
from egov_sdk.exchange.envelope.verify import open_envelope, verify_envelope
from egov_sdk.report import Outcome
from tests.unit.exchange.envelope.offices import AT, offices

Json = dict[str, Any]
WORLD = offices()
SIGNED, SEALED = WORLD.signed(), WORLD.sealed().sealed
BATCH = WORLD.batch(SIGNED)


def _json(data: bytes) -> Json:
    found = json.loads(data)
    assert isinstance(found, dict)
    return found


def _code(data: bytes, *, read: Callable[[bytes], object] = read_file) -> str:
    with pytest.raises(InputError) as caught:
        read(data)
    return caught.value.code


def _changed(data: bytes, change: Callable[[Json], object]) -> bytes:
    document = _json(data)
    change(document)
    return json.dumps(document).encode()


def _headers(change: Callable[[Json], object]) -> bytes:
    """The signed message with other headers, in canonical form again."""

    def apply(document: Json) -> None:
        headers = _json(from_base64url(document["payload"]))
        change(headers)
        document["payload"] = to_base64url(canonical(headers))

    return _changed(SIGNED.to_json(), apply)


# ---------------------------------------------------------------------- JSON


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "form"),
        (b"hello", "form"),
        (b"\x30\x82", "form"),
        (b"{", "json"),
        (b"{}", "member"),
        (b'{"a":1,"a":2}', "json"),
        (b'{"a":NaN}', "json"),
        (b'{"a":1.5}', "json"),
        (b'{"a":1e9}', "json"),
        (b'{"a":99999999999999999999}', "json"),
        (b'{"a":"\\ud800"}', "json"),
        (b'{"a":"\xff"}', "json"),
        (b'{"a":1} {"b":2}', "json"),
        (b"\xef\xbb\xbf{}", "json"),
    ],
)
def test_what_is_no_json_object_is_refused(data: bytes, code: str) -> None:
    assert _code(data) == f"egov.exchange.envelope.{code}"


def test_a_name_that_stands_twice_is_refused_wherever_it_stands() -> None:
    text = SIGNED.to_json()
    for name in ("content", "payload", "protected", "x5c"):
        twice = re.sub(rb'"%s":' % name.encode(), b'"%s":"","%s":' % (name.encode(), name.encode()), text, count=1)
        assert _code(twice) == "egov.exchange.envelope.json"
    headers = SIGNED.read.headers.replace(b'"id":', b'"id":"0123456789abcdef","id":', 1)
    twice = _changed(text, lambda document: document.update(payload=to_base64url(headers)))
    assert _code(twice) == "egov.exchange.envelope.json"


def test_deep_nesting_is_refused_before_it_costs_anything() -> None:
    for depth in (13, 1_000, 100_000):
        code = _code(b'{"a":' * depth + b"1" + b"}" * depth)
        assert code == "egov.input.limit_exceeded"
    assert _code(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}") == "egov.input.limit_exceeded"


def test_what_is_too_large_is_not_read() -> None:
    small = EnvelopeLimits(message_bytes=100)
    for data in (SIGNED.to_json(), SIGNED.to_xml(), BATCH[0].to_json(), BATCH[0].to_xml()):
        with pytest.raises(InputError) as caught:
            read_file(data, limits=small)
        assert caught.value.code == "egov.input.limit_exceeded"
    with pytest.raises(InputError) as caught:
        read_evidence(Evidence.of(SIGNED).to_json(), limits=small)
    assert caught.value.code == "egov.input.limit_exceeded"


def test_huge_headers_are_refused() -> None:
    code = _code(_headers(lambda headers: headers["properties"].update(x="y" * 70_000)))
    assert code == "egov.input.limit_exceeded"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda headers: headers.update(format="egov-envelope/2"), "version"),
        (lambda headers: headers.pop("format"), "version"),
        (lambda headers: headers.pop("id"), "member"),
        (lambda headers: headers.update(id=7), "member"),
        (lambda headers: headers.update(id="x"), "headers"),
        (lambda headers: headers.update(more="x"), "unknown_member"),
        (lambda headers: headers.update(conversation=""), "member"),
        (lambda headers: headers.update(attachments=[]), "member"),
        (lambda headers: headers.update(properties={}), "member"),
        (lambda headers: headers.update(properties={"a": 1}), "member"),
        (lambda headers: headers.update(basis=[""]), "member"),
        (lambda headers: headers.update(basis="law"), "member"),
        (lambda headers: headers.update(receivers=[]), "headers"),
        (lambda headers: headers.update(receivers=headers["receivers"] * 2), "headers"),
        (lambda headers: headers.update(receivers=["x"]), "member"),
        (lambda headers: headers["receivers"][0].update(role="x"), "unknown_member"),
        (lambda headers: headers["sender"].update(code="91890000MT00000141"), "headers"),
        (lambda headers: headers["sender"].update(system=""), "member"),
        (lambda headers: headers.update(created="2026-06-01"), "headers"),
        (lambda headers: headers.update(created="2026-06-01T09:30:00.123+08:00"), "headers"),
        (lambda headers: headers.update(created="2026-13-01T09:30:00.123Z"), "headers"),
        (lambda headers: headers.update(expires=headers["created"]), "headers"),
        (lambda headers: headers["content"].update(sm3="0" * 63), "member"),
        (lambda headers: headers["content"].update(sm3="A" * 64), "member"),
        (lambda headers: headers["content"].update(length="14"), "member"),
        (lambda headers: headers["content"].update(length=True), "member"),
        (lambda headers: headers["content"].update(name="x"), "unknown_member"),
        (lambda headers: headers.update(attachments=[_attachment(name="../x")]), "headers"),
        (lambda headers: headers.update(attachments=[_attachment(tree={"chunk": 1, "root": "0" * 64})]), "member"),
        (lambda headers: headers.update(attachments=[_attachment(sm3=None)]), "member"),
        (lambda headers: headers.update(attachments=[_attachment(length=-1)]), "headers"),
        (lambda headers: headers.update(attachments=[_tree(0)]), "member"),
        (lambda headers: headers.update(attachments=[_tree(5 << 20)]), "headers"),
    ],
)
def test_headers_that_cannot_be_are_refused(change: Callable[[Json], object], code: str) -> None:
    assert _code(_headers(change)) == f"egov.exchange.envelope.{code}"


def _attachment(**words: object) -> Json:
    made = {"name": "a", "content_type": "text/csv", "length": 1, "sm3": "0" * 64, **words}
    return {name: value for name, value in made.items() if value is not None}


def _tree(chunk: int) -> Json:
    return _attachment(sm3=None, tree={"chunk": chunk, "root": "0" * 64})


@pytest.mark.parametrize(
    "write",
    [
        lambda headers: json.dumps(headers, ensure_ascii=False, sort_keys=True).encode(),
        lambda headers: json.dumps(headers, sort_keys=True, separators=(",", ":")).encode(),
        lambda headers: canonical(headers) + b"\n",
        lambda headers: json.dumps(
            dict(sorted(headers.items(), reverse=True)), ensure_ascii=False, separators=(",", ":")
        ).encode(),
    ],
)
def test_headers_in_another_writing_are_refused(write: Callable[[Json], bytes]) -> None:
    headers = _json(SIGNED.read.headers)
    data = _changed(SIGNED.to_json(), lambda document: document.update(payload=to_base64url(write(headers))))
    assert _code(data) == "egov.exchange.envelope.not_canonical"


def _protected(**words: object) -> Callable[[Json], object]:
    def apply(document: Json) -> None:
        entry = document["signatures"][0]
        members = _json(from_base64url(entry["protected"])) | words
        kept = {name: value for name, value in members.items() if value is not None}
        entry["protected"] = to_base64url(canonical(kept))

    return apply


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_protected(alg="none"), "signature_header"),
        (_protected(alg="SGD_SM3_HMAC"), "signature_header"),
        (_protected(alg=None), "signature_header"),
        (_protected(typ="egov-receipt+jws"), "signature_header"),
        (_protected(kid="0" * 64), "signature_header"),
        (_protected(b64=False, crit=["b64"]), "unknown_member"),
        (_protected(jwk={"kty": "EC"}), "unknown_member"),
        (lambda document: document.update(signatures=[]), "member"),
        (lambda document: document.update(signatures=document["signatures"] * 2), "member"),
        (lambda document: document.update(signatures=["x"]), "member"),
        (lambda document: document.update(more=1), "unknown_member"),
        (lambda document: document.update(content="a=="), "member"),
        (lambda document: document.update(content="a b"), "member"),
        (lambda document: document.update(content=None), "member"),
        (lambda document: document["signatures"][0].update(header={"x5c": []}), "certificates"),
        (lambda document: document["signatures"][0].update(header=None), "member"),
        (lambda document: document["signatures"][0]["header"].update(jku="https://example.org"), "unknown_member"),
        (lambda document: document["signatures"][0]["header"].update(x5c=["!"]), "member"),
        (lambda document: document["signatures"][0]["header"].update(x5c=[7]), "member"),
        (lambda document: document["signatures"][0]["header"].update(tst=""), "member"),
    ],
)
def test_a_signature_that_is_told_otherwise_is_refused(change: Callable[[Json], object], code: str) -> None:
    assert _code(_changed(SIGNED.to_json(), change)) == f"egov.exchange.envelope.{code}"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("certificates", {"x5c": [base64.b64encode(WORLD.tax.certificate.raw).decode()] * 9}),
        ("certificate_bytes", {"x5c": [base64.b64encode(bytes(20_000)).decode()]}),
        ("time_stamp_bytes", {"tst": base64.b64encode(bytes(70_000)).decode()}),
    ],
)
def test_too_much_beside_a_signature_is_refused(name: str, words: Json) -> None:
    data = _changed(SIGNED.to_json(), lambda document: document["signatures"][0]["header"].update(words))
    with pytest.raises(InputError, match=name):
        read_file(data)


def test_headers_that_are_no_object_are_refused() -> None:
    data = _changed(SIGNED.to_json(), lambda document: document.update(payload=to_base64url(b"[]")))
    assert _code(data) == "egov.exchange.envelope.json"


def _written_otherwise(**words: str) -> SignedMessage:
    """Signed with a header that has blanks in it, and perhaps other members."""
    protected = json.dumps(_json(SIGNED.signature.protected) | words).encode()
    signature = replace(SIGNED.signature, protected=protected)
    value = WORLD.tax.signer.sign(signature.signed_octets(SIGNED.read.headers))
    return replace(SIGNED, signature=replace(signature, value=value))


def test_a_protected_header_that_is_only_written_otherwise_is_as_good() -> None:
    found = read_file(_written_otherwise().to_json())
    assert isinstance(found, SignedMessage)
    assert verify_envelope(found, policy=WORLD.policy(), at=AT).report.outcome is Outcome.PASSED
    assert _code(_written_otherwise(alg="SM2").to_json()) == "egov.exchange.envelope.signature_header"


def test_a_certificate_of_another_kind_of_key_signs_nothing() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tax Office")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(AT - timedelta(1)).not_valid_after(AT + timedelta(1))
    certificate = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    changed = replace(SIGNED, signature=replace(SIGNED.signature, certificates=(certificate,)))
    report = verify_envelope(changed, policy=WORLD.policy(), at=AT).report
    assert report.of("integrity.signature")[0].reason == "not_sm2"
    assert report.outcome is Outcome.FAILED


# ---------------------------------------------------------------------- sealed


def test_a_sealed_header_that_is_only_written_otherwise_opens() -> None:
    secret, iv = bytes(16), bytes(12)
    key = WORLD.market.decrypter.public_key()
    for words, plaintext in (({}, SIGNED.to_json()), ({"zip": "DEF"}, zlib.compress(SIGNED.to_json(), wbits=-15))):
        protected = json.dumps(_json(SEALED.protected) | words).encode()
        associated = f"{to_base64url(protected)}.{to_base64url(SEALED.routing)}".encode()
        sealed = SM4GCM(secret).encrypt(iv, plaintext, associated)
        made = replace(
            SEALED,
            protected=protected,
            recipients=(Recipient(key_id(key), key.encrypt(secret)),),
            iv=iv,
            ciphertext=sealed[:-16],
            tag=sealed[-16:],
        )
        found = read_message(made.to_json())
        assert isinstance(found, SealedMessage)
        assert decrypt(found, WORLD.market.decrypter).message == SIGNED


def test_a_key_is_named_by_its_digest() -> None:
    data = _changed(SEALED.to_json(), lambda document: document["recipients"][0]["header"].update(kid='"'))
    assert _code(data) == "egov.exchange.envelope.member"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda document: document.update(recipients=[]), "encrypted_to_nobody"),
        (lambda document: document.pop("recipients"), "member"),
        (lambda document: document.update(recipients=document["recipients"] * 2), "member"),
        (lambda document: document["recipients"][0]["header"].update(alg="dir"), "unknown_member"),
        (lambda document: document["recipients"][0].update(encrypted_key="A" * 400), "member"),
        (lambda document: document["recipients"][0]["header"].update(kid=1), "member"),
        (lambda document: document.update(iv=""), "member"),
        (lambda document: document.update(tag=document["tag"][:16]), "member"),
        (lambda document: document.update(aad=""), "json"),
        (lambda document: document.update(more=1), "unknown_member"),
    ],
)
def test_a_sealed_message_that_is_put_together_wrongly_is_refused(change: Callable[[Json], object], code: str) -> None:
    assert _code(_changed(SEALED.to_json(), change)) == f"egov.exchange.envelope.{code}"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"alg": "dir"}, "signature_header"),
        ({"enc": "A128GCM"}, "signature_header"),
        ({"cty": "text"}, "signature_header"),
        ({"zip": "GZ"}, "signature_header"),
        ({"crit": ["x"]}, "unknown_member"),
    ],
)
def test_another_way_of_encrypting_is_refused(words: Json, code: str) -> None:
    def change(document: Json) -> None:
        members = _json(from_base64url(document["protected"])) | words
        document["protected"] = to_base64url(canonical(members))

    assert _code(_changed(SEALED.to_json(), change)) == f"egov.exchange.envelope.{code}"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda routing: routing.update(receivers=[]), "encrypted_to_nobody"),
        (lambda routing: routing.update(purpose="x"), "unknown_member"),
        (lambda routing: routing.pop("id"), "member"),
        (lambda routing: routing.update(format="x"), "version"),
    ],
)
def test_routing_that_cannot_be_is_refused(change: Callable[[Json], object], code: str) -> None:
    def apply(document: Json) -> None:
        routing = _json(from_base64url(document["aad"]))
        change(routing)
        document["aad"] = to_base64url(canonical(routing))

    assert _code(_changed(SEALED.to_json(), apply)) == f"egov.exchange.envelope.{code}"


def _resealed(plaintext: bytes, *, routing: bytes = SEALED.routing, zipped: bool = False) -> bytes:
    """What anybody can encrypt to the market office."""
    secret, iv = bytes(16), bytes(12)
    members = _json(SEALED.protected) | ({"zip": "DEF"} if zipped else {})
    protected = to_base64url(canonical(members))
    sealed = SM4GCM(secret).encrypt(iv, plaintext, f"{protected}.{to_base64url(routing)}".encode())
    key = WORLD.market.decrypter.public_key()
    recipient = {"header": {"kid": key_id(key)}, "encrypted_key": to_base64url(key.encrypt(secret))}
    parts = {"aad": routing, "iv": iv, "ciphertext": sealed[:-16], "tag": sealed[-16:]}
    made = {"protected": protected, "recipients": [recipient]}
    return json.dumps(made | {name: to_base64url(value) for name, value in parts.items()}).encode()


def _open(data: bytes) -> str:
    sealed = read_message(data)
    with pytest.raises(EgovError) as caught:
        decrypt(sealed, WORLD.market.decrypter)  # type: ignore[arg-type]  # it is sealed, as was just written
    return caught.value.code


def test_what_stands_outside_must_be_what_was_signed_inside() -> None:
    routing = SEALED.routing.replace(b"s_11000000000001_0001", b"s_11000000000001_0002")
    assert _open(_resealed(SIGNED.to_json(), routing=routing)) == "egov.exchange.envelope.routing"
    members = _json(SEALED.routing)
    del members["service"]
    assert _open(_resealed(SIGNED.to_json(), routing=canonical(members))) == "egov.exchange.envelope.routing"


def test_something_else_inside_is_refused() -> None:
    for plaintext in (b"", b"hello", SIGNED.to_xml(), SEALED.to_json(), BATCH[0].to_json()):
        assert _open(_resealed(plaintext)).startswith("egov.exchange.envelope.")


def test_a_bomb_is_not_inflated() -> None:
    deflate = zlib.compressobj(9, wbits=-15)
    bomb = deflate.compress(bytes(64 << 20)) + deflate.flush()
    assert _open(_resealed(bomb, zipped=True)) == "egov.input.limit_exceeded"
    deflate = zlib.compressobj(9, wbits=-15)
    large = deflate.compress(bytes(range(256)) * (1 << 17)) + deflate.flush()
    assert _open(_resealed(large, zipped=True)) == "egov.input.limit_exceeded"


@pytest.mark.parametrize(
    "spoil", [lambda packed: packed[:-3], lambda packed: packed + b"x", lambda packed: b"\xff" + packed]
)
def test_compressed_content_that_is_broken_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    deflate = zlib.compressobj(wbits=-15)
    packed = deflate.compress(SIGNED.to_json()) + deflate.flush()
    assert _open(_resealed(spoil(packed), zipped=True)) == "egov.exchange.envelope.compressed"


def test_too_many_receivers_are_refused() -> None:
    def change(document: Json) -> None:
        one = document["recipients"][0]
        document["recipients"] = [{**one, "header": {"kid": f"{number}"}} for number in range(65)]

    assert _code(_changed(SEALED.to_json(), change)) == "egov.input.limit_exceeded"


def test_a_message_replayed_to_another_receiver_is_refused() -> None:
    from egov_sdk.exchange.envelope.sealed import encrypt

    passed_on = encrypt(SIGNED, [WORLD.housing.decrypter.public_key()]).sealed.to_json()
    policy = WORLD.policy(receiver=WORLD.housing.party)
    report = open_envelope(passed_on, key=WORLD.housing.decrypter, policy=policy, at=AT).report
    assert [(one.id, one.reason) for one in report.blocking] == [("binding.receiver", "wrong_receiver")]


# ---------------------------------------------------------------------- XML

XML = SIGNED.to_xml()
_BOMB = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_OUTSIDE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<", "exchange.envelope.malformed"),
        (b"<a/>", "exchange.envelope.xml"),
        (_BOMB + XML.replace(b"egov-envelope/1", b"&b;"), "exchange.envelope.doctype"),
        (_OUTSIDE + XML.replace(b"egov-envelope/1", b"&x;"), "exchange.envelope.doctype"),
        (b'<!DOCTYPE a SYSTEM "https://example.org/a.dtd">' + XML, "exchange.envelope.doctype"),
        (XML.replace(b"egov-envelope/1", b"&x;"), "exchange.envelope.malformed"),
        (b"\xff\xfe" + XML.decode().encode("utf-16-le"), "exchange.envelope.form"),
        (b'<?xml version="1.0" encoding="GB18030"?>' + XML, "exchange.envelope.encoding"),
        (XML.replace(b"<content>", b"<content><!-- -->", 1), "exchange.envelope.xml"),
        (XML.replace(b"<content>", b"<content><?x y?>", 1), "exchange.envelope.xml"),
        (XML + b"<!-- -->", "exchange.envelope.xml"),
        (b"<?xml-stylesheet href='x'?>" + XML, "exchange.envelope.xml"),
        (XML.replace(b"<headers>", b"<headers>loose", 1), "exchange.envelope.xml"),
        (XML.replace(b"</headers>", b"</headers>loose", 1), "exchange.envelope.xml"),
        (XML.replace(b"<headers>", b'<headers Id="x">', 1), "exchange.envelope.xml"),
        (XML.replace(b"<headers>", b'<headers xmlns="urn:other">', 1), "exchange.envelope.xml"),
        (XML.replace(b"urn:egov-sdk:exchange:1", b"urn:egov-sdk:exchange:2"), "exchange.envelope.xml"),
        (XML.replace(b"<length>14", b"<length>014", 1), "exchange.envelope.member"),
        (XML.replace(b"<length>14", b"<length>-14", 1), "exchange.envelope.member"),
        (XML.replace(b"<length>14", b"<length>" + "１４".encode(), 1), "exchange.envelope.member"),
        (XML.replace(b"<length>14", b"<length>" + b"9" * 5000, 1), "exchange.envelope.member"),
        (XML.replace(b"<receivers>", b"<receivers><code>x</code>"), "exchange.envelope.xml"),
        (XML.replace(b"<signature>", b"<signature><time_stamp></time_stamp>"), "exchange.envelope.member"),
        (b"<message xmlns='urn:egov-sdk:exchange:1'/>", "exchange.envelope.xml"),
        (b"<other xmlns='urn:egov-sdk:exchange:1'><a/></other>", "exchange.envelope.xml"),
    ],
)
def test_xml_that_is_more_than_it_should_be_is_refused(data: bytes, code: str) -> None:
    assert _code(data) == f"egov.{code}"


def test_signature_wrapping_has_nothing_to_wrap() -> None:
    headers = XML[XML.index(b"<headers>") : XML.index(b"</headers>") + 10]
    other = headers.replace("企业开办联办核验".encode(), "其他用途".encode())
    for wrapped in (
        XML.replace(headers, other + headers),
        XML.replace(headers, headers + other),
        XML.replace(headers, b"<wrap>" + headers + b"</wrap>" + other),
        XML.replace(b"</signature>", b"<object>" + headers + b"</object></signature>").replace(headers, other, 1),
        XML.replace(headers, other.replace(b"</headers>", headers + b"</headers>")),
    ):
        assert _code(wrapped) in {"egov.exchange.envelope.xml", "egov.exchange.envelope.unknown_member"}
    report = verify_file(XML.replace(headers, other), policy=WORLD.policy(), at=AT)
    assert [(one.id, one.reason) for one in report.blocking] == [("integrity.signature", "wrong")]


def test_xml_that_is_written_otherwise_says_the_same() -> None:
    spread = XML.replace(b"><", b">\n  <").replace(b"<content>\n", b"<content>")
    prefixed = re.sub(rb"<(/?)([a-z])", rb"<\1e:\2", XML).replace(b"xmlns=", b"xmlns:e=")
    for data in (spread, prefixed, b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>\n" + XML):
        assert read_file(data) == SIGNED


def test_one_kind_of_document_is_not_taken_for_another() -> None:
    small = EnvelopeLimits(message_bytes=100)
    for read, good, other in (
        (json_form.read_signed, SIGNED.to_json(), SEALED.to_json()),
        (json_form.read_sealed, SEALED.to_json(), SIGNED.to_json()),
        (xml_form.read_signed, SIGNED.to_xml(), SEALED.to_xml()),
        (xml_form.read_sealed, SEALED.to_xml(), SIGNED.to_xml()),
    ):
        assert read(good) is not None
        assert _code(other, read=read).startswith("egov.exchange.envelope.")
        with pytest.raises(InputError) as caught:
            read(good, limits=small)
        assert caught.value.code == "egov.input.limit_exceeded"


def test_deep_and_wide_xml_is_refused() -> None:
    deep = b"<message xmlns='urn:egov-sdk:exchange:1'>" + b"<a>" * 200 + b"</a>" * 200 + b"</message>"
    wide = b"<message xmlns='urn:egov-sdk:exchange:1'>" + b"<a/>" * 30_000 + b"</message>"
    for data in (deep, wide):
        assert _code(data) == "egov.input.limit_exceeded"


def test_a_sealed_message_in_xml_to_nobody_is_refused() -> None:
    data = re.sub(rb"<recipients>.*</recipients>", b"<recipients></recipients>", SEALED.to_xml())
    assert _code(data) == "egov.exchange.envelope.encrypted_to_nobody"


# ---------------------------------------------------------------------- receipts and evidence


def _proof(**words: object) -> bytes:
    return _changed(BATCH[1].to_json(), lambda document: document["proof"].update(words))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_proof(index=-1), "receipt.proof"),
        (_proof(index=5), "receipt.proof"),
        (_proof(index=True), "envelope.member"),
        (_proof(path=[]), "receipt.proof"),
        (_proof(path=["x"] * 3), "receipt.proof"),
        (_proof(path="x"), "envelope.member"),
        (_proof(batch={}), "envelope.member"),
        (_proof(more=1), "envelope.unknown_member"),
    ],
)
def test_a_place_in_a_batch_that_cannot_be_is_refused(data: bytes, code: str) -> None:
    assert _code(data) == f"egov.exchange.{code}"
    assert _code(data, read=read_receipt) == f"egov.exchange.{code}"


def test_a_path_that_is_too_long_is_refused() -> None:
    assert _code(_proof(path=["0" * 64] * 41)) == "egov.input.limit_exceeded"


@pytest.mark.parametrize("index", [0, 2, 3, 4])
def test_another_place_in_the_batch_is_refused(index: int) -> None:
    document = _json(BATCH[1].to_json())
    document["proof"]["index"] = index
    data = json.dumps(document).encode()
    try:
        report = verify_file(data, policy=WORLD.policy(), at=AT)
    except InputError as error:
        code = error.code
    else:
        code = next(check.reason for check in report.of("integrity.proof"))
        assert report.outcome is Outcome.FAILED
    assert code in {"wrong", "egov.exchange.receipt.proof"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda batch: batch.update(size=0), "receipt.batch"),
        (lambda batch: batch.update(size=1 << 41), "receipt.batch"),
        (lambda batch: batch.update(root="x"), "envelope.member"),
        (lambda batch: batch.update(signer={"code": "x"}), "receipt.batch"),
        (lambda batch: batch.update(created="x"), "receipt.batch"),
        (lambda batch: batch.update(format="x"), "envelope.version"),
    ],
)
def test_a_batch_that_cannot_be_is_refused(change: Callable[[Json], object], code: str) -> None:
    def apply(document: Json) -> None:
        batch = document["proof"]["batch"]
        members = _json(from_base64url(batch["payload"]))
        change(members)
        batch["payload"] = to_base64url(canonical(members))

    assert _code(_changed(BATCH[1].to_json(), apply)) == f"egov.exchange.{code}"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"outcome": "maybe"}, "receipt.headers"),
        ({"outcome": "refused"}, "receipt.headers"),
        ({"reason": ""}, "envelope.member"),
        ({"received": "now"}, "receipt.headers"),
        ({"digest": "0"}, "receipt.headers"),
        ({"more": "x"}, "envelope.unknown_member"),
        ({"format": "egov-envelope/1"}, "envelope.version"),
    ],
)
def test_a_receipt_that_cannot_be_is_refused(words: Json, code: str) -> None:
    def apply(document: Json) -> None:
        members = _json(from_base64url(document["payload"])) | words
        document["payload"] = to_base64url(canonical(members))

    assert _code(_changed(BATCH[1].to_json(), apply)) == f"egov.exchange.{code}"


def test_a_message_is_not_taken_for_a_receipt_and_a_signature_serves_one_purpose() -> None:
    document = _json(SIGNED.to_json())
    del document["content"]
    assert _code(json.dumps(document).encode()) == "egov.exchange.envelope.signature_header"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda document: document.update(format="egov-evidence/2"), "version"),
        (lambda document: document.pop("message"), "member"),
        (lambda document: document.update(message=_json(SEALED.to_json())), "unknown_member"),
        (lambda document: document.update(receipts={}), "member"),
        (lambda document: document.update(receipts=["x"]), "member"),
        (lambda document: document.update(more=1), "unknown_member"),
    ],
)
def test_evidence_that_cannot_be_is_refused(change: Callable[[Json], object], code: str) -> None:
    data = _changed(Evidence.of(SIGNED, BATCH[:1]).to_json(), change)
    assert _code(data) == f"egov.exchange.envelope.{code}"


def test_too_many_receipts_are_refused() -> None:
    data = Evidence.of(SIGNED, BATCH[:1] * 257).to_json()
    assert _code(data) == "egov.input.limit_exceeded"


def test_no_refusal_shows_content_or_keys() -> None:
    secret = b"SECRET-4711"
    message = WORLD.signed(WORLD.envelope(secret))
    data = message.to_json().replace(b'"content"', b'"content_"')
    with pytest.raises(InputError) as caught:
        read_file(data)
    assert "SECRET" not in str(caught.value)
    assert to_base64url(secret) not in str(caught.value.to_dict())
    assert sm3(secret).hex() not in str(caught.value)
