"""Derives the constants of the native SM4 kernels and writes them as a C header.

    python tools/derive_sm4.py > egov_sdk/crypto/_native/sm4_constants.h

The S-box of SM4 is S(x) = A I(A x + c) + c, with I the inversion in GF(2^8) modulo x^8+x^7+x^6+x^5+x^4+x^2+1. A table
of 256 octets would be read at places that depend on the key. The kernels compute it instead:

- GFNI and AES-NI invert in the field of AES, so x is carried there and back by a linear map (a field isomorphism);
- everywhere else the inversion is a circuit of AND and XOR over bit planes, made in a tower of quadratic extensions
  GF(2^2), GF(2^4), GF(2^8), where it comes down to a few products.

A test compares the header with the output of this script, and the S-box with the table of the standard.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from functools import reduce

SM4_FIELD, AES_FIELD = 0x1F5, 0x11B
SM4_ROW, SM4_CONSTANT = 0xA7, 0xD3  # row i of A is this one rotated left by i
AES_ROW, AES_CONSTANT = 0xF1, 0x63

Matrix = list[int]  # row i gives bit i of the result: the parity of row & x
Product = Callable[[int, int], int]


def parity(x: int) -> int:
    return x.bit_count() & 1


def rotated(x: int, count: int) -> int:
    return ((x << count) | (x >> (8 - count))) & 0xFF


def apply(matrix: Matrix, x: int) -> int:
    return sum(parity(row & x) << i for i, row in enumerate(matrix))


def from_images(images: list[int]) -> Matrix:
    """The matrix that takes bit i to images[i]."""
    return [sum((image >> i & 1) << j for j, image in enumerate(images)) for i in range(8)]


def after(second: Matrix, first: Matrix) -> Matrix:
    return from_images([apply(second, apply(first, 1 << i)) for i in range(8)])


def inverted(matrix: Matrix) -> Matrix:
    backwards = {apply(matrix, x): x for x in range(256)}
    return from_images([backwards[1 << i] for i in range(8)])


def polynomial_product(modulus: int) -> Product:
    def product(a: int, b: int) -> int:
        result = 0
        while b:
            if b & 1:
                result ^= a
            a = a << 1 ^ (modulus if a & 0x80 else 0)
            b >>= 1
        return result

    return product


def inversion(product: Product) -> list[int]:
    table = [0] * 256
    for a in range(1, 256):
        table[a] = next(b for b in range(1, 256) if product(a, b) == 1)
    return table


def isomorphisms(product: Product) -> list[Matrix]:
    """All maps from the field of SM4 to a field with this product: x goes to each root of the SM4 polynomial."""
    found = []
    for root in range(2, 256):
        powers = [1]
        for _ in range(8):
            powers.append(product(powers[-1], root))
        if reduce(lambda a, b: a ^ b, (powers[i] for i in range(9) if SM4_FIELD >> i & 1)) == 0:
            found.append(from_images(powers[:8]))
    return found


A = [rotated(SM4_ROW, i) for i in range(8)]


def sbox() -> list[int]:
    table = inversion(polynomial_product(SM4_FIELD))
    return [apply(A, table[apply(A, x) ^ SM4_CONSTANT]) ^ SM4_CONSTANT for x in range(256)]


# The tower: elements of GF(4) are bits (w, 1) with w^2 = w + 1; each further level has (z, 1) with z^2 = z + N.


class Circuit:
    """Straight-line code over bits; equal gates are made once."""

    def __init__(self, inputs: int) -> None:
        self.gates: list[tuple[str, str, str, str]] = []
        self.inputs = [f"v{i}" for i in range(inputs)]
        self._made: dict[tuple[str, str, str], str] = {}

    def gate(self, kind: str, a: str, b: str) -> str:
        key = (kind, *sorted((a, b)))
        if key not in self._made:
            self._made[key] = f"t{len(self.gates)}"
            self.gates.append((self._made[key], a, kind, b))
        return self._made[key]

    def xor(self, a: list[str], b: list[str]) -> list[str]:
        return [self.gate("^", x, y) for x, y in zip(a, b, strict=True)]


def scale4(c: Circuit, a: list[str]) -> list[str]:
    """a times w."""
    return [c.gate("^", a[0], a[1]), a[0]]


def square4(c: Circuit, a: list[str]) -> list[str]:
    return [a[0], c.gate("^", a[0], a[1])]


def product4(c: Circuit, a: list[str], b: list[str]) -> list[str]:
    high, low = c.gate("&", a[0], b[0]), c.gate("&", a[1], b[1])
    both = c.gate("&", c.gate("^", a[0], a[1]), c.gate("^", b[0], b[1]))
    return [c.gate("^", both, low), c.gate("^", low, high)]


def product16(c: Circuit, a: list[str], b: list[str]) -> list[str]:
    high, low = product4(c, a[:2], b[:2]), product4(c, a[2:], b[2:])
    both = product4(c, c.xor(a[:2], a[2:]), c.xor(b[:2], b[2:]))
    return c.xor(both, low) + c.xor(low, scale4(c, high))


def invert16(c: Circuit, a: list[str]) -> list[str]:
    # the norm w a1^2 + a1 a0 + a0^2 is in GF(4), where the inverse is the square
    high, low = a[:2], a[2:]
    norm = c.xor(c.xor(scale4(c, square4(c, high)), product4(c, high, low)), square4(c, low))
    inverse = square4(c, norm)
    return product4(c, high, inverse) + product4(c, c.xor(high, low), inverse)


def square16(c: Circuit, a: list[str]) -> list[str]:
    high = square4(c, a[:2])
    return high + c.xor(square4(c, a[2:]), scale4(c, high))


def invert256(c: Circuit, a: list[str], scale: Matrix) -> list[str]:
    high, low = a[:4], a[4:]
    scaled = linear(c, scale, square16(c, high)[::-1], 4)[::-1]
    norm = c.xor(c.xor(scaled, product16(c, high, low)), square16(c, low))
    inverse = invert16(c, norm)
    return product16(c, high, inverse) + product16(c, c.xor(high, low), inverse)


def linear(c: Circuit, matrix: Matrix, bits: list[str], size: int) -> list[str]:
    """matrix times bits (lowest first): the pair of terms that most rows share is added first, again and again."""
    names, rows = list(bits), [{i for i in range(size) if row >> i & 1} for row in matrix[:size]]
    while any(len(row) > 1 for row in rows):
        pairs = [pair for row in rows for pair in itertools.combinations(sorted(row), 2)]
        a, b = max(sorted(set(pairs)), key=pairs.count)
        names.append(c.gate("^", names[a], names[b]))
        for row in rows:
            if {a, b} <= row:
                row -= {a, b}
                row.add(len(names) - 1)
    return [names[next(iter(row))] for row in rows]


def run(c: Circuit, outputs: list[str], x: int) -> int:
    """What the circuit gives for one input, lowest bit first."""
    values = {name: x >> i & 1 for i, name in enumerate(c.inputs)}
    for name, a, kind, b in c.gates:
        values[name] = values[a] & values[b] if kind == "&" else values[a] ^ values[b]
    return sum(values[name] << i for i, name in enumerate(outputs))


def product_table(make: Callable[[Circuit, list[str], list[str]], list[str]], size: int) -> list[list[int]]:
    c = Circuit(2 * size)
    low_first = c.inputs
    outputs = make(c, low_first[:size][::-1], low_first[size:][::-1])[::-1]
    return [[run(c, outputs, a | b << size) for b in range(1 << size)] for a in range(1 << size)]


def tower(constant: int, table: list[list[int]]) -> Product:
    """The product in GF(2^8) over GF(2^4) with z^2 = z + constant."""

    def product(a: int, b: int) -> int:
        high, low = table[a >> 4][b >> 4], table[a & 15][b & 15]
        cross = table[a >> 4][b & 15] ^ table[a & 15][b >> 4]
        return (high ^ cross) << 4 | (low ^ table[high][constant])

    return product


def best_circuit() -> tuple[Circuit, list[str], int, int]:
    """The smallest circuit over all towers and isomorphisms, its outputs, and the constants before and after it."""
    table = product_table(product16, 4)
    best: tuple[Circuit, list[str], int, int] | None = None
    for constant in range(1, 16):
        # z^2 + z + N has no root in GF(16)
        if any(table[z][z] ^ z == constant for z in range(16)):
            continue
        scale = [sum((table[1 << j][constant] >> i & 1) << j for j in range(4)) for i in range(4)]
        for to_tower in isomorphisms(tower(constant, table)):
            c = Circuit(8)
            entry, leave = after(to_tower, A), after(A, inverted(to_tower))
            inside = linear(c, entry, c.inputs, 8)
            inverse = invert256(c, inside[::-1], scale)[::-1]
            outputs = linear(c, leave, inverse, 8)
            if best is None or len(c.gates) < len(best[0].gates):
                # A x + c = A (x + A^-1 c): the constant before becomes one on the inputs
                best = c, outputs, apply(inverted(A), SM4_CONSTANT), SM4_CONSTANT
    assert best is not None
    c, outputs, before, behind = best
    assert [run(c, outputs, x ^ before) ^ behind for x in range(256)] == sbox()
    return best


def gfni(matrix: Matrix) -> str:
    """Row i of the instruction's matrix is octet 7 - i."""
    return f"0x{sum(row << 8 * (7 - i) for i, row in enumerate(matrix)):016X}u"


def octets(values: Iterable[int]) -> str:
    return ", ".join(f"0x{value:02X}" for value in values)


def nibble_tables(name: str, matrix: Matrix, constant: int) -> list[str]:
    """An affine map as two tables of 16 for pshufb: of the low half with the constant, of the high half without."""
    low = [apply(matrix, x) ^ constant for x in range(16)]
    high = [apply(matrix, x << 4) for x in range(16)]
    return [f"#define SM4_{name}_LOW {octets(low)}", f"#define SM4_{name}_HIGH {octets(high)}"]


def header() -> str:
    to_aes = min(isomorphisms(polynomial_product(AES_FIELD)))
    entry, leave = after(to_aes, A), after(A, inverted(to_aes))
    before = apply(to_aes, SM4_CONSTANT)
    aes = [rotated(AES_ROW, i) for i in range(8)]
    undo = after(leave, inverted(aes))
    table, sm4 = inversion(polynomial_product(AES_FIELD)), sbox()
    assert [apply(leave, table[apply(entry, x) ^ before]) ^ SM4_CONSTANT for x in range(256)] == sm4
    aes_box = [apply(aes, y) ^ AES_CONSTANT for y in table]
    behind = apply(undo, AES_CONSTANT) ^ SM4_CONSTANT
    assert [apply(undo, aes_box[apply(entry, x) ^ before]) ^ behind for x in range(256)] == sm4

    c, outputs, flip_before, flip_behind = best_circuit()
    ands = sum(kind == "&" for _, _, kind, _ in c.gates)
    lines = [
        "/* Written by tools/derive_sm4.py, which says where every number comes from. Do not edit.",
        " *",
        " * The S-box of SM4 (GB/T 32907-2016) without a table: as affine maps around the inversion in the field of",
        f" * AES, and as a circuit of {ands} AND and {len(c.gates) - ands} XOR.",
        " */",
        "#ifndef EGOV_SM4_CONSTANTS_H",
        "#define EGOV_SM4_CONSTANTS_H",
        "",
        "/* gf2p8affineqb to the field of AES; then gf2p8affineinvqb inverts and comes back */",
        f"#define SM4_GFNI_ENTER {gfni(entry)}",
        f"#define SM4_GFNI_ENTER_CONSTANT 0x{before:02X}",
        f"#define SM4_GFNI_LEAVE {gfni(leave)}",
        f"#define SM4_GFNI_LEAVE_CONSTANT 0x{SM4_CONSTANT:02X}",
        "",
        "/* the same around SubBytes of AES, as look-ups within a register */",
        *nibble_tables("AES_ENTER", entry, before),
        *nibble_tables("AES_LEAVE", undo, behind),
        "",
        "/* v0..v7 are the bit planes of the input, lowest first, and become those of the output; of type `plane` */",
        "#define SM4_SBOX_CIRCUIT(plane, v0, v1, v2, v3, v4, v5, v6, v7) \\",
        "    do { \\",
    ]
    lines += [f"        v{i} = ~v{i}; \\" for i in range(8) if flip_before >> i & 1]
    lines += [f"        const plane {name} = {a} {kind} {b}; \\" for name, a, kind, b in c.gates]
    lines += [f"        v{i} = {'~' * (flip_behind >> i & 1)}{name}; \\" for i, name in enumerate(outputs)]
    lines += ["    } while (0)", "", "#endif"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(header(), end="")
