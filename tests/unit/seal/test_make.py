"""Making seals: what is made verifies in every way, and nothing half right is handed out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto import InvalidSignature, SM2PrivateKey, SM2PublicKey, sm3
from egov_sdk.crypto.der import sequence
from egov_sdk.errors import EgovError, InputError, LimitExceeded, ParseError, VerificationError
from egov_sdk.pki import Certificate
from egov_sdk.pki.timestamp import LocalTSA
from egov_sdk.report import Outcome
from egov_sdk.seal import ElectronicSeal, Policy, SealPicture, SealVersion, make_seal, parse_seal, verify_seal
from egov_sdk.seal.make import VENDOR, is_of_key
from egov_sdk.seal.model import CertificateDigest
from tests import independent
from tests.world import NOW, seeded, world

FROM, TO = NOW, NOW + timedelta(days=365)


def made(**words: Any) -> ElectronicSeal:
    office = world().office
    given: dict[str, Any] = {
        "name": "某某市行政审批局电子证照专用章",
        "seal_id": "37030000001722",
        "picture": office.seal.picture,
        "holders": [office.certificate],
        "maker": office.maker,
        "maker_certificate": office.maker_certificate,
        "created_at": NOW,
        "valid_from": FROM,
        "valid_to": TO,
        **words,
    }
    return make_seal(**given)


def assert_good(seal: ElectronicSeal) -> None:
    report = verify_seal(seal, policy=world().policy())
    assert report.outcome is Outcome.PASSED, [f"{c.id} {c.reason} {c.message.en}" for c in report.blocking]
    assert report.of("integrity.encoding")[0].reason == "ok"
    info, maker, _, value = independent.cut(seal.raw).parts[:4]
    numbers = independent.r_and_s(value.body[1:])
    assert independent.sm2_verifies(independent.point_of(maker.body), info.raw, *numbers)


# ====================================================================== what is made


@pytest.mark.parametrize("version", [SealVersion.V4, SealVersion.V5])
@pytest.mark.parametrize("by_digest", [False, True])
def test_a_seal_that_was_made_verifies_and_says_what_was_asked_for(version: SealVersion, by_digest: bool) -> None:
    office = world().office
    seal = made(version=version, holders_by_digest=by_digest, kind=3)
    assert_good(seal)
    assert (seal.version, seal.declared_version, seal.vendor) == (version, version.value, VENDOR)
    assert (seal.name, seal.seal_id, seal.kind) == ("某某市行政审批局电子证照专用章", "37030000001722", 3)
    assert (seal.created_at, seal.valid_from, seal.valid_to) == (NOW, FROM, TO)
    assert seal.picture == office.seal.picture
    assert seal.holder_certificates == (() if by_digest else (office.certificate.raw,))
    digest = CertificateDigest("SM3", sm3(office.certificate.raw))
    assert seal.holder_digests == ((digest,) if by_digest else ())
    assert (seal.time_stamp, seal.extensions, seal.leniencies) == (None, (), ())


def test_what_is_returned_is_what_stands_in_the_file() -> None:
    seal = made()
    assert parse_seal(seal.raw) == seal


def test_a_seal_can_have_many_holders_in_the_order_given() -> None:
    office, stranger = world().office, world().stranger
    seal = made(holders=[stranger.certificate, office.certificate])
    assert seal.holder_certificates == (stranger.certificate.raw, office.certificate.raw)
    assert_good(seal)


def test_fractions_of_a_second_are_left_out() -> None:
    fraction = timedelta(microseconds=123_456)
    seal = made(created_at=NOW + fraction, valid_from=FROM + fraction, valid_to=TO + fraction)
    assert (seal.created_at, seal.valid_from, seal.valid_to) == (NOW, FROM, TO)
    assert_good(seal)


def test_times_of_any_zone_are_the_same_moments() -> None:
    from datetime import timezone

    china = timezone(timedelta(hours=8))
    seal = made(created_at=NOW.astimezone(china), valid_from=FROM.astimezone(china), valid_to=TO.astimezone(china))
    assert (seal.created_at, seal.valid_from, seal.valid_to) == (NOW, FROM, TO)


def test_a_seal_made_after_its_period_began_is_made_and_the_report_names_it() -> None:
    seal = made(valid_from=NOW - timedelta(days=1))
    report = verify_seal(seal, policy=world().policy())
    assert report.outcome is Outcome.PASSED
    assert "created_after_valid_from" in report.of("integrity.encoding")[0].evidence["leniencies"]


@given(
    name=st.text(st.characters(codec="utf-8"), max_size=60),
    seal_id=st.text(st.characters(codec="ascii"), max_size=40),
    kind=st.integers(0, 1 << 31),
)
@settings(max_examples=20, deadline=None)
def test_any_name_number_and_kind_come_back_as_they_went_in(name: str, seal_id: str, kind: int) -> None:
    seal = made(name=name, seal_id=seal_id, kind=kind)
    assert (seal.name, seal.seal_id, seal.kind, seal.leniencies) == (name, seal_id, kind, ())


def test_a_seal_with_a_time_stamp_is_v5_and_proves_when_it_was_made() -> None:
    tsa = world().tsa()
    seal = made(version=SealVersion.V5, time_stamper=lambda octets: tsa.stamp(octets, at=NOW))
    assert_good(seal)
    report = verify_seal(seal, policy=world().policy())
    assert report.of("integrity.seal_time_stamp")[0].evidence["gen_time"] == NOW.isoformat()
    assert report.of("trust.seal_time_stamp")[0].reason == "ok"


def test_the_maker_is_asked_once_and_may_be_any_signer() -> None:
    class Device:
        asked = 0

        def public_key(self) -> SM2PublicKey:
            return world().office.maker.public_key()

        def sign_digest(self, digest: bytes) -> bytes:
            self.asked += 1
            return world().office.maker.sign_digest(digest)

    device = Device()
    assert_good(made(maker=device))
    assert device.asked == 1


# ====================================================================== the caller's mistakes

NAIVE = NOW.replace(tzinfo=None)

MISTAKES: dict[str, dict[str, Any]] = {
    "v1": {"version": SealVersion.V1},
    "a time stamp for v4": {"time_stamper": lambda _: b""},
    "nobody may sign": {"holders": []},
    "naive created_at": {"created_at": NAIVE},
    "naive valid_from": {"valid_from": NAIVE},
    "naive valid_to": {"valid_to": NAIVE},
    "an empty period": {"valid_to": FROM},
    "a period of less than a second": {"valid_to": FROM + timedelta(microseconds=999_999)},
    "a period that ends before it begins": {"valid_to": FROM - timedelta(seconds=1)},
    "a negative kind": {"kind": -1},
    "a kind too large to be read back": {"kind": (1 << 31) + 1},
    "a number outside ASCII": {"seal_id": "编号"},
    "half a character": {"name": "\ud800"},
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_of_the_caller_is_told_as_one(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        made(**MISTAKES[name])


@pytest.mark.parametrize("name", [n for n in MISTAKES if "outside" not in n and "half" not in n])
def test_most_mistakes_are_told_before_the_key_is_used(name: str) -> None:
    class Untouchable:
        def public_key(self) -> SM2PublicKey:
            raise AssertionError("asked")

        def sign_digest(self, digest: bytes) -> bytes:
            raise AssertionError("asked")

    with pytest.raises(ValueError, match=r"."):
        made(maker=Untouchable(), **MISTAKES[name])


# ====================================================================== pictures

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("picture", "error"),
    [
        (SealPicture(b"", "PNG", 42, 42), ParseError),
        (SealPicture(b"no picture", "PNG", 42, 42), ParseError),
        (SealPicture(SVG, "SVG", 42, 42), ParseError),
        (SealPicture(world().office.seal.picture.data, "PNG", 0, 42), ParseError),
        (SealPicture(world().office.seal.picture.data, "PNG", 42, -1), ParseError),
        (SealPicture(world().office.seal.picture.data, "PNG", 301, 42), LimitExceeded),
        (SealPicture(world().office.seal.picture.data[:-30], "PNG", 42, 42), ParseError),
    ],
)
def test_a_picture_that_readers_must_not_show_does_not_go_into_a_seal(
    picture: SealPicture, error: type[InputError]
) -> None:
    with pytest.raises(error):
        made(picture=picture)


# ====================================================================== makers


def refused(make: Callable[[], object], code: str) -> None:
    with pytest.raises(VerificationError) as caught:
        make()
    assert caught.value.code == f"egov.seal.make.{code}"


def test_the_certificate_of_another_maker_is_refused() -> None:
    office, stranger = world().office, world().stranger
    refused(lambda: made(maker_certificate=stranger.maker_certificate), "wrong_certificate")
    refused(lambda: made(maker=stranger.maker), "wrong_certificate")
    refused(lambda: made(maker_certificate=office.certificate), "wrong_certificate")


@pytest.mark.parametrize("days", [-1, 2001])
def test_a_maker_whose_certificate_is_not_valid_makes_no_seal(days: int) -> None:
    start = world().office.maker_certificate.not_before
    refused(lambda: made(created_at=start + timedelta(days=days)), "certificate_not_valid")


@pytest.mark.parametrize("edge", ["not_before", "not_after"])
def test_a_certificate_is_valid_on_its_first_and_its_last_second(edge: str) -> None:
    moment: datetime = getattr(world().office.maker_certificate, edge)
    assert made(created_at=moment).created_at == moment


def test_a_device_that_signs_something_else_makes_no_seal() -> None:
    class Wrong:
        def public_key(self) -> SM2PublicKey:
            return world().office.maker.public_key()

        def sign_digest(self, digest: bytes) -> bytes:
            return world().office.maker.sign_digest(bytes(32))

    with pytest.raises(InvalidSignature):
        made(maker=Wrong())


@pytest.mark.parametrize("answer", [b"", bytes(64), b"\xff" * 64, b"\x01" * 63])
def test_a_device_that_answers_nonsense_makes_no_seal(answer: bytes) -> None:
    class Broken:
        def public_key(self) -> SM2PublicKey:
            return world().office.maker.public_key()

        def sign_digest(self, digest: bytes) -> bytes:
            return answer

    with pytest.raises((EgovError, ValueError)):
        made(maker=Broken())


@pytest.mark.parametrize("answer", [b"", b"nonsense", sequence()])
def test_a_time_stamp_service_that_answers_nonsense_makes_no_seal(answer: bytes) -> None:
    refused(lambda: made(version=SealVersion.V5, time_stamper=lambda _: answer), "time_stamp")


def test_a_time_stamp_over_something_else_makes_no_seal() -> None:
    tsa = world().tsa()
    stamper = {"version": SealVersion.V5, "time_stamper": lambda octets: tsa.stamp(octets + b"x", at=NOW)}
    refused(lambda: made(**stamper), "time_stamp")


def test_a_time_stamp_by_somebody_who_is_no_authority_makes_no_seal() -> None:
    office = world().office
    tsa = LocalTSA(office.signer, office.certificate)
    stamper = {"version": SealVersion.V5, "time_stamper": lambda octets: tsa.stamp(octets, at=NOW)}
    refused(lambda: made(**stamper), "time_stamp")


def test_a_service_that_fails_fails_the_making() -> None:
    def down(_: bytes) -> bytes:
        raise TimeoutError("no answer")

    with pytest.raises(TimeoutError):
        made(version=SealVersion.V5, time_stamper=down)


# ====================================================================== seals alone


def test_a_seal_of_an_unknown_maker_is_not_trusted() -> None:
    report = verify_seal(world().stranger.seal, policy=world().policy())
    assert report.outcome is Outcome.FAILED
    assert [(c.id, c.reason) for c in report.blocking] == [("trust.seal_maker", "cert_untrusted")]


def test_a_seal_is_judged_as_at_the_time_of_the_policy() -> None:
    seal = made()
    for moment, reason in (
        (FROM - timedelta(seconds=1), "seal_not_yet_valid"),
        (TO + timedelta(seconds=1), "seal_expired"),
    ):
        report = verify_seal(seal, policy=world().policy(at=moment))
        assert [(c.id, c.reason) for c in report.blocking] == [("trust.seal_period", reason)]
    for moment in (FROM, TO):
        assert verify_seal(seal, policy=world().policy(at=moment)).outcome is Outcome.PASSED


def test_without_anchors_a_seal_is_undecided() -> None:
    report = verify_seal(made(), policy=Policy.standard(trust=None, at=NOW))
    assert {name: outcome.value for name, outcome in report.answers.items()} == {
        "integrity": "passed",
        "binding": "unknown",
        "trust": "unknown",
        "coverage": "unknown",
    }
    assert report.outcome is Outcome.UNKNOWN


def test_the_report_of_a_seal_is_called_by_its_name_or_as_told() -> None:
    policy = world().policy()
    assert verify_seal(made(), policy=policy).subject == "某某市行政审批局电子证照专用章"
    assert verify_seal(made(), policy=policy, subject="UserV4.esl").subject == "UserV4.esl"


def test_a_seal_changed_in_any_part_that_its_maker_signed_does_not_verify() -> None:
    seal = made()
    start = seal.raw.index(seal.signed_bytes)
    for offset in range(0, len(seal.signed_bytes), 41):
        changed = bytearray(seal.raw)
        changed[start + offset] ^= 1
        try:
            report = verify_seal(parse_seal(bytes(changed)), policy=world().policy())
        except InputError:
            continue
        assert report.answer("integrity") is Outcome.FAILED


# ====================================================================== whose certificate


def test_a_certificate_belongs_to_its_key_and_to_no_other() -> None:
    office = world().office
    assert is_of_key(office.certificate, office.signer)
    assert not is_of_key(office.certificate, office.maker)


def test_a_certificate_whose_key_is_no_point_belongs_to_nobody() -> None:
    office = world().office
    other = SM2PrivateKey.generate(random=seeded("other"))
    raw = office.certificate.raw.replace(office.certificate.public_key.point, b"\x01" * 64)
    assert not is_of_key(Certificate.parse(raw), other)
