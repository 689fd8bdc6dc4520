"""The folders that samples of the docs start in: which files lie there, and what made them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

__all__ = ["WORLDS", "egov"]

#: Long ago and for long, so that the samples hold on any machine's clock.
MADE_AT = datetime(2004, 1, 5, 1, 2, 3, tzinfo=UTC)
DAYS = 36_500


def egov(arguments: list[str]) -> tuple[int, str]:
    """Run the command line in this process and answer its exit code and what it wrote."""
    from tests.unit.cli.calling import invoke

    result = invoke(*arguments)
    return result.exit_code, result.output


def _empty(folder: Path) -> None:
    """Nothing."""
    assert not any(folder.iterdir())


@cache
def _sealed_files() -> dict[str, bytes]:
    from egov_sdk.crypto import SM2PrivateKey
    from egov_sdk.ofd import OfdBuilder
    from egov_sdk.pki import LocalCA
    from egov_sdk.seal import Placement, make_seal, stamp
    from egov_sdk.seal.draw import draw_round_seal

    root = LocalCA.create_root("示例根证书", at=MADE_AT, days=DAYS)
    maker_key, bureau_key = SM2PrivateKey.generate(), SM2PrivateKey.generate()
    maker = root.issue("seal_maker", "示例印章制作单位", maker_key.public_key(), at=MADE_AT, days=DAYS)
    bureau = root.issue("signer", "示例市税务局", bureau_key.public_key(), at=MADE_AT, days=DAYS)
    seal = make_seal(
        name="示例市税务局",
        seal_id="33010000000001",
        picture=draw_round_seal("示例市税务局", dpi=150),
        holders=[bureau],
        maker=maker_key,
        maker_certificate=maker,
        created_at=MADE_AT,
        valid_from=MADE_AT,
        valid_to=MADE_AT + timedelta(days=DAYS),
    )
    builder = OfdBuilder(created=MADE_AT, title="示例发票", creator="示例市税务局")
    builder.page().text(105, 30, "示例发票", size_mm=8, align="center").text(25, 60, "价税合计：壹佰元整")
    document = builder.build()
    sealed = stamp(
        document, seal=seal, signer=bureau_key, at=[Placement(page=1, x_mm=140, y_mm=230)], signed_at=MADE_AT
    )
    return {
        "root.pem": root.certificate.to_pem(),
        "key.pem": bureau_key.to_pem(),
        "signer.pem": bureau.to_pem(),
        "bureau.esl": seal.raw,
        "in.ofd": document,
        "invoice.ofd": sealed,
    }


def _sealed(folder: Path) -> None:
    """A sealed invoice of one page that says 壹佰元整, the root above it, and what is needed to seal ``in.ofd``."""
    for name, content in _sealed_files().items():
        (folder / name).write_bytes(content)


#: What builds the starting folder of each world.
WORLDS: dict[str, Callable[[Path], None]] = {"empty": _empty, "sealed": _sealed}
