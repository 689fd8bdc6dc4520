/* The field for x86-64 with BMI2 and ADX; included by field.h, which explains the reduction. Straight-line code.
 *
 * mulx leaves the flags alone, and adcx/adox keep two carry chains apart: no C compiler writes that by itself. The
 * assembler needs no option for it, and cpu.c lets these run only where CPUID shows both.
 */

/* r = a + b: the sum, or the sum minus p where that does not borrow. */
EGOV_INLINE void fe_add(fe *r, const fe *a, const fe *b)
{
    uint64_t t0 = a->l[0], t1 = a->l[1], t2 = a->l[2], t3 = a->l[3], u0, u1, u2, u3, carry;
    __asm__("addq %[b0], %[t0]\n\t"
            "adcq %[b1], %[t1]\n\t"
            "adcq %[b2], %[t2]\n\t"
            "adcq %[b3], %[t3]\n\t"
            "sbbq %[carry], %[carry]\n\t" /* 0, or -1 for a carry */
            "movq %[t0], %[u0]\n\t"
            "movq %[t1], %[u1]\n\t"
            "movq %[t2], %[u2]\n\t"
            "movq %[t3], %[u3]\n\t"
            "subq $-1, %[t0]\n\t"
            "sbbq %[p1], %[t1]\n\t"
            "sbbq $-1, %[t2]\n\t"
            "sbbq %[p3], %[t3]\n\t"
            "adcq $0, %[carry]\n\t" /* 1 only for a borrow without a carry: then take p back */
            "cmovgq %[u0], %[t0]\n\t"
            "cmovgq %[u1], %[t1]\n\t"
            "cmovgq %[u2], %[t2]\n\t"
            "cmovgq %[u3], %[t3]\n\t"
            : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [u0] "=&r"(u0), [u1] "=&r"(u1),
              [u2] "=&r"(u2), [u3] "=&r"(u3), [carry] "=&r"(carry)
            : [b0] "m"(b->l[0]), [b1] "m"(b->l[1]), [b2] "m"(b->l[2]), [b3] "m"(b->l[3]), [p1] "m"(FE_P.l[1]),
              [p3] "m"(FE_P.l[3])
            : "cc");
    r->l[0] = t0, r->l[1] = t1, r->l[2] = t2, r->l[3] = t3;
}

/* r = a - b: the difference, plus p where it borrows. */
EGOV_INLINE void fe_sub(fe *r, const fe *a, const fe *b)
{
    uint64_t t0 = a->l[0], t1 = a->l[1], t2 = a->l[2], t3 = a->l[3], mask, p1, p3;
    __asm__("subq %[b0], %[t0]\n\t"
            "sbbq %[b1], %[t1]\n\t"
            "sbbq %[b2], %[t2]\n\t"
            "sbbq %[b3], %[t3]\n\t"
            "sbbq %[mask], %[mask]\n\t"
            "movq %[from1], %[p1]\n\t"
            "movq %[from3], %[p3]\n\t"
            "andq %[mask], %[p1]\n\t"
            "andq %[mask], %[p3]\n\t"
            "addq %[mask], %[t0]\n\t"
            "adcq %[p1], %[t1]\n\t"
            "adcq %[mask], %[t2]\n\t"
            "adcq %[p3], %[t3]\n\t"
            : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [mask] "=&r"(mask), [p1] "=&r"(p1),
              [p3] "=&r"(p3)
            : [b0] "m"(b->l[0]), [b1] "m"(b->l[1]), [b2] "m"(b->l[2]), [b3] "m"(b->l[3]), [from1] "m"(FE_P.l[1]),
              [from3] "m"(FE_P.l[3])
            : "cc");
    r->l[0] = t0, r->l[1] = t1, r->l[2] = t2, r->l[3] = t3;
}

/* r = a / 2: a or a + p, whichever is even, shifted. */
EGOV_INLINE void fe_half(fe *r, const fe *a)
{
    uint64_t t0 = a->l[0], t1 = a->l[1], t2 = a->l[2], t3 = a->l[3], mask, p1, p3;
    __asm__("movq %[t0], %[mask]\n\t"
            "andl $1, %k[mask]\n\t"
            "negq %[mask]\n\t"
            "movq %[from1], %[p1]\n\t"
            "movq %[from3], %[p3]\n\t"
            "andq %[mask], %[p1]\n\t"
            "andq %[mask], %[p3]\n\t"
            "addq %[mask], %[t0]\n\t"
            "adcq %[p1], %[t1]\n\t"
            "adcq %[mask], %[t2]\n\t"
            "adcq %[p3], %[t3]\n\t"
            "sbbq %[mask], %[mask]\n\t"
            "shrdq $1, %[t1], %[t0]\n\t"
            "shrdq $1, %[t2], %[t1]\n\t"
            "shrdq $1, %[t3], %[t2]\n\t"
            "shrdq $1, %[mask], %[t3]\n\t"
            : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [mask] "=&r"(mask), [p1] "=&r"(p1),
              [p3] "=&r"(p3)
            : [from1] "m"(FE_P.l[1]), [from3] "m"(FE_P.l[3])
            : "cc");
    r->l[0] = t0, r->l[1] = t1, r->l[2] = t2, r->l[3] = t3;
}

/* Products. Limbs 0..7 live in r8 r9 r10 r11 r12 r13 r14 rdi; rax rbx rcx rdx rsi are scratch; rbp stays free, so that
 * builds with a frame pointer compile too. */

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

/* FE_MONTGOMERY_STEP of field.h: m is the lowest limb before and the highest afterwards; rdx holds 32. Here m is added
 * first and its shifts are subtracted then; borrows beyond the top limb cancel out. */
#define EGOV_ADX_STEP(m, t1, t2, t3) \
    "shlxq %%rdx, " m ", %%rax\n\t" \
    "shrxq %%rdx, " m ", %%rcx\n\t" \
    "addq " m ", " t1 "\n\t" \
    "adcq $0, " t2 "\n\t" \
    "adcq $0, " t3 "\n\t" \
    "adcq $0, " m "\n\t" \
    "subq %%rax, " t1 "\n\t" \
    "sbbq %%rcx, " t2 "\n\t" \
    "sbbq %%rax, " t3 "\n\t" \
    "sbbq %%rcx, " m "\n\t"

/* Four steps, the upper half of the product, and one subtraction of p that is taken back by cmov if it borrows. */
#define EGOV_ADX_REDUCE_AND_STORE \
    "movl $32, %%edx\n\t" \
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
        : [a] "+&S"(a), [b] "+&D"(b)
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
        : [a] "+&S"(a)
        : [r] "r"(r)
        : "rax", "rbx", "rcx", "rdx", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "cc", "memory");
}
