/* SM2 with the carry intrinsics: for every x86-64 processor. */
#if defined(__x86_64__)
#define EGOV_CARRY_INTRINSICS 1
#define EGOV_KERNEL sm2_kernel_carry
#define EGOV_KERNEL_NAME "x86-64"
#include "sm2_core.h"
#else
typedef int egov_not_built; /* ISO C wants a declaration in every file */
#endif
