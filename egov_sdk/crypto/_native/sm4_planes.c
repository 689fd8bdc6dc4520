/* SM4 by bit planes, for any processor: the S-box is a circuit of AND and XOR (see tools/derive_sm4.py) on 128 octets at
 * a time. 32 blocks go side by side; fewer cost as much. */
#include "sm4.h"
#include "sm4_constants.h"

#define BLOCKS 32

typedef uint64_t plane __attribute__((vector_size(16)));
typedef uint32_t words __attribute__((vector_size(16)));

/* Exchanges the bits of a under mask << shift with those of b under mask. */
EGOV_INLINE void exchange(plane *a, plane *b, int shift, uint64_t mask)
{
    plane t = ((*a >> shift) ^ *b) & mask;
    *b ^= t;
    *a ^= t << shift;
}

/* Bit k of the octets of v[i] becomes bit i of the octets of v[k]: an 8 x 8 transposition in each place. Undoes itself. */
EGOV_INLINE void transpose_bits(plane v[8])
{
    for (int i = 0; i < 8; i += 2) exchange(&v[i], &v[i + 1], 1, 0x5555555555555555u);
    for (int i = 0; i < 8; i += (i & 1) ? 3 : 1) exchange(&v[i], &v[i + 2], 2, 0x3333333333333333u);
    for (int i = 0; i < 4; i++) exchange(&v[i], &v[i + 4], 4, 0x0F0F0F0F0F0F0F0Fu);
}

EGOV_INLINE void substitute_octets(plane v[8])
{
    transpose_bits(v);
    SM4_SBOX_CIRCUIT(plane, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
    transpose_bits(v);
}

EGOV_INLINE words rotated(words v, int bits)
{
    return v << bits | v >> (32 - bits);
}

/* GB/T 32907-2016, 6.2 b: L(B) = B ^ B<<<24 ^ (B ^ B<<<8 ^ B<<<16)<<<2 */
EGOV_INLINE words diffused(words b)
{
    return b ^ rotated(b, 24) ^ rotated(b ^ rotated(b, 8) ^ rotated(b, 16), 2);
}

typedef union {
    uint32_t word[BLOCKS];
    words four[BLOCKS / 4];
    plane planes[BLOCKS / 4];
} column;

static void round_of_all(column *a, const column *b, const column *c, const column *d, uint32_t key)
{
    column t;
    for (int i = 0; i < BLOCKS / 4; i++) t.four[i] = b->four[i] ^ c->four[i] ^ d->four[i] ^ key;
    substitute_octets(t.planes);
    for (int i = 0; i < BLOCKS / 4; i++) a->four[i] ^= diffused(t.four[i]);
}

static void crypt(const uint32_t round_keys[32], uint8_t *out, const uint8_t *in, const uint8_t *mask, size_t blocks)
{
    column x[4] = {{{0}}};
    while (blocks) {
        size_t count = blocks < BLOCKS ? blocks : BLOCKS;
        for (size_t i = 0; i < count; i++) {
            for (int j = 0; j < 4; j++) x[j].word[i] = load32_be(in + SM4_BLOCK * i + 4 * (size_t)j);
        }
        for (int i = 0; i < 32; i += 4) {
            round_of_all(&x[0], &x[1], &x[2], &x[3], round_keys[i]);
            round_of_all(&x[1], &x[2], &x[3], &x[0], round_keys[i + 1]);
            round_of_all(&x[2], &x[3], &x[0], &x[1], round_keys[i + 2]);
            round_of_all(&x[3], &x[0], &x[1], &x[2], round_keys[i + 3]);
        }
        for (size_t i = 0; i < count; i++) {
            for (int j = 0; j < 4; j++) {
                size_t at = SM4_BLOCK * i + 4 * (size_t)j;
                store32_be(out + at, x[3 - j].word[i] ^ (mask ? load32_be(mask + at) : 0));
            }
        }
        in += count * SM4_BLOCK, out += count * SM4_BLOCK, blocks -= count;
        if (mask) mask += count * SM4_BLOCK;
    }
    secret_wipe(x, sizeof x);
}

static void chain(const uint32_t round_keys[32], uint8_t *out, const uint8_t *in, uint8_t iv[SM4_BLOCK], size_t blocks)
{
    for (; blocks; blocks--, in += SM4_BLOCK) {
        for (int i = 0; i < SM4_BLOCK; i++) iv[i] ^= in[i];
        crypt(round_keys, iv, iv, NULL, 1);
        if (out) {
            memcpy(out, iv, SM4_BLOCK);
            out += SM4_BLOCK;
        }
    }
}

static uint32_t substitute(uint32_t word)
{
    column t = {{word}};
    substitute_octets(t.planes);
    return t.word[0];
}

const sm4_engine sm4_engine_planes = {"bit planes", 0, substitute, crypt, chain};
