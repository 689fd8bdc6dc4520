"""A recording that answers: each request with what a platform answered to its like (流量回放)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final
from urllib.parse import parse_qsl, unquote

from egov_sdk.gateway.asgi import App, Mounted, Received, Reply, ThreadedApp, read_json
from egov_sdk.gateway.credentials import Credentials
from egov_sdk.gateway.profile import GatewayProfile
from egov_sdk.gateway.verifier import CallerKey
from egov_sdk.platform.recording.cleaning import kind_of
from egov_sdk.platform.recording.files import Body, Recorded, as_json
from egov_sdk.platform.session_secrets import SecretDesk
from egov_sdk.problems import shown

__all__ = ["Replay", "with_session_secrets"]

_FORM: Final = "application/x-www-form-urlencoded"
_REMOVED: Final = re.compile(r"secret-\d{6}-removed-from-this-recording")
_BODY_BYTES: Final = 64 << 20
_SHOWN: Final = 40
#: Names of what is another at each request.
_PASSING: Final = re.compile(r"(?i)time|nonce|random|request_?id|trace_?id")
_OCTETS: Final = b"octets that were removed from this recording"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request as it is compared: where, and every item of it by its place."""

    method: str
    path: str
    items: Mapping[str, str]

    @property
    def where(self) -> tuple[str, str]:
        return self.method, self.path


class Replay:
    """A recording as an ASGI application. Of several answers to the same request each is given once, the last again.

    What was removed from the recording, times, nonces and signatures match anything; everything else must be as it was
    recorded, pseudonyms included.

    Args:
        lenient: Whether the first answer at the same method and path will do where nothing else fits.
    Attributes:
        unmatched: What was asked that the recording has not, each with what is nearest and what differs.
    """

    def __init__(self, exchanges: Iterable[Recorded], *, lenient: bool = False) -> None:
        self._held = [(_recorded(one), one) for one in exchanges]
        self._lenient, self._lock, self._given = lenient, Lock(), set[int]()
        self.unmatched = list[str]()

    @property
    def app(self) -> App:
        """To be served, or to be put behind a client with ``gateway.in_process``."""
        return ThreadedApp(self._answer, max_body_bytes=_BODY_BYTES)

    def assert_matched(self) -> None:
        """Everything that was asked was in the recording.

        Raises:
            AssertionError: something was not; the message says what differs.
        """
        if self.unmatched:
            raise AssertionError("\n".join(self.unmatched))

    def _answer(self, received: Received) -> Reply:
        asked = _received(received)
        with self._lock:
            found = self._find(asked)
            if found is None:
                told = self._told(asked)
                self.unmatched.append(told)
        if found is None:
            return Reply(404, json.dumps({"code": "egov.platform.not_recorded", "message": told}).encode())
        return _reply(found)

    def _find(self, asked: _Asked) -> Recorded | None:
        at = [index for index, (held, _) in enumerate(self._held) if held.where == asked.where]
        fitting = [index for index in at if not _differing(self._held[index][0], asked)]
        if not fitting and self._lenient:
            fitting = at
        if not fitting:
            return None
        index = next((one for one in fitting if one not in self._given), fitting[-1])
        self._given.add(index)
        return self._held[index][1]

    def _told(self, asked: _Asked) -> str:
        """What is nearest to a request that was not recorded, and in what it differs."""
        begin = f"the recording has no {asked.method} {shown(asked.path)}"
        at = [(index, held) for index, (held, _) in enumerate(self._held, 1) if held.where == asked.where]
        if not at:
            paths = sorted({f"{held.method} {held.path}" for held, _ in self._held})
            return f"{begin}; it has {', '.join(paths[:20]) or 'nothing'}"
        index, near = min(at, key=lambda one: len(_differing(one[1], asked)))
        lines = [f"{begin} with these items; the nearest is exchange {index}:"]
        for name in _differing(near, asked)[:20]:
            lines.append(f"  {name}: asked {_word(asked.items.get(name))}, recorded {_word(near.items.get(name))}")
        return "\n".join(lines)


def with_session_secrets(
    app: App, *, profile: GatewayProfile, credentials: Credentials, clock: Callable[[], datetime]
) -> App:
    """A replayed gateway that hands out session secrets, which a recording has not, to who has these credentials.

    Only the requests for them are checked: what was recorded is answered however it is signed.

    Raises:
        ValueError: the profile has none, or they cannot be handed out without more; there is no long-lived secret.
    """
    if not credentials.secret:
        raise ValueError(f"{credentials.id} has no long-lived secret")
    desk = SecretDesk(profile, callers={credentials.id: CallerKey(secrets=(credentials.secret,))}, clock=clock)
    assert profile.token is not None
    return Mounted({profile.token.login.path: desk.app()}, fallback=app, whole_paths=True)


def _word(text: str | None) -> str:
    if text is None:
        return "nothing"
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _differing(held: _Asked, asked: _Asked) -> list[str]:
    """The places at which a request is another than the recorded one."""
    names = dict.fromkeys([*held.items, *asked.items])
    return [name for name in names if not _same(name, held.items.get(name), asked.items.get(name))]


def _same(name: str, held: str | None, asked: str | None) -> bool:
    if held == asked:
        return True
    last = name.rpartition(".")[2]
    if _PASSING.search(last) or kind_of(last, asked or held or "") == "secret":
        return True
    if held is None or asked is None:
        return False
    return _REMOVED.search(held) is not None or "removed from this recording" in held


# ---------------------------------------------------------------------- as it is compared


def _recorded(one: Recorded) -> _Asked:
    return _Asked(one.method, unquote(one.path), dict(_items(one.query, one.body)))


def _received(received: Received) -> _Asked:
    body = Body()
    if received.body:
        try:
            if received.media_type == _FORM:
                body = Body("form", tuple(parse_qsl(received.body.decode("ascii"), keep_blank_values=True)))
            else:
                body = Body("json", read_json(received.body))
        except ValueError:
            body = Body("removed", len(received.body))
    return _Asked(received.method, unquote(received.path), dict(_items(tuple(received.query.items()), body)))


def _items(query: Iterable[tuple[str, str]], body: Body) -> Iterator[tuple[str, str]]:
    for name, text in query:
        yield from _flat(f"query.{name}", text)
    if body.kind == "form":
        for name, text in body.pairs:
            yield from _flat(f"form.{name}", text)
    elif body.kind == "json":
        yield from _flat("body", body.value)
    elif body.kind == "removed":
        yield "body", f"{body.value} octets removed from this recording"


def _flat(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text of a value by its place; a text that is JSON is looked into."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            value = read_json(value.encode("utf-8", "surrogatepass"))
        except ValueError:
            yield name, str(value)
            return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}", inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _flat(f"{name}[{index}]", inner)
    else:
        yield name, "" if value is None else str(value)


def _reply(one: Recorded) -> Reply:
    kind = next((text for name, text in one.headers if name == "content-type"), "")
    others = tuple((name, text) for name, text in one.headers if name != "content-type")
    written: dict[str, Callable[[], bytes]] = {
        "none": lambda: b"",
        "json": lambda: as_json(one.answer.value).encode(),
        "form": lambda: json.dumps(one.answer.value).encode(),
        "removed": lambda: _OCTETS,
    }
    return Reply(one.status, written[one.answer.kind](), kind or "application/json", headers=others)
