"""Bodies that are sent piece by piece."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from egov_sdk.crypto import SM2PrivateKey, sm3
from egov_sdk.gateway import AsyncGatewayClient, Credentials, GatewayClient, Request, Upload
from egov_sdk.gateway.errors import AnswerCutOff, BodyChanged, ConnectFailed, GatewayUnavailable, TimedOut
from egov_sdk.gateway.loading import parse_profile
from egov_sdk.gateway.policies import Retry, Timeouts
from tests.unit.gateway.world import ADDRESS, Caller, Kind, Platform, Time, both

KEY = SM2PrivateKey.generate()
OWN: dict[str, Any] = {"profile": "egov-sm2", "credentials": Credentials("app", signer=KEY)}
TIF: dict[str, Any] = {"profile": "tif", "credentials": Credentials("app", secret="s")}
LARGE = bytes(range(256)) * 1024  # four pieces of a file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "large.bin"
    place.write_bytes(LARGE)
    return place


def _post(upload: Upload, **more: Any) -> Request:
    return Request("POST", "/x", upload=upload, **more)


def _once(*pieces: bytes, size: int | None = None, sm3: str = "") -> Upload:
    return Upload.of_pieces(iter(pieces), size=sum(map(len, pieces)) if size is None else size, sm3=sm3)


@both
def test_a_file_is_sent_with_its_size_and_nothing_is_chunked(kind: Kind, file: Path) -> None:
    platform = Platform(httpx.Response(200))
    Caller(kind, platform).request(_post(Upload.of_file(file)))
    sent = platform.saw[0]
    assert sent.content == LARGE
    assert sent.headers["content-length"] == str(len(LARGE))
    assert "transfer-encoding" not in sent.headers
    assert sent.headers["content-type"] == "application/octet-stream"


@both
def test_the_digest_of_a_file_is_signed(kind: Kind, file: Path) -> None:
    platform = Platform(httpx.Response(200))
    Caller(kind, platform, **OWN).request(_post(Upload.of_file(file), content_type="application/ofd"))
    headers = platform.saw[0].headers
    digest = headers["Egov-Body-SM3"]
    assert digest == sm3(LARGE).hex()
    text = f"egov-sm2-1\napp\n\n{headers['Egov-Time']}\n{headers['Egov-Nonce']}\nPOST\n/x\n\n{digest}"
    KEY.public_key().verify(base64.b64decode(headers["Egov-Signature"]), text.encode())
    assert headers["content-type"] == "application/ofd"


@both
def test_pieces_are_sent_where_their_digest_is_given_or_not_signed(kind: Kind) -> None:
    platform = Platform(httpx.Response(200))
    Caller(kind, platform, **TIF).request(_post(_once(b"a", b"", b"bc")))
    Caller(kind, platform, **OWN).request(_post(_once(b"a", b"bc", sm3=sm3(b"abc").hex())))
    Caller(kind, platform, **TIF).request(_post(_once()))
    assert [one.content for one in platform.saw] == [b"abc", b"abc", b""]


def test_another_digest_may_be_the_one_that_is_signed(file: Path) -> None:
    upload = Upload.of_file(file)
    assert upload.digest("sha256") == hashlib.sha256(LARGE).hexdigest()
    assert b"".join(upload.pieces(lambda: None)) == LARGE


def test_a_profile_may_sign_the_other_digest(file: Path) -> None:
    profile = parse_profile(
        'name = "city"\ndigest = "hmac-sm3"\nsigning_string = "{time}{body_sha256}"\n'
        '[fields]\nT = "{time}"\nB = "{body_sha256}"\nS = "{signature}"\n'
    )
    platform = Platform(httpx.Response(200))
    credentials = Credentials("app", secret="s")
    Caller("sync", platform, profile=profile, credentials=credentials).request(_post(Upload.of_file(file)))
    assert platform.saw[0].headers["B"] == hashlib.sha256(LARGE).hexdigest()


@both
def test_a_file_is_sent_again_as_any_other_body(kind: Kind, file: Path) -> None:
    platform = Platform(httpx.Response(503), httpx.Response(200))
    Caller(kind, platform, **OWN).request(_post(Upload.of_file(file), writes_safely=True))
    assert [one.content for one in platform.saw] == [LARGE, LARGE]
    assert platform.saw[0].headers["Egov-Nonce"] != platform.saw[1].headers["Egov-Nonce"]


@both
def test_pieces_that_are_gone_are_not_sent_again(kind: Kind) -> None:
    platform = Platform(httpx.Response(503), httpx.Response(200))
    upload = _once(b"abc")
    with pytest.raises(GatewayUnavailable):
        Caller(kind, platform).request(_post(upload, writes_safely=True))
    assert len(platform.saw) == 1
    assert upload.is_spent
    with pytest.raises(ValueError, match="gone"):
        Caller(kind, platform).request(_post(upload))


class Unread:
    """A transport that fails before it looks at the body, as a connection does that does not come about."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.bodies = list(answers), list[bytes]()

    def next(self) -> httpx.Response:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class UnreadSync(Unread, httpx.BaseTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.next()
        self.bodies.append(request.read())
        return answer


class UnreadAsync(Unread, httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.next()
        self.bodies.append(await request.aread())
        return answer


def test_pieces_that_were_not_begun_are_tried_again() -> None:
    blocking = UnreadSync(httpx.ConnectError("no"), httpx.Response(200, stream=httpx.ByteStream(b"")))
    with GatewayClient(ADDRESS, transport=blocking, sleep=lambda seconds: None) as client:
        client.request(_post(_once(b"abc")))
    awaited = UnreadAsync(httpx.ConnectError("no"), httpx.Response(200, stream=httpx.ByteStream(b"")))

    async def pause(seconds: float) -> None:
        return

    async def run() -> None:
        async with AsyncGatewayClient(ADDRESS, transport=awaited, sleep=pause) as client:
            await client.request(_post(_once(b"abc")))

    asyncio.run(run())
    assert blocking.bodies == awaited.bodies == [b"abc"]


def _taken(upload: Upload) -> tuple[bytes, type[Exception] | None]:
    """What leaves before it breaks off, and how."""
    out = b""
    try:
        for piece in upload.pieces(lambda: None):
            out += piece
    except Exception as error:  # noqa: BLE001 - which one is the question
        return out, type(error)
    return out, None


@pytest.mark.parametrize(
    ("upload", "left"),
    [
        (_once(b"abc", b"d", size=3), b""),
        (_once(b"abc", b"d", size=5), b"abc"),
        (_once(size=1), b""),
        (_once(b"a", size=0), b""),
        (_once(b"abc", b"d", sm3=sm3(b"abcx").hex()), b"abc"),
    ],
)
def test_a_body_that_is_not_as_announced_never_leaves_whole(upload: Upload, left: bytes) -> None:
    assert _taken(upload) == (left, BodyChanged)


@both
def test_a_file_that_changes_after_it_was_signed_is_not_sent_whole(kind: Kind, file: Path) -> None:
    upload = Upload.of_file(file)
    upload.digest("sm3")
    file.write_bytes(LARGE[:-1] + b"!")
    platform = Platform(httpx.Response(200))
    with pytest.raises(BodyChanged) as caught:
        Caller(kind, platform, **OWN).request(_post(upload))
    assert caught.value.code == "egov.gateway.body_changed"
    file.write_bytes(LARGE + b"!")
    with pytest.raises(BodyChanged):
        Caller(kind, platform, **OWN).request(_post(upload))


def test_a_file_that_grows_before_it_is_hashed_is_told(file: Path) -> None:
    upload = Upload.of_file(file)
    file.write_bytes(LARGE + b"!")
    with pytest.raises(BodyChanged, match="announced"):
        upload.digest("sm3")


@both
def test_what_fails_in_the_source_is_the_sources_own(kind: Kind, file: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"a"
        raise ConnectionResetError("the source")

    platform = Platform(httpx.Response(200))
    with pytest.raises(ConnectionResetError, match="the source"):
        Caller(kind, platform).request(_post(Upload.of_pieces(broken(), size=3)))
    upload = Upload.of_file(file)
    file.unlink()
    with pytest.raises(FileNotFoundError):
        Caller(kind, platform).request(_post(upload))
    texts: Any = ["abc"]
    with pytest.raises(TypeError, match="bytes"):
        Caller(kind, platform).request(_post(Upload.of_pieces(texts, size=3)))


@both
def test_a_body_that_drips_is_ended_when_the_time_is_over(kind: Kind) -> None:
    time = Time()

    def slow() -> Iterator[bytes]:
        yield b"a"
        time.now += 200
        yield b"b"

    caller = Caller(kind, Platform(httpx.Response(200)), time, timeouts=Timeouts(total_s=100))
    with pytest.raises(TimedOut) as caught:
        caller.request(_post(Upload.of_pieces(slow(), size=2)))
    assert caught.value.detail["phase"] == "total"


@both
@pytest.mark.parametrize(
    ("request_", "settings", "word"),
    [
        (lambda: _post(_once(b"abc")), OWN, "sm3"),
        (lambda: _post(_once(b"abc")), {"profile": "nhsa-plain"}, "whole"),
    ],
)
def test_a_profile_that_needs_the_body_says_so_before_anything_is_sent(
    kind: Kind, request_: Any, settings: dict[str, Any], word: str
) -> None:
    platform = Platform(httpx.Response(200))
    credentials = Credentials("app", secret="s" * 16, signer=KEY)
    with pytest.raises(ValueError, match=word):
        Caller(kind, platform, **(settings | {"credentials": credentials})).request(request_())
    assert platform.saw == []


def test_a_callers_mistakes_are_told(file: Path) -> None:
    with pytest.raises(ValueError, match="one of"):
        Request("POST", "/x", body=b"a", upload=Upload.of_file(file))
    with pytest.raises(ValueError, match="negative"):
        Upload.of_pieces([], size=-1)
    with pytest.raises(ValueError, match="hexadecimal"):
        Upload.of_pieces([], size=0, sm3="AB" * 32)
    with pytest.raises(FileNotFoundError):
        Upload.of_file(file.with_name("missing"))
    assert repr(_once(b"abc")) == "<Upload of 3 bytes, once>"


@both
def test_a_connection_that_ends_in_the_midst_is_told_as_such(kind: Kind, file: Path) -> None:
    for error, expected in ((httpx.WriteError("cut"), AnswerCutOff), (httpx.ConnectError("no"), ConnectFailed)):
        caller = Caller(kind, Platform(error), retry=Retry(attempts=1))
        with pytest.raises(expected):
            caller.request(_post(Upload.of_file(file)))
