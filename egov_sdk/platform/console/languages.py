"""The language of pages: Chinese, or English for whoever asks for it once."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlencode

from egov_sdk.identity.provider.web import Request, cookie
from egov_sdk.report import Lang

__all__ = ["lang_cookie", "language_choice", "language_link", "language_of"]

_LANG: Final = "egov_lang"


def language_of(request: Request) -> Lang:
    """The language that was chosen; Chinese by default."""
    return "en" if request.cookies.get(_LANG) == "en" else "zh"


def language_choice(request: Request) -> tuple[str, Lang] | None:
    """Where to go on, and in which language, when a page is asked for with ``?lang=``; None when it is not."""
    given = dict(request.query)
    wanted = given.pop("lang", "")
    if request.method not in ("GET", "HEAD") or wanted not in ("zh", "en"):
        return None
    return quote(request.path) + (f"?{urlencode(given)}" if given else ""), "en" if wanted == "en" else "zh"


def language_link(request: Request, lang: Lang) -> str:
    """The link from a page to the same page, with all that was asked of it, in the other language."""
    asked = request.query if request.method in ("GET", "HEAD") else ()
    kept = [(name, text) for name, text in asked if name != "lang"]
    return "?" + urlencode([("lang", "en" if lang == "zh" else "zh"), *kept])


def lang_cookie(lang: Lang, *, secure: bool) -> tuple[str, str]:
    """Remembers the language for all pages of the province."""
    return cookie(_LANG, lang, path="/", secure=secure)
