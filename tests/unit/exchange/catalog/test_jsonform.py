"""A catalogue as JSON."""

from __future__ import annotations

import json

import pytest

from egov_sdk.exchange.catalog.jsonform import FORMAT, read_json, write_json
from egov_sdk.exchange.catalog.limits import CatalogLimits
from tests.unit.exchange.catalog.world import BUREAU, code_of, entry, full_entry


def test_what_was_written_is_read_back() -> None:
    entries = (entry(), full_entry())
    read = read_json(write_json(entries))
    assert read.entries == entries
    assert read.ok


def test_a_bare_list_and_plain_json_of_the_model_are_read() -> None:
    plain = [full_entry().model_dump(mode="json"), {"name": "a"}]
    read = read_json(json.dumps(plain).encode(), provider=BUREAU)
    assert read.findings == ()
    assert read.entries[0] == full_entry()
    assert read.entries[1].provider == BUREAU


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "catalog.json.malformed"),
        (b"[", "catalog.json.malformed"),
        (b"[NaN]", "catalog.json.malformed"),
        (b"[" * 100_000, "catalog.json.malformed"),
        (b"[" + b"9" * 5000 + b"]", "catalog.json.malformed"),
        (b'[{"name":"a","name":"b"}]', "catalog.json.twice"),
        (b'[{"sharing":{"type":"conditional","type":"refused"}}]', "catalog.json.twice"),
        (b'{"entries":[]}', "catalog.json.type"),
        (b'{"format":"egov-sdk-catalog-9","entries":[]}', "catalog.json.type"),
        (f'{{"format":"{FORMAT}"}}'.encode(), "catalog.json.type"),
        (b"1", "catalog.json.type"),
        ("[]".encode("utf-16"), "catalog.encoding"),
        ("[{}]".replace("{}", '"企"').encode("gb18030"), "catalog.encoding"),
    ],
)
def test_what_is_no_catalogue_is_refused(data: bytes, code: str) -> None:
    assert code_of(lambda: read_json(data)) == code


@pytest.mark.parametrize(
    ("value", "problem", "path"),
    [
        (1, "json.type", "$.entries[0]"),
        ({"name": 1}, "json.type", "$.entries[0].name"),
        ({"name": True}, "json.type", "$.entries[0].name"),
        ({"name": "a", "price": 1}, "json.member", "$.entries[0].price"),
        ({"name": "a", "sharing": {"who": "x"}}, "json.member", "$.entries[0].sharing.who"),
        ({"name": "a", "sharing": "open"}, "json.member", "$.entries[0].sharing"),
        ({"name": "a", "keywords": "x"}, "json.type", "$.entries[0].keywords"),
        ({"name": "a", "keywords": [1]}, "json.type", "$.entries[0].keywords"),
        ({"name": "a", "items": {}}, "json.type", "$.entries[0].items"),
        ({"name": "a", "items": [1]}, "json.type", "$.entries[0].items[0]"),
        ({"name": "a", "items": [{"name": "x", "size": "1"}]}, "json.member", "$.entries[0].items[0].size"),
        ({"name": "a", "items": [{"name": "x", "length": True}]}, "json.type", "$.entries[0].items[0].length"),
        ({"name": "a", "items": [{"name": "x", "length": -1}]}, "value.number", "$.entries[0].items[0].length"),
        ({"name": "a", "items": [{"name": "x", "type": "Q"}]}, "value.term", "$.entries[0].items[0].type"),
        ({"name": "a", "items": [{}]}, "value.missing", "$.entries[0].items[0].name"),
        ({"name": "a\ud800"}, "characters", "$.entries[0].name"),
        ({"name": "a\x00"}, "characters", "$.entries[0].name"),
        ({"name": "a\uffff"}, "characters", "$.entries[0].name"),
        ({"name": "a", "published_on": 45292}, "json.type", "$.entries[0].published_on"),
        ({"name": "a", "openness": {"is_open": "perhaps"}}, "value.term", "$.entries[0].openness.is_open"),
    ],
)
def test_a_wrong_value_is_told_with_its_path(value: object, problem: str, path: str) -> None:
    read = read_json(json.dumps([value, {"name": "good"}]).encode())
    assert (f"catalog.{problem}", path) in [(one.problem, one.place.path) for one in read.findings]
    assert [one.name for one in read.entries] == ["good"]


@pytest.mark.parametrize(
    "limits", [CatalogLimits(json_bytes=10), CatalogLimits(entries=1), CatalogLimits(items=1), CatalogLimits(values=0)]
)
def test_limits_hold(limits: CatalogLimits) -> None:
    data = write_json([full_entry(), entry()])
    if limits.json_bytes == 10 or limits.entries == 1:
        assert code_of(lambda: read_json(data, limits=limits)) == "egov.input.limit_exceeded"
    else:
        assert "catalog.value.too_many" in [one.problem for one in read_json(data, limits=limits).findings]
