/* The choice among the builds of sm2_core.h, and the comb of the generator that they share. */
#include "sm2.h"
#include "cpu.h"

affine sm2_base[SM2_BASE_POINTS] __attribute__((aligned(64)));

const sm2_kernel *sm2_choose(unsigned features)
{
#if defined(__x86_64__)
    if ((features & CPU_ADX) && (features & CPU_AVX2)) return &sm2_kernel_adx;
    if (features & CPU_X86_64) return &sm2_kernel_carry;
#endif
    (void)features;
    return &sm2_kernel_portable;
}

void sm2_prepare(const sm2_kernel *kernel)
{
    /* G of GB/T 32918.5 in Montgomery form */
    static const affine generator = {
        {{0x61328990F418029E, 0x3E7981EDDCA6C050, 0xD6A1ED99AC24C3C3, 0x91167A5EE1C13B05}},
        {{0xC1354E593C2D0DDD, 0xC1F5E5788D3295FA, 0x8D4CFB066E2A48F8, 0x63CD65D481D735BD}},
    };
    kernel->build_comb(sm2_base, &generator, SM2_BASE_WINDOW, SM2_BASE_ROWS);
}
