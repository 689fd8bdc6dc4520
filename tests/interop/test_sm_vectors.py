"""SM3, HMAC-SM3 and the key derivations against the vectors; and that no vector is left out."""

from __future__ import annotations

import hmac

import pytest

from egov_sdk.crypto import SM3, hmac_sm3, sm3
from egov_sdk.crypto._sm3_pure import PureSM3
from egov_sdk.crypto.kdf import hkdf_sm3, kdf_sm3, pbkdf2_hmac_sm3
from tests.interop.sm_vectors import FILES, Vector, load, octets, pattern, vectors
from tests.interop_data import interop


def test_every_vector_file_and_every_group_type_has_a_test() -> None:
    assert {path.name for path in interop("sm-vectors").glob("*.json")} == FILES.keys()
    for file, types in FILES.items():
        assert {group["type"] for group in load(file)["testGroups"]} == set(types), file


def test_every_vector_is_collected() -> None:
    for file, types in FILES.items():
        assert len(vectors(file, *types)) == load(file)["numberOfTests"], file


@pytest.mark.parametrize("vector", vectors("sm3.json", "Sm3", "Sm3Pattern"))
def test_sm3(vector: Vector) -> None:
    message = octets(vector, "msg")
    assert sm3(message).hex() == vector["digest"]


@pytest.mark.parametrize("vector", vectors("sm3.json", "Sm3", "Sm3Pattern"))
def test_sm3_in_plain_python(vector: Vector) -> None:
    message = octets(vector, "msg")
    if len(message) > 100_000:
        pytest.skip("1 MiB takes plain Python more than a few seconds; shorter messages cover its code")
    assert PureSM3(message).digest().hex() == vector["digest"]


def test_sm3_of_the_sweep_of_digests() -> None:
    sweep = b"".join(sm3(pattern(count)) for count in range(201))
    assert sm3(sweep).hex() == load("sm3.json")["sweepDigest"]


@pytest.mark.parametrize("vector", vectors("sm3.json", "Sm3Slow"))
def test_sm3_of_half_a_gigabyte(vector: Vector) -> None:
    repeat, running = vector["repeat"], SM3()
    block = bytes.fromhex(repeat["byte"]) * (1 << 20)
    for _ in range(repeat["count"] >> 20):
        running.update(block)
    running.update(block[: repeat["count"] % (1 << 20)])
    assert running.hexdigest() == vector["digest"]


@pytest.mark.parametrize("vector", vectors("sm3.json", "Sm3Streaming"))
@pytest.mark.parametrize("factory", [SM3, PureSM3])
def test_sm3_in_pieces(vector: Vector, factory: type[SM3] | type[PureSM3]) -> None:
    message, running, start = octets(vector, "msg"), factory(), 0
    for size in vector["pieces"]:
        running.update(message[start : start + size])
        running.digest()
        start += size
    assert start == len(message)
    assert running.digest().hex() == vector["digest"]


@pytest.mark.parametrize("vector", vectors("hmac_sm3.json", "MacTest"))
def test_hmac_sm3(vector: Vector) -> None:
    tag = octets(vector, "tag")
    computed = hmac_sm3(octets(vector, "key"), octets(vector, "msg"))[: len(tag)]
    assert hmac.compare_digest(computed, tag) == (vector["result"] == "valid")


@pytest.mark.parametrize("vector", vectors("kdf_sm3.json", "KdfSm3", "X963KdfSm3"))
def test_kdf(vector: Vector) -> None:
    shared_info = bytes.fromhex(vector.get("sharedInfo", ""))
    output = kdf_sm3(octets(vector, "z"), vector["length"], shared_info=shared_info)
    assert len(output) == vector["length"]
    if "output" in vector:
        assert output.hex() == vector["output"]
    else:
        assert sm3(output).hex() == vector["outputSm3"]
        assert output.hex().endswith(vector["lastBytes"])


@pytest.mark.parametrize("vector", vectors("kdf_sm3.json", "HkdfSm3"))
def test_hkdf(vector: Vector) -> None:
    output = hkdf_sm3(octets(vector, "ikm"), vector["length"], salt=octets(vector, "salt"), info=octets(vector, "info"))
    assert output.hex() == vector["output"]


@pytest.mark.parametrize("vector", vectors("pbkdf2_sm3.json", "Pbkdf2Sm3"))
def test_pbkdf2(vector: Vector) -> None:
    output = pbkdf2_hmac_sm3(
        octets(vector, "password"), octets(vector, "salt"), iterations=vector["iterations"], length=vector["length"]
    )
    assert output.hex() == vector["output"]
