"""SM4 over texts that come in parts: CTR, CBC and GCM."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from cryptography import exceptions as _pyca

from egov_sdk.crypto._sm4_aead import InvalidTag
from egov_sdk.crypto._sm4_modes import (
    check_iv,
    check_key,
    native_kernel,
    sm4_cbc_decrypt,
    sm4_cbc_encrypt,
    sm4_ctr,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import AEADDecryptionContext, AEADEncryptionContext, Cipher, modes

_BLOCK = 16


class SM4CTRStream:
    """SM4 in CTR; encrypting and decrypting are the same."""

    __slots__ = ("_counter", "_done", "_key")

    def __init__(self, key: bytes, counter: bytes) -> None:
        """Begin with this counter block, which counts with all its 128 bits.

        Raises:
            ValueError: the key or the counter block is not 16 bytes.
        """
        self._key, self._counter, self._done = check_key(key), int.from_bytes(check_iv(counter), "big"), 0

    def update(self, data: bytes) -> bytes:
        """The next part, of any length."""
        blocks, skip = divmod(self._done, _BLOCK)
        counter = (self._counter + blocks) % (1 << 128)
        result = sm4_ctr(self._key, counter.to_bytes(_BLOCK, "big"), bytes(skip) + data if skip else data)
        self._done += len(data)
        return result[skip:] if skip else result


class _CBC:
    """What both directions share: whole blocks are worked on, the rest waits."""

    __slots__ = ("_finished", "_iv", "_key", "_padding", "_pending")

    def __init__(self, key: bytes, iv: bytes, *, padding: bool = True) -> None:
        """Begin with this IV; without padding the text must be whole blocks.

        Raises:
            ValueError: the key or IV is not 16 bytes.
        """
        self._key, self._iv, self._padding = check_key(key), check_iv(iv), padding
        self._pending, self._finished = b"", False

    def _take(self, data: bytes, *, keep_last: bool) -> bytes:
        """The blocks to work on now; with keep_last the last one waits although it is whole."""
        if self._finished:
            raise ValueError("this stream has finished")
        text = self._pending + data
        whole = max(len(text) - keep_last, 0) // _BLOCK * _BLOCK
        self._pending = text[whole:]
        return text[:whole]

    def _end(self) -> bytes:
        if self._finished:
            raise ValueError("this stream has finished")
        self._finished, rest, self._pending = True, self._pending, b""
        return rest


class SM4CBCEncryptor(_CBC):
    """SM4 in CBC, with PKCS#7 padding unless told otherwise."""

    __slots__ = ()

    def update(self, data: bytes) -> bytes:
        """The ciphertext of all blocks that are whole by now.

        Raises:
            ValueError: the stream has finished.
        """
        blocks = self._take(data, keep_last=False)
        result = sm4_cbc_encrypt(self._key, self._iv, blocks, padding=False)
        self._iv = result[-_BLOCK:] or self._iv
        return result

    def finish(self) -> bytes:
        """The last block, with the padding.

        Raises:
            ValueError: without padding, the text was not whole blocks; or the stream has finished.
        """
        return sm4_cbc_encrypt(self._key, self._iv, self._end(), padding=self._padding)


class SM4CBCDecryptor(_CBC):
    """The way back. Nothing here is authenticated."""

    __slots__ = ()

    def update(self, data: bytes) -> bytes:
        """The text of all blocks that cannot be the last one.

        Raises:
            ValueError: the stream has finished.
        """
        blocks = self._take(data, keep_last=self._padding)
        result = sm4_cbc_decrypt(self._key, self._iv, blocks, padding=False)
        self._iv = blocks[-_BLOCK:] or self._iv
        return result

    def finish(self) -> bytes:
        """The end of the text, its padding taken off.

        Raises:
            ParseError: the ciphertext or its padding is wrong; one error for every reason.
            ValueError: without padding, the ciphertext was not whole blocks; or the stream has finished.
        """
        return sm4_cbc_decrypt(self._key, self._iv, self._end(), padding=self._padding)


class _GCM:
    """What both directions share: the kernel's stream, or a context of the cryptography package."""

    __slots__ = ("_context", "_native", "_tag_length")

    def __init__(self, key: bytes, nonce: bytes, associated_data: bytes = b"", *, tag_length: int = 16) -> None:
        """Begin with this nonce, which must never be used twice with one key.

        Args:
            nonce: 8 to 128 bytes; 12 is the rule.
            tag_length: 12 to 16 bytes.
        Raises:
            ValueError: another length of key, nonce or tag.
        """
        if not 8 <= len(nonce) <= 128:
            raise ValueError(f"the nonce of a GCM stream has 8 to 128 bytes, got {len(nonce)}")
        if not 12 <= tag_length <= 16:
            raise ValueError(f"a GCM tag has 12 to 16 bytes, got {tag_length}")
        self._tag_length = tag_length
        self._native = None
        self._context = None
        if (kernel := native_kernel()) is not None:
            self._native = kernel.sm4_gcm_start(kernel.sm4_key(check_key(key)), nonce, associated_data)
        else:
            self._context = self._open(check_key(key), nonce)
            self._context.authenticate_additional_data(associated_data)

    _native: Any
    _context: Any

    def _open(self, key: bytes, nonce: bytes) -> Any:
        raise NotImplementedError

    def _cipher(self, key: bytes, nonce: bytes) -> Cipher[modes.GCM]:
        from cryptography.hazmat.primitives.ciphers import Cipher, modes
        from cryptography.hazmat.primitives.ciphers.algorithms import SM4

        return Cipher(SM4(key), modes.GCM(bytes(nonce), None, min_tag_length=self._tag_length))


class SM4GCMEncryptor(_GCM):
    """SM4 in GCM: the ciphertext part by part, then the tag."""

    __slots__ = ()

    def _open(self, key: bytes, nonce: bytes) -> AEADEncryptionContext:
        return self._cipher(key, nonce).encryptor()

    def update(self, data: bytes) -> bytes:
        """The ciphertext of the next part, of the same length.

        Raises:
            ValueError: the text becomes longer than 2^36 - 32 bytes, or the stream has finished.
        """
        if self._native is not None:
            return bytes(self._native.encrypt(data))
        return bytes(_living(self._context).update(data))

    def finish(self) -> bytes:
        """The tag, of the length that was asked for.

        Raises:
            ValueError: the stream has finished.
        """
        if self._native is not None:
            return bytes(self._native.finish()[: self._tag_length])
        context, self._context = _living(self._context), None
        context.finalize()
        return bytes(context.tag[: self._tag_length])


class SM4GCMDecryptor(_GCM):
    """The way back. What ``update`` gives is proved only by ``finish``: keep it apart until then."""

    __slots__ = ()

    def _open(self, key: bytes, nonce: bytes) -> AEADDecryptionContext:
        return self._cipher(key, nonce).decryptor()

    def update(self, data: bytes) -> bytes:
        """The next part of a text that may still prove false.

        Raises:
            ValueError: the text becomes longer than 2^36 - 32 bytes, or the stream has finished.
        """
        if self._native is not None:
            return bytes(self._native.decrypt(data))
        return bytes(_living(self._context).update(data))

    def finish(self, tag: bytes) -> None:
        """Return if the tag is right, raise if not.

        Raises:
            InvalidTag: it is not, or has another length: forget the text.
            ValueError: the stream has finished.
        """
        if self._native is not None:
            good = hmac.compare_digest(self._native.finish()[: self._tag_length], bytes(tag))
        else:
            context, self._context = _living(self._context), None
            try:
                context.finalize_with_tag(bytes(tag).ljust(self._tag_length, b"\0"))
                good = len(tag) == self._tag_length
            except (_pyca.InvalidTag, ValueError):
                good = False
        if not good:
            raise InvalidTag("the ciphertext does not authenticate")


def _living(context: Any) -> Any:
    if context is None:
        raise ValueError("this stream has finished")
    return context
