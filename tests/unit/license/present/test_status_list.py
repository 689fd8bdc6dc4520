"""Status lists: states at places drawn by lot, small, and told apart from one another."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from egov_sdk.license.present import draw_index, read_status_list, sign_status_list
from egov_sdk.license.present.status_list import STATUS_NUMBERS
from egov_sdk.license.states import LicenseState
from tests.presentation_world import NOW, Scene, scene, seeded


@pytest.fixture(scope="module")
def stage() -> Scene:
    return scene()


def test_every_state_has_a_number_of_four_bits_and_valid_is_zero() -> None:
    assert set(STATUS_NUMBERS) == set(LicenseState)
    assert len(set(STATUS_NUMBERS.values())) == len(STATUS_NUMBERS)
    assert set(STATUS_NUMBERS.values()) <= set(range(16))
    assert STATUS_NUMBERS[LicenseState.VALID] == 0


def test_it_reads_back(stage: Scene) -> None:
    found = stage.status_list({0: LicenseState.REVOKED, 1: LicenseState.SUSPENDED, 6: LicenseState.CANCELLED}, size=7)
    states = [found.state_at(place) for place in range(7)]
    assert states[0] is LicenseState.REVOKED
    assert states[1] is LicenseState.SUSPENDED
    assert states[2:6] == [LicenseState.VALID] * 4
    assert states[6] is LicenseState.CANCELLED
    assert found.signature_is_good
    assert found.key == f"{stage.certificate.subject.text}#3"
    assert read_status_list(found.raw).sequence == 7


def test_the_last_state_given_for_a_place_counts(stage: Scene) -> None:
    octets = sign_status_list(
        [(4, LicenseState.REVOKED), (5, LicenseState.REVOKED), (4, LicenseState.VALID)],
        list_id=1,
        sequence=1,
        signer=stage.key,
        certificate=stage.certificate,
        at=NOW,
        size=8,
    )
    found = read_status_list(octets)
    assert found.state_at(4) is LicenseState.VALID
    assert found.state_at(5) is LicenseState.REVOKED


def test_a_number_that_means_nothing_yet_is_unknown(stage: Scene) -> None:
    import zlib

    from egov_sdk.license.present import _cbor as cbor

    value = cbor.decode(stage.status_list(size=2).raw, what="test")
    assert isinstance(value, tuple)
    assert isinstance(value[0], bytes)
    body = cbor.decode(value[0], what="test")
    assert isinstance(body, tuple)
    changed = cbor.encode((*body[:6], zlib.compress(b"\x90")))
    found = read_status_list(cbor.encode((changed, *value[1:])))
    assert found.state_at(0) is LicenseState.UNKNOWN
    assert found.state_at(1) is LicenseState.VALID
    assert not found.signature_is_good


def test_a_hundred_thousand_licences_take_few_octets(stage: Scene) -> None:
    """Two in a hundred are not in force: the list stays below the size of a picture."""
    draw = seeded("places")
    places = {int.from_bytes(draw(3), "big") % (1 << 17) for _ in range(2_600)}
    octets = stage.status_list(dict.fromkeys(places, LicenseState.REVOKED)).raw
    assert len(octets) < 5_000


def test_places_are_drawn_by_lot_and_never_twice() -> None:
    draw, taken = seeded("lots"), set[int]()
    for _ in range(90):
        place = draw_index(100, taken=taken.__contains__, random=draw)
        assert place not in taken
        taken.add(place)
    assert taken <= set(range(100))
    assert list(taken)[:10] != list(range(10))


def test_a_full_list_is_told() -> None:
    with pytest.raises(ValueError, match="begin another list"):
        draw_index(4, taken=lambda place: True)
    with pytest.raises(ValueError, match="at least one"):
        draw_index(0, taken=lambda place: False)
    assert draw_index(1, taken=lambda place: False) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"list_id": 1 << 32}, "list_id"),
        ({"sequence": -1}, "sequence"),
        ({"size": 0}, "size"),
        ({"size": 1 << 25}, "size"),
        ({"states": {8: LicenseState.VALID}}, "outside"),
        ({"states": {-1: LicenseState.VALID}}, "outside"),
        ({"at": datetime(2026, 6, 1)}, "aware"),  # noqa: DTZ001 - naive on purpose
        ({"lifetime": timedelta(0)}, "a second at least"),
        ({"signer": None}, "another key"),
    ],
)
def test_what_cannot_be_is_refused(stage: Scene, changes: dict[str, object], words: str) -> None:
    arguments: dict[str, object] = {
        "list_id": 1,
        "sequence": 1,
        "signer": stage.key,
        "certificate": stage.certificate,
        "at": NOW,
        "size": 8,
    } | changes
    if arguments["signer"] is None:
        arguments["signer"] = stage.rival_key
    states = arguments.pop("states", {})
    with pytest.raises(ValueError, match=words):
        sign_status_list(states, **arguments)  # type: ignore[arg-type]  # wrong ones are the point
