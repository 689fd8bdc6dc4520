"""The session secret of the national data-sharing gateway: AES as that platform wants it, for nothing else.

ECB under a key that SHA-1 makes of the appkey is weak and not authenticated; TLS has to do what it does not.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from egov_sdk.errors import ParseError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import ECB

__all__ = ["decrypt_secret", "encrypt_secret"]

_CODE = "egov.gateway.secret_undecryptable"
_SECRET_CHARS = 4_096


def _cipher(appkey: str) -> Cipher[ECB]:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    # what SecureRandom("SHA1PRNG") of Java gives when seeded with the appkey
    seed = hashlib.sha1(appkey.encode(), usedforsecurity=False).digest()
    key = hashlib.sha1(seed, usedforsecurity=False).digest()[:16]
    return Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - what the platform asks for


def encrypt_secret(secret: str, *, appkey: str) -> str:
    """The Base64 text in which the gateway hands out a session secret (会话密钥).

    Source:
        DB14/T 1933-2019, annex E is about this step; the details are those of public clients.
    """
    octets = secret.encode()
    padding = 16 - len(octets) % 16
    encryptor = _cipher(appkey).encryptor()
    return base64.b64encode(encryptor.update(octets + bytes([padding]) * padding) + encryptor.finalize()).decode()


def decrypt_secret(text: str, *, appkey: str) -> str:
    """The session secret in the gateway's Base64 text; its UTF-8 bytes are the HMAC key.

    Raises:
        ParseError: not Base64, or not encrypted under this appkey; one error for every reason.
    """
    try:
        if len(text) > _SECRET_CHARS:
            raise ValueError
        decryptor = _cipher(appkey).decryptor()
        padded = decryptor.update(base64.b64decode(text, validate=True)) + decryptor.finalize()
        count = padded[-1] if padded else 0
        if not 1 <= count <= 16 or padded[-count:] != bytes([count]) * count or count == len(padded):
            raise ValueError
        return padded[:-count].decode()
    except ValueError:
        raise ParseError(
            "the session secret cannot be decrypted with this appkey", where="secret", code=_CODE
        ) from None
