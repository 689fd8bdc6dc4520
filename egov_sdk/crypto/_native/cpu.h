/* What the processor and the operating system offer, as bits; the kernels of each algorithm are chosen by them. */
#ifndef EGOV_CPU_H
#define EGOV_CPU_H

#define CPU_X86_64 1u   /* carries by intrinsics: every x86-64 processor */
#define CPU_ADX 128u    /* BMI2 and ADX */
#define CPU_AVX2 2u     /* AVX2, with its registers kept by the system */
#define CPU_AES 4u      /* AES-NI and SSSE3 */
#define CPU_CLMUL 8u    /* PCLMULQDQ */
#define CPU_AVX512 16u  /* AVX-512 F, BW, DQ, VL, with its registers kept by the system */
#define CPU_GFNI 32u    /* GFNI */
#define CPU_VCLMUL 64u  /* VPCLMULQDQ */
#define CPU_ALL 255u

/* All bits that hold here. Those that rest on another (AVX-512 on AVX2) hold only together with it. */
unsigned cpu_features(void);

#endif
