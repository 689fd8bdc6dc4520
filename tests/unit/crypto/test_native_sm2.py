"""The native SM2 on each of its code paths: edges, refusals, and agreement with plain Python."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import pytest

from egov_sdk.crypto._backend.pure import PureBackend
from egov_sdk.crypto._curve import GX, GY, A, B, N, P
from egov_sdk.crypto.der import children, integer, octet_string, read_one, sequence
from egov_sdk.crypto.hashes import hmac_sm3, sm3
from tests.native.kernels import LEVELS, limited_to

SM2_LEVELS = ("none", "x86_64", "x86_64,adx,avx2,aes,clmul")
G = GX.to_bytes(32, "big") + GY.to_bytes(32, "big")
PURE = PureBackend()
D = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
K = bytes.fromhex("59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21")
E = bytes.fromhex("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640")


@pytest.fixture(params=SM2_LEVELS, ids=lambda level: level.split(",")[1] if "," in level else level)
def kernel(request: pytest.FixtureRequest) -> Iterator[Any]:
    with limited_to(request.param) as module:
        yield module


def b32(number: int) -> bytes:
    return number.to_bytes(32, "big")


def times(k: int, point: bytes = G) -> bytes:
    found = PURE.mul(point, b32(k % N))
    assert found is not None
    return found


def numbers(seed: str, count: int) -> list[bytes]:
    """Reproducible numbers in [1, n-2]."""
    drawn = (hashlib.sha256(f"{seed} {i}".encode()).digest() for i in range(count))
    return [b32(int.from_bytes(octets, "big") % (N - 2) + 1) for octets in drawn]


def edge_scalars() -> list[int]:
    """Numbers at the edges of digits, limbs, windows and the order."""
    edges = [*range(1, 70), *(N - k for k in range(1, 70))]
    for bit in (*range(1, 256, 5), 63, 64, 65, 127, 128, 191, 192, 251, 252, 253, 254, 255):
        edges += [1 << bit, (1 << bit) - 1, (1 << bit) + 1, N - (1 << bit)]
    for window in (4, 5, 6, 7):
        halves = sum(1 << (i + window - 1) for i in range(0, 256, window))
        full = sum(((1 << window) - 1) << i for i in range(0, 256, 2 * window))
        edges += [halves, halves - 1, halves + 1, halves ^ ((1 << 256) - 1), full, full ^ ((1 << 256) - 1)]
    edges += [(1 << 256) - 1, N // 2, N // 2 + 1, (N + 1) // 3]
    return sorted({k % N for k in edges if k > 0} - {0})


def test_each_level_takes_the_kernel_that_it_names() -> None:
    names = set()
    for level in SM2_LEVELS:
        with limited_to(level) as module:
            names.add(module.features()["sm2"])
    assert names == {"portable", "x86-64", "x86-64-adx"}


def test_a_feature_that_is_missing_is_not_used() -> None:
    with limited_to("x86_64,avx2") as module:
        assert module.features()["sm2"] == "x86-64"
    for level in LEVELS:
        with limited_to("none") as module:
            assert module.features()["used"] == 0, level


def test_edge_scalars_times_the_generator_and_a_point(kernel: Any) -> None:
    point = times(0xC0FFEE)
    for k in edge_scalars():
        assert kernel.mul_base(b32(k)) == times(k), hex(k)
    for k in [*edge_scalars()[::3], 6, N - 6]:
        assert kernel.mul(point, b32(k)) == times(k, point), hex(k)


@pytest.mark.parametrize("with_comb", [False, True])
def test_products_for_a_nonce_are_those_of_the_generator_and_of_the_key(kernel: Any, with_comb: bool) -> None:
    point, left_out = times(0xC0FFEE), []
    key = kernel.open_public(point)
    if with_comb:
        kernel.precompute(key)
    for k in [*edge_scalars(), *(int.from_bytes(one, "big") for one in numbers("nonces", 50))]:
        if not with_comb:
            key = kernel.open_public(point)  # the old one would have earned a comb
        found = kernel.nonce_products(key, b32(k))
        if found is None:
            left_out.append(k)
        else:
            assert found == kernel.mul_base(b32(k)) + kernel.mul(point, b32(k)), hex(k)
    assert left_out == ([6, N - 6] if with_comb else [])
    for k in (0, N, N + 1, (1 << 256) - 1):
        assert kernel.nonce_products(key, b32(k)) is None


def test_a_key_that_is_encrypted_to_again_and_again_earns_a_comb(kernel: Any) -> None:
    key = kernel.open_public(times(0xBEEF))
    for k in numbers("uses", 5):
        assert kernel.nonce_products(key, k) == kernel.mul_base(k) + kernel.mul(times(0xBEEF), k)
    assert kernel.is_precomputed(key)


@pytest.mark.parametrize("with_comb", [False, True])
def test_what_is_encrypted_is_made_of_the_hedged_nonce_as_the_standard_says(kernel: Any, with_comb: bool) -> None:
    point, private = times(0xC0FFEE), kernel.open_private(b32(0xC0FFEE))
    # the lengths at which DER takes one more octet to say them, and one that is done without the lock
    for size in (1, 2, 16, 31, 32, 33, 64, 90, 127, 128, 160, 255, 256, 65_400, 65_535, 65_536):
        data, entropy = b"".join(numbers(f"data {size}", size // 32 + 1))[:size], sm3(b"entropy %d" % size)
        key = kernel.open_public(point)
        if with_comb:
            kernel.precompute(key)
        k = hmac_sm3(sm3(data), point + entropy + bytes(4))
        shared = kernel.mul(point, k)
        mask = kernel.kdf_sm3(shared, size, b"")
        c2 = bytes(left ^ right for left, right in zip(data, mask, strict=True))
        raw = kernel.mul_base(k) + sm3(shared[:32] + data + shared[32:]) + c2
        assert kernel.encrypt(key, data, entropy, False) == raw
        der = kernel.encrypt(key, data, entropy, True)
        x, y = (integer(int.from_bytes(one, "big")) for one in (raw[:32], raw[32:64]))
        assert der == sequence(x, y, octet_string(raw[64:96]), octet_string(c2))
        assert kernel.decrypt(private, raw, False) == kernel.decrypt(private, der, True) == data


def test_a_key_stream_of_zeros_is_neither_made_nor_taken(kernel: Any) -> None:
    point, private = times(0xBEEF), kernel.open_private(b32(0xBEEF))
    found = 0
    for entropy in numbers("zero", 2000):
        shared = kernel.mul(point, hmac_sm3(sm3(b"A"), point + entropy + bytes(4)))
        if kernel.kdf_sm3(shared, 1, b"") == b"\0":
            found += 1
            assert kernel.encrypt(kernel.open_public(point), b"A", entropy, True) is None
            c1 = kernel.mul_base(hmac_sm3(sm3(b"A"), point + entropy + bytes(4)))
            assert kernel.decrypt(private, c1 + sm3(shared[:32] + b"A" + shared[32:]) + b"A", False) is None
    assert found > 1


def test_numbers_that_are_short_in_a_ciphertext_are_written_and_read_so(kernel: Any) -> None:
    point, private, lengths = times(0xBEEF), kernel.open_private(b32(0xBEEF)), set()
    for entropy in numbers("short", 3000):
        der = kernel.encrypt(kernel.open_public(point), b"A" * 16, entropy, True)
        x = children(read_one(der))[0].raw
        if len(x) not in lengths:
            lengths.add(len(x))
            assert kernel.decrypt(private, der, True) == b"A" * 16
    assert {33, 34, 35} <= lengths


def test_what_is_no_ciphertext_is_not_decrypted(kernel: Any) -> None:
    private, public = kernel.open_private(D), kernel.open_public(kernel.public_point(kernel.open_private(D)))
    raw, der = (kernel.encrypt(public, b"sixteen bytes ok", bytes(32), one) for one in (False, True))
    for size in range(len(raw)):
        assert kernel.decrypt(private, raw[:size], False) is None
    for size in range(len(der)):
        assert kernel.decrypt(private, der[:size], True) is None
    for at in range(8 * len(raw)):
        spoilt = bytearray(raw)
        spoilt[at // 8] ^= 1 << at % 8
        assert kernel.decrypt(private, spoilt, False) is None
    for at in range(8 * len(der)):
        spoilt = bytearray(der)
        spoilt[at // 8] ^= 1 << at % 8
        assert kernel.decrypt(private, spoilt, True) is None
    assert kernel.decrypt(kernel.open_private(b32(7)), der, True) is None
    assert kernel.decrypt(private, der, False) is None
    assert kernel.decrypt(private, raw, True) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda x, y, c3, c2: sequence(x, y, c3, c2) + b"\0",
        lambda x, y, c3, c2: sequence(x, y, c3, c2, c2),
        lambda x, y, c3, c2: sequence(x, y, c3),
        lambda x, y, c3, c2: sequence(x, y, c3, octet_string(b"")),
        lambda x, y, c3, c2: sequence(x, y, octet_string(children(read_one(sequence(c3)))[0].content[:31]), c2),
        lambda x, y, c3, c2: sequence(x, y, octet_string(children(read_one(sequence(c3)))[0].content + b"\0"), c2),
        lambda x, y, c3, c2: sequence(b"\x02" + bytes([x[1] + 1]) + b"\0" + x[2:], y, c3, c2),
        lambda x, y, c3, c2: sequence(b"\x02\x81" + x[1:], y, c3, c2),
        lambda x, y, c3, c2: sequence(x, y, b"\x04\x81" + c3[1:], c2),
        lambda x, y, c3, c2: sequence(x, y, c3, b"\x04\x81" + c2[1:]),
        lambda x, y, c3, c2: sequence(x, y, c3, b"\x04\x82\0" + c2[1:]),
        lambda x, y, c3, c2: sequence(x, y, c3, b"\x24" + c2[1:]),
        lambda x, y, c3, c2: b"\x30\x81" + sequence(x, y, c3, c2)[1:],
        lambda x, y, c3, c2: b"\x30\x80" + sequence(x, y, c3, c2)[2:] + b"\0\0",
        lambda x, y, c3, c2: b"\x31" + sequence(x, y, c3, c2)[1:],
        lambda x, y, c3, c2: sequence(x, y, c3, b"\x04\x88" + b"\xff" * 8 + c2[2:]),
        lambda x, y, c3, c2: sequence(x, y, c3, b"\x04\x89" + b"\xff" * 9 + c2[2:]),
        lambda x, y, c3, c2: sequence(integer(int.from_bytes(x[2:], "big") + P), y, c3, c2),
        lambda x, y, c3, c2: sequence(integer(-1), y, c3, c2),
        lambda x, y, c3, c2: sequence(integer(0), integer(0), c3, c2),
    ],
)
def test_der_is_read_to_the_letter(kernel: Any, spoil: Callable[..., bytes]) -> None:
    private, public = kernel.open_private(D), kernel.open_public(kernel.public_point(kernel.open_private(D)))
    der = kernel.encrypt(public, b"sixteen bytes ok", bytes(32), True)
    x, y, c3, c2 = (one.raw for one in children(read_one(der)))
    assert kernel.decrypt(private, sequence(x, y, c3, c2), True) == b"sixteen bytes ok"
    assert kernel.decrypt(private, spoil(x, y, c3, c2), True) is None


def test_numbers_of_256_bits_are_taken_modulo_n(kernel: Any) -> None:
    assert kernel.mul_base(b32(0)) is None
    assert kernel.mul_base(b32(N)) is None
    assert kernel.mul(G, b32(N)) is None
    for k in (N + 1, N + 2, (1 << 256) - 1):
        assert kernel.mul_base(b32(k)) == kernel.mul(G, b32(k)) == times(k)


def test_sums_of_equal_opposite_and_other_points(kernel: Any) -> None:
    one, two, minus = times(1), times(2), times(N - 1)
    assert kernel.add(one, one) == two
    assert kernel.add(one, minus) is None
    assert kernel.add(two, minus) == one
    assert kernel.add(times(77), times(5)) == times(82)


@pytest.mark.parametrize("d", [1, 2, 3, N - 2, N - 3, 1 << 255, (1 << 128) - 1])
def test_private_keys_at_the_edges_sign_and_verify(kernel: Any, d: int) -> None:
    private = kernel.open_private(b32(d))
    assert kernel.public_point(private) == times(d)
    public = kernel.open_public(times(d))
    rs = kernel.sign(private, E, K)
    assert rs == PURE.sign(PURE.open_private(b32(d)), E, K)
    assert kernel.verify(public, E, rs)
    kernel.precompute(public)
    assert kernel.verify(public, E, rs)


@pytest.mark.parametrize("d", [0, N - 1, N, N + 1, (1 << 256) - 1])
def test_a_private_key_out_of_range_is_refused(kernel: Any, d: int) -> None:
    with pytest.raises(ValueError, match="private key"):
        kernel.open_private(b32(d))


@pytest.mark.parametrize("k", [0, N, N + 1, (1 << 256) - 1])
def test_a_nonce_out_of_range_gives_nothing(kernel: Any, k: int) -> None:
    assert kernel.sign(kernel.open_private(D), E, b32(k)) is None


def test_a_nonce_that_makes_r_or_s_zero_or_gives_the_key_away_gives_nothing(kernel: Any) -> None:
    private, d, k = kernel.open_private(D), int.from_bytes(D, "big"), int.from_bytes(K, "big")
    x1 = int.from_bytes(times(k)[:32], "big")
    assert kernel.sign(private, b32((N - x1) % N), K) is None  # r = 0
    assert kernel.sign(private, b32((N - k - x1) % N), K) is None  # r + k = n
    r = k * pow(d, -1, N) % N  # s = 0: k = r d
    assert kernel.sign(private, b32((r - x1) % N), K) is None
    assert kernel.sign(private, b32((r - x1 + 1) % N), K) is not None


@pytest.mark.parametrize("e", [0, 1, N - 1, N, N + 1, (1 << 256) - 1])
def test_a_digest_at_or_above_n_counts_modulo_n(kernel: Any, e: int) -> None:
    rs = kernel.sign(kernel.open_private(D), b32(e), K)
    assert rs == PURE.sign(PURE.open_private(D), b32(e), K)
    public = kernel.open_public(times(int.from_bytes(D, "big")))
    assert kernel.verify(public, b32(e), rs)
    assert kernel.verify(public, b32(e % N), rs)


@pytest.mark.parametrize("precomputed", [False, True])
def test_r_and_s_out_of_range_are_refused(kernel: Any, precomputed: bool) -> None:
    public = kernel.open_public(times(int.from_bytes(D, "big")))
    if precomputed:
        kernel.precompute(public)
    rs = kernel.sign(kernel.open_private(D), E, K)
    r, s = int.from_bytes(rs[:32], "big"), int.from_bytes(rs[32:], "big")
    assert kernel.verify(public, E, rs)
    for bad_r, bad_s in [
        *((bad, s) for bad in (0, N, N - 1, (1 << 256) - 1, r ^ 1)),
        *((r, bad) for bad in (0, N, N - 1, (1 << 256) - 1, s ^ 1, N - s, N - r)),
        (N - s, s),
    ]:
        assert not kernel.verify(public, E, b32(bad_r) + b32(bad_s)), (hex(bad_r), hex(bad_s))


@cache
def forged(s: int, t: int, d: int) -> tuple[bytes, bytes] | None:
    """A digest and r || s that verify by arithmetic alone: e = r - x([s + t d]G) with r = t - s."""
    r = (t - s) % N
    total = (s + t * d) % N
    if not r or not total:
        return None
    x1 = int.from_bytes(times(total)[:32], "big")
    return b32((r - x1) % N), b32(r) + b32(s)


@pytest.mark.parametrize("precomputed", [False, True])
@pytest.mark.parametrize("d", [1, 2, 3, 5, 16, 31, 32, 33, 62, 63, 64, N - 1, N - 2, N - 3, N - 63])
def test_sums_with_doublings_and_small_parts_are_right(kernel: Any, precomputed: bool, d: int) -> None:
    # P a small multiple of G makes the two halves meet: equal (a doubling), opposite, or infinity on the way
    public = kernel.open_public(times(d))
    if precomputed:
        kernel.precompute(public)
    small = (1, 2, 3, 4, 15, 31, 32, 33, 63, 64, 65, 127, 2**128, N - 1, N - 2, N - 64)
    for s in small:
        for t in (*small, s * pow(d, -1, N) % N, -s * pow(d, -1, N) % N):
            made = forged(s, t, d)
            if made is None:
                continue
            e, rs = made
            assert kernel.verify(public, e, rs), (d, s, t)
            assert not kernel.verify(public, b32(int.from_bytes(e, "big") ^ 1), rs)


@pytest.mark.parametrize("precomputed", [False, True])
def test_infinity_never_verifies(kernel: Any, precomputed: bool) -> None:
    for d in (1, 2, 12345, N - 2):
        public = kernel.open_public(times(d))
        if precomputed:
            kernel.precompute(public)
        for t in (1, 2, 7, N - 5):
            s = -t * d % N
            r = (t - s) % N
            # [s]G + [t]P is infinity; taken for x1 = 0 it would accept e = r
            assert not kernel.verify(public, b32(r), b32(r) + b32(s))


@pytest.mark.parametrize("precomputed", [False, True])
def test_an_x_at_or_above_n_is_accepted(kernel: Any, precomputed: bool) -> None:
    for x in range(N, N + 40):
        square = (x**3 + A * x + B) % P
        y = pow(square, (P + 1) // 4, P)
        if y * y % P == square:
            break
    point = b32(x) + b32(y)
    s, t = 0x1234567, 0x89ABCDEF
    # P = [1/t](R - [s]G), so that [s]G + [t]P = R
    minus = PURE.add(point, times(N - s))
    assert minus is not None
    public = kernel.open_public(times(pow(t, -1, N), minus))
    if precomputed:
        kernel.precompute(public)
    r = t - s
    assert kernel.verify(public, b32((r - x) % N), b32(r) + b32(s))
    assert not kernel.verify(public, b32((r - x + N - P) % N), b32(r) + b32(s))


NOT_POINTS = {
    "infinity as zeros": bytes(64),
    "off the curve": G[:63] + bytes([G[63] ^ 1]),
    "x not below p": b32(P) + G[32:],
    "y not below p": G[:32] + b32(P),
    "all ones": b"\xff" * 64,
    "y of another": G[:32] + times(2)[32:],
    "on a curve with another b": b32(1) + b32(1),
}


@pytest.mark.parametrize("octets", NOT_POINTS.values(), ids=NOT_POINTS.keys())
def test_octets_that_are_no_point_are_refused(kernel: Any, octets: bytes) -> None:
    with pytest.raises(ValueError, match="not a point"):
        kernel.open_public(octets)
    assert not kernel.is_point(octets)
    with pytest.raises(ValueError, match="not a point"):
        kernel.mul(octets, K)
    with pytest.raises(ValueError, match="not a point"):
        kernel.add(octets, G)
    with pytest.raises(ValueError, match="not a point"):
        kernel.add(G, octets)


def test_a_coordinate_plus_p_is_refused_although_it_fits(kernel: Any) -> None:
    found = 0
    for x in range(40):
        square = (x**3 + A * x + B) % P
        y = pow(square, (P + 1) // 4, P)
        if y * y % P == square:
            found += 1
            assert kernel.open_public(b32(x) + b32(y)) is not None
            assert kernel.is_point(b32(x) + b32(y))
            assert not kernel.is_point(b32(x + P) + b32(y))
            with pytest.raises(ValueError, match="not a point"):
                kernel.open_public(b32(x + P) + b32(y))
    assert found > 5


def test_wrong_lengths_are_refused(kernel: Any) -> None:
    private, public = kernel.open_private(D), kernel.open_public(G)
    for size in (0, 1, 31, 33, 64, 1000):
        wrong = b"\x01" * size
        for call in (
            partial(kernel.open_private, wrong),
            partial(kernel.mul_base, wrong),
            partial(kernel.mul, G, wrong),
            partial(kernel.nonce_products, public, wrong),
            partial(kernel.encrypt, public, b"data", wrong, True),
            partial(kernel.sign, private, wrong, K),
            partial(kernel.sign, private, E, wrong),
            partial(kernel.verify, public, wrong, bytes(64)),
            partial(kernel.sign_message, private, wrong, b"", bytes(32)),
            partial(kernel.sign_message, private, bytes(32), b"", wrong),
            partial(kernel.verify_message, public, wrong, b"", bytes(64)),
        ):
            with pytest.raises(ValueError, match="must be"):
                call()
    with pytest.raises(ValueError, match="one byte or more"):
        kernel.encrypt(public, b"", bytes(32), True)
    for size in (0, 32, 63, 65, 128):
        wrong = b"\x01" * size
        for call in (
            partial(kernel.open_public, wrong),
            partial(kernel.is_point, wrong),
            partial(kernel.mul, wrong, K),
            partial(kernel.add, G, wrong),
            partial(kernel.verify, public, E, wrong),
        ):
            with pytest.raises(ValueError, match="must be"):
                call()
        assert not kernel.verify_message(public, bytes(32), b"", wrong)


def test_wrong_types_and_counts_are_refused(kernel: Any) -> None:
    private, public = kernel.open_private(D), kernel.open_public(G)
    for call in (
        partial(kernel.open_private, None),
        partial(kernel.open_private, "x" * 32),
        partial(kernel.open_public, 7),
        partial(kernel.is_point, None),
        partial(kernel.sign, private, E),
        partial(kernel.sign, public, E, K),
        partial(kernel.sign, None, E, K),
        partial(kernel.verify, private, E, bytes(64)),
        partial(kernel.verify, public, E, bytes(64), 1),
        partial(kernel.verify_message, public, bytes(32), "text", bytes(64)),
        partial(kernel.verify_message_der, public, bytes(32), b"", None),
        partial(kernel.public_point, public),
        partial(kernel.precompute, private),
        partial(kernel.mul, G),
        partial(kernel.nonce_products, public),
        partial(kernel.nonce_products, private, K),
        partial(kernel.encrypt, public, b"data", bytes(32)),
        partial(kernel.encrypt, private, b"data", bytes(32), True),
        partial(kernel.encrypt, public, "data", bytes(32), True),
        partial(kernel.encrypt, public, b"data", None, True),
        partial(kernel.decrypt, private, bytes(100)),
        partial(kernel.decrypt, public, bytes(100), True),
        partial(kernel.decrypt, private, None, True),
        partial(kernel.add, G, None),
        type(private),
        type(public),
    ):
        with pytest.raises(TypeError):
            call()


def test_signatures_agree_with_plain_python(kernel: Any) -> None:
    for d, k, e in zip(numbers("d", 25), numbers("k", 25), numbers("e", 25), strict=True):
        handle = PURE.open_private(d)
        private, public = kernel.open_private(d), kernel.open_public(PURE.public_point(handle))
        rs = kernel.sign(private, e, k)
        assert rs == PURE.sign(handle, e, k)
        assert kernel.verify(public, e, rs)
        kernel.precompute(public)
        assert kernel.verify(public, e, rs)
        spoilt = bytearray(rs)
        spoilt[k[0] % 64] ^= 1 << (k[1] % 8)
        assert not kernel.verify(public, e, spoilt)
        assert not kernel.verify(kernel.open_public(PURE.public_point(handle)), e, spoilt)


def test_products_agree_with_plain_python(kernel: Any) -> None:
    for d, k in zip(numbers("point", 25), numbers("factor", 25), strict=True):
        point = kernel.mul_base(d)
        assert point == PURE.mul_base(d)
        assert kernel.mul(point, k) == PURE.mul(point, k)


def test_a_message_is_signed_with_the_hedged_nonce(kernel: Any) -> None:
    private, z = kernel.open_private(D), sm3(b"some Z")
    public = kernel.open_public(kernel.public_point(private))
    for size in (0, 1, 31, 32, 33, 100, 5000):
        message, entropy = bytes(size), sm3(b"fresh %d" % size)
        e = sm3(z + message)
        k = hmac_sm3(D, e + entropy + bytes(4))
        raw = kernel.sign_message(private, z, message, entropy)
        assert raw == kernel.sign(private, e, k)
        assert kernel.verify_message(public, z, message, raw)
        assert not kernel.verify_message(public, z, message + b"\0", raw)
        assert kernel.sign_message(private, z, message, entropy) == raw
        assert kernel.sign_message(private, z, message + b"\0", entropy)[:32] != raw[:32]
        assert kernel.sign_message(private, z, message, sm3(entropy))[:32] != raw[:32]
