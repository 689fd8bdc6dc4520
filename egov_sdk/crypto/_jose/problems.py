"""Why a token or a key of a key set is refused: the codes with their words, and the errors that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from egov_sdk.errors import ParseError, VerificationError
from egov_sdk.report import Text

__all__ = ["LENIENCIES", "PROBLEMS", "TokenRejected", "bad", "described", "reject", "shown"]

_SHOWN_CHARS = 80

#: The full code is ``egov.crypto.`` and the key. Nothing of a token's claims but times, issuer and audience is shown.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        "token.parts": Text(
            "not a token: {found} parts with dots between, expected {expected}",
            "不是令牌：以点分隔的部分有 {found} 个，应为 {expected} 个",
        ),
        "token.base64": Text("the {part} is not Base64url to the letter", "{part} 不是严格的 Base64url 编码"),
        "token.json": Text("the {part} is not one JSON object: {found}", "{part} 不是一个 JSON 对象：{found}"),
        "token.header": Text(
            "the header member {name} is {found}, expected {expected}", "头部成员 {name} 为 {found}，应为 {expected}"
        ),
        "token.unsigned": Text("alg is none: anybody can have written this", "alg 为 none：任何人都可能伪造"),
        "token.algorithm": Text(
            "{name} is {found}, allowed here: {expected}", "{name} 为 {found}，此处允许：{expected}"
        ),
        "token.critical": Text(
            "the header demands extensions that are not known here: {found}", "头部要求此处不支持的扩展：{found}"
        ),
        "token.compressed": Text("the content is compressed, which is refused", "内容经过压缩，不予接受"),
        "token.unknown_key": Text("no key here has the key id {found}", "没有标识为 {found} 的密钥"),
        "token.unfit_key": Text(
            "no key with the key id {found} is for {expected}", "标识为 {found} 的密钥不可用于 {expected}"
        ),
        "token.ambiguous_key": Text(
            "{found} keys could be meant, at most {expected} are tried",
            "可能的密钥有 {found} 个，最多尝试 {expected} 个",
        ),
        "token.signature": Text(
            "the signature does not belong to these bytes and the key {found}", "签名与内容及密钥 {found} 不符"
        ),
        "token.decryption": Text(
            "cannot be decrypted with the key {found}; the reason is not told on purpose",
            "无法用密钥 {found} 解密；为安全起见不说明原因",
        ),
        "token.claim_missing": Text("the claim {name} is missing", "缺少声明 {name}"),
        "token.claim_malformed": Text(
            "the claim {name} is {found}, expected {expected}", "声明 {name} 为 {found}，应为 {expected}"
        ),
        "token.expired": Text("expired at {found}, it is {expected}", "已于 {found} 过期，当前为 {expected}"),
        "token.not_yet_valid": Text(
            "valid only from {found} on, it is {expected}", "自 {found} 起有效，当前为 {expected}"
        ),
        "token.issued_in_future": Text(
            "issued at {found}, it is only {expected}", "签发于 {found}，晚于当前 {expected}"
        ),
        "token.too_old": Text(
            "issued at {found}, too long before {expected}", "签发于 {found}，距当前 {expected} 过久"
        ),
        "token.issuer": Text("the issuer is {found}, expected {expected}", "签发者为 {found}，应为 {expected}"),
        "token.audience": Text("meant for {found}, not for {expected}", "接收方为 {found}，而非 {expected}"),
        "token.nonce": Text("the nonce is not the one that was sent", "nonce 与发出的不一致"),
        "token.type": Text("the type is {found}, expected {expected}", "类型为 {found}，应为 {expected}"),
        "jwk.json": Text("not one JSON object: {found}", "不是一个 JSON 对象：{found}"),
        "jwk.keys": Text("the key set has no list of keys: {found}", "密钥集中没有密钥列表：{found}"),
        "jwk.member": Text(
            "the member {name} is {found}, expected {expected}", "成员 {name} 为 {found}，应为 {expected}"
        ),
        "jwk.type": Text("keys of type {found} are not known here", "不支持类型为 {found} 的密钥"),
        "jwk.curve": Text("keys on the curve {found} are not known here", "不支持曲线 {found} 上的密钥"),
        "jwk.value": Text("the numbers do not make a {found} key", "其中的数值不构成 {found} 密钥"),
        "jwk.use": Text(
            "meant for {found}, which this kind of key cannot do here", "用途为 {found}，此类密钥在此不支持"
        ),
        "jwk.private": Text(
            "holds a private or symmetric key, which a published key set must not",
            "含有私钥或对称密钥，公开的密钥集不应包含",
        ),
    }
)

#: What other programs write otherwise; each is accepted and named in ``notes``.
LENIENCIES: Mapping[str, Text] = MappingProxyType(
    {
        "token_algorithm_alias": Text(
            "alg has another name for SGD_SM3_SM2, such as SM2-SM3", "alg 使用了 SGD_SM3_SM2 的别名，如 SM2-SM3"
        ),
        "token_key_in_header": Text(
            "the header offers a key or a place to fetch one (jwk, jku, x5c, x5u); it was not looked at",
            "头部附带密钥或其地址（jwk、jku、x5c、x5u），未予采用",
        ),
        "token_wrapped_key_raw": Text(
            "the encrypted key is C1C3C2 with a leading 04, not DER", "密文密钥为带 04 前缀的 C1C3C2，而非 DER"
        ),
        "jwk_curve_alias": Text(
            "crv has another name for sm2p256v1, such as SM2 or SM2-P-256",
            "crv 使用了 sm2p256v1 的别名，如 SM2、SM2-P-256",
        ),
    }
)


class TokenRejected(VerificationError):
    """A token was read and is not acceptable; the code says why, and ``detail`` holds the facts."""

    code = "egov.crypto.token_rejected"


def shown(value: object) -> str:
    """A stranger's text made safe to show, in one line and not too long; of anything else what it is."""
    if not isinstance(value, str):
        return described(value)
    text = value if len(value) <= _SHOWN_CHARS else value[: _SHOWN_CHARS - 1] + "…"
    return text if text.isprintable() and text else text.encode("unicode_escape", "backslashreplace").decode() or "''"


def described(value: object) -> str:
    """What a JSON value is, without showing it: a claim may be the number of a person."""
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"a text of {len(value)} characters"
    if isinstance(value, (int, float)):
        return "a number"
    return "an object" if isinstance(value, Mapping) else "a list"


def words(problem: str, facts: Mapping[str, object]) -> Text:
    """The sentence of a row of PROBLEMS, filled."""
    text = PROBLEMS[problem]
    return Text(text.en.format_map(facts), text.zh.format_map(facts))


def bad(problem: str, /, *, where: str = "", **facts: object) -> ParseError:
    """The error for something that cannot be read; the caller raises it."""
    detail = {name: shown(value) for name, value in facts.items()}
    return ParseError(words(problem, detail).en, where=where, code=f"egov.crypto.{problem}", hint="", **detail)


def reject(problem: str, /, **facts: object) -> TokenRejected:
    """The error for something that was read and is refused; the caller raises it."""
    detail = {name: shown(value) for name, value in facts.items()}
    return TokenRejected(words(problem, detail).en, report=None, code=f"egov.crypto.{problem}", hint="", **detail)
