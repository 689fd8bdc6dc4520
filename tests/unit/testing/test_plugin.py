"""The fixtures as a stranger's test suite sees them."""

from __future__ import annotations

import tomllib
from importlib.metadata import entry_points

import pytest

from egov_sdk.testing.makers import LicenseMaker, SealMaker, Verifier
from egov_sdk.testing.province import Province
from egov_sdk.testing.server import ServedProvince
from tests.house.tree import ROOT

pytest_plugins = ["pytester"]

NAME = "egov_sdk.testing.plugin"
INSTALLED = any(one.value == NAME for one in entry_points(group="pytest11"))
# an installation from before the plugin does not know it, and pytest takes no plugin twice
LOAD = () if INSTALLED else ("-p", NAME)
# what others bring takes seconds to load, in each process
PLAIN = tuple(
    word for name in ("schemathesis", "hypothesispytest", "anyio", "cacheprovider") for word in ("-p", f"no:{name}")
)
PLUGIN = (*LOAD, *PLAIN, "-p", "no:randomly")


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """Suites inside this one forget what they loaded first, and two copies of one library do not go together."""
    for made in (Province(), ServedProvince()):
        with made as province:
            province.sign_in(province.people.add())
            Verifier(province)(LicenseMaker(province)("person_certificate"))
            SealMaker(province)()


def run(pytester: pytest.Pytester, source: str, *more: str) -> pytest.RunResult:
    pytester.makepyfile(source)
    return pytester.runpytest_inprocess(*PLUGIN, *more)


def test_a_county_app_is_tested(pytester: pytest.Pytester) -> None:
    source = """
        def test_issue(province, make_license, make_seal, assert_verifies, clock, pki):
            person = province.people.add(name="王测试", level="real_person")
            licence = make_license("person_certificate", holder=person.name, code=person.number)
            assert_verifies(licence)
            assert province.clock is clock
            assert make_seal("某局").name == "某局"
            key, certificate = pki.issue("CN=somebody")
            assert certificate.public_key == key.public_key()
            province.fail("license.verify", status=503, times=2)
            gov = province.connect("hall")
            assert gov.license.verify(licence.file).outcome.value == "passed"
            province.clock.tick(hours=3)
            assert province.saw("license.verify").times(3)
            assert province.saw("license.verify").answered(200).once()
            assert province.saw("license.issue").never()

        def test_nothing_is_left(province):
            assert province.calls == ()
            assert province.office.license.verify
    """
    run(pytester, source).assert_outcomes(passed=2)


def test_what_does_not_verify_is_told(pytester: pytest.Pytester) -> None:
    source = """
        def test_revoked(province, make_license, assert_verifies):
            from egov_sdk.license.states import LicenseAction
            licence = make_license()
            province.office.license.act(licence.identifier, LicenseAction.REVOKE, reason="依法吊销")
            assert_verifies(licence)
    """
    result = run(pytester, source)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*it does not verify: failed*"])


def test_a_mismatch_is_readable(pytester: pytest.Pytester) -> None:
    source = """
        def test_it(province):
            province.connect().license.types()
            assert province.saw("license.issue").once()
    """
    result = run(pytester, source)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*to see license.issue once, and saw it 0 times*", "*1. license.types  GET*"])


SWALLOWED = """
    from egov_sdk.gateway.messages import Request
    def test_it({fixture}):
        try:
            {fixture}.connect().gateway.request(Request("GET", "/egov/v1/typo"))
        except BaseException:
            pass
"""


@pytest.mark.parametrize("fixture", ["province", "province_server"])
def test_an_unknown_route_is_found_though_the_program_hides_it(pytester: pytest.Pytester, fixture: str) -> None:
    result = run(pytester, SWALLOWED.format(fixture=fixture))
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*the province has nothing at GET /egov/v1/typo*"])


def test_an_unknown_route_is_told_once(pytester: pytest.Pytester) -> None:
    source = SWALLOWED.format(fixture="province").replace("pass", "raise")
    run(pytester, source).assert_outcomes(failed=1)


def test_a_served_province_is_reached_over_a_socket(pytester: pytest.Pytester) -> None:
    source = """
        import json
        from urllib.request import urlopen

        def test_it(province_server, clock):
            with urlopen(province_server.url + "/egov/v1/openapi.json") as answer:
                assert json.load(answer)["openapi"].startswith("3.1")
            gov = province_server.connect("hall")
            assert len(gov.license.types()) == 3
            clock.tick(hours=30)
            assert len(gov.license.types()) == 3
            session = province_server.sign_in(province_server.people.add())
            assert session
            assert province_server.saw("license.types").by("hall").times(2)

        def test_cut(province_server):
            from egov_sdk.testing.faults import Cut
            province_server.fail("license.types", Cut(), times=1)
            assert len(province_server.connect().license.types()) == 3
            assert province_server.saw("license.types").times(2)
    """
    run(pytester, source).assert_outcomes(passed=2)


def test_another_profile_is_chosen_in_a_conftest(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import pytest

        @pytest.fixture(scope="session")
        def province_profile():
            return "tif"
    """)
    source = """
        def test_it(province):
            assert province.profile == "tif"
            assert province.connect().license.types()
    """
    run(pytester, source).assert_outcomes(passed=1)


def test_workers_do_not_disturb_each_other(pytester: pytest.Pytester) -> None:
    source = """
        import pytest

        @pytest.mark.parametrize("number", range(6))
        def test_it(province, make_license, number):
            make_license()
            assert sum(one.count for one in province.office.license.statistics()) == 3
    """
    pytester.makepyfile(source)
    result = pytester.runpytest_subprocess(*PLUGIN, "-n", "2")
    result.assert_outcomes(passed=6)


def test_a_suite_that_does_not_ask_for_it_loads_nothing(pytester: pytest.Pytester) -> None:
    source = """
        import sys

        def test_it():
            heavy = {"sqlalchemy", "pydantic", "httpx", "starlette", "lxml", "egov_sdk.crypto"}
            assert heavy & set(sys.modules) == set()
    """
    pytester.makepyfile(source)
    pytester.runpytest_subprocess(*LOAD, *PLAIN, "-n", "0").assert_outcomes(passed=1)


def test_pytest_finds_the_plugin_by_itself(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an installation of this pyproject.toml would have it."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]["pytest11"]
    place = pytester.mkdir("site") / "probe-1.dist-info"
    place.mkdir()
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: probe\nVersion: 1\n")
    lines = [f"{name} = {value}" for name, value in table.items()]
    (place / "entry_points.txt").write_text("\n".join(["[pytest11]", *lines]))
    monkeypatch.setenv("PYTHONPATH", str(place.parent), prepend=":")
    pytester.makepyfile("def test_it(province): assert province.connect().license.types()")
    pytester.runpytest_subprocess(*PLAIN, "-n", "0").assert_outcomes(passed=1)
