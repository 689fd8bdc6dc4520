"""The C core without Python: under sanitizers, and with secrets that valgrind watches."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
KERNEL = HERE.parents[1] / "egov_sdk" / "crypto" / "_native"
CORE = sorted(path for path in KERNEL.glob("*.c") if not path.name.startswith("py_"))
X86 = platform.machine() in ("x86_64", "AMD64")

#: what valgrind can run: it knows neither GFNI nor AVX-512
WATCHED = [("sm2", "portable"), ("sm3",), ("sm4", "bit planes")]
WATCHED_X86 = [("sm2", "x86-64"), ("sm2", "x86-64-adx"), ("sm4", "AES-NI, AVX2")]


def compilers() -> dict[str, list[str]]:
    """The C compilers of this machine: that of CC, gcc, and clang under its own name or in the package ziglang."""
    found = {}
    for name in (os.environ.get("CC", ""), "gcc", "clang"):
        if name and (path := shutil.which(name)):
            found[Path(name).name] = [path]
    if importlib.util.find_spec("ziglang"):
        target = f"{platform.machine()}-linux-gnu.2.28"
        found["zig"] = [sys.executable, "-m", "ziglang", "cc", "-target", target, "-fno-sanitize=undefined"]
    return found


def compiler(name: str = "") -> list[str]:
    there = compilers()
    if name and name not in there:
        pytest.skip(f"no {name} on this machine")
    if not there:
        pytest.skip("no C compiler on this machine")
    return there[name] if name else next(iter(there.values()))


def has(instruction_set: str) -> bool:
    """Whether the processor itself has these instructions, whatever valgrind's CPUID says."""
    try:
        return instruction_set in Path("/proc/cpuinfo").read_text("utf-8").split()
    except OSError:
        return False


def build(command: list[str], source: str, program: Path, *options: str) -> None:
    arguments = [*command, *options, "-g1", "-Wall", "-Wextra", "-Werror", f"-I{KERNEL}", str(HERE / source)]
    made = subprocess.run(
        [*arguments, *map(str, CORE), "-o", str(program)], capture_output=True, text=True, check=False, timeout=300
    )
    assert made.returncode == 0, made.stderr


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_known_answers_under_address_and_undefined_behaviour_sanitizers(tmp_path: Path) -> None:
    command = compiler()
    (probe := tmp_path / "probe.c").write_text("int main(void) { return 0; }\n")
    sanitize = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-O1")
    made = str(tmp_path / "probe")
    if run(*command, *sanitize, str(probe), "-o", made).returncode or run(made).returncode:
        pytest.skip("this compiler has no sanitizers that run on this machine")
    program = tmp_path / "known_answers"
    build(command, "known_answers.c", program, *sanitize)
    done = run(str(program))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("portable; 4 lanes; bit planes; integer products: good\n")


def watch(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run("valgrind", "--quiet", "--error-exitcode=9", str(program), *arguments)


LEVELS = [
    pytest.param("", "-O2", id="default-O2"),
    *(
        pytest.param(name, level, id=f"{name}{level}", marks=pytest.mark.slow)
        for name in ("gcc", "clang", "zig")
        for level in ("-O1", "-O2", "-O3", "-Os")
    ),
]


@pytest.mark.parametrize(("name", "level"), LEVELS)
def test_no_branch_and_no_address_depends_on_a_secret(name: str, level: str, tmp_path: Path) -> None:
    command = compiler(name)
    if shutil.which("valgrind") is None:
        pytest.skip("no valgrind on this machine")
    headers = next(
        (path for path in (Path("/usr/include"), Path("/usr/local/include")) if (path / "valgrind").is_dir()), None
    )
    if headers is None:
        pytest.skip("valgrind is here without its headers")
    include = tmp_path / "include"
    include.mkdir()
    (include / "valgrind").symlink_to(headers / "valgrind")
    program = tmp_path / "secrets"
    portable = ["-mcpu=baseline"] if name == "zig" and X86 else []
    build(command, "secrets.c", program, level, *portable, f"-I{include}", "-include", str(HERE / "declassify.h"))

    watched = [*WATCHED, *(case for case in WATCHED_X86 if X86 and (case[-1] != "x86-64-adx" or has("adx")))]
    for case in watched:
        done = watch(program, *case)
        assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", ""), case
    # what must be seen is seen: otherwise all of the above proves nothing
    for control in (("sm2", "portable", "control"), ("sm4", "control")):
        done = watch(program, *control)
        assert done.returncode == 9, control
        assert "uninitialised value" in done.stderr, control
