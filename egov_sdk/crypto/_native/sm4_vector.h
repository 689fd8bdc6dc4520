/* SM4 over registers that hold word j of several blocks each: included once for each instruction set.
 *
 * Before: `vec` and BLOCKS, how many 32-bit words it holds; load(p), store(p, v), spread(word), xor2(a, b); the four
 * unpack operations on each 128 bits; swap_octets(v) within words; and round_function(v), the L(tau(v)) of
 * GB/T 32907-2016, 6.2. GROUPS registers are worked on side by side.
 */

/* Words of BLOCKS blocks to registers by word, or back: a 4 x 4 transposition in each 128 bits. */
EGOV_INLINE void transpose(vec x[4])
{
    vec a = unpack_low_32(x[0], x[1]), b = unpack_low_32(x[2], x[3]);
    vec c = unpack_high_32(x[0], x[1]), d = unpack_high_32(x[2], x[3]);
    x[0] = unpack_low_64(a, b);
    x[1] = unpack_high_64(a, b);
    x[2] = unpack_low_64(c, d);
    x[3] = unpack_high_64(c, d);
}

/* 7.1: X[i+4] = X[i] ^ T(X[i+1] ^ X[i+2] ^ X[i+3] ^ rk[i]), and the last four words in reverse order */
EGOV_INLINE void crypt_groups(const uint32_t round_keys[32], uint8_t *out, const uint8_t *in, const uint8_t *mask,
                              const int groups)
{
    vec x[GROUPS][4];
    EGOV_UNROLL for (int g = 0; g < groups; g++) {
        EGOV_UNROLL for (int i = 0; i < 4; i++) {
            x[g][i] = swap_octets(load(in + (4 * g + i) * (int)sizeof(vec)));
        }
        transpose(x[g]);
    }
#define SM4_ROUND(i, a, b, c, d) \
    do { \
        vec key = spread(round_keys[i]); \
        EGOV_UNROLL for (int g = 0; g < groups; g++) { \
            x[g][a] = xor2(x[g][a], round_function(xor2(xor2(xor2(x[g][b], x[g][c]), key), x[g][d]))); \
        } \
    } while (0)
    for (int i = 0; i < 32; i += 4) {
        SM4_ROUND(i, 0, 1, 2, 3);
        SM4_ROUND(i + 1, 1, 2, 3, 0);
        SM4_ROUND(i + 2, 2, 3, 0, 1);
        SM4_ROUND(i + 3, 3, 0, 1, 2);
    }
#undef SM4_ROUND
    EGOV_UNROLL for (int g = 0; g < groups; g++) {
        vec y[4] = {x[g][3], x[g][2], x[g][1], x[g][0]};
        transpose(y);
        EGOV_UNROLL for (int i = 0; i < 4; i++) {
            int at = (4 * g + i) * (int)sizeof(vec);
            vec result = swap_octets(y[i]);
            if (mask) result = xor2(result, load(mask + at));
            store(out + at, result);
        }
    }
}

static void crypt(const uint32_t round_keys[32], uint8_t *out, const uint8_t *in, const uint8_t *mask, size_t blocks)
{
    const size_t step = BLOCKS * SM4_BLOCK;
    for (; blocks >= GROUPS * BLOCKS; blocks -= GROUPS * BLOCKS) {
        crypt_groups(round_keys, out, in, mask, GROUPS);
        in += GROUPS * step, out += GROUPS * step;
        if (mask) mask += GROUPS * step;
    }
    for (; blocks >= BLOCKS; blocks -= BLOCKS) {
        crypt_groups(round_keys, out, in, mask, 1);
        in += step, out += step;
        if (mask) mask += step;
    }
    if (blocks) {
        uint8_t part[BLOCKS * SM4_BLOCK] = {0}, part_mask[BLOCKS * SM4_BLOCK] = {0};
        memcpy(part, in, blocks * SM4_BLOCK);
        if (mask) memcpy(part_mask, mask, blocks * SM4_BLOCK);
        crypt_groups(round_keys, part, part, part_mask, 1);
        memcpy(out, part, blocks * SM4_BLOCK);
        secret_wipe(part, sizeof part);
        secret_wipe(part_mask, sizeof part_mask);
    }
}
