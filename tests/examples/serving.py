"""``egov platform serve`` in a process of its own, and a browser that signs in at it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import httpx

from tests.ports import free_port
from tests.programs import egov

__all__ = ["served", "sign_in"]


@contextmanager
def served(folder: Path, *more: str) -> Iterator[str]:
    """A province at the address that is given, until the block ends."""
    command = egov("platform", "serve", "--json", "--port", free_port(), "--folder", folder, *more)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = ""
            for line in process.stdout:
                told += line
                if line.startswith("}"):
                    break
            url = str(json.loads(told)["url"])
            with httpx.Client(transport=httpx.HTTPTransport(retries=20)) as web:
                assert web.get(f"{url}/health").status_code == 200
            yield url
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=90)


def sign_in(url: str, *, login: str, password: str) -> str:
    """What somebody does at a browser; the address that the browser is sent to in the end."""
    held: dict[str, str] = {}
    with httpx.Client() as web:
        page = web.get(url)
        for fields in ({"action": "sign_in", "login": login, "password": password}, {"action": "agree"}):
            held |= dict(cookie.partition(";")[0].split("=", 1) for cookie in page.headers.get_list("set-cookie"))
            if page.status_code == 303:
                break
            found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
            form = {unescape(name): unescape(value) for name, value in found} | fields
            action = httpx.URL(url).join("step")
            page = web.post(action, data=form, headers={"cookie": "; ".join(f"{k}={v}" for k, v in held.items())})
    assert page.status_code == 303, page.text
    return str(page.headers["location"])
