"""``egov platform card``: what a province hands to those with whom it is to exchange messages."""

from __future__ import annotations

from typing import Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command
from egov_sdk.cli._output import Voice
from egov_sdk.cli._platform_inputs import FOLDER, DatabaseUrl, FolderThere, open_province
from egov_sdk.cli._problems import UsageError
from egov_sdk.door.settings import shown_place
from egov_sdk.report import Text

__all__ = ["card"]

_NEXT = Text(
    "hand it over so that it cannot be exchanged on the way; the others append it to the partners.toml beside their "
    "keys, and start anew",
    "请以不会被调换的方式交给对方；对方将其追加到密钥目录的 partners.toml 后重新启动",
)


@command(
    groups.platform,
    "card",
    "Print what others need to exchange messages with a province: its certificates, its key, where it is reached.",
    "输出与本平台交换消息所需的内容：证书、加密公钥和地址。",
)
def card(
    voice: Voice,
    where: Annotated[
        str,
        argument(
            "WHERE",
            "How they reach it: https://host, folder:/path of a folder that both share, or tls://host of a broker.",
            "对方如何送达：https://主机、folder:/路径（双方共享的文件夹），或 tls://主机（消息服务器）。",
        ),
    ],
    folder: FolderThere = FOLDER,
    database: DatabaseUrl = "",
) -> None:
    """Nothing in it is secret."""
    from egov_sdk.platform.partners import partner_card

    with open_province(folder, database) as province:
        try:
            text = partner_card(province.office, where=where)
        except ValueError as error:
            raise UsageError(
                Text(f"WHERE {shown_place(where)}: {error}", f"地址 {shown_place(where)} 不正确：{error}")
            ) from None
    if voice.as_json:
        voice.document({"card": text})
        return
    print(text, end="")
    voice.note(_NEXT)
