"""The algorithms of GM/T 0125 as joserfc takes them, in registries of our own: joserfc's stay as they are.

Imported only when a token or key is at work, because joserfc takes its time to load.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe, jws
from joserfc.errors import InvalidKeyTypeError
from joserfc.jwa import DirectAlgEncryption, ESAlgorithm, JWEEncModel, JWEKeyEncryption, JWSAlgModel, RSAAlgorithm
from joserfc.jwk import ECKey, Key, OctKey, RSAKey
from joserfc.registry import HeaderParameter, HeaderRegistryDict

from egov_sdk.crypto._jose.encoding import JoseLimits
from egov_sdk.crypto._jose.keys import SM2_ALIASES
from egov_sdk.crypto.hashes import hmac_sm3
from egov_sdk.crypto.keys import Random, SM2PrivateKey, SM2PublicKey
from egov_sdk.crypto.signature import InvalidSignature, der_to_raw
from egov_sdk.crypto.signer import Signer, sign_message
from egov_sdk.crypto.sm4 import SM4CCM, SM4GCM

if TYPE_CHECKING:
    from egov_sdk.crypto._jose.keys import TokenKey

SignatureForm = Literal["der", "raw"]

_RAW_BYTES: Final = 64
_TAG_BYTES: Final = 16
_DRAWS: Final = 128
_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Sm2Carrier(ECKey):
    """An SM2 key on its way through joserfc, which lets pass what is an ECKey and asks it no questions but these."""

    def __init__(
        self,
        public: SM2PublicKey,
        signer: Signer | None,
        signer_id: bytes,
        *,
        form: SignatureForm = "der",
        random: Random = os.urandom,
    ) -> None:
        self._dict_value = {"kty": "EC"}
        self.public, self.signer, self.signer_id = public, signer, signer_id
        self.form, self.random = form, random

    @property
    def curve_name(self) -> str:
        return "sm2p256v1"


class Sm2Signature(JWSAlgModel):
    """SM2 with SM3. A signature of 64 bytes is r || s; any other is read as DER."""

    description = "SM2 with SM3"
    key_type = "EC"

    def __init__(self, name: str) -> None:
        self.name = name

    def check_key(self, key: Any) -> None:
        if not isinstance(key, Sm2Carrier):
            raise InvalidKeyTypeError(f"{self.name} needs an SM2 key")

    def sign(self, msg: bytes, key: Any) -> bytes:
        assert isinstance(key, Sm2Carrier)
        if isinstance(key.signer, SM2PrivateKey):
            der = key.signer.sign(msg, signer_id=key.signer_id, random=key.random)
        else:
            assert key.signer is not None
            der = sign_message(key.signer, msg, signer_id=key.signer_id)
        return der if key.form == "der" else der_to_raw(der)

    def verify(self, msg: bytes, sig: bytes, key: Any) -> bool:
        assert isinstance(key, Sm2Carrier)
        form: SignatureForm = "raw" if len(sig) == _RAW_BYTES else "der"
        try:
            key.public.verify(sig, msg, signer_id=key.signer_id, form=form)
        except InvalidSignature:
            return False
        return True


class Sm3Hmac(JWSAlgModel):
    """HMAC with SM3."""

    name = "SGD_SM3_HMAC"
    description = "HMAC with SM3"
    key_type = "oct"

    def sign(self, msg: bytes, key: Any) -> bytes:
        return hmac_sm3(key.raw_value, msg)

    def verify(self, msg: bytes, sig: bytes, key: Any) -> bool:
        return hmac.compare_digest(hmac_sm3(key.raw_value, msg), sig)


class Sm2Encryption(JWEKeyEncryption):
    """SM2 encryption of the content key: DER SM2Cipher is written; C1C3C2 with its 04 is read as well."""

    name = "SGD_SM2_3"
    description = "SM2 encryption"

    def __init__(self) -> None:
        self.key_types = ["EC"]

    def encrypt_cek(self, cek: bytes, recipient: jwe.Recipient[Any]) -> bytes:
        key = recipient.recipient_key
        assert isinstance(key, Sm2Carrier)
        return key.public.encrypt(cek, random=key.random)

    def decrypt_cek(self, recipient: jwe.Recipient[Any]) -> bytes:
        key = recipient.recipient_key
        assert isinstance(key, Sm2Carrier)
        assert isinstance(key.signer, SM2PrivateKey)
        wrapped = recipient.encrypted_key or b""
        return key.signer.decrypt(wrapped, form="c1c3c2" if wrapped[:1] == b"\x04" else "der")


class Sm4Content(JWEEncModel):
    """SM4 with a nonce of 12 bytes and a tag of 16."""

    iv_size = 96
    cek_size = 128

    def __init__(self, name: str, cipher: type[SM4GCM] | type[SM4CCM], random: Random) -> None:
        self.name = self.description = name
        self._cipher, self._random = cipher, random

    def generate_cek(self) -> bytes:
        return self._random(self.cek_size // 8)

    def generate_iv(self) -> bytes:
        return self._random(self.iv_size // 8)

    def encrypt(self, plaintext: bytes, cek: bytes, iv: bytes, aad: bytes) -> tuple[bytes, bytes]:
        sealed = self._cipher(cek).encrypt(iv, plaintext, aad)
        return sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:]

    def decrypt(self, ciphertext: bytes, tag: bytes, cek: bytes, iv: bytes, aad: bytes) -> bytes:
        if len(tag) != _TAG_BYTES:
            raise ValueError(f"the tag has {len(tag)} bytes")
        return self._cipher(cek).decrypt(iv, ciphertext + tag, aad)


def _is_text(value: object) -> None:
    if not isinstance(value, str):
        raise ValueError("must be a text")


_ALGORITHM: Final[HeaderRegistryDict] = {"alg": HeaderParameter("algorithm", _is_text, True)}
_SIGNATURES: Final[dict[str, JWSAlgModel]] = {
    model.name: model
    for model in (
        *map(Sm2Signature, ("SGD_SM3_SM2", *SM2_ALIASES)),
        Sm3Hmac(),
        ESAlgorithm("ES256", "P-256", 256),
        RSAAlgorithm(256),
    )
}


@lru_cache(maxsize=64)
def signature_registry(allowed: frozenset[str], limits: JoseLimits) -> jws.JWSRegistry:
    """The registry for a list of allowed algorithms, which is not empty. It knows only ours: the rest of joserfc's
    algorithms, and its rules for headers, which were read strictly before, have no say.
    """
    names = allowed | SM2_ALIASES if "SGD_SM3_SM2" in allowed else allowed
    registry = jws.JWSRegistry(algorithms=names, strict_check_header=False)
    registry.header_registry = _ALGORITHM
    registry.algorithms, registry.recommended = _SIGNATURES, []
    registry.max_header_length = registry.max_payload_length = registry.max_signature_length = limits.token_bytes
    return registry


def encryption_registry(
    allowed: Collection[str], limits: JoseLimits, *, random: Random = os.urandom
) -> jwe.JWERegistry:
    """The registry for a list of allowed algorithms, of keys and of contents, as signature_registry."""
    registry = jwe.JWERegistry(algorithms=frozenset(allowed), strict_check_header=False)
    registry.header_registry = {**_ALGORITHM, "enc": _ALGORITHM["alg"]}
    registry.algorithms = {
        "alg": {"SGD_SM2_3": Sm2Encryption(), "dir": DirectAlgEncryption()},
        "enc": {
            "SGD_SM4_GCM": Sm4Content("SGD_SM4_GCM", SM4GCM, random),
            "SGD_SM4_CCM": Sm4Content("SGD_SM4_CCM", SM4CCM, random),
        },
        "zip": {},
    }
    registry.max_protected_header_length = registry.max_ciphertext_length = limits.token_bytes
    return registry


def carrier(key: TokenKey, *, form: SignatureForm = "der", random: Random = os.urandom) -> Key:
    """A key as joserfc takes it."""
    if key._stock is not None:
        return key._stock
    if key._octets is not None:
        return OctKey(key._octets, key._octets)
    assert key._public is not None
    return Sm2Carrier(key._public, key._signer, key.signer_id, form=form, random=random)


def new_p256(random: Random) -> ECKey:
    """A P-256 key of the first 32 random bytes that are in range.

    Raises:
        RuntimeError: the random source never gives such a number.
    """
    for _ in range(_DRAWS):
        number = int.from_bytes(random(32), "big")
        if 0 < number < _P256_ORDER:
            return ECKey.import_key(ec.derive_private_key(number, ec.SECP256R1()))
    raise RuntimeError("the random source gives no number below the order of P-256: it is broken")


def public_stock(key: ECKey | RSAKey) -> ECKey | RSAKey:
    """The public part of a key of joserfc's own kinds."""
    return type(key).import_key(key.public_key)  # type: ignore[arg-type]  # its own public key is what it takes


def stock_members(key: ECKey | RSAKey, *, private: bool) -> dict[str, str]:
    """The members that make the key, as text."""
    wanted = key.value_registry
    given = key.as_dict(private=private)
    return {"kty": key.key_type} | {name: str(value) for name, value in given.items() if name in wanted}


def read_p256(members: dict[str, str]) -> ECKey:
    """A P-256 key from its JWK.

    Raises:
        ValueError, KeyError, TypeError, JoseError: it is none.
    """
    return ECKey.import_key(dict(members))


def read_rsa(members: dict[str, str]) -> RSAKey:
    """An RSA key from its JWK; as read_p256."""
    return RSAKey.import_key(dict(members))
