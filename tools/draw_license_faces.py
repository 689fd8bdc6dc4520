"""Draw docs/{zh,en}/assets/license-*.png: the faces of the three sample templates, sealed with a specimen seal.

    python tools/draw_license_faces.py [FOLDER ...]

The keys are new each time and the pages are not: the same version of resvg gives the same bytes.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from PIL import Image

from egov_sdk.cli._inputs import BEIJING
from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.license.face.samples import SAMPLES, SampleName
from egov_sdk.license.file import make_license_file, seal_license_file
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority, LicenseHolder, LicenseMetadata
from egov_sdk.license.samples import sample_type
from egov_sdk.license.sealing import LocalSealer
from egov_sdk.ofd import open_ofd
from egov_sdk.ofd.render import rasterize, render_page
from egov_sdk.pki import LocalCA
from egov_sdk.seal import make_seal
from egov_sdk.seal.draw import draw_round_seal
from egov_sdk.seal.shown import shown_signatures

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
AT: Final = datetime(2026, 6, 1, 9, 30, tzinfo=BEIJING)
COLOURS, BYTES_MAX = 64, 150_000

ISSUER: Final = Authority(name="某某市样例管理局", code="11220000013544541J")
DEFINER: Final = Authority(name="某部", code="11110000000021135M")
COMPANY: Final = LicenseHolder(name="某某市样例食品有限公司", code="91110000600037341L", type_code="001")
PERSON: Final = LicenseHolder(name="张三", code="11010519491231002X", type_code="111")
FIELDS: Final[Mapping[SampleName, Mapping[str, str]]] = {
    "business_permit": {
        "法定代表人": "李四",
        "住所": "某某省某某市某某区某某路一百二十三号某某大厦二十一层",
        "经营场所": "某某省某某市某某区某某路一百二十三号一层",
        "主体业态": "食品销售经营者",
        "经营项目": "预包装食品销售；散装食品销售（不含熟食）；特殊食品销售（保健食品、婴幼儿配方乳粉）",
    },
    "person_certificate": {"性别": "男", "资格名称": "样例工程施工安全生产管理人员", "级别": "二级"},
    "multi_page_permit": {
        "地址": "某某省某某市某某区工业园三路八号",
        "许可内容": "".join(f"（{n}）第{n}类样例设施的安装、改造、修理和维护保养；" for n in range(1, 41)),
        "设备清单": "\n".join(f"{n}^样例检测设备{n}号^YL-{1000 + n}^{n % 4 + 1}^" for n in range(1, 41)),
    },
}


def main() -> None:
    folders = [Path(name) for name in sys.argv[1:]] or [DOCS / lang / "assets" for lang in ("zh", "en")]
    sealer = _sealer()
    for name in SAMPLES:
        package = open_ofd(_license(name, sealer))
        stamps = [stamp for signature in shown_signatures(package) for stamp in signature.stamps]
        document = package.documents[0]
        dpi = 80 if len(document.pages) == 1 else 60
        pages = [rasterize(render_page(document, page.index, stamps=stamps), dpi=dpi) for page in document.pages]
        picture = _packed(pages)
        for folder in folders:
            out = folder / f"license-{name.replace('_', '-')}.png"
            out.write_bytes(picture)
            print(f"{out}: {len(picture)} bytes, {len(document.pages)} page(s)")


def _sealer() -> LocalSealer:
    made = AT - timedelta(days=30)
    ca = LocalCA.create_root("样例根", at=made, days=3650)
    maker, signer = SM2PrivateKey.generate(), SM2PrivateKey.generate()
    maker_certificate = ca.issue("seal_maker", "样例制章机构", maker.public_key(), at=made, days=2000)
    certificate = ca.issue("signer", f"C=CN,O={ISSUER.name},CN=证照签章", signer.public_key(), at=made, days=1000)
    seal = make_seal(
        name=f"{ISSUER.name}电子证照专用章",
        seal_id="22010000000001",
        picture=draw_round_seal(ISSUER.name, diameter_mm=40, lower_text="证照专用章", seed=1),
        holders=[certificate],
        maker=maker,
        maker_certificate=maker_certificate,
        created_at=made,
        valid_from=made,
        valid_to=made + timedelta(days=900),
    )
    return LocalSealer(seal, signer, certificate)


def _license(name: SampleName, sealer: LocalSealer) -> bytes:
    type_ = sample_type(name, defined_by=DEFINER)
    metadata = LicenseMetadata(
        identifier=LicenseIdentifier.build(type_code=type_.code, issuer_code=ISSUER.code, serial="20260601000001"),
        name=type_.name,
        type_name=type_.name,
        number="YL12200000000017",
        issuer=ISSUER,
        issued_on=date(2026, 6, 1),
        holders=(PERSON if name == "person_certificate" else COMPANY,),
        valid_from=date(2026, 6, 1),
        valid_until=date(2031, 5, 31),
        fields=FIELDS[name],
    )
    pictures = {"照片": _photo()} if name == "person_certificate" else {}
    assert type_.template is not None
    file = make_license_file(type_, metadata, pictures=pictures)
    return seal_license_file(file, template=type_.template, sealers={"issuer": sealer}, signed_at=AT)


def _photo() -> bytes:
    """A silhouette in place of anybody's face."""
    picture = Image.new("RGB", (90, 120), (226, 232, 240))
    picture.paste((140, 152, 168), (30, 26, 60, 64))
    picture.paste((140, 152, 168), (14, 74, 76, 120))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _packed(pages: list[bytes]) -> bytes:
    """The pages side by side, in few colours."""
    pictures = [Image.open(io.BytesIO(page)).convert("RGB") for page in pages]
    gap = 12
    width = sum(picture.width for picture in pictures) + gap * (len(pictures) - 1)
    sheet = Image.new("RGB", (width, max(picture.height for picture in pictures)), (200, 204, 210))
    x = 0
    for picture in pictures:
        sheet.paste(picture, (x, 0))
        x += picture.width + gap
    packed = io.BytesIO()
    few = sheet.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(packed, "PNG", optimize=True)
    if packed.tell() > BYTES_MAX:
        raise SystemExit(f"the picture has {packed.tell()} bytes, at most {BYTES_MAX} are wanted")
    return packed.getvalue()


if __name__ == "__main__":
    main()
