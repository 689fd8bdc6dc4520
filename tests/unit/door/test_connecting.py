"""One line says where four services live, and the program stays the same."""

from __future__ import annotations

import asyncio
import json
import stat
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

import egov_sdk
from egov_sdk.door import Gov, connect, connect_async
from egov_sdk.door.office import LocalOffice
from egov_sdk.door.secrets import OfficeSecrets
from egov_sdk.door.settings import read_settings, shown_place
from egov_sdk.errors import ConfigError, KeyAccessError, NotOffered, ParseError
from egov_sdk.exchange import Party
from egov_sdk.exchange.node import Arrived, Draft, HandToHand
from egov_sdk.gateway.errors import CredentialsMissing
from egov_sdk.identity.client import ClientSettings
from egov_sdk.license.metadata import Authority
from egov_sdk.license.model import LicenseDraft, Use, UseGround
from egov_sdk.license.samples import sample_type
from egov_sdk.license.states import LicenseAction
from egov_sdk.report import Outcome
from egov_sdk.seal import Placement
from tests.license_world import BUREAU, company_draft
from tests.world import NOW, seeded, world

NOTHING: dict[str, str] = {}


def office(where: str, *, code: str = "") -> Gov:
    return connect(where, code=code, environment=NOTHING, clock=lambda: NOW)


def use_it(gov: Gov) -> tuple[LicenseDraft, str]:
    """Publish a type, issue a licence, verify it, end it: the same on every office."""
    assert gov.office is not None
    secrets = gov.office.secrets
    kind = sample_type("business_permit", defined_by=BUREAU)
    gov.office.license.register.types.add(kind)
    draft = company_draft(type_code=kind.code)
    licence = gov.license.issue(draft)
    report = gov.license.verify(licence.file)
    assert [check.id for check in report.blocking] == []
    own = Use(requester=Authority(name=secrets.name, code=secrets.code), purpose="核对", ground=UseGround.OWNER)
    assert gov.license.get(licence.identifier, use=own).file == licence.file
    gov.license.act(licence.identifier, LicenseAction.REVOKE, reason="依法吊销")
    assert gov.license.verify(licence.file).outcome is Outcome.FAILED
    return draft, str(licence.identifier)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "office"


def test_an_office_in_a_folder_is_there_again_when_it_is_opened_again(folder: Path) -> None:
    with office(f"local:{folder}") as gov:
        _, identifier = use_it(gov)
        seal_id = gov.seal.seals()[0].seal_id
    with office(f"local:{folder}") as again:
        assert [one.action.value for one in again.license.history(identifier)][-1] == "revoke"
        assert again.seal.find(seal_id).name.endswith("电子证照专用章")
        assert [one.action.value for one in again.seal.uses(seal_id)] == ["make", "stamp"]


def test_a_mock_is_gone_when_it_is_closed_and_two_know_nothing_of_each_other() -> None:
    with office("mock:") as one, office("mock:") as other:
        use_it(one)
        assert other.license.types() == ()
        assert one.identity.begin().state != other.identity.begin().state


def test_what_one_office_sealed_another_does_not_trust(folder: Path) -> None:
    with office(f"local:{folder}") as one, office("mock:") as other:
        record = one.seal.seals()[0] if one.seal.seals() else one.office.license_seal  # type: ignore[union-attr]
        stamped = one.seal.stamp(world().document, record.seal_id, at=[Placement(page=1, x_mm=20, y_mm=20)])
        one.seal.verify(stamped).require()
        assert other.seal.verify(stamped).outcome is Outcome.FAILED


def test_two_offices_exchange_a_message_and_the_sender_can_prove_it() -> None:
    first, second = (
        OfficeSecrets.generate(name=name, code=code, at=NOW, random=seeded(code))
        for name, code in (("甲局", "11430000006122244L"), ("乙局", "11220000013544541J"))
    )
    offices = [
        LocalOffice("sqlite://", secrets=partial(_same, own), clock=lambda: NOW, trust=[other.root.certificate])
        for own, other in ((first, second), (second, first))
    ]
    sender, receiver = offices
    sender.node.meet([receiver.as_partner()])
    receiver.node.meet([sender.as_partner()])
    sender.node.connect("http", HandToHand(receiver.node.accept))
    handled = list[bytes]()

    @receiver.node.handler("s_1")
    def handle(connection: object, arrived: Arrived) -> None:
        handled.append(arrived.envelope.content)

    draft = Draft(to=Party(code=second.code), content=b"{}", service="s_1", purpose="核验", basis=("条例",))
    number = sender.exchange.send(draft).number
    sender.node.run_once()
    receiver.node.run_once()
    assert handled == [b"{}"]
    assert sender.node.find(number).receipted
    assert json.loads(sender.node.evidence(number))
    for office in offices:
        office.close()


def _same(secrets: OfficeSecrets) -> OfficeSecrets:
    return secrets


def test_tasks_reach_the_same_office(folder: Path) -> None:
    with office(f"local:{folder}") as gov:
        _, identifier = use_it(gov)

    async def go() -> None:
        async with connect_async(f"local:{folder}", environment=NOTHING, clock=lambda: NOW) as gov:
            assert len(await gov.seal.seals()) == 1
            assert await gov.exchange.messages() == ()
            assert (await gov.license.history(identifier))[-1].action is LicenseAction.REVOKE
            assert "code_challenge=" in (await gov.identity.begin()).url

    asyncio.run(go())


def test_the_package_itself_is_the_door() -> None:
    assert (egov_sdk.connect, egov_sdk.connect_async) == (connect, connect_async)
    with pytest.raises(AttributeError, match="nothing_like_that"):
        _ = egov_sdk.nothing_like_that  # type: ignore[attr-defined]


def test_a_platform_offers_what_the_connection_can_ask_for() -> None:
    with connect("https://platform.example/x", environment=NOTHING) as gov:
        assert (gov.name, gov.office) == ("https://platform.example/x", None)
        assert callable(gov.seal.stamp)
        assert callable(gov.license.issue)
        assert callable(gov.exchange.send)
        with pytest.raises(NotOffered, match="identity") as caught:
            _ = gov.identity
    assert caught.value.platform == "https://platform.example/x"


def test_a_connection_is_called_by_its_address() -> None:
    with connect("http://localhost:8080/x", environment=NOTHING) as gov:
        assert gov.name == "http://localhost:8080/x"


def test_a_platform_where_people_sign_in() -> None:
    settings = ClientSettings(client_id="a", redirect_uri="https://app.example/back", issuer="https://id.example")
    with connect("https://id.example", identity=settings, environment=NOTHING) as gov:
        assert callable(gov.identity.begin)
        assert gov.identity is gov.identity  # it remembers what the provider said of itself
        assert gov.license is gov.license

    async def go() -> None:
        async with connect_async("https://id.example", environment=NOTHING) as gov:
            with pytest.raises(NotOffered):
                _ = gov.identity
            assert callable(gov.license.issue)

    asyncio.run(go())


def test_who_signs_people_in_can_be_said_in_the_environment() -> None:
    environment = {
        "EGOV_CLIENT_ID": "hall",
        "EGOV_CLIENT_SECRET": "hush",
        "EGOV_REDIRECT_URI": "https://app.example/back",
    }
    with connect("https://id.example", identity_profile="guangdong", environment=environment) as gov:
        begun = gov.identity.begin()
        assert begun.redirect_uri == "https://app.example/back"
        assert "hall" in begun.url
        assert "hush" not in begun.url


@pytest.mark.parametrize("back", ["", "http://app.example/back", "https://app.example/#x"])
def test_an_application_that_cannot_be_is_told_without_its_secret(back: str) -> None:
    environment = {"EGOV_CLIENT_ID": "hall", "EGOV_CLIENT_SECRET": "hush", "EGOV_REDIRECT_URI": back}
    with pytest.raises(ConfigError, match="redirect_uri") as caught:
        connect("https://id.example", environment=environment)
    source = "the environment variable EGOV_REDIRECT_URI" if back else "the default"
    assert (caught.value.detail["setting"], caught.value.detail["source"]) == ("redirect_uri", source)
    assert "hush" not in str(caught.value)


def test_a_client_of_the_office_sees_what_the_office_sees(folder: Path) -> None:
    with office(f"local:{folder}") as gov:
        assert gov.office is not None
        assert "identity" in gov.office.client_settings().scopes


def test_a_profile_without_credentials_is_told() -> None:
    with pytest.raises(CredentialsMissing):
        connect("https://platform.example", profile="tif", environment=NOTHING)
    environment = {"EGOV_ID": "app", "EGOV_APP_SECRET": "hush", "EGOV_PROFILE": "egov-hmac-sm3"}
    with connect("https://platform.example", environment=environment) as gov:
        assert gov.gateway is not None
        assert gov.gateway.profile is not None
        assert gov.gateway.profile.name == "egov-hmac-sm3"
        assert "hush" not in repr(gov)


@pytest.mark.parametrize("where", ["data", "ftp://x", "local", "mock:there", "jdbc:x", "file:///etc/passwd"])
def test_a_place_that_is_none_is_told_with_its_source(where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        connect(where, environment=NOTHING)
    assert caught.value.detail["source"] == "the argument where"
    with pytest.raises(ConfigError) as caught:
        connect(environment={"EGOV_CONNECT": where})
    assert caught.value.detail["source"] == "the environment variable EGOV_CONNECT"
    assert caught.value.text is not None
    assert "（来自环境变量 EGOV_CONNECT）：" in caught.value.text.zh


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("where", "local:{file}"),
        ("where", "local:{file}/below"),
        ("where", "local:sqlite:///office.db"),
        ("where", "local:mysql://somebody@nowhere/db"),
        ("where", "local:postgresql://somebody@nowhere:port/db"),
        ("where", "https://"),
        ("where", "https://platform.example:99999"),
        ("where", "https://platform.example/?x=1"),
        ("profile", "tiff"),
        ("prefix", "egov v1?"),
        ("prefix", "egov"),
        ("key", "{file}"),
        ("key", "{file}.not-there"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_with_its_source(tmp_path: Path, setting: str, value: str) -> None:
    (tmp_path / "file").write_text("nothing of use")
    environment = {"EGOV_CONNECT": "https://platform.example", "EGOV_ID": "app", "EGOV_PROFILE": "egov-sm2"}
    variable = "EGOV_CONNECT" if setting == "where" else f"EGOV_{setting.upper()}"
    with pytest.raises(ConfigError) as caught:
        connect(environment={**environment, variable: value.format(file=tmp_path / "file")})
    assert caught.value.detail["setting"] == setting
    assert f"{setting} " in str(caught.value)
    assert f"the environment variable {variable}" in str(caught.value)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_the_key_of_an_account_is_told_like_every_other(tmp_path: Path) -> None:
    environment = {"EGOV_PROFILE": "shandong", "EGOV_ACCOUNT": "hall", "EGOV_KEY": str(tmp_path / "nothing.pem")}
    with pytest.raises(ConfigError, match="from the environment variable EGOV_KEY"):
        connect("https://platform.example", environment=environment)


def test_keys_that_cannot_be_kept_and_secrets_that_open_nothing_are_told_with_their_source(tmp_path: Path) -> None:
    gov = connect(f"local:{tmp_path}", keys=str(tmp_path), environment=NOTHING)
    with gov, pytest.raises(ConfigError, match="from the argument keys"):
        _ = gov.seal
    with connect(f"local:{tmp_path}", secret="right", environment=NOTHING) as gov:
        assert gov.seal.seals() == ()
    gov = connect(f"local:{tmp_path}", environment={"EGOV_SECRET": "wrong-one"})
    with gov, pytest.raises(KeyAccessError, match="the environment variable EGOV_SECRET") as caught:
        _ = gov.seal
    assert "wrong-one" not in str(caught.value)


@pytest.mark.parametrize(
    "where", ["local:postgresql://somebody:hush@nowhere/db", "local:postgresql://nowhere/db?password=hush"]
)
def test_nobody_reads_a_password_in_the_name_of_a_connection(where: str) -> None:
    with connect(where, keys="keys.json", environment=NOTHING) as gov:
        assert "hush" not in f"{gov} {gov.name}"


@pytest.mark.parametrize(
    "where",
    [
        "local:postgresql://somebody:hush@nowhere:port/db",
        "lcoal:postgresql://somebody:hush@nowhere/db",
        "local:postgresql:/somebody:hush@nowhere/db",
        "https:/somebody:hush@platform.example",
        "https//somebody:hush@platform.example",
        "http:somebody:hush@platform.example",
        "https:/platform.example/?token=hush",
        "somebody:hush@platform.example",
        "https://somebody:hush@platform.example",
        "https://platform.example/?token=hush",
    ],
)
def test_nobody_reads_a_password_in_the_error_of_a_place(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        connect(where, keys="keys.json", environment=NOTHING)
    assert "hush" not in repr(caught.value) + str(caught.value)
    assert not list(tmp_path.iterdir())  # a folder of that name


@pytest.mark.parametrize("where", ["local:./data@home", "local:data/of:2026", "mock:", "local:", "local:postgres-data"])
def test_a_folder_is_shown_as_it_is(where: str) -> None:
    assert shown_place(where) == where


def test_what_is_no_text_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="where is a text"):
        connect(tmp_path, environment=NOTHING)  # type: ignore[arg-type]


def test_a_file_of_settings_may_be_named_by_a_text_and_begin_with_a_mark_of_its_encoding(config: Path) -> None:
    config.write_bytes(b"\xef\xbb\xbf" + config.read_bytes())
    assert read_settings({}, environment={}, file=str(config))["where"].value == "mock:"


def test_a_file_of_settings_that_is_too_long_is_not_read_in_part(config: Path) -> None:
    config.write_text(config.read_text("utf-8") + "#" * (1 << 20) + "\nprofile = 'tif'\n", "utf-8")
    with pytest.raises(ConfigError, match="larger than"):
        connect(environment=NOTHING, config=config)


def test_postgresql_needs_a_file_for_the_keys() -> None:
    with pytest.raises(ConfigError) as caught:
        connect("local:postgresql://somebody@nowhere/db", environment=NOTHING)
    assert caught.value.detail["setting"] == "keys"


def test_a_code_that_is_none_is_told(folder: Path) -> None:
    with office(f"local:{folder}", code="1234") as gov, pytest.raises(ConfigError, match="credit code"):
        _ = gov.seal
    assert not (folder / "office.json").exists()


# settings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "egov.toml"
    path.write_text('[connect]\nwhere = "mock:"\ndepartment = "文件局"\n', "utf-8")
    return path


def test_an_argument_comes_before_the_environment_before_the_file_before_the_default(config: Path) -> None:
    environment = {"EGOV_DEPARTMENT": "环境局", "EGOV_CONNECT": ""}
    found = read_settings({"department": "参数局"}, environment=environment, file=config)
    assert (found["department"].value, found["where"].value) == ("参数局", "mock:")
    assert read_settings({}, environment=environment, file=config)["department"].value == "环境局"
    assert read_settings({}, environment={}, file=config)["department"].source.en == f"[connect] department of {config}"
    assert read_settings({}, environment={})["where"].source.en == "the default"


@pytest.mark.parametrize(
    "text",
    ["[connect", "[connect]\nwhere = 1", "[connect]\nplace = 'x'", "connect = 5", "\ud800", "[connect]\nwhere=1=2"],
)
def test_a_file_that_cannot_be_used_is_told(config: Path, text: str) -> None:
    config.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ConfigError) as caught:
        connect(environment=NOTHING, config=config)
    assert str(config) in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        connect(environment=NOTHING, config=tmp_path / "nothing.toml")


def test_a_file_in_another_encoding_is_told_what_it_should_be_in(config: Path) -> None:
    config.write_bytes(config.read_text("utf-8").encode("gb18030"))
    with pytest.raises(ConfigError, match="is not UTF-8"):
        connect(environment=NOTHING, config=config)


# secrets


def made() -> OfficeSecrets:
    return OfficeSecrets.generate(name="某局", code="11430000006122244L", at=NOW, random=seeded("office"))


@pytest.mark.parametrize("secret", ["", "一个口令"])
def test_secrets_are_read_as_they_were_written(secret: str) -> None:
    data = made().to_json(secret=secret)
    again = OfficeSecrets.from_json(data, secret=secret)
    assert again.to_json(random=seeded("x")) == made().to_json(random=seeded("x"))
    assert b"11430000006122244L" not in data or not secret
    assert repr(again).count("=") == 2


def test_secrets_are_for_their_owner_alone_and_are_never_half_there(tmp_path: Path) -> None:
    path = tmp_path / "a" / "office.json"
    first = OfficeSecrets.at(path, name="甲", code="11430000006122244L", now=NOW)
    second = OfficeSecrets.at(path, name="乙", code="11220000013544541J", now=NOW)
    assert (first.name, second.name) == ("甲", "甲")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["office.json"]


@pytest.mark.parametrize("given", ["", "another"])
def test_another_secret_opens_nothing(tmp_path: Path, given: str) -> None:
    path = tmp_path / "office.json"
    OfficeSecrets.at(path, name="甲", code="11430000006122244L", now=NOW, secret="right")
    with pytest.raises(KeyAccessError) as caught:
        OfficeSecrets.at(path, name="甲", code="11430000006122244L", now=NOW, secret=given)
    assert caught.value.code == "egov.door.secret"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b'{"form":2}',
        b'{"form":1,"rounds":0,"sealed":""}',
        b'{"form":1,"rounds":100000000000,"sealed":"","salt":"","nonce":""}',
        b'{"form":1,"rounds":1,"sealed":"*","salt":"","nonce":""}',
        made().to_json().replace(b'"maker"', b'"baker"'),
        made().to_json().replace(b'"form": 1', b'"form": 9'),
    ],
)
def test_what_is_no_file_of_secrets_is_told_and_stays_as_it_is(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "office.json"
    path.write_bytes(data)
    with pytest.raises(ParseError) as caught:
        OfficeSecrets.at(path, name="甲", code="11430000006122244L", now=NOW, secret="x")
    assert (caught.value.code, path.read_bytes()) == ("egov.door.secrets", data)


def test_an_office_needs_no_clock_of_its_own() -> None:
    with connect("mock:", environment=NOTHING) as gov:
        assert gov.office is not None
        assert gov.seal.seals() == ()
        assert gov.office.secrets.root.certificate.not_before < datetime.now(UTC)
