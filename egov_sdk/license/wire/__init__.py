"""How platforms speak of licences (证照接口方言): one module per dialect, for the client's side and the server's."""

from __future__ import annotations

__all__: tuple[str, ...] = ()
