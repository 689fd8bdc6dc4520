"""``egov`` as a program of its own, which hears every signal whatever those that started the tests have it ignore."""

from __future__ import annotations

import sys

__all__ = ["egov"]

# a program inherits what is ignored: under nohup SIGHUP, in the background of a plain shell SIGINT
_START = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.{hangup})
from egov_sdk.cli import main
main()
"""


def egov(*arguments: object, nohup: bool = False) -> list[str]:
    """The command that starts it; as ``nohup`` starts it, hanging up does not end it."""
    start = _START.format(hangup="SIG_IGN" if nohup else "SIG_DFL")
    return [sys.executable, "-c", start, *map(str, arguments)]
