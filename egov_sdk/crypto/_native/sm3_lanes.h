/* The SM3 compression of several messages side by side (GB/T 32905-2016, 5.3): included once for each vector width.
 *
 * Before: LANES, and load_words(vector w[16], const uint8_t *const *blocks), which gives word i of all lanes in w[i].
 */
typedef uint32_t vector __attribute__((vector_size(4 * LANES)));
typedef uint32_t vector_anywhere __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

static void load_words(vector w[16], const uint8_t *const *blocks);

#define ROTL(x, n) (((x) << (n)) | ((x) >> (32 - (n))))
#define P0(x) ((x) ^ ROTL(x, 9) ^ ROTL(x, 17))
#define P1(x) ((x) ^ ROTL(x, 15) ^ ROTL(x, 23))
#define PARITY(x, y, z) ((x) ^ (y) ^ (z))
#define MAJORITY(x, y, z) (((x) & (y)) | (((x) | (y)) & (z)))
#define CHOICE(x, y, z) ((((y) ^ (z)) & (x)) ^ (z))

/* T <<< (j mod 32) of 5.3.3 */
static const uint32_t CONSTANTS[64] = {
#define EARLY(j) (0x79CC4519u << (j) | 0x79CC4519u >> ((32 - (j)) & 31))
#define LATE(j) (0x7A879D8Au << ((j) & 31) | 0x7A879D8Au >> ((32 - (j)) & 31))
#define EIGHT(f, j) f(j), f(j + 1), f(j + 2), f(j + 3), f(j + 4), f(j + 5), f(j + 6), f(j + 7)
    EIGHT(EARLY, 0), EIGHT(EARLY, 8), EIGHT(LATE, 16), EIGHT(LATE, 24),
    EIGHT(LATE, 32), EIGHT(LATE, 40), EIGHT(LATE, 48), EIGHT(LATE, 56),
};

#define EXPAND(j) \
    (w[(j) & 15] = P1(w[(j) & 15] ^ w[((j) + 7) & 15] ^ ROTL(w[((j) + 13) & 15], 15)) ^ ROTL(w[((j) + 3) & 15], 7) ^ \
                   w[((j) + 10) & 15])
#define ROUND(j, FF, GG, a, b, c, d, e, f, g, h) \
    do { \
        vector a12 = ROTL(a, 12), sum = a12 + e + CONSTANTS[j]; \
        vector ss1 = ROTL(sum, 7); \
        vector tt1 = FF(a, b, c) + d + (w[(j) & 15] ^ w[((j) + 4) & 15]) + (ss1 ^ a12); \
        vector tt2 = GG(e, f, g) + h + w[(j) & 15] + ss1; \
        b = ROTL(b, 9); \
        d = tt1; \
        f = ROTL(f, 19); \
        h = P0(tt2); \
    } while (0)
#define FOUR(j, FF, GG) \
    ROUND((j), FF, GG, a, b, c, d, e, f, g, h); \
    ROUND((j) + 1, FF, GG, d, a, b, c, h, e, f, g); \
    ROUND((j) + 2, FF, GG, c, d, a, b, g, h, e, f); \
    ROUND((j) + 3, FF, GG, b, c, d, a, f, g, h, e)
#define FOUR_EXPANDED(j, FF, GG) \
    EXPAND((j) + 4); \
    EXPAND((j) + 5); \
    EXPAND((j) + 6); \
    EXPAND((j) + 7); \
    FOUR(j, FF, GG)

static void compress(uint32_t *chains, const uint8_t *const *blocks, size_t count)
{
    vector_anywhere *v = (vector_anywhere *)chains;
    const uint8_t *at[LANES];
    vector w[16];
    for (int i = 0; i < LANES; i++) at[i] = blocks[i];
    for (; count; count--) {
        vector a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7];
        load_words(w, at);
        for (int i = 0; i < LANES; i++) at[i] += SM3_BLOCK;
        FOUR(0, PARITY, PARITY);
        FOUR(4, PARITY, PARITY);
        FOUR(8, PARITY, PARITY);
        FOUR_EXPANDED(12, PARITY, PARITY);
        for (int j = 16; j < 64; j += 16) {
            FOUR_EXPANDED(j, MAJORITY, CHOICE);
            FOUR_EXPANDED(j + 4, MAJORITY, CHOICE);
            FOUR_EXPANDED(j + 8, MAJORITY, CHOICE);
            FOUR_EXPANDED(j + 12, MAJORITY, CHOICE);
        }
        v[0] ^= a, v[1] ^= b, v[2] ^= c, v[3] ^= d, v[4] ^= e, v[5] ^= f, v[6] ^= g, v[7] ^= h;
    }
    secret_wipe(w, sizeof w);
}
