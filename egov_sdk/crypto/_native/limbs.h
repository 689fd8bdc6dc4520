/* Carries, borrows and 256-bit numbers in four 64-bit limbs, least significant first; unrolled by hand.
 *
 * The carry is written in two ways: with the x86 intrinsics where EGOV_CARRY_INTRINSICS is set, with unsigned __int128
 * elsewhere. Not with __builtin_add_overflow: gcc 12 makes a conditional jump of it, and the operands are secret.
 */
#ifndef EGOV_LIMBS_H
#define EGOV_LIMBS_H

#include "platform.h"

#if EGOV_CARRY_INTRINSICS
#include <immintrin.h>
typedef unsigned char carry_t;

EGOV_INLINE uint64_t add_carry(uint64_t a, uint64_t b, carry_t *carry)
{
    unsigned long long sum;
    *carry = _addcarry_u64(*carry, a, b, &sum);
    return sum;
}

EGOV_INLINE uint64_t sub_borrow(uint64_t a, uint64_t b, carry_t *borrow)
{
    unsigned long long difference;
    *borrow = _subborrow_u64(*borrow, a, b, &difference);
    return difference;
}
#else
typedef uint64_t carry_t;

EGOV_INLINE uint64_t add_carry(uint64_t a, uint64_t b, carry_t *carry)
{
    u128 sum = (u128)a + b + *carry;
    *carry = (uint64_t)(sum >> 64);
    return (uint64_t)sum;
}

EGOV_INLINE uint64_t sub_borrow(uint64_t a, uint64_t b, carry_t *borrow)
{
    u128 difference = (u128)a - b - *borrow;
    *borrow = (uint64_t)(difference >> 64) & 1;
    return (uint64_t)difference;
}
#endif

/* r = a + b, returns the carry. */
EGOV_INLINE uint64_t limbs_add(uint64_t r[4], const uint64_t a[4], const uint64_t b[4])
{
    carry_t c = 0;
    r[0] = add_carry(a[0], b[0], &c);
    r[1] = add_carry(a[1], b[1], &c);
    r[2] = add_carry(a[2], b[2], &c);
    r[3] = add_carry(a[3], b[3], &c);
    return c;
}

/* r = a - b, returns the borrow. */
EGOV_INLINE uint64_t limbs_sub(uint64_t r[4], const uint64_t a[4], const uint64_t b[4])
{
    carry_t c = 0;
    r[0] = sub_borrow(a[0], b[0], &c);
    r[1] = sub_borrow(a[1], b[1], &c);
    r[2] = sub_borrow(a[2], b[2], &c);
    r[3] = sub_borrow(a[3], b[3], &c);
    return c;
}

/* r = mask ? a : b, for a mask of all ones or none. */
EGOV_INLINE void limbs_select(uint64_t r[4], uint64_t mask, const uint64_t a[4], const uint64_t b[4])
{
    r[0] = b[0] ^ (mask & (a[0] ^ b[0]));
    r[1] = b[1] ^ (mask & (a[1] ^ b[1]));
    r[2] = b[2] ^ (mask & (a[2] ^ b[2]));
    r[3] = b[3] ^ (mask & (a[3] ^ b[3]));
}

/* r = (carry:a) mod m, for a value below 2m. */
EGOV_INLINE void limbs_reduce_once(uint64_t r[4], uint64_t carry, const uint64_t a[4], const uint64_t m[4])
{
    uint64_t d[4];
    uint64_t borrow = limbs_sub(d, a, m);
    limbs_select(r, ct_mask(borrow & (carry ^ 1)), a, d);
}

/* 1 if a < b, without a branch. */
EGOV_INLINE uint64_t limbs_less(const uint64_t a[4], const uint64_t b[4])
{
    uint64_t d[4];
    return limbs_sub(d, a, b);
}

EGOV_INLINE uint64_t limbs_is_zero(const uint64_t a[4])
{
    return ct_is_zero(a[0] | a[1] | a[2] | a[3]);
}

EGOV_INLINE void limbs_from_bytes(uint64_t r[4], const uint8_t bytes[32])
{
    for (int i = 0; i < 4; i++) r[i] = load64_be(bytes + 8 * (3 - i));
}

EGOV_INLINE void limbs_to_bytes(uint8_t bytes[32], const uint64_t a[4])
{
    for (int i = 0; i < 4; i++) store64_be(bytes + 8 * (3 - i), a[i]);
}

#endif
