"""The document of operations says what client and server do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from egov_sdk.gateway.openapi import describe
from egov_sdk.gateway.operations import OCTETS, Operation
from egov_sdk.license.wire.rest import OPERATIONS as LICENCES
from egov_sdk.seal.wire import OPERATIONS as SEALS

ALL: tuple[Operation[Any, Any], ...] = (*SEALS, *LICENCES)
DOCUMENT = describe(ALL, title="样例", version="1", prefix="/egov/v1")


def values(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from values(inner)


def described(operation: Operation[Any, Any]) -> Any:
    paths: Any = DOCUMENT["paths"]
    return paths["/egov/v1" + operation.path][operation.method.lower()]


def test_the_document_is_one_and_plain_json() -> None:
    assert [str(error) for error in OpenAPIV31SpecValidator(json.loads(json.dumps(DOCUMENT))).iter_errors()] == []


def test_a_file_to_be_verified_comes_as_it_is_or_in_json() -> None:
    paths: Any = DOCUMENT["paths"]
    content = paths["/egov/v1/license-verifications"]["post"]["requestBody"]["content"]
    assert content.keys() == {"application/json", OCTETS}
    assert content[OCTETS]["schema"] == {"type": "string", "format": "binary"}
    for path, methods in paths.items():
        if path != "/egov/v1/license-verifications":
            assert all(OCTETS not in one.get("requestBody", {}).get("content", {}) for one in methods.values())


def test_every_reference_leads_to_a_schema() -> None:
    components: Any = DOCUMENT["components"]
    refs = {str(value["$ref"]) for value in values(DOCUMENT) if "$ref" in value}
    assert {ref.rpartition("/")[2] for ref in refs} <= set(components["schemas"])
    assert len(refs) > 20


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_every_operation_stands_where_it_is_with_all_its_fields(operation: Operation[Any, Any]) -> None:
    found = described(operation)
    assert found["operationId"] == operation.name
    in_path = {one["name"] for one in found["parameters"] if one["in"] == "path"}
    assert in_path == set(operation.path_fields)
    asked = {one["name"] for one in found["parameters"]}
    if "requestBody" in found:
        schema = found["requestBody"]["content"]["application/json"]["schema"]
        if "$ref" in schema:
            components: Any = DOCUMENT["components"]
            schema = components["schemas"][schema["$ref"].rpartition("/")[2]]
        asked |= set(schema["properties"])
        assert not in_path & set(schema["properties"])
    assert asked == set(operation.question.model_fields)


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_an_answer_is_a_document_or_json(operation: Operation[Any, Any]) -> None:
    content = described(operation)["responses"]["200"]["content"]
    assert list(content) == [OCTETS if operation.is_document else "application/json"]


def test_summaries_stand_in_the_language_that_was_asked_for() -> None:
    english: Any = describe(SEALS, title="x", version="1", lang="en")["paths"]
    chinese: Any = describe(SEALS, title="x", version="1")["paths"]
    assert english["/seals"]["post"]["summary"] == "Have a seal made and filed"
    assert chinese["/seals"]["post"]["summary"] == "制章并备案"


def test_names_of_operations_are_unique() -> None:
    names = [operation.name for operation in ALL]
    assert len(set(names)) == len(names)
