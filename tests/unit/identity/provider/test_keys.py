from __future__ import annotations

import json
from dataclasses import replace

import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.crypto.jose import ExpectedClaims, TokenKey, TokenRejected, verify_token
from egov_sdk.errors import InputError
from egov_sdk.identity.provider import ProviderKeys
from tests.unit.identity.provider.town import CALLBACK, ISSUER, NOW, PASSWORD, Town
from tests.world import seeded

KEYS = ProviderKeys.generate(random=seeded("keys of this module"))


def test_keys_are_kept_and_read_again() -> None:
    again = ProviderKeys.from_json(KEYS.to_json())
    assert again.public().to_jwks() == KEYS.public().to_jwks()
    rotated = KEYS.rotated(random=seeded("the next keys"))
    assert ProviderKeys.from_json(rotated.to_json()).public().to_jwks() == rotated.public().to_jwks()


def test_only_public_keys_are_published() -> None:
    for stock, kinds in ((False, {"sm2p256v1", "P-256"}), (True, {"P-256"})):
        published = KEYS.public(stock=stock).to_jwks()["keys"]
        assert {key["crv"] for key in published} == kinds
        assert not any("d" in key for key in published)
        assert {key["use"] for key in published} == {"sig"}


def test_keys_do_not_show_themselves() -> None:
    secrets = [key["d"] for key in json.loads(KEYS.to_json())["keys"]]
    assert len(secrets) == 2
    assert not any(secret in repr(KEYS) for secret in secrets)


def test_tokens_under_way_stay_good_when_keys_change_until_the_old_ones_are_dropped(town: Town) -> None:
    service = town.service()
    sign_in = service.begin()
    callback = town.browser().sign_in(sign_in.url, login="zhang", password=PASSWORD)
    token = service.complete(sign_in, callback=callback).id_token
    expected = ExpectedClaims(issuer=ISSUER, audience=town.app)
    rotated = town.provider.tokens.keys.rotated(random=seeded("the town's next keys"))
    assert verify_token(token, rotated.public(), algorithms=["SGD_SM3_SM2"], expected=expected, at=NOW)
    with pytest.raises(TokenRejected):
        verify_token(token, rotated.without_retired().public(), algorithms=["SGD_SM3_SM2"], expected=expected, at=NOW)
    assert len({key.key_id for key in rotated.public()}) == 4


def test_the_sm2_key_may_lie_in_a_device() -> None:
    inner = SM2PrivateKey.generate(random=seeded("a device"))

    class Device:
        def public_key(self) -> object:
            return inner.public_key()

        def sign_digest(self, digest: bytes) -> bytes:
            return inner.sign_digest(digest)

    keys = ProviderKeys.generate(signer=Device())  # type: ignore[arg-type]  # as narrow as a device is
    assert keys.sign({"sub": "x"}, algorithm="SGD_SM3_SM2").count(".") == 2
    with pytest.raises(ValueError, match="device"):
        keys.to_json()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"keys":[]}',
        json.dumps(KEYS.public().to_jwks()),
        json.dumps({"keys": json.loads(KEYS.to_json())["keys"][:1]}),
        json.dumps({"keys": json.loads(KEYS.to_json())["keys"][1:] * 2}),
        json.dumps({"keys": json.loads(KEYS.to_json())["keys"][::-1]}),
        json.dumps(
            {"keys": [{k: v for k, v in key.items() if k != "kid"} for key in json.loads(KEYS.to_json())["keys"]]}
        ),
    ],
)
def test_what_is_no_file_of_keys_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        ProviderKeys.from_json(text)


def test_keys_that_cannot_sign_or_have_no_name_are_refused() -> None:
    for changed in (replace(KEYS.sm2, key_id=None), KEYS.sm2.public(), KEYS.es256):
        with pytest.raises(ValueError, match="private key for"):
            ProviderKeys(changed, KEYS.es256)
    with pytest.raises(ValueError, match="private key for"):
        ProviderKeys(KEYS.sm2, TokenKey.generate("ES256"))


def test_two_programs_with_the_same_keys_serve_each_others_sessions(town: Town) -> None:
    from egov_sdk.identity.local import LocalIdentityService

    second = LocalIdentityService(town.another_provider(), application=town.app, redirect_uri=CALLBACK)
    sign_in = town.service().begin()
    kept = second.complete(sign_in, callback=town.browser().sign_in(sign_in.url, login="zhang", password=PASSWORD))
    assert town.service().userinfo(kept).subject == town.zhang.id
