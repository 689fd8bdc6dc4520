"""The envelope check a second time, from docs/en/envelope.md alone: the standard library, lxml and cryptography.

SM3, SM2 and the certificate's key are those of tests/independent.py, which shares no code with the library either.
"""

from __future__ import annotations

import base64
import json
import zlib

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from lxml import etree

from tests.independent import _mul, cut, point_of, r_and_s, sm2_verifies, sm3

__all__ = [
    "Refused",
    "check_message",
    "check_receipt",
    "content_key",
    "open_attachment",
    "open_pieces",
    "open_sealed",
]

NAMESPACE = "{urn:egov-sdk:exchange:1}"
NUMBERS = {"length", "chunk", "index", "size"}


class Refused(Exception):
    """The check says no."""


def _unbase(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _base(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _plain(element: etree._Element, *, texts: bool = False) -> object:
    name = str(element.tag).removeprefix(NAMESPACE)
    if not len(element):
        text = element.text or ""
        return int(text) if name in NUMBERS and not texts else text
    if name != "properties" and all(one.tag == NAMESPACE + "item" for one in element):
        return [_plain(one) for one in element]
    return {str(one.tag).removeprefix(NAMESPACE): _plain(one, texts=name == "properties") for one in element}


def _signed(members: dict) -> tuple[bytes, bytes, list[bytes], bytes]:  # type: ignore[type-arg]
    """Payload, protected header, certificates and signature, from either form."""
    if "signatures" in members:
        (one,) = members["signatures"]
        chain = [base64.b64decode(each) for each in one["header"]["x5c"]]
        return _unbase(members["payload"]), _unbase(one["protected"]), chain, _unbase(one["signature"])
    one = members["signature"]
    chain = [_unbase(each) for each in one["certificates"]]
    return _written(members["headers"]), _unbase(one["protected"]), chain, _unbase(one["value"])


def _check_signature(members: dict, kind: str) -> tuple[dict, bytes, bytes]:  # type: ignore[type-arg]
    payload, protected, chain, signature = _signed(members)
    expected = {"alg": "SGD_SM3_SM2", "kid": sm3(chain[0]).hex(), "typ": kind}
    if json.loads(protected) != expected:
        raise Refused("protected")
    octets = f"{_base(protected)}.{_base(payload)}".encode()
    if not sm2_verifies(point_of(chain[0]), octets, *r_and_s(signature)):
        raise Refused("signature")
    headers = json.loads(payload)
    if _written(headers) != payload:
        raise Refused("canonical")
    return headers, payload, chain[0]


def _members(data: bytes) -> dict:  # type: ignore[type-arg]
    if data[:1] == b"{":
        found = json.loads(data)
    else:
        found = _plain(etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True)))
    assert isinstance(found, dict)
    return found


def check_message(data: bytes) -> tuple[dict, bytes, bytes]:  # type: ignore[type-arg]
    """The headers, the content, and the digest that receipts name."""
    members = _members(data)
    headers, payload, _ = _check_signature(members, "egov-envelope+jws")
    content = _unbase(members["content"])
    if headers["content"] != {"length": len(content), "sm3": sm3(content).hex()}:
        raise Refused("content")
    return headers, content, sm3(sm3(payload) + sm3(content))


def check_receipt(data: bytes, message: bytes) -> dict:  # type: ignore[type-arg]
    """The receipt, if it is for this message."""
    members = _members(data)
    if "proof" in members:
        batch, _, _ = _check_signature(members["proof"]["batch"], "egov-receipt-batch+jws")
        payload = _unbase(members["payload"]) if "payload" in members else _written(members["headers"])
        node, index, size = sm3(b"\x00" + payload), members["proof"]["index"], batch["size"]
        if not 0 <= index < size:
            raise Refused("place")
        path = [bytes.fromhex(one) for one in members["proof"]["path"] or []]
        while size > 1:
            if index ^ 1 < size:
                beside = path.pop(0)
                node = sm3(b"\x01" + beside + node) if index & 1 else sm3(b"\x01" + node + beside)
            index, size = index // 2, (size + 1) // 2
        if path or node.hex() != batch["root"]:
            raise Refused("proof")
        receipt = json.loads(payload)
    else:
        receipt, _, _ = _check_signature(members, "egov-receipt+jws")
    headers, _, digest = check_message(message)
    if receipt["message"] != headers["id"] or receipt["digest"] != digest.hex():
        raise Refused("message")
    _, _, _, signature = _signed(_members(message))
    if receipt.get("signature_digest", sm3(signature).hex()) != sm3(signature).hex():
        raise Refused("signature digest")
    return receipt  # type: ignore[no-any-return]


def _sm2_decrypted(ciphertext: bytes, d: int) -> bytes:
    x, y, c3, c2 = cut(ciphertext).parts
    point = (int.from_bytes(x.body, "big"), int.from_bytes(y.body, "big"))
    shared = _mul(d, point)
    assert shared is not None
    left, right = (one.to_bytes(32, "big") for one in shared)
    blocks = -(-len(c2.body) // 32)
    mask = b"".join(sm3(left + right + n.to_bytes(4, "big")) for n in range(1, blocks + 1))
    plain = bytes(a ^ b for a, b in zip(c2.body, mask, strict=False))
    if sm3(left + plain + right) != c3.body:
        raise Refused("key")
    return plain


def open_sealed(data: bytes, d: int, point: bytes) -> bytes:
    """The signed message in JSON, with the private number d of a receiver."""
    members = _members(data)
    routing = _unbase(members["aad"]) if "aad" in members else _written(members["routing"])
    ours = sm3(b"\x04" + point).hex()
    for one in members["recipients"]:
        if (one.get("key_id") or one["header"]["kid"]) == ours:
            secret = _sm2_decrypted(_unbase(one["encrypted_key"]), d)
            break
    else:
        raise Refused("not for us")
    context = Cipher(SM4(secret), GCM(_unbase(members["iv"]), _unbase(members["tag"]))).decryptor()
    context.authenticate_additional_data(f"{members['protected']}.{_base(routing)}".encode())
    plain = context.update(_unbase(members["ciphertext"])) + context.finalize()
    if json.loads(_unbase(members["protected"])).get("zip") == "DEF":
        plain = zlib.decompress(plain, wbits=-15)
    headers, _, _ = check_message(plain)
    outside = json.loads(routing)
    if any(headers[name] != value for name, value in outside.items()):
        raise Refused("routing")
    return plain


def _hmac(key: bytes, octets: bytes) -> bytes:
    block = key.ljust(64, b"\0")
    inner = sm3(bytes(one ^ 0x36 for one in block) + octets)
    return sm3(bytes(one ^ 0x5C for one in block) + inner)


def _hkdf(key: bytes, *, salt: bytes = b"", info: bytes) -> bytes:
    """RFC 5869 for 16 octets."""
    return _hmac(_hmac(salt, key), info + b"\x01")[:16]


def _opened(key: bytes, nonce: bytes, sealed: bytes) -> bytes:
    context = Cipher(SM4(key), GCM(nonce, sealed[-16:])).decryptor()
    return context.update(sealed[:-16]) + context.finalize()


def _root(digests: list[bytes]) -> bytes:
    while len(digests) > 1:
        pairs = [digests[i : i + 2] for i in range(0, len(digests), 2)]
        digests = [sm3(b"\x01" + b"".join(pair)) if len(pair) == 2 else pair[0] for pair in pairs]
    return digests[0]


def open_attachment(sealed: bytes, attachment: dict, content_key: bytes) -> bytes:  # type: ignore[type-arg]
    """An encrypted attachment, with the entry of the headers that names it."""
    length, chunk, root = attachment["length"], attachment["tree"]["chunk"], bytes.fromhex(attachment["tree"]["root"])
    secret = _hkdf(content_key, info=b"egov-envelope/1 attachments")
    if sealed[:8] != b"EGOVSTR1":
        raise Refused("magic")
    info = b"EGOVSTR1" + root + length.to_bytes(8, "big") + chunk.to_bytes(4, "big")
    key, rest = _hkdf(secret, salt=sealed[8:24], info=info), sealed[24:]
    count = max(1, -(-length // chunk))

    def take(kind: int, number: int, size: int, *, last: bool) -> bytes:
        nonlocal rest
        part, rest = rest[: size + 16], rest[size + 16 :]
        return _opened(key, bytes((kind, last, 0, 0)) + number.to_bytes(8, "big"), part)

    manifest = b""
    for number, start in enumerate(range(0, count * 32, 65536)):
        size = min(65536, count * 32 - start)
        manifest += take(0, number, size, last=start + size == count * 32)
    digests = [manifest[i : i + 32] for i in range(0, len(manifest), 32)]
    if _root(digests) != root:
        raise Refused("root")
    content = b""
    for number, digest in enumerate(digests):
        piece = take(1, number, min(chunk, length - number * chunk), last=number == count - 1)
        if sm3(b"\x00" + piece) != digest:
            raise Refused("chunk")
        content += piece
    if rest:
        raise Refused("length")
    return content


def open_pieces(data: bytes, attachment: dict, secret: bytes) -> list[bytes]:  # type: ignore[type-arg]
    """A parcel of pieces between two nodes, from docs/en/exchange-transports.md: the manifest, or some chunks."""
    line, _, rest = data.partition(b"\n")
    if not line.startswith(b"egov-pieces/1 "):
        raise Refused("line")
    head = json.loads(line[14:])
    length, chunk, root = attachment["length"], attachment["tree"]["chunk"], bytes.fromhex(attachment["tree"]["root"])
    count = max(1, -(-length // chunk))
    key = _hkdf(secret, info=b"EGOVPCS1" + root + length.to_bytes(8, "big") + chunk.to_bytes(4, "big"))
    if head["first"] < 0:
        return [_opened(key, bytes((0, 1, 0, 0)) + bytes(8), rest)]
    found = []
    for number in range(head["first"], head["first"] + head["count"]):
        size = min(chunk, length - number * chunk) + 16
        nonce = bytes((1, number == count - 1, 0, 0)) + number.to_bytes(8, "big")
        found.append(_opened(key, nonce, rest[:size]))
        rest = rest[size:]
    if rest:
        raise Refused("length")
    return found


def content_key(data: bytes, d: int, point: bytes) -> bytes:
    """The content key of a sealed message in JSON."""
    ours = sm3(b"\x04" + point).hex()
    (wrapped,) = (one["encrypted_key"] for one in json.loads(data)["recipients"] if one["header"]["kid"] == ours)
    return _sm2_decrypted(_unbase(wrapped), d)
