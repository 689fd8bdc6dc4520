/* GHASH with VPCLMULQDQ, sixteen blocks for each reduction. */
#include "ghash.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "simd.h"

SIMD_BEGIN("pclmul,ssse3,avx2,avx512f,avx512bw,avx512dq,avx512vl,vpclmulqdq")

#include "ghash_clmul.h"

/* The sum of the four quarters. */
EGOV_INLINE __m128i quarters(__m512i v)
{
    __m256i half = _mm256_xor_si256(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1));
    return _mm_xor_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

static __m128i hash_sixteen(const ghash_key *key, __m128i state, const uint8_t *blocks)
{
    const __m512i reverse =
        _mm512_broadcast_i32x4(_mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    __m512i low = _mm512_setzero_si512(), middle = low, high = low;
    for (int i = 0; i < 4; i++) {
        __m512i data = _mm512_shuffle_epi8(_mm512_loadu_si512((const void *)(blocks + 64 * i)), reverse);
        __m512i power = _mm512_loadu_si512((const void *)key->power[4 * i]);
        if (i == 0) data = _mm512_xor_si512(data, _mm512_zextsi128_si512(state));
        low = _mm512_xor_si512(low, _mm512_clmulepi64_epi128(data, power, 0x00));
        high = _mm512_xor_si512(high, _mm512_clmulepi64_epi128(data, power, 0x11));
        middle = _mm512_xor_si512(middle, _mm512_clmulepi64_epi128(data, power, 0x01));
        middle = _mm512_xor_si512(middle, _mm512_clmulepi64_epi128(data, power, 0x10));
    }
    wide_product sum = {quarters(low), quarters(middle), quarters(high)};
    return reduce(&sum);
}

static void update(const ghash_key *key, uint8_t state[16], const uint8_t *blocks, size_t count)
{
    __m128i sum = load_reversed(state);
    for (; count >= 16; count -= 16, blocks += 16 * 16) sum = hash_sixteen(key, sum, blocks);
    if (count) sum = hash_some(key, sum, blocks, count);
    store_reversed(state, sum);
}

SIMD_END

const ghash_engine ghash_engine_avx512 = {"VPCLMULQDQ", prepare, update};
#else
typedef int egov_not_built; /* ISO C wants a declaration in every file */
#endif
