"""What a seeded caller's program needs to connect, as one file for ``connect(config=…)``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from egov_sdk.door.platforms import PLATFORMS
from egov_sdk.identity.profiles import identity_profile

if TYPE_CHECKING:
    from egov_sdk.identity.client import ClientSettings

__all__ = ["program_settings"]


def program_settings(
    caller: str, *, url: str, profile: str, key: Path, secret: str, application: ClientSettings
) -> bytes:
    """The table ``[connect]`` in TOML.

    Args:
        key: the file of the caller's SM2 key.
        secret: that it shares with the platform.
        application: as which it signs people in; at a platform with interfaces of its own, under the caller's id.
    """
    items = {
        "where": url,
        "profile": profile,
        "id": caller,
        "key": str(key),
        "app_secret": secret,
        "client_id": application.client_id,
        "redirect_uri": application.redirect_uri,
        "issuer": application.issuer,
        "scopes": " ".join(sorted(application.scopes)),
    }
    if (form := PLATFORMS.get(profile)) is not None:
        items |= {"account": caller, "account_secret": secret, "client_id": caller, "client_secret": secret}
        if form.identity:
            items["login_url"] = url + urlsplit(identity_profile(form.identity).login.url).path
    # a JSON string without lone surrogates is one of TOML as well
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in items.items()]
    return "\n".join(["[connect]", *lines, ""]).encode()
