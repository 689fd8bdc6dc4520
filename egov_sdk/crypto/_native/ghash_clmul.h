/* Carry-less products modulo P (see ghash.h) in 128-bit registers, shared by both vector builds of GHASH. */
#ifndef EGOV_GHASH_CLMUL_H
#define EGOV_GHASH_CLMUL_H

#include <immintrin.h>

#include "ghash.h"

/* The product of up to 256 bits in three parts: low + middle * x^64 + high * x^128. */
typedef struct {
    __m128i low, middle, high;
} wide_product;

EGOV_INLINE __m128i load_reversed(const uint8_t *block)
{
    const __m128i reverse = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)block), reverse);
}

EGOV_INLINE void store_reversed(uint8_t *block, __m128i value)
{
    const __m128i reverse = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    _mm_storeu_si128((__m128i *)(void *)block, _mm_shuffle_epi8(value, reverse));
}

EGOV_INLINE __m128i load_power(const uint64_t power[2])
{
    return _mm_loadu_si128((const __m128i *)(const void *)power);
}

EGOV_INLINE void add_product(wide_product *sum, __m128i a, __m128i b)
{
    sum->low = _mm_xor_si128(sum->low, _mm_clmulepi64_si128(a, b, 0x00));
    sum->high = _mm_xor_si128(sum->high, _mm_clmulepi64_si128(a, b, 0x11));
    sum->middle = _mm_xor_si128(sum->middle, _mm_clmulepi64_si128(a, b, 0x01));
    sum->middle = _mm_xor_si128(sum->middle, _mm_clmulepi64_si128(a, b, 0x10));
}

/* Divides by x^128 modulo P. P is 1 + x^64 (x^57 + x^62 + x^63 + x^64): adding l * P for the lowest word l clears it,
 * puts l * C200000000000000 one word up, and l itself two words up. Twice. */
EGOV_INLINE __m128i reduce(const wide_product *sum)
{
    const __m128i constant = _mm_set_epi64x(0, (long long)0xC200000000000000u);
    __m128i low = _mm_xor_si128(sum->low, _mm_slli_si128(sum->middle, 8));
    __m128i high = _mm_xor_si128(sum->high, _mm_srli_si128(sum->middle, 8));
    low = _mm_xor_si128(_mm_shuffle_epi32(low, 0x4E), _mm_clmulepi64_si128(low, constant, 0x00));
    low = _mm_xor_si128(_mm_shuffle_epi32(low, 0x4E), _mm_clmulepi64_si128(low, constant, 0x00));
    return _mm_xor_si128(high, low);
}

EGOV_INLINE __m128i dot(__m128i a, __m128i b)
{
    wide_product product = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
    add_product(&product, a, b);
    return reduce(&product);
}

EGOV_UNUSED static void prepare(ghash_key *key, const uint8_t h[16])
{
    uint64_t first[2];
    ghash_enter(first, h);
    __m128i base = load_power(first), power = base;
    for (int i = GHASH_POWERS - 1; i >= 0; i--) {
        _mm_storeu_si128((__m128i *)(void *)key->power[i], power);
        power = dot(power, base);
    }
    secret_wipe(first, sizeof first);
}

/* Blocks with one reduction for all of them: the first, with the state added to it, meets the highest power. At most
 * GHASH_POWERS. */
EGOV_INLINE __m128i hash_some(const ghash_key *key, __m128i state, const uint8_t *blocks, size_t count)
{
    wide_product sum = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
    const uint64_t(*power)[2] = key->power + (GHASH_POWERS - count);
    add_product(&sum, _mm_xor_si128(state, load_reversed(blocks)), load_power(power[0]));
    for (size_t i = 1; i < count; i++) add_product(&sum, load_reversed(blocks + 16 * i), load_power(power[i]));
    return reduce(&sum);
}

#endif
