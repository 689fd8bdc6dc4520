"""Messages that wait for a person or hold up others: an operator decides, and says why; others only look."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.exchange import Party
from egov_sdk.exchange.node import Draft
from egov_sdk.exchange.node.model import MessageState
from egov_sdk.exchange.node.tables import MESSAGES
from egov_sdk.platform.powers import Power
from egov_sdk.storage import AuditLog
from egov_sdk.storage.audit import audit_chains
from tests.console_world import ConsoleWorld, mark_of

PARTNER = specimen_credit_code(1).number
REPLAY, CANCEL = "/exchange/replay", "/exchange/cancel"


def dead(world: ConsoleWorld, state: MessageState = MessageState.DEAD) -> int:
    """The number of a message to a partner, in that state."""
    office = world.office
    office.node.meet([replace(office.as_partner(), party=Party(code=PARTNER))])
    draft = Draft(to=Party(code=PARTNER), content=b"{}", service="s_1", purpose="核验", basis=("条例",))
    number = office.exchange.send(draft).number
    with office.store.write() as connection:
        change = {"state": state.value, "due_at": None, "problem": "egov.exchange.node.transport"}
        connection.execute(update(MESSAGES).where(MESSAGES.c.number == number).values(**change))
    return number


def state(world: ConsoleWorld, number: int) -> MessageState:
    return world.office.node.find(number).state


def logged(world: ConsoleWorld, action: str) -> list[tuple[str, object]]:
    """Who did this and why, as every audit log of the province has it."""
    with world.office.store.read() as connection:
        chains = [head.chain for head in audit_chains(connection)]
        entries = [one for chain in chains for one in AuditLog(chain).entries(connection, limit=1_000)]
    return [(one.actor, one.detail.get("reason")) for one in entries if one.action == action]


@pytest.mark.parametrize(
    ("path", "after", "noted"),
    [(REPLAY, MessageState.QUEUED, "message.replayed"), (CANCEL, MessageState.CANCELLED, "message.cancelled")],
)
def test_an_operator_decides_and_both_logs_say_who_and_why(
    world: ConsoleWorld, path: str, after: MessageState, noted: str
) -> None:
    number = dead(world)
    client = world.signed_in(Power.OPERATOR)
    page = client.get("/console/exchange").text
    assert 'id="dead"' in page
    assert f"未能送达 {PARTNER} (egov.exchange.node.transport)" in page
    answer = world.send(client, "/exchange", path, {"number": str(number), "reason": "对方已恢复"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/exchange")
    assert state(world, number) is after
    told = (world.members[Power.OPERATOR].id, "对方已恢复")
    assert logged(world, noted) == [told]
    assert logged(world, path.replace("/exchange/", "message.")) == [told]
    assert 'id="dead"' not in client.get("/console/exchange").text


@pytest.mark.parametrize("path", [REPLAY, CANCEL])
@pytest.mark.parametrize("power", [Power.AUDITOR, Power.ADMIN])
def test_nobody_else_decides(world: ConsoleWorld, path: str, power: Power) -> None:
    number = dead(world)
    client = world.signed_in(power)
    form = {"number": str(number), "reason": "x", "mark": mark_of(client.get("/console/"))}
    assert client.post(f"/console{path}", data=form).status_code == 403
    assert state(world, number) is MessageState.DEAD
    assert world.acts()[-1] == (power.value, "staff.power_refused")


def test_an_auditor_sees_the_messages_and_no_buttons(world: ConsoleWorld) -> None:
    dead(world)
    page = world.signed_in(Power.AUDITOR).get("/console/exchange").text
    assert "egov.exchange.node.transport" in page
    assert REPLAY not in page
    assert CANCEL not in page


@pytest.mark.parametrize("path", [REPLAY, CANCEL])
@pytest.mark.parametrize("mark", ["", "0" * 64])
def test_a_form_of_another_page_decides_nothing(world: ConsoleWorld, path: str, mark: str) -> None:
    number = dead(world)
    client = world.signed_in(Power.OPERATOR)
    answer = client.post(f"/console{path}", data={"number": str(number), "reason": "x", "mark": mark})
    assert answer.status_code == 403
    assert state(world, number) is MessageState.DEAD


@pytest.mark.parametrize("path", [REPLAY, CANCEL])
@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"reason": ""}, "console.reason"),
        ({"reason": "  "}, "console.reason"),
        ({"number": ""}, "console.not_found"),
        ({"number": "all"}, "console.not_found"),
        ({"number": "-1"}, "console.not_found"),
        ({"number": "١"}, "console.not_found"),
        ({"number": "9" * 40}, "console.not_found"),
        ({"number": "0"}, "console.not_found"),
        ({"number": "999999999999999999"}, "console.not_dead"),
    ],
)
def test_what_is_no_decision_changes_nothing(world: ConsoleWorld, path: str, form: dict[str, str], code: str) -> None:
    number = dead(world)
    given = {"number": str(number), "reason": "x"} | form
    answer = world.send(world.signed_in(Power.OPERATOR), "/exchange", path, given)
    assert answer.status_code in (400, 404)
    assert f"egov.platform.{code}" in answer.text
    assert state(world, number) is MessageState.DEAD


@pytest.mark.parametrize("path", [REPLAY, CANCEL])
@pytest.mark.parametrize("before", [MessageState.QUEUED, MessageState.SENT, MessageState.DONE, MessageState.CANCELLED])
def test_a_page_that_is_out_of_date_decides_nothing(world: ConsoleWorld, path: str, before: MessageState) -> None:
    dead(world)  # another
    number = dead(world, before)
    form = {"number": str(number), "reason": "x"}
    answer = world.send(world.signed_in(Power.OPERATOR), "/exchange", path, form)
    assert answer.status_code == 400
    assert "egov.platform.console.not_dead" in answer.text
    assert state(world, number) is before


def test_a_message_that_is_over_cannot_be_tried_again_but_given_up(world: ConsoleWorld) -> None:
    number = dead(world)
    world.clock.tick(days=400)
    client, form = world.signed_in(Power.OPERATOR), {"number": str(number), "reason": "过期"}
    answer = world.send(client, "/exchange", REPLAY, form)
    assert answer.status_code == 400
    assert "egov.exchange.node.expired" in answer.text
    assert logged(world, "message.replayed") == []
    assert world.send(client, "/exchange", CANCEL, form).status_code == 303
    assert state(world, number) is MessageState.CANCELLED


def test_every_message_that_waits_is_shown_on_some_page(world: ConsoleWorld) -> None:
    numbers = [dead(world) for _ in range(120)]
    client, path, seen, pages = world.signed_in(Power.OPERATOR), "/console/exchange", list[int](), 0
    while path:
        page = client.get(path).text
        seen += [int(one) for one in re.findall(r'<th scope="row" class="count">(\d+)</th>', page)]
        assert ("/console/exchange#dead" in page) is (pages > 0)
        following = re.search(r'href="(\?after=\d+)#dead"', page)
        path, pages = f"/console/exchange{following[1]}" if following else "", pages + 1
    assert (seen, pages) == (numbers, 3)


@pytest.mark.parametrize("after", ["-1", "x", "9" * 40, "999999999999999999", "%3Cscript%3E", "١"])
def test_a_page_that_is_none_is_told(world: ConsoleWorld, after: str) -> None:
    number = dead(world)
    page = world.signed_in(Power.OPERATOR).get(f"/console/exchange?after={after}")
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert (f'class="count">{number}</th>' in page.text) is (after != "999999999999999999")


def held(world: ConsoleWorld, problem: str = "egov.exchange.node.transport") -> int:
    """The number of a message to a partner that was tried three times in two hours."""
    number = dead(world)
    with world.office.store.write() as connection:
        change = {
            "state": MessageState.QUEUED.value,
            "due_at": world.clock() + timedelta(minutes=1),
            "problem": problem,
            "attempts": 3,
            "stored_at": world.clock() - timedelta(hours=2),
        }
        connection.execute(update(MESSAGES).where(MESSAGES.c.number == number).values(**change))
    return number


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("zh", ["2 小时", f"未能送达 {PARTNER} (egov.exchange.node.transport)", "重试中的消息"]),
        ("en", ["2 h", f"{PARTNER} was not reached (egov.exchange.node.transport)", "Messages that are tried again"]),
    ],
)
@pytest.mark.parametrize("power", [Power.OPERATOR, Power.AUDITOR])
def test_what_holds_up_a_partner_is_told_in_words_and_who_may_decide_can(
    world: ConsoleWorld, power: Power, lang: str, told: list[str]
) -> None:
    number = held(world)
    held(world)  # stands behind it
    client = world.signed_in(power)
    client.cookies.set("egov_lang", lang)
    page = client.get("/console/exchange").text
    row = re.search(rf'<tr><th scope="row"><code>{PARTNER}</code></th>.*{number}</td>.*', page)
    assert row is not None
    for text in told:
        assert text in page
    assert '<td class="count">3</td>' in row[0]
    assert (f'name="number" value="{number}"' in row[0]) is (power is Power.OPERATOR)
    assert "/exchange/cancel" in row[0] or power is Power.AUDITOR
    assert REPLAY not in page


def test_a_message_that_holds_up_a_partner_is_given_up_and_both_logs_say_who_and_why(world: ConsoleWorld) -> None:
    number, next_one = held(world), held(world)
    client = world.signed_in(Power.OPERATOR)
    answer = world.send(client, "/exchange", CANCEL, {"number": str(number), "reason": "对方不再接收"})
    assert answer.status_code == 303
    assert (state(world, number), state(world, next_one)) == (MessageState.CANCELLED, MessageState.QUEUED)
    told = (world.members[Power.OPERATOR].id, "对方不再接收")
    assert logged(world, "message.cancelled") == logged(world, "message.cancel") == [told]
    assert f'name="number" value="{next_one}"' in client.get("/console/exchange").text


def test_only_the_first_is_given_up_and_it_is_tried_again_without_anybody(world: ConsoleWorld) -> None:
    number, behind = held(world), held(world)
    client = world.signed_in(Power.OPERATOR)
    for path, which in ((CANCEL, behind), (REPLAY, number), (REPLAY, behind)):
        answer = world.send(client, "/exchange", path, {"number": str(which), "reason": "x"})
        assert (answer.status_code, "console.not_dead" in answer.text) == (400, True)
    assert world.send(client, "/exchange", CANCEL, {"number": str(number), "reason": " "}).status_code == 400
    forged = {"number": str(number), "reason": "x", "mark": "0" * 64}
    assert client.post(f"/console{CANCEL}", data=forged).status_code == 403
    other = world.signed_in(Power.AUDITOR)
    form = {"number": str(number), "reason": "x", "mark": mark_of(other.get("/console/"))}
    assert other.post(f"/console{CANCEL}", data=form).status_code == 403
    assert {state(world, one) for one in (number, behind)} == {MessageState.QUEUED}


def test_a_code_of_a_stranger_is_shown_and_nothing_else(world: ConsoleWorld) -> None:
    held(world, "<script>alert(1)</script>")
    page = world.signed_in(Power.OPERATOR).get("/console/exchange").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
