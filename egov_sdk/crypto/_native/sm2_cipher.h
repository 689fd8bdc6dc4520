/* SM2 encryption (GB/T 32918.4, 6.1 and 7.1), and its ciphertext as DER (GM/T 0009, 7.2). */
#ifndef EGOV_SM2_CIPHER_H
#define EGOV_SM2_CIPHER_H

#include "sm2_message.h"
#include "sm3_many.h"

/* C2, as long as the plain text, lies where the caller keeps it. */
typedef struct {
    uint8_t c1[64], c3[32];
    const uint8_t *c2;
    size_t length;
} sm2_ciphertext;

/* What C1 and C3 take ahead of C2 as plain octets. */
#define SM2_CIPHER_LEAD 96

/* The most that DER takes beside C2. */
#define SM2_CIPHER_DER_MORE 124

/* Encrypts `length` octets (secret, at least one) and writes C2 to `c2`; the comb of the key may be NULL. The nonce is
 * k = HMAC-SM3(SM3(data), x || y || entropy || 00000000): hedged, as for signatures. Returns 0 if this nonce must not be
 * used, or its key stream is all zeros: take another one; -1 if memory is short. */
int sm2_encrypt(const sm2_kernel *kernel, const sm3_engine *engine, sm2_ciphertext *made, uint8_t *c2,
                const sm2_public *key, const affine *comb, const uint8_t *data, size_t length,
                const uint8_t entropy[32]);

/* Writes the plain text, `sealed->length` octets. Returns 0, and leaves nothing of it, where C1 is no point of the
 * curve, the key stream is all zeros or C3 does not fit; -1 if memory is short. */
int sm2_decrypt(const sm2_kernel *kernel, const sm3_engine *engine, uint8_t *out, const sm2_signer *key,
                const sm2_ciphertext *sealed);

/* Writes SEQUENCE { INTEGER x, INTEGER y, OCTET STRING C3, OCTET STRING C2 } into as many octets as C2 has and
 * SM2_CIPHER_DER_MORE; returns the length. */
size_t sm2_ciphertext_to_der(uint8_t *der, const sm2_ciphertext *from);

/* Reads it to the letter, as sm2_signature_from_der does; C2 has one octet or more and stays where it lies. Returns 0
 * for anything else. Whether C1 is a point of the curve is not looked at. */
int sm2_ciphertext_from_der(sm2_ciphertext *to, const uint8_t *der, size_t length);

#endif
