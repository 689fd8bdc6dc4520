"""What the commands on a node's database share: opening it, and what they call the two directions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from egov_sdk.cli._inputs import open_database
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.storage import Store

__all__ = ["DIRECTIONS", "node_database"]

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
