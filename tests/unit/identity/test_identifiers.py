"""Whom certificates name, in every encoding met; and nothing escapes for what cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.codes import CodeKind
from egov_sdk.codes.specimens import specimen_citizen_number
from egov_sdk.crypto.der import octet_string
from egov_sdk.identity.identifiers import IDENTIFIER_LENIENCIES, CertificateIdentity, read_identity
from egov_sdk.identity.model import LegalPerson, NaturalPerson
from tests.unit.identity.pki_world import CREDIT, IDENTIFY_CODE, NUMBER, ORGANIZATION_CODE, issue, tagged

OLD = "1.2.86.11.7."
GM = "1.2.156.10260.4.1."
OTHER = specimen_citizen_number(9).number


def identity(extensions: dict[str, bytes], *, subject: str = "张三") -> CertificateIdentity:
    return read_identity(issue(subject, extensions=extensions).certificate)


CITIZEN: dict[str, tuple[bytes, set[str]]] = {
    "as the profile says": (tagged(0x80, NUMBER), set()),
    "explicit tag": (
        tagged(0xA0, "").replace(b"\xa0\x00", b"\xa0\x14\x13\x12") + NUMBER.encode(),
        {"identifier_explicit"},
    ),
    "bare printable": (tagged(0x13, NUMBER), {"identifier_bare"}),
    "bare utf8": (tagged(0x0C, NUMBER), {"identifier_bare", "identifier_string_type"}),
    "bare ia5": (tagged(0x16, NUMBER), {"identifier_bare", "identifier_string_type"}),
    "in an octet string": (octet_string(tagged(0x80, NUMBER)), set()),
    "without encoding": (NUMBER.encode(), {"identifier_not_encoded"}),
    "leading N": (tagged(0x80, "N" + NUMBER), {"identifier_letter_n"}),
    "trailing N": (tagged(0x80, NUMBER + "N"), {"identifier_letter_n"}),
    "both N": (tagged(0x13, f"N{NUMBER}N"), {"identifier_letter_n", "identifier_bare"}),
    "padded": (tagged(0x80, NUMBER + "\0"), set()),
}


@pytest.mark.parametrize("case", CITIZEN)
def test_a_citizen_number_is_found_in_every_encoding_and_the_unusual_is_named(case: str) -> None:
    value, leniencies = CITIZEN[case]
    found = identity({IDENTIFY_CODE: value})
    assert [(one.kind, one.number) for one in found.person] == [(CodeKind.CITIZEN_NUMBER, NUMBER)]
    assert set(found.leniencies) == leniencies
    assert leniencies <= IDENTIFIER_LENIENCIES.keys()
    holder = found.holder_unverified
    assert isinstance(holder, NaturalPerson)
    assert holder.name == "张三"
    assert NUMBER not in holder.subject


def test_the_choice_says_the_kind() -> None:
    officer, passport = (
        identity({IDENTIFY_CODE: tagged(0x81, "某字第1234567号")}),
        identity({IDENTIFY_CODE: tagged(0x82, "E12345678")}),
    )
    assert officer.person[0].kind is CodeKind.MILITARY_ID
    assert passport.person[0].kind is CodeKind.PASSPORT
    residence = identity({IDENTIFY_CODE: tagged(0x80, "E12345678")})
    assert residence.person[0].kind is None


def test_older_extension_types_are_read_and_named() -> None:
    found = identity({f"{OLD}1": tagged(0x13, NUMBER), f"{OLD}4": tagged(0x13, CREDIT)})
    assert found.person[0].number == NUMBER
    assert found.organization[0].number == CREDIT
    assert "identifier_old_type" in found.leniencies


def test_an_organisation_s_certificate_names_who_acts_for_it() -> None:
    found = identity(
        {
            ORGANIZATION_CODE: tagged(0x13, CREDIT),
            IDENTIFY_CODE: tagged(0x80, NUMBER),
            f"{GM}3": tagged(0x13, "110000000001"),
        },
        subject="CN=张三,O=某市数据局,C=CN",
    )
    holder = found.holder_unverified
    assert isinstance(holder, LegalPerson)
    assert holder.credit_code == CREDIT
    assert holder.name == "某市数据局"
    assert holder.agent is not None
    assert holder.agent.person.name == "张三"
    assert holder.documents[-1].kind is None


def test_a_number_that_breaks_its_rules_has_no_kind() -> None:
    wrong = NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")
    found = identity({IDENTIFY_CODE: tagged(0x80, wrong)})
    assert (found.person[0].kind, found.person[0].number) == (None, wrong)


def test_nobody_is_named_without_a_number() -> None:
    assert identity({}).holder_unverified is None
    assert identity({GM + "9": tagged(0x13, NUMBER)}).holder_unverified is None


def test_two_numbers_of_one_kind_are_told() -> None:
    found = identity({IDENTIFY_CODE: tagged(0x80, NUMBER), f"{OLD}1": tagged(0x13, OTHER)})
    assert found.contradictory == (CodeKind.CITIZEN_NUMBER,)
    same = identity({IDENTIFY_CODE: tagged(0x80, NUMBER), f"{OLD}1": tagged(0x13, NUMBER)})
    assert same.contradictory == ()
    assert len(same.person) == 1 or {one.number for one in same.person} == {NUMBER}


UNREAD = [
    b"",
    b"\x80",
    b"\x83\x01a",
    b"\x13\x00",
    b"\x30\x03\x02\x01\x01",
    tagged(0x13, "x" * 200),
    b"\xff\xfe",
    b"\xa0\x00",
]


@pytest.mark.parametrize("value", UNREAD, ids=bytes.hex)
def test_what_cannot_be_read_is_named_and_not_raised(value: bytes) -> None:
    found = identity({IDENTIFY_CODE: value})
    assert found.unread == ("identifyCode",)
    assert found.holder_unverified is None


def test_the_subject_stays_when_the_certificate_is_renewed_and_differs_between_names() -> None:
    def subject(name: str, number: str = NUMBER) -> str:
        holder = identity({IDENTIFY_CODE: tagged(0x80, number)}, subject=name).holder_unverified
        assert holder is not None
        return holder.subject

    assert subject("张三") == subject("张三", OTHER)
    assert subject("张三") != subject("李四")


@given(st.binary(max_size=64), st.sampled_from([IDENTIFY_CODE, ORGANIZATION_CODE, f"{OLD}5", "1.2.156.10260.4.4"]))
def test_any_octets_give_an_identity_or_are_named_unread(value: bytes, oid: str) -> None:
    found = identity({oid: value})
    assert bool(found.unread) is not bool(found.person or found.organization)
