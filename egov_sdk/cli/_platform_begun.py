"""What ``egov platform serve`` says of a province that begins: where it answers, who may call, and secrets once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from egov_sdk.cli._output import Voice
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.platform.console.staff import NewStaff
    from egov_sdk.platform.partners import Partners
    from egov_sdk.platform.standing import Standing

__all__ = ["Begun"]

_SERVING = Text("a province at {url}; end with Ctrl-C", "模拟省级平台运行于 {url}，按 Ctrl-C 结束")
_DOCUMENT, _SIGN_IN = Text("interface", "接口文档"), Text("sign-ins", "统一身份认证")
_HEALTH, _METRICS = Text("health", "健康检查"), Text("metrics", "运行指标")
_PROFILE, _FOLDER = Text("requests are signed as", "请求签名方式"), Text("everything lies in", "数据目录")
_CALLERS, _PARTNER = Text("callers", "接入方"), Text("partner", "交换对象")
_PEOPLE = Text("people", "测试人员")
_SECRETS = Text(
    "their keys, secrets and passwords are in {folder}; --show-secrets prints them",
    "密钥、共享密钥和口令位于 {folder}；加 --show-secrets 可显示",
)
_PASSWORD = Text("password of all of them", "统一口令")
_CONSOLE, _VERIFY = Text("console", "管理控制台"), Text("public verification", "公众验证页面")
_ONE_TIME = Text("one-time password of {name} at the console", "控制台 {name} 的一次性密码")
_SECRET = Text("secret of {id}", "{id} 的共享密钥")


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A province that begins, and what may be said of it.

    Attributes:
        partners: Those that its folder names.
        people: The logins of people for tests; none where none were put in.
        staff: Those let in to the console just now, with their one-time passwords.
        show_secrets: Whether secrets and passwords are said as well.
    """

    standing: Standing
    url: str
    profile: str
    partners: Partners
    people: Sequence[str]
    staff: Sequence[NewStaff]
    show_secrets: bool

    def tell(self, voice: Voice) -> None:
        """Say it, as JSON or as rows."""
        if voice.as_json:
            voice.document(self._document())
            return
        voice.line(voice.say(_SERVING).format(url=self.url), style="bold")
        voice.facts([*self._rows(), *self._secret_rows()])
        if not self.show_secrets:
            voice.note(voice.say(_SECRETS).format(folder=self.standing.folder))

    def _document(self) -> Mapping[str, object]:
        told = {**self._places, "callers": self._callers, "partners": self._meets, "people": list(self.people)}
        return told | ({"staff": self._once} if self._once else {}) | ({"secrets": self._kept} if self._kept else {})

    def _rows(self) -> list[tuple[Text, object]]:
        labels = {
            "document": _DOCUMENT,
            "sign_in": _SIGN_IN,
            "health": _HEALTH,
            "metrics": _METRICS,
            "console": _CONSOLE,
            "verify": _VERIFY,
            "profile": _PROFILE,
            "folder": _FOLDER,
        }
        rows: list[tuple[Text, object]] = [(label, self._places[name]) for name, label in labels.items()]
        rows.append((_CALLERS, ", ".join(f"{one['id']} ({one['department']})" for one in self._callers)))
        rows += [(_PARTNER, f"{code}  {where}") for code, where in self._meets.items()]
        return [*rows, (_PEOPLE, ", ".join(self.people))] if self.people else rows

    def _secret_rows(self) -> list[tuple[Text, object]]:
        rows: list[tuple[Text, object]] = [(_named(_ONE_TIME, name=name), word) for name, word in self._once.items()]
        for name, secret in self._kept.items():
            rows.append((_PASSWORD if name == "people" else _named(_SECRET, id=name), secret))
        return rows

    @cached_property
    def _places(self) -> Mapping[str, str]:
        from egov_sdk.platform.app import PREFIX

        return {
            "url": self.url,
            "document": f"{self.url}{PREFIX}/openapi.json",
            "sign_in": f"{self.url}/identity/.well-known/openid-configuration",
            "health": f"{self.url}/health",
            "metrics": f"{self.url}/metrics",
            "console": f"{self.url}/console",
            "verify": f"{self.url}/verify",
            "profile": self.profile,
            "folder": str(self.standing.folder),
        }

    @cached_property
    def _callers(self) -> Sequence[Mapping[str, str]]:
        return [{"id": one.id, "department": one.department.name} for one in self.standing.callers.all()]

    @cached_property
    def _meets(self) -> Mapping[str, str]:
        return {one.party.id: one.transport for one in self.partners.known}

    @cached_property
    def _once(self) -> Mapping[str, str]:
        return {one.staff.login: one.password for one in self.staff if one.password}

    @cached_property
    def _kept(self) -> Mapping[str, str]:
        return self.standing.secrets() if self.show_secrets else {}


def _named(text: Text, **names: str) -> Text:
    return Text(text.en.format(**names), text.zh.format(**names))
