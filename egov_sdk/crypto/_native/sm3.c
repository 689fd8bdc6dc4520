/* SM3 for one message at a time (GB/T 32905-2016, clause 5), and HMAC (RFC 2104) with it. Nothing here depends on the
 * data but its length. */
#include "sm3.h"

/* 4.1 */
const sm3_chain SM3_START = {{0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600,
                              0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E}};

EGOV_INLINE uint32_t rotl(uint32_t value, int bits)
{
    return value << (bits & 31) | value >> (-bits & 31);
}

/* 4.3, 4.4 */
#define P0(x) ((x) ^ rotl(x, 9) ^ rotl(x, 17))
#define P1(x) ((x) ^ rotl(x, 15) ^ rotl(x, 23))
#define PARITY(x, y, z) ((x) ^ (y) ^ (z))
#define MAJORITY(x, y, z) (((x) & (y)) | (((x) | (y)) & (z)))
#define CHOICE(x, y, z) ((((y) ^ (z)) & (x)) ^ (z))

/* 5.3.2 for word j of 16 or more, in place of word j - 16 */
#define EXPAND(j) \
    (w[(j) & 15] = P1(w[(j) & 15] ^ w[((j) + 7) & 15] ^ rotl(w[((j) + 13) & 15], 15)) ^ rotl(w[((j) + 3) & 15], 7) ^ \
                   w[((j) + 10) & 15])

/* 5.3.3: one round. The names rotate from call to call instead of the values; W' = W[j] ^ W[j + 4]. */
#define ROUND(j, t, FF, GG, a, b, c, d, e, f, g, h) \
    do { \
        uint32_t a12 = rotl(a, 12); \
        uint32_t ss1 = rotl(a12 + (e + rotl(t, j)), 7); \
        uint32_t tt1 = FF(a, b, c) + d + (w[(j) & 15] ^ w[((j) + 4) & 15]) + (ss1 ^ a12); \
        uint32_t tt2 = GG(e, f, g) + h + w[(j) & 15] + ss1; \
        b = rotl(b, 9); \
        d = tt1; \
        f = rotl(f, 19); \
        h = P0(tt2); \
    } while (0)

/* Rounds j to j + 3, after which the names are back in place. Word j + 4 must be ready before round j. */
#define FOUR(j, t, FF, GG, READY) \
    READY((j) + 4); \
    ROUND((j), t, FF, GG, a, b, c, d, e, f, g, h); \
    READY((j) + 5); \
    ROUND((j) + 1, t, FF, GG, d, a, b, c, h, e, f, g); \
    READY((j) + 6); \
    ROUND((j) + 2, t, FF, GG, c, d, a, b, g, h, e, f); \
    READY((j) + 7); \
    ROUND((j) + 3, t, FF, GG, b, c, d, a, f, g, h, e)

#define LOADED(j) ((void)0)
#define EARLY 0x79CC4519u
#define LATE 0x7A879D8Au

void sm3_compress(sm3_chain *chain, const uint8_t *blocks, size_t count)
{
    uint32_t *v = chain->h, w[16];
    for (; count; count--, blocks += SM3_BLOCK) {
        uint32_t a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7];
        for (int i = 0; i < 16; i++) w[i] = load32_be(blocks + 4 * i);
        FOUR(0, EARLY, PARITY, PARITY, LOADED);
        FOUR(4, EARLY, PARITY, PARITY, LOADED);
        FOUR(8, EARLY, PARITY, PARITY, LOADED);
        FOUR(12, EARLY, PARITY, PARITY, EXPAND);
        FOUR(16, LATE, MAJORITY, CHOICE, EXPAND);
        FOUR(20, LATE, MAJORITY, CHOICE, EXPAND);
        FOUR(24, LATE, MAJORITY, CHOICE, EXPAND);
        FOUR(28, LATE, MAJORITY, CHOICE, EXPAND);
        FOUR(32, LATE, MAJORITY, CHOICE, EXPAND);
        FOUR(36, LATE, MAJORITY, CHOICE, EXPAND);
        FOUR(40, LATE, MAJORITY, CHOICE, EXPAND);
        FOUR(44, LATE, MAJORITY, CHOICE, EXPAND);
        FOUR(48, LATE, MAJORITY, CHOICE, EXPAND);
        FOUR(52, LATE, MAJORITY, CHOICE, EXPAND);
        FOUR(56, LATE, MAJORITY, CHOICE, EXPAND);
        FOUR(60, LATE, MAJORITY, CHOICE, EXPAND);
        v[0] ^= a, v[1] ^= b, v[2] ^= c, v[3] ^= d, v[4] ^= e, v[5] ^= f, v[6] ^= g, v[7] ^= h;
    }
    secret_wipe(w, sizeof w);
}

void sm3_init(sm3_state *state)
{
    sm3_resume(state, &SM3_START, 0);
}

void sm3_resume(sm3_state *state, const sm3_chain *chain, uint64_t blocks)
{
    state->chain = *chain;
    state->length = blocks * SM3_BLOCK;
}

void sm3_update(sm3_state *state, const uint8_t *data, size_t length)
{
    size_t used = state->length % SM3_BLOCK;
    state->length += length;
    if (used) {
        size_t room = SM3_BLOCK - used;
        if (length < room) {
            if (length) memcpy(state->pending + used, data, length);
            return;
        }
        memcpy(state->pending + used, data, room);
        sm3_compress(&state->chain, state->pending, 1);
        data += room;
        length -= room;
    }
    sm3_compress(&state->chain, data, length / SM3_BLOCK);
    if (length % SM3_BLOCK) memcpy(state->pending, data + (length - length % SM3_BLOCK), length % SM3_BLOCK);
}

/* 5.2: a one bit, zeros, and the length in 64 bits */
void sm3_final(sm3_state *state, uint8_t digest[SM3_DIGEST])
{
    size_t used = state->length % SM3_BLOCK;
    state->pending[used++] = 0x80;
    if (used > SM3_BLOCK - 8) {
        memset(state->pending + used, 0, SM3_BLOCK - used);
        sm3_compress(&state->chain, state->pending, 1);
        used = 0;
    }
    memset(state->pending + used, 0, SM3_BLOCK - 8 - used);
    store64_be(state->pending + SM3_BLOCK - 8, state->length * 8);
    sm3_compress(&state->chain, state->pending, 1);
    for (int i = 0; i < 8; i++) store32_be(digest + 4 * i, state->chain.h[i]);
    secret_wipe(state, sizeof *state);
}

void sm3_hash(uint8_t digest[SM3_DIGEST], const uint8_t *data, size_t length)
{
    sm3_state state;
    sm3_init(&state);
    sm3_update(&state, data, length);
    sm3_final(&state, digest);
}

void sm3_hmac_prepare(sm3_hmac_key *key, const uint8_t *octets, size_t length)
{
    uint8_t block[SM3_BLOCK] = {0};
    if (length > SM3_BLOCK) {
        sm3_hash(block, octets, length);
    } else if (length) {
        memcpy(block, octets, length);
    }
    for (int i = 0; i < SM3_BLOCK; i++) block[i] ^= 0x36;
    key->inner = SM3_START;
    sm3_compress(&key->inner, block, 1);
    for (int i = 0; i < SM3_BLOCK; i++) block[i] ^= 0x36 ^ 0x5C;
    key->outer = SM3_START;
    sm3_compress(&key->outer, block, 1);
    secret_wipe(block, sizeof block);
}

void sm3_hmac_start(sm3_state *state, const sm3_hmac_key *key)
{
    sm3_resume(state, &key->inner, 1);
}

void sm3_hmac_final(sm3_state *state, const sm3_hmac_key *key, uint8_t tag[SM3_DIGEST])
{
    uint8_t digest[SM3_DIGEST];
    sm3_final(state, digest);
    sm3_resume(state, &key->outer, 1);
    sm3_update(state, digest, sizeof digest);
    sm3_final(state, tag);
    secret_wipe(digest, sizeof digest);
}
