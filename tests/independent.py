"""A second opinion that shares no code with the library: SM3, SM2 and DER in the plainest form, zipfile, regexes."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from dataclasses import dataclass

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123

Point = tuple[int, int] | None


# ---------------------------------------------------------------------- SM3, GB/T 32905


def _rol(x: int, n: int) -> int:
    n %= 32
    return ((x << n) | (x >> (32 - n))) & 0xFFFFFFFF


def sm3(message: bytes) -> bytes:
    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = message + b"\x80" + b"\x00" * ((55 - len(message)) % 64) + (8 * len(message)).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        w = [int.from_bytes(padded[start + i : start + i + 4], "big") for i in range(0, 64, 4)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ _rol(w[j - 3], 15)
            w.append(x ^ _rol(x, 15) ^ _rol(x, 23) ^ _rol(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = state
        for j in range(64):
            t = 0x79CC4519 if j < 16 else 0x7A879D8A
            ss1 = _rol((_rol(a, 12) + e + _rol(t, j)) & 0xFFFFFFFF, 7)
            ss2 = ss1 ^ _rol(a, 12)
            ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if j < 16 else (e & f) | (~e & g)
            tt1 = (ff + d + ss2 + (w[j] ^ w[j + 4])) & 0xFFFFFFFF
            tt2 = (gg + h + ss1 + w[j]) & 0xFFFFFFFF
            a, b, c, d = tt1, a, _rol(b, 9), c
            e, f, g, h = tt2 ^ _rol(tt2, 9) ^ _rol(tt2, 17), e, _rol(f, 19), g
        state = [x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h), strict=True)]
    return b"".join(x.to_bytes(4, "big") for x in state)


# ---------------------------------------------------------------------- SM2, GB/T 32918.2


def _add(p: Point, q: Point) -> Point:
    if p is None or q is None:
        return p or q
    if p[0] == q[0] and (p[1] + q[1]) % P == 0:
        return None
    above, below = (3 * p[0] * p[0] + A, 2 * p[1]) if p == q else (q[1] - p[1], q[0] - p[0])
    slope = above * pow(below, -1, P)
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def _mul(k: int, p: Point) -> Point:
    total: Point = None
    while k:
        if k & 1:
            total = _add(total, p)
        p, k = _add(p, p), k >> 1
    return total


def sm2_verifies(point: bytes, message: bytes, r: int, s: int) -> bool:
    """Does r, s sign the message under the key x || y, with the default ID?"""
    ident = b"1234567812345678"
    head = (8 * len(ident)).to_bytes(2, "big") + ident
    z = sm3(head + b"".join(v.to_bytes(32, "big") for v in (A, B, GX, GY)) + point)
    e = int.from_bytes(sm3(z + message), "big")
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N) or t == 0:
        return False
    key = (int.from_bytes(point[:32], "big"), int.from_bytes(point[32:], "big"))
    total = _add(_mul(s, (GX, GY)), _mul(t, key))
    return total is not None and (e + total[0]) % N == r


# ---------------------------------------------------------------------- DER by slices


@dataclass
class Slice:
    tag: int
    raw: bytes
    body: bytes

    @property
    def parts(self) -> list[Slice]:
        found, rest = [], self.body
        while rest:
            part = cut(rest)
            found.append(part)
            rest = rest[len(part.raw) :]
        return found


def cut(octets: bytes) -> Slice:
    """The first TLV of some octets."""
    length, start = octets[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(octets[2:start], "big")
    return Slice(octets[0], octets[: start + length], octets[start : start + length])


def r_and_s(der: bytes) -> tuple[int, int]:
    r, s = cut(der).parts
    return int.from_bytes(r.body, "big"), int.from_bytes(s.body, "big")


def point_of(certificate: bytes) -> bytes:
    """x || y from a certificate: the BIT STRING of its SubjectPublicKeyInfo."""
    tbs = cut(certificate).parts[0].parts
    spki = next(part for part in tbs[1:] if part.tag == 0x30 and part.parts[-1].tag == 0x03)
    bits = spki.parts[1].body
    assert bits[:2] == b"\x00\x04"
    return bits[2:]


# ---------------------------------------------------------------------- a sealed document, step by step


def steps_of_sealed_document(data: bytes, *, number: int = 0) -> dict[str, bool]:
    """Every mathematical step of verifying a v4 or v5 seal, for the first signature or a later one, by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    listing = next(body for name, body in files.items() if name.endswith("Signatures.xml"))
    base = re.findall(rb'BaseLoc="/?([^"]+)"', listing)[number].decode()
    description = files[base]
    value_name = re.findall(rb"SignedValue>/?([^<]+)<", description)[0].decode()
    references = re.findall(rb'FileRef="/([^"]+)"\s*>\s*<[^>]*CheckValue>([^<]+)<', description)
    to_sign, certificate, _, signature = cut(files[value_name]).parts[:4]
    seal, data_hash, info = to_sign.parts[1], to_sign.parts[3], to_sign.parts[4]
    seal_info, maker, _, maker_value = seal.parts[:4]
    holders = seal_info.parts[2].parts[3].parts
    return {
        "references": bool(references)
        and all(sm3(files[name.decode()]) == base64.b64decode(value) for name, value in references),
        "data hash": data_hash.body == b"\x00" + sm3(description),
        "property info": info.body.decode() == f"/{base}",
        "signature": sm2_verifies(point_of(certificate.body), to_sign.raw, *r_and_s(signature.body[1:])),
        "maker signature": sm2_verifies(point_of(maker.body), seal_info.raw, *r_and_s(maker_value.body[1:])),
        "holder": any(
            holder.body == certificate.body or (holder.tag == 0x30 and holder.parts[1].body == sm3(certificate.body))
            for holder in holders
        ),
        "seal file": files[base.replace("Signature.xml", "Seal.esl")] == seal.raw,
    }
