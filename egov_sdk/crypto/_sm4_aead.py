"""SM4-GCM and SM4-CCM in the shape of cryptography's AEAD classes."""

from __future__ import annotations

import hmac
from typing import NoReturn

from cryptography import exceptions as _pyca

from egov_sdk.crypto._sm4_modes import check_key, native_kernel, sm4_cbc_encrypt, sm4_ctr, sm4_ecb_encrypt, xor
from egov_sdk.errors import VerificationError


class InvalidTag(VerificationError, _pyca.InvalidTag):
    """The ciphertext, its nonce or what goes with it was changed, or the key is another."""

    code = "egov.crypto.invalid_tag"


#: the nonce lengths that cryptography takes itself; GCM knows no bounds
_DIRECT = range(8, 129)


def _refuse() -> NoReturn:
    raise InvalidTag("the ciphertext does not authenticate")


def _judged(plain: bytes | None) -> bytes:
    if plain is None:
        _refuse()
    return plain


class SM4GCM:
    """SM4 in Galois/Counter Mode. A nonce must never be used twice with one key.

    Source:
        NIST SP 800-38D; RFC 8998.
    """

    __slots__ = ("_key", "_tag_length")

    def __init__(self, key: bytes, tag_length: int = 16) -> None:
        """Take a key of 16 bytes; the tag has 12 to 16 bytes, and no other length is accepted.

        Raises:
            ValueError: another length.
        """
        if not 12 <= tag_length <= 16:
            raise ValueError(f"a GCM tag has 12 to 16 bytes, got {tag_length}")
        self._key, self._tag_length = check_key(key), tag_length

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The ciphertext with the tag behind it. The nonce has 12 bytes, or any other number but none.

        Raises:
            ValueError: the nonce is empty, or the data is longer than 2^36 - 32 bytes.
        """
        if len(data) > (1 << 36) - 32:
            raise ValueError("GCM encrypts at most 2^36 - 32 bytes")
        if (kernel := native_kernel()) is not None and nonce:
            key = kernel.sm4_key(self._key)
            return bytes(kernel.sm4_gcm_encrypt(key, nonce, data, associated_data or b"", self._tag_length))
        ciphertext, tag = self._seal(nonce, data, associated_data or b"")
        return ciphertext + tag[: self._tag_length]

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plaintext, once the tag has proved right.

        Raises:
            InvalidTag: it is not right, or the data is shorter than a tag.
            ValueError: the nonce is empty.
        """
        size = len(data) - self._tag_length
        if size < 0:
            _refuse()
        if (kernel := native_kernel()) is not None and nonce:
            key = kernel.sm4_key(self._key)
            return _judged(kernel.sm4_gcm_decrypt(key, nonce, data, associated_data or b"", self._tag_length))
        ciphertext, stated = bytes(data[:size]), bytes(data[size:])
        if len(nonce) in _DIRECT:
            return self._open_directly(nonce, ciphertext, stated, associated_data or b"")
        first = self._first_counter(nonce)
        tag = self._tag(first, ciphertext, associated_data or b"")
        if not hmac.compare_digest(tag[: self._tag_length], stated):
            _refuse()
        return self._stream(first, ciphertext)

    def _seal(self, nonce: bytes, data: bytes, associated_data: bytes) -> tuple[bytes, bytes]:
        if len(nonce) not in _DIRECT:
            first = self._first_counter(nonce)
            ciphertext = self._stream(first, data)
            return ciphertext, self._tag(first, ciphertext, associated_data)
        from cryptography.hazmat.primitives.ciphers import Cipher, modes
        from cryptography.hazmat.primitives.ciphers.algorithms import SM4

        context = Cipher(SM4(self._key), modes.GCM(bytes(nonce))).encryptor()
        context.authenticate_additional_data(associated_data)
        return context.update(data) + context.finalize(), context.tag

    def _open_directly(self, nonce: bytes, ciphertext: bytes, tag: bytes, associated_data: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher, modes
        from cryptography.hazmat.primitives.ciphers.algorithms import SM4

        mode = modes.GCM(bytes(nonce), tag, min_tag_length=self._tag_length)
        context = Cipher(SM4(self._key), mode).decryptor()
        context.authenticate_additional_data(associated_data)
        plain = context.update(ciphertext)
        try:
            return plain + context.finalize()
        except _pyca.InvalidTag:
            _refuse()

    def _first_counter(self, nonce: bytes) -> bytes:
        if not nonce:
            raise ValueError("the nonce is empty")
        if len(nonce) == 12:
            return bytes(nonce) + b"\0\0\0\1"
        # SP 800-38D, 7.1 step 2: the hash of the nonce in the place of a ciphertext
        return self._ghash(bytes(nonce), b"")

    def _stream(self, first: bytes, data: bytes) -> bytes:
        """CTR from the block after ``first``; only the last 32 bits count."""
        counter = (int.from_bytes(first[12:], "big") + 1) & 0xFFFFFFFF
        until_wrap = ((1 << 32) - counter) * 16
        head = sm4_ctr(self._key, first[:12] + counter.to_bytes(4, "big"), data[:until_wrap])
        if len(data) <= until_wrap:
            return head
        return head + sm4_ctr(self._key, first[:12] + bytes(4), data[until_wrap:])

    def _tag(self, first: bytes, ciphertext: bytes, associated_data: bytes) -> bytes:
        return xor(self._ghash(ciphertext, associated_data), sm4_ecb_encrypt(self._key, first))

    def _ghash(self, ciphertext: bytes, associated_data: bytes) -> bytes:
        """GHASH with its padding and lengths, by way of cryptography's GCM.

        cryptography offers no GHASH, and no GCM for every nonce. But under the zero nonce we know the key
        stream, so we can choose what it encrypts such that ``ciphertext`` comes out, and take its own mask
        off the tag. Nothing of that inner encryption leaves this function.
        """
        from cryptography.hazmat.primitives.ciphers import Cipher, modes
        from cryptography.hazmat.primitives.ciphers.algorithms import SM4

        start = bytes(15) + b"\1"
        context = Cipher(SM4(self._key), modes.GCM(bytes(12))).encryptor()
        context.authenticate_additional_data(associated_data)
        context.update(self._stream(start, ciphertext))
        context.finalize()
        return xor(context.tag, sm4_ecb_encrypt(self._key, start))


class SM4CCM:
    """SM4 in Counter with CBC-MAC mode. A nonce must never be used twice with one key.

    Source:
        NIST SP 800-38C; RFC 8998.
    """

    __slots__ = ("_key", "_tag_length")

    def __init__(self, key: bytes, tag_length: int = 16) -> None:
        """Take a key of 16 bytes; the tag has 4, 6, … 16 bytes, and no other length is accepted.

        Raises:
            ValueError: another length.
        """
        if tag_length not in (4, 6, 8, 10, 12, 14, 16):
            raise ValueError(f"a CCM tag has 4, 6, … 16 bytes, got {tag_length}")
        self._key, self._tag_length = check_key(key), tag_length

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The ciphertext with the tag behind it. The nonce has 7 to 13 bytes; the longer, the shorter the data.

        Raises:
            ValueError: another nonce, or the data is too long for it.
        """
        self._check(nonce, len(data))
        if (kernel := native_kernel(chained=True)) is not None:
            key = kernel.sm4_key(self._key)
            return bytes(kernel.sm4_ccm_encrypt(key, nonce, data, associated_data or b"", self._tag_length))
        mac = self._mac(nonce, bytes(data), associated_data or b"")
        masked = self._stream(nonce, mac, data)
        return masked[16:] + masked[: self._tag_length]

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plaintext, once the tag has proved right.

        Raises:
            InvalidTag: it is not right, or the data is shorter than a tag.
            ValueError: the nonce is not 7 to 13 bytes.
        """
        size = len(data) - self._tag_length
        self._check(nonce, max(size, 0))
        if size < 0:
            _refuse()
        if (kernel := native_kernel(chained=True)) is not None:
            key = kernel.sm4_key(self._key)
            return _judged(kernel.sm4_ccm_decrypt(key, nonce, data, associated_data or b"", self._tag_length))
        plain = self._stream(nonce, bytes(16), data[:size])
        mask, plain = plain[:16], plain[16:]
        tag = xor(self._mac(nonce, plain, associated_data or b""), mask)
        if not hmac.compare_digest(tag[: self._tag_length], data[size:]):
            _refuse()
        return plain

    def _check(self, nonce: bytes, size: int) -> None:
        if not 7 <= len(nonce) <= 13:
            raise ValueError(f"a CCM nonce has 7 to 13 bytes, got {len(nonce)}")
        if size >> 8 * (15 - len(nonce)):
            raise ValueError(f"{size} bytes are too long for a CCM nonce of {len(nonce)} bytes")

    def _stream(self, nonce: bytes, block: bytes, data: bytes) -> bytes:
        # SP 800-38C, A.3: counter block 0 masks the tag, the data begins with 1
        width = 15 - len(nonce)
        return sm4_ctr(self._key, bytes((width - 1,)) + bytes(nonce) + bytes(width), block + bytes(data))

    def _mac(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        # SP 800-38C, A.2.1
        width = 15 - len(nonce)
        flags = 0x40 * bool(associated_data) + 8 * ((self._tag_length - 2) // 2) + width - 1
        first = bytes((flags,)) + bytes(nonce) + len(data).to_bytes(width, "big")
        blocks = first + _padded(_length_octets(associated_data) + bytes(associated_data)) + _padded(data)
        return sm4_cbc_encrypt(self._key, bytes(16), blocks, padding=False)[-16:]


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 16)


def _length_octets(data: bytes) -> bytes:
    # SP 800-38C, A.2.2
    size = len(data)
    if not size:
        return b""
    if size < 0xFF00:
        return size.to_bytes(2, "big")
    return b"\xff\xfe" + size.to_bytes(4, "big") if size < 1 << 32 else b"\xff\xff" + size.to_bytes(8, "big")
