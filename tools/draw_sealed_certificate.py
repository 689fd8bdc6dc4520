"""Draw docs/assets/sealed-certificate.png: the page that ``egov demo`` seals, as the README shows it.

    python tools/draw_sealed_certificate.py [OUT.png]

The keys are new each time and the page is not: the same version of resvg gives the same bytes.
"""

from __future__ import annotations

import io
import sys
from datetime import datetime
from pathlib import Path

from PIL import Image

from egov_sdk.cli._inputs import BEIJING
from egov_sdk.cli.demo import play
from egov_sdk.ofd import open_ofd
from egov_sdk.ofd.render import rasterize, render_page
from egov_sdk.seal.shown import shown_signatures

OUT = Path(__file__).resolve().parents[1] / "docs" / "assets" / "sealed-certificate.png"
AT = datetime(2026, 6, 1, 9, 30, tzinfo=BEIJING)
DPI, COLOURS, BYTES_MAX = 110, 96, 200_000


def main() -> None:
    package = open_ofd(play(at=AT).sealed)
    stamps = [stamp for signature in shown_signatures(package) for stamp in signature.stamps]
    drawn = rasterize(render_page(package.documents[0], stamps=stamps), dpi=DPI)
    packed = io.BytesIO()
    with Image.open(io.BytesIO(drawn)) as picture:
        few = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(packed, "PNG", optimize=True)
    if packed.tell() > BYTES_MAX:
        raise SystemExit(f"the picture has {packed.tell()} bytes, at most {BYTES_MAX} are wanted")
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    out.write_bytes(packed.getvalue())
    print(f"{out}: {packed.tell()} bytes")


if __name__ == "__main__":
    main()
