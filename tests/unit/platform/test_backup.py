"""Backups: one state of an office at work, and nothing that was changed, cut or made elsewhere is restored."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import httpx
import pytest

from egov_sdk.crypto import sm3
from egov_sdk.door.secrets import OfficeSecrets
from egov_sdk.errors import ConfigError, EgovError, KeyAccessError
from egov_sdk.gateway import in_process
from egov_sdk.license.model import License
from egov_sdk.license.present.status_list import StatusList, read_status_list
from egov_sdk.license.states import LicenseState
from egov_sdk.platform.backup import make_backup, restore_backup, restoring
from egov_sdk.platform.backup.manifest import DATABASE, KEYS, LIST, SIGNATURE, Manifest, Part
from egov_sdk.platform.partners import partner_card, read_partners
from egov_sdk.platform.problems import ProvinceRejected
from egov_sdk.platform.register.callers import AUDIT_CHAIN
from egov_sdk.platform.seeding import person_draft, seeded_people
from egov_sdk.platform.standing import Standing
from egov_sdk.report import Outcome
from egov_sdk.report_words import message_of
from egov_sdk.storage import AuditLog, StorageError, open_store, verify_audit
from egov_sdk.storage.audit import audit_chains
from egov_sdk.storage.migrations import recorded_versions
from egov_sdk.testing.clock import Clock
from tests.golden import first_schema

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
WORDS = "correct horse"


def _standing(folder: Path) -> Standing:
    return Standing.open(folder, url="http://localhost", clock=Clock())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an office ``p`` and its backup ``b``."""
    home = tmp_path_factory.mktemp("made")
    standing = _standing(home / "p")
    standing.seed()
    make_backup(
        home / "b", database=home / "p" / "province.db", secrets=standing.office.secrets, at=AT, passphrase=WORDS
    )
    standing.close()
    return home


def issued(standing: Standing) -> License:
    person = seeded_people()[2]
    (kind,) = (one for one in standing.office.license.types() if "证书" in one.name)
    draft = person_draft(kind, number="R-1", at=Clock()(), name=person.name, code=person.number)
    return standing.office.license.issue(draft)


def test_who_serves_while_a_backup_is_restored_writes_nothing_more_until_it_opens_what_is_there_now(
    made: Path, tmp_path: Path
) -> None:
    restore_backup(made / "b", tmp_path / "p", at=AT, passphrase=WORDS)
    serving = _standing(tmp_path / "p")
    try:
        served = in_process.transport(serving.app(profile="egov-hmac-sm3"))
        with httpx.Client(transport=served, base_url="http://localhost") as client:
            assert client.get("/health").status_code == 200
            restored = restore_backup(made / "b", tmp_path / "p", at=AT, passphrase=WORDS, replace=True)
            assert client.get("/health").status_code == 503
        with pytest.raises(StorageError) as caught:
            issued(serving)
        assert caught.value.code == "egov.storage.replaced"
    finally:
        serving.close()
    assert restored.moved is not None
    again = _standing(tmp_path / "p")
    try:
        assert issued(again).state is LicenseState.VALID
    finally:
        again.close()


def test_the_lists_of_a_register_that_was_restored_follow_all_that_were_met_before(made: Path, tmp_path: Path) -> None:
    restore_backup(made / "b", tmp_path / "p", at=AT, passphrase=WORDS)

    def next_list(folder: Path, clock: Clock) -> StatusList:
        standing = Standing.open(folder, url="http://localhost", clock=clock)
        try:
            types = standing.office.license.types()
            return read_status_list(standing.office.license.status_list(types[0].code))
        finally:
            standing.close()

    clock = Clock()
    last = [next_list(tmp_path / "p", clock) for _ in range(3)][-1]
    clock.tick(seconds=1)
    restore_backup(made / "b", tmp_path / "q", at=AT, passphrase=WORDS)
    again = next_list(tmp_path / "q", clock)
    assert again.list_id == last.list_id
    assert again.sequence > last.sequence


def test_the_log_tells_that_a_backup_was_restored_and_where_each_log_had_ended(made: Path, tmp_path: Path) -> None:
    restored = restore_backup(made / "b", tmp_path / "q", at=AT, passphrase=WORDS)
    with open_store(tmp_path / "q" / "province.db") as store, store.read() as connection:
        (last,) = AuditLog(AUDIT_CHAIN).newest(connection, limit=1)
        assert verify_audit(connection, AUDIT_CHAIN, at=AT).outcome is Outcome.PASSED
    assert (last.action, last.at, last.detail["made_at"]) == ("office.restored", AT, AT.isoformat())
    assert last.detail["ended"] == {one.chain: one.number for one in restored.manifest.heads}


@pytest.fixture
def secrets(made: Path) -> OfficeSecrets:
    return OfficeSecrets.from_json((made / "p" / "office.json").read_bytes())


def rewritten(backup: Path, target: Path, changes: dict[str, bytes | None]) -> Path:
    """The backup with other members; None takes one away."""
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = changes.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def resigned(backup: Path, target: Path, secrets: OfficeSecrets, change: Callable[[Manifest], Manifest]) -> Path:
    """The backup with another list, signed as it should be."""
    with zipfile.ZipFile(backup) as old:
        manifest = change(Manifest.model_validate_json(old.read(LIST)))
    octets, signature = manifest.signed(secrets)
    return rewritten(backup, target, {LIST: octets, SIGNATURE: signature})


def refused(backup: Path, folder: Path, **more: object) -> EgovError:
    with pytest.raises(EgovError) as caught:
        restore_backup(backup, folder, at=AT, **({"passphrase": WORDS} | more))  # type: ignore[arg-type]
    assert not folder.exists()
    assert list(folder.parent.glob(".*restoring*")) == []
    return caught.value


def test_an_office_is_back_as_it_was(made: Path, tmp_path: Path) -> None:
    assert stat.S_IMODE((made / "b").stat().st_mode) == 0o600
    restored = restore_backup(made / "b", tmp_path / "q", at=AT, passphrase=WORDS)
    assert (restored.moved, restored.upgraded, restored.manifest.made_at) == (None, {}, AT)
    assert stat.S_IMODE((tmp_path / "q").stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "q").iterdir()} == {0o600}
    before, after = _standing(made / "p"), _standing(tmp_path / "q")
    try:
        assert after.register.records() == before.register.records()
        assert after.office.license.statistics() == before.office.license.statistics()
        assert after.office.seal.seals() == before.office.seal.seals()
        hall = after.callers.find("hall")
        assert hall is not None
        assert hall.secrets == (before.secrets()["hall"],)
        assert sum(one.count for one in after.office.license.statistics()) == 2
    finally:
        before.close()
        after.close()


def test_no_key_lies_in_a_backup_in_the_clear(made: Path, secrets: OfficeSecrets) -> None:
    with zipfile.ZipFile(made / "b") as packed:
        content = b"".join(packed.read(name) for name in packed.namelist())
    for key in (secrets.data_key, secrets.seal_key, secrets.search_key, secrets.token[0].to_der()):
        assert key not in content
    assert json.loads((made / "p" / "office.json").read_bytes())["data_key"].encode() not in content


def test_it_is_one_state_of_a_database_that_is_written_to(tmp_path: Path, secrets: OfficeSecrets) -> None:
    path, log, ended = tmp_path / "office.db", AuditLog("x"), threading.Event()
    with open_store(path) as store:
        store.prepare(at=AT)

        def write_one() -> None:
            with store.write(durable=False) as connection:
                log.append(connection, at=AT, actor="a", action="b", subject="c" * 500)

        def write() -> None:
            while not ended.is_set():
                write_one()

        write_one()
        writer = threading.Thread(target=write)
        writer.start()
        try:
            manifests = [
                make_backup(tmp_path / f"b{number}", database=path, secrets=secrets, at=AT, passphrase=WORDS)
                for number in range(3)
            ]
        finally:
            ended.set()
            writer.join()
    for number, manifest in enumerate(manifests):
        folder = tmp_path / f"q{number}"
        assert restore_backup(tmp_path / f"b{number}", folder, at=AT, passphrase=WORDS).manifest == manifest
        with open_store(folder / "office.db") as back, back.read() as connection:
            (head,) = (one for one in audit_chains(connection) if one.chain != AUDIT_CHAIN)
        assert (head.number, head.digest.hex()) == (manifest.heads[0].number, manifest.heads[0].digest)


def test_no_changed_octet_goes_unnoticed(made: Path, tmp_path: Path) -> None:
    whole = (made / "b").read_bytes()
    with zipfile.ZipFile(made / "b") as packed:
        starts = [one.header_offset for one in packed.infolist()]
    places = [place for start in starts for place in range(start + 30, start + 200, 61)]
    places += range(0, len(whole), len(whole) // 25)
    codes = []
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 0x21
        (tmp_path / "b").write_bytes(changed)
        code = tried(tmp_path / "b", tmp_path / f"q{place}")
        codes.append(code)
        assert code.startswith(("egov.platform.backup_", "egov.door.secret")) or not code, place
        assert (tmp_path / f"q{place}").exists() == (not code)
        if not code:
            # a date or an attribute of the archive: what was listed is there, octet for octet
            with zipfile.ZipFile(tmp_path / "b") as packed, zipfile.ZipFile(made / "b") as first:
                assert all(packed.read(name) == first.read(name) for name in first.namelist())
    assert len([code for code in codes if code]) > len(places) * 2 // 3


def tried(backup: Path, folder: Path) -> str:
    """The code with which it was refused; empty where it was restored."""
    try:
        restore_backup(backup, folder, at=AT, passphrase=WORDS)
    except EgovError as error:
        return error.code
    return ""


@pytest.mark.parametrize("kept", [0, 1, 30, 1000, 0.5, 0.99, -1])
def test_a_backup_that_was_cut_is_refused(made: Path, tmp_path: Path, kept: float) -> None:
    whole = (made / "b").read_bytes()
    length = int(kept * len(whole)) if isinstance(kept, float) else kept % len(whole)
    (tmp_path / "b").write_bytes(whole[:length])
    assert refused(tmp_path / "b", tmp_path / "q").code == "egov.platform.backup_damaged"


@pytest.mark.parametrize("member", [LIST, SIGNATURE, DATABASE, KEYS])
@pytest.mark.parametrize(
    ("at", "octets"),
    [
        pytest.param(8, b"\x01\x00", id="says to be encrypted"),
        pytest.param(10, b"\x0c\x00", id="says to be of another compression"),
        pytest.param(10, b"\x0e\x00", id="says to be of a third compression"),
        pytest.param(42, b"\xff\xff\xff\xff", id="lies nowhere"),
    ],
)
def test_a_directory_that_says_something_else_is_damage(
    made: Path, tmp_path: Path, member: str, at: int, octets: bytes
) -> None:
    whole = bytearray((made / "b").read_bytes())
    entry = whole.rindex(member.encode()) - 46
    assert whole[entry : entry + 4] == b"PK\x01\x02"
    whole[entry + at : entry + at + len(octets)] = octets
    (tmp_path / "b").write_bytes(whole)
    assert refused(tmp_path / "b", tmp_path / "q").code == "egov.platform.backup_damaged"


@pytest.mark.parametrize("file", ["../q.db", "/q.db", "..", ".", "a/q.db", "", KEYS, "q" * 200])
def test_a_database_is_put_into_its_folder_and_nowhere_else(
    made: Path, tmp_path: Path, secrets: OfficeSecrets, file: str
) -> None:
    changed = resigned(made / "b", tmp_path / "b", secrets, lambda old: old.model_copy(update={"file": file}))
    assert refused(changed, tmp_path / "q").code == "egov.platform.backup_damaged"
    assert [one.name for one in tmp_path.iterdir()] == ["b"]


@pytest.mark.parametrize("member", [LIST, SIGNATURE, DATABASE, KEYS])
def test_a_backup_without_a_part_is_refused(made: Path, tmp_path: Path, member: str) -> None:
    changed = rewritten(made / "b", tmp_path / "b", {member: None})
    code = "backup_keys" if member == KEYS else "backup_damaged"
    assert refused(changed, tmp_path / "q").code == f"egov.platform.{code}"


def test_a_database_in_place_of_the_listed_one_is_refused(made: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(made / "b") as packed:
        content = packed.read(DATABASE)
    for other in (content + b"\0", content[:-1], b""):
        changed = rewritten(made / "b", tmp_path / "b", {DATABASE: other})
        error = refused(changed, tmp_path / "q")
        assert error.code == "egov.platform.backup_damaged"
        assert message_of(error, "zh") == f"备份已损坏：{DATABASE} 与清单不符"


def test_a_backup_of_another_office_is_refused(made: Path, tmp_path: Path) -> None:
    other = OfficeSecrets.generate(name="别处", code="x", at=AT)
    (tmp_path / "keys").write_bytes(other.to_json())
    assert refused(made / "b", tmp_path / "q", keys=tmp_path / "keys").code == "egov.platform.backup_foreign"
    # a stranger's keys under the right passphrase, and a stranger's list with a stranger's signature
    strange = rewritten(made / "b", tmp_path / "b", {KEYS: other.to_json(secret=WORDS)})
    assert refused(strange, tmp_path / "q").code == "egov.platform.backup_foreign"
    assert refused(resigned(made / "b", tmp_path / "c", other, lambda one: one), tmp_path / "q").code == (
        "egov.platform.backup_foreign"
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.model_copy(update={"versions": one.versions | {"seal": 99}}),
        lambda one: one.model_copy(update={"versions": one.versions | {"tomorrow": 1}}),
        lambda one: one.model_copy(update={"form": 3}),
    ],
)
def test_a_backup_of_a_later_version_is_refused(
    made: Path, tmp_path: Path, secrets: OfficeSecrets, change: Callable[[Manifest], Manifest]
) -> None:
    newer = resigned(made / "b", tmp_path / "b", secrets, change)
    assert refused(newer, tmp_path / "q").code == "egov.platform.backup_newer"


def test_a_log_that_ended_elsewhere_is_refused(made: Path, tmp_path: Path, secrets: OfficeSecrets) -> None:
    def shorter(one: Manifest) -> Manifest:
        heads = tuple(head.model_copy(update={"number": head.number + 1}) for head in one.heads)
        return one.model_copy(update={"heads": heads})

    changed = resigned(made / "b", tmp_path / "b", secrets, shorter)
    assert refused(changed, tmp_path / "q").code == "egov.platform.backup_audit"


def test_another_passphrase_opens_nothing(made: Path, tmp_path: Path) -> None:
    for words in ("wrong", ""):
        assert isinstance(refused(made / "b", tmp_path / "q", passphrase=words), KeyAccessError)


def test_keys_may_be_kept_apart(made: Path, tmp_path: Path, secrets: OfficeSecrets) -> None:
    make_backup(tmp_path / "b", database=made / "p" / "province.db", secrets=secrets, at=AT)
    assert refused(tmp_path / "b", tmp_path / "q").code == "egov.platform.backup_keys"
    restore_backup(tmp_path / "b", tmp_path / "q", at=AT, keys=made / "p" / "office.json")
    assert OfficeSecrets.from_json((tmp_path / "q" / "office.json").read_bytes()).data_key == secrets.data_key


def test_keys_are_encrypted_again_where_that_is_wanted(made: Path, tmp_path: Path) -> None:
    restore_backup(made / "b", tmp_path / "q", at=AT, passphrase=WORDS, secret="other words")
    with pytest.raises(KeyAccessError):
        _standing(tmp_path / "q")
    Standing.open(tmp_path / "q", url="http://localhost", clock=Clock(), secret="other words").close()


def test_nothing_that_is_there_is_overwritten(made: Path, tmp_path: Path, secrets: OfficeSecrets) -> None:
    place = made / "p" / "province.db"
    (tmp_path / "b").write_text("mine")
    with pytest.raises(FileExistsError):
        make_backup(tmp_path / "b", database=place, secrets=secrets, at=AT)
    folder = tmp_path / "q"
    folder.mkdir()
    (folder / "mine").write_text("mine")
    with pytest.raises(ProvinceRejected) as caught:
        restore_backup(made / "b", folder, at=AT, passphrase=WORDS)
    assert caught.value.problem == "restore_target"
    assert [one.name for one in folder.iterdir()] == ["mine"]
    restored = restore_backup(made / "b", folder, at=AT, passphrase=WORDS, replace=True)
    assert restored.moved is not None
    assert (restored.moved / "mine").read_text() == "mine"
    assert sorted(one.name for one in folder.iterdir()) == ["office.json", "province.db"]


def test_a_backup_of_the_first_release_is_restored_and_brought_up_to_date(
    tmp_path: Path, secrets: OfficeSecrets
) -> None:
    with open_store(tmp_path / "old.db") as store:
        first_schema.build(store)
        with store.write() as connection:
            # rows that were made up are no log
            connection.exec_driver_sql("DROP TRIGGER storage_audit_no_delete")
            connection.exec_driver_sql("DELETE FROM storage_audit")
            connection.exec_driver_sql("DELETE FROM storage_audit_heads")
    make_backup(tmp_path / "b", database=tmp_path / "old.db", secrets=secrets, at=AT, passphrase=WORDS)
    restored = restore_backup(tmp_path / "b", tmp_path / "q", at=AT, passphrase=WORDS)
    assert restored.upgraded["license"] == (1, 3)
    with open_store(tmp_path / "q" / "old.db") as store, store.read() as connection:
        assert recorded_versions(connection)["license"] == 3


@pytest.fixture
def partners(tmp_path: Path, made: Path) -> Path:
    """A file of partners, both of which name one file in a folder, by two names."""
    standing = _standing(made / "p")
    folder = tmp_path / "own"
    (folder / "ca").mkdir(parents=True)
    (folder / "ca" / "root.pem").write_bytes(standing.office.secrets.root.certificate.to_pem())
    card = partner_card(standing.office, where="folder:/mnt/share").partition("roots = ")[0]
    standing.close()
    rows = [card + 'roots = "ca/root.pem"\n', card + 'system = "two"\nroots = "./ca/../ca/root.pem"\n']
    (folder / "partners.toml").write_text("# ours\n" + "\n".join(rows), "utf-8")
    return folder / "partners.toml"


def backed_up(made: Path, target: Path, secrets: OfficeSecrets, partners: Path) -> Manifest:
    place = made / "p" / "province.db"
    return make_backup(target, database=place, secrets=secrets, at=AT, passphrase=WORDS, partners=partners)


def test_partners_go_along_with_what_they_name(
    made: Path, tmp_path: Path, secrets: OfficeSecrets, partners: Path
) -> None:
    manifest = backed_up(made, tmp_path / "b", secrets, partners)
    assert [name for name in manifest.parts if "/" in name] == ["partners/ca/root.pem", "partners/partners.toml"]
    folder = tmp_path / "q"
    restore_backup(tmp_path / "b", folder, at=AT, passphrase=WORDS)
    for name in ("partners.toml", "ca/root.pem"):
        assert (folder / name).read_bytes() == (partners.parent / name).read_bytes()
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "ca").stat().st_mode) == 0o700
    assert read_partners(folder / "partners.toml").known == read_partners(partners).known
    _standing(folder).close()


def test_where_there_are_no_partners_none_go_along(made: Path, tmp_path: Path, secrets: OfficeSecrets) -> None:
    assert set(backed_up(made, tmp_path / "b", secrets, tmp_path / "partners.toml").parts) == {DATABASE, KEYS}


def test_partners_that_cannot_be_used_are_told_and_nothing_is_left(
    made: Path, tmp_path: Path, secrets: OfficeSecrets, partners: Path
) -> None:
    root = partners.parent / "ca" / "root.pem"
    pem, key = root.read_bytes(), secrets.token[0].to_pem()
    for content in (pem + key, key + pem, b"", (made / "p" / "office.json").read_bytes()):
        root.write_bytes(content)
        with pytest.raises(ConfigError, match=r"roots, from \[\[partner\]\] 1 of"):
            backed_up(made, tmp_path / "b", secrets, partners)
    assert [one.name for one in tmp_path.iterdir()] == ["own"]


@pytest.mark.parametrize(
    "name",
    [
        "partners.toml",
        "partners/",
        "partners/../x.pem",
        "partners//x.pem",
        "partners/./x.pem",
        "partners/a\\..\\x.pem",
        "partners/C:x.pem",
        "partners/province.db",
        "partners/province.db/x.pem",
        "../x.pem",
        "/x.pem",
    ],
)
def test_what_goes_along_is_put_into_its_folder_and_over_nothing(
    made: Path, tmp_path: Path, secrets: OfficeSecrets, name: str
) -> None:
    with zipfile.ZipFile(made / "b") as packed:
        manifest, content = Manifest.model_validate_json(packed.read(LIST)), packed.read(SIGNATURE)
    parts = manifest.parts | {name: Part(length=len(content), sm3=sm3(content).hex())}
    octets, signature = manifest.model_copy(update={"parts": parts}).signed(secrets)
    changed = rewritten(made / "b", tmp_path / "b", {LIST: octets, SIGNATURE: signature})
    with zipfile.ZipFile(changed, "a") as packed:
        packed.writestr(name, content)
    assert refused(changed, tmp_path / "q").code == "egov.platform.backup_damaged"
    assert [one.name for one in tmp_path.iterdir()] == ["b"]


def test_a_backup_of_the_first_form_is_restored(made: Path, tmp_path: Path, secrets: OfficeSecrets) -> None:
    old = resigned(made / "b", tmp_path / "b", secrets, lambda one: one.model_copy(update={"form": 1}))
    assert restore_backup(old, tmp_path / "q", at=AT, passphrase=WORDS).manifest.form == 1
    none = resigned(made / "b", tmp_path / "c", secrets, lambda one: one.model_copy(update={"form": 0}))
    assert refused(none, tmp_path / "r").code == "egov.platform.backup_newer"


def test_a_damaged_database_is_not_backed_up(made: Path, tmp_path: Path, secrets: OfficeSecrets) -> None:
    octets = bytearray((made / "p" / "province.db").read_bytes())
    octets[4096 : len(octets) : 512] = b"\xff" * len(octets[4096 : len(octets) : 512])
    (tmp_path / "office.db").write_bytes(octets)
    with pytest.raises(StorageError):
        make_backup(tmp_path / "b", database=tmp_path / "office.db", secrets=secrets, at=AT)
    assert {one.name.partition("-")[0] for one in tmp_path.iterdir()} == {"office.db"}


def test_what_is_no_office_is_not_backed_up(tmp_path: Path, secrets: OfficeSecrets) -> None:
    sqlite3.connect(tmp_path / "x.db").close()
    with pytest.raises(ProvinceRejected):
        make_backup(tmp_path / "b", database=tmp_path / "x.db", secrets=secrets, at=AT)


_STEPS = ("_unpack", "_checked", "sync", "_put")


def _dying(backup: Path, folder: Path, step: str, whole: bool) -> None:
    real = getattr(restoring, step)

    def die(*arguments: object, **more: object) -> None:
        if whole:
            real(*arguments, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(restoring, step, die)
    restore_backup(backup, folder, at=AT, passphrase=WORDS)


@pytest.mark.parametrize("step", _STEPS)
@pytest.mark.parametrize("whole", [False, True])
def test_a_kill_leaves_all_or_nothing(made: Path, tmp_path: Path, step: str, whole: bool) -> None:
    folder = tmp_path / "q"
    child = multiprocessing.get_context("spawn").Process(target=_dying, args=(made / "b", folder, step, whole))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert folder.exists() == (step == "_put" and whole)
    if not folder.exists():
        restore_backup(made / "b", folder, at=AT, passphrase=WORDS)
    standing = _standing(folder)
    try:
        assert sum(one.count for one in standing.office.license.statistics()) == 2
    finally:
        standing.close()


def _without_room(made: Path, home: Path, limit: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    secrets = OfficeSecrets.from_json((made / "p" / "office.json").read_bytes())
    try:
        if (home / "restore").exists():
            restore_backup(made / "b", home / "q", at=AT, passphrase=WORDS)
        else:
            make_backup(home / "b", database=made / "p" / "province.db", secrets=secrets, at=AT)
    except (OSError, StorageError):
        os._exit(7)
    os._exit(0)


@pytest.mark.parametrize("limit", [1_000, 100_000, 250_000])
@pytest.mark.parametrize("what", ["backup", "restore"])
def test_a_disk_that_is_full_leaves_nothing(made: Path, tmp_path: Path, limit: int, what: str) -> None:
    (tmp_path / what).write_text("")
    child = multiprocessing.get_context("spawn").Process(target=_without_room, args=(made, tmp_path, limit))
    child.start()
    child.join(60)
    assert child.exitcode == 7
    assert [one.name for one in tmp_path.iterdir()] == [what]


def test_a_stranger_cannot_make_it_read_without_end(made: Path, tmp_path: Path) -> None:
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(KEYS, b"{" + b" " * (5 << 20))
    (tmp_path / "b").write_bytes(bomb.getvalue())
    assert refused(tmp_path / "b", tmp_path / "q").code == "egov.platform.backup_damaged"
