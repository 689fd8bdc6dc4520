"""Parcels through a folder that both sides reach (共享文件夹传输): a disk, a share, a stick that is carried over."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from egov_sdk.errors import InputError
from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.node._shelf import Claim, Shelf, storing
from egov_sdk.exchange.node.problems import TABLE, refuse
from egov_sdk.exchange.node.transport import Parcel
from egov_sdk.exchange.node.wrap import (
    LINE_BYTES,
    Collected,
    Kind,
    Receiver,
    RefusedParcel,
    answer_to,
    box_of,
    refused,
    unwrap,
    wrap,
)
from egov_sdk.report import Text
from egov_sdk.times import aware

__all__ = ["FolderTransport"]

_SHELVES: Final[dict[Kind, str]] = {"parcel": "parcels", "answer": "answers"}
_REFUSED: Final = "refused"
_NO_FOLDERS: Final = Text(
    "this system cannot reach files through an open folder", "本系统不支持经已打开的文件夹访问文件"
)
_MODE: Final = 0o660
_KEEP_PARTS: Final = timedelta(days=1)


class FolderTransport:
    """Parcels and their answers as files.

    Below ``root`` every party has a box, which is named after it and holds the folders ``parcels``, ``answers`` and
    ``refused``. A file is written under another name in the same folder, brought to the disk, and renamed; it is taken
    by a rename; and it is removed only when its answer lies in the sender's box. A process may die at any step: what
    it had taken is taken again after ``lease``.

    Args:
        party: who is here. ``prepare`` makes its box.
        clock: the time; the clocks of those who share a folder may be apart by less than ``lease``.
        most_bytes: larger files are refused.
        lease: how long a process has for one parcel.
        retry: when a parcel that the node could not take is tried again.
        attempts: after so many a parcel is put aside: the sender, who has no answer, sends its messages again.
    Raises:
        NodeRejected: folder; this system cannot reach files through an open folder (Windows).
    """

    def __init__(
        self,
        root: Path,
        party: Party,
        *,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes] = os.urandom,
        most_bytes: int = 64 << 20,
        lease: timedelta = timedelta(minutes=5),
        retry: timedelta = timedelta(seconds=30),
        attempts: int = 20,
        mode: int = _MODE,
    ) -> None:
        if not timedelta(0) < retry <= lease or attempts < 1 or most_bytes < 1:
            raise ValueError("retry is longer than nothing and not longer than lease; the others are at least 1")
        if not {os.open, os.rename, os.unlink, os.stat} <= os.supports_dir_fd:  # pragma: no cover - Windows
            raise refuse("node.folder", found=_NO_FOLDERS)
        self.root, self.party = root, party
        self._clock, self._random, self._mode = clock, random, mode
        self._most_bytes, self._lease, self._retry, self._attempts = most_bytes + LINE_BYTES, lease, retry, attempts

    def prepare(self) -> None:
        """Make the box of this party.

        Raises:
            NodeRejected: folder.
        """
        with storing():
            for name in (*_SHELVES.values(), _REFUSED):
                (self.root / box_of(self.party) / name).mkdir(parents=True, exist_ok=True)

    def deliver(self, parcel: Parcel) -> None:
        """Put a parcel into the box of its receiver; its answer comes with ``collect``.

        Raises:
            NodeRejected: folder; the receiver has no box, the disk is full, and so on.
        """
        with self._shelf(parcel.receiver, "parcels") as shelf:
            shelf.put(f"{parcel.id}.parcel", wrap(parcel))

    def collect(self, node: Receiver, *, most: int = 100) -> Collected:
        """Hand what lies in our box to the node: answers, then parcels; call it again and again.

        Any number of processes may do so at once. What an error interrupts is tried again later.

        Raises:
            NodeRejected: folder; and whatever the node raised.
        """
        done = self._round("answer", node, most=most)
        return done + self._round("parcel", node, most=most)

    def _round(self, kind: Kind, node: Receiver, *, most: int) -> Collected:
        done = Collected()
        with self._shelf(self.party, _SHELVES[kind]) as shelf, self._shelf(self.party, _REFUSED) as aside:
            free, strange = shelf.look(now=self._now(), lease=self._lease, keep_parts=_KEEP_PARTS)
            for name in strange[:most]:
                error = TABLE.unreadable("node.wrap_name", where=name, found=name, expected=f"*.{kind}")
                done += _put_aside(shelf, aside, name, found=name, error=error)
            for name in free[:most]:
                claim = shelf.claim(name, now=self._now(), lease=self._lease)
                if claim is not None:
                    done += self._handle(shelf, aside, claim, kind=kind, node=node)
        return done

    def _handle(self, shelf: Shelf, aside: Shelf, claim: Claim, *, kind: Kind, node: Receiver) -> Collected:
        try:
            if claim.tries > self._attempts:
                raise TABLE.unreadable("node.attempts", where=claim.name, found=self._attempts)
            self._hand_over(shelf.read(claim, most_bytes=self._most_bytes), claim, kind=kind, node=node)
        except InputError as error:
            return _put_aside(shelf, aside, claim.held_as, found=claim.name, error=error)
        except BaseException:
            shelf.later(claim, until=self._now() + self._retry)
            raise
        shelf.remove(claim)
        return Collected(parcels=1) if kind == "parcel" else Collected(answers=1)

    def _hand_over(self, data: bytes, claim: Claim, *, kind: Kind, node: Receiver) -> None:
        one = unwrap(data, us=self.party, kind=kind, where=claim.name)
        if one.name != claim.name:
            raise TABLE.unreadable("node.wrap_name", where=claim.name, found=claim.name, expected=one.name)
        if kind == "answer":
            node.settle(one.data)
            return
        answer = answer_to(one, node.accept(one.data))
        with self._shelf(one.sender, "answers") as shelf:
            shelf.put(answer.name, wrap(answer))

    def _now(self) -> datetime:
        return aware(self._clock())

    @contextmanager
    def _shelf(self, party: Party, name: str) -> Iterator[Shelf]:
        """A folder of a box, none of which may be a link to another place."""
        box = self.root / box_of(party)
        if box.is_symlink():
            raise refuse("node.folder", found=Text(f"{box.name} is a link", f"{box.name} 是链接"))
        with ExitStack() as stack:
            shelf = Shelf(box / name, random=self._random, mode=self._mode)
            stack.callback(shelf.close)
            yield shelf


def _put_aside(shelf: Shelf, aside: Shelf, name: str, *, found: str, error: InputError) -> Collected:
    kept_as = shelf.put_aside(name, aside, reason=error.code.rpartition(".")[2])
    if not kept_as:
        return Collected()
    gone: RefusedParcel = refused(found, error, kept_as=kept_as)
    return Collected(refused=(gone,))
