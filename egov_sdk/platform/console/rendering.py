"""Pages from templates (模板): everything that is put into one is escaped, and every page has strict headers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from egov_sdk.errors import MissingExtra
from egov_sdk.identity.provider.web import Answer
from egov_sdk.platform.console.words import fault_word, word
from egov_sdk.report import Lang
from egov_sdk.report_words import CONCLUSIONS, OUTCOMES, TITLES, lasting, safe
from egov_sdk.times import BEIJING

try:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup
except ImportError as error:  # pragma: no cover - an environment without the extra
    raise MissingExtra("platform", needed_for="the console") from error

__all__ = ["STATIC", "Asset", "Pages"]

#: Where style and script are, below the console.
STATIC: Final = "/static/"
_HERE: Final = Path(__file__).parent
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = (
    ("content-security-policy", _POLICY),
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
)
_HASH: Final = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """The style or the script. Its name changes with its content, so that browsers may keep it for good."""

    name: str
    body: bytes = field(repr=False)
    media_type: str

    def answer(self) -> Answer:
        """It, to be kept."""
        kept = (("cache-control", "public, max-age=31536000, immutable"), ("content-type", self.media_type))
        return Answer(200, self.body, (*kept, *_HEADERS))


class Pages:
    """Makes pages.

    Args:
        at: Where the console is, such as ``/console``; ``verify`` where the public page is.
        secure: Whether it is reached by https only; browsers are told so.
    """

    def __init__(self, *, at: str, verify: str, secure: bool) -> None:
        self.at, self.verify = at, verify
        self.assets: Mapping[str, Asset] = MappingProxyType(
            {one.name: one for one in map(_asset, sorted((_HERE / "static").iterdir()))}
        )
        self._transport = (("strict-transport-security", "max-age=31536000"),) if secure else ()
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_harmless,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {
            "at": at,
            "verify_at": verify,
            "static": {Path(name).suffix[1:]: f"{at}{STATIC}{name}" for name in self.assets},
            "when": _when,
            "day": _day,
            "by_value": {one.value: text for one, text in OUTCOMES.items()},
            "OUTCOMES": OUTCOMES,
            "CONCLUSIONS": CONCLUSIONS,
            "TITLES": TITLES,
        }

    def answer(
        self,
        template: str,
        facts: Mapping[str, object],
        *,
        lang: Lang,
        status: int = 200,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Answer:
        """A page as an answer that nobody keeps."""
        words = {
            "lang": lang,
            "t": lambda chinese, english: chinese if lang == "zh" else english,
            "say": lambda text: text.in_(lang),
            "word": lambda value: word(value, lang),
            "fault_word": lambda name: fault_word(name, lang),
            "span": lambda seconds: lasting(seconds, lang),
        }
        text = self._templates.get_template(template).render({**facts, **words})
        kind = (("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store"))
        return Answer(status, text.encode("utf-8", "replace"), (*kind, *_HEADERS, *self._transport, *headers))

    def go(self, path: str, *headers: tuple[str, str]) -> Answer:
        """Send the browser to another page of ours, to be asked for with GET."""
        return Answer(303, headers=(("location", path), ("cache-control", "no-store"), *_HEADERS, *headers))


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    mark = hashlib.sha256(body).hexdigest()[:_HASH]
    return Asset(f"{path.stem}.{mark}{path.suffix}", body, _TYPES[path.suffix])


def _harmless(value: object) -> object:
    """What a page shows of a value; text that would steer the reading shows its code points."""
    return value if isinstance(value, (Markup, int, float)) else safe(value)


def _when(at: datetime) -> str:
    """A time as clocks in China show it."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def _day(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d}"
