/* The C core without Python, for sanitizers and for other processors: known answers of the standards, and every kernel
 * that this processor can run against the portable one over reproducible inputs. Prints one digest of all it computed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cpu.h"
#include "sm2_cipher.h"
#include "sm4.h"

static sm3_state everything;

static void require(int condition, const char *what)
{
    if (condition) return;
    fprintf(stderr, "failed: %s\n", what);
    exit(1);
}

static void unhex(uint8_t *out, const char *text)
{
    for (; *text; text += 2) {
        unsigned value;
        require(sscanf(text, "%2x", &value) == 1, "hexadecimal");
        *out++ = (uint8_t)value;
    }
}

/* Reproducible octets: SM3 of a counter. */
static void draw(uint8_t *out, size_t length)
{
    static uint32_t counter;
    uint8_t block[4], digest[SM3_DIGEST];
    while (length) {
        size_t part = length < SM3_DIGEST ? length : SM3_DIGEST;
        store32_be(block, counter++);
        sm3_hash(digest, block, sizeof block);
        memcpy(out, digest, part);
        out += part, length -= part;
    }
}

static size_t draw_below(size_t bound)
{
    uint8_t octets[4];
    draw(octets, sizeof octets);
    return load32_be(octets) % bound;
}

static const unsigned LEVELS[] = {
    0,
    CPU_X86_64,
    CPU_X86_64 | CPU_AVX2 | CPU_AES | CPU_CLMUL,
    CPU_X86_64 | CPU_ADX | CPU_AVX2 | CPU_AES | CPU_CLMUL | CPU_GFNI,
    CPU_ALL,
};

static int runs_here(unsigned level)
{
    return (cpu_features() & level) == level;
}

/* GB/T 32918.5-2017, A.2 */
static void sm2_example(const sm2_kernel *kernel)
{
    uint8_t d[32], e[32], k[32], point[64], expected[64], rs[64];
    sm2_private key;
    sm2_public public;
    unhex(d, "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8");
    unhex(e, "F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640");
    unhex(k, "59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21");
    unhex(point, "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
                 "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13");
    unhex(expected, "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
                    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA");
    require(kernel->open_private(&key, sm2_base, d) && !memcmp(key.point, point, 64), "public key of A.2");
    require(kernel->sign(rs, &key, sm2_base, e, k) && !memcmp(rs, expected, 64), "signature of A.2");
    require(kernel->open_public(&public, point) && kernel->verify(&public, NULL, sm2_base, e, rs), "verification of A.2");
}

/* Encrypts something there and back, with a comb as without, and as DER; then with each octet of it changed. */
static void sm2_cipher_round(const sm2_kernel *kernel, const sm3_engine *engine, const uint8_t d[32],
                             const affine *comb, size_t length)
{
    enum { MOST = 300 };
    static uint8_t data[MOST], c2[MOST], again[MOST], back[MOST], der[MOST + SM2_CIPHER_DER_MORE];
    uint8_t entropy[32];
    sm2_ciphertext made, other, read;
    sm2_signer signer;
    sm2_public key;
    draw(data, length), draw(entropy, 32);
    require(sm2_open_signer(kernel, &signer, d) && kernel->open_public(&key, signer.key.point), "a key");
    require(sm2_encrypt(kernel, engine, &made, c2, &key, NULL, data, length, entropy) == 1, "encrypt");
    require(sm2_encrypt(kernel, engine, &other, again, &key, comb, data, length, entropy) == 1, "encrypt with a comb");
    require(!memcmp(made.c1, other.c1, 64) && !memcmp(made.c3, other.c3, 32) && !memcmp(c2, again, length), "the same");
    size_t size = sm2_ciphertext_to_der(der, &made);
    require(sm2_ciphertext_from_der(&read, der, size) && read.length == length, "DER of a ciphertext");
    require(sm2_decrypt(kernel, engine, back, &signer, &read) == 1 && !memcmp(back, data, length), "decrypt");
    sm3_update(&everything, der, size);
    for (size_t i = 0; i < size; i += 7) {
        uint8_t *exact = malloc(i + 1); /* the sanitizer sees what is read behind it */
        memcpy(exact, der, i);
        require(!sm2_ciphertext_from_der(&read, exact, i), "DER of a ciphertext cut short");
        free(exact);
        der[i] ^= 1;
        require(!sm2_ciphertext_from_der(&read, der, size) || sm2_decrypt(kernel, engine, back, &signer, &read) == 0,
                "a changed ciphertext");
        der[i] ^= 1;
    }
}

static void sm2_round(const sm2_kernel *kernel, int round)
{
    static affine comb[SM2_KEY_POINTS];
    uint8_t d[32], e[32], k[32], rs[64], der[SM2_DER_MAX], read[64], left[64], right[64];
    sm2_job jobs[SM2_MANY];
    sm2_private key;
    sm2_public public;
    draw(d, 32), draw(e, 32), draw(k, 32);
    if (!kernel->open_private(&key, sm2_base, d) || !kernel->sign(rs, &key, sm2_base, e, k)) return;
    require(kernel->open_public(&public, key.point), "own public key");
    kernel->build_comb(comb, &public.point, SM2_KEY_WINDOW, SM2_KEY_ROWS);
    require(kernel->verify(&public, NULL, sm2_base, e, rs) && kernel->verify(&public, comb, sm2_base, e, rs), "verify");
    size_t length = sm2_signature_to_der(der, rs);
    require(sm2_signature_from_der(read, der, length) && !memcmp(read, rs, 64), "DER there and back");
    require(!sm2_signature_from_der(read, der, length - 1), "DER cut short");
    sm3_update(&everything, der, length);

    size_t count = 1 + (size_t)round % SM2_MANY;
    for (size_t i = 0; i < count; i++) draw(jobs[i].e, 32), draw(jobs[i].k, 32);
    memcpy(jobs[0].e, e, 32), memcpy(jobs[0].k, k, 32);
    if (count > 1) memset(jobs[1].k, 0, 32);
    kernel->sign_many(jobs, count, &key, sm2_base);
    require(jobs[0].good && !memcmp(jobs[0].rs, rs, 64), "one of many");
    require(count == 1 || !jobs[1].good, "a nonce of zero");

    rs[round % 64] ^= (uint8_t)(1 << round % 8);
    require(!kernel->verify(&public, NULL, sm2_base, e, rs) && !kernel->verify(&public, comb, sm2_base, e, rs), "spoilt");
    require(kernel->multiply_base(left, sm2_base, k) == 1 && kernel->multiply(left, left, d) == 1, "[d][k]G");
    require(kernel->multiply(right, key.point, k) == 1 && !memcmp(left, right, 64), "[k][d]G");
    uint8_t both[2][128];
    require(kernel->nonce_products(both[0], &public, NULL, sm2_base, k), "products for a nonce");
    require(kernel->nonce_products(both[1], &public, comb, sm2_base, k), "products for a nonce, with a comb");
    require(!memcmp(both[0], both[1], 128) && !memcmp(both[0] + 64, right, 64), "[k]G and [k][d]G");
    if (round < 8) sm2_cipher_round(kernel, sm3_choose(0), d, comb, 1 + 36 * (size_t)round);
    require(kernel->add(right, left, right) == 1, "a doubling");
    sm3_update(&everything, right, 64);
    left[63] ^= 1;
    require(!kernel->open_public(&public, left) && kernel->multiply(right, left, k) == -1, "off the curve");
}

static void sm3_rounds(const sm3_engine *engine)
{
    enum { MOST = 70 };
    static uint8_t text[5000], digests[MOST][SM3_DIGEST], alone[SM3_DIGEST], out[1000];
    sm3_message messages[MOST];
    draw(text, sizeof text);
    sm3_hash(alone, (const uint8_t *)"abc", 3);
    require(alone[0] == 0x66 && alone[31] == 0xE0, "SM3 of abc");
    for (int round = 0; round < 60; round++) {
        size_t count = draw_below(MOST), longest = round % 3 ? 300 : 4000;
        for (size_t i = 0; i < count; i++) {
            size_t length = draw_below(longest);
            messages[i] = (sm3_message){text + draw_below(sizeof text - length), length};
        }
        sm3_many(engine, digests, &SM3_START, 0, messages, count);
        for (size_t i = 0; i < count; i++) {
            sm3_hash(alone, messages[i].data, messages[i].length);
            require(!memcmp(alone, digests[i], SM3_DIGEST), "one of many digests");
        }
        sm3_message z = {text, draw_below(200)}, info = {text + 300, draw_below(20)};
        require(sm3_kdf(engine, out, draw_below(sizeof out), &z, &info), "kdf");
        sm3_update(&everything, out, sizeof out);
    }
}

static void sm4_rounds(const sm4_engine *engine, const ghash_engine *ghash)
{
    static uint8_t text[9000], out[9000], expected[9000], back[9000];
    uint8_t octets[16], iv[16], iv_again[16], tag[16], tag_again[16];
    sm4_key key, plain;
    sm4_gcm gcm;
    unhex(octets, "0123456789ABCDEFFEDCBA9876543210");
    unhex(expected, "681EDF34D206965E86B3E94F536E4246");
    sm4_prepare(&key, engine, ghash, octets);
    engine->crypt(key.encrypt, out, octets, NULL, 1);
    require(!memcmp(out, expected, 16), "the example of SM4");
    for (int round = 0; round < 40; round++) {
        size_t length = draw_below(round % 2 ? 300 : sizeof text), blocks = length / 16, at;
        draw(octets, 16), draw(iv, 16), draw(text, length);
        sm4_prepare(&key, engine, ghash, octets);
        sm4_prepare(&plain, &sm4_engine_planes, &ghash_engine_portable, octets);
        require(!memcmp(key.encrypt, plain.encrypt, sizeof key.encrypt), "round keys");
        sm4_ctr(&key, out, text, iv, (size_t)round % 16, length);
        sm4_ctr(&plain, expected, text, iv, (size_t)round % 16, length);
        require(!memcmp(out, expected, length), "ctr");

        memcpy(iv_again, iv, 16);
        sm4_cbc_encrypt(&key, out, text, iv_again, blocks);
        memcpy(iv_again, iv, 16);
        sm4_cbc_decrypt(&key, back, out, iv_again, blocks);
        require(!memcmp(back, text, blocks * 16), "cbc there and back");

        sm4_gcm_start(&gcm, &key, iv, 1 + (size_t)round % 16);
        sm4_gcm_associate(&gcm, &key, text, length % 50);
        sm4_gcm_encrypt(&gcm, &key, out, text, length);
        sm4_gcm_finish(&gcm, &key, tag);
        sm4_gcm_start(&gcm, &plain, iv, 1 + (size_t)round % 16);
        for (size_t i = 0; i < length % 50; i++) sm4_gcm_associate(&gcm, &plain, text + i, 1);
        for (at = 0; at < length;) {
            size_t part = 1 + draw_below(length - at < 700 ? length - at : 700);
            sm4_gcm_decrypt(&gcm, &plain, back + at, out + at, part);
            at += part;
        }
        sm4_gcm_finish(&gcm, &plain, tag_again);
        require(!memcmp(back, text, length) && !memcmp(tag, tag_again, 16), "gcm in parts");
        sm3_update(&everything, tag, 16);

        sm4_ccm ccm = {iv, text, 7 + (size_t)round % 7, length % 40, 4 + 2 * ((size_t)round % 7)};
        sm4_ccm_encrypt(&key, &ccm, out, text, length, tag);
        sm4_ccm_decrypt(&key, &ccm, back, out, length, tag_again);
        require(!memcmp(back, text, length) && !memcmp(tag, tag_again, 16), "ccm there and back");
        sm3_update(&everything, tag, 16);
    }
}

int main(void)
{
    uint8_t digest[SM3_DIGEST];
    for (size_t i = 0; i < sizeof LEVELS / sizeof *LEVELS; i++) {
        if (!runs_here(LEVELS[i])) {
            printf("level %zu cannot run here\n", i);
            continue;
        }
        const sm2_kernel *kernel = sm2_choose(LEVELS[i]);
        sm3_init(&everything);
        sm2_prepare(kernel);
        sm2_example(kernel);
        for (int round = 0; round < 40; round++) sm2_round(kernel, round);
        sm3_rounds(sm3_choose(LEVELS[i]));
        sm4_rounds(sm4_choose(LEVELS[i]), ghash_choose(LEVELS[i]));
        sm3_final(&everything, digest);
        printf("%s; %s; %s; %s: good\n", kernel->name, sm3_choose(LEVELS[i])->name, sm4_choose(LEVELS[i])->name,
               ghash_choose(LEVELS[i])->name);
    }
    return 0;
}
