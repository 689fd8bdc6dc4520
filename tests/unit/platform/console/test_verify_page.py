"""The page where anybody verifies: good, forged and hostile files, codes, limits, and nothing kept."""

from __future__ import annotations

import asyncio
import io
import re
import time
import zipfile
from collections.abc import Iterator

import httpx
import pytest

from egov_sdk.gateway.asgi import Message
from egov_sdk.license.states import LicenseAction
from egov_sdk.ofd import open_ofd
from egov_sdk.platform.console import judging
from egov_sdk.platform.console.verifying import VerifyLimits
from egov_sdk.storage.sql import func, select
from egov_sdk.storage.tables import AUDIT
from tests.console_world import ConsoleWorld
from tests.unit.platform.console.test_pages import SCRIPT, running

WORD = re.compile(r'<p class="word">([^<]+)</p>')
ALERT = re.compile(r'role="alert">([^<]+)<')


def brought(client: httpx.Client, content: bytes, name: str = "证照.ofd") -> httpx.Response:
    return client.post("/verify", files={"file": (name, content)})


def test_a_good_licence_passes_with_its_seal_framed(world: ConsoleWorld) -> None:
    page = brought(world.client(), world.license_file())
    assert page.status_code == 200
    assert WORD.findall(page.text) == ["通过"] * 5
    assert len(re.findall(r'<g class="frame passed">', page.text)) == 1
    assert "证照.ofd" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers
    assert running(page) == []


def test_one_changed_file_inside_fails_and_its_seal_is_framed_in_red(world: ConsoleWorld) -> None:
    package = open_ofd(world.license_file())
    name = "Doc_0/Pages/Page_0/Content.xml"
    forged = package.rewrite({name: package.read(name).replace("样例市".encode(), "样例县".encode(), 1)})
    page = brought(world.client(), forged)
    assert WORD.findall(page.text)[0] == "拒绝"
    assert '<g class="frame failed">' in page.text
    assert '<g class="frame passed">' not in page.text


def test_a_revoked_licence_fails(world: ConsoleWorld) -> None:
    file = world.license_file()
    world.office.license.register.act(world.identifier(), LicenseAction.REVOKE, reason="样例")
    assert WORD.findall(brought(world.client(), file).text)[0] == "拒绝"


def test_a_stamped_document_is_verified_as_one(world: ConsoleWorld) -> None:
    from egov_sdk.ofd import OfdBuilder
    from egov_sdk.seal import Placement

    plain = OfdBuilder(title="函", created=world.clock().date()).page().text(30, 40, "样例函件").build()
    seal = world.office.seal.seals()[0].seal_id
    sealed = world.office.seal.stamp(plain, seal, at=[Placement(page=1, x_mm=120, y_mm=200)])
    page = brought(world.client(), sealed)
    assert "frame passed" in page.text
    unsealed = brought(world.client(), plain)
    assert WORD.findall(unsealed.text)[0] != "通过"


def test_the_answer_is_in_english_for_whoever_asks_for_it(world: ConsoleWorld) -> None:
    client = world.client()
    assert client.get("/verify?lang=en").headers["location"] == "/verify"
    assert WORD.findall(brought(client, world.license_file()).text)[0] == "PASSED"


def test_a_code_is_checked_and_shows_its_items_only_when_all_holds(world: ConsoleWorld) -> None:
    token = world.office.license.present(world.identifier()).token
    client = world.client()
    good = client.post("/verify", data={"code": f"  {token}\n"})
    assert WORD.findall(good.text)[0] == "通过"
    assert "出示的内容" in good.text
    middle = len(token) // 2
    changed = token[:middle] + ("0" if token[middle] != "0" else "1") + token[middle + 1 :]
    assert "出示的内容" not in client.post("/verify", data={"code": changed}).text
    world.clock.tick(minutes=10)
    late = client.post("/verify", data={"code": token})
    assert WORD.findall(late.text)[0] == "拒绝"
    assert "出示的内容" not in late.text


@pytest.mark.parametrize("code", [SCRIPT, "x" * 7_000, "EGOV1:", "😀", "\u202e"])
def test_anything_else_as_a_code_is_refused_in_words(world: ConsoleWorld, code: str) -> None:
    page = world.client().post("/verify", data={"code": code})
    assert page.status_code == 200
    assert WORD.findall(page.text)[0] == "拒绝"
    assert running(page) == []


# ---- what strangers bring


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("OFD.xml", b" " * (96 << 20))
    return out.getvalue()


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


XXE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016">&a;</ofd:OFD>'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"hello", "这不是 OFD 文档"),
        (b"%PDF-1.7\n%...", "这不是 OFD 文档"),
        (b"\x89PNG\r\n\x1a\n", "这不是 OFD 文档"),
        (SCRIPT.encode(), "这不是 OFD 文档"),
        (b"PK\x03\x04", ""),
        (zipped(**{"a.txt": b"x"}), ""),
        (zipped(**{"OFD.xml": XXE}), ""),
        (zipped(**{"../../etc/passwd": b"x", "OFD.xml": b"<a/>"}), ""),
        (bomb(), ""),
    ],
    ids=["text", "pdf", "png", "script", "head", "zip", "xxe", "traversal", "bomb"],
)
def test_what_is_no_document_is_told_in_words(world: ConsoleWorld, content: bytes, told: str) -> None:
    page = brought(world.client(), content)
    assert page.status_code == 400
    (alert,) = ALERT.findall(page.text)
    assert told in alert
    assert "root:" not in page.text
    assert running(page) == []


def test_a_name_of_a_file_is_shown_as_text(world: ConsoleWorld) -> None:
    page = brought(world.client(), world.license_file(), "<script>alert(1)</script>\u202e.ofd")
    assert WORD.findall(page.text)[0] == "通过"
    assert running(page) == []
    assert "\u202e" not in page.text


@pytest.mark.parametrize("body", [b"", b"--", b"--b\r\n\r\n", b"--b\r\nx: y\r\n\r\nz\r\n--b--", b"\r\n--b--\r\n" * 50])
def test_forms_that_cannot_be_read_are_refused(world: ConsoleWorld, body: bytes) -> None:
    page = world.client().post("/verify", content=body, headers={"content-type": "multipart/form-data; boundary=b"})
    assert page.status_code == 400
    assert ALERT.findall(page.text)


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/mixed; boundary=b", "text/plain", "application/json"]
)
def test_forms_of_another_kind_are_refused(world: ConsoleWorld, kind: str) -> None:
    page = world.client().post("/verify", content=b"--b--", headers={"content-type": kind})
    assert page.status_code == 415


def test_no_file_is_told(world: ConsoleWorld) -> None:
    client = world.client()
    assert "未选择文件" in brought(client, b"").text
    assert client.post("/verify", files={"other": ("a", b"x")}).status_code == 400
    assert client.post("/verify", data={"code": "  "}).status_code == 400


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/verify/x", 404), ("PUT", "/verify", 405)])
def test_other_paths_and_methods_are_refused(world: ConsoleWorld, method: str, path: str, status: int) -> None:
    assert world.client().request(method, path).status_code == status


def test_nothing_of_a_file_is_kept(world: ConsoleWorld) -> None:
    file, client = world.license_file(), world.client()

    def entries() -> object:
        with world.office.store.read() as connection:
            return connection.execute(select(AUDIT.c.chain, func.count()).group_by(AUDIT.c.chain)).all()

    before = entries()
    brought(client, file)
    brought(client, bomb())
    assert entries() == before


# ---- limits


@pytest.fixture
def small() -> Iterator[ConsoleWorld]:
    with ConsoleWorld(limits=VerifyLimits(file_bytes=1 << 20, work_s=0.3, waiting=0)) as made:
        yield made


def test_a_file_that_is_too_large_is_told_and_not_looked_at(small: ConsoleWorld) -> None:
    for size in ((1 << 20) + 1, 3 << 20, 6 << 20):
        page = brought(small.client(), b"PK\x03\x04" + b"x" * size)
        assert page.status_code == 413
        assert "1 MiB" in page.text


def test_a_form_that_never_ends_is_given_up(small: ConsoleWorld) -> None:
    status, read = asyncio.run(_drip(small))
    assert status == 413
    assert read < 6 << 20


async def _drip(world: ConsoleWorld) -> tuple[int, int]:
    """As somebody who sends without an end, and says nothing of its length."""
    read, found = 0, 0

    async def receive() -> Message:
        nonlocal read
        read += 1 << 16
        return {"type": "http.request", "body": b"x" * (1 << 16), "more_body": True}

    async def send(message: Message) -> None:
        nonlocal found
        if message["type"] == "http.response.start":
            status = message["status"]
            assert isinstance(status, int)
            found = status

    await world.app(_scope(), receive, send)
    return found, read


def test_a_form_that_comes_too_slowly_is_given_up() -> None:
    begun = time.monotonic()
    with ConsoleWorld(limits=VerifyLimits(upload_s=0.2)) as world:
        assert asyncio.run(_at_once(world, 1)) == [408]
    assert time.monotonic() - begun < 50


def test_no_more_files_are_on_their_way_than_memory_is_meant_for() -> None:
    with ConsoleWorld(limits=VerifyLimits(uploads=2, upload_s=0.3)) as world:
        found = asyncio.run(_at_once(world, 4))
    assert sorted(found) == [408, 408, 503, 503]


async def _at_once(world: ConsoleWorld, count: int) -> list[int]:
    async def one() -> int:
        found = 0

        async def receive() -> Message:
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            nonlocal found
            status = message.get("status", found)
            assert isinstance(status, int)
            found = status

        await world.app(_scope(), receive, send)
        return found

    return list(await asyncio.gather(*(one() for _ in range(count))))


def test_whoever_goes_away_in_the_midst_gets_no_answer(small: ConsoleWorld) -> None:
    sent: list[Message] = []

    async def gone() -> None:
        async def receive() -> Message:
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await small.app(_scope(), receive, send)

    asyncio.run(gone())
    assert sent == []


def test_what_takes_too_long_is_given_up_and_others_wait_their_turn(
    small: ConsoleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    release = threading.Event()

    def long(*_: object, **__: object) -> object:
        release.wait(90)
        return {}

    monkeypatch.setattr("egov_sdk.platform.console.verifying.judge_file", long)
    file = small.license_file()
    try:
        pages = [brought(small.client(), file) for _ in range(3)]
    finally:
        release.set()
    assert [page.status_code for page in pages] == [503, 503, 503]
    assert ["too_long" in page.text for page in pages] == [True, True, False]
    assert "busy" in pages[2].text
    monkeypatch.setattr("egov_sdk.platform.console.verifying.judge_file", judging.judge_file)
    # both workers are free again as soon as their work ended, which the loop of the next request hears of
    pages = [brought(small.client(), b"hello") for _ in range(3)]
    assert pages[-1].status_code in (400, 503)


def _scope() -> dict[str, object]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/verify",
        "raw_path": b"/verify",
        "root_path": "",
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "headers": [(b"host", b"localhost"), (b"content-type", b"multipart/form-data; boundary=b")],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }
