from __future__ import annotations

import pytest

import egov_sdk.exchange as room
from egov_sdk.exchange import envelope


@pytest.mark.parametrize("module", [room, envelope])
def test_every_public_name_is_there_when_it_is_asked_for(module: object) -> None:
    for name in module.__all__:  # type: ignore[attr-defined]  # both are modules with one
        assert getattr(module, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'sael'"):
        module.sael  # type: ignore[attr-defined]  # noqa: B018 - that is the question
