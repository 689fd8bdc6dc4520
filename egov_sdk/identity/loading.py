"""Identity profiles of one's own, read from TOML."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import ValidationError

from egov_sdk.errors import ConfigError
from egov_sdk.frozen import first_misfit
from egov_sdk.identity.profile import IdentityProfile
from egov_sdk.identity.profiles import identity_profile

__all__ = ["load_identity_profile", "parse_identity_profile"]

_PROFILE_BYTES: Final = 256 << 10


def parse_identity_profile(text: str) -> IdentityProfile:
    """A profile from TOML, whose settings have the names of IdentityProfile's; ``like`` names a built-in to start from.

    A table such as ``[token]`` replaces that of the built-in as a whole.

    Raises:
        ConfigError: not TOML, an unknown or missing setting, a wrong type, or settings that contradict each other.
    Example:
        >>> parse_identity_profile('name = "test-hall"\\nlike = "zhejiang"\\ncallback = "st"').callback
        'st'
    """
    import tomllib

    try:
        given: dict[str, object] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _unusable("", f"not TOML: {error}") from None
    like = given.pop("like", None)
    if like is not None and not isinstance(like, str):
        raise _unusable("like", "is the name of a built-in profile")
    if "name" not in given:
        raise _unusable("name", "is missing")
    start = dict(identity_profile(like)) if like is not None else {}
    try:
        return IdentityProfile.model_validate(start | given)
    except ValidationError as error:
        first = first_misfit(error)
        raise _unusable(first.place, first.text) from None


def load_identity_profile(path: Path | str) -> IdentityProfile:
    """As parse_identity_profile, from a file.

    Raises:
        ConfigError: as parse_identity_profile; or the file cannot be read, is no UTF-8, or is larger than 256 KiB.
    """
    try:
        with Path(path).open("rb") as file:
            octets = file.read(_PROFILE_BYTES + 1)
        text = octets.decode()
    except (OSError, ValueError) as error:
        raise _unusable(str(path), f"cannot be read: {error}") from error
    if len(octets) > _PROFILE_BYTES:
        raise _unusable(str(path), f"is larger than {_PROFILE_BYTES} bytes")
    return parse_identity_profile(text)


def _unusable(setting: str, problem: str) -> ConfigError:
    where = f"identity profile: {setting}: " if setting else "identity profile: "
    return ConfigError(f"{where}{problem}"[:400], code="egov.identity.profile", setting=setting)
