/* Included ahead of the kernel's sources by the check of secrets: the kernel's own verdicts may be told. */
#include <valgrind/memcheck.h>
#define EGOV_DECLASSIFY(address, length) VALGRIND_MAKE_MEM_DEFINED(address, length)
