"""What signing, verifying and the client cost beside the bare primitive and beside bare httpx, all in one run.

    python benchmarks/bench_gateway.py [--rounds 15] [--json results.json]

Machines and moments differ, so look at the ratios. Short rounds are taken in turn and the best one counts.
The server of the last part is a process of its own on this machine that answers 2 bytes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import multiprocessing.connection
import socket
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from egov_sdk.crypto import SM2PrivateKey, backend
from egov_sdk.gateway import AsyncGatewayClient, Credentials, GatewayClient, GatewayProfile, Request
from egov_sdk.gateway._digests import code, encode, sm2_signature
from egov_sdk.gateway.profiles import BUILT_IN
from egov_sdk.gateway.replay import MemoryReplayStore
from egov_sdk.gateway.signing import Signable, sign
from egov_sdk.gateway.verifier import CallerKey, ReceivedRequest, RequestVerifier

Operation = Callable[[], object]

AT = 1_700_000_000.123
KEY = SM2PrivateKey.generate()
ME = Credentials("91330000MA0000000A", secret="0123456789abcdef" * 2, service="s_1200000000000_0001", signer=KEY)
PART = Signable(method="POST", path="/gateway/api/1/x", query="STARTNUM=1&PAGENUM=50", body=b'{"a":1}' * 10)
GOALS = {
    "signing over the bare code": "at most 15 us",
    "egov-sm2 signed": "at least 15,000 /s with the native kernel",
    "egov-sm2 verified": "at least 12,000 /s with the native kernel",
    "client over httpx": "at most 25 %",
}


def bare(profile: GatewayProfile, text: bytes) -> Operation:
    """The primitive alone, with its encoding, on the string that the profile signs."""
    if profile.digest.startswith("sm2"):
        return lambda: encode(sm2_signature(KEY, text, raw=profile.digest == "sm2-raw"), "base64")
    key = ME.secret.encode()
    return lambda: encode(code(profile.digest, key=key, text=text), profile.encoding)


def best(operations: dict[str, Operation], *, rounds: int, budget_s: float) -> dict[str, float]:
    """Seconds for one of each: in each round everyone runs once, and each one's best round counts."""
    counts, found = {}, dict.fromkeys(operations, float("inf"))
    for name, operation in operations.items():
        for _ in range(20):
            operation()
        started = time.perf_counter()
        operation()
        counts[name] = max(1, int(budget_s / (time.perf_counter() - started)))
    for _ in range(rounds):
        for name, operation in operations.items():
            started = time.perf_counter()
            for _ in range(counts[name]):
                operation()
            found[name] = min(found[name], (time.perf_counter() - started) / counts[name])
    return found


def signing(rounds: int) -> dict[str, float]:
    """Microseconds that each profile adds to the primitive."""
    operations: dict[str, Operation] = {}
    for name, profile in BUILT_IN.items():
        text = sign(PART, profile=profile, credentials=ME, at=AT).signing_string
        operations[f"{name} bare"] = bare(profile, text)
        operations[f"{name} signed"] = lambda profile=profile: sign(PART, profile=profile, credentials=ME, at=AT)  # type: ignore[misc]  # bound here
    times = best(operations, rounds=rounds, budget_s=0.01)
    return {name: 1e6 * (times[f"{name} signed"] - times[f"{name} bare"]) for name in BUILT_IN}


def received(name: str, nonce: int) -> ReceivedRequest:
    signed = sign(PART, profile=BUILT_IN[name], credentials=ME, at=AT, nonce=f"{nonce:032x}")
    headers = tuple((wire.lower(), value) for wire, value in signed.fields)
    return ReceivedRequest(method="POST", path=PART.path, query=PART.query, headers=headers, body=PART.body)


def verifying(rounds: int) -> dict[str, float]:
    """Requests a second, with a replay store that remembers them all."""
    callers = {ME.id: CallerKey(secrets=(ME.secret,), public_keys=(KEY.public_key(),))}
    public = KEY.public_key()
    text = sign(PART, profile=BUILT_IN["egov-sm2"], credentials=ME, at=AT).signing_string
    der = KEY.sign(text)
    operations: dict[str, Operation] = {
        "bare SM2 signed": lambda: KEY.sign(text),
        "egov-sm2 signed": lambda: sign(PART, profile=BUILT_IN["egov-sm2"], credentials=ME, at=AT),
        "bare SM2 verified": lambda: public.verify(der, text),
    }
    for name in ("egov-sm2", "egov-hmac-sm3", "national-1", "tif"):
        # the same ones again and again, each time to a verifier that has not seen them
        requests = [received(name, number) for number in range(64)]
        requests = requests if BUILT_IN[name].nonce else requests[:1]
        operations[f"{name} verified"] = _verify_all(name, callers, requests)
    times = best(operations, rounds=rounds, budget_s=0.03)
    counts = {f"{name} verified": 64 if BUILT_IN[name].nonce else 1 for name in BUILT_IN}
    return {name: counts.get(name, 1) / seconds for name, seconds in times.items()}


def _verify_all(name: str, callers: dict[str, CallerKey], requests: list[ReceivedRequest]) -> Operation:
    verifier = RequestVerifier(name, callers=callers)

    def run() -> None:
        verifier._replay = MemoryReplayStore()
        for request in requests:
            verifier.verify(request, at=AT)

    return run


def serve(pipe: multiprocessing.connection.Connection) -> None:
    """Answer every request on every connection with two bytes."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                mark = head.lower().find(b"content-length:")
                if mark >= 0:
                    await reader.readexactly(int(head[mark + 15 : head.index(b"\r", mark)]))
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


BODY = b'{"a":1}' * 10
CALL = Request("POST", "/x", body=BODY, content_type="application/json", writes_safely=True)


def loopback(rounds: int) -> dict[str, float]:
    """Seconds for one request each, over one kept connection."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        address = f"http://127.0.0.1:{ours.recv()}"
        found = _blocking(address, rounds)
        found |= asyncio.run(_awaited(address, rounds))
    finally:
        server.terminate()
        server.join()
    return found


def _blocking(address: str, rounds: int) -> dict[str, float]:
    headers = {"Content-Type": "application/json"}
    with (
        httpx.Client(trust_env=False) as plain,
        GatewayClient(address) as unsigned,
        GatewayClient(address, profile="tif", credentials=ME) as tif,
        GatewayClient(address, profile="egov-hmac-sm3", credentials=ME) as own,
    ):
        operations: dict[str, Operation] = {
            "httpx": lambda: plain.post(f"{address}/x", content=BODY, headers=headers).content,
            "client, not signed": lambda: unsigned.request(CALL),
            "client, tif": lambda: tif.request(CALL),
            "client, egov-hmac-sm3": lambda: own.request(CALL),
        }
        return best(operations, rounds=rounds, budget_s=0.1)


async def _awaited(address: str, rounds: int) -> dict[str, float]:
    headers = {"Content-Type": "application/json"}
    async with (
        httpx.AsyncClient(trust_env=False) as plain,
        AsyncGatewayClient(address) as unsigned,
        AsyncGatewayClient(address, profile="tif", credentials=ME) as tif,
    ):
        operations = {
            "async httpx": lambda: plain.post(f"{address}/x", content=BODY, headers=headers),
            "async client, not signed": lambda: unsigned.request(CALL),
            "async client, tif": lambda: tif.request(CALL),
        }
        found = dict.fromkeys(operations, float("inf"))
        for turn in range(rounds + 1):
            for name, operation in operations.items():
                started = time.perf_counter()
                for _ in range(100):
                    await operation()
                if turn:  # the first turn warms up
                    found[name] = min(found[name], (time.perf_counter() - started) / 100)
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    print(f"crypto backend: {backend()}\n\nmicroseconds over the bare code ({GOALS['signing over the bare code']})")
    added = signing(arguments.rounds)
    for name, microseconds in added.items():
        print(f"  {name:16} {microseconds:8.1f}")
    rates = verifying(arguments.rounds)
    print("\nrequests a second, one core")
    for name, rate in rates.items():
        print(f"  {name:24} {rate:12,.0f} /s   {GOALS.get(name, '')}")
    calls = loopback(arguments.rounds)
    print(f"\none request over loopback ({GOALS['client over httpx']} over httpx)")
    for name, seconds in calls.items():
        base = calls["async httpx" if name.startswith("async") else "httpx"]
        print(f"  {name:26} {1e6 * seconds:8.0f} us   {100 * (seconds / base - 1):+6.1f} %")
    if arguments.json:
        results = {"microseconds_over_bare": added, "per_second": rates, "seconds_per_call": calls}
        arguments.json.write_text(json.dumps(results, indent=2), "utf-8")


if __name__ == "__main__":
    main()
