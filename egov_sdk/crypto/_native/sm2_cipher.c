/* SM2 encryption and its DER: see sm2_cipher.h. */
#include "sm2_cipher.h"

/* k = HMAC-SM3(SM3(data), x || y || entropy || 00000000) */
static void encryption_nonce(uint8_t k[32], const sm2_public *key, const uint8_t *data, size_t length,
                             const uint8_t entropy[32])
{
    static const uint8_t counter[4] = {0};
    sm3_hmac_key under;
    sm3_state state;
    uint8_t digest[SM3_DIGEST];
    sm3_hash(digest, data, length);
    sm3_hmac_prepare(&under, digest, sizeof digest);
    sm3_hmac_start(&state, &under);
    sm3_update(&state, key->octets, 64);
    sm3_update(&state, entropy, 32);
    sm3_update(&state, counter, sizeof counter);
    sm3_hmac_final(&state, &under, k);
    secret_wipe(digest, sizeof digest);
    secret_wipe(&under, sizeof under);
}

/* Writes data ^ KDF(x2 || y2). Returns 0 if the key stream is all zeros, -1 if memory is short. */
static int mask(const sm3_engine *engine, uint8_t *out, const uint8_t shared[64], const uint8_t *data, size_t length)
{
    const sm3_message z = {shared, 64}, none = {(const uint8_t *)"", 0};
    uint8_t any = 0;
    if (!sm3_kdf(engine, out, length, &z, &none)) return -1;
    for (size_t i = 0; i < length; i++) {
        any |= out[i];
        out[i] ^= data[i];
    }
    uint64_t usable = 1 ^ ct_is_zero(any);
    EGOV_DECLASSIFY(&usable, sizeof usable);
    return (int)usable;
}

/* C3 = SM3(x2 || M || y2) */
static void tag(uint8_t c3[32], const uint8_t shared[64], const uint8_t *data, size_t length)
{
    sm3_state state;
    sm3_init(&state);
    sm3_update(&state, shared, 32);
    sm3_update(&state, data, length);
    sm3_update(&state, shared + 32, 32);
    sm3_final(&state, c3);
}

int sm2_encrypt(const sm2_kernel *kernel, const sm3_engine *engine, sm2_ciphertext *made, uint8_t *c2,
                const sm2_public *key, const affine *comb, const uint8_t *data, size_t length,
                const uint8_t entropy[32])
{
    uint8_t k[32], both[128]; /* [k]G, then [k]P, which is secret */
    encryption_nonce(k, key, data, length, entropy);
    int good = kernel->nonce_products(both, key, comb, sm2_base, k);
    if (good) good = mask(engine, c2, both + 64, data, length);
    if (good == 1) {
        tag(made->c3, both + 64, data, length);
        memcpy(made->c1, both, 64);
        made->c2 = c2;
        made->length = length;
    }
    secret_wipe(k, sizeof k);
    secret_wipe(both, sizeof both);
    return good;
}

int sm2_decrypt(const sm2_kernel *kernel, const sm3_engine *engine, uint8_t *out, const sm2_signer *key,
                const sm2_ciphertext *sealed)
{
    uint8_t shared[64], expected[32];
    uint64_t different = 0;
    int good = kernel->multiply(shared, sealed->c1, key->d);
    if (good < 1) return 0; /* d is in [1, n-2]: infinity does not come of a point */
    good = mask(engine, out, shared, sealed->c2, sealed->length);
    if (good == 1) {
        tag(expected, shared, out, sealed->length);
        for (size_t i = 0; i < sizeof expected; i++) different |= (uint64_t)(expected[i] ^ sealed->c3[i]);
        uint64_t fits = ct_is_zero(different);
        EGOV_DECLASSIFY(&fits, sizeof fits);
        good = (int)fits;
    }
    if (good != 1) secret_wipe(out, sealed->length);
    secret_wipe(shared, sizeof shared);
    secret_wipe(expected, sizeof expected);
    return good;
}

/* Tag and shortest length ahead of a content of `length` octets. */
static size_t write_head(uint8_t *der, uint8_t tag_octet, size_t length)
{
    size_t more = 0;
    der[0] = tag_octet;
    if (length > 0x7F) {
        for (size_t left = length; left; left >>= 8) more++;
        for (size_t i = 0; i < more; i++) der[2 + i] = (uint8_t)(length >> (8 * (more - 1 - i)));
    }
    der[1] = (uint8_t)(more ? 0x80 | more : length);
    return 2 + more;
}

size_t sm2_ciphertext_to_der(uint8_t *der, const sm2_ciphertext *from)
{
    uint8_t numbers[2 * SM2_DER_INTEGER], head[10];
    size_t size = sm2_write_integer(numbers, from->c1);
    size += sm2_write_integer(numbers + size, from->c1 + 32);
    size_t head_size = write_head(head, 0x04, from->length);
    size_t at = write_head(der, 0x30, size + 2 + sizeof from->c3 + head_size + from->length);
    memcpy(der + at, numbers, size);
    at += size;
    at += write_head(der + at, 0x04, sizeof from->c3);
    memcpy(der + at, from->c3, sizeof from->c3);
    at += sizeof from->c3;
    memcpy(der + at, head, head_size);
    at += head_size;
    memcpy(der + at, from->c2, from->length);
    return at + from->length;
}

/* Reads tag and shortest length at the front of `left` octets; returns how many they took, 0 if they are others, or if
 * the content that they announce is not there. */
static size_t read_head(size_t *length, const uint8_t *der, size_t left, uint8_t tag_octet)
{
    if (left < 2 || der[0] != tag_octet) return 0;
    size_t taken = 2;
    *length = der[1];
    if (der[1] > 0x7F) {
        size_t more = der[1] & 0x7F;
        if (more == 0 || more > sizeof *length || more > left - 2 || der[2] == 0) return 0;
        *length = 0;
        for (size_t i = 0; i < more; i++) *length = *length << 8 | der[2 + i];
        if (*length < 0x80) return 0;
        taken += more;
    }
    return *length > left - taken ? 0 : taken;
}

int sm2_ciphertext_from_der(sm2_ciphertext *to, const uint8_t *der, size_t length)
{
    size_t size, taken = read_head(&size, der, length, 0x30);
    if (!taken || taken + size != length) return 0;
    const uint8_t *end = der + length;
    der += taken;
    for (int i = 0; i < 2; i++) {
        taken = sm2_read_integer(to->c1 + 32 * i, der, (size_t)(end - der));
        if (!taken) return 0;
        der += taken;
    }
    taken = read_head(&size, der, (size_t)(end - der), 0x04);
    if (!taken || size != sizeof to->c3) return 0;
    memcpy(to->c3, der + taken, size);
    der += taken + size;
    taken = read_head(&to->length, der, (size_t)(end - der), 0x04);
    if (!taken || !to->length) return 0;
    to->c2 = der + taken;
    return to->c2 + to->length == end;
}
