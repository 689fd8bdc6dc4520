"""The Python SDK of Chinese e-government: signatures, seals, certificates, exchange and identity."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
