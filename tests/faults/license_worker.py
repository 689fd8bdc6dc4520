"""A program that issues and changes licences, and is killed while it does so.

    python -m tests.faults.license_worker PLACE SEED ROUNDS ACKNOWLEDGED

Each round is a process of its own. After a number of steps that is drawn from the seed it kills itself with SIGKILL:
no block is left in order, no connection is closed. What was acknowledged to a caller stands in the file ACKNOWLEDGED.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

from egov_sdk.errors import EgovError
from egov_sdk.license.model import LicenseChange
from tests.license_world import LicenseTown, Watch, company_draft, owner_use
from tests.world import seeded

#: Requests of one round; the next round begins with the last of them again.
REQUESTS: Final = 3
#: Steps that one request takes, its change with it: calls and returns, also of C functions.
STEPS: Final = 50_000


def opened(place: str, turn: int) -> LicenseTown:
    """The register as it is opened an hour after the last time: what was left lying is finished."""
    watch = Watch()
    watch.wait(hours=turn)
    where = place if "://" in place else Path(place)
    return LicenseTown.at(where, watch=watch, random=os.urandom)


def work(town: LicenseTown, turn: int, acknowledge: Callable[[str], object]) -> None:
    """Issue what this round asks for, and change each licence once."""
    for number in range(turn * (REQUESTS - 1), turn * (REQUESTS - 1) + REQUESTS):
        issued = town.service.issue(company_draft(f"N{number}"), request_id=f"r{number}")
        acknowledge(f"issued {number} {issued.identifier} {issued.file_digest}")
        if town.service.register.uses.get(issued.identifier, use=owner_use()).latest_version > 1:
            continue
        change = LicenseChange(fields={"法定代表人": "王五"})
        try:
            changed = town.service.change(issued.identifier, change, reason="变更")
        except EgovError as error:
            if error.code != "egov.license.version_old":  # finished just now, by whoever came upon it
                raise
            continue
        acknowledge(f"changed {number} {changed.identifier} {changed.file_digest}")


def kill_after(steps: int) -> None:
    """Kill this process after so many steps."""
    left = steps

    def step(frame: FrameType, event: str, argument: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(step)


def main(place: str, seed: str, rounds: int, acknowledged: str) -> int:
    """Run all rounds; the number of those that were killed."""
    draw, killed = seeded(seed), 0
    file = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    warm = opened("sqlite://", 0)
    work(warm, 0, lambda line: None)  # so that the steps of a round are all its own
    warm.store.close()
    opened(place, 0).store.close()
    for turn in range(rounds):
        steps = 1 + int.from_bytes(draw(4), "big") % (STEPS * REQUESTS)
        child = os.fork()
        if child == 0:
            kill_after(steps)
            work(opened(place, turn), turn, lambda line: os.write(file, f"{line}\n".encode()))
            sys.setprofile(None)
            os._exit(0)
        ended = os.waitpid(child, 0)[1]
        killed += os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGKILL
        if not os.WIFSIGNALED(ended) and ended != 0:
            return -1
    return killed


if __name__ == "__main__":
    print(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]))
