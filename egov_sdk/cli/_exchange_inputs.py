"""What the commands on a node's database share: opening it, and saying in words what messages failed of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from egov_sdk.cli._inputs import open_database
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Lang, Text

if TYPE_CHECKING:
    from egov_sdk.storage import Store

__all__ = ["DIRECTIONS", "node_database", "reason_of"]

DIRECTIONS = {"out": Text("out", "发送"), "in": Text("in", "接收")}


@contextmanager
def node_database(place: str) -> Iterator[Store]:
    """The database of an exchange node.

    Raises:
        UsageError: there is none, or no node has worked there.
    """
    from egov_sdk.exchange.node.problems import NodeRejected

    with open_database(place) as store:
        try:
            yield store
        except NodeRejected as error:
            if error.problem != "node.no_node":
                raise
            # 1 would say that messages wait
            said = Text(f"no exchange node has worked on {place} yet", f"{place} 上尚无运行过的交换节点")
            raise UsageError(said) from error


def reason_of(problem: str, lang: Lang, **facts: str) -> str:
    """The sentence of a code, as far as its facts are still known, and the code; the code alone of a stranger's."""
    text = _sentence(problem)
    if text is None:
        return problem
    said = text.in_(lang).format_map(defaultdict(lambda: "…", facts))
    return f"{said.removesuffix(': …').removesuffix('：…')} ({problem})"


def _sentence(problem: str) -> Text | None:
    if problem.startswith("egov.exchange."):
        from egov_sdk.exchange.envelope.problems import PROBLEMS as OF_ENVELOPES
        from egov_sdk.exchange.node.problems import PROBLEMS as OF_NODES

        key = problem.removeprefix("egov.exchange.")
        return OF_NODES.get(key) or OF_ENVELOPES.get(key)
    if problem.startswith("egov."):
        from egov_sdk.gateway.words import WORDS

        return WORDS.get(problem)
    return None
