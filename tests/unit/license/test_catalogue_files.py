"""Catalogues in files: what is written is read again, and what is wrong is told with its place."""

from __future__ import annotations

import tomllib

import pytest

from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.license._toml import to_toml
from egov_sdk.license.catalogue import (
    AuthorityLevel,
    CatalogueState,
    FieldDef,
    HolderCategory,
    LicenseKind,
    LicenseType,
)
from egov_sdk.license.catalogue_files import CATALOGUE_BYTES, CatalogueForm, dump_license_types, load_license_types
from egov_sdk.license.metadata import Authority
from tests.unit.license.test_catalogue import FIELDS, license_type

FULL = license_type(
    certificate_name='证"书"\n',
    defined_by=Authority(name="住房和城乡建设部", code="11100000000013338W"),
    defined_level=AuthorityLevel.NATIONAL,
    issued_by="省级住房城乡建设主管部门",
    issued_level=AuthorityLevel.PROVINCIAL,
    holder_category=HolderCategory.PERSON,
    validity_ranges=["3年", "自定义"],
    item_names=["安管人员考核"],
    item_codes=["000117021000"],
    kind=LicenseKind.PROOF,
    state=CatalogueState.DRAFT,
)
SMALL = LicenseType(code="11100000000013338W032", name="小", fields=(FieldDef(name="a", label="\x7f"),))
FORMS: list[CatalogueForm] = ["json", "toml"]


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_is_read_again(form: CatalogueForm) -> None:
    assert load_license_types(dump_license_types((FULL, SMALL), form=form), form=form) == (FULL, SMALL)
    assert load_license_types(dump_license_types((), form=form), form=form) == ()


def test_a_catalogue_may_be_written_by_hand() -> None:
    written = """
        [[types]]
        code = "11100000000013338W011"
        name = "考核合格证书"
        validity_ranges = ["3年"]
        [[types.fields]]
        name = "岗位"
        label = "岗位类别"
        kind = "choice"
        choices = ["A", "B", "C"]
    """
    (made,) = load_license_types(written.encode())
    assert made.fields == (FIELDS[0],)


CODE = 'code = "11100000000013338W011"\nname = "x"\n'


@pytest.mark.parametrize(
    ("data", "code", "where"),
    [
        (b"\xff", "catalogue", "catalogue"),
        (b"types = [", "catalogue", "catalogue"),
        (b"a = " + b"[" * 10_000, "catalogue", "catalogue"),
        (b"x = 1", "catalogue", "x"),
        (b"schema_version = 2", "catalogue", "schema_version"),
        (b"types = 1", "catalogue", "types"),
        (b"[[types]]", "catalogue", "types.0.code"),
        (f"[[types]]\n{CODE}colour = 1".encode(), "catalogue", "types.0.colour"),
        (f"[[types]]\n{CODE}kind = 'x'".encode(), "catalogue", "types.0.kind"),
        (f"[[types]]\n{CODE}validity_ranges = ['x']".encode(), "catalogue", "types.0.validity_ranges.0"),
        (f"[[types]]\n{CODE}[[types]]\n{CODE}".encode(), "type_twice", "11100000000013338W011"),
        (b"[[types]]\ncode = '1'\nname = 'x'", "type_code", "证照类型代码"),
        (f"[[types]]\n{CODE}[[types.fields]]\nname='KZ_a'\nlabel='a'".encode(), "field_name", "KZ_a"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(data: bytes, code: str, where: str) -> None:
    with pytest.raises(ParseError) as caught:
        load_license_types(data)
    assert caught.value.code == f"egov.license.{code}"
    assert caught.value.where.startswith(where)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"types": null}', b"\xff", b"[" * 100_000, b'{"types":[{}]}'])
def test_json_that_is_no_catalogue_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        load_license_types(data, form="json")
    assert caught.value.code == "egov.license.catalogue"


def test_a_catalogue_has_a_greatest_length() -> None:
    with pytest.raises(LimitExceeded):
        load_license_types(b" " * (CATALOGUE_BYTES + 1))


def test_toml_holds_what_it_is_given() -> None:
    document = {
        "text": 'a"\\\n\t\x7f证',
        "list": [1, 2.5, True, "x", [], [[1]]],
        "mixed": [1, {"a b": {"c": False}}],
        "": -1,
        "t": {"x": {}, "rows": [{"y": 1}, {"z": [{"w": 1}]}]},
        "last": 1e300,
    }
    assert tomllib.loads(to_toml(document)) == document


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "\ud800", object(), b"x"])
def test_toml_refuses_what_it_cannot_hold(value: object) -> None:
    with pytest.raises(ValueError, match="TOML"):
        to_toml({"a": value})
