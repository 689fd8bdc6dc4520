"""``egov catalog advance`` and ``history``: the life of a resource in the catalogue, from draft to withdrawal."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._catalog import CatalogDatabase, open_catalog
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._output import Voice
from egov_sdk.report import Text
from egov_sdk.report_words import moment

__all__ = ["Step", "advance", "history"]

Step = Literal["submit", "register", "return", "propose", "publish", "decline", "withdraw"]
_ResourceCode = Annotated[str, argument("CODE", "The code of the resource.", "信息资源代码。")]
_NOW: Final = Text("{code} is now: {state}", "{code} 现为：{state}")


@command(
    groups.catalog,
    "advance",
    "Take a resource one step on or back: register, publish or withdraw it.",
    "推进或退回信息资源：登记、发布、撤回。",
)
def advance(
    voice: Voice,
    code: _ResourceCode,
    step: Annotated[
        Step,
        argument(
            "STEP",
            "submit, then register or return; propose, then publish or decline; at the end withdraw.",
            "submit（提交登记），register（登记）或 return（退回修改）；propose（申请发布），publish（发布）或 "
            "decline（不予发布）；最后 withdraw（撤回）。",
        ),
    ],
    database: CatalogDatabase,
    actor: Annotated[str, option("--actor", "Who does this, for the history.", "操作人，记入变更历史。")],
    reason: Annotated[str, option("--reason", "Why, for the history.", "原因，记入变更历史。", metavar="TEXT")] = "",
) -> None:
    """Take a resource one step on."""
    from egov_sdk.exchange.catalog.terms import TITLES

    catalog = open_catalog(database)
    with catalog.store:
        state = catalog.advance(code, step, actor=actor, reason=reason)
    if voice.as_json:
        voice.document({"code": code, "state": state.value})
    else:
        voice.line(voice.say(_NOW).format(code=code, state=voice.say(TITLES[state])), style="bold")


@command(
    groups.catalog, "history", "Show all that was done with a resource, the first first.", "查看信息资源的变更历史。"
)
def history(voice: Voice, code: _ResourceCode, database: CatalogDatabase) -> None:
    """Show the history of a resource."""
    from egov_sdk.exchange.catalog.terms import ACTION_WORDS

    catalog = open_catalog(database)
    with catalog.store:
        changes = catalog.history(code)
    if voice.as_json:
        shown = ("version", "action", "before", "after", "actor", "reason")
        voice.document(
            {"changes": [{"at": one.at.isoformat()} | {name: getattr(one, name) for name in shown} for one in changes]}
        )
        return
    rows = [
        (moment(one.at), f"v{one.version}", voice.say(ACTION_WORDS[one.action]), one.actor, one.reason)
        for one in changes
    ]
    voice.table(rows, indent="", styles=("dim", "", "bold", "", "dim"))
