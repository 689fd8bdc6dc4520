/* CPUID and XGETBV (Intel SDM volume 2A, CPUID; volume 1, 13.3 and 14.3): see cpu.h. */
#include "cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <stdint.h>

/* Which register states the system saves: 6 = SSE and AVX, E6 = those and the three of AVX-512. */
static uint64_t saved_states(void)
{
    uint32_t low, high;
    __asm__ __volatile__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return ((uint64_t)high << 32) | low;
}

unsigned cpu_features(void)
{
    unsigned a, b, c, d, found = CPU_X86_64;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return found;
    unsigned ssse3 = c >> 9 & 1, aes = c >> 25 & 1, clmul = c >> 1 & 1, osxsave = c >> 27 & 1, avx = c >> 28 & 1;
    if (aes && ssse3) found |= CPU_AES;
    if (clmul && ssse3) found |= CPU_CLMUL;
    uint64_t saved = osxsave ? saved_states() : 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return found;
    if ((b >> 8 & 1) && (b >> 19 & 1)) found |= CPU_ADX;
    if (!avx || (saved & 0x06) != 0x06 || !(b >> 5 & 1)) return found;
    found |= CPU_AVX2;
    if (c >> 8 & 1) found |= CPU_GFNI;
    if (c >> 10 & 1) found |= CPU_VCLMUL;
    unsigned f = b >> 16 & 1, dq = b >> 17 & 1, bw = b >> 30 & 1, vl = b >> 31 & 1;
    if (f && dq && bw && vl && (saved & 0xE6) == 0xE6) found |= CPU_AVX512;
    return found;
}
#else
unsigned cpu_features(void)
{
    return 0;
}
#endif
