/* SM4-GCM (NIST SP 800-38D, 7; RFC 8998), in parts of any length. */
#include "sm4.h"

#define PART_BLOCKS 256 /* 4 KB: enciphered and hashed while they are near */

static void hash_blocks(sm4_gcm *gcm, const sm4_key *key, const uint8_t *blocks, size_t count)
{
    key->ghash->update(&key->hash_key, gcm->hash, blocks, count);
}

/* Hashes octets that come after `before` others of the same string; what is no whole block waits. */
static void hash_part(sm4_gcm *gcm, const sm4_key *key, uint64_t before, const uint8_t *data, size_t length)
{
    size_t used = before % SM4_BLOCK;
    if (used) {
        size_t part = SM4_BLOCK - used < length ? SM4_BLOCK - used : length;
        memcpy(gcm->pending + used, data, part);
        data += part, length -= part;
        if (used + part < SM4_BLOCK) return;
        hash_blocks(gcm, key, gcm->pending, 1);
    }
    hash_blocks(gcm, key, data, length / SM4_BLOCK);
    if (length % SM4_BLOCK) memcpy(gcm->pending, data + length / SM4_BLOCK * SM4_BLOCK, length % SM4_BLOCK);
}

/* Fills the block that is begun with zeros. */
static void hash_end(sm4_gcm *gcm, const sm4_key *key, uint64_t length)
{
    size_t used = length % SM4_BLOCK;
    if (!used) return;
    memset(gcm->pending + used, 0, SM4_BLOCK - used);
    hash_blocks(gcm, key, gcm->pending, 1);
}

static void hash_lengths(sm4_gcm *gcm, const sm4_key *key, uint64_t first, uint64_t second)
{
    uint8_t lengths[SM4_BLOCK];
    store64_be(lengths, first * 8);
    store64_be(lengths + 8, second * 8);
    hash_blocks(gcm, key, lengths, 1);
}

void sm4_gcm_start(sm4_gcm *gcm, const sm4_key *key, const uint8_t *nonce, size_t length)
{
    memset(gcm, 0, sizeof *gcm);
    if (length == 12) {
        memcpy(gcm->counter, nonce, 12);
        gcm->counter[15] = 1;
    } else { /* 7.1 step 2: the hash of the nonce, alone with its length */
        hash_part(gcm, key, 0, nonce, length);
        hash_end(gcm, key, length);
        hash_lengths(gcm, key, 0, length);
        memcpy(gcm->counter, gcm->hash, SM4_BLOCK);
        memset(gcm->hash, 0, SM4_BLOCK);
    }
    key->engine->crypt(key->encrypt, gcm->tag_mask, gcm->counter, NULL, 1);
    store32_be(gcm->counter + 12, load32_be(gcm->counter + 12) + 1);
}

void sm4_gcm_associate(sm4_gcm *gcm, const sm4_key *key, const uint8_t *data, size_t length)
{
    hash_part(gcm, key, gcm->associated, data, length);
    gcm->associated += length;
}

/* Counter blocks of which only the last 32 bits count (6.2), masked with the text. */
static void stream_blocks(sm4_gcm *gcm, const sm4_key *key, uint8_t *out, const uint8_t *in, size_t count)
{
    uint8_t counters[PART_BLOCKS * SM4_BLOCK];
    uint32_t number = load32_be(gcm->counter + 12);
    for (size_t i = 0; i < count; i++) {
        memcpy(counters + SM4_BLOCK * i, gcm->counter, 12);
        store32_be(counters + SM4_BLOCK * i + 12, number++);
    }
    store32_be(gcm->counter + 12, number);
    key->engine->crypt(key->encrypt, out, counters, in, count);
}

/* Octets within a block: from the stream of the block that is begun, or of a new one. */
static void stream_octets(sm4_gcm *gcm, const sm4_key *key, uint8_t *out, const uint8_t *in, size_t length)
{
    static const uint8_t zero[SM4_BLOCK];
    size_t used = gcm->length % SM4_BLOCK;
    if (!used) stream_blocks(gcm, key, gcm->stream, zero, 1);
    for (size_t i = 0; i < length; i++) out[i] = in[i] ^ gcm->stream[used + i];
}

static void crypt_part(sm4_gcm *gcm, const sm4_key *key, uint8_t *out, const uint8_t *in, size_t length, int decrypt)
{
    if (decrypt) hash_part(gcm, key, gcm->length, in, length);
    if (gcm->length % SM4_BLOCK || length < SM4_BLOCK) {
        stream_octets(gcm, key, out, in, length);
    } else {
        stream_blocks(gcm, key, out, in, length / SM4_BLOCK);
    }
    if (!decrypt) hash_part(gcm, key, gcm->length, out, length);
    gcm->length += length;
}

static void crypt_all(sm4_gcm *gcm, const sm4_key *key, uint8_t *out, const uint8_t *in, size_t length, int decrypt)
{
    if (length && !gcm->length) hash_end(gcm, key, gcm->associated); /* once, ahead of the first octet of text */
    while (length) {
        size_t used = gcm->length % SM4_BLOCK, part = length;
        if (used) {
            if (part > SM4_BLOCK - used) part = SM4_BLOCK - used;
        } else if (part >= SM4_BLOCK) {
            part -= part % SM4_BLOCK;
            if (part > PART_BLOCKS * SM4_BLOCK) part = PART_BLOCKS * SM4_BLOCK;
        }
        crypt_part(gcm, key, out, in, part, decrypt);
        in += part, out += part, length -= part;
    }
}

void sm4_gcm_encrypt(sm4_gcm *gcm, const sm4_key *key, uint8_t *out, const uint8_t *in, size_t length)
{
    crypt_all(gcm, key, out, in, length, 0);
}

void sm4_gcm_decrypt(sm4_gcm *gcm, const sm4_key *key, uint8_t *out, const uint8_t *in, size_t length)
{
    crypt_all(gcm, key, out, in, length, 1);
}

void sm4_gcm_finish(sm4_gcm *gcm, const sm4_key *key, uint8_t tag[SM4_BLOCK])
{
    hash_end(gcm, key, gcm->length ? gcm->length : gcm->associated);
    hash_lengths(gcm, key, gcm->associated, gcm->length);
    for (int i = 0; i < SM4_BLOCK; i++) tag[i] = gcm->hash[i] ^ gcm->tag_mask[i];
    secret_wipe(gcm, sizeof *gcm);
}
