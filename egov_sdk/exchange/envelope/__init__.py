"""Envelopes (报文): messages signed, sealed for their receivers, and answered with receipts that stay provable."""

from __future__ import annotations
