"""The few figures that the README shows, out of the numbers that were kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, cast

from egov_sdk.report import Lang, Text
from tests.house.benchmark_page import FOLDER

__all__ = ["speed_part"]

_HEADS: Final = (
    Text("Work", "内容"),
    Text("A second", "每秒"),
    Text("Compared in the same run", "同次运行的对比"),
)
#: Where each figure lies, and where that of the peer who did the same work beside it.
_ROWS: Final[tuple[tuple[Text, str, tuple[str, ...], tuple[str, ...]], ...]] = (
    (Text("SM2: sign", "SM2 签名"), "sm2", ("egov_sdk native", "sign"), ("gmssl", "sign")),
    (
        Text("SM2: verify, key seen before", "SM2 验签（已知公钥）"),
        "sm2",
        ("egov_sdk native", "verify, known key"),
        ("gmssl", "verify, known key"),
    ),
    (
        Text("SM2: decrypt 16 bytes", "SM2 解密 16 字节"),
        "sm2",
        ("egov_sdk native", "decrypt 16 bytes"),
        ("gmssl", "decrypt 16 bytes"),
    ),
    (
        Text("Sealed OFD: verify, all four answers", "已盖章 OFD：验证四项结论"),
        "verify",
        ("native", "verify, all four answers"),
        (),
    ),
    (
        Text("Licence: verify offline, every check", "证照：离线验证全部检查项"),
        "license_file",
        ("verify person_certificate: every check offline",),
        (),
    ),
    (
        Text("Message: accept, deliver, receipt, all durable (SQLite)", "报文：受理、投递、回执，全部落盘（SQLite）"),
        "node",
        ("sqlite",),
        (),
    ),
)
_TIMES: Final = Text("{ratio:,.0f} times gmssl", "gmssl 的 {ratio:,.0f} 倍")


def _found(results: Mapping[str, object], way: tuple[str, ...]) -> float:
    value: object = results
    for name in way:
        value = cast("Mapping[str, object]", value)[name]
    return cast("float", value)


def speed_part(lang: Lang) -> str:
    """One row for each of the main jobs."""
    lines = [f"| {' | '.join(head.in_(lang) for head in _HEADS)} |", "|---|--:|--:|"]
    for about, name, ours, peer in _ROWS:
        kept = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["results"]["per_second"]
        rate = _found(kept, ours)
        beside = _TIMES.in_(lang).format(ratio=rate / _found(kept, peer)) if peer else ""
        lines.append(f"| {about.in_(lang)} | {rate:,.0f} | {beside} |")
    return "\n".join(lines)
