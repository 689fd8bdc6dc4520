/* SM2 with unsigned __int128 only: for every 64-bit processor. */
#define EGOV_KERNEL sm2_kernel_portable
#define EGOV_KERNEL_NAME "portable"
#include "sm2_core.h"
