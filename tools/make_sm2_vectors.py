"""Makes the SM2 verification vectors, and checks them against other implementations.

    python tools/make_sm2_vectors.py > tests/vectors/sm2_verify.json
    python tools/make_sm2_vectors.py --check       # OpenSSL's libcrypto by ctypes, and gmssl_pyx where it is installed

Wycheproof has no SM2 file; this one takes its shape: groups of tests with flags, and a note for each. The arithmetic
is written out here from GB/T 32918.2-2016 without a line of the package, so that the two can disagree.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import sys
from collections.abc import Iterator
from typing import Any

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
DEFAULT_ID = b"1234567812345678"

NOTES = {
    "Valid": "must be accepted",
    "Key": "must be accepted: a key at an edge of its range",
    "Id": "must be accepted: an identity that is empty, short or as long as its length can be told",
    "ShortInteger": "must be accepted: r or s begins with zero octets, which DER leaves out and r || s keeps",
    "DigestEdge": "must be accepted: the digest is n or more and counts modulo n",
    "X1AboveN": "must be accepted: x1 is n or more; it is reduced only in the sum with e",
    "Doubling": "must be accepted: [s]G = [t]P, so the last addition is a doubling",
    "WrongMessage": "another message than was signed",
    "WrongId": "another identity than was signed; the empty one is not the default one",
    "WrongKey": "another key",
    "WrongDigest": "e was not SM3(Z || M): Z left out, its length not in bits, or another hash",
    "Changed": "one bit of r or s changed",
    "Range": "r or s outside [1, n-1] (7.1 B1, B2)",
    "TZero": "r + s = n (7.1 B5): without that check such a signature verifies under every key",
    "Infinity": "[s]G + [t]P is infinity: taken as x1 = 0, r = e verifies",
    "Swapped": "r and s exchanged, or s negated as ECDSA allows",
    "Der": "not DER to the letter: malleable signatures, and parsers that read past the end",
    "RawLength": "r || s of another length than 64 octets",
    "InvalidKey": "the public key is not a point of the curve: anyone could sign for it, or learn about it",
}

Point = tuple[int, int] | None


def b32(value: int) -> bytes:
    return value.to_bytes(32, "big")


def add(left: Point, right: Point) -> Point:
    # GB/T 32918.1-2016, 3.2.3.1
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) if left == right else (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def times(k: int, point: Point) -> Point:
    result: Point = None
    for bit in f"{k % N:b}":
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def finite(point: Point) -> tuple[int, int]:
    assert point is not None
    return point


def sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def number(*parts: object) -> int:
    """A reproducible number in [1, n-2]."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest(), "big") % (N - 2) + 1


def octets(point: Point) -> bytes:
    x, y = finite(point)
    return b"\x04" + b32(x) + b32(y)


def z_of(public: bytes, signer_id: bytes, *, length: int | None = None) -> bytes:
    bits = 8 * len(signer_id) if length is None else length
    curve = b"".join(map(b32, (A, B, *G)))
    return sm3((bits & 0xFFFF).to_bytes(2, "big") + signer_id + curve + public[1:])


def signed(d: int, e: int, k: int) -> tuple[int, int]:
    r = (e + finite(times(k, G))[0]) % N
    s = pow(1 + d, -1, N) * (k - r * d) % N
    assert r
    assert s
    assert (r + k) % N
    return r, s


def integer(value: int) -> bytes:
    body = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(body)]) + body


def der(r: int, s: int) -> bytes:
    body = integer(r) + integer(s)
    return b"\x30" + bytes([len(body)]) + body


Case = tuple[str, str, dict[str, bytes], str]  # flag, comment, fields, result


class Key:
    def __init__(self, d: int, signer_id: bytes = DEFAULT_ID) -> None:
        self.d, self.id, self.point = d, signer_id, times(d, G)
        self.public = octets(self.point)

    def e(self, message: bytes) -> int:
        return int.from_bytes(sm3(z_of(self.public, self.id) + message), "big")

    def sign(self, message: bytes, seed: object = 0) -> tuple[int, int]:
        return signed(self.d, self.e(message), number("k", self.d, message, seed))

    def case(self, flag: str, comment: str, message: bytes, signature: bytes, **other: bytes) -> Case:
        fields = {"pub": self.public, "id": self.id, "msg": message, "sig": signature} | other
        result = "valid" if flag in ("Valid", "Key", "Id", "ShortInteger") else "invalid"
        return flag, comment, fields, result


MESSAGE = b"The quick brown fox"


def accepted() -> Iterator[Case]:
    for d in (1, 2, 3, 2**128, 2**255, N - 2, N - 3, (N - 1) // 2):
        key = Key(d)
        yield key.case("Key", f"d = {d:#x}", MESSAGE, der(*key.sign(MESSAGE)))
    key = Key(number("key"))
    for size in (0, 1, 31, 32, 54, 55, 56, 63, 64, 65, 119, 120, 1000):
        message = bytes(i % 251 for i in range(size))
        yield key.case("Valid", f"{size} octets", message, der(*key.sign(message)))
    for name in (b"", b"A", b"ALICE123@YAHOO.COM", "统一社会信用代码".encode(), bytes(100), b"x" * 8191):
        other = Key(number("key"), name)
        yield other.case("Id", f"identity of {len(name)} octets", MESSAGE, der(*other.sign(MESSAGE)))
    wanted = {(32, 31): 1, (31, 32): 1, (33, 32): 1, (32, 33): 1, (33, 33): 1, (32, 32): 1}
    for seed in range(100_000):
        r, s = key.sign(MESSAGE, seed) if seed < 400 else (0, 0)
        if not r:
            break
        sizes = integer(r)[1], integer(s)[1]
        if wanted.pop(sizes, None):
            yield key.case("ShortInteger", f"INTEGERs of {sizes[0]} and {sizes[1]} octets", MESSAGE, der(r, s))


def refused_contents() -> Iterator[Case]:
    key = Key(number("key"))
    r, s = key.sign(MESSAGE)
    good = der(r, s)
    for other in (b"", MESSAGE + b"\0", MESSAGE[:-1], MESSAGE.upper(), sm3(MESSAGE)):
        yield key.case("WrongMessage", f"{len(other)} octets", other, good)
    for name in (b"", b"1234567812345679", DEFAULT_ID[:-1], DEFAULT_ID + b"\0", DEFAULT_ID.hex().encode()):
        yield key.case("WrongId", f"identity of {len(name)} octets", MESSAGE, good, id=name)
    empty = Key(key.d, b"")
    yield key.case("WrongId", "signed with the empty identity", MESSAGE, der(*empty.sign(MESSAGE)))
    for d in (key.d + 1, N - 1 - key.d, N - key.d, 1):
        yield key.case("WrongKey", f"d' = {d:#x}", MESSAGE, good, pub=Key(d).public)
    z = z_of(key.public, key.id)
    digests = {
        "Z left out": sm3(MESSAGE),
        "SHA-256": hashlib.sha256(z + MESSAGE).digest(),
        "identity counted in octets": sm3(z_of(key.public, key.id, length=16) + MESSAGE),
        "identity counted little-endian": sm3(z_of(key.public, key.id, length=0x8000) + MESSAGE),
        "Z in hexadecimal": sm3(z.hex().encode() + MESSAGE),
        "message hashed first": sm3(z + sm3(MESSAGE)),
        "Z behind": sm3(MESSAGE + z),
    }
    for comment, e in digests.items():
        yield key.case("WrongDigest", comment, MESSAGE, der(*signed(key.d, int.from_bytes(e, "big"), number(comment))))
    for index in range(0, 256, 4):
        yield key.case("Changed", f"bit {index} of r", MESSAGE, der(r ^ 1 << index, s))
        yield key.case("Changed", f"bit {index} of s", MESSAGE, der(r, s ^ 1 << index))
    yield key.case("Swapped", "s, r", MESSAGE, der(s, r))
    for comment, pair in {"n - s": (r, N - s), "n - r": (N - r, s), "both": (N - r, N - s)}.items():
        yield key.case("Swapped", comment, MESSAGE, der(*pair))
    edges = (0, N, N + 1, 2 * N, P, 2**256 - 1, 2**256, 2**256 + r, 2**512)
    for value in edges:
        yield key.case("Range", f"r = {value:#x}", MESSAGE, der(value, s))
        yield key.case("Range", f"s = {value:#x}", MESSAGE, der(r, value))
        yield key.case("Range", f"both = {value:#x}", MESSAGE, der(value, value))
    for value in (1, 2, N - 1, N - 2):
        yield key.case("Range", f"r = {value:#x}, in range but not its own", MESSAGE, der(value, s))
        yield key.case("Range", f"s = {value:#x}, in range but not its own", MESSAGE, der(r, value))
    yield key.case("Range", "r + n", MESSAGE, der(r + N, s))
    yield key.case("Range", "s + n", MESSAGE, der(r, s + N))
    yield key.case("TZero", "s = n - r", MESSAGE, der(r, N - r))


def refused_encodings() -> Iterator[Case]:
    key = Key(number("key"))
    r, s = next(pair for pair in (key.sign(MESSAGE, i) for i in range(99)) if pair[0] >> 255 and not pair[1] >> 255)
    good, one, two = der(r, s), integer(r), integer(s)
    body = one + two
    size = bytes([len(body)])
    forms: dict[str, bytes] = {
        "empty": b"",
        "only a tag": b"\x30",
        "an empty sequence": b"\x30\0",
        "length in two octets": b"\x30\x81" + size + body,
        "length in three octets": b"\x30\x82\0" + size + body,
        "indefinite length": b"\x30\x80" + body + b"\0\0",
        "octets behind": good + b"\0",
        "two zero octets behind": good + b"\0\0",
        "the signature twice": good + good,
        "an octet inside behind s": b"\x30" + bytes([len(body) + 1]) + body + b"\0",
        "a NULL inside": b"\x30" + bytes([len(body) + 2]) + body + b"\x05\0",
        "a third INTEGER": b"\x30" + bytes([len(body) + 3]) + body + b"\x02\x01\x01",
        "only r": b"\x30" + bytes([len(one)]) + one,
        "only s": b"\x30" + bytes([len(two)]) + two,
        "no sequence": body,
        "a sequence in a sequence": b"\x30" + bytes([len(good)]) + good,
        "in an OCTET STRING": b"\x04" + bytes([len(good)]) + good,
        "in a BIT STRING": b"\x03" + bytes([len(good) + 1]) + b"\0" + good,
        "r || s as it is": b32(r) + b32(s),
        "in hexadecimal": good.hex().encode(),
        "length too large": b"\x30" + bytes([len(body) + 1]) + body,
        "length too small": b"\x30" + bytes([len(body) - 1]) + body,
        "length of four gigabytes": b"\x30\x84\xff\xff\xff\xff" + body,
    }
    for name, place in (("r", 0), ("s", 1)):
        parts = [one, two]
        plain = parts[place]
        value = plain[2:]
        changed = {
            "with a zero in front": b"\x02" + bytes([len(value) + 1]) + b"\0" + value,
            "with two zeros in front": b"\x02" + bytes([len(value) + 2]) + b"\0\0" + value,
            "with its length in two octets": b"\x02\x81" + plain[1:],
            "with its length in three octets": b"\x02\x82\0" + plain[1:],
            "of indefinite length": b"\x02\x80" + value + b"\0\0",
            "empty": b"\x02\0",
            "zero in two octets": b"\x02\x02\0\0",
            "negative": b"\x02\x20" + b32((r, s)[place] | 1 << 255),
            "negated": b"\x02" + bytes([33]) + (2**264 - (r, s)[place]).to_bytes(33, "big"),
            "filled up to 33 octets with ff": b"\x02\x21\xff" + b32((r, s)[place] | 1 << 255),
            "of 34 octets": b"\x02\x22" + value.rjust(34, b"\1"),
            "with a length beyond the end": b"\x02\x7f" + value,
            "with the length of the other": b"\x02" + bytes([plain[1] ^ 1]) + value,
        }
        changed |= {
            f"with tag {tag:02x}": bytes([tag]) + plain[1:]
            for tag in (0, 1, 3, 4, 5, 10, 12, 0x22, 0x30, 0x42, 0x82, 255)
        }
        for comment, octets_of_it in changed.items():
            parts[place] = octets_of_it
            inside = b"".join(parts)
            forms[f"{name} {comment}"] = b"\x30" + bytes([len(inside)]) + inside
    forms |= {
        f"sequence with tag {tag:02x}": bytes([tag]) + good[1:] for tag in (0, 2, 0x10, 0x31, 0x33, 0x70, 0xB0, 255)
    }
    for cut in (*range(1, 10), *range(10, len(good), 4), len(good) - 1):
        forms[f"cut to {cut} octets"] = good[:cut]
    for comment, signature in forms.items():
        assert signature != good, comment
        yield key.case("Der", comment, MESSAGE, signature)


def refused_keys() -> Iterator[Case]:
    key = Key(number("key"))
    good = der(*key.sign(MESSAGE))
    x, y = finite(key.point)
    small = next(v for v in range(99) if pow(v**3 + A * v + B, (P - 1) // 2, P) == 1)
    root = pow(small**3 + A * small + B, (P + 1) // 4, P)
    keys = {
        "infinity as one octet": b"\0",
        "infinity as zeros": b"\x04" + bytes(64),
        "empty": b"",
        "y changed": b"\x04" + b32(x) + b32(y ^ 1),
        "x changed": b"\x04" + b32(x ^ 1) + b32(y),
        "exchanged coordinates": b"\x04" + b32(y) + b32(x),
        "x + p": b"\x04" + b32(small + P) + b32(root),
        "x = p": b"\x04" + b32(P) + b32(y),
        "y = p": b"\x04" + b32(x) + b32(P),
        "all ones": b"\x04" + b"\xff" * 64,
        "prefix 00": b"\x00" + key.public[1:],
        "prefix 01": b"\x01" + key.public[1:],
        "prefix 05": b"\x05" + key.public[1:],
        "cut": key.public[:-1],
        "longer": key.public + b"\0",
        "x alone": b"\x04" + b32(x),
        "compressed, no such point": b"\x02"
        + b32(next(v for v in range(99) if pow(v**3 + A * v + B, (P - 1) // 2, P) != 1)),
        "compressed, x = p": b"\x02" + b32(P),
        "on the curve with b + 1": b"\x04" + b32(1) + b32(pow(1 + A + B + 1, (P + 1) // 4, P)),
        "a point of P-256": bytes.fromhex(
            "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
            "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
        ),
    }
    for comment, public in keys.items():
        yield "InvalidKey", comment, {"pub": public, "id": DEFAULT_ID, "msg": MESSAGE, "sig": good}, "invalid"


def digests() -> Iterator[Case]:
    """At the level of e, with r || s: what no message can be found for."""

    def case(flag: str, comment: str, public: Point, e: int, raw: bytes, *, valid: bool) -> Case:
        fields = {"pub": octets(public), "e": b32(e), "sig": raw}
        return flag, comment, fields, "valid" if valid else "invalid"

    d = number("key")
    point = times(d, G)
    for e in (0, 1, N - 1, N, N + 1, P, 2**256 - 1):
        r, s = signed(d, e, number("digest", e))
        yield case("DigestEdge", f"e = {e:#x}", point, e, b32(r) + b32(s), valid=True)
        yield case("Changed", f"e = {e:#x}, e changed", point, e ^ 2, b32(r) + b32(s), valid=False)
    x = next(v for v in range(N, P) if pow(v**3 + A * v + B, (P - 1) // 2, P) == 1)
    big = x, pow(x**3 + A * x + B, (P + 1) // 4, P)
    for i in range(4):
        s, t = number("s", i), number("t", i)
        r = (t - s) % N
        public = times(pow(t, -1, N), add(big, times(N - s, G)))
        e = (r - x) % N
        yield case("X1AboveN", f"x1 = n + {x - N}", public, e, b32(r) + b32(s), valid=True)
        yield case("X1AboveN", "x1 not reduced", public, (e + 1) % N, b32(r) + b32(s), valid=False)
    for i in range(4):
        s = number("doubling", i)
        t = s * pow(d, -1, N) % N
        r = (t - s) % N
        x1 = finite(times(2 * s, G))[0]
        yield case("Doubling", f"[{s:#x}]G = [t]P", point, (r - x1) % N, b32(r) + b32(s), valid=True)
        t = -s * pow(d, -1, N) % N
        r = (t - s) % N
        yield case("Infinity", "e = r", point, r, b32(r) + b32(s), valid=False)
        r = number("t zero", i)
        s = N - r
        e = (r - finite(times(s, G))[0]) % N
        yield case("TZero", "e fits x([s]G)", point, e, b32(r) + b32(s), valid=False)
    e = number("plain")
    r, s = signed(d, e, number("plain k"))
    raw = b32(r) + b32(s)
    yield case("Valid", "r || s", point, e, raw, valid=True)
    for value in (0, N, N + 1, P, 2**256 - 1):
        yield case("Range", f"r = {value:#x}", point, e, b32(value) + b32(s), valid=False)
        yield case("Range", f"s = {value:#x}", point, e, b32(r) + b32(value), valid=False)
    # r + n still fits into 32 octets for small r: made by choosing e for it
    for r_small in (1, 2, 2**127):
        k = number("small r", r_small)
        e_small = (r_small - finite(times(k, G))[0]) % N
        r2, s2 = signed(d, e_small, k)
        yield case("ShortInteger", f"r = {r_small:#x}", point, e_small, b32(r2) + b32(s2), valid=True)
        yield case("Range", f"r + n for r = {r_small:#x}", point, e_small, b32(r2 + N) + b32(s2), valid=False)
    for size in (0, 1, 32, 63, 65, 66, 128):
        yield case("RawLength", f"{size} octets", point, e, (raw + raw)[:size], valid=False)


def document() -> dict[str, Any]:
    groups = {
        "Sm2Verify": [*accepted(), *refused_contents(), *refused_encodings(), *refused_keys()],
        "Sm2VerifyDigest": list(digests()),
    }
    made, number_of_test = [], 0
    for kind, cases in groups.items():
        tests = []
        for flag, comment, fields, result in cases:
            number_of_test += 1
            told = {name: value.hex() for name, value in fields.items()}
            tests.append({"tcId": number_of_test, "flags": [flag], "comment": comment, **told, "result": result})
        made.append({"type": kind, "curve": "sm2p256v1", "hash": "SM3", "tests": tests})
    return {
        "algorithm": "SM2",
        "generatorVersion": "1",
        "header": [
            "Sm2Verify: DER signatures over messages, with the signer's identity; Sm2VerifyDigest: r || s over e.",
            "pub: the point as SEC 1 octets. A verifier must accept what is valid and refuse what is invalid.",
        ],
        "notes": NOTES,
        "numberOfTests": number_of_test,
        "testGroups": made,
    }


class Libcrypto:
    """OpenSSL's own verification of SM2 signatures."""

    name = "OpenSSL"

    def __init__(self) -> None:
        self.library = ctypes.CDLL("libcrypto.so.3")
        for function in ("d2i_PUBKEY", "EVP_MD_CTX_new", "EVP_PKEY_CTX_new", "EVP_sm3"):
            getattr(self.library, function).restype = ctypes.c_void_p

    def verify(self, test: dict[str, Any]) -> bool | None:
        if "e" in test:
            return None
        spki = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")
        public, signature, message, name = (bytes.fromhex(test[field]) for field in ("pub", "sig", "msg", "id"))
        bits = b"\x03" + bytes([len(public) + 1]) + b"\0" + public
        key_der = b"\x30" + bytes([len(spki) + len(bits)]) + spki + bits
        place = ctypes.c_char_p(key_der)
        key = self.library.d2i_PUBKEY(None, ctypes.byref(place), ctypes.c_long(len(key_der)))
        if not key:
            return False
        key = ctypes.c_void_p(key)
        context = ctypes.c_void_p(self.library.EVP_MD_CTX_new())
        key_context = ctypes.c_void_p(self.library.EVP_PKEY_CTX_new(key, None))
        if self.library.EVP_PKEY_CTX_set1_id(key_context, name, ctypes.c_int(len(name))) != 1:
            return None
        self.library.EVP_MD_CTX_set_pkey_ctx(context, key_context)
        digest = ctypes.c_void_p(self.library.EVP_sm3())
        if self.library.EVP_DigestVerifyInit(context, None, digest, None, key) != 1:
            return None
        size = ctypes.c_size_t
        done = self.library.EVP_DigestVerify(context, signature, size(len(signature)), message, size(len(message)))
        return bool(done == 1)


class GmSSL:
    """GmSSL's verification, by the package gmssl_pyx."""

    name = "gmssl_pyx"

    def __init__(self) -> None:
        import gmssl_pyx  # type: ignore[import-not-found]

        self.module = gmssl_pyx

    def verify(self, test: dict[str, Any]) -> bool | None:
        if len(test["pub"]) != 130 or not test["pub"].startswith("04") or test.get("id") == "":
            return None
        public, signature = bytes.fromhex(test["pub"])[1:], bytes.fromhex(test["sig"])
        try:
            if "e" not in test:
                message, name = bytes.fromhex(test["msg"]), bytes.fromhex(test["id"])
                return bool(self.module.sm2_verify(public, message, signature, name))
            if len(signature) != 64:
                return None
            r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:]))
            return bool(self.module.sm2_verify_sm3_digest(public, bytes.fromhex(test["e"]), der(r, s)))
        except Exception:  # noqa: BLE001 - it refuses with errors of many kinds
            return False


def check() -> int:
    tests = [test for group in document()["testGroups"] for test in group["tests"]]
    wrong = 0
    for other in (Libcrypto, GmSSL):
        try:
            verifier: Libcrypto | GmSSL = other()
        except (OSError, ImportError) as error:
            print(f"{other.name}: not here ({error})")
            continue
        asked = agreed = 0
        for test in tests:
            answer = verifier.verify(test)
            if answer is None:
                continue
            asked += 1
            if answer == (test["result"] == "valid"):
                agreed += 1
            else:
                wrong += 1
                print(f"{other.name} differs on {test['tcId']}: {test['flags'][0]}, {test['comment']}")
        print(f"{other.name}: agrees on {agreed} of {asked} tests")
    return wrong


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(1 if check() else 0)
    json.dump(document(), sys.stdout, indent=1)
    print()
