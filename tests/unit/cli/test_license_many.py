"""``egov license import``, ``complete`` and ``export``: many at once, nothing lost, nothing half written."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from egov_sdk.cli import _license_import as many
from egov_sdk.cli import _terminal
from tests.unit.cli.calling import Egov
from tests.unit.cli.license_office import COMPANY, COMPANY_CODE, FIELDS, issued

HEAD = ("证照编号", "证照颁发日期", "持证主体", "持证主体代码", *FIELDS)


def _sheet(name: str, *rows: tuple[str, str], head: tuple[str, ...] = HEAD) -> None:
    """Rows by number and day."""
    with Path(name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows([number, day, COMPANY, COMPANY_CODE, *FIELDS.values()] for number, day in rows)


def test_what_is_wrong_is_corrected_and_fed_back(egov: Egov, office: Path) -> None:
    _sheet("old.csv", ("B-1", "2013-05-04"), ("B-2", "2013-02-30"), ("B-1", "2013-05-04"))
    ran = egov("license", "import", "old.csv", "--errors", "errors.csv")
    assert ran.code == 1
    assert "row 3: B 证照颁发日期: " in ran.out
    assert "egov.license.date_none" in ran.out
    assert "1 stored, 1 failed, 1 there already" in ran.out
    text = Path("errors.csv").read_text(encoding="utf-8-sig").replace("2013-02-30", "2013-02-28")
    Path("fixed.csv").write_text(text, encoding="utf-8")
    fixed = egov("license", "import", "fixed.csv", "--errors", "none.csv", "--json")
    assert fixed.code == 0, fixed.out
    assert fixed.json["batch"]["stored"] == 1
    assert fixed.json["errors"] is None
    assert not Path("none.csv").exists()
    found = egov("license", "search", COMPANY_CODE, "--json").json["records"]
    assert {one["metadata"]["number"] for one in found} == {"B-1", "B-2"}


def test_the_same_sheet_again_changes_nothing(egov: Egov, office: Path) -> None:
    _sheet("old.csv", ("B-1", "2013-05-04"))
    first = egov("license", "import", "old.csv", "--json").json
    assert egov("license", "import", "old.csv", "--json").json == first
    assert len(egov("license", "search", COMPANY_CODE, "--json").json["records"]) == 1


def test_an_import_that_was_broken_off_goes_on(egov: Egov, office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from egov_sdk.license.legacy import Importer

    _sheet("old.csv", *((f"B-{number}", "2013-05-04") for number in range(30)))
    keep, times = Importer._keep, iter(range(100))

    def broken(self: Importer, *given: object) -> object:
        if next(times) == 2:
            raise KeyboardInterrupt
        return keep(self, *given)  # type: ignore[arg-type]

    whole = Importer.__init__

    def small(self: Importer, *given: object, **named: object) -> None:
        whole(self, *given, **{**named, "rows_at_once": 7})  # type: ignore[arg-type]

    monkeypatch.setattr(Importer, "__init__", small)
    monkeypatch.setattr(Importer, "_keep", broken)
    ran = egov("license", "import", "old.csv")
    assert ran.code == 3
    assert "goes on from here" in ran.err
    again = egov("license", "import", "old.csv", "--json")
    assert again.code == 0
    assert again.json["batch"]["stored"] == 30


def test_files_are_made_afterwards(egov: Egov, office: Path) -> None:
    _sheet("old.csv", ("B-1", "2013-05-04"), ("B-2", "2013-05-04"))
    batch = egov("license", "import", "old.csv", "--json").json["batch"]["id"]
    assert egov("license", "complete", "absent").code == 1
    assert egov("license", "complete", "--jobs", "0").code == 2
    ran = egov("license", "complete", batch, "--jobs", "2", "--json")
    assert (ran.code, ran.json["completed"], ran.json["failed"]) == (0, 2, 0)
    assert "no imported licence" in egov("license", "complete").out
    one = egov("license", "search", COMPANY_CODE).out.split()[0]
    assert egov("license", "show", one, "-o", "one.ofd").code == 0
    assert egov("license", "verify", "one.ofd").code == 0


def test_what_cannot_be_completed_is_told_by_row(egov: Egov, office: Path) -> None:
    Path("types.toml").write_text(
        'schema_version = 1\n[[types]]\ncode = "11100000000013338W011"\nname = "无模板证"\n', encoding="utf-8"
    )
    assert egov("license", "new-type", "types.toml").code == 0
    with Path("old.csv").open("w", encoding="utf-8") as file:
        file.write(f"证照编号,证照颁发日期,持证主体,持证主体代码\nB-1,2013-05-04,{COMPANY},{COMPANY_CODE}\n")
    assert egov("license", "import", "old.csv", "--type", "无模板证").code == 0
    ran = egov("license", "complete")
    assert ran.code == 1
    assert "egov.license.face_no_template" in ran.out
    failures = egov("license", "complete", "--json").json["failures"]
    assert [one["row"] for one in failures] == [2]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("absent.csv",), 2),
        (("binary.csv",), 1),
        (("head.csv",), 1),
        (("old.csv", "--type", "没有"), 2),
        (("old.csv", "--mapping", "unknown"), 2),
        (("old.csv", "--mapping", "absent.toml"), 2),
        (("old.csv", "--mapping", "bad.toml"), 2),
        (("old.csv", "--mapping", "nothing.toml"), 2),
        (("old.csv", "--mapping", "broken.toml"), 1),
        (("old.csv", "--mapping", "zfsoft"), 1),
        (("old.csv", "--errors", "there.csv"), 2),
        (("old.csv", "--errors", "no/where.csv"), 2),
        (("old.csv", "--jobs", "0"), 2),
        (("old.csv", "--issuer", "x"), 2),
        (("old.csv", "--issuer", "123=某局"), 2),
        (("old.csv", "--encoding", "klingon"), 2),
        (("odd.csv",), 1),
    ],
)
def test_what_is_no_sheet_stores_nothing(egov: Egov, office: Path, words: tuple[str, ...], code: int) -> None:
    _sheet("old.csv", ("B-1", "2013-05-04"))
    _sheet("odd.csv", ("B-1", "2013-05-04"), head=(*HEAD[:-1], "不认识的列"))
    Path("binary.csv").write_bytes(bytes(range(256)))
    Path("head.csv").write_text("a,b\n1,2\n")
    Path("there.csv").write_text("x")
    Path("bad.toml").write_text('[columns]\n"证照编号" = "nonsense"\n', encoding="utf-8")
    Path("nothing.toml").write_text("name = 'x'")
    Path("broken.toml").write_text("= 1")
    ran = egov("license", "import", *words)
    assert ran.code == code, ran.out + ran.err
    assert "Traceback" not in ran.err
    assert Path("there.csv").read_text() == "x"
    assert egov("license", "search", COMPANY_CODE, "--json").json["records"] == []


def test_a_mapping_of_one_s_own(egov: Egov, office: Path) -> None:
    _sheet("old.csv", ("B-1", "2013-05-04"), head=("号码", "发证", "单位", "信用代码", *FIELDS))
    Path("own.toml").write_text(
        '[columns]\n"号码" = "number"\n"发证" = "issued_on"\n"单位" = "holder_name"\n"信用代码" = "holder_code"\n',
        encoding="utf-8",
    )
    assert egov("license", "import", "old.csv", "--mapping", "own.toml").code == 0
    _sheet("more.csv", ("B-2", "2013-05-04"), head=("号码", "发证", "单位", "信用代码", "电子邮箱", *list(FIELDS)[1:]))
    assert egov("license", "import", "more.csv", "--mapping", "own.toml").code == 1


def test_progress_is_shown_where_somebody_looks(egov: Egov, office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int | None]] = []

    class Watched:
        def __enter__(self) -> object:
            return lambda done, total: told.append((done, total))

        def __exit__(self, *given: object) -> None:
            return None

    monkeypatch.setattr(many, "is_terminal", lambda stream: True)
    monkeypatch.setattr(_terminal, "gauge", lambda **named: Watched())
    _sheet("old.csv", ("B-1", "2013-05-04"))
    assert egov("license", "import", "old.csv").code == 0
    assert told[-1][0] == 1


def test_the_gauge_shows_itself_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    clock = iter((0.0, 0.1, 5.0, 6.0))
    monkeypatch.setattr("time.monotonic", lambda: next(clock, 9.0))
    written = io.StringIO()
    with _terminal.gauge(console=Console(file=written, force_terminal=True)) as told:
        told(1, 9)
        assert not written.getvalue()
        told(4, 9)
        told(5, 9)
    assert "/9" in written.getvalue()


def test_everything_is_exported_whole(egov: Egov, office: Path) -> None:
    one, two = issued(egov, "A-1"), issued(egov, "A-2")
    assert egov("license", "revoke", two, "--reason", "x").code == 0
    for out in ("rows.csv", "rows.json", "rows.xlsx"):
        ran = egov("license", "export", out, "--json")
        assert (ran.code, ran.json["written"]) == (0, 2)
        assert ran.json["unfit"] == 2  # no area, no batch
    rows = list(csv.DictReader(io.StringIO(Path("rows.csv").read_text(encoding="utf-8-sig"))))
    assert {row["certificate_source_id"] for row in rows} == {one, two}
    assert len(json.loads(Path("rows.json").read_text(encoding="utf-8"))["rows"]) == 2
    assert egov("license", "export", "valid.json", "--what", "metadata", "--state", "valid").code == 0
    held = json.loads(Path("valid.json").read_text(encoding="utf-8"))["licenses"]
    assert [row["metadata"]["identifier"] for row in held] == [one]
    assert egov("license", "export", "folder", "--what", "files").code == 0
    assert {path.name for path in Path("folder").iterdir()} == {f"{one}.ofd", f"{two}.ofd"}
    again = egov("license", "export", "folder", "--what", "files", "--json").json
    assert (again["written"], again["kept"]) == (0, 2)


def test_more_licences_than_a_page_are_all_exported(egov: Egov, office: Path) -> None:
    _sheet("old.csv", *((f"B-{number}", "2013-05-04") for number in range(450)))
    assert egov("license", "import", "old.csv").code == 0
    assert egov("license", "export", "all.json", "--what", "metadata", "--json").json["written"] == 450
    held = json.loads(Path("all.json").read_text(encoding="utf-8"))["licenses"]
    assert len({row["metadata"]["identifier"] for row in held}) == 450
    ran = egov("license", "export", "folder", "--what", "files", "--json")
    assert (ran.json["written"], ran.json["without_file"]) == (0, 450)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("there.json",), 2),
        (("rows.pdf",), 2),
        (("rows",), 2),
        (("all.csv", "--what", "metadata"), 2),
        (("types.csv", "--what", "types"), 2),
        (("no/where.json",), 2),
        (("there.json", "--what", "files"), 2),
        (("list.egsl", "--what", "status-list"), 2),
        (("list.egsl", "--what", "status-list", "--type", "没有"), 2),
        (("a.json", "--what", "nonsense"), 2),
        (("a.json", "--what", "metadata", "--purpose", " "), 2),
        (("a.json", "--state", "no"), 2),
    ],
)
def test_wrong_use_of_export_writes_nothing(egov: Egov, office: Path, words: tuple[str, ...], code: int) -> None:
    Path("there.json").write_text("x")
    before = {path.name for path in office.iterdir()}
    ran = egov("license", "export", *words)
    assert ran.code == code, ran.out + ran.err
    assert {path.name for path in office.iterdir()} == before
    assert Path("there.json").read_text() == "x"
