"""A province that misbehaves when it is told to (模拟省级平台): what can go wrong, when, and what was asked of it."""

from __future__ import annotations

__all__: tuple[str, ...] = ()
