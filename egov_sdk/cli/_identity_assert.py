"""``egov identity assert``: make and verify identity assertions between systems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._identity_inputs import (
    KeySetFile,
    LevelName,
    NumberKind,
    level_of,
    make_document,
    open_database,
    read_keys,
    read_token,
)
from egov_sdk.cli._identity_tokens import token_key, told
from egov_sdk.cli._inputs import (
    one_certificate,
    open_key,
    parse_time,
    read_certificates,
    read_revocations,
    refuse_existing,
    time_or_now,
    write_private,
)
from egov_sdk.cli._options import AtTime, CrlFiles, Force, IntermediateFiles, KeyName, PasswordEnv, TrustFiles
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import UsageError
from egov_sdk.codes.kinds import CodeKind
from egov_sdk.report import Outcome, Text
from egov_sdk.report_words import moment

if TYPE_CHECKING:
    from egov_sdk.gateway.replay import ReplayStore
    from egov_sdk.identity.assertion import Delegation, IdentityAssertion
    from egov_sdk.identity.assertion_verify import AssertionPolicy

__all__ = ["make", "verify"]

Method = Literal["unknown", "password", "certificate", "electronic_licence", "face"]

_MADE = Text("made an assertion for {audience}, good until {until}", "已生成给 {audience} 的断言，有效至 {until}")
_KEY_ID = Text("signed with the key", "签名密钥")
_NEXT_KEYS = Text(
    "next: the receiver needs the public key: `egov identity token jwks OUT --key {key}`",
    "下一步：接收方需要公钥：egov identity token jwks 输出文件 --key {key}",
)
_NOT_REMEMBERED = Text(
    "used for the first time as far as this run knows: give --store to remember across runs",
    "“首次使用”仅就本次运行而言：使用 --store 可跨次记录",
)
_ACTS = Text("acts", "经办人")
_HINT_TRUST = Text("give the certificates that you trust with --trust", "请用 --trust 指定您信任的证书")


@command(
    groups.assertion,
    "make",
    "Assert to another system who is acting: good once, and not for long.",
    "向另一系统签发身份断言（一次有效、短期有效）。",
)
def make(
    voice: Voice,
    out: Annotated[Path, argument("OUT", "The assertion to write, for its receiver alone.", "输出的断言文件。")],
    issuer: Annotated[str, option("--issuer", "This system, as the receiver knows it.", "本系统在接收方的标识。")],
    audience: Annotated[str, option("--audience", "The system that it is for.", "接收系统的标识。")],
    key: KeyName,
    subject: Annotated[str, option("--subject", "Who acts, by this system's own id.", "经办人在本系统的标识。")],
    name: Annotated[str, option("--name", "The name of the person.", "姓名。")] = "",
    number: Annotated[
        str | None,
        option(
            "--number", "The number of the person; - reads it from standard input.", "证件号码；- 表示从标准输入读取。"
        ),
    ] = None,
    kind: NumberKind = CodeKind.CITIZEN_NUMBER,
    level: Annotated[LevelName, option("--level", "How well the person is known.", "实名等级。")] = "none",
    method: Annotated[Method, option("--method", "How the person signed in.", "认证方式。")] = "unknown",
    on_behalf_of: Annotated[
        str | None,
        option(
            "--on-behalf-of", "Who has delegated it to the person; needs --scope.", "委托方标识（须指定 --scope）。"
        ),
    ] = None,
    scopes: Annotated[
        list[str] | None, option("--scope", "What was delegated (may be repeated).", "委托事项（可重复）。")
    ] = None,
    life: Annotated[int, option("--life", "For how many seconds it is good.", "有效秒数。")] = 120,
    certificate: Annotated[
        Path | None,
        option(
            "--certificate",
            "The certificate of the key: the assertion is then a signed message (CMS), else a token.",
            "密钥的证书：指定时断言为签名消息（CMS），否则为令牌。",
            metavar="CERT",
        ),
    ] = None,
    password_env: PasswordEnv = None,
    at: Annotated[
        str | None, option("--at", "When it is issued; now by default.", "签发时间，默认为当前时间。", metavar="TIME")
    ] = None,
    force: Force = False,
) -> None:
    """Make an assertion."""
    from egov_sdk.identity.assertion import new_assertion, sign_as_cms, sign_as_token
    from egov_sdk.identity.model import Assurance, AuthMethod, NaturalPerson, UserInfo

    refuse_existing(out, force=force)
    if bool(on_behalf_of) is not bool(scopes):
        raise UsageError(Text("--on-behalf-of and --scope belong together", "--on-behalf-of 与 --scope 须同时给出"))
    issued = time_or_now(at)
    person = NaturalPerson(subject=subject, name=name, document=make_document(number, kind))
    assurance = Assurance(level=level_of(level), method=AuthMethod(method))
    lasting = timedelta(seconds=life)
    made = new_assertion(
        UserInfo(holder=person, assurance=assurance),
        issuer=issuer,
        audience=audience,
        at=issued,
        delegations=_delegations(on_behalf_of, subject, scopes or (), issued, lasting),
        life=lasting,
    )
    if certificate is None:
        signing = token_key(key, password_env)
        content, key_id = sign_as_token(made, signing).encode(), signing.key_id
    else:
        signer, first = open_key(key, password_env=password_env), one_certificate(certificate)
        others = read_certificates([certificate])[1:]
        content, key_id = sign_as_cms(made, signer, certificate=first, certificates=others), first.subject.text
    write_private(out, content, force=force)
    _made(voice, made, out=out, form="jwt" if certificate is None else "cms", key_id=key_id or "", key=key)


def _delegations(
    principal: str | None, delegate: str, scopes: Sequence[str], at: datetime, life: timedelta
) -> list[Delegation]:
    from egov_sdk.identity.assertion import Delegation

    if principal is None:
        return []
    begins = at.replace(microsecond=0)
    return [
        Delegation(
            principal=principal, delegate=delegate, scopes=frozenset(scopes), not_before=begins, not_after=begins + life
        )
    ]


def _made(voice: Voice, made: IdentityAssertion, *, out: Path, form: str, key_id: str, key: str) -> None:
    if voice.as_json:
        voice.document(
            {
                "file": str(out),
                "form": form,
                "id": made.id,
                "issuer": made.issuer,
                "audience": made.audience,
                "expires_at": made.expires_at.isoformat(),
                "signed_with": key_id,
            }
        )
        return
    words = voice.say(_MADE).format(audience=made.audience, until=moment(made.expires_at))
    voice.line(words, style="green")
    voice.facts([(_KEY_ID, key_id)])
    if form == "jwt":
        voice.note(voice.say(_NEXT_KEYS).format(key=key))


@command(groups.assertion, "verify", "Verify an identity assertion.", "验证身份断言。")
def verify(
    voice: Voice,
    file: Annotated[Path, argument("FILE", "The assertion, a token or a signed message.", "断言：令牌或签名消息。")],
    issuer: Annotated[str, option("--issuer", "The system that may assert.", "允许签发断言的系统。")],
    audience: Annotated[str, option("--audience", "The receiver, that is to say us.", "接收方，即本系统。")],
    jwks: KeySetFile = None,
    subjects: Annotated[
        list[str] | None,
        option(
            "--certificate-name",
            "The issuer's certificate as `egov cert show` names it (may be repeated); for signed messages.",
            "签发系统的证书主体名称，写法同 egov cert show（可重复），用于签名消息。",
            metavar="NAME",
        ),
    ] = None,
    trust: TrustFiles = None,
    intermediate: IntermediateFiles = None,
    crl: CrlFiles = None,
    level: Annotated[LevelName, option("--level", "How well the person must be known.", "要求的实名等级。")] = "none",
    principal: Annotated[str, option("--principal", "On whose behalf the person must act.", "应为其委托方。")] = "",
    scope: Annotated[str, option("--scope", "What is to be done.", "所办事项。")] = "",
    store: Annotated[
        Path | None,
        option(
            "--store",
            "Remember in this database which assertions were used.",
            "在该数据库中记录已使用的断言。",
            metavar="FILE",
        ),
    ] = None,
    at: AtTime = None,
) -> ExitCode:
    """Verify an assertion."""
    from egov_sdk.gateway.replay import MemoryReplayStore
    from egov_sdk.identity.assertion_verify import AssertionPolicy, KnownIssuer
    from egov_sdk.identity.trusting import CertificateTrust, StoredReplay
    from egov_sdk.pki import TrustStore

    if jwks is None and not subjects:
        raise UsageError(
            Text(
                "give the issuer's keys with --jwks, or the names of its certificates with --certificate-name",
                "请用 --jwks 给出签发者的密钥，或用 --certificate-name 给出其证书名称",
            )
        )
    known = (
        KnownIssuer(subjects=frozenset(subjects or ()))
        if jwks is None
        else KnownIssuer(keys=read_keys(jwks), subjects=frozenset(subjects or ()))
    )
    policy = AssertionPolicy(
        audience=audience,
        issuers={issuer: known},
        trusting=CertificateTrust(
            trust=TrustStore(read_certificates(trust or ())),
            intermediates=read_certificates(intermediate or ()),
            crls=read_revocations(crl or ()),
        ),
        level=level_of(level),
        principal=principal,
        scope=scope,
    )
    when = _moment(at)
    if store is None:
        return _judged(voice, file, policy, MemoryReplayStore(), when, remembered=False)
    with open_database(store) as opened:
        opened.prepare(at=when)
        return _judged(voice, file, policy, StoredReplay(opened, realm="assertions"), when, remembered=True)


def _moment(at: str | None) -> datetime:
    return datetime.now(UTC) if at is None else parse_time(at)


def _judged(
    voice: Voice, file: Path, policy: AssertionPolicy, replay: ReplayStore, at: datetime, *, remembered: bool
) -> ExitCode:
    from egov_sdk.identity.assertion_verify import verify_assertion

    content = read_token(str(file))
    # a token is three texts of Base64url with dots between; a signed message begins with the tag of a SEQUENCE
    data: str | bytes = content.decode("ascii") if content.isascii() and content[:1] != b"0" else content
    result = verify_assertion(data, policy=policy, replay=replay, at=at)
    passed = result.report.outcome is Outcome.PASSED and result.assertion_unverified is not None
    actor = result.assertion_unverified.actor if passed and result.assertion_unverified is not None else None
    code = told(voice, result.report, remembered=remembered, actor=actor)
    if not voice.as_json:
        if actor is not None:
            voice.facts([(_ACTS, actor)], indent="")
        if actor is not None and not remembered:
            voice.note(_NOT_REMEMBERED)
        if isinstance(data, bytes) and policy.trusting is not None and not len(policy.trusting.trust):
            voice.note(_HINT_TRUST)
    return code
