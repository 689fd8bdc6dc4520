"""How fast a province answers over HTTP, served by two processes, and beside it a bare Starlette that echoes.

    python benchmarks/bench_platform.py [--rounds 3] [--workers 2] [--database URL] [--json results.json]

Everything is on one machine: the load takes its share of the cores, so the ratios to the echo say more than the
numbers. Requests are signed beforehand with SM2 and sent whole over connections that stay open; each is checked,
counted against the caller's rate, and remembered in the database so that it works once. Licences of one type, each with
a number of its own, are verified in turn with the office's register: the whole report comes back, in which no check may
have failed. A sign-in is that of somebody who is signed in at the provider already, as with a single sign-on: a code by
redirect, exchanged for tokens, and the claims asked for with them. With a password there is one scrypt more, whose cost
is its purpose and of which few are let run at once: that is timed once, alone.

Where the system tells it, what one verification costs is said too, in processor time: of the processes that serve, and
of the load. It says what the machine could do if nobody else worked on it, whatever else does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import re
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from egov_sdk.crypto import load_private_key
from egov_sdk.door.over import gov_over
from egov_sdk.gateway import Credentials, GatewayClient
from egov_sdk.gateway.policies import RateLimit, Retry
from egov_sdk.platform.seeding import person_draft, seeded_people
from egov_sdk.platform.served import ServedProvince
from egov_sdk.platform.serving import Listening, serve_workers

VERIFY_GOAL, LOGIN_GOAL = 300, 100
LICENCES = 50
CONNECTIONS = 12
RATE = RateLimit(per_s=5_000, burst=10_000)

Work = Callable[["Connection", int], Awaitable[None]]


def echo() -> Starlette:
    async def answer(request: Request) -> Response:
        return Response(await request.body(), media_type="application/json")

    return Starlette(routes=[Route("/{rest:path}", answer, methods=["POST", "GET"])])


class Connection:
    """One connection that stays open; as little work as can be."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        """Status, head and body of the answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(found[1])) if found else b""
        return int(head[9:12]), head, body

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()


async def _run(port: int, work: Work, number: int) -> float:
    """So many a second."""
    left = iter(range(number))

    async def one() -> None:
        connection = Connection(port)
        for index in left:
            await work(connection, index)
        await connection.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return number / (time.perf_counter() - begun)


def raw(method: str, path: str, *, headers: dict[str, str], body: bytes = b"") -> bytes:
    given = {"host": "localhost", **headers, "content-length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class World:
    """A seeded province, its licences, and who asks."""

    maker: ServedProvince
    files: tuple[bytes, ...]
    password: str

    def signed(self, number: int) -> list[bytes]:
        """So many requests to verify a licence, each signed anew."""
        taken: list[bytes] = []

        def take(request: httpx.Request) -> httpx.Response:
            given = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
            taken.append(raw(request.method, request.url.raw_path.decode(), headers=given, body=request.read()))
            return httpx.Response(400, json={})

        key = load_private_key((self.maker.folder / "hall.key.pem").read_bytes())
        gateway = GatewayClient(
            "http://localhost",
            profile=self.maker.profile,
            credentials=Credentials("hall", signer=key),
            retry=Retry(attempts=1),
            breaker=None,
            transport=httpx.MockTransport(take),
        )
        verify = gov_over(gateway, name="").license.verify
        for index in range(number):
            try:
                verify(self.files[index % len(self.files)])
            except Exception:  # noqa: BLE001 - it was answered with nothing, on purpose
                continue
        return taken


def make_world(folder: Path, url: str, database: str) -> World:
    maker = ServedProvince(folder=folder, url=url, profile="egov-sm2", database=database, rate=RATE)
    standing = maker.open()
    standing.seed()
    (kind,) = (one for one in standing.office.license.types() if "证书" in one.name)
    people, at = seeded_people(), datetime.now(UTC)
    holders = [people[index % len(people)] for index in range(LICENCES)]
    drafts = (
        person_draft(kind, number=f"YX{100 + index}", at=at, name=one.name, code=one.number)
        for index, one in enumerate(holders)
    )
    files = tuple(standing.office.license.issue(draft).file for draft in drafts)
    password = standing.secrets()["people"]
    _ = standing.office.identity
    standing.close()
    return World(maker, files, password)


class SignIns:
    """The sign-ins of one person at the office's own application."""

    def __init__(self, world: World) -> None:
        self._password, self._count = world.password, 0
        self._query = {
            "response_type": "code",
            "client_id": "local",
            "redirect_uri": "http://localhost/callback",
            "scope": "openid",
            "code_challenge_method": "S256",
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        }
        self.cookies = ""

    async def with_password(self, connection: Connection) -> None:
        """From the first page to the code; cookies are kept."""
        status, head, body = await connection.ask(self._authorize(0, ""))
        assert status == 200, (status, body)
        page = re.search(rb'name="page" value="([^"]+)"', body)
        assert page is not None
        browser = cookies_of(head)
        fields = {"page": page[1].decode(), "action": "sign_in", "login": "test2", "password": self._password}
        form = {"content-type": "application/x-www-form-urlencoded", "cookie": browser}
        status, head, body = await connection.ask(
            raw("POST", "/identity/step", headers=form, body=urlencode(fields).encode())
        )
        assert status == 303, (status, body)
        self.cookies = "; ".join((browser, cookies_of(head)))

    async def again(self, connection: Connection, index: int) -> None:
        """With the session at the provider: code, tokens, claims."""
        status, head, body = await connection.ask(self._authorize(index, self.cookies))
        assert status == 303, (status, body)
        found = re.search(r"location: (\S+)", head.decode(), re.IGNORECASE)
        assert found is not None
        code = parse_qs(urlsplit(found[1]).query)["code"][0]
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": "local",
            "redirect_uri": "http://localhost/callback",
            "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        }
        form = {"content-type": "application/x-www-form-urlencoded"}
        status, _, body = await connection.ask(
            raw("POST", "/identity/token", headers=form, body=urlencode(fields).encode())
        )
        assert status == 200, (status, body)
        token = json.loads(body)["access_token"]
        status, _, body = await connection.ask(
            raw("GET", "/identity/userinfo", headers={"authorization": f"Bearer {token}"})
        )
        assert status == 200, (status, body)

    def _authorize(self, index: int, cookies: str) -> bytes:
        query = urlencode({**self._query, "state": f"s{index}", "nonce": f"n{index}"})
        return raw("GET", f"/identity/authorize?{query}", headers={"cookie": cookies} if cookies else {})


def cookies_of(head: bytes) -> str:
    found = re.findall(r"set-cookie: ([^;]+);", head.decode(), re.IGNORECASE)
    return "; ".join(found)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def processor_s(root: int) -> float | None:
    """Processor time of a process and all below it, in seconds; None where there is no /proc."""
    parents, used = dict[int, int](), dict[int, float]()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        number = int(path.parent.name)
        parents[number] = int(fields[1])
        used[number] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    family = {root}
    while more := {one for one, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(used[one] for one in family) if root in used else None


def _serve(make: Callable[[], Any], port: int, workers: int) -> None:
    serve_workers(make, Listening(port=port), workers=workers)


class Served:
    """Processes that serve, until the end of the block."""

    def __init__(self, make: Callable[[], Any], port: int, workers: int) -> None:
        self._process = multiprocessing.get_context("spawn").Process(target=_serve, args=(make, port, workers))
        self.port = port

    def processor_s(self) -> float | None:
        """What its processes used up so far."""
        return processor_s(self._process.pid or 0)

    def __enter__(self) -> Self:
        self._process.start()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the server did not start")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join(30)


async def costs(served: Served, work: Work, number: int) -> dict[str, float]:
    """Milliseconds of processor time of one request: of those who serve, and of who asks; empty where nobody knows."""
    before, own = served.processor_s(), time.process_time()
    await _run(served.port, work, number)
    after, own = served.processor_s(), time.process_time() - own
    if before is None or after is None:
        return {}
    return {"server ms": (after - before) / number * 1000, "client ms": own / number * 1000}


async def measure(
    world: World, province: Served, echo_port: int, *, rounds: int, seconds: float
) -> tuple[dict[str, float], dict[str, float]]:
    """The best of the rounds, which are taken in turn, and the least that one verification cost."""
    sign_ins = SignIns(world)
    connection = Connection(province.port)
    begun = time.perf_counter()
    await sign_ins.with_password(connection)
    with_password_s = time.perf_counter() - begun
    await connection.close()
    number = int(200 * seconds)
    best, least = dict[str, float](), dict[str, float]()
    for _ in range(rounds):
        requests = world.signed(2 * number)

        async def verify(connection: Connection, index: int, requests: list[bytes] = requests) -> None:
            status, _, body = await connection.ask(requests[index])
            assert status == 200, (status, body[:300])
            assert b'"trust.record_file"' in body, body[:300]
            assert b'"failed"' not in body, body

        async def echoed(connection: Connection, index: int, requests: list[bytes] = requests) -> None:
            status, _, _ = await connection.ask(requests[index % len(requests)])
            assert status == 200

        found = {
            "echo": await _run(echo_port, echoed, number * 2),
            "verify": await _run(province.port, verify, number),
            "sign in": await _run(province.port, sign_ins.again, max(24, number // 3)),
        }
        best = {name: max(found[name], best.get(name, 0.0)) for name in found}
        used = await costs(province, lambda connection, index: verify(connection, number + index), number)
        least = {name: min(used[name], least.get(name, used[name])) for name in used}
    return best | {"with password": 1 / with_password_s}, least


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database", default="")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        ports = {"province": free_port(), "echo": free_port()}
        world = make_world(Path(name) / "p", f"http://localhost:{ports['province']}", given.database)
        with (
            Served(world.maker, ports["province"], given.workers) as province,
            Served(echo, ports["echo"], given.workers),
        ):
            best, least = asyncio.run(
                measure(world, province, ports["echo"], rounds=given.rounds, seconds=given.seconds)
            )
    for what, goal in (("echo", 0), ("verify", VERIFY_GOAL), ("sign in", LOGIN_GOAL), ("with password", 0)):
        word = "" if not goal else " ok" if best[what] >= goal else " MISSED"
        ratio = best["echo"] / best[what]
        print(f"{what:14} {best[what]:8.1f}/s  goal {goal or '-':>4}{word}  one for {ratio:.1f} of the echo")
    if least:
        print(f"one verification: {least['server ms']:.2f} ms of the server, {least['client ms']:.2f} ms of the load")
    if given.json:
        found = {"seconds": given.seconds, "workers": given.workers, "results": best, "costs": least}
        given.json.write_text(json.dumps(found, indent=1), "utf-8")


if __name__ == "__main__":
    main()
