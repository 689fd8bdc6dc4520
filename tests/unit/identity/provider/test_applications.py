from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from egov_sdk.crypto.jose import KeySet, TokenKey
from egov_sdk.identity.local import LocalIdentityService
from egov_sdk.identity.provider import ProviderSettings
from egov_sdk.identity.provider.steps import AskToSignIn, GoTo
from tests.unit.identity.provider.town import CALLBACK, PASSWORD, Town, query_of, refused
from tests.world import seeded

KEY = TokenKey.generate("SGD_SM3_SM2", key_id="k", random=seeded("an application"))


def test_an_application_is_kept_as_it_was_given(town: Town) -> None:
    made = town.provider.applications.add(
        "窗口",
        redirect_uris=[CALLBACK, "http://localhost:8000/back?x=1"],
        logout_uris=["https://app.town.example/bye"],
        authentication="private_key_jwt",
        algorithm="ES256",
        scopes=["profile", "phone"],
        may_enter=["hall"],
        keys=KeySet.of([KEY]),
        application="window-1",
    )
    found = town.provider.applications.get("window-1")
    assert replace(found, keys=None) == replace(made.application, keys=None)
    assert found.scopes == {"openid", "profile", "phone"}
    assert found.keys is not None
    assert found.keys.to_jwks() == KeySet.of([KEY]).to_jwks()
    assert made.secret == ""
    with town.store.read() as connection:
        assert KEY.to_jwk(private=True)["d"] not in str(
            connection.exec_driver_sql("SELECT settings FROM identity_applications").all()
        )


def test_a_secret_is_told_once(town: Town) -> None:
    made = town.provider.applications.add("窗口", redirect_uris=[CALLBACK])
    assert len(made.secret) == 43
    assert made.secret not in repr(made)
    assert not hasattr(town.provider.applications.get(made.application.id), "secret")


BAD_ADDRESSES = [
    "",
    "app.town.example/back",
    "http://app.town.example/back",
    "ftp://app.town.example/back",
    "javascript:alert(1)",
    "https://",
    "https:///back",
    "https://app.town.example/back#x",
    "https://app.town.example/back#",
    "https://user@app.town.example/back",
    "https://user:pass@app.town.example/back",
    "https://*.town.example/back",
    "https://app.town.example/*",
    "https://app.town.example/a/../back",
    "https://app.town.example/./back",
    "https://app.town.example/back\\x",
    "https://app.town.example/ back",
    "https://app.town.example/back\n",
    "https://应用.example/back",
    "https://app.town.example:port/back",
    "https://[::1/back",
    "https://app.town.example/" + "x" * 2_048,
    "http://localhost.evil.example/back",
    'https://app.town.example/"onload=',
    "com.example.app:/back",
]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_an_address_that_cannot_be_trusted_is_not_registered(town: Town, address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        town.provider.applications.add("窗口", redirect_uris=[address])
    with pytest.raises(ValueError, match="address"):
        town.provider.applications.add("窗口", redirect_uris=[CALLBACK], logout_uris=[address])


@pytest.mark.parametrize("issuer", [*BAD_ADDRESSES, "https://id.town.example/", "https://id.town.example?x=1"])
def test_an_issuer_is_such_an_address_without_a_slash_at_the_end(issuer: str) -> None:
    with pytest.raises(ValueError, match="issuer"):
        ProviderSettings(issuer=issuer)


@pytest.mark.parametrize("issuer", ["https://id.town.example", "https://id.town.example/idp", "http://127.0.0.1:8080"])
def test_an_issuer_that_will_do(issuer: str) -> None:
    settings = ProviderSettings(issuer=issuer)
    assert settings.issuers == (issuer, issuer + "/stock")
    assert settings.address("token") == issuer + "/token"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "x" * 129},
        {"redirect_uris": []},
        {"redirect_uris": [f"https://app.town.example/{number}" for number in range(33)]},
        {"scopes": ["everything"]},
        {"application": "a b"},
        {"application": "应用"},
        {"application": "x" * 129},
        {"authentication": "private_key_jwt"},
        {"authentication": "private_key_jwt", "keys": KeySet.of([])},
        {"keys": KeySet.of([KEY])},
    ],
)
def test_an_application_that_makes_no_sense_is_refused(town: Town, changes: dict[str, object]) -> None:
    given: dict[str, object] = {"name": "窗口", "redirect_uris": [CALLBACK]}
    with pytest.raises(ValueError, match=r"\w"):
        town.provider.applications.add(**(given | changes))  # type: ignore[arg-type]  # as the table says


def test_the_room_gives_its_names_when_they_are_asked_for() -> None:
    from egov_sdk import storage
    from egov_sdk.identity import provider

    for room in (provider, storage):
        assert all(getattr(room, name) is not None for name in room.__all__)
        with pytest.raises(AttributeError, match="no_such_name"):
            room.no_such_name  # noqa: B018 - asking for it is the test


def test_an_id_is_given_once(town: Town) -> None:
    refused(
        "application_duplicate",
        lambda: town.provider.applications.add("窗口", redirect_uris=[CALLBACK], application=town.app),
    )


def test_an_application_changes_but_for_the_way_it_proves_itself(town: Town) -> None:
    found = town.provider.applications.get(town.app)
    town.provider.applications.change(replace(found, name="新名字"))
    assert town.provider.applications.get(town.app).name == "新名字"
    with pytest.raises(ValueError, match="new application"):
        town.provider.applications.change(replace(found, authentication="none"))
    refused("application_unknown", lambda: town.provider.applications.change(replace(found, id="nobody")))


def test_a_closed_application_can_be_opened_again_and_old_sessions_stay_ended(town: Town) -> None:
    service = town.service()
    sign_in = service.begin()
    kept = service.complete(sign_in, callback=town.browser().sign_in(sign_in.url, login="zhang", password=PASSWORD))
    town.provider.applications.close(town.app)
    town.provider.applications.change(replace(town.provider.applications.get(town.app), is_active=True))
    refused("session_ended", lambda: service.userinfo(kept))
    again = service.begin()
    assert service.complete(again, callback=town.browser().sign_in(again.url, login="zhang", password=PASSWORD))


def test_an_application_that_may_see_less_does_not_go_on_seeing_more(town: Town) -> None:
    service, found = town.service(), town.provider.applications.get(town.app)
    sign_in = service.begin()
    kept = service.complete(sign_in, callback=town.browser().sign_in(sign_in.url, login="zhang", password=PASSWORD))
    town.provider.applications.change(replace(found, name="新名字"))
    assert service.userinfo(kept)
    town.provider.applications.change(replace(found, scopes=found.scopes - {"identity"}))
    refused("session_ended", lambda: service.userinfo(kept))
    refused("session_ended", lambda: service.refresh(kept))


def test_a_page_under_way_is_answered_only_as_the_application_is_now(town: Town) -> None:
    found, pages = town.provider.applications.get(town.app), town.provider.pages
    query = parse_qsl(urlsplit(town.service().begin().url).query)
    shown = [pages.begin(query, browser="a browser") for _ in range(2)]
    moved, narrow = (step.page for step in shown if isinstance(step, AskToSignIn))
    town.provider.applications.change(replace(found, redirect_uris=frozenset({"https://new.town.example/back"})))
    refused("redirect_uri", lambda: pages.sign_in(moved, browser="a browser", login="zhang", password=PASSWORD))
    town.provider.applications.change(replace(found, scopes=frozenset({"openid"})))
    step = pages.sign_in(narrow, browser="a browser", login="zhang", password=PASSWORD).step
    assert isinstance(step, GoTo)
    assert query_of(step.url)["error"] == "invalid_scope"


def test_an_application_without_a_secret_gets_no_new_one(town: Town) -> None:
    public = town.provider.applications.add("窗口", redirect_uris=[CALLBACK], authentication="none").application
    with pytest.raises(ValueError, match="no secret"):
        town.provider.applications.renew_secret(public.id)


def test_a_service_needs_an_application_and_one_of_its_addresses(town: Town) -> None:
    refused("application_unknown", lambda: LocalIdentityService(town.provider, application="nobody"))
    refused(
        "redirect_uri",
        lambda: LocalIdentityService(town.provider, application=town.app, redirect_uri="https://evil.example/"),
    )
    two = town.provider.applications.add("窗口", redirect_uris=[CALLBACK, CALLBACK + "2"]).application.id
    refused("redirect_uri", lambda: LocalIdentityService(town.provider, application=two))
    assert LocalIdentityService(town.provider, application=two, redirect_uri=CALLBACK).begin().redirect_uri == CALLBACK
