"""What messages failed of, in words."""

from __future__ import annotations

from collections import defaultdict

from egov_sdk.exchange.envelope.problems import PROBLEMS as OF_ENVELOPES
from egov_sdk.exchange.node.model import MessageRecord
from egov_sdk.exchange.node.problems import PROBLEMS as OF_NODES
from egov_sdk.gateway.words import WORDS
from egov_sdk.report import Lang

__all__ = ["reason_of", "reason_of_message"]


def reason_of(problem: str, lang: Lang, **facts: str) -> str:
    """The sentence of a code, as far as its facts are still known, and the code; the code alone of a stranger's."""
    key = problem.removeprefix("egov.exchange.")
    text = WORDS.get(problem) if key == problem else OF_NODES.get(key) or OF_ENVELOPES.get(key)
    if text is None:
        return problem
    said = text.in_(lang).format_map(defaultdict(lambda: "…", facts))
    return f"{said.removesuffix(': …').removesuffix('：…')} ({problem})"


def reason_of_message(record: MessageRecord, lang: Lang) -> str:
    """What a message last failed of, with what is known of the message; see ``reason_of``."""
    facts = {"partner": record.partner.id, "expected": record.expires_at.isoformat(timespec="seconds")}
    if record.problem.endswith(".no_handler"):
        facts["found"] = record.service or record.resource
    return reason_of(record.problem, lang, **facts)
