"""What all parts of a node share: its database, identity, partners, clock, and the rules of trust."""

from __future__ import annotations

import hmac
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, Protocol, TypeVar

from egov_sdk.crypto import sm3
from egov_sdk.crypto.sm4 import SM4GCM
from egov_sdk.errors import EgovError, InputError
from egov_sdk.exchange.envelope.json_form import read_kept, read_signed
from egov_sdk.exchange.envelope.limits import EnvelopeLimits
from egov_sdk.exchange.envelope.model import Party, Receipt, message_digest
from egov_sdk.exchange.envelope.policy import ExchangePolicy
from egov_sdk.exchange.envelope.receipt import SignedReceipt, sign_receipt
from egov_sdk.exchange.envelope.signed import KeptMessage, SignedMessage
from egov_sdk.exchange.node.journal import Journal
from egov_sdk.exchange.node.problems import refuse
from egov_sdk.exchange.node.settings import Clock, NodeIdentity, NodeSettings, Partner, Random
from egov_sdk.pki import TrustStore
from egov_sdk.report import Text
from egov_sdk.storage import StorageError, Store
from egov_sdk.storage.problems import broken
from egov_sdk.storage.sql import RowMapping
from egov_sdk.times import aware

__all__ = ["Desk"]

_Message = TypeVar("_Message", SignedMessage, KeptMessage)
_Read = TypeVar("_Read", covariant=True)
_PLAIN, _PACKED = b"\0", b"\1"
_NONCE: Final = 12


class _Reader(Protocol[_Read]):
    def __call__(self, data: bytes, /, *, limits: EnvelopeLimits) -> _Read: ...


class Desk:
    """The one context of a node's parts."""

    def __init__(
        self,
        store: Store,
        *,
        identity: NodeIdentity,
        partners: Iterable[Partner],
        trust: TrustStore,
        clock: Clock,
        settings: NodeSettings,
        revocations: Callable[[], tuple[bytes, ...]],
        random: Random,
    ) -> None:
        self.store, self.identity, self.trust, self.settings = store, identity, trust, settings
        self.clock, self.random, self.revocations = clock, random, revocations
        self.journal = Journal(identity.party.id, settings.audit)
        self.counts: Counter[tuple[str, str]] = Counter()
        self._counting = threading.Lock()
        self._policy: tuple[tuple[bytes, ...], ExchangePolicy] | None = None
        self._gcm = SM4GCM(settings.at_rest) if settings.at_rest is not None else None
        self.partners: Mapping[str, Partner] = {}
        self.meet(partners)

    def meet(self, partners: Iterable[Partner]) -> None:
        """Exchange with these from now on, and with no others."""
        met: dict[str, Partner] = {}
        for one in partners:
            if met.setdefault(one.party.id, one) is not one:
                raise ValueError(f"the partner {one.party.id} is given twice")
        self.partners, self._policy = met, None

    def now(self) -> datetime:
        """The time, which the clock must give with its zone."""
        return aware(self.clock())

    def known(self, peer: str) -> Partner | None:
        """The partner under the id of a party, or of the organisation that it is a system of."""
        return self.partners.get(peer) or self.partners.get(peer.partition("/")[0])

    def partner(self, party: Party) -> Partner:
        """The partner that a party is, or is a system of.

        Raises:
            NodeRejected: partner_unknown, partner_blocked.
        """
        found = self.known(party.id)
        if found is None:
            raise refuse("node.partner_unknown", found=party.id)
        if found.blocked:
            raise refuse("node.partner_blocked", found=party.id)
        return found

    def policy(self) -> ExchangePolicy:
        """What is demanded of messages and receipts, with the revocations of today."""
        lists, known = self.revocations(), self._policy
        if known is None or known[0] != lists:
            parties = {key: one.certificates for key, one in self.partners.items()}
            made = ExchangePolicy(trust=self.trust, parties=parties, receiver=self.identity.party, crls=lists)
            self._policy = known = (lists, made)
        return known[1]

    def signed(self, receipt: Receipt) -> SignedReceipt:
        """A receipt under the signature of this department."""
        own = self.identity
        return sign_receipt(
            receipt,
            signer=own.signer,
            certificate=own.certificate,
            certificates=own.certificates,
            random=self.random,
        )

    def token(self) -> str:
        """What a lease is known by."""
        return self.random(16).hex()

    def count(self, what: str, code: str = "", *, by: int = 1) -> None:
        """For the metrics of this process."""
        with self._counting:
            self.counts[what, code] += by

    def pack(self, content: bytes, *, about: bytes) -> bytes:
        """A content as it lies in the database; ``about`` binds it to its message."""
        if self._gcm is None:
            return _PLAIN + content
        nonce = self.random(_NONCE)
        return _PACKED + nonce + self._gcm.encrypt(nonce, content, about)

    def unpack(self, packed: bytes, *, about: bytes) -> bytes:
        """What was packed.

        Raises:
            StorageError: damaged, or under another key.
        """
        if packed[:1] == _PLAIN:
            return packed[1:]
        try:
            if self._gcm is None:
                raise ValueError
            return self._gcm.decrypt(packed[1 : 1 + _NONCE], packed[1 + _NONCE :], about)
        except (EgovError, ValueError):
            raise broken(
                "damaged", where=self.store.place, found=Text("a content under another key", "有内容使用了另一密钥")
            ) from None

    def message(self, row: RowMapping, packed: bytes) -> SignedMessage:
        """A message as it was signed, from what was packed of it.

        Raises:
            NodeRejected: content_damaged.
        """
        found = self._read(row, packed, read_signed)
        digest = message_digest(found.read.headers, found.envelope_unverified.content_digest)
        return self._same(row, found, digest)

    def kept(self, row: RowMapping, packed: bytes) -> KeptMessage:
        """As ``message``, to be sent: what it says is not read anew."""
        found = self._read(row, packed, read_kept)
        return self._same(row, found, found.digest)

    def _read(self, row: RowMapping, packed: bytes, read: _Reader[_Message]) -> _Message:
        try:
            return read(self.unpack(packed, about=row["digest"]), limits=self.settings.limits)
        except (InputError, StorageError):
            raise refuse("node.content_damaged", found=row["number"]) from None

    def _same(self, row: RowMapping, found: _Message, digest: bytes) -> _Message:
        same = hmac.compare_digest(digest, row["digest"])
        if not same & hmac.compare_digest(sm3(found.signature.value), row["signed"]):
            raise refuse("node.content_damaged", found=row["number"])
        return found
