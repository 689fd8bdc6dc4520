"""What a page file says apart from what it draws."""

from __future__ import annotations

from egov_sdk.ofd import Box
from egov_sdk.ofd.pages import PageFacts, page_facts
from tests.unit.ofd.samples import NS, package_of


def test_area_templates_and_resources_are_read_in_any_order() -> None:
    page = (
        f"<ofd:Page {NS}><ofd:PageRes>Res/R.xml</ofd:PageRes><ofd:Area><ofd:PhysicalBox>0 0 9 9</ofd:PhysicalBox>"
        '</ofd:Area><ofd:Template TemplateID="3"/><ofd:PageRes>/S.xml</ofd:PageRes></ofd:Page>'
    )
    assert page_facts(package_of({"Doc_0/P.xml": page}), "Doc_0/P.xml") == PageFacts(
        Box(0, 0, 9, 9), ("3",), ("Doc_0/Res/R.xml", "S.xml")
    )


def test_an_absent_page_says_nothing() -> None:
    assert page_facts(package_of({"a": ""}), "P.xml") == PageFacts()
