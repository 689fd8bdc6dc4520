"""Draw docs/assets/county-permit.png: the permit that the county app issues, its code, and what verification says.

    python tools/draw_county_permit.py [OUT.png]

Keys, identifier and code are new each time; the rest is the same.
"""

from __future__ import annotations

import io
import sys
from datetime import datetime
from pathlib import Path
from typing import Final

from PIL import Image

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "examples"))

from county_app.app import Application, FoodPermits  # noqa: E402 - the folder of the examples is not installed
from county_app.own_office import browser_of, furnished  # noqa: E402

import egov_sdk  # noqa: E402
from egov_sdk.license import License  # noqa: E402
from egov_sdk.license.dates import BEIJING  # noqa: E402
from egov_sdk.license.present.qr import draw_qr  # noqa: E402
from egov_sdk.ofd import OfdBuilder, open_ofd  # noqa: E402
from egov_sdk.ofd.render import rasterize, render_page  # noqa: E402
from egov_sdk.report import Outcome, Report  # noqa: E402
from egov_sdk.report_words import CONCLUSIONS, TITLES  # noqa: E402
from egov_sdk.seal.shown import shown_signatures  # noqa: E402

OUT: Final = ROOT / "docs" / "assets" / "county-permit.png"
AT: Final = datetime(2026, 6, 1, 9, 30, tzinfo=BEIJING)
PASSWORD: Final = "Correct-Horse-9"  # noqa: S105 - of people who can be nobody
GATE: Final = "gate-7"
DPI, COLOURS, BYTES_MAX = 72, 64, 200_000
INK, GREY, GREEN, RED = "#222222", "#777777", "#1a7f37", "#b42318"


def main() -> None:
    with egov_sdk.connect("mock:", clock=lambda: AT) as gov:
        assert gov.office is not None
        with furnished(gov.office, password=PASSWORD, now=lambda: AT) as (county, _):
            app = FoodPermits(gov, county)
            begun = app.sign_in()
            browser = browser_of(gov.office, login="test1", password=PASSWORD)
            company, agent = app.welcome(begun, callback=browser(begun.url))
            permit = app.issue(Application("YB202600001", company, agent, "样例市样例区样例路1号", "预包装食品销售"))
            shown = app.show(permit, to=GATE)
            checked, scanned = app.verify(permit.file), app.scanned(shown.token, by=GATE)
            code = draw_qr(shown.token, form="png").octets
            app.revoke(permit, reason="样例")
            verdicts = (("查验证照文件", checked), ("离线扫码核验", scanned), ("吊销之后", app.verify(permit.file)))
    packed = _beside([_permit(permit), _verdicts(verdicts, code)])
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    out.write_bytes(packed)
    print(f"{out}: {len(packed)} bytes")


def _permit(permit: License) -> bytes:
    package = open_ofd(permit.file)
    stamps = [stamp for signature in shown_signatures(package) for stamp in signature.stamps]
    return rasterize(render_page(package.documents[0], stamps=stamps), dpi=DPI)


def _verdicts(verdicts: tuple[tuple[str, Report], ...], code: bytes) -> bytes:
    """A page of our own, drawn by the same renderer."""
    builder = OfdBuilder(created=AT, title="查验结论")
    page = builder.page(width_mm=105, height_mm=210)
    page.rect(3, 3, 99, 204, stroke="#cccccc", line_width_mm=0.3)
    page.image(30, 10, 45, 45, code)
    page.text(52.5, 58, f"亮证码 · 仅 {GATE} 可核验 · 120 秒", size_mm=3.4, color=GREY, align="center")
    top = 70.0
    for title, report in verdicts:
        good = report.outcome is Outcome.PASSED
        page.text(10, top, title, font="黑体", size_mm=5, color=INK)
        page.text(
            95, top, CONCLUSIONS[report.outcome].zh, font="黑体", size_mm=5, color=GREEN if good else RED, align="right"
        )
        top += 9
        for name, outcome in report.answers.items():
            mark, colour = ("√", GREEN) if outcome is Outcome.PASSED else ("×", RED)
            page.text(12, top, f"{mark}  {TITLES[name][0].zh}：{TITLES[name][1].zh}", size_mm=3.9, color=colour)
            top += 6.4
        if not good:
            page.text(12, top, report.blocking[0].message.zh, size_mm=3.4, color=GREY, width_mm=82)
        top += 8
    return rasterize(render_page(open_ofd(builder.build()).documents[0]), dpi=DPI)


def _beside(pages: list[bytes]) -> bytes:
    pictures = [Image.open(io.BytesIO(page)).convert("RGB") for page in pages]
    height = max(one.height for one in pictures)
    whole = Image.new("RGB", (sum(one.width for one in pictures), height), "white")
    left = 0
    for one in pictures:
        whole.paste(one, (left, (height - one.height) // 2))
        left += one.width
    few = whole.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    packed = io.BytesIO()
    few.save(packed, "PNG", optimize=True)
    if packed.tell() > BYTES_MAX:
        raise SystemExit(f"the picture has {packed.tell()} bytes, at most {BYTES_MAX} are wanted")
    return packed.getvalue()


if __name__ == "__main__":
    main()
