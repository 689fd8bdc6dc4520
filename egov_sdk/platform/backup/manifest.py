"""The list of a backup: what is in it, with SM3 digests, which tables in which version, and where each log ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from egov_sdk.crypto import SM3, InvalidSignature, sign_message
from egov_sdk.door.secrets import OfficeSecrets
from egov_sdk.frozen import Frozen
from egov_sdk.platform.problems import refuse
from egov_sdk.report import Text
from egov_sdk.storage import AuditHead

__all__ = [
    "DATABASE",
    "KEYS",
    "LIST",
    "PARTNERS",
    "SIGNATURE",
    "Kind",
    "LoggedTo",
    "Manifest",
    "Part",
    "digest_of",
    "read_signed",
]

#: The members of the file.
LIST, SIGNATURE, DATABASE, KEYS = "manifest.json", "manifest.sig", "database", "office.json"
#: Before the names of the file of partners and of those that it names, from its folder on.
PARTNERS = "partners/"
#: How the database is written: as a file of SQLite, or as ``pg_dump --format=custom`` does.
Kind = Literal["sqlite", "postgresql"]

#: Since the second one partners go along.
_FORM: Final = 2
_PIECE: Final = 1 << 20
_DIGEST: Final = "^[0-9a-f]{64}$"
#: A name in the folder, which leads nowhere else.
_FILE: Final = r"^(\w[^/\\\x00]{0,126})?$"
_SIGNER_ID: Final = b"egov_sdk backup 1"


class Part(Frozen):
    """One member: its octets, and their SM3 in hexadecimal."""

    length: int = Field(ge=0)
    sm3: str = Field(pattern=_DIGEST)


class LoggedTo(Frozen):
    """Where a chain of the audit log ended."""

    chain: str
    number: int = Field(ge=0)
    digest: str = Field(pattern=_DIGEST)

    @classmethod
    def of(cls, head: AuditHead) -> Self:
        """From the head of a chain."""
        return cls(chain=head.chain, number=head.number, digest=head.digest.hex())

    def head(self) -> AuditHead:
        """As the log has it."""
        return AuditHead(self.chain, self.number, bytes.fromhex(self.digest))


class Manifest(Frozen):
    """The list of a backup.

    Attributes:
        file: What a SQLite database is called in its folder; empty for PostgreSQL.
        versions: Those of the tables, by their prefixes.
    """

    form: int = _FORM
    made_at: AwareDatetime
    made_by: str
    office: str
    kind: Kind
    file: str = Field(pattern=_FILE)
    versions: dict[str, int]
    heads: tuple[LoggedTo, ...]
    parts: dict[str, Part]

    def signed(self, secrets: OfficeSecrets) -> tuple[bytes, bytes]:
        """The list as octets, and the office's signature over them."""
        octets = self.model_dump_json(indent=1).encode()
        return octets, sign_message(secrets.token[0], octets, signer_id=_SIGNER_ID)


def read_signed(octets: bytes, signature: bytes, *, secrets: OfficeSecrets) -> Manifest:
    """The list of a backup that this office made.

    Raises:
        ProvinceRejected: backup_foreign, backup_newer, backup_damaged.
    """
    try:
        secrets.token[0].public_key().verify(signature, octets, signer_id=_SIGNER_ID)
    except InvalidSignature:
        raise refuse("backup_foreign") from None
    try:
        manifest = Manifest.model_validate_json(octets)
    except ValidationError as error:
        form = _form_of(octets)
        if form > _FORM:
            raise refuse(
                "backup_newer",
                found=Text(f"form {form}", f"格式 {form}"),
                expected=Text(f"form {_FORM}", f"格式 {_FORM}"),
            ) from None
        raise refuse(
            "backup_damaged",
            found=Text(f"{LIST}: {error.error_count()} problems", f"{LIST} 有 {error.error_count()} 处问题"),
        ) from None
    if not 1 <= manifest.form <= _FORM:
        raise refuse(
            "backup_newer",
            found=Text(f"form {manifest.form}", f"格式 {manifest.form}"),
            expected=Text(f"form {_FORM}", f"格式 {_FORM}"),
        )
    return manifest


def _form_of(octets: bytes) -> int:
    class Form(BaseModel):
        form: int = 0

    try:
        return Form.model_validate_json(octets).form
    except ValidationError:
        return 0


def digest_of(source: BinaryIO, *, into: BinaryIO | None = None, most: int | None = None) -> Part:
    """What a stream holds, copied on the way where that is asked for.

    Args:
        most: No more octets than that are read, and one more to know that there are more.
    """
    hashed, length = SM3(), 0
    for piece in _pieces(source, most):
        hashed.update(piece)
        length += len(piece)
        if into is not None:
            into.write(piece)
    return Part(length=length, sm3=hashed.hexdigest())


def _pieces(source: BinaryIO, most: int | None) -> Iterable[bytes]:
    left = most + 1 if most is not None else None
    while piece := source.read(_PIECE if left is None else min(_PIECE, left)):
        yield piece
        if left is not None:
            left -= len(piece)


def part_of(path: Path) -> Part:
    """What a file holds."""
    with path.open("rb") as file:
        return digest_of(file)


def stamp(at: datetime) -> tuple[int, int, int, int, int, int]:
    """A time as members of the file carry it."""
    return (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second)
