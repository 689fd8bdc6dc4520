"""Why somebody is not signed in, or not let on: every reason with its words, and the errors that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from egov_sdk.problems import ProblemTable, Rejected, shown
from egov_sdk.report import Text

__all__ = ["PROBLEMS", "IdentityRejected", "refuse", "shown", "unreadable"]

#: The full code is ``egov.identity.`` and the key. Nothing personal and no secret is ever among the facts.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        # at the application
        "kept": Text("not a {name} that this library wrote: {found}", "不是本库写出的 {name}：{found}"),
        "return_to": Text(
            "the way back leads out of the application: {found}; give a path of its own that begins with one /",
            "返回地址 {found} 指向应用之外；请给出以单个 / 开头的本应用路径",
        ),
        "callback": Text(
            "the address that the browser came back with holds {found}, expected {expected}",
            "浏览器带回的地址含有 {found}，应为 {expected}",
        ),
        "state_mismatch": Text(
            "the answer belongs to another sign-in: its state is not the one that was sent",
            "返回结果属于另一次登录：state 与发出的不一致",
        ),
        "issuer_mismatch": Text(
            "the answer comes from {found}, the sign-in was begun at {expected}",
            "返回结果来自 {found}，登录是向 {expected} 发起的",
        ),
        "sign_in_expired": Text(
            "the sign-in was begun too long ago: it could be completed until {expected}, it is {found}",
            "登录发起过久：应在 {expected} 前完成，当前为 {found}",
        ),
        "denied": Text("the platform did not sign anybody in: {found}", "平台未完成登录：{found}"),
        "level_too_low": Text(
            "the person's identity is known at the level {found}, {expected} is required",
            "该用户的实名等级为 {found}，要求 {expected}",
        ),
        "holder_mismatch": Text("signed in as {found}, expected {expected}", "登录主体类型为 {found}，应为 {expected}"),
        "session_ended": Text("the session has ended: sign in again", "会话已结束，请重新登录"),
        "claims": Text("is {found}, expected {expected}", "为 {found}，应为 {expected}"),
        # the provider asks for a sign-in
        "application_unknown": Text("no application {found} is known here", "未登记的应用：{found}"),
        "redirect_uri": Text(
            "the application has no address {found} to be sent back to", "该应用未登记回调地址 {found}"
        ),
        "request": Text(
            "the parameter {name} is {found}, expected {expected}", "参数 {name} 为 {found}，应为 {expected}"
        ),
        "response_type": Text(
            "answers of the type {found} are not given, only code", "不支持 {found} 类型的响应，仅支持 code"
        ),
        "request_object": Text("requests as tokens are not read", "不支持以令牌形式提交的请求"),
        "scope": Text("the application may not ask for {found}", "该应用不得申请 {found}"),
        "pkce_missing": Text(
            "code_challenge with code_challenge_method S256 is missing: found {found}",
            "缺少 code_challenge 及 S256 方式：为 {found}",
        ),
        "login_required": Text("somebody must sign in, which was not to be asked", "需要用户登录，而请求不允许提示"),
        "interaction_required": Text(
            "somebody must choose an organisation, which was not to be asked", "需要用户选择单位，而请求不允许提示"
        ),
        "consent_required": Text("somebody must agree, which was not to be asked", "需要用户授权，而请求不允许提示"),
        "level_unmet": Text(
            "the account is known at the level {found}, {expected} was asked for",
            "账号的实名等级为 {found}，请求要求 {expected}",
        ),
        "method_unmet": Text(
            "signed in by {found}, {expected} was asked for", "认证方式为 {found}，请求要求 {expected}"
        ),
        "organization_none": Text("this account acts for no such organisation", "该账号无权代表此单位办事"),
        "cancelled": Text("the person does not wish to go on", "用户取消了登录"),
        # somebody signs in
        "page_unknown": Text(
            "this page is too old, was used before, or was opened in another browser: begin again",
            "页面已过期、已使用或在其他浏览器中打开，请重新开始",
        ),
        "sign_in_failed": Text("the name or the password is wrong", "用户名或密码错误"),
        "too_many_attempts": Text("too many attempts: wait {found} seconds", "尝试次数过多，请等待 {found} 秒"),
        "account_suspended": Text("the account is not open to be used", "账号已停用"),
        # applications fetch tokens
        "application_proof": Text(
            "the application did not prove who it is: {found}, expected {expected}",
            "应用身份验证失败：{found}，应为 {expected}",
        ),
        "grant_type": Text("tokens are not given for {found}", "不支持以 {found} 方式获取令牌"),
        "code_unknown": Text("there is no such code", "授权码不存在"),
        "code_replayed": Text(
            "the code was used before: all that came of it has been revoked",
            "授权码被重复使用，由其产生的令牌已全部撤销",
        ),
        "code_expired": Text("the code is too old", "授权码已过期"),
        "code_application": Text("the code was given to another application", "授权码属于其他应用"),
        "code_redirect": Text(
            "redirect_uri is not the address that the code was sent to", "redirect_uri 与授权码的回调地址不一致"
        ),
        "pkce_mismatch": Text("code_verifier does not belong to the code", "code_verifier 与授权码不符"),
        "refresh_unknown": Text("there is no such refresh token, or it has ended", "刷新令牌不存在或已失效"),
        "refresh_reused": Text(
            "the refresh token was used before: all that came of it has been revoked",
            "刷新令牌被重复使用，由其产生的令牌已全部撤销",
        ),
        "ticket_unknown": Text("there is no such ticket", "票据不存在"),
        "ticket_replayed": Text(
            "the ticket was used before: all that came of it has been revoked",
            "票据被重复使用，由其产生的令牌已全部撤销",
        ),
        "ticket_expired": Text("the ticket is too old", "票据已过期"),
        "ticket_audience": Text("the ticket is for another application", "票据属于其他应用"),
        "ticket_refused": Text("this application may not hand people over to {found}", "该应用不得向 {found} 转交登录"),
        "logout_uri": Text(
            "the application has no address {found} to be sent to after signing out",
            "该应用未登记退出后的返回地址 {found}",
        ),
        # the registers of the provider
        "account_unknown": Text("there is no such account", "账号不存在"),
        "account_duplicate": Text("whoever has this document has an account already", "该证件持有人已有账号"),
        "account_closed": Text("the account was closed for good", "账号已注销"),
        "login_taken": Text("the login name is taken", "登录名已被占用"),
        "login_shape": Text("a login name has {expected}", "登录名须为 {expected}"),
        "password_weak": Text("the password has {found}, expected {expected}", "密码有 {found}，要求 {expected}"),
        "document_missing": Text(
            "the level {expected} needs a document that names the holder", "实名等级 {expected} 须登记证件"
        ),
        "consent_unknown": Text("nothing was agreed to for this application", "未对该应用授权"),
        "agent_unknown": Text("this person does not act for this organisation", "此人并非该单位的经办人"),
        "application_duplicate": Text("there is an application {found} already", "应用 {found} 已存在"),
    }
)


class IdentityRejected(Rejected):
    """Somebody is not signed in, or may not do this; ``problem`` is the key of the reason in PROBLEMS."""

    code = "egov.identity.rejected"


_TABLE = ProblemTable("identity", PROBLEMS, IdentityRejected)
refuse, unreadable = _TABLE.refuse, _TABLE.unreadable
