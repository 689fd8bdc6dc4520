"""With whom a province exchanges messages, in a file beside its keys: ``partners.toml``, one card for each."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pydantic import Field, ValidationError

from egov_sdk.crypto import load_public_key
from egov_sdk.door.settings import bad_setting, broken, read_toml
from egov_sdk.errors import ConfigError, EgovError
from egov_sdk.exchange import Party
from egov_sdk.exchange.node import ExchangeNode, Partner
from egov_sdk.frozen import Frozen, first_misfit
from egov_sdk.pki import Certificate, load_certificates
from egov_sdk.platform.ways import Accounts, misplaced, open_way, tls_with
from egov_sdk.report import Text
from egov_sdk.report_words import text_of

if TYPE_CHECKING:
    from egov_sdk.crypto import SM2PublicKey
    from egov_sdk.door.office import LocalOffice

__all__ = ["FILE", "Partners", "partner_card", "read_partners"]

#: Beside the office's keys.
FILE: Final = "partners.toml"
_TABLE: Final = "partner"
_PEM_BYTES: Final = 1 << 20
_PUBLIC: Final = b"BEGIN PUBLIC KEY"
_PRIVATE: Final = b"PRIVATE KEY-----"


class _Card(Frozen):
    """One ``[[partner]]``. Certificates and keys are PEM, or the name of a file of it, below the folder of this one."""

    code: str
    system: str = ""
    name: str = ""
    where: str
    certificates: str
    encryption: str
    roots: str
    tls_roots: str = ""
    ordered: bool = Field(default=False, strict=True)
    services: frozenset[str] | None = None
    per_minute: int | None = Field(default=None, ge=1, strict=True)
    blocked: bool = Field(default=False, strict=True)


@dataclass(frozen=True, slots=True)
class Partners:
    """Those of a file.

    Attributes:
        known: each with ``where`` it is reached for its transport.
        roots: of their certificates.
        tls_roots: in PEM, by ``where``: for partners whose servers have a certificate of a CA of their own.
        files: what their cards name, from the folder of the file on, with slashes.
    """

    file: Path
    known: tuple[Partner, ...] = ()
    roots: tuple[Certificate, ...] = ()
    tls_roots: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.known)

    @contextmanager
    def at_work(
        self, node: ExchangeNode, *, clock: Callable[[], datetime], accounts: Accounts = MappingProxyType({})
    ) -> Iterator[None]:
        """Threads that deliver to them and collect from them until the block ends; the node knows them already.

        Args:
            accounts: the office's own at brokers, see ``broker_accounts``.
        Raises:
            ConfigError: one of them cannot be reached so, or is the office itself.
        """
        tls_roots, open_ways = dict(self.tls_roots), set[str]()
        with ExitStack() as closing:
            for number, one in enumerate(self.known, 1):
                if one.party.code == node.desk.identity.party.code:
                    raise _wrong(self.file, number, "code", Text("this is the office itself", "这是本机构自己"))
                if one.transport in open_ways:
                    continue
                open_ways.add(one.transport)
                with _naming(self.file, number, "where"):
                    open_way(
                        node,
                        one.transport,
                        tls_roots=tls_roots.get(one.transport, ""),
                        accounts=accounts,
                        clock=clock,
                        closing=closing,
                    )
            closing.enter_context(node.workers())
            yield


def read_partners(file: Path) -> Partners:
    """The partners of a file; none where there is no file.

    Raises:
        ConfigError: something in it cannot be used; the message names the file, the partner by its place, the setting.
    """
    if not file.exists():
        return Partners(file)
    tables = read_toml(file)
    rows = tables.pop(_TABLE, [])
    if tables or not isinstance(rows, list):
        raise broken(file, Text(f"it holds [[{_TABLE}]] and nothing else", f"其中只能有 [[{_TABLE}]]"))
    known, roots, tls_roots = list[Partner](), dict[bytes, Certificate](), dict[str, str]()
    files = dict[str, None]()
    for number, row in enumerate(rows, 1):
        card = _card(file, number, row)
        partner = _partner(file, number, card)
        if any(one.party.id == partner.party.id for one in known):
            taken = partner.party.id
            raise _wrong(file, number, "code", Text(f"{taken} is there already", f"{taken} 已存在"))
        known.append(partner)
        with _naming(file, number, "roots"):
            roots |= {one.raw: one for one in load_certificates(_pem(file, card.roots))}
        if card.tls_roots:
            with _naming(file, number, "tls_roots"):
                pem = _pem(file, card.tls_roots).decode("ascii")
                tls_with(pem)
                if tls_roots.setdefault(card.where, pem) != pem:
                    raise ValueError(
                        Text("another partner at this place has others", "同一位置的另一交换对象使用了不同的根证书")
                    )
        said = (card.certificates, card.encryption, card.roots, card.tls_roots)
        files |= {_below(file, one): None for one in said if one and not _is_pem(one)}
    return Partners(file, tuple(known), tuple(roots.values()), tuple(tls_roots.items()), tuple(files))


def partner_card(office: LocalOffice, *, where: str) -> str:
    """What others need to exchange with an office, as it stands in their ``partners.toml``; nothing in it is secret.

    Args:
        where: an address such as ``https://zheng.example.cn``, ``folder:/mnt/share``, or ``tls://broker.example.cn``.
    Raises:
        ValueError: it is none of these.
    """
    if problem := misplaced(where):
        raise ValueError(problem)
    secrets = office.secrets
    texts = {"name": secrets.name, "code": secrets.code, "where": where}
    pems = {
        "certificates": secrets.token[1].to_pem(),
        "encryption": secrets.message_key.public_key().to_pem(),
        "roots": secrets.root.certificate.to_pem(),
    }
    # a JSON string without lone surrogates is one of TOML as well
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in texts.items()]
    lines += [f"{name} = '''\n{value.decode('ascii').strip()}\n'''" for name, value in pems.items()]
    return "\n".join([f"[[{_TABLE}]]", *lines, ""])


def _card(file: Path, number: int, row: object) -> _Card:
    try:
        return _Card.model_validate(row)
    except ValidationError as error:
        where, problem = _first(error)
        raise _wrong(file, number, where or _TABLE, problem) from None


def _partner(file: Path, number: int, card: _Card) -> Partner:
    if problem := misplaced(card.where):
        raise _wrong(file, number, "where", problem)
    with _naming(file, number, "code"):
        party = Party.parse(f"{card.code}/{card.system}" if card.system else card.code)
    with _naming(file, number, "certificates"):
        certificates = load_certificates(_pem(file, card.certificates))
    with _naming(file, number, "encryption"):
        encryption = _encryption(_pem(file, card.encryption))
    return Partner(
        party=party,
        encryption=encryption,
        certificates=certificates,
        transport=card.where,
        ordered=card.ordered,
        services=card.services,
        per_minute=card.per_minute,
        blocked=card.blocked,
    )


def _encryption(pem: bytes) -> Certificate | SM2PublicKey:
    return load_public_key(pem) if _PUBLIC in pem else load_certificates(pem)[0]


def _pem(file: Path, said: str) -> bytes:
    """What was said, or what stands in the file of that name."""
    if _is_pem(said):
        pem = said.encode("ascii")
    else:
        with (file.parent / _below(file, said)).open("rb") as opened:
            pem = opened.read(_PEM_BYTES)
    if _PRIVATE in pem:  # cards are handed on, and backups hold them as they are
        raise ValueError(Text("a private key is with it, which is nobody else's", "其中含有私钥，私钥不得交给他人"))
    return pem


def _is_pem(said: str) -> bool:
    return said.lstrip().startswith("-----BEGIN ")


def _below(file: Path, said: str) -> str:
    """The name of a file from the folder of this one on."""
    place = file.parent / said
    name = Path(os.path.relpath(place, file.parent))
    # cards come from others
    if ".." in name.parts or not place.resolve().is_relative_to(file.parent.resolve()):
        raise ValueError(Text(f"it names a file that is not below {file.parent}", f"所指文件不在 {file.parent} 之下"))
    return name.as_posix()


@contextmanager
def _naming(file: Path, number: int, setting: str) -> Iterator[None]:
    """Whatever cannot be used inside is told as that setting of that partner."""
    try:
        yield
    except EgovError as error:
        raise _wrong(file, number, setting, text_of(error), hint=error.hint_text or error.hint) from error
    except OSError as error:
        raise _wrong(
            file, number, setting, f"{error.filename or ''}: {error.strerror or type(error).__name__}"
        ) from error
    except ValidationError as error:
        raise _wrong(file, number, setting, _first(error)[1]) from None
    except ValueError as error:
        told = error.args[0] if error.args and isinstance(error.args[0], Text) else str(error)
        raise _wrong(file, number, setting, told) from error


def _first(error: ValidationError) -> tuple[str, str | Text]:
    """Where the first thing is that is wrong, and what."""
    first = first_misfit(error)
    if first.kind != "extra_forbidden":
        return first.place, first.text
    there = ", ".join(_Card.model_fields)
    return first.place, Text(f"there is none of this name; there are {there}", f"没有此设置项；可用：{there}")


def _wrong(file: Path, number: int, setting: str, problem: str | Text, *, hint: str | Text = "") -> ConfigError:
    source = Text(f"[[{_TABLE}]] {number} of {file}", f"{file} 第 {number} 个 [[{_TABLE}]]")
    return bad_setting(setting, problem, source=source, code="egov.platform.partners", hint=hint)
