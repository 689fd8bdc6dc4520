/* A file for one instruction set: SIMD_BEGIN("avx2,...") after its last #include lets everything below use that set, and
 * SIMD_END closes it. No compiler option is needed; cpu.c decides whether such a file is entered.
 */
#ifndef EGOV_SIMD_H
#define EGOV_SIMD_H

#include "platform.h"

#define SIMD_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define SIMD_BEGIN(set) SIMD_PRAGMA(clang attribute push(__attribute__((target(set))), apply_to = function))
#define SIMD_END _Pragma("clang attribute pop")
#else
#define SIMD_BEGIN(set) _Pragma("GCC push_options") SIMD_PRAGMA(GCC target(set))
#define SIMD_END _Pragma("GCC pop_options")
#endif

#endif
