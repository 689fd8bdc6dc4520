"""Build OFD documents: text, lines, shapes and pictures on pages, good enough for certificates (证照)."""

from __future__ import annotations

from egov_sdk.ofd.builder.assembly import ObjectRef
from egov_sdk.ofd.builder.canvas import Align
from egov_sdk.ofd.builder.document import OfdBuilder
from egov_sdk.ofd.builder.layout import text_width_mm, wrap_text

__all__ = ["Align", "ObjectRef", "OfdBuilder", "text_width_mm", "wrap_text"]
