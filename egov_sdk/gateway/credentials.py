"""Who we are to a platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from types import MappingProxyType

from egov_sdk.crypto import Signer, SM2PublicKey

__all__ = ["Credentials"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a platform issued to one application (应用凭证).

    Args:
        id: What names us to the gateway: rid, paasid, appKey, access key, client id.
        secret: The long-lived secret (appkey of the national gateway, appSecret, token). Never shown.
        service: The service that calls go to unless a call names another.
        signer: Holds the SM2 key, for profiles that sign with one.
        peer_key: The platform's SM2 key; given, signed answers are checked against it.
        values: What the profile's ``values`` are for this application.
    """

    id: str
    _: KW_ONLY
    secret: str = field(default="", repr=False)
    service: str = ""
    signer: Signer | None = field(default=None, repr=False)
    peer_key: SM2PublicKey | None = None
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("credentials need an id")
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def __hash__(self) -> int:
        return hash(self.id)
