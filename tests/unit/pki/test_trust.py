from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

from egov_sdk.caches import BoundedCache
from egov_sdk.errors import ParseError
from egov_sdk.pki import Certificate, TrustStore, validate_chain
from egov_sdk.pki import _signature as signature
from egov_sdk.pki._remember import remembered
from egov_sdk.pki.local_ca import Revoked
from egov_sdk.report import Outcome

from .world import CA_RIGHTS, DAY, NOW, authority, key, leaf, root, under


def test_a_store_holds_each_anchor_once_in_the_order_given() -> None:
    one, other = root().certificate, root("外人").certificate
    store = TrustStore([other, one, other])
    assert store.anchors == tuple(store) == (other, one)
    assert len(store) == 2
    assert one in store
    assert leaf() not in store
    assert "2" in repr(store)
    assert len(TrustStore()) == 0


def test_a_store_is_read_from_a_bundle() -> None:
    bundle = root().certificate.to_pem() + root("外人").certificate.to_pem()
    assert TrustStore.from_pem(bundle).anchors == (root().certificate, root("外人").certificate)
    with pytest.raises(ParseError):
        TrustStore.from_pem(b"nothing")


def test_octets_are_no_anchors() -> None:
    with pytest.raises(TypeError, match="load_certificates"):
        TrustStore([root().certificate.raw])  # type: ignore[list-item]  # the point of the test


def test_a_store_goes_to_another_process_without_its_memory() -> None:
    store = TrustStore([root().certificate])
    validate_chain(leaf(), trust=store, at=NOW, intermediates=[authority().certificate])
    again = pickle.loads(pickle.dumps(store))
    assert again.anchors == store.anchors
    assert len(again._paths) == 0


class Counted:
    """Counts the signatures that are really computed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        original = signature._check_sm2

        def counting(*args: object) -> signature.Verdict:
            self.count += 1
            return original(*args)  # type: ignore[arg-type]  # handed through

        monkeypatch.setattr(signature, "_check_sm2", counting)


def test_what_was_computed_once_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(monkeypatch)
    store = TrustStore([root().certificate])
    crls = [authority().crl(at=NOW), root().crl(at=NOW)]
    for _ in range(3):
        for at in (NOW, NOW + DAY, NOW + 900 * DAY):
            validate_chain(leaf(), trust=store, at=at, intermediates=[authority().certificate], crls=crls)
    assert counted.count == 4  # two certificates, two lists
    validate_chain(leaf("另一局"), trust=store, at=NOW, intermediates=[authority().certificate])
    assert counted.count == 5  # the CA is known by now


def test_no_answer_depends_on_what_was_asked_before() -> None:
    """Time, revocation and use are found out anew each time; only signatures and paths are remembered."""
    store = TrustStore([root().certificate])
    gone = [authority().crl(at=NOW, revoked=[Revoked(leaf().serial_number, NOW - DAY)]), root().crl(at=NOW)]

    def outcome(at: object = NOW, crls: object = ()) -> Outcome:
        return validate_chain(
            leaf(),
            trust=store,
            at=at,  # type: ignore[arg-type]  # given by the test below
            intermediates=[authority().certificate],
            crls=crls,  # type: ignore[arg-type]  # given by the test below
        ).outcome

    questions = [(NOW, ()), (NOW + 900 * DAY, ()), (NOW, gone), (NOW - 50 * DAY, gone), (NOW - 900 * DAY, ())]
    first = [outcome(at, crls) for at, crls in questions]
    assert first == [Outcome.PASSED, Outcome.FAILED, Outcome.FAILED, Outcome.PASSED, Outcome.FAILED]
    assert [outcome(at, crls) for at, crls in reversed(questions)] == first[::-1]


def test_a_path_found_with_one_set_of_certificates_is_not_given_for_another() -> None:
    store = TrustStore([root().certificate])
    assert validate_chain(leaf(), trust=store, at=NOW).anchored.outcome is Outcome.UNKNOWN
    with_ca = validate_chain(leaf(), trust=store, at=NOW, intermediates=[authority().certificate])
    assert with_ca.anchored.outcome is Outcome.PASSED
    assert validate_chain(leaf(), trust=store, at=NOW).anchored.outcome is Outcome.UNKNOWN


def test_a_bad_signature_stays_bad_beside_a_good_one() -> None:
    store = TrustStore([root().certificate])
    good = under(root(), "x", extensions=CA_RIGHTS).certificate()
    bad = under(root(), "x", extensions=CA_RIGHTS, signer=key("nobody")).certificate()
    assert good.tbs == bad.tbs
    for _ in range(2):
        assert validate_chain(good, trust=store, at=NOW).anchored.outcome is Outcome.PASSED
        assert validate_chain(bad, trust=store, at=NOW).anchored.outcome is Outcome.FAILED


def test_a_store_is_shared_between_threads() -> None:
    store = TrustStore([root().certificate])
    leaves = [leaf(), leaf("另一局"), under(authority(), "x", signer=key("nobody")).certificate()] * 20

    def outcome(certificate: Certificate) -> Outcome:
        return validate_chain(
            certificate, trust=store, at=NOW, intermediates=[authority().certificate]
        ).anchored.outcome

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(outcome, leaves))
    assert found == [Outcome.PASSED, Outcome.PASSED, Outcome.FAILED] * 20


def test_a_cache_forgets_what_was_used_least_lately() -> None:
    cache: BoundedCache[str, str] = BoundedCache(8 * 1024)
    for number in range(8):
        cache.put(str(number), "value", weight=1024 - 256)
    assert cache.get("0") == "value"
    cache.put("8", "value", weight=1024 - 256)
    assert cache.get("0") == "value"
    assert cache.get("1") is None
    assert len(cache) == 8


def test_a_cache_keeps_nothing_that_is_too_large() -> None:
    cache: BoundedCache[str, str] = BoundedCache(8 * 1024)
    assert cache.put("large", "value", weight=1024) == "value"
    assert cache.get("large") is None
    cache.put("small", "one", weight=0)
    cache.put("small", "two", weight=0)
    assert cache.get("small") == "one"


def test_long_octets_are_never_remembered() -> None:
    asked: list[bytes] = []

    @remembered(2, up_to=3)
    def length(octets: bytes) -> int:
        """How long."""
        asked.append(octets)
        return len(octets)

    for octets in (b"abc", b"abc", b"abcd", b"abcd", b"a", b"b", b"abc"):
        assert length(octets) == len(octets)
    assert asked == [b"abc", b"abcd", b"abcd", b"a", b"b", b"abc"]
    assert length.__doc__ == "How long."
