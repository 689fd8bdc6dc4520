"""``egov identity account`` and ``egov identity application``: the registers of a provider of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._identity_inputs import (
    LevelName,
    NumberKind,
    StoreFile,
    first_password,
    level_of,
    make_document,
    open_register,
    read_keys,
)
from egov_sdk.cli._inputs import refuse_existing, write_private
from egov_sdk.cli._options import Force, PasswordEnv
from egov_sdk.cli._output import Voice
from egov_sdk.cli._problems import UsageError
from egov_sdk.codes.kinds import KIND_NAMES, CodeKind
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.identity.provider import Account, Application, IdentityProvider

__all__ = ["add_account", "add_application", "lock", "show_account", "show_application", "unlock"]

_STORE = Path("identity.db")
_OPENED = Text("opened an account", "已开立账号")
_ADDED = Text("let an application in", "已登记应用")
_LOCKED, _UNLOCKED = Text("locked", "已停用"), Text("opened again", "已恢复")
_ID, _KIND, _STATE, _LEVEL = Text("id", "标识"), Text("kind", "类型"), Text("state", "状态"), Text("level", "实名等级")
_LOGIN, _NAME, _DOCUMENT = Text("login name", "登录名"), Text("name", "名称"), Text("document", "证件")
_ISSUER, _CALLBACK = Text("issuer", "签发者"), Text("sent back to", "回调地址")
_PROOF, _ALGORITHM, _CONSENT = (
    Text("proves itself by", "身份验证方式"),
    Text("tokens", "令牌算法"),
    Text("consent", "授权"),
)
_SCOPES, _SECRET = Text("may ask for", "可申请"), Text("its secret", "应用密钥")
_STATES = {"active": Text("active", "正常"), "suspended": Text("locked", "停用"), "closed": Text("closed", "注销")}
_NEXT_SERVE = Text("next: `egov identity serve --store {store}`", "下一步：egov identity serve --store {store}")
_NEXT_CLIENT = Text(
    "next: give {id} as client_id and the text of {file} as its secret to the application",
    "下一步：将 {id} 作为 client_id、{file} 的内容作为密钥配置到应用",
)
AccountName = Annotated[str, argument("ACCOUNT", "Its id or its login name.", "账号标识或登录名。")]
Reason = Annotated[str, option("--reason", "Why; it is kept in the audit log.", "原因，写入审计日志。")]


@command(groups.account, "add", "Open an account for a person or an organisation.", "为个人或机构开立账号。")
def add_account(
    voice: Voice,
    name: Annotated[str, argument("NAME", "The name of the person or organisation.", "个人或机构的名称。")],
    store: StoreFile = _STORE,
    number: Annotated[
        str | None,
        option(
            "--number",
            "The number of the document; - reads it from standard input. Needed from real_name on.",
            "证件号码；- 表示从标准输入读取。实名等级须登记证件。",
        ),
    ] = None,
    kind: NumberKind = CodeKind.CITIZEN_NUMBER,
    level: Annotated[LevelName, option("--level", "How well somebody is known.", "实名等级。")] = "none",
    login: Annotated[
        str | None, option("--login", "The name to sign in with; needs a password.", "登录名（须设口令）。")
    ] = None,
    password_env: PasswordEnv = None,
) -> None:
    """Open an account."""
    document = make_document(number, kind)
    if not kind.is_personal and (login is not None or document is None):
        raise UsageError(
            Text(
                "an organisation has a number and no login name: people sign in for it",
                "法人以证件号码登记，没有登录名：由经办人代为登录",
            )
        )
    password = None if login is None else first_password(password_env, what="the account")
    with open_register(store) as provider:
        if document is not None and not kind.is_personal:
            made = provider.accounts.add_organization(name, document, level=level_of(level))
        else:
            made = provider.accounts.add_person(name, document, level=level_of(level), login=login, password=password)
    _show_account(voice, made, headline=_OPENED)
    if not voice.as_json:
        voice.note(voice.say(_NEXT_SERVE).format(store=store))


@command(groups.account, "show", "Show an account; numbers are masked.", "查看账号（号码脱敏显示）。")
def show_account(voice: Voice, account: AccountName, store: StoreFile = _STORE) -> None:
    """Show an account."""
    with open_register(store, existing=True) as provider:
        _show_account(voice, _found(provider, account), headline=None)


@command(
    groups.account,
    "lock",
    "Lock an account: nobody signs in with it, and whoever is signed in is so no more.",
    "停用账号：不能再登录，已登录的会话立即失效。",
)
def lock(voice: Voice, account: AccountName, reason: Reason, store: StoreFile = _STORE) -> None:
    """Lock an account."""
    _set_state(voice, account, "suspended", reason=reason, store=store)


@command(groups.account, "unlock", "Open a locked account again.", "恢复已停用的账号。")
def unlock(voice: Voice, account: AccountName, reason: Reason, store: StoreFile = _STORE) -> None:
    """Open it again."""
    _set_state(voice, account, "active", reason=reason, store=store)


def _set_state(voice: Voice, account: str, state: Literal["active", "suspended"], *, reason: str, store: Path) -> None:
    from egov_sdk.identity.provider import AccountState

    if not reason.strip():
        raise UsageError(Text("--reason says why, for the audit log", "请用 --reason 说明原因，记入审计日志"))
    with open_register(store, existing=True) as provider:
        found = _found(provider, account)
        changed = provider.accounts.set_state(found.id, AccountState(state), reason=reason)
    _show_account(voice, changed, headline=_LOCKED if state == "suspended" else _UNLOCKED)


def _found(provider: IdentityProvider, account: str) -> Account:
    return provider.accounts.by_login(account) or provider.accounts.get(account)


def _show_account(voice: Voice, account: Account, *, headline: Text | None) -> None:
    from egov_sdk.codes.masking import mask_name

    document, personal = account.document, account.kind.value == "natural"
    name = mask_name(account.name) if personal else account.name
    kind = document.kind if document is not None else None
    if voice.as_json:
        voice.document(
            {
                "id": account.id,
                "kind": account.kind.value,
                "state": account.state.value,
                "level": account.level.value,
                "login": account.login,
                "name": name,
                "document": None if document is None else {"kind": document.kind, "number": document.masked},
            }
        )
        return
    if headline is not None:
        voice.line(headline, style="green")
    shown = "" if document is None or kind is None else f"{voice.say(KIND_NAMES[kind])} {document.masked}"
    voice.facts(
        [
            (_ID, account.id),
            (_NAME, name),
            (_STATE, voice.say(_STATES[account.state.value])),
            (_LEVEL, account.level.value),
            (_LOGIN, account.login),
            (_DOCUMENT, shown),
        ]
    )


@command(groups.application, "add", "Let an application in.", "登记应用。")
def add_application(
    voice: Voice,
    name: Annotated[str, argument("NAME", "What people will read.", "用户所见的应用名称。")],
    redirect: Annotated[
        list[str],
        option(
            "--redirect",
            "Where browsers may be sent back to, to the letter (may be repeated).",
            "登录后的回调地址，须完全一致（可重复）。",
            metavar="URL",
        ),
    ],
    logout: Annotated[
        list[str] | None,
        option(
            "--logout",
            "Where they may be sent after signing out (may be repeated).",
            "登出后的地址（可重复）。",
            metavar="URL",
        ),
    ] = None,
    store: StoreFile = _STORE,
    application: Annotated[
        str | None, option("--id", "Its client_id; a random one by default.", "应用的 client_id，默认随机生成。")
    ] = None,
    algorithm: Annotated[
        Literal["SGD_SM3_SM2", "ES256"],
        option(
            "--algorithm",
            "How its ID tokens are signed: with SM2, or with ES256 for stock clients.",
            "ID 令牌的签名算法：SM2，或供通用客户端使用的 ES256。",
        ),
    ] = "SGD_SM3_SM2",
    consent: Annotated[
        Literal["ask", "implied"],
        option("--consent", "Whether people are asked what it may see.", "是否询问用户授权。"),
    ] = "ask",
    secret_out: Annotated[
        Path | None,
        option(
            "--secret-out",
            "Write its secret to this file, for the owner alone; it is told this once.",
            "将应用密钥写入该文件（仅所有者可读），只给出这一次。",
            metavar="FILE",
        ),
    ] = None,
    jwks: Annotated[
        Path | None,
        option(
            "--jwks",
            "Its public keys, by which it proves itself in place of a secret.",
            "应用的公钥集，用于替代密钥验证身份。",
            metavar="FILE",
        ),
    ] = None,
    public: Annotated[
        bool, option("--public", "It can keep no secret: a program on people's machines.", "无法保密的客户端程序。")
    ] = False,
    force: Force = False,
) -> None:
    """Let an application in."""
    ways = [secret_out is not None, jwks is not None, public]
    if sum(ways) != 1:
        raise UsageError(
            Text(
                "give one of --secret-out, --jwks and --public: how it proves who it is",
                "请在 --secret-out、--jwks、--public 中给出一项，指定应用的身份验证方式",
            )
        )
    if secret_out is not None:
        refuse_existing(secret_out, force=force)
    keys = None if jwks is None else read_keys(jwks)
    with open_register(store) as provider:
        made = provider.applications.add(
            name,
            redirect_uris=redirect,
            logout_uris=logout or (),
            authentication="none" if public else "private_key_jwt" if keys is not None else "client_secret_basic",
            algorithm=algorithm,
            consent=consent,
            keys=keys,
            application=application,
        )
    if secret_out is not None:
        write_private(secret_out, made.secret.encode(), force=force)
    _show_application(voice, made.application, headline=_ADDED, secret=secret_out)
    if secret_out is not None and not voice.as_json:
        voice.note(voice.say(_NEXT_CLIENT).format(id=made.application.id, file=secret_out))


@command(
    groups.application, "show", "Show an application; its secret is not kept anywhere.", "查看应用（密钥不留存）。"
)
def show_application(
    voice: Voice,
    application: Annotated[str, argument("ID", "Its client_id.", "应用的 client_id。")],
    store: StoreFile = _STORE,
) -> None:
    """Show an application."""
    with open_register(store, existing=True) as provider:
        _show_application(voice, provider.applications.get(application), headline=None, secret=None)


def _show_application(voice: Voice, one: Application, *, headline: Text | None, secret: Path | None) -> None:
    if voice.as_json:
        voice.document(
            {
                "id": one.id,
                "name": one.name,
                "state": "active" if one.is_active else "closed",
                "redirect_uris": sorted(one.redirect_uris),
                "logout_uris": sorted(one.logout_uris),
                "authentication": one.authentication,
                "algorithm": one.algorithm,
                "consent": one.consent,
                "scopes": sorted(one.scopes),
                "secret_file": None if secret is None else str(secret),
            }
        )
        return
    if headline is not None:
        voice.line(headline, style="green")
    voice.facts(
        [
            (_ID, one.id),
            (_NAME, one.name),
            (_STATE, voice.say(_STATES["active" if one.is_active else "closed"])),
            (_CALLBACK, tuple(sorted(one.redirect_uris))),
            (_PROOF, one.authentication),
            (_ALGORITHM, one.algorithm),
            (_CONSENT, one.consent),
            (_SCOPES, tuple(sorted(one.scopes))),
            (_SECRET, secret),
        ]
    )
