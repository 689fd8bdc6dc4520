"""Traffic of a platform, recorded without secrets and people, and played again (流量录制与回放)."""

from __future__ import annotations

__all__: tuple[str, ...] = ()
