/* GHASH with PCLMULQDQ, eight blocks for each reduction. */
#include "ghash.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "simd.h"

SIMD_BEGIN("pclmul,ssse3")

#include "ghash_clmul.h"

static void update(const ghash_key *key, uint8_t state[16], const uint8_t *blocks, size_t count)
{
    __m128i sum = load_reversed(state);
    for (; count >= 8; count -= 8, blocks += 8 * 16) sum = hash_some(key, sum, blocks, 8);
    if (count) sum = hash_some(key, sum, blocks, count);
    store_reversed(state, sum);
}

SIMD_END

const ghash_engine ghash_engine_clmul = {"PCLMULQDQ", prepare, update};
#else
typedef int egov_not_built; /* ISO C wants a declaration in every file */
#endif
