"""A stock OpenID client, Authlib, signs in against the provider as it comes from its makers."""

from __future__ import annotations

import warnings
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from egov_sdk.identity.provider.applications import NewApplication
from egov_sdk.identity.provider.asgi import ProviderApp
from tests.unit.identity.provider.town import CALLBACK, ISSUER, NOW, PASSWORD, Town
from tests.unit.identity.provider.web import AppTransport, WebBrowser

STOCK = ISSUER + "/stock"


def stock_client(town: Town, made: NewApplication, way: str) -> Any:
    with warnings.catch_warnings(record=True):  # what Authlib says about itself, whatever the filters are
        from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]  # it has no types
    return OAuth2Client(
        made.application.id,
        made.secret or None,
        token_endpoint_auth_method=way,
        revocation_endpoint_auth_method=way,
        redirect_uri=CALLBACK,
        scope="openid profile offline_access",
        code_challenge_method="S256",
        transport=AppTransport(ProviderApp(town.provider)),
    )


def plain(town: Town) -> httpx.Client:
    return httpx.Client(transport=AppTransport(ProviderApp(town.provider)))


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post", "none"])
def test_authlib_signs_in_refreshes_and_revokes(town: Town, way: str) -> None:
    made = town.provider.applications.add(
        "库存软件",
        redirect_uris=[CALLBACK],
        algorithm="ES256",
        authentication=way,  # type: ignore[arg-type]  # as listed
    )
    client = stock_client(town, made, way)
    said = plain(town).get(STOCK + "/.well-known/openid-configuration").json()
    assert said["issuer"] == STOCK
    verifier = "v" * 64
    url, state = client.create_authorization_url(said["authorization_endpoint"], code_verifier=verifier, nonce="n-1")
    callback = WebBrowser(ProviderApp(town.provider)).sign_in(url, login="zhang", password=PASSWORD)
    token = client.fetch_token(
        said["token_endpoint"], authorization_response=callback, state=state, code_verifier=verifier
    )
    claims = verified(plain(town), said, token["id_token"])
    assert (claims["sub"], claims["nonce"], claims["aud"]) == (town.zhang.id, "n-1", made.application.id)
    assert client.get(said["userinfo_endpoint"]).json()["name"] == "张三丰"
    renewed = client.refresh_token(said["token_endpoint"])
    assert renewed["access_token"] != token["access_token"]
    assert client.get(said["userinfo_endpoint"]).status_code == 200
    gone = client.revoke_token(said["revocation_endpoint"], token=renewed["refresh_token"])
    assert gone.status_code == 200, gone.text
    assert client.get(said["userinfo_endpoint"]).status_code == 401


def verified(client: httpx.Client, said: dict[str, Any], id_token: str) -> dict[str, Any]:
    """The claims as Authlib itself reads them: by its own class for ID tokens, with keys as joserfc loads them."""
    from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # it has no types
    from joserfc import jwt
    from joserfc.jwk import KeySet

    keys = KeySet.import_key_set(client.get(said["jwks_uri"]).json())
    token = jwt.decode(id_token, keys, algorithms=said["id_token_signing_alg_values_supported"])
    claims = CodeIDToken(token.claims, token.header, {"iss": {"values": [said["issuer"]]}}, {"nonce": "n-1"})
    claims.validate(now=int(NOW.timestamp()))
    return dict(claims)


def test_the_key_set_of_our_own_clients_would_be_lost_to_it(town: Town) -> None:
    """Why there are two issuers. When this fails, stock libraries have learnt to pass over curves."""
    from joserfc.jwk import KeySet

    with pytest.raises(KeyError, match="sm2p256v1"):
        KeySet.import_key_set(town.provider.jwks())  # type: ignore[arg-type]  # a JWKS as it is published
    assert len(KeySet.import_key_set(town.provider.jwks(stock=True)).keys) == 1  # type: ignore[arg-type]  # as above


def test_authlib_is_refused_like_everybody_else(town: Town) -> None:
    from authlib.integrations.base_client.errors import OAuthError  # type: ignore[import-untyped]  # it has no types

    made = town.provider.applications.add("库存软件", redirect_uris=[CALLBACK], algorithm="ES256")
    client = stock_client(town, made, "client_secret_basic")
    url, state = client.create_authorization_url(ISSUER + "/authorize", code_verifier="v" * 64)
    callback = WebBrowser(ProviderApp(town.provider)).sign_in(url, login="zhang", password=PASSWORD)
    assert urlsplit(callback).path == "/back"
    with pytest.raises(OAuthError, match="invalid_grant"):
        client.fetch_token(ISSUER + "/token", authorization_response=callback, state=state, code_verifier="w" * 64)
