"""Three templates to begin with, marked 样证 (specimen) on every page, and without any state emblem."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from egov_sdk.license.face.template import FaceTemplate

__all__ = ["SAMPLES", "SampleName", "sample_template"]

SampleName = Literal["business_permit", "person_certificate", "multi_page_permit"]

#: A licence for business (营业类许可证), a certificate with photo (人员资格证书), a permit of many pages (多页许可).
SAMPLES: tuple[SampleName, ...] = get_args(SampleName)


@cache
def sample_template(name: SampleName) -> FaceTemplate:
    """One of the sample templates.

    Raises:
        ValueError: there is no sample of that name.
    """
    if name not in SAMPLES:
        raise ValueError(f"there is no sample template {name!r}; there are {', '.join(SAMPLES)}")
    return FaceTemplate.from_toml(files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))
