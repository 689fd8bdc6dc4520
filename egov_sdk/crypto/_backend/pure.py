"""SM2 arithmetic in plain Python: combs for fixed points, a signed window for others.

Not constant time: Python's integers take longer for longer numbers.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from itertools import pairwise

from egov_sdk.crypto._backend._ints import PrivateNumbers, point_bytes, private_numbers, signature, x_candidates
from egov_sdk.crypto._curve import GX, GY, N, P

Affine = tuple[int, int]
Jacobian = tuple[int, int, int]  # x = X / Z^2, y = Y / Z^3; Z = 0 is infinity
Extended = tuple[int, int, int, int]  # X, Y, Z^2, Z^3 of the same: a product less for each addition
Row = list[Affine | None]  # multiples 1-h … h of one point, h = 2^(w-1); None is infinity

_INFINITY: Jacobian = (1, 1, 0)
_SMALL_WINDOW, _LARGE_WINDOW = 6, 9  # tables for G: 4 ms and 43 additions, or 20 ms and 29
_USES_OF_SMALL = 256
_KEY_WINDOW = 5
_USES_BEFORE_TABLE = 3
_TABLES_KEPT = 64


def _invert_all(values: list[int]) -> list[int]:
    """The inverses modulo p of many numbers, none of them zero, for the price of one and three products each."""
    products = [1]
    for value in values:
        products.append(products[-1] * value % P)
    inverse = pow(products.pop(), -1, P)
    result = []
    for value, product in zip(reversed(values), reversed(products), strict=True):
        result.append(inverse * product % P)
        inverse = inverse * value % P
    result.reverse()
    return result


def _normalize(points: list[Jacobian]) -> list[Affine]:
    result = []
    for (x, y, _), inverse in zip(points, _invert_all([point[2] for point in points]), strict=True):
        square = inverse * inverse % P
        result.append((x * square % P, y * square % P * inverse % P))
    return result


def _double(point: Jacobian, times: int = 1) -> Jacobian:
    # a = -3, so 3 X^2 + a Z^4 = 3 (X - Z^2)(X + Z^2); y is 2 Y here, which saves shifts
    p = P
    x, y, z = point
    y <<= 1
    for _ in range(times):
        zz = z * z % p
        yy = y * y % p
        b = x * yy % p
        m = (x - zz) * (x + zz) * 3 % p
        z = y * z % p
        x = (m * m - (b << 1)) % p
        y = ((m * (b - x) << 1) - yy * yy) % p
    return x, (y + p if y & 1 else y) >> 1, z


def _add(left: Jacobian, right: Affine) -> Jacobian:
    """The sum of any two points, equal and opposite ones too."""
    x1, y1, z1 = left
    x2, y2 = right
    if not z1:
        return x2, y2, 1
    zz = z1 * z1 % P
    h = (x2 * zz - x1) % P
    r = (y2 * (zz * z1 % P) - y1) % P
    if not h:
        return _INFINITY if r else _double(left)
    hh = h * h % P
    hhh = h * hh % P
    v = x1 * hh % P
    x3 = (r * r - hhh - (v << 1)) % P
    return x3, (r * (v - x3) - y1 * hhh) % P, z1 * h % P


def _add_all(start: Jacobian, addends: Iterable[Affine | None]) -> Extended:
    """start plus many points, any of which may be infinity: the inner loop of everything fast here."""
    p = P
    x, y, z = start
    zz = z * z % p
    zzz = zz * z % p
    for addend in addends:
        if addend is None:
            continue
        x2, y2 = addend
        if not zz:
            x, y, zz, zzz = x2, y2, 1, 1
            continue
        h = (x2 * zz - x) % p
        r = (y2 * zzz - y) % p
        if not h:
            x, y, z = _INFINITY if r else _double((x2, y2, 1))
            zz = z * z % p
            zzz = zz * z % p
            continue
        hh = h * h % p
        hhh = h * hh % p
        v = x * hh % p
        x = (r * r - hhh - (v << 1)) % p
        y = (r * (v - x) - y * hhh) % p
        zz = zz * hh % p
        zzz = zzz * hhh % p
    return x, y, zz, zzz


class Comb:
    """Multiples of one point in windows of w bits, so that [k]P is a sum without doublings."""

    __slots__ = ("_mask", "_offset", "_rows", "_shifts")

    def __init__(self, point: Affine, window: int) -> None:
        """Build the rows; the windows must have room for more than 256 bits together."""
        count = 256 // window + 1
        half = 1 << (window - 1)
        # a digit u stands for the multiple u + 1 - h, so that a window reaches from 1 - h to h
        self._offset = sum((half - 1) << (window * i) for i in range(count))
        self._shifts = range(0, window * count, window)
        self._mask = (1 << window) - 1
        bases: list[Jacobian] = [(*point, 1)]
        for _ in range(1, count):
            bases.append(_double(bases[-1], window))
        self._rows = [_row(multiples) for multiples in _multiples(_normalize(bases), half)]

    def addends(self, k: int) -> list[Affine | None]:
        """Points whose sum is [k]P, for k in [0, n-1]."""
        digits, mask = k + self._offset, self._mask
        return [row[digits >> shift & mask] for row, shift in zip(self._rows, self._shifts, strict=True)]


def _row(multiples: list[Affine]) -> Row:
    """The signed row from the points 1P … hP."""
    negatives: Row = [(x, P - y) for x, y in reversed(multiples[:-1])]
    return [*negatives, None, *multiples]


def _multiples(bases: list[Affine], count: int) -> list[list[Affine]]:
    """For each base B the points 1B … countB, count a power of two; all rows share one inversion per step."""
    rows = [[base] for base in bases]
    size = 1
    while size < count:
        sums = iter(_add_pairs([(point, row[-1]) for row in rows for point in row]))
        for row in rows:
            row.extend([next(sums) for _ in range(size)])
        size *= 2
    return rows


def _add_pairs(pairs: list[tuple[Affine, Affine]]) -> list[Affine]:
    """Sums of pairs of points, equal or different, never opposite, with one inversion in all."""
    slopes = [(3 * (x1 * x1 - 1), 2 * y1) if x1 == x2 else (y2 - y1, x2 - x1) for (x1, y1), (x2, y2) in pairs]
    inverses = _invert_all([below for _, below in slopes])
    sums = []
    for ((x1, y1), (x2, _)), (above, _), inverse in zip(pairs, slopes, inverses, strict=True):
        slope = above * inverse % P
        x3 = (slope * slope - x1 - x2) % P
        sums.append((x3, (slope * (x1 - x3) - y1) % P))
    return sums


_WNAF_WIDTH = 5


def _wnaf(k: int) -> list[tuple[int, int]]:
    """k as odd digits below 2^(w-1) in absolute value: (place, digit), highest place first."""
    digits = []
    place = 0
    full, half = 1 << _WNAF_WIDTH, 1 << (_WNAF_WIDTH - 1)
    while k:
        zeros = (k & -k).bit_length() - 1
        k >>= zeros
        place += zeros
        digit = k & (full - 1)
        if digit >= half:
            digit -= full
        digits.append((place, digit))
        k -= digit
    digits.reverse()
    return digits


def _odd_multiples(point: Affine) -> dict[int, Affine]:
    """±1P, ±3P … ±15P."""
    odd, (even,) = [point], _add_pairs([(point, point)])
    while len(odd) < 1 << (_WNAF_WIDTH - 2):
        *more, even = _add_pairs([*((multiple, even) for multiple in odd), (even, even)])
        odd += more
    table = {2 * i + 1: multiple for i, multiple in enumerate(odd)}
    table.update({-digit: (x, P - y) for digit, (x, y) in table.items()})
    return table


def _multiply(point: Affine, k: int) -> Jacobian:
    """[k]P for k in [0, n-1]."""
    digits = _wnaf(k)
    if not digits:
        return _INFINITY
    table = _odd_multiples(point)
    total = _INFINITY
    for (place, digit), (next_place, _) in pairwise([*digits, (0, 0)]):
        total = _double(_add(total, table[digit]), place - next_place)
    return total


class _PublicHandle:
    __slots__ = ("comb", "point", "uses")

    def __init__(self, point: Affine) -> None:
        self.point = point
        self.comb: Comb | None = None
        self.uses = 0


def _coordinates(point: bytes) -> Affine:
    return int.from_bytes(point[:32], "big"), int.from_bytes(point[32:], "big")


def _pack(point: Jacobian) -> bytes | None:
    return point_bytes(*_normalize([point])[0]) if point[2] else None


def _pack_extended(point: Extended) -> bytes | None:
    x, y, zz, zzz = point
    if not zz:
        return None
    inverse = pow(zzz, -1, P)
    # 1 / Z^2 = (Z^2 / Z^3)^2
    return point_bytes(x * pow(zz * inverse, 2, P) % P, y * inverse % P)


class PureBackend:
    """The backend that is always there."""

    name = "pure"
    constant_time = False

    def __init__(self) -> None:
        self._base: Comb | None = None
        self._base_uses = 0
        self._prepared: OrderedDict[int, _PublicHandle] = OrderedDict()
        self._lock = threading.Lock()

    def _generator(self) -> Comb:
        """The comb of G: a small one at first, a large one for a process that goes on using it."""
        self._base_uses += 1
        if self._base is None:
            self._base = Comb((GX, GY), _SMALL_WINDOW)
        elif self._base_uses == _USES_OF_SMALL:
            self._base = Comb((GX, GY), _LARGE_WINDOW)
        return self._base

    def _times_base(self, k: int) -> Extended:
        return _add_all(_INFINITY, self._generator().addends(k))

    def open_private(self, d: bytes) -> PrivateNumbers:
        return private_numbers(d)

    def public_point(self, handle: PrivateNumbers) -> bytes:
        point = _pack_extended(self._times_base(handle.d))
        assert point is not None  # d is in [1, n-2]
        return point

    def sign(self, handle: PrivateNumbers, e: bytes, k: bytes) -> bytes | None:
        nonce = int.from_bytes(k, "big")
        x, _, zz, _ = self._times_base(nonce)
        return signature(handle, e=e, k=nonce, x1=x * pow(zz, -1, P) % P)

    def open_public(self, point: bytes) -> _PublicHandle:
        return _PublicHandle(_coordinates(point))

    def verify(self, handle: _PublicHandle, e: bytes, rs: bytes) -> bool:
        r, s = _coordinates(rs)
        t = (r + s) % N
        addends = self._generator().addends(s)
        comb = handle.comb or self._count_use(handle)
        if comb is None:
            start = _multiply(handle.point, t)
        else:
            start = _INFINITY
            addends += comb.addends(t)
        x, _, zz, _ = _add_all(start, addends)
        return zz != 0 and any((candidate * zz - x) % P == 0 for candidate in x_candidates(e, rs))

    def _count_use(self, handle: _PublicHandle) -> Comb | None:
        handle.uses += 1
        if handle.uses >= _USES_BEFORE_TABLE:
            self.precompute(handle)
        return handle.comb

    def mul_base(self, k: bytes) -> bytes | None:
        return _pack_extended(self._times_base(int.from_bytes(k, "big") % N))

    def mul(self, point: bytes, k: bytes) -> bytes | None:
        return _pack(_multiply(_coordinates(point), int.from_bytes(k, "big") % N))

    def add(self, left: bytes, right: bytes) -> bytes | None:
        return _pack(_add((*_coordinates(left), 1), _coordinates(right)))

    def precompute(self, handle: _PublicHandle) -> None:
        """Build the key's comb, about 200 KB; when 64 keys have one, the longest prepared loses its own."""
        if handle.comb is not None:
            return
        handle.comb = Comb(handle.point, _KEY_WINDOW)
        with self._lock:
            self._prepared[id(handle)] = handle
            if len(self._prepared) > _TABLES_KEPT:
                _, oldest = self._prepared.popitem(last=False)
                oldest.comb, oldest.uses = None, 0


def load() -> PureBackend:
    """The pure backend; always available."""
    return PureBackend()
