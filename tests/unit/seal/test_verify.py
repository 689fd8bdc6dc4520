"""Reports on sealed documents: what they hold, what they say in both languages, and which deviations they read past."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from egov_sdk.crypto import SM2PrivateKey, oids, sm3
from egov_sdk.crypto.der import (
    bit_string,
    children,
    context,
    encode_tlv,
    generalized_time,
    ia5_string,
    integer,
    null,
    octet_string,
    oid,
    printable_string,
    read_one,
    sequence,
    utc_time,
)
from egov_sdk.crypto.signature import der_to_raw
from egov_sdk.crypto.signer import sign_message
from egov_sdk.errors import InputError, LimitExceeded, ParseError, VerificationError
from egov_sdk.limits import Asn1Limits, OfdLimits
from egov_sdk.ofd import open_ofd
from egov_sdk.ofd.builder import OfdBuilder
from egov_sdk.pki import Certificate, LocalCA
from egov_sdk.pki.cms import build_signed_data
from egov_sdk.pki.local_ca import Revoked
from egov_sdk.pki.timestamp import LocalTSA
from egov_sdk.report import ANSWERS, Check, Outcome, Report
from egov_sdk.seal import Placement, Policy, parse_seal, sign, stamp, verify, verify_seal
from egov_sdk.seal.checks import ADVISORY, CHECKS, REQUIRED
from egov_sdk.seal.verify import verify_signature
from tests.hostile.attacks import ATTACKS
from tests.hostile.redteam import FORGERIES
from tests.unit.seal import ses
from tests.unit.seal.ses import FOLDER, parts_of, placed, seal, value
from tests.world import NOW, Entries, assert_verifies, entries_of, seeded, world, zipped

DAY = timedelta(days=1)
SOON, EXPIRED = NOW + timedelta(hours=1), NOW + 1200 * DAY
PASSED, FAILED, UNKNOWN, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED
LIST, DESCRIPTION, VALUE = "Doc_0/Signs/Signatures.xml", f"{FOLDER}/Signature.xml", f"{FOLDER}/SignedValue.dat"


@cache
def plain() -> bytes:
    return world().stamped()


@cache
def twice() -> bytes:
    return world().stamped(plain())


@cache
def unsealed() -> bytes:
    office = world().office
    return sign(world().document, signer=office.signer, certificate=office.certificate, signed_at=NOW)


def report_on(data: bytes, **words: Any) -> Report:
    given: dict[str, Any] = {"trust": world().trust, "at": SOON, **words}
    return verify(data, policy=Policy.standard(**given))


def edited(data: bytes, **entries: bytes | None) -> bytes:
    """The package with entries by the last part of their names replaced, or taken out."""
    found = entries_of(data)
    for name, content in entries.items():
        (full,) = (entry for entry in found if entry.rpartition("/")[2].partition(".")[0] == name)
        if content is None:
            del found[full]
        else:
            found[full] = content
    return zipped(found)


def sealed_with(raw: bytes) -> bytes:
    """The document sealed by the office with another seal."""
    return placed(lambda description: value(description=description, seal=raw), seal_file=raw)


def valued(layout: int = 4, **fields: bytes) -> bytes:
    """The office's document with another value, made field by field, and the seal that stands in it."""
    given = {"seal": seal(layout), **fields}
    return placed(lambda text: value(layout, description=text, **given), seal_file=given["seal"])


# ====================================================================== the shape of a report


def test_a_good_report_holds_every_check_of_the_table_and_each_but_once_for_each_subject() -> None:
    report = assert_verifies(plain(), world().policy())
    assert {check.id for check in report.checks} == CHECKS.rows.keys()
    assert max(Counter((check.id, check.subject) for check in report.checks).values()) == 1
    assert report.required == REQUIRED
    assert report.blocking == ()
    assert report.require() is report
    assert (report.subject, report.policy, report.verified_at) == ("document", "standard/1", SOON)


def test_every_check_has_its_clause_and_its_answer() -> None:
    for check in assert_verifies(plain(), world().policy()).checks:
        assert check.clause == CHECKS.rows[check.id].clause != ""
        assert check.answer in ANSWERS


def test_a_report_becomes_json_in_either_language_and_says_the_same() -> None:
    report = report_on(plain())
    english, chinese = (json.loads(json.dumps(report.to_dict(lang), ensure_ascii=False)) for lang in ("en", "zh"))
    assert english["answers"] == chinese["answers"] == dict.fromkeys(ANSWERS, "passed")
    assert [c["id"] for c in english["checks"]] == [c["id"] for c in chinese["checks"]]
    assert [c["message"] for c in english["checks"]] != [c["message"] for c in chinese["checks"]]
    assert english["schema_version"] == 1


def test_a_report_is_named_after_the_file_or_as_told(tmp_path: Path) -> None:
    path = tmp_path / "证照.ofd"
    path.write_bytes(plain())
    assert verify(path, policy=world().policy()).subject == "证照.ofd"
    assert verify(str(path), policy=world().policy()).subject == "证照.ofd"
    assert verify(path, policy=world().policy(), subject="x").subject == "x"
    assert verify(plain(), policy=world().policy(), subject="x").subject == "x"
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "absent.ofd", policy=world().policy())


def test_what_is_no_document_is_refused_and_not_reported_on() -> None:
    for data in (b"", b"%PDF-1.7", zipped({}), zipped({"OFD.xml": b""}), world().office.seal.raw):
        with pytest.raises(ParseError):
            verify(data, policy=world().policy())
    with pytest.raises(TypeError):
        verify(7, policy=world().policy())  # type: ignore[arg-type]  # that is the mistake


def test_the_same_document_gives_the_same_report() -> None:
    assert report_on(plain()) == report_on(plain())


def test_an_unsigned_document_has_a_report_that_says_so() -> None:
    report = report_on(world().document)
    assert report.outcome is FAILED
    assert report.blocking[0].reason == "not_signed"
    assert {(c.id, c.reason) for c in report.blocking if c.outcome is FAILED} == {
        ("integrity.signature_present", "not_signed"),
        ("coverage.documents", "unsigned_document"),
        ("coverage.package_root", "root_replaced"),
        ("coverage.pages", "uncovered_content"),
        ("coverage.resources", "uncovered_content"),
    }
    with pytest.raises(VerificationError) as caught:
        report.require()
    assert caught.value.report is report


# ====================================================================== several signatures, several documents


def test_each_signature_is_judged_by_itself_under_its_id() -> None:
    report = assert_verifies(twice(), world().policy())
    about_all = {check.id for check in report.checks if not check.subject}
    about_each = {check.id for check in report.checks if check.subject}
    assert about_all & about_each == set()
    assert about_all | about_each == CHECKS.rows.keys()
    for check_id in about_each:
        assert sorted(check.subject for check in report.of(check_id)) == ["s001", "s003"]


@pytest.mark.parametrize("name", ["s001", "s003"])
def test_one_signature_alone_is_judged_as_among_the_others(name: str) -> None:
    alone = verify_signature(open_ofd(twice()), name, at=SOON)
    among = {(c.id, c.outcome, c.reason) for c in report_on(twice()).checks if c.subject == name}
    found = {(c.id, c.outcome, c.reason) for c in alone.checks}
    assert {c.subject for c in alone.checks} == {name}
    assert found - among == (set() if name == "s003" else {("coverage.resources", FAILED, "uncovered_content")})
    assert {one for one in among - found if not one[0].startswith("trust.")} == {
        ("coverage.later_additions", PASSED, "ok")
    }


def test_one_signature_alone_must_protect_every_file_that_it_can() -> None:
    good = open_ofd(plain())
    assert not [c for c in verify_signature(good, "s001", at=SOON).checks if c.outcome is FAILED]
    more = open_ofd(good.rewrite({"Doc_0/Res/more.png": b"more"}))
    (bad,) = [c for c in verify_signature(more, "s001", at=SOON).checks if c.outcome is FAILED]
    assert (bad.id, bad.reason, bad.evidence["files"]) == (
        "coverage.resources", "uncovered_content", "/Doc_0/Res/more.png",
    )  # fmt: skip


def test_one_signature_alone_is_called_what_it_is_in_its_list() -> None:
    other = open_ofd(edited(plain(), Signatures=entries_of(plain())[LIST].replace(b'"Seal"', b'"Sign"')))
    (bad,) = [c for c in verify_signature(other, "s001", at=SOON).checks if c.outcome is FAILED]
    assert (bad.id, bad.reason) == ("integrity.signature_list", "type_differs")


def test_a_signature_that_is_not_there_is_not_passed_over() -> None:
    report = verify_signature(open_ofd(plain()), "s002", at=SOON)
    assert [(c.id, c.outcome, c.reason) for c in report.checks] == [
        ("integrity.signature_present", FAILED, "not_signed")
    ]
    assert report.outcome is FAILED


def test_one_bad_signature_does_not_stop_the_others() -> None:
    damages: tuple[dict[str, bytes | None], ...] = (
        {"SignedValue": b"garbage"},
        {"SignedValue": None},
        {"SignedValue": b"\x30\x80" * 1000},
        {"SignedValue": b""},
    )
    for damage in damages:
        found = entries_of(twice())
        (content,) = damage.values()
        if content is None:
            del found[VALUE]
        else:
            found[VALUE] = content
        report = report_on(zipped(found))
        assert report.of("integrity.signature_file", subject="s001")[0].outcome is FAILED
        assert report.of("integrity.value", subject="s001")[0].reason == "unreadable"
        assert report.of("integrity.value", subject="s003")[0].outcome is PASSED
        assert report.of("trust.signer_certificate", subject="s003")[0].outcome is PASSED
        # s003 protects the value of s001
        assert [c.reason for c in report.of("integrity.references", subject="s003")] != ["ok"]


@pytest.mark.parametrize("content", [b"garbage", b"\x30\x03\x02\x01", b"", b"\x06\x01\x2a", b"\x30\x80\x00\x00"])
def test_an_unreadable_signature_is_reported_on_in_every_check_that_it_has(content: bytes) -> None:
    report = report_on(edited(plain(), SignedValue=content))
    readable = report_on(plain())
    wanted = {check.id for check in readable.checks if check.subject == "s001"} - {"coverage.later_additions"}
    assert {check.id for check in report.checks if check.subject == "s001"} >= wanted
    assert "never_ran" not in {check.reason for check in report.blocking}
    assert report.of("integrity.signature_file")[0].outcome is FAILED
    judged = wanted - {"integrity.signature_file"}
    assert {report.of(name)[0].outcome for name in judged} == {UNKNOWN}
    assert {report.of(name)[0].reason for name in judged} == {"unreadable"}


def two_documents() -> bytes:
    entries = entries_of(world().document)
    other = entries_of(OfdBuilder(created=NOW, title="second", doc_id="2" * 32).page().text(20, 20, "附").build())
    entries |= {name.replace("Doc_0", "Doc_1"): body for name, body in other.items() if name != "OFD.xml"}
    body = re.search(rb"<ofd:DocBody>.*</ofd:DocBody>", other["OFD.xml"], re.S)
    assert body is not None
    entries["OFD.xml"] = entries["OFD.xml"].replace(b"</ofd:OFD>", body[0].replace(b"Doc_0", b"Doc_1") + b"</ofd:OFD>")
    return zipped(entries)


def test_documents_of_one_package_are_told_apart() -> None:
    office = world().office
    data = stamp(
        two_documents(),
        document=2,
        seal=office.seal,
        signer=office.signer,
        at=[Placement(page=1, x_mm=1, y_mm=1)],
        signed_at=NOW,
    )
    report = report_on(data)
    assert {check.subject for check in report.checks} == {"", "2/s001", "document 1", "document 2"}
    assert report.of("coverage.documents")[0].evidence["documents"] == "1"
    broken = edited_name(data, "Doc_1/Signs/Signatures.xml", b"<x/>")
    malformed = [c for c in report_on(broken).checks if c.reason == "list_malformed"]
    assert [c.subject for c in malformed] == ["document 2"]


def edited_name(data: bytes, name: str, content: bytes) -> bytes:
    found = entries_of(data)
    assert name in found
    return zipped({**found, name: content})


# ====================================================================== limits


def test_limits_of_values_are_reported_and_limits_of_packages_refused() -> None:
    report = verify(plain(), policy=world().policy(), asn1_limits=Asn1Limits(total_bytes=100))
    assert [(c.outcome, c.reason) for c in report.of("integrity.signature_file")] == [(FAILED, "limit_exceeded")]
    assert "total_bytes" in report.of("integrity.signature_file")[0].message.en
    with pytest.raises(LimitExceeded):
        verify(plain(), policy=world().policy(), limits=OfdLimits(entries=3))
    report = verify(plain(), policy=world().policy(), limits=OfdLimits(references=2))
    assert [c.reason for c in report.of("integrity.signature_file")] == ["limit_exceeded"]


# ====================================================================== deviations: verified over what was received


def raw_signature(signer: SM2PrivateKey, message: bytes) -> bytes:
    return der_to_raw(sign_message(signer, message))


def raw_maker_signature() -> bytes:
    (info, *_) = parts_of(seal())
    return seal(signature=bit_string(raw_signature(world().office.maker, info)))


def value_with(**last: bytes) -> Callable[[bytes], bytes]:
    return lambda description: value(description=description, seal=world().office.seal.raw, **last)


def raw_value(description: bytes) -> bytes:
    plain_value = value_with()(description)
    body, *rest = parts_of(plain_value)
    return sequence(body, rest[0], rest[1], bit_string(raw_signature(world().office.signer, body)))


def described(edit: Callable[[bytes], bytes], make: Callable[[bytes], bytes] | None = None) -> bytes:
    """The document with its Signature.xml edited, and a value made for that."""
    found = entries_of(plain())
    found[DESCRIPTION] = edit(found[DESCRIPTION])
    found[VALUE] = (make or value_with())(found[DESCRIPTION])
    return zipped(found)


def z_prefixed(description: bytes) -> bytes:
    """Every file hashed behind Z of the signer's key, and the algorithm named as it was seen."""
    z = world().office.signer.public_key().z()
    entries = entries_of(plain())

    def again(match: re.Match[bytes]) -> bytes:
        digest = base64.b64encode(sm3(z + entries[match[2].decode()]))
        return match[1] + match[2] + match[3] + digest

    described = re.sub(rb'(FileRef="/)([^"]+)("><ofd:CheckValue>)[^<]+', again, description)
    return described.replace(f'"{oids.SM3}"'.encode(), f'"{oids.HMAC_SM3}"'.encode())


def with_z_hash(description: bytes) -> bytes:
    z = world().office.signer.public_key().z()
    return value_with(data_hash=bit_string(sm3(z + description)))(description)


def without_method(description: bytes) -> bytes:
    return re.sub(rb"<ofd:SignatureMethod>[^<]*</ofd:SignatureMethod>", b"", description)


def method(name: str) -> Callable[[bytes], bytes]:
    return lambda description: description.replace(oids.SM2_SM3_SIGNATURE.encode(), name.encode())


def holders_by(name: str) -> bytes:
    listed = sequence(sequence(printable_string(name), octet_string(sm3(world().office.certificate.raw))))
    return seal(list_type=integer(2), holders=listed)


def sha256_holders() -> bytes:
    from hashlib import sha256

    digest = sha256(world().office.certificate.raw).digest()
    return seal(list_type=integer(2), holders=sequence(sequence(printable_string("SHA-256"), octet_string(digest))))


#: name: the codes that must be named, and the document. All of them are genuine, so all must pass.
DEVIATIONS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "v1 throughout": ("", lambda: valued(1)),
    "v5 throughout": ("", lambda: valued(5)),
    "v1 with version 4": ("version_number", lambda: valued(1, seal=seal(1, version=integer(4)), version=integer(4))),
    "a text for the time of v1": (
        "time_as_text",
        lambda: valued(1, time=bit_string(b"2026-06-01 17:30:00")),
    ),
    "a text with unused bits": (
        "bit_string_unused_bits time_as_text",
        lambda: valued(1, time=bit_string(b"2026-06-01 17:30:00", unused=4)),
    ),
    "GeneralizedTime in v1": ("time_type", lambda: valued(1, time=bit_string(generalized_time(NOW)))),
    "critical FALSE written": (
        "extension_default_written",
        lambda: valued(seal=seal(ext=sequence(ses.extension(ses.FALSE)))),
    ),
    "an unknown critical extension": (
        "unknown_critical_extension",
        lambda: valued(seal=seal(ext=sequence(ses.extension(ses.TRUE)))),
    ),
    "extensions in the value": (
        "extension_default_written",
        lambda: valued(ext=context(0, sequence(ses.extension(ses.FALSE)))),
    ),
    "extDatas under a tag": ("extensions_tagged", lambda: valued(seal=seal(ext=context(0, sequence())))),
    "a seal made after its period began": (
        "created_after_valid_from",
        lambda: valued(seal=seal(created=generalized_time(ses.MADE + DAY))),
    ),
    "an old picture type spelling": (
        "picture_type_spelling",
        lambda: valued(seal=seal(picture=_picture_typed(b"png"))),
    ),
    "the maker's signature raw": ("raw_signature_value", lambda: sealed_with(raw_maker_signature())),
    "the signer's signature raw": ("raw_signature_value", lambda: placed(raw_value)),
    "the type of messages for the algorithm": (
        "signed_data_oid_for_signature",
        lambda: placed(value_with(algorithm=oid(oids.GM_SIGNED_DATA))),
    ),
    "the type of messages for the maker's algorithm": (
        "signed_data_oid_for_signature",
        lambda: sealed_with(seal(algorithm=oid(oids.GM_SIGNED_DATA))),
    ),
    "the type of messages for the method": (
        "signed_data_oid_for_signature",
        lambda: described(method(oids.GM_SIGNED_DATA)),
    ),
    "another number of SM2 for the method": ("", lambda: described(method(oids.SM2_SIGNING))),
    "no method": ("signature_method_absent", lambda: described(without_method)),
    "the hash with Z": ("data_hash_with_z", lambda: placed(with_z_hash)),
    "files with Z": ("digest_with_z", lambda: described(z_prefixed)),
    "SM3 by name": ("", lambda: described(lambda text: text.replace(f'"{oids.SM3}"'.encode(), b'"SM3"'))),
    "sm3 by name with blanks": (
        "blank_in_value",
        lambda: described(lambda text: text.replace(f'"{oids.SM3}"'.encode(), b'" sm3 "')),
    ),
    "no property info": ("property_info_blank", lambda: placed(value_with(property_info=ia5_string(" ")))),
    "a relative property info": (
        "property_info_form",
        lambda: placed(value_with(property_info=ia5_string("./Sign_0/Signature.xml"))),
    ),
    "property info as pairs": (
        "property_info_form",
        lambda: placed(value_with(property_info=ia5_string(f'{{"doc.DocID":"x";"ofd.Sign":"/{DESCRIPTION}"}}'))),
    ),
    "property info without slash": ("", lambda: placed(value_with(property_info=ia5_string(DESCRIPTION)))),
    "holders by digest": ("", lambda: sealed_with(holders_by("SM3"))),
    "holders by an OID": ("", lambda: sealed_with(holders_by(oids.SM3))),
    "holders by a free word": ("holder_digest_algorithm", lambda: sealed_with(holders_by("certificate"))),
    "holders by SHA-256": ("", lambda: sealed_with(sha256_holders())),
    "no seal file": ("", lambda: zipped(_without_seal_file())),
    "the body wrapped": (
        "wrapped_structure",
        lambda: placed(
            lambda text: value(description=text, seal=world().office.seal.raw, to_sign=octet_string(_body(text)))
        ),
    ),
    "a UTCTime": ("time_type", lambda: placed(value_with(time=utc_time(NOW)))),
    "a local time": ("time_not_der", lambda: placed(value_with(time=encode_tlv(0x18, b"20260601173000+0800")))),
}


def _body(description: bytes) -> bytes:
    return parts_of(value_with()(description))[0]


def _picture_typed(spelling: bytes) -> bytes:
    own = world().office.seal.picture
    size = (integer(own.width_mm), integer(own.height_mm))
    return sequence(encode_tlv(0x16, spelling), octet_string(own.data), *size)


def _without_seal_file() -> Entries:
    found = entries_of(plain())
    del found[f"{FOLDER}/Seal.esl"]
    text = re.sub(rb"<ofd:Seal>.*</ofd:Seal>", b"", found[DESCRIPTION])
    text = re.sub(rb'<ofd:Reference FileRef="/[^"]*Seal.esl">.*?</ofd:Reference>', b"", text)
    found[DESCRIPTION], found[VALUE] = text, value_with()(text)
    return found


@pytest.mark.parametrize("name", DEVIATIONS)
def test_a_genuine_document_that_deviates_verifies_over_what_was_received(name: str) -> None:
    codes, make = DEVIATIONS[name]
    report = assert_verifies(make(), world().policy())
    named = report.of("integrity.encoding", subject="s001")[0].evidence["leniencies"]
    assert [part.partition(" ")[0] for part in named.split("; ") if part] == codes.split()


@pytest.mark.parametrize("name", [name for name, (codes, _) in DEVIATIONS.items() if codes])
def test_every_deviation_is_refused_by_whoever_refuses_all(name: str) -> None:
    codes, make = DEVIATIONS[name]
    policy = replace(world().policy(), refused_leniencies=frozenset({"*"}))
    report = verify(make(), policy=policy)
    assert {(c.id, c.reason) for c in report.blocking} == {("integrity.encoding", "refused")}
    one = replace(world().policy(), refused_leniencies=frozenset({codes.split()[0]}))
    assert verify(make(), policy=one).outcome is FAILED


@pytest.mark.parametrize("name", DEVIATIONS)
def test_a_deviating_document_that_is_changed_is_caught_all_the_same(name: str) -> None:
    found = entries_of(DEVIATIONS[name][1]())
    page = found["Doc_0/Pages/Page_0/Content.xml"]
    found["Doc_0/Pages/Page_0/Content.xml"] = page.replace("张三".encode(), "李四".encode())
    report = verify(zipped(found), policy=world().policy())
    assert ("integrity.references", "file_changed") in {(c.id, c.reason) for c in report.blocking}


# ====================================================================== forms of plain signatures


def unsealed_with(make: Callable[[bytes], bytes]) -> bytes:
    found = entries_of(unsealed())
    found[VALUE] = make(found[DESCRIPTION])
    return zipped(found)


def message(**words: Any) -> Callable[[bytes], bytes]:
    office = world().office

    def make(description: bytes) -> bytes:
        given = {"content": description, "detached": True, **words}
        given["signing_time"] = NOW if given.get("attributes", True) else None
        if given.pop("digest", False):
            given["content"] = sm3(description)
        return build_signed_data(office.signer, office.certificate, **given)

    return make


MESSAGES: dict[str, Callable[[bytes], bytes]] = {
    "detached with attributes": message(),
    "detached without attributes": message(attributes=False),
    "the text carried along": message(detached=False),
    "its digest carried along": message(detached=False, digest=True, attributes=False),
    "its digest carried along, with attributes": message(detached=False, digest=True),
    "under the numbers of PKCS#7": message(gm_oids=False),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_each_form_of_message_verifies(name: str) -> None:
    report = report_on(unsealed_with(MESSAGES[name]))
    assert report.outcome is PASSED, [(c.id, c.reason) for c in report.blocking]
    assert report.answers["binding"] is SKIPPED
    assert report.of("integrity.data_hash")[0].reason == "ok"


@pytest.mark.parametrize("name", MESSAGES)
def test_each_form_of_message_is_about_one_text_only(name: str) -> None:
    report = report_on(unsealed_with(lambda description: MESSAGES[name](description + b" ")))
    assert report.answers["integrity"] is FAILED


@pytest.mark.parametrize("raw", [False, True])
def test_a_bare_value_is_its_signers_once_a_certificate_is_given(raw: bool) -> None:
    office = world().office

    def bare(description: bytes) -> bytes:
        signature = sign_message(office.signer, description)
        return der_to_raw(signature) if raw else signature

    data = unsealed_with(bare)
    undecided = report_on(data)
    assert undecided.outcome is UNKNOWN
    assert [(c.outcome, c.reason) for c in undecided.of("integrity.value")] == [(UNKNOWN, "no_certificate")]
    assert undecided.of("coverage.pages")[0].reason == "only_undecided"
    decided = report_on(data, certificates=[world().stranger.certificate, office.certificate])
    assert decided.outcome is PASSED, [(c.id, c.reason) for c in decided.blocking]
    assert decided.of("trust.signing_time")[0].reason == "good_now"
    strange = report_on(data, certificates=[world().stranger.certificate])
    assert [(c.outcome, c.reason) for c in strange.of("integrity.value")] == [(FAILED, "value_wrong")]


@pytest.mark.parametrize("begin", [b"\x30\x06\x02\x01", b"\x30\x3e\x02\x1d", b"\x30\x80\x06\x01", b"\x30\x3e\x30\x3c"])
def test_sixty_four_bytes_are_a_raw_value_whatever_they_begin_like(begin: bytes) -> None:
    report = report_on(unsealed_with(lambda _: begin.ljust(64, b"\x01")))
    assert report.of("integrity.signature_file")[0].outcome is PASSED
    assert [(c.outcome, c.reason) for c in report.of("integrity.value")] == [(UNKNOWN, "no_certificate")]


@pytest.mark.parametrize("size", [1, 63, 65, 128])
def test_other_bytes_that_are_no_structure_are_no_value(size: int) -> None:
    report = report_on(unsealed_with(lambda _: b"\x7f" * size))
    assert [(c.outcome, c.reason) for c in report.of("integrity.signature_file")] == [(FAILED, "value_malformed")]


# ====================================================================== every reason of the table


@dataclass(frozen=True)
class Case:
    """A document for which a check must answer so."""

    outcome: Outcome
    report: Callable[[], Report]


def listed(pattern: bytes, new: bytes) -> bytes:
    found = entries_of(plain())
    text, count = re.subn(pattern, new, found[LIST])
    assert count == 1
    return edited_name(plain(), LIST, text)


def tsa_of(ca: LocalCA | None = None, *, days: int = 2000, start: timedelta = -9 * DAY) -> tuple[LocalTSA, Certificate]:
    key = SM2PrivateKey.generate(random=seeded("some authority"))
    certificate = (ca or world().office.ca).issue("tsa", "Authority", key.public_key(), at=NOW + start, days=days)
    return LocalTSA(key, certificate), certificate


def timed(stamper: Callable[[bytes], bytes]) -> bytes:
    """The office's value with a time stamp over its signature."""

    def make(description: bytes) -> bytes:
        done = value_with()(description)
        signature = children(read_one(done))[3].content[1:]
        return sequence(*parts_of(done), context(0, bit_string(stamper(signature))))

    return placed(make)


def seal_timed(stamper: Callable[[bytes], bytes], **fields: bytes) -> bytes:
    """The document sealed with a v5 seal that has a time stamp over its maker's signature."""
    raw = seal(5, **fields)
    signature = children(read_one(raw))[3].content[1:]
    stamped = sequence(*parts_of(raw), context(0, bit_string(stamper(signature))))
    return placed(lambda text: value(5, description=text, seal=stamped), seal_file=stamped)


def without_certificate(token: bytes) -> bytes:
    """A time stamp that does not carry its authority's certificate."""
    kind, body = parts_of(token)
    inner = [part for part in parts_of(read_one(body).content) if part[0] != 0xA0]
    return sequence(kind, context(0, sequence(*inner)))


AUTHORITY, AUTHORITY_CERTIFICATE = tsa_of()


def good_token(octets: bytes) -> bytes:
    return AUTHORITY.stamp(octets, at=NOW)


SEAL_AUTHORITY, SEAL_AUTHORITY_CERTIFICATE = tsa_of(start=-200 * DAY)


def good_seal_token(octets: bytes) -> bytes:
    return SEAL_AUTHORITY.stamp(octets, at=ses.MADE)


def crl(*revoked: tuple[Certificate, Any]) -> bytes:
    gone = [Revoked(certificate.serial_number, moment) for certificate, moment in revoked]
    return world().office.ca.crl(at=SOON, revoked=gone)


@cache
def too_many() -> tuple[Certificate, ...]:
    """More certificates between than anybody has: the search for a chain is given up."""
    ca = world().stranger.ca
    key = world().stranger.signer.public_key()
    return tuple(ca.issue("ca", f"CA {n}", key, at=NOW - DAY, days=9) for n in range(70))


def bare_unsealed() -> bytes:
    return unsealed_with(lambda description: sign_message(world().office.signer, description))


def _sealed_v1(raw: bytes) -> bytes:
    return placed(lambda text: value(1, description=text, seal=raw), seal_file=raw)


def without_entry(name: str) -> bytes:
    found = entries_of(plain())
    del found[name]
    return zipped(found)


def without_stamp() -> bytes:
    return described(lambda text: re.sub(rb"<ofd:StampAnnot [^>]*/>", b"", text))


def dangling_page() -> bytes:
    """The office signed a document in which the picture that a page shows is not there."""
    document = entries_of(world().document)
    (picture,) = (name for name in document if name.endswith(".png"))
    del document[picture]
    return world().stamped(zipped(document))


def no_template() -> bytes:
    document = entries_of(world().document)
    del document["Doc_0/Tpls/Tpl_0/Content.xml"]
    return world().stamped(zipped(document))


def picture_of_a_seal() -> bytes:
    document = entries_of(world().document)
    root = document["Doc_0/Document.xml"]
    document["Doc_0/Document.xml"] = root.replace(
        b"</ofd:Pages>", b"</ofd:Pages><ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>"
    )
    page_id = re.findall(rb'<ofd:Page ID="(\d+)"', root)[1]
    space = b'xmlns:ofd="http://www.ofdspec.org/2016"'
    document["Doc_0/Annots/Annotations.xml"] = (
        b"<ofd:Annotations " + space + b'><ofd:Page PageID="' + page_id + b'"><ofd:FileLoc>Page_1/Annotation.xml'
        b"</ofd:FileLoc></ofd:Page></ofd:Annotations>"
    )
    document["Doc_0/Annots/Page_1/Annotation.xml"] = (
        b"<ofd:PageAnnot " + space + b'><ofd:Annot ID="900" Type="Stamp" Creator="x" LastModDate="2026-06-01">'
        b'<ofd:Appearance Boundary="10 10 42 42"><ofd:PathObject ID="901" Boundary="0 0 42 42">'
        b"<ofd:AbbreviatedData>M 0 0 L 42 42</ofd:AbbreviatedData></ofd:PathObject></ofd:Appearance>"
        b"</ofd:Annot></ofd:PageAnnot>"
    )
    return world().stamped(zipped(document))


def at_maker_made_elsewhen(days: int) -> bytes:
    office = world().office
    maker = office.ca.issue("seal_maker", "Elsewhen", office.maker.public_key(), at=ses.MADE + days * DAY, days=30)
    return sealed_with(seal(cert=octet_string(maker.raw)))


RSA_SHA256 = "1.2.840.113549.1.1.11"

CASES: dict[tuple[str, str], Case] = {
    ("integrity.signature_list", "base_missing"): Case(
        FAILED, lambda: report_on(listed(rb'Type="Seal"', b'Type="Seal" Relative="s009"'))
    ),
    ("integrity.signature_file", "file_missing"): Case(FAILED, lambda: report_on(without_entry(VALUE))),
    ("integrity.signature_file", "limit_exceeded"): Case(
        FAILED, lambda: verify(plain(), policy=world().policy(), asn1_limits=Asn1Limits(total_bytes=99))
    ),
    ("integrity.algorithms", "unsupported"): Case(
        UNKNOWN, lambda: report_on(placed(value_with(algorithm=oid(RSA_SHA256))))
    ),
    ("integrity.value", "key_unusable"): Case(
        FAILED, lambda: report_on(placed(value_with(cert=octet_string(b"none"))))
    ),
    ("integrity.data_hash", "ok_with_z"): Case(PASSED, lambda: report_on(placed(with_z_hash))),
    ("integrity.property_info", "blank"): Case(
        PASSED, lambda: report_on(placed(value_with(property_info=ia5_string(""))))
    ),
    ("integrity.seal_maker_signature", "key_unusable"): Case(
        FAILED, lambda: report_on(sealed_with(seal(cert=octet_string(b"no certificate"))))
    ),
    ("integrity.time_stamp", "timestamp_undecided"): Case(
        UNKNOWN, lambda: report_on(timed(lambda octets: without_certificate(good_token(octets))))
    ),
    ("integrity.seal_time_stamp", "ok"): Case(PASSED, lambda: report_on(seal_timed(good_seal_token))),
    ("integrity.seal_time_stamp", "timestamp_wrong"): Case(
        FAILED, lambda: report_on(seal_timed(lambda _: good_seal_token(b"x")))
    ),
    ("integrity.seal_time_stamp", "timestamp_undecided"): Case(
        UNKNOWN, lambda: report_on(seal_timed(lambda octets: without_certificate(good_seal_token(octets))))
    ),
    ("binding.signer_in_seal", "no_holders"): Case(FAILED, lambda: report_on(sealed_with(seal(holders=sequence())))),
    ("binding.seal_file", "absent"): Case(PASSED, lambda: report_on(zipped(_without_seal_file()))),
    ("binding.seal_file", "file_missing"): Case(FAILED, lambda: report_on(without_entry(f"{FOLDER}/Seal.esl"))),
    ("trust.signer_certificate", "cert_undecided"): Case(UNKNOWN, lambda: report_on(plain(), intermediates=too_many())),
    ("trust.seal_maker", "cert_undecided"): Case(UNKNOWN, lambda: report_on(plain(), intermediates=too_many())),
    ("trust.time_stamp", "cert_undecided"): Case(
        UNKNOWN, lambda: report_on(timed(good_token), intermediates=too_many())
    ),
    ("trust.seal_time_stamp", "cert_undecided"): Case(
        UNKNOWN, lambda: report_on(seal_timed(good_seal_token), intermediates=too_many())
    ),
    ("trust.signer_certificate", "cert_unreadable"): Case(
        FAILED, lambda: report_on(placed(value_with(cert=octet_string(b"none"))))
    ),
    ("trust.seal_maker", "cert_unreadable"): Case(
        FAILED, lambda: report_on(sealed_with(seal(cert=octet_string(b"none"))))
    ),
    ("trust.signer_certificate", "cert_expired_at_signing"): Case(
        FAILED, lambda: report_on(plain(), at=EXPIRED, claimed_time="ignore")
    ),
    ("trust.seal_maker", "cert_expired_at_signing"): Case(FAILED, lambda: report_on(at_maker_made_elsewhen(9))),
    ("trust.time_stamp", "cert_expired_at_signing"): Case(
        FAILED, lambda: report_on(timed(lambda octets: AUTHORITY.stamp(octets, at=NOW - 99 * DAY)))
    ),
    ("trust.seal_time_stamp", "cert_expired_at_signing"): Case(
        FAILED, lambda: report_on(seal_timed(lambda octets: AUTHORITY.stamp(octets, at=ses.MADE)))
    ),
    ("trust.signer_certificate", "cert_revoked_before"): Case(
        FAILED, lambda: report_on(plain(), crls=[crl((world().office.certificate, NOW - DAY))])
    ),
    ("trust.signer_revocation", "revoked"): Case(
        FAILED, lambda: report_on(plain(), crls=[crl((world().office.certificate, NOW - DAY))])
    ),
    ("trust.signer_revocation", "revoked_later"): Case(
        PASSED, lambda: report_on(plain(), crls=[crl((world().office.certificate, NOW + timedelta(minutes=1)))])
    ),
    ("trust.signer_revocation", "ok"): Case(PASSED, lambda: report_on(plain(), crls=[crl()])),
    ("trust.seal_maker_revocation", "ok"): Case(PASSED, lambda: report_on(plain(), crls=[crl()])),
    ("trust.seal_maker_revocation", "revoked_later"): Case(
        PASSED, lambda: report_on(plain(), crls=[crl((world().office.maker_certificate, NOW - DAY))])
    ),
    ("trust.seal_maker", "cert_revoked_before"): Case(
        FAILED,
        lambda: report_on(plain(), crls=[crl((world().office.maker_certificate, world().office.seal.created_at))]),
    ),
    ("trust.seal_maker_revocation", "revoked"): Case(
        FAILED,
        lambda: report_on(plain(), crls=[crl((world().office.maker_certificate, world().office.seal.created_at))]),
    ),
    ("trust.time_stamp", "cert_revoked_before"): Case(
        FAILED, lambda: report_on(timed(good_token), crls=[crl((AUTHORITY_CERTIFICATE, NOW - DAY))])
    ),
    ("trust.seal_time_stamp", "cert_revoked_before"): Case(
        FAILED, lambda: report_on(seal_timed(good_token), crls=[crl((AUTHORITY_CERTIFICATE, NOW - DAY))])
    ),
    ("trust.time_stamp", "authority_revoked"): Case(
        UNKNOWN, lambda: report_on(timed(good_token), crls=[crl((AUTHORITY_CERTIFICATE, NOW + timedelta(minutes=1)))])
    ),
    ("trust.seal_time_stamp", "authority_revoked"): Case(
        UNKNOWN, lambda: report_on(seal_timed(good_seal_token), crls=[crl((SEAL_AUTHORITY_CERTIFICATE, NOW - DAY))])
    ),
    ("trust.seal_maker", "good_when_made"): Case(PASSED, lambda: report_on(at_maker_made_elsewhen(-9))),
    ("trust.seal_period", "seal_not_yet_valid"): Case(
        FAILED,
        lambda: report_on(
            sealed_with(seal(valid_from=generalized_time(NOW + DAY), valid_to=generalized_time(NOW + 9 * DAY)))
        ),
    ),
    ("trust.signing_time", "claimed"): Case(PASSED, lambda: report_on(plain(), claimed_time="accept")),
    ("trust.signing_time", "proven"): Case(PASSED, lambda: report_on(timed(good_token))),
    ("trust.signing_time", "in_future"): Case(UNKNOWN, lambda: report_on(plain(), at=NOW - DAY)),
    ("trust.signing_time", "good_now"): Case(
        PASSED, lambda: report_on(bare_unsealed(), certificates=[world().office.certificate])
    ),
    ("trust.signing_time", "no_time"): Case(
        UNKNOWN, lambda: report_on(bare_unsealed(), certificates=[world().office.certificate], at=EXPIRED)
    ),
    ("trust.time_stamp", "ok"): Case(PASSED, lambda: report_on(timed(good_token))),
    ("trust.seal_time_stamp", "ok"): Case(PASSED, lambda: report_on(seal_timed(good_seal_token))),
    ("trust.seal_time_stamp", "no_anchors"): Case(UNKNOWN, lambda: report_on(seal_timed(good_seal_token), trust=None)),
    ("trust.seal_time_stamp", "cert_untrusted"): Case(
        FAILED,
        lambda: report_on(
            seal_timed(lambda octets: tsa_of(world().stranger.ca, start=-200 * DAY)[0].stamp(octets, at=ses.MADE))
        ),
    ),
    ("trust.seal_time_stamp", "time_order"): Case(
        FAILED,
        lambda: report_on(seal_timed(good_seal_token, created=generalized_time(ses.MADE + DAY))),
    ),
    ("trust.seal_time_stamp", "timestamp_wrong"): Case(FAILED, lambda: report_on(seal_timed(lambda _: b"nonsense"))),
    ("coverage.pages", "missing_content"): Case(UNKNOWN, lambda: report_on(no_template())),
    ("coverage.resources", "missing_content"): Case(UNKNOWN, lambda: report_on(dangling_page())),
    ("coverage.pages", "only_undecided"): Case(UNKNOWN, lambda: report_on(bare_unsealed())),
    ("coverage.resources", "only_undecided"): Case(UNKNOWN, lambda: report_on(bare_unsealed())),
    ("coverage.package_root", "only_undecided"): Case(UNKNOWN, lambda: report_on(bare_unsealed())),
    ("coverage.documents", "undecided_document"): Case(UNKNOWN, lambda: report_on(bare_unsealed())),
    ("coverage.stamps", "no_stamp"): Case(SKIPPED, lambda: report_on(without_stamp())),
    ("coverage.list_closed", "closed"): Case(PASSED, lambda: report_on(world().stamped(close=True))),
    ("coverage.picture_only", "picture_only"): Case(UNKNOWN, lambda: report_on(picture_of_a_seal())),
}


@pytest.mark.parametrize(("check_id", "reason"), CASES, ids=lambda part: part)
def test_a_check_gives_each_reason_where_it_should(check_id: str, reason: str) -> None:
    case = CASES[check_id, reason]
    given = [check for check in case.report().of(check_id) if check.reason == reason]
    assert [check.outcome for check in given] == [case.outcome]


@cache
def every_check() -> tuple[Check, ...]:
    """What is said of all documents at hand: genuine, forged, odd and incomplete; with and without anchors."""
    found: list[Check] = []
    for case in CASES.values():
        found += case.report().checks
    for _, make in DEVIATIONS.values():
        found += report_on(make()).checks
    for data in (plain(), twice(), unsealed(), world().document, bare_unsealed(), edited(plain(), SignedValue=b"x")):
        for trust in (world().trust, None):
            found += report_on(data, trust=trust).checks
    found += verify_seal(parse_seal(seal(5)), policy=world().policy()).checks
    for number, attack in ATTACKS.items():
        at = {"b31": EXPIRED, "04": NOW + 860 * DAY}.get(number, SOON)
        for trust in (world().trust, None):
            try:
                found += report_on(attack.make(world()), at=at, trust=trust).checks
            except InputError:
                break
    for forgery in FORGERIES.values():
        data, policy = forgery.make(world())
        found += verify(data, policy=policy).checks
    return tuple(found)


def test_every_reason_of_the_table_is_given_for_some_document() -> None:
    given = {(check.id, check.reason) for check in every_check()}
    table = {(check_id, reason) for check_id, row in CHECKS.rows.items() for reason in row.reasons}
    assert table - given == set()


def test_no_message_has_an_unfilled_place_or_a_second_line() -> None:
    for check in every_check():
        for text in (check.message.en, check.message.zh):
            where = f"{check.id} {check.reason}: {text}"
            assert text.strip() == text != "", where
            assert not re.search(r"\{[a-z_]+\}", text), where
            assert "\n" not in text, where


def test_passed_is_only_ever_said_for_good_reasons() -> None:
    """One word never stands for yes in one document and for no in another."""
    yes: dict[tuple[str, str], set[bool]] = {}
    for check in every_check():
        yes.setdefault((check.id, check.reason), set()).add(check.outcome is PASSED)
    assert {key for key, said in yes.items() if len(said) > 1} == set()


# ====================================================================== the table itself


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("check_id", CHECKS.rows)
def test_each_row_says_the_same_in_both_languages(check_id: str) -> None:
    row = CHECKS.rows[check_id]
    assert row.question.en.endswith("?")
    assert row.question.zh.endswith("？")
    assert row.clause
    assert row.reasons
    for reason, text in row.reasons.items():
        assert re.fullmatch(r"[a-z][a-z_]*", reason)
        assert _places(text.en) == _places(text.zh), reason
        assert text.en
        assert re.search(r"[\u4e00-\u9fff]", text.zh) or _places(text.zh), reason
        assert not re.search(r"[\u4e00-\u9fff]", text.en), reason
    assert len({text.en for text in row.reasons.values()}) == len(row.reasons)


def test_what_tells_and_does_not_decide_is_part_of_the_table() -> None:
    assert CHECKS.rows.keys() > ADVISORY
    assert CHECKS.rows.keys() == REQUIRED | ADVISORY
    assert not REQUIRED & ADVISORY
    assert {name.partition(".")[0] for name in REQUIRED} == set(ANSWERS)


def test_the_facts_of_chains_are_told_in_the_readers_language() -> None:
    report = report_on(plain(), trust=[world().stranger.ca.certificate])
    message = report.of("trust.signer_certificate")[0].message
    assert "签发者" in message.zh
    assert "the issuer" in message.en
    assert "the issuer" not in message.zh


# ====================================================================== odd corners


def test_an_rsa_value_is_neither_right_nor_wrong() -> None:
    report = report_on(placed(value_with(algorithm=oid(RSA_SHA256))))
    assert report.answers["integrity"] is UNKNOWN
    assert {c.reason for c in report.blocking if c.answer == "integrity"} == {"unsupported", "key_unusable"}


def test_a_v1_time_stamp_about_the_hash_proves_the_time_and_about_anything_else_nothing() -> None:
    def with_token(about: Callable[[bytes], bytes]) -> bytes:
        raw = seal(1)

        def make(text: bytes) -> bytes:
            token = AUTHORITY.stamp(about(sm3(text)), at=NOW)
            return value(1, description=text, seal=raw, time=bit_string(token))

        return placed(make, seal_file=raw)

    good = assert_verifies(with_token(lambda digest: digest), world().policy())
    assert good.of("trust.signing_time")[0].reason == "proven"
    odd = report_on(with_token(lambda digest: digest[::-1]))
    assert [(c.outcome, c.reason) for c in odd.of("integrity.time_stamp")] == [(UNKNOWN, "timestamp_undecided")]
    assert odd.of("trust.time_stamp")[0].outcome is UNKNOWN
    assert odd.outcome is UNKNOWN


def test_a_v1_holder_known_by_name_only_is_undecided_and_an_empty_list_is_wrong() -> None:
    by_name = seal(1, holders=sequence(ia5_string("certID")))
    report = report_on(_sealed_v1(by_name))
    assert [(c.outcome, c.reason) for c in report.of("binding.signer_in_seal")] == [(UNKNOWN, "no_holders")]
    report = report_on(_sealed_v1(seal(1, holders=sequence())))
    assert [(c.outcome, c.reason) for c in report.of("binding.signer_in_seal")] == [(FAILED, "no_holders")]


def test_a_time_stamp_of_a_seal_that_cannot_be_read_fails_the_seal_alone_too() -> None:
    raw = sequence(*parts_of(seal(5)), context(0, bit_string(null())))
    report = verify_seal(parse_seal(raw), policy=world().policy())
    assert {(c.id, c.reason) for c in report.blocking} == {
        ("integrity.seal_time_stamp", "timestamp_wrong"),
        ("trust.seal_time_stamp", "timestamp_wrong"),
    }


def test_a_list_with_the_same_id_twice_and_none_at_all_is_reported_on() -> None:
    none = listed(rb' ID="s001"', b"")
    report = report_on(none)
    assert report.outcome is PASSED
    assert "id_absent" in report.of("integrity.encoding")[0].message.en
    found = entries_of(twice())
    found[LIST] = found[LIST].replace(b"s003", b"s001")
    same = report_on(zipped(found))
    assert ("integrity.signature_list", "listed_twice") in {(c.id, c.reason) for c in same.blocking}


def test_another_value_folder_and_name_are_followed() -> None:
    found = entries_of(plain())
    moved = {name.replace("Sign_0/Signature.xml", "Sign_0/desc.xml"): body for name, body in found.items()}
    moved[LIST] = found[LIST].replace(b"Sign_0/Signature.xml", b"Sign_0/desc.xml")
    report = report_on(zipped(moved))
    # the value names the old file: everything else holds
    assert [(c.id, c.reason) for c in report.blocking] == [("integrity.property_info", "names_another")]


def test_a_relative_list_is_followed_and_named() -> None:
    data = listed(rb'BaseLoc="/Doc_0/Signs/Sign_0/Signature.xml"', b'BaseLoc="Sign_0/Signature.xml"')
    report = assert_verifies(data, world().policy())
    assert "relative_path" in report.of("integrity.encoding", subject="s001")[0].message.en


def test_a_seal_file_that_is_named_and_compared_is_no_extra_file() -> None:
    # our own documents protect the seal file too; many others do not
    def unprotected(text: bytes) -> bytes:
        return re.sub(rb'<ofd:Reference FileRef="/[^"]*Seal.esl">.*?</ofd:Reference>', b"", text)

    assert_verifies(described(unprotected), world().policy())


def test_what_a_time_stamp_gets_wrong_is_named_too() -> None:
    def response(octets: bytes) -> bytes:
        return sequence(sequence(integer(0)), good_token(octets))

    report = assert_verifies(timed(response), world().policy())
    (encoding,) = report.of("integrity.encoding", subject="s001")
    assert "response_instead_of_token (value.timeStamp)" in encoding.evidence["leniencies"]
    raw = seal(5)
    token = sequence(sequence(integer(0)), good_seal_token(children(read_one(raw))[3].content[1:]))
    alone = verify_seal(parse_seal(sequence(*parts_of(raw), context(0, bit_string(token)))), policy=world().policy())
    assert alone.outcome is PASSED
    assert "response_instead_of_token (seal.timeStamp)" in alone.of("integrity.encoding")[0].evidence["leniencies"]


def test_a_thousand_deviations_of_one_kind_are_counted_and_not_all_told() -> None:
    many = seal(ext=sequence(*[ses.extension(ses.FALSE)] * 1000))
    report = assert_verifies(sealed_with(many), world().policy())
    (encoding,) = report.of("integrity.encoding", subject="s001")
    assert encoding.evidence["count"] == "1000"
    assert encoding.evidence["leniencies"].endswith("; (+992)")
    assert len(encoding.message.en) < 2_000
    refusing = replace(world().policy(), refused_leniencies=frozenset({"*"}))
    (encoding,) = verify(sealed_with(many), policy=refusing).of("integrity.encoding", subject="s001")
    assert encoding.reason == "refused"
    assert len(encoding.message.en) < 2_000
