/* SM2 over whole messages (GB/T 32918.2, 6.1 A1 to A7 and 7.1): hashing, the nonce, and signatures as DER. */
#ifndef EGOV_SM2_MESSAGE_H
#define EGOV_SM2_MESSAGE_H

#include "sm2.h"
#include "sm3.h"

/* A private key with what its nonces are made from, and what it decrypts with. */
typedef struct {
    sm2_private key;
    sm3_hmac_key nonce_key; /* HMAC-SM3 under d */
    uint8_t d[32];          /* as octets, to multiply points with */
} sm2_signer;

/* The longest INTEGER, and the longest SEQUENCE { INTEGER r, INTEGER s } (GM/T 0009, 7.3). */
#define SM2_DER_INTEGER 35
#define SM2_DER_MAX 72

/* Takes d (secret); returns 0 unless it is in [1, n-2]. */
int sm2_open_signer(const sm2_kernel *kernel, sm2_signer *signer, const uint8_t d[32]);

/* e = SM3(Z || message) */
void sm2_digest(uint8_t e[32], const uint8_t z[32], const uint8_t *message, size_t length);

/* k = HMAC-SM3(d, e || entropy || 00000000): hedged, so that a random source that repeats itself gives the same k only
 * for the same key and digest. The counter is the one of the Python implementation, which draws afresh instead of
 * counting. k may be out of range; signing checks that. */
void sm2_hedged_nonce(uint8_t k[32], const sm2_signer *signer, const uint8_t e[32], const uint8_t entropy[32]);

/* Returns 0 if the nonce of this entropy must not be used: come again with fresh entropy. */
int sm2_sign_message(const sm2_kernel *kernel, uint8_t rs[64], const sm2_signer *signer, const uint8_t z[32],
                     const uint8_t *message, size_t length, const uint8_t entropy[32]);

/* One INTEGER of 256 bits or fewer, none negative, in its shortest form. Both return how many octets it takes; 0 where
 * `left` octets do not begin with such a one. */
size_t sm2_write_integer(uint8_t der[SM2_DER_INTEGER], const uint8_t value[32]);
size_t sm2_read_integer(uint8_t value[32], const uint8_t *der, size_t left);

/* Writes r || s as DER; returns its length. */
size_t sm2_signature_to_der(uint8_t der[SM2_DER_MAX], const uint8_t rs[64]);

/* Reads DER to the letter: shortest lengths, shortest numbers, none negative or above 256 bits, nothing after.
 * Returns 0 for anything else. Whether r and s are below n is not looked at. */
int sm2_signature_from_der(uint8_t rs[64], const uint8_t *der, size_t length);

#endif
