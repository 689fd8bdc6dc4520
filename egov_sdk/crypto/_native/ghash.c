/* GHASH with integer multiplications, for processors without a carry-less one; and the choice between the two.
 *
 * A product of polynomials is made from products of integers whose bits stand four apart, so that carries do not reach
 * the next bit that counts: no table, and no branch.
 */
#include "ghash.h"
#include "cpu.h"

/* The lower 64 bits of the carry-less product. Up to 16 bits meet in one place; only at the top could that reach further,
 * and there it leaves the word. */
static uint64_t product_low(uint64_t a, uint64_t b)
{
    const uint64_t m0 = 0x1111111111111111u, m1 = m0 << 1, m2 = m0 << 2, m3 = m0 << 3;
    uint64_t a0 = a & m0, a1 = a & m1, a2 = a & m2, a3 = a & m3;
    uint64_t b0 = b & m0, b1 = b & m1, b2 = b & m2, b3 = b & m3;
    uint64_t r0 = (a0 * b0) ^ (a1 * b3) ^ (a2 * b2) ^ (a3 * b1);
    uint64_t r1 = (a0 * b1) ^ (a1 * b0) ^ (a2 * b3) ^ (a3 * b2);
    uint64_t r2 = (a0 * b2) ^ (a1 * b1) ^ (a2 * b0) ^ (a3 * b3);
    uint64_t r3 = (a0 * b3) ^ (a1 * b2) ^ (a2 * b1) ^ (a3 * b0);
    return (r0 & m0) | (r1 & m1) | (r2 & m2) | (r3 & m3);
}

static uint64_t mirrored(uint64_t v)
{
    v = (v >> 1 & 0x5555555555555555u) | (v & 0x5555555555555555u) << 1;
    v = (v >> 2 & 0x3333333333333333u) | (v & 0x3333333333333333u) << 2;
    v = (v >> 4 & 0x0F0F0F0F0F0F0F0Fu) | (v & 0x0F0F0F0F0F0F0F0Fu) << 4;
    v = (v >> 8 & 0x00FF00FF00FF00FFu) | (v & 0x00FF00FF00FF00FFu) << 8;
    v = (v >> 16 & 0x0000FFFF0000FFFFu) | (v & 0x0000FFFF0000FFFFu) << 16;
    return v >> 32 | v << 32;
}

typedef struct {
    uint64_t low, high;
} words;

/* The upper half is the lower half of the mirrored factors' product, mirrored back. */
static words product(uint64_t a, uint64_t b)
{
    return (words){product_low(a, b), mirrored(product_low(mirrored(a), mirrored(b))) >> 1};
}

/* One step of the division by x^128 (see ghash_clmul.h for the same in vectors): clears `low` by adding low * P. */
static void fold(uint64_t low, uint64_t *middle, uint64_t *high)
{
    /* low * (x^57 + x^62 + x^63), and low itself at x^64 above that */
    *middle ^= low << 57 ^ low << 62 ^ low << 63;
    *high ^= low >> 7 ^ low >> 2 ^ low >> 1 ^ low;
}

static void dot(uint64_t r[2], const uint64_t a[2], const uint64_t b[2])
{
    words low = product(a[0], b[0]), high = product(a[1], b[1]), both = product(a[0] ^ a[1], b[0] ^ b[1]);
    uint64_t cross_low = both.low ^ low.low ^ high.low, cross_high = both.high ^ low.high ^ high.high;
    uint64_t t1 = low.high ^ cross_low, t2 = high.low ^ cross_high, t3 = high.high;
    fold(low.low, &t1, &t2);
    fold(t1, &t2, &t3);
    r[0] = t2;
    r[1] = t3;
}

static void prepare(ghash_key *key, const uint8_t h[16])
{
    memset(key, 0, sizeof *key);
    ghash_enter(key->power[GHASH_POWERS - 1], h);
}

static void update(const ghash_key *key, uint8_t state[16], const uint8_t *blocks, size_t count)
{
    uint64_t sum[2] = {load64_be(state + 8), load64_be(state)};
    for (; count; count--, blocks += 16) {
        sum[0] ^= load64_be(blocks + 8);
        sum[1] ^= load64_be(blocks);
        dot(sum, sum, key->power[GHASH_POWERS - 1]);
    }
    store64_be(state, sum[1]);
    store64_be(state + 8, sum[0]);
    secret_wipe(sum, sizeof sum);
}

const ghash_engine ghash_engine_portable = {"integer products", prepare, update};

const ghash_engine *ghash_choose(unsigned features)
{
#if defined(__x86_64__)
    const unsigned wide = CPU_VCLMUL | CPU_CLMUL | CPU_AVX512 | CPU_AVX2;
    if ((features & wide) == wide) return &ghash_engine_avx512;
    if (features & CPU_CLMUL) return &ghash_engine_clmul;
#endif
    (void)features;
    return &ghash_engine_portable;
}
