/* SM4 with GFNI in 256-bit registers: the S-box is two instructions (see tools/derive_sm4.py). */
#include "sm4.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "simd.h"
#include "sm4_constants.h"

SIMD_BEGIN("gfni,avx2")

typedef __m256i vec;
#define BLOCKS 8
#define GROUPS 4

#include "sm4_avx2.h"

/* Look-ups that rotate each word left by so many bits. */
#define TURN_8 _mm_setr_epi8(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14)
#define TURN_16 _mm_setr_epi8(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
#define TURN_24 _mm_setr_epi8(1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)

/* L(B) = B ^ B<<<24 ^ (B ^ B<<<8 ^ B<<<16)<<<2 */
EGOV_INLINE vec round_function(vec v)
{
    v = _mm256_gf2p8affine_epi64_epi8(v, _mm256_set1_epi64x((long long)SM4_GFNI_ENTER), SM4_GFNI_ENTER_CONSTANT);
    v = _mm256_gf2p8affineinv_epi64_epi8(v, _mm256_set1_epi64x((long long)SM4_GFNI_LEAVE), SM4_GFNI_LEAVE_CONSTANT);
    vec sum = xor2(xor2(v, looked_up(v, TURN_8)), looked_up(v, TURN_16));
    vec turned = _mm256_or_si256(_mm256_slli_epi32(sum, 2), _mm256_srli_epi32(sum, 30));
    return xor2(xor2(v, looked_up(v, TURN_24)), turned);
}

#include "sm4_vector.h"

EGOV_INLINE __m128i substitute_128(__m128i v)
{
    v = _mm_gf2p8affine_epi64_epi8(v, _mm_set1_epi64x((long long)SM4_GFNI_ENTER), SM4_GFNI_ENTER_CONSTANT);
    return _mm_gf2p8affineinv_epi64_epi8(v, _mm_set1_epi64x((long long)SM4_GFNI_LEAVE), SM4_GFNI_LEAVE_CONSTANT);
}

EGOV_INLINE __m128i round_function_128(__m128i v)
{
    v = substitute_128(v);
    __m128i sum = _mm_xor_si128(_mm_xor_si128(v, _mm_shuffle_epi8(v, TURN_8)), _mm_shuffle_epi8(v, TURN_16));
    __m128i turned = _mm_or_si128(_mm_slli_epi32(sum, 2), _mm_srli_epi32(sum, 30));
    return _mm_xor_si128(_mm_xor_si128(v, _mm_shuffle_epi8(v, TURN_24)), turned);
}

#include "sm4_alone.h"

uint32_t sm4_substitute_gfni(uint32_t word)
{
    return (uint32_t)_mm_cvtsi128_si32(substitute_128(_mm_cvtsi32_si128((int)word)));
}

SIMD_END

const sm4_engine sm4_engine_gfni_avx2 = {"GFNI, AVX2", 1, sm4_substitute_gfni, crypt, chain_128};
#else
typedef int egov_not_built; /* ISO C wants a declaration in every file */
#endif
