"""What ``connect`` gives: four services behind one name, wherever they live."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from egov_sdk.errors import NotOffered
from egov_sdk.report import Text

if TYPE_CHECKING:
    from typing import TypeAlias

    from egov_sdk.door.office import LocalOffice
    from egov_sdk.door.platforms import PlatformForm
    from egov_sdk.exchange.node import ExchangeService
    from egov_sdk.exchange.node.client import AsyncExchangeClient
    from egov_sdk.gateway import AsyncGatewayClient, GatewayClient
    from egov_sdk.identity import IdentityService
    from egov_sdk.identity.client import AsyncIdentityClient
    from egov_sdk.license.client import AsyncLicenseClient
    from egov_sdk.license.dialects.base import AsyncDialectClient
    from egov_sdk.license.service import LicenseService
    from egov_sdk.seal.client import AsyncSealClient
    from egov_sdk.seal.service import SealService

    #: Licences over our own interface, or over a platform's.
    AsyncLicense: TypeAlias = AsyncLicenseClient | AsyncDialectClient

__all__ = ["AsyncGov", "Gov"]

T = TypeVar("T")


class Gov:
    """The services of one platform or office (政务服务入口). Close it, or use it in a ``with``.

    Attributes:
        name: what it is connected to, without secrets.
        office: the office in this process; None for a platform.
    """

    def __init__(
        self,
        name: str,
        *,
        identity: Callable[[], IdentityService] | None = None,
        seal: Callable[[], SealService] | None = None,
        license: Callable[[], LicenseService] | None = None,  # noqa: A002 - the service's name
        exchange: Callable[[], ExchangeService] | None = None,
        close: Callable[[], None],
        office: LocalOffice | None = None,
        gateway: GatewayClient | None = None,
        form: PlatformForm | None = None,
    ) -> None:
        self.name, self.office, self.gateway, self._form = name, office, gateway, form
        self._identity, self._seal = _once(identity), _once(seal)
        self._license, self._exchange = _once(license), _once(exchange)
        self._close = close

    @property
    def identity(self) -> IdentityService:
        """Who someone is (统一身份认证).

        Raises:
            NotOffered: it is not offered there, or not as the connection was made.
        """
        return _offered(self._identity, "identity", self.name, self._form)

    @property
    def seal(self) -> SealService:
        """Electronic seals (电子印章)."""
        return _offered(self._seal, "seal", self.name, self._form)

    @property
    def license(self) -> LicenseService:
        """Electronic certificates (电子证照)."""
        return _offered(self._license, "license", self.name, self._form)

    @property
    def exchange(self) -> ExchangeService:
        """Messages between departments (数据交换)."""
        return _offered(self._exchange, "exchange", self.name, self._form)

    def close(self) -> None:
        """Let connections and databases go."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Gov {self.name}>"


class AsyncGov:
    """As Gov, for tasks of one asyncio loop: ``async with connect_async(…) as gov``."""

    def __init__(
        self,
        name: str,
        *,
        gateway: AsyncGatewayClient,
        identity: Callable[[], AsyncIdentityClient] | None = None,
        seal: Callable[[], AsyncSealClient] | None = None,
        license: Callable[[], AsyncLicense] | None = None,  # noqa: A002 - the service's name
        exchange: Callable[[], AsyncExchangeClient] | None = None,
        office: LocalOffice | None = None,
        form: PlatformForm | None = None,
    ) -> None:
        self.name, self.office, self.gateway, self._form = name, office, gateway, form
        self._identity, self._seal = _once(identity), _once(seal)
        self._license, self._exchange = _once(license), _once(exchange)

    @property
    def identity(self) -> AsyncIdentityClient:
        """Who someone is (统一身份认证).

        Raises:
            NotOffered: it is not offered there, or not as the connection was made.
        """
        return _offered(self._identity, "identity", self.name, self._form)

    @property
    def seal(self) -> AsyncSealClient:
        """Electronic seals (电子印章)."""
        return _offered(self._seal, "seal", self.name, self._form)

    @property
    def license(self) -> AsyncLicense:
        """Electronic certificates (电子证照)."""
        return _offered(self._license, "license", self.name, self._form)

    @property
    def exchange(self) -> AsyncExchangeClient:
        """Messages between departments (数据交换)."""
        return _offered(self._exchange, "exchange", self.name, self._form)

    async def close(self) -> None:
        """Let connections and databases go."""
        await self.gateway.close()
        if self.office is not None:
            self.office.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncGov {self.name}>"


def _once(make: Callable[[], T] | None) -> Callable[[], T] | None:
    """The same, which makes one and keeps it: clients remember what they have fetched."""
    return cache(make) if make is not None else None


def _offered(make: Callable[[], T] | None, capability: str, name: str, form: PlatformForm | None) -> T:
    if make is not None:
        return make()
    if form is not None and not getattr(form, capability, ""):
        raise NotOffered(capability, platform=f"{name} ({form.name})")
    raise NotOffered(
        capability,
        platform=name,
        hint=Text(f"give connect() what {capability} needs", f"请向 connect() 提供 {capability} 所需的参数"),
    )
