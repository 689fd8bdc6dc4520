"""Platforms that speak in their own ways: which of the four services each offers, and in which of its dialects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.crypto import SM2PrivateKey
    from egov_sdk.gateway import AsyncGatewayClient, GatewayClient
    from egov_sdk.license.dialects.base import AsyncDialectClient, DialectClient
    from egov_sdk.license.wire.national import SharingProfile

__all__ = ["PLATFORMS", "Account", "PlatformForm", "async_license_client", "license_client", "sharing_profile"]

#: The dialects of licences: a sharing service of the kind of GB/T 36906, Shandong's, or ``license-app/v1``.
LicenseDialect = Literal["", "national", "cert_share", "license_app"]
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformForm:
    """What a platform offers, and how it is spoken to. A service that it does not name it does not offer.

    Attributes:
        gateway: How requests are signed: a gateway profile; empty where accounts in the requests are all there is.
        license: The dialect of its licences.
        identity: How it signs people in: an identity profile.
        services: Paths behind a gateway that knows services by ids; each platform issues ids of its own, these are
            those of the mock.
        unverified: What no source states.
    """

    name: str
    title: Text
    gateway: str = ""
    license: LicenseDialect = ""
    identity: str = ""
    services: Mapping[str, str] = field(default_factory=lambda: _NONE)
    unverified: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account for the services behind a gateway, apart from the gateway's own credentials.

    Attributes:
        id, secret: As issued: of a sharing service AccountId and AccessToken, of license-app account and password.
        app_key, app_secret: Of license-app: what the system itself logs in with.
        key: Decrypts the answers of a platform that encrypts them.
    """

    id: str
    secret: str = field(repr=False)
    app_key: str = ""
    app_secret: str = field(default="", repr=False)
    key: SM2PrivateKey | None = field(default=None, repr=False)


_ELSSP: Final = (
    *("GetCertificateType", "Retrieval", "GetCertificateDataByCertificateID", "GetCertificateDataByHolder"),
    *("GetCertificateFileByCertificateID", "GetCertificateFileByHolder", "VerifyCertificate", "download"),
)

_FORMS: Final = (
    PlatformForm(
        name="national",
        title=Text("national platform: gateway and sharing of licences", "国家平台：数据共享网关与证照共享服务"),
        gateway="national-2",
        license="national",
        services=MappingProxyType({f"/elssp/v1/{name}": f"mock-elssp-{name}" for name in _ELSSP}),
        unverified=(
            Text("whether files are fetched through the gateway as well", "证照文件是否同样经网关下载"),
            Text("seals and messages: no interface is known", "电子印章与数据交换：接口未公开"),
        ),
    ),
    PlatformForm(
        name="guangdong",
        title=Text("Guangdong: TIF, license-app/v1, unified sign-in", "广东：TIF 网关、license-app/v1、统一身份认证"),
        gateway="tif",
        license="license_app",
        identity="guangdong",
        unverified=(Text("whether license-app stands behind TIF everywhere", "license-app 是否均经 TIF 网关"),),
    ),
    PlatformForm(
        name="shandong",
        title=Text("Shandong: CertShare", "山东：证照共享服务 CertShare"),
        license="cert_share",
        unverified=(Text("what stands before CertShare", "CertShare 之前的网关"),),
    ),
    PlatformForm(
        name="zj-irs",
        title=Text("Zhejiang: IRS gateway and sign-in", "浙江：IRS 网关与统一单点登录"),
        gateway="zhejiang-irs",
        identity="zhejiang-irs",
        unverified=(Text("licences: no interface is known", "电子证照：接口未公开"),),
    ),
)

#: Every platform by its name.
PLATFORMS: Final[Mapping[str, PlatformForm]] = MappingProxyType({one.name: one for one in _FORMS})


def sharing_profile(form: PlatformForm) -> SharingProfile:
    """The profile of a platform's sharing service."""
    from egov_sdk.license.wire.national import CERT_SHARE, NATIONAL

    return NATIONAL if form.license == "national" else CERT_SHARE


def license_client(
    form: PlatformForm, gateway: GatewayClient, *, account: Account, clock: Callable[[], datetime], **more: object
) -> DialectClient:
    """A platform's licences in its dialect.

    Args:
        more: Of NationalLicenseClient or LicenseAppClient, such as ``checking``.
    """
    from egov_sdk.license.dialects.client import LicenseAppClient, NationalLicenseClient

    if form.license == "license_app":
        return LicenseAppClient(gateway, account=_app_account(account), clock=clock, **more)  # type: ignore[arg-type]  # checked there
    return NationalLicenseClient(
        gateway,
        account_id=account.id,
        token=account.secret,
        profile=sharing_profile(form),
        key=account.key,
        clock=clock,
        **more,  # type: ignore[arg-type]  # checked there
    )


def async_license_client(
    form: PlatformForm, gateway: AsyncGatewayClient, *, account: Account, clock: Callable[[], datetime], **more: object
) -> AsyncDialectClient:
    """As license_client, awaited."""
    from egov_sdk.license.dialects.client import AsyncLicenseAppClient, AsyncNationalLicenseClient

    if form.license == "license_app":
        return AsyncLicenseAppClient(gateway, account=_app_account(account), clock=clock, **more)  # type: ignore[arg-type]  # checked there
    return AsyncNationalLicenseClient(
        gateway,
        account_id=account.id,
        token=account.secret,
        profile=sharing_profile(form),
        key=account.key,
        clock=clock,
        **more,  # type: ignore[arg-type]  # checked there
    )


def _app_account(account: Account) -> object:
    from egov_sdk.license.dialects.client import AppAccount

    return AppAccount(
        app_key=account.app_key, app_secret=account.app_secret, account=account.id, password=account.secret
    )
