"""Catalogues in files (目录文件): types of licences as TOML, to be written by people, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from egov_sdk.errors import LimitExceeded
from egov_sdk.frozen import first_misfit
from egov_sdk.license._toml import to_toml
from egov_sdk.license.catalogue import LicenseType, check_license_type
from egov_sdk.license.findings import finding, require_none
from egov_sdk.license.problems import unreadable

__all__ = ["CATALOGUE_BYTES", "CatalogueForm", "dump_license_types", "load_license_types"]

#: The longest catalogue that is read.
CATALOGUE_BYTES: Final = 16 << 20
CatalogueForm = Literal["json", "toml"]

_SCHEMA_VERSION = 1


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="forbid")

    schema_version: Literal[1] = 1
    types: tuple[LicenseType, ...] = ()


def dump_license_types(types: Iterable[LicenseType], *, form: CatalogueForm = "toml") -> bytes:
    """Types of licences as a file; what is as it is by default is left out.

    Raises:
        ValueError: a text that cannot be written.
    """
    rows = [one.model_dump(mode="json", exclude_defaults=True, exclude_none=True) for one in types]
    document = {"schema_version": _SCHEMA_VERSION, "types": rows}
    if form == "json":
        return json.dumps(document, ensure_ascii=False, indent=2).encode()
    return to_toml(document).encode()


def load_license_types(data: bytes, *, form: CatalogueForm = "toml") -> tuple[LicenseType, ...]:
    """Types of licences from a file that dump_license_types or somebody has written.

    Raises:
        ParseError: ``catalogue``: not of this form, or an item unknown, missing or of a wrong kind, ``where`` names it;
            or the code of what check_license_type finds first; or ``type_twice``.
        LimitExceeded: larger than CATALOGUE_BYTES.
    """
    if len(data) > CATALOGUE_BYTES:
        raise LimitExceeded("CATALOGUE_BYTES", allowed=CATALOGUE_BYTES, found=len(data), where="catalogue")
    types = _read(data, form).types
    seen = set()
    for one in types:
        require_none(check_license_type(one))
        if one.code in seen:
            raise finding(one.code, "type_twice").to_error()
        seen.add(one.code)
    return types


def _read(data: bytes, form: CatalogueForm) -> _Catalogue:
    try:
        if form == "json":
            return _Catalogue.model_validate_json(data)
        import tomllib

        return _Catalogue.model_validate(tomllib.loads(data.decode("utf-8-sig")))
    except ValidationError as error:
        first = first_misfit(error)
        raise unreadable("catalogue", where=first.place, found=first.text) from None
    except (ValueError, RecursionError) as error:
        raise unreadable("catalogue", where="catalogue", found=error) from None
