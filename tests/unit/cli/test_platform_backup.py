"""``egov platform backup``, ``restore``, ``upgrade`` and ``caller``, on a file and on a server."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import psycopg
import pytest

from egov_sdk.platform.standing import Standing
from egov_sdk.storage import open_store
from egov_sdk.storage.migrations import recorded_versions
from egov_sdk.testing.clock import Clock
from tests.golden import first_schema
from tests.postgres import Server, programs
from tests.unit.cli.calling import Egov

pytestmark = pytest.mark.usefixtures("cheap_passwords")

CODE = "11890000MT00000148"


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = programs()
    assert folder is not None
    monkeypatch.setenv("PATH", str(folder), prepend=":")


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORDS", "correct horse")


def new(postgres: Server, name: str) -> str:
    with psycopg.connect(f"host={postgres.folder} user=egov dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return postgres.url(name)


@cache
def _seeded(database: str = "") -> Path:
    """A province that was seeded once: that takes a while."""
    folder = Path(tempfile.mkdtemp(prefix="egov-seeded-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    standing = Standing.open(folder, url="http://localhost", clock=Clock(), database=database)
    standing.seed()
    standing.close()
    return folder


def made(folder: Path, database: str = "") -> Path:
    shutil.copytree(_seeded(database), folder)
    return folder


def test_a_folder_goes_there_and_back(egov: Egov, tmp_path: Path) -> None:
    folder, back, file = made(tmp_path / "p"), tmp_path / "q", tmp_path / "b"
    ran = egov("platform", "backup", str(file), "--folder", str(folder), "--passphrase-env", "WORDS", "--json")
    assert (ran.code, ran.json["manifest"]["kind"]) == (0, "sqlite")
    ran = egov("platform", "restore", str(file), "--folder", str(back), "--passphrase-env", "WORDS")
    assert (ran.code, "license" in ran.out) == (0, True)
    again = egov("platform", "restore", str(file), "--folder", str(back), "--passphrase-env", "WORDS")
    assert (again.code, "egov.platform.restore_target" in again.err) == (1, True)
    moved = egov("platform", "restore", str(file), "--folder", str(back), "--passphrase-env", "WORDS", "--replace")
    assert (moved.code, "q.before-" in moved.err) == (0, True)
    assert egov("platform", "backup", str(file), "--folder", str(folder), "--passphrase-env", "WORDS").code == 2


def test_keys_kept_apart_are_asked_for(egov: Egov, tmp_path: Path) -> None:
    folder, file = made(tmp_path / "p"), tmp_path / "b"
    ran = egov("platform", "backup", str(file), "--folder", str(folder), "--without-keys")
    assert (ran.code, "office.json" in ran.err) == (0, True)
    arguments = ("platform", "restore", str(file), "--folder", str(tmp_path / "q"))
    assert "egov.platform.backup_keys" in egov(*arguments, "--passphrase-env", "WORDS").err
    assert egov(*arguments, "--keys", str(folder / "office.json")).code == 0


def test_a_server_goes_there_and_back(egov: Egov, tmp_path: Path, postgres: Server, tools: None) -> None:
    first, second = new(postgres, "first"), new(postgres, "second")
    folder, back, file = made(tmp_path / "p", first), tmp_path / "q", tmp_path / "b"
    where = ("--folder", str(folder), "--database", first, "--passphrase-env", "WORDS")
    ran = egov("platform", "backup", str(file), *where, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["manifest"]["kind"] == "postgresql"
    full = egov(
        "platform", "restore", str(file), "--folder", str(back), "--database", first, "--passphrase-env", "WORDS"
    )
    assert (full.code, "egov.platform.restore_target" in full.err, back.exists()) == (1, True, False)
    target = ("--folder", str(back), "--database", second)
    assert egov("platform", "restore", str(file), *target, "--passphrase-env", "WORDS").code == 0
    forgotten = egov("platform", "caller", "list", "--folder", str(back))
    assert (forgotten.code, "postgresql://…@/second" in forgotten.err) == (2, True)
    listed = egov("platform", "caller", "list", *target, "--json")
    assert [one["id"] for one in listed.json["callers"]] == ["hall", "office"]
    assert egov("audit", "verify", second).code == 0


@pytest.mark.parametrize(
    "command",
    [
        ("serve",),
        ("serve", "--no-seed", "--workers", "2"),
        ("mock",),
        ("caller", "list"),
        ("caller", "add", "x", "--department", "d", "--code", CODE, "--by", "zhang"),
        ("staff", "list"),
        ("staff", "add", "zhang", "--power", "admin"),
        ("upgrade",),
        ("backup", "never.egov", "--without-keys"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("remembers", [True, False])
def test_no_command_begins_a_database_beside_the_one_on_the_server(
    egov: Egov,
    tmp_path: Path,
    postgres: Server,
    command: tuple[str, ...],
    remembers: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "p"
    Standing.open(folder, url="http://localhost", clock=Clock(), database=postgres.place()).close()
    if not remembers:  # as an earlier version left it
        (folder / "database.txt").unlink()
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    for lang, words in (("en", "EGOV_DATABASE"), ("zh", "数据库")):
        ran = egov("platform", *command, "--folder", str(folder), "--lang", lang)
        assert (ran.code, "egov.door.database" in ran.err, words in ran.err) == (2, True, True)
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == before
    assert [one.name for one in tmp_path.iterdir()] == ["p"]


def test_licences_are_not_looked_for_beside_the_database_on_the_server(
    egov: Egov, tmp_path: Path, postgres: Server
) -> None:
    Standing.open(tmp_path, url="http://localhost", clock=Clock(), database=postgres.place()).close()
    for command in (("types",), ("new-type", "types.toml")):
        assert egov("license", *command, "--office", f"local:{tmp_path}").code == 2
    assert sorted(one.name for one in tmp_path.iterdir()) == ["database.txt", "office.json"]


def test_a_backup_is_restored_into_what_it_is_of(egov: Egov, tmp_path: Path, postgres: Server, tools: None) -> None:
    url = new(postgres, "of_its_kind")
    kinds = {"sqlite": made(tmp_path / "p"), "postgresql": made(tmp_path / "s", url)}
    for kind, other in (("sqlite", ("--database", url)), ("postgresql", ())):
        file, back = tmp_path / f"{kind}.egov", tmp_path / f"back-{kind}"
        own = ("--database", url) if kind == "postgresql" else ()
        words = ("--passphrase-env", "WORDS")
        assert egov("platform", "backup", str(file), "--folder", str(kinds[kind]), *own, *words).code == 0
        ran = egov("platform", "restore", str(file), "--folder", str(back), *other, *words)
        assert (ran.code, "it is a backup of" in ran.err, back.exists()) == (2, True, False)


def test_a_server_without_its_programs_is_told(
    egov: Egov, tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new(postgres, "third")
    folder = made(tmp_path / "p", database)
    monkeypatch.setenv("PATH", str(tmp_path))
    where = ("--folder", str(folder), "--database", database, "--passphrase-env", "WORDS")
    ran = egov("platform", "backup", str(tmp_path / "b"), *where)
    assert (ran.code, "pg_dump is not installed" in ran.err, (tmp_path / "b").exists()) == (2, True, False)


def test_an_old_database_is_brought_up_to_date(egov: Egov, tmp_path: Path) -> None:
    with open_store(tmp_path / "province.db") as store:
        first_schema.build(store)
    ran = egov("platform", "upgrade", "--folder", str(tmp_path), "--json")
    assert (ran.code, ran.json["upgraded"]["node"][:1]) == (0, "1")
    assert egov("platform", "upgrade", "--folder", str(tmp_path), "--json").json["upgraded"] == {}
    (tmp_path / "office.db").write_bytes(b"")
    assert egov("platform", "upgrade", "--folder", str(tmp_path)).code == 2


def test_only_the_office_s_own_database_is_brought_up_to_date(egov: Egov, tmp_path: Path, postgres: Server) -> None:
    own, empty = new(postgres, "own"), new(postgres, "nobodys")
    folder, other = made(tmp_path / "p", own), made(tmp_path / "other")
    upgrade = ("platform", "upgrade", "--database", own, "--json")
    assert egov(*upgrade, "--folder", str(folder)).json["upgraded"] == {}
    for elsewhere in (other, tmp_path / "nothing"):
        ran = egov(*upgrade, "--folder", str(elsewhere))
        assert (ran.code, ran.json["error"]["code"]) == (2, "egov.door.database")
    assert egov(*upgrade, "--folder", str(other), "--keys", str(folder / "office.json")).code == 0
    forgotten = egov("platform", "upgrade", "--database", empty, "--folder", str(folder))
    assert (forgotten.code, "egov.door.database" in forgotten.err) == (2, True)
    assert egov("platform", "upgrade", "--database", empty, "--folder", str(tmp_path / "nothing")).code == 0
    with open_store(empty) as store, store.read() as connection:
        assert recorded_versions(connection) == {}


def test_partners_are_backed_up_and_whoever_restores_them_is_told(egov: Egov, tmp_path: Path) -> None:
    folder, back, file = made(tmp_path / "p"), tmp_path / "q", tmp_path / "b"
    card = egov("platform", "card", "https://zheng.example.cn", "--folder", str(folder)).out
    (folder / "partners.toml").write_text(card, "utf-8")
    words = ("--passphrase-env", "WORDS")
    ran = egov("platform", "backup", str(file), "--folder", str(folder), *words, "--lang", "zh")
    assert (ran.code, "partners.toml" in ran.out) == (0, True)
    for number, (lang, said) in enumerate((("en", "move partners.toml away"), ("zh", "请移走 partners.toml"))):
        where = ("--folder", f"{back}{number}")
        ran = egov("platform", "restore", str(file), *where, *words, "--lang", lang)
        assert (ran.code, said in ran.err) == (0, True)
    assert (tmp_path / "q0" / "partners.toml").read_text("utf-8") == card
    (folder / "partners.toml").write_text("[[partner]]", "utf-8")
    ran = egov("platform", "backup", str(tmp_path / "c"), "--folder", str(folder), *words, "--json")
    assert (ran.code, ran.json["error"]["code"], (tmp_path / "c").exists()) == (2, "egov.platform.partners", False)


def test_what_goes_wrong_is_told_in_words_that_help(
    egov: Egov, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, file = made(tmp_path / "p"), tmp_path / "b"
    backup = ("platform", "backup", str(file), "--folder", str(folder), "--passphrase-env", "WORDS")
    restore = ("platform", "restore", str(file), "--passphrase-env", "WORDS", "--folder")
    assert egov(*backup).code == 0
    again = egov(*backup, "--lang", "zh")
    assert (again.code, "已存在" in again.err, "--force" in again.err) == (2, True, False)
    nowhere = egov(*restore, str(tmp_path / "nowhere" / "q"), "--lang", "zh")
    assert (nowhere.code, "没有文件夹" in nowhere.err, "restoring" in nowhere.err) == (2, True, False)
    monkeypatch.setenv("WORDS", "other words")
    for lang, said in (("en", "the keys in the backup"), ("zh", "备份中的密钥")):
        ran = egov(*restore, str(tmp_path / "q"), "--lang", lang)
        assert (ran.code, said in ran.err, "secret=" in ran.err) == (4, True, False)
    away = ("--database", "postgresql://x@127.0.0.1:1/db")
    for lang, said in (("en", "cannot be opened"), ("zh", "无法打开数据库")):
        ran = egov("platform", "caller", "list", "--folder", str(folder), *away, "--lang", lang)
        assert (ran.code, said in ran.err) == (4, True)


def test_keys_that_are_encrypted_are_told_with_where_their_secret_goes(
    egov: Egov, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Standing.open(tmp_path / "p", url="http://localhost", clock=Clock(), secret="hush").close()
    for secret, said in (("", "已加密"), ("wrong", "不能打开")):
        monkeypatch.setenv("EGOV_SECRET", secret)
        for command in (("platform", "upgrade", "--folder"), ("license", "types", "--office")):
            where = str(tmp_path / "p") if command[0] == "platform" else f"local:{tmp_path / 'p'}"
            ran = egov(*command, where, "--lang", "zh")
            assert (ran.code, said in ran.err, "EGOV_SECRET" in ran.err) == (4, True, True)


def test_an_office_whose_keys_lie_elsewhere_is_backed_up(egov: Egov, tmp_path: Path) -> None:
    folder, file = made(tmp_path / "p"), tmp_path / "b"
    keys = (folder / "office.json").rename(tmp_path / "keys.json")
    arguments = ("platform", "backup", str(file), "--folder", str(folder), "--passphrase-env", "WORDS")
    assert egov(*arguments).code == 2
    assert egov(*arguments, "--keys", str(keys)).code == 0


def test_a_caller_is_let_in_granted_rotated_and_locked_out(egov: Egov, tmp_path: Path) -> None:
    where = ("--folder", str(made(tmp_path / "p")))
    add = ("platform", "caller", "add", "desk", "--department", "样例市档案馆", "--code", CODE, *where)
    ran = egov(*add, "--by", "zhang", "--json")
    secret = ran.json["secret"]
    assert (ran.code, len(secret)) == (0, 48)
    refused = egov("platform", "caller", "grant", "desk", "--role", "use", "--by", "zhang", *where)
    assert (refused.code, "egov.platform.same_person" in refused.err) == (1, True)
    assert egov("platform", "caller", "grant", "desk", "--role", "use", "--by", "li", *where).code == 0
    rotated = egov("platform", "caller", "rotate", "desk", "--overlap-days", "0", "--by", "zhang", *where)
    assert (rotated.code, secret in rotated.out + rotated.err) == (0, False)
    assert egov("platform", "caller", "disable", "desk", "--by", "zhang", *where).code == 0
    listed = egov("platform", "caller", "list", *where)
    assert (listed.code, secret in listed.out, "desk" in listed.out) == (0, False, True)
    assert egov("platform", "caller", "enable", "desk", "--by", "li", *where).code == 0
    found = {one["id"]: one for one in egov("platform", "caller", "list", *where, "--json").json["callers"]}
    assert (found["desk"]["state"], found["desk"]["roles"]) == ("active", ["use"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "x", "--department", "d", "--code", "1", "--by", "a"),
        ("add", "x y", "--department", "d", "--code", CODE, "--by", "a"),
        ("add", "x", "--department", "d", "--code", CODE, "--by", "a", "--days", "-1"),
        ("grant", "hall", "--role", "king", "--by", "a"),
        ("rotate", "hall", "--by", ""),
        ("rotate", "hall", "--by", "a", "--overlap-days", "-1"),
    ],
)
def test_what_makes_no_sense_is_told(egov: Egov, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert egov("platform", "caller", *arguments, "--folder", str(made(tmp_path / "p"))).code == 2


def test_a_folder_without_a_province_is_told_and_not_made(egov: Egov, tmp_path: Path) -> None:
    assert egov("platform", "caller", "list", "--folder", str(tmp_path / "p")).code == 2
    assert not (tmp_path / "p").exists()


def test_who_works_at_the_console_has_the_same_power_on_the_command_line(egov: Egov, tmp_path: Path) -> None:
    where = ("--folder", str(made(tmp_path / "p")))
    for name, power in (("zhang", "admin"), ("li", "operator"), ("wang", "auditor")):
        assert egov("platform", "staff", "add", name, "--power", power, *where).code == 0
    add = ("platform", "caller", "add", "desk", "--department", "样例市档案馆", "--code", CODE, *where)
    grant = ("platform", "caller", "grant", "desk", "--role", "use", *where)
    for command, name in ((add, "li"), (add, "wang"), (add, "ＬＩ"), (grant, "zhang"), (grant, "Wang")):
        ran = egov(*command, "--by", name)
        assert (ran.code, "egov.platform.power_missing" in ran.err) == (1, True)
    assert [egov(*command, "--by", name).code for command, name in ((add, "zhang"), (grant, "li"))] == [0, 0]
