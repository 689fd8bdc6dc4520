"""SM2 keys: make them, sign, verify, encrypt and decrypt with them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, Literal, NoReturn

from egov_sdk.crypto._backend.interface import (
    Backend,
    Handle,
    SignMessage,
    SignMessages,
    VerifyMessage,
    VerifyMessages,
)
from egov_sdk.crypto._backend.select import current
from egov_sdk.crypto._curve import Z_CONSTANTS, N, decode_point, point_from
from egov_sdk.crypto._numbers import Random, draw, hedged_numbers, usable
from egov_sdk.crypto.hashes import Buffer, sm3
from egov_sdk.crypto.signature import InvalidSignature, der_to_raw, raw_to_der
from egov_sdk.errors import ParseError

if TYPE_CHECKING:
    from egov_sdk.crypto.ciphertext import CiphertextForm

__all__ = ["DEFAULT_SIGNER_ID", "Random", "SM2PrivateKey", "SM2PublicKey", "SignatureForm"]

#: GM/T 0009-2012, 10
DEFAULT_SIGNER_ID: Final = b"1234567812345678"

SignatureForm = Literal["der", "raw"]

_MAX_ID_BYTES = 8191  # its length in bits is counted in two octets
_Z_KEPT = 8
_DRAWS = 128


def _check_digest(e: Buffer) -> bytes:
    if len(e) != 32:
        raise ValueError(f"a digest has 32 bytes, got {len(e)}")
    return bytes(e)


class SM2PublicKey:
    """An SM2 public key: a checked point of the curve."""

    __slots__ = ("_handle", "_opened_by", "_point", "_z")

    def __init__(self) -> None:
        raise TypeError("use SM2PublicKey.from_point or load_public_key")

    @classmethod
    def from_point(cls, point: Buffer) -> SM2PublicKey:
        """The key from its point as octets.

        Args:
            point: x || y (64 bytes), or SEC 1: uncompressed or hybrid (65), compressed (33).
        Raises:
            ParseError: not a point of the curve, a coordinate not below p, or infinity.
        Source:
            GB/T 32918.1-2016, 4.2.10 and 6.2.1.
        """
        return cls._of(point_from(bytes(point)))

    @classmethod
    def _from_sec1(cls, octets: bytes) -> SM2PublicKey:
        """As from_point, without the bare x || y: the form inside key files and certificates."""
        return cls._of(decode_point(octets))

    @classmethod
    def _of(cls, checked: bytes) -> SM2PublicKey:
        key = cls.__new__(cls)
        key._point = checked
        key._z = {}
        key._opened_by = None
        key._handle = None
        return key

    _point: bytes
    _z: dict[bytes, bytes]
    _opened_by: Backend | None
    _handle: Handle

    @property
    def point(self) -> bytes:
        """x || y, 64 bytes."""
        return self._point

    def z(self, signer_id: bytes = DEFAULT_SIGNER_ID) -> bytes:
        """Z, the hash of the signer's identity (可辨别标识) and public key that SM2 signs ahead of the message.

        Args:
            signer_id: 0 to 8191 bytes; empty is not the same as the default.
        Raises:
            ValueError: the identity is too long to count in 16 bits.
        Source:
            GB/T 32918.2-2016, 5.5.
        """
        found = self._z.get(signer_id)
        if found is None:
            if len(signer_id) > _MAX_ID_BYTES:
                raise ValueError(f"signer_id has at most {_MAX_ID_BYTES} bytes, got {len(signer_id)}")
            signer_id = bytes(signer_id)
            bits = len(signer_id) * 8
            found = sm3(bits.to_bytes(2, "big") + signer_id + Z_CONSTANTS + self._point)
            if len(self._z) < _Z_KEPT:
                self._z[signer_id] = found
        return found

    def _open(self) -> tuple[Backend, Handle]:
        backend = current()
        if self._opened_by is not backend:
            self._handle = backend.open_public(self._point)
            self._opened_by = backend
        return backend, self._handle

    def verify(
        self,
        signature: Buffer,
        data: Buffer,
        *,
        signer_id: bytes = DEFAULT_SIGNER_ID,
        form: SignatureForm = "der",
    ) -> None:
        """Return if the signature over ``data`` is good, raise if not.

        Args:
            form: ``der`` as in certificates and seals (GM/T 0009), ``raw`` for r || s in 64 bytes.
        Raises:
            InvalidSignature: it is not, or it is not a signature at all.
            ValueError: signer_id is longer than 8191 bytes, or the form has another name.
        Source:
            GB/T 32918.2-2016, 7.1.
        """
        z = self.z(signer_id)
        backend, handle = self._open()
        fast: VerifyMessage | None = getattr(backend, "verify_message_der", None)
        if fast is None or form != "der":
            self.verify_digest(signature, sm3(z + data), form=form)
        elif not fast(handle, z, data, signature):
            # the same words as on the other path
            _check_ranges(_raw_signature(signature, form))
            _require(False)

    def verify_digest(self, signature: Buffer, e: Buffer, *, form: SignatureForm = "raw") -> None:
        """Return if the signature is good for the digest e = SM3(Z || message), raise if not.

        Args:
            form: as for verify; r || s in 64 bytes by default.
        Raises:
            InvalidSignature: it is not, or it is not a signature at all.
            ValueError: e is not 32 bytes.
        Source:
            GB/T 32918.2-2016, 7.1 B1 to B7.
        """
        e = _check_digest(e)
        raw = _raw_signature(signature, form)
        _check_ranges(raw)
        backend, handle = self._open()
        _require(backend.verify(handle, e, raw))

    def verify_many(
        self,
        signed: Iterable[tuple[Buffer, Buffer]],
        *,
        signer_id: bytes = DEFAULT_SIGNER_ID,
        form: SignatureForm = "der",
    ) -> tuple[bool, ...]:
        """Which of many (signature, data) pairs are good, in their order."""
        backend, handle = self._open()
        fast: VerifyMessages | None = getattr(backend, "verify_messages", None)
        if fast is not None and form == "der":
            pairs = list(signed)
            messages, signatures = [data for _, data in pairs], [signature for signature, _ in pairs]
            return tuple(fast(handle, self.z(signer_id), messages, signatures))
        self.precompute()
        return tuple(self._is_good(signature, data, signer_id, form) for signature, data in signed)

    def _is_good(self, signature: Buffer, data: Buffer, signer_id: bytes, form: SignatureForm) -> bool:
        try:
            self.verify(signature, data, signer_id=signer_id, form=form)
        except InvalidSignature:
            return False
        return True

    def precompute(self) -> None:
        """Prepare for many verifications with this key; they would prepare it themselves before long."""
        backend, handle = self._open()
        backend.precompute(handle)

    def encrypt(self, data: Buffer, *, form: CiphertextForm = "der", random: Random = os.urandom) -> bytes:
        """Encrypt a short message, such as a symmetric key, to the holder of the private key.

        Args:
            data: at least one byte.
            form: ``der`` (SM2Cipher), or a raw order with or without the 04 in front.
        Raises:
            ValueError: data is empty, or the form has another name.
        Source:
            GB/T 32918.4-2016, 6.1; GM/T 0009-2012, 7.2.
        """
        from egov_sdk.crypto.ciphertext import encrypt

        return encrypt(self, bytes(data), form=form, random=random)

    def to_der(self) -> bytes:
        """SubjectPublicKeyInfo: id-ecPublicKey with the curve as its parameter."""
        from egov_sdk.crypto.keyfiles import encode_public_key

        return encode_public_key(self)

    def to_pem(self) -> bytes:
        """SubjectPublicKeyInfo as a PEM block ``PUBLIC KEY``."""
        from egov_sdk.crypto.pem import write_pem

        return write_pem("PUBLIC KEY", self.to_der())

    def __eq__(self, other: object) -> bool:
        return self._point == other._point if isinstance(other, SM2PublicKey) else NotImplemented

    def __hash__(self) -> int:
        return hash((SM2PublicKey, self._point))

    def __repr__(self) -> str:
        return f"<SM2PublicKey {self._point[:8].hex()}…>"

    def __reduce__(self) -> tuple[Callable[[bytes], SM2PublicKey], tuple[bytes]]:
        return SM2PublicKey.from_point, (self._point,)


def _raw_signature(signature: Buffer, form: str) -> bytes:
    if form == "der":
        try:
            return der_to_raw(bytes(signature))
        except ParseError as error:
            raise InvalidSignature(f"not a signature: {error.message}") from None
    if form != "raw":
        raise ValueError(f"form must be 'der' or 'raw', got {form!r}")
    if len(signature) != 64:
        raise InvalidSignature(f"a raw signature has 64 bytes, found {len(signature)}")
    return bytes(signature)


def _check_ranges(raw: bytes) -> None:
    # GB/T 32918.2-2016, 7.1 B1, B2, B5
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    if not (0 < r < N and 0 < s < N):
        raise InvalidSignature("r or s is not in [1, n-1]")
    if r + s == N:
        raise InvalidSignature("r + s is a multiple of n")


def _require(good: bool) -> None:
    if not good:
        raise InvalidSignature("the signature does not belong to this key and these bytes")


class SM2PrivateKey:
    """An SM2 private key in memory. It shows itself to nobody: not in repr, not to pickle."""

    __slots__ = ("_d", "_handle", "_opened_by", "_public")

    _d: bytes
    _handle: Handle
    _opened_by: Backend | None
    _public: SM2PublicKey | None

    def __init__(self) -> None:
        raise TypeError("use SM2PrivateKey.generate, SM2PrivateKey.from_int or load_private_key")

    @classmethod
    def generate(cls, *, random: Random = os.urandom) -> SM2PrivateKey:
        """A new key, drawn evenly from [1, n-2].

        Raises:
            RuntimeError: the random source never gives a number in range.
        Source:
            GB/T 32918.1-2016, 6.1.
        """
        for _ in range(_DRAWS):
            d = int.from_bytes(draw(random, 32), "big")
            if 1 <= d <= N - 2:
                return cls.from_int(d)
        raise RuntimeError("the random source gives no number in [1, n-2]: it is broken")

    @classmethod
    def from_int(cls, d: int) -> SM2PrivateKey:
        """The key of the number d.

        Raises:
            ValueError: d is not in [1, n-2].
        """
        if not 1 <= d <= N - 2:
            raise ValueError("a private key must be in [1, n-2]")
        key = cls.__new__(cls)
        key._d = d.to_bytes(32, "big")
        key._opened_by = None
        key._handle = None
        key._public = None
        return key

    def _open(self) -> tuple[Backend, Handle]:
        backend = current()
        if self._opened_by is not backend:
            self._handle = backend.open_private(self._d)
            self._opened_by = backend
        return backend, self._handle

    def public_key(self) -> SM2PublicKey:
        """The public key [d]G."""
        if self._public is None:
            backend, handle = self._open()
            self._public = SM2PublicKey._of(backend.public_point(handle))
        return self._public

    def sign(self, data: Buffer, *, signer_id: bytes = DEFAULT_SIGNER_ID, random: Random = os.urandom) -> bytes:
        """Sign ``data``; the signature is DER, 8 to 72 bytes.

        Args:
            random: hedged: the nonce also depends on the key and on what is signed.
        Raises:
            ValueError: signer_id is longer than 8191 bytes.
        Source:
            GB/T 32918.2-2016, 6.1; GM/T 0009-2012, 7.3.
        """
        z = self.public_key().z(signer_id)
        backend, handle = self._open()
        fast: SignMessage | None = getattr(backend, "sign_message_der", None)
        if fast is None:
            return raw_to_der(self.sign_digest(sm3(z + data), random=random))
        while (signature := fast(handle, z, data, draw(random, 32))) is None:
            pass  # pragma: no cover - this nonce must not be used: one in 2^32
        return signature

    def sign_digest(self, digest: Buffer, *, random: Random = os.urandom) -> bytes:
        """Sign the digest e = SM3(Z || message); the signature is r || s, 64 bytes.

        Raises:
            ValueError: the digest is not 32 bytes.
        Source:
            GB/T 32918.2-2016, 6.1 A3 to A7.
        """
        e = _check_digest(digest)
        return self._sign_with(e, hedged_numbers(self._d, e, random=random))

    def _sign_with(self, e: bytes, nonces: Iterator[bytes]) -> bytes:
        backend, handle = self._open()
        for k in usable(nonces):
            raw = backend.sign(handle, e, k)
            if raw is not None:
                return raw
        raise RuntimeError("no usable nonce")  # pragma: no cover - hedged_numbers does not end

    def sign_many(
        self, messages: Iterable[Buffer], *, signer_id: bytes = DEFAULT_SIGNER_ID, random: Random = os.urandom
    ) -> list[bytes]:
        """Sign many messages; the DER signatures in their order."""
        backend, handle = self._open()
        fast: SignMessages | None = getattr(backend, "sign_messages", None)
        if fast is None:
            return [self.sign(message, signer_id=signer_id, random=random) for message in messages]
        wanted = list(messages)
        made = fast(handle, self.public_key().z(signer_id), wanted, draw(random, 32 * len(wanted)))
        return [
            signature or self.sign(message, signer_id=signer_id, random=random)
            for signature, message in zip(made, wanted, strict=True)
        ]

    def decrypt(self, ciphertext: Buffer, *, form: CiphertextForm = "der") -> bytes:
        """Decrypt what was encrypted to the public key.

        Raises:
            ParseError: not decryptable with this key; one and the same error for every reason.
            ValueError: the form has another name.
        Source:
            GB/T 32918.4-2016, 7.1.
        """
        from egov_sdk.crypto.ciphertext import decrypt

        return decrypt(self, bytes(ciphertext), form=form)

    def _multiply(self, point: bytes) -> bytes | None:
        """[d]P for a checked point."""
        return current().mul(point, self._d)

    def to_der(self, password: bytes | str | None = None) -> bytes:
        """PKCS#8; with a password encrypted by PBES2 with PBKDF2-HMAC-SM3 and SM4-CBC."""
        from egov_sdk.crypto.keyfiles import encode_private_key

        return encode_private_key(self, password=password)

    def to_pem(self, password: bytes | str | None = None) -> bytes:
        """As to_der, in a PEM block ``PRIVATE KEY`` or ``ENCRYPTED PRIVATE KEY``."""
        from egov_sdk.crypto.pem import write_pem

        label = "PRIVATE KEY" if password is None else "ENCRYPTED PRIVATE KEY"
        return write_pem(label, self.to_der(password))

    def __repr__(self) -> str:
        return "<SM2PrivateKey>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not pickled; write it to a file with to_pem(password)")
