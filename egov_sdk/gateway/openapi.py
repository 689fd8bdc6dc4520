"""The document of operations (OpenAPI 3.1), made from the same descriptions that client and server follow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from egov_sdk.gateway.operations import OCTETS, AnyOperation
from egov_sdk.report import Lang, Text

__all__ = ["describe"]

_REF: Final = "#/components/schemas/{model}"
_NO: Final = "No"
_DOCUMENT: Final = {"type": "string", "format": "binary"}
_STATUSES: Final = {
    "400": Text("the question is not of its form", "请求不符合格式"),
    "401": Text("the request is not signed as it should be", "请求签名无效"),
    "403": Text("a rule does not let this caller", "按规则不允许该调用方"),
    "404": Text("there is no such thing", "不存在"),
    "409": Text("a rule does not let this be done now", "按规则目前不能办理"),
    "413": Text("the question is too large", "请求过大"),
    "422": Text("what was sent is not acceptable", "所提交的内容不可接受"),
    "429": Text("too many requests", "请求过于频繁"),
    "503": Text("the platform is busy", "平台繁忙"),
}


class No(BaseModel):
    """Why something is not done: ``code`` is stable, ``message`` is for people."""

    code: str
    kind: str = ""
    message: str
    message_zh: str = ""
    where: str = ""
    detail: dict[str, str] = {}
    request_id: str = ""


def describe(
    operations: Iterable[AnyOperation], *, title: str, version: str, prefix: str = "", lang: Lang = "zh"
) -> dict[str, object]:
    """The document of these operations, as plain values.

    Args:
        version: Of the interface.
        prefix: Where the operations begin.
        lang: The language of summaries.
    Source:
        OpenAPI 3.1.1.
    """
    found = tuple(operations)
    names, schemas = _schemas(found)
    paths: dict[str, dict[str, object]] = {}
    for operation in found:
        described = _operation(operation, names, lang)
        paths.setdefault(prefix + operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.1",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _schemas(operations: tuple[AnyOperation, ...]) -> tuple[dict[str, object], dict[str, object]]:
    """The schema of each question and answer by its operation, and those that they refer to."""
    questions = [(operation.question, "validation") for operation in operations if not _in_address(operation)]
    refs, shared = models_json_schema([*questions, (No, "serialization")], ref_template=_REF)  # type: ignore[list-item]
    schemas: dict[str, object] = dict(shared.get("$defs", {}))
    names: dict[str, object] = {
        f"{operation.name}?": refs[operation.question, "validation"]
        for operation in operations
        if not _in_address(operation)
    }
    for operation in operations:
        if operation.is_document:
            continue
        schema = operation.adapter.json_schema(mode="serialization", ref_template=_REF)
        schemas.update(schema.pop("$defs", {}))
        names[f"{operation.name}!"] = schema
    return names, schemas


def _in_address(operation: AnyOperation) -> bool:
    return operation.method in ("GET", "DELETE")


def _operation(operation: AnyOperation, names: dict[str, object], lang: Lang) -> dict[str, object]:
    in_path = set(operation.path_fields)
    parameters = [_parameter(operation, name, "path") for name in operation.path_fields]
    if _in_address(operation):
        rest = [name for name in operation.question.model_fields if name not in in_path]
        parameters += [_parameter(operation, name, "query") for name in rest]
    described: dict[str, object] = {
        "operationId": operation.name,
        "tags": [operation.name.partition(".")[0]],
        "summary": operation.summary.in_(lang),
        "parameters": parameters,
        "responses": {"200": _yes(operation, names), **_noes(lang)},
    }
    if not _in_address(operation):
        content: dict[str, object] = {"application/json": {"schema": _without(names[f"{operation.name}?"], operation)}}
        if operation.as_body:
            content[OCTETS] = {"schema": _DOCUMENT}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _without(schema: object, operation: AnyOperation) -> object:
    """The schema of a body: the question's own, or one without the fields that stand in the path."""
    if not operation.path_fields:
        return schema
    whole = operation.question.model_json_schema(mode="validation", ref_template=_REF)
    whole.pop("$defs", None)
    whole["properties"] = {k: v for k, v in whole["properties"].items() if k not in operation.path_fields}
    whole["required"] = [name for name in whole.get("required", []) if name not in operation.path_fields]
    return whole


def _parameter(operation: AnyOperation, name: str, place: str) -> dict[str, object]:
    info = operation.question.model_fields[name]
    schema = TypeAdapter(info.rebuild_annotation()).json_schema(ref_template=_REF)
    schema.pop("$defs", None)
    return {"name": name, "in": place, "required": place == "path" or info.is_required(), "schema": schema}


def _yes(operation: AnyOperation, names: dict[str, object]) -> dict[str, object]:
    if operation.is_document:
        return {"description": "OK", "content": {OCTETS: {"schema": _DOCUMENT}}}
    return {"description": "OK", "content": {"application/json": {"schema": names[f"{operation.name}!"]}}}


def _noes(lang: Lang) -> dict[str, object]:
    schema = {"$ref": _REF.format(model=_NO)}
    return {
        status: {"description": text.in_(lang), "content": {"application/json": {"schema": schema}}}
        for status, text in _STATUSES.items()
    }
