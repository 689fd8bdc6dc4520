"""How a licence is shown: masked unless asked otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from egov_sdk.cli._output import Voice
from egov_sdk.license.states import ACTION_WORDS as ACTIONS
from egov_sdk.license.states import STATE_WORDS as STATES
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.license.metadata import LicenseHolder, LicenseMetadata
    from egov_sdk.license.model import LicenseRecord

__all__ = [
    "ACTIONS",
    "LABELS",
    "NEXT_VERIFY",
    "STATES",
    "WROTE",
    "item_label",
    "plain_metadata",
    "plain_record",
    "record_rows",
    "show_metadata",
    "state_word",
]

WROTE: Final = Text("written to {out}", "已写入 {out}")
NEXT_VERIFY: Final = Text("next: egov license verify {file}", "下一步：egov license verify {file}")
LABELS: Final = {
    "identifier": Text("identifier", "证照标识"),
    "name": Text("licence", "证照名称"),
    "type_name": Text("type", "证照类型名称"),
    "number": Text("number", "证照编号"),
    "issuer": Text("issued by", "证照颁发机构"),
    "issued_on": Text("issued on", "证照颁发日期"),
    "holder": Text("holder", "持证主体"),
    "valid_from": Text("valid from", "证照有效期起始日期"),
    "valid_until": Text("valid until", "证照有效期截止日期"),
    "area_code": Text("area", "证照所属管辖属地编码"),
    "item_name": Text("service item", "关联事项名称"),
    "item_code": Text("item code", "关联事项代码"),
    "status": Text("listed at", "状态列表位置"),
    "state": Text("state", "证照状态"),
    "version": Text("version", "版本号"),
    "file": Text("SM3 of the file", "文件 SM3"),
}
_ITEM_LABELS: Final = {
    "holder_name": LABELS["holder"],
    "holder_code": Text("holder's number", "持证主体代码"),
    "holder_type": Text("kind of number", "持证主体代码类型代码"),
    "issuer_name": LABELS["issuer"],
    "issuer_code": Text("its code", "证照颁发机构代码"),
}
_NO_END: Final = Text("without an end", "长期")
_NO_FILE: Final = Text("no file yet", "尚无文件")
_LATEST: Final = Text("{version}, the latest is {latest}", "{version}，最新为 {latest}")


def state_word(voice: Voice, state: str) -> str:
    """A state in the language of this run."""
    return voice.say(STATES[state])


def _holder(holder: LicenseHolder, *, full: bool) -> dict[str, str]:
    """A holder; of a person name and number are masked, of an organisation nothing is secret."""
    from egov_sdk.codes.holders import HOLDER_TYPES
    from egov_sdk.codes.masking import mask_name, mask_number

    known = HOLDER_TYPES.get(holder.type_code)
    if full or (known is not None and not known.is_person):
        return {"name": holder.name, "code": holder.code, "type_code": holder.type_code}
    return {"name": mask_name(holder.name), "code": mask_number(holder.code), "type_code": holder.type_code}


def _number(number: str, *, full: bool) -> str:
    """The number of a licence; some are the number of the person."""
    from egov_sdk.codes import detect_kinds
    from egov_sdk.codes.masking import mask_number

    personal = any(kind.is_personal and not kind.is_shape_only for kind in detect_kinds(number)[:1])
    return mask_number(number) if personal and not full else number


def _fields(fields: Mapping[str, str], *, full: bool) -> dict[str, str]:
    """Further items: nobody but the type knows which are personal, so that all are masked."""
    from egov_sdk.codes.masking import mask_other

    return dict(fields) if full else {name: mask_other(value) for name, value in fields.items()}


def plain_metadata(metadata: LicenseMetadata, *, full: bool) -> dict[str, object]:
    """Metadata as plain values; names, numbers of persons and further items masked unless ``full``."""
    held = metadata.model_dump(mode="json", exclude={"holders", "fields", "others", "number"})
    return {
        **held,
        "number": _number(metadata.number, full=full),
        "holders": [_holder(one, full=full) for one in metadata.holders],
        "fields": _fields(metadata.fields, full=full),
        "others": _fields(metadata.others, full=full),
    }


def plain_record(record: LicenseRecord, *, full: bool) -> dict[str, object]:
    """A record as plain values."""
    return {
        "metadata": plain_metadata(record.metadata, full=full),
        "state": record.state.value,
        "latest_version": record.latest_version,
        "file_digest": record.file_digest,
        "updated_at": record.updated_at.isoformat(),
    }


def show_metadata(voice: Voice, metadata: LicenseMetadata, *, full: bool, record: LicenseRecord | None = None) -> None:
    """What a licence says, a line each; its state and version too where the register told them."""
    rows: list[tuple[Text, object]] = [
        (LABELS["identifier"], metadata.identifier),
        (LABELS["name"], metadata.name),
        (LABELS["type_name"], metadata.type_name if metadata.type_name != metadata.name else ""),
        (LABELS["number"], _number(metadata.number, full=full)),
        (LABELS["issuer"], f"{metadata.issuer.name} {metadata.issuer.code}".strip()),
        (LABELS["issued_on"], metadata.issued_on.isoformat()),
    ]
    for one in metadata.holders:
        shown = _holder(one, full=full)
        rows.append((LABELS["holder"], f"{shown['name']}  {shown['code']}  {one.type_name}"))
    rows += [
        (LABELS["valid_from"], metadata.valid_from),
        (LABELS["valid_until"], metadata.valid_until or voice.say(_NO_END)),
        *((LABELS[name], getattr(metadata, name)) for name in ("area_code", "item_name", "item_code", "status")),
        *((Text(name, name), value) for name, value in _fields(metadata.fields, full=full).items()),
        *((Text(name, name), value) for name, value in _fields(metadata.others, full=full).items()),
    ]
    if record is not None:
        version = f"{metadata.version:03d}"
        if record.latest_version > metadata.version:
            version = voice.say(_LATEST).format(version=version, latest=f"{record.latest_version:03d}")
        rows += [
            (LABELS["state"], state_word(voice, record.state.value)),
            (LABELS["version"], version),
            (LABELS["file"], record.file_digest or voice.say(_NO_FILE)),
        ]
    voice.facts(rows)


def record_rows(voice: Voice, records: Sequence[LicenseRecord], *, full: bool) -> list[tuple[str, ...]]:
    """Records as a table: identifier, number, holder, state, last day."""
    rows: list[tuple[str, ...]] = []
    for record in records:
        one = record.metadata
        holder = _holder(one.holders[0], full=full)["name"]
        end = one.valid_until.isoformat() if one.valid_until else voice.say(_NO_END)
        number = _number(one.number, full=full)
        rows.append((str(one.identifier), one.name, number, holder, state_word(voice, record.state.value), end))
    return rows


def item_label(name: str) -> Text:
    """What an item that is shown is called; one of the type bears its own name."""
    plain = name.removeprefix("KZ_")
    return _ITEM_LABELS.get(name) or LABELS.get(name) or Text(plain, plain)
