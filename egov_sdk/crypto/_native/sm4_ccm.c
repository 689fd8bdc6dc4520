/* SM4-CCM (NIST SP 800-38C; RFC 8998) of whole messages. */
#include "sm4.h"

/* CBC-MAC over octets that are filled up with zeros to whole blocks. */
static void mac_padded(const sm4_key *key, uint8_t mac[SM4_BLOCK], const uint8_t *data, size_t length)
{
    size_t whole = length / SM4_BLOCK, rest = length % SM4_BLOCK;
    uint8_t last[SM4_BLOCK] = {0};
    key->engine->chain(key->encrypt, NULL, data, mac, whole);
    if (rest) {
        memcpy(last, data + whole * SM4_BLOCK, rest);
        key->engine->chain(key->encrypt, NULL, last, mac, 1);
        secret_wipe(last, sizeof last);
    }
}

/* A.2.2: the length of the associated data in 2, 6 or 10 octets, then the data, together padded to whole blocks */
static void mac_associated(const sm4_key *key, uint8_t mac[SM4_BLOCK], const uint8_t *data, size_t length)
{
    uint8_t first[SM4_BLOCK] = {0};
    size_t used = 2;
    if (!length) return;
    if (length < 0xFF00) {
        first[0] = (uint8_t)(length >> 8);
        first[1] = (uint8_t)length;
    } else if ((uint64_t)length >> 32 == 0) {
        first[0] = 0xFF;
        first[1] = 0xFE;
        store32_be(first + 2, (uint32_t)length);
        used = 6;
    } else {
        first[0] = first[1] = 0xFF;
        store64_be(first + 2, length);
        used = 10;
    }
    size_t part = length < SM4_BLOCK - used ? length : SM4_BLOCK - used;
    memcpy(first + used, data, part);
    key->engine->chain(key->encrypt, NULL, first, mac, 1);
    mac_padded(key, mac, data + part, length - part);
}

/* A.2.1: B0, then the associated data, then the text */
static void make_mac(const sm4_key *key, const sm4_ccm *ccm, uint8_t mac[SM4_BLOCK], const uint8_t *text, size_t length)
{
    size_t width = 15 - ccm->nonce_length;
    uint8_t first[SM4_BLOCK] = {0};
    first[0] = (uint8_t)((ccm->associated_length ? 0x40 : 0) + 8 * ((ccm->tag_length - 2) / 2) + width - 1);
    memcpy(first + 1, ccm->nonce, ccm->nonce_length);
    for (size_t i = 0; i < width && i < 8; i++) first[15 - i] = (uint8_t)((uint64_t)length >> 8 * i);
    memset(mac, 0, SM4_BLOCK);
    key->engine->chain(key->encrypt, NULL, first, mac, 1);
    mac_associated(key, mac, ccm->associated, ccm->associated_length);
    mac_padded(key, mac, text, length);
}

/* A.3: counter block 0 masks the tag, the text begins with 1 */
static void first_counter(const sm4_ccm *ccm, uint8_t counter[SM4_BLOCK])
{
    memset(counter, 0, SM4_BLOCK);
    counter[0] = (uint8_t)(15 - ccm->nonce_length - 1);
    memcpy(counter + 1, ccm->nonce, ccm->nonce_length);
}

static void crypt_text(const sm4_key *key, const sm4_ccm *ccm, uint8_t *out, const uint8_t *in, size_t length)
{
    uint8_t counter[SM4_BLOCK];
    first_counter(ccm, counter);
    counter[15] = 1;
    sm4_ctr(key, out, in, counter, 0, length);
}

static void mask_tag(const sm4_key *key, const sm4_ccm *ccm, uint8_t tag[SM4_BLOCK], const uint8_t mac[SM4_BLOCK])
{
    uint8_t counter[SM4_BLOCK];
    first_counter(ccm, counter);
    key->engine->crypt(key->encrypt, tag, counter, mac, 1);
}

void sm4_ccm_encrypt(const sm4_key *key, const sm4_ccm *ccm, uint8_t *out, const uint8_t *in, size_t length,
                     uint8_t tag[SM4_BLOCK])
{
    uint8_t mac[SM4_BLOCK];
    make_mac(key, ccm, mac, in, length);
    mask_tag(key, ccm, tag, mac);
    crypt_text(key, ccm, out, in, length);
    secret_wipe(mac, sizeof mac);
}

void sm4_ccm_decrypt(const sm4_key *key, const sm4_ccm *ccm, uint8_t *out, const uint8_t *in, size_t length,
                     uint8_t tag[SM4_BLOCK])
{
    uint8_t mac[SM4_BLOCK];
    crypt_text(key, ccm, out, in, length);
    make_mac(key, ccm, mac, out, length);
    mask_tag(key, ccm, tag, mac);
    secret_wipe(mac, sizeof mac);
}
