/* Eight lanes of SM3 in AVX2. */
#include "sm3_many.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "simd.h"

SIMD_BEGIN("avx2")

#define LANES 8
#include "sm3_lanes.h"

/* Columns of an 8 x 8 matrix of words: eight blocks give eight words each. */
static void transpose(__m256i out[8], const uint8_t *const *blocks, int offset)
{
    const __m256i swap = _mm256_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3,
                                         12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    __m256i row[8], pair[8], quad[8];
    for (int i = 0; i < 8; i++) {
        row[i] = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)(const void *)(blocks[i] + offset)), swap);
    }
    for (int i = 0; i < 8; i += 2) {
        pair[i] = _mm256_unpacklo_epi32(row[i], row[i + 1]);
        pair[i + 1] = _mm256_unpackhi_epi32(row[i], row[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        quad[i] = _mm256_unpacklo_epi64(pair[i], pair[i + 2]);
        quad[i + 1] = _mm256_unpackhi_epi64(pair[i], pair[i + 2]);
        quad[i + 2] = _mm256_unpacklo_epi64(pair[i + 1], pair[i + 3]);
        quad[i + 3] = _mm256_unpackhi_epi64(pair[i + 1], pair[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        out[i] = _mm256_permute2x128_si256(quad[i], quad[i + 4], 0x20);
        out[i + 4] = _mm256_permute2x128_si256(quad[i], quad[i + 4], 0x31);
    }
}

static void load_words(vector w[16], const uint8_t *const *blocks)
{
    __m256i words[8];
    for (int half = 0; half < 2; half++) {
        transpose(words, blocks, 32 * half);
        for (int i = 0; i < 8; i++) w[8 * half + i] = (vector)words[i];
    }
}

SIMD_END

const sm3_engine sm3_engine_avx2 = {"8 lanes, AVX2", LANES, compress};
#else
typedef int egov_not_built; /* ISO C wants a declaration in every file */
#endif
