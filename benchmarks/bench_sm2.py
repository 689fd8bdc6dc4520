"""How fast SM2 and SM3 are here: every backend, the package gmssl, OpenSSL and P-256, all in one run.

    python benchmarks/bench_sm2.py [--rounds 25] [--json results.json] [--plot results.png]

Machines and moments differ, so look at the ratios. Short rounds are taken in turn and the best one counts.
Our rows hold everything a user calls: encoding, hashing of 256 bytes with the ID, fresh randomness.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from egov_sdk.crypto import SM2PrivateKey, SM2PublicKey, available_backends, set_backend, sm3
from egov_sdk.crypto._sm3_pure import PureSM3

MESSAGE = bytes(range(256))
SECRET = bytes(range(16))  # such as the key of a message
KEY = SM2PrivateKey.generate()
DIGEST = bytes(range(32))

Operation = Callable[[], object]
Contestants = dict[str, dict[str, Operation]]


@contextmanager
def using(backend: str) -> Iterator[None]:
    set_backend(backend)
    try:
        yield
    finally:
        set_backend(None)


def within(backend: str, operation: Operation) -> Operation:
    def run() -> object:
        with using(backend):
            return operation()

    return run


def ours(backend: str) -> dict[str, Operation]:
    """Our own calls on one backend; only choosing the backend is added, well under a microsecond."""
    point = KEY.public_key().point
    known = SM2PublicKey.from_point(point)
    signature = KEY.sign(MESSAGE)
    with using(backend):
        known.precompute()
    key = SM2PrivateKey.from_int(int.from_bytes(KEY._d, "big"))
    sealed = known.encrypt(SECRET)
    return {
        "sign": within(backend, lambda: key.sign(MESSAGE)),
        "verify, new key": within(backend, lambda: SM2PublicKey.from_point(point).verify(signature, MESSAGE)),
        "verify, known key": within(backend, lambda: known.verify(signature, MESSAGE)),
        "encrypt 16 bytes": within(backend, lambda: known.encrypt(SECRET)),
        "decrypt 16 bytes": within(backend, lambda: key.decrypt(sealed)),
    }


def gmssl_package() -> Contestants:
    """The package's own calls, with its hashing as a user has it, and given the hash."""
    from gmssl.sm2 import CryptSM2

    # its lstrip("04") damages keys whose text begins so: take one that does not
    key = KEY
    while key.public_key().point.hex()[0] in "04":
        key = SM2PrivateKey.generate()
    theirs = CryptSM2(private_key=key._d.hex(), public_key=key.public_key().point.hex(), asn1=True)
    signature = theirs.sign_with_sm3(MESSAGE, os.urandom(31).hex())
    key.public_key().verify(bytes.fromhex(signature), MESSAGE)
    of_digest = theirs.sign(DIGEST, os.urandom(31).hex())
    sealed = theirs.encrypt(SECRET)
    assert key.decrypt(sealed, form="c1c2c3-bare") == SECRET
    return {
        "gmssl": {
            "sign": lambda: theirs.sign_with_sm3(MESSAGE, os.urandom(31).hex()),
            "verify, new key": lambda: theirs.verify_with_sm3(signature, MESSAGE),
            "verify, known key": lambda: theirs.verify_with_sm3(signature, MESSAGE),
            "encrypt 16 bytes": lambda: theirs.encrypt(SECRET),
            "decrypt 16 bytes": lambda: theirs.decrypt(sealed),
        },
        "gmssl, hash given": {
            "sign": lambda: theirs.sign(DIGEST, os.urandom(31).hex()),
            "verify, new key": lambda: theirs.verify(of_digest, DIGEST),
            "verify, known key": lambda: theirs.verify(of_digest, DIGEST),
        },
    }


def p256() -> dict[str, Operation]:
    """ECDSA on P-256 with SHA-256 from the package cryptography, OpenSSL's assembler."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    public, algorithm = key.public_key(), ec.ECDSA(hashes.SHA256())
    numbers = public.public_numbers()
    signature = key.sign(MESSAGE, algorithm)
    return {
        "sign": lambda: key.sign(MESSAGE, algorithm),
        "verify, new key": lambda: numbers.public_key().verify(signature, MESSAGE, algorithm),
        "verify, known key": lambda: public.verify(signature, MESSAGE, algorithm),
    }


class Evp:
    """SM2 of the system's OpenSSL through its high-level calls."""

    def __init__(self) -> None:
        self.library = ctypes.CDLL("libcrypto.so.3")
        pointer = ctypes.c_void_p
        for name in ("d2i_AutoPrivateKey", "d2i_PUBKEY", "EVP_MD_CTX_new", "EVP_PKEY_CTX_new", "EVP_sm3"):
            getattr(self.library, name).restype = pointer
        self.private = pointer(self._read("d2i_AutoPrivateKey", KEY.to_der()))
        self.public = pointer(self._read("d2i_PUBKEY", KEY.public_key().to_der()))
        self.sm3 = pointer(self.library.EVP_sm3())
        self.signature = self.sign()
        self.verify(self.public)

    def _read(self, function: str, der: bytes) -> int:
        place = ctypes.c_char_p(der)
        found = getattr(self.library, function)(None, ctypes.byref(place), ctypes.c_long(len(der)))
        if not found:
            raise OSError(f"{function}: this OpenSSL has no SM2")
        return int(found)

    @contextmanager
    def context(self, key: ctypes.c_void_p, start: str) -> Iterator[ctypes.c_void_p]:
        context = ctypes.c_void_p(self.library.EVP_MD_CTX_new())
        key_context = ctypes.c_void_p(self.library.EVP_PKEY_CTX_new(key, None))
        assert self.library.EVP_PKEY_CTX_set1_id(key_context, b"1234567812345678", ctypes.c_int(16)) == 1
        self.library.EVP_MD_CTX_set_pkey_ctx(context, key_context)
        assert getattr(self.library, start)(context, None, self.sm3, None, key) == 1
        yield context
        self.library.EVP_MD_CTX_free(context)
        self.library.EVP_PKEY_CTX_free(key_context)

    def sign(self) -> bytes:
        buffer, size = ctypes.create_string_buffer(72), ctypes.c_size_t(72)
        with self.context(self.private, "EVP_DigestSignInit") as context:
            done = self.library.EVP_DigestSign(
                context, buffer, ctypes.byref(size), MESSAGE, ctypes.c_size_t(len(MESSAGE))
            )
            assert done == 1
        return buffer.raw[: size.value]

    def verify(self, key: ctypes.c_void_p) -> None:
        with self.context(key, "EVP_DigestVerifyInit") as context:
            done = self.library.EVP_DigestVerify(
                context,
                self.signature,
                ctypes.c_size_t(len(self.signature)),
                MESSAGE,
                ctypes.c_size_t(len(MESSAGE)),
            )
            assert done == 1

    def verify_new(self) -> None:
        key = ctypes.c_void_p(self._read("d2i_PUBKEY", self.der))
        self.verify(key)
        self.library.EVP_PKEY_free(key)

    der = KEY.public_key().to_der()

    def operations(self) -> dict[str, Operation]:
        return {
            "sign": self.sign,
            "verify, new key": self.verify_new,
            "verify, known key": lambda: self.verify(self.public),
        }


def hashing() -> dict[str, dict[str, Operation]]:
    long = bytes(1 << 20)
    rows: Contestants = {
        "egov_sdk sm3": {"SM3 of 288 bytes": lambda: sm3(long[:288]), "SM3 of 1 MiB": lambda: sm3(long)},
        "hashlib sha256": {
            "SM3 of 288 bytes": lambda: hashlib.sha256(long[:288]).digest(),
            "SM3 of 1 MiB": lambda: hashlib.sha256(long).digest(),
        },
        "egov_sdk sm3 in plain Python": {"SM3 of 288 bytes": lambda: PureSM3(long[:288]).digest()},
    }
    if "sm3" in hashlib.algorithms_available:
        rows["hashlib sm3"] = {
            "SM3 of 288 bytes": lambda: hashlib.new("sm3", long[:288]).digest(),
            "SM3 of 1 MiB": lambda: hashlib.new("sm3", long).digest(),
        }
    return rows


def contestants() -> Contestants:
    found: Contestants = {}
    for status in available_backends():
        if status.available:
            found[f"egov_sdk {status.name}"] = ours(status.name)
    found |= gmssl_package()
    try:
        found["libcrypto EVP by ctypes"] = Evp().operations()
    except OSError as error:
        print(f"no OpenSSL with SM2 here: {error}")
    found["P-256 of cryptography"] = p256()
    return found


def per_second(contestants: Contestants, rounds: int, budget_s: float) -> dict[str, dict[str, float]]:
    """Operations per second: in each round everyone runs once, and each one's best round counts."""
    runs = [(who, what, operation) for who, row in contestants.items() for what, operation in row.items()]
    counts = {}
    for who, what, operation in runs:
        operation()
        started = time.perf_counter()
        operation()
        counts[who, what] = max(1, int(budget_s / (time.perf_counter() - started)))
    best: dict[str, dict[str, float]] = {who: {} for who in contestants}
    for _ in range(rounds):
        for who, what, operation in runs:
            count = counts[who, what]
            started = time.perf_counter()
            for _ in range(count):
                operation()
            speed = count / (time.perf_counter() - started)
            best[who][what] = max(speed, best[who].get(what, 0.0))
    return best


def table(results: dict[str, dict[str, float]], yardsticks: tuple[str, ...]) -> str:
    operations = list(dict.fromkeys(what for row in results.values() for what in row))
    lines = []
    for what in operations:
        lines.append(f"\n{what}")
        for who, row in sorted(results.items(), key=lambda item: -item[1].get(what, 0)):
            if what not in row:
                continue
            ratios = "".join(
                f"  {row[what] / results[stick][what]:>8.2f} x {stick}"
                for stick in yardsticks
                if what in results.get(stick, ())
            )
            lines.append(f"  {who:30} {row[what]:>12,.0f} /s {ratios}")
    return "\n".join(lines)


def plot(results: dict[str, dict[str, float]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    operations = ("sign", "verify, new key", "verify, known key")
    figure, axes = pyplot.subplots(figsize=(9, 5))
    names = sorted(results, key=lambda who: results[who]["sign"])
    for index, what in enumerate(operations):
        places = [place + 0.27 * index for place in range(len(names))]
        axes.barh(places, [results[who][what] for who in names], height=0.25, label=what)
    axes.set_yticks([place + 0.27 for place in range(len(names))], names)
    axes.set_xscale("log")
    axes.set_xlabel("operations per second (logarithmic)")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--budget", type=float, default=0.02, help="seconds per operation and round")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    parser.add_argument("--plot", type=Path, help="draw them here, as PNG or SVG")
    arguments = parser.parse_args()
    signatures = per_second(contestants(), arguments.rounds, arguments.budget)
    hashes = per_second(hashing(), arguments.rounds, arguments.budget)
    print(table(signatures, ("gmssl", "gmssl, hash given", "P-256 of cryptography")))
    print(table({who: row for who, row in hashes.items() if len(row) == 2}, ("hashlib sha256",)))
    print(f"  in plain Python: {hashes['egov_sdk sm3 in plain Python']['SM3 of 288 bytes']:,.0f} of 288 bytes /s")
    if arguments.json:
        arguments.json.write_text(json.dumps({"per_second": {**signatures, **hashes}}, indent=2), "utf-8")
    if arguments.plot:
        plot(signatures, arguments.plot)


if __name__ == "__main__":
    main()
