"""Secrets and people taken out of recorded traffic (脱敏). What was equal stays equal, so that it can be replayed."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape, unescape
from typing import Final
from urllib.parse import quote, unquote

from egov_sdk.codes import CodeKind, check_code
from egov_sdk.codes.specimens import specimen_citizen_number
from egov_sdk.gateway.asgi import read_json
from egov_sdk.gateway.removed import removed_octets
from egov_sdk.platform.recording.files import as_json
from egov_sdk.platform.recording.remains import Finder, encoded, readings

__all__ = ["ANYTHING", "SOMEBODY", "Cleaner", "kind_of"]

#: Parts of the names of members that hold secrets; compared without case, blanks, ``-`` and ``_``.
_SECRETS: Final = (
    *("token", "secret", "sign", "password", "passwd", "pwd", "ticket", "authcode", "usecode", "credential", "cookie"),
    *("session", "appkey", "apikey", "accesskey", "authorization", "jwt", "nonce", "verifier", "challenge", "hmac"),
    *("privatekey", "captcha", "verifycode", "smscode", "rsakey", "sm2key"),
    *("密码", "口令", "令牌", "密钥", "验证码", "校验码"),
)
#: What this library's own platform refuses with: the program that is served from a recording must know it.
_REFUSAL: Final = re.compile(r"egov(\.[a-z]+(_[a-z]+)*){1,5}")
#: Whole names that do, from so many characters on; shorter values are results and states.
_LONG_SECRETS: Final = {
    **dict.fromkeys(("code", "key", "auth", "st", "sp", "iv", "salt"), 8),
    **dict.fromkeys(("state", "sid"), 16),
    "pin": 4,
}
#: Parts of the names of those that may be numbers; under other names a number counts or says how long.
_NUMBERED: Final = ("password", "passwd", "pwd", "captcha", "verifycode", "smscode", "pin")
#: What names end with where they hold no secret and nobody, as ``token_type`` and ``holderCategory`` do.
_TELLING: Final = (
    "type",
    "method",
    "alg",
    "endpoint",
    "supported",
    "algorithm",
    "version",
    "category",
    "kind",
    "level",
    "类型",
    "类别",
    "种类",
    "级别",
)
#: What holds something of a person, by parts of the names of members.
_PEOPLE: Final[Mapping[str, tuple[str, ...]]] = {
    "address": ("address", "domicile", "residence", "住所", "住址", "地址", "zhusuo", "dizhi", "hjdz", "jtzz", "hukou"),
    "email": ("email", "mailbox", "邮箱", "youxiang"),
    "phone": ("mobile", "phone", "手机", "电话", "联系方式", "lxdh", "lxfs", "sjhm", "telno"),
    "birth": ("birth", "出生", "csrq", "csny"),
    "number": (
        *("idnum", "idno", "idcard", "certno", "identitynumber", "cardno", "sfzh", "sfzjhm", "zjhm", "holdercode"),
        *("身份证", "证件号", "passport", "holdernumber", "documentnumber", "cardid", "cardnum", "bankaccount"),
        *("bankcard", "银行卡", "accountno", "plateno", "platenumber", "车牌", "hphm", "sbkh"),
    ),
    "name": (
        *("username", "realname", "fullname", "personname", "holdername", "certificateholder", "cyrmc", "xingming"),
        *("attnname", "principal", "legalperson", "linkperson", "operatorname", "contact", "nickname", "userinfo"),
        *("ownername", "applicant", "linkman", "linkname", "legalrep", "legalman", "agentname", "transactor"),
        *("fddbr", "frdb", "lxr", "sqr", "jbr", "姓名", "法定代表人", "法人代表", "负责人", "持证", "联系人"),
        *("申请人", "经办人", "持有人", "当事人", "权利人", "户主", "监护人"),
    ),
}
#: Whole names that do. Some hold what is nobody's as well: better too much than too little.
_PEOPLE_NAMES: Final = {
    **dict.fromkeys(("name", "names", "holder", "uinfo", "account", "login", "loginname", "user", "owner"), "name"),
    **dict.fromkeys(("xm", "frxm", "jbrxm", "sqrxm", "lxrxm", "qlrmc"), "name"),
    **dict.fromkeys(("sub", "userid", "uid", "accountid", "openid", "unionid", "clientip", "userip"), "subject"),
    **dict.fromkeys(("number", "cid", "zjh"), "number"),
    **dict.fromkeys(("tel", "addr"), "phone"),
    "addr": "address",
}
#: Public numbers under the name ``code``: of organisations (统一社会信用代码), and of types of licences.
_ORGANISATION: Final = re.compile(r"(?P<code>[0-9A-HJ-NPQRTUWXY]{18})(?:\d{3})?")
#: What the names of departments and of types of licences end with.
_PUBLIC_NAME: Final = re.compile(r"..+(?:局|厅|委|部|院|会|中心|政府|办公室|大厅|所|证书|证|照|许可|批准书|登记表)")
_GOVERNMENT: Final = "1"  # registered by those who register public bodies
#: Members that say what the value beside them is, and members that are such values; in lower case.
_LABELS: Final = ("name", "columnname", "fieldname", "itemname", "attrname", "key", "field", "label", "k")
_VALUES: Final = ("value", "columnvalue", "fieldvalue", "itemvalue", "attrvalue", "val", "v")
#: Members that are the value of what they stand in, as where XML became JSON.
_INNER: Final = (*_VALUES, "#text", "$text", "__text", "_text", "$t", "$", "_")

_CITIZEN: Final = re.compile(r"(?<![0-9A-Za-z])(?:\d{6}[- ]?\d{8}[- ]?\d{3}[\dXx]|\d{15})(?![0-9A-Za-z])")
_MOBILE: Final = re.compile(r"(?<![0-9A-Za-z])(?:(?:\+|00)?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?![0-9A-Za-z])")
# each begins where a word does: looked for from every character of a long one they would take hours
_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,128}@[\w-]+(?:\.[\w-]+)+")
_JWT: Final = re.compile(r"(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]*){2,4}")  # of three parts, or encrypted, of five
_WIDE: Final = {0xFEE0 + ord(char): char for char in "0123456789Xx"}  # as Chinese keyboards write them
_HEX: Final = re.compile(r"(?:[0-9a-f]{48,}|[0-9A-F]{48,})")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_MEMBER: Final = re.compile(r"[A-Za-z_]{1,64}")  # a name, even where it would do as Base64
_IN_LINES: Final = re.compile(r"(?<!\s)\s*[\r\n]\s*")  # as MIME breaks Base64
_OCTETS_INSIDE: Final = re.compile(r"(?<=;base64,)[A-Za-z0-9+/_-]+={0,2}")
_BEARER: Final = re.compile(r"(?i)(?<=\bBearer )(?=\S*\d)[\w.~+/-]{8,}=*")
#: Parts of a text that have names of their own: of a query, and elements of XML.
_PAIR: Final = re.compile(r"(?:^|(?<=[?&;,\s]))(?P<name>[\w.-]{1,64})=(?P<text>[^&#;,\s\"'<>]+)")
_ELEMENT: Final = re.compile(
    r"<(?:[\w.-]{1,64}:)?(?P<name>[\w.-]{1,64})(?:\s[^<>]*)?>(?:<!\[CDATA\[)?(?P<text>[^<>\]]+)(?=\]\]></|</)"
)
#: Attributes of XML, and members of JSON or of program text in the midst of a text; what a field of a form holds.
_QUOTED: Final = re.compile(
    r"(?<![\w.-])(?P<name>[\w.-]{1,64})\\*[\"']?\s*[:=：]\s*\\*(?P<mark>[\"'])(?P<text>[^\"'<>\r\n\\]{1,512})(?=\\*(?P=mark))"
)
_FIELD: Final = re.compile(
    r"\b(?:name|key|label|field)=[\"'](?P<name>[^\"'<>]{1,64})[\"'][^<>]{0,256}?\svalue=[\"'](?P<text>[^\"'<>]{1,512})"
)
#: What a sentence says of somebody: 姓名：某某.
_SAID: Final = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,16})\s*[:：]\s*(?P<text>[^\s,，;；。、！？<>\"'&()（）\[\]{}|]{2,64})"
)
_ENTITY: Final = re.compile(r"&(?:#|lt;|gt;|quot;|apos;|amp;)")
_NO_NAME: Final = re.compile("[不请未必为]")  # 姓名：不能为空
_NOTHING: Final = Finder(())
_SPECIMEN: Final = 4_000_000  # apart from the numbers of seeded people
_DEPTH: Final = 8
_LEAST: Final = 4  # shorter values are too common to be looked for everywhere
_LEAST_NAME: Final = 2

#: Pseudonyms with words in them, around a number.
_WORDED: Final = {
    "secret": ("secret-", "-removed-from-this-recording"),
    "email": ("person", "@example.invalid"),
    "name": ("替换姓名", ""),
    "address": ("替换地址", ""),
    "subject": ("subject-", ""),
}
_Made = Callable[[int], str]
_MAKERS: Final[dict[str, _Made]] = {
    "secret": lambda n: f"{n:06d}".join(_WORDED["secret"]),
    "number": lambda n: specimen_citizen_number(_SPECIMEN + n).number,
    "phone": lambda n: f"100{n:08d}",  # no number of a person begins like that
    "email": lambda n: str(n).join(_WORDED["email"]),
    "name": lambda n: str(n).join(_WORDED["name"]),
    "address": lambda n: str(n).join(_WORDED["address"]),
    "birth": lambda n: "1990-01-01",
    "subject": lambda n: f"{n:06d}".join(_WORDED["subject"]),
    "octets": lambda n: base64.b64encode(removed_octets(n)).decode(),
    "cipher": lambda n: f"cipher text {n} removed from this recording".encode().hex(),
}


#: What stands for something of somebody, the same wherever it was the same; and for what is another each time.
SOMEBODY: Final = re.compile(
    r"89[89]\d{3}19900101\d{3}[\dX]|100\d{8}|person\d+@example\.invalid|替换(?:姓名|地址)\d+|subject-\d{6,}"
)
ANYTHING: Final = re.compile(
    r"secret-\d{6,}-removed-from-this-recording|1990-01-01|b2N0ZXRzI[\w+/]+=*|63697068657220[0-9a-f]+"
)


_OWN_WORDS: Final = re.compile(
    "|".join(rf"{re.escape(form(a))}\d+{re.escape(form(b))}" for a, b in _WORDED.values() for form in (str, quote))
)


def kind_of(name: str, value: str) -> str:
    """What a member of this name holds: a key of the pseudonyms; empty for nothing of anybody."""
    plain = re.sub(r"[\s_.-]", "", name).lower()
    if plain == "code" and (_organisation(value) or check_code(value, CodeKind.CITIZEN_NUMBER).ok):
        return "" if _organisation(value) else "number"
    if plain == "code" and _REFUSAL.fullmatch(value):
        return ""
    if plain in _LONG_SECRETS:
        return "secret" if len(value) >= _LONG_SECRETS[plain] else ""
    if not plain.endswith(_TELLING) and any(part in plain for part in _SECRETS):
        return "secret"
    if plain.endswith(_TELLING):
        return ""
    found = next((kind for kind, parts in _PEOPLE.items() if any(part in plain for part in parts)), "")
    found = found or _PEOPLE_NAMES.get(plain, "")
    # a number of one's own has a few digits at least; a type of document has none
    return "" if found == "number" and (len(value) < 6 or not re.search(r"\d", value)) else found


def _label(value: str) -> str:
    """A word that says what the value beside it is of somebody; empty for others."""
    return value if kind_of(value, "12345678") else ""


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)


def _names_nobody(found: re.Match[str], text: str) -> bool:
    """Whether a part of a text is called a name, and is that of a member or of an operation, or a complaint."""
    if found.re is _QUOTED and found["name"].lower() in ("name", "names") and text.isascii():
        return True
    return bool(_label(text) or _NO_NAME.match(text))


def _organisation(value: str) -> str:
    """The number of the organisation that a code is of, or was given by; empty where it is of none."""
    found = _ORGANISATION.fullmatch(value)
    return found["code"] if found and check_code(found["code"], CodeKind.CREDIT_CODE).ok else ""


def _public_name(value: Mapping[str, object]) -> str:
    """The name in an object that is one of a public body or of a type of licences that it defined; empty for others."""
    name, code = value.get("name"), value.get("code")
    if not isinstance(name, str) or not isinstance(code, str) or not _PUBLIC_NAME.fullmatch(name):
        return ""
    return name if _organisation(code).startswith(_GOVERNMENT) else ""


class Cleaner:
    """Replaces secrets and what is of people by pseudonyms, the same for the same value.

    Look through everything first and clean it afterwards: then a name that stands in one answer goes out of all others.

    Attributes:
        learning: Whether this is only looking, which is faster.
    """

    def __init__(self) -> None:
        self._known: dict[str, dict[str, str]] = {kind: {} for kind in _MAKERS}
        self._made, self._public = set[str](), set[str]()
        self._everywhere: Finder | None = None
        self.learning = False

    def hide(self, text: str) -> None:
        """Learn a secret as such, for example of a header that is not recorded."""
        if len(text) >= _LEAST:
            self._pseudonym("secret", text)

    # ------------------------------------------------------------------ cleaning

    def value(self, value: object, *, name: str = "", depth: int = 0) -> object:
        """A JSON value without what is secret or of people."""
        if depth > _DEPTH * 8:
            return None
        if isinstance(value, dict):
            return self._members(value, depth + 1, within=name)
        if isinstance(value, list):
            if value and all(_is_pair(one) for one in value):  # [[姓名, 某某], …]
                return [self._pair(label, inner, name=name, depth=depth + 2) for label, inner in value]
            return [self.value(inner, name=name, depth=depth + 1) for inner in value]
        if isinstance(value, str):
            return self.text(value, name=name, depth=depth)
        if isinstance(value, int) and not isinstance(value, bool):
            text = str(value)
            counts = kind_of(name, text) == "secret" and not any(part in name.lower() for part in _NUMBERED)
            cleaned = self.text(text, name="" if counts else name, depth=depth)
            return value if cleaned == text else int(cleaned) if cleaned.isdecimal() else cleaned
        return value

    def _pair(self, label: str, value: object, *, name: str, depth: int) -> list[object]:
        said = _label(label)
        first = label if said else self.value(label, name=name, depth=depth)
        return [first, self.value(value, name=said or name, depth=depth)]

    def _members(self, value: Mapping[str, object], depth: int, *, within: str) -> dict[str, object]:
        lower = {key.lower(): inner for key, inner in value.items()}
        label = next((str(lower[one]) for one in _LABELS if isinstance(lower.get(one), str)), "")
        labelled = label and any(one in lower for one in _VALUES)
        if public := _public_name(value):
            self._public.add(public)
        is_field = isinstance(value.get("required"), bool)  # the definition of one
        unnamed = frozenset(_LABELS if labelled else ("name",) if public or is_field else ())
        found = {}
        for key, inner in value.items():
            small = key.lower()
            name = label if labelled and small in _VALUES else "" if small in unnamed else key
            if small in _INNER and not labelled:
                name = within
            member = self._parts(key, depth) if _MEMBER.fullmatch(key) else self.text(key, depth=depth)
            found[member] = self.value(inner, name=name, depth=depth)
        return found

    def text(self, text: str, *, name: str = "", depth: int = 0) -> str:
        """A text without it: whole where its name says so, else wherever something in it looks like it."""
        if not text or text in self._made:
            return text
        inner = self._inside(text, depth) if depth < _DEPTH else None
        if inner is not None:
            return inner
        if kind := kind_of(name, text):
            return self._pseudonym(kind, text)
        return self._parts(text, depth)

    def _inside(self, text: str, depth: int) -> str | None:
        """The text cleaned within, where it is JSON or Base64; None where it is neither."""
        if text[:1] in "{[" and text[-1:] in "}]":
            try:
                found = read_json(text.encode("utf-8", "surrogatepass"))
            except ValueError:
                return None
            return as_json(self.value(found, depth=depth + 1))
        bare = _IN_LINES.sub("", text)
        if _BASE64.fullmatch(bare) and not bare.isdecimal() and not _HEX.fullmatch(bare):
            found = self._base64(bare, depth)
            return text if found == bare else found
        return None

    def _base64(self, text: str, depth: int) -> str | None:
        try:
            octets = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_" if set(text) & set("-_") else None)
        except (ValueError, binascii.Error):
            return None
        try:
            plain = octets.decode()
        except UnicodeDecodeError:
            return self._pseudonym("octets", text)
        if not plain.isprintable() and not plain.strip().isprintable():
            return self._pseudonym("octets", text)
        cleaned = self.text(plain, depth=depth + 1)
        return text if cleaned == plain else base64.b64encode(cleaned.encode()).decode()

    def _parts(self, text: str, depth: int) -> str:
        """What looks like a number of a person, a token, a cipher text; and everything that is known already."""
        for pattern in (_ELEMENT, _FIELD, _QUOTED, _SAID):
            text = pattern.sub(lambda found: self._named(found, str), text)
        text = _PAIR.sub(lambda found: self._named(found, unquote, depth=depth), text)
        text = _OCTETS_INSIDE.sub(lambda found: self._base64(found[0], depth) or found[0], text)
        text = _BEARER.sub(lambda found: self._once("secret", found[0]), text)
        text = _JWT.sub(lambda found: self._pseudonym("secret", found[0]), text)
        text = _HEX.sub(lambda found: self._once("cipher", found[0]), text)
        narrow = text.translate(_WIDE)
        if narrow != text and (_CITIZEN.search(narrow) or _MOBILE.search(narrow)):
            text = narrow
        text = _CITIZEN.sub(lambda found: self._citizen(found[0]), text)
        text = _MOBILE.sub(lambda found: self._once("phone", found[0]), text)
        text = _EMAIL.sub(lambda found: self._once("email", found[0]), text)
        text = self._learned().replaced(text, self._replaced)
        if "%" in text and depth < _DEPTH and (plain := unquote(text)) != text:
            cleaned = self._parts(plain, depth + 1)
            return text if cleaned == plain else quote(cleaned, safe="/:?&=")
        if _ENTITY.search(text) and depth < _DEPTH and (plain := unescape(text)) != text:
            cleaned = self._parts(plain, depth + 1)
            return text if cleaned == plain else escape(cleaned)
        return text

    def _named(self, found: re.Match[str], plain: Callable[[str], str], *, depth: int = _DEPTH) -> str:
        """A part of a text with its value replaced, where its name says that it is somebody's."""
        text = plain(found["text"])
        kind = kind_of(found["name"], text)
        if text in self._made or (kind == "name" and _names_nobody(found, text)):
            return found[0]
        made = self._pseudonym(kind, text) if kind else self._inside(text, depth + 1) if depth < _DEPTH else None
        if made is None or made == text:
            return found[0]
        return found[0].removesuffix(found["text"]) + (made if text == found["text"] else quote(made, safe=""))

    def _citizen(self, text: str) -> str:
        text = re.sub("[- ]", "", text)
        month, day = (text[8:10], text[10:12]) if len(text) == 15 else (text[10:12], text[12:14])
        is_date = "01" <= month <= "12" and "01" <= day <= "31"
        return self._once("number", text) if is_date else text

    def _once(self, kind: str, text: str) -> str:
        return text if text in self._made else self._pseudonym(kind, text)

    def _pseudonym(self, kind: str, text: str) -> str:
        if text in self._made or (kind == "name" and text in self._public):
            return text
        for other in self._known.values():
            if text in other:
                return other[text]
        held = self._known[kind]
        made = held[text] = _MAKERS[kind](len(held) + 1)
        self._made.add(made)
        self._everywhere = None
        return made

    # ------------------------------------------------------------------ everywhere

    def _removed(self) -> Iterator[tuple[str, str]]:
        for kind, held in self._known.items():
            least = _LEAST_NAME if kind == "name" else _LEAST
            for text, made in held.items():
                if len(text) >= least and kind != "birth" and not (kind == "name" and text in self._public):
                    yield text, made

    def _learned(self) -> Finder:
        if self.learning:
            return _NOTHING
        if self._everywhere is None:
            self._everywhere = Finder.of(text for text, _ in self._removed())
        return self._everywhere

    def _replaced(self, text: str) -> str:
        return next((held[text] for held in self._known.values() if text in held), text)

    def leaks(self, lines: Sequence[str]) -> frozenset[int]:
        """The lines in which something that was removed still stands, in any usual encoding."""
        finder = Finder(
            form for text, _ in self._removed() if len(text) >= _LEAST or not text.isascii() for form in encoded(text)
        )
        bare = ((number, _OWN_WORDS.sub("\0", one)) for number, line in enumerate(lines) for one in readings(line))
        return frozenset(number for number, one in bare if any(finder.found(one)))
