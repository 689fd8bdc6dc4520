"""``egov cert``: issue certificates with a local authority, look at certificates, and verify their chains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import (
    open_key,
    read_certificates,
    read_revocations,
    refuse_existing,
    time_or_now,
    write_result,
)
from egov_sdk.cli._key import read_public
from egov_sdk.cli._options import (
    AtTime,
    CrlFiles,
    Force,
    IntermediateFiles,
    OcspFiles,
    PasswordEnv,
    TrustFiles,
    ValidFrom,
)
from egov_sdk.cli._output import ExitCode, Voice, exit_code
from egov_sdk.cli._problems import UsageError
from egov_sdk.cli._report import STYLES, outcome_word
from egov_sdk.report import Outcome, Text
from egov_sdk.report_words import CONCLUSIONS, moment

if TYPE_CHECKING:
    from egov_sdk.pki import Certificate, ChainResult, LocalCA
    from egov_sdk.pki.facts import Fact
    from egov_sdk.pki.local_ca import CertificateKind

__all__ = ["issue", "show", "verify"]

Kind = Literal["root", "ca", "seal-maker", "signer", "encryption", "tsa", "ocsp"]
Usage = Literal["sign", "encrypt", "issue", "any"]

_ISSUED = Text("issued {out}: {name}, until {until}", "已签发 {out}：{name}，有效期至 {until}")
_ISSUER = Text("issuer", "颁发者")
_SERIAL = Text("serial number", "序列号")
_VALID = Text("valid", "有效期")
_KEY = Text("public key", "公钥")
_SIGNATURE = Text("signature", "签名算法")
_USAGE, _PURPOSE = Text("key usage", "密钥用法"), Text("purposes", "扩展密钥用法")
_CA = Text("authority", "CA 证书")
_YES = Text("yes", "是")
_CRL, _OCSP = Text("revocation list", "吊销列表"), Text("OCSP", "OCSP")
_FINGERPRINT = Text("SM3 of it", "证书 SM3")
_LENIENCIES = Text("deviations", "编码偏差")
_ANCHORED = Text("leads to an anchor", "可追溯到信任锚")
_VALIDITY = Text("within its dates", "在有效期内")
_REVOCATION = Text("not revoked", "未被吊销")
_FITS = Text("meant for this", "用途相符")
_AS_AT = Text("as at", "验证时间")
_DAYS = {"root": 3650, "ca": 1825, "seal-maker": 1825}
_USAGES: dict[Usage, frozenset[str] | None] = {
    "sign": frozenset({"digitalSignature", "nonRepudiation"}),
    "encrypt": frozenset({"keyEncipherment", "dataEncipherment", "keyAgreement"}),
    "issue": frozenset({"keyCertSign"}),
    "any": None,
}


@command(groups.cert, "issue", "Issue a certificate with a local authority.", "由本地根机构签发证书。")
def issue(
    voice: Voice,
    out: Annotated[Path, argument("OUT", "The certificate to write (PEM).", "输出的证书（PEM）。")],
    kind: Annotated[Kind, option("--kind", "What it is for.", "证书用途。")],
    name: Annotated[
        str,
        option("--name", "A common name, or a line such as CN=…,O=…,C=CN.", "通用名，或 CN=…,O=…,C=CN 形式的名称。"),
    ],
    key: Annotated[
        Path,
        option(
            "--key",
            "The subject's key: private or public; private for a root.",
            "主体的密钥文件：私钥或公钥；根证书须为私钥。",
            metavar="KEY",
        ),
    ],
    ca: Annotated[Path | None, option("--ca", "Certificate of the issuer.", "颁发者证书。", metavar="CERT")] = None,
    ca_key: Annotated[
        str | None, option("--ca-key", "Private key of the issuer.", "颁发者私钥。", metavar="KEY")
    ] = None,
    password_env: PasswordEnv = None,
    days: Annotated[
        int | None,
        option("--days", "How long it is valid; by default as its kind usually is.", "有效天数，默认按证书种类。"),
    ] = None,
    valid_from: ValidFrom = None,
    force: Force = False,
) -> None:
    """Issue a certificate."""
    refuse_existing(out, force=force)
    at = time_or_now(valid_from)
    lasting = _DAYS.get(kind, 365) if days is None else days
    if kind == "root":
        if ca is not None or ca_key is not None:
            raise UsageError(
                Text("a root signs itself: leave out --ca and --ca-key", "根证书为自签名：请勿给出 --ca 和 --ca-key")
            )
        from egov_sdk.pki import LocalCA

        signer = open_key(str(key), password_env=password_env)
        made = LocalCA.create_root(name, at=at, days=lasting, key=signer).certificate
    else:
        if ca is None or ca_key is None:
            raise UsageError(
                Text(f"a certificate of kind {kind} needs an issuer", f"{kind} 类证书须有签发者"),
                hint=Text("give --ca and --ca-key", "请给出 --ca 和 --ca-key"),
            )
        public = read_public(key, password_env=password_env)[2]
        made = _authority(ca, ca_key, password_env).issue(_profile(kind), name, public, at=at, days=lasting)
    write_result(out, made.to_pem(), force=force)
    if voice.as_json:
        voice.document({"file": str(out), "certificate": _plain(made)})
        return
    words = voice.say(_ISSUED).format(out=out, name=made.subject.text, until=moment(made.not_after))
    voice.line(words, style="green")


def _authority(certificate: Path, key: str, password_env: str | None) -> LocalCA:
    from egov_sdk.pki import LocalCA

    first, *issuers = read_certificates([certificate])
    return LocalCA(first, open_key(key, password_env=password_env), tuple(issuers))


@command(groups.cert, "show", "Show the certificates in a file.", "查看文件中的证书。")
def show(
    voice: Voice,
    file: Annotated[Path, argument("FILE", "PEM, DER or P7B.", "PEM、DER 或 P7B 文件。")],
) -> None:
    """Show certificates."""
    found = read_certificates([file])
    if voice.as_json:
        voice.document({"file": str(file), "certificates": [_plain(certificate) for certificate in found]})
        return
    for number, certificate in enumerate(found):
        if number:
            voice.line()
        _tell(voice, certificate)


@command(groups.cert, "verify", "Verify that a certificate leads to one you trust.", "验证证书链。")
def verify(
    voice: Voice,
    file: Annotated[
        Path,
        argument("FILE", "The certificate; issuers may follow in it.", "证书文件，其后可附颁发者证书。"),
    ],
    trust: TrustFiles = None,
    crl: CrlFiles = None,
    ocsp: OcspFiles = None,
    intermediate: IntermediateFiles = None,
    at: AtTime = None,
    usage: Annotated[Usage, option("--usage", "What it is to be used for.", "拟作何用。")] = "any",
    require_revocation: Annotated[
        bool,
        option(
            "--require-revocation", "Undecided where nothing is known about revocation.", "没有吊销信息时视为无法判定。"
        ),
    ] = False,
) -> ExitCode:
    """Verify a chain."""
    from egov_sdk.pki import TrustStore, validate_chain

    certificate, *others = read_certificates([file])
    result = validate_chain(
        certificate,
        trust=TrustStore(read_certificates(trust or ())),
        at=time_or_now(at),
        intermediates=(*others, *read_certificates(intermediate or ())),
        crls=read_revocations(crl or ()),
        ocsps=read_revocations(ocsp or ()),
        usage=_USAGES[usage],
        revocation="required" if require_revocation else "if_available",
    )
    if voice.as_json:
        voice.document(
            {
                "subject": certificate.subject.text,
                "verified_at": result.at,
                "outcome": result.outcome.value,
                "facts": {name: _fact(voice, fact) for name, _, fact in _facts(result)},
                "revoked_at": result.revoked_at,
                "path": [each.subject.text for each in result.path],
            }
        )
    else:
        _judgement(voice, result)
    return exit_code(result.outcome)


def _profile(kind: Kind) -> CertificateKind:
    """The name that the local authority has for a kind of certificate."""
    profiles: dict[Kind, CertificateKind] = {
        "ca": "ca",
        "seal-maker": "seal_maker",
        "signer": "signer",
        "encryption": "encryption",
        "tsa": "tsa",
        "ocsp": "ocsp",
    }
    return profiles[kind]


def _facts(result: ChainResult) -> tuple[tuple[str, Text, Fact], ...]:
    return (
        ("anchored", _ANCHORED, result.anchored),
        ("validity", _VALIDITY, result.validity),
        ("revocation", _REVOCATION, result.revocation),
        ("usage", _FITS, result.usage),
    )


def _fact(voice: Voice, fact: Fact) -> dict[str, object]:
    return {"outcome": fact.outcome.value, "reason": fact.reason, "message": voice.say(fact.message)}


def _counts(fact: Fact, result: ChainResult) -> bool:
    """Nothing known about revocation decides nothing unless it was asked for."""
    return result.mode == "required" or fact is not result.revocation or fact.reason != "no_information"


def _judgement(voice: Voice, result: ChainResult) -> None:
    voice.line(result.certificate.subject.text, style="bold")
    facts = [
        (fact if _counts(fact, result) else replace(fact, outcome=Outcome.SKIPPED), title)
        for _, title, fact in _facts(
            result,
        )
    ]
    rows = [(outcome_word(voice, fact.outcome), voice.say(title), voice.say(fact.message)) for fact, title in facts]
    voice.table(rows, styles=("", "cyan", ""), first=[STYLES[fact.outcome] for fact, _ in facts])
    for number, each in enumerate(result.path):
        voice.line(f"  {'  ' * number}{each.subject.text}", style="dim")
    voice.line()
    voice.line(
        f"{voice.say(CONCLUSIONS[result.outcome])}: {voice.say(_AS_AT)} {moment(result.at)}",
        style=STYLES[result.outcome],
    )


def _tell(voice: Voice, certificate: Certificate) -> None:
    from egov_sdk.pki.certificate import CERTIFICATE_LENIENCIES

    curve = certificate.public_key_curve or certificate.public_key_algorithm
    voice.line(certificate.subject.text, style="bold")
    voice.facts(
        [
            (_ISSUER, certificate.issuer.text),
            (_SERIAL, f"{certificate.serial_number:x}"),
            (_VALID, f"{moment(certificate.not_before)} – {moment(certificate.not_after)}"),
            (_KEY, f"SM2 {certificate.public_key.point.hex()}" if certificate.is_sm2 else curve),
            (_SIGNATURE, certificate.signature_algorithm),
            (_USAGE, tuple(sorted(certificate.key_usage or ()))),
            (_PURPOSE, certificate.extended_key_usage or ()),
            (_CA, voice.say(_YES) if certificate.is_ca else None),
            (_CRL, certificate.crl_urls),
            (_OCSP, certificate.ocsp_urls),
            (_FINGERPRINT, certificate.fingerprint),
            *(
                (
                    _LENIENCIES,
                    f"{code}: {voice.say(CERTIFICATE_LENIENCIES[code])}" if code in CERTIFICATE_LENIENCIES else code,
                )
                for code in certificate.leniencies
            ),
        ]
    )


def _plain(certificate: Certificate) -> dict[str, object]:
    return {
        "subject": certificate.subject.text,
        "issuer": certificate.issuer.text,
        "serial_number": f"{certificate.serial_number:x}",
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "public_key_algorithm": certificate.public_key_algorithm,
        "public_key_curve": certificate.public_key_curve,
        "signature_algorithm": certificate.signature_algorithm,
        "key_usage": None if certificate.key_usage is None else sorted(certificate.key_usage),
        "extended_key_usage": certificate.extended_key_usage,
        "is_ca": certificate.is_ca,
        "path_length": certificate.path_length,
        "crl_urls": certificate.crl_urls,
        "ocsp_urls": certificate.ocsp_urls,
        "fingerprint": certificate.fingerprint,
        "leniencies": certificate.leniencies,
    }
