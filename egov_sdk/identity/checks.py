"""Every check of a sign-in with a certificate, of an assertion and of a token: what it asks and what it can answer.

These tables are the only home of these words; reports and the docs read them here.
"""

from __future__ import annotations

from typing import Final

from egov_sdk.report import CheckTable, CheckText

__all__ = ["ASSERTION_CHECKS", "CERTIFICATE_CHECKS", "TOKEN_CHECKS"]

_CHAIN: Final = "RFC 5280, 6; GM/T 0015-2012"


_FOUND: Final = ("{found}", "{found}")
_NOT_REACHED: Final = ("an earlier check failed, so this was not looked at", "前面的检查未通过，未再检查")
_BY_KEY: Final = ("the key itself was registered; no certificate is needed", "密钥本身已登记，无需证书")
_TRUST: Final = {
    "trust.certificate": CheckText.of(
        "Does the certificate lead to somebody who is trusted?",
        "证书能否追溯到受信任的机构？",
        _CHAIN,
        ok=_FOUND,
        untrusted=_FOUND,
        undecided=_FOUND,
        by_key=_BY_KEY,
        unreadable=("there is no certificate that could be read", "没有可解析的证书"),
    ),
    "trust.validity": CheckText.of(
        "Is the certificate within its dates?",
        "证书是否在有效期内？",
        _CHAIN,
        ok=_FOUND,
        by_key=_BY_KEY,
        out_of_dates=_FOUND,
        not_reached=_NOT_REACHED,
    ),
    "trust.revocation": CheckText.of(
        "Has the certificate been revoked?",
        "证书是否已被吊销？",
        _CHAIN,
        ok=_FOUND,
        by_key=_BY_KEY,
        revoked=_FOUND,
        undecided=_FOUND,
        no_information=_FOUND,
        not_looked_at=("the policy said not to look", "策略要求不检查"),
        not_reached=_NOT_REACHED,
    ),
    "trust.usage": CheckText.of(
        "May the key be used for this?",
        "密钥能否用于此用途？",
        "GM/T 0015-2012; RFC 5280, 4.2.1.3",
        ok=_FOUND,
        by_key=_BY_KEY,
        key_usage=_FOUND,
        is_ca=(
            "this is the certificate of a CA, not of a person or an organisation",
            "这是 CA 证书，不是个人或单位证书",
        ),
        not_reached=_NOT_REACHED,
    ),
}

CERTIFICATE_CHECKS: Final = CheckTable(
    {
        "integrity.answer": CheckText.of(
            "Can the answer be read?",
            "应答能否解析？",
            ok=("the answer is well formed", "应答格式正确"),
            malformed=("the answer cannot be read: {found}", "应答无法解析：{found}"),
        ),
        "integrity.signature": CheckText.of(
            "Was the challenge signed with the certificate's key?",
            "挑战值是否由证书对应的密钥签名？",
            "GB/T 32918.2-2016, 7",
            ok=("origin and challenge are signed with the key of the certificate", "来源与挑战值由证书密钥签名"),
            signature=(
                "the signature is not one of this key over this origin and challenge",
                "签名与该密钥、来源及挑战值不符",
            ),
            not_sm2=("the certificate holds no SM2 key", "证书不含 SM2 密钥"),
            not_reached=_NOT_REACHED,
        ),
        "binding.origin": CheckText.of(
            "Was the answer made for this site?",
            "应答是否为本站点生成？",
            ok=("made for {expected}", "为 {expected} 生成"),
            origin=("made for {found}, this is {expected}", "为 {found} 生成，本站点为 {expected}"),
            not_reached=_NOT_REACHED,
        ),
        "binding.challenge": CheckText.of(
            "Is the challenge fresh and used for the first time?",
            "挑战值是否有效且首次使用？",
            ok=("used for the first time, before {expected}", "首次使用，未超过 {expected}"),
            expired=(
                "the challenge was good until {expected}, it is {found}",
                "挑战值有效至 {expected}，当前为 {found}",
            ),
            of_the_future=(
                "the challenge is from {expected}, it is {found}",
                "挑战值签发于 {expected}，当前为 {found}",
            ),
            replayed=("the challenge was answered before", "挑战值已被使用"),
            not_reached=_NOT_REACHED,
        ),
        "binding.holder": CheckText.of(
            "Does the certificate name a person or an organisation by number?",
            "证书是否以号码标识个人或单位？",
            "GM/T 0015-2012, identity extensions",
            ok=("it names a {found}", "证书标识了 {found}"),
            nobody=("it names nobody by a number", "证书未以号码标识任何主体"),
            number=("its number keeps the rules of no kind that belongs there", "证书中的号码不符合任何对应的编码规则"),
            not_reached=_NOT_REACHED,
        ),
        **_TRUST,
        "coverage.identity": CheckText.of(
            "Do all identity extensions say the same?",
            "各身份扩展项是否一致？",
            "GM/T 0015-2012, identity extensions",
            ok=("{count} identity extension(s), read with {found}", "共 {count} 个身份扩展项，解析说明：{found}"),
            unread=("these cannot be read: {found}", "以下扩展项无法解析：{found}"),
            contradictory=("two different numbers of the kind {found}", "同类号码不一致：{found}"),
            not_reached=_NOT_REACHED,
        ),
    }
)

ASSERTION_CHECKS: Final = CheckTable(
    {
        "integrity.form": CheckText.of(
            "Can the assertion be read?",
            "断言能否解析？",
            ok=("the assertion is well formed", "断言格式正确"),
            malformed=("the assertion cannot be read: {found}", "断言无法解析：{found}"),
        ),
        "integrity.signature": CheckText.of(
            "Is it signed, and is that signature right?",
            "签名是否正确？",
            "GM/T 0125-2022; GM/T 0010-2012; GB/T 35275",
            ok=("signed with SM2 in the form {found}", "SM2 签名，形式为 {found}"),
            signature=("the signature is wrong: {found}", "签名错误：{found}"),
            undecided=("the signature could not be checked: {found}", "签名无法验证：{found}"),
            not_reached=_NOT_REACHED,
        ),
        "binding.issuer": CheckText.of(
            "Is the issuer known, and is the key its own?",
            "签发系统是否已登记，且密钥属于该系统？",
            ok=("issued by {found}", "由 {found} 签发"),
            issuer_unknown=("{found} is no system that may assert anything here", "{found} 未登记为可签发断言的系统"),
            signer=("the signer's certificate is not that of {found}", "签名证书不属于 {found}"),
            not_reached=_NOT_REACHED,
        ),
        "binding.audience": CheckText.of(
            "Is it meant for this system?",
            "断言是否以本系统为受众？",
            ok=("meant for {expected}", "受众为 {expected}"),
            audience=("meant for {found}, this is {expected}", "受众为 {found}，本系统为 {expected}"),
            not_reached=_NOT_REACHED,
        ),
        "binding.time": CheckText.of(
            "Is it in force, and short-lived?",
            "断言是否在有效期内且有效期足够短？",
            ok=("good until {expected}", "有效至 {expected}"),
            expired=("it was good until {expected}, it is {found}", "有效至 {expected}，当前为 {found}"),
            of_the_future=("it was issued at {expected}, it is {found}", "签发于 {expected}，当前为 {found}"),
            too_long=(
                "it is good for {found} seconds, at most {expected} are allowed",
                "有效期 {found} 秒，最长允许 {expected} 秒",
            ),
            not_reached=_NOT_REACHED,
        ),
        "binding.once": CheckText.of(
            "Is it used for the first time?",
            "断言是否首次使用？",
            ok=("used for the first time", "首次使用"),
            replayed=("it was used before", "断言已被使用"),
            not_reached=_NOT_REACHED,
        ),
        "binding.delegation": CheckText.of(
            "Does the chain of delegation lead from the principal to the one who acts?",
            "委托链是否从委托方连续到经办人？",
            ok=("{count} delegation(s), from {found}", "共 {count} 级委托，始于 {found}"),
            nobody_delegated=("the person acts in his or her own name", "本人以自己名义办理"),
            principal=("it begins with {found}, expected {expected}", "委托链始于 {found}，应为 {expected}"),
            broken=("delegation {found} does not continue the one before", "第 {found} 级委托与上一级不衔接"),
            ends_elsewhere=("the chain does not end at the one who acts", "委托链未到达经办人"),
            not_in_force=("delegation {found} is not in force now", "第 {found} 级委托不在有效期内"),
            widened=("delegation {found} gives more than its giver has", "第 {found} 级委托超出委托方自身权限"),
            too_long=("{found} delegations, at most {expected} are allowed", "委托 {found} 级，最多允许 {expected} 级"),
            not_reached=_NOT_REACHED,
        ),
        **_TRUST,
        "trust.key": CheckText.of(
            "Is the key one that was registered for the issuer?",
            "密钥是否为签发系统登记的密钥？",
            ok=("the key {found} was registered for the issuer", "密钥 {found} 已登记"),
            by_certificate=("the certificate vouches for the key", "由证书证明密钥"),
            key_unknown=("the key was not registered for the issuer", "密钥未登记"),
            not_reached=_NOT_REACHED,
        ),
        "trust.level": CheckText.of(
            "Is the person known well enough?",
            "实名等级是否足够？",
            ok=("known at the level {found}", "实名等级为 {found}"),
            level=("known at the level {found}, {expected} is required", "实名等级为 {found}，要求 {expected}"),
            not_reached=_NOT_REACHED,
        ),
        "coverage.scope": CheckText.of(
            "Does every delegation cover what is to be done?",
            "每级委托是否都覆盖所办事项？",
            ok=("covers {expected}", "覆盖 {expected}"),
            scope=("delegation {found} does not cover {expected}", "第 {found} 级委托不覆盖 {expected}"),
            nobody_delegated=("the person acts in his or her own name", "本人以自己名义办理"),
            not_asked=("nothing in particular is to be done", "未指明所办事项"),
            not_reached=_NOT_REACHED,
        ),
    }
)

TOKEN_CHECKS: Final = CheckTable(
    {
        "integrity.form": CheckText.of(
            "Can the token be read?",
            "令牌能否解析？",
            "RFC 7515, 5.2; RFC 7519, 7.2",
            ok=("the token is well formed", "令牌格式正确"),
            malformed=("the token cannot be read: {found}", "令牌无法解析：{found}"),
        ),
        "integrity.algorithm": CheckText.of(
            "Is it signed with an algorithm that is accepted?",
            "签名算法是否在允许范围内？",
            "RFC 8725, 3.1; GM/T 0125-2022",
            ok=("signed with {found}", "签名算法为 {found}"),
            unsigned=("alg is none: anybody can have written this", "alg 为 none：任何人都可能伪造"),
            algorithm=("signed with {found}, accepted are {expected}", "签名算法为 {found}，允许 {expected}"),
            not_reached=_NOT_REACHED,
        ),
        "integrity.signature": CheckText.of(
            "Is the signature right?",
            "签名是否正确？",
            "RFC 7515, 5.2; GM/T 0125-2022",
            ok=("the signature belongs to these claims, written as {found}", "签名与声明相符，形式为 {found}"),
            signature=(
                "the signature does not belong to these claims and the key {found}",
                "签名与声明及密钥 {found} 不符",
            ),
            no_key=("there is no key to check the signature with", "没有可用于验签的密钥"),
            not_reached=_NOT_REACHED,
        ),
        "binding.issuer": CheckText.of(
            "Was it issued by whom it should be?",
            "签发者是否正确？",
            "RFC 7519, 4.1.1",
            ok=("issued by {found}", "由 {found} 签发"),
            issuer=("issued by {found}, expected {expected}", "由 {found} 签发，应为 {expected}"),
            not_asked=("no issuer was expected; it says {found}", "未指定签发者；令牌称 {found}"),
            not_reached=_NOT_REACHED,
        ),
        "binding.audience": CheckText.of(
            "Is it meant for us?",
            "接收方是否为本应用？",
            "RFC 7519, 4.1.3",
            ok=("meant for {found}", "接收方为 {found}"),
            audience=("meant for {found}, expected {expected}", "接收方为 {found}，应为 {expected}"),
            nobody=("it names no audience, and none was expected", "令牌未指明接收方，也未要求"),
            not_reached=_NOT_REACHED,
        ),
        "binding.nonce": CheckText.of(
            "Does it answer the request that was sent?",
            "是否对应所发出的请求？",
            "OpenID Connect Core 1.0, 3.1.3.7",
            ok=("it holds the nonce that was sent", "nonce 与发出的一致"),
            nonce=("its nonce is not the one that was sent", "nonce 与发出的不一致"),
            not_asked=("no nonce was expected", "未要求 nonce"),
            not_reached=_NOT_REACHED,
        ),
        "binding.time": CheckText.of(
            "Is it in force?",
            "令牌是否在有效期内？",
            "RFC 7519, 4.1.4-4.1.6",
            ok=("in force until {found}", "有效至 {found}"),
            expired=("{found}", "{found}"),
            of_the_future=("{found}", "{found}"),
            endless=("it does not say how long it is good for", "令牌未注明有效期"),
            malformed=("a time in it is none: {found}", "其中的时间格式错误：{found}"),
            not_reached=_NOT_REACHED,
        ),
        "trust.key": CheckText.of(
            "Is the key one of the issuer's?",
            "密钥是否属于签发者？",
            "RFC 7517, 5; GM/T 0125-2022",
            ok=("the key {found} of the key set", "密钥集中的密钥 {found}"),
            key_unknown=("the key set has no key {found}", "密钥集中没有密钥 {found}"),
            key_unfit=("the key {found} is not for {expected}", "密钥 {found} 不可用于 {expected}"),
            ambiguous=(
                "{found} keys could be meant, at most {expected} are tried",
                "可能的密钥有 {found} 个，最多尝试 {expected} 个",
            ),
            no_keys=("no key set was given", "未提供密钥集"),
            not_reached=_NOT_REACHED,
        ),
        "coverage.header": CheckText.of(
            "Is anything left out of account that the token brings along?",
            "令牌是否附带未予采用的内容？",
            "RFC 8725, 3.10",
            ok=("nothing: all that it says is signed", "无：全部内容均在签名之内"),
            key_in_header=(
                "the header offers a key or a place to fetch one; it was not looked at",
                "头部附带密钥或其地址，未予采用",
            ),
            not_reached=_NOT_REACHED,
        ),
    }
)
