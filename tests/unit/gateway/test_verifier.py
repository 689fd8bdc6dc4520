"""The other side: what a client of ours signs is let in, once, and nothing else is."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.crypto.signature import der_to_raw, raw_to_der
from egov_sdk.errors import VerificationError
from egov_sdk.gateway import Credentials, GatewayProfile, Request, built_in
from egov_sdk.gateway.errors import ProfileError
from egov_sdk.gateway.explain import sign_request
from egov_sdk.gateway.policies import RateLimit
from egov_sdk.gateway.profiles import BUILT_IN
from egov_sdk.gateway.refusals import PROBLEMS, RequestRefused, refuse
from egov_sdk.gateway.replay import MemoryReplayStore
from egov_sdk.gateway.signing import Signable, sent_fields, sign, signature_text, signing_string
from egov_sdk.gateway.verifier import CallerKey, ReceivedRequest, RequestVerifier
from tests.unit.gateway.world import START

AT = datetime.fromtimestamp(START, UTC)
KEY = SM2PrivateKey.from_int(0x1234567890ABCDEF)
ME = Credentials("caller-0123456789", secret="s3cret", service="svc", signer=KEY)
CALLERS = {ME.id: CallerKey(secrets=(ME.secret,), public_keys=(KEY.public_key(),))}
EACH = pytest.mark.parametrize("name", BUILT_IN)


def sent(name: str, *, credentials: Credentials = ME, at: float = START, **parts: Any) -> ReceivedRequest:
    """What arrives when a client of ours calls."""
    profile = built_in(name)
    if profile.envelope:
        parts.setdefault("json", {"x": [1]})
    else:
        parts.setdefault("form", {"b": "2", "a": "张三"})
    request = Request("POST", "/a/中", query={"q": "1 2", "p": "+"}, **parts)
    signed = sign_request(request, profile=profile, credentials=credentials, at=datetime.fromtimestamp(at, UTC))
    path, _, query = signed.target.partition("?")
    headers = tuple((header.lower(), value) for header, value in signed.headers)
    return ReceivedRequest(method="POST", path=path, query=query, headers=headers, body=signed.body)


def verifier(name: str | GatewayProfile, **settings: Any) -> RequestVerifier:
    return RequestVerifier(name, **{"callers": CALLERS, **settings})


def problem(check: RequestVerifier, request: ReceivedRequest, at: float = START) -> str:
    with pytest.raises(RequestRefused) as caught:
        check.verify(request, at=at)
    assert caught.value.code == f"egov.gateway.{caught.value.problem}"
    return caught.value.problem.removeprefix("refused.")


def with_field(request: ReceivedRequest, wire: str, value: str | None) -> ReceivedRequest:
    """The same request with one header changed, or left out."""
    kept = tuple(pair for pair in request.headers if pair[0] != wire.lower())
    return replace(request, headers=kept if value is None else (*kept, (wire.lower(), value)))


@EACH
def test_what_a_client_signs_is_let_in(name: str) -> None:
    verified = verifier(name).verify(sent(name), at=AT)
    assert verified.caller == ME.id
    assert abs((verified.signed_at - AT).total_seconds()) < 1
    assert ME.secret not in repr(verified)


@EACH
def test_a_request_that_comes_twice_is_let_in_once(name: str) -> None:
    check, request = verifier(name, once_only=True), sent(name)
    check.verify(request, at=AT)
    assert problem(check, request) == "replayed"


@pytest.mark.parametrize("name", ["zhejiang-irs", "nhsa"])
def test_equal_requests_of_one_second_are_let_in_where_nothing_tells_them_apart(name: str) -> None:
    check, request = verifier(name), sent(name)
    check.verify(request, at=AT)
    check.verify(request, at=AT)
    again = verifier(name, once_only=True)
    again.verify(request, at=AT)
    assert problem(again, request) == "replayed"


def test_a_nonce_counts_whatever_a_caller_of_the_verifier_says() -> None:
    check, request = verifier("tif", once_only=False), sent("tif")
    check.verify(request, at=AT)
    assert problem(check, request) == "replayed"


@EACH
@pytest.mark.parametrize("late", [-1.5, 1.5])
def test_a_request_of_another_time_is_refused(name: str, late: float) -> None:
    skew = built_in(name).skew_s
    check = verifier(name)
    assert problem(check, sent(name), at=START + late * skew) == "time_outside_window"
    check.verify(sent(name), at=START + late / 2 * skew)


@EACH
def test_an_id_that_nobody_has_is_refused_and_not_told(name: str) -> None:
    request = sent(name, credentials=replace(ME, id="stranger-0123456789"))
    with pytest.raises(RequestRefused) as caught:
        verifier(name).verify(request, at=AT)
    assert caught.value.problem == "refused.caller_unknown"
    assert caught.value.caller == "stranger-0123456789"
    assert caught.value.public().problem == "refused.signature_mismatch"
    assert caught.value.status == caught.value.public().status == 401


@pytest.mark.parametrize("name", [name for name in BUILT_IN if name != "egov-sm2"])
def test_another_secret_is_refused(name: str) -> None:
    request = sent(name, credentials=replace(ME, secret="s3creT"))
    assert problem(verifier(name), request) in {"signature_mismatch", "malformed"}


@pytest.mark.parametrize("name", ["egov-sm2", "nhsa", "nhsa-plain"])
def test_another_key_is_refused(name: str) -> None:
    request = sent(name, credentials=replace(ME, signer=SM2PrivateKey.from_int(7)))
    assert problem(verifier(name), request) == "signature_mismatch"


@EACH
def test_a_caller_without_any_key_is_refused(name: str) -> None:
    nobody = {ME.id: CallerKey()}
    assert problem(verifier(name, callers=nobody), sent(name)) in {"signature_mismatch", "malformed"}


@pytest.mark.parametrize("name", ["tif", "sha1-report", "zhejiang", "national-1", "egov-hmac-sm3"])
def test_an_empty_secret_signs_nothing(name: str) -> None:
    """Whoever signs with an empty secret is not the caller whose secret is not set."""
    empty = {ME.id: CallerKey(secrets=("",))}
    profile = built_in(name)
    request = sent(name)
    values = {"id": ME.id, "service": "svc", "time": "", "nonce": "n", "secret": "", "signature": ""}
    values |= dict(profile.values)
    values["time"] = "1700000000" if profile.time == "s" else "1700000000000"
    values |= {"method": "POST", "path": request.path, "query": request.query, "body_sm3": ""}
    text = signing_string(profile, values)
    values["signature"] = signature_text(profile, ME, secret="", text=text)
    fields = sent_fields(profile, values)
    if profile.place == "query":
        forged = ReceivedRequest(method="POST", path="/", query="&".join(f"{k}={v}" for k, v in fields))
    else:
        forged = replace(request, headers=tuple((k.lower(), v) for k, v in fields), body=None)
    assert problem(verifier(name, callers=empty), forged) == "signature_mismatch"


def test_two_secrets_count_while_one_follows_another() -> None:
    rolling = {ME.id: CallerKey(secrets=("new", ME.secret))}
    verifier("tif", callers=rolling).verify(sent("tif"), at=AT)
    verifier("tif", callers=rolling).verify(sent("tif", credentials=replace(ME, secret="new")), at=AT)
    keys = {ME.id: CallerKey(public_keys=(SM2PrivateKey.from_int(7).public_key(), KEY.public_key()))}
    verifier("egov-sm2", callers=keys).verify(sent("egov-sm2"), at=AT)


HEADER_PROFILES = [name for name in BUILT_IN if BUILT_IN[name].place == "header"]


@pytest.mark.parametrize("name", HEADER_PROFILES)
def test_a_field_that_is_missing_or_doubled_is_refused(name: str) -> None:
    profile = built_in(name)
    for wire, text, _ in profile._fields:
        missing = with_field(sent(name), wire, None)
        doubled = replace(missing, headers=(*missing.headers, (wire.lower(), "a"), (wire.lower(), "a")))
        assert problem(verifier(name), doubled) == "malformed"
        if text.startswith("[") or text[1:-1] in profile.values:
            continue
        assert problem(verifier(name), missing) == "malformed"


@EACH
def test_a_request_without_any_field_is_unsigned(name: str) -> None:
    bare = ReceivedRequest(method="POST", path="/", headers=(("content-type", "text/plain"),), body=b"{}")
    assert problem(verifier(name), bare) == "unsigned"


@pytest.mark.parametrize("value", ["\r\nX: 1", "a\x00", "中", "a" * 129, "\x7f"])
@pytest.mark.parametrize("wire", ["Egov-Caller", "Egov-Nonce", "Egov-Time", "Egov-Service"])
def test_a_value_that_could_become_something_else_is_refused(wire: str, value: str) -> None:
    assert problem(verifier("egov-sm2"), with_field(sent("egov-sm2"), wire, value)) == "malformed"


@pytest.mark.parametrize(
    "time", ["", "1700000000", "1700000000000.0", "+700000000000", "abc", "１７００００００００００００"]
)
def test_a_time_written_in_another_way_is_refused(time: str) -> None:
    assert problem(verifier("national-1"), with_field(sent("national-1"), "gjgxjhpt_rtime", time)) == "malformed"


def test_an_algorithm_of_the_callers_choice_is_refused() -> None:
    for algorithm in ("none", "hmac-sha1", "HMAC-SHA256"):
        request = with_field(sent("zhejiang-irs"), "X-BG-HMAC-ALGORITHM", algorithm)
        assert problem(verifier("zhejiang-irs"), request) == "malformed"


def test_the_wrong_order_of_fields_is_a_wrong_signature() -> None:
    wrong = replace(built_in("national-1"), signing_string="{id}{service}{time}")
    signed = sign_request(Request("POST", "/x"), profile=wrong, credentials=ME, at=AT)
    request = ReceivedRequest(method="POST", path="/x", headers=tuple((k.lower(), v) for k, v in signed.headers))
    assert problem(verifier("national-1"), request) == "signature_mismatch"


CHANGES: dict[str, dict[str, Any]] = {
    "method": {"method": "PUT"},
    "path": {"path": "/a/b"},
    "case of the path": {"path": "/A/%E4%B8%AD"},
    "query": {"query": "q=1%202&p=%2C"},
    "order of the query": {"query": "p=%2B&q=1%202"},
    "another way to write the query": {"query": "q=1+2&p=%2B"},
    "a query that grew": {"query": "q=1%202&p=%2B&admin=1"},
}


@pytest.mark.parametrize("name", ["egov-sm2", "egov-hmac-sm3"])
@pytest.mark.parametrize("case", CHANGES)
def test_our_own_profile_lets_nothing_be_changed(name: str, case: str) -> None:
    request = sent(name)
    assert problem(verifier(name), replace(request, **CHANGES[case])) == "signature_mismatch"


@pytest.mark.parametrize("name", ["egov-sm2", "egov-hmac-sm3"])
def test_our_own_profile_lets_no_body_be_changed(name: str) -> None:
    request = sent(name)
    assert problem(verifier(name), replace(request, body=b"b=3")) == "body_altered"
    assert problem(verifier(name), replace(request, body=b"")) == "body_altered"
    empty = replace(request, body=None)
    check = verifier(name)
    verified = check.verify(empty, at=AT)
    check.check_body(verified, request.body or b"")
    with pytest.raises(RequestRefused, match="body"):
        check.check_body(verified, b"other")
    forged = with_field(request, "Egov-Body-SM3", "0" * 64)
    assert problem(verifier(name), forged) == "signature_mismatch"


@pytest.mark.parametrize("wire", ["Egov-Caller", "Egov-Service", "Egov-Time", "Egov-Nonce"])
def test_no_field_of_our_own_profile_can_be_changed(wire: str) -> None:
    value = {"Egov-Time": "1700000000001", "Egov-Caller": "other"}.get(wire, "other")
    callers = {**CALLERS, "other": CALLERS[ME.id]}
    request = with_field(sent("egov-sm2"), wire, value)
    assert problem(verifier("egov-sm2", callers=callers), request) == "signature_mismatch"


def test_irs_lets_the_query_be_written_in_another_order() -> None:
    request = replace(sent("zhejiang-irs"), query="q=1+2&p=%2b")
    verifier("zhejiang-irs").verify(request, at=AT)
    assert problem(verifier("zhejiang-irs"), replace(request, query="q=1+2&p=+")) == "signature_mismatch"


#: What a client sends under a profile that signs it in another form, and what says something else in the same form.
READINGS = {
    "bytes of GBK": ("zhejiang-irs", "n=%B9%A4", "n=%B9%A5"),
    "bytes of GBK, plain": ("zhezhengding", "n=%B9%A4", "n=%B9%A5"),
    "a byte and its escape": ("zhejiang-irs", "a=%C3%A9", "a=\xe9"),
    "two parameters as one": ("zhezhengding", "a=1&b=2", "a=1%26b=2"),
    "one parameter as two": ("zhezhengding", "a=1%26b=2", "a=1&b=2"),
    "a longer name": ("zhezhengding", "a=b%3D1", "a%3Db=1"),
}


@pytest.mark.parametrize("case", READINGS)
def test_one_signature_is_never_good_for_two_queries(case: str) -> None:
    name, signed_for, other = READINGS[case]
    part = Signable(method="GET", path="/a", query=signed_for)
    signed = sign(part, profile=built_in(name), credentials=ME, at=START)
    headers = tuple((wire.lower(), value) for wire, value in signed.fields)
    let_in = []
    for query in (signed_for, other):
        request = ReceivedRequest(method="GET", path="/a", query=query, headers=headers, body=b"")
        try:
            verifier(name).verify(request, at=AT)
            let_in.append(query)
        except RequestRefused:
            continue
    assert len(let_in) <= 1


def test_a_parameter_with_an_ampersand_that_reads_one_way_is_let_in() -> None:
    part = Signable(method="GET", path="/a", query="q=A%26B&z=x%3Dy")
    signed = sign(part, profile=built_in("zhezhengding"), credentials=ME, at=START)
    headers = tuple((wire.lower(), value) for wire, value in signed.fields)
    request = ReceivedRequest(method="GET", path="/a", query=part.query, headers=headers, body=b"")
    assert verifier("zhezhengding").verify(request, at=AT).caller == ME.id


@pytest.mark.parametrize(
    "split",
    [
        ("n1", "mallory", "victim,admin", ""),
        ("n1,mallory", "victim", "admin", ""),
        ("n1", "mallory,victim", "admin", ""),
    ],
)
def test_what_is_signed_for_one_user_is_not_good_for_another(split: tuple[str, str, str, str]) -> None:
    """The values stand behind each other between commas: one with a comma could be two, and the nonce a new one."""
    values = {"uid": "mallory", "uinfo": "victim,admin", "ext": ""}
    part = Signable(method="GET", path="/a")
    signed = sign(part, profile=built_in("tif-user"), credentials=ME, at=START, values=values, nonce="n1")
    request = ReceivedRequest(
        method="GET", path="/a", headers=tuple((wire.lower(), value) for wire, value in signed.fields)
    )
    for wire, value in zip(("nonce", "uid", "uinfo", "ext"), split, strict=True):
        request = with_field(request, f"x-tif-{wire}", value)
    assert problem(verifier("tif-user"), request) == "malformed"


@EACH
def test_a_request_is_remembered_as_long_as_it_could_come_again(name: str) -> None:
    check, request = verifier(name, once_only=True), sent(name)
    signed_at = check.verify(request, at=AT).signed_at
    last = signed_at.timestamp() + check.profile.skew_s
    assert problem(check, request, at=last) == "replayed"


def test_zhezhengding_covers_query_and_form_and_needs_the_body() -> None:
    check = verifier("zhezhengding")
    assert check.needs_body
    with pytest.raises(ValueError, match="body"):
        check.verify(replace(sent("zhezhengding"), body=None), at=AT)
    assert problem(check, replace(sent("zhezhengding"), body=b"b=2&a=other")) == "signature_mismatch"
    check.verify(sent("zhezhengding"), at=AT)


def test_hexadecimal_signatures_count_in_either_case_and_once() -> None:
    request = sent("tif")
    signature = next(value for name, value in request.headers if name == "x-tif-signature")
    check = verifier("tif")
    check.verify(with_field(request, "x-tif-signature", signature.lower()), at=AT)
    assert problem(check, request) == "replayed"


def test_another_way_to_write_a_signature_is_no_new_request() -> None:
    request = sent("sha1-report")
    signature = next(value for name, value in request.headers if name == "signature")
    check = verifier("sha1-report")
    check.verify(request, at=AT)
    assert problem(check, with_field(request, "signature", signature.upper())) == "replayed"


SIGNATURES = {
    "nothing": "",
    "a part": "MEUCIQ",
    "Base64 of another alphabet": "-_-_",
    "a space": "MEUC IQ==",
    "no signature": base64.b64encode(b"no signature").decode(),
    "64 bytes": base64.b64encode(bytes(64)).decode(),
    "not ASCII": "é",
}


@pytest.mark.parametrize("case", SIGNATURES)
@pytest.mark.parametrize("name", ["egov-sm2", "egov-hmac-sm3", "national-1"])
def test_what_is_no_signature_is_refused(name: str, case: str) -> None:
    profile = built_in(name)
    wire = next(wire for wire, text, _ in profile._fields if text == "{signature}")
    found = problem(verifier(name), with_field(sent(name), wire, SIGNATURES[case]))
    assert found == ("malformed" if case == "not ASCII" else "signature_mismatch")


def _signature_in(request: ReceivedRequest) -> str:
    return next(value for name, value in request.headers if name == "egov-signature")


def test_our_own_profile_takes_der_only() -> None:
    request = sent("egov-sm2")
    raw = base64.b64encode(der_to_raw(base64.b64decode(_signature_in(request)))).decode()
    assert problem(verifier("egov-sm2"), with_field(request, "Egov-Signature", raw)) == "signature_mismatch"


def test_the_medical_insurance_takes_both_forms() -> None:
    import json

    request = sent("nhsa-plain")
    members = json.loads(request.body or b"")
    members["signData"] = base64.b64encode(raw_to_der(base64.b64decode(members["signData"]))).decode()
    verifier("nhsa-plain").verify(replace(request, body=json.dumps(members).encode()), at=AT)


def test_a_service_that_is_not_ours_or_not_granted_is_refused() -> None:
    verifier("national-1", service="svc").verify(sent("national-1"), at=AT)
    assert problem(verifier("national-1", service="other"), sent("national-1")) == "service_mismatch"
    granted = {ME.id: replace(CALLERS[ME.id], services=frozenset({"a", "b"}))}
    assert problem(verifier("national-1", callers=granted), sent("national-1")) == "service_mismatch"
    granted = {ME.id: replace(CALLERS[ME.id], services=frozenset({"svc"}))}
    verifier("national-1", callers=granted).verify(sent("national-1"), at=AT)


def test_a_caller_that_comes_too_often_is_told_when_to_come_again() -> None:
    check = verifier("tif", rate=RateLimit(per_s=2, burst=3))
    for _ in range(3):
        check.verify(sent("tif"), at=AT)
    with pytest.raises(RequestRefused) as caught:
        check.verify(sent("tif"), at=AT)
    assert (caught.value.problem, caught.value.status) == ("refused.rate_exceeded", 429)
    assert caught.value.retry_after_s == 0.5
    check.verify(sent("tif"), at=START + 0.5)
    assert problem(check, sent("tif"), at=START + 0.5) == "rate_exceeded"


def test_a_request_refused_for_its_rate_may_come_again_as_it_is() -> None:
    check = verifier("tif", rate=RateLimit(per_s=1, burst=1))
    check.verify(sent("tif"), at=AT)
    late = sent("tif")
    assert problem(check, late) == "rate_exceeded"
    check.verify(late, at=START + 1)


def test_a_stranger_uses_up_nobodys_rate_and_no_memory() -> None:
    store = MemoryReplayStore(entries=5)
    check = verifier("tif", rate=RateLimit(per_s=1, burst=2), replay=store)
    for _ in range(20):
        assert problem(check, sent("tif", credentials=replace(ME, secret="guess"))) == "signature_mismatch"
    check.verify(sent("tif"), at=AT)
    assert len(store) == 1


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"time": "", "fields": {"S": "{signature}", "I": "{id}"}, "signing_string": "{id}"}, "fields"),
        ({"fields": {"S": "{signature}", "T": "{time}"}, "signing_string": "{time}"}, "fields"),
        (
            {"fields": {"S": "{signature}", "T": "{time}", "I": "app={id}"}, "signing_string": "{time}"},
            "fields.I",
        ),
    ],
)
def test_a_profile_whose_requests_nobody_can_check_is_refused(changes: dict[str, Any], setting: str) -> None:
    profile = GatewayProfile(**{"name": "mine", "digest": "hmac-sha256", **changes})
    with pytest.raises(ProfileError) as caught:
        verifier(profile)
    assert caught.value.detail["setting"] == setting


def test_callers_mistakes() -> None:
    with pytest.raises(ValueError, match="skew"):
        verifier("tif", skew_s=0)
    with pytest.raises(ValueError, match="aware"):
        verifier("tif").verify(sent("tif"), at=datetime(2023, 1, 1))  # noqa: DTZ001 - the mistake
    with pytest.raises(ValueError, match="per_s"):
        RateLimit(per_s=0, burst=1)


SHA256 = GatewayProfile(
    name="sha",
    fields={"I": "{id}", "T": "{time}", "N": "{nonce}", "D": "{body_sha256}", "S": "{signature}"},
    nonce="uuid",
    signing_string="{id}{time}{nonce}{body_sha256}",
    digest="hmac-sha256",
)


def _of_sha(nonce: str = "") -> ReceivedRequest:
    signed = sign(Signable(method="POST", path="/", body=b"body"), profile=SHA256, credentials=ME, at=AT, nonce=nonce)
    return ReceivedRequest(
        method="POST", path="/", headers=tuple((k.lower(), v) for k, v in signed.fields), body=b"body"
    )


def test_a_digest_of_another_kind_may_be_claimed() -> None:
    verifier(SHA256).verify(_of_sha(), at=AT)
    assert problem(verifier(SHA256), replace(_of_sha(), body=b"other")) == "body_altered"


def test_a_nonce_that_is_empty_is_none() -> None:
    values = {"id": ME.id, "time": "1700000000000", "nonce": "", "secret": ME.secret, "body_sha256": "00"}
    text = signing_string(SHA256, values)
    values["signature"] = signature_text(SHA256, ME, secret=ME.secret, text=text)
    headers = tuple((k.lower(), v) for k, v in sent_fields(SHA256, values))
    assert problem(verifier(SHA256), ReceivedRequest(method="POST", path="/", headers=headers)) == "malformed"


ENVELOPES = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "a member twice": b'{"appId":"a","appId":"b"}',
    "not a number": b'{"appId":NaN}',
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("case", ENVELOPES)
def test_an_envelope_that_is_none_is_refused(case: str) -> None:
    request = ReceivedRequest(method="POST", path="/", body=ENVELOPES[case])
    assert problem(verifier("nhsa"), request) == "malformed"


def test_no_member_of_an_envelope_can_be_changed() -> None:
    import json

    members = json.loads(sent("nhsa-plain").body or b"")
    for change in ({"data": {"x": [2]}}, {"version": "1.0.0"}, {"more": 1}, {"timestamp": "20231115061321"}):
        body = json.dumps({**members, **change}).encode()
        request = ReceivedRequest(method="POST", path="/", body=body)
        assert problem(verifier("nhsa-plain"), request) == "signature_mismatch"
    body = json.dumps({**members, "extra": 1}).encode()
    verifier("nhsa-plain").verify(ReceivedRequest(method="POST", path="/", body=body), at=AT)


@pytest.mark.parametrize("name", ["nhsa", "nhsa-plain"])
@pytest.mark.parametrize("more", [{"x": "\ud800"}, {"\ud800": "x"}, {"x": {"y": ["\udc80"]}}])
def test_half_a_character_in_an_envelope_is_refused(name: str, more: dict[str, object]) -> None:
    request = sent(name)
    body = json.dumps({**json.loads(request.body or b""), **more}).encode()
    assert problem(verifier(name), replace(request, body=body)) == "malformed"


@pytest.mark.parametrize("encrypted", ["", "zz", "00", "00" * 16, "00" * 17, 5, None, "AB" * 5_000])
def test_an_envelope_that_cannot_be_decrypted_is_refused(encrypted: object) -> None:
    import json

    members = json.loads(sent("nhsa").body or b"")
    body = json.dumps({**members, "encData": encrypted}).encode()
    assert problem(verifier("nhsa"), ReceivedRequest(method="POST", path="/", body=body)) == "malformed"
    both = json.dumps({**members, "data": {}}).encode()
    assert problem(verifier("nhsa"), ReceivedRequest(method="POST", path="/", body=both)) == "malformed"


texts = st.text(max_size=20)


@given(
    st.sampled_from([built_in(name) for name in BUILT_IN]),
    texts,
    texts,
    st.lists(st.tuples(st.sampled_from(["x-tif-nonce", "egov-caller", "apikey", "a"]), texts), max_size=6),
    st.one_of(st.binary(max_size=60), st.just(b'{"appId":"caller-0123456789"}')),
)
def test_anything_at_all_is_refused_in_one_way(
    profile: GatewayProfile, path: str, query: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    request = ReceivedRequest(method="POST", path=path, query=query, headers=tuple(headers), body=body)
    with pytest.raises(RequestRefused):
        RequestVerifier(profile, callers=CALLERS).verify(request, at=AT)


def test_every_reason_has_words_in_both_languages_and_a_status() -> None:
    for key, text in PROBLEMS.items():
        error = refuse(key)
        assert isinstance(error, VerificationError)
        assert error.code == f"egov.gateway.{key}"
        assert error.text is text
        assert text.en
        assert text.zh
        assert error.status in {400, 401, 403, 413, 429, 503}


def test_admissions_stand_in_place_of_replay_and_rate() -> None:
    class Everybody:
        def admit(self, caller: str, key: str, *, until_s: float, now_s: float) -> None:
            pass

    for more in ({"rate": RateLimit(per_s=1, burst=1)}, {"replay": MemoryReplayStore()}):
        with pytest.raises(ValueError, match="in place of"):
            RequestVerifier("egov-sm2", callers=CALLERS, admissions=Everybody(), **more)
