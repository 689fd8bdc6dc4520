/* SM3 of many messages at once, one in each lane of a vector; and the two functions that stretch keys with it. */
#ifndef EGOV_SM3_MANY_H
#define EGOV_SM3_MANY_H

#include "sm3.h"

#define SM3_MAX_LANES 16

typedef struct {
    const uint8_t *data;
    size_t length;
} sm3_message;

typedef struct {
    const char *name;
    unsigned lanes;

    /* Takes `count` blocks into each lane: word i of lane j is chains[i * lanes + j], its blocks begin at blocks[j]. */
    void (*compress)(uint32_t *chains, const uint8_t *const *blocks, size_t count);
} sm3_engine;

extern const sm3_engine sm3_engine_4;
#if defined(__x86_64__)
extern const sm3_engine sm3_engine_avx2;
extern const sm3_engine sm3_engine_avx512;
#endif

const sm3_engine *sm3_choose(unsigned features);

/* The digests of messages that all begin after `before` whole blocks with this chaining value (SM3_START and 0 for
 * plain SM3). Lengths may differ; nothing but them decides what is done. */
void sm3_many(const sm3_engine *engine, uint8_t (*digests)[SM3_DIGEST], const sm3_chain *start, uint64_t before,
              const sm3_message *messages, size_t count);

/* K = SM3(z || 1 || info) || SM3(z || 2 || info) || ..., cut to length (GB/T 32918.4, 5.4.3; ANSI X9.63 with info).
 * The caller has checked that fewer than 2^32 blocks are needed. Returns 0 if memory is short. */
int sm3_kdf(const sm3_engine *engine, uint8_t *out, size_t length, const sm3_message *z, const sm3_message *info);

/* PBKDF2 with HMAC-SM3 (RFC 8018, 5.2); length and iterations at least 1, fewer than 2^32 blocks. */
void sm3_pbkdf2(uint8_t *out, size_t length, const sm3_message *password, const sm3_message *salt, uint64_t iterations);

#endif
