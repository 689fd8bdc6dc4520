"""Who may see and do what at the console: every page and act against every power, and against nobody."""

from __future__ import annotations

import httpx
import pytest

from egov_sdk.platform.console.views import ROUTES
from egov_sdk.platform.console.visits import Route
from egov_sdk.platform.powers import Power
from tests.console_world import PASSWORD, ConsoleWorld, mark_of

each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
#: Who may ask for what, written down once more, so that a slip in the table of routes is seen.
ALLOWED = {
    "overview": {"admin", "operator", "auditor"},
    "people": {"operator"},
    "seals": {"operator"},
    "licenses": {"operator"},
    "license": {"operator"},
    "exchange": {"operator", "auditor"},
    "message_replay": {"operator"},
    "message_cancel": {"operator"},
    "audit": {"auditor"},
    "audit_verify": {"auditor"},
    "staff": {"admin"},
    "staff_add": {"admin"},
    "staff_renew": {"admin"},
    "staff_remove": {"admin"},
    "faults": {"operator"},
    "fault_on": {"operator"},
    "fault_off": {"operator"},
}


def ask(world: ConsoleWorld, client: httpx.Client, route: Route, form: dict[str, str]) -> httpx.Response:
    path = "/console" + route.path.replace("{identifier}", world.identifier())
    return client.get(path) if route.method == "GET" else client.post(path, data=form)


def test_every_page_is_in_the_matrix() -> None:
    assert {route.name for route in ROUTES} == ALLOWED.keys()
    assert all(route.powers for route in ROUTES)


@each_route
@pytest.mark.parametrize("power", Power)
def test_each_power_sees_its_own_pages_and_no_others(world: ConsoleWorld, route: Route, power: Power) -> None:
    client = world.signed_in(power)
    form = {"mark": mark_of(client.get("/console/")), "chain": "console", "power": "operator", "login": "new"}
    form |= {"operation": "license.get", "fault": "cut", "staff": world.members[Power.OPERATOR].id, "number": "all"}
    answer = ask(world, client, route, form)
    if power.value in ALLOWED[route.name]:
        nothing_there = route.name in ("message_replay", "message_cancel")  # no exchange is set up in this world
        assert answer.status_code in ((404,) if nothing_there else (200, 303)), answer.text
    else:
        assert answer.status_code == 403
        assert "egov.platform.console.power" in answer.text
        assert world.acts()[-1] == (power.value, "staff.power_refused")
        assert {one.login for one in world.staff.all()} == {one.value for one in Power}


@each_route
def test_nobody_who_is_not_signed_in_sees_anything(world: ConsoleWorld, route: Route) -> None:
    answer = ask(world, world.client(), route, {"mark": "0" * 64})
    assert answer.status_code == (303 if route.method == "GET" else 401)
    assert route.method != "GET" or answer.headers["location"] == "/console/sign-in"


ACTS = [route for route in ROUTES if route.method == "POST"]


@pytest.mark.parametrize("route", ACTS, ids=lambda route: route.name)
@pytest.mark.parametrize("how", ["missing", "empty", "wrong", "of another session", "from another site"])
def test_a_form_without_the_mark_of_its_session_does_nothing(world: ConsoleWorld, route: Route, how: str) -> None:
    power = next(iter(route.powers))
    client, other = world.signed_in(power), world.signed_in(power)
    mark = {
        "missing": {},
        "empty": {"mark": ""},
        "wrong": {"mark": "0" * 64},
        "of another session": {"mark": mark_of(other.get("/console/"))},
        "from another site": {"mark": mark_of(client.get("/console/"))},
    }[how]
    if how == "from another site":
        client.headers["sec-fetch-site"] = "cross-site"
    before = world.acts()
    form = {"chain": "console", "power": "operator", "login": "new", "operation": "license.get", "fault": "cut"}
    answer = ask(world, client, route, {**form, "staff": world.members[Power.OPERATOR].id, "number": "all", **mark})
    assert answer.status_code == 403
    assert "egov.platform.console.form" in answer.text
    assert world.acts() == before


def test_signing_in_needs_the_form_of_this_browser(world: ConsoleWorld) -> None:
    mark = mark_of(world.client().get("/console/sign-in"))
    stranger = world.client()
    given = {"mark": mark, "login": "admin", "password": PASSWORD}
    assert stranger.post("/console/sign-in", data=given).status_code == 403
    stranger.get("/console/sign-in")
    assert stranger.post("/console/sign-in", data=given).status_code == 403
    assert stranger.get("/console/").status_code == 303


def test_a_token_from_before_the_sign_in_is_good_for_nothing_after_it(world: ConsoleWorld) -> None:
    client = world.client()
    client.cookies.set("egov_console", "planted-by-somebody-else", domain="localhost.local", path="/console")
    answer = world.sign_in(client, "admin", PASSWORD)
    given = [line for line in answer.headers.get_list("set-cookie") if line.startswith("egov_console=")]
    assert len(given) == 1
    assert "planted" not in given[0]
    assert {"HttpOnly", "SameSite=Strict", "Path=/console"} <= set(given[0].split("; "))
    planted = world.client()
    planted.cookies.set("egov_console", "planted-by-somebody-else", domain="localhost.local", path="/console")
    assert planted.get("/console/").status_code == 303


def test_signing_in_again_ends_the_session_before(world: ConsoleWorld) -> None:
    client = world.signed_in(Power.ADMIN)
    old = client.cookies["egov_console"]
    token = mark_of(client.get("/console/"))
    client.cookies.delete("egov_console")
    visit = client.get("/console/sign-in")
    client.cookies.set("egov_console", old, domain="localhost.local", path="/console")
    form = {"mark": mark_of(visit), "login": "admin", "password": PASSWORD}
    assert client.post("/console/sign-in", data=form).status_code == 303
    stolen = httpx.Client(transport=client._transport, base_url="http://localhost", cookies={"egov_console": old})
    assert stolen.get("/console/").status_code == 303
    assert mark_of(client.get("/console/")) != token


def test_a_session_ends_by_itself(world: ConsoleWorld) -> None:
    busy, idle = world.signed_in(Power.ADMIN), world.signed_in(Power.AUDITOR)
    for _ in range(15):
        world.clock.tick(minutes=29)
        assert busy.get("/console/").status_code == 200
    assert idle.get("/console/").status_code == 303
    world.clock.tick(hours=1)
    assert busy.get("/console/").status_code == 303


def test_after_signing_out_the_token_is_good_for_nothing(world: ConsoleWorld) -> None:
    client = world.signed_in(Power.AUDITOR)
    token = client.cookies["egov_console"]
    assert client.get("/console/sign-out").status_code == 405
    answer = world.send(client, "/", "/sign-out", {})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in")
    thief = httpx.Client(transport=client._transport, base_url="http://localhost", cookies={"egov_console": token})
    assert thief.get("/console/").status_code == 303
    assert world.acts()[-1] == ("auditor", "staff.signed_out")


@pytest.mark.parametrize(
    ("login", "password"), [("admin", "wrong"), ("nobody", PASSWORD), ("", ""), ("ad\x00min", PASSWORD), ("<b>", "x")]
)
def test_a_wrong_name_and_a_wrong_password_are_told_alike(world: ConsoleWorld, login: str, password: str) -> None:
    answer = world.sign_in(world.client(), login, password)
    assert answer.status_code == 400
    assert "用户名或密码错误" in answer.text
    assert password not in answer.text or password in ("", "x")
    assert world.acts()[-1] == ("nobody", "staff.sign_in_refused")


def test_guessing_is_stopped_even_when_the_guess_is_right_at_last(world: ConsoleWorld) -> None:
    client = world.client()
    for _ in range(5):
        assert world.sign_in(client, "admin", "wrong").status_code == 400
    answer = world.sign_in(client, "Admin", PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 60
    world.clock.tick(minutes=16)
    assert world.sign_in(client, "admin", PASSWORD).status_code == 303


def test_attempts_here_do_not_lock_the_providers_accounts(world: ConsoleWorld) -> None:
    for _ in range(6):
        world.sign_in(world.client(), "test1", "wrong")
    from egov_sdk.testing.people import PASSWORD as THEIRS

    begun = world.office.identity.begin()
    from egov_sdk.identity.provider import QuietBrowser

    callback = QuietBrowser(world.office.provider).sign_in(begun.url, login="test1", password=THEIRS)
    assert world.office.identity.complete(begun, callback=callback)


def test_whoever_is_removed_or_renewed_is_signed_in_no_longer(world: ConsoleWorld) -> None:
    operator, auditor, admin = (world.signed_in(one) for one in (Power.OPERATOR, Power.AUDITOR, Power.ADMIN))
    world.send(admin, "/staff", "/staff/remove", {"staff": world.members[Power.OPERATOR].id})
    answer = world.send(admin, "/staff", "/staff/renew", {"staff": world.members[Power.AUDITOR].id})
    assert "一次性密码" in answer.text
    assert [one.get("/console/").status_code for one in (operator, auditor, admin)] == [303, 303, 200]
    assert world.sign_in(world.client(), "operator", PASSWORD).status_code == 400
    assert world.sign_in(world.client(), "auditor", PASSWORD).status_code == 400


def test_a_one_time_password_opens_nothing_but_the_page_where_it_is_changed(world: ConsoleWorld) -> None:
    made = world.staff.add("Wang", Power.AUDITOR)
    client = world.client()
    assert world.sign_in(client, "wang", made.password).headers["location"] == "/console/password"
    for path in ("/", "/audit", "/exchange"):
        assert client.get(f"/console{path}").headers["location"] == "/console/password"
    new = "Something-else-9"
    wrong = {"old": made.password, "new": new, "again": new + "x"}
    assert world.send(client, "/password", "/password", wrong).status_code == 400
    assert world.send(client, "/password", "/password", {**wrong, "again": new, "old": "x"}).status_code == 400
    same = {"old": made.password, "new": made.password, "again": made.password}
    assert world.send(client, "/password", "/password", same).status_code == 400
    short = {"old": made.password, "new": "Ab1!", "again": "Ab1!"}
    assert world.send(client, "/password", "/password", short).status_code == 400
    before = client.cookies["egov_console"]
    done = world.send(client, "/password", "/password", {**wrong, "again": new})
    assert done.headers["location"] == "/console/"
    assert client.cookies["egov_console"] != before
    assert client.get("/console/audit").status_code == 200
    assert world.sign_in(world.client(), "wang", made.password).status_code == 400


def test_a_stolen_session_cannot_be_used_to_guess_the_password(world: ConsoleWorld) -> None:
    client = world.signed_in(Power.ADMIN)
    new = {"new": "Something-else-9", "again": "Something-else-9"}
    found = [world.send(client, "/password", "/password", {"old": f"guess {n}", **new}).status_code for n in range(6)]
    assert found == [400, 400, 400, 400, 400, 429]
    assert world.send(client, "/password", "/password", {"old": PASSWORD, **new}).status_code == 429


@pytest.mark.parametrize(
    "path", ["/nothing", "/people/1", "//evil.example", "/static/", "/static/../app.py", "/%2e%2e"]
)
def test_what_is_not_there_is_not_there(world: ConsoleWorld, path: str) -> None:
    assert world.signed_in(Power.OPERATOR).get(f"/console{path}").status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(world: ConsoleWorld, method: str) -> None:
    client = world.signed_in(Power.OPERATOR)
    assert client.request(method, "/console/people").status_code == 405
    assert world.client().request(method, "/console/sign-in").status_code == 405


def test_a_province_that_is_no_mock_has_no_switches() -> None:
    with ConsoleWorld(mock=False) as world:
        client = world.signed_in(Power.OPERATOR)
        assert "faults" not in client.get("/console/").text
        assert client.get("/console/faults").status_code == 404
