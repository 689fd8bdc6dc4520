/* Longer keys from secrets (GB/T 32918.4, 5.4.3) and keys from passwords (RFC 8018): see sm3_many.h. */
#include "sm3_many.h"

#include <stdlib.h>

int sm3_kdf(const sm3_engine *engine, uint8_t *out, size_t length, const sm3_message *z, const sm3_message *info)
{
    /* the whole blocks of z are the same for all: hash them once */
    size_t whole = z->length / SM3_BLOCK, rest = z->length % SM3_BLOCK, size = rest + 4 + info->length;
    sm3_chain start = SM3_START;
    sm3_message messages[SM3_MAX_LANES];
    uint8_t digests[SM3_MAX_LANES][SM3_DIGEST], *memory = malloc(size * SM3_MAX_LANES);
    if (!memory) return 0;
    sm3_compress(&start, z->data, whole);
    for (size_t i = 0; i < SM3_MAX_LANES; i++) {
        uint8_t *message = memory + i * size;
        if (rest) memcpy(message, z->data + whole * SM3_BLOCK, rest);
        if (info->length) memcpy(message + rest + 4, info->data, info->length);
        messages[i] = (sm3_message){message, size};
    }
    for (uint32_t counter = 1; length;) {
        size_t wanted = (length + SM3_DIGEST - 1) / SM3_DIGEST, count = wanted < SM3_MAX_LANES ? wanted : SM3_MAX_LANES;
        for (size_t i = 0; i < count; i++) store32_be(memory + i * size + rest, counter++);
        sm3_many(engine, digests, &start, whole, messages, count);
        size_t part = length < count * SM3_DIGEST ? length : count * SM3_DIGEST;
        memcpy(out, digests, part);
        out += part;
        length -= part;
    }
    secret_wipe(memory, size * SM3_MAX_LANES);
    secret_wipe(digests, sizeof digests);
    secret_wipe(&start, sizeof start);
    free(memory);
    return 1;
}

void sm3_pbkdf2(uint8_t *out, size_t length, const sm3_message *password, const sm3_message *salt, uint64_t iterations)
{
    sm3_hmac_key key;
    sm3_state state;
    uint8_t value[SM3_DIGEST], sum[SM3_DIGEST], index[4];
    sm3_hmac_prepare(&key, password->data, password->length);
    for (uint32_t block = 1; length; block++) {
        store32_be(index, block);
        sm3_hmac_start(&state, &key);
        sm3_update(&state, salt->data, salt->length);
        sm3_update(&state, index, sizeof index);
        sm3_hmac_final(&state, &key, value);
        memcpy(sum, value, sizeof sum);
        for (uint64_t i = 1; i < iterations; i++) {
            sm3_hmac_start(&state, &key);
            sm3_update(&state, value, sizeof value);
            sm3_hmac_final(&state, &key, value);
            for (int j = 0; j < SM3_DIGEST; j++) sum[j] ^= value[j];
        }
        size_t part = length < SM3_DIGEST ? length : SM3_DIGEST;
        memcpy(out, sum, part);
        out += part;
        length -= part;
    }
    secret_wipe(&key, sizeof key);
    secret_wipe(value, sizeof value);
    secret_wipe(sum, sizeof sum);
}
