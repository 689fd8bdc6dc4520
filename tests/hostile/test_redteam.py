"""What once passed and must not: every forgery made of genuine parts is stopped by the check that names it."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from egov_sdk.crypto import sm3
from egov_sdk.crypto.der import children, context, encode_tlv, octet_string, read_one, sequence
from egov_sdk.pki import TrustStore
from egov_sdk.pki.cms import build_signed_data
from egov_sdk.report import Outcome
from egov_sdk.seal import Policy, StampRefused, verify
from egov_sdk.seal._verify import binding
from egov_sdk.seal._verify.binding import names_holder
from egov_sdk.seal.model import CertificateDigest
from tests.hostile.attacks import DESCRIPTION, LIST, VALUE, sealed, swap
from tests.hostile.redteam import FORGERIES, PREPARED, clerk
from tests.world import NOW, Entries, assert_verifies, world, zipped


@pytest.mark.parametrize("name", sorted(FORGERIES))
def test_a_forgery_of_genuine_parts_does_not_pass_and_the_right_check_says_why(name: str) -> None:
    forgery = FORGERIES[name]
    document, policy = forgery.make(world())
    report = verify(document, policy=policy)
    assert report.outcome is not Outcome.PASSED
    found = {(check.id, check.reason) for check in report.blocking}
    assert (forgery.expected.check, forgery.expected.reason) in found, sorted(found)


def test_two_people_who_sign_the_whole_document_are_both_believed() -> None:
    signed = world().stamped(world().stamped(), by=clerk(world()))
    report = assert_verifies(signed, world().policy())
    assert len(report.of("trust.signer_certificate")) == 2


def test_seal_makers_of_their_own_are_the_only_ones_who_make_seals() -> None:
    """Without them every certificate under the anchor makes seals; with them only theirs do."""
    office, stranger = world().office, world().stranger
    theirs = Policy.standard(trust=world().trust, at=NOW, seal_makers=[stranger.ca.certificate])
    report = verify(world().stamped(), policy=theirs)
    assert [check.reason for check in report.of("trust.seal_maker")] == ["cert_untrusted"]
    assert {check.reason for check in report.of("trust.signer_certificate")} == {"ok"}
    own = Policy.standard(trust=world().trust, at=NOW, seal_makers=TrustStore([office.maker_certificate]))
    assert_verifies(world().stamped(), own)


def test_no_seal_makers_at_all_leave_the_maker_undecided() -> None:
    policy = Policy.standard(trust=world().trust, at=NOW, seal_makers=())
    assert [check.reason for check in verify(world().stamped(), policy=policy).of("trust.seal_maker")] == ["no_anchors"]


@pytest.mark.parametrize("name", sorted(PREPARED))
def test_nobody_is_made_to_stamp_what_readers_show_differently(name: str) -> None:
    with pytest.raises(StampRefused) as refused:
        world().stamped(zipped(PREPARED[name](world())))
    assert refused.value.code == "egov.seal.stamp.ambiguous"


# ====================================================================== work that multiplies

_OPEN = b'<ofd:Signatures xmlns:ofd="http://www.ofdspec.org/2016">'


def _list(names: list[str]) -> bytes:
    entries = (f'<ofd:Signature ID="{number}" BaseLoc="/{name}"/>' for number, name in enumerate(names))
    return _OPEN + "".join(entries).encode() + b"</ofd:Signatures>"


def _many_references(entries: Entries, count: int) -> bytes:
    reference = '<ofd:Reference FileRef="/x{}"><ofd:CheckValue>AAAA</ofd:CheckValue></ofd:Reference>'
    added = "".join(reference.format(number) for number in range(count)).encode()
    return swap(entries[DESCRIPTION], b"</ofd:References>", added + b"</ofd:References>")


def _one_signature_listed_256_times_in_64_documents() -> bytes:
    found = sealed(world())
    body = re.search(rb"<ofd:DocBody>.*</ofd:DocBody>", found["OFD.xml"], re.S)
    assert body is not None
    found["OFD.xml"] = swap(found["OFD.xml"], body[0], body[0] * 64)
    return zipped({**found, DESCRIPTION: _many_references(found, 8000), LIST: _list([DESCRIPTION] * 256)})


def _a_hundred_signatures_with_thousands_of_references() -> bytes:
    found = sealed(world())
    names = [f"Doc_0/Signs/Sign_{number}/Signature.xml" for number in range(100)]
    description = _many_references(found, 2000)
    return zipped({**found, **dict.fromkeys(names, description), LIST: _list(names)})


def _a_hundred_thousand_stamps() -> bytes:
    found = sealed(world())
    one = '<ofd:StampAnnot ID="{0}" PageRef="9{0}" Boundary="1 1 1 1"/>'
    stamps = "".join(one.format(number * 7919 % 999_983) for number in range(100_000)).encode()
    found[DESCRIPTION] = swap(found[DESCRIPTION], b"</ofd:References>", b"</ofd:References>" + stamps)
    return zipped(found)


def _a_large_file_hashed_again_and_again() -> bytes:
    """Behind the signer's Z, every signature hashes every file anew."""
    noise = random.Random(1)
    large = b"".join(noise.randbytes(1000) + bytes(100_000) for _ in range(150))
    found = {**sealed(world()), "Doc_0/large": large}
    reference = b'<ofd:Reference FileRef="/Doc_0/large"><ofd:CheckValue>AAAA</ofd:CheckValue></ofd:Reference>'
    description = swap(found[DESCRIPTION], b"</ofd:References>", reference * 90 + b"</ofd:References>")
    found[DESCRIPTION] = swap(description, b'1.2.156.10197.1.401"', b'1.2.156.10197.1.401.2"')
    return zipped(found)


def _long(size: int) -> bytes:
    """Octets that compress as much as a package may."""
    return random.Random(1).randbytes(size // 100).ljust(size, b"\0")


def _one_long_value_of_256_signatures() -> bytes:
    found = sealed(world())
    parts = [part.raw for part in children(read_one(found[VALUE]))]
    found[VALUE] = sequence(parts[0], octet_string(_long(14 << 20)), *parts[2:])
    names = [f"Doc_0/Signs/Sign_{number}/Signature.xml" for number in range(256)]
    return zipped({**found, **dict.fromkeys(names, found[DESCRIPTION]), LIST: _list(names)})


def _a_long_message_of_many_signers() -> bytes:
    """Each of them names four certificates, and each of these is tried in several ways over all that was signed."""
    office, found = world().office, sealed(world())
    message = build_signed_data(office.signer, office.certificate, content=_long(3 << 20), attributes=False)
    outer = children(read_one(message))
    parts = [part.raw for part in children(read_one(outer[1].content))]
    twins = b"".join(office.certificate.raw[:-1] + bytes([number]) for number in range(4))
    signer = bytearray(children(read_one(parts[4]))[0].raw)
    signer[-1] ^= 1
    found[VALUE] = sequence(
        outer[0].raw, context(0, sequence(*parts[:3], context(0, twins), encode_tlv(0x31, bytes(signer) * 64)))
    )
    return zipped(found)


def test_a_long_certificate_is_not_hashed_for_each_digest_that_a_seal_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[int] = []

    def counted(octets: bytes) -> bytes:
        hashed.append(len(octets))
        return sm3(octets)

    monkeypatch.setattr(binding, "sm3", counted)
    listed = tuple(CertificateDigest("?", bytes([number]) * 32) for number in range(63))
    certificate = world().office.certificate.raw
    seal = replace(world().office.seal, holder_certificates=(), holder_digests=listed)
    assert not names_holder(seal, certificate)
    assert names_holder(replace(seal, holder_digests=(*listed, CertificateDigest("", sm3(certificate)))), certificate)
    assert hashed == [len(certificate)] * 2


@pytest.mark.parametrize(
    "make",
    [
        _one_signature_listed_256_times_in_64_documents,
        _a_hundred_signatures_with_thousands_of_references,
        _a_hundred_thousand_stamps,
        _a_large_file_hashed_again_and_again,
        _one_long_value_of_256_signatures,
        _a_long_message_of_many_signers,
    ],
)
def test_what_is_within_every_limit_does_not_multiply(make: Callable[[], bytes]) -> None:
    document = make()
    started = time.process_time()
    report = verify(document, policy=world().policy())
    assert time.process_time() - started < 5  # less than one second, and slower machines are machines too
    assert report.outcome is Outcome.FAILED
    assert len(report.checks) < 7000
