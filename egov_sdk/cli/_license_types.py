"""``egov license new-type`` and ``types``: the types of licences in a register."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._license_inputs import type_code_of, types_in
from egov_sdk.cli._license_office import OfficeName, opened
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egov_sdk.license.catalogue import LicenseType
    from egov_sdk.license.register import LicenseRegister


__all__ = ["new_type", "types"]

_ADDED: Final = Text("{name}  {code}", "{name}  {code}")
_NO_TYPES: Final = Text("there are no types yet", "尚无证照类型")
_NEXT_TYPE: Final = Text(
    "next: egov license new-type --sample business_permit", "下一步：egov license new-type --sample business_permit"
)
_NEXT_ISSUE: Final = Text(
    "next: egov license issue --type {code} --number … --holder NAME,CODE",
    "下一步：egov license issue --type {code} --number … --holder 名称,代码",
)


class _Sample(enum.StrEnum):
    BUSINESS = "business_permit"
    PERSON = "person_certificate"
    PAGES = "multi_page_permit"


@command(
    groups.license_,
    "new-type",
    "Bring types of licences into the register: samples, or a catalogue in TOML or JSON. Opens the office if there "
    "is none.",
    "向登记库加入证照类型：示例类型，或 TOML、JSON 目录；尚无登记库时一并开设。",
)
def new_type(
    voice: Voice,
    file: Annotated[
        Path | None, argument("FILE", "A catalogue of types, TOML or JSON.", "证照目录（TOML 或 JSON）。")
    ] = None,
    sample: Annotated[
        list[_Sample] | None,
        option(
            "--sample",
            "A sample type, whose face is marked 样证 (may be repeated).",
            "示例类型（照面标“样证”，可重复）。",
        ),
    ] = None,
    replace: Annotated[bool, option("--replace", "Revise a type that is there already.", "修订已有的类型。")] = False,
    department: Annotated[
        str,
        option("--department", "Whose office it is, when it is opened for the first time.", "首次开设时的机构名称。"),
    ] = "",
    code: Annotated[
        str, option("--code", "Its unified social credit code, likewise.", "首次开设时的机构统一社会信用代码。")
    ] = "",
    office: OfficeName = None,
) -> ExitCode:
    """Bring types in."""
    from egov_sdk.license.samples import sample_type

    if (file is None) == (not sample):
        raise UsageError(Text("give a catalogue, or --sample", "请给出证照类型目录，或使用 --sample"))
    brought = types_in(file) if file is not None else ()
    if file is not None and not brought:
        raise UsageError(Text(f"{file}: there is no type in it", f"{file}：其中没有证照类型"))
    with opened(office, make=True, department=department, code=code) as there:
        register = there.register
        wanted = brought or tuple(sample_type(one.value, defined_by=register.authority) for one in sample or ())
        known = register.types.known()
        _bring(register, wanted, replace=replace, known=frozenset(known))
    if voice.as_json:
        voice.document({"types": [{"code": one.code, "name": one.name} for one in wanted]})
        return ExitCode.DONE
    for one in wanted:
        voice.line(voice.say(_ADDED).format(name=one.name, code=one.code))
    voice.note(voice.say(_NEXT_ISSUE).format(code=wanted[0].code))
    return ExitCode.DONE


def _bring(register: LicenseRegister, wanted: Sequence[LicenseType], *, replace: bool, known: frozenset[str]) -> None:
    """All of them or, as far as can be told beforehand, none."""
    from egov_sdk.license.problems import refuse

    there = [one.code for one in wanted if one.code in known]
    if there and not replace:
        raise refuse("type_exists", found=there[0])
    for one in wanted:
        if one.code in known:
            register.types.replace(one)
        else:
            register.types.add(one)


@command(
    groups.license_,
    "types",
    "List the types of licences, or show one with its items.",
    "列出证照类型，或查看其中一个。",
)
def types(
    voice: Voice,
    name: Annotated[str | None, argument("TYPE", "A type: its code or its name.", "类型代码或名称。")] = None,
    office: OfficeName = None,
) -> ExitCode:
    """List types."""
    with opened(office) as there:
        found = there.service.types()
    if name is not None:
        code = type_code_of(found, name)
        found = tuple(one for one in found if one.code == code)
    if voice.as_json:
        voice.document({"types": [one.model_dump(mode="json", exclude={"template"}) for one in found]})
        return ExitCode.DONE
    if not found:
        voice.line(_NO_TYPES)
        voice.note(_NEXT_TYPE)
    elif name is None:
        voice.table([(one.code, one.name, one.defined_by.name) for one in found], indent="", styles=("", "bold", "dim"))
    else:
        voice.line(voice.say(_ADDED).format(name=found[0].name, code=found[0].code), style="bold")
        voice.table([(one.name, one.kind.value, _demands(voice, one.required)) for one in found[0].fields])
    return ExitCode.DONE


def _demands(voice: Voice, required: bool) -> str:
    return voice.say(Text("required", "必填")) if required else ""
