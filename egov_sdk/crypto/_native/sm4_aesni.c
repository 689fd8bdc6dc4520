/* SM4 with AES-NI: the inversion of the S-box is that of SubBytes, between two affine maps that are looked up by halves of
 * octets within a register (see tools/derive_sm4.py). Eight blocks in a register of AVX2. */
#include "sm4.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "simd.h"
#include "sm4_constants.h"

SIMD_BEGIN("aes,avx2")

typedef __m256i vec;
#define BLOCKS 8
#define GROUPS 4

#include "sm4_avx2.h"

EGOV_INLINE __m128i affine_by_halves(__m128i v, __m128i low, __m128i high)
{
    const __m128i half = _mm_set1_epi8(0x0F);
    __m128i below = _mm_shuffle_epi8(low, _mm_and_si128(v, half));
    return _mm_xor_si128(below, _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi32(v, 4), half)));
}

EGOV_INLINE vec affine_by_halves_wide(vec v, __m128i low, __m128i high)
{
    const vec half = _mm256_set1_epi8(0x0F);
    vec below = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(low), _mm256_and_si256(v, half));
    v = _mm256_and_si256(_mm256_srli_epi32(v, 4), half);
    return xor2(below, _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(high), v));
}

#define ENTER _mm_setr_epi8(SM4_AES_ENTER_LOW), _mm_setr_epi8(SM4_AES_ENTER_HIGH)
#define LEAVE _mm_setr_epi8(SM4_AES_LEAVE_LOW), _mm_setr_epi8(SM4_AES_LEAVE_HIGH)

/* The S-box on each octet, but with the octets in the order that ShiftRows of AES leaves. */
EGOV_INLINE __m128i substitute_shifted(__m128i v)
{
    v = affine_by_halves(v, ENTER);
    v = _mm_aesenclast_si128(v, _mm_setzero_si128());
    return affine_by_halves(v, LEAVE);
}

EGOV_INLINE vec substitute_shifted_wide(vec v)
{
    v = affine_by_halves_wide(v, ENTER);
    __m128i low = _mm_aesenclast_si128(_mm256_castsi256_si128(v), _mm_setzero_si128());
    __m128i high = _mm_aesenclast_si128(_mm256_extracti128_si256(v, 1), _mm_setzero_si128());
    return affine_by_halves_wide(_mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1), LEAVE);
}

/* Look-ups that undo ShiftRows; those with a number also rotate each word left by it. */
#define BACK _mm_setr_epi8(0, 13, 10, 7, 4, 1, 14, 11, 8, 5, 2, 15, 12, 9, 6, 3)
#define BACK_8 _mm_setr_epi8(7, 0, 13, 10, 11, 4, 1, 14, 15, 8, 5, 2, 3, 12, 9, 6)
#define BACK_16 _mm_setr_epi8(10, 7, 0, 13, 14, 11, 4, 1, 2, 15, 8, 5, 6, 3, 12, 9)
#define BACK_24 _mm_setr_epi8(13, 10, 7, 0, 1, 14, 11, 4, 5, 2, 15, 8, 9, 6, 3, 12)

/* L(B) = B ^ B<<<2 ^ B<<<10 ^ B<<<18 ^ B<<<24 = B ^ B<<<24 ^ (B ^ B<<<8 ^ B<<<16)<<<2 */
EGOV_INLINE vec round_function(vec v)
{
    v = substitute_shifted_wide(v);
    vec b = looked_up(v, BACK);
    vec sum = xor2(xor2(b, looked_up(v, BACK_8)), looked_up(v, BACK_16));
    vec turned = _mm256_or_si256(_mm256_slli_epi32(sum, 2), _mm256_srli_epi32(sum, 30));
    return xor2(xor2(b, looked_up(v, BACK_24)), turned);
}

EGOV_INLINE __m128i round_function_128(__m128i v)
{
    v = substitute_shifted(v);
    __m128i b = _mm_shuffle_epi8(v, BACK);
    __m128i sum = _mm_xor_si128(_mm_xor_si128(b, _mm_shuffle_epi8(v, BACK_8)), _mm_shuffle_epi8(v, BACK_16));
    __m128i turned = _mm_or_si128(_mm_slli_epi32(sum, 2), _mm_srli_epi32(sum, 30));
    return _mm_xor_si128(_mm_xor_si128(b, _mm_shuffle_epi8(v, BACK_24)), turned);
}

#include "sm4_alone.h"
#include "sm4_vector.h"

static uint32_t substitute(uint32_t word)
{
    __m128i v = substitute_shifted(_mm_set1_epi32((int)word));
    return (uint32_t)_mm_cvtsi128_si32(_mm_shuffle_epi8(v, BACK));
}

SIMD_END

const sm4_engine sm4_engine_aesni = {"AES-NI, AVX2", 1, substitute, crypt, chain_128};
#else
typedef int egov_not_built; /* ISO C wants a declaration in every file */
#endif
