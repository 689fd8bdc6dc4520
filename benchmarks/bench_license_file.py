"""How fast a licence is made, sealed and verified: identifier, OFD, seal; every check offline; one process, one core.

    python benchmarks/bench_license_file.py [--rounds 300] [--json results.json]

The licences are of the three sample types. Each has a serial, a number, a holder and an address of its own and is
verified once, so that what is remembered is what real licences have in common: the template, the seal, the issuer's
certificates. Times are those of the processor, for ten licences one after another as a desk at work has them. These
tens are taken in turn with P-256 verifications of `cryptography`, so that a number from a slow moment can be told from
a slow program; a licence is told as so many of those too.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from bench_sm2 import p256
from PIL import Image

from egov_sdk.codes.specimens import specimen_citizen_number, specimen_credit_code
from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.license import Authority, LicenseHolder, LicenseIdentifier, LicenseMetadata, LicensePolicy, verify
from egov_sdk.license.copies import annotate
from egov_sdk.license.face.samples import SAMPLES, SampleName
from egov_sdk.license.file import make_license_file, read_license_file, seal_license_file
from egov_sdk.license.metadata import CopyNote
from egov_sdk.license.samples import sample_type
from egov_sdk.license.sealing import LocalSealer
from egov_sdk.pki import LocalCA
from egov_sdk.seal import Policy, make_seal
from egov_sdk.seal import verify as verify_seals
from egov_sdk.seal.draw import draw_round_seal

P256 = "P-256 verify of cryptography"
IN_A_ROW = 10
AT = datetime(2026, 6, 1, tzinfo=UTC)
ISSUER = Authority(name="示例市管理局", code="11220000013544541J")
DEFINER = Authority(name="某部", code="11110000000021135M")
NUMERALS = str.maketrans("0123456789", "〇一二三四五六七八九")


def in_words(number: int) -> str:
    """A number as names have it, so that no two names are alike."""
    return str(number).translate(NUMERALS)


def holder(name: SampleName, number: int) -> LicenseHolder:
    if name == "person_certificate":
        code = specimen_citizen_number(number).number
        return LicenseHolder(name=f"张{in_words(number)}", code=code, type_code="111")
    code = specimen_credit_code(number).number
    return LicenseHolder(name=f"示例{in_words(number)}食品有限公司", code=code, type_code="001")


FIELDS: dict[SampleName, dict[str, str]] = {
    "business_permit": {
        "法定代表人": "李{}",
        "住所": "某某省某某市某某区某某路{}号某某大厦二十一层",
        "主体业态": "食品销售经营者",
        "经营项目": "预包装食品销售；散装食品销售；特殊食品销售（保健食品、婴幼儿配方乳粉）；其他类食品销售",
    },
    "person_certificate": {"性别": "男", "资格名称": "样例工程施工安全生产管理人员", "级别": "二级"},
    "multi_page_permit": {
        "地址": "某某省某某市某某区工业园{}路八号",
        "许可内容": "".join(f"（{n}）第{n}类样例设施的安装、改造、修理；" for n in range(1, 31)),
        "设备清单": "\n".join(f"{n}^样例检测设备{n}号^YL-{1000 + n}^1^" for n in range(1, 31)),
    },
}

Work = Callable[[], object]


def office() -> tuple[LocalSealer, Policy]:
    """An issuer with a seal, and a verifier who trusts it."""
    ca = LocalCA.create_root("示例根证书", at=AT, days=3650)
    maker, key = SM2PrivateKey.generate(), SM2PrivateKey.generate()
    maker_certificate = ca.issue("seal_maker", "示例制章单位", maker.public_key(), at=AT, days=2000)
    certificate = ca.issue("signer", ISSUER.name, key.public_key(), at=AT, days=1000)
    seal = make_seal(
        name=f"{ISSUER.name}电子证照专用章",
        seal_id="22010000000001",
        picture=draw_round_seal(ISSUER.name, diameter_mm=40),
        holders=[certificate],
        maker=maker,
        maker_certificate=maker_certificate,
        created_at=AT,
        valid_from=AT,
        valid_to=AT + timedelta(days=900),
    )
    return LocalSealer(seal, key, certificate), Policy.standard(trust=[ca.certificate], at=AT + timedelta(days=1))


def photo() -> bytes:
    out = io.BytesIO()
    Image.effect_mandelbrot((180, 240), (-2, -1.5, 1, 1.5), 60).save(out, "JPEG", quality=85)
    return out.getvalue()


def contestants(rounds: int) -> dict[str, Work]:
    """What is measured, by name; every call is about a licence that no call before it was about, for so many rounds."""
    sealer, seals = office()
    policy, serials, picture = LicensePolicy.offline(seals), count(1), photo()
    types = {type_.code: type_ for type_ in (sample_type(name, defined_by=DEFINER) for name in SAMPLES)}
    by_name = dict(zip(SAMPLES, types.values(), strict=True))

    def make(name: SampleName) -> bytes:
        type_, number = by_name[name], next(serials)
        metadata = LicenseMetadata(
            identifier=LicenseIdentifier.build(
                type_code=type_.code, issuer_code=ISSUER.code, serial=f"2026{number:010d}"
            ),
            name=type_.name, type_name=type_.name, number=f"YL{number:012d}", issuer=ISSUER,
            issued_on=date(2026, 6, 1), valid_from=date(2026, 6, 1), valid_until=date(2031, 5, 31),
            holders=(holder(name, number),),
            fields={field: text.replace("{}", in_words(number)) for field, text in FIELDS[name].items()},
        )  # fmt: skip
        pictures = {"照片": picture} if name == "person_certificate" else {}
        return make_license_file(type_, metadata, pictures=pictures)

    def issue(name: SampleName) -> bytes:
        template = by_name[name].template
        assert template is not None
        return seal_license_file(make(name), template=template, sealers={"issuer": sealer}, signed_at=AT)

    note = CopyNote(made_at=AT, maker=ISSUER.name, cause="办理变更登记", valid_until=AT + timedelta(days=3))
    found: dict[str, Work] = {}
    for name in SAMPLES:
        stock = [issue(name) for _ in range(rounds)]
        turn, other = count(), count()
        found[f"make {name}"] = lambda name=name: make(name)
        found[f"issue {name}: make and seal"] = lambda name=name: issue(name)
        found[f"verify {name}: every check offline"] = lambda stock=stock, turn=turn: verify(
            stock[next(turn) % len(stock)], policy=policy, types=types
        )
        found[f"verify {name}: its seals alone"] = lambda stock=stock, other=other: verify_seals(
            stock[next(other) % len(stock)], policy=seals
        )
    permit = issue("business_permit")
    found["read business_permit"] = lambda: read_license_file(permit)
    found["copy business_permit"] = lambda: annotate(permit, note=note, requester=DEFINER, sealer=sealer, at=AT)
    return found


def best_of(work: dict[str, Work], rounds: int) -> dict[str, float]:
    """The time of each in seconds of the processor: of the fastest ten in a row, taken in turn."""
    best = dict.fromkeys(work, float("inf"))
    for _ in range(rounds // IN_A_ROW):
        for name, run in work.items():
            started = time.process_time()
            for _ in range(IN_A_ROW):
                run()
            best[name] = min(best[name], (time.process_time() - started) / IN_A_ROW)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    work = {**contestants(options.rounds + 1), P256: p256()["verify, known key"]}
    for run in work.values():
        run()
    rates = {name: 1 / seconds for name, seconds in best_of(work, options.rounds).items()}
    sys.stdout.write(f"\n{'':50}{'per second':>12}{'µs':>10}{'P-256 verifies':>16}\n")
    for name, rate in rates.items():
        sys.stdout.write(f"  {name:48}{rate:12,.0f}{1e6 / rate:10,.0f}{rates[P256] / rate:16,.1f}\n")
    if options.json:
        options.json.write_text(json.dumps({"at": AT.isoformat(), "per_second": rates}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
