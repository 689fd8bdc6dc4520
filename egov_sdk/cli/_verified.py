"""One document, verified: its report, or the error that there is in place of one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from egov_sdk.cli._output import ExitCode, Voice, exit_code, outcome_of
from egov_sdk.cli._problems import InternalError, as_known, exit_code_of, message_of, show_traceback
from egov_sdk.errors import EgovError
from egov_sdk.report import Outcome, Report, Text

if TYPE_CHECKING:
    from egov_sdk.seal import Policy

__all__ = ["SUMMARY", "Verified", "verified"]

SUMMARY = Text(
    "{total} files: {passed} passed, {rejected} rejected, {undecided} undecided",
    "共 {total} 个文件：通过 {passed}，拒绝 {rejected}，无法判定 {undecided}",
)


@dataclass(frozen=True, slots=True)
class Verified:
    """One file, and its report or the error that there is in place of one."""

    path: Path
    found: Report | EgovError

    @property
    def code(self) -> ExitCode:
        return exit_code(self.found.outcome) if isinstance(self.found, Report) else exit_code_of(self.found)

    @property
    def outcome(self) -> Outcome:
        return outcome_of(self.code)

    def to_dict(self, voice: Voice) -> dict[str, object]:
        if isinstance(self.found, Report):
            return {**self.found.to_dict(voice.lang), "subject": str(self.path)}
        place = getattr(self.found, "where", "")
        return {
            "schema_version": 1,
            "subject": str(self.path),
            "outcome": self.outcome.value,
            "error": {**self.found.to_dict(), "where": place, "message": message_of(self.found, voice.lang)},
        }


def verified(path: Path, rules: Policy) -> Verified:
    from egov_sdk.seal import verify as verify_document

    try:
        return Verified(path, verify_document(path, policy=rules))
    except (EgovError, OSError) as error:
        return Verified(path, as_known(error))
    except Exception as error:  # noqa: BLE001 - one file that trips us must not hide what the others are
        show_traceback(error)
        return Verified(path, InternalError(f"{type(error).__name__}: {error}"))
