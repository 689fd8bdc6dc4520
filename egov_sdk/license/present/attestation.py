"""Presentations with a key of the holder's own (持证人持有的亮证码): attested once, then shown item by item, offline.

1. The holder's device makes a key and proves that it has it (``prove_holder_key``).
2. The issuer attests that key together with one commitment to every item (``attest``), and hands the credential over.
3. For each verifier the device signs a short-lived presentation with the items chosen (``HolderCredential.present``).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from egov_sdk.crypto import Signer, SM2PublicKey
from egov_sdk.crypto.keys import Random
from egov_sdk.license.present import _cbor, _tree
from egov_sdk.license.present._places import unreadable
from egov_sdk.license.present._shapes import array, key_id, octets, seconds, sign, signing_input, text
from egov_sdk.license.present._wire import (
    BY_HOLDER,
    FOR_ATTESTATION,
    FOR_HOLDER_KEY,
    FOR_PRESENTATION,
    MOST_CHARS,
    MOST_VALUE,
    NONCE_BYTES,
    no_key,
    read_attested,
    written,
)
from egov_sdk.license.present.fields import unpacked_item
from egov_sdk.license.present.model import AttestedLicense, SignedPresentation, StatusEntry
from egov_sdk.license.present.token import (
    DEFAULT_LIFE,
    checked_audience,
    checked_index,
    checked_nonce,
    checked_times,
    checked_type,
    packed_items,
)
from egov_sdk.report import Text

__all__ = ["HolderCredential", "attest", "prove_holder_key", "verify_holder_key"]

_SEED_BYTES: Final = 32
_VERSION: Final = 1
_WHAT: Final = "credential"


def prove_holder_key(signer: Signer, *, challenge: bytes) -> bytes:
    """Prove to an issuer that one has a key: a signature over the challenge that the issuer sent, 64 bytes.

    Raises:
        ValueError: the challenge has not 8 to 32 bytes.
    """
    return sign(signer, FOR_HOLDER_KEY, _challenge(challenge))


def verify_holder_key(key: SM2PublicKey, proof: bytes, *, challenge: bytes) -> None:
    """Return if the proof is good, raise if not.

    Raises:
        InvalidSignature: it is not.
        ValueError: the challenge has not 8 to 32 bytes.
    """
    key.verify(proof, signing_input(FOR_HOLDER_KEY, _challenge(challenge)), form="raw")


def _challenge(challenge: bytes) -> bytes:
    if len(challenge) not in NONCE_BYTES:
        raise ValueError(f"a challenge has {NONCE_BYTES[0]} to {NONCE_BYTES[-1]} bytes, got {len(challenge)}")
    return challenge


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderCredential:
    """What a holder's device keeps of one licence (证照凭据): the attestation, the items, and the seed of their salts.

    It is as private as the licence itself. Without the key it shows nothing that a verifier accepts.
    """

    attested: AttestedLicense
    items: tuple[tuple[_cbor.Key, str], ...] = field(repr=False)
    seed: bytes = field(repr=False)

    @property
    def fields(self) -> dict[str, str]:
        """The items by their names."""
        code = self.attested.type_code
        return dict(item for key, value in self.items if (item := unpacked_item(key, value, type_code=code)))

    def to_bytes(self) -> bytes:
        """The credential for the way to the device, and for its memory."""
        items = tuple((key, value) for key, value in self.items)
        return _cbor.encode((_VERSION, self.attested.body, self.attested.signature, self.seed, items))

    @classmethod
    def from_bytes(cls, data: bytes, *, issuer_key: SM2PublicKey | None = None) -> Self:
        """Read a credential; the items are checked against the commitment.

        Args:
            issuer_key: given, the issuer's signature is verified as well.
        Raises:
            ParseError: it is none, or the items are not those that were attested.
            InvalidSignature: the issuer did not sign it.
        """
        version, body, signature, seed, items = array(_cbor.decode(data, what=_WHAT), 5, what=_WHAT)
        if version != _VERSION:
            expected = Text(f"version {_VERSION}", f"版本 {_VERSION}")
            raise unreadable("presentation_value", where=_WHAT, found=version, expected=expected)
        attested = read_attested(
            octets(body, 1, MOST_CHARS, what=_WHAT), octets(signature, 64, 64, what=f"{_WHAT}, signature")
        )
        found = cls(
            attested=attested,
            items=tuple(_item(each) for each in array(items, attested.count, what=f"{_WHAT}, items")),
            seed=octets(seed, _SEED_BYTES, _SEED_BYTES, what=f"{_WHAT}, seed"),
        )
        if _tree.root_of(found._leaves()) != attested.root or len(found.fields) != attested.count:
            raise unreadable("credential_items", where=_WHAT)
        if issuer_key is not None:
            issuer_key.verify(attested.signature, signing_input(FOR_ATTESTATION, attested.body), form="raw")
        return found

    def _leaves(self) -> list[bytes]:
        return [_tree.leaf_of(_tree.salt_of(self.seed, at), *item) for at, item in enumerate(self.items)]

    def present(
        self,
        *,
        show: Iterable[str],
        signer: Signer,
        at: datetime,
        lifetime: timedelta = DEFAULT_LIFE,
        audience: str = "",
        nonce: bytes | None = None,
        random: Random = os.urandom,
    ) -> SignedPresentation:
        """Show chosen items to one verifier, signed with the holder's key (出示).

        Args:
            show: names of items; none shows "in force and of this type" only.
            signer: the key that was attested.
            lifetime: a second to a day; it does not go beyond what was attested.
            audience: the only verifier who may accept it; empty for anyone.
            nonce: the verifier's challenge, 8 to 32 bytes; None draws one.
        Raises:
            LicenseRejected: qr_too_large: no QR code holds it all.
            ValueError: another key, an item that the licence does not have, or one of these is not so.
        """
        if signer.public_key() != self.attested.holder_key:
            raise ValueError("this is not the key that was attested")
        places = self._places(show)
        leaves = self._leaves() if places else []
        times = checked_times(at, lifetime, self.attested.valid_until)
        body = _cbor.encode(
            (
                *times,
                checked_nonce(nonce, random),
                checked_audience(audience),
                {place: (_tree.salt_of(self.seed, place), *self.items[place]) for place in places},
                b"".join(_tree.proof_for(leaves, places)) if places else b"",
            )
        )
        signature = sign(signer, FOR_PRESENTATION, self.attested.body, self.attested.signature, body)
        shown = written((BY_HOLDER, self.attested.body, self.attested.signature, body, signature))
        return SignedPresentation(shown, datetime.fromtimestamp(sum(times), UTC))

    def _places(self, show: Iterable[str]) -> frozenset[int]:
        if isinstance(show, str):
            raise TypeError("show is several names, not one text")
        names = {name: place for place, name in enumerate(self.fields)}
        wanted = frozenset(show)
        if unknown := wanted - names.keys():
            raise ValueError(f"the licence has no {', '.join(sorted(unknown))}; it has {', '.join(names)}")
        return frozenset(names[name] for name in wanted)


def _item(value: _cbor.Value) -> tuple[_cbor.Key, str]:
    key, item = array(value, 2, what=f"{_WHAT}, item")
    if not isinstance(key, (int, str)):
        raise no_key(f"{_WHAT}, item")
    return key, text(item, MOST_VALUE, what=f"{_WHAT}, item")


def attest(
    type_code: str,
    fields: Mapping[str, str],
    *,
    holder_key: SM2PublicKey,
    status: StatusEntry,
    signer: Signer,
    valid_from: datetime,
    valid_until: datetime,
    random: Random = os.urandom,
) -> HolderCredential:
    """Attest a licence for a holder's key (签发证照凭据): the holder then shows it without asking the issuer.

    Attest the same licence several times, each for a key of its own and with a place of its own in the status list, if
    presentations to different verifiers shall not be linked.

    Args:
        fields: every item that the holder may ever show, as ``items_of`` names them.
        holder_key: whose holder proved to have it.
        status: where the status list speaks of it.
        signer: the issuer's key, whose certificate verifiers trust for this type.
        valid_until: no later than the end of the licence's term; the shorter, the sooner a key that was lost is of no
            use.
    Raises:
        LicenseRejected: items_too_many, item_too_long.
        ValueError: one of these is not so.
    """
    begin, end = seconds(valid_from, "valid_from"), seconds(valid_until, "valid_until")
    if end <= begin:
        raise ValueError("valid_until must lie after valid_from")
    items = tuple(packed_items(fields, type_code).items())
    if not items:
        raise ValueError("there must be at least one item")
    seed = random(_SEED_BYTES)
    leaves = [_tree.leaf_of(_tree.salt_of(seed, at), *item) for at, item in enumerate(items)]
    body = _cbor.encode(
        (
            key_id(signer.public_key()),
            checked_type(type_code),
            checked_index(status.list_id, "list_id"),
            checked_index(status.index, "index"),
            begin,
            end,
            _compressed(holder_key),
            len(items),
            _tree.root_of(leaves),
        )
    )
    attested = read_attested(body, sign(signer, FOR_ATTESTATION, body))
    return HolderCredential(attested=attested, items=items, seed=seed)


def _compressed(key: SM2PublicKey) -> bytes:
    """A public key in 33 bytes (GB/T 32918.1-2016, 4.2.9)."""
    return bytes((2 + (key.point[-1] & 1),)) + key.point[:32]
