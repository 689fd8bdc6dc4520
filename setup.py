"""The native kernel, which setuptools cannot be told about in pyproject.toml. Everything else stands there.

The extension is optional: where it cannot be compiled, the installation goes on and pure Python does its work.
EGOV_NATIVE=0 leaves it out; EGOV_NATIVE=1 makes a failure to build it an error.
"""

import os
import struct
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

FOLDER = Path("egov_sdk") / "crypto" / "_native"
WANTED = os.environ.get("EGOV_NATIVE", "")


def _why_not() -> str:
    """Why the kernel is not even tried here, or nothing."""
    if WANTED == "0":
        return "EGOV_NATIVE=0"
    if struct.calcsize("P") != 8:
        return "this Python has 32 bits"
    if sys.implementation.name != "cpython":
        return "only CPython has the limited API"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "this Python has no global lock"
    return ""


class BuildKernel(build_ext):
    """Says in one line what became of the kernel."""

    def run(self) -> None:
        super().run()
        if self.extensions and not self.has_kernel():
            print("egov-sdk: the native kernel could not be compiled; SM2 will run in pure Python", file=sys.stderr)

    def has_kernel(self) -> bool:
        return all(Path(self.get_ext_fullpath(extension.name)).exists() for extension in self.extensions)


class TagByContent(bdist_wheel):
    """Names a wheel without the kernel for what it is: one that goes everywhere."""

    def get_tag(self) -> tuple[str, str, str]:
        return super().get_tag() if self.get_finalized_command("build_ext").has_kernel() else ("py3", "none", "any")


def _kernel() -> Extension:
    return Extension(
        "egov_sdk.crypto._native._kernel",
        sources=sorted(path.as_posix() for path in FOLDER.glob("*.c")),
        depends=sorted(path.as_posix() for path in FOLDER.glob("*.h")),
        define_macros=[("Py_LIMITED_API", "0x030B0000")],
        extra_compile_args=[] if sys.platform == "win32" else ["-O2", "-g0", "-fvisibility=hidden"],
        py_limited_api=True,
        optional=WANTED != "1",
    )


reason = _why_not()
if reason:
    if WANTED == "1":
        sys.exit(f"egov-sdk: EGOV_NATIVE=1, but {reason}")
    print(f"egov-sdk: without the native kernel ({reason}); SM2 will run in pure Python", file=sys.stderr)

setup(
    ext_modules=[] if reason else [_kernel()],
    cmdclass={} if reason else {"build_ext": BuildKernel, "bdist_wheel": TagByContent},
    options={} if reason else {"bdist_wheel": {"py_limited_api": "cp311"}},
    exclude_package_data={"": ["*.c", "*.h"]},
)
