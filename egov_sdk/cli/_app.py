"""The application: every command in its place."""

from __future__ import annotations

import contextlib
import sys

from typer.main import get_command
from typer.models import CommandInfo

# each puts its commands into a group
from egov_sdk.cli import (  # noqa: F401
    _audit,
    _catalog,
    _catalog_life,
    _catalog_quality,
    _cert,
    _code,
    _demo,
    _doctor,
    _exchange,
    _exchange_dead,
    _gateway,
    _identity,
    _identity_assert,
    _identity_register,
    _identity_tokens,
    _key,
    _license_export,
    _license_import,
    _license_issue,
    _license_life,
    _license_look,
    _license_online,
    _license_present,
    _license_types,
    _license_use,
    _license_verify,
    _make,
    _ofd,
    _platform,
    _platform_backup,
    _platform_callers,
    _platform_mock,
    _platform_partners,
    _platform_record,
    _platform_staff,
    _render,
    _seals,
    _selftest,
    _sharing,
    _sharing_look,
    _stamp,
    _verify,
)
from egov_sdk.cli import _groups as groups
from egov_sdk.cli._help import say_in_chinese
from egov_sdk.cli._words import asked_in, language

__all__ = ["app", "run"]

_ORDER = (
    *("demo", "verify", "doctor", "self-test", "show", "render", "new", "draw", "stamp", "sign", "issue"),
    *("explain", "call", "profiles", "check", "test-number"),
    *("import", "export", "search", "diff"),
    *("new-type", "types", "id", "copy", "present", "scan"),
    *("change", "renew", "suspend", "resume", "revoke", "cancel", "history", "complete"),
    *("code", "begin", "waiting", "confirm", "refuse", "status", "fetch"),
    *("request", "grant", "refuse", "return", "deliver", "use", "object", "answer", "acknowledge", "end"),
    *("list", "overdue", "notices", "statistics", "evidence"),
    *("serve", "add", "make", "lock", "unlock", "jwks", "chains"),
)


def _place(command: CommandInfo) -> int:
    """Where a command stands among its neighbours; one that is not listed stands last."""
    return _ORDER.index(command.name) if command.name in _ORDER else len(_ORDER)


app = groups.root
for _name, _group in (
    ("seal", groups.seal),
    ("key", groups.key),
    ("cert", groups.cert),
    ("ofd", groups.ofd),
    ("gateway", groups.gateway),
    ("identity", groups.identity),
    ("license", groups.license_),
    ("exchange", groups.exchange),
    ("catalog", groups.catalog),
    ("sharing", groups.sharing),
    ("platform", groups.platform),
    ("audit", groups.audit),
    ("code", groups.code),
):
    _group.registered_commands.sort(key=_place)
    app.add_typer(_group, name=_name)
for _name, _group in (
    ("account", groups.account),
    ("application", groups.application),
    ("token", groups.token),
    ("assert", groups.assertion),
):
    _group.registered_commands.sort(key=_place)
    groups.identity.add_typer(_group, name=_name)
groups.platform.add_typer(groups.caller, name="caller")
groups.online.registered_commands.sort(key=_place)
groups.license_.add_typer(groups.online, name="online")
groups.platform.add_typer(groups.staff, name="staff")
app.registered_commands.sort(key=_place)


def run() -> None:
    """Run the command line of this process, with its help in the language asked for."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a terminal that lacks a sign
    command = get_command(app)
    if language(asked_in(sys.argv[1:])) == "zh":
        say_in_chinese(command)
    command(prog_name="egov")
