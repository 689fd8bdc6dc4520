"""What a search for paths found."""

from __future__ import annotations

from dataclasses import dataclass

from egov_sdk.pki._structure import Path
from egov_sdk.pki.facts import Fact


@dataclass(frozen=True, slots=True)
class PathSearch:
    """Every valid path that was found (leaf first, anchor last), or why there is none."""

    paths: tuple[Path, ...]
    fact: Fact
