/* SM2 arithmetic (GB/T 32918): what the kernel offers to the module, and the types that all its builds share.
 *
 * One source, sm2_core.h, is compiled three times: with unsigned __int128 only (any 64-bit target), with the x86 carry
 * intrinsics, and with inline assembly for BMI2 and ADX. sm2_choose() picks one by what the processor offers.
 *
 * Numbers are 32 octets, points 64 octets x || y, big-endian. Where a function says "secret", neither its branches nor
 * its memory addresses depend on that argument.
 */
#ifndef EGOV_SM2_H
#define EGOV_SM2_H

#include "platform.h"

/* An element of the field, as a * 2^256 mod p. */
typedef struct {
    uint64_t l[4];
} fe;

/* An integer modulo n. */
typedef struct {
    uint64_t l[4];
} scalar;

typedef struct {
    fe x, y;
} affine;

/* The comb of a fixed point: row i holds the points (2j + 1) * 2^(window * i) * P. */
#define SM2_BASE_WINDOW 6
#define SM2_BASE_ROWS 43
#define SM2_KEY_WINDOW 5
#define SM2_KEY_ROWS 52
#define SM2_COMB_POINTS(window, rows) ((size_t)(rows) << ((window) - 1))
#define SM2_BASE_POINTS SM2_COMB_POINTS(SM2_BASE_WINDOW, SM2_BASE_ROWS)
#define SM2_KEY_POINTS SM2_COMB_POINTS(SM2_KEY_WINDOW, SM2_KEY_ROWS)

typedef struct {
    scalar d;
    scalar factor; /* 2^256 / (1 + d) mod n */
    uint8_t point[64];
} sm2_private;

typedef struct {
    affine point;
    uint8_t octets[64]; /* x || y */
} sm2_public;

/* A signature to make: k is wiped afterwards; good tells whether rs was written. */
typedef struct {
    uint8_t e[32], k[32], rs[64];
    int good;
} sm2_job;

typedef struct {
    const char *name;

    /* Fills the comb of a public point. */
    void (*build_comb)(affine *comb, const affine *point, int window, int rows);

    /* Takes d (secret); returns 0 unless it is in [1, n-2]. */
    int (*open_private)(sm2_private *key, const affine *base, const uint8_t d[32]);

    /* Takes x || y; returns 0 unless it is a point of the curve with coordinates below p. */
    int (*open_public)(sm2_public *key, const uint8_t point[64]);

    /* Signs e with the nonce k (secret, as is the key). Returns 0 if this k must not be used: out of [1, n-1], or
     * r = 0, r + k = n, s = 0 (GB/T 32918.2, 6.1 A3 to A6). */
    int (*sign)(uint8_t rs[64], const sm2_private *key, const affine *base, const uint8_t e[32], const uint8_t k[32]);

    /* The same for many at once, with one field inversion for all; at most SM2_MANY. */
    void (*sign_many)(sm2_job *jobs, size_t count, const sm2_private *key, const affine *base);

    /* Whether r || s belongs to e and the key (7.1 B1 to B7). The comb of the key may be NULL. All public. */
    int (*verify)(const sm2_public *key, const affine *comb, const affine *base, const uint8_t e[32],
                  const uint8_t rs[64]);

    /* [k]G and [k]P for k (secret) of 256 bits. Return 1, 0 for infinity, -1 if P is not a point of the curve. */
    int (*multiply_base)(uint8_t out[64], const affine *base, const uint8_t k[32]);
    int (*multiply)(uint8_t out[64], const uint8_t point[64], const uint8_t k[32]);

    /* [k]G and [k]P of a public key for a nonce k (secret), x || y of both. The comb of the key may be NULL. Returns 0
     * if this k must not be used: out of [1, n-1], or one of two that the comb does not reach. */
    int (*nonce_products)(uint8_t out[128], const sm2_public *key, const affine *comb, const affine *base,
                          const uint8_t k[32]);

    /* P + Q of public points. Returns as multiply. */
    int (*add)(uint8_t out[64], const uint8_t left[64], const uint8_t right[64]);
} sm2_kernel;

#define SM2_MANY 32

extern const sm2_kernel sm2_kernel_portable;
#if defined(__x86_64__)
extern const sm2_kernel sm2_kernel_carry;
extern const sm2_kernel sm2_kernel_adx;
#endif

/* The kernel for a processor with these features (cpu.h). */
const sm2_kernel *sm2_choose(unsigned features);

/* The generator's comb, SM2_BASE_POINTS points, filled by sm2_prepare(). */
extern affine sm2_base[];
void sm2_prepare(const sm2_kernel *kernel);

#endif
