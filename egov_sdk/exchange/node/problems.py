"""Why a node says no: every reason with its words and whose matter it is, and the error that carries both."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from egov_sdk.problems import ProblemTable, Rejected
from egov_sdk.report import Text

__all__ = ["ORIGINS", "PROBLEMS", "TABLE", "NodeOrigin", "NodeRejected", "origin_of", "refuse"]

#: Whose matter a refusal is: the application at this node, the partner who sends, the one who receives, or the node.
NodeOrigin = Literal["caller", "sender", "receiver", "node"]

#: The full code is ``egov.exchange.`` and the key. No content, no key and no personal data is among the facts.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        "node.partner_unknown": Text("{found} is no partner of this node", "{found} 不是本节点的交换对象"),
        "node.partner_blocked": Text("exchange with {found} is stopped", "与 {found} 的交换已停止"),
        "node.service_closed": Text("the service {found} is not open to {partner}", "服务 {found} 未对 {partner} 开放"),
        "node.conflict": Text("the id {found} stands for another message already", "编号 {found} 已用于另一条消息"),
        "node.not_accepted": Text("the message is not accepted: {check}", "消息未被接收：{check}"),
        "node.expired": Text("the message ran out at {expected}", "消息已于 {expected} 失效"),
        "node.out_of_order": Text(
            "{found} stands behind a message that is to come again", "{found} 之前有须重新发送的消息"
        ),
        "node.queue_full": Text(
            "{found} messages wait for {partner}, as many as may", "等待 {partner} 的消息已达上限 {found} 条"
        ),
        "node.rate": Text(
            "{partner} may send {expected} messages a minute", "{partner} 每分钟可发送 {expected} 条消息"
        ),
        "node.parcel": Text(
            "a parcel holds at most {expected} messages, found {found}",
            "一个包裹最多含 {expected} 条消息，为 {found} 条",
        ),
        "node.parcel_size": Text(
            "a parcel of {found} bytes is larger than {partner} takes", "包裹 {found} 字节，超出 {partner} 的接收上限"
        ),
        "node.attempts": Text("given up after {found} attempts", "尝试 {found} 次后放弃"),
        "node.refused": Text("{partner} refused the message: {found}", "{partner} 拒收消息：{found}"),
        "node.not_taken": Text("{partner} did not take the message: {found}", "{partner} 未接收消息：{found}"),
        "node.attachment_unknown": Text(
            "the file with the digest {found} is not whole at this node", "摘要为 {found} 的文件在本节点不完整"
        ),
        "node.attachment_form": Text(
            "{found}: a node carries files under a hash tree, of {expected} chunks at most",
            "{found}：节点只传输哈希树形式的附件，最多 {expected} 块",
        ),
        "node.attachment_size": Text(
            "an attachment of {found} bytes, at most {expected} are taken", "附件 {found} 字节，最多接收 {expected}"
        ),
        "node.attachments_awaited": Text(
            "{found} attachments of the message have not come yet", "该消息尚有 {found} 个附件未到达"
        ),
        "node.files_full": Text(
            "attachments of {found} bytes wait for {partner}, at most {expected} may",
            "等待 {partner} 的附件为 {found} 字节，上限 {expected}",
        ),
        "node.not_awaited": Text("nothing waits for a piece of {found}", "没有等待 {found} 的分片"),
        "node.piece": Text("not pieces of an attachment: {found}", "不是附件分片：{found}"),
        "node.piece_size": Text(
            "a chunk of {found} bytes, the transport carries {expected} at once",
            "每块 {found} 字节，传输通道一次最多 {expected}",
        ),
        "node.outcome": Text("it tells no outcome: {found}", "不是有效的办理结果：{found}"),
        "node.no_receipt": Text("{partner} gave no receipt for the message", "{partner} 未就该消息出具回执"),
        "node.receipt": Text("the receipt does not hold: {check}", "回执不成立：{check}"),
        "node.transport": Text("{partner} was not reached: {found}", "未能送达 {partner}：{found}"),
        "node.transport_unknown": Text("the node has no transport {found}", "节点没有传输通道 {found}"),
        "node.no_handler": Text("nothing here handles the service {found}", "本节点没有处理服务 {found} 的程序"),
        "node.handler_failed": Text("the handler failed: {found}", "处理程序出错：{found}"),
        "node.pull_failed": Text("the pull failed: {found}", "拉取失败：{found}"),
        "node.lease_lost": Text("another worker has taken over", "已由另一工作进程接手"),
        "node.audit_not_stamped": Text(
            "the audit log has not been time-stamped since {found}; no work is taken until it is",
            "审计日志自 {found} 起未加盖时间戳，恢复前不受理业务",
        ),
        "node.stamp": Text("no time stamp of the audit log: {found}", "不是对审计日志的时间戳：{found}"),
        "node.message_unknown": Text("there is no message {found}", "没有消息 {found}"),
        "node.state": Text(
            "{action} cannot be done to message {number}, which is {found}",
            "消息 {number} 状态为 {found}，不能执行 {action}",
        ),
        "node.no_node": Text("no node has worked on {found} yet", "{found} 上尚无运行过的交换节点"),
        "node.no_content": Text("the content of message {found} is not kept any more", "消息 {found} 的内容已不再保存"),
        "node.content_damaged": Text(
            "what is kept of message {found} is damaged, or under another key",
            "消息 {found} 的留存内容已损坏，或使用了另一密钥",
        ),
        "node.stopping": Text("the node is stopping", "节点正在停止"),
        # what carries parcels: the wrapping of a parcel or answer, the shared folder, the broker
        "node.wrap": Text(
            "not a parcel or an answer: {name} is {found}, expected {expected}",
            "不是包裹或应答：{name} 为 {found}，应为 {expected}",
        ),
        "node.wrap_half": Text("cut off: {found} bytes, expected {expected}", "不完整：{found} 字节，应为 {expected}"),
        "node.wrap_digest": Text("changed on its way: its digest is another", "传输中被改动：摘要不符"),
        "node.wrap_name": Text("it is named {found}, expected {expected}", "名称为 {found}，应为 {expected}"),
        "node.wrap_size": Text("{found} bytes, at most {expected} are taken", "{found} 字节，最多接收 {expected}"),
        "node.wrap_kind": Text("it is {found}, expected a regular file", "它是 {found}，应为普通文件"),
        "node.wrap_receiver": Text("it is for {found}, here is {expected}", "收件方为 {found}，本方为 {expected}"),
        "node.folder": Text("the shared folder cannot be used: {found}", "共享文件夹不可用：{found}"),
        "node.broker": Text("the broker did not do it: {found}", "消息服务器未完成操作：{found}"),
        "node.broker_size": Text(
            "{found} bytes, the broker takes {expected} at most", "{found} 字节，消息服务器最多接收 {expected}"
        ),
    }
)

#: Whose matter it is; ``receiver`` for what is not listed.
ORIGINS: Final[Mapping[str, NodeOrigin]] = MappingProxyType(
    {
        "node.partner_unknown": "sender",
        "node.partner_blocked": "receiver",
        "node.service_closed": "sender",
        "node.conflict": "sender",
        "node.not_accepted": "sender",
        "node.expired": "sender",
        "node.attachment_unknown": "caller",
        "node.attachment_form": "sender",
        "node.attachment_size": "sender",
        "node.attachments_awaited": "sender",
        "node.not_awaited": "sender",
        "node.piece": "sender",
        "node.piece_size": "node",
        "node.outcome": "sender",
        "node.rate": "sender",
        "node.parcel": "sender",
        "node.parcel_size": "sender",
        "node.attempts": "node",
        "node.transport_unknown": "node",
        "node.handler_failed": "node",
        "node.lease_lost": "node",
        "node.audit_not_stamped": "node",
        "node.stamp": "node",
        "node.message_unknown": "caller",
        "node.no_node": "caller",
        "node.state": "caller",
        "node.no_content": "caller",
        "node.content_damaged": "node",
        "node.stopping": "node",
        "node.wrap": "sender",
        "node.wrap_half": "sender",
        "node.wrap_digest": "sender",
        "node.wrap_name": "sender",
        "node.wrap_size": "sender",
        "node.wrap_kind": "sender",
        "node.wrap_receiver": "sender",
        "node.folder": "node",
        "node.broker": "node",
        "node.broker_size": "node",
    }
)


def origin_of(problem: str) -> NodeOrigin:
    """Whose matter a refusal is."""
    return ORIGINS.get(problem, "receiver")


class NodeRejected(Rejected):
    """The node does not do this; ``problem`` is the key of the reason, ``origin`` says whose matter it is."""

    code = "egov.exchange.node.rejected"

    @property
    def origin(self) -> NodeOrigin:
        """Whose matter it is: the application's, the sender's, the receiver's or the node's."""
        return origin_of(self.problem)


TABLE = ProblemTable("exchange", PROBLEMS, NodeRejected)


def refuse(problem: str, /, **facts: object) -> NodeRejected:
    """The error for one row of PROBLEMS; the caller raises it."""
    error = TABLE.refuse(problem, **facts)
    error.detail["origin"] = error.origin
    return error
