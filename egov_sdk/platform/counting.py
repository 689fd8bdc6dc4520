"""Counters of several processes as one: each lays its own beside those of the others, and whoever is asked adds up."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Final

from egov_sdk.platform.metrics import Counts, Metrics

__all__ = ["SharedMetrics"]

_EVERY_S: Final = 1.0


class SharedMetrics(Metrics):
    """As Metrics; ``text`` is of all processes with one folder, those of the others as they were a second ago.

    What a process counted stays when it ends, until the folder is removed.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder, self._path = folder, folder / f"{os.getpid()}.json"
        threading.Thread(target=self._keep, name="metrics", daemon=True).start()

    def counts(self) -> Counts:
        """What all of them counted."""
        total = super().counts()
        for path in sorted(self._folder.glob("*.json")):
            if path != self._path:
                total = total + Counts.read(path.read_bytes())
        return total

    def _keep(self) -> None:
        while self._folder.is_dir():
            new = self._path.with_suffix(".new")
            try:
                new.write_text(json.dumps(super().counts().members()), "ascii")
                new.replace(self._path)
            except FileNotFoundError:
                return  # the folder is gone: the server ends
            threading.Event().wait(_EVERY_S)
