/* SM2 with mulx, adcx and adox in the field, and AVX2 in table look-ups: for x86-64 processors that have them. */
#if defined(__x86_64__)
#define EGOV_CARRY_INTRINSICS 1
#define EGOV_FIELD_ADX 1
#define EGOV_KERNEL sm2_kernel_adx
#define EGOV_KERNEL_NAME "x86-64-adx"
#include "sm2_core.h"
#else
typedef int egov_not_built; /* ISO C wants a declaration in every file */
#endif
