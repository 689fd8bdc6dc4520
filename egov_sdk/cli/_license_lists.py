"""Status lists that ``egov license`` is given, and the file in which it remembers the highest number of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from egov_sdk.cli._command import option
from egov_sdk.cli._inputs import read_file, write_result
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.license.present import StatusList

__all__ = ["MemoryFile", "keep", "recall", "status_lists"]

_LIST_BYTES: Final = 8 << 20
_MEMORY_BYTES: Final = 1 << 20

MemoryFile = Annotated[
    Path | None,
    option(
        "--memory",
        "A file that remembers the highest number of each list, so that an older one is refused.",
        "记住各列表最高序号的文件，用以拒绝回退的列表。",
        metavar="FILE",
    ),
]


def status_lists(paths: Iterable[Path]) -> tuple[StatusList, ...]:
    """The lists in some files; nothing of them is verified yet."""
    from egov_sdk.license.present import read_status_list

    return tuple(read_status_list(read_file(path, max_bytes=_LIST_BYTES)) for path in paths)


def recall(path: Path | None) -> dict[str, int]:
    """The numbers that were met before; none where there is no file yet."""
    if path is None or not path.exists():
        return {}
    try:
        held = json.loads(read_file(path, max_bytes=_MEMORY_BYTES))
        return {str(name): int(number) for name, number in held.items()}
    except (ValueError, TypeError, AttributeError):
        raise UsageError(
            Text(f"{path} is no memory of status lists", f"{path} 不是状态列表的留存文件"),
            hint=Text("name another file", "请换用其他文件"),
        ) from None


def keep(path: Path | None, remembered: Mapping[str, int], met: Mapping[str, int]) -> None:
    """Remember what was met beside what is remembered; lists that counted are never older than that."""
    if path is not None and met:
        kept = {**remembered, **met}
        write_result(path, json.dumps(kept, ensure_ascii=False, indent=1).encode(), force=True)
