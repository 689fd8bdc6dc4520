"""What somebody may show who should not get through: each is refused, with the check and the reason that say why."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.gateway.replay import MemoryReplayStore
from egov_sdk.license.present import (
    Expected,
    StatusList,
    check_presentation,
    check_status_list,
    read_presentation,
    read_status_list,
)
from egov_sdk.license.present import _base45 as base45
from egov_sdk.license.present import _cbor as cbor
from egov_sdk.license.present._shapes import sign
from egov_sdk.license.present.status_list import DEFAULT_STATUS_LIMITS, StatusLimits
from egov_sdk.license.states import FINAL_STATES, LicenseState
from egov_sdk.pki import TrustStore
from egov_sdk.report import Outcome
from tests.presentation_world import (
    FIELDS,
    LIST_ID,
    NOW,
    OTHER_TYPE,
    PLACE,
    TYPE,
    VERIFIER,
    Scene,
    assert_only,
    scene,
)

Parts = list[cbor.Value]


@pytest.fixture(scope="module")
def stage() -> Scene:
    return scene()


def opened(text: str) -> bytes:
    return base45.decode(text.removeprefix("EGL1:"), what="test")


def closed(octets: bytes) -> str:
    return f"EGL1:{base45.encode(octets)}"


def parts_of(value: cbor.Value) -> Parts:
    assert isinstance(value, tuple)
    return list(value)


def token_with(stage: Scene, change: Callable[[Parts], None]) -> str:
    """A presentation whose body was changed and signed anew by its issuer: what a careless issuer could make."""
    _, body, _ = parts_of(cbor.decode(opened(stage.token()), what="test"))
    assert isinstance(body, bytes)
    parts = parts_of(cbor.decode(body, what="test"))
    change(parts)
    return signed_token(stage, cbor.encode(tuple(parts)))


def signed_token(stage: Scene, body: bytes, *, tail: bytes = b"") -> str:
    return closed(cbor.encode((1, body, sign(stage.key, "egov-license/1 token", body))) + tail)


def body_of(text: str) -> bytes:
    body = parts_of(cbor.decode(opened(text), what="test"))[1]
    assert isinstance(body, bytes)
    return body


def put(place: int, value: cbor.Value) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        parts[place] = value

    return change


# ---------------------------------------------------------------- form


def test_a_good_one_passes_so_that_every_refusal_below_is_one(stage: Scene) -> None:
    assert stage.check(stage.token()).report.outcome is Outcome.PASSED
    assert stage.check(stage.shown("holder_name")).report.outcome is Outcome.PASSED


def test_an_extra_field_is_refused_even_under_the_right_signature(stage: Scene) -> None:
    text = token_with(stage, lambda parts: parts.append("one more"))
    with pytest.raises(ParseError) as caught:
        read_presentation(text)
    assert caught.value.code == "egov.license.presentation_extra"
    assert stage.check(text).report.blocking[0].evidence["code"] == caught.value.code


def doubled(stage: Scene) -> str:
    """The map of items with one key twice."""
    one = cbor.encode("工种") + cbor.encode("电工")
    return with_items(stage, b"\xa2" + one + one)


def disordered(stage: Scene) -> str:
    low, high = (cbor.encode(key) + cbor.encode("x") for key in (2, 3))
    return with_items(stage, b"\xa2" + high + low)


def with_items(stage: Scene, items: bytes) -> str:
    whole = body_of(stage.token(fields={}))
    assert whole[-1:] == b"\xa0"
    return signed_token(stage, whole[:-1] + items)


def long_number(stage: Scene) -> str:
    whole = body_of(stage.token())
    place = whole.index(TYPE.encode()) + len(TYPE)
    assert whole[place] == LIST_ID
    return signed_token(stage, whole[:place] + bytes((0x18, LIST_ID)) + whole[place + 1 :])


def endless(stage: Scene) -> str:
    whole = body_of(stage.token())
    return signed_token(stage, b"\x9f" + whole[1:] + b"\xff")


MALFORMED: dict[str, tuple[Callable[[Scene], str], str]] = {
    "nothing": (lambda stage: "", "prefix"),
    "another version": (lambda stage: stage.token().replace("EGL1:", "EGL2:"), "prefix"),
    "a blank in front": (lambda stage: " " + stage.token(), "prefix"),
    "lower case": (lambda stage: stage.token().lower(), "prefix"),
    "a web address": (lambda stage: "https://example.com/scan?code=1", "prefix"),
    "nothing after the prefix": (lambda stage: "EGL1:", "cut"),
    "lower case after the prefix": (lambda stage: "EGL1:" + stage.token()[5:].lower(), "text"),
    "a letter that is no base45": (lambda stage: stage.token()[:-1] + "é", "text"),
    "a line feed at the end": (lambda stage: stage.token() + "\n", "text"),
    "a sum too large for two octets": (lambda stage: "EGL1:" + ":::", "text"),
    "a sum too large for one octet": (lambda stage: closed(opened(stage.token())[:2]) + "::", "text"),
    "cut by a third": (lambda stage: closed(opened(stage.token())[:120]), "cut"),
    "cut by an octet": (lambda stage: closed(opened(stage.token())[:-1]), "cut"),
    "an octet more": (lambda stage: closed(opened(stage.token()) + b"\0"), "extra"),
    "a second value behind": (lambda stage: signed_token(stage, body_of(stage.token()), tail=b"\x01"), "extra"),
    "far too long": (lambda stage: "EGL1:" + "0" * 4_000, "extra"),
    "a third part": (lambda stage: closed(cbor.encode((1, b"x", b"y" * 64, 0))), "extra"),
    "no signature": (lambda stage: closed(cbor.encode((1, body_of(stage.token())))), "cut"),
    "a signature too short": (lambda stage: closed(cbor.encode((1, body_of(stage.token()), b"y" * 63))), "value"),
    "a kind not known": (lambda stage: closed(cbor.encode((9, b"x", b"y" * 64))), "value"),
    "a text": (lambda stage: closed(cbor.encode("EGL1:")), "value"),
    "a map": (lambda stage: closed(b"\xa1\x01\x01"), "value"),
    "an empty list": (lambda stage: closed(b"\x80"), "value"),
    "a floating number": (lambda stage: closed(b"\xf9\x3c\x00"), "value"),
    "a tag": (lambda stage: closed(b"\xc0" + opened(stage.token())), "value"),
    "true": (lambda stage: closed(b"\xf5"), "value"),
    "a negative number": (lambda stage: closed(b"\x20"), "value"),
    "a list without end": (endless, "value"),
    "a list that announces more than is there": (lambda stage: closed(b"\x9b" + b"\xff" * 8), "cut"),
    "too deep": (lambda stage: closed(b"\x81" * 40 + b"\x01"), "value"),
    "text that is no UTF-8": (lambda stage: closed(b"\x61\xff"), "value"),
    "keys twice": (doubled, "repeated"),
    "keys out of order": (disordered, "spelling"),
    "a number in two octets that fits one": (long_number, "spelling"),
    "octets as a key": (lambda stage: closed(b"\xa1\x41\x00\x01"), "value"),
    "an item that no licence has": (lambda stage: token_with(stage, put(8, {63: "x"})), "value"),
    "an item without a name": (lambda stage: token_with(stage, put(8, {"": "x"})), "value"),
    "an item that is a number": (lambda stage: token_with(stage, put(8, {2: 5})), "value"),
    "an item too long": (lambda stage: token_with(stage, put(8, {2: "x" * 1_001})), "value"),
    "too many items": (lambda stage: token_with(stage, put(8, {str(n): "x" for n in range(65)})), "value"),
    "an identifier that cannot be": (lambda stage: token_with(stage, put(8, {1: "a.b.c"})), "value"),
    "a key id too short": (lambda stage: token_with(stage, put(0, b"1234567")), "value"),
    "a type code in lower case": (lambda stage: token_with(stage, put(1, TYPE.lower())), "value"),
    "a type code too short": (lambda stage: token_with(stage, put(1, TYPE[:-1])), "value"),
    "a list id that is a text": (lambda stage: token_with(stage, put(2, "3")), "value"),
    "a place of 33 bits": (lambda stage: token_with(stage, put(3, 1 << 32)), "value"),
    "a time of 37 bits": (lambda stage: token_with(stage, put(4, 1 << 36)), "value"),
    "no life": (lambda stage: token_with(stage, put(5, 0)), "value"),
    "a life of two days": (lambda stage: token_with(stage, put(5, 172_800)), "value"),
    "a nonce too short": (lambda stage: token_with(stage, put(6, b"1234567")), "value"),
    "an audience too long": (lambda stage: token_with(stage, put(7, "x" * 65)), "value"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_malformed_is_named(stage: Scene, name: str) -> None:
    make, problem = MALFORMED[name]
    text = make(stage)
    with pytest.raises(ParseError) as caught:
        read_presentation(text)
    assert caught.value.code == f"egov.license.presentation_{problem}"
    result = stage.check(text)
    assert result.presentation_unverified is None
    assert_only(result, "integrity.form", "malformed")


# ---------------------------------------------------------------- who signed


def test_it_is_refused_after_its_time(stage: Scene) -> None:
    text = stage.token(lifetime=timedelta(seconds=60))
    assert_only(stage.check(text, at=NOW + timedelta(seconds=90)), "binding.time", "expired")
    assert stage.check(text, at=NOW + timedelta(seconds=89)).report.outcome is Outcome.PASSED


def test_it_is_refused_before_its_time_beyond_what_clocks_differ(stage: Scene) -> None:
    assert_only(stage.check(stage.token(), at=NOW - timedelta(seconds=31)), "binding.time", "of_the_future")
    assert stage.check(stage.token(), at=NOW - timedelta(seconds=30)).report.outcome is Outcome.PASSED


def test_it_is_refused_if_it_lives_longer_than_the_policy_allows(stage: Scene) -> None:
    assert_only(stage.check(stage.token(lifetime=timedelta(minutes=11))), "binding.time", "too_long")


def test_it_is_refused_by_another_verifier(stage: Scene) -> None:
    assert_only(stage.check(stage.token(), expected=Expected(audience="someone else")), "binding.audience", "audience")
    assert_only(stage.check(stage.shown(), expected=Expected(audience="someone else")), "binding.audience", "audience")


def test_it_is_undecided_where_the_verifier_does_not_say_who_it_is(stage: Scene) -> None:
    result = stage.check(stage.token(), expected=Expected())
    assert_only(result, "binding.audience", "not_told", Outcome.UNKNOWN)


def test_one_for_anyone_is_refused_where_the_policy_wants_it_bound(stage: Scene) -> None:
    text = stage.token(audience="")
    assert_only(stage.check(text, policy=stage.policy(bound=True)), "binding.audience", "anyone_refused")
    assert stage.check(text).report.outcome is Outcome.PASSED


def test_another_challenge_is_refused(stage: Scene) -> None:
    expected = Expected(audience=VERIFIER, nonce=b"challengf")
    assert_only(stage.check(stage.token(), expected=expected), "binding.nonce", "nonce")


def test_a_copy_is_refused_while_the_original_is_in_force(stage: Scene) -> None:
    replay, at = MemoryReplayStore(), NOW + timedelta(seconds=5)
    expected, lists = Expected(audience=VERIFIER), [stage.status_list()]
    for text in (stage.token(), stage.shown("number")):
        answers = [
            check_presentation(text, policy=stage.policy(), at=at, status_lists=lists, expected=expected, replay=replay)
            for _ in range(2)
        ]
        assert answers[0].report.outcome is Outcome.PASSED
        assert_only(answers[1], "binding.once", "replayed")


def test_a_copy_that_is_refused_anyway_does_not_use_up_the_original(stage: Scene) -> None:
    replay, at, text = MemoryReplayStore(), NOW + timedelta(seconds=5), stage.token()
    check_presentation(
        text, policy=stage.policy(), at=at, status_lists=[stage.status_list()], expected=Expected(), replay=replay
    )
    assert len(replay) == 0


def test_a_certificate_that_may_not_issue_this_type_is_refused(stage: Scene) -> None:
    text = stage.token(signer=stage.rival_key)
    lists = [stage.status_list(signer=stage.rival_key, certificate=stage.rival_certificate)]
    assert_only(stage.check(text, status_lists=lists), "trust.issuer", "type_refused")


def test_a_certificate_may_issue_its_own_type(stage: Scene) -> None:
    text = stage.token(signer=stage.rival_key, type_code=OTHER_TYPE, fields={})
    lists = [stage.status_list(signer=stage.rival_key, certificate=stage.rival_certificate)]
    assert stage.check(text, status_lists=lists).report.outcome is Outcome.PASSED


def test_a_stranger_is_refused_by_name_and_by_trust(stage: Scene) -> None:
    result = stage.check(stage.token(signer=stage.stranger_key))
    failed = {check.id: check.reason for check in result.report.blocking if check.outcome is Outcome.FAILED}
    assert failed == {"trust.issuer": "issuer_unknown"}
    assert result.report.of("trust.certificate")[0].reason == "undecided"


def test_a_key_without_a_certificate_is_undecided(stage: Scene) -> None:
    nobody = SM2PrivateKey.generate()
    result = stage.check(stage.token(signer=nobody))
    assert result.report.outcome is Outcome.UNKNOWN
    assert result.report.of("integrity.signature")[0].reason == "key_unknown"


def test_nobody_is_trusted_without_an_anchor(stage: Scene) -> None:
    result = stage.check(stage.token(), policy=stage.policy(trust=TrustStore()))
    assert result.report.outcome is Outcome.UNKNOWN
    assert {check.id for check in result.report.blocking} == {"trust.certificate", "trust.revocation"}


def test_an_expired_certificate_is_refused(stage: Scene) -> None:
    late = stage.certificate.not_after + timedelta(seconds=1)
    result = stage.check(stage.token(at=late), at=late, status_lists=[stage.status_list(at=late)])
    assert_only(result, "trust.validity", "out_of_dates")


@pytest.mark.parametrize("part", [1, 2, 3], ids=["attestation", "its signature", "body"])
def test_parts_of_two_presentations_do_not_go_together(stage: Scene, part: int) -> None:
    other = stage.credential(fields={**FIELDS, "holder_name": "李四"}, seed="others")
    mine = parts_of(cbor.decode(opened(stage.shown("holder_name")), what="test"))
    yours = parts_of(cbor.decode(opened(stage.shown("holder_name", credential=other)), what="test"))
    mine[part] = yours[part]
    result = stage.check(closed(cbor.encode(tuple(mine))))
    assert result.report.outcome is Outcome.FAILED
    assert {check.id for check in result.report.blocking} >= {"binding.holder"}


def test_a_signature_of_another_issuer_over_the_same_words_is_refused(stage: Scene) -> None:
    _, body, _ = parts_of(cbor.decode(opened(stage.token()), what="test"))
    assert isinstance(body, bytes)
    text = closed(cbor.encode((1, body, sign(stage.rival_key, "egov-license/1 token", body))))
    assert_only(stage.check(text), "integrity.signature", "signature")


def test_a_signature_for_another_purpose_is_refused(stage: Scene) -> None:
    body = body_of(stage.token())
    for purpose in ("egov-license/1 attestation", "egov-license/1 status-list", "egov-license/1 holder-key", ""):
        text = closed(cbor.encode((1, body, sign(stage.key, purpose, body))))
        assert_only(stage.check(text), "integrity.signature", "signature")


# ---------------------------------------------------------------- the holder


def test_a_stolen_credential_without_its_key_is_refused(stage: Scene) -> None:
    thief = SM2PrivateKey.generate()
    credential = stage.credential()
    with pytest.raises(ValueError, match="not the key"):
        credential.present(show=(), signer=thief, at=NOW)
    parts = parts_of(cbor.decode(opened(stage.shown("holder_name")), what="test"))
    attestation, its_signature, body = parts[1:4]
    assert isinstance(attestation, bytes)
    assert isinstance(its_signature, bytes)
    assert isinstance(body, bytes)
    parts[4] = sign(thief, "egov-license/1 presentation", attestation, its_signature, body)
    assert_only(stage.check(closed(cbor.encode(tuple(parts)))), "binding.holder", "signature")


def test_a_holder_key_that_was_swapped_breaks_the_issuers_signature(stage: Scene) -> None:
    thief = SM2PrivateKey.generate()
    parts = parts_of(cbor.decode(opened(stage.shown("holder_name")), what="test"))
    assert isinstance(parts[1], bytes)
    assert isinstance(parts[2], bytes)
    assert isinstance(parts[3], bytes)
    attested = parts_of(cbor.decode(parts[1], what="test"))
    point = thief.public_key().point
    attested[6] = bytes((2 + (point[-1] & 1),)) + point[:32]
    swapped = cbor.encode(tuple(attested))
    signature = sign(thief, "egov-license/1 presentation", swapped, parts[2], parts[3])
    text = closed(cbor.encode((2, swapped, parts[2], parts[3], signature)))
    assert_only(stage.check(text), "integrity.signature", "signature")


def resigned(stage: Scene, change: Callable[[Parts], None], *show: str) -> str:
    """What a holder who does not keep to the rules can make of a credential: the body changed, signed with the key."""
    _, attestation, its_signature, body, _ = parts_of(cbor.decode(opened(stage.shown(*show)), what="test"))
    assert isinstance(attestation, bytes)
    assert isinstance(its_signature, bytes)
    assert isinstance(body, bytes)
    parts = parts_of(cbor.decode(body, what="test"))
    change(parts)
    changed = cbor.encode(tuple(parts))
    signature = sign(stage.holder, "egov-license/1 presentation", attestation, its_signature, changed)
    return closed(cbor.encode((2, attestation, its_signature, changed, signature)))


def items_of_body(parts: Parts) -> dict[cbor.Key, cbor.Value]:
    assert isinstance(parts[4], dict)
    return dict(parts[4])


def renamed(parts: Parts) -> None:
    items = items_of_body(parts)
    ((place, entry),) = items.items()
    salt, key, _ = parts_of(entry)
    parts[4] = {place: (salt, key, "李四")}


def moved(parts: Parts) -> None:
    ((_, entry),) = items_of_body(parts).items()
    parts[4] = {5: entry}


def salted(parts: Parts) -> None:
    ((place, entry),) = items_of_body(parts).items()
    _, key, value = parts_of(entry)
    parts[4] = {place: (b"\0" * 16, key, value)}


def another_key(parts: Parts) -> None:
    ((place, entry),) = items_of_body(parts).items()
    salt, _, value = parts_of(entry)
    parts[4] = {place: (salt, 8, value)}


def cut_proof(parts: Parts) -> None:
    assert isinstance(parts[5], bytes)
    parts[5] = parts[5][:-16]


def longer_proof(parts: Parts) -> None:
    assert isinstance(parts[5], bytes)
    parts[5] = parts[5] + b"\0" * 16


def odd_proof(parts: Parts) -> None:
    assert isinstance(parts[5], bytes)
    parts[5] = parts[5][:-1]


def without_items(parts: Parts) -> None:
    parts[4] = {}


FORGED_ITEMS = [renamed, moved, salted, another_key, cut_proof, longer_proof, odd_proof, without_items]


@pytest.mark.parametrize("change", FORGED_ITEMS, ids=lambda change: change.__name__)
def test_a_holder_cannot_show_what_was_not_attested(stage: Scene, change: Callable[[Parts], None]) -> None:
    assert_only(stage.check(resigned(stage, change, "holder_name")), "integrity.items", "commitment")


def test_an_item_of_another_licence_is_refused(stage: Scene) -> None:
    other = stage.credential(fields={**FIELDS, "holder_name": "李四"}, seed="others")
    parts = parts_of(cbor.decode(opened(stage.shown("holder_name", credential=other)), what="test"))
    assert isinstance(parts[3], bytes)
    theirs = parts_of(cbor.decode(parts[3], what="test"))

    def borrow(mine: Parts) -> None:
        mine[4:6] = theirs[4:6]

    assert_only(stage.check(resigned(stage, borrow, "holder_name")), "integrity.items", "commitment")


def test_a_proof_without_items_is_refused(stage: Scene) -> None:
    text = resigned(stage, put(5, b"\0" * 16))
    assert_only(stage.check(text), "integrity.items", "commitment")


def test_an_item_twice_at_two_places_is_malformed(stage: Scene) -> None:
    def twice(parts: Parts) -> None:
        ((_, entry),) = items_of_body(parts).items()
        parts[4] = {0: entry, 1: entry}

    assert_only(stage.check(resigned(stage, twice, "holder_name")), "integrity.form", "malformed")


@pytest.mark.parametrize("place", [8, 64, 1 << 40])
def test_a_place_beyond_the_items_is_malformed(stage: Scene, place: int) -> None:
    def beyond(parts: Parts) -> None:
        ((_, entry),) = items_of_body(parts).items()
        parts[4] = {place: entry}

    assert_only(stage.check(resigned(stage, beyond, "holder_name")), "integrity.form", "malformed")


def test_a_holder_key_that_is_no_point_is_malformed(stage: Scene) -> None:
    parts = parts_of(cbor.decode(opened(stage.shown()), what="test"))
    assert isinstance(parts[1], bytes)
    attested = parts_of(cbor.decode(parts[1], what="test"))
    attested[6] = b"\x02" + b"\xff" * 32
    parts[1] = cbor.encode(tuple(attested))
    result = stage.check(closed(cbor.encode(tuple(parts))))
    assert_only(result, "integrity.form", "malformed")
    assert result.report.blocking[0].evidence["code"] == "egov.license.presentation_value"


def test_a_holder_cannot_outlive_what_was_attested(stage: Scene) -> None:
    credential = stage.credential(days=0.01)
    text = resigned(stage, lambda parts: None)
    assert stage.check(text).report.outcome is Outcome.PASSED
    end = credential.attested.valid_until
    with pytest.raises(ValueError, match="nothing is left"):
        credential.present(show=(), signer=stage.holder, at=end)
    late = end + timedelta(seconds=40)
    _, attestation, its_signature, body, _ = parts_of(
        cbor.decode(opened(stage.shown(credential=credential, at=end - timedelta(seconds=60))), what="test")
    )
    assert isinstance(attestation, bytes)
    assert isinstance(its_signature, bytes)
    assert isinstance(body, bytes)
    parts = parts_of(cbor.decode(body, what="test"))
    parts[1] = 300
    changed = cbor.encode(tuple(parts))
    signature = sign(stage.holder, "egov-license/1 presentation", attestation, its_signature, changed)
    text = closed(cbor.encode((2, attestation, its_signature, changed, signature)))
    assert_only(stage.check(text, at=late), "coverage.term", "ended")


def test_an_attestation_that_has_not_begun_is_refused(stage: Scene) -> None:
    early = NOW - timedelta(days=1, minutes=1)
    result = stage.check(stage.shown(at=early), at=early, status_lists=[stage.status_list(at=early)])
    assert_only(result, "coverage.term", "not_begun")


def test_what_the_issuer_signed_is_refused_where_a_holders_key_is_demanded(stage: Scene) -> None:
    policy = stage.policy(holder_key=True)
    assert_only(stage.check(stage.token(), policy=policy), "binding.holder", "key_wanted")
    assert stage.check(stage.shown(), policy=policy).report.outcome is Outcome.PASSED


def test_what_was_asked_for_must_be_shown(stage: Scene) -> None:
    other = Expected(audience=VERIFIER, type_code=OTHER_TYPE)
    assert_only(stage.check(stage.token(), expected=other), "coverage.request", "type_differs")
    named = Expected(audience=VERIFIER, type_code=TYPE, items=("number", "holder_code"))
    assert_only(stage.check(stage.shown("number"), expected=named), "coverage.request", "items_missing")
    assert stage.check(stage.shown("number", "holder_code"), expected=named).report.outcome is Outcome.PASSED


# ---------------------------------------------------------------- status lists

SUSPENDED = {PLACE: LicenseState.SUSPENDED}
STATES: dict[LicenseState, tuple[str, Outcome]] = {
    LicenseState.SUSPENDED: ("suspended", Outcome.FAILED),
    LicenseState.INACTIVE: ("inactive", Outcome.FAILED),
    LicenseState.UNKNOWN: ("undecided", Outcome.UNKNOWN),
    **dict.fromkeys(FINAL_STATES, ("ended", Outcome.FAILED)),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("by_holder", [False, True], ids=["issuer", "holder"])
def test_every_state_but_valid_is_refused(stage: Scene, state: LicenseState, by_holder: bool) -> None:
    reason, outcome = STATES[state]
    text = stage.shown() if by_holder else stage.token()
    lists = [stage.status_list({PLACE: state, PLACE + 1: LicenseState.VALID})]
    assert_only(stage.check(text, status_lists=lists), "coverage.status", reason, outcome)


def test_without_a_status_list_nothing_is_known(stage: Scene) -> None:
    result = stage.check(stage.token(), status_lists=[])
    assert result.report.outcome is Outcome.UNKNOWN
    reasons = {check.id: check.reason for check in result.report.blocking}
    assert reasons == {"trust.status_list": "no_list", "coverage.status": "no_list"}
    assert result.sequences == {}


Listed = Callable[[Scene], StatusList]


def broken(stage: Scene) -> StatusList:
    _, signature, chain = parts_of(cbor.decode(stage.status_list().raw, what="test"))
    other, _, _ = parts_of(cbor.decode(stage.status_list(sequence=8).raw, what="test"))
    return read_status_list(cbor.encode((other, signature, chain)))


def by_stranger(stage: Scene) -> StatusList:
    return stage.status_list(signer=stage.stranger_key, certificate=stage.stranger_certificate)


def by_rival(stage: Scene) -> StatusList:
    return stage.status_list(signer=stage.rival_key, certificate=stage.rival_certificate)


def at_time(at: datetime, lifetime: timedelta = timedelta(days=30)) -> Listed:
    return lambda stage: stage.status_list(at=at, lifetime=lifetime)


LISTS: dict[str, tuple[Listed, str, Outcome]] = {
    "older than the policy allows": (at_time(NOW - timedelta(hours=24)), "stale", Outcome.UNKNOWN),
    "ended by itself": (at_time(NOW - timedelta(minutes=2), timedelta(minutes=2)), "stale", Outcome.UNKNOWN),
    "made in the future": (at_time(NOW + timedelta(seconds=41)), "of_the_future", Outcome.FAILED),
    "of a stranger": (by_stranger, "list_issuer", Outcome.UNKNOWN),
    "of another authority of the same CA": (by_rival, "list_issuer", Outcome.UNKNOWN),
    "another list": (lambda stage: stage.status_list(list_id=4), "other_list", Outcome.UNKNOWN),
    "its signature of another body": (broken, "signature", Outcome.FAILED),
    "rolled back": (lambda stage: stage.status_list(sequence=6), "rolled_back", Outcome.FAILED),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_status_list_that_does_not_count_is_named(stage: Scene, name: str) -> None:
    make, reason, outcome = LISTS[name]
    met = {stage.status_list().key: 7}
    result = stage.check(stage.token(), status_lists=[make(stage)], remembered=met)
    assert result.report.outcome is outcome
    check = result.report.of("trust.status_list")[0]
    assert (check.reason, check.outcome) == (reason, outcome)
    assert result.report.of("coverage.status")[0].outcome is Outcome.UNKNOWN
    assert result.sequences == {}


def test_an_old_list_still_tells_what_can_never_change_again(stage: Scene) -> None:
    old = NOW - timedelta(days=3)
    lists = [stage.status_list({PLACE: LicenseState.REVOKED}, at=old, lifetime=timedelta(days=30))]
    result = stage.check(stage.token(), status_lists=lists)
    assert result.report.outcome is Outcome.FAILED
    assert result.report.of("coverage.status")[0].reason == "ended"
    held = [stage.status_list(SUSPENDED, at=old, lifetime=timedelta(days=30))]
    assert stage.check(stage.token(), status_lists=held).report.outcome is Outcome.UNKNOWN


def test_the_newer_of_two_lists_counts_in_either_order(stage: Scene) -> None:
    older, newer = stage.status_list(sequence=7), stage.status_list(SUSPENDED, sequence=8)
    for lists in ([older, newer], [newer, older]):
        assert_only(stage.check(stage.token(), status_lists=lists), "coverage.status", "suspended")


def test_an_earlier_list_does_not_outlive_a_newer_one_at_hand(stage: Scene) -> None:
    """Whoever was revoked shows the list from before, which lives longer than the one that says so."""
    earlier = stage.status_list(sequence=7)
    short = {"sequence": 8, "at": NOW - timedelta(hours=3), "lifetime": timedelta(hours=1)}
    for states, outcome, reason in (
        ({PLACE: LicenseState.REVOKED}, Outcome.FAILED, "ended"),
        ({}, Outcome.UNKNOWN, "no_list"),
    ):
        newer = stage.status_list(states, **short)  # type: ignore[arg-type]  # its own keywords
        for lists in ([earlier, newer], [newer, earlier]):
            result = stage.check(stage.token(), status_lists=lists)
            assert result.report.outcome is outcome
            assert result.report.of("coverage.status")[0].reason == reason
            assert result.sequences == {}


def test_a_list_that_was_rolled_back_does_not_hide_behind_others(stage: Scene) -> None:
    result = stage.check(stage.token(), status_lists=[by_rival(stage), stage.status_list()])
    assert result.report.outcome is Outcome.PASSED
    assert result.sequences == {stage.status_list().key: 7}


def test_a_place_outside_the_list_is_refused(stage: Scene) -> None:
    text = stage.token(index=1 << 17)
    assert_only(stage.check(text), "coverage.status", "outside")
    assert stage.check(stage.token(index=(1 << 17) - 1)).report.outcome is Outcome.PASSED


def forged_list(stage: Scene, change: Callable[[Parts], None]) -> bytes:
    body, _, chain = parts_of(cbor.decode(stage.status_list().raw, what="test"))
    assert isinstance(body, bytes)
    parts = parts_of(cbor.decode(body, what="test"))
    change(parts)
    changed = cbor.encode(tuple(parts))
    return cbor.encode((changed, sign(stage.key, "egov-license/1 status-list", changed), chain))


BOMB = zlib.compress(bytes(64 << 20), 9)
BAD_LISTS: dict[str, tuple[Callable[[Parts], None], str]] = {
    "a bomb": (put(6, BOMB), "extra"),
    "one octet too many": (put(6, zlib.compress(bytes(65_537))), "extra"),
    "one octet too few": (put(6, zlib.compress(bytes(65_535))), "cut"),
    "a stream cut off": (put(6, zlib.compress(bytes(65_536))[:-4]), "cut"),
    "something behind the stream": (put(6, zlib.compress(bytes(65_536)) + b"\0"), "extra"),
    "no stream": (put(6, b"not zlib"), "value"),
    "another version": (put(0, 2), "value"),
    "no size": (put(5, 0), "value"),
    "a time that is a text": (put(3, "now"), "value"),
    "an extra field": (lambda parts: parts.append(0), "extra"),
    "a field too few": (lambda parts: parts.__delitem__(6), "cut"),
}


@pytest.mark.parametrize("name", BAD_LISTS)
def test_a_malformed_status_list_is_named(stage: Scene, name: str) -> None:
    change, problem = BAD_LISTS[name]
    with pytest.raises(ParseError) as caught:
        read_status_list(forged_list(stage, change))
    assert caught.value.code == f"egov.license.presentation_{problem}"


def test_a_status_list_cannot_ask_for_more_memory_than_the_limits_allow(stage: Scene) -> None:
    with pytest.raises(LimitExceeded, match="entries"):
        read_status_list(forged_list(stage, put(5, 1 << 25)))
    with pytest.raises(LimitExceeded, match="list_bytes"):
        read_status_list(b"\0" * (DEFAULT_STATUS_LIMITS.list_bytes + 1))
    with pytest.raises(LimitExceeded, match="entries"):
        read_status_list(stage.status_list().raw, limits=StatusLimits(entries=1 << 16))


def test_half_a_place_too_many_must_be_empty(stage: Scene) -> None:
    def odd(parts: Parts) -> None:
        parts[5:7] = [3, zlib.compress(b"\x00\x01")]

    with pytest.raises(ParseError) as caught:
        read_status_list(forged_list(stage, odd))
    assert caught.value.code == "egov.license.presentation_spelling"


@pytest.mark.parametrize("chain", [(), b"x", ("text",), (b"",), (b"no certificate",), (b"x",) * 9])
def test_certificates_of_a_list_are_read_with_care(stage: Scene, chain: cbor.Value) -> None:
    body, signature, _ = parts_of(cbor.decode(stage.status_list().raw, what="test"))
    with pytest.raises(ParseError):
        read_status_list(cbor.encode((body, signature, chain)))


def test_a_fetched_list_is_checked_before_it_is_kept(stage: Scene) -> None:
    at, policy = NOW, stage.policy()
    assert check_status_list(stage.status_list(), policy=policy, at=at).outcome is Outcome.PASSED
    met = {stage.status_list().key: 8}
    refused = [
        (check_status_list(by_stranger(stage), policy=policy, at=at), "list_unknown"),
        (check_status_list(broken(stage), policy=policy, at=at), "signature"),
        (check_status_list(stage.status_list(), policy=policy, at=at, remembered=met), "rolled_back"),
        (check_status_list(stage.status_list(), policy=stage.policy(trust=TrustStore()), at=at), "undecided"),
    ]
    assert [report.checks[0].reason for report, _ in refused] == [reason for _, reason in refused]
    assert all(report.outcome is not Outcome.PASSED for report, _ in refused)


def test_a_key_of_octets_among_attested_items_is_malformed(stage: Scene) -> None:
    def unnamed(parts: Parts) -> None:
        ((place, entry),) = items_of_body(parts).items()
        salt, _, value = parts_of(entry)
        parts[4] = {place: (salt, b"name", value)}

    assert_only(stage.check(resigned(stage, unnamed, "holder_name")), "integrity.form", "malformed")


def test_a_holder_key_of_another_length_is_malformed(stage: Scene) -> None:
    parts = parts_of(cbor.decode(opened(stage.shown()), what="test"))
    assert isinstance(parts[1], bytes)
    attested = parts_of(cbor.decode(parts[1], what="test"))
    attested[6] = stage.holder.public_key().point
    parts[1] = cbor.encode(tuple(attested))
    with pytest.raises(ParseError) as caught:
        read_presentation(closed(cbor.encode(tuple(parts))))
    assert caught.value.code == "egov.license.presentation_value"
