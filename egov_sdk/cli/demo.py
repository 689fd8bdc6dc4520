"""The main job from nothing: an authority, a seal, a certificate, a stamp, a verification, and a forgery caught.

This is the sample to read first. It uses what every program can import, keeps everything in memory, and
touches no file: ``egov demo`` writes what it returns.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.ofd import OfdBuilder, open_ofd
from egov_sdk.pki import Certificate, LocalCA, TrustStore
from egov_sdk.report import Report
from egov_sdk.seal import ElectronicSeal, Placement, Policy, make_seal, stamp, verify
from egov_sdk.seal.draw import draw_round_seal

__all__ = [
    "BUREAU",
    "FORGED_HOLDER",
    "HOLDER",
    "Demo",
    "People",
    "change_one_character",
    "make_bureau_seal",
    "make_people",
    "play",
    "stamp_certificate",
    "verify_document",
    "write_certificate",
]

BUREAU = "示例市数据局"
HOLDER, FORGED_HOLDER = "张三", "张五"


@dataclass(frozen=True, slots=True)
class People:
    """Who takes part: the authority that vouches for all, the maker of seals, and the bureau that seals."""

    root: LocalCA
    root_key: SM2PrivateKey
    maker_key: SM2PrivateKey
    maker: Certificate
    bureau_key: SM2PrivateKey
    bureau: Certificate


@dataclass(frozen=True, slots=True)
class Demo:
    """Everything that came out: the seal, the three documents, and what verification says of two of them."""

    people: People
    seal: ElectronicSeal
    certificate: bytes
    sealed: bytes
    sealed_report: Report
    tampered: bytes
    tampered_report: Report


def play(*, at: datetime) -> Demo:
    """Do all of it, as at one moment.

    Raises:
        ValueError: ``at`` is naive.
    """
    people = make_people(at=at)
    seal = make_bureau_seal(people, at=at)
    certificate = write_certificate(at=at)
    sealed = stamp_certificate(certificate, seal=seal, people=people, at=at)
    tampered = change_one_character(sealed)
    return Demo(
        people=people,
        seal=seal,
        certificate=certificate,
        sealed=sealed,
        sealed_report=verify_document(sealed, people=people, at=at, name="sealed.ofd"),
        tampered=tampered,
        tampered_report=verify_document(tampered, people=people, at=at, name="tampered.ofd"),
    )


def make_people(*, at: datetime) -> People:
    """Make a local authority, and let it issue a certificate to the maker of seals and to the bureau."""
    root_key, maker_key, bureau_key = (SM2PrivateKey.generate() for _ in range(3))
    root = LocalCA.create_root("CN=示例根证书,O=egov_sdk 演示,C=CN", at=at, days=3650, key=root_key)
    maker = root.issue("seal_maker", "CN=示例印章制作单位,C=CN", maker_key.public_key(), at=at, days=1825)
    bureau = root.issue("signer", f"CN={BUREAU},C=CN", bureau_key.public_key(), at=at, days=730)
    return People(root, root_key, maker_key, maker, bureau_key, bureau)


def make_bureau_seal(people: People, *, at: datetime) -> ElectronicSeal:
    """Draw the bureau's seal with a star and the mark 样章, and let the maker sign it for the bureau's certificate."""
    return make_seal(
        name=BUREAU,
        seal_id="EGOV-DEMO-0001",
        picture=draw_round_seal(BUREAU, diameter_mm=42),
        holders=[people.bureau],
        maker=people.maker_key,
        maker_certificate=people.maker,
        created_at=at,
        valid_from=at,
        valid_to=at + timedelta(days=700),
    )


def write_certificate(*, at: datetime) -> bytes:
    """Write a certificate of one page, with room for the seal over the name of the bureau."""
    gold, ink, grey = "#b08d3c", "#222222", "#888888"
    issued = f"{at.year} 年 {at.month} 月 {at.day} 日"
    builder = OfdBuilder(created=at, title="示例资格证书", author=BUREAU)
    page = builder.page(width_mm=210, height_mm=297)
    page.rect(12, 12, 186, 273, stroke=gold, line_width_mm=1.6)
    page.rect(16, 16, 178, 265, stroke=gold, line_width_mm=0.35)
    for x, y in ((16, 16), (194, 16), (16, 281), (194, 281)):
        page.circle(x, y, 3.2, stroke=gold, fill="#ffffff", line_width_mm=0.5)
        page.circle(x, y, 1.2, stroke=None, fill=gold)
    page.text(105, 44, "资 格 证 书", font="楷体", size_mm=17, color="#9c1c1c", align="center", bold=True)
    page.text(105, 68, "（样本，无法律效力）", size_mm=5, color=grey, align="center")
    page.line(55, 80, 155, 80, color=gold, line_width_mm=0.5)
    fields = (
        ("姓　　名", HOLDER),
        ("证书编号", f"YB-{at.year}-000001"),
        ("资格名称", "电子印章应用"),
        ("发证日期", issued),
    )
    for row, (label, value) in enumerate(fields):
        top = 98 + 15 * row
        page.text(42, top, label, font="黑体", size_mm=5.6, color=ink)
        page.text(76, top, value, size_mm=5.6, color=ink)
        page.line(75, top + 8, 168, top + 8, color="#cccccc", line_width_mm=0.2)
    page.text(
        42,
        168,
        f"　　兹证明{HOLDER}同志经考核合格，具备使用和验证电子印章的能力，特发此证。",
        size_mm=5.6,
        color=ink,
        width_mm=126,
        line_height=1.8,
    )
    page.text(142, 228, BUREAU, font="黑体", size_mm=6.5, color=ink, align="center")
    page.text(142, 239, issued, size_mm=5.6, color=ink, align="center")
    page.text(105, 271, "由 egov demo 生成", size_mm=3.2, color=grey, align="center")
    return builder.build()


def stamp_certificate(document: bytes, *, seal: ElectronicSeal, people: People, at: datetime) -> bytes:
    """Stamp the document where the bureau's name stands: the middle of the 42 mm seal lies on it."""
    place = Placement(page=1, x_mm=142 - 21, y_mm=233 - 21)
    return stamp(document, seal=seal, signer=people.bureau_key, at=[place], signed_at=at)


def verify_document(document: bytes, *, people: People, at: datetime, name: str) -> Report:
    """Verify as a stranger would, who trusts the root and nobody else."""
    policy = Policy.standard(trust=TrustStore([people.root.certificate]), at=at)
    return verify(document, policy=policy, subject=name)


def change_one_character(sealed: bytes) -> bytes:
    """Forge the name of the holder in the page, and leave every other byte of the package alone."""
    package = open_ofd(sealed)
    page = package.documents[0].pages[0].name
    return package.rewrite({page: package.read(page).replace(HOLDER.encode(), FORGED_HOLDER.encode(), 1)})
