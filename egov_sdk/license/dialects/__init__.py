"""Platforms of licences with interfaces of their own (证照接口方言): clients for them, servers that speak them."""

from __future__ import annotations

__all__: tuple[str, ...] = ()
