"""Why the register or a verifier of licences says no: every reason with its words, and the errors that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from egov_sdk.license.states import ACTION_WORDS, STANDING_WORDS, STATE_WORDS
from egov_sdk.problems import ProblemTable, Rejected
from egov_sdk.report import Text

__all__ = ["PROBLEMS", "TABLE", "LicenseRejected", "refuse", "unreadable"]

#: The full code is ``egov.license.`` and the key. Nothing personal and no secret is ever among the facts.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        # words: identifiers, metadata, catalogue, dates
        "identifier_shape": Text(
            "the identifier is malformed: its part {part} is {found}, expected {expected}",
            "证照标识格式不正确：{part}为 {found}，应为 {expected}",
        ),
        "identifier_check": Text(
            "the check character of the identifier is {found}, the other characters give {expected}",
            "证照标识的校验位为 {found}，按其余各位计算应为 {expected}",
        ),
        "identifier_file_name": Text(
            "{found} is not a file name of an identifier and .ofd", "{found} 不是由证照标识和 .ofd 组成的文件名"
        ),
        "version_exhausted": Text(
            "version {found} is the last that an identifier can have", "版本号 {found} 已是证照标识可用的最后一个版本"
        ),
        "type_code": Text(
            "{found} is not a type code of 18 characters of its authority and a number from 001 to 999",
            "{found} 不是证照类型代码（18 位定义机构代码加 001 至 999 的顺序号）",
        ),
        "date": Text("is no date in a form known here: found {found}", "不是可识别的日期：{found}"),
        "date_order": Text(
            "may be read in more than one way: found {found}; the year must stand first, with four digits",
            "日期含义不唯一：{found}；年份须在最前且为四位",
        ),
        "date_none": Text("there is no such day since 1900: found {found}", "1900 年以来不存在此日期：{found}"),
        "moment": Text("names a day and no time of day: found {found}", "只有日期而没有时间：{found}"),
        "range": Text(
            "is {found}, expected n年, n月, n日, 长期 or 自定义", "有效期限为 {found}，应为 n年、n月、n日、长期或自定义"
        ),
        "status_place": Text("is {found}, expected LIST:INDEX", "为 {found}，应为“列表:位置”两个数"),
        "missing": Text("is missing", "缺失"),
        "too_long": Text(
            "has {found} characters, expected at most {expected}", "有 {found} 个字符，应不超过 {expected} 个"
        ),
        "character": Text("holds the character {found}, which cannot be written", "含有无法写出的字符 {found}"),
        "separator": Text("holds {found}, which separates several holders", "含有用于分隔多个持证主体的字符 {found}"),
        "differs": Text("is {found}, and {other} gives {expected}", "为 {found}，而{other}给出 {expected}"),
        "holder_repeated": Text("the holder {found} is there twice", "持证主体 {found} 重复"),
        "holder_counts": Text(
            "there are {found} of it and {expected} holders", "有 {found} 项，而持证主体有 {expected} 个"
        ),
        "holder_type_name": Text(
            "{found} is not a holder code type of GB/T 36903-2018, annex A",
            "{found} 不是 GB/T 36903-2018 附录 A 中的类型",
        ),
        "holder_category": Text(
            "a holder of the type {found} may not hold such a licence, expected {expected}",
            "类型 {found} 的主体不能持有此类证照，应为{expected}",
        ),
        "term_order": Text("is {found}, before {first}", "为 {found}，早于 {first}"),
        "item_twice": Text("is there twice, with different values", "出现两次且值不同"),
        "copy_items": Text(
            "of the four items of an annotated copy some are missing: {found}", "加注件的四个项目不全，缺少：{found}"
        ),
        "copy_expired": Text(
            "the annotated copy would be good until {found}, before it is made",
            "加注件有效期截止 {found}，早于制作时间",
        ),
        "field_name": Text("{found} cannot be the name of a further item", "{found} 不能作为扩展项名称"),
        "field_unknown": Text("licences of this type have no such item", "此类证照没有这一项"),
        "field_number": Text("is no number: found {found}", "不是数字：{found}"),
        "field_choice": Text("is none of the choices of this item: found {found}", "不是可选值之一：{found}"),
        "field_twice": Text("the type has this item twice", "该项重复定义"),
        "field_choices": Text(
            "an item has choices if it is a choice, and only then", "选择项必须有可选值，其他项不得有可选值"
        ),
        "item_counts": Text(
            "there are {found} codes for {expected} names", "有 {found} 个代码，而名称有 {expected} 个"
        ),
        "catalogue": Text("is no catalogue of licence types: {found}", "不是证照目录：{found}"),
        "draft_file": Text("is no draft of a licence: {found}", "不是制证数据：{found}"),
        "type_twice": Text("the catalogue has this type twice", "目录中该证照类型重复"),
        "metadata_file": Text("is no metadata in this form: {found}", "不是此格式的元数据：{found}"),
        "word": Text("is {found}, which is not among {expected}", "为 {found}，不在 {expected} 之中"),
        "field_picture": Text("is a picture and is given as text", "为图片项，不能以文本给出"),
        # face: templates and files
        "face_overflow": Text(
            "the text of {item}, {found} characters, does not fit its box on the face",
            "照面填充项 {item} 的文字（{found} 个字符）超出填充框",
        ),
        "face_columns": Text(
            "a row of {item} has {found} cells, the table has {expected} columns",
            "{item} 的一行有 {found} 格，表格为 {expected} 列",
        ),
        "face_character": Text(
            "{item} holds the character {found}, which is not printed", "{item} 含有不可打印的字符 {found}"
        ),
        "face_picture": Text(
            "the picture {item}: found {found}, expected {expected}", "图片 {item}：为 {found}，应为 {expected}"
        ),
        "face_qr": Text("a QR code cannot hold {found} bytes", "二维码容纳不下 {found} 字节"),
        "face_pages": Text("the face would have more than {expected} pages", "照面将超过 {expected} 页"),
        "face_role": Text(
            "the template has no place for a seal of the role {found}; its roles are {expected}",
            "模板中没有角色 {found} 的签章位置；可用角色：{expected}",
        ),
        "copy_source": Text(
            "an annotated copy is made of an original that holds: {found}", "加注件须由有效原件制作：{found}"
        ),
        "copy_places": Text(
            "the original shows no seal to tell where the copy is sealed", "原件未显示签章，无法确定加注件签章位置"
        ),
        "face_no_template": Text("the type {found} has no face template", "证照类型 {found} 没有照面模板"),
        # register: issue, change, use
        "vault": Text("a {kind} in the register cannot be decrypted", "登记库中的{kind}无法解密"),
        "type_unknown": Text("there is no licence type {found}", "证照类型 {found} 不存在"),
        "type_exists": Text("the licence type {found} is there already", "证照类型 {found} 已存在"),
        "type_state": Text(
            "the licence type {found} is {state}, which does not allow this",
            "证照类型 {found} 处于“{state}”状态，不能如此操作",
        ),
        "type_in_use": Text(
            "licences of the type {found} were issued; its item {element} may not be taken away",
            "类型 {found} 已签发证照，不能去掉其信息项 {element}",
        ),
        "sealer_missing": Text("nobody is there to seal as {role}", "没有以 {role} 身份签章的印章"),
        "issuer_refused": Text(
            "the authority {found} does not issue in this register", "机构 {found} 不在本登记库签发证照"
        ),
        "draft_element": Text("{element}: {reason}", "{element}：{reason}"),
        "holder_code": Text("no code of a holder was given", "未给出持证主体代码"),
        "number_taken": Text(
            "the number is that of another licence of this type and authority", "该证照编号已用于同一机构的同类型证照"
        ),
        "serial_taken": Text(
            "the serial {found} is that of another licence of this type and authority",
            "流水号 {found} 已用于同一机构的同类型证照",
        ),
        "serial_shape": Text(
            "the serial {found} is not 1 to 64 digits and capitals", "流水号 {found} 不是 1 至 64 位数字或大写字母"
        ),
        "request_mismatch": Text(
            "the same request was made before, for something else", "相同的请求号此前已用于其他内容"
        ),
        "request_running": Text("the same request is at work; ask again soon", "相同的请求正在处理，请稍后再试"),
        "license_unknown": Text("there is no such licence", "查无此证照"),
        "version_old": Text(
            "this is version {found}; the latest is {expected}", "该证照为第 {found} 版，最新为第 {expected} 版"
        ),
        "action_refused": Text(
            "{action} is not possible while the licence is {state}", "证照处于“{state}”状态，不能{action}"
        ),
        "change_empty": Text("the change changes nothing", "变更内容为空"),
        "change_running": Text("the licence is being changed; ask again soon", "该证照正在变更，请稍后再试"),
        "change_overtaken": Text(
            "something else happened to the licence while it was being changed", "变更期间该证照另有变动，变更未生效"
        ),
        "renewal_endless": Text("the licence is good without an end: it is not renewed", "该证照长期有效，无须延续"),
        "renewal_term": Text(
            "a renewal must end later than {expected}, found {found}", "延续后的截止日期应晚于 {expected}，为 {found}"
        ),
        "reason_missing": Text("{action} needs a reason", "{action}须说明理由"),
        "file_missing": Text("the licence has no file yet", "该证照尚无文件"),
        "use_refused": Text(
            "no rule lets {requester} see this for the item {item}", "没有规则允许 {requester} 为事项 {item} 使用该证照"
        ),
        "permission_unknown": Text("there is no such consent or delegation", "授权不存在"),
        "permission_expired": Text("the consent or delegation is over", "授权已过期"),
        "permission_withdrawn": Text("the consent or delegation was taken back", "授权已被撤回"),
        "permission_used": Text("the consent or delegation was used up", "授权次数已用完"),
        "permission_requester": Text("it was given for another department", "授权对象不是该用证单位"),
        "permission_item": Text("it was given for another item than {item}", "授权事项不是 {item}"),
        "permission_scope": Text("it was given for other licences", "授权范围不含该证照"),
        "permission_term": Text(
            "it must end after it begins, and within {expected} days",
            "授权的截止时间应晚于起始时间，且不超过 {expected} 天",
        ),
        "page_unknown": Text("this is no page of this search", "该分页标记不属于本次检索"),
        "page_size": Text(
            "a page has 1 to {expected} records, found {found}", "每页应为 1 至 {expected} 条，为 {found}"
        ),
        "not_in_force": Text("the licence is not in force: {standing}", "该证照当前不具效力：{standing}"),
        "copy_term": Text(
            "the copy must be good for longer than now and for at most {expected} days",
            "加注件的有效期应晚于当前时间，且不超过 {expected} 天",
        ),
        "copy_requester": Text(
            "a copy is for whoever asks for it; only the holder and the issuer have one made for somebody else",
            "加注件只能为申请的用证单位制作；为他人制作的，须由持证人或颁发机构提出",
        ),
        "ticket_unknown": Text("there is no such ticket", "下载凭证不存在"),
        "ticket_used": Text("the ticket was used; each is good for one download", "下载凭证已使用，只能下载一次"),
        "ticket_expired": Text("the ticket is too old", "下载凭证已过期"),
        "ticket_requester": Text("the ticket was made for somebody else", "下载凭证不是为该用证单位生成的"),
        "code_unknown": Text("there is no such code", "用证码不存在"),
        "code_used": Text("the code was used; each is good for one reading", "用证码已使用，只能使用一次"),
        "code_expired": Text("the code is too old", "用证码已过期"),
        "code_requester": Text("the code was made for somebody else", "用证码不是为该用证单位生成的"),
        "field_not_there": Text("the licence has no item {element} to show", "该证照没有可出示的信息项 {element}"),
        "key_missing": Text(
            "the register was opened without the {kind} that this needs", "登记库未配置此操作所需的{kind}"
        ),
        "status_list_full": Text(
            "the status list of the type {found} has no room for more licences", "类型 {found} 的状态列表已满"
        ),
        "lifetime": Text(
            "it may last 1 to {expected} seconds, found {found}", "有效时间应为 1 至 {expected} 秒，为 {found}"
        ),
        "rule_unknown": Text("there is no such access rule", "用证规则不存在"),
        # presentation: tokens, status lists, codes
        "presentation_prefix": Text(
            "begins with {found}, expected {expected}: no presentation of a version known here",
            "开头为 {found}，应为 {expected}：不是本版本可识别的亮证码",
        ),
        "presentation_text": Text("is no base45 text: {found}", "不是 base45 文本：{found}"),
        "presentation_cut": Text("is cut off: {found}", "内容被截断：{found}"),
        "presentation_extra": Text("holds more than it should: {found}", "含有多余内容：{found}"),
        "presentation_spelling": Text("is not spelt the one way: {found}", "编码不唯一：{found}"),
        "presentation_repeated": Text("the key {found} stands twice", "键 {found} 重复"),
        "presentation_value": Text("found {found}, expected {expected}", "为 {found}，应为 {expected}"),
        "credential_items": Text("holds other items than those that were attested", "所含数据项与签发时的承诺不符"),
        "items_too_many": Text(
            "{found} items; at most {expected} can be shown", "{found} 个数据项，最多可出示 {expected} 个"
        ),
        "item_too_long": Text(
            "the item {element} has {found} characters; at most {expected} can be shown",
            "数据项 {element} 有 {found} 个字符，最多可出示 {expected} 个",
        ),
        "qr_too_large": Text(
            "{found} characters do not fit a QR code up to version {expected}",
            "{found} 个字符超出版本 {expected} 以内二维码的容量",
        ),
        "attest_holder": Text("this is nobody who holds the licence", "该主体不是该证照的持证主体"),
        "attest_challenge": Text(
            "the challenge was made for another licence or holder, or not here; ask for a new one",
            "挑战值不属于该证照和持证人，请重新获取",
        ),
        "attest_expired": Text("the challenge is too old; ask for a new one", "挑战值已过期，请重新获取"),
        "attest_proof": Text("the device did not prove that it has the key", "设备未能证明持有该密钥"),
        "showing_code_unknown": Text("there is no such code", "亮证码不存在"),
        "showing_code_used": Text("the code was used; each is good for one verification", "亮证码已使用，仅可核验一次"),
        "showing_code_expired": Text("the code is too old; show a new one", "亮证码已过期，请刷新"),
        "showing_unknown": Text("there is no such verification", "核验事务不存在"),
        "showing_holder": Text("somebody else was asked", "该核验请求的对象是其他持证人"),
        "showing_verifier": Text("another verifier began this", "该核验由其他验证方发起"),
        "showing_waiting": Text("the holder has not decided yet", "持证人尚未确认"),
        "showing_decided": Text("it is {state} already", "该核验已处于“{state}”状态"),
        "showing_refused": Text("the holder does not agree", "持证人已拒绝"),
        "showing_expired": Text("the time for this is over", "该核验已过期"),
        "showing_fetched": Text("it was fetched; that is possible once", "已取用，只能取用一次"),
        "showing_granted": Text(
            "a holder grants at least one licence, and only of the types asked for",
            "授权内容不能为空，且不得超出所请求的证照类型",
        ),
        # dialects
        "requester_refused": Text("the caller does not speak for the department {found}", "调用方不代表机构 {found}"),
        # old certificates
        "header_missing": Text(
            "the header lacks the columns {expected}; looked for in the first {rows} rows",
            "表头缺少列：{expected}（在前 {rows} 行中查找）",
        ),
        "header_twice": Text("the header has the column {found} twice", "表头中的列 {found} 重复"),
        "header_unknown": Text(
            "nothing is known of the columns {found}: map them, or name them as ignored",
            "未知的列：{found}，请为其设置映射或注明忽略",
        ),
        "cell_formula": Text("is a formula; put in its value as text", "是公式，请改为文本值"),
        "cell_merged": Text("is part of a merged cell; take the merge apart", "是合并单元格的一部分，请取消合并"),
        "cell_error": Text("is an error value of the sheet", "是表格的错误值"),
        "cell_rounded": Text(
            "is a number of more than 15 digits, whose last ones Excel does not keep; put it in as text",
            "是超过 15 位的数字，Excel 不保留其末尾各位，请改为文本",
        ),
        "cell_control": Text("holds a line end or another character that cannot be seen", "含有换行或其他不可见字符"),
        "cell_missing": Text("is empty, and must not be", "为空，应填写"),
        "cell_choice": Text("is {found}, expected one of: {expected}", "为 {found}，应为：{expected}"),
        "cell_long": Text("has {found} characters, expected at most {expected}", "长度为 {found}，应不超过 {expected}"),
        "cell_number": Text("is no number: found {found}", "不是数字：{found}"),
        "row_cells": Text("the row has cells beyond the last column of the header", "该行有超出表头范围的单元格"),
        "row_header": Text("the row repeats the header", "该行与表头重复"),
        "row_twice": Text(
            "the number stands in row {found} too, with another holder", "第 {found} 行已有该编号，但持证主体不同"
        ),
        "row_taken": Text(
            "the register has the number already, for another holder", "登记库中已有该编号，但持证主体不同"
        ),
        "row_again": Text("the same licence stands in row {found}", "与第 {found} 行为同一证照"),
        "row_differs": Text("is there already, with other data: {names}", "已有该证照，但下列各项不同：{names}"),
        "row_there": Text("the register has this licence already", "登记库中已有该证照"),
        "holders_uneven": Text(
            "there are {found} names and {expected} codes of holders", "持证主体有 {found} 个名称、{expected} 个代码"
        ),
        "holder_kind": Text(
            "is {found}, expected the name or the code of one of the 16 kinds",
            "为 {found}，应为 16 种持证主体代码类型之一的名称或代码",
        ),
        "end_missing": Text("自定义 needs a last day", "有效期限为自定义时应填写截止日期"),
        "end_differs": Text(
            "is {found}, but start and span give {expected}", "为 {found}，按起始日期和期限应为 {expected}"
        ),
        "end_early": Text("is before the first day, {expected}", "早于起始日期 {expected}"),
        "start_missing": Text("is needed to count the span {found} from", "有效期限为 {found} 时应填写起始日期"),
        "issuer_other": Text("is {found}, which is no issuer of this import", "为 {found}，不是本次导入的颁发机构"),
        "type_other": Text("is {found}, which is no type of this import", "为 {found}，不是本次导入的证照类型"),
        "batch_unknown": Text("there is no import {found}", "没有导入批次 {found}"),
        "batch_file": Text(
            "the file is not the one of the import {found}: its SM3 differs", "该文件不是批次 {found} 的文件：SM3 不同"
        ),
        "batch_running": Text("somebody else is at work on the import {found}", "批次 {found} 正由其他程序处理"),
    }
)


class LicenseRejected(Rejected):
    """It is not done: a rule says no; ``problem`` is the key of the reason in PROBLEMS."""

    code = "egov.license.rejected"


_CATALOGUE_STATES = {
    "draft": Text("draft", "创建"),
    "returned": Text("returned", "退回"),
    "in_review": Text("in review", "送审核"),
    "published": Text("published", "已发布"),
    "disabled": Text("disabled", "已停用"),
}
_SHOWING_STATES = {
    "waiting": Text("waiting", "待持证人确认"),
    "confirmed": Text("confirmed", "已授权"),
    "refused": Text("refused", "已拒绝"),
    "fetched": Text("fetched", "已取用"),
    "expired": Text("expired", "已过期"),
}
_KINDS = {"signer": Text("signer", "签名密钥及证书"), "copier": Text("copier", "加注件印章")}
_WORDS: Mapping[str, Mapping[str, Text]] = {
    "state": {**_CATALOGUE_STATES, **_SHOWING_STATES, **STATE_WORDS},
    "standing": STANDING_WORDS,
    "action": ACTION_WORDS,
    "kind": _KINDS,
}

TABLE = ProblemTable("license", PROBLEMS, LicenseRejected, _WORDS)
refuse, unreadable = TABLE.refuse, TABLE.unreadable
