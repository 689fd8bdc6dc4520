/* Checks that no branch and no address depends on a secret, after the idea of ctgrind: secrets are marked as undefined
 * memory, and valgrind's memcheck reports every jump and every address that is derived from undefined memory.
 *
 * secrets sm2 KERNEL          runs everything that handles secrets: no report is expected
 * secrets sm2 KERNEL control  runs the verification, which is allowed to branch, on a secret: there must be a report
 * secrets sm3                 HMAC, KDF, PBKDF2 and the lanes
 * secrets sm4 ENGINE          the key schedule, the block modes, GCM and CCM, with the GHASH that goes with the engine
 * secrets sm4 control         looks up an octet of a table by a secret: there must be a report
 *
 * The processor is not asked: valgrind runs mulx, adcx and adox, but its CPUID does not say so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/memcheck.h>

#include "cpu.h"
#include "sm2_cipher.h"
#include "sm4.h"

static const uint8_t D[32] = {0x39, 0x45, 0x20, 0x8F, 0x7B, 0x21, 0x44, 0xB1, 0x3F, 0x36, 0xE3, 0x8A, 0xC6, 0xD3, 0x9F, 0x95,
                              0x88, 0x93, 0x93, 0x69, 0x28, 0x60, 0xB5, 0x1A, 0x42, 0xFB, 0x81, 0xEF, 0x4D, 0xF7, 0xC5, 0xB8};

static void secret(void *memory, size_t length)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(memory, length);
}

static void public(void *memory, size_t length)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(memory, length);
}

static void require(int condition, const char *what)
{
    if (condition) return;
    fprintf(stderr, "failed: %s\n", what);
    exit(2);
}

static void encrypt_and_decrypt(const sm2_kernel *kernel, const sm2_signer *signer, const sm2_public *key,
                                const affine *comb)
{
    uint8_t data[40], entropy[32], c2[40], back[40];
    sm2_ciphertext made;
    memset(data, 0x21, sizeof data);
    memset(entropy, 0x77, sizeof entropy);
    secret(data, sizeof data);
    secret(entropy, sizeof entropy);
    require(sm2_encrypt(kernel, sm3_choose(0), &made, c2, key, comb, data, sizeof data, entropy) == 1, "encrypt");
    public(&made, sizeof made);
    public(c2, sizeof c2);
    require(sm2_decrypt(kernel, sm3_choose(0), back, signer, &made) == 1, "decrypt");
    public(data, sizeof data);
    public(back, sizeof back);
    require(!memcmp(data, back, sizeof data), "decrypted what was encrypted");
    c2[7] ^= 1;
    require(sm2_decrypt(kernel, sm3_choose(0), back, signer, &made) == 0, "a changed ciphertext");
}

static void sign_and_multiply(const sm2_kernel *kernel)
{
    sm2_signer signer;
    sm2_public verifier;
    sm2_job jobs[3];
    uint8_t d[32], k[32], entropy[32], point[64], product[64], rs[64], z[32] = {1}, e[32] = {2};

    memcpy(d, D, 32);
    secret(d, 32);
    require(sm2_open_signer(kernel, &signer, d), "open");
    public(signer.key.point, 64);
    require(kernel->open_public(&verifier, signer.key.point), "public point");

    memset(k, 0x5A, 32);
    secret(k, 32);
    require(kernel->sign(rs, &signer.key, sm2_base, e, k), "sign");
    public(rs, 64);
    require(kernel->verify(&verifier, NULL, sm2_base, e, rs), "verify");

    memset(entropy, 0x77, 32);
    secret(entropy, 32);
    require(sm2_sign_message(kernel, rs, &signer, z, (const uint8_t *)"message", 7, entropy), "sign a message");
    public(rs, 64);
    sm2_digest(e, z, (const uint8_t *)"message", 7);
    require(kernel->verify(&verifier, NULL, sm2_base, e, rs), "verify a message");

    for (int i = 0; i < 3; i++) {
        memset(jobs[i].e, i, 32);
        memset(jobs[i].k, 0x11 * (i + 1), 32);
        secret(jobs[i].k, 32);
    }
    kernel->sign_many(jobs, 3, &signer.key, sm2_base);
    for (int i = 0; i < 3; i++) {
        public(jobs[i].rs, 64);
        require(jobs[i].good && kernel->verify(&verifier, NULL, sm2_base, jobs[i].e, jobs[i].rs), "sign many");
    }

    static affine comb[SM2_KEY_POINTS];
    uint8_t both[2][128];
    kernel->build_comb(comb, &verifier.point, SM2_KEY_WINDOW, SM2_KEY_ROWS);
    for (int i = 0; i < 2; i++) {
        memset(k, 0x5A, 32);
        secret(k, 32);
        require(kernel->nonce_products(both[i], &verifier, i ? comb : NULL, sm2_base, k), "products for a nonce");
        public(both[i], 128);
    }
    require(!memcmp(both[0], both[1], 128), "with a comb as without");
    encrypt_and_decrypt(kernel, &signer, &verifier, NULL);
    encrypt_and_decrypt(kernel, &signer, &verifier, comb);

    memset(k, 0x5A, 32);
    secret(k, 32);
    require(kernel->multiply_base(point, sm2_base, k) == 1, "multiply the generator");
    public(point, 64);
    require(kernel->multiply(product, point, d) == 1, "multiply a point");
    public(product, 64);
}

static void control(const sm2_kernel *kernel)
{
    sm2_public key;
    uint8_t k[32] = {1}, e[32] = {0}, point[64], rs[64];
    require(kernel->multiply_base(point, sm2_base, k) == 1 && kernel->open_public(&key, point), "control");
    memset(rs, 0x5A, 64);
    secret(rs, 64);
    int good = kernel->verify(&key, NULL, sm2_base, e, rs);
    public(&good, sizeof good);
    printf("control %d\n", good);
}

static void sm2(const char *name, int with_control)
{
    static const unsigned levels[] = {0, CPU_X86_64, CPU_X86_64 | CPU_ADX | CPU_AVX2};
    const sm2_kernel *kernel = NULL;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (strcmp(sm2_choose(levels[i])->name, name) == 0) kernel = sm2_choose(levels[i]);
    }
    require(kernel != NULL, "a kernel of this name");
    sm2_prepare(kernel);
    (with_control ? control : sign_and_multiply)(kernel);
}

static void sm3(void)
{
    static const unsigned levels[] = {0, CPU_AVX2};
    static uint8_t text[1000], digests[40][SM3_DIGEST], out[500];
    uint8_t tag[SM3_DIGEST], key[32];
    sm3_message messages[40], whole = {text, sizeof text}, password = {key, 32};
    sm3_hmac_key prepared;
    sm3_state state;

    memset(text, 7, sizeof text);
    memset(key, 8, sizeof key);
    secret(text, sizeof text);
    secret(key, sizeof key);
    sm3_hmac_prepare(&prepared, key, 32);
    sm3_hmac_start(&state, &prepared);
    sm3_update(&state, text, 333);
    sm3_hmac_final(&state, &prepared, tag);
    sm3_pbkdf2(out, 70, &password, &whole, 3);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        const sm3_engine *engine = sm3_choose(levels[i]);
        for (size_t j = 0; j < 40; j++) messages[j] = (sm3_message){text, 17 * j};
        sm3_many(engine, digests, &SM3_START, 0, messages, 40);
        require(sm3_kdf(engine, out, sizeof out, &whole, &password), "kdf");
    }
}

static void sm4(const char *name)
{
    static const unsigned levels[] = {0, CPU_AES | CPU_AVX2 | CPU_CLMUL};
    static uint8_t text[2000], out[2000], back[2000];
    uint8_t octets[16] = {3}, iv[16] = {4}, tag[16], again[16];
    sm4_gcm gcm;
    sm4_key key;
    sm4_ccm ccm = {iv, text, 12, 33, 16};
    const sm4_engine *engine = NULL;
    const ghash_engine *ghash = NULL;

    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (strcmp(sm4_choose(levels[i])->name, name) != 0) continue;
        engine = sm4_choose(levels[i]);
        ghash = ghash_choose(levels[i]);
    }
    require(engine != NULL, "an engine of this name");
    memset(text, 5, sizeof text);
    secret(octets, sizeof octets);
    secret(text, sizeof text);
    sm4_prepare(&key, engine, ghash, octets);
    engine->crypt(key.encrypt, out, text, NULL, 100);
    sm4_ctr(&key, out, text, iv, 3, 1000);
    sm4_cbc_encrypt(&key, out, text, iv, 20);
    memset(iv, 4, 16);
    sm4_cbc_decrypt(&key, back, out, iv, 20);
    sm4_gcm_start(&gcm, &key, text, 12);
    sm4_gcm_associate(&gcm, &key, text, 45);
    sm4_gcm_encrypt(&gcm, &key, out, text, sizeof text);
    sm4_gcm_finish(&gcm, &key, tag);
    sm4_gcm_start(&gcm, &key, text, 12);
    sm4_gcm_associate(&gcm, &key, text, 45);
    sm4_gcm_decrypt(&gcm, &key, back, out, sizeof text);
    sm4_gcm_finish(&gcm, &key, again);
    public(tag, 16), public(again, 16), public(back, sizeof back), public(text, sizeof text);
    require(!memcmp(tag, again, 16) && !memcmp(back, text, sizeof text), "gcm there and back");
    secret(text, sizeof text);
    memset(iv, 4, 16);
    sm4_ccm_encrypt(&key, &ccm, out, text, 1999, tag);
}

static void look_up(void)
{
    static uint8_t table[256];
    uint8_t index = 200;
    secret(&index, 1);
    table[index] = 1;
    printf("control %d\n", table[1]);
}

int main(int count, char **arguments)
{
    const char *what = count > 1 ? arguments[1] : "", *name = count > 2 ? arguments[2] : "";
    if (!strcmp(what, "sm2")) {
        sm2(name, count > 3);
    } else if (!strcmp(what, "sm3")) {
        sm3();
    } else if (!strcmp(what, "sm4") && !strcmp(name, "control")) {
        look_up();
    } else if (!strcmp(what, "sm4")) {
        sm4(name);
    } else {
        return 2;
    }
    printf("done\n");
    return 0;
}
