"""Signing in with a certificate: one way to pass, and every way around it refused by name."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.codes.specimens import specimen_citizen_number
from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.crypto.signature import der_to_raw
from egov_sdk.crypto.signer import sign_message
from egov_sdk.errors import ParseError, VerificationError
from egov_sdk.gateway.replay import MemoryReplayStore
from egov_sdk.identity.certificates import (
    CertificateAnswer,
    CertificateSignIn,
    Challenge,
    answer_challenge,
    new_challenge,
    verify_answer,
)
from egov_sdk.identity.checks import CERTIFICATE_CHECKS
from egov_sdk.identity.model import AuthMethod, HolderKind, IdentityLevel
from egov_sdk.pki import LocalCA, TrustStore
from egov_sdk.pki.certificate import Extension
from egov_sdk.pki.local_ca import Revoked
from egov_sdk.report import Outcome
from tests.unit.identity.pki_world import (
    CREDIT,
    IDENTIFY_CODE,
    NOW,
    NUMBER,
    ORGANIZATION_CODE,
    Pair,
    ca,
    issue,
    tagged,
    trusting,
)
from tests.world import seeded

SITE = "https://hall.example.gov.cn"
PERSON = issue()


def challenge(**changes: object) -> Challenge:
    return new_challenge(SITE, at=NOW, random=seeded("challenge")).model_copy(update=changes)


def answered(pair: Pair = PERSON, asked: Challenge | None = None) -> str:
    return answer_challenge(asked or challenge(), signer=pair.key, certificate=pair.certificate)


def verified(answer: str | bytes | None = None, **changes: object) -> CertificateSignIn:
    given: dict[str, object] = {
        "challenge": challenge(),
        "origin": SITE,
        "trusting": trusting(),
        "replay": MemoryReplayStore(),
        "at": NOW + timedelta(seconds=20),
    }
    return verify_answer(answered() if answer is None else answer, **(given | changes))  # type: ignore[arg-type]  # each test gives what it names


def found(result: CertificateSignIn, check: str) -> tuple[Outcome, str]:
    [one] = result.report.of(check)
    return one.outcome, one.reason


def edited(**members: object) -> str:
    return json.dumps(json.loads(answered()) | members)


def test_the_right_answer_signs_the_person_in() -> None:
    result = verified(proves=IdentityLevel.REAL_NAME)
    assert result.report.outcome is Outcome.PASSED
    assert set(result.report.answers.values()) == {Outcome.PASSED}
    user = result.require()
    assert user.kind is HolderKind.NATURAL
    assert user.assurance.method is AuthMethod.CERTIFICATE
    assert user.assurance.level is IdentityLevel.REAL_NAME
    assert user.assurance.authenticated_at == NOW + timedelta(seconds=20)
    assert NUMBER not in json.dumps(result.report.to_dict())
    assert NUMBER not in repr(user)


def test_a_level_that_nobody_laid_down_is_unknown() -> None:
    assert verified().require().assurance.level is IdentityLevel.UNKNOWN


def test_a_raw_signature_of_a_token_is_taken_as_well() -> None:
    signature = der_to_raw(base64.b64decode(json.loads(answered())["signature"]))
    assert verified(edited(signature=base64.b64encode(signature).decode())).report.outcome is Outcome.PASSED


def test_an_organisation_signs_in_through_an_intermediate_that_the_answer_brings() -> None:
    below_key = SM2PrivateKey.generate(random=seeded("below"))
    below = ca().issue("ca", "Below", below_key.public_key(), at=NOW - timedelta(days=50))
    office = SM2PrivateKey.generate(random=seeded("office"))
    certificate = LocalCA(below, below_key).issue(
        "signer",
        "CN=某局,C=CN",
        office.public_key(),
        at=NOW - timedelta(days=1),
        extensions=[Extension(ORGANIZATION_CODE, False, tagged(0x13, CREDIT))],
    )
    answer = answer_challenge(challenge(), signer=office, certificate=certificate, intermediates=[below])
    assert verified(answer).require().kind is HolderKind.LEGAL


STRANGER = issue("张三", by="Strangers")
FUTURE = issue("未来", at=NOW + timedelta(days=1))
OLD = issue("过期", at=NOW - timedelta(days=90), days=30)
ENCRYPTING = issue("加密", kind="encryption")
NOBODY = issue("无号码", extensions={})
WRONG_NUMBER = issue("错号", extensions={IDENTIFY_CODE: tagged(0x80, "110101199001010000")})
UNREADABLE = issue("乱码", extensions={IDENTIFY_CODE: tagged(0x80, NUMBER), ORGANIZATION_CODE: b"\xff\xff"})
CONTRARY = issue(
    "两号",
    extensions={
        IDENTIFY_CODE: tagged(0x80, NUMBER),
        "1.2.86.11.7.1": tagged(0x13, specimen_citizen_number(9).number),
    },
)


def used_before() -> CertificateSignIn:
    replay = MemoryReplayStore()
    assert verified(replay=replay).report.outcome is Outcome.PASSED
    return verified(replay=replay)


REFUSED: dict[str, tuple[Callable[[], CertificateSignIn], str, str]] = {
    "another site": (lambda: verified(origin="https://evil.example"), "integrity.signature", "signature"),
    "an answer for another site": (
        lambda: verified(answered(asked=challenge(origin="https://evil.example"))),
        "binding.origin",
        "origin",
    ),
    "an origin rewritten on the way": (
        lambda: verified(edited(origin="https://evil.example")),
        "binding.origin",
        "origin",
    ),
    "another challenge": (lambda: verified(challenge=challenge(value="A" * 43)), "integrity.signature", "signature"),
    "a signature over another text": (
        lambda: verified(edited(signature=base64.b64encode(sign_message(PERSON.key, b"pay")).decode())),
        "integrity.signature",
        "signature",
    ),
    "an empty signature": (lambda: verified(edited(signature="")), "integrity.signature", "signature"),
    "somebody else's certificate": (
        lambda: verified(edited(unverifiedCertificate=base64.b64encode(OLD.certificate.raw).decode())),
        "integrity.signature",
        "signature",
    ),
    "too late": (lambda: verified(at=NOW + timedelta(minutes=5)), "binding.challenge", "expired"),
    "before its time": (lambda: verified(at=NOW - timedelta(seconds=1)), "binding.challenge", "of_the_future"),
    "a second time": (used_before, "binding.challenge", "replayed"),
    "an unknown CA": (lambda: verified(answered(STRANGER)), "trust.certificate", "undecided"),
    "no anchors": (lambda: verified(trusting=trusting(trust=TrustStore())), "trust.certificate", "undecided"),
    "not yet valid": (lambda: verified(answered(FUTURE)), "trust.validity", "out_of_dates"),
    "expired": (lambda: verified(answered(OLD)), "trust.validity", "out_of_dates"),
    "an encryption certificate": (lambda: verified(answered(ENCRYPTING)), "trust.usage", "key_usage"),
    "a CA": (
        lambda: verified(answered(Pair(ca().signer, ca().certificate))),  # type: ignore[arg-type]  # its key
        "trust.usage",
        "is_ca",
    ),
    "nobody": (lambda: verified(answered(NOBODY)), "binding.holder", "nobody"),
    "a wrong number": (lambda: verified(answered(WRONG_NUMBER)), "binding.holder", "number"),
    "two numbers": (lambda: verified(answered(CONTRARY)), "coverage.identity", "contradictory"),
    "an extension nobody can read": (lambda: verified(answered(UNREADABLE)), "coverage.identity", "unread"),
    "revoked": (
        lambda: verified(
            trusting=trusting(
                crls=(
                    ca().crl(
                        at=NOW - timedelta(hours=1),
                        revoked=[Revoked(PERSON.certificate.serial_number, NOW - timedelta(days=1))],
                    ),
                )
            )
        ),
        "trust.revocation",
        "revoked",
    ),
    "revocation not known where it must be": (
        lambda: verified(trusting=trusting(revocation="required")),
        "trust.revocation",
        "undecided",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_every_way_around_is_refused_by_name(case: str) -> None:
    act, check, reason = REFUSED[case]
    result = act()
    outcome, told = found(result, check)
    assert told == reason
    assert outcome in (Outcome.FAILED, Outcome.UNKNOWN)
    assert result.report.outcome is not Outcome.PASSED
    with pytest.raises(VerificationError) as caught:
        result.require()
    assert caught.value.report is result.report


def test_a_stranger_s_bad_answer_does_not_use_up_the_challenge() -> None:
    replay = MemoryReplayStore()
    verified(edited(signature=base64.b64encode(b"x" * 64).decode()), replay=replay)
    assert verified(replay=replay).report.outcome is Outcome.PASSED


MALFORMED: list[str | bytes] = [
    "",
    "null",
    "[]",
    "{}",
    "{",
    b"\xff",
    "[" * 100_000,
    " " * 70_000,
    edited(format="web-eid:1.0"),
    edited(algorithm="none"),
    edited(signature=7),
    edited(signature="!!"),
    edited(signature="中"),
    edited(signature=base64.b64encode(b"x" * 100).decode()),
    edited(unverifiedCertificate=base64.b64encode(b"x").decode()),
    edited(unverifiedIntermediates=["AA=="]),
    edited(unverifiedIntermediates=["AA=="] * 9),
    edited(unverifiedIntermediates="AA=="),
    edited(origin=None),
    edited(claims={"name": "张三"}),
]


@pytest.mark.parametrize("answer", MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_no_answer_is_told_and_not_raised(answer: str | bytes) -> None:
    result = verified(answer)
    assert found(result, "integrity.answer") == (Outcome.FAILED, "malformed")
    assert result.report.outcome is Outcome.FAILED
    assert result.certificate_unverified is None
    with pytest.raises(ParseError) as caught:
        CertificateAnswer.parse(answer)
    assert caught.value.code == "egov.identity.answer"


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_octets_are_told_and_not_raised(answer: str | bytes) -> None:
    assert verified(answer).report.outcome is Outcome.FAILED


def test_every_required_check_is_asked_and_every_row_is_required() -> None:
    report = verified().report
    assert {check.id for check in report.checks} == CERTIFICATE_CHECKS.rows.keys() == report.required
    broken = verified("{}").report
    assert {check.id for check in broken.checks} == CERTIFICATE_CHECKS.rows.keys()


def test_a_challenge_is_kept_as_json_and_comes_back() -> None:
    asked = challenge()
    assert Challenge.from_json(asked.to_json()) == asked
    assert len({new_challenge(SITE, at=NOW).value for _ in range(8)}) == 8


@pytest.mark.parametrize(
    "origin",
    ["http://hall.example.gov.cn", "https://hall.example.gov.cn/", "https://a@b", "hall", "https://HALL", "https://中"],
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        new_challenge(origin, at=NOW)
    with pytest.raises(ValueError, match="origin"):
        verified(origin=origin)


def test_a_caller_s_mistakes_are_value_errors() -> None:
    with pytest.raises(ValueError, match="aware"):
        new_challenge(SITE, at=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="aware"):
        verified(at=NOW.replace(tzinfo=None))
    for life in (timedelta(0), timedelta(hours=2)):
        with pytest.raises(ValueError, match="hour"):
            new_challenge(SITE, at=NOW, life=life)
    with pytest.raises(ValueError, match="key"):
        answer_challenge(challenge(), signer=STRANGER.key, certificate=OLD.certificate)


def test_a_certificate_of_another_kind_of_key_signs_nobody_in() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stranger")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
    der = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    result = verified(edited(unverifiedCertificate=base64.b64encode(der).decode()))
    assert found(result, "integrity.signature") == (Outcome.FAILED, "not_sm2")
    assert result.report.outcome is Outcome.FAILED
