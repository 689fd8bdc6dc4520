/* SM3 (GB/T 32905-2016) and what is built on it: one message, many messages at once, HMAC, KDF, PBKDF2. */
#ifndef EGOV_SM3_H
#define EGOV_SM3_H

#include "platform.h"

#define SM3_BLOCK 64
#define SM3_DIGEST 32

typedef struct {
    uint32_t h[8];
} sm3_chain;

typedef struct {
    sm3_chain chain;
    uint64_t length; /* octets so far */
    uint8_t pending[SM3_BLOCK];
} sm3_state;

/* The chaining values after the key blocks of HMAC (RFC 2104): as secret as the key. */
typedef struct {
    sm3_chain inner, outer;
} sm3_hmac_key;

extern const sm3_chain SM3_START;

/* Takes in whole blocks. */
void sm3_compress(sm3_chain *chain, const uint8_t *blocks, size_t count);

void sm3_init(sm3_state *state);
/* Goes on after `blocks` whole blocks that led to this chaining value. */
void sm3_resume(sm3_state *state, const sm3_chain *chain, uint64_t blocks);
void sm3_update(sm3_state *state, const uint8_t *data, size_t length);
/* Writes the digest and wipes the state. */
void sm3_final(sm3_state *state, uint8_t digest[SM3_DIGEST]);
void sm3_hash(uint8_t digest[SM3_DIGEST], const uint8_t *data, size_t length);

void sm3_hmac_prepare(sm3_hmac_key *key, const uint8_t *octets, size_t length);
void sm3_hmac_start(sm3_state *state, const sm3_hmac_key *key);
void sm3_hmac_final(sm3_state *state, const sm3_hmac_key *key, uint8_t tag[SM3_DIGEST]);

#endif
