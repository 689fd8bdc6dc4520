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
Row = list[Affine | None]  # multiples 1-h … h of one point, h = 2^(w-1); None is infinity

_INFINITY: Jacobian = (1, 1, 0)
_BASE_WINDOW = 8
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


def _affine(point: Jacobian) -> Affine | None:
    return _normalize([point])[0] if point[2] else None


def _double(point: Jacobian) -> Jacobian:
    # a = -3, so 3 X^2 + a Z^4 = 3 (X - Z^2)(X + Z^2)
    x, y, z = point
    zz = z * z % P
    yy = y * y % P
    b = 4 * x * yy % P
    m = 3 * (x - zz) * (x + zz) % P
    x3 = (m * m - 2 * b) % P
    return x3, (m * (b - x3) - 8 * yy * yy) % P, 2 * y * z % P


def _add(left: Jacobian, right: Jacobian) -> Jacobian:
    """Any two points, equal or opposite or infinity too."""
    x1, y1, z1 = left
    x2, y2, z2 = right
    if not z1:
        return right
    if not z2:
        return left
    zz1 = z1 * z1 % P
    zz2 = z2 * z2 % P
    u1 = x1 * zz2 % P
    s1 = y1 * zz2 % P * z2 % P
    h = (x2 * zz1 - u1) % P
    r = (y2 * zz1 % P * z1 - s1) % P
    if not h:
        return _INFINITY if r else _double(left)
    hh = h * h % P
    hhh = h * hh % P
    v = u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, z1 * z2 % P * h % P


def _add_all(start: Jacobian, addends: Iterable[Affine | None]) -> Jacobian:
    """start plus many affine points (None is infinity): the inner loop of everything fast here."""
    p = P
    x, y, z = start
    for addend in addends:
        if addend is None:
            continue
        x2, y2 = addend
        if not z:
            x, y, z = x2, y2, 1
            continue
        zz = z * z % p
        h = (x2 * zz - x) % p
        r = (y2 * (zz * z % p) - y) % p
        if not h:
            x, y, z = _INFINITY if r else _double((x, y, z))
            continue
        hh = h * h % p
        hhh = h * hh % p
        v = x * hh % p
        x = (r * r - hhh - 2 * v) % p
        y = (r * (v - x) - y * hhh) % p
        z = z * h % p
    return x, y, z


class Comb:
    """Multiples of one point in windows of w bits, so that [k]P is a sum without doublings."""

    __slots__ = ("_offset", "_rows", "_window")

    def __init__(self, point: Affine, window: int) -> None:
        count = -(-256 // window)
        half = 1 << (window - 1)
        # A digit u stands for the multiple u + 1 - h. After the sign is taken out k is at most n/2, so that
        # k + offset is below (2^255) + (2^256 - 1)(h - 1)/(2h - 1) < 2^256 and fits the windows.
        self._offset = sum((half - 1) << (window * i) for i in range(count))
        self._window = window
        bases: list[Jacobian] = [(*point, 1)]
        for _ in range(1, count):
            base = bases[-1]
            for _ in range(window):
                base = _double(base)
            bases.append(base)
        self._rows = [_row(multiples) for multiples in _multiples(_normalize(bases), half)]

    def addends(self, k: int) -> list[Affine | None]:
        """Points whose sum is [k]P, for k in [0, n-1]."""
        negative = k > N >> 1
        digits = (N - k if negative else k) + self._offset
        width, mask = self._window, (1 << self._window) - 1
        if width == 8:
            octets: Iterable[int] = digits.to_bytes(len(self._rows), "little")
        else:
            octets = [digits >> shift & mask for shift in range(0, width * len(self._rows), width)]
        picked = [row[digit] for row, digit in zip(self._rows, octets, strict=True)]
        if negative:
            return [pair and (pair[0], P - pair[1]) for pair in picked]
        return picked


def _row(multiples: list[Affine]) -> Row:
    """The signed row from the points 1P … hP."""
    negatives: Row = [(x, P - y) for x, y in reversed(multiples[:-1])]
    return [*negatives, None, *multiples]


def _multiples(bases: list[Affine], count: int) -> list[list[Affine]]:
    """For each base B the points 1B … countB; all rows share one inversion per step."""
    rows = [[base] for base in bases]
    size = 1
    while size < count:
        # jB + sizeB for j = 1 … size; only the last of each row is a doubling
        pairs = [(point, row[-1]) for row in rows for point in row]
        sums = iter(_add_affine(pairs))
        for row in rows:
            row.extend([next(sums) for _ in range(size)])
        size *= 2
    return rows


def _add_affine(pairs: list[tuple[Affine, Affine]]) -> list[Affine]:
    """Sums of pairs of points, equal or different, never opposite, with one inversion in all."""
    slopes = [(3 * (x1 * x1 - 1), 2 * y1) if x1 == x2 else (y2 - y1, (x2 - x1) % P) for (x1, y1), (x2, y2) in pairs]
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
    twice = _double((*point, 1))
    jacobian: list[Jacobian] = [(*point, 1)]
    for _ in range(1, 1 << (_WNAF_WIDTH - 2)):
        jacobian.append(_add(jacobian[-1], twice))
    table = {}
    for i, (x, y) in enumerate(_normalize(jacobian)):
        table[2 * i + 1] = (x, y)
        table[-2 * i - 1] = (x, P - y)
    return table


def _double_times(point: Jacobian, times: int) -> Jacobian:
    p = P
    x, y, z = point
    for _ in range(times):
        zz = z * z % p
        yy = y * y % p
        b = 4 * x * yy % p
        m = 3 * (x - zz) * (x + zz) % p
        z = 2 * y * z % p
        x = (m * m - 2 * b) % p
        y = (m * (b - x) - 8 * yy * yy) % p
    return x, y, z


def _multiply(point: Affine, k: int) -> Jacobian:
    """[k]P for k in [0, n-1]."""
    digits = _wnaf(k)
    if not digits:
        return _INFINITY
    table = _odd_multiples(point)
    accumulator = _INFINITY
    for (place, digit), (next_place, _) in pairwise([*digits, (0, 0)]):
        accumulator = _double_times(_add_all(accumulator, (table[digit],)), place - next_place)
    return accumulator


class _PublicHandle:
    __slots__ = ("comb", "point", "uses")

    def __init__(self, point: Affine) -> None:
        self.point = point
        self.comb: Comb | None = None
        self.uses = 0


def _coordinates(point: bytes) -> Affine:
    return int.from_bytes(point[:32], "big"), int.from_bytes(point[32:], "big")


def _pack(point: Jacobian) -> bytes | None:
    affine = _affine(point)
    return point_bytes(*affine) if affine else None


class PureBackend:
    """The backend that is always there."""

    name = "pure"
    constant_time = False

    def __init__(self) -> None:
        self._base: Comb | None = None
        self._recent: OrderedDict[int, _PublicHandle] = OrderedDict()
        self._lock = threading.Lock()

    def _generator(self) -> Comb:
        base = self._base
        if base is None:
            base = self._base = Comb((GX, GY), _BASE_WINDOW)
        return base

    def open_private(self, d: bytes) -> PrivateNumbers:
        return private_numbers(d)

    def public_point(self, handle: PrivateNumbers) -> bytes:
        x, y = _normalize([self._times_base(handle.d)])[0]
        return point_bytes(x, y)

    def _times_base(self, k: int) -> Jacobian:
        return _add_all(_INFINITY, self._generator().addends(k))

    def sign(self, handle: PrivateNumbers, e: bytes, k: bytes) -> bytes | None:
        nonce = int.from_bytes(k, "big")
        x, _, z = self._times_base(nonce)
        return signature(handle, e=e, k=nonce, x1=x * pow(z * z, -1, P) % P)

    def open_public(self, point: bytes) -> _PublicHandle:
        return _PublicHandle(_coordinates(point))

    def verify(self, handle: _PublicHandle, e: bytes, rs: bytes) -> bool:
        r, s = _coordinates(rs)
        t = (r + s) % N
        comb = handle.comb or self._count_use(handle)
        start = _multiply(handle.point, t) if comb is None else _add_all(_INFINITY, comb.addends(t))
        x, _, z = _add_all(start, self._generator().addends(s))
        zz = z * z
        return z != 0 and any((candidate * zz - x) % P == 0 for candidate in x_candidates(e, rs))

    def _count_use(self, handle: _PublicHandle) -> Comb | None:
        handle.uses += 1
        if handle.uses >= _USES_BEFORE_TABLE:
            self.precompute(handle)
        return handle.comb

    def mul_base(self, k: bytes) -> bytes | None:
        return _pack(self._times_base(int.from_bytes(k, "big") % N))

    def mul(self, point: bytes, k: bytes) -> bytes | None:
        return _pack(_multiply(_coordinates(point), int.from_bytes(k, "big") % N))

    def add(self, left: bytes, right: bytes) -> bytes | None:
        return _pack(_add_all((*_coordinates(left), 1), (_coordinates(right),)))

    def precompute(self, handle: _PublicHandle) -> None:
        """Build the key's comb, about 120 KB; the least recently prepared of more than 64 keys loses its own."""
        if handle.comb is not None:
            return
        handle.comb = Comb(handle.point, _KEY_WINDOW)
        with self._lock:
            self._recent[id(handle)] = handle
            if len(self._recent) > _TABLES_KEPT:
                _, oldest = self._recent.popitem(last=False)
                oldest.comb, oldest.uses = None, 0


def load() -> PureBackend:
    """The pure backend; always available."""
    return PureBackend()
