/* SM2 signatures and products (GB/T 32918.2, 6.1 and 7.1): the one source behind the three kernels of sm2.h.
 *
 * The including file sets EGOV_KERNEL, the name of its table of functions, and how the field is built.
 */
#include "multiply.h"

/* A verdict about secrets that the caller will see anyway, such as "this nonce was dropped". */
EGOV_INLINE int verdict(uint64_t bit)
{
    EGOV_DECLASSIFY(&bit, sizeof bit);
    return (int)bit;
}

/* Writes a point that is not infinity. */
static void write_point(uint8_t out[64], const jacobian *point)
{
    affine result;
    fe inverse;
    fe_inv(&inverse, &point->z);
    jacobian_to_affine(&result, point, &inverse);
    fe_to_bytes(out, &result.x);
    fe_to_bytes(out + 32, &result.y);
    secret_wipe(&result, sizeof result);
    secret_wipe(&inverse, sizeof inverse);
}

/* Writes [k]G for k in [1, n-1] (secret). */
static void base_point(uint8_t out[64], const affine *base, const scalar *k)
{
    jacobian point;
    multiply_base(&point, base, k);
    write_point(out, &point);
    secret_wipe(&point, sizeof point);
}

static int open_private(sm2_private *key, const affine *base, const uint8_t d[32])
{
    static const scalar one = {{1}};
    scalar sum;
    uint64_t good = sc_from_bytes(&key->d, d);
    sc_add(&sum, &key->d, &one); /* 0 for d = n - 1 */
    good &= 1 ^ (sc_is_zero(&key->d) | sc_is_zero(&sum));
    if (!verdict(good)) {
        secret_wipe(key, sizeof *key);
        return 0;
    }
    sc_inverse_montgomery(&key->factor, &sum);
    base_point(key->point, base, &key->d);
    secret_wipe(&sum, sizeof sum);
    secret_wipe_stack();
    return 1;
}

static int open_public(sm2_public *key, const uint8_t point[64])
{
    memcpy(key->octets, point, sizeof key->octets);
    return (int)affine_from_bytes(&key->point, point);
}

/* A4 to A6 with x1 = X / Z^2 and the nonce; returns 0 if the nonce must not be used. */
static int finish_signature(uint8_t rs[64], const sm2_private *key, const uint8_t e[32], const scalar *k, const fe *x,
                            const fe *z_inverse)
{
    fe x1;
    scalar r, s, t;
    uint64_t plain[4];

    fe_sqr(&x1, z_inverse);
    fe_mul(&x1, &x1, x);
    fe_to_limbs(plain, &x1);
    sc_reduce(&r, plain); /* x1 may be n or more */
    limbs_from_bytes(plain, e);
    sc_reduce(&t, plain); /* and so may e */
    sc_add(&r, &r, &t);
    sc_add(&t, &r, k);
    sc_mul(&s, &t, &key->factor); /* s = (k + r) / (1 + d) - r, the same as (k - r d) / (1 + d) */
    sc_sub(&s, &s, &r);
    int good = verdict(1 ^ (sc_is_zero(&r) | sc_is_zero(&t) | sc_is_zero(&s)));
    if (good) {
        sc_to_bytes(rs, &r);
        sc_to_bytes(rs + 32, &s);
    }
    secret_wipe(&x1, sizeof x1);
    secret_wipe(&r, sizeof r);
    secret_wipe(&s, sizeof s);
    secret_wipe(&t, sizeof t);
    secret_wipe(plain, sizeof plain);
    return good;
}

/* Reads a nonce; returns 0 unless it is in [1, n-1]. */
static int read_nonce(scalar *k, const uint8_t bytes[32])
{
    uint64_t good = sc_from_bytes(k, bytes);
    return verdict(good & (1 ^ sc_is_zero(k)));
}

static int sign(uint8_t rs[64], const sm2_private *key, const affine *base, const uint8_t e[32], const uint8_t k[32])
{
    scalar nonce;
    jacobian product;
    fe inverse;
    int good = read_nonce(&nonce, k);
    if (good) {
        multiply_base(&product, base, &nonce);
        fe_inv(&inverse, &product.z);
        good = finish_signature(rs, key, e, &nonce, &product.x, &inverse);
        secret_wipe(&product, sizeof product);
        secret_wipe(&inverse, sizeof inverse);
    }
    secret_wipe(&nonce, sizeof nonce);
    secret_wipe_stack();
    return good;
}

static void sign_many(sm2_job *jobs, size_t count, const sm2_private *key, const affine *base)
{
    struct {
        scalar nonce[SM2_MANY];
        fe x[SM2_MANY], z[SM2_MANY], products[SM2_MANY];
        jacobian product;
    } work;
    for (size_t i = 0; i < count; i++) {
        jobs[i].good = read_nonce(&work.nonce[i], jobs[i].k);
        if (jobs[i].good) {
            multiply_base(&work.product, base, &work.nonce[i]);
            work.x[i] = work.product.x;
            work.z[i] = work.product.z;
        } else {
            work.x[i] = work.z[i] = FE_ONE;
        }
    }
    fe_inv_many(work.z, work.products, count);
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].good) {
            jobs[i].good = finish_signature(jobs[i].rs, key, jobs[i].e, &work.nonce[i], &work.x[i], &work.z[i]);
        }
        secret_wipe(jobs[i].k, sizeof jobs[i].k);
    }
    secret_wipe(&work, sizeof work);
    secret_wipe_stack();
}

/* Whether x1 = X / Z^2 satisfies (e + x1) mod n = r, without dividing: x1 is r - e mod n, or that plus n if below p. */
static int x_belongs(const jacobian *point, const scalar *r, const scalar *e)
{
    fe zz, wanted, candidate;
    scalar difference;
    fe_sqr(&zz, &point->z);
    sc_sub(&difference, r, e);
    memcpy(candidate.l, difference.l, sizeof candidate.l);
    for (;;) {
        fe_mul(&wanted, &candidate, &FE_RR);
        fe_mul(&wanted, &wanted, &zz);
        if (fe_equal(&wanted, &point->x)) return 1;
        if (limbs_add(candidate.l, candidate.l, SC_N.l) || !limbs_less(candidate.l, FE_P.l)) return 0;
    }
}

static int verify(const sm2_public *key, const affine *comb, const affine *base, const uint8_t e_bytes[32],
                  const uint8_t rs[64])
{
    scalar r, s, t, e;
    uint64_t plain[4];
    jacobian sum;
    if (!sc_from_bytes(&r, rs) || !sc_from_bytes(&s, rs + 32)) return 0;
    if (sc_is_zero(&r) || sc_is_zero(&s)) return 0;
    sc_add(&t, &r, &s);
    if (sc_is_zero(&t)) return 0;
    limbs_from_bytes(plain, e_bytes);
    sc_reduce(&e, plain);
    if (comb) {
        jacobian_set_infinity(&sum);
        add_comb_product(&sum, base, SM2_BASE_WINDOW, SM2_BASE_ROWS, &s);
        add_comb_product(&sum, comb, SM2_KEY_WINDOW, SM2_KEY_ROWS, &t);
    } else {
        add_products(&sum, &key->point, &t, base, &s);
    }
    if (fe_is_zero(&sum.z)) return 0;
    return x_belongs(&sum, &r, &e);
}

/* Reads a number of 256 bits modulo n (secret); returns 0 for a multiple of n. */
static int read_multiplier(scalar *k, const uint8_t bytes[32])
{
    limbs_from_bytes(k->l, bytes);
    sc_reduce(k, k->l);
    return verdict(1 ^ sc_is_zero(k));
}

static int base_product(uint8_t out[64], const affine *base, const uint8_t k[32])
{
    scalar number;
    int good = read_multiplier(&number, k);
    if (good) base_point(out, base, &number);
    secret_wipe(&number, sizeof number);
    secret_wipe_stack();
    return good;
}

static int product(uint8_t out[64], const uint8_t point[64], const uint8_t k[32])
{
    affine p;
    scalar number;
    jacobian result;
    if (!verdict(affine_from_bytes(&p, point))) return -1;
    int good = read_multiplier(&number, k);
    if (good) {
        multiply_point(&result, &p, &number);
        write_point(out, &result);
        secret_wipe(&result, sizeof result);
    }
    secret_wipe(&number, sizeof number);
    secret_wipe_stack();
    return good;
}

static int nonce_products(uint8_t out[128], const sm2_public *key, const affine *comb, const affine *base,
                          const uint8_t k[32])
{
    scalar nonce;
    struct {
        jacobian points[2];
        fe inverses[2], products[2];
        affine point;
    } work;
    int good = read_nonce(&nonce, k);
    if (good && comb) {
        good = verdict(multiply_comb(&work.points[1], comb, &nonce));
    } else if (good) {
        multiply_point(&work.points[1], &key->point, &nonce);
    }
    if (good) {
        multiply_base(&work.points[0], base, &nonce);
        for (int i = 0; i < 2; i++) work.inverses[i] = work.points[i].z;
        fe_inv_many(work.inverses, work.products, 2);
        for (int i = 0; i < 2; i++) {
            jacobian_to_affine(&work.point, &work.points[i], &work.inverses[i]);
            fe_to_bytes(out + 64 * i, &work.point.x);
            fe_to_bytes(out + 64 * i + 32, &work.point.y);
        }
    }
    secret_wipe(&work, sizeof work);
    secret_wipe(&nonce, sizeof nonce);
    secret_wipe_stack();
    return good;
}

static int add(uint8_t out[64], const uint8_t left[64], const uint8_t right[64])
{
    affine p, q;
    jacobian sum;
    if (!affine_from_bytes(&p, left) || !affine_from_bytes(&q, right)) return -1;
    jacobian_from_affine(&sum, &p);
    jacobian_add_affine_checked(&sum, &sum, &q);
    if (fe_is_zero(&sum.z)) return 0;
    write_point(out, &sum);
    return 1;
}

const sm2_kernel EGOV_KERNEL = {
    .name = EGOV_KERNEL_NAME,
    .build_comb = build_comb,
    .open_private = open_private,
    .open_public = open_public,
    .sign = sign,
    .sign_many = sign_many,
    .verify = verify,
    .multiply_base = base_product,
    .multiply = product,
    .nonce_products = nonce_products,
    .add = add,
};
