"""``egov license search`` and ``copy``: licences are found and handed out, for a purpose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import command, option
from egov_sdk.cli._inputs import refuse_existing, write_result
from egov_sdk.cli._license_inputs import (
    HolderText,
    IdentifierText,
    OnlyType,
    Unmasked,
    authority,
    read_code_text,
    type_code_of,
    until,
)
from egov_sdk.cli._license_office import AskerName, AsOwner, ItemCode, OfficeName, PurposeText, opened
from egov_sdk.cli._license_words import WROTE, plain_record, record_rows
from egov_sdk.cli._options import AtMost, Force
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.license.states import LicenseState
from egov_sdk.report import Text
from egov_sdk.report_words import moment

if TYPE_CHECKING:
    pass


__all__ = ["copy", "search"]

_NOTHING: Final = Text("nothing found", "没有找到")
_MORE: Final = Text("there is more: --page {page}", "还有更多：--page {page}")
_COPIED: Final = Text("copy {copy} good until {until}", "加注件 {copy}，有效期至 {until}")


@command(
    groups.license_, "search", "Find the licences of one holder, newest first.", "检索某一持证主体的证照（新者在前）。"
)
def search(
    voice: Voice,
    holder: HolderText,
    type_name: OnlyType = None,
    state: Annotated[
        list[LicenseState] | None, option("--state", "Only in these states.", "仅此状态（可重复）。")
    ] = None,
    purpose: PurposeText = "查询",
    requester: AskerName = None,
    as_owner: AsOwner = False,
    item: ItemCode = "",
    limit: AtMost = 50,
    page: Annotated[str, option("--page", "Go on where an earlier answer ended.", "接续上一页。")] = "",
    full: Unmasked = False,
    office: OfficeName = None,
) -> ExitCode:
    """Search."""
    number = read_code_text(holder)
    states = frozenset(state) if state else None
    with opened(office) as there:
        code = type_code_of(there.service.types(), type_name) if type_name is not None else ""
        use = there.use(purpose, requester, item=item, is_owner=as_owner)
        found = there.service.search(number, use=use, type_code=code, states=states, page=page, page_size=limit)
    if voice.as_json:
        records = [plain_record(one, full=full) for one in found.records]
        voice.document({"records": records, "next_page": found.next_page})
        return ExitCode.DONE
    if not found.records:
        voice.line(_NOTHING)
        return ExitCode.DONE
    voice.table(record_rows(voice, found.records, full=full), indent="", styles=("", "bold", "", "", "", "dim"))
    if found.next_page:
        voice.note(voice.say(_MORE).format(page=found.next_page))
    return ExitCode.DONE


@command(
    groups.license_,
    "copy",
    "Make an annotated copy for one use; the original stays as it is.",
    "制作加注件（一事一用），原件不变。",
)
def copy(
    voice: Voice,
    identifier: IdentifierText,
    purpose: PurposeText,
    recipient: Annotated[
        str,
        option("--for", "For whom: code=name of a department.", "用证单位：“信用代码=名称”。", metavar="CODE=NAME"),
    ],
    out: Annotated[Path, option("--out", "The copy (OFD).", "加注件（OFD）。", metavar="OUT", short="-o")],
    until_: Annotated[
        str | None,
        option("--until", "Good until; in place of --days.", "有效期截止时间，代替 --days。", metavar="TIME"),
    ] = None,
    days: Annotated[int, option("--days", "How long it is good.", "有效天数。")] = 30,
    requester: AskerName = None,
    as_owner: AsOwner = False,
    item: ItemCode = "",
    force: Force = False,
    office: OfficeName = None,
) -> ExitCode:
    """Make an annotated copy."""
    refuse_existing(out, force=force)
    whom, last = authority(recipient, "--for"), until(until_, days)
    with opened(office) as there:
        use = there.use(purpose, requester, item=item, is_owner=as_owner)
        made_copy = there.service.annotated_copy(identifier, use=use, requester=whom, valid_until=last)
    write_result(out, made_copy.file, force=force)
    if voice.as_json:
        voice.document(made_copy.model_dump(mode="json", exclude={"file"}) | {"out": str(out)})
        return ExitCode.DONE
    voice.line(
        voice.say(_COPIED).format(copy=made_copy.copy_id, until=moment(made_copy.valid_until)),
        style="green",
    )
    voice.line(voice.say(WROTE).format(out=out))
    return ExitCode.DONE
