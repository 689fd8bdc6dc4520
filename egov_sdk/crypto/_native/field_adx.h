/* Field multiplication and squaring for x86-64 with BMI2 and ADX; included by field.h, which explains the reduction.
 *
 * mulx leaves the flags alone, and adcx/adox keep two carry chains apart: no C compiler writes that by itself. The
 * assembler needs no option for it, and cpu.c lets these run only where CPUID shows both. Straight-line code.
 *
 * Product limbs 0..7 live in r8 r9 r10 r11 r12 r13 r14 rdi; rax rbx rcx rdx rsi are scratch; rbp stays free, so that
 * builds with a frame pointer compile too.
 */

/* t0..t4 += a * b[i], with t4 written for the first time: one row of the schoolbook product. */
#define EGOV_ADX_ROW(offset, t0, t1, t2, t3, t4) \
    "movq " offset "(%[b]), %%rdx\n\t" \
    "xorl %%ebx, %%ebx\n\t" /* clears both carries as well */ \
    "mulxq 0(%[a]), %%rax, %%rcx\n\t" \
    "adcxq %%rax, " t0 "\n\t" \
    "adoxq %%rcx, " t1 "\n\t" \
    "mulxq 8(%[a]), %%rax, %%rcx\n\t" \
    "adcxq %%rax, " t1 "\n\t" \
    "adoxq %%rcx, " t2 "\n\t" \
    "mulxq 16(%[a]), %%rax, %%rcx\n\t" \
    "adcxq %%rax, " t2 "\n\t" \
    "adoxq %%rcx, " t3 "\n\t" \
    "mulxq 24(%[a]), %%rax, " t4 "\n\t" \
    "adcxq %%rax, " t3 "\n\t" \
    "adoxq %%rbx, " t4 "\n\t" \
    "adcxq %%rbx, " t4 "\n\t"

/* FE_MONTGOMERY_STEP of field.h: m is the lowest limb before and the highest afterwards. */
#define EGOV_ADX_STEP(m, t1, t2, t3) \
    "movq " m ", %%rax\n\t" \
    "movq " m ", %%rcx\n\t" \
    "movq " m ", %%rdx\n\t" \
    "movl $0, %%ebx\n\t" \
    "movl $0, %%esi\n\t" \
    "shlq $32, %%rax\n\t" \
    "shrq $32, %%rcx\n\t" \
    "subq %%rax, %%rdx\n\t" \
    "sbbq %%rcx, %%rbx\n\t" \
    "sbbq %%rax, %%rsi\n\t" \
    "sbbq %%rcx, " m "\n\t" \
    "addq %%rdx, " t1 "\n\t" \
    "adcq %%rbx, " t2 "\n\t" \
    "adcq %%rsi, " t3 "\n\t" \
    "adcq $0, " m "\n\t"

/* Four steps, the upper half of the product, and one subtraction of p that is taken back by cmov if it borrows. */
#define EGOV_ADX_REDUCE_AND_STORE \
    EGOV_ADX_STEP("%%r8", "%%r9", "%%r10", "%%r11") \
    EGOV_ADX_STEP("%%r9", "%%r10", "%%r11", "%%r8") \
    EGOV_ADX_STEP("%%r10", "%%r11", "%%r8", "%%r9") \
    EGOV_ADX_STEP("%%r11", "%%r8", "%%r9", "%%r10") \
    "xorl %%esi, %%esi\n\t" \
    "addq %%r12, %%r8\n\t" \
    "adcq %%r13, %%r9\n\t" \
    "adcq %%r14, %%r10\n\t" \
    "adcq %%rdi, %%r11\n\t" \
    "adcq $0, %%rsi\n\t" \
    "movq $0xFFFFFFFF00000000, %%r14\n\t" \
    "movq $0xFFFFFFFEFFFFFFFF, %%rdi\n\t" \
    "movq %%r8, %%rax\n\t" \
    "movq %%r9, %%rcx\n\t" \
    "movq %%r10, %%rdx\n\t" \
    "movq %%r11, %%rbx\n\t" \
    "subq $-1, %%r8\n\t" \
    "sbbq %%r14, %%r9\n\t" \
    "sbbq $-1, %%r10\n\t" \
    "sbbq %%rdi, %%r11\n\t" \
    "sbbq $0, %%rsi\n\t" \
    "cmovcq %%rax, %%r8\n\t" \
    "cmovcq %%rcx, %%r9\n\t" \
    "cmovcq %%rdx, %%r10\n\t" \
    "cmovcq %%rbx, %%r11\n\t" \
    "movq %%r8, 0(%[r])\n\t" \
    "movq %%r9, 8(%[r])\n\t" \
    "movq %%r10, 16(%[r])\n\t" \
    "movq %%r11, 24(%[r])\n\t"

/* r = a * b / 2^256 */
static EGOV_NOINLINE void fe_mul(fe *r, const fe *a, const fe *b)
{
    __asm__ __volatile__(
        "movq 0(%[b]), %%rdx\n\t"
        "mulxq 0(%[a]), %%r8, %%r9\n\t"
        "mulxq 8(%[a]), %%rax, %%r10\n\t"
        "mulxq 16(%[a]), %%rcx, %%r11\n\t"
        "mulxq 24(%[a]), %%rbx, %%r12\n\t"
        "addq %%rax, %%r9\n\t"
        "adcq %%rcx, %%r10\n\t"
        "adcq %%rbx, %%r11\n\t"
        "adcq $0, %%r12\n\t"
        EGOV_ADX_ROW("8", "%%r9", "%%r10", "%%r11", "%%r12", "%%r13")
        EGOV_ADX_ROW("16", "%%r10", "%%r11", "%%r12", "%%r13", "%%r14")
        EGOV_ADX_ROW("24", "%%r11", "%%r12", "%%r13", "%%r14", "%%rdi")
        EGOV_ADX_REDUCE_AND_STORE
        : [a] "+S"(a), [b] "+D"(b)
        : [r] "r"(r)
        : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "cc", "memory");
}

/* r = a^2 / 2^256 */
static EGOV_NOINLINE void fe_sqr(fe *r, const fe *a)
{
    __asm__ __volatile__(
        /* the six products of different limbs, in limbs 1..6 */
        "movq 0(%[a]), %%rdx\n\t"
        "xorl %%r14d, %%r14d\n\t"
        "mulxq 8(%[a]), %%r9, %%r10\n\t"
        "mulxq 16(%[a]), %%rax, %%r11\n\t"
        "mulxq 24(%[a]), %%rcx, %%r12\n\t"
        "movq 8(%[a]), %%rdx\n\t"
        "adcxq %%rax, %%r10\n\t"
        "adcxq %%rcx, %%r11\n\t"
        "mulxq 16(%[a]), %%rax, %%rcx\n\t"
        "adoxq %%rax, %%r11\n\t"
        "adcxq %%rcx, %%r12\n\t"
        "mulxq 24(%[a]), %%rax, %%r13\n\t"
        "movq 16(%[a]), %%rdx\n\t"
        "adoxq %%rax, %%r12\n\t"
        "mulxq 24(%[a]), %%rax, %%rbx\n\t"
        "adcxq %%rax, %%r13\n\t"
        "adoxq %%r14, %%r13\n\t"
        "adcxq %%r14, %%rbx\n\t"
        "adoxq %%r14, %%rbx\n\t"
        /* twice that (adcx with itself), plus the four squares (adox) */
        "xorl %%r14d, %%r14d\n\t"
        "movq 0(%[a]), %%rdx\n\t"
        "mulxq %%rdx, %%r8, %%rax\n\t"
        "adcxq %%r9, %%r9\n\t"
        "adoxq %%rax, %%r9\n\t"
        "movq 8(%[a]), %%rdx\n\t"
        "mulxq %%rdx, %%rax, %%rcx\n\t"
        "adcxq %%r10, %%r10\n\t"
        "adoxq %%rax, %%r10\n\t"
        "adcxq %%r11, %%r11\n\t"
        "adoxq %%rcx, %%r11\n\t"
        "movq 16(%[a]), %%rdx\n\t"
        "mulxq %%rdx, %%rax, %%rcx\n\t"
        "adcxq %%r12, %%r12\n\t"
        "adoxq %%rax, %%r12\n\t"
        "adcxq %%r13, %%r13\n\t"
        "adoxq %%rcx, %%r13\n\t"
        "movq 24(%[a]), %%rdx\n\t"
        "mulxq %%rdx, %%rax, %%rdi\n\t"
        "adcxq %%rbx, %%rbx\n\t"
        "adoxq %%rax, %%rbx\n\t"
        "adcxq %%r14, %%rdi\n\t"
        "adoxq %%r14, %%rdi\n\t"
        "movq %%rbx, %%r14\n\t"
        EGOV_ADX_REDUCE_AND_STORE
        : [a] "+S"(a)
        : [r] "r"(r)
        : "rax", "rbx", "rcx", "rdx", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "cc", "memory");
}
