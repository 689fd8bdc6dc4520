"""What the pages show: what is there, masked where it is personal, escaped whatever it is, under strict headers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from html import unescape
from html.parser import HTMLParser

import httpx
import pytest

from egov_sdk.codes import CodeKind
from egov_sdk.codes.specimens import specimen_citizen_number, specimen_credit_code
from egov_sdk.identity import IdentityLevel
from egov_sdk.identity.model import IdDocument
from egov_sdk.license.states import LicenseAction
from egov_sdk.platform.console.views import ROUTES
from egov_sdk.platform.powers import Power
from egov_sdk.platform.seeding import seeded_people
from egov_sdk.seal.records import SealOwner, SealRequest
from egov_sdk.storage.sql import select, update
from egov_sdk.storage.tables import AUDIT
from tests.console_world import ConsoleWorld, mark_of

SCRIPT = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'{{7*7}}"
PAGES = [route for route in ROUTES if route.method == "GET"]


class Scripts(HTMLParser):
    """What of a page would run, or be fetched from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and not re.fullmatch(r"/console/static/console\.[0-9a-f]{12}\.js", given.get("src") or ""):
            self.found.append(f"script {given}")
        self.found += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        for name in ("src", "href", "action", "formaction"):
            value = given.get(name) or ""
            if re.match(r"(https?:|//|javascript:)", value):
                self.found.append(f"{tag} {name}={value}")


def running(page: httpx.Response) -> list[str]:
    parser = Scripts()
    parser.feed(page.text)
    return parser.found


def the_one(world: ConsoleWorld, route_path: str) -> str:
    return "/console" + route_path.replace("{identifier}", world.identifier())


@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.name)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_has_strict_headers_and_runs_nothing_of_its_own(
    world: ConsoleWorld, route: object, lang: str
) -> None:
    assert hasattr(route, "powers")
    assert hasattr(route, "path")
    client = world.signed_in(next(iter(route.powers)))
    client.cookies.set("egov_lang", lang, domain="localhost.local", path="/")
    page = client.get(the_one(world, route.path))
    assert page.status_code == 200
    assert page.text.startswith("<!doctype html>")
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page.text
    headers = page.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert running(page) == []


def test_style_and_script_are_kept_for_good_under_the_names_of_their_content(world: ConsoleWorld) -> None:
    client = world.client()
    page = client.get("/console/sign-in")
    for kind, media in (("css", "text/css"), ("js", "text/javascript")):
        (path,) = set(re.findall(rf'"(/console/static/console\.[0-9a-f]{{12}}\.{kind})"', page.text))
        answer = client.get(path)
        assert answer.headers["content-type"].startswith(media)
        assert "immutable" in answer.headers["cache-control"]
        assert client.get(path.replace(".", ".0", 1)).status_code != 200
    assert "expression" not in answer.text
    assert "http:" not in answer.text


def test_cookies_are_for_https_alone_where_the_platform_is() -> None:
    with ConsoleWorld(issuer="https://localhost/identity") as world:
        answer = world.client().get("/console/sign-in")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Secure-egov_console_visit=")
        assert "Secure" in cookie.split("; ")
        assert "max-age=" in answer.headers["strict-transport-security"]


# ---- strangers' texts


def test_script_that_was_stored_anywhere_is_shown_as_text(world: ConsoleWorld) -> None:
    accounts = world.office.provider.accounts
    number = specimen_citizen_number(7).number
    accounts.add_person(
        SCRIPT, IdDocument(kind=CodeKind.CITIZEN_NUMBER, number=number), level=IdentityLevel.REAL_NAME, login="x7"
    )
    owner = SealOwner(name="样例", code=specimen_credit_code(5, prefix="11").number)
    world.office.seal.make(SealRequest(name=SCRIPT, owner=owner, seal_id="ZZ1", lower_text="用"))
    world.office.license.register.act(world.identifier(), LicenseAction.SUSPEND, reason=SCRIPT, actor=SCRIPT)
    world.clock.tick(minutes=1)
    with world.office.store.write() as connection:
        detail = {SCRIPT: SCRIPT}
        world.staff.note(
            connection, SCRIPT, at=world.clock(), actor=SCRIPT, subject=SCRIPT + "\u202e\x1b[2J", detail=detail
        )
    operator, auditor = world.signed_in(Power.OPERATOR), world.signed_in(Power.AUDITOR)
    shown = 0
    for client, path in (
        (operator, "/people"),
        (operator, "/seals"),
        (operator, f"/licenses/{world.identifier()}"),
        (auditor, "/audit"),
        (auditor, "/"),
    ):
        page = client.get(f"/console{path}")
        assert page.status_code == 200
        assert running(page) == []
        assert "{{7*7}}" in page.text or path == "/"
        assert "49" not in re.findall(r">\s*49\s*<", page.text)
        shown += "&lt;script&gt;" in page.text
        assert "\u202e" not in page.text
        assert "\x1b" not in page.text
    assert shown == 5


@pytest.mark.parametrize(
    ("power", "path"),
    [
        (Power.OPERATOR, "/people?after={}"),
        (Power.OPERATOR, "/seals?after={}"),
        (Power.OPERATOR, "/licenses?type={}"),
        (Power.OPERATOR, "/licenses?page={}"),
        (Power.OPERATOR, "/licenses/{}"),
        (Power.OPERATOR, "/{}"),
        (Power.AUDITOR, "/audit?chain={}"),
        (Power.AUDITOR, "/audit?actor={}&action={}&subject={}&before={}"),
        (Power.AUDITOR, "/?lang={}"),
        (Power.AUDITOR, "/?x={}&lang=en"),
    ],
)
def test_script_in_an_address_comes_back_as_text(world: ConsoleWorld, power: Power, path: str) -> None:
    client = world.signed_in(power)
    page = client.get("/console" + path.replace("{}", str(httpx.QueryParams({"q": SCRIPT}))[2:]))
    assert page.status_code in (200, 303, 400, 404)
    assert running(page) == []
    assert "<script>alert" not in page.text
    assert "\n" not in page.headers.get("location", "")


@pytest.mark.parametrize(
    ("power", "page", "path", "form"),
    [
        (Power.ADMIN, "/staff", "/staff/add", {"login": SCRIPT, "power": "admin"}),
        (Power.ADMIN, "/staff", "/staff/add", {"login": "x", "power": SCRIPT}),
        (Power.ADMIN, "/staff", "/staff/remove", {"staff": SCRIPT}),
        (Power.ADMIN, "/staff", "/staff/renew", {"staff": SCRIPT}),
        (Power.AUDITOR, "/audit", "/audit/verify", {"chain": SCRIPT}),
        (Power.OPERATOR, "/faults", "/faults/on", {"operation": SCRIPT, "fault": "cut"}),
        (Power.OPERATOR, "/faults", "/faults/on", {"operation": "*", "fault": SCRIPT}),
        (Power.OPERATOR, "/faults", "/faults/on", {"operation": "*", "fault": "status", "number": SCRIPT}),
        (Power.OPERATOR, "/faults", "/faults/on", {"operation": "*", "fault": "cut", "times": SCRIPT}),
        (Power.OPERATOR, "/password", "/password", {"old": SCRIPT, "new": SCRIPT, "again": SCRIPT}),
    ],
)
def test_script_in_a_field_comes_back_as_text(
    world: ConsoleWorld, power: Power, page: str, path: str, form: dict[str, str]
) -> None:
    answer = world.send(world.signed_in(power), page, path, form)
    assert answer.status_code in (400, 404)
    assert running(answer) == []
    assert "<script>alert" not in answer.text


def test_script_as_a_name_to_sign_in_with_comes_back_as_text(world: ConsoleWorld) -> None:
    answer = world.sign_in(world.client(), SCRIPT, "x")
    assert answer.status_code == 400
    assert "&lt;script&gt;" in answer.text
    assert running(answer) == []


def test_a_redirect_leads_to_no_other_site(world: ConsoleWorld) -> None:
    client = world.signed_in(Power.ADMIN)
    for path in ("//evil.example/?lang=en", "/%0d%0aset-cookie:x=1?lang=en", "/https://evil.example?lang=en"):
        answer = client.get(f"/console{path}")
        assert answer.headers.get("location", "/console/").startswith("/console/")
        assert "x=1" not in answer.headers.get("set-cookie", "")


# ---- what is there


def test_personal_numbers_are_masked_everywhere(world: ConsoleWorld) -> None:
    client = world.signed_in(Power.OPERATOR)
    pages = client.get("/console/people").text + client.get("/console/licenses").text
    for person in seeded_people():
        assert person.number not in pages
        assert person.name in pages
    assert re.search(r"8\*{16}.", pages)


def test_people_come_page_by_page_and_each_look_is_in_the_log(world: ConsoleWorld) -> None:
    for number in range(60):
        world.office.provider.accounts.add_person(f"新{number}", level=IdentityLevel.NONE)
    client, seen = world.signed_in(Power.OPERATOR), []
    path = "/console/people"
    while path:
        page = client.get(path)
        seen += re.findall(r'<th scope="row">([^<]+)</th>', page.text)
        more = re.search(r'href="(\?after=[^"]+)"', page.text)
        path = f"/console/people{more[1]}" if more else ""
    assert len(seen) == len(set(seen)) == 60 + 7
    with world.office.store.read() as connection:
        listed = connection.execute(select(AUDIT.c.actor).where(AUDIT.c.action == "account.listed")).scalars().all()
    assert listed == [world.members[Power.OPERATOR].id] * 2


def test_seals_show_their_pictures(world: ConsoleWorld) -> None:
    page = world.signed_in(Power.OPERATOR).get("/console/seals")
    assert len(re.findall(r'<img src="data:image/(?:png|svg\+xml);base64,[\w+/=]+" alt="[^"]+"', page.text)) == len(
        world.office.seal.seals()
    )


def test_a_licence_shows_its_face_and_its_life_and_the_look_is_in_the_log(world: ConsoleWorld) -> None:
    identifier = world.identifier()
    world.office.license.register.act(identifier, LicenseAction.SUSPEND, reason="样例暂扣", actor="x")
    page = world.signed_in(Power.OPERATOR).get(f"/console/licenses/{identifier}")
    assert 'href="data:image/svg+xml;base64,' in page.text
    assert "暂扣中" in page.text
    assert "样例暂扣" in page.text
    with world.office.store.read() as connection:
        actors = connection.execute(select(AUDIT.c.actor).where(AUDIT.c.chain == "license")).scalars().all()
    assert world.members[Power.OPERATOR].id in actors


def test_a_licence_stands_as_it_does_on_the_day_in_beijing(world: ConsoleWorld) -> None:
    (record,) = [
        one
        for one in world.office.license.register.lists.page(purpose="x", type_code="").records
        if str(one.identifier) == world.identifier()
    ]
    last = record.metadata.valid_until
    assert last is not None
    world.clock.move_to(datetime.combine(last, time(15, 59), UTC))
    assert "已过期" not in world.signed_in(Power.OPERATOR).get(f"/console/licenses/{record.identifier}").text
    world.clock.move_to(datetime.combine(last, time(16), UTC))
    client = world.signed_in(Power.OPERATOR)
    assert "已过期" in client.get(f"/console/licenses/{record.identifier}").text
    assert "已过期" in client.get("/console/licenses").text


@pytest.mark.parametrize("identifier", ["x", "1.2.156.3005.2.x", "%00", "..%2f..%2fetc"])
def test_no_such_licence_is_told(world: ConsoleWorld, identifier: str) -> None:
    answer = world.signed_in(Power.OPERATOR).get(f"/console/licenses/{identifier}")
    assert answer.status_code in (400, 404)
    assert "egov." in answer.text


def test_the_language_is_chosen_once_for_all_pages(world: ConsoleWorld) -> None:
    client = world.signed_in(Power.ADMIN)
    assert "<h1>概览</h1>" in client.get("/console/").text
    answer = client.get("/console/staff?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/staff")
    assert "<h1>Overview</h1>" in client.get("/console/").text
    assert "Verify a document" in client.get("/verify").text
    client.get("/console/?lang=zh")
    assert "<h1>概览</h1>" in client.get("/console/").text


def language_link(page: httpx.Response) -> str:
    found = re.search(r'class="lang" href="([^"]*)"', page.text)
    assert found is not None
    return unescape(found[1])


def test_a_page_in_the_other_language_is_the_same_page(world: ConsoleWorld) -> None:
    client = world.signed_in(Power.AUDITOR)
    link = language_link(client.get("/console/audit?chain=license&action=%26lang%3D%22%3E&lang=xx"))
    assert link == "?lang=en&chain=license&action=%26lang%3D%22%3E"
    there = client.get(f"/console/audit{link}")
    assert there.headers["location"] == "/console/audit?chain=license&action=%26lang%3D%22%3E"
    page = client.get(there.headers["location"])
    assert "Entries: license" in page.text
    assert language_link(page).startswith("?lang=zh&chain=license")


def test_the_answer_to_a_form_leads_back_to_its_page_in_the_other_language(world: ConsoleWorld) -> None:
    client = world.signed_in(Power.ADMIN)
    answer = world.send(client, "/staff", "/staff/add", {"login": "li", "power": "auditor"})
    assert language_link(answer) == "?lang=en"
    first = client.get("/console/staff/add?lang=en")
    second = client.get(first.headers["location"])
    assert (second.status_code, second.headers["location"]) == (303, "/console/staff")
    assert '<h1 id="title">Staff</h1>' in client.get("/console/staff").text


def test_an_act_is_not_done_by_who_asks_for_its_address(world: ConsoleWorld) -> None:
    for route in ROUTES:
        if route.method == "POST":
            client = world.signed_in(next(iter(route.powers)))
            before = world.acts()
            answer = client.get(f"/console{route.path}")
            assert (answer.status_code, world.acts()) == (303, before)
            assert client.get(answer.headers["location"]).status_code == 200


def test_who_acts_without_an_account_is_told_in_both_languages(world: ConsoleWorld) -> None:
    world.sign_in(world.client(), "nobody", "Wrong-horse-7")
    client = world.signed_in(Power.AUDITOR)
    page = client.get("/console/audit").text
    assert "<td>命令行</td>" in page
    assert "<td>未登录者</td>" in page
    client.get("/console/?lang=en")
    assert "<td>command line</td>" in client.get("/console/audit").text


def test_the_audit_log_goes_back_page_by_page_and_can_be_filtered(world: ConsoleWorld) -> None:
    for number in range(120):
        with world.office.store.write() as connection:
            action, actor = f"act.{number % 3}", f"a{number % 2}"
            world.staff.note(connection, action, at=world.clock(), actor=actor, subject=str(number))
    client, path, seen = world.signed_in(Power.AUDITOR), "/console/audit", list[int]()
    while path:
        page = client.get(path)
        seen += map(int, re.findall(r'<tr><td class="count">(\d+)</td>', page.text))
        more = re.search(r'href="(\?chain=[^"]*before=\d+)"', page.text)
        path = "/console/audit" + more[1].replace("&amp;", "&") if more else ""
    assert seen == sorted(seen, reverse=True) == list(range(len(seen), 0, -1))
    found = client.get("/console/audit?chain=console&action=act.1&actor=a1").text
    assert len(re.findall(r"<td><code>act\.1</code></td>", found)) == 20
    assert "act.0" not in found


def test_a_chain_is_verified_and_who_did_so_is_written_down(world: ConsoleWorld) -> None:
    client = world.signed_in(Power.AUDITOR)
    answer = world.send(client, "/audit", "/audit/verify", {"chain": "license"})
    assert '<section class="card banner passed"' in answer.text
    assert world.acts()[-1] == ("auditor", "audit.verified")
    assert "至第" in client.get("/console/audit").text
    with world.office.store.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER storage_audit_no_update")
        connection.execute(update(AUDIT).where(AUDIT.c.chain == "license", AUDIT.c.number == 2).values(actor="x"))
    answer = world.send(client, "/audit", "/audit/verify", {"chain": "license"})
    assert '<section class="card banner failed"' in answer.text
    assert "该记录写入后被改动" in answer.text


def test_an_exchange_that_was_never_used_is_told(world: ConsoleWorld) -> None:
    page = world.signed_in(Power.AUDITOR).get("/console/exchange")
    assert page.status_code == 200


def test_faults_are_switched_on_and_off(world: ConsoleWorld) -> None:
    assert world.switches is not None
    client = world.signed_in(Power.OPERATOR)
    form = {"operation": "license.verify", "fault": "status", "number": "503", "times": "2"}
    assert world.send(client, "/faults", "/faults/on", form).status_code == 303
    assert world.send(client, "/faults", "/faults/on", {"operation": "*", "fault": "cut"}).status_code == 303
    page = client.get("/console/faults").text
    assert "返回错误状态码 503" in page
    (one, two) = world.switches.plan.all()
    assert (one.operation, one.when.times, two.operation, two.when.times) == ("license.verify", 2, "*", None)
    world.send(client, "/faults", "/faults/off", {"number": str(one.number)})
    assert [each.number for each in world.switches.plan.all()] == [two.number]
    world.send(client, "/faults", "/faults/off", {"number": "all"})
    assert world.switches.plan.all() == ()
    wanted = ["fault.planned", "fault.planned", "fault.ended", "fault.ended"]
    assert [act for _, act in world.acts() if act.startswith("fault.")] == wanted


@pytest.mark.parametrize(
    "form",
    [
        {"operation": "license.verify", "fault": "status", "number": "200"},
        {"operation": "license.verify", "fault": "status"},
        {"operation": "license.verify", "fault": "delay", "number": "nan"},
        {"operation": "license.verify", "fault": "status", "number": "inf"},
        {"operation": "license.nothing", "fault": "cut"},
        {"operation": "license.verify", "fault": "cut", "times": "0"},
        {},
    ],
)
def test_a_fault_that_makes_no_sense_is_told(world: ConsoleWorld, form: dict[str, str]) -> None:
    assert world.switches is not None
    answer = world.send(world.signed_in(Power.OPERATOR), "/faults", "/faults/on", form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert world.switches.plan.all() == ()


def test_staff_come_and_go_and_the_last_administrator_stays(world: ConsoleWorld) -> None:
    client = world.signed_in(Power.ADMIN)
    answer = world.send(client, "/staff", "/staff/add", {"login": "Li", "power": "auditor"})
    password = re.search(r'<code class="secret">([a-z2-7-]{19})</code>', answer.text)
    assert password is not None
    assert world.sign_in(world.client(), "li", password[1]).headers["location"] == "/console/password"
    assert password[1] not in client.get("/console/staff").text
    assert world.send(client, "/staff", "/staff/add", {"login": "LI", "power": "admin"}).status_code == 400
    admin = {"staff": world.members[Power.ADMIN].id}
    refused = world.send(client, "/staff", "/staff/remove", admin)
    assert refused.status_code == 400
    assert "最后一名系统管理员" in refused.text
    assert {one.login for one in world.staff.all()} == {"admin", "operator", "auditor", "li"}
    world.send(client, "/staff", "/staff/add", {"login": "second", "power": "admin"})
    assert world.send(client, "/staff", "/staff/remove", admin).status_code == 303
    assert client.get("/console/").status_code == 303


def test_a_field_that_stands_twice_is_refused(world: ConsoleWorld) -> None:
    client = world.signed_in(Power.ADMIN)
    mark = mark_of(client.get("/console/staff"))
    body = f"mark={mark}&login=a&login=b&power=admin"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/console/staff/add", content=body, headers=kind).status_code == 400
    assert client.post("/console/staff/add", content=b"x" * 70_000, headers=kind).status_code == 413
    assert client.post("/console/staff/add", content=b"{}", headers={"content-type": "text/json"}).status_code == 415


def test_times_are_those_of_clocks_in_china(world: ConsoleWorld) -> None:
    page = world.signed_in(Power.AUDITOR).get("/console/audit")
    assert f"{world.clock() + timedelta(hours=8):%Y-%m-%d %H:%M}" in page.text
