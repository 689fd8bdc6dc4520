"""A node in our own REST interface, for the applications of its department: operations that both sides share."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from egov_sdk.exchange.envelope.model import Attachment
from egov_sdk.exchange.node.model import Direction, Draft, Health, MessageRecord, MessageState, NodeStatus
from egov_sdk.exchange.node.problems import TABLE
from egov_sdk.gateway.operations import Nothing, Operation, Question, refusals_of
from egov_sdk.report import Text

__all__ = [
    "BRING",
    "CANCEL",
    "EVIDENCE",
    "FIND",
    "HEALTH",
    "LIST",
    "METRICS",
    "OFFER",
    "OPERATIONS",
    "PART",
    "RECEIPT",
    "REPLAY",
    "SEND",
    "STATUS",
]


class Sending(Question):
    """A message to be sent."""

    draft: Draft


class Offering(Question):
    """A file that is to be kept, with the digests of its chunks."""

    attachment: Attachment
    manifest: bytes


class Bringing(Question):
    """Chunks of a file that follow one another."""

    attachment: Attachment
    first: int
    content: bytes


class OfAttachment(Question):
    """A part of an attachment of a message."""

    number: int
    name: str
    offset: int = Field(default=0, ge=0)


class OfMessage(Question):
    """One message, by its number at the node."""

    number: int


class Step(Question):
    """What is to be done with a message, and why."""

    number: int
    reason: str
    actor: str = ""


class Asked(Question):
    """Some messages."""

    direction: Direction | None = None
    state: MessageState | None = None
    partner: str = ""
    message_id: str = ""
    correlation: str = ""
    after: int = Field(default=0, ge=0)
    limit: int = Field(default=100, ge=0, le=1_000)


SEND: Final = Operation(
    name="exchange.send",
    method="POST",
    path="/exchange/messages",
    question=Sending,
    answer=MessageRecord,
    summary=Text("Sign a message and queue it", "签署消息并排队发送"),
)
OFFER: Final = Operation(
    name="exchange.offer",
    method="POST",
    path="/exchange/attachments",
    question=Offering,
    answer=int,
    summary=Text(
        "Begin a file to be attached; the number of its first chunk that is missing", "登记附件，返回首个缺失块号"
    ),
    repeatable=True,
)
BRING: Final = Operation(
    name="exchange.bring",
    method="POST",
    path="/exchange/attachments/chunks",
    question=Bringing,
    answer=int,
    summary=Text("Bring chunks of a file; the number of the next", "上传附件分块，返回下一块号"),
    repeatable=True,
)
PART: Final = Operation(
    name="exchange.part",
    method="GET",
    path="/exchange/messages/{number}/attachment",
    question=OfAttachment,
    answer=bytes,
    summary=Text(
        "Some of an attachment from a byte on, at least 64 KiB up to its end; nothing behind it",
        "读取附件的一段，至少 64 KiB 或至末尾；末尾之后为空",
    ),
)
LIST: Final = Operation(
    name="exchange.messages",
    method="GET",
    path="/exchange/messages",
    question=Asked,
    answer=tuple[MessageRecord, ...],
    summary=Text("Messages both ways", "查询收发消息"),
)
FIND: Final = Operation(
    name="exchange.find",
    method="GET",
    path="/exchange/messages/{number}",
    question=OfMessage,
    answer=MessageRecord,
    summary=Text("One message", "查询消息"),
)
RECEIPT: Final = Operation(
    name="exchange.receipt",
    method="GET",
    path="/exchange/messages/{number}/receipt",
    question=OfMessage,
    answer=bytes,
    summary=Text("The receipt for a message; nothing where there is none yet", "取得消息回执，尚无则为空"),
)
EVIDENCE: Final = Operation(
    name="exchange.evidence",
    method="GET",
    path="/exchange/messages/{number}/evidence",
    question=OfMessage,
    answer=bytes,
    summary=Text("A message and its receipt as an evidence file", "取得消息与回执的存证文件"),
)
REPLAY: Final = Operation(
    name="exchange.replay",
    method="POST",
    path="/exchange/messages/{number}/replays",
    question=Step,
    answer=MessageRecord,
    summary=Text("Try a dead message again", "重新投递死信"),
)
CANCEL: Final = Operation(
    name="exchange.cancel",
    method="POST",
    path="/exchange/messages/{number}/cancellations",
    question=Step,
    answer=MessageRecord,
    summary=Text("Give a message up", "取消消息"),
)
STATUS: Final = Operation(
    name="exchange.status",
    method="GET",
    path="/exchange/status",
    question=Nothing,
    answer=NodeStatus,
    summary=Text("Queues, rates and ages", "队列、速率与最早消息"),
)
HEALTH: Final = Operation(
    name="exchange.health",
    method="GET",
    path="/exchange/health",
    question=Nothing,
    answer=Health,
    summary=Text("Whether work is taken", "是否受理业务"),
)
METRICS: Final = Operation(
    name="exchange.metrics",
    method="GET",
    path="/exchange/metrics",
    question=Nothing,
    answer=bytes,
    summary=Text("The status as text for Prometheus", "Prometheus 文本格式指标"),
)
OPERATIONS: Final = (SEND, OFFER, BRING, PART, LIST, FIND, RECEIPT, EVIDENCE, REPLAY, CANCEL, STATUS, HEALTH, METRICS)

#: The errors of a node, as the client raises them.
REFUSALS: Final = refusals_of(TABLE)
