"""A small world made from seeds: a root, a seal maker, a bureau with its seal, a stranger, and a document."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from PIL import Image

from egov_sdk.crypto import SM2PrivateKey, sm3
from egov_sdk.crypto.signer import sign_message
from egov_sdk.ofd.builder import OfdBuilder
from egov_sdk.pki import Certificate, LocalCA, TrustStore
from egov_sdk.pki.timestamp import LocalTSA
from egov_sdk.report import Outcome, Report
from egov_sdk.seal import ElectronicSeal, Placement, Policy, SealPicture, SealVersion, make_seal, stamp, verify
from egov_sdk.seal._gbt38540 import encode_to_sign, encode_value

__all__ = ["NOW", "Office", "World", "assert_verifies", "entries_of", "seeded", "world", "zipped"]

NOW = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
_MADE = NOW - timedelta(days=100)

Entries = dict[str, bytes]


def seeded(seed: str) -> Callable[[int], bytes]:
    """A random source that gives the same bytes every time: for tests only."""
    counter = 0

    def draw(count: int) -> bytes:
        nonlocal counter
        out = b""
        while len(out) < count:
            out += sm3(f"{seed} {counter}".encode())
            counter += 1
        return out[:count]

    return draw


def _picture() -> bytes:
    image = Image.new("RGBA", (42, 42), (0, 0, 0, 0))
    image.paste((220, 20, 20, 255), (8, 8, 34, 34))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@dataclass(frozen=True)
class Office:
    """Somebody with a CA, a seal maker, a signer and a seal; the stranger has one of each too."""

    ca: LocalCA
    maker: SM2PrivateKey
    maker_certificate: Certificate
    signer: SM2PrivateKey
    certificate: Certificate
    seal: ElectronicSeal

    @classmethod
    def of(cls, name: str, *, version: SealVersion = SealVersion.V4, by_digest: bool = False) -> Office:
        ca = LocalCA.create_root(f"{name} Root", at=_MADE, days=3650, random=seeded(f"{name} root"))
        maker = SM2PrivateKey.generate(random=seeded(f"{name} maker"))
        signer = SM2PrivateKey.generate(random=seeded(f"{name} signer"))
        maker_certificate = ca.issue("seal_maker", f"{name} Maker", maker.public_key(), at=_MADE, days=2000)
        certificate = ca.issue("signer", f"{name} Bureau", signer.public_key(), at=_MADE, days=1000)
        seal = make_seal(
            name=f"{name}测试专用章",
            seal_id="37030000001721",
            picture=SealPicture(_picture(), "PNG", 42, 42),
            holders=[certificate],
            maker=maker,
            maker_certificate=maker_certificate,
            created_at=_MADE,
            valid_from=_MADE,
            valid_to=_MADE + timedelta(days=900),
            version=version,
            holders_by_digest=by_digest,
        )
        return cls(ca, maker, maker_certificate, signer, certificate, seal)


@dataclass(frozen=True)
class World:
    """Two offices that know nothing of each other, and an unsigned document of two pages."""

    office: Office
    stranger: Office
    document: bytes

    @property
    def trust(self) -> TrustStore:
        return TrustStore([self.office.ca.certificate])

    def policy(self, *, at: datetime = NOW + timedelta(hours=1)) -> Policy:
        return Policy.standard(trust=self.trust, at=at)

    def stamped(self, document: bytes | None = None, *, by: Office | None = None, close: bool = False) -> bytes:
        office = by or self.office
        return stamp(
            self.document if document is None else document,
            seal=office.seal,
            signer=office.signer,
            at=[Placement(page=1, x_mm=140, y_mm=230)],
            signed_at=NOW,
            close=close,
            certificate=office.certificate,
        )

    def tsa(self) -> LocalTSA:
        key = SM2PrivateKey.generate(random=seeded("tsa"))
        certificate = self.office.ca.issue("tsa", "Test TSA", key.public_key(), at=_MADE, days=2000)
        return LocalTSA(key, certificate, random=seeded("tsa serial"))

    def resealed(
        self,
        entries: Mapping[str, bytes],
        *,
        description: bytes | None = None,
        seal: bytes | None = None,
        signer: SM2PrivateKey | None = None,
        certificate: Certificate | None = None,
        signed_at: datetime = NOW,
        edit_value: Callable[[bytes], bytes] = lambda value: value,
        folder: str = "Doc_0/Signs/Sign_0",
    ) -> bytes:
        """The package signed anew with what an attacker holds: every part can be another than the office's."""
        found = dict(entries)
        if description is not None:
            found[f"{folder}/Signature.xml"] = description
        raw = seal if seal is not None else self.office.seal.raw
        to_sign = encode_to_sign(
            version=SealVersion.V4,
            seal=raw,
            signed_at=signed_at,
            data_hash=sm3(found[f"{folder}/Signature.xml"]),
            property_info=f"/{folder}/Signature.xml",
        )
        value = encode_value(
            to_sign,
            signer_certificate=(certificate or self.office.certificate).raw,
            signature=sign_message(signer or self.office.signer, to_sign),
        )
        found[f"{folder}/SignedValue.dat"] = edit_value(value)
        return zipped(found)


def _document() -> bytes:
    builder = OfdBuilder(title="测试证照", creator="tests", created=NOW, doc_id="0123456789abcdef" * 2)
    builder.template("frame").rect(10, 10, 190, 277, stroke="#c00000", line_width_mm=0.6)
    for number in (1, 2):
        builder.page(templates=["frame"])
        builder.text(30, 40, f"第 {number} 页：某某局颁发给张三的证照", size_mm=6)
    builder.image(150, 20, 20, 20, _picture())
    builder.custom_data("证照编号", "1.2.156.3005.2-0001")
    builder.attachment("data.txt", b"attached")
    return builder.build()


@lru_cache(maxsize=1)
def world() -> World:
    """The one world of a test run."""
    return World(Office.of("Province"), Office.of("Stranger"), _document())


def entries_of(data: bytes) -> Entries:
    """Name and content of every entry, in order."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(entries: Mapping[str, bytes]) -> bytes:
    """A plain package of these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def redigested(description: bytes, entries: Mapping[str, bytes]) -> bytes:
    """Signature.xml with every digest computed anew: what an attacker with a key of their own would write."""

    def again(match: re.Match[bytes]) -> bytes:
        name = match[2].decode()
        value = base64.b64encode(sm3(entries[name])) if name in entries else match[4]
        return match[1] + match[2] + match[3] + value + match[5]

    pattern = rb'(FileRef="/)([^"]+)("[^>]*>\s*<[^>]*CheckValue>)([^<]+)(<)'
    return re.sub(pattern, again, description)


def assert_verifies(data: bytes, policy: Policy) -> Report:
    """The one way in which tests say that a document is good: all four answers passed."""
    report = verify(data, policy=policy)
    assert {name: outcome.value for name, outcome in report.answers.items()} == dict.fromkeys(
        ("integrity", "binding", "trust", "coverage"), "passed"
    ), [f"{check.id} {check.outcome.value}: {check.message.en}" for check in report.blocking]
    assert report.outcome is Outcome.PASSED
    return report
