"""Keys and key sets from JSON (JWK, JWKS). A key nobody here knows is left out and named, and the rest is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar, cast

from egov_sdk.crypto._jose.encoding import DEFAULT_JOSE_LIMITS, JoseLimits, from_base64url, read_object, repeats
from egov_sdk.crypto._jose.keys import CURVE, SM2_ALIASES, Algorithm, KeySet, KeyUse, SkippedKey, TokenKey
from egov_sdk.crypto._jose.problems import PROBLEMS, bad, described, shown
from egov_sdk.crypto.keys import DEFAULT_SIGNER_ID, SM2PrivateKey, SM2PublicKey
from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

    StockKey = TypeVar("StockKey", ECKey, RSAKey)

__all__ = ["load_jwk", "load_jwks"]

#: What programs call the curve of SM2.
CURVE_NAMES: Final = frozenset({CURVE, "SM2-P-256", "SM2"})
_PRIVATE: Final = frozenset({"d", "k", "p", "q", "dp", "dq", "qi", "oth"})
_RSA_PRIVATE: Final = ("d", "p", "q", "dp", "dq", "qi")
_RSA_BITS: Final = range(2048, 8193)
_EXPONENT_BYTES: Final = 8
_KEY_OPS: Final[Mapping[str, KeyUse]] = {
    "sign": "sig",
    "verify": "sig",
    "encrypt": "enc",
    "decrypt": "enc",
    "wrapKey": "enc",
    "unwrapKey": "enc",
}
_NAME_CHARS = 256
#: ``alg`` of a key by the names that programs write.
_ALGORITHMS: Final[Mapping[str, Algorithm]] = {
    "SGD_SM3_SM2": "SGD_SM3_SM2",
    "SGD_SM3_HMAC": "SGD_SM3_HMAC",
    "SGD_SM2_3": "SGD_SM2_3",
    "dir": "dir",
    "ES256": "ES256",
    "RS256": "RS256",
    **dict.fromkeys(SM2_ALIASES, "SGD_SM3_SM2"),
}


def load_jwk(
    data: bytes | str | Mapping[str, object],
    *,
    signer_id: bytes = DEFAULT_SIGNER_ID,
    limits: JoseLimits = DEFAULT_JOSE_LIMITS,
) -> TokenKey:
    """One key from its JWK, public or private.

    SM2 keys are ``kty`` EC with ``crv`` sm2p256v1; SM2-P-256 and SM2 are read as well and named in ``notes``.
    P-256, RSA of 2048 bits or more, and secrets are the other kinds. Certificates and URLs in it are not looked at.

    Raises:
        InputError: not such a key; the code says why.
    Source:
        RFC 7517, RFC 7518, 6; GM/T 0125-2022 for SM2.
    """
    members = data if isinstance(data, Mapping) else _read(data, limits=limits)
    if repeats(members):
        raise bad("jwk.json", found="a name stands twice")
    return _key(members, signer_id=signer_id)


def load_jwks(
    data: bytes | str | Mapping[str, object],
    *,
    private: bool = False,
    signer_id: bytes = DEFAULT_SIGNER_ID,
    limits: JoseLimits = DEFAULT_JOSE_LIMITS,
) -> KeySet:
    """A key set from its JSON. Keys that cannot be used here never spoil the others: they are named in ``skipped``.

    Args:
        private: whether private keys and secrets are expected. A published set must hold none; there they are skipped.
    Raises:
        ParseError: not an object with a list of keys.
        LimitExceeded: too long, or too many keys.
    Source:
        RFC 7517, 5.
    """
    members = data if isinstance(data, Mapping) else _read(data, limits=limits)
    entries = members.get("keys")
    if repeats(members) or not isinstance(entries, (list, tuple)):
        raise bad("jwk.keys", found=entries)
    if len(entries) > limits.keys:
        raise LimitExceeded("keys", allowed=limits.keys, found=len(entries))
    keys, skipped = [], []
    for index, entry in enumerate(entries):
        try:
            if not isinstance(entry, Mapping) or repeats(entry):
                raise bad("jwk.json", found="a name stands twice" if repeats(entry) else entry)
            if not private and not _PRIVATE.isdisjoint(entry):
                raise bad("jwk.private")
            keys.append(_key(entry, signer_id=signer_id))
        except ParseError as error:
            skipped.append(_skipped(index, entry, error))
    return KeySet(tuple(keys), tuple(skipped))


def _skipped(index: int, entry: object, error: ParseError) -> SkippedKey:
    named = entry.get("kid") if isinstance(entry, Mapping) else None
    text = PROBLEMS[error.code.removeprefix("egov.crypto.")]
    message = Text(text.en.format_map(error.detail), text.zh.format_map(error.detail))
    return SkippedKey(index, named if isinstance(named, str) else None, error.code, message)


def _read(data: bytes | str, *, limits: JoseLimits) -> dict[str, object]:
    octets = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)
    if len(octets) > limits.key_set_bytes:
        raise LimitExceeded("key_set_bytes", allowed=limits.key_set_bytes, found=len(octets))
    return read_object(octets, problem="jwk.json", limits=limits, marking=True)


def _text(members: Mapping[str, object], name: str) -> str | None:
    value = members.get(name)
    if name not in members:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _NAME_CHARS:
        raise bad("jwk.member", name=name, found=described(value), expected=f"a text of 1 to {_NAME_CHARS} characters")
    return value


def _octets(members: Mapping[str, object], name: str, *, size: int | None = None) -> bytes:
    value = members.get(name)
    try:
        octets = from_base64url(value) if isinstance(value, str) else b""
    except ValueError:
        octets = b""
    if not octets or (size is not None and len(octets) != size):
        shown = value if not isinstance(value, str) else f"{len(octets)} bytes" if octets else "no Base64url"
        shown = "a secret" if name in _PRIVATE and octets else shown
        raise bad("jwk.member", name=name, found=shown, expected=f"{size} bytes" if size else "Base64url")
    return octets


def _key(members: Mapping[str, object], *, signer_id: bytes) -> TokenKey:
    kind = _text(members, "kty")
    if kind not in ("EC", "RSA", "oct"):
        raise bad("jwk.type", found=kind)
    key_id, use = _text(members, "kid"), _use(members)
    algorithm = _algorithm(members)
    if kind == "EC":
        key = _curve_key(members, key_id=key_id, signer_id=signer_id)
    elif kind == "RSA":
        key = _rsa_key(members, key_id=key_id)
    else:
        key = _secret_key(members, key_id=key_id)
    allowed = key.algorithms if algorithm is None else key.algorithms & {algorithm}
    try:
        return TokenKey(
            key.kind, allowed, key_id, use, key.signer_id, key.notes, key._public, key._signer, key._octets, key._stock
        )
    except ValueError:
        raise bad("jwk.use", found=algorithm or use) from None


def _algorithm(members: Mapping[str, object]) -> Algorithm | None:
    written = _text(members, "alg")
    if written is None:
        return None
    if written not in _ALGORITHMS:
        raise bad("jwk.use", found=written)
    return _ALGORITHMS[written]


def _use(members: Mapping[str, object]) -> KeyUse | None:
    use, operations = _text(members, "use"), members.get("key_ops")
    if use is not None and use not in ("sig", "enc"):
        raise bad("jwk.use", found=use)
    if operations is None:
        return cast("KeyUse | None", use)
    if not isinstance(operations, (list, tuple)) or not operations:
        raise bad("jwk.member", name="key_ops", found=operations, expected="a list of texts")
    meant = {_KEY_OPS[one] for one in operations if isinstance(one, str) and one in _KEY_OPS}
    if use is not None:
        meant &= {use}
    if not meant:
        raise bad("jwk.use", found=", ".join(map(shown, operations)))
    return meant.pop() if len(meant) == 1 else None


def _curve_key(members: Mapping[str, object], *, key_id: str | None, signer_id: bytes) -> TokenKey:
    curve = _text(members, "crv")
    if curve == "P-256":
        from egov_sdk.crypto._jose import engine

        names = ("x", "y", "d") if "d" in members else ("x", "y")
        for name in names:
            _octets(members, name, size=32)
        stock = _stock({"kty": "EC", "crv": "P-256"} | {name: str(members[name]) for name in names}, engine.read_p256)
        return TokenKey("p256", frozenset({"ES256"}), key_id, _stock=stock)
    if curve not in CURVE_NAMES:
        raise bad("jwk.curve", found=curve)
    notes = () if curve == CURVE else ("jwk_curve_alias",)
    octets = _octets(members, "x", size=32) + _octets(members, "y", size=32)
    try:
        public = SM2PublicKey.from_point(octets)
    except ParseError:
        raise bad("jwk.value", found=CURVE) from None
    signer = None
    if "d" in members:
        try:
            signer = SM2PrivateKey.from_int(int.from_bytes(_octets(members, "d", size=32), "big"))
        except ValueError:
            raise bad("jwk.value", found=CURVE) from None
        if signer.public_key() != public:
            raise bad("jwk.value", found=CURVE)
    both: frozenset[Algorithm] = frozenset({"SGD_SM3_SM2", "SGD_SM2_3"})
    return TokenKey("sm2", both, key_id, None, signer_id, notes, public, signer)


def _rsa_key(members: Mapping[str, object], *, key_id: str | None) -> TokenKey:
    from egov_sdk.crypto._jose import engine

    bits = int.from_bytes(_octets(members, "n"), "big").bit_length()
    if bits not in _RSA_BITS:
        raise bad("jwk.member", name="n", found=f"{bits} bits", expected=f"{_RSA_BITS[0]} to {_RSA_BITS[-1]} bits")
    names = ["n", "e", *(name for name in _RSA_PRIVATE if name in members)]
    if len(_octets(members, "e")) > _EXPONENT_BYTES:
        raise bad("jwk.member", name="e", found="a larger number", expected=f"at most {_EXPONENT_BYTES} bytes")
    for name in names:
        _octets(members, name)
    stock = _stock({"kty": "RSA"} | {name: str(members[name]) for name in names}, engine.read_rsa)
    return TokenKey("rsa", frozenset({"RS256"}), key_id, _stock=stock)


def _secret_key(members: Mapping[str, object], *, key_id: str | None) -> TokenKey:
    octets = _octets(members, "k")
    try:
        return TokenKey.secret(octets, key_id=key_id)
    except ValueError:
        found = f"a secret of {len(octets)} bytes"
        raise bad("jwk.member", name="k", found=found, expected="16 bytes, or 32 and more") from None


def _stock(members: dict[str, str], read: Callable[[dict[str, str]], StockKey]) -> StockKey:
    """A key of joserfc's own kinds, whatever it says of what is wrong with one."""
    from joserfc.errors import JoseError

    try:
        return read(members)
    except (JoseError, ValueError, TypeError, KeyError, OverflowError):
        raise bad("jwk.value", found=members.get("crv", members["kty"])) from None
