"""Every check of a licence file beyond its seals: what it asks, what it can answer.

This table is the only home of these words; reports, the command line and the docs page read them here.
"""

from __future__ import annotations

from typing import Final

from egov_sdk.license.present.checks import PRESENTATION_CHECKS
from egov_sdk.report import CheckTable, CheckText, Text

__all__ = ["CHECKS", "OFFLINE", "REGISTRY", "REQUIRED"]

_IDENTIFIER: Final = "GB/T 36904-2018"
_METADATA: Final = "GB/T 36903-2018"
_FILE: Final = "GB/T 36905-2018"
_SHARING: Final = "GB/T 36906-2018"


_NO_METADATA = {"no_metadata": ("the file has no metadata that can be read", "文件没有可解析的证照元数据")}
_NO_REGISTRY = {
    "no_registry": ("no register was asked", "未查询登记库"),
    "no_answer": ("the register gave no answer: {detail}", "登记库未应答：{detail}"),
    "not_found": ("the register does not know {identifier}", "登记库中没有 {identifier}"),
}
_IS_COPY = {"is_copy": ("an annotated copy has a file of its own", "加注件为另行制作的文件，不与原件比对")}
_NO_PLACE: Final = (
    "the file does not say where a status list speaks of it",
    "文件未载明其在状态列表中的位置",
)
#: A list is judged as it is for presentations.
_LISTS: Final = PRESENTATION_CHECKS.rows["trust.status_list"]

CHECKS = CheckTable(
    {
        # ---------------------------------------------------------------- integrity
        "integrity.one_document": CheckText.of(
            "Is the file one licence and nothing else?",
            "文件是否仅含一份证照？",
            _FILE,
            ok=("one document", "仅含一个文档"),
            several=("the package holds {count} documents", "包内有 {count} 个文档"),
            versions=("the document has {count} version(s) of its own", "文档自带 {count} 个版本"),
        ),
        "integrity.metadata": CheckText.of(
            "Is the metadata there, complete and sound?",
            "证照元数据是否存在、完整且合规？",
            _METADATA,
            ok=("every item is there and sound", "各项齐全且合规"),
            wrong=("{count} item(s) are wrong; {first}", "有 {count} 项不合规；{first}"),
            twice=("items are there more than once: {names}", "下列项目重复出现：{names}"),
            **_NO_METADATA,
        ),
        "integrity.identifier": CheckText.of(
            "Is the identifier well formed, and its check character right?",
            "证照标识格式及校验位是否正确？",
            _IDENTIFIER,
            ok=("the check character is right", "校验位正确"),
            wrong=("the identifier is wrong: {detail}", "证照标识有误：{detail}"),
            missing=("there is no identifier", "没有证照标识"),
        ),
        "integrity.index": CheckText.of(
            "Does the index point to what the metadata says?",
            "数据标引所指内容是否与元数据一致？",
            _FILE,
            ok=("{count} item(s) agree", "{count} 项一致"),
            no_index=("the file has no index", "文件没有数据标引"),
            differs=(
                "{name} reads {found} on the face, {expected} in the metadata",
                "{name} 照面为 {found}，元数据为 {expected}",
            ),
            page_missing=("{name} points to a page that is not there", "{name} 指向不存在的页"),
            object_missing=("{name} points to an object that is not there", "{name} 指向不存在的对象"),
            object_twice=("{name} points to an ID that two objects have", "{name} 所指 ID 被两个对象使用"),
            twice=("{name} is in the index more than once", "{name} 在标引中重复出现"),
            empty=("{name} points to nothing", "{name} 未指向任何对象"),
            not_text=("{name} points to something that is no text", "{name} 所指不是文字"),
            not_seen=("{name} points to text that is not seen", "{name} 所指文字不可见"),
            covered=("what {name} points to is covered by another object", "{name} 所指文字被其他对象遮盖"),
            unknown=("{name} is no item of this licence", "{name} 不是本证照的项目"),
            **_NO_METADATA,
        ),
        "integrity.face": CheckText.of(
            "Is the face the one that the template gives for the metadata?",
            "照面是否与按模板和元数据生成的一致？",
            _FILE,
            ok=("{pages} page(s), object by object", "共 {pages} 页，逐对象一致"),
            no_template=("the template of the type {type_code} was not given", "未提供类型 {type_code} 的模板"),
            template_refuses=(
                "the template has no face for this metadata: {detail}",
                "模板无法为该元数据生成照面：{detail}",
            ),
            text_differs=(
                "page {page}: reads {found}, the metadata gives {expected}",
                "第 {page} 页：照面为 {found}，按元数据应为 {expected}",
            ),
            look_differs=(
                "page {page}: {found} is set in another way than in the template",
                "第 {page} 页：{found} 的样式与模板不符",
            ),
            object_missing=("page {page}: {expected} is missing", "第 {page} 页：缺少 {expected}"),
            object_extra=("page {page}: {found} does not belong there", "第 {page} 页：多出 {found}"),
            page_differs=("page {page} differs from the template", "第 {page} 页与模板不符"),
            pages_differ=(
                "there are {found} page(s), the template gives {expected}",
                "共 {found} 页，按模板应为 {expected} 页",
            ),
            picture_missing=("the picture {item} is missing", "缺少图片 {item}"),
            file_extra=(
                "the document leads to a file that the template does not have: /{file}",
                "文档引用了模板之外的文件：/{file}",
            ),
            file_missing=("a file of the template is missing: /{file}", "缺少模板应有的文件：/{file}"),
            file_differs=("/{file} differs from the template's", "/{file} 与模板不符"),
            **_NO_METADATA,
        ),
        # ---------------------------------------------------------------- binding
        "binding.issuer": CheckText.of(
            "Is it sealed by the authority that issued it?",
            "签章者是否为证照颁发机构？",
            _FILE,
            ok=("sealed by {subject_name} for {issuer}", "由 {subject_name} 为 {issuer} 签章"),
            given=("sealed with the certificate that was given for {issuer}", "签章证书为所指定的 {issuer} 证书"),
            copy_maker=(
                "the copy is sealed by {subject_name}, who may make copies",
                "加注件由获准制作者 {subject_name} 签章",
            ),
            sealed_by_another=(
                "issued by {issuer}, sealed by {subject_name}",
                "颁发机构为 {issuer}，签章者为 {subject_name}",
            ),
            sealed_besides=(
                "sealed by {subject_name} as well, for whom the template has no place",
                "另有 {subject_name} 的签章，模板中没有其位置",
            ),
            not_sealed=("no seal holds that covers the licence", "没有覆盖证照的有效签章"),
            undecided=("the seals could not be decided", "签章无法判定"),
            **_NO_METADATA,
        ),
        "binding.type": CheckText.of(
            "Is it of a type that is known, and that its issuer may issue?",
            "证照类型是否已知，颁发机构能否颁发？",
            "GB/T 36902-2018",
            ok=("{name}", "{name}"),
            unknown=("the type {type_code} is not among those given", "类型 {type_code} 不在所给类型之中"),
            name_differs=(
                "the type {type_code} is called {expected}, the file says {found}",
                "类型 {type_code} 名称为 {expected}，文件为 {found}",
            ),
            issuer_refused=(
                "{issuer} may not issue licences of the type {type_code}",
                "{issuer} 不得颁发类型 {type_code} 的证照",
            ),
            not_asked=("no types were given", "未提供证照类型"),
            **_NO_METADATA,
        ),
        # ---------------------------------------------------------------- trust
        "trust.record": CheckText.of(
            "Does the register hold the same data?",
            "登记库中的数据是否一致？",
            _SHARING,
            ok=("the register holds the same", "与登记库一致"),
            differs=("differs from the register: {names}", "与登记库不一致：{names}"),
            **_NO_METADATA,
            **_NO_REGISTRY,
        ),
        "trust.record_file": CheckText.of(
            "Is it the file that the register holds?",
            "是否为登记库所存文件？",
            _SHARING,
            ok=("the register holds this very file", "与登记库所存文件一致"),
            another=("the register holds another file of this version", "登记库中该版本为另一文件"),
            no_file=("the register holds no file of it", "登记库中没有其文件"),
            **_IS_COPY,
            **_NO_METADATA,
            **_NO_REGISTRY,
        ),
        "trust.state": CheckText.of(
            "Is the licence in force?",
            "证照是否有效？",
            _SHARING,
            ok=("in force, says {source}", "有效（{source}）"),
            inactive=("not activated, says {source}", "未激活（{source}）"),
            suspended=("suspended, says {source}", "已暂扣（{source}）"),
            superseded=("superseded by a newer version, says {source}", "已被新版本替代（{source}）"),
            cancelled=("cancelled, says {source}", "已注销（{source}）"),
            revoked=("revoked, says {source}", "已吊销（{source}）"),
            lapsed=("lapsed, says {source}", "已失效（{source}）"),
            withdrawn=("withdrawn, says {source}", "已撤销（{source}）"),
            unknown=("{source} does not know the state", "{source} 未能给出状态"),
            no_place=_NO_PLACE,
            no_list=("there is no status list that counts", "没有可用的状态列表"),
            outside=("the status list has no such place", "状态列表中没有该位置"),
            **_NO_METADATA,
            **_NO_REGISTRY,
        ),
        "trust.status_list": CheckText(
            _LISTS.question,
            _LISTS.clause,
            {
                **_LISTS.reasons,
                "no_place": Text(*_NO_PLACE),
                "not_asked": Text("no status list was asked", "未使用状态列表"),
                "no_metadata": Text(*_NO_METADATA["no_metadata"]),
            },
        ),
        "trust.version": CheckText.of(
            "Is it the latest version?",
            "是否为最新版本？",
            _IDENTIFIER,
            ok=("version {found} is the latest", "版本 {found} 为最新"),
            older=("version {found}, the register has {latest}", "版本 {found}，登记库最新为 {latest}"),
            **_NO_METADATA,
            **_NO_REGISTRY,
        ),
        "trust.term": CheckText.of(
            "Is the licence within its term?",
            "证照是否在有效期内？",
            _METADATA,
            ok=("valid {term}", "有效期 {term}"),
            expired=("expired: the last day was {last}", "已过期：截止日期为 {last}"),
            not_yet=("not valid before {first}", "尚未生效：起始日期为 {first}"),
            issued_later=(
                "issued on {issued}, after the day of this verification, {day}",
                "颁发日期 {issued} 晚于验证日期 {day}",
            ),
            **_NO_METADATA,
        ),
        "trust.copy": CheckText.of(
            "If it is an annotated copy, is it good for this use?",
            "如为加注件，是否可用于本次用途？",
            _METADATA,
            original=("it is an original", "为原件"),
            ok=(
                "made for {requester}: {purpose}; good until {until}",
                "为 {requester} 制作，用途：{purpose}；有效至 {until}",
            ),
            expired=("made for: {purpose}; good until {until} only", "用途：{purpose}；已于 {until} 失效"),
            not_yet=("made at {made_at}, after the time of this verification", "制作于 {made_at}，晚于验证时间"),
            another_requester=("made for {requester}, shown by another", "为 {requester} 制作，由他人出示"),
            for_whom=("it does not say for whom it was made", "未载明为谁制作"),
            requester_not_asked=(
                "made for {requester}: {purpose}; good until {until}; nobody said who received it",
                "为 {requester} 制作，用途：{purpose}；有效至 {until}；未说明接收者",
            ),
            incomplete=("its items of an annotated copy are not complete: {detail}", "加注件项目不完整：{detail}"),
        ),
    }
)

#: What only a register or a status list can tell.
REGISTRY = frozenset({"trust.record", "trust.record_file", "trust.state", "trust.version"})

#: What can be told from the file, the templates of the types and the anchors alone.
OFFLINE = frozenset(CHECKS.rows) - REGISTRY - {"binding.type", "trust.status_list"}

#: What the standard policy requires.
REQUIRED = OFFLINE | REGISTRY
