"""A served province with its console, and a real browser that reaches nothing but it."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, sync_playwright

from egov_sdk.platform.powers import Power
from egov_sdk.platform.serving import make_server
from tests.console_world import PASSWORD, ConsoleWorld

Open = Callable[..., Page]

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
_READY_S = 60.0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Of one module: while it is open its thread has a running loop, which tests of other modules would trip over."""
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"there is no browser on this machine: {', '.join(_PROGRAMS)}")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        except Error as error:
            pytest.skip(f"the browser does not start: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, ConsoleWorld]]:
    """The address of a province, and what stands behind it."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        world = stack.enter_context(ConsoleWorld(issuer=f"{address}/identity"))
        server = make_server(world.app, log_level="critical")
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="console", daemon=True)
        thread.start()
        until = time.monotonic() + _READY_S
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < until
            time.sleep(0.002)
        yield address, world
        server.should_exit = True
        thread.join(_READY_S)


@pytest.fixture
def open_page(browser: Browser, served: tuple[str, ConsoleWorld]) -> Iterator[Open]:
    """Opens a page as somebody with a power, or as anybody; fails where the page logs an error or asks another host."""
    contexts, wrong = list[BrowserContext](), list[str]()

    def opened(path: str, *, power: Power | None = None, lang: str = "zh", **options: object) -> Page:
        context = browser.new_context(base_url=served[0], locale="zh-CN", **options)  # type: ignore[arg-type]
        contexts.append(context)
        context.add_cookies([{"name": "egov_lang", "value": lang, "url": served[0]}])
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: wrong.append(message.text) if _is_wrong(message) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: None if _ours(asked.url, served[0]) else wrong.append(asked.url))
        if power is not None:
            page.goto("/console/sign-in")
            page.fill("#login", power.value)
            page.fill("#password", PASSWORD)
            page.click("button.main")
            page.wait_for_url("**/console/")
        if path != "/console/" or power is None:
            page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def _is_wrong(message: ConsoleMessage) -> bool:
    """An error that is not the browser's word for a refusal that a test asks for."""
    return message.type == "error" and "status of 400" not in message.text


def _ours(url: str, address: str) -> bool:
    return url.startswith((f"{address}/", "data:"))
