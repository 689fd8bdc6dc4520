"""Every built-in profile makes the published and the invented vectors, and says what is not certain about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.errors import ConfigError
from egov_sdk.gateway import Credentials, GatewayProfile, built_in
from egov_sdk.gateway.national import decrypt_secret, encrypt_secret
from egov_sdk.gateway.profiles import BUILT_IN
from egov_sdk.gateway.signing import Signable, Signed, sign
from tests.interop_data import interop

Vector = Mapping[str, Any]

NAMED = {
    *("national-1", "national-2", "tif", "tif-user", "zhejiang", "zhejiang-irs", "zhezhengding", "shandong"),
    *("sha1-report", "hsaf", "nhsa", "egov-sm2"),
}


def _vectors() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(interop("gateway-vectors.json").read_text("utf-8"))
    return found


def _signed(profile: GatewayProfile | str, vector: Vector, **parts: Any) -> dict[str, str]:
    found = built_in(profile) if isinstance(profile, str) else profile
    request = Signable(
        method=vector.get("method", "POST"),
        path=vector.get("uri") or vector.get("path") or "/",
        query=vector.get("query", ""),
        body=vector.get("body", "").encode(),
    )
    credentials = parts.pop("credentials")
    signed: Signed = sign(request, profile=found, credentials=credentials, **parts)
    return dict(signed.fields)


def _ms(text: str) -> float:
    return int(text) / 1000


def _national(v: Vector) -> tuple[str, str]:
    credentials = Credentials(v["rid"], secret=v["secret"], service=v["sid"])
    fields = _signed("national-1", v, credentials=credentials, at=_ms(v["rtime"]))
    assert fields["gjgxjhpt_rtime"] == v["rtime"]
    other = _signed("national-2", v, credentials=credentials, at=_ms(v["rtime"]))
    assert other["gjzwfwpt_sign"] == fields["gjgxjhpt_sign"]
    return fields["gjgxjhpt_sign"], v["sign"]


def _tif(v: Vector) -> tuple[str, str]:
    credentials = Credentials("paas", secret=v["token"])
    fields = _signed("tif", v, credentials=credentials, at=int(v["timestamp"]), nonce=v["nonce"])
    return fields["x-tif-signature"], v["signature"]


def _tif_user(v: Vector) -> tuple[str, str]:
    credentials = Credentials("paas", secret=v["token"], values={name: v[name] for name in ("uid", "uinfo", "ext")})
    fields = _signed("tif-user", v, credentials=credentials, at=int(v["timestamp"]), nonce=v["nonce"])
    assert (fields["x-tif-uid"], fields["x-tif-uinfo"], fields["x-tif-ext"]) == (v["uid"], v["uinfo"], v["ext"])
    return fields["x-tif-signature"], v["signature"]


def _zhejiang(v: Vector) -> tuple[str, str]:
    credentials = Credentials(v["appKey"], secret=v["secret"])
    fields = _signed("zhejiang", v, credentials=credentials, at=_ms(v["requestTime"]))
    assert fields["requestTime"] == v["requestTime"]
    return fields["sign"], v["sign"]


def _irs(v: Vector) -> tuple[str, str]:
    at = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    fields = _signed("zhejiang-irs", v, credentials=Credentials(v["access_key"], secret=v["secret_key"]), at=at)
    assert fields["X-BG-DATE-TIME"] == v["date"]
    assert fields["X-BG-HMAC-ALGORITHM"] == "hmac-sha256"
    return fields["X-BG-HMAC-SIGNATURE"], v["signature"]


def _zhezhengding(v: Vector) -> tuple[str, str]:
    credentials = Credentials("app", secret=v["secret"])
    # the vector's nonce is of another moment than its time: the two are not compared
    at = datetime.fromisoformat(v["timestamp"])
    fields = _signed("zhezhengding", v, credentials=credentials, at=at, nonce=v["nonce"])
    assert fields["X-Hmac-Auth-Timestamp"] == v["timestamp"]
    return fields["X-Hmac-Auth-Signature"], v["signature"]


def _shandong(v: Vector) -> tuple[str, str]:
    credentials = Credentials(v["client_id"], secret=v["secret"])
    fields = _signed("shandong", v, credentials=credentials, at=_ms(v["timestamp"]), nonce=v["nonce"])
    return fields["X-Signature"], v["signature"]


def _sha1(v: Vector) -> tuple[str, str]:
    credentials = Credentials(v["appKey"], secret=v["appSecret"])
    fields = _signed("sha1-report", v, credentials=credentials, at=_ms(v["timestamp"]))
    return fields["signature"], v["signature"]


def _hsaf(v: Vector) -> tuple[str, str]:
    credentials = Credentials(v["access_key"], secret=v["secret"], service=v["name"], values={"version": v["version"]})
    fields = _signed("hsaf", v, credentials=credentials, at=_ms(v["timestamp"]))
    return fields["_api_signature"], v["signature"]


#: DigiLocker is no platform of ours; it shows that a scheme over the raw body is a few lines of data.
DIGILOCKER = GatewayProfile(
    name="digilocker",
    fields={"x-digilocker-hmac": "{signature}"},
    time="",
    signing_string="{body}",
    digest="hmac-sha256",
)


def _digilocker(v: Vector) -> tuple[str, str]:
    fields = _signed(DIGILOCKER, v, credentials=Credentials("x", secret=v["key"]), at=0)
    return fields["x-digilocker-hmac"], v["hmac_b64"]


PROOFS: dict[str, Callable[[Vector], tuple[str, str]]] = {
    "national_sign": _national,
    "tif": _tif,
    "tif_user": _tif_user,
    "zj_md5": _zhejiang,
    "zj_irs": _irs,
    "zzd": _zhezhengding,
    "shandong": _shandong,
    "sha1_report": _sha1,
    "hsaf": _hsaf,
    "digilocker": _digilocker,
}


@pytest.mark.parametrize("name", PROOFS)
def test_a_profile_makes_the_signature_of_its_vector(name: str) -> None:
    found, expected = PROOFS[name](_vectors()[name])
    assert found == expected


def test_every_vector_of_the_file_is_used() -> None:
    assert _vectors().keys() == {*PROOFS, "note", "national_secret_aes_ecb_pkcs7"}


def test_session_secrets_are_decrypted_and_encrypted_as_the_platform_does() -> None:
    vectors = _vectors()["national_secret_aes_ecb_pkcs7"]
    assert len(vectors) == 3
    for vector in vectors:
        assert decrypt_secret(vector["b64"], appkey=vector["appkey"]) == vector["plain"]
        assert encrypt_secret(vector["plain"], appkey=vector["appkey"]) == vector["b64"]


def test_the_wrong_order_of_fields_makes_another_signature() -> None:
    v = _vectors()["national_sign"]
    wrong = GatewayProfile(
        name="wrong",
        fields={"rid": "{id}", "sid": "{service}", "rtime": "{time}", "sign": "{signature}"},
        signing_string="{id}{service}{time}",
        digest="hmac-sha256",
    )
    credentials = Credentials(v["rid"], secret=v["secret"], service=v["sid"])
    assert _signed(wrong, v, credentials=credentials, at=_ms(v["rtime"]))["sign"] != v["sign"]


def test_the_profiles_that_people_ask_for_are_built_in() -> None:
    assert BUILT_IN.keys() >= NAMED
    assert all(name == profile.name for name, profile in BUILT_IN.items())


@pytest.mark.parametrize("profile", BUILT_IN.values(), ids=lambda profile: profile.name)
def test_a_built_in_profile_has_a_title_a_source_and_says_what_is_unverified(profile: GatewayProfile) -> None:
    assert profile.title.en
    assert profile.title.zh
    assert profile.source
    assert all(text.en and text.zh for text in profile.unverified)
    assert bool(profile.unverified) is not profile.name.startswith("egov-")


def test_the_medical_insurance_envelope_is_marked_as_partly_unverified() -> None:
    assert any("SM4" in text.en for text in built_in("nhsa").unverified)
    assert any("user id" in text.en for text in built_in("nhsa-plain").unverified)


def test_our_own_profile_covers_everything_that_a_request_says() -> None:
    parts = set(built_in("egov-sm2").signing_string.split("\n"))
    needed = {"{method}", "{path}", "{query}", "{body_sm3}", "{time}", "{nonce}", "{id}", "[{service}]"}
    assert needed <= parts


def test_an_unknown_profile_is_a_setting_that_is_wrong_and_the_known_ones_are_listed() -> None:
    with pytest.raises(ConfigError, match="national-1") as caught:
        built_in("national-3")
    assert caught.value.code == "egov.gateway.unknown_profile"


def test_an_sm2_signature_is_der_for_our_own_and_64_bytes_for_the_medical_insurance() -> None:
    import base64

    credentials = Credentials("0123456789abcdef", secret="s", signer=SM2PrivateKey.generate())
    ours = _signed("egov-sm2", {}, credentials=credentials, at=0.0)["Egov-Signature"]
    theirs = _signed("nhsa", {}, credentials=credentials, at=0.0)["signData"]
    assert base64.b64decode(ours)[0] == 0x30
    assert len(base64.b64decode(theirs)) == 64
