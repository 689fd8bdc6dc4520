/* Checks that no branch and no address depends on a secret, after the idea of ctgrind: secrets are marked as undefined
 * memory, and valgrind's memcheck reports every jump and every address that is derived from undefined memory.
 *
 * secrets KERNEL          runs everything that handles secrets: no report is expected
 * secrets KERNEL control  runs the verification, which is allowed to branch, on a secret: there must be a report
 *
 * The processor is not asked: valgrind runs mulx, adcx and adox, but its CPUID does not say so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/memcheck.h>

#include "cpu.h"
#include "sm2_message.h"

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

int main(int count, char **arguments)
{
    const char *name = count > 1 ? arguments[1] : "";
    static const unsigned levels[] = {0, CPU_X86_64, CPU_X86_64 | CPU_ADX | CPU_AVX2};
    const sm2_kernel *kernel = NULL;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (strcmp(sm2_choose(levels[i])->name, name) == 0) kernel = sm2_choose(levels[i]);
    }
    require(kernel != NULL, "a kernel of this name");
    sm2_prepare(kernel);
    if (count > 2) {
        control(kernel);
    } else {
        sign_and_multiply(kernel);
    }
    printf("%s done\n", name);
    return 0;
}
