"""What must hold between the settings of a profile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn, get_args

from egov_sdk.gateway._digests import KEYED, Digest, Encoding
from egov_sdk.gateway._times import TimeFormat
from egov_sdk.gateway.errors import ProfileError

if TYPE_CHECKING:
    from egov_sdk.gateway.profile import GatewayProfile

__all__ = ["HOLES", "check_profile", "hole"]

#: What a request can always fill in.
HOLES: Final = frozenset(
    {
        *("id", "secret", "token", "service", "time", "nonce", "method", "path"),
        *("query", "params", "body", "body_sm3", "body_sha256", "envelope"),
    }
)

_CHOICES: Final = {
    "digest": get_args(Digest),
    "encoding": get_args(Encoding),
    "place": ("header", "query", "json"),
    "time": get_args(TimeFormat),
    "nonce": ("", "hex", "uuid", "seconds-000-4"),
    "query_form": ("sent", "sorted"),
    "envelope": ("", "nhsa", "nhsa-plain"),
}
_HOLE: Final = re.compile(r"\[?\{([a-z][a-z0-9_]*)\}\]?")
_NAME: Final = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_VALUE_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_WIRE_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110, 5.6.2: token


def hole(text: str) -> str:
    """The name of the hole that a field's text is, with or without [ ] around it; empty for any other text."""
    found = _HOLE.fullmatch(text)
    return found.group(1) if found else ""


def _refuse(profile: GatewayProfile, setting: str, problem: str) -> NoReturn:
    raise ProfileError(f"profile {profile.name!r}: {setting}: {problem}", profile=profile.name, setting=setting)


def _check_words(profile: GatewayProfile) -> None:
    if _NAME.fullmatch(profile.name) is None:
        _refuse(profile, "name", "small letters and digits, joined by - _ or .")
    for setting, allowed in _CHOICES.items():
        if (found := getattr(profile, setting)) not in allowed:
            _refuse(profile, setting, f"one of {', '.join(map(repr, allowed))}, found {found!r}")
    if not 0 < profile.skew_s <= 86_400:
        _refuse(profile, "skew_s", f"more than 0 and at most 86400 seconds, found {profile.skew_s}")
    if profile.call_path and not profile.call_path.startswith("/"):
        _refuse(profile, "call_path", "begins with /")
    for name in profile.values:
        if _VALUE_NAME.fullmatch(name) is None or name in HOLES or name == "signature":
            _refuse(profile, f"values.{name}", "a name of small letters, digits and _ that no hole has already")


def _check_fields(profile: GatewayProfile) -> None:
    known = HOLES | profile.values.keys()
    names = [wire for wire, _, _ in profile._fields]
    if len({name.lower() for name in names}) != len(names):
        _refuse(profile, "fields", "two of them have one name")
    for wire, _, template in profile._fields:
        if _WIRE_NAME.fullmatch(wire) is None:
            _refuse(profile, "fields", f"{wire!r} cannot be the name of a field")
        if unknown := template.names - known - {"signature"}:
            _refuse(profile, f"fields.{wire}", f"nothing fills {', '.join(sorted(unknown))}")
        if "secret" in template.names:
            _refuse(profile, f"fields.{wire}", "the secret is never sent")
    if unknown := profile._string.names - known:
        _refuse(profile, "signing_string", f"nothing fills {', '.join(sorted(unknown))}")
    carriers = [text for _, text, template in profile._fields if "signature" in template.names]
    if carriers != ["{signature}"]:
        _refuse(profile, "fields", "exactly one holds {signature}, and nothing else with it")


def _check_cover(profile: GatewayProfile) -> None:
    signed = profile._string.names
    sent = {hole(text) for _, text, _ in profile._fields}
    for setting in ("time", "nonce"):
        used = bool(getattr(profile, setting))
        if used is not (setting in sent):
            _refuse(profile, setting, f"a field holds {{{setting}}} if and only if the profile has one")
        if used is not (setting in signed or ("envelope" in signed and setting in sent)):
            _refuse(profile, setting, "what is sent must be signed, and what is signed must be sent")
    if lost := (signed & (profile.values.keys() | {"id", "service"})) - sent:
        _refuse(profile, "fields", f"nobody could check the signature: no field holds {', '.join(sorted(lost))}")
    keyed_inside = profile.digest not in KEYED and not profile.digest.startswith("sm2")
    if keyed_inside and "secret" not in signed:
        _refuse(profile, "signing_string", f"{profile.digest} has no key, so the string must hold {{secret}}")
    if profile.digest.startswith("sm2") and profile.encoding != "base64":
        _refuse(profile, "encoding", "SM2 signatures are sent in Base64")
    if (profile.place == "json") is not bool(profile.envelope) or ("envelope" in signed) is not bool(profile.envelope):
        _refuse(profile, "envelope", "place 'json', {envelope} in the signing string and an envelope belong together")


def _check_token(profile: GatewayProfile) -> None:
    token, wanted = profile.token, "token" in profile._needs
    gives = token is not None and token.gives == "token"
    if wanted and not gives:
        _refuse(profile, "token", "a hole {token} needs a token flow that gives one")
    if token is not None and gives and not wanted and not token.parameter:
        _refuse(profile, "token", "a token must be sent: in a field {token}, or as `parameter`")
    if token is not None and not profile.answer.code:
        _refuse(profile, "answer.code", "a token flow must know whether its request went well")
    calls = [call for call in (token.login, token.renew) if call is not None] if token is not None else []
    if profile.covers_body and any(call.repeat_fields for call in calls):
        _refuse(profile, "token", "fields cannot be repeated in a body that the signature covers")


def check_profile(profile: GatewayProfile) -> None:
    """Raise ProfileError for the first thing that does not fit."""
    _check_words(profile)
    _check_fields(profile)
    _check_cover(profile)
    _check_token(profile)
