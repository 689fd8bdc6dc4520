"""The face of a licence (证照照面): a template that says where everything stands, and the page made from it."""

from __future__ import annotations

from egov_sdk.license.face.template import FaceTemplate

__all__ = ["FaceTemplate"]
