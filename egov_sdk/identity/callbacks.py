"""The rules between a sign-in that has begun and the browser that comes back, the same for every platform."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from egov_sdk.identity.model import HolderKind, IdentityLevel, SignIn
from egov_sdk.identity.problems import refuse, unreadable
from egov_sdk.report import Text
from egov_sdk.times import aware

__all__ = ["Random", "check_return_to", "check_signed_in", "code_challenge", "new_secret", "read_callback"]

#: Gives that many random bytes.
Random = Callable[[int], bytes]

_CALLBACK_CHARS: Final = 16_384
_PARAMETERS: Final = 64
_PATH_CHARS: Final = 2_048


def new_secret(random: Random = os.urandom) -> str:
    """256 random bits in Base64url: fit for state, nonce, code verifier, ticket and token."""
    return base64.urlsafe_b64encode(random(32)).rstrip(b"=").decode("ascii")


def code_challenge(verifier: str) -> str:
    """The S256 challenge of a code verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


def check_return_to(path: str) -> None:
    """Return if a way back stays inside the application: a path of its own, with one slash in front.

    Browsers read ``//host``, ``/\\host`` and tabs or line breaks between as another host.

    Raises:
        IdentityRejected: it does not; return_to.
    """
    inside = path.startswith("/") and path[1:2] not in ("/", "\\") and len(path) <= _PATH_CHARS
    if not inside or "\\" in path or any(character <= " " or character == "\x7f" for character in path):
        raise refuse("return_to", found=path)


def read_callback(
    sign_in: SignIn,
    callback: str,
    *,
    at: datetime,
    state_name: str = "state",
    needs_issuer: bool = False,
) -> Mapping[str, str]:
    """The parameters that the browser brought back, after it is sure that they answer this sign-in.

    Args:
        callback: the whole address, or its query.
        state_name: the parameter in which the platform hands the state back.
        needs_issuer: whether the platform always says who it is with ``iss`` (RFC 9207). What it says must be right.
    Raises:
        ParseError: it is no such address, or a parameter stands twice; callback.
        IdentityRejected: state_mismatch, issuer_mismatch, sign_in_expired, denied.
        ValueError: ``at`` has no time zone.
    """
    aware(at)
    given = _parameters(callback)
    if not hmac.compare_digest(given.get(state_name, "").encode(), sign_in.state.encode()):
        raise refuse("state_mismatch")
    if at >= sign_in.expires_at:
        raise refuse("sign_in_expired", expected=sign_in.expires_at.isoformat(), found=at.isoformat())
    issuer = given.get("iss")
    if issuer != sign_in.issuer and (issuer is not None or needs_issuer):
        raise refuse("issuer_mismatch", found=issuer or Text("nobody", "未注明"), expected=sign_in.issuer)
    if "error" in given:
        described = given.get("error_description", "")
        raise refuse("denied", found=given["error"] + (f" ({described})" if described else ""), error=given["error"])
    return given


def _parameters(callback: str) -> dict[str, str]:
    if len(callback) > _CALLBACK_CHARS:
        raise unreadable(
            "callback",
            found=Text(f"{len(callback)} characters", f"{len(callback)} 个字符"),
            expected=Text(f"at most {_CALLBACK_CHARS}", f"至多 {_CALLBACK_CHARS} 个"),
        )
    try:
        is_address = callback.startswith(("https://", "http://", "/", "?"))
        query = urlsplit(callback).query if is_address else callback
        query.encode()  # half a character, which JSON can bring
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_PARAMETERS, errors="strict")
    except ValueError:
        raise unreadable(
            "callback",
            found=Text("something else", "其他内容"),
            expected=Text("parameters in UTF-8", "UTF-8 编码的参数"),
        ) from None
    given = dict(pairs)
    if len(given) != len(pairs):
        twice = next(name for name in given if [one for one, _ in pairs].count(name) > 1)
        raise unreadable(
            "callback",
            found=Text(f"{twice} more than once", f"参数 {twice} 重复"),
            expected=Text("each parameter once", "每个参数一次"),
        )
    return given


def check_signed_in(sign_in: SignIn, *, level: IdentityLevel, holder: HolderKind) -> None:
    """Return if what was signed in is of the level and the kind that were asked for.

    Raises:
        IdentityRejected: level_too_low, holder_mismatch.
    """
    if not level.reaches(sign_in.level):
        raise refuse("level_too_low", found=level.value, expected=sign_in.level.value)
    if holder is not sign_in.holder:
        raise refuse("holder_mismatch", found=holder.value, expected=sign_in.holder.value)
