"""How fast tokens are signed and verified: SM2 and HMAC-SM3 here, ES256 here and in joserfc, all in one run.

    python benchmarks/bench_jose.py [--rounds 15] [--json results.json]

Machines and moments differ, so look at the ratios. Short rounds are taken in turn and the best one counts. Verifying
holds everything a user calls: choosing the key from a set of four by its id, the header, the signature, the claims with
their times, issuer, audience and nonce. joserfc does the same with its claims registry. Keys are warm, as in a service.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jwk import KeySet as StockKeySet

from egov_sdk.crypto import backend
from egov_sdk.crypto.jose import (
    ExpectedClaims,
    KeySet,
    SignatureAlgorithm,
    TokenKey,
    load_jwks,
    sign_token,
    verify_token,
)

GOAL = 12_000  # SM2 tokens verified per second, with the native kernel
NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
CLAIMS: dict[str, object] = {
    "iss": "https://id.example.gov.cn",
    "sub": "3f0f0d9e5e2c4f7c",
    "aud": "app",
    "exp": NOW_S + 600,
    "iat": NOW_S,
    "nonce": "n-0S6_WzA2Mj",
    "name": "*三",
    "level": "real_person",
}
EXPECTED = ExpectedClaims(issuer="https://id.example.gov.cn", audience="app", nonce="n-0S6_WzA2Mj")


def ours(algorithm: SignatureAlgorithm) -> dict[str, Callable[[], object]]:
    """Our own calls; public keys go through their published form, as at a relying party."""
    assert algorithm != "RS256"
    made = [TokenKey.generate(algorithm, key_id=f"key-{number}") for number in range(4)]
    keys = KeySet.of(made) if algorithm == "SGD_SM3_HMAC" else load_jwks(json.dumps(KeySet.of(made).to_jwks()))
    token = sign_token(CLAIMS, made[2])
    return {
        "sign": lambda: sign_token(CLAIMS, made[2]),
        "verify": lambda: verify_token(token, keys, algorithms=(algorithm,), expected=EXPECTED, at=NOW),
    }


def joserfc() -> dict[str, Callable[[], object]]:
    made = [ECKey.generate_key("P-256", {"kid": f"key-{number}"}) for number in range(4)]
    keys = StockKeySet.import_key_set(StockKeySet(list(made)).as_dict())
    header = {"alg": "ES256", "typ": "JWT", "kid": "key-2"}
    token = jwt.encode(header, dict(CLAIMS), made[2], algorithms=["ES256"])
    registry = jwt.JWTClaimsRegistry(
        now=NOW_S,
        leeway=60,
        iss={"essential": True, "value": "https://id.example.gov.cn"},
        aud={"essential": True, "value": "app"},
        exp={"essential": True},
        nonce={"essential": True, "value": "n-0S6_WzA2Mj"},
    )

    def verify() -> object:
        read = jwt.decode(token, keys, algorithms=["ES256"])
        registry.validate(read.claims)
        return read

    return {"sign": lambda: jwt.encode(header, dict(CLAIMS), made[2], algorithms=["ES256"]), "verify": verify}


def per_second(operation: Callable[[], object], *, times: int = 200) -> float:
    start = time.perf_counter()
    for _ in range(times):
        operation()
    return times / (time.perf_counter() - start)


def measure(rounds: int) -> dict[str, dict[str, float]]:
    work = {
        "SGD_SM3_SM2, egov_sdk": ours("SGD_SM3_SM2"),
        "SGD_SM3_HMAC, egov_sdk": ours("SGD_SM3_HMAC"),
        "ES256, egov_sdk": ours("ES256"),
        "ES256, joserfc": joserfc(),
    }
    best = {name: dict.fromkeys(operations, 0.0) for name, operations in work.items()}
    for _ in range(rounds):
        for name, operations in work.items():
            for what, operation in operations.items():
                best[name][what] = max(best[name][what], per_second(operation))
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    results = measure(arguments.rounds)
    print(f"tokens per second, SM2 backend: {backend()}")
    print(f"{'':<26}{'sign':>10}{'verify':>10}")
    for name, row in results.items():
        print(f"{name:<26}{row['sign']:>10,.0f}{row['verify']:>10,.0f}")
    verified, stock = results["SGD_SM3_SM2, egov_sdk"]["verify"], results["ES256, joserfc"]["verify"]
    print(f"SM2 here to ES256 in joserfc, verifying: {verified / stock:.2f}")
    print(f"goal: {GOAL:,} verified a second with the native kernel: {'met' if verified >= GOAL else 'missed'}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"backend": str(backend()), **results}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
