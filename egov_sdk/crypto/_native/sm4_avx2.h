/* The operations that sm4_vector.h asks for, on 256 bits: for both kernels that use AVX2. */
EGOV_INLINE vec load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

EGOV_INLINE void store(uint8_t *p, vec v)
{
    _mm256_storeu_si256((__m256i *)(void *)p, v);
}

EGOV_INLINE vec spread(uint32_t word)
{
    return _mm256_set1_epi32((int)word);
}

#define xor2 _mm256_xor_si256
#define unpack_low_32 _mm256_unpacklo_epi32
#define unpack_high_32 _mm256_unpackhi_epi32
#define unpack_low_64 _mm256_unpacklo_epi64
#define unpack_high_64 _mm256_unpackhi_epi64

/* Octets of each half by their places. */
EGOV_INLINE vec looked_up(vec v, __m128i places)
{
    return _mm256_shuffle_epi8(v, _mm256_broadcastsi128_si256(places));
}

EGOV_INLINE vec swap_octets(vec v)
{
    return looked_up(v, _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}
