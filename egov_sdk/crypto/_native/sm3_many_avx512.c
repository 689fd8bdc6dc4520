/* Sixteen lanes of SM3 in AVX-512. */
#include "sm3_many.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "simd.h"

SIMD_BEGIN("avx512f,avx512bw,avx512dq,avx512vl")

#define LANES 16
#include "sm3_lanes.h"

/* Columns of a 16 x 16 matrix of words: words by pairs and fours within quarters, then the quarters. */
static void load_words(vector w[16], const uint8_t *const *blocks)
{
    const __m512i swap = _mm512_broadcast_i32x4(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
    __m512i row[16], pair[16], quad[16], half[16];
    for (int i = 0; i < 16; i++) {
        row[i] = _mm512_shuffle_epi8(_mm512_loadu_si512((const void *)blocks[i]), swap);
    }
    for (int i = 0; i < 16; i += 2) {
        pair[i] = _mm512_unpacklo_epi32(row[i], row[i + 1]);
        pair[i + 1] = _mm512_unpackhi_epi32(row[i], row[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        quad[i] = _mm512_unpacklo_epi64(pair[i], pair[i + 2]);
        quad[i + 1] = _mm512_unpackhi_epi64(pair[i], pair[i + 2]);
        quad[i + 2] = _mm512_unpacklo_epi64(pair[i + 1], pair[i + 3]);
        quad[i + 3] = _mm512_unpackhi_epi64(pair[i + 1], pair[i + 3]);
    }
    /* quad[4g + c] holds word 4q + c of rows 4g .. 4g + 3 in its quarter q */
    for (int c = 0; c < 4; c++) {
        half[c] = _mm512_shuffle_i32x4(quad[c], quad[c + 4], 0x88);
        half[c + 4] = _mm512_shuffle_i32x4(quad[c], quad[c + 4], 0xDD);
        half[c + 8] = _mm512_shuffle_i32x4(quad[c + 8], quad[c + 12], 0x88);
        half[c + 12] = _mm512_shuffle_i32x4(quad[c + 8], quad[c + 12], 0xDD);
    }
    for (int c = 0; c < 4; c++) {
        w[c] = (vector)_mm512_shuffle_i32x4(half[c], half[c + 8], 0x88);
        w[c + 8] = (vector)_mm512_shuffle_i32x4(half[c], half[c + 8], 0xDD);
        w[c + 4] = (vector)_mm512_shuffle_i32x4(half[c + 4], half[c + 12], 0x88);
        w[c + 12] = (vector)_mm512_shuffle_i32x4(half[c + 4], half[c + 12], 0xDD);
    }
}

SIMD_END

const sm3_engine sm3_engine_avx512 = {"16 lanes, AVX-512", LANES, compress};
#else
typedef int egov_not_built; /* ISO C wants a declaration in every file */
#endif
