/* Points of sm2p256v1 in Jacobian coordinates: x = X / Z^2, y = Y / Z^3, and Z = 0 for infinity (GB/T 32918.1, A.1.2.3.2).
 *
 * The additions here are incomplete: they give a wrong result for P + P, P + (-P) and infinity. Each caller either
 * shows that these cannot occur (the constant-time products of secrets in multiply.h) or uses a _checked function,
 * which branches and is only for public values (verification).
 */
#ifndef EGOV_POINT_H
#define EGOV_POINT_H

#include "field.h"

typedef struct {
    fe x, y, z;
} jacobian;

/* A Jacobian point with Z^2 and Z^3 kept for repeated use as an addend. */
typedef struct {
    fe x, y, z, zz, zzz;
} addend;

/* b of the curve in Montgomery form */
static const fe CURVE_B = {{0x90D230632BC0DD42, 0x71CF379AE9B537AB, 0x527981505EA51C3C, 0x240FE188BA20E2C8}};

/* y^2 = x^3 - 3x + b; returns 1 for a point of the curve. */
static uint64_t affine_is_on_curve(const affine *p)
{
    fe left, right, t;
    fe_sqr(&right, &p->x);
    fe_double(&t, &FE_ONE);
    fe_add(&t, &t, &FE_ONE);
    fe_sub(&right, &right, &t);
    fe_mul(&right, &right, &p->x);
    fe_add(&right, &right, &CURVE_B);
    fe_sqr(&left, &p->y);
    return fe_equal(&left, &right);
}

/* Reads x || y; returns 1 if both are below p and the point is on the curve (GB/T 32918.1, 6.2.1). */
static uint64_t affine_from_bytes(affine *r, const uint8_t bytes[64])
{
    uint64_t good = fe_from_bytes(&r->x, bytes);
    good &= fe_from_bytes(&r->y, bytes + 32);
    return good & affine_is_on_curve(r);
}

EGOV_INLINE void jacobian_from_affine(jacobian *r, const affine *p)
{
    r->x = p->x;
    r->y = p->y;
    r->z = FE_ONE;
}

/* Divides by the powers of Z, given 1 / Z. */
static void jacobian_to_affine(affine *r, const jacobian *p, const fe *z_inverse)
{
    fe zz;
    fe_sqr(&zz, z_inverse);
    fe_mul(&r->x, &p->x, &zz);
    fe_mul(&zz, &zz, z_inverse);
    fe_mul(&r->y, &p->y, &zz);
}

/* r = 2 p, right for infinity too (the order is odd, so Y = 0 does not occur). 4 products, 4 squares. The usual formulas
 * with every coordinate divided by its power of 2, which changes Z only:
 * M = 3/2 (X - Z^2)(X + Z^2), S = XY^2, X' = M^2 - 2S, Y' = M(S - X') - Y^4, Z' = YZ */
static void jacobian_double(jacobian *r, const jacobian *p)
{
    fe s, m, t, u;
    fe_sqr(&t, &p->z);
    fe_mul(&r->z, &p->y, &p->z);
    fe_sub(&m, &p->x, &t);
    fe_add(&t, &p->x, &t);
    fe_sqr(&u, &p->y);
    fe_mul(&m, &m, &t);
    fe_mul(&s, &u, &p->x);
    fe_half(&t, &m);
    fe_sqr(&u, &u);
    fe_add(&m, &m, &t);
    fe_sqr(&t, &m);
    fe_sub(&t, &t, &s);
    fe_sub(&r->x, &t, &s);
    fe_sub(&s, &s, &r->x);
    fe_mul(&m, &m, &s);
    fe_sub(&r->y, &m, &u);
}

/* The second half of both additions, with H and R known: X' = R^2 - H^3 - 2V, Y' = R(V - X') - S1 H^3 for V = U1 H^2 */
EGOV_INLINE void jacobian_finish_add(jacobian *r, const fe *u1, const fe *s1, const fe *h, const fe *slope)
{
    fe hh, hhh, v, t;
    fe_sqr(&hh, h);
    fe_mul(&hhh, &hh, h);
    fe_mul(&v, u1, &hh);
    fe_sqr(&t, slope);
    fe_sub(&t, &t, &hhh);
    fe_sub(&t, &t, &v);
    fe_sub(&r->x, &t, &v);
    fe_mul(&hhh, &hhh, s1);
    fe_sub(&t, &v, &r->x);
    fe_mul(&t, &t, slope);
    fe_sub(&r->y, &t, &hhh);
}

/* H = x2 Z^2 - X and R = y2 Z^3 - Y of a Jacobian and an affine point */
EGOV_INLINE void jacobian_compare_affine(fe *h, fe *slope, const jacobian *p, const affine *q)
{
    fe zz;
    fe_sqr(&zz, &p->z);
    fe_mul(h, &q->x, &zz);
    fe_mul(&zz, &zz, &p->z);
    fe_sub(h, h, &p->x);
    fe_mul(slope, &q->y, &zz);
    fe_sub(slope, slope, &p->y);
}

/* r = p + q for p, q different, not opposite, neither infinity. 8 products, 3 squares. */
static void jacobian_add_affine(jacobian *r, const jacobian *p, const affine *q)
{
    fe h, slope;
    jacobian_compare_affine(&h, &slope, p, q);
    fe_mul(&r->z, &p->z, &h);
    jacobian_finish_add(r, &p->x, &p->y, &h, &slope);
}

static void addend_from_jacobian(addend *r, const jacobian *p)
{
    r->x = p->x;
    r->y = p->y;
    r->z = p->z;
    fe_sqr(&r->zz, &p->z);
    fe_mul(&r->zzz, &r->zz, &p->z);
}

/* U1 = X1 Z2^2, S1 = Y1 Z2^3, H = X2 Z1^2 - U1, R = Y2 Z1^3 - S1 */
EGOV_INLINE void jacobian_compare(fe *u1, fe *s1, fe *h, fe *slope, const jacobian *p, const addend *q)
{
    fe zz;
    fe_sqr(&zz, &p->z);
    fe_mul(u1, &p->x, &q->zz);
    fe_mul(h, &q->x, &zz);
    fe_mul(&zz, &zz, &p->z);
    fe_mul(s1, &p->y, &q->zzz);
    fe_sub(h, h, u1);
    fe_mul(slope, &q->y, &zz);
    fe_sub(slope, slope, s1);
}

/* r = p + q for p, q different, not opposite, neither infinity. 11 products, 3 squares. */
static void jacobian_add(jacobian *r, const jacobian *p, const addend *q)
{
    fe u1, s1, h, slope, z;
    jacobian_compare(&u1, &s1, &h, &slope, p, q);
    fe_mul(&z, &p->z, &q->z);
    fe_mul(&r->z, &z, &h);
    jacobian_finish_add(r, &u1, &s1, &h, &slope);
}

EGOV_INLINE void jacobian_set_infinity(jacobian *r)
{
    r->x = FE_ONE;
    r->y = FE_ONE;
    memset(&r->z, 0, sizeof r->z);
}

/* What r = p + q is where the formulas fail, with H = 0: 2p, or infinity. Public values only. */
static EGOV_NOINLINE void jacobian_add_special(jacobian *r, const jacobian *p, const fe *slope)
{
    if (fe_is_zero(slope)) {
        jacobian_double(r, p);
    } else {
        jacobian_set_infinity(r);
    }
}

/* r = p + q for any p, and q not infinity. Public values only: it branches. */
static void jacobian_add_affine_checked(jacobian *r, const jacobian *p, const affine *q)
{
    fe h, slope;
    if (fe_is_zero(&p->z)) {
        jacobian_from_affine(r, q);
        return;
    }
    jacobian_compare_affine(&h, &slope, p, q);
    if (fe_is_zero(&h)) {
        jacobian_add_special(r, p, &slope);
        return;
    }
    fe_mul(&r->z, &p->z, &h);
    jacobian_finish_add(r, &p->x, &p->y, &h, &slope);
}

/* r = p + q for any p, and q not infinity. Public values only: it branches. */
static void jacobian_add_checked(jacobian *r, const jacobian *p, const addend *q)
{
    fe u1, s1, h, slope, z;
    if (fe_is_zero(&p->z)) {
        r->x = q->x;
        r->y = q->y;
        r->z = q->z;
        return;
    }
    jacobian_compare(&u1, &s1, &h, &slope, p, q);
    if (fe_is_zero(&h)) {
        jacobian_add_special(r, p, &slope);
        return;
    }
    fe_mul(&z, &p->z, &q->z);
    fe_mul(&r->z, &z, &h);
    jacobian_finish_add(r, &u1, &s1, &h, &slope);
}

#endif
