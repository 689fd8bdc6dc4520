"""Turn a function into a command: it gets a voice, and the command gets --json, --lang and exit codes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated

import typer
from typer.models import ArgumentInfo, OptionInfo

from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import tell
from egov_sdk.cli._words import ask_first, both
from egov_sdk.report import Lang

__all__ = ["JsonOption", "LangOption", "argument", "command", "group", "option"]


def argument(metavar: str, en: str, zh: str) -> ArgumentInfo:
    """An argument with its help in both languages."""
    made: ArgumentInfo = typer.Argument(metavar=metavar, help=both(en, zh))
    return made


def option(name: str, en: str, zh: str, *, metavar: str | None = None, short: str | None = None) -> OptionInfo:
    """An option with its help in both languages."""
    names = (name,) if short is None else (short, name)
    made: OptionInfo = typer.Option(*names, metavar=metavar, help=both(en, zh))
    return made


JsonOption = Annotated[bool, option("--json", "Print the result as JSON.", "以 JSON 输出结果。")]
LangOption = Annotated[
    Lang | None,
    option("--lang", "Language of the words; the locale decides otherwise.", "文字的语言，默认取决于区域设置。"),
]
_EXTRA = (
    inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=JsonOption),
    inspect.Parameter("lang", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=LangOption),
)


def group(en: str, zh: str) -> typer.Typer:
    """A group of commands; like every command it takes --lang."""
    made = typer.Typer(help=both(en, zh), no_args_is_help=True)

    @made.callback()
    def _lang(lang: LangOption = None) -> None:
        ask_first(lang)

    return made


def command(
    home: typer.Typer, name: str, en: str, zh: str
) -> Callable[[Callable[..., ExitCode | None]], Callable[..., None]]:
    """Make a command of a function whose first parameter is a Voice; what it raises ends as words and an exit code."""

    def decorate(function: Callable[..., ExitCode | None]) -> Callable[..., None]:
        run = _runner(function)
        home.command(name, help=both(en, zh))(run)
        return run

    return decorate


def _runner(function: Callable[..., ExitCode | None]) -> Callable[..., None]:
    signature = inspect.signature(function, eval_str=True)
    own = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in signature.parameters.items()
        if name != "voice"
    ]

    @functools.wraps(function)
    def run(*, as_json: bool = False, lang: Lang | None = None, **arguments: object) -> None:
        voice = Voice.of(lang, as_json=as_json)
        try:
            code = function(voice, **arguments) or ExitCode.DONE
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - the one place where nothing may escape as a traceback
            code = tell(error, voice)
        raise typer.Exit(int(code))

    shown = inspect.Signature([*own, *_EXTRA])
    run.__signature__ = shown  # type: ignore[attr-defined]  # inspect and typer read it
    run.__annotations__ = {name: parameter.annotation for name, parameter in shown.parameters.items()}
    return run
