/* What the kernel asks of a compiler, and the three tools for secrets: barrier, mask, wipe.
 *
 * Needed: a 64-bit target, unsigned __int128, GNU inline assembly and vector extensions (gcc, clang).
 * Anything else stops here, on purpose: setup.py then goes on without the extension.
 */
#ifndef EGOV_PLATFORM_H
#define EGOV_PLATFORM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if !defined(__SIZEOF_INT128__) || UINTPTR_MAX != 0xFFFFFFFFFFFFFFFFu
#error "the native kernel needs a 64-bit target with unsigned __int128; the pure Python backend takes over"
#endif
#if !defined(__GNUC__)
#error "the native kernel needs gcc or clang; the pure Python backend takes over"
#endif

#define EGOV_NOINLINE __attribute__((noinline))
#define EGOV_INLINE static inline __attribute__((always_inline, unused))
#define EGOV_UNUSED __attribute__((unused))

#if defined(__clang__)
#define EGOV_UNROLL _Pragma("unroll")
#else
#define EGOV_UNROLL _Pragma("GCC unroll 16")
#endif

/* Marks what a secret value may tell: tests define it to tell the checker of secrets (valgrind) so. */
#ifndef EGOV_DECLASSIFY
#define EGOV_DECLASSIFY(address, length) ((void)(address), (void)(length))
#endif

typedef unsigned __int128 u128;

/* The compiler must forget what it knows about the value, so that it cannot turn a mask into a branch. */
EGOV_INLINE uint64_t ct_barrier(uint64_t value)
{
    __asm__("" : "+r"(value));
    return value;
}

/* 0 -> 0, 1 -> all ones. */
EGOV_INLINE uint64_t ct_mask(uint64_t bit)
{
    return ct_barrier(0 - bit);
}

/* 1 for zero, 0 for anything else. */
EGOV_INLINE uint64_t ct_is_zero(uint64_t value)
{
    return ct_barrier(1 ^ ((value | (0 - value)) >> 63));
}

/* Overwrites memory in a way that the compiler must keep. */
EGOV_INLINE void secret_wipe(void *memory, size_t length)
{
    memset(memory, 0, length);
    __asm__ __volatile__("" : : "r"(memory) : "memory");
}

/* Overwrites the part of the stack that calls made before this one have used: spilled registers and dead locals. */
EGOV_UNUSED static EGOV_NOINLINE void secret_wipe_stack(void)
{
    uint8_t below[2048];
    secret_wipe(below, sizeof below);
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define EGOV_BIG32(value) __builtin_bswap32(value)
#define EGOV_BIG64(value) __builtin_bswap64(value)
#else
#define EGOV_BIG32(value) (value)
#define EGOV_BIG64(value) (value)
#endif

EGOV_INLINE uint32_t load32_be(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return EGOV_BIG32(value);
}

EGOV_INLINE void store32_be(uint8_t *bytes, uint32_t value)
{
    value = EGOV_BIG32(value);
    memcpy(bytes, &value, sizeof value);
}

EGOV_INLINE uint64_t load64_be(const uint8_t *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return EGOV_BIG64(value);
}

EGOV_INLINE void store64_be(uint8_t *bytes, uint64_t value)
{
    value = EGOV_BIG64(value);
    memcpy(bytes, &value, sizeof value);
}

#endif
