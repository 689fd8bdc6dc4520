from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

import pytest

from egov_sdk.exchange.node.collecting import Collecting
from egov_sdk.exchange.node.folder import FolderTransport
from egov_sdk.exchange.node.workers import work
from egov_sdk.exchange.node.wrap import RefusedParcel, box_of
from tests.unit.exchange.node.carried import MARKET, TAX, Hours, Remembering, parcel


def shared(root: Path) -> tuple[FolderTransport, FolderTransport]:
    ways = FolderTransport(root, TAX, clock=Hours()), FolderTransport(root, MARKET, clock=Hours())
    for way in ways:
        way.prepare()
    return ways


def test_what_there_was_is_counted_and_what_was_put_aside_is_told(tmp_path: Path) -> None:
    tax, market = shared(tmp_path)
    tax.deliver(parcel())
    (tmp_path / box_of(MARKET) / "parcels" / "report.xlsx").write_bytes(b"x")
    told: list[RefusedParcel] = []
    node = Remembering()
    collecting = Collecting(market, node, told.append)
    assert (collecting.run_once(), collecting.run_once()) == (2, 0)
    assert node.parcels == [parcel().data]
    assert [one.name for one in told] == ["report.xlsx"]


def test_without_anybody_to_tell_it_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _, market = shared(tmp_path)
    (tmp_path / box_of(MARKET) / "parcels" / "a\nb").write_bytes(b"x")
    with caplog.at_level(logging.WARNING, "egov_sdk.exchange"):
        Collecting(market, Remembering()).run_once()
    (record,) = caplog.records
    assert "egov.exchange.node.wrap_name" in record.getMessage()
    assert "\n" not in record.getMessage()


def test_a_worker_collects_until_it_is_stopped(tmp_path: Path) -> None:
    tax, market = shared(tmp_path)
    node, stop = Remembering(), threading.Event()
    worker = threading.Thread(target=work, args=(Collecting(market, node), stop), kwargs={"idle_s": 0.01})
    worker.start()
    tax.deliver(parcel(1))
    tax.deliver(parcel(2))
    end = time.monotonic() + 90
    while len(node.parcels) < 2 and time.monotonic() < end:
        stop.wait(0.01)
    stop.set()
    worker.join()
    assert sorted(node.parcels) == [parcel(1).data, parcel(2).data]
