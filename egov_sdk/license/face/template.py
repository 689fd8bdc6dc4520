"""The template of a face (照面模板), as data: pages, fixed text, fields, pictures, and where each role seals."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["FaceTemplate"]


class FaceTemplate(BaseModel):
    """Where everything stands on the face of a type's licences; millimetres from the top left of a page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
