/* SM4 (GB/T 32907-2016 = GM/T 0002-2012): block kernels without tables, and the modes built on them.
 *
 * No kernel reads memory at a place that depends on the key or the data. Which kernel runs is chosen by what the
 * processor offers; the portable one works on bit planes and is slow for one block at a time.
 */
#ifndef EGOV_SM4_H
#define EGOV_SM4_H

#include "ghash.h"
#include "platform.h"

#define SM4_BLOCK 16

typedef struct {
    const char *name;
    int fast_alone; /* whether modes that chain block to block should be left to it */

    /* The S-box on the four octets of a word, for the key schedule. */
    uint32_t (*substitute)(uint32_t word);

    /* out = E(in) ^ mask, block by block and in any number; without a mask (NULL) out = E(in). out may be in. */
    void (*crypt)(const uint32_t round_keys[32], uint8_t *out, const uint8_t *in, const uint8_t *mask, size_t blocks);

    /* CBC encryption: iv = E(iv ^ in), written to out unless that is NULL. */
    void (*chain)(const uint32_t round_keys[32], uint8_t *out, const uint8_t *in, uint8_t iv[SM4_BLOCK], size_t blocks);
} sm4_engine;

extern const sm4_engine sm4_engine_planes;
#if defined(__x86_64__)
extern const sm4_engine sm4_engine_aesni;
extern const sm4_engine sm4_engine_gfni_avx2;
extern const sm4_engine sm4_engine_gfni_avx512;
uint32_t sm4_substitute_gfni(uint32_t word);
#endif

const sm4_engine *sm4_choose(unsigned features);

/* A key made ready for one engine and for GHASH. */
typedef struct {
    const sm4_engine *engine;
    const ghash_engine *ghash;
    uint32_t encrypt[32], decrypt[32];
    ghash_key hash_key;
} sm4_key;

void sm4_prepare(sm4_key *key, const sm4_engine *engine, const ghash_engine *ghash, const uint8_t octets[SM4_BLOCK]);

/* Modes over whole blocks; iv and counter go on, so that a longer text may come in parts. */
void sm4_cbc_encrypt(const sm4_key *key, uint8_t *out, const uint8_t *in, uint8_t iv[SM4_BLOCK], size_t blocks);
/* Here out must not overlap in. */
void sm4_cbc_decrypt(const sm4_key *key, uint8_t *out, const uint8_t *in, uint8_t iv[SM4_BLOCK], size_t blocks);

/* The key stream of CTR from octet `skip` (0 to 15) of the first block on; the counter counts with all its 128 bits. */
void sm4_ctr(const sm4_key *key, uint8_t *out, const uint8_t *in, const uint8_t counter[SM4_BLOCK], size_t skip,
             size_t length);

/* GCM (NIST SP 800-38D) in parts: start, then associated data, then text, then the tag. */
typedef struct {
    uint8_t counter[SM4_BLOCK]; /* of the next block */
    uint8_t tag_mask[SM4_BLOCK], hash[SM4_BLOCK];
    uint8_t stream[SM4_BLOCK]; /* key stream of a block that is begun */
    uint8_t pending[SM4_BLOCK]; /* octets that wait to be hashed */
    uint64_t associated, length;
} sm4_gcm;

void sm4_gcm_start(sm4_gcm *gcm, const sm4_key *key, const uint8_t *nonce, size_t length);
void sm4_gcm_associate(sm4_gcm *gcm, const sm4_key *key, const uint8_t *data, size_t length);
void sm4_gcm_encrypt(sm4_gcm *gcm, const sm4_key *key, uint8_t *out, const uint8_t *in, size_t length);
void sm4_gcm_decrypt(sm4_gcm *gcm, const sm4_key *key, uint8_t *out, const uint8_t *in, size_t length);
/* Writes the tag and wipes the state. */
void sm4_gcm_finish(sm4_gcm *gcm, const sm4_key *key, uint8_t tag[SM4_BLOCK]);
#define SM4_GCM_MAX (((uint64_t)1 << 36) - 32)

/* CCM (NIST SP 800-38C) of a whole message; the tag is of tag_length octets (4, 6 ... 16), the nonce of 7 to 13. The
 * caller has checked both, and that the length fits into 15 - nonce octets. */
typedef struct {
    const uint8_t *nonce, *associated;
    size_t nonce_length, associated_length, tag_length;
} sm4_ccm;

void sm4_ccm_encrypt(const sm4_key *key, const sm4_ccm *ccm, uint8_t *out, const uint8_t *in, size_t length,
                     uint8_t tag[SM4_BLOCK]);
/* Decrypts and writes the tag that would be right: compare before using the text. */
void sm4_ccm_decrypt(const sm4_key *key, const sm4_ccm *ccm, uint8_t *out, const uint8_t *in, size_t length,
                     uint8_t tag[SM4_BLOCK]);

#endif
