"""What a province serves beside our own interface, each at its own path: a console, an interface in a dialect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from egov_sdk.gateway.asgi import App

__all__ = ["Part", "check_apart"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One more application in a province; it sees paths below its own, and is behind the checks that all share.

    Args:
        name: What its requests are counted as, such as ``console``.
        path: Where it is, such as ``/console``.
        app: It makes sure of its callers itself: with ``SignedRequests``, or by a sign-in.
        front: Whether a browser that comes to the province itself is sent there.
    """

    name: str
    path: str
    app: App = field(repr=False)
    front: bool = False


def check_apart(paths: Iterable[str]) -> None:
    """Return if no path lies within another.

    Raises:
        ValueError: one does, or is none.
    """
    seen: list[str] = []
    for path in paths:
        if not path.startswith("/") or path.endswith("/") or any(_meet(path, one) for one in seen):
            raise ValueError(f"the path {path or '/'} is not apart from {', '.join(seen) or 'the root'}")
        seen.append(path)


def _meet(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
