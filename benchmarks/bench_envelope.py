"""How fast messages are sealed and opened, receipts signed in batches, and large attachments streamed, in one run.

    python benchmarks/bench_envelope.py [--rounds 8] [--megabytes 256] [--json results.json]

Machines and moments differ, so look at the ratios. Short rounds are taken in turn and the best one counts. Sealing
signs a message of 1 KB, encrypts it to one receiver and writes JSON; opening reads it, decrypts, and verifies all that
``open_envelope`` verifies: signature, content, parties, receiver, dates, the chain to an anchor. The peer does less,
and with stock algorithms: joserfc signs with ES256, encrypts to ECDH-ES+A128KW with A128GCM, and sees no certificate.
Streams are read from and written to memory in pieces; their peer is hashlib's SHA-256 over the same octets.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast

from joserfc import jwe, jws
from joserfc.jwk import ECKey

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.crypto import SM2PrivateKey, backend
from egov_sdk.exchange.envelope.model import Envelope, Party
from egov_sdk.exchange.envelope.policy import ExchangePolicy
from egov_sdk.exchange.envelope.receipt import sign_receipt, sign_receipts
from egov_sdk.exchange.envelope.sealed import seal
from egov_sdk.exchange.envelope.stream import copy_verified, measure
from egov_sdk.exchange.envelope.stream_sealed import decrypt_stream, encrypt_stream
from egov_sdk.exchange.envelope.verify import open_envelope
from egov_sdk.pki import LocalCA, TrustStore

PAIRS_GOAL, STREAM_GOAL, MEMORY_GOAL = 2_500, 250, 64  # pairs a second, MB a second, MiB
AT = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
CONTENT = bytes(range(256)) * 4
BATCH = 1_000


class Pattern:
    """A file of one octet pattern that takes no memory."""

    def __init__(self, length: int) -> None:
        self._left, self._piece = length, bytes(range(256)) * 4096

    def read(self, size: int = -1) -> bytes:
        count = min(size if size >= 0 else self._left, self._left, len(self._piece))
        self._left -= count
        return self._piece[:count]


class Nowhere:
    """A file that forgets what is written."""

    def write(self, octets: bytes) -> int:
        return len(octets)


class Pipe:
    """A file that keeps what is written until it is read, for a stream that is opened while it is sealed."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, octets: bytes) -> int:
        self.pieces.append(octets)
        return len(octets)

    def read(self, size: int = -1) -> bytes:
        if not self.pieces:
            return b""
        piece = self.pieces.pop(0)
        if 0 <= size < len(piece):
            self.pieces.insert(0, piece[size:])
            piece = piece[:size]
        return piece


def ours() -> dict[str, Callable[[], object]]:
    """Our own calls."""
    ca = LocalCA.create_root("Root", at=AT - timedelta(days=9), days=900)
    tax, market = (Party(code=specimen_credit_code(number).number) for number in (1, 2))
    signer, decrypter = SM2PrivateKey.generate(), SM2PrivateKey.generate()
    certificate = ca.issue("signer", "Tax Office", signer.public_key(), at=AT - timedelta(days=8))
    encryption = ca.issue("encryption", "Market Office", decrypter.public_key(), at=AT - timedelta(days=8))
    policy = ExchangePolicy(trust=TrustStore([ca.certificate]), parties={tax.id: [certificate]}, receiver=market)

    def sealing() -> bytes:
        envelope = Envelope.new(
            CONTENT, sender=tax, receivers=market, service="s_0001", purpose="企业开办", basis="条例", at=AT
        )
        return seal(envelope, to={market: encryption}, signer=signer, certificate=certificate).sealed.to_json()

    data = sealing()
    opened = open_envelope(data, key=decrypter, policy=policy, at=AT)
    receipts = [opened.message.receipt(receiver=market, at=AT) for _ in range(BATCH)]
    words = {"signer": signer, "certificate": certificate}
    return {
        "seal": sealing,
        "open": lambda: open_envelope(data, key=decrypter, policy=policy, at=AT).require(),
        "seal and open": lambda: open_envelope(sealing(), key=decrypter, policy=policy, at=AT).require(),
        "receipt": lambda: sign_receipt(receipts[0], **words),  # type: ignore[arg-type]  # a table of words
        "batch": lambda: sign_receipts(receipts, at=AT, **words),  # type: ignore[arg-type]  # as above
    }


def peer() -> dict[str, Callable[[], object]]:
    """joserfc with stock algorithms."""
    signer, decrypter = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    registry = jwe.JWERegistry(algorithms=["ECDH-ES+A128KW", "A128GCM"])

    def sealing() -> str:
        signed = jws.serialize_compact({"alg": "ES256"}, CONTENT, signer)
        header = {"alg": "ECDH-ES+A128KW", "enc": "A128GCM"}
        return jwe.encrypt_compact(header, signed.encode(), decrypter, registry=registry)

    def opening(token: str) -> bytes:
        signed = jwe.decrypt_compact(token, decrypter, registry=registry).plaintext or b""
        return jws.deserialize_compact(signed.decode(), signer).payload

    data = sealing()
    return {"seal": sealing, "open": lambda: opening(data), "seal and open": lambda: opening(sealing())}


def per_second(operation: Callable[[], object], *, least_s: float = 0.15) -> float:
    start, times = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - start) < least_s:
        operation()
        times += 1
    return times / elapsed


def streams(megabytes: int) -> dict[str, float]:
    """MB a second over so many MB."""
    length, secret = megabytes * 1_000_000, bytes(16)

    def file() -> BinaryIO:
        return cast("BinaryIO", Pattern(length))

    nowhere = cast("BinaryIO", Nowhere())
    found: dict[str, float] = {}

    def timed(name: str, operation: Callable[[], object]) -> None:
        start = time.perf_counter()
        operation()
        found[name] = megabytes / (time.perf_counter() - start)

    measured = measure(file())
    attachment = measured.attachment("large.bin")
    timed("measure", lambda: measure(file()))
    words = {"attachment": attachment, "manifest": measured.manifest}
    timed("copy and verify", lambda: copy_verified(file(), nowhere, **words))  # type: ignore[arg-type]  # a table
    timed("encrypt", lambda: encrypt_stream(file(), nowhere, secret=secret, **words))  # type: ignore[arg-type]  # as above
    small = measure(cast("BinaryIO", Pattern(32_000_000)))
    part, pipe = small.attachment("part.bin"), Pipe()
    encrypt_stream(
        cast("BinaryIO", Pattern(32_000_000)),
        cast("BinaryIO", pipe),
        attachment=part,
        manifest=small.manifest,
        secret=secret,
    )
    start = time.perf_counter()
    decrypt_stream(cast("BinaryIO", pipe), nowhere, attachment=part, secret=secret)
    found["decrypt and verify"] = 32 / (time.perf_counter() - start)
    timed("SHA-256, hashlib", lambda: hashlib.file_digest(_Readable(length), "sha256"))
    return found


class _Readable(Pattern):
    """As hashlib.file_digest wants its files."""

    def readinto(self, target: bytearray) -> int:
        piece = self.read(len(target))
        target[: len(piece)] = piece
        return len(piece)

    def readable(self) -> bool:
        return True


def measured_pairs(rounds: int) -> dict[str, dict[str, float]]:
    work = {"egov_sdk, SM2 and SM4": ours(), "joserfc, P-256 and AES": peer()}
    best = {name: dict.fromkeys(operations, 0.0) for name, operations in work.items()}
    for _ in range(rounds):
        for name, operations in work.items():
            for what, operation in operations.items():
                best[name][what] = max(best[name][what], per_second(operation))
    best["egov_sdk, SM2 and SM4"]["batch"] *= BATCH
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    flow = streams(arguments.megabytes)
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    results = measured_pairs(arguments.rounds)
    print(f"messages of 1 KB per second, SM2 backend: {backend()}")
    for name, row in results.items():
        print(f"{name:<26}" + "".join(f"{what}: {value:>10,.0f}  " for what, value in row.items()))
    print(f"attachments of {arguments.megabytes} MB, MB per second; {memory:.0f} MiB more memory than before")
    print("".join(f"{what}: {value:,.0f}  " for what, value in flow.items()))
    own, stock = (row["seal and open"] for row in results.values())
    slowest = min(value for what, value in flow.items() if "hashlib" not in what)
    print(f"sealing and opening here to joserfc: {own / stock:.2f}")
    for what, goal, met in (
        (f"{PAIRS_GOAL:,} pairs a second", own, own >= PAIRS_GOAL),
        (f"{STREAM_GOAL} MB a second", slowest, slowest >= STREAM_GOAL),
        (f"at most {MEMORY_GOAL} MiB", memory, memory <= MEMORY_GOAL),
    ):
        print(f"goal: {what}: {'met' if met else 'missed'} ({goal:,.0f})")
    if arguments.json:
        written = {"backend": str(backend()), "pairs": results, "streams": flow, "memory_mib": memory}
        arguments.json.write_text(json.dumps(written, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
