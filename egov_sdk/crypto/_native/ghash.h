/* GHASH of NIST SP 800-38D, 6.4: the universal hash of GCM. Key and data are secret: no table is read by them.
 *
 * Computed as POLYVAL (RFC 8452, appendix A) over reversed octets, which suits carry-less multiplication: with
 * P = x^128 + x^127 + x^126 + x^121 + 1 and dot(a, b) = a b x^-128 mod P,
 *     GHASH(H, X1 ...) = reverse(POLYVAL(x reverse(H), reverse(X1) ...)).
 */
#ifndef EGOV_GHASH_H
#define EGOV_GHASH_H

#include "platform.h"

#define GHASH_POWERS 16

/* Powers of the key, highest first: power[GHASH_POWERS - 1] is the key itself. Low word first. */
typedef struct {
    uint64_t power[GHASH_POWERS][2];
} ghash_key;

typedef struct {
    const char *name;
    void (*prepare)(ghash_key *key, const uint8_t h[16]);
    /* state = dot(state ^ block, key) for each block */
    void (*update)(const ghash_key *key, uint8_t state[16], const uint8_t *blocks, size_t count);
} ghash_engine;

extern const ghash_engine ghash_engine_portable;
#if defined(__x86_64__)
extern const ghash_engine ghash_engine_clmul;
extern const ghash_engine ghash_engine_avx512;
#endif

const ghash_engine *ghash_choose(unsigned features);

/* x times reverse(H) (mulX_POLYVAL of RFC 8452), in two words, low first. */
EGOV_INLINE void ghash_enter(uint64_t r[2], const uint8_t h[16])
{
    uint64_t high = load64_be(h), low = load64_be(h + 8), carry = 0 - (high >> 63);
    r[1] = ((high << 1) | (low >> 63)) ^ (carry & 0xC200000000000000u);
    r[0] = (low << 1) ^ (carry & 1);
}

#endif
