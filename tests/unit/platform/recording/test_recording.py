"""Recorded traffic: nothing secret and nobody in the file, in no encoding; and the file answers as the platform did."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.codes import CodeKind, check_code
from egov_sdk.door import Gov
from egov_sdk.errors import ConfigError, InputError, LimitExceeded, ParseError, PlatformRejected
from egov_sdk.gateway import Credentials, GatewayClient, Request, in_process
from egov_sdk.gateway.forwarding import Forwarder
from egov_sdk.gateway.profiles import built_in
from egov_sdk.platform.recording.cleaning import Cleaner
from egov_sdk.platform.recording.files import Body, Recorded, read_recording, write_recording
from egov_sdk.platform.recording.recorder import Recorder
from egov_sdk.platform.recording.replaying import Replay, with_session_secrets

GOLDEN = Path(__file__).parent / "golden" / "recording-1.jsonl"
NUMBER, OTHER, OLD = "11010519491231002X", "440524188001010014", "130503670401001"
MOBILE, NAME, LOGIN = "13800138000", "欧阳建国", "ouyangjg"
ADDRESS, EMAIL = "北京市东城区某某胡同12号", "ouyang.jg@mail.example.cn"
TOKEN, SECRET, TICKET = "tok-7f3a9c1e55d04b", "s3cr3t-of-the-caller", "ST-4711-aaBBccDD"
SIGNATURE = base64.b64encode(bytes(range(40))).decode()
JWT = "eyJhbGciOiJTTTIifQ.eyJuYW1lIjoi5qyn6ZizIn0.c2lnbmF0dXJlLW9mLWl0"
SEEDED = (NUMBER, OTHER, OLD, MOBILE, NAME, LOGIN, ADDRESS, EMAIL, TOKEN, SECRET, TICKET, SIGNATURE, JWT)


def encodings(text: str) -> Iterator[str]:
    octets = text.encode()
    yield from (text, quote(text), quote(text, safe=""), json.dumps(text)[1:-1], octets.hex(), octets.hex().upper())
    if len(octets) >= 6:
        for shift in range(3):
            whole = base64.b64encode(b"x" * shift + octets).decode().rstrip("=")
            yield whole[(0, 2, 3)[shift] : len(whole) - 1]
        yield base64.urlsafe_b64encode(octets).decode().rstrip("=")
    yield "".join(f"&#{ord(letter)};" for letter in text)


def assert_clean(text: str, *, but: tuple[str, ...] = ()) -> None:
    assert not any(number in text.replace(" ", "").replace("-", "") for number in (NUMBER, MOBILE))
    for secret in SEEDED:
        for form in encodings(secret) if secret not in but else ():
            assert form not in text, f"{secret} stands in it as {form}"


class Platform:
    """Answers with whatever it was given, and keeps what came."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.seen = list(answers), list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)


def recorded(platform: Platform, ask: Callable[[httpx.Client], object]) -> str:
    forwarder = Forwarder("https://platform.test", transport=httpx.MockTransport(platform))
    recorder = Recorder(forwarder, platform="platform.test")
    with httpx.Client(transport=in_process.transport(recorder), base_url="http://127.0.0.1:1") as client:
        ask(client)
    forwarder.close()
    return recorder.text()


def person(**more: object) -> dict[str, object]:
    return {"userName": NAME, "idNo": NUMBER, "phone": MOBILE, "address": ADDRESS, "email": EMAIL, **more}


INSIDE = json.dumps(person(), ensure_ascii=False)
WRAPPED: dict[str, object] = {
    "plain": person(),
    "list": [person(), [person()]],
    "text": {"data": INSIDE},
    "escaped": {"data": json.dumps({"data": json.dumps(person())})},
    "base64": {"data": base64.b64encode(INSIDE.encode()).decode()},
    "base64url": {"data": base64.urlsafe_b64encode(INSIDE.encode()).decode().rstrip("=")},
    "base64 of text": {"userName": NAME, "data": base64.b64encode(f"你好，{NAME}，欢迎办理业务".encode()).decode()},
    "percent": {"userName": NAME, "url": "https://x.example/?" + urlencode({"name": NAME, "id": NUMBER})},
    "message": {"userName": NAME, "message": f"{NAME}（{NUMBER}）电话{MOBILE}，{EMAIL} 已登记"},
    "later": {"message": f"{NAME} 已登记"},
    "labelled": {"surface": [{"name": "法定代表人", "value": NAME}, {"columnName": "LXDH", "value": MOBILE}]},
    "key": {NUMBER: {"userName": NAME}},
    "number": {"mobile": int(MOBILE), "idNo": int(OTHER)},
    "old": {"remark": f"旧号码 {OLD}"},
    "chinese": {"姓名": NAME, "身份证件号码": NUMBER, "住所": ADDRESS, "联系电话": MOBILE},
    "tokens": {"data": {"accessToken": TOKEN, "ticketId": TICKET, "id_token": JWT, "note": f"token is {TOKEN}"}},
    "hex": {"data": INSIDE.encode().hex()},
    "base64 in lines": {"data": base64.encodebytes(INSIDE.encode() * 3).decode()},
    "xml": {"data": f"<r><a:userName x='1'>{NAME}</a:userName><idNo><![CDATA[{NUMBER}]]></idNo></r>"},
    "callback": {"url": f"https://x.example/cb?ticket={TICKET}&userName={NAME}&xm={quote(NAME)}#a"},
    "bearer": {"note": f"curl -H 'Authorization: Bearer {TOKEN}'"},
    "parted": {
        "note": f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}",
        "about": f"{MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}",
    },
    "who asks": {"applicantName": NAME, "linkMan": NAME, "FDDBR": NAME, "names": [NAME], "经办人": NAME},
}


WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x30, 0x7B)})
ALONE: dict[str, object] = {
    "attribute": {"x": f"<p xm=\"{NAME}\" lxdh='{MOBILE}'/>"},
    "escaped element": {"x": f"&lt;xm&gt;{NAME}&lt;/xm&gt;"},
    "field of a form": {"x": f'<input name="姓名" type="text" value="{NAME}">'},
    "field and value": {"fieldName": "姓名", "fieldValue": NAME},
    "k and v": [{"K": "xm", "V": NAME}],
    "pairs": [["姓名", NAME], ["手机", MOBILE], ["备注", "无"]],
    "pairs of people": {"names": [[NAME, LOGIN], [LOGIN, NAME]]},
    "sentence": {"x": f"申请人姓名：{NAME}，住所：{ADDRESS}；联系电话：{MOBILE}，登录密码：{SECRET}"},
    "XML that became JSON": {"xm": {"#text": NAME}, "holderName": {"value": NAME}},
    "semicolons": {"x": f"a=1;xm={NAME};sjhm={MOBILE}"},
    "program text": {"x": f"var u={{name:'{NAME}',token:'{TOKEN}'}}"},
    "JSON in a text": {"x": f'said {{"xm":"{NAME}","token": "{TOKEN}"}} and no more'},
    "Base64 in a query": {"x": "/a?d=" + base64.urlsafe_b64encode(json.dumps({"xm": NAME}).encode()).decode()},
    "wide digits": {"x": f"号码 {NUMBER.translate(WIDE)}、{MOBILE.translate(WIDE)}"},
    "dialled from abroad": {"x": f"0086{MOBILE}"},
    "a sealed token": {"x": "eyJhbGciOiJkaXIifQ..aXZpdml2aXY.Y2lwaGVydGV4dA.dGFnZ2dn"},
    "a password in Chinese": {"密码": SECRET, "验证码": "884213"},
}


@pytest.mark.parametrize("how", ALONE)
def test_somebody_who_stands_nowhere_else_goes_out_by_what_is_said_beside(how: str) -> None:
    text = json.dumps(Cleaner().value(ALONE[how]), ensure_ascii=False)
    assert_clean(text)
    assert_clean("".join(decoded(text)))
    assert not any(one in text for one in (MOBILE.translate(WIDE), NUMBER.translate(WIDE), "dGFnZ2dn", "884213"))


def decoded(text: str) -> Iterator[str]:
    """What stands in it in Base64."""
    for found in re.findall(r"[\w+/-]{16,}={0,2}", text):
        with suppress(ValueError):
            octets = base64.urlsafe_b64decode(found + "=" * (-len(found) % 4))
            yield octets.decode().encode().decode("unicode_escape") if b"\\u" in octets else octets.decode()


@pytest.mark.parametrize(
    "value",
    [
        {"x": "the field name: 'userName' is missing"},
        {"x": "姓名：不能为空"},
        {"x": 'there is no operation name="license.type"'},
        {"columns": ["姓名", "编号"]},
        {"x": "第１２条 R&amp;D &copy 2026"},
        {"x": '<input name="姓名" type="text">'},
        {"value": "1", "v": "2", "#text": "3"},
        [["a", "b"], ["c", 1]],
    ],
)
def test_what_says_nothing_of_anybody_stays(value: object) -> None:
    assert Cleaner().value(value) == value


@pytest.mark.parametrize("piece", ["Ab1_", "eyJ", " ", "a@", "姓名", "name=", "&amp;", '<a name="x" '])
def test_a_long_text_takes_no_longer_than_its_length(piece: str) -> None:
    began = time.process_time()
    Cleaner().value({"x": piece * (100_000 // len(piece)) + "!"})
    assert time.process_time() - began < 5


def test_the_name_of_a_file_beside_the_type_of_an_answer_is_not_kept() -> None:
    kind = f'application/json; charset=UTF-8; name="{quote(NAME)}.json"; token={TOKEN}'
    text = recorded(Platform(httpx.Response(200, content=b"{}", headers={"content-type": kind})), lambda c: c.get("/a"))
    assert_clean(text)
    assert read_recording(text.encode())[0].headers == (("content-type", "application/json; charset=UTF-8"),)


@pytest.mark.parametrize("how", WRAPPED)
@pytest.mark.parametrize("where", ["answer", "json", "form", "query", "path"])
def test_nothing_of_anybody_stands_in_the_file(how: str, where: str) -> None:
    value = WRAPPED[how]
    # the name is known from the last answer only, and goes out of everything before
    platform = Platform(value if where == "answer" else {"ok": True}, person(accessToken=TOKEN, ticketId=TICKET))
    given = json.dumps(value, ensure_ascii=False)

    def ask(client: httpx.Client) -> None:
        if where == "form":
            client.post("/ask", data={"parameter": given})
        elif where == "query":
            client.get("/ask", params={"parameter": given})
        elif where == "path":
            client.get(f"/ask/{NUMBER}/{quote(NAME)}")
        else:
            client.post("/ask", json=value if where == "json" else {"a": 1})
        client.get("/who")

    text = recorded(platform, ask)
    assert_clean(text)
    assert len(read_recording(text.encode())) == 2


def test_headers_are_not_kept_and_what_they_held_goes_out_of_everything() -> None:
    headers = {
        "authorization": f"Bearer {TOKEN}",
        "x-tif-signature": SIGNATURE,
        "cookie": f"sid={SECRET}; other={TICKET}",
        "x-tif-uinfo": quote(NAME),
    }
    echo = {"echo": [f"Bearer {TOKEN}", SIGNATURE, SECRET, f"<{TICKET}>"], "userName": NAME}
    answer = httpx.Response(200, json=echo, headers=[("set-cookie", f"a={SECRET}"), ("x-request-id", "r-1")])
    text = recorded(Platform(answer), lambda client: client.get("/who", headers=headers))
    assert_clean(text)
    (one,) = read_recording(text.encode())
    assert one.headers == (("content-type", "application/json"),)


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, text=f"<p>{NAME}</p>", headers={"content-type": "text/html"}),
        httpx.Response(200, content=b"PK\x03\x04" + NAME.encode("gb18030") + NUMBER.encode()),
        httpx.Response(500, text=f"{NAME} {NUMBER}"),
        httpx.Response(200, content=json.dumps(person()).encode("utf-16")),
        httpx.Response(200, content=b'{"a":"' + NAME.encode() + b'","a":1}'),
    ],
    ids=["page", "file", "text", "utf-16", "twice"],
)
def test_of_what_nobody_can_look_into_the_size_alone_is_kept(response: httpx.Response) -> None:
    size = len(response.content)
    text = recorded(Platform(response), lambda client: client.post("/ask", content=NAME.encode("gb18030") * 9))
    assert_clean(text)
    (one,) = read_recording(text.encode())
    assert (one.answer.kind, one.answer.value, one.body.kind, one.body.value) == ("removed", size, "removed", 72)


def test_what_was_equal_stays_equal_and_numbers_keep_their_check_characters() -> None:
    people = [{"idNo": NUMBER, "userName": NAME}, {"idNo": OTHER, "userName": "李四"}, {"idNo": NUMBER}]
    text = recorded(Platform(people, {"idNo": OTHER}), lambda client: [client.get("/a"), client.get("/b")])
    first, second = read_recording(text.encode())
    told, later = cast("Any", first.answer.value), cast("Any", second.answer.value)
    numbers = [one["idNo"] for one in told]
    assert numbers[0] == numbers[2] != numbers[1] == later["idNo"]
    assert all(check_code(one, CodeKind.CITIZEN_NUMBER).ok and one.startswith("89") for one in numbers)
    names = [one.get("userName") for one in told]
    assert len(set(names[:2])) == 2


def test_halves_of_characters_that_a_platform_sends_are_kept_and_sent_again() -> None:
    inside = base64.b64encode(json.dumps({"a": "\ud800", "userName": NAME}).encode()).decode()
    value = {"half": "\ud800x", "\udc00": [1], "data": inside}
    answer = httpx.Response(200, content=json.dumps(value), headers={"content-type": "application/json"})
    text = recorded(Platform(answer), lambda client: client.get("/a"))
    found = read_recording(text.encode())
    with asked(Replay(found)) as client:
        told = client.get("/a").json()
    assert (told["half"], told["\udc00"]) == ("\ud800x", [1])
    assert json.loads(base64.b64decode(told["data"]))["a"] == "\ud800"
    assert_clean(text)


def test_what_is_nobody_s_stays() -> None:
    value = {"head": {"status": 0, "message": "接口调用成功"}, "certificateType": "营业执照", "total": 3, "ok": True}
    value |= {"token_type": "Bearer", "code": "00", "state": "valid", "issued": "2026-05-01", "rows": [1.5, None]}
    text = recorded(Platform(value), lambda client: client.get("/types", params={"page": "1"}))
    (one,) = read_recording(text.encode())
    assert (one.answer.value, one.path, one.query) == (value, "/types", (("page", "1"),))


def test_the_platform_gets_what_was_sent_and_the_program_what_was_answered() -> None:
    platform = Platform(
        httpx.Response(409, json=person(), headers=[("x-a", "1"), ("set-cookie", "a=1"), ("set-cookie", "b=2")])
    )

    def ask(client: httpx.Client) -> None:
        answer = client.post("/a%2Fb/c?x=%20y&x=2", content=b'{"n":1}', headers={"X-Sign": SIGNATURE})
        assert (answer.status_code, answer.json(), answer.headers["x-a"]) == (409, person(), "1")
        assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]

    recorded(platform, ask)
    (seen,) = platform.seen
    assert (seen.url.raw_path, seen.content, seen.headers["x-sign"]) == (b"/a%2Fb/c?x=%20y&x=2", b'{"n":1}', SIGNATURE)
    assert seen.headers["host"] == "platform.test"


def test_a_platform_that_is_not_there_is_told_and_not_recorded() -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    recorder = Recorder(Forwarder("https://platform.test", transport=httpx.MockTransport(gone)), platform="x")
    with httpx.Client(transport=in_process.transport(recorder), base_url="http://x") as client:
        assert client.get("/a").status_code == 502
    assert len(recorder) == 0
    with pytest.raises(ConfigError):
        Forwarder("https://platform.test/path")


def test_what_would_still_stand_is_found_in_every_encoding() -> None:
    cleaner = Cleaner()
    cleaner.hide(SECRET)
    for form in (
        SECRET,
        quote(SECRET, safe=""),
        base64.b64encode(b"ab" + SECRET.encode()).decode(),
        SECRET.encode().hex(),
        quote(quote(SECRET.replace("-", "%2d"))),
    ):
        assert cleaner.leaks(['{"a": "b"}', f'{{"a": "{form}"}}', "[]"]) == {1}


@pytest.mark.parametrize("name", ["张三", NAME])
def test_a_chinese_name_that_would_still_stand_is_found_in_every_encoding(name: str) -> None:
    cleaner = Cleaner()
    cleaner.value({"userName": name})
    for octets in (name.encode(), name.encode("gbk")):
        for form in (
            quote(octets),
            quote(quote(octets)).lower(),
            octets.hex(),
            octets.hex().upper(),
            base64.b64encode(octets).decode(),
            f"a note: {base64.urlsafe_b64encode(octets).decode()}",
        ):
            assert cleaner.leaks(["[]", json.dumps([form])]) == {1}, form
    for form in (json.dumps(name)[1:-1], "".join(f"&#x{ord(letter):x};" for letter in name), f"他叫{name}吗"):
        assert cleaner.leaks([json.dumps([form], ensure_ascii=False), "[]"]) == {0}, form
    assert cleaner.leaks([json.dumps(["三张", "5byg5LiJ5byg5LiJ"[1:], 1], ensure_ascii=False)]) == set()


def test_pictures_inside_texts_and_codes_that_are_numbers_go_out() -> None:
    photo = base64.b64encode(bytes(range(128, 250))).decode()
    value = {"photo": f"data:image/jpeg;base64,{photo}", "smsCode": 471100, "password": 12345678, "tokenExpires": 7200}
    found = cast("Any", Cleaner().value(value))
    assert photo[:24] not in found["photo"]
    assert found["photo"].startswith("data:image/jpeg;base64,")
    assert ("471100" in str(found), "12345678" in str(found), found["tokenExpires"]) == (False, False, 7200)


def test_people_in_great_numbers_are_found_at_once_and_each_is_somebody_else() -> None:
    cleaner, rows = Cleaner(), [{"userName": f"欧阳{number}号", "phone": f"138{number:08d}"} for number in range(500)]
    cleaner.learning = True
    cleaner.value(rows)
    cleaner.learning = False
    told = cast("Any", cleaner.value([f"{row['userName']}的电话是{row['phone']}。" for row in rows]))
    assert len(set(told)) == 500
    assert cleaner.leaks([*told, f"{rows[7]['userName']}", "欧阳7号码"]) == {500, 501}


@given(
    st.recursive(
        st.text() | st.integers() | st.booleans() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_cleaning_twice_is_cleaning_once(value: Any) -> None:
    cleaner = Cleaner()
    once = cleaner.value(value)
    assert cleaner.value(once) == once


# ---------------------------------------------------------------------- the file


def test_the_form_of_the_file_is_fixed() -> None:
    text = GOLDEN.read_text("utf-8")
    found = read_recording(GOLDEN)
    assert write_recording(found, platform="样例平台") == text
    assert (found[0].query, found[0].body.kind, found[1].answer) == ((("page", "1"),), "form", Body("removed", 4711))


HEAD = b'{"egov_recording": 1}\n'
REQUEST, ANSWER = '"request":{"method":"GET","path":"/a","kind":"none"}', '"answer":{"status":200,"kind":"none"}'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"[]",
        b'{"egov_recording": 2}',
        b'{"egov_recording": true}x',
        HEAD + b"x",
        HEAD + b"[]",
        HEAD + b"{}",
        HEAD + b"{" * 100_000,
        HEAD + b'{"request":{"method":"GET","path":"/a","kind":"none"}}',
        *(
            HEAD + f"{{{REQUEST},{answer}}}".encode()
            for answer in (
                '"answer":{"status":"200","kind":"none"}',
                '"answer":{"status":99,"kind":"none"}',
                '"answer":{"status":200,"kind":"file","body":"/etc/passwd"}',
                '"answer":{"status":200,"kind":"removed","body":-1}',
                '"answer":{"status":200,"kind":"removed","body":1e99}',
                '"answer":{"status":200,"kind":"json"}',
                '"answer":{"status":200,"kind":"none","headers":[["set-cookie","a"]]}',
                '"answer":{"status":200,"kind":"none","headers":[["content-type","a\\r\\nb: c"]]}',
                '"answer":{"status":200,"kind":"form","body":[["a"]]}',
                '"answer":{"status":200,"kind":"none","headers":{}}',
            )
        ),
        *(
            HEAD + f'{{"request":{request},{ANSWER}}}'.encode()
            for request in (
                '{"method":"CONNECT","path":"/a","kind":"none"}',
                '{"method":"GET","path":"a","kind":"none"}',
                '{"method":"GET","path":"/a\\n","kind":"none"}',
                '{"method":"GET","path":["/a"],"kind":"none"}',
                '{"method":"GET","path":"/a","kind":"none","query":[[1,2]]}',
            )
        ),
    ],
)
def test_what_is_no_recording_is_told_with_its_line(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        read_recording(data)
    assert (caught.value.code, caught.value.where[:5]) == ("egov.platform.recording", "line ")


def test_a_recording_is_read_under_limits() -> None:
    with pytest.raises(LimitExceeded):
        read_recording(HEAD + b" " * ((16 << 20) + 1))
    with pytest.raises(LimitExceeded):
        read_recording(HEAD + b"\n" * 100_001)


@given(st.binary(max_size=200))
def test_strangers_files_raise_nothing_else(data: bytes) -> None:
    for given_ in (data, HEAD + data):
        try:
            read_recording(given_)
        except InputError:
            continue


# ---------------------------------------------------------------------- replay


def asked(replay: Replay) -> httpx.Client:
    return httpx.Client(transport=in_process.transport(replay.app), base_url="http://x")


def exchange(path: str = "/a", *, answer: object, body: Body = Body(), query: Any = ()) -> Recorded:  # noqa: B008
    method = "GET" if body.kind == "none" else "POST"
    return Recorded(method=method, path=path, query=query, body=body, status=200, answer=Body("json", answer))


def test_answers_come_in_their_order_and_the_last_one_again() -> None:
    replay = Replay([exchange(answer=1), exchange("/b", answer="b"), exchange(answer=2)])
    with asked(replay) as client:
        assert [client.get(path).json() for path in ("/a", "/a", "/b", "/a")] == [1, 2, "b", 2]
    replay.assert_matched()


def test_what_differs_is_told() -> None:
    body = Body(
        "form", (("parameter", '{"Type": "营业执照", "AccessToken": "secret-000001-removed-from-this-recording"}'),)
    )
    replay = Replay([exchange("/find", answer=1, body=body)])
    with asked(replay) as client:
        good = {"parameter": '{"AccessToken":"mine","Type":"营业执照"}', "timestamp": "17"}
        assert client.post("/find", data=good).json() == 1
        assert (
            client.post("/find", data={"parameter": '{"AccessToken":"mine","Type":"许可证","Page":"2"}'}).status_code
            == 404
        )
        assert client.get("/find").status_code == 404
    with pytest.raises(AssertionError) as caught:
        replay.assert_matched()
    assert str(caught.value).splitlines() == [
        "the recording has no POST /find with these items; the nearest is exchange 1:",
        "  form.parameter.Type: asked '许可证', recorded '营业执照'",
        "  form.parameter.Page: asked '2', recorded nothing",
        "the recording has no GET /find; it has POST /find",
    ]


def test_a_pseudonym_is_whoever_is_asked_for_first_and_then_nobody_else() -> None:
    def ask(client: httpx.Client) -> None:
        for number in (NUMBER, OTHER):
            client.get(f"/people/{number}")
            client.post("/find", json={"holderCode": number, "page": 1})

    answers: tuple[dict[str, object], ...] = (
        {"idNo": NUMBER}, {"found": [NUMBER, NAME], "userName": NAME}, {"idNo": OTHER}, {"found": [OTHER]}
    )  # fmt: skip
    replay = Replay(read_recording(recorded(Platform(*answers), ask).encode()))
    first, second, third = "110105199003070038", "440524199001010017", "110105196001010014"
    with asked(replay) as client:
        assert client.get(f"/people/{first}").json() == {"idNo": first}
        assert client.post("/find", json={"holderCode": second, "page": 1}).json() == {"found": [second]}
        told = client.post("/find", json={"holderCode": first, "page": 1}).json()
        assert (told["found"][0], told["userName"]) == (first, "替换姓名1")
        assert client.get(f"/people/{second}").json() == {"idNo": second}
        assert client.get(f"/people/{third}").status_code == 404
        assert client.post("/find", json={"holderCode": second, "page": 2}).status_code == 404
        assert client.post("/find", json={"holderCode": third, "page": 1}).status_code == 404
    text = "\n".join(replay.unmatched)
    assert all(one not in text for one in (first, second, third))
    assert "body.page: asked '2', recorded '1'" in text


@pytest.mark.parametrize("again", [b"another file", b"x" * 1_000])
def test_files_that_were_removed_match_any(again: bytes) -> None:
    def ask(octets: bytes) -> Callable[[httpx.Client], httpx.Response]:
        return lambda client: client.post("/verify", json={"file": base64.b64encode(b"\xff" + octets * 9).decode()})

    replay = Replay(read_recording(recorded(Platform({"ok": True}), ask(b"PK\x03\x04")).encode()))
    with asked(replay) as client:
        assert ask(again)(client).json() == {"ok": True}


def test_lenient_takes_what_is_at_the_same_place() -> None:
    replay = Replay([exchange(answer=1, query=(("page", "1"),))], lenient=True)
    with asked(replay) as client:
        assert client.get("/a", params={"page": "2"}).json() == 1
        assert client.get("/b").status_code == 404


def test_a_real_client_is_served_from_its_own_recording() -> None:
    from egov_sdk.identity.client import IdentityClient
    from egov_sdk.testing import Province

    with Province(profile="zj-irs") as province:
        person_ = province.people.add(NAME, level="real_person", mobile=MOBILE)
        recorder = Recorder(Forwarder(province.address, transport=province.transport()), platform="irs")
        gov = province.connect("hall", transport=in_process.transport(recorder))
        user = gov.identity.userinfo(province.sign_in(person_, gov=gov))
        text = recorder.text()
        assert (user.holder.name, len(recorder)) == (NAME, 3)
        for one in (NAME, MOBILE, person_.number):
            assert all(form not in text for form in encodings(one))
        replay = Replay(read_recording(text.encode()))
        again = province.connect("hall", transport=in_process.transport(replay.app))
        assert isinstance(again.identity, IdentityClient)
        begun = again.identity.begin()
        back = f"http://localhost/callback?state={begun.state}&ticketId=anything"
        found = again.identity.userinfo(again.identity.complete(begun, callback=back))
        replay.assert_matched()
        assert found.holder.name.startswith("替换姓名")
        assert check_code(found.holder.document.number, CodeKind.CITIZEN_NUMBER).ok  # type: ignore[union-attr]


def test_a_client_of_ours_is_told_what_was_not_recorded() -> None:
    replay = Replay([exchange(answer=1)])
    with GatewayClient("http://x", transport=in_process.transport(replay.app)) as gateway:
        assert gateway.request(Request("GET", "/a")).json() == 1
        with pytest.raises(PlatformRejected) as caught:
            gateway.request(Request("GET", "/else"))
    assert caught.value.platform_code == "egov.platform.not_recorded"


def test_a_program_of_ours_is_served_from_the_recording_of_a_province() -> None:
    from egov_sdk.license.problems import LicenseRejected
    from egov_sdk.platform.seeding import company_draft, seeded_people
    from egov_sdk.seal import Placement
    from egov_sdk.testing import Province
    from tests.license_world import function_use
    from tests.world import world

    def use_it(gov: Gov) -> list[object]:
        kind = next(one for one in gov.license.types() if one.name == "营业许可证")
        draft = company_draft(kind, number="YX0815", at=province.clock())
        issued = gov.license.issue(draft, request_id="once")
        with pytest.raises(LicenseRejected) as refused:
            gov.license.get(issued.identifier, use=function_use())
        seal_id = gov.seal.seals()[0].seal_id
        stamped = gov.seal.stamp(world().document, seal_id, at=[Placement(page=1, x_mm=20, y_mm=20)])
        verified = [gov.license.verify(issued.file).outcome, gov.seal.verify(stamped).outcome]
        return [kind.code, issued.identifier, *verified, refused.value.code]

    with Province() as province:
        recorder = Recorder(Forwarder(province.address, transport=province.transport()), platform="a province")
        found = use_it(province.connect(transport=in_process.transport(recorder)))
        text = recorder.text()
        replay = Replay(read_recording(text.encode()))
        assert use_it(province.connect(transport=in_process.transport(replay.app))) == found
        replay.assert_matched()
    assert (recorder.left_out, province.office.secrets.name in text) == (0, True)
    for one in (seeded_people()[0].name, seeded_people()[0].number, province.credentials().secret):
        assert all(form not in text for form in encodings(one))


def test_a_gateway_with_session_secrets_is_replayed_for_who_has_the_long_lived_one() -> None:
    from egov_sdk.gateway.errors import SecretRefreshFailed
    from egov_sdk.testing import Province

    with Province(profile="national") as province:
        recorder = Recorder(Forwarder(province.address, transport=province.transport()), platform="national")
        codes = [one.code for one in province.connect("hall", transport=in_process.transport(recorder)).license.types()]
        replay, profile = Replay(read_recording(recorder.text().encode())), built_in("national-2")
        for caller, refused in (("hall", False), ("office", True)):
            app = with_session_secrets(
                replay.app, profile=profile, credentials=province.credentials("hall"), clock=province.clock
            )
            gov = province.connect(caller, transport=in_process.transport(app))
            with pytest.raises(SecretRefreshFailed) if refused else nullcontext():
                assert [one.code for one in gov.license.types()] == codes
        with pytest.raises(ValueError, match="no long-lived secret"):
            with_session_secrets(replay.app, profile=profile, credentials=Credentials("hall"), clock=province.clock)
        with pytest.raises(ValueError, match="no desk"):
            with_session_secrets(
                replay.app, profile=built_in("tif"), credentials=province.credentials("hall"), clock=province.clock
            )


def test_an_exchange_in_which_something_would_still_stand_is_left_out() -> None:
    hidden = "a note with " + base64.b64encode(f"ab{SECRET}".encode()).decode()  # which nobody looks into
    platform = Platform({"password": SECRET}, {"note": hidden}, {"note": "nothing"})
    forwarder = Forwarder("https://platform.test", transport=httpx.MockTransport(platform))
    recorder = Recorder(forwarder, platform="platform.test")
    with httpx.Client(transport=in_process.transport(recorder), base_url="http://127.0.0.1:1") as client:
        for path in ("/a", "/b", "/c"):
            client.get(path)
    forwarder.close()
    found = read_recording(recorder.text().encode())
    assert ([one.path for one in found], recorder.left_out, len(recorder)) == (["/a", "/c"], 1, 3)


def test_the_words_of_pseudonyms_are_no_leak() -> None:
    fields = [
        {"name": "地址"},
        {"name": "姓名"},
        {"name": "recording"},
        {"name": "answer"},
        {"address": ADDRESS},
        {"userName": NAME},
    ]
    text = recorded(Platform({"fields": fields, "token": TOKEN}), lambda client: client.get("/a"))
    assert "替换地址1" in text
    assert_clean(text)


@pytest.mark.parametrize(
    ("value", "stays"),
    [
        ({"name": "样例市样例局", "code": "11890000MT00000148"}, True),
        ({"name": "样例许可证", "code": "11890000MT00000148901"}, True),
        ({"name": "住所", "required": True}, True),
        ({"name": NAME, "code": "11890000MT00000148"}, False),
        ({"name": "样例市样例局", "code": "11890000MT00000149"}, False),
        ({"name": "欧阳家粮油所", "code": "91890000MT00000140"}, False),
        ({"name": NAME, "required": "yes"}, False),
        ({"name": NAME, "code": NUMBER}, False),
        ({"code": "Zx8-authorization"}, False),
    ],
)
def test_names_of_public_bodies_and_what_they_define_stay(value: dict[str, object], stays: bool) -> None:
    assert (Cleaner().value(value) == value) is stays
