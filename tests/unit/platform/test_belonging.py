"""An office has one database: its folder remembers which, the database remembers whose it is, and no other is taken."""

from __future__ import annotations

import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from egov_sdk.door import connect
from egov_sdk.door.homes import WrongDatabase
from egov_sdk.errors import ConfigError
from egov_sdk.platform.backup import make_backup
from egov_sdk.platform.standing import Standing
from egov_sdk.storage import StorageError, open_store
from egov_sdk.storage.migrations import recorded_versions
from egov_sdk.testing.clock import Clock
from tests.postgres import Server

pytestmark = pytest.mark.usefixtures("cheap_passwords")


def opened(folder: Path, database: str = "") -> Standing:
    return Standing.open(folder, url="http://localhost", clock=Clock(), database=database)


def begun(folder: Path, database: str = "") -> Path:
    opened(folder, database).close()
    return folder


def refused(folder: Path, database: str = "") -> WrongDatabase:
    """The refusal, after which nothing in the folder is different."""
    before = listed(folder)
    with pytest.raises(WrongDatabase) as caught:
        opened(folder, database).close()
    assert listed(folder) == before
    text = caught.value.text
    assert text is not None
    assert text.zh != text.en
    return caught.value


def listed(folder: Path) -> dict[str, bytes]:
    # what SQLite keeps beside a database that is open is none of it
    return {one.name: one.read_bytes() for one in folder.glob("*[a-z]") if not one.name.endswith(("-wal", "-shm"))}


def versions(database: str) -> dict[str, int]:
    with open_store(database) as store, store.read() as connection:
        return recorded_versions(connection)


@pytest.fixture
def database(postgres: Server) -> str:
    return postgres.place()


@pytest.fixture
def empty(postgres: Server) -> str:
    return postgres.place()


def test_an_office_on_a_server_is_not_begun_anew_in_its_folder(tmp_path: Path, database: str) -> None:
    folder = begun(tmp_path / "p", database)
    error = refused(folder)
    assert "postgresql://…@/postgres" in error.message
    assert "EGOV_DATABASE" in error.hint
    assert sorted(listed(folder)) == ["database.txt", "office.json"]
    begun(folder, database)


def test_an_office_on_a_server_ends_with_its_folder(tmp_path: Path, database: str) -> None:
    folder = tmp_path / "p"
    serving = opened(folder, database)
    try:
        folder.rename(tmp_path / "before")  # as restoring a backup over it does
        shutil.copytree(tmp_path / "before", folder)
        with pytest.raises(StorageError) as caught:
            serving.office.license.types()
        assert caught.value.code == "egov.storage.replaced"
    finally:
        serving.close()
    begun(folder, database)


def test_what_the_folder_remembers_has_no_secret_in_it_and_is_its_owners(tmp_path: Path, database: str) -> None:
    with_password = database.replace("egov@", "egov:open-sesame@") + "&password=another-one"
    folder = begun(tmp_path / "p", with_password)
    assert (folder / "database.txt").read_text("utf-8") == "postgresql://…@/postgres\n"
    assert stat.S_IMODE((folder / "database.txt").stat().st_mode) == 0o600
    error = refused(folder)
    assert "sesame" not in f"{error} {error.hint}"


def test_keys_whose_database_is_unknown_begin_none(tmp_path: Path, database: str) -> None:
    folder = begun(tmp_path / "p", database)
    (folder / "database.txt").unlink()  # as an earlier version left it
    assert "no database" in refused(folder).message
    (tmp_path / "q").mkdir()
    (begun(tmp_path / "lost") / "office.json").rename(tmp_path / "q" / "office.json")
    refused(tmp_path / "q")


def test_an_office_in_its_folder_is_not_begun_anew_on_a_server(tmp_path: Path, database: str) -> None:
    folder = begun(tmp_path / "p")
    assert "keeps its data in province.db" in refused(folder, database).message
    assert versions(database) == {}
    begun(folder)


def test_an_empty_database_is_not_the_one_that_was_there(tmp_path: Path, database: str, empty: str) -> None:
    folder = begun(tmp_path / "p", database)
    assert "is empty" in refused(folder, empty).message
    assert versions(empty) == {}


def test_the_database_of_another_office_is_left_alone(tmp_path: Path, database: str, empty: str) -> None:
    folder = begun(tmp_path / "p", database)
    assert "another office" in refused(begun(tmp_path / "q", empty), database).message
    (tmp_path / "new").mkdir()
    assert "another office" in refused(tmp_path / "new", database).message  # no keys were made either
    one, other = begun(tmp_path / "one"), begun(tmp_path / "other")
    (one / "province.db").replace(other / "province.db")
    assert "another office" in refused(other).message
    begun(folder, database)


def test_of_two_databases_in_a_folder_none_is_taken(tmp_path: Path) -> None:
    folder = begun(tmp_path / "p")
    (folder / "office.db").write_bytes(b"")
    assert "office.db and province.db" in refused(folder).message


def test_a_database_that_has_moved_is_still_the_office_s(tmp_path: Path, database: str) -> None:
    folder = begun(tmp_path / "p", database)
    begun(folder, database.replace("postgresql:", "postgresql+psycopg:"))
    assert (folder / "database.txt").read_text("utf-8").startswith("postgresql+psycopg:")


def test_a_database_of_an_earlier_version_says_from_now_on_whose_it_is(tmp_path: Path, database: str) -> None:
    folder, url = begun(tmp_path / "p", database), database
    for place in (url, begun(tmp_path / "q") / "province.db"):
        with open_store(place) as store, store.write() as connection:
            connection.exec_driver_sql("DROP TABLE office_owner")
            connection.exec_driver_sql("DELETE FROM storage_migrations WHERE prefix = 'office'")
    (folder / "database.txt").unlink()
    begun(folder, url)
    begun(tmp_path / "q")
    (tmp_path / "new").mkdir()
    refused(tmp_path / "new", url)


def test_of_several_that_begin_at_once_all_are_the_same_office(tmp_path: Path, database: str) -> None:
    for place in ("", database):
        folder = tmp_path / f"p{len(place)}"
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda _, folder=folder, place=place: opened(folder, place), range(4)))
        assert len({one.office.secrets.root.certificate.raw for one in made}) == 1
        for one in made:
            one.close()
        begun(folder, place)


def test_a_backup_is_of_the_office_s_own_database(tmp_path: Path) -> None:
    one, other = opened(begun(tmp_path / "one")), begun(tmp_path / "other")
    with pytest.raises(WrongDatabase):
        make_backup(
            tmp_path / "b", database=other / "province.db", secrets=one.office.secrets, at=Clock()(), passphrase="words"
        )
    one.close()
    assert not (tmp_path / "b").exists()


def test_a_program_opens_the_office_that_is_served_and_begins_none_beside_it(tmp_path: Path, database: str) -> None:
    folder = begun(tmp_path / "p")
    with connect(f"local:{folder}", environment={}, clock=Clock()) as gov:
        assert gov.office is not None
        gov.office.provider.accounts.by_login("nobody")
        assert gov.office.store.place.endswith("/province.db")
    assert sorted(listed(folder)) == ["office.json", "province.db"]
    elsewhere = begun(tmp_path / "q", database)
    with pytest.raises(ConfigError) as caught:
        connect(f"local:{elsewhere}", environment={}, clock=Clock())
    assert (caught.value.code, caught.value.detail["setting"]) == ("egov.door.database", "where")
    assert "postgresql://…@/postgres" in caught.value.message


def test_an_office_that_a_program_began_is_served(tmp_path: Path) -> None:
    with connect(f"local:{tmp_path}", environment={}, clock=Clock(), department="样例局") as gov:
        assert gov.license.types() == ()
    standing = opened(tmp_path)
    assert (standing.office.secrets.name, standing.office.store.place[-9:]) == ("样例局", "office.db")
    standing.close()
    assert sorted(listed(tmp_path)) == ["office.db", "office.json"]


def used(where: str, keys: Path) -> None:
    with connect(where, keys=str(keys), environment={}, clock=Clock()) as gov:
        assert gov.license.types() == ()


def unusable(where: str, keys: Path) -> ConfigError:
    """The refusal at the first use, after which no keys are there that were not."""
    before = listed(keys.parent) if keys.parent.exists() else {}
    with connect(where, keys=str(keys), environment={}, clock=Clock()) as gov, pytest.raises(ConfigError) as caught:
        _ = gov.license
    assert (listed(keys.parent) if keys.parent.exists() else {}) == before
    assert (caught.value.code, caught.value.detail["source"]) == ("egov.door.database", "the argument where")
    return caught.value


@pytest.mark.parametrize("name", ["office.json", "keys.json"])
def test_a_program_on_a_server_takes_an_empty_database_and_its_own_and_no_other(
    tmp_path: Path, database: str, empty: str, name: str
) -> None:
    one, other = tmp_path / "one" / name, tmp_path / "other" / name
    for _ in range(2):
        used(f"local:{database}", one)
    assert "another office" in unusable(f"local:{database}", other).message
    assert not other.exists()
    used(f"local:{empty}", other)
    assert "another office" in unusable(f"local:{database}", other).message
    assert "another office" in unusable(f"local:{empty}", one).message


def test_a_program_on_a_server_knows_what_the_folder_of_its_keys_remembers(
    tmp_path: Path, postgres: Server, database: str, empty: str
) -> None:
    served = begun(tmp_path / "p", database)
    used(f"local:{database}", served / "office.json")
    assert "is empty" in unusable(f"local:{empty}", served / "office.json").message
    used(f"local:{empty}", tmp_path / "q" / "office.json")
    assert "keeps its data in" in refused(tmp_path / "q").message
    begun(tmp_path / "q", empty)
    error = unusable(f"local:{postgres.place()}", begun_by_a_program(tmp_path / "r"))
    assert "keeps its data in office.db" in error.message


def begun_by_a_program(folder: Path) -> Path:
    with connect(f"local:{folder}", environment={}, clock=Clock()) as gov:
        assert gov.license.types() == ()
    return folder / "office.json"


def test_a_program_takes_no_file_of_another_office(tmp_path: Path) -> None:
    one, other = (begun_by_a_program(tmp_path / name) for name in ("one", "other"))
    assert "another office" in unusable(f"local:{one.parent}", other).message
    one.unlink()
    assert "another office" in unusable(f"local:{one.parent}", one).message
    (other.parent / "office.db").unlink()
    assert "no database" in unusable(f"local:{other.parent}", other).message


def test_keys_that_were_brought_begin_an_office_in_an_empty_place(tmp_path: Path, database: str) -> None:
    keys = begun_by_a_program(tmp_path / "one").rename(tmp_path / "keys.json")
    used(f"local:{tmp_path / 'new'}", keys)
    used(f"local:{database}", keys)


def test_keys_are_not_made_before_there_is_a_database(tmp_path: Path) -> None:
    for _ in range(2):
        with connect(f"local:{tmp_path}", environment={}, clock=Clock()) as gov:
            assert gov.office is not None
            assert gov.office.secrets.code
        assert sorted(listed(tmp_path)) == ["office.db", "office.json"]


def test_a_folder_that_nobody_may_write_to_remembers_nothing(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = begun_by_a_program(tmp_path / "one").rename(tmp_path / "office.json")
    monkeypatch.setattr("os.access", lambda path, mode: Path(path) != tmp_path)
    used(f"local:{database}", keys)
    assert not (tmp_path / "database.txt").exists()
