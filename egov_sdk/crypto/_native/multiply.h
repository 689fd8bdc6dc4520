/* Products of points by numbers.
 *
 * Secret numbers (multiply_base, multiply_point) are written with odd digits only. For odd k below 2^256 and rows of
 * w bits with w * rows >= 256,
 *     k = sum of d_i 2^(w i),   d_i odd, |d_i| < 2^w, the top one positive,
 * where d_i is read off the bits [w i, w i + w) of (k >> 1) + 2^(w rows - 1). An even k is replaced by n - k, and the
 * result negated. No digit is zero, so there is nothing to skip, and the accumulator is never infinity.
 *
 * The additions are incomplete; that is safe because the sum S of the higher digits never meets the addend A = d_i 2^(wi):
 *   - S is an odd multiple of 2^(w(i+1)) and |A| < 2^(w(i+1)), so S = A and S = -A do not hold as integers, and S > 0.
 *   - S + A = 0 mod n: for i > 0 the sum is a multiple of 2^w below 2n, and n is odd; for i = 0 it is k itself.
 *   - S - A = 0 mod n: for i > 0 as before; for i = 0 it asks for S = n - |d_0| with S = 2^w mod 2^(w+1), that is for
 *     |d_0| = n - 2^w mod 2^(w+1), which is 19 for w = 4 and 99 for w = 6: too large for a digit of w bits.
 *     (For w = 5 it is 3, and k = n - 6, which stands for k = 6 too, would fail: multiply_comb does without it.)
 * In multiply_point the digits are taken from the top with w doublings in between; the same argument holds with S and
 * A divided by 2^(wi).
 */
#ifndef EGOV_MULTIPLY_H
#define EGOV_MULTIPLY_H

#include "point.h"
#include "scalar.h"

/* values[i] = 1 / values[i] for many at once, none of them zero: one inversion and three products each. */
static void fe_inv_many(fe *values, fe *products, size_t count)
{
    fe inverse, t;
    products[0] = values[0];
    for (size_t i = 1; i < count; i++) fe_mul(&products[i], &products[i - 1], &values[i]);
    fe_inv(&inverse, &products[count - 1]);
    for (size_t i = count - 1; i > 0; i--) {
        fe_mul(&t, &inverse, &products[i - 1]);
        fe_mul(&inverse, &inverse, &values[i]);
        values[i] = t;
    }
    values[0] = inverse;
}

#define COMB_MAX_ROWS SM2_KEY_ROWS

/* r = p + q in affine coordinates, given 1 / (q.x - p.x) */
static void affine_add(affine *r, const affine *p, const affine *q, const fe *inverse)
{
    fe slope, x, y;
    fe_sub(&slope, &q->y, &p->y);
    fe_mul(&slope, &slope, inverse);
    fe_sqr(&x, &slope);
    fe_sub(&x, &x, &p->x);
    fe_sub(&x, &x, &q->x);
    fe_sub(&y, &p->x, &x);
    fe_mul(&y, &y, &slope);
    fe_sub(&r->y, &y, &p->y);
    r->x = x;
}

/* Fills the comb of a public point: the rows grow together, one point per row and step, with one inversion per step. */
static void build_comb(affine *comb, const affine *point, int window, int rows)
{
    jacobian walk[2 * COMB_MAX_ROWS]; /* B = 2^(window i) P and 2B for each row i */
    affine twice[COMB_MAX_ROWS];
    fe inverses[2 * COMB_MAX_ROWS], products[2 * COMB_MAX_ROWS];
    size_t entries = (size_t)1 << (window - 1);

    jacobian_from_affine(&walk[0], point);
    for (int i = 0; i < rows; i++) {
        jacobian_double(&walk[2 * i + 1], &walk[2 * i]);
        if (i + 1 == rows) break;
        jacobian_double(&walk[2 * i + 2], &walk[2 * i + 1]);
        for (int j = 2; j < window; j++) jacobian_double(&walk[2 * i + 2], &walk[2 * i + 2]);
    }
    for (int i = 0; i < 2 * rows; i++) inverses[i] = walk[i].z;
    fe_inv_many(inverses, products, (size_t)(2 * rows));
    for (int i = 0; i < rows; i++) {
        jacobian_to_affine(&comb[(size_t)i * entries], &walk[2 * i], &inverses[2 * i]);
        jacobian_to_affine(&twice[i], &walk[2 * i + 1], &inverses[2 * i + 1]);
    }
    for (size_t j = 1; j < entries; j++) {
        for (int i = 0; i < rows; i++) fe_sub(&inverses[i], &twice[i].x, &comb[(size_t)i * entries + j - 1].x);
        fe_inv_many(inverses, products, (size_t)rows);
        for (int i = 0; i < rows; i++) {
            affine *row = comb + (size_t)i * entries;
            affine_add(&row[j], &row[j - 1], &twice[i], &inverses[i]);
        }
    }
}

/* The bits [place, place + width) of a; place is public. */
EGOV_INLINE uint64_t scalar_bits(const scalar *a, unsigned place, unsigned width)
{
    unsigned limb = place / 64, shift = place % 64;
    if (limb > 3) return 0;
    uint64_t bits = a->l[limb] >> shift;
    if (shift + width > 64 && limb < 3) bits |= a->l[limb + 1] << (64 - shift);
    return bits & (((uint64_t)1 << width) - 1);
}

/* r = k or n - k, whichever is odd, shifted right by one; returns a mask of all ones if it was n - k. k in [1, n-1]. */
EGOV_INLINE uint64_t odd_half(scalar *r, const scalar *k)
{
    scalar other, odd;
    uint64_t even = ct_mask(1 ^ (k->l[0] & 1));
    (void)limbs_sub(other.l, SC_N.l, k->l);
    limbs_select(odd.l, even, other.l, k->l);
    r->l[0] = (odd.l[0] >> 1) | (odd.l[1] << 63);
    r->l[1] = (odd.l[1] >> 1) | (odd.l[2] << 63);
    r->l[2] = (odd.l[2] >> 1) | (odd.l[3] << 63);
    r->l[3] = odd.l[3] >> 1;
    secret_wipe(&other, sizeof other);
    secret_wipe(&odd, sizeof odd);
    return even;
}

/* Digit `row` as the index of |d| in (1, 3, 5, ...) and a mask of all ones for a negative one. */
EGOV_INLINE uint64_t odd_digit(uint64_t *negative, const scalar *half, int row, int rows, unsigned window)
{
    uint64_t bits = scalar_bits(half, (unsigned)row * window, window);
    *negative = 0;
    if (row == rows - 1) return bits; /* the added top bit makes it positive */
    *negative = ct_mask(1 ^ (bits >> (window - 1)));
    return (bits ^ *negative) & (((uint64_t)1 << (window - 1)) - 1);
}

/* Vectors for the selection: 16 octets everywhere, 32 where the build may use AVX2. */
#if EGOV_FIELD_ADX
#define SELECT_OCTETS 32
#define SELECT_TARGET __attribute__((target("avx2")))
#else
#define SELECT_OCTETS 16
#define SELECT_TARGET
#endif
typedef uint32_t select_vector __attribute__((vector_size(SELECT_OCTETS), aligned(4), may_alias));

/* r = entries[index] (secret index): reads all of them. The size of an entry is a multiple of 32 octets. */
#define DEFINE_SELECT(name, type) \
    SELECT_TARGET static EGOV_NOINLINE void name(type *r, const type *entries, unsigned count, uint64_t index) \
    { \
        enum { PARTS = sizeof(type) / SELECT_OCTETS }; \
        const select_vector zero = {0}, wanted = zero + (uint32_t)index, *from = (const select_vector *)entries; \
        select_vector sum[PARTS], at = zero, *to = (select_vector *)r; \
        EGOV_UNROLL for (unsigned j = 0; j < PARTS; j++) sum[j] = zero; \
        for (unsigned i = 0; i < count; i++, from += PARTS) { \
            select_vector mask = (select_vector)(at == wanted); \
            EGOV_UNROLL for (unsigned j = 0; j < PARTS; j++) sum[j] |= mask & from[j]; \
            at += 1; \
        } \
        EGOV_UNROLL for (unsigned j = 0; j < PARTS; j++) to[j] = sum[j]; \
    }

DEFINE_SELECT(select_affine, affine)
DEFINE_SELECT(select_addend, addend)

/* y = -y where the mask is all ones */
EGOV_INLINE void negate_if(fe *y, uint64_t mask)
{
    fe minus;
    fe_neg(&minus, y);
    fe_select(y, mask, &minus, y);
}

/* r = [k]P for k in [1, n-1] (secret), from a comb of P; the top row has so few bits that `top` of its points are enough. */
EGOV_INLINE void multiply_fixed(jacobian *r, const affine *comb, int window, int rows, unsigned top, const scalar *k)
{
    scalar half;
    affine picked;
    uint64_t negative, flipped = odd_half(&half, k);
    unsigned entries = 1u << (window - 1);

    uint64_t index = odd_digit(&negative, &half, rows - 1, rows, (unsigned)window);
    select_affine(&picked, comb + (size_t)(rows - 1) * entries, top, index);
    jacobian_from_affine(r, &picked);
    for (int row = rows - 2; row >= 0; row--) {
        index = odd_digit(&negative, &half, row, rows, (unsigned)window);
        select_affine(&picked, comb + (size_t)row * entries, entries, index);
        negate_if(&picked.y, negative);
        jacobian_add_affine(r, r, &picked);
    }
    negate_if(&r->y, flipped);
    secret_wipe(&half, sizeof half);
    secret_wipe(&picked, sizeof picked);
}

/* r = [k]G for k in [1, n-1] (secret), from the comb of G. */
static void multiply_base(jacobian *r, const affine *base, const scalar *k)
{
    multiply_fixed(r, base, SM2_BASE_WINDOW, SM2_BASE_ROWS, 8, k);
}

/* r = [k]P for k in [1, n-1] (secret), from the comb of P; 0, and no product, for the two k that it does not reach. */
static uint64_t multiply_comb(jacobian *r, const affine *comb, const scalar *k)
{
    static const scalar six = {{6}};
    scalar sum, difference;
    sc_add(&sum, k, &six);
    sc_sub(&difference, k, &six);
    uint64_t good = 1 ^ (sc_is_zero(&sum) | sc_is_zero(&difference));
    multiply_fixed(r, comb, SM2_KEY_WINDOW, SM2_KEY_ROWS, 1, k);
    secret_wipe(&sum, sizeof sum);
    secret_wipe(&difference, sizeof difference);
    return good;
}

/* P, 3P, 5P ... of a point as addends */
static void odd_multiples(addend *table, const affine *point, int count)
{
    jacobian walk;
    addend twice;
    jacobian_from_affine(&walk, point);
    addend_from_jacobian(&table[0], &walk);
    jacobian_double(&walk, &walk);
    addend_from_jacobian(&twice, &walk);
    jacobian_add_affine(&walk, &walk, point);
    addend_from_jacobian(&table[1], &walk);
    for (int i = 2; i < count; i++) {
        jacobian_add(&walk, &walk, &twice);
        addend_from_jacobian(&table[i], &walk);
    }
}

/* r = [k]P for k in [1, n-1] (secret) and any point of the curve. */
static void multiply_point(jacobian *r, const affine *point, const scalar *k)
{
    enum { WINDOW = 4, ROWS = 64, ENTRIES = 1 << (WINDOW - 1) };
    addend table[ENTRIES] __attribute__((aligned(64))), picked;
    scalar half;
    uint64_t negative, flipped = odd_half(&half, k);

    odd_multiples(table, point, ENTRIES);
    uint64_t index = odd_digit(&negative, &half, ROWS - 1, ROWS, WINDOW);
    select_addend(&picked, table, ENTRIES, index);
    r->x = picked.x;
    r->y = picked.y;
    r->z = picked.z;
    for (int row = ROWS - 2; row >= 0; row--) {
        for (int i = 0; i < WINDOW; i++) jacobian_double(r, r);
        index = odd_digit(&negative, &half, row, ROWS, WINDOW);
        select_addend(&picked, table, ENTRIES, index);
        negate_if(&picked.y, negative);
        jacobian_add(r, r, &picked);
    }
    negate_if(&r->y, flipped);
    secret_wipe(&half, sizeof half);
    secret_wipe(&picked, sizeof picked);
}

/* From here on: public numbers, for verification. */

/* r += [k]P from a comb; k below n. */
static void add_comb_product(jacobian *r, const affine *comb, int window, int rows, const scalar *k)
{
    scalar half;
    if (sc_is_zero(k)) return;
    uint64_t flipped = odd_half(&half, k);
    for (int row = rows - 1; row >= 0; row--) {
        uint64_t negative;
        uint64_t index = odd_digit(&negative, &half, row, rows, (unsigned)window);
        affine q = comb[((size_t)row << (window - 1)) + index];
        negate_if(&q.y, negative ^ flipped);
        jacobian_add_affine_checked(r, r, &q);
    }
}

/* Writes k below n as the sum of digits[i] * 2^i with odd |digits[i]| < 2^(width - 1) or 0, and at least width - 1 zeros
 * after each digit that is not zero. */
static void sparse_digits(int8_t digits[257], const scalar *k, unsigned width)
{
    uint64_t carry = 0;
    memset(digits, 0, 257);
    for (unsigned place = 0; place < 256;) {
        /* bits equal to the carry make a zero and leave the carry as it is: go on to the first that differs */
        uint64_t differs = (k->l[place / 64] ^ (0 - carry)) >> (place % 64);
        if (!differs) {
            place = (place / 64 + 1) * 64;
            continue;
        }
        place += (unsigned)__builtin_ctzll(differs);
        uint64_t bits = scalar_bits(k, place, width) + carry;
        carry = bits >> (width - 1);
        digits[place] = (int8_t)((int)bits - (int)(carry << width));
        place += width;
    }
    /* what is carried beyond the top */
    digits[256] = (int8_t)carry;
}

/* r = [t]P + [s]G by one run of doublings (Straus); s and t below n. */
static void add_products(jacobian *r, const affine *point, const scalar *t, const affine *base, const scalar *s)
{
    enum { POINT_WIDTH = 5, BASE_WIDTH = SM2_BASE_WINDOW + 1 }; /* the lowest row of the comb has G, 3G ... 63G */
    int8_t point_digits[257], base_digits[257];
    addend table[1 << (POINT_WIDTH - 2)];
    int place = 256;

    odd_multiples(table, point, 1 << (POINT_WIDTH - 2));
    sparse_digits(point_digits, t, POINT_WIDTH);
    sparse_digits(base_digits, s, BASE_WIDTH);
    while (place >= 0 && !point_digits[place] && !base_digits[place]) place--;
    jacobian_set_infinity(r);
    for (; place >= 0; place--) {
        int digit = point_digits[place];
        jacobian_double(r, r);
        if (digit) {
            addend q = table[(digit < 0 ? -digit : digit) >> 1];
            if (digit < 0) fe_neg(&q.y, &q.y);
            jacobian_add_checked(r, r, &q);
        }
        digit = base_digits[place];
        if (digit) {
            affine q = base[(digit < 0 ? -digit : digit) >> 1];
            if (digit < 0) fe_neg(&q.y, &q.y);
            jacobian_add_affine_checked(r, r, &q);
        }
    }
}

#endif
