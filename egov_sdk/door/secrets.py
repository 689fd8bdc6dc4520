"""The keys of an office of one's own: made once, kept in one file that only its owner can read."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from egov_sdk.crypto import SM2PrivateKey, load_private_key
from egov_sdk.crypto.kdf import pbkdf2_hmac_sm3
from egov_sdk.crypto.sm4 import SM4GCM, InvalidTag
from egov_sdk.errors import InputError, KeyAccessError, ParseError
from egov_sdk.files import put_file
from egov_sdk.pki import Certificate, LocalCA, TrustStore
from egov_sdk.report import Text

__all__ = ["OfficeSecrets"]

_FORM: Final = 1
_ROUNDS: Final = 200_000
_SALT: Final = 16
_NONCE: Final = 12
_KEY: Final = 16
_SEARCH_KEY: Final = 32
_ROOT_DAYS: Final = 7_300
_FILE_BYTES: Final = 1 << 20

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeSecrets:
    """Everything secret of one office.

    Attributes:
        name, code: the department: its name and its unified social credit code.
        root: the authority that certifies its seals and keys.
        maker: who makes its seals (制章者), with the certificate.
        token: signs presentations, lists of states and messages, with the certificate.
        message_key: opens the messages that are sealed for the office.
        seal_key: wraps the keys of the seals, 16 bytes.
        search_key: finds personal numbers in the register of licences, 32 bytes; it can never be changed.
        data_key: encrypts the register's contents, 16 bytes.
        provider_keys: of the identity provider, as ``ProviderKeys.to_json`` gives them.
    """

    name: str
    code: str
    root: LocalCA = field(repr=False)
    maker: tuple[SM2PrivateKey, Certificate] = field(repr=False)
    token: tuple[SM2PrivateKey, Certificate] = field(repr=False)
    message_key: SM2PrivateKey = field(repr=False)
    seal_key: bytes = field(repr=False)
    search_key: bytes = field(repr=False)
    data_key: bytes = field(repr=False)
    provider_keys: str = field(repr=False)

    @property
    def trust(self) -> TrustStore:
        """The anchors of the office: its own root."""
        return TrustStore([self.root.certificate])

    @classmethod
    def generate(cls, *, name: str, code: str, at: datetime, random: Random = os.urandom) -> Self:
        """New ones, valid from a day before ``at``, so that a clock that is behind accepts them."""
        from egov_sdk.identity.provider import ProviderKeys

        begin = at - timedelta(days=1)
        root = LocalCA.create_root(f"CN={name} Root,C=CN", at=begin, days=_ROOT_DAYS, random=random)
        maker, token = (SM2PrivateKey.generate(random=random) for _ in range(2))
        days = _ROOT_DAYS - 1
        return cls(
            name=name,
            code=code,
            root=root,
            maker=(maker, root.issue("seal_maker", f"{name} Seals", maker.public_key(), at=begin, days=days)),
            token=(token, root.issue("signer", f"O={name},CN={name}", token.public_key(), at=begin, days=days)),
            message_key=SM2PrivateKey.generate(random=random),
            seal_key=random(_KEY),
            search_key=random(_SEARCH_KEY),
            data_key=random(_KEY),
            provider_keys=ProviderKeys.generate(random=random).to_json(),
        )

    @classmethod
    def at(
        cls,
        path: Path,
        *,
        name: str,
        code: str,
        now: datetime,
        secret: str = "",
        random: Random = os.urandom,
    ) -> Self:
        """Those of a file; new ones are made and kept where there is none. Of several that begin at once, one wins.

        Raises:
            ParseError: the file is something else.
            KeyAccessError: it needs another secret.
        """
        if not path.exists():
            made = cls.generate(name=name, code=code, at=now, random=random)
            path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                put_file(path, made.to_json(secret=secret, random=random), replace=False, private=True)
        return cls.from_json(_read(path), secret=secret, where=path.name)

    def to_json(self, *, secret: str = "", random: Random = os.urandom) -> bytes:
        """The secrets as a file; encrypted under ``secret`` if that is given.

        Source:
            RFC 8018, PBKDF2 with HMAC-SM3; SM4-GCM.
        """
        plain = json.dumps(self._members(), ensure_ascii=False).encode()
        if not secret:
            return plain
        salt, nonce = random(_SALT), random(_NONCE)
        sealed = _cipher(secret, salt, _ROUNDS).encrypt(nonce, plain, b"")
        texts = {name: _text(octets) for name, octets in (("salt", salt), ("nonce", nonce), ("sealed", sealed))}
        return json.dumps({"form": _FORM, "rounds": _ROUNDS, **texts}).encode()

    @classmethod
    def from_json(cls, data: bytes, *, secret: str = "", where: str = "") -> Self:
        """Read what to_json wrote.

        Raises:
            ParseError: it is something else.
            KeyAccessError: it needs another secret, or one at all.
        """
        try:
            held = json.loads(data)
            if "sealed" in held:
                held = _unsealed(held, secret)
            return cls._of(held)
        except (ValueError, KeyError, TypeError, AttributeError, InputError) as error:
            raise ParseError(
                "these are not the secrets of an office",
                where=where,
                code="egov.door.secrets",
                found=type(error).__name__,
            ) from None

    def _members(self) -> dict[str, object]:
        pairs = {"maker": self.maker, "token": self.token}
        return {
            "form": _FORM,
            "name": self.name,
            "code": self.code,
            "root": _pair(self.root.signer, self.root.certificate),
            **{name: _pair(key, certificate) for name, (key, certificate) in pairs.items()},
            "message_key": _text(self.message_key.to_der()),
            "seal_key": _text(self.seal_key),
            "search_key": _text(self.search_key),
            "data_key": _text(self.data_key),
            "provider_keys": self.provider_keys,
        }

    @classmethod
    def _of(cls, held: Mapping[str, object]) -> Self:
        if held["form"] != _FORM:
            raise ValueError("another form")
        root_key, root = _unpaired(held["root"])
        octets = {name: _octets(held[name]) for name in ("seal_key", "search_key", "data_key")}
        return cls(
            name=str(held["name"]),
            code=str(held["code"]),
            root=LocalCA(root, root_key),
            maker=_unpaired(held["maker"]),
            token=_unpaired(held["token"]),
            message_key=load_private_key(_octets(held["message_key"])),
            provider_keys=str(held["provider_keys"]),
            **octets,
        )


def _cipher(secret: str, salt: bytes, rounds: int) -> SM4GCM:
    return SM4GCM(pbkdf2_hmac_sm3(secret.encode(), salt, iterations=rounds, length=_KEY))


def _unsealed(held: Mapping[str, object], secret: str) -> Mapping[str, object]:
    rounds = held["rounds"]
    if not isinstance(rounds, int) or not 1 <= rounds <= 10 * _ROUNDS:
        raise ValueError("rounds")
    if not secret:
        raise _locked(Text("the keys of the office are encrypted", "机构密钥已加密"))
    salt, nonce, sealed = (_octets(held[name]) for name in ("salt", "nonce", "sealed"))
    try:
        plain = _cipher(secret, salt, rounds).decrypt(nonce, sealed, b"")
    except InvalidTag:
        raise _locked(Text("this secret does not open the keys of the office", "该口令不能打开机构密钥")) from None
    value: Mapping[str, object] = json.loads(plain)
    return value


def _locked(text: Text) -> KeyAccessError:
    hint = Text(
        "the secret is given as secret=, or in the environment variable EGOV_SECRET",
        "口令由 secret= 或环境变量 EGOV_SECRET 给出",
    )
    error = KeyAccessError(text.en, code="egov.door.secret", hint=hint)
    error.text = text
    return error


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_FILE_BYTES)


def _pair(key: object, certificate: Certificate) -> dict[str, str]:
    if not isinstance(key, SM2PrivateKey):
        raise TypeError("a key in a device cannot be kept in a file")
    return {"key": _text(key.to_der()), "certificate": _text(certificate.raw)}


def _unpaired(value: object) -> tuple[SM2PrivateKey, Certificate]:
    if not isinstance(value, dict):
        raise TypeError("no pair")
    return load_private_key(_octets(value["key"])), Certificate.parse(_octets(value["certificate"]))


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _octets(text: object) -> bytes:
    return base64.b64decode(str(text), validate=True)
