"""QR codes are those of the library ``qrcode``, module by module."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qrcode.main import QRCode  # type: ignore[import-untyped]  # qrcode has no types
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData  # type: ignore[import-untyped]  # as above

from egov_sdk.license.face.qr import qr_modules, qr_shape
from egov_sdk.license.problems import LicenseRejected

_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_LEVELS = {"L": 1, "M": 0, "Q": 3, "H": 2}


def _by_the_library(text: str, level: str) -> tuple[bytes, ...]:
    mode = MODE_ALPHA_NUM if set(text) <= set(_SIGNS) else MODE_8BIT_BYTE
    code = QRCode(error_correction=_LEVELS[level], border=0, mask_pattern=2)
    code.add_data(QRData(text.encode(), mode=mode))
    code.make(fit=True)
    return tuple(bytes(bool(module) for module in row) for row in code.modules)


@settings(max_examples=40, deadline=None)
@given(
    text=st.text(_SIGNS, min_size=1, max_size=700) | st.text("abc某市人民政府X1", min_size=1, max_size=200),
    level=st.sampled_from("LMQH"),
)
def test_a_code_is_the_one_that_the_library_makes(text: str, level: str) -> None:
    assert qr_modules(text, level=level) == _by_the_library(text, level)


def test_the_identifier_of_a_licence_takes_a_small_code() -> None:
    text = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"
    assert len(qr_modules(text)) == 33  # version 4


def test_the_largest_code_is_full_and_one_octet_more_is_refused() -> None:
    assert len(qr_modules("a" * 2331, level="M")) == 177
    with pytest.raises(LicenseRejected) as caught:
        qr_modules("a" * 2332, level="M")
    assert caught.value.problem == "face_qr"


def test_a_shape_has_a_quiet_zone_of_four_modules_and_fills_its_square() -> None:
    shape = qr_shape("HELLO", x_mm=10, y_mm=20, size_mm=29, level="M", color="#102030")
    assert shape.fill == "16 32 48"
    assert shape.stroke is None
    assert shape.path.startswith("M 4 4 L 11 4 L 11 5 L 4 5 C")  # the upper edge of the first finder
    assert shape.ctm == "1 0 0 1 0 0"  # 21 modules and twice four, on 29 mm
