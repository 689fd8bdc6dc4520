/* Integers modulo n, the order of sm2p256v1 (GB/T 32918.5): for private keys, nonces and signatures.
 *
 * Unlike field elements these are plain integers below n; products are Montgomery products a * b / 2^256 mod n, made
 * with unsigned __int128 on every platform: a signature needs two of them. No function branches on a value.
 */
#ifndef EGOV_SCALAR_H
#define EGOV_SCALAR_H

#include "limbs.h"
#include "sm2.h"

static const scalar SC_N = {{0x53BBF40939D54123, 0x7203DF6B21C6052B, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFEFFFFFFFF}};
/* 2^512 mod n */
static const scalar SC_RR = {{0x901192AF7C114F20, 0x3464504ADE6FA2FA, 0x620FC84C3AFFE0D4, 0x1EB5E412A22B3D3B}};
/* -1 / n mod 2^64 */
#define SC_N_NEGATIVE_INVERSE 0x327F9E8872350975u

EGOV_INLINE uint64_t sc_is_zero(const scalar *a)
{
    return limbs_is_zero(a->l);
}

EGOV_INLINE uint64_t sc_equal(const scalar *a, const scalar *b)
{
    return ct_is_zero((a->l[0] ^ b->l[0]) | (a->l[1] ^ b->l[1]) | (a->l[2] ^ b->l[2]) | (a->l[3] ^ b->l[3]));
}

/* Reads 32 big-endian octets as they are; returns 1 if they are below n. */
EGOV_INLINE uint64_t sc_from_bytes(scalar *r, const uint8_t bytes[32])
{
    limbs_from_bytes(r->l, bytes);
    return limbs_less(r->l, SC_N.l);
}

EGOV_INLINE void sc_to_bytes(uint8_t bytes[32], const scalar *a)
{
    limbs_to_bytes(bytes, a->l);
}

/* r = a mod n for any a of 256 bits: n > 2^255, so one subtraction is enough. */
EGOV_INLINE void sc_reduce(scalar *r, const uint64_t a[4])
{
    limbs_reduce_once(r->l, 0, a, SC_N.l);
}

EGOV_INLINE void sc_add(scalar *r, const scalar *a, const scalar *b)
{
    uint64_t t[4];
    uint64_t carry = limbs_add(t, a->l, b->l);
    limbs_reduce_once(r->l, carry, t, SC_N.l);
}

EGOV_INLINE void sc_sub(scalar *r, const scalar *a, const scalar *b)
{
    uint64_t t[4], mask = ct_mask(limbs_sub(t, a->l, b->l));
    const uint64_t masked[4] = {mask & SC_N.l[0], mask & SC_N.l[1], mask & SC_N.l[2], mask & SC_N.l[3]};
    (void)limbs_add(r->l, t, masked);
}

/* r = a * b / 2^256 mod n */
static void sc_mul(scalar *r, const scalar *a, const scalar *b)
{
    uint64_t t[6] = {0};
    EGOV_UNROLL for (int i = 0; i < 4; i++) {
        uint64_t high = 0;
        u128 sum;
        EGOV_UNROLL for (int j = 0; j < 4; j++) {
            sum = (u128)a->l[j] * b->l[i] + t[j] + high;
            t[j] = (uint64_t)sum;
            high = (uint64_t)(sum >> 64);
        }
        sum = (u128)t[4] + high;
        t[4] = (uint64_t)sum;
        t[5] = (uint64_t)(sum >> 64);

        uint64_t m = t[0] * SC_N_NEGATIVE_INVERSE;
        sum = (u128)m * SC_N.l[0] + t[0];
        high = (uint64_t)(sum >> 64);
        EGOV_UNROLL for (int j = 1; j < 4; j++) {
            sum = (u128)m * SC_N.l[j] + t[j] + high;
            t[j - 1] = (uint64_t)sum;
            high = (uint64_t)(sum >> 64);
        }
        sum = (u128)t[4] + high;
        t[3] = (uint64_t)sum;
        t[4] = t[5] + (uint64_t)(sum >> 64);
    }
    limbs_reduce_once(r->l, t[4], t, SC_N.l);
}

/* r = 2^256 / a mod n for a plain a, so that sc_mul(r, b) is b / a: a^(n - 2) by Fermat, four public bits at a time. */
static void sc_inverse_montgomery(scalar *r, const scalar *a)
{
    static const scalar exponent = {{0x53BBF40939D54121, 0x7203DF6B21C6052B, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFEFFFFFFFF}};
    scalar power[16], acc;
    sc_mul(&power[1], a, &SC_RR);
    for (int i = 2; i < 16; i++) sc_mul(&power[i], &power[i - 1], &power[1]);
    acc = power[15]; /* the top four bits of n - 2 */
    for (int bit = 248; bit >= 0; bit -= 4) {
        for (int i = 0; i < 4; i++) sc_mul(&acc, &acc, &acc);
        unsigned digit = (exponent.l[bit / 64] >> (bit % 64)) & 15;
        if (digit) sc_mul(&acc, &acc, &power[digit]);
    }
    *r = acc;
    secret_wipe(power, sizeof power);
    secret_wipe(&acc, sizeof acc);
}

#endif
