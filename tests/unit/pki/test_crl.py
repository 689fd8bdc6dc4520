from __future__ import annotations

import contextlib

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto.der import (
    boolean,
    context,
    encode_tlv,
    generalized_time,
    integer,
    null,
    octet_string,
    oid,
    sequence,
    utc_time,
    utf8_string,
)
from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.limits import Asn1Limits
from egov_sdk.pki.crl import CAUSES, ListScope, RevocationList
from egov_sdk.pki.local_ca import Revoked

from .world import DAY, NO_PARAMETERS, NOW, NULL_PARAMETERS, authority, extension, flipped
from .world import crl_draft as draft

CRL = authority().crl(at=NOW, revoked=[Revoked(5, NOW - DAY, "keyCompromise"), Revoked(6, NOW - 2 * DAY)], number=9)


def test_a_list_reads_back_what_was_issued() -> None:
    found = RevocationList.parse(CRL)
    assert found.issuer == authority().certificate.subject
    assert (found.this_update, found.next_update) == (NOW, NOW + 7 * DAY)
    assert found.number == 9
    assert found.scope == ListScope()
    assert found.understood
    assert not found.keeps_expired
    assert len(found) == 2
    entry = found.find(5)
    assert entry is not None
    assert (entry.revoked_at, entry.cause, entry.understood) == (NOW - DAY, "keyCompromise", True)
    assert entry.effective_at == NOW - DAY
    other = found.find(6)
    assert other is not None
    assert other.cause == "unspecified"
    assert found.find(7) is None
    assert "签发机构" in repr(found)


def test_another_library_reads_the_list_alike() -> None:
    theirs = x509.load_der_x509_crl(CRL)
    assert theirs.get_revoked_certificate_by_serial_number(5) is not None
    assert theirs.get_revoked_certificate_by_serial_number(7) is None
    assert theirs.last_update_utc == NOW


def test_an_empty_list_is_a_list() -> None:
    assert len(RevocationList.parse(authority().crl(at=NOW))) == 0


def test_every_cause_can_be_written_and_read() -> None:
    for cause in CAUSES.values():
        entry = RevocationList.parse(authority().crl(at=NOW, revoked=[Revoked(1, NOW, cause)])).find(1)
        assert entry is not None
        assert entry.cause == cause


def with_entry(*extensions: bytes) -> RevocationList:
    entry = sequence(integer(5), utc_time(NOW), sequence(*extensions) if extensions else b"")
    return RevocationList.parse(draft(entries=(entry,)))


def test_the_earlier_of_revocation_and_doubt_counts() -> None:
    doubt = extension("2.5.29.24", generalized_time(NOW - 30 * DAY))
    entry = with_entry(doubt).find(5)
    assert entry is not None
    assert entry.effective_at == NOW - 30 * DAY
    later = with_entry(extension("2.5.29.24", generalized_time(NOW + DAY))).find(5)
    assert later is not None
    assert later.effective_at == NOW


@pytest.mark.parametrize(
    "odd",
    [
        extension("2.5.29.29", b"x", critical=True),
        extension("2.5.29.21", null()),
        extension("2.5.29.21", b""),
        extension("2.5.29.24", utf8_string("yesterday")),
    ],
)
def test_an_entry_that_is_not_understood_says_so(odd: bytes) -> None:
    entry = with_entry(odd).find(5)
    assert entry is not None
    assert not entry.understood


def test_a_cause_that_nobody_knows_is_no_cause() -> None:
    entry = with_entry(extension("2.5.29.21", encode_tlv(0x0A, b"\x63"))).find(5)
    assert entry is not None
    assert (entry.cause, entry.understood) == ("unspecified", True)


def test_the_scope_is_read() -> None:
    point = encode_tlv(0x86, b"http://x/1.crl")
    value = sequence(
        context(0, context(0, point)),
        encode_tlv(0x81, b"\xff"),
        encode_tlv(0x82, b"\x00"),
        encode_tlv(0x84, b"\xff"),
    )
    scope = RevocationList.parse(draft(extensions=[extension("2.5.29.28", value, critical=True)])).scope
    assert scope == ListScope(points=frozenset({point}), only_user=True, indirect=True)
    relative = sequence(context(0, context(1, sequence(oid("2.5.4.3"), utf8_string("x")))))
    scope = RevocationList.parse(draft(extensions=[extension("2.5.29.28", relative, critical=True)])).scope
    assert scope.points == frozenset()


@pytest.mark.parametrize("critical", [True, False])
def test_a_delta_list_is_not_understood(critical: bool) -> None:
    delta = RevocationList.parse(draft(extensions=[extension("2.5.29.27", integer(1), critical=critical)]))
    assert not delta.understood


@pytest.mark.parametrize("days", [(5, -5), (-5, 5)])
def test_of_two_entries_for_one_certificate_the_earlier_counts(days: tuple[int, int]) -> None:
    entries = tuple(sequence(integer(5), generalized_time(NOW - each * DAY)) for each in days)
    entry = RevocationList.parse(draft(entries=entries)).find(5)
    assert entry is not None
    assert entry.effective_at == NOW - 5 * DAY


def test_lists_of_either_parameter_form_and_without_an_end_are_read() -> None:
    assert RevocationList.parse(draft(inner=NULL_PARAMETERS, outer=NULL_PARAMETERS)).signature_algorithm.endswith("501")
    assert RevocationList.parse(draft(next_update=b"")).next_update is None
    assert RevocationList.parse(draft(version=b"")).number is None


MALFORMED = {
    "nothing": b"",
    "a certificate": authority().certificate.raw,
    "two algorithms": draft(outer=sequence(oid("1.2.3"))),
    "no time": draft(this_update=b"", next_update=b""),
    "a time of text": draft(this_update=utf8_string("now")),
    "an issuer of nonsense": draft(issuer=sequence(null())),
    "an entry without a time": draft(entries=(sequence(integer(1)),)),
    "a number that is text": draft(extensions=[extension("2.5.29.20", utf8_string("1"))]),
    "a scope of nonsense": draft(extensions=[extension("2.5.29.28", sequence(boolean(True)))]),
    "bytes behind": CRL + b"\x00",
    "a scope twice": draft(extensions=[extension("2.5.29.28", sequence(encode_tlv(0x82, b"\xff")), critical=True)] * 2),
    "an extension of nonsense": draft(extensions=[octet_string(b"")]),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_no_list_is_refused(case: str) -> None:
    with pytest.raises(ParseError):
        RevocationList.parse(MALFORMED[case])


def test_a_list_larger_than_allowed_is_refused() -> None:
    with pytest.raises(LimitExceeded):
        RevocationList.parse(CRL, limits=Asn1Limits(total_bytes=100))


@given(st.integers(min_value=0, max_value=8 * len(CRL) - 1))
def test_one_turned_bit_gives_a_list_or_an_input_error(bit: int) -> None:
    with contextlib.suppress(InputError):
        found = RevocationList.parse(flipped(CRL, bit))
        assert found.find(5) is None or found.find(5)
        assert found.issuer.text


@given(st.binary(max_size=100))
def test_any_octets_are_an_input_error(octets: bytes) -> None:
    for data in (octets, sequence(sequence(octets), NO_PARAMETERS, b"\x03\x01\x00")):
        with pytest.raises(InputError):
            RevocationList.parse(data)
