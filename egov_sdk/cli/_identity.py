"""``egov identity``: what platforms are known, a provider of one's own on this machine, and checks of elements."""

from __future__ import annotations

import csv
import importlib
import io
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._identity_inputs import ISSUER, NumberKind, StoreFile, clock, first_password, open_database
from egov_sdk.cli._inputs import check_port, read_file, write_private
from egov_sdk.cli._options import LocalPort, NumberText, PasswordEnv
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import UsageError
from egov_sdk.codes.kinds import CodeKind
from egov_sdk.errors import MissingExtra, ParseError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.identity.profile import IdentityProfile
    from egov_sdk.identity.provider import IdentityProvider, ProviderKeys
    from egov_sdk.identity.verifier import IdentityRegister

__all__ = ["check", "profiles", "serve"]

_MOST_PEOPLE = 1_000
_MOST_ROWS = 100_000
_REGISTER_BYTES = 16 << 20
_COLUMNS = ("name", "number", "mobile", "bank_card")
_NOTHING = Text("nothing", "无")
_UNCERTAIN = Text("not certain", "尚不确定")
_SHAPES: Mapping[str, Text] = {
    "oidc": Text("OpenID Connect", "OpenID Connect"),
    "code": Text("code, token, user", "授权码、令牌、用户"),
    "ticket": Text("ticket, token, user", "票据、令牌、用户"),
}
_SERVING = Text("signing people in at {issuer}; end with Ctrl-C", "登录服务运行于 {issuer}，按 Ctrl-C 结束")
_DISCOVERY = Text("discovery", "发现文档")
_STOCK = Text("for stock clients", "供通用客户端")
_DATABASE, _KEYS = Text("database", "数据库"), Text("keys", "密钥文件")
_PEOPLE = Text("people for tests", "测试人员")
_NEXT_APPLICATION = Text(
    "next: let an application in with "
    "`egov identity application add NAME --redirect URL --secret-out FILE --store {store}`",
    "下一步：用 egov identity application add 名称 --redirect URL --secret-out 文件 --store {store} 登记应用",
)
_ANSWERS: Mapping[str, Text] = {
    "matched": Text("the elements belong to one person", "各要素属于同一人"),
    "not_matched": Text("the elements do not belong together", "各要素不一致"),
    "not_found": Text("the register holds nobody of this number", "登记库中没有该号码"),
    "unknown": Text("the register does not hold all of the elements", "登记库未登记全部要素"),
}
_ASKED = Text("asked", "核验要素")
_CODES = {"matched": ExitCode.DONE, "unknown": ExitCode.UNDECIDED}


@command(
    groups.identity,
    "profiles",
    "List the identity platforms that are known, and what of each is not certain.",
    "列出已知的身份认证平台及其中尚不确定的部分。",
)
def profiles(voice: Voice) -> None:
    """List the profiles."""
    from egov_sdk.identity.profiles import PROFILES

    if voice.as_json:
        voice.document({"profiles": [_profile(voice, one) for one in PROFILES.values()]})
        return
    for one in PROFILES.values():
        voice.line(f"{one.name}  {voice.say(one.title)}", style="bold")
        voice.line(f"  {voice.say(_SHAPES[one.shape])}")
        for text in one.unverified:
            voice.line(f"  - {voice.say(_UNCERTAIN)}: {voice.say(text)}", style="dim")


def _profile(voice: Voice, one: IdentityProfile) -> dict[str, object]:
    return {
        "name": one.name,
        "title": voice.say(one.title),
        "shape": one.shape,
        "gateway": one.gateway,
        "levels": sorted(level.value for level in one.levels),
        "makes_tickets": one.issue_ticket is not None,
        "unverified": [voice.say(text) for text in one.unverified],
    }


@command(
    groups.identity,
    "serve",
    "Run an identity provider on this machine, for development and tests.",
    "在本机运行身份认证服务（用于开发和测试）。",
)
def serve(
    voice: Voice,
    store: StoreFile = Path("identity.db"),
    port: LocalPort = 8700,
    issuer: Annotated[
        str | None,
        option(
            "--issuer",
            "Its address for browsers and applications, where a proxy stands before it.",
            "浏览器和应用所见的地址（前置代理时使用）。",
            metavar="URL",
        ),
    ] = None,
    keys: Annotated[
        Path | None,
        option(
            "--keys",
            "Its private keys; a file beside the database by default, made where it is not there.",
            "私钥文件，默认位于数据库旁，不存在时新建。",
            metavar="FILE",
        ),
    ] = None,
    people: Annotated[
        int,
        option(
            "--test-people",
            "Enter so many people who can be nobody, test1, test2 and so on, all with one password.",
            "登记若干不可能属于任何人的测试人员 test1、test2……，共用一个口令。",
            metavar="NUMBER",
        ),
    ] = 0,
    password_env: PasswordEnv = None,
) -> None:
    """Serve until somebody ends it."""
    from egov_sdk.identity.provider import IdentityProvider, ProviderSettings
    from egov_sdk.identity.provider.asgi import ProviderApp

    if not 0 <= people <= _MOST_PEOPLE:
        raise UsageError(
            Text(f"--test-people is from 0 to {_MOST_PEOPLE}", f"--test-people 须在 0 至 {_MOST_PEOPLE} 之间")
        )
    check_port(port)
    run = _server()
    settings = ProviderSettings(issuer=issuer or ISSUER.replace("8700", str(port)))
    password = first_password(password_env, what="the people for tests") if people else ""
    place = keys or store.with_name(f"{store.name}.keys.json")
    with open_database(store) as opened:
        provider = IdentityProvider(opened, settings, keys=_keys(place), clock=clock)
        entered = _enter(provider, people, password)
        _tell(voice, provider, store=store, keys=place, people=entered)
        sys.stdout.flush()  # whoever reads it from a pipe waits for it
        run(ProviderApp(provider), port)


def _server() -> Callable[[object, int], None]:
    try:
        uvicorn = importlib.import_module("uvicorn")
    except ImportError as error:
        raise MissingExtra("platform", needed_for="serving over HTTP") from error

    def run(app: object, port: int) -> None:
        # who stands before it could otherwise claim any address for attempts to be counted by
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", proxy_headers=False, server_header=False)

    return run


def _keys(place: Path) -> ProviderKeys:
    from egov_sdk.identity.provider import ProviderKeys

    if place.exists():
        return ProviderKeys.from_json(read_file(place))
    made = ProviderKeys.generate()
    write_private(place, made.to_json().encode(), force=False)
    return made


def _enter(provider: IdentityProvider, people: int, password: str) -> int:
    """Enter people for tests; who is there already stays as he or she is."""
    from egov_sdk.codes.specimens import specimen_citizen_number
    from egov_sdk.identity import IdentityLevel, IdentityRejected
    from egov_sdk.identity.model import IdDocument

    for number in range(people):
        document = IdDocument(kind=CodeKind.CITIZEN_NUMBER, number=specimen_citizen_number(number).number)
        try:
            provider.accounts.add_person(
                f"测试{number + 1}",
                document,
                level=IdentityLevel.REAL_NAME,
                login=f"test{number + 1}",
                password=password,
            )
        except IdentityRejected as problem:
            if problem.problem not in ("account_duplicate", "login_taken"):
                raise
    return people


def _tell(voice: Voice, provider: IdentityProvider, *, store: Path, keys: Path, people: int) -> None:
    settings = provider.settings
    discovery = settings.address(".well-known/openid-configuration")
    stock = settings.address("stock/.well-known/openid-configuration")
    if voice.as_json:
        voice.document(
            {
                "issuer": settings.issuer,
                "discovery": discovery,
                "stock_discovery": stock,
                "store": str(store),
                "keys": str(keys),
                "test_people": [f"test{number + 1}" for number in range(people)],
            }
        )
        return
    voice.line(voice.say(_SERVING).format(issuer=settings.issuer), style="bold")
    voice.facts(
        [
            (_DISCOVERY, discovery),
            (_STOCK, stock),
            (_DATABASE, store),
            (_KEYS, keys),
            (_PEOPLE, f"test1 … test{people}" if people else None),
        ]
    )
    voice.note(voice.say(_NEXT_APPLICATION).format(store=store))


@command(
    groups.identity,
    "check",
    "Check whether a name, a number and what else is stated belong to one person, against a register of your own.",
    "核验姓名、号码等要素是否属于同一人（对照自备登记表）。",
)
def check(
    voice: Voice,
    name: Annotated[str, argument("NAME", "The name.", "姓名。")],
    number: NumberText,
    register: Annotated[
        Path,
        option(
            "--register",
            "A CSV file in UTF-8 with the columns name, number and, if held, mobile, bank_card.",
            "UTF-8 编码的 CSV 文件，列为 name、number，可含 mobile、bank_card。",
            metavar="FILE",
        ),
    ],
    kind: NumberKind = CodeKind.CITIZEN_NUMBER,
    mobile: Annotated[str, option("--mobile", "The number of a mobile telephone.", "手机号。")] = "",
    bank_card: Annotated[str, option("--bank-card", "The number of a bank card.", "银行卡号。")] = "",
) -> ExitCode:
    """Check elements."""
    from egov_sdk.cli._identity_inputs import read_number
    from egov_sdk.codes.masking import mask_name, mask_number
    from egov_sdk.identity.verifier import Elements

    stated = Elements(name=name, number=read_number(number), kind=kind, mobile=mobile, bank_card=bank_card)
    verdict = _register(register, kind).verify(stated)
    code = _CODES.get(verdict.match.value, ExitCode.REJECTED)
    asked = sorted(element.value for element in verdict.asked)
    if voice.as_json:
        voice.document(
            {
                "match": verdict.match.value,
                "message": voice.say(_ANSWERS[verdict.match.value]),
                "asked": asked,
                "name": mask_name(stated.name),
                "number": mask_number(stated.number),
                "level": verdict.level.value,
            }
        )
        return code
    voice.line(f"{mask_name(stated.name)} {mask_number(stated.number)}", style="bold")
    voice.line(f"  {verdict.match.value}: {voice.say(_ANSWERS[verdict.match.value])}")
    voice.facts([(_ASKED, tuple(asked))])
    return code


def _register(path: Path, kind: CodeKind) -> IdentityRegister:
    """The register in a CSV file.

    Raises:
        ParseError: it is no such file, or a number in it breaks its rules; the message names the row and no number.
    """
    from egov_sdk.identity.verifier import Elements, IdentityRegister

    made = IdentityRegister()
    try:
        text = read_file(path, max_bytes=_REGISTER_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ParseError("is not UTF-8", where=str(path)) from None
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if not {"name", "number"} <= set(rows.fieldnames or ()):
        raise ParseError("has no columns name and number", where=str(path))
    try:
        for row in rows:
            name, number, mobile, card = ((row.get(column) or "").strip() for column in _COLUMNS)
            made.add(Elements(name=name, number=number, kind=kind, mobile=mobile, bank_card=card))
            if len(made) > _MOST_ROWS:
                raise UsageError(Text(f"{path}: more than {_MOST_ROWS} people", f"{path}：超过 {_MOST_ROWS} 人"))
    except (csv.Error, ParseError, ValueError) as error:
        reason = error.code if isinstance(error, ParseError) else "no name"
        raise ParseError(f"row {rows.line_num} cannot be taken: {reason}", where=str(path)) from None
    return made
