"""The builder: what it writes is read back, stays within the page, and keeps the writer's rules."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from lxml import etree

from egov_sdk.ofd import Box, OfdBuilder, OfdPackage, open_ofd
from egov_sdk.ofd.builder import ObjectRef
from egov_sdk.ofd.describe import describe
from egov_sdk.ofd.geometry import parse_box
from egov_sdk.ofd.xml import local_name

_DAY = date(2026, 11, 21)
_JPEG = b"\xff\xd8\xff\xe0rest"


def _png(red: int = 255) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head, pixel = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0), zlib.compress(bytes([0, red, 0, 0]))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


def _builder(**more: str) -> OfdBuilder:
    return OfdBuilder(created=_DAY, doc_id="0" * 32, **more)  # type: ignore[arg-type]  # only texts are given here


def _certificate() -> OfdPackage:
    return open_ofd(
        _builder(title="建筑工程施工许可证", author="住建局", subject="许可", creator="tests")
        .template("底图")
        .rect(10, 10, 190, 277, stroke="#9c5223", line_width_mm=1)
        .template("页脚", foreground=True)
        .line(10, 280, 200, 280)
        .page(templates=["底图", "页脚"])
        .text(105, 30, "建筑工程施工许可证", font="小标宋体", size_mm=10, align="center", bold=True, label="title")
        .text(
            30,
            60,
            "根据《中华人民共和国建筑法》第八条规定，准予施工。\n特发此证 No.42",
            width_mm=50,
            size_mm=5.6,
            label="text",
        )
        .line(30, 120, 180, 121.5, dash_mm=(2, 0.5), color="#00ff00")
        .rect(20, 130, 10, 5, stroke=None, fill="#eeeeee")
        .circle(150, 200, 20, stroke="#ff0000", fill="#ffffff", line_width_mm=0.5)
        .image(30, 200, 20, 15, _png())
        .image(60, 200, 20, 15, _png())
        .page(width_mm=148, height_mm=105)
        .image(1, 2, 3, 4, _JPEG)
        .watermark("样章 SAMPLE", alpha=80)
        .custom_data("证照编号", "1.2.156 & <3>")
        .attachment("original_invoice", b"<x/>", file_format="xml", visible=False, usage="data")
        .attachment("备注", b"")
        .custom_tag("cert", _tags)
        .custom_tag("raw", b"<raw/>")
        .build()
    )


def _tags(labels: Mapping[str, tuple[ObjectRef, ...]]) -> bytes:
    return "".join(
        f"<{label} page='{place.page_id}'>{place.object_id}</{label}>"
        for label, places in labels.items()
        for place in places
    ).encode()


def _tree(package: OfdPackage, name: str) -> etree._Element:
    return etree.fromstring(package.read(name))


def _objects(package: OfdPackage, page: int = 0) -> list[etree._Element]:
    return list(_tree(package, package.documents[0].pages[page].name).iterfind(".//{*}Layer/*"))


def test_a_certificate_is_read_back_whole() -> None:
    package = _certificate()
    (document,) = package.documents
    assert (document.title, document.doc_id) == ("建筑工程施工许可证", "0" * 32)
    assert (document.info.author, document.info.subject, document.info.creator) == ("住建局", "许可", "tests")
    assert document.info.creation_date == "2026-11-21"
    assert document.custom_datas == (("证照编号", "1.2.156 & <3>"),)
    assert [page.box for page in document.pages] == [Box(0, 0, 210, 297), Box(0, 0, 148, 105)]
    assert [used.z_order for used in document.pages[0].templates] == ["Background", "Foreground"]
    assert document.permissions.may_sign
    assert (document.missing, document.notes, package.notes) == ((), (), ())
    assert all(entry.reached for entry in describe(package).entries)
    assert set(document.reachable().values()) >= {
        "page 1", "page 2", "media", "annotations", "attachments", "attachment original_invoice", "attachment 备注",
        "custom tag cert", "custom tag raw", "public resources", "document resources",
    }  # fmt: skip


def test_the_same_calls_give_the_same_bytes_and_ids_are_random_otherwise() -> None:
    assert _certificate().archive == _certificate().archive
    ids = {open_ofd(OfdBuilder(created=_DAY).page().build()).documents[0].doc_id for _ in range(2)}
    assert len(ids) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", doc_id) for doc_id in ids)


def test_numbers_run_from_one_without_gaps_over_all_parts() -> None:
    package = _certificate()
    found = []
    for name in package.names:
        if name.endswith(".xml") and not name.startswith(("Doc_0/Tags/Tag_", "Doc_0/Attachs/")):
            found += [int(element.get("ID", "")) for element in _tree(package, name).iter() if element.get("ID")]
    assert sorted(found) == list(range(1, len(found) + 1))
    assert _tree(package, "Doc_0/Document.xml").findtext(".//{*}MaxUnitID") == str(len(found))


def test_parts_have_the_order_of_the_schema() -> None:
    package = _certificate()
    document = _tree(package, "Doc_0/Document.xml")
    assert [local_name(element) for element in document] == [
        "CommonData", "Pages", "Annotations", "CustomTags", "Attachments",
    ]  # fmt: skip
    assert [local_name(element) for element in document[0]] == [
        "MaxUnitID", "PageArea", "PublicRes", "DocumentRes", "TemplatePage", "TemplatePage",
    ]  # fmt: skip
    body = _tree(package, "OFD.xml")[0]
    assert [local_name(element) for element in body[0]] == [
        "DocID", "Title", "Author", "Subject", "CreationDate", "Creator", "CreatorVersion", "CustomDatas",
    ]  # fmt: skip
    page = _tree(package, "Doc_0/Pages/Page_0/Content.xml")
    assert [local_name(element) for element in page] == ["Template", "Template", "Area", "Content"]
    orders = {
        "TextObject": ["FillColor", "TextCode"],
        "PathObject": ["StrokeColor", "FillColor", "AbbreviatedData"],
        "ImageObject": [],
    }
    for element in _objects(package):
        names = [local_name(part) for part in element]
        assert names == [name for name in orders[local_name(element)] if name in names]


def test_everything_written_as_a_number_is_plain() -> None:
    package = _certificate()
    for name in package.names:
        if name.endswith(".xml"):
            text = package.read(name).decode()
            for written in re.findall(r'(?:Boundary|CTM|DeltaX|Size|LineWidth|X|Y|DashPattern)="([^"]*)"', text):
                assert re.fullmatch(r"(-?\d+(\.\d{1,4})?|g)( (-?\d+(\.\d{1,4})?|g))*", written), written
                assert "-0 " not in f"{written} "


def test_each_object_lies_on_its_page() -> None:
    package = _certificate()
    for index, page in enumerate(package.documents[0].pages):
        for element in _objects(package, index):
            box = parse_box(element.get("Boundary", ""), where="", name="")
            assert box.x >= 0
            assert box.y >= 0
            assert box.x + box.w <= page.box.w
            assert box.y + box.h <= page.box.h


def test_text_is_centred_and_its_box_is_high_enough() -> None:
    (title,) = [element for element in _objects(_certificate()) if element.get("Weight") == "700"]
    assert title.get("Boundary") == "60 30 90 12"
    code = title[-1]
    assert (code.get("X"), code.get("Y"), code.get("DeltaX")) == ("0", "8.8", "g 8 10")
    assert code.text == "建筑工程施工许可证"


@pytest.mark.parametrize(
    ("align", "width_mm", "left"),
    [
        ("left", None, 50),
        ("center", None, 45),
        ("right", None, 40),
        ("left", 40, 50),
        ("center", 40, 65),
        ("right", 40, 80),
    ],
)
def test_text_hangs_from_its_point_or_stands_in_its_column(align: str, width_mm: float | None, left: float) -> None:
    data = _builder().page().text(50, 10, "章章", size_mm=5, align=align, width_mm=width_mm).build()  # type: ignore[arg-type]  # one of the three words
    (element,) = _objects(open_ofd(data))
    assert parse_box(element.get("Boundary", ""), where="", name="").x == left


def test_lines_follow_one_another_and_blank_ones_only_take_their_place() -> None:
    elements = _objects(open_ofd(_builder().page().text(0, 10, "一\n\n \n二", size_mm=5, line_height=2).build()))
    assert [(e[-1].text, e.get("Boundary")) for e in elements] == [("一", "0 10 5 6"), ("二", "0 40 5 6")]


def test_a_column_is_wrapped_at_its_width() -> None:
    texts = [e[-1].text or "" for e in _objects(_certificate()) if e.get("Size") == "5.6"]
    assert "".join(texts) == "根据《中华人民共和国建筑法》第八条规定，准予施工。特发此证 No.42"
    assert all(len(text) <= 12 for text in texts)


def test_a_single_character_has_no_steps() -> None:
    (element,) = _objects(open_ofd(_builder().page().text(0, 0, "章").build()))
    assert "DeltaX" not in element[-1].attrib


def test_shapes_enclose_their_ink() -> None:
    line, rectangle, circle = (e for e in _objects(_certificate()) if local_name(e) == "PathObject")
    assert line.get("Boundary") == "29.875 119.875 150.25 1.75"
    assert line.get("DashPattern") == "2 0.5"
    assert line[-1].text == "M 0.125 0.125 L 150.125 1.625"
    assert (rectangle.get("Boundary"), rectangle.get("Stroke"), rectangle.get("Fill")) == (
        "20 130 10 5",
        "false",
        "true",
    )
    assert rectangle[-1].text == "M 0 0 L 10 0 L 10 5 L 0 5 C"
    assert circle.get("Boundary") == "129.75 179.75 40.5 40.5"
    operators = re.sub(r"[^A-Z]", "", circle[-1].text or "")
    assert operators == "MBBBBC"
    assert "A" not in operators


def test_a_picture_fills_its_box_and_is_stored_once() -> None:
    package = _certificate()
    first, second = (e for e in _objects(package) if local_name(e) == "ImageObject")
    assert (first.get("Boundary"), first.get("CTM")) == ("30 200 20 15", "20 0 0 15 0 0")
    assert first.get("ResourceID") == second.get("ResourceID")
    pictures = [name for name in package.names if name.startswith("Doc_0/Res/")]
    assert sorted(name.rpartition(".")[2] for name in pictures) == ["jpg", "png"]
    assert package.read(next(name for name in pictures if name.endswith("jpg"))) == _JPEG


def test_a_watermark_tiles_each_page_and_one_is_drawn_where_none_fits() -> None:
    package = _certificate()
    counts = []
    for place, page in enumerate(package.documents[0].pages):
        tree = _tree(package, f"Doc_0/Annots/Page_{place}/Annotation.xml")
        annotation = tree[0]
        assert (annotation.get("Type"), annotation.get("LastModDate")) == ("Watermark", "2026-11-21")
        appearance = annotation[0]
        assert appearance.get("Boundary") == str(page.box)
        counts.append(len(appearance))
        assert {element.get("Alpha") for element in appearance} == {"80"}
        for element in appearance:
            box = parse_box(element.get("Boundary", ""), where="", name="")
            assert box.x >= 0
            assert box.y >= 0
            assert box.x + box.w <= page.box.w
            assert box.y + box.h <= page.box.h
    assert counts[0] > counts[1] >= 1
    tiny = open_ofd(_builder().page(width_mm=10, height_mm=10).watermark("样章").build())
    assert len(_tree(tiny, "Doc_0/Annots/Page_0/Annotation.xml")[0][0]) == 1


def test_custom_tags_can_point_to_labelled_text() -> None:
    package = _certificate()
    tags = package.read("Doc_0/Tags/Tag_1.xml").decode()
    page = package.documents[0].pages[0]
    labelled = re.findall(r"<(\w+) page='(\d+)'>(\d+)<", tags)
    assert {page_id for _, page_id, _ in labelled} == {page.id}
    by_id = {element.get("ID"): element for element in _objects(package)}
    assert (
        by_id[next(object_id for label, _, object_id in labelled if label == "title")][-1].text == "建筑工程施工许可证"
    )
    assert len([label for label, _, _ in labelled if label == "text"]) > 1
    assert package.read("Doc_0/Tags/Tag_2.xml") == b"<raw/>"


def test_attachments_keep_their_bytes() -> None:
    package = _certificate()
    index = _tree(package, "Doc_0/Attachs/Attachments.xml")
    assert {str(name): value for name, value in index[0].items()} == {
        "ID": "a1",
        "Name": "original_invoice",
        "Format": "xml",
        "CreationDate": "2026-11-21T00:00:00",
        "Size": "0.0039",
        "Visible": "false",
        "Usage": "data",
    }
    assert package.read("Doc_0/Attachs/attachment_1.xml") == b"<x/>"
    assert package.read("Doc_0/Attachs/attachment_2") == b""
    assert index[1].get("Format") is None


def test_signing_can_be_forbidden() -> None:
    data = OfdBuilder(created=_DAY, may_sign=False).page().build()
    assert open_ofd(data).documents[0].permissions.may_sign is False


def test_of_a_datetime_the_date_is_taken() -> None:
    data = OfdBuilder(created=datetime(2026, 11, 21, 23, 59, tzinfo=UTC)).page().build()
    assert open_ofd(data).documents[0].info.creation_date == "2026-11-21"


def test_the_smallest_document_is_three_parts() -> None:
    package = open_ofd(_builder().page().build())
    assert package.names == ("OFD.xml", "Doc_0/Document.xml", "Doc_0/Pages/Page_0/Content.xml")
    assert package.documents[0].info.creator == "egov_sdk"


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda b: b.build(), "at least one page"),
        (lambda b: b.text(0, 0, "x"), "no page to draw on"),
        (lambda b: b.page(templates=["x"]), "no template 'x'; drawn so far: none"),
        (lambda b: b.template("a").page(templates=["x"]), "drawn so far: a"),
        (lambda b: b.template("a").template("a"), "already"),
        (lambda b: b.page(width_mm=0), "above 0"),
        (lambda b: b.page(height_mm=-1), "above 0"),
        (lambda b: b.page().text(0, 0, "x", size_mm=0), "size_mm"),
        (lambda b: b.page().text(0, 0, "x", align="middle"), "align"),
        (lambda b: b.page().text(0, 0, "x", color="red"), "#1a2b3c"),
        (lambda b: b.page().text(0, 0, "x", color="#12345g"), "#1a2b3c"),
        (lambda b: b.page().text(0, 0, "x", color="1234567"), "#1a2b3c"),
        (lambda b: b.page().text(0, 0, "x\ty"), "control characters"),
        (lambda b: b.page().text(0, 0, "x\x00y"), "control characters"),
        (lambda b: b.page().text(0, 0, "长", width_mm=1), "at least one character"),
        (lambda b: b.page().text(float("nan"), 0, "x").build(), "finite"),
        (lambda b: b.page().line(0, 0, 1, 1, line_width_mm=0), "line_width_mm"),
        (lambda b: b.page().rect(0, 0, 0, 1), "above 0"),
        (lambda b: b.page().rect(0, 0, 1, 1, stroke=None), "stroke colour"),
        (lambda b: b.page().circle(0, 0, -1), "above 0"),
        (lambda b: b.page().image(0, 0, 1, 1, b"GIF89a"), "PNG or JPEG"),
        (lambda b: b.page().image(0, 0, 0, 1, _png()), "above 0"),
        (lambda b: b.watermark(" "), "needs text"),
        (lambda b: b.watermark("x", size_mm=0), "needs text"),
        (lambda b: b.watermark("x", gap_mm=-1), "needs text"),
        (lambda b: b.watermark("x", alpha=256), "alpha"),
        (lambda b: b.watermark("x", angle=91), "angle"),
        (lambda b: b.custom_data("", "x"), "name"),
        (lambda b: b.page().custom_data("n", "\x00").build(), "XML"),
        (lambda b: b.attachment("n", b"", file_format="../x"), "file_format"),
        (lambda b: OfdBuilder(created=_DAY, doc_id="x"), "32 hexadecimal"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_once(draw: object, words: str) -> None:
    assert callable(draw)
    with pytest.raises(ValueError, match=re.escape(words)):
        draw(_builder())
