"""``egov license suspend``, ``resume``, ``revoke``, ``cancel`` and ``history``: the life of a licence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import command, option
from egov_sdk.cli._license_inputs import ActorText, IdentifierText, ReasonText
from egov_sdk.cli._license_office import OfficeName, opened
from egov_sdk.cli._license_words import ACTIONS, plain_record, state_word
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.license.states import LicenseAction
from egov_sdk.report import Text
from egov_sdk.report_words import moment

if TYPE_CHECKING:
    pass


__all__ = ["cancel", "history", "resume", "revoke", "suspend"]

_NOW: Final = Text("{identifier} is now: {state}", "{identifier} 当前状态：{state}")


@command(groups.license_, "suspend", "Hold a licence for a while.", "暂扣证照。")
def suspend(
    voice: Voice, identifier: IdentifierText, reason: ReasonText, actor: ActorText = "", office: OfficeName = None
) -> ExitCode:
    """Suspend a licence."""
    return _act(voice, identifier, LicenseAction.SUSPEND, how=(reason, actor, office))


@command(
    groups.license_, "resume", "Give a held licence back, or activate one.", "发还暂扣的证照，或激活未激活的证照。"
)
def resume(
    voice: Voice,
    identifier: IdentifierText,
    reason: ReasonText,
    activate: Annotated[bool, option("--activate", "It was issued inactive.", "激活签发时未激活的证照。")] = False,
    actor: ActorText = "",
    office: OfficeName = None,
) -> ExitCode:
    """Resume a licence."""
    action = LicenseAction.ACTIVATE if activate else LicenseAction.RESUME
    return _act(voice, identifier, action, how=(reason, actor, office))


@command(groups.license_, "revoke", "Take a licence away as a sanction; for ever.", "吊销证照，不可恢复。")
def revoke(
    voice: Voice,
    identifier: IdentifierText,
    reason: ReasonText,
    withdraw: Annotated[
        bool, option("--withdraw", "It should not have been issued at all.", "撤销：本不应签发。")
    ] = False,
    actor: ActorText = "",
    office: OfficeName = None,
) -> ExitCode:
    """Revoke a licence."""
    action = LicenseAction.WITHDRAW if withdraw else LicenseAction.REVOKE
    return _act(voice, identifier, action, how=(reason, actor, office))


@command(groups.license_, "cancel", "End a licence in the ordinary course; for ever.", "注销证照，不可恢复。")
def cancel(
    voice: Voice, identifier: IdentifierText, reason: ReasonText, actor: ActorText = "", office: OfficeName = None
) -> ExitCode:
    """Cancel a licence."""
    return _act(voice, identifier, LicenseAction.CANCEL, how=(reason, actor, office))


def _act(voice: Voice, identifier: str, action: LicenseAction, *, how: tuple[str, str, str | None]) -> ExitCode:
    reason, actor, office = how
    with opened(office) as there:
        found = there.service.act(identifier, action, reason=reason, actor=actor)
    if voice.as_json:
        voice.document(plain_record(found, full=False))
        return ExitCode.DONE
    state = state_word(voice, found.state.value)
    voice.line(voice.say(_NOW).format(identifier=found.identifier, state=state), style="bold")
    return ExitCode.DONE


@command(groups.license_, "history", "Show the life of a licence over all its versions.", "查看证照各版本的历史。")
def history(voice: Voice, identifier: IdentifierText, office: OfficeName = None) -> ExitCode:
    """Show the history."""
    with opened(office) as there:
        events = there.service.history(identifier)
    if voice.as_json:
        voice.document({"events": [one.model_dump(mode="json") for one in events]})
        return ExitCode.DONE
    rows = []
    for one in events:
        what = voice.say(ACTIONS[one.action.value])
        rows.append(
            (moment(one.at), f"{one.identifier.version:03d}", what, state_word(voice, one.state.value), one.reason)
        )
    voice.table(rows, indent="", styles=("dim", "", "bold", "", "dim"))
    return ExitCode.DONE
