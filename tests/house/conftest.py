"""Loaded with the house tests, and so with every whole run: no test of that process reaches a network."""

from __future__ import annotations

from tests.house.no_network import forbid

forbid()
