"""The words of a register of seals: what is applied for, what is filed, what was done with it."""

from __future__ import annotations

import enum
from datetime import timedelta

from pydantic import AwareDatetime, Field

from egov_sdk.frozen import Frozen

__all__ = ["SealAction", "SealDrawing", "SealOwner", "SealRecord", "SealRequest", "SealState", "SealUse"]


class SealState(enum.StrEnum):
    """Whether a seal may be used (印章状态). That its period is over follows from its dates."""

    VALID = "valid"  # 有效
    SUSPENDED = "suspended"  # 暂停、挂失
    REVOKED = "revoked"  # 注销: ended for good


class SealAction(enum.StrEnum):
    """What is done to a seal (印章操作)."""

    MAKE = "make"  # 制作
    SUSPEND = "suspend"  # 暂停
    RESUME = "resume"  # 恢复
    REVOKE = "revoke"  # 注销
    STAMP = "stamp"  # 用印


class SealOwner(Frozen):
    """Whose seal it is (印章所有者): the name of a department or person, and a unified social credit code if any."""

    name: str = Field(min_length=1, max_length=200)
    code: str = ""


class SealDrawing(Frozen):
    """A picture of one's own (印章图像): PNG, SVG or another format that seals may hold, and its printed size."""

    data: bytes = Field(repr=False)
    format: str = "PNG"
    width_mm: int = Field(ge=8, le=100)
    height_mm: int = Field(ge=8, le=100)


class SealRequest(Frozen):
    """What is applied for (制章申请).

    Attributes:
        name: As filed, such as 某某市某局电子证照专用章.
        seal_id: The number under which it is filed (印章编码), ASCII letters and digits; empty to be given one.
        drawing: The picture; None to have a round one drawn, with ``lower_text`` below the star.
        lifetime: How long it is valid.
        certificate: The owner's certificate, PEM or DER, where the key lies in a device that the register can open;
            empty to have key and certificate made.
    """

    name: str = Field(min_length=1, max_length=200)
    owner: SealOwner
    seal_id: str = Field(default="", pattern=r"^[0-9A-Za-z]{0,64}$")
    drawing: SealDrawing | None = None
    lower_text: str = Field(default="", max_length=30)
    lifetime: timedelta = timedelta(days=3 * 365)
    certificate: bytes = Field(default=b"", repr=False)


class SealRecord(Frozen):
    """One seal of the register. ``file`` is the seal as others verify it, without any key."""

    seal_id: str
    name: str
    owner: SealOwner
    state: SealState
    valid_from: AwareDatetime
    valid_to: AwareDatetime
    made_at: AwareDatetime
    changed_at: AwareDatetime
    file: bytes = Field(repr=False)


class SealUse(Frozen):
    """One step in the life of a seal. Of a document that was stamped, its SM3 before and after, in hexadecimal."""

    seal_id: str
    action: SealAction
    at: AwareDatetime
    actor: str = ""
    reason: str = ""
    before: str = ""
    after: str = ""
