"""The provider's pages, in Chinese and English: plain HTML that needs no script and shows nothing that it need not."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import urlsplit

from egov_sdk.identity.model import AuthMethod, HolderKind
from egov_sdk.identity.problems import PROBLEMS, IdentityRejected
from egov_sdk.identity.provider.settings import ProviderSettings
from egov_sdk.identity.provider.steps import AskToAgree, AskToChoose, AskToSignIn
from egov_sdk.identity.words import METHOD_WORDS
from egov_sdk.report import Lang, Text

__all__ = ["Page", "error_page", "sign_out_page", "signed_out_page", "step_page"]

_STYLE: Final = """
:root{color-scheme:light dark;--line:#8886;--accent:#1a5fb4;--on-accent:#fff}
@media(prefers-color-scheme:dark){:root{--accent:#8ab8f0;--on-accent:#10233c}}
body{margin:0;font:1rem/1.6 system-ui,"Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:26rem;margin:8vh auto;padding:0 1.25rem}h1{font-size:1.35rem}
form{display:grid;gap:.9rem;margin-top:1.2rem}label{display:grid;gap:.25rem}
input,button,select{font:inherit;padding:.55rem .7rem;border:1px solid var(--line);border-radius:.4rem}
button{cursor:pointer;background:transparent;color:inherit}
button.main{background:var(--accent);color:var(--on-accent);border-color:transparent}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
[role=alert]{border-inline-start:.3rem solid #c01c28;padding:.4rem .8rem;margin-top:1rem}
ul{padding-inline-start:1.2rem}.quiet{opacity:.8;font-size:.9rem}
"""
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_WORDS: Final[Mapping[str, Text]] = {
    "sign_in": Text("Sign in", "登录"),
    "to": Text("to go on to {application}", "以继续访问“{application}”"),
    "for_organization": Text("You will act for an organisation.", "您将代表单位办事。"),
    "login": Text("Name", "用户名"),
    "password": Text("Password", "密码"),
    "cancel": Text("Cancel", "取消"),
    "other_method": Text("This service asks for another way to sign in: {method}.", "该应用要求以{method}方式登录。"),
    "choose": Text("For whom do you act?", "您代表哪个单位？"),
    "go_on": Text("Go on", "继续"),
    "agree": Text("Agree", "同意"),
    "may_see": Text("{application} would like to see:", "“{application}”申请获取："),
    "signed_in_as": Text("You are signed in as {name}.", "当前用户：{name}"),
    "cannot": Text("This does not work", "无法继续"),
    "sign_out": Text("Sign out", "退出登录"),
    "sign_out_sure": Text(
        "Sign out here and of every service entered from here?", "确认退出本平台及由此进入的各应用？"
    ),
    "signed_out": Text("You are signed out.", "您已退出登录。"),
}
_SCOPES: Final[Mapping[str, Text]] = {
    "openid": Text("your account number here, which says nothing about you", "您的用户标识（不含个人信息）"),
    "profile": Text("your name, sex, date of birth and nation", "您的姓名、性别、出生日期和民族"),
    "identity": Text("the number of your identity document", "您的证件号码"),
    "phone": Text("your mobile number", "您的手机号码"),
    "email": Text("your e-mail address", "您的电子邮箱"),
    "organization": Text("the organisation's type and legal representative", "单位类型和法定代表人"),
    "offline_access": Text("all this also while you are away", "在您离开后继续获取上述信息"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page and the headers that keep it safe."""

    body: bytes
    headers: tuple[tuple[str, str], ...]


def _said(word: str, lang: Lang, **facts: str) -> str:
    return escape(_WORDS[word].in_(lang).format_map(facts))


def _page(settings: ProviderSettings, lang: Lang, title: str, inside: str, *, goes_to: str = "") -> Page:
    name = escape(settings.name[0] if lang == "zh" else settings.name[1])
    body = (
        f'<!doctype html><html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title} · {name}</title>'
        f"<style>{_STYLE}</style></head>"
        f'<body><main><p class="quiet">{name}</p><h1>{title}</h1>{inside}</main></body></html>'
    )
    # browsers hold form-action against where the answer to a form leads, and that is the application
    parts = urlsplit(goes_to)
    forms = f"'self' {parts.scheme}://{parts.netloc}" if goes_to else "'self'"
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action {forms}; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    headers = (
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", policy),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
    )
    return Page(body.encode("utf-8"), headers)


def _form(settings: ProviderSettings, page: str, fields: str, main: str, lang: Lang, *, action: str) -> str:
    """A form that takes one step; it can always be cancelled."""
    return (
        f'<form method="post" action="{escape(settings.address("step"))}">'
        f'<input type="hidden" name="page" value="{escape(page)}">'
        f'<input type="hidden" name="lang" value="{lang}">{fields}'
        f'<button class="main" name="action" value="{action}">{main}</button>'
        f'<button name="action" value="cancel" formnovalidate>{_said("cancel", lang)}</button></form>'
    )


def _alert(problem: IdentityRejected | None, lang: Lang) -> str:
    if problem is None:
        return ""
    text = PROBLEMS[problem.problem].in_(lang) if problem.problem else problem.message
    facts = {name: str(value) for name, value in problem.detail.items()}
    return f'<p role="alert">{escape(text.format_map(facts))}</p>'


def step_page(
    settings: ProviderSettings,
    step: AskToSignIn | AskToChoose | AskToAgree,
    *,
    lang: Lang,
    problem: IdentityRejected | None = None,
) -> Page:
    """The page of a step, with what went wrong with the last try."""
    if isinstance(step, AskToSignIn):
        title, inside = _sign_in(settings, step, lang, problem)
    elif isinstance(step, AskToChoose):
        title, inside = _choose(settings, step, lang)
    else:
        title, inside = _agree(settings, step, lang)
    return _page(settings, lang, title, inside, goes_to=step.redirect_uri)


def _sign_in(
    settings: ProviderSettings, step: AskToSignIn, lang: Lang, problem: IdentityRejected | None
) -> tuple[str, str]:
    title = _said("sign_in", lang)
    inside = f"<p>{_said('to', lang, application=step.application)}</p>"
    if step.holder is HolderKind.LEGAL:
        inside += f"<p>{_said('for_organization', lang)}</p>"
    inside += _alert(problem, lang)
    if step.method not in (None, AuthMethod.PASSWORD):
        method = METHOD_WORDS[step.method or AuthMethod.UNKNOWN].in_(lang)
        return title, inside + f"<p>{_said('other_method', lang, method=method)}</p>"
    fields = (
        f'<label>{_said("login", lang)}<input name="login" value="{escape(step.login_hint)}" maxlength="64" required '
        'autocomplete="username" autocapitalize="none" spellcheck="false" autofocus></label>'
        f'<label>{_said("password", lang)}<input name="password" type="password" maxlength="256" required '
        'autocomplete="current-password"></label>'
    )
    return title, inside + _form(settings, step.page, fields, title, lang, action="sign_in")


def _choose(settings: ProviderSettings, step: AskToChoose, lang: Lang) -> tuple[str, str]:
    title = _said("choose", lang)
    options = "".join(f'<option value="{escape(one)}">{escape(name)}</option>' for one, name in step.organizations)
    fields = f'<label>{title}<select name="organization" required>{options}</select></label>'
    inside = f"<p>{_said('to', lang, application=step.application)}</p>"
    return title, inside + _form(settings, step.page, fields, _said("go_on", lang), lang, action="choose")


def _agree(settings: ProviderSettings, step: AskToAgree, lang: Lang) -> tuple[str, str]:
    title = _said("may_see", lang, application=step.application)
    items = "".join(f"<li>{escape(text.in_(lang))}</li>" for scope, text in _SCOPES.items() if scope in step.scopes)
    inside = f"<ul>{items}</ul><p class=quiet>{_said('signed_in_as', lang, name=step.name)}</p>"
    return title, inside + _form(settings, step.page, "", _said("agree", lang), lang, action="agree")


def error_page(settings: ProviderSettings, problem: IdentityRejected, *, lang: Lang) -> Page:
    """What the person sees when the browser can be sent nowhere."""
    return _page(settings, lang, _said("cannot", lang), _alert(problem, lang))


def sign_out_page(settings: ProviderSettings, kept: Mapping[str, str], *, lang: Lang, goes_to: str = "") -> Page:
    """Ask whether somebody really wants to sign out: another site may have sent them here. ``kept`` comes back."""
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in kept.items() if value
    )
    inside = (
        f"<p>{_said('sign_out_sure', lang)}</p>"
        f'<form method="post" action="{escape(settings.address("logout"))}">'
        f'{fields}<button class="main">{_said("sign_out", lang)}</button></form>'
    )
    return _page(settings, lang, _said("sign_out", lang), inside, goes_to=goes_to)


def signed_out_page(settings: ProviderSettings, *, lang: Lang) -> Page:
    """Nobody is signed in any more."""
    return _page(settings, lang, _said("signed_out", lang), "")
