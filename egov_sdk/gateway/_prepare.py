"""From a request to what is sent: address, body, headers, signature."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from egov_sdk.gateway._canonical import Pairs, checked_field, encode_form, encode_path, encode_query
from egov_sdk.gateway._nhsa import wrap
from egov_sdk.gateway._template import Template
from egov_sdk.gateway.credentials import Credentials
from egov_sdk.gateway.errors import CredentialsMissing, UnsafeValue
from egov_sdk.gateway.messages import NO_JSON, Query, Request
from egov_sdk.gateway.profile import GatewayProfile, TokenCall
from egov_sdk.gateway.signing import Random, Signable, Signed, sign

if TYPE_CHECKING:
    from egov_sdk.gateway.uploads import Upload

__all__ = ["Outgoing", "Prepared", "body_digests", "outgoing", "prepare", "prepare_token_call"]

_FORM: Final = "application/x-www-form-urlencoded"
_BYTES: Final = "application/octet-stream"
_JSON: Final = "application/json;charset=UTF-8"
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
#: Headers that say how the message itself is made up; only the client knows.
_OURS: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "accept-encoding"}
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request checked and encoded once, before its first attempt; each attempt only signs it anew."""

    method: str
    path: str
    query: Pairs
    form: Pairs | None = field(repr=False)
    body: bytes = field(repr=False)
    members: Mapping[str, object] = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    service: str
    values: Mapping[str, str] = field(repr=False)
    request_id: str
    repeat_in: str = ""
    upload: Upload | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One attempt, signed."""

    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    signing_string: bytes = field(default=b"", repr=False)


def _pairs(query: Query) -> Pairs:
    items = query.items() if isinstance(query, Mapping) else query
    found = tuple((key, value) for key, value in items)
    for key, value in found:
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError(f"query and form hold texts; {key!r} has a {type(value).__name__}")
    return found


def _encoded_json(value: object) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except UnicodeEncodeError:
        raise UnsafeValue("the JSON holds half a character", field="json") from None


def _path(request: Request, profile: GatewayProfile | None, service: str) -> str:
    path = request.path
    if not path and profile is not None and profile.call_path:
        path = profile.call_path
        if "{service}" in path:
            if not service:
                raise CredentialsMissing(
                    f"profile {profile.name!r} has the service in its path", profile=profile.name, setting="service"
                )
            path = path.replace("{service}", quote(checked_field(service, name="service", limit=128), safe=""))
    if not path:
        raise ValueError("this request needs a path: the profile has no call_path")
    return encode_path(path)


def _headers(
    request: Request, content_type: str, profile: GatewayProfile | None, *, request_id: str, key: str
) -> Pairs:
    taken = {wire.lower() for wire, _, _ in profile._fields} if profile is not None else set()
    found = [("X-Request-Id", request_id), ("Accept-Encoding", "gzip")]
    if not request.is_safe:
        found.append(("Idempotency-Key", checked_field(key, name="idempotency_key", limit=128)))
    if content_type:
        found.append(("Content-Type", checked_field(content_type, name="content_type")))
    for name, value in request.headers.items():
        if _NAME.fullmatch(name) is None or name.lower() in _OURS | taken:
            raise UnsafeValue(f"header {name[:40]!r} is not the caller's to set", field="headers")
        found = [pair for pair in found if pair[0].lower() != name.lower()]
        found.append((name, checked_field(value, name=f"header {name}")))
    return tuple(found)


def prepare(
    request: Request, profile: GatewayProfile | None, *, base_path: str, service: str, random: Random
) -> Prepared:
    """Check and encode a request.

    Raises:
        UnsafeValue: something in it would change the request around it.
        CredentialsMissing, ValueError, TypeError: it is not complete, or of a wrong type.
    """
    service = request.service or service
    if unknown := request.values.keys() - (profile.values.keys() if profile is not None else set()):
        raise ValueError(f"the profile has no value {', '.join(sorted(unknown))}")
    request_id = checked_field(request.request_id, name="request_id", limit=128) or random(16).hex()
    key = request.idempotency_key or random(16).hex()
    form = None if request.form is None else _pairs(request.form)
    body, content_type, members = request.body, request.content_type, {}
    if request.upload is not None:
        _check_upload(request.upload, profile)
        content_type = content_type or _BYTES
    if profile is not None and profile.envelope:
        if form is not None or body:
            raise ValueError(f"profile {profile.name!r} sends an envelope: give `json`")
        members = {} if request.json is NO_JSON else {"data": request.json}
        content_type = content_type or _JSON
    elif request.json is not NO_JSON:
        body, content_type = _encoded_json(request.json), content_type or _JSON
    elif form is not None:
        content_type = content_type or _FORM
    path = _path(request, profile, service)
    return Prepared(
        method=request.method,
        path=base_path + path,
        query=_pairs(request.query),
        form=form,
        body=body,
        members=members,
        headers=_headers(request, content_type, profile, request_id=request_id, key=key),
        service=service,
        values=request.values,
        request_id=request_id,
        upload=request.upload,
    )


def _check_upload(upload: Upload, profile: GatewayProfile | None) -> None:
    if upload.is_spent:
        raise ValueError("these pieces were sent before and are gone: make a new Upload")
    if profile is not None and profile._needs & {"body", "envelope"}:
        raise ValueError(f"profile {profile.name!r} signs the body itself, so it must be there whole: give `body`")


def body_digests(upload: Upload | None, profile: GatewayProfile) -> Mapping[str, str]:
    """The digests of a body that is not here, as far as the profile signs them."""
    if upload is None:
        return {}
    wanted: dict[str, str] = {}
    if "body_sm3" in profile._needs:
        wanted["sm3"] = upload.digest("sm3")
    if "body_sha256" in profile._needs:
        wanted["sha256"] = upload.digest("sha256")
    return wanted


def prepare_token_call(
    call: TokenCall, profile: GatewayProfile, credentials: Credentials, *, base_path: str, service: str, random: Random
) -> Prepared:
    """The request for a session secret, as prepare makes one."""
    filled = {"id": credentials.id, "secret": credentials.secret, "service": service}
    fields = tuple((name, Template(text).fill(filled)) for name, text in call.fields.items())
    request = Request(
        call.method,
        call.path,
        json=dict(fields) if call.body == "json" else NO_JSON,
        form=fields if call.body == "form" else None,
        service=service,
    )
    prepared = prepare(request, profile, base_path=base_path, service=service, random=random)
    return replace(prepared, repeat_in=call.body) if call.repeat_fields else prepared


def outgoing(
    prepared: Prepared,
    profile: GatewayProfile | None,
    credentials: Credentials | None,
    *,
    secret: str | None,
    token: str,
    at_s: float,
    random: Random,
) -> Outgoing:
    """Sign one attempt and put its fields where the profile wants them."""
    if profile is None or credentials is None:
        body = prepared.body if prepared.form is None else encode_form(prepared.form)
        return Outgoing(_target(prepared.path, encode_query(prepared.query)), prepared.headers, body)
    query, form = _with_token(prepared, profile, token)
    encoded = encode_query(sorted(query, key="=".join) if profile.query_form == "sorted" else query)
    body = prepared.body if form is None else encode_form(form)
    part = Signable(
        method=prepared.method,
        path=prepared.path,
        query=encoded,
        body=body,
        is_form=form is not None,
        members=prepared.members,
        digests=body_digests(prepared.upload, profile),
    )
    signed = sign(
        part,
        profile=profile,
        credentials=credentials,
        at=at_s,
        service=prepared.service,
        secret=secret,
        token=token,
        values=prepared.values,
        random=random,
    )
    return _placed(prepared, profile, credentials, part=part, signed=signed, form=form)


def _with_token(prepared: Prepared, profile: GatewayProfile, token: str) -> tuple[Pairs, Pairs | None]:
    """Query and form, with the access token among the parameters where the platform wants it there."""
    if not token or profile.token is None or not profile.token.parameter:
        return prepared.query, prepared.form
    pair = (profile.token.parameter, token)
    if prepared.form is None:
        return (*prepared.query, pair), None
    return prepared.query, (*prepared.form, pair)


def _placed(
    prepared: Prepared,
    profile: GatewayProfile,
    credentials: Credentials,
    *,
    part: Signable,
    signed: Signed,
    form: Pairs | None,
) -> Outgoing:
    """The signing fields in headers, query or body."""
    headers, query, body, fields = prepared.headers, part.query, part.body, signed.fields
    if profile.place == "header":
        headers = (*headers, *fields)
    elif profile.place == "query":
        query = "&".join(text for text in (query, encode_query(fields)) if text)
    else:
        members = {**dict(fields), **prepared.members}
        encrypt = profile.envelope == "nhsa"
        body = wrap(members, app_id=credentials.id, secret=credentials.secret, encrypt=encrypt)
    if prepared.repeat_in == "json":
        body = _encoded_json({**dict(fields), **json.loads(body)})
    elif prepared.repeat_in == "form":
        body = encode_form((*fields, *(form or ())))
    return Outgoing(_target(prepared.path, query), headers, body, signed.signing_string)


def _target(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
