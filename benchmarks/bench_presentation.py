"""How fast licences are shown and checked: made and checked whole, and beside it an ES256 JWT of the same words.

    python benchmarks/bench_presentation.py [--rounds 12] [--json results.json]

Machines and moments differ, so look at the ratios. Short rounds are taken in turn and the best one counts. A check is
the whole report: form, signature, items, audience, time, the issuer's chain, whether it may issue this type, and the
status list, which is read once as a verifier keeps it. joserfc checks a signature and five claims, and knows no chain,
no types and no states. Keys are warm, as at a gate; the keys of holders are new at every check, as they are there.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

from egov_sdk.crypto import SM2PrivateKey, backend
from egov_sdk.identity.trusting import CertificateTrust
from egov_sdk.license.present import (
    Expected,
    LicenseIssuer,
    PresentationPolicy,
    StatusEntry,
    attest,
    check_presentation,
    read_status_list,
    sign_presentation,
    sign_status_list,
)
from egov_sdk.license.present.qr import draw_qr
from egov_sdk.pki import LocalCA, TrustStore

GOAL = 8_000  # made, and checked, per second and core, with the native kernel
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TYPE = "11100000000013338W011"
VERIFIER = "91430100MA4Q5K7T3X"
USUAL = {
    "holder_name": "张三",
    "number": "湘建安C(2023)0000403",
    "identifier": f"1.2.156.3005.2.{TYPE}.11430000006122244L.20230000403.001.U",
    "valid_until": "2029-06-01",
}
EVERYTHING = USUAL | {
    "holder_code": "890000199001010152",
    "name": "建筑施工企业安全生产管理人员考核合格证书",
    "issuer_name": "示例省住房和城乡建设厅",
    "issued_on": "2023-06-01",
}
STATUS = StatusEntry(1, 70_123)

Work = dict[str, Callable[[], object]]


def ours() -> tuple[Work, dict[str, float]]:
    """What issuers, holders and verifiers call, and how large the codes are."""
    ca = LocalCA.create_root("Root", at=NOW - timedelta(days=9))
    issuer, holder = SM2PrivateKey.generate(), SM2PrivateKey.generate()
    certificate = ca.issue("signer", "Bureau", issuer.public_key(), at=NOW - timedelta(days=8))
    policy = PresentationPolicy(
        trusting=CertificateTrust(trust=TrustStore([ca.certificate])),
        issuers=(LicenseIssuer(subjects=frozenset({certificate.subject.text}), type_codes=frozenset({TYPE})),),
    )
    listed = sign_status_list({}, list_id=1, sequence=1, signer=issuer, certificate=certificate, at=NOW)
    lists, expected = (read_status_list(listed),), Expected(audience=VERIFIER, type_code=TYPE)
    credential = attest(
        TYPE,
        EVERYTHING,
        holder_key=holder.public_key(),
        status=STATUS,
        signer=issuer,
        valid_from=NOW - timedelta(days=1),
        valid_until=NOW + timedelta(days=30),
    )

    def token() -> str:
        return sign_presentation(TYPE, USUAL, status=STATUS, signer=issuer, at=NOW, audience=VERIFIER).text

    def shown() -> str:
        return credential.present(show=("holder_name", "number"), signer=holder, at=NOW, audience=VERIFIER).text

    def check(text: str) -> Callable[[], object]:
        return lambda: check_presentation(text, policy=policy, at=NOW, status_lists=lists, expected=expected).require()

    made, by_holder = token(), shown()
    sizes = {"by the issuer": float(draw_qr(made).version), "by the holder": float(draw_qr(by_holder).version)}
    work: Work = {
        "made by the issuer": token,
        "checked, by the issuer": check(made),
        "made by the holder": shown,
        "checked, by the holder": check(by_holder),
        "read a status list of 131,072": lambda: read_status_list(listed),
    }
    return work, sizes


def joserfc() -> Work:
    """The same words as claims."""
    key = ECKey.generate_key("P-256", {"kid": "key"})
    seconds = int(NOW.timestamp())
    claims = {"iss": "bureau", "aud": VERIFIER, "iat": seconds, "exp": seconds + 120, "jti": "0011223344556677"}
    header = {"alg": "ES256", "typ": "JWT", "kid": "key"}
    whole: dict[str, object] = {**claims, "typ": TYPE, **USUAL}
    token = jwt.encode(header, dict(whole), key, algorithms=["ES256"])
    registry = jwt.JWTClaimsRegistry(
        now=seconds,
        iss={"essential": True, "value": "bureau"},
        aud={"essential": True, "value": VERIFIER},
        exp={"essential": True},
        jti={"essential": True},
        typ={"essential": True, "value": TYPE},
    )

    def verify() -> object:
        read = jwt.decode(token, key, algorithms=["ES256"])
        registry.validate(read.claims)
        return read

    return {
        "ES256 of joserfc signed": lambda: jwt.encode(header, dict(whole), key, algorithms=["ES256"]),
        "ES256 of joserfc verified": verify,
    }


def best_rates(work: Work, rounds: int) -> dict[str, float]:
    """Calls per second, of each the best of short rounds taken in turn."""
    best = dict.fromkeys(work, 0.0)
    for _ in range(rounds):
        for name, act in work.items():
            done, start = 0, time.perf_counter()
            while (spent := time.perf_counter() - start) < 0.05:
                act()
                done += 1
            best[name] = max(best[name], done / spent)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    work, sizes = ours()
    rates = best_rates(work | joserfc(), arguments.rounds)
    ratios = {
        "made / ES256 signed": rates["made by the issuer"] / rates["ES256 of joserfc signed"],
        "checked / ES256 verified": rates["checked, by the issuer"] / rates["ES256 of joserfc verified"],
        "checked by the holder / ES256 verified": rates["checked, by the holder"] / rates["ES256 of joserfc verified"],
    }
    print(f"SM2 backend: {backend()}")
    for name, rate in rates.items():
        print(f"{name:<34}{rate:>12,.0f} /s")
    for name, ratio in ratios.items():
        print(f"{name:<42}{ratio:>6.2f}")
    for name, version in sizes.items():
        print(f"QR version at level M, {name:<20}{version:>4.0f}")
    slowest = min(rates["made by the issuer"], rates["checked, by the issuer"])
    print(f"goal: {GOAL:,} a second: {'met' if slowest >= GOAL else 'missed'}")
    if arguments.json:
        results = {"per_second": rates, "ratios": ratios, "qr_version": sizes}
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
