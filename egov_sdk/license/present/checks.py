"""Every check of a presentation: what it asks, and what it can answer. The one place where these words live."""

from __future__ import annotations

from typing import Final

from egov_sdk.report import CheckTable, CheckText

__all__ = ["PRESENTATION_CHECKS"]

_CHAIN: Final = "RFC 5280, 6; GM/T 0015-2012"
_SM2: Final = "GB/T 32918.2-2016, 7"
_FOUND: Final = ("{found}", "{found}")
_NOT_REACHED: Final = ("what came before could not be read or decided", "前面的内容无法解析或判定，未再检查")


def _row(en: str, zh: str, clause: str = "", **reasons: tuple[str, str]) -> CheckText:
    return CheckText.of(en, zh, clause, **reasons, not_reached=_NOT_REACHED)


PRESENTATION_CHECKS: Final = CheckTable(
    {
        "integrity.form": _row(
            "Can the presentation be read?",
            "亮证码能否解析？",
            ok=("the presentation is well formed", "亮证码格式正确"),
            malformed=("the presentation cannot be read: {found}", "亮证码无法解析：{found}"),
        ),
        "integrity.signature": _row(
            "Did the issuer sign what is shown, or what it attested for the holder?",
            "出示内容或证照凭据是否由颁发机构签名？",
            _SM2,
            ok=("signed with the key of {found}", "由 {found} 的密钥签名"),
            signature=("the signature is not one of the key of {found}", "签名与 {found} 的密钥不符"),
            key_unknown=(
                "no certificate at hand holds the key {found} that is said to have signed",
                "没有与签名密钥标识 {found} 对应的证书",
            ),
        ),
        "integrity.items": _row(
            "Are the items shown those of the licence?",
            "所示数据项是否属于该证照？",
            "GB/T 32905-2016",
            ok=("{count} item(s) belong to the attested commitment", "{count} 个数据项与签发承诺一致"),
            by_issuer=("{count} item(s) stand under the issuer's signature", "{count} 个数据项在颁发机构签名之内"),
            commitment=(
                "the items shown do not belong to what the issuer attested",
                "所示数据项与颁发机构的签发承诺不符",
            ),
        ),
        "binding.holder": _row(
            "Did the attested holder's key sign this presentation?",
            "亮证码是否由持证人密钥签名？",
            _SM2,
            ok=("signed with the key that was attested", "由凭据所载持证人密钥签名"),
            by_issuer=("the issuer signed for the holder", "由颁发机构代持证人签名"),
            signature=(
                "the signature is not one of the key that was attested for the holder",
                "签名与凭据所载持证人密钥不符",
            ),
            key_wanted=(
                "the issuer signed for the holder, a key of the holder's own is demanded",
                "由颁发机构代签，而策略要求持证人密钥",
            ),
        ),
        "binding.audience": _row(
            "Was it made for this verifier?",
            "是否为本验证方出示？",
            ok=("made for {expected}", "为 {expected} 出示"),
            anyone=("made for anyone", "未限定验证方"),
            anyone_refused=("made for anyone, which the policy refuses", "未限定验证方，策略不接受"),
            audience=("made for {found}, this is {expected}", "为 {found} 出示，本方为 {expected}"),
            not_told=("made for {found}, and it was not said who this is", "为 {found} 出示，未说明本方身份"),
        ),
        "binding.nonce": _row(
            "Does it answer this verifier's challenge?",
            "是否应答本验证方的挑战值？",
            ok=("it holds the challenge", "含本方挑战值"),
            not_asked=("no challenge was asked", "未使用挑战值"),
            nonce=("it holds another challenge, or none", "挑战值不符或没有挑战值"),
        ),
        "binding.time": _row(
            "Is it in force now, and short-lived?",
            "是否在有效时间内且有效时间足够短？",
            ok=("good until {expected}", "有效至 {expected}"),
            expired=("it was good until {expected}, it is {found}", "有效至 {expected}，当前为 {found}"),
            of_the_future=("it was made at {expected}, it is {found}", "制作于 {expected}，当前为 {found}"),
            too_long=(
                "it is good for {found} seconds, at most {expected} are allowed",
                "有效时间 {found} 秒，最长允许 {expected} 秒",
            ),
        ),
        "binding.once": _row(
            "Is it shown here for the first time?",
            "是否首次在此出示？",
            ok=("shown for the first time", "首次出示"),
            not_asked=("nothing was remembered of earlier ones", "未记录以往出示"),
            replayed=("it was shown here before", "此前已在此出示"),
        ),
        "trust.certificate": _row(
            "Does the issuer's certificate lead to somebody who is trusted?",
            "颁发机构证书能否追溯到受信任的机构？",
            _CHAIN,
            ok=_FOUND,
            untrusted=_FOUND,
            undecided=_FOUND,
            unreadable=("the issuer's certificate is not at hand", "没有颁发机构证书"),
        ),
        "trust.validity": _row(
            "Is the issuer's certificate within its dates?",
            "颁发机构证书是否在有效期内？",
            _CHAIN,
            ok=_FOUND,
            out_of_dates=_FOUND,
        ),
        "trust.revocation": _row(
            "Has the issuer's certificate been revoked?",
            "颁发机构证书是否已被吊销？",
            _CHAIN,
            ok=_FOUND,
            revoked=_FOUND,
            undecided=_FOUND,
            no_information=_FOUND,
            not_looked_at=("the policy said not to look", "策略要求不检查"),
        ),
        "trust.usage": _row(
            "May the issuer's key sign this?",
            "颁发机构密钥能否用于签名？",
            "GM/T 0015-2012; RFC 5280, 4.2.1.3",
            ok=_FOUND,
            key_usage=_FOUND,
            is_ca=("this is the certificate of a CA, not of an authority", "这是 CA 证书，不是颁发机构证书"),
        ),
        "trust.issuer": _row(
            "May this issuer issue licences of this type?",
            "该机构能否颁发此类证照？",
            ok=("{found} may issue the type {type}", "{found} 可颁发 {type} 类证照"),
            issuer_unknown=("{found} is nobody who may issue licences here", "{found} 未登记为颁发机构"),
            type_refused=("{found} may not issue the type {type}", "{found} 不得颁发 {type} 类证照"),
        ),
        "trust.status_list": _row(
            "Is there a status list of this issuer, fresh and not rolled back?",
            "是否有该机构的状态列表，且足够新、未被回退？",
            ok=("list {found}, made at {at}", "列表 {found}，制作于 {at}"),
            no_list=("no status list is at hand", "没有状态列表"),
            other_list=("the lists at hand are not the list {expected}", "现有列表不是所需的列表 {expected}"),
            signature=("the list is not signed by the key of its certificate", "列表签名与其证书不符"),
            list_issuer=("the list is of {found}, not of this issuer", "列表属于 {found}，不属于该颁发机构"),
            list_unknown=("{found} is nobody who may issue licences here", "{found} 未登记为颁发机构"),
            untrusted=("its signer's certificate is not good: {found}", "列表签名证书不可信：{found}"),
            undecided=("its signer's certificate could not be decided: {found}", "列表签名证书无法判定：{found}"),
            stale=("made at {at}, which is too old now", "制作于 {at}，现已过旧"),
            of_the_future=("made at {at}, which is still to come", "制作时间 {at} 晚于当前时间"),
            rolled_back=(
                "its sequence number is {found}, {expected} was met before",
                "列表序号为 {found}，此前已见到 {expected}",
            ),
        ),
        "coverage.term": _row(
            "Is what was attested in force?",
            "证照凭据是否在有效期内？",
            ok=("in force until {expected}", "有效至 {expected}"),
            by_issuer=("the issuer signed it within the licence's term", "颁发机构在证照有效期内签名"),
            ended=("it was in force until {expected}, it is {found}", "有效至 {expected}，当前为 {found}"),
            not_begun=("it is in force from {expected}, it is {found}", "自 {expected} 起有效，当前为 {found}"),
        ),
        "coverage.status": _row(
            "Is the licence in force, by the status list?",
            "按状态列表，证照是否有效？",
            ok=("the licence is in force", "证照有效"),
            suspended=("the licence is suspended", "证照已暂扣"),
            ended=("the licence is no longer in force: {found}", "证照已失效：{found}"),
            inactive=("the licence is not in force yet", "证照尚未生效"),
            undecided=("the issuer does not know", "颁发机构未能确定状态"),
            no_list=("there is no status list that counts", "没有可用的状态列表"),
            outside=("the list has no place {found}", "列表中没有位置 {found}"),
        ),
        "coverage.request": _row(
            "Does it show what was asked for?",
            "是否出示了所需内容？",
            ok=("everything asked for is shown", "已出示所需内容"),
            not_asked=("nothing in particular was asked for", "未指定所需内容"),
            type_differs=("it is of the type {found}, {expected} was asked for", "类型为 {found}，所需为 {expected}"),
            items_missing=("these items are not shown: {found}", "未出示以下数据项：{found}"),
        ),
    }
)
