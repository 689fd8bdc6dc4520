/* The field of sm2p256v1 (GB/T 32918.5): integers modulo p = 2^256 - 2^224 - 2^96 + 2^64 - 1.
 *
 * An element a is held as a * 2^256 mod p (Montgomery form), always fully reduced, so that equal elements have equal
 * limbs. Since p = -1 modulo 2^64, the Montgomery quotient digit is the lowest limb m itself, and
 *     m * p + m = m * (2^256 - 2^224 - 2^96 + 2^64)
 * needs shifts by 32 and no multiplication: divided by 2^64 it is the four limbs (in borrow arithmetic)
 *     m - (m << 32),   -(m >> 32),   -(m << 32),   m - (m >> 32).
 * No function here branches on a value or indexes by one.
 */
#ifndef EGOV_FIELD_H
#define EGOV_FIELD_H

#include "limbs.h"
#include "sm2.h"

static const fe FE_P = {{0xFFFFFFFFFFFFFFFF, 0xFFFFFFFF00000000, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFEFFFFFFFF}};
/* 2^256 mod p, the one of the Montgomery form */
static const fe FE_ONE = {{0x0000000000000001, 0x00000000FFFFFFFF, 0x0000000000000000, 0x0000000100000000}};
/* 2^512 mod p */
static const fe FE_RR = {{0x0000000200000003, 0x00000002FFFFFFFF, 0x0000000100000001, 0x0000000400000002}};

EGOV_INLINE void fe_select(fe *r, uint64_t mask, const fe *a, const fe *b)
{
    limbs_select(r->l, mask, a->l, b->l);
}

EGOV_INLINE uint64_t fe_is_zero(const fe *a)
{
    return limbs_is_zero(a->l);
}

EGOV_INLINE uint64_t fe_equal(const fe *a, const fe *b)
{
    return ct_is_zero((a->l[0] ^ b->l[0]) | (a->l[1] ^ b->l[1]) | (a->l[2] ^ b->l[2]) | (a->l[3] ^ b->l[3]));
}

#if EGOV_FIELD_ADX
#include "field_adx.h"
#else
/* r = a / 2: a or a + p, whichever is even, shifted. */
EGOV_INLINE void fe_half(fe *r, const fe *a)
{
    uint64_t odd = ct_mask(a->l[0] & 1), t[4];
    const uint64_t masked[4] = {odd, odd & FE_P.l[1], odd, odd & FE_P.l[3]};
    uint64_t carry = limbs_add(t, a->l, masked);
    r->l[0] = (t[0] >> 1) | (t[1] << 63);
    r->l[1] = (t[1] >> 1) | (t[2] << 63);
    r->l[2] = (t[2] >> 1) | (t[3] << 63);
    r->l[3] = (t[3] >> 1) | (carry << 63);
}

EGOV_INLINE void fe_add(fe *r, const fe *a, const fe *b)
{
    uint64_t t[4];
    uint64_t carry = limbs_add(t, a->l, b->l);
    limbs_reduce_once(r->l, carry, t, FE_P.l);
}

EGOV_INLINE void fe_sub(fe *r, const fe *a, const fe *b)
{
    uint64_t t[4];
    uint64_t mask = ct_mask(limbs_sub(t, a->l, b->l));
    const uint64_t masked[4] = {mask, mask & FE_P.l[1], mask, mask & FE_P.l[3]};
    (void)limbs_add(r->l, t, masked);
}

/* (r3 r2 r1 r0) <- ((r3 r2 r1 r0) + m * p) / 2^64 with m = r0. No carry comes out: the result is below 2^256. */
#define FE_MONTGOMERY_STEP(r0, r1, r2, r3) \
    do { \
        uint64_t m_ = r0, low_ = m_ << 32, high_ = m_ >> 32; \
        carry_t c_ = 0; \
        uint64_t d0_ = sub_borrow(m_, low_, &c_); \
        uint64_t d1_ = sub_borrow(0, high_, &c_); \
        uint64_t d2_ = sub_borrow(0, low_, &c_); \
        uint64_t d3_ = sub_borrow(m_, high_, &c_); \
        c_ = 0; \
        r0 = add_carry(r1, d0_, &c_); \
        r1 = add_carry(r2, d1_, &c_); \
        r2 = add_carry(r3, d2_, &c_); \
        r3 = add_carry(d3_, 0, &c_); \
    } while (0)

/* r = t / 2^256 mod p for t below p * 2^256 */
EGOV_INLINE void fe_reduce(fe *r, const uint64_t t[8])
{
    uint64_t low[4], t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3];
    FE_MONTGOMERY_STEP(t0, t1, t2, t3);
    FE_MONTGOMERY_STEP(t0, t1, t2, t3);
    FE_MONTGOMERY_STEP(t0, t1, t2, t3);
    FE_MONTGOMERY_STEP(t0, t1, t2, t3);
    low[0] = t0, low[1] = t1, low[2] = t2, low[3] = t3;
    uint64_t carry = limbs_add(low, low, t + 4);
    limbs_reduce_once(r->l, carry, low, FE_P.l);
}

/* high:sum = a * b + c + d, which cannot overflow */
EGOV_INLINE uint64_t mul_add(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t *high)
{
    u128 sum = (u128)a * b + c + d;
    *high = (uint64_t)(sum >> 64);
    return (uint64_t)sum;
}

/* r = a * b / 2^256 */
static EGOV_NOINLINE void fe_mul(fe *r, const fe *a, const fe *b)
{
    uint64_t t[8], h;
#define ROW(i, c0, c1, c2, c3) \
    t[i] = mul_add(a->l[0], b->l[i], c0, 0, &h); \
    t[i + 1] = mul_add(a->l[1], b->l[i], c1, h, &h); \
    t[i + 2] = mul_add(a->l[2], b->l[i], c2, h, &h); \
    t[i + 3] = mul_add(a->l[3], b->l[i], c3, h, &t[i + 4])
    ROW(0, 0, 0, 0, 0);
    ROW(1, t[1], t[2], t[3], t[4]);
    ROW(2, t[2], t[3], t[4], t[5]);
    ROW(3, t[3], t[4], t[5], t[6]);
#undef ROW
    fe_reduce(r, t);
}

/* r = a^2 / 2^256 */
static EGOV_NOINLINE void fe_sqr(fe *r, const fe *a)
{
    const uint64_t *v = a->l;
    uint64_t t[8], h;
    carry_t c = 0;
    /* the six products of different limbs */
    t[1] = mul_add(v[0], v[1], 0, 0, &h);
    t[2] = mul_add(v[0], v[2], h, 0, &h);
    t[3] = mul_add(v[0], v[3], h, 0, &t[4]);
    t[3] = mul_add(v[1], v[2], t[3], 0, &h);
    t[4] = mul_add(v[1], v[3], t[4], h, &t[5]);
    t[5] = mul_add(v[2], v[3], t[5], 0, &t[6]);
    /* twice, plus the four squares */
    t[7] = t[6] >> 63;
    t[6] = (t[6] << 1) | (t[5] >> 63);
    t[5] = (t[5] << 1) | (t[4] >> 63);
    t[4] = (t[4] << 1) | (t[3] >> 63);
    t[3] = (t[3] << 1) | (t[2] >> 63);
    t[2] = (t[2] << 1) | (t[1] >> 63);
    t[1] = t[1] << 1;
    t[0] = mul_add(v[0], v[0], 0, 0, &h);
    t[1] = add_carry(t[1], h, &c);
    t[2] = add_carry(t[2], mul_add(v[1], v[1], 0, 0, &h), &c);
    t[3] = add_carry(t[3], h, &c);
    t[4] = add_carry(t[4], mul_add(v[2], v[2], 0, 0, &h), &c);
    t[5] = add_carry(t[5], h, &c);
    t[6] = add_carry(t[6], mul_add(v[3], v[3], 0, 0, &h), &c);
    t[7] = add_carry(t[7], h, &c);
    fe_reduce(r, t);
}
#endif /* EGOV_FIELD_ADX */

EGOV_INLINE void fe_double(fe *r, const fe *a)
{
    fe_add(r, a, a);
}

EGOV_INLINE void fe_neg(fe *r, const fe *a)
{
    static const fe zero = {{0}};
    fe_sub(r, &zero, a);
}

/* r = a^(2^count) */
static void fe_sqr_times(fe *r, const fe *a, int count)
{
    fe_sqr(r, a);
    while (--count > 0) fe_sqr(r, r);
}

/* Reads 32 big-endian octets; returns 0 if they are p or more (GB/T 32918.1, 4.2.7: an error, not something to reduce). */
static uint64_t fe_from_bytes(fe *r, const uint8_t bytes[32])
{
    fe a;
    limbs_from_bytes(a.l, bytes);
    uint64_t canonical = limbs_less(a.l, FE_P.l);
    fe_mul(r, &a, &FE_RR);
    return canonical;
}

/* r = a out of Montgomery form */
static void fe_to_limbs(uint64_t r[4], const fe *a)
{
    static const fe one = {{1}};
    fe plain;
    fe_mul(&plain, a, &one);
    memcpy(r, plain.l, sizeof plain.l);
}

static void fe_to_bytes(uint8_t bytes[32], const fe *a)
{
    uint64_t plain[4];
    fe_to_limbs(plain, a);
    limbs_to_bytes(bytes, plain);
}

/* r = 1 / a (0 for 0), as a^(p - 2) by Fermat. The exponent is public; its bits from the top are
 * 31 ones, 0, 128 ones, 32 zeros, 62 ones, 01. */
static void fe_inv(fe *r, const fe *a)
{
    fe x3, x6, x12, x15, x30, x31, x32, t;
    fe_sqr(&t, a);
    fe_mul(&t, &t, a); /* two ones */
    fe_sqr(&t, &t);
    fe_mul(&x3, &t, a);
    fe_sqr_times(&t, &x3, 3);
    fe_mul(&x6, &t, &x3);
    fe_sqr_times(&t, &x6, 6);
    fe_mul(&x12, &t, &x6);
    fe_sqr_times(&t, &x12, 3);
    fe_mul(&x15, &t, &x3);
    fe_sqr_times(&t, &x15, 15);
    fe_mul(&x30, &t, &x15);
    fe_sqr(&t, &x30);
    fe_mul(&x31, &t, a);
    fe_sqr(&t, &x31);
    fe_mul(&x32, &t, a);

    fe_sqr_times(&t, &x31, 33);
    fe_mul(&t, &t, &x32);
    for (int i = 0; i < 3; i++) {
        fe_sqr_times(&t, &t, 32);
        fe_mul(&t, &t, &x32);
    }
    fe_sqr_times(&t, &t, 64);
    fe_mul(&t, &t, &x32);
    fe_sqr_times(&t, &t, 30);
    fe_mul(&t, &t, &x30);
    fe_sqr_times(&t, &t, 2);
    fe_mul(r, &t, a);
}

#endif
