"""The snippet in Node calls a served province with the national signature, and is refused without the right secret."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.testing.makers import LicenseMaker
from egov_sdk.testing.server import ServedProvince
from tests.house.tree import ROOT

NODE = shutil.which("node")
COMPANY = specimen_credit_code(77).number

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


@pytest.fixture
def served() -> Iterator[ServedProvince]:
    with ServedProvince(profile="national") as province:
        yield province


def node(province: ServedProvince, *, secret: str) -> subprocess.CompletedProcess[str]:
    assert NODE is not None
    # a program in another process has a clock of its own: it is set to the province's
    clock = f"data:text/javascript,Date.now = () => {int(province.clock.seconds() * 1_000)}"
    return subprocess.run(
        [NODE, "--import", clock, str(ROOT / "examples" / "node" / "national.mjs"), province.url, "hall", COMPANY],
        capture_output=True,
        text=True,
        timeout=90,
        env={**os.environ, "PROVINCE_SECRET": secret},
    )


def test_it_gets_its_answer(served: ServedProvince) -> None:
    LicenseMaker(served)(holder="样例公司", code=COMPANY, number="CS1")
    found = node(served, secret=served.credentials("hall").secret)
    assert (found.stdout, found.stderr) == ("CS1 营业许可证 样例公司\n", "")
    assert served.saw("license.search").by("hall").once()


def test_another_secret_is_refused(served: ServedProvince) -> None:
    LicenseMaker(served)(code=COMPANY)
    found = node(served, secret="another")
    assert found.returncode == 1
    assert found.stdout == ""
    assert "401" in found.stderr
    assert not served.saw("license.search")


def test_without_a_secret_it_says_what_it_needs(served: ServedProvince) -> None:
    found = node(served, secret="")
    assert (found.returncode, found.stdout) == (2, "")
    assert "PROVINCE_SECRET" in found.stderr
