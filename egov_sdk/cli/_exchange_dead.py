"""``egov exchange dead``, ``replay`` and ``cancel``: messages that wait for a person, on the database of a node."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._exchange_inputs import DIRECTIONS, node_database
from egov_sdk.cli._inputs import now, time_or_now
from egov_sdk.cli._options import AsAtTime, AtMost, DatabasePlace
from egov_sdk.cli._output import ExitCode, Voice, console, is_terminal
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Lang, Text
from egov_sdk.report_words import lasting

if TYPE_CHECKING:
    from egov_sdk.exchange.node.deciding import DeadLetter, DeadLetters
    from egov_sdk.exchange.node.model import MessageRecord

__all__ = ["cancel", "dead", "replay"]

_LISTS = Text("egov exchange dead lists them", "可用 egov exchange dead 查看")
_TOGETHER = 200
_SHOWN = 50
_HEADS = (
    Text("number", "编号"),
    Text("direction", "方向"),
    Text("partner", "交换对象"),
    Text("service", "服务"),
    Text("dead for", "已等待"),
    Text("next", "下一步"),
    Text("reason", "原因"),
)
_NEXT = {
    "": Text("replay", "可重投"),
    "node.expired": Text("send anew", "须重新发送"),
    "node.no_content": Text("ask for it anew", "内容已清除，须重新索取"),
    "node.state": Text("-", "-"),
}
_STATES = {
    "queued": Text("it is queued already", "已在排队"),
    "working": Text("it is being worked on", "正在处理"),
    "sent": Text("it is on its way", "已交付，等待回执"),
    "done": Text("it is done", "已完成"),
    "refused": Text("the receiver's application refused it", "对方应用已拒绝"),
    "cancelled": Text("it was given up", "已放弃"),
}
_NONE = Text("no message waits for a person", "没有待人工处理的消息")
_HOW = Text(
    "to try again: egov exchange replay {database} NUMBER…, or --all; to give up: egov exchange cancel {database} …",
    "重新投递：egov exchange replay {database} 编号…，或 --all；放弃：egov exchange cancel {database} …",
)
_MORE = Text("there are more: --after {last}", "还有更多：--after {last}")
_REPLAYED = Text(
    "{count} messages are queued again; the node takes them up by itself", "{count} 条消息已重新排队，由节点自行处理"
)
_CANCELLED = Text("{count} messages are given up", "已放弃 {count} 条消息")
_ALL_OR_NONE = Text(
    "nothing was brought back: of messages that are named it is all or none",
    "未重投任何消息：按编号指定时，全部可重投方予执行",
)
_LEFT = Text("{count} cannot be tried again and stay where they are:", "{count} 条无法重投，保持原状：")
_BEFORE = Text("{count} were done before; run it again for the rest", "此前已完成 {count} 条，再次运行可处理其余")

_Direction = Annotated[
    Literal["out", "in"] | None, option("--direction", "Only those sent, or come.", "只看发出或收到的。")
]
_Partner = Annotated[
    str, option("--partner", "Only of this partner, as status names it.", "只看该交换对象（同 status 所列）。")
]
_Names = Annotated[
    list[str] | None,
    argument("ID...", "Numbers of messages at this node, or ids of messages.", "本节点的消息编号，或消息标识。"),
]
_All = Annotated[bool, option("--all", "Every dead message.", "全部死信。")]
_Reason = Annotated[str, option("--reason", "Why, for the audit log.", "原因，记入审计日志。", metavar="TEXT")]
_Actor = Annotated[str, option("--actor", "Who decides, for the audit log.", "操作人，记入审计日志。", metavar="NAME")]


@dataclass(frozen=True, slots=True)
class _Which:
    """The messages that a command is about: those that are named, or all dead ones of some kind."""

    ids: tuple[str, ...]
    partner: str
    direction: Literal["out", "in"] | None

    @classmethod
    def of(
        cls, ids: Sequence[str] | None, *, all_: bool, partner: str, direction: Literal["out", "in"] | None
    ) -> _Which:
        if bool(ids) == all_:
            raise UsageError(Text("name messages, or say --all", "请指定消息或 --all，二者择一"), hint=_LISTS)
        if ids and (partner or direction):
            raise UsageError(
                Text("--partner and --direction go with --all", "--partner 与 --direction 须与 --all 同用")
            )
        return cls(tuple(ids or ()), partner, direction)

    def letters(self, desk: DeadLetters, at: datetime, *, after: int, limit: int) -> tuple[DeadLetter, ...]:
        """Dead messages, the next by their numbers."""
        from egov_sdk.exchange.node.model import Direction

        if self.partner and self.partner not in (known := desk.partners()):
            others = ", ".join(known)
            en = f"nothing was ever exchanged with {self.partner}, but with {others}"
            raise UsageError(Text(en, f"与 {self.partner} 没有过交换，有过的为 {others}"))
        direction = Direction(self.direction) if self.direction else None
        return desk.letters(at=at, partner=self.partner, direction=direction, after=after, limit=limit)

    def batches(self, desk: DeadLetters, at: datetime) -> Iterator[tuple[DeadLetter, ...]]:
        """What is named at once, or all that is dead in parts, so that the node can write in between."""
        if self.ids:
            yield self._named(desk, at)
            return
        after = 0
        while found := self.letters(desk, at, after=after, limit=_TOGETHER):
            yield found
            after = found[-1].record.number

    def _named(self, desk: DeadLetters, at: datetime) -> tuple[DeadLetter, ...]:
        from egov_sdk.exchange.node.problems import NodeRejected

        try:
            found = [one for name in self.ids for one in desk.find(name, at=at)]
        except NodeRejected as error:
            raise UsageError(error.text, hint=_LISTS) from error
        return tuple({one.record.number: one for one in found}.values())


@command(
    groups.exchange,
    "dead",
    "Messages that wait for a person, with the reason; 1 when there are any.",
    "待人工处理的消息（死信）及原因；有死信时退出码为 1。",
)
def dead(
    voice: Voice,
    database: DatabasePlace,
    partner: _Partner = "",
    direction: _Direction = None,
    limit: AtMost = _SHOWN,
    after: Annotated[int, option("--after", "Behind this number.", "从该编号之后。", metavar="NUMBER")] = 0,
    at: AsAtTime = None,
) -> ExitCode:
    """List dead messages."""
    if limit < 1:
        raise UsageError(Text("--limit is at least 1", "--limit 至少为 1"))
    moment = time_or_now(at)
    with _dead_letters(database) as desk:
        found = _Which((), partner, direction).letters(desk, moment, after=after, limit=limit + 1)
    shown, more = found[:limit], len(found) > limit
    if voice.as_json:
        last = shown[-1].record.number if more else None
        voice.document({"dead": [_members(one, voice.lang, moment) for one in shown], "next_after": last})
    elif shown:
        _show(voice, shown, moment)
        voice.note(voice.say(_HOW).format(database=database))
        if more:
            voice.note(voice.say(_MORE).format(last=shown[-1].record.number))
    else:
        voice.line(_NONE)
    return ExitCode.REJECTED if shown else ExitCode.DONE


@command(
    groups.exchange,
    "replay",
    "Try dead messages again, those that are named or all; the node may be at work meanwhile.",
    "重新投递或处理死信：指定的或全部；节点可同时运行。",
)
def replay(
    voice: Voice,
    database: DatabasePlace,
    ids: _Names = None,
    all_: _All = False,
    partner: _Partner = "",
    direction: _Direction = None,
    reason: _Reason = "tried again from the command line",
    actor: _Actor = "egov",
) -> ExitCode:
    """Bring dead messages back."""
    which, moment = _Which.of(ids, all_=all_, partner=partner, direction=direction), now()
    left: list[DeadLetter] = []
    with _dead_letters(database) as desk:

        def decide(letters: Sequence[DeadLetter]) -> Sequence[MessageRecord]:
            left.extend(one for one in letters if one.hindrance)
            numbers = [one.record.number for one in letters if not one.hindrance]
            return desk.replay([] if left and which.ids else numbers, reason=reason, actor=actor, at=moment)

        done = _decided(voice, which.batches(desk, moment), decide)
    if voice.as_json:
        voice.document({"replayed": done, "left": [_members(one, voice.lang, moment) for one in left]})
        return ExitCode.REJECTED if left else ExitCode.DONE
    if left:
        voice.line(voice.say(_LEFT).format(count=len(left)))
        _show(voice, left[:_SHOWN], moment)
    voice.line(_ALL_OR_NONE if left and which.ids else voice.say(_REPLAYED).format(count=len(done)), style="bold")
    return ExitCode.REJECTED if left else ExitCode.DONE


@command(
    groups.exchange,
    "cancel",
    "Give messages up, those that are named or all that are dead; what a partner has, it keeps.",
    "放弃消息：指定的或全部死信；对方已收到的不受影响。",
)
def cancel(
    voice: Voice,
    database: DatabasePlace,
    ids: _Names = None,
    all_: _All = False,
    partner: _Partner = "",
    direction: _Direction = None,
    reason: _Reason = "given up from the command line",
    actor: _Actor = "egov",
) -> None:
    """Give messages up."""
    which, moment = _Which.of(ids, all_=all_, partner=partner, direction=direction), now()
    with _dead_letters(database) as desk:

        def decide(letters: Sequence[DeadLetter]) -> Sequence[MessageRecord]:
            return desk.cancel([one.record.number for one in letters], reason=reason, actor=actor, at=moment)

        done = _decided(voice, which.batches(desk, moment), decide)
    if voice.as_json:
        voice.document({"cancelled": done})
    else:
        voice.line(voice.say(_CANCELLED).format(count=len(done)), style="bold")


@contextmanager
def _dead_letters(database: str) -> Iterator[DeadLetters]:
    from egov_sdk.exchange.node.deciding import DeadLetters

    with node_database(database) as store:
        yield DeadLetters(store)


def _decided(
    voice: Voice,
    batches: Iterator[tuple[DeadLetter, ...]],
    decide: Callable[[Sequence[DeadLetter]], Sequence[MessageRecord]],
) -> list[int]:
    """The numbers of the messages about which was decided, each batch as a whole."""
    done: list[int] = []
    try:
        for letters in _counted(batches):
            done += [one.number for one in decide(letters)]
    except Exception:
        if done:
            voice.note(voice.say(_BEFORE).format(count=len(done)))
        raise
    return done


def _counted(batches: Iterator[tuple[DeadLetter, ...]]) -> Iterator[tuple[DeadLetter, ...]]:
    if not is_terminal(sys.stderr):
        yield from batches
        return
    from egov_sdk.cli._terminal import gauge

    with gauge(console=console(error=True)) as told:
        looked = 0
        for letters in batches:
            told(looked, None)
            yield letters
            looked += len(letters)


def _show(voice: Voice, letters: Sequence[DeadLetter], at: datetime) -> None:
    rows = [tuple(voice.say(one) for one in _HEADS)]
    for letter in letters:
        one = letter.record
        rows.append(
            (
                str(one.number),
                voice.say(DIRECTIONS[one.direction.value]),
                one.partner.id,
                one.service or one.resource,
                lasting(_age_s(letter, at), voice.lang),
                voice.say(_NEXT[letter.hindrance]),
                _reason(letter, voice.lang),
            )
        )
    voice.table(rows, indent="")


def _age_s(letter: DeadLetter, at: datetime) -> float:
    return max(0.0, (at - letter.record.updated_at).total_seconds())


def _reason(letter: DeadLetter, lang: Lang) -> str:
    """Why it is dead; where it is not, what it is instead."""
    from egov_sdk.exchange.node.reasons import reason_of_message

    one = letter.record
    if letter.hindrance == "node.state":
        return _STATES[one.state.value].in_(lang)
    return reason_of_message(one, lang)


def _members(letter: DeadLetter, lang: Lang, at: datetime) -> dict[str, object]:
    one = letter.record
    return {
        "number": one.number,
        "id": one.id,
        "direction": one.direction.value,
        "partner": one.partner.id,
        "service": one.service,
        "resource": one.resource,
        "state": one.state.value,
        "problem": one.problem,
        "reason": _reason(letter, lang),
        "attempts": one.attempts,
        "dead_since": one.updated_at.isoformat(),
        "age_s": _age_s(letter, at),
        "expires_at": one.expires_at.isoformat(),
        "hindrance": letter.hindrance and f"egov.exchange.{letter.hindrance}",
    }
