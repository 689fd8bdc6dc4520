"""Whatever is done to a sealed document, it never passes as another one, and nothing but an InputError is raised."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto.der import octet_string, sequence
from egov_sdk.errors import InputError
from egov_sdk.ofd import open_ofd, parse_signature_file, parse_signature_list
from egov_sdk.pki.cms import SignedData, parse_signed_data
from egov_sdk.pki.timestamp import parse_token
from egov_sdk.report import Outcome, Report
from egov_sdk.seal import Placement, parse_seal, sign, stamp, verify, verify_seal
from egov_sdk.seal._gbt38540 import parse_value
from tests.unit.seal import ses
from tests.unit.seal.ses import FOLDER, Node
from tests.world import NOW, Entries, assert_verifies, entries_of, redigested, world

DESCRIPTION, VALUE, SEAL = f"{FOLDER}/Signature.xml", f"{FOLDER}/SignedValue.dat", f"{FOLDER}/Seal.esl"
LIST = "Doc_0/Signs/Signatures.xml"


def _stamped(**words: object) -> bytes:
    office, tsa = world().office, world().tsa()
    timed = words.pop("timed", False)
    return stamp(
        world().document,
        seal=office.seal,
        signer=office.signer,
        at=[Placement(page=1, x_mm=140, y_mm=230)],
        signed_at=NOW,
        close=bool(words.pop("close", False)),
        time_stamper=(lambda octets: tsa.stamp(octets, at=NOW)) if timed else None,
    )


def _signed() -> bytes:
    office = world().office
    return sign(world().document, signer=office.signer, certificate=office.certificate, signed_at=NOW)


def _old() -> bytes:
    raw = ses.seal(1)
    return ses.placed(lambda text: ses.value(1, description=text, seal=raw), seal_file=raw)


_MAKERS: dict[str, Callable[[], bytes]] = {
    "open": _stamped,
    "closed": lambda: _stamped(close=True),
    "timed": lambda: _stamped(timed=True),
    "twice": lambda: world().stamped(_stamped()),
    "signed": _signed,
    "v1": _old,
}


@cache
def original(kind: str) -> bytes:
    return _MAKERS[kind]()


@cache
def entries(kind: str) -> Entries:
    return entries_of(original(kind))


@cache
def protected(kind: str) -> frozenset[str]:
    """What the signatures of a document list, with the files that they speak for."""
    package = open_ofd(original(kind))
    listed = parse_signature_list(package, package.documents[0]).entries
    files = [parse_signature_file(package, entry.base_name) for entry in listed]
    return frozenset(reference.name for file in files for reference in file.references)


def stored(found: Entries) -> bytes:
    """A package without compression: quick to write."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in found.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


def judged(data: bytes) -> Report | None:
    """The report, or None where the bytes are refused; any other error is a failure of the test."""
    try:
        return verify(data, policy=world().policy())
    except InputError:
        return None


def changed(kind: str, name: str, content: bytes) -> Report | None:
    return judged(stored({**entries(kind), name: content}))


def mutated(octets: bytes, rng: random.Random) -> bytes:
    """One small change, of the kinds that happen: a bit, a byte, some cut out, some doubled, some moved, some new."""
    data = bytearray(octets)
    at = rng.randrange(len(data) + 1) if data else 0
    length = min(rng.choice((1, 1, 2, 4, 16, 64)), len(data) - at)
    match rng.randrange(7):
        case 0 | 1 if at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        case 2 if at < len(data):
            data[at] = rng.choice((0x00, 0xFF, 0x80, 0x30, 0x7F, data[at] ^ 0x5A))
        case 3:
            del data[at : at + length]
        case 4:
            data[at:at] = rng.randbytes(rng.choice((1, 2, 8)))
        case 5:
            data[at:at] = data[at : at + length]
        case _:
            other = rng.randrange(len(data) + 1)
            data[at : at + length], data[other : other + length] = data[other : other + length], data[at : at + length]
    return bytes(data)


# ====================================================================== any changed byte of what was signed


@pytest.mark.parametrize("kind", _MAKERS)
def test_the_originals_pass(kind: str) -> None:
    report = judged(stored(entries(kind)))
    assert report is not None
    assert report.outcome is Outcome.PASSED
    assert len(protected(kind)) >= 10


def _positions(name: str, size: int) -> Iterator[int]:
    """The first, the last, and some between: the same ones in every run."""
    rng = random.Random(name)
    yield from {0, size - 1, size // 2, *(rng.randrange(size) for _ in range(6))}


@pytest.mark.parametrize("kind", ["open", "closed", "twice", "signed", "v1"])
def test_any_changed_byte_of_any_signed_entry_fails_integrity(kind: str) -> None:
    for name in sorted(protected(kind)):
        content = entries(kind)[name]
        for position in _positions(name, len(content)):
            data = bytearray(content)
            data[position] ^= random.Random(f"{name} {position}").randrange(1, 256)
            report = changed(kind, name, bytes(data))
            # a file that cannot be read any more is refused outright
            assert report is None or report.answer("integrity") is Outcome.FAILED, (name, position, data[position])


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_other_content_of_a_signed_entry_fails_integrity(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["open", "closed", "signed"]))
    name = data.draw(st.sampled_from(sorted(protected(kind))))
    content = entries(kind)[name]
    cut = data.draw(st.integers(0, len(content)))
    keep = data.draw(st.integers(cut, len(content)))
    other = content[:cut] + data.draw(st.binary(max_size=20)) + content[keep:]
    report = changed(kind, name, other)
    if other == content:
        assert report is not None
        assert report.outcome is Outcome.PASSED
    else:
        assert report is None or report.answer("integrity") is Outcome.FAILED


@pytest.mark.parametrize("kind", ["open", "closed", "timed", "signed"])
def test_any_signed_entry_taken_away_or_exchanged_fails(kind: str) -> None:
    names = sorted(protected(kind))
    for number, name in enumerate(names):
        without = {other: content for other, content in entries(kind).items() if other != name}
        report = judged(stored(without))
        assert report is None or report.answer("integrity") is Outcome.FAILED, name
        twin = names[number - 1]
        report = judged(stored({**entries(kind), name: entries(kind)[twin], twin: entries(kind)[name]}))
        assert report is None or report.answer("integrity") is Outcome.FAILED, (name, twin)


@pytest.mark.parametrize("kind", ["open", "timed", "v1", "signed"])
def test_any_changed_byte_of_the_signature_file_fails_integrity(kind: str) -> None:
    content = entries(kind)[DESCRIPTION]
    for position in range(0, len(content), 67):
        data = bytearray(content)
        data[position] ^= 0x01
        report = changed(kind, DESCRIPTION, bytes(data))
        assert report is not None
        assert report.answer("integrity") is Outcome.FAILED, position


# ====================================================================== the value, the list, the seal


def named(report: Report) -> set[str]:
    """What was read past, in all signatures."""
    found = [check.evidence.get("leniencies", "") for check in report.of("integrity.encoding")]
    return {part.partition(" ")[0] for text in found for part in text.split("; ") if part}


def said(octets: bytes) -> tuple[object, ...]:
    """Everything in a value that anybody signed, with the signatures and certificates: labels around it may vary."""
    if octets[4:5] == b"\x06":
        return _message_said(parse_signed_data(octets))
    found = parse_value(octets)
    own = (found.signed_bytes, found.signature, found.signer_certificate, found.algorithm)
    return own if found.time_stamp is None else (*own, *_message_said(parse_token(found.time_stamp).signed_data))


def _message_said(message: SignedData) -> tuple[object, ...]:
    """The content, and of each signer the signature and what it covers; the certificates."""
    # attributes in another order are read past, and named
    signers = [
        (signer.signature, sorted(ses.parts_of(b"\x30" + (signer.signed_attributes_der or b"\x31\x00")[1:])))
        for signer in message.signers
    ]
    return message.content, tuple(signers), tuple(certificate.raw for certificate in message.certificates)


def assert_not_passed(kind: str, content: bytes) -> None:
    """A changed value never passes, unless it says to the letter what the genuine one says."""
    report = changed(kind, VALUE, content)
    if report is not None and report.outcome is Outcome.PASSED:
        assert said(content) == said(entries(kind)[VALUE]), content.hex()


@pytest.mark.parametrize("kind", ["open", "timed", "signed", "v1"])
@pytest.mark.parametrize("seed", range(2))
def test_a_mutated_value_never_passes(kind: str, seed: int) -> None:
    rng = random.Random(f"{kind} {seed}")
    for _ in range(60):
        assert_not_passed(kind, mutated(entries(kind)[VALUE], rng))


@pytest.mark.parametrize("kind", ["open", "timed", "signed", "v1"])
def test_a_value_cut_anywhere_never_passes(kind: str) -> None:
    content = entries(kind)[VALUE]
    for end in range(0, len(content), 29):
        report = changed(kind, VALUE, content[:end])
        assert report is not None
        assert report.answer("integrity") is not Outcome.PASSED


@pytest.mark.parametrize("kind", ["open", "timed", "signed", "v1"])
@pytest.mark.parametrize("seed", range(2))
def test_a_value_whose_elements_are_moved_about_never_passes(kind: str, seed: int) -> None:
    rng = random.Random(f"{kind} {seed} elements")
    for _ in range(50):
        assert_not_passed(kind, rearranged(entries(kind)[VALUE], rng))


def rearranged(octets: bytes, rng: random.Random) -> bytes:
    """One element taken out, doubled, exchanged with another, given another tag or another content."""
    tree = Node.of(octets)
    paths = tree.paths()[1:]
    path, other = rng.choice(paths), rng.choice(paths)
    parent = tree.at(path[:-1])
    assert parent.parts is not None
    place = path[-1]
    match rng.randrange(6):
        case 0:
            del parent.parts[place]
        case 1:
            parent.parts.insert(place, parent.parts[place])
        case 2:
            parent.parts[place] = Node.of(octets).at(other)
        case 3:
            found = parent.parts[place]
            found.tag = rng.choice((0x02, 0x03, 0x04, 0x05, 0x0C, 0x13, 0x16, 0x17, 0x18, 0x30, 0x31, 0xA0, 0x80))
            if found.parts is not None and not found.tag & 0x20:
                found.content, found.parts = b"".join(part.encoded() for part in found.parts), None
        case 4:
            rng.shuffle(parent.parts)
        case _:
            found = parent.parts[place]
            found.content, found.parts = mutated(found.content, rng), None
    return tree.encoded()


@pytest.mark.parametrize("seed", range(2))
def test_a_mutated_seal_file_never_passes(seed: int) -> None:
    rng = random.Random(f"seal {seed}")
    for _ in range(40):
        content = mutated(entries("open")[SEAL], rng)
        report = changed("open", SEAL, content)
        assert report is not None
        assert (report.outcome is Outcome.PASSED) == (content == entries("open")[SEAL])


@pytest.mark.parametrize("layout", [1, 4, 5])
def test_a_mutated_seal_alone_never_passes(layout: int) -> None:
    rng, raw = random.Random(f"alone {layout}"), ses.seal(layout)
    whole = verify_seal(parse_seal(raw), policy=world().policy())
    for number in range(150):
        other = (mutated if number % 2 else rearranged)(raw, rng)
        try:
            report = verify_seal(parse_seal(other), policy=world().policy())
        except InputError:
            continue
        if other != raw and report.outcome is Outcome.PASSED:
            assert named(report) > named(whole), other.hex()


@pytest.mark.parametrize("kind", ["open", "twice"])
def test_a_mutated_list_may_hide_a_signature_and_never_invents_one(kind: str) -> None:
    """The list of an open document is nobody's: whatever it says, only what was signed counts."""
    rng = random.Random(kind)
    before = judged(original(kind))
    assert before is not None
    signers = {check.evidence["subject_name"] for check in before.of("integrity.value")}
    for _ in range(80):
        report = changed(kind, LIST, mutated(entries(kind)[LIST], rng))
        if report is not None and report.outcome is Outcome.PASSED:
            found = [check.evidence["subject_name"] for check in report.of("integrity.value")]
            assert 1 <= len(found) <= len(before.of("integrity.value"))
            assert set(found) <= signers


@pytest.mark.parametrize("kind", ["closed"])
def test_a_mutated_list_of_a_closed_document_never_passes(kind: str) -> None:
    rng = random.Random(kind)
    for _ in range(60):
        content = mutated(entries(kind)[LIST], rng)
        report = changed(kind, LIST, content)
        passed = report is not None and report.outcome is Outcome.PASSED
        assert passed == (content == entries(kind)[LIST])


# ====================================================================== the whole package


def assert_same_or_not_passed(kind: str, data: bytes) -> None:
    report = judged(data)
    if report is None or report.outcome is not Outcome.PASSED:
        return
    package = open_ofd(data)
    found = {name: package.read(name) for name in package.names}
    wanted = entries(kind)
    loose = {VALUE} if kind == "closed" else {VALUE, LIST}
    assert found.keys() == wanted.keys()
    assert {name for name in found if found[name] != wanted[name]} <= loose


@pytest.mark.parametrize("kind", ["open", "closed"])
def test_a_package_with_a_changed_byte_is_refused_or_the_same_or_fails(kind: str) -> None:
    whole = original(kind)
    rng = random.Random(kind)
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        assert_same_or_not_passed(kind, bytes(data))


def test_a_package_cut_anywhere_is_refused() -> None:
    whole = original("closed")
    for end in range(0, len(whole), 23):
        assert judged(whole[:end]) is None
    for start in range(1, len(whole), 97):
        report = judged(whole[start:])
        assert report is None or report.outcome is not Outcome.PASSED


def test_spliced_packages_are_refused_or_fail_or_are_one_of_the_two() -> None:
    first, second = original("closed"), original("signed")
    rng = random.Random("splice")
    for _ in range(150):
        head, tail = first[: rng.randrange(len(first))], second[rng.randrange(len(second)) :]
        report = judged(head + tail)
        assert report is None or report.outcome is not Outcome.PASSED
    for data in (first + second, second + first, first * 2):
        report = judged(data)
        assert report is None or report.outcome is not Outcome.PASSED


@given(st.binary(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_random_bytes_are_refused(data: bytes) -> None:
    assert judged(data) is None
    assert judged(b"PK\x03\x04" + data) is None


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_packages_spliced_from_entries_of_two_documents_never_pass(data: st.DataObject) -> None:
    """Any mixture of the files of two good documents: it passes only where it is one of them."""
    first, second = entries("closed"), entries("twice")
    names = sorted(first.keys() | second.keys())
    choice = {name: data.draw(st.sampled_from(("first", "second", "neither")), label=name) for name in names}
    found = {
        name: source[name]
        for name, which in choice.items()
        if which != "neither" and name in (source := first if which == "first" else second)
    }
    report = judged(stored(found))
    if report is not None and report.outcome is Outcome.PASSED:
        assert found in (first, second)


# ====================================================================== whoever holds a key signs what they like


@pytest.mark.parametrize("name", [DESCRIPTION, "OFD.xml", "Doc_0/Document.xml", "Doc_0/Pages/Page_0/Content.xml"])
@pytest.mark.parametrize("seed", range(2))
def test_strange_files_signed_by_a_good_key_are_refused_or_reported_on(name: str, seed: int) -> None:
    rng = random.Random(f"{name} {seed}")
    for _ in range(40):
        found = {**entries("open"), name: mutated(entries("open")[name], rng)}
        description = found[DESCRIPTION] if name == DESCRIPTION else redigested(found[DESCRIPTION], found)
        judged(world().resealed(found, description=description))


@pytest.mark.parametrize("kind", ["signer", "seal_maker", "tsa"])
@pytest.mark.parametrize("seed", range(2))
def test_strange_certificates_inside_are_refused_or_reported_on_and_never_trusted(kind: str, seed: int) -> None:
    office, rng = world().office, random.Random(f"{kind} {seed}")
    good = {"signer": office.certificate.raw, "seal_maker": office.maker_certificate.raw}
    for number in range(30):
        if kind == "tsa":
            assert_not_passed("timed", _strange_token(rng, number))
            continue
        strange = (mutated if number % 2 else rearranged)(good[kind], rng)
        signer = strange if kind == "signer" else good["signer"]
        maker = strange if kind == "seal_maker" else good["seal_maker"]
        raw = ses.seal(cert=octet_string(maker), holders=sequence(octet_string(signer)))
        report = judged(_valued(raw, octet_string(signer)))
        passed = report is not None and report.outcome is Outcome.PASSED
        assert passed == (strange == good[kind]), strange.hex()


def _valued(raw: bytes, cert: bytes) -> bytes:
    return ses.placed(lambda text: ses.value(description=text, seal=raw, cert=cert), seal_file=raw)


def _strange_token(rng: random.Random, number: int) -> bytes:
    """The timed value with a changed time-stamp token: what it proves must be gone, or be what it was."""
    tree = Node.of(entries("timed")[VALUE])
    token = tree.at((4, 0))
    inner = token.content[1:]
    token.content = b"\x00" + (mutated if number % 2 else rearranged)(inner, rng)
    return tree.encoded()


def test_a_changed_time_stamp_never_proves_another_time() -> None:
    rng = random.Random("another time")
    for number in range(60):
        report = changed("timed", VALUE, _strange_token(rng, number))
        assert report is not None
        (check,) = report.of("trust.signing_time")
        if check.reason == "proven":
            assert check.evidence["at"] == NOW.isoformat()


# ====================================================================== policies make no difference


def test_what_was_changed_does_not_pass_at_another_time_either() -> None:
    found = dict(entries("timed"))
    page = "Doc_0/Pages/Page_0/Content.xml"
    found[page] = found[page].replace("张三".encode(), "李四".encode())
    for days in (-9, 0, 300, 5000):
        policy = world().policy(at=NOW + timedelta(days=days))
        assert verify(stored(found), policy=policy).answer("integrity") is Outcome.FAILED
    assert_verifies(original("timed"), world().policy())
