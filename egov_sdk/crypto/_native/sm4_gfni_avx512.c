/* SM4 with GFNI in 512-bit registers: 64 blocks at a time. */
#include "sm4.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "simd.h"
#include "sm4_constants.h"

SIMD_BEGIN("gfni,avx2,avx512f,avx512bw,avx512dq,avx512vl")

typedef __m512i vec;
#define BLOCKS 16
#define GROUPS 4

EGOV_INLINE vec load(const uint8_t *p)
{
    return _mm512_loadu_si512((const void *)p);
}

EGOV_INLINE void store(uint8_t *p, vec v)
{
    _mm512_storeu_si512((void *)p, v);
}

EGOV_INLINE vec spread(uint32_t word)
{
    return _mm512_set1_epi32((int)word);
}

#define xor2 _mm512_xor_si512
#define unpack_low_32 _mm512_unpacklo_epi32
#define unpack_high_32 _mm512_unpackhi_epi32
#define unpack_low_64 _mm512_unpacklo_epi64
#define unpack_high_64 _mm512_unpackhi_epi64

EGOV_INLINE vec swap_octets(vec v)
{
    const __m128i order = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    return _mm512_shuffle_epi8(v, _mm512_broadcast_i32x4(order));
}

EGOV_INLINE vec xor3(vec a, vec b, vec c)
{
    return _mm512_ternarylogic_epi32(a, b, c, 0x96);
}

EGOV_INLINE vec round_function(vec v)
{
    v = _mm512_gf2p8affine_epi64_epi8(v, _mm512_set1_epi64((long long)SM4_GFNI_ENTER), SM4_GFNI_ENTER_CONSTANT);
    v = _mm512_gf2p8affineinv_epi64_epi8(v, _mm512_set1_epi64((long long)SM4_GFNI_LEAVE), SM4_GFNI_LEAVE_CONSTANT);
    vec sum = xor3(v, _mm512_rol_epi32(v, 2), _mm512_rol_epi32(v, 10));
    return xor3(sum, _mm512_rol_epi32(v, 18), _mm512_rol_epi32(v, 24));
}

EGOV_INLINE __m128i round_function_128(__m128i v)
{
    v = _mm_gf2p8affine_epi64_epi8(v, _mm_set1_epi64x((long long)SM4_GFNI_ENTER), SM4_GFNI_ENTER_CONSTANT);
    v = _mm_gf2p8affineinv_epi64_epi8(v, _mm_set1_epi64x((long long)SM4_GFNI_LEAVE), SM4_GFNI_LEAVE_CONSTANT);
    __m128i sum = _mm_ternarylogic_epi32(v, _mm_rol_epi32(v, 2), _mm_rol_epi32(v, 10), 0x96);
    return _mm_ternarylogic_epi32(sum, _mm_rol_epi32(v, 18), _mm_rol_epi32(v, 24), 0x96);
}

#include "sm4_alone.h"
#include "sm4_vector.h"

SIMD_END

const sm4_engine sm4_engine_gfni_avx512 = {"GFNI, AVX-512", 1, sm4_substitute_gfni, crypt, chain_128};
#else
typedef int egov_not_built; /* ISO C wants a declaration in every file */
#endif
