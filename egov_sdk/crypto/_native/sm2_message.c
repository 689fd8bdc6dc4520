/* Hashing, hedged nonces and DER around the arithmetic: see sm2_message.h. */
#include "sm2_message.h"

int sm2_open_signer(const sm2_kernel *kernel, sm2_signer *signer, const uint8_t d[32])
{
    if (!kernel->open_private(&signer->key, sm2_base, d)) return 0;
    sm3_hmac_prepare(&signer->nonce_key, d, 32);
    memcpy(signer->d, d, sizeof signer->d);
    return 1;
}

void sm2_digest(uint8_t e[32], const uint8_t z[32], const uint8_t *message, size_t length)
{
    sm3_state state;
    sm3_init(&state);
    sm3_update(&state, z, 32);
    sm3_update(&state, message, length);
    sm3_final(&state, e);
}

void sm2_hedged_nonce(uint8_t k[32], const sm2_signer *signer, const uint8_t e[32], const uint8_t entropy[32])
{
    static const uint8_t counter[4] = {0};
    sm3_state state;
    sm3_hmac_start(&state, &signer->nonce_key);
    sm3_update(&state, e, 32);
    sm3_update(&state, entropy, 32);
    sm3_update(&state, counter, sizeof counter);
    sm3_hmac_final(&state, &signer->nonce_key, k);
}

int sm2_sign_message(const sm2_kernel *kernel, uint8_t rs[64], const sm2_signer *signer, const uint8_t z[32],
                     const uint8_t *message, size_t length, const uint8_t entropy[32])
{
    uint8_t e[32], k[32];
    sm2_digest(e, z, message, length);
    sm2_hedged_nonce(k, signer, e, entropy);
    int good = kernel->sign(rs, &signer->key, sm2_base, e, k);
    secret_wipe(k, sizeof k);
    return good;
}

/* Without leading zeros, with one zero before a set top bit. */
size_t sm2_write_integer(uint8_t der[SM2_DER_INTEGER], const uint8_t value[32])
{
    size_t skip = 0, length;
    while (skip < 31 && value[skip] == 0) skip++;
    size_t sign = value[skip] >> 7;
    length = 32 - skip + sign;
    der[0] = 0x02;
    der[1] = (uint8_t)length;
    der[2] = 0;
    memcpy(der + 2 + sign, value + skip, 32 - skip);
    return 2 + length;
}

size_t sm2_signature_to_der(uint8_t der[SM2_DER_MAX], const uint8_t rs[64])
{
    size_t length = sm2_write_integer(der + 2, rs);
    length += sm2_write_integer(der + 2 + length, rs + 32);
    der[0] = 0x30;
    der[1] = (uint8_t)length;
    return 2 + length;
}

size_t sm2_read_integer(uint8_t value[32], const uint8_t *der, size_t left)
{
    if (left < 3 || der[0] != 0x02) return 0;
    size_t length = der[1];
    const uint8_t *content = der + 2;
    if (length == 0 || length > 33 || length > left - 2) return 0;
    if (content[0] & 0x80) return 0;                                            /* negative */
    if (length > 1 && content[0] == 0 && !(content[1] & 0x80)) return 0;        /* not the shortest form */
    if (length == 33 && content[0] != 0) return 0;                              /* more than 256 bits */
    size_t skip = length == 33;
    memset(value, 0, 32);
    memcpy(value + 32 - (length - skip), content + skip, length - skip);
    return 2 + length;
}

int sm2_signature_from_der(uint8_t rs[64], const uint8_t *der, size_t length)
{
    if (length < 8 || length > SM2_DER_MAX || der[0] != 0x30 || der[1] != length - 2) return 0;
    size_t at = 2, taken = sm2_read_integer(rs, der + at, length - at);
    if (!taken) return 0;
    at += taken;
    taken = sm2_read_integer(rs + 32, der + at, length - at);
    return taken && at + taken == length;
}
