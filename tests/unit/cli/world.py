"""The files that the tests of the command line start from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.ofd import OfdBuilder, open_ofd
from egov_sdk.pki import LocalCA
from egov_sdk.seal import Placement, make_seal, stamp
from egov_sdk.seal.draw import draw_round_seal

__all__ = ["DAYS", "MADE_AT", "PASSWORD", "build"]

#: Long ago and for long, so that the tests hold on any machine's clock.
MADE_AT = datetime(2004, 1, 5, 1, 2, 3, tzinfo=UTC)
DAYS = 36_500
PASSWORD = "correct horse"


def build(folder: Path) -> None:
    """Keys and certificates of a root, a maker and a bureau; a seal; documents: plain, sealed, tampered, broken."""
    files: dict[str, bytes] = {}
    root_key, maker_key, bureau_key = (SM2PrivateKey.generate() for _ in range(3))
    root = LocalCA.create_root("示例根证书", at=MADE_AT, days=DAYS, key=root_key)
    maker = root.issue("seal_maker", "示例制章单位", maker_key.public_key(), at=MADE_AT, days=DAYS)
    bureau = root.issue("signer", "示例市数据局", bureau_key.public_key(), at=MADE_AT, days=DAYS)
    for name, key, certificate in (
        ("root", root_key, root.certificate),
        ("maker", maker_key, maker),
        ("bureau", bureau_key, bureau),
    ):
        files[f"{name}.key.pem"] = key.to_pem()
        files[f"{name}.pem"] = certificate.to_pem()
    files["locked.key.pem"] = bureau_key.to_pem(PASSWORD)
    picture = draw_round_seal("示例市数据局", dpi=100)
    seal = make_seal(
        name="示例市数据局",
        seal_id="33010000000001",
        picture=picture,
        holders=[bureau],
        maker=maker_key,
        maker_certificate=maker,
        created_at=MADE_AT,
        valid_from=MADE_AT,
        valid_to=MADE_AT + timedelta(days=DAYS),
    )
    files["seal.png"] = picture.data
    files["bureau.esl"] = seal.raw
    files["forged.esl"] = seal.raw.replace("示例市数据局".encode(), "示例省数据局".encode(), 1)
    builder = OfdBuilder(created=MADE_AT, title="示例通知")
    builder.page().text(25, 40, "价税合计：壹佰元整")
    builder.page().text(25, 40, "第二页")
    files["plain.ofd"] = builder.build()
    place = Placement(page=1, x_mm=140, y_mm=230)
    sealed = stamp(files["plain.ofd"], seal=seal, signer=bureau_key, at=[place], signed_at=MADE_AT)
    package = open_ofd(sealed)
    page = package.documents[0].pages[0].name
    files["sealed.ofd"] = sealed
    files["tampered.ofd"] = package.rewrite({page: package.read(page).replace("壹".encode(), "玖".encode())})
    files["broken.ofd"] = sealed[: len(sealed) // 2]
    files["garbage.ofd"] = bytes(range(256)) * 8
    files["empty.ofd"] = b""
    files["root.crl"] = root.crl(at=MADE_AT, days=DAYS)
    for name, content in files.items():
        (folder / name).write_bytes(content)
