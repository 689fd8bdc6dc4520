/* SM4 one block after the other in 128-bit registers, for modes that chain: included where round_function_128 is known. */

EGOV_INLINE __m128i word_in_front(uint32_t word)
{
    return _mm_cvtsi32_si128((int)word);
}

static void chain_128(const uint32_t round_keys[32], uint8_t *out, const uint8_t *in, uint8_t iv[SM4_BLOCK], size_t blocks)
{
    uint32_t v[4];
    for (int i = 0; i < 4; i++) v[i] = load32_be(iv + 4 * i);
    for (; blocks; blocks--, in += SM4_BLOCK) {
        __m128i x[4];
        for (int i = 0; i < 4; i++) x[i] = word_in_front(v[i] ^ load32_be(in + 4 * i));
/* x[d] is the word that was made last: what does not need it comes first */
#define SM4_ROUND(i, a, b, c, d) \
    do { \
        __m128i known = _mm_xor_si128(_mm_xor_si128(x[b], x[c]), word_in_front(round_keys[i])); \
        x[a] = _mm_xor_si128(x[a], round_function_128(_mm_xor_si128(known, x[d]))); \
    } while (0)
        for (int i = 0; i < 32; i += 4) {
            SM4_ROUND(i, 0, 1, 2, 3);
            SM4_ROUND(i + 1, 1, 2, 3, 0);
            SM4_ROUND(i + 2, 2, 3, 0, 1);
            SM4_ROUND(i + 3, 3, 0, 1, 2);
        }
#undef SM4_ROUND
        for (int i = 0; i < 4; i++) v[i] = (uint32_t)_mm_cvtsi128_si32(x[3 - i]);
        if (out) {
            for (int i = 0; i < 4; i++) store32_be(out + 4 * i, v[i]);
            out += SM4_BLOCK;
        }
    }
    for (int i = 0; i < 4; i++) store32_be(iv + 4 * i, v[i]);
    secret_wipe(v, sizeof v);
}
