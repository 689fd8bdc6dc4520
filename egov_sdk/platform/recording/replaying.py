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

from egov_sdk.codes.masking import mask_number
from egov_sdk.gateway.asgi import App, Mounted, Received, Reply, ThreadedApp, read_json
from egov_sdk.gateway.credentials import Credentials
from egov_sdk.gateway.profile import GatewayProfile
from egov_sdk.gateway.removed import removed_octets
from egov_sdk.gateway.verifier import CallerKey
from egov_sdk.platform.recording.cleaning import ANYTHING, SOMEBODY, Cleaner, kind_of
from egov_sdk.platform.recording.files import Body, Recorded, as_json
from egov_sdk.platform.recording.remains import Finder
from egov_sdk.platform.session_secrets import SecretDesk
from egov_sdk.problems import shown

__all__ = ["Replay", "with_session_secrets"]

_FORM: Final = "application/x-www-form-urlencoded"
_BODY_BYTES: Final = 64 << 20
_SHOWN: Final = 40
#: Names of what is another at each request.
_PASSING: Final = re.compile(r"(?i)time|nonce|random|request_?id|trace_?id")
_GONE: Final = "removed from this recording"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request as it is compared: where, and every item of it by its place, those of the path among them."""

    method: str
    path: str
    items: Mapping[str, str]

    def is_at(self, asked: _Asked) -> bool:
        """Whether something else is asked at the place of this that was recorded, whoever it is about."""
        held, now = self.path.split("/"), asked.path.split("/")
        if (self.method, len(held)) != (asked.method, len(now)):
            return False
        return all(one == other or _stands_in(one) for one, other in zip(held, now, strict=True))


class Replay:
    """A recording as an ASGI application. Of several answers to the same request each is given once, the last again.

    What was removed from the recording, times, nonces and signatures match anything; everything else must be as it was
    recorded. A pseudonym is whoever is asked for in its place first, from then on nobody else, and answers name them.

    Args:
        lenient: Whether the first answer at the same method and path will do where nothing else fits.
    Attributes:
        unmatched: What was asked that the recording has not, each with what is nearest and what differs.
    """

    def __init__(self, exchanges: Iterable[Recorded], *, lenient: bool = False) -> None:
        self._held = [(_recorded(one), one) for one in exchanges]
        self._lenient, self._lock, self._given = lenient, Lock(), set[int]()
        self._meant = dict[str, str]()  # by the pseudonym that stands for it
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
            found, meant = self._find(asked), dict(self._meant)
            if found is None:
                told = self._told(asked)
                self.unmatched.append(told)
        if found is None:
            return Reply(404, json.dumps({"code": "egov.platform.not_recorded", "message": told}).encode())
        return _reply(found, meant)

    def _find(self, asked: _Asked) -> Recorded | None:
        at = [index for index, (held, _) in enumerate(self._held) if held.is_at(asked)]
        compared = {index: _compared(self._held[index][0], asked, self._meant) for index in at}
        fitting = [index for index, one in compared.items() if not one.differing]
        if not fitting and self._lenient:
            fitting = at
        if not fitting:
            return None
        index = next((one for one in fitting if one not in self._given), fitting[-1])
        self._given.add(index)
        self._meant = compared[index].meant
        return self._held[index][1]

    def _told(self, asked: _Asked) -> str:
        """What is nearest to a request that was not recorded, and in what it differs."""
        begin = f"the recording has no {asked.method} {shown('/'.join(map(_veiled, asked.path.split('/'))))}"
        at = [(index, held) for index, (held, _) in enumerate(self._held, 1) if held.is_at(asked)]
        if not at:
            paths = sorted({f"{held.method} {held.path}" for held, _ in self._held})
            return f"{begin}; it has {', '.join(paths[:20]) or 'nothing'}"
        compared = [(index, held, _compared(held, asked, self._meant).differing) for index, held in at]
        index, near, differing = min(compared, key=lambda one: len(one[2]))
        lines = [f"{begin} with these items; the nearest is exchange {index}:"]
        for name in differing[:20]:
            now = asked.items.get(name)
            veiled = None if now is None else _veiled(now, _last(name))
            lines.append(f"  {name}: asked {_word(veiled)}, recorded {_word(near.items.get(name))}")
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


def _veiled(text: str, name: str = "") -> str:
    """A text of a program as it may be told: of what is somebody's, the first and the last character."""
    return text if Cleaner().text(text, name=name) == text else mask_number(text)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _stands_in(text: str) -> bool:
    return SOMEBODY.fullmatch(text) is not None or ANYTHING.search(text) is not None


@dataclass(frozen=True, slots=True)
class _Compared:
    """The places at which a request is another than a recorded one, and who the pseudonyms are where it is none."""

    differing: list[str]
    meant: dict[str, str]


def _compared(held: _Asked, asked: _Asked, meant: Mapping[str, str]) -> _Compared:
    found = _Compared([], dict(meant))
    for name in dict.fromkeys([*held.items, *asked.items]):
        one, other = held.items.get(name), asked.items.get(name)
        if _same(_last(name), one, other):
            continue
        if one is not None and other is not None and _may_be(one, other, found.meant):
            found.meant[one] = other
        else:
            found.differing.append(name)
    return found


def _may_be(held: str, asked: str, meant: Mapping[str, str]) -> bool:
    """Whether a pseudonym may stand for who is asked for: as before, or it is nobody yet and nobody else is that."""
    if held in meant:
        return meant[held] == asked
    return SOMEBODY.fullmatch(held) is not None and asked not in meant.values()


def _same(name: str, held: str | None, asked: str | None) -> bool:
    if held == asked:
        return True
    if _PASSING.search(name) or kind_of(name, asked or held or "") == "secret":
        return True
    return held is not None and asked is not None and (ANYTHING.search(held) is not None or _GONE in held)


# ---------------------------------------------------------------------- as it is compared


def _recorded(one: Recorded) -> _Asked:
    path = unquote(one.path)
    return _Asked(one.method, path, _in_path(path) | dict(_items(one.query, one.body)))


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
    path = unquote(received.path)
    return _Asked(received.method, path, _in_path(path) | dict(_items(tuple(received.query.items()), body)))


def _in_path(path: str) -> dict[str, str]:
    return {f"path[{number}]": part for number, part in enumerate(path.split("/"))}


def _items(query: Iterable[tuple[str, str]], body: Body) -> Iterator[tuple[str, str]]:
    for name, text in query:
        yield from _flat(f"query.{name}", text)
    if body.kind == "form":
        for name, text in body.pairs:
            yield from _flat(f"form.{name}", text)
    elif body.kind == "json":
        yield from _flat("body", body.value)
    elif body.kind == "removed":
        yield "body", f"{body.value} octets {_GONE}"


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


def _reply(one: Recorded, meant: Mapping[str, str]) -> Reply:
    """The answer, which speaks of those whom the program asked for."""
    named = {name: json.dumps(text, ensure_ascii=False)[1:-1] for name, text in meant.items()}
    kind = next((text for name, text in one.headers if name == "content-type"), "")
    others = tuple((name, text) for name, text in one.headers if name != "content-type")
    written: dict[str, Callable[[], bytes]] = {
        "none": lambda: b"",
        "json": lambda: Finder.of(named).replaced(as_json(one.answer.value), named.__getitem__).encode(),
        "form": lambda: json.dumps(one.answer.value).encode(),
        "removed": lambda: removed_octets(int(str(one.answer.value))),
    }
    return Reply(one.status, written[one.answer.kind](), kind or "application/json", headers=others)
