/* The key schedule of SM4 (GB/T 32907-2016, 7.3), the choice of the block kernel, and CBC and CTR. */
#include "sm4.h"
#include "cpu.h"

const sm4_engine *sm4_choose(unsigned features)
{
#if defined(__x86_64__)
    if ((features & CPU_GFNI) && (features & CPU_AVX2)) {
        return features & CPU_AVX512 ? &sm4_engine_gfni_avx512 : &sm4_engine_gfni_avx2;
    }
    if ((features & CPU_AES) && (features & CPU_AVX2)) return &sm4_engine_aesni;
#endif
    (void)features;
    return &sm4_engine_planes;
}

EGOV_INLINE uint32_t rotl(uint32_t value, int bits)
{
    return value << bits | value >> (32 - bits);
}

void sm4_prepare(sm4_key *key, const sm4_engine *engine, const ghash_engine *ghash, const uint8_t octets[SM4_BLOCK])
{
    static const uint32_t system[4] = {0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC};
    uint8_t zero[SM4_BLOCK] = {0};
    uint32_t k[4];
    key->engine = engine;
    key->ghash = ghash;
    for (int i = 0; i < 4; i++) k[i] = load32_be(octets + 4 * i) ^ system[i];
    for (uint32_t i = 0; i < 32; i++) {
        uint32_t constant = 0; /* octet j of CK[i] is (4i + j) * 7 mod 256 */
        for (uint32_t j = 0; j < 4; j++) constant = constant << 8 | ((4 * i + j) * 7 & 0xFF);
        uint32_t b = engine->substitute(k[(i + 1) & 3] ^ k[(i + 2) & 3] ^ k[(i + 3) & 3] ^ constant);
        k[i & 3] ^= b ^ rotl(b, 13) ^ rotl(b, 23);
        key->encrypt[i] = key->decrypt[31 - i] = k[i & 3];
    }
    engine->crypt(key->encrypt, zero, zero, NULL, 1);
    ghash->prepare(&key->hash_key, zero);
    secret_wipe(zero, sizeof zero);
    secret_wipe(k, sizeof k);
}

void sm4_cbc_encrypt(const sm4_key *key, uint8_t *out, const uint8_t *in, uint8_t iv[SM4_BLOCK], size_t blocks)
{
    key->engine->chain(key->encrypt, out, in, iv, blocks);
}

void sm4_cbc_decrypt(const sm4_key *key, uint8_t *out, const uint8_t *in, uint8_t iv[SM4_BLOCK], size_t blocks)
{
    if (!blocks) return;
    /* each block is masked with the ciphertext before it */
    key->engine->crypt(key->decrypt, out, in, iv, 1);
    key->engine->crypt(key->decrypt, out + SM4_BLOCK, in + SM4_BLOCK, in, blocks - 1);
    memcpy(iv, in + SM4_BLOCK * (blocks - 1), SM4_BLOCK);
}

#define CTR_BLOCKS 128

void sm4_ctr(const sm4_key *key, uint8_t *out, const uint8_t *in, const uint8_t counter[SM4_BLOCK], size_t skip,
             size_t length)
{
    uint8_t counters[CTR_BLOCKS * SM4_BLOCK];
    uint64_t high = load64_be(counter), low = load64_be(counter + 8);
    while (length) {
        size_t wanted = (skip + length + SM4_BLOCK - 1) / SM4_BLOCK, blocks = wanted < CTR_BLOCKS ? wanted : CTR_BLOCKS;
        for (size_t i = 0; i < blocks; i++) {
            store64_be(counters + SM4_BLOCK * i, high);
            store64_be(counters + SM4_BLOCK * i + 8, low);
            high += ++low == 0;
        }
        size_t part = blocks * SM4_BLOCK - skip;
        if (skip || length < part) { /* not whole blocks: the stream first, then what of it is asked for */
            if (length < part) part = length;
            key->engine->crypt(key->encrypt, counters, counters, NULL, blocks);
            for (size_t i = 0; i < part; i++) out[i] = in[i] ^ counters[skip + i];
            skip = 0;
        } else {
            key->engine->crypt(key->encrypt, out, counters, in, blocks);
        }
        in += part, out += part, length -= part;
    }
    secret_wipe(counters, sizeof counters);
}
