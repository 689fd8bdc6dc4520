"""Assertions between systems: both forms carry the same word, and every abuse of it is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.codes import CodeKind
from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.crypto.jose import KeySet, TokenKey, sign_token
from egov_sdk.errors import ParseError, VerificationError
from egov_sdk.gateway.replay import MemoryReplayStore
from egov_sdk.identity.assertion import (
    MEDIA_TYPE,
    Delegation,
    IdentityAssertion,
    new_assertion,
    sign_as_cms,
    sign_as_token,
)
from egov_sdk.identity.assertion_verify import AssertionPolicy, AssertionResult, KnownIssuer, verify_assertion
from egov_sdk.identity.checks import ASSERTION_CHECKS
from egov_sdk.identity.model import (
    Agent,
    Assurance,
    AuthMethod,
    IdDocument,
    IdentityLevel,
    LegalPerson,
    NaturalPerson,
    UserInfo,
)
from egov_sdk.identity.trusting import StoredReplay
from egov_sdk.pki import TrustStore
from egov_sdk.pki.cms import build_signed_data
from egov_sdk.report import Outcome
from egov_sdk.storage import open_store
from tests.unit.identity.pki_world import CREDIT, NOW, NUMBER, issue, trusting
from tests.world import seeded

HALL, ARCHIVE = "hall.example.gov.cn", "archive.example.gov.cn"
CLERK = NaturalPerson(
    subject="clerk-7",
    name="王五",
    document=IdDocument(kind=CodeKind.CITIZEN_NUMBER, number=NUMBER, raw_type=""),
)
USER = UserInfo(
    holder=CLERK,
    assurance=Assurance(level=IdentityLevel.REAL_PERSON, method=AuthMethod.CERTIFICATE, authenticated_at=NOW),
)
KEY = TokenKey.sm2(SM2PrivateKey.generate(random=seeded("hall")), key_id="hall-1")
OTHER_KEY = TokenKey.sm2(SM2PrivateKey.generate(random=seeded("other system")), key_id="other-1")
SYSTEM = issue("CN=hall.example.gov.cn,O=某市政务服务中心,C=CN", extensions={})
OTHER_SYSTEM = issue("CN=other.example.gov.cn,C=CN", extensions={})
OLD = issue("CN=hall.example.gov.cn,O=某市政务服务中心,C=CN", extensions={}, at=NOW - timedelta(days=60), days=10)
ENCRYPTING = issue("CN=hall.example.gov.cn,O=某市政务服务中心,C=CN", extensions={}, kind="encryption")
STRANGER = issue("CN=hall.example.gov.cn,O=某市政务服务中心,C=CN", extensions={}, by="Strangers")


def delegation(principal: str, delegate: str, *scopes: str, **changes: object) -> Delegation:
    return Delegation(
        principal=principal,
        delegate=delegate,
        scopes=frozenset(scopes or {"seal.apply"}),
        not_before=NOW - timedelta(days=1),
        not_after=NOW + timedelta(days=1),
    ).model_copy(update=changes)


CHAIN = (delegation("dept-1", "section-3", "seal.apply", "licence.issue"), delegation("section-3", "clerk-7"))


def asserted(**changes: object) -> IdentityAssertion:
    made = new_assertion(USER, issuer=HALL, audience=ARCHIVE, at=NOW, delegations=CHAIN, random=seeded("assertion"))
    return made.model_copy(update=changes)


def policy(**changes: object) -> AssertionPolicy:
    given: dict[str, object] = {
        "audience": ARCHIVE,
        "issuers": {
            HALL: KnownIssuer(keys=KeySet.of([KEY.public()]), subjects=frozenset({SYSTEM.certificate.subject.text})),
            "other.example.gov.cn": KnownIssuer(
                keys=KeySet.of([OTHER_KEY.public()]), subjects=frozenset({OTHER_SYSTEM.certificate.subject.text})
            ),
        },
        "trusting": trusting(),
        "level": IdentityLevel.REAL_NAME,
        "principal": "dept-1",
        "scope": "seal.apply",
    }
    return AssertionPolicy(**(given | changes))  # type: ignore[arg-type]  # each test gives what it names


Form = Callable[[IdentityAssertion], "str | bytes"]


def as_token(assertion: IdentityAssertion) -> str:
    return sign_as_token(assertion, KEY)


def as_message(assertion: IdentityAssertion) -> bytes:
    return sign_as_cms(assertion, SYSTEM.key, certificate=SYSTEM.certificate)


FORMS: dict[str, Form] = {"token": as_token, "message": as_message}


def verified(data: str | bytes, **changes: object) -> AssertionResult:
    replay = changes.pop("replay", MemoryReplayStore())
    at = changes.pop("at", NOW + timedelta(seconds=10))
    return verify_assertion(data, policy=policy(**changes), replay=replay, at=at)  # type: ignore[arg-type]  # see above


def refused(result: AssertionResult, check: str, reason: str) -> None:
    [one] = result.report.of(check)
    assert (one.reason, result.report.outcome) != ("ok", Outcome.PASSED)
    assert one.reason == reason, one
    assert one.outcome in (Outcome.FAILED, Outcome.UNKNOWN)
    with pytest.raises(VerificationError):
        result.require()


@pytest.mark.parametrize("form", FORMS)
def test_both_forms_carry_the_same_word(form: str) -> None:
    result = verified(FORMS[form](asserted()))
    assert result.report.outcome is Outcome.PASSED, result.report.blocking
    assert set(result.report.answers.values()) == {Outcome.PASSED}
    said = result.require()
    assert said.user.holder == CLERK
    assert said.user.assurance.level is IdentityLevel.REAL_PERSON
    assert said.user.assurance.method is AuthMethod.CERTIFICATE
    assert said.delegations == CHAIN
    assert (said.issuer, said.audience, said.actor) == (HALL, ARCHIVE, "clerk-7")
    assert NUMBER not in json.dumps(result.report.to_dict())
    assert NUMBER not in repr(said)


@pytest.mark.parametrize("form", FORMS)
def test_a_person_may_act_in_his_own_name_unless_a_principal_is_expected(form: str) -> None:
    data = FORMS[form](asserted(delegations=()))
    assert verified(data, principal="").report.outcome is Outcome.PASSED
    refused(verified(data), "binding.delegation", "nobody_delegated")


def test_a_receiver_may_leave_the_matter_open() -> None:
    report = verified(as_token(asserted()), scope="").report
    assert report.of("coverage.scope")[0].reason == "not_asked"
    assert report.outcome is Outcome.PASSED


def test_an_organisation_s_agent_is_the_one_who_acts() -> None:
    office = LegalPerson(
        subject="org-1",
        name="某局",
        documents=(IdDocument(kind=CodeKind.CREDIT_CODE, number=CREDIT),),
        agent=Agent(person=CLERK),
    )
    user = USER.model_copy(update={"holder": office})
    said = verified(as_token(asserted(user=user))).require()
    assert said.actor == "clerk-7"
    assert isinstance(said.user.holder, LegalPerson)
    assert said.user.holder.credit_code == CREDIT
    alone = USER.model_copy(update={"holder": office.model_copy(update={"agent": None})})
    refused(verified(as_token(asserted(user=alone))), "binding.delegation", "ends_elsewhere")


CHANGES: dict[str, tuple[dict[str, object], dict[str, object], str, str]] = {
    "for another system": ({"audience": "other"}, {}, "binding.audience", "audience"),
    "an unknown issuer": ({"issuer": "nobody"}, {}, "binding.issuer", "issuer_unknown"),
    "expired": ({}, {"at": NOW + timedelta(seconds=150)}, "binding.time", "expired"),
    "from the future": ({}, {"at": NOW - timedelta(seconds=31)}, "binding.time", "of_the_future"),
    "good for too long": ({"expires_at": NOW + timedelta(minutes=6)}, {}, "binding.time", "too_long"),
    "another principal": ({}, {"principal": "dept-2"}, "binding.delegation", "principal"),
    "a chain with a gap": (
        {"delegations": (CHAIN[0], delegation("section-4", "clerk-7"))},
        {},
        "binding.delegation",
        "broken",
    ),
    "a chain upside down": ({"delegations": CHAIN[::-1]}, {"principal": ""}, "binding.delegation", "broken"),
    "a chain that ends at another": (
        {"delegations": (CHAIN[0], delegation("section-3", "clerk-8"))},
        {},
        "binding.delegation",
        "ends_elsewhere",
    ),
    "a chain cut off": ({"delegations": CHAIN[:1]}, {}, "binding.delegation", "ends_elsewhere"),
    "more than its giver has": (
        {"delegations": (CHAIN[0], delegation("section-3", "clerk-7", "seal.apply", "seal.make"))},
        {},
        "binding.delegation",
        "widened",
    ),
    "a delegation that is over": (
        {"delegations": (CHAIN[0].model_copy(update={"not_after": NOW}), CHAIN[1])},
        {},
        "binding.delegation",
        "not_in_force",
    ),
    "a delegation that has not begun": (
        {"delegations": (CHAIN[0], CHAIN[1].model_copy(update={"not_before": NOW + timedelta(hours=1)}))},
        {},
        "binding.delegation",
        "not_in_force",
    ),
    "too many hands": ({}, {"max_delegations": 1}, "binding.delegation", "too_long"),
    "not for this matter": ({}, {"scope": "licence.issue"}, "coverage.scope", "scope"),
    "not known well enough": (
        {"user": USER.model_copy(update={"assurance": Assurance(level=IdentityLevel.UNKNOWN)})},
        {},
        "trust.level",
        "level",
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CHANGES)
def test_what_does_not_fit_is_refused_by_name_in_both_forms(case: str, form: str) -> None:
    changes, demands, check, reason = CHANGES[case]
    refused(verified(FORMS[form](asserted(**changes)), **demands), check, reason)


@pytest.mark.parametrize("form", FORMS)
def test_it_is_good_once(form: str) -> None:
    replay = MemoryReplayStore()
    data = FORMS[form](asserted())
    assert verified(data, replay=replay).report.outcome is Outcome.PASSED
    refused(verified(data, replay=replay), "binding.once", "replayed")
    other = FORMS["message" if form == "token" else "token"](asserted())
    refused(verified(other, replay=replay), "binding.once", "replayed")


def test_a_refused_one_is_not_used_up() -> None:
    replay = MemoryReplayStore()
    token = as_token(asserted())
    refused(verified(token[:-8] + "AAAAAAAA", replay=replay), "integrity.signature", "signature")
    refused(verified(token, replay=replay, audience="other"), "binding.audience", "audience")
    assert len(replay) == 0
    assert verified(token, replay=replay).report.outcome is Outcome.PASSED


def test_a_database_remembers_for_several_processes(tmp_path: Path) -> None:
    data = as_token(asserted())
    with open_store(tmp_path / "once.sqlite") as store:
        store.prepare(at=NOW)
        assert verified(data, replay=StoredReplay(store, realm="assertions")).report.outcome is Outcome.PASSED
        refused(verified(data, replay=StoredReplay(store, realm="assertions")), "binding.once", "replayed")


def _with(token: str, part: int, text: str) -> str:
    parts = token.split(".")
    parts[part] = text
    return ".".join(parts)


TOKENS: dict[str, tuple[Callable[[], str], str, str]] = {
    "signed by another system": (lambda: sign_as_token(asserted(), OTHER_KEY), "trust.key", "key_unknown"),
    "another system's word as ours": (
        lambda: sign_token(
            asserted().to_claims(),
            TokenKey.sm2(SM2PrivateKey.generate(random=seeded("evil")), key_id="hall-1"),
            media_type=MEDIA_TYPE,
        ),
        "integrity.signature",
        "signature",
    ),
    "confused algorithms": (
        lambda: sign_token(asserted().to_claims(), TokenKey.secret(b"k" * 32, key_id="hall-1"), media_type=MEDIA_TYPE),
        "integrity.signature",
        "signature",
    ),
    "unsigned": (
        lambda: _with(as_token(asserted()), 0, "eyJhbGciOiJub25lIiwidHlwIjoiZWdvdi1hc3NlcnRpb24rand0In0"),
        "integrity.signature",
        "signature",
    ),
    "a token of another use": (
        lambda: sign_token(asserted().to_claims(), KEY, media_type="JWT"),
        "integrity.form",
        "malformed",
    ),
    "of another version": (
        lambda: sign_token(asserted().to_claims() | {"egov_assertion": 2}, KEY, media_type=MEDIA_TYPE),
        "integrity.form",
        "malformed",
    ),
    "demands extensions": (
        lambda: _with(as_token(asserted()), 0, "eyJhbGciOiJTR0RfU00zX1NNMiIsImNyaXQiOlsieCJdfQ"),
        "integrity.form",
        "malformed",
    ),
    "no token": (lambda: "hello", "integrity.form", "malformed"),
    "nothing": (lambda: "", "integrity.form", "malformed"),
    "endless": (lambda: "a." * 100_000, "integrity.form", "malformed"),
}


@pytest.mark.parametrize("case", TOKENS)
def test_bad_tokens_are_refused_by_name(case: str) -> None:
    act, check, reason = TOKENS[case]
    refused(verified(act()), check, reason)


def _signed(content: bytes, *, detached: bool = False) -> bytes:
    return build_signed_data(SYSTEM.key, SYSTEM.certificate, content=content, detached=detached)


def _content(**changes: object) -> bytes:
    return json.dumps(asserted().to_claims() | changes).encode()


MESSAGES: dict[str, tuple[Callable[[], AssertionResult], str, str]] = {
    "another system of the same CA": (
        lambda: verified(sign_as_cms(asserted(), OTHER_SYSTEM.key, certificate=OTHER_SYSTEM.certificate)),
        "binding.issuer",
        "signer",
    ),
    "the same name under another CA": (
        lambda: verified(sign_as_cms(asserted(), STRANGER.key, certificate=STRANGER.certificate)),
        "trust.certificate",
        "undecided",
    ),
    "no CA is trusted": (lambda: verified(as_message(asserted()), trusting=None), "trust.certificate", "undecided"),
    "an expired certificate": (
        lambda: verified(sign_as_cms(asserted(), OLD.key, certificate=OLD.certificate)),
        "trust.validity",
        "out_of_dates",
    ),
    "an encryption certificate": (
        lambda: verified(sign_as_cms(asserted(), ENCRYPTING.key, certificate=ENCRYPTING.certificate)),
        "trust.usage",
        "key_usage",
    ),
    "an anchor that is another system's": (
        lambda: verified(as_message(asserted()), trusting=trusting(trust=TrustStore([OTHER_SYSTEM.certificate]))),
        "trust.certificate",
        "undecided",
    ),
    "revocation must be known": (
        lambda: verified(as_message(asserted()), trusting=trusting(revocation="required")),
        "trust.revocation",
        "undecided",
    ),
    "content changed": (
        lambda: verified(as_message(asserted()).replace(b"clerk-7", b"clerk-8")),
        "integrity.signature",
        "signature",
    ),
    "content left out": (lambda: verified(_signed(_content(), detached=True)), "integrity.form", "malformed"),
    "no JSON": (lambda: verified(_signed(b"hello")), "integrity.form", "malformed"),
    "a list": (lambda: verified(_signed(b"[]")), "integrity.form", "malformed"),
    "a member twice": (lambda: verified(_signed(_content()[:-1] + b',"aud":"x"}')), "integrity.form", "malformed"),
    "a number that is none": (lambda: verified(_signed(b'{"iat":NaN}')), "integrity.form", "malformed"),
    "no message": (lambda: verified(b"hello"), "integrity.form", "malformed"),
    "nothing": (lambda: verified(b""), "integrity.form", "malformed"),
    "endless": (lambda: verified(b"\x30" * 300_000), "integrity.form", "malformed"),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_bad_messages_are_refused_by_name(case: str) -> None:
    act, check, reason = MESSAGES[case]
    refused(act(), check, reason)


CLAIMS: list[dict[str, object]] = [
    {"jti": ""},
    {"jti": "short"},
    {"jti": 7},
    {"sub": None},
    {"sub": 7},
    {"iss": ""},
    {"aud": [ARCHIVE]},
    {"iat": None},
    {"iat": 1.5},
    {"iat": True},
    {"exp": -1},
    {"exp": 1 << 40},
    {"exp": 0},
    {"egov_delegations": None},
    {"egov_delegations": ["x"]},
    {"egov_delegations": [{}]},
    {"egov_delegations": [{"principal": "a", "delegate": "b", "scopes": [], "nbf": 0, "exp": 1}]},
    {"egov_delegations": [{"principal": "a", "delegate": "b", "scopes": "all", "nbf": 0, "exp": 1}]},
    {"egov_delegations": [{"principal": "", "delegate": "b", "scopes": ["x"], "nbf": 0, "exp": 1}]},
    {"egov_delegations": [{"principal": "a", "delegate": "b", "scopes": ["x"], "nbf": "0", "exp": 1}]},
    {"egov_delegations": [{"principal": "a", "delegate": "b", "scopes": ["x"], "nbf": 0, "exp": 1}] * 17},
    {"name": "x" * 600},
    {"egov_document": "E1"},
]


@pytest.mark.parametrize("changes", CLAIMS, ids=range(len(CLAIMS)))
def test_claims_that_cannot_be_are_malformed(changes: dict[str, object]) -> None:
    claims = asserted().to_claims() | changes
    with pytest.raises(ParseError) as caught:
        IdentityAssertion.from_claims(claims)
    assert caught.value.code == "egov.identity.assertion"
    refused(verified(sign_token(claims, KEY, media_type=MEDIA_TYPE)), "integrity.form", "malformed")


def test_claims_come_back_as_they_went() -> None:
    said = IdentityAssertion.from_claims(asserted().to_claims())
    assert said.to_claims() == asserted().to_claims()


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_octets_are_told_and_not_raised(data: str | bytes) -> None:
    assert verified(data).report.outcome is Outcome.FAILED


@settings(max_examples=40, deadline=None)
@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_no_flipped_bit_of_a_message_leaves_another_word_standing(place: int, flip: int) -> None:
    data = bytearray(_MESSAGE)
    data[place % len(data)] ^= flip
    result = verified(bytes(data))
    if result.report.outcome is Outcome.PASSED:
        assert result.require().to_claims() == asserted().to_claims()


_MESSAGE = as_message(asserted())


def test_every_row_is_asked_and_required_in_both_forms_and_in_none() -> None:
    for data in (as_token(asserted()), as_message(asserted()), "hello", b"hello"):
        report = verified(data).report
        assert {check.id for check in report.checks} == ASSERTION_CHECKS.rows.keys() == report.required


def test_a_caller_s_mistakes_are_told_before_any_work() -> None:
    with pytest.raises(ValueError, match="aware"):
        verified("x", at=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="aware"):
        new_assertion(USER, issuer=HALL, audience=ARCHIVE, at=NOW.replace(tzinfo=None))
    for life in (timedelta(0), timedelta(hours=2)):
        with pytest.raises(ValueError, match="hour"):
            new_assertion(USER, issuer=HALL, audience=ARCHIVE, at=NOW, life=life)
    with pytest.raises(ValueError, match="sign"):
        sign_as_token(asserted(), KEY.public())
    for wrong in ({"audience": ""}, {"level": IdentityLevel.UNKNOWN}, {"max_life": timedelta(0)}):
        with pytest.raises(ValueError):
            policy(**wrong)
    with pytest.raises(ValueError, match="known"):
        KnownIssuer()
    with pytest.raises(TypeError):
        KnownIssuer(subjects="CN=x")  # type: ignore[arg-type]  # that is the mistake
