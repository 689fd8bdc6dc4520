"""Make egov_sdk/ofd/fonts/EgovSongSC-Regular.otf: a subset of Noto Serif CJK SC under the same licence.

    pip install fonttools==4.68.0
    python tools/make_bundled_font.py NotoSerifCJK-Regular.ttc Unihan_OtherMappings.txt OUT.otf

The first file is in Debian's fonts-noto-cjk 1:20220127+repack1-1, the second in the Unicode database 14.0.
The same inputs give the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

SC = 2  # the face for the mainland's glyph shapes in the collection
FAMILY, POSTSCRIPT = "Egov Song SC", "EgovSongSC-Regular"  # the licence asks for names of our own
UNWANTED = ("GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG")
SYMBOLS = "\u00a0·—–‘’“”…〇㎡℃№¥×÷±°※㎏㎜㎝㎞㏄"


def gb2312_rows(*rows: range) -> set[str]:
    """The characters of GB/T 2312 in these rows."""
    cells = (bytes((0xA0 + row, 0xA0 + cell)) for group in rows for row in group for cell in range(1, 95))
    return {text for cell in cells if (text := cell.decode("gb2312", "ignore"))}


def general_standard_characters(unihan: Path) -> set[str]:
    """The 8,105 characters of 通用规范汉字表 (2013), the ones a name may be registered with."""
    fields = (line.split("\t") for line in unihan.read_text("utf-8").splitlines())
    return {chr(int(row[0][2:], 16)) for row in fields if len(row) == 3 and row[1] == "kTGH"}


def rename(font: TTFont) -> None:
    """Give the subset its own names; the copyright and the licence stay as they are."""
    names = font["name"]
    version = str(names.getDebugName(5))
    copyright_line, licence, url = (str(names.getDebugName(i)) for i in (0, 13, 14))
    names.names = []
    texts = {
        0: copyright_line,
        1: FAMILY,
        2: "Regular",
        3: f"{POSTSCRIPT};subset of Noto Serif CJK SC {version.split(';')[0]}",
        4: f"{FAMILY} Regular",
        5: version.split(";")[0],
        6: POSTSCRIPT,
        10: "Subset of Noto Serif CJK SC, without hinting and layout features",
        13: licence,
        14: url,
    }
    for number, text in texts.items():
        names.setName(text, number, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [POSTSCRIPT]
    top = cff.topDictIndex[0]
    top.FullName, top.FamilyName, top.Notice = f"{FAMILY} Regular", FAMILY, copyright_line
    for number, sub in enumerate(top.FDArray):
        sub.FontName = f"{POSTSCRIPT}-{number}"


def main(collection: Path, unihan: Path, out: Path) -> None:
    wanted = general_standard_characters(unihan) | gb2312_rows(range(1, 4), range(6, 7), range(16, 88)) | set(SYMBOLS)
    wanted |= {chr(code) for code in range(0x20, 0x7F)}
    font = TTCollection(str(collection)).fonts[SC]
    font.recalcTimestamp = False
    options = subset.Options(
        hinting=False, layout_features=[], notdef_outline=True, name_IDs=["*"], drop_tables=list(UNWANTED)
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(char) for char in wanted])
    subsetter.subset(font)
    rename(font)
    font.save(out)
    print(f"{len(font.getBestCmap())} characters, {out.stat().st_size} bytes")


if __name__ == "__main__":
    main(*(Path(arg) for arg in sys.argv[1:4]))
