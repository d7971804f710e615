/* Classic BPF: what the checker refuses, and what each instruction does. */
#include "lib/check.h"
#include "lib/string.h"
#include "net/bpf/cbpf.h"

#define RET_A                      \
    {                              \
        CBPF_RET | CBPF_A, 0, 0, 0 \
    }

static const struct {
    struct cbpf_insn p[6];
    u32 n;
    const char *why;
} unsound[] = {
    {{{CBPF_RET, 0, 0, 0}}, 0, "a program has 1 to 4096 instructions"},
    {{{CBPF_LD | CBPF_IMM, 0, 0, 1}}, 1, "the last instruction does not end the program"},
    {{{CBPF_JMP | CBPF_JA, 0, 0, 1}, RET_A}, 2, "jump out of the program"},
    {{{CBPF_JMP | CBPF_JA, 0, 0, 0xffffffff}, RET_A}, 2, "jump out of the program"},
    {{{CBPF_JMP | CBPF_JEQ, 1, 0, 1}, RET_A}, 2, "jump out of the program"},
    {{{CBPF_JMP | CBPF_JEQ, 0, 1, 1}, RET_A}, 2, "jump out of the program"},
    {{{CBPF_ALU | CBPF_DIV, 0, 0, 0}, RET_A}, 2, "division by zero"},
    {{{CBPF_ALU | CBPF_MOD, 0, 0, 0}, RET_A}, 2, "division by zero"},
    {{{CBPF_ALU | CBPF_LSH, 0, 0, 32}, RET_A}, 2, "shift by more than 31 bits"},
    {{{CBPF_ALU | CBPF_RSH, 0, 0, 32}, RET_A}, 2, "shift by more than 31 bits"},
    {{{CBPF_LD | CBPF_MEM, 0, 0, 16}, RET_A}, 2, "scratch memory has 16 words"},
    {{{CBPF_ST, 0, 0, 16}, RET_A}, 2, "scratch memory has 16 words"},
    {{{CBPF_LD | CBPF_MEM, 0, 0, 3}, RET_A}, 2, "scratch memory is read that was not written"},
    /* written on one way of two */
    {{{CBPF_JMP | CBPF_JEQ, 0, 1, 5}, {CBPF_ST, 0, 0, 3}, {CBPF_LD | CBPF_MEM, 0, 0, 3}, RET_A},
     4,
     "scratch memory is read that was not written"},
    {{{CBPF_LD | CBPF_ABS, 0, 0, 0x80000000}, RET_A}, 2, "load from a place that is not known"},
    {{{CBPF_LD | CBPF_ABS, 0, 0, CBPF_AD_OFF + 1}, RET_A}, 2, "load from a place that is not known"},
    {{{0x100, 0, 0, 0}, RET_A}, 2, "unknown instruction"},
    {{{CBPF_LD | CBPF_MSH, 0, 0, 0}, RET_A}, 2, "unknown instruction"},
    {{{CBPF_ALU | 0xb0, 0, 0, 0}, RET_A}, 2, "unknown instruction"},
    {{{CBPF_JMP | 0x50, 0, 0, 0}, RET_A}, 2, "unknown instruction"},
    {{{CBPF_MISC | 0x40, 0, 0, 0}, RET_A}, 2, "unknown instruction"},
};

TEST(cbpf_unsound)
{
    for (size_t i = 0; i < ARRAY_LEN(unsound); i++) {
        const char *why = cbpf_check(unsound[i].p, unsound[i].n);
        CHECK_STR(why ? why : "let through", unsound[i].why);
    }
}

static const u8 bytes[] = {0x45, 1, 2, 3, 4, 5, 6, 7};

static u32 run(const struct cbpf_insn *p, u32 n)
{
    struct cbpf_view v = {
        .p = bytes, .linear = 8, .there = 8, .len = 100, .vlan = true, .vlan_tci = 77, .ifindex = 3, .protocol = 0x800};
    const char *why = cbpf_check(p, n);
    CHECK_STR(why ? why : "", "");
    return why ? ~0u : cbpf_run(p, &v);
}

/* One instruction with A = a and X = x before it; what A is afterwards. */
static u32 one(u16 code, u32 k, u32 a, u32 x)
{
    struct cbpf_insn p[] = {{CBPF_LDX | CBPF_IMM, 0, 0, x}, {CBPF_LD | CBPF_IMM, 0, 0, a}, {code, 0, 0, k}, RET_A};
    return run(p, ARRAY_LEN(p));
}

TEST(cbpf_arithmetic)
{
    CHECK_EQ(one(CBPF_ALU | CBPF_ADD, 5, 7, 0), 12);
    CHECK_EQ(one(CBPF_ALU | CBPF_ADD | CBPF_X, 5, 7, 100), 107);
    CHECK_EQ(one(CBPF_ALU | CBPF_SUB, 8, 7, 0), 0xffffffff);
    CHECK_EQ(one(CBPF_ALU | CBPF_MUL, 0x10000, 0x10001, 0), 0x10000);
    CHECK_EQ(one(CBPF_ALU | CBPF_DIV, 3, 10, 0), 3);
    CHECK_EQ(one(CBPF_ALU | CBPF_MOD, 3, 10, 0), 1);
    CHECK_EQ(one(CBPF_ALU | CBPF_DIV | CBPF_X, 3, 10, 0), 0); /* the program ends */
    CHECK_EQ(one(CBPF_ALU | CBPF_MOD | CBPF_X, 3, 10, 0), 0);
    CHECK_EQ(one(CBPF_ALU | CBPF_AND, 6, 12, 0), 4);
    CHECK_EQ(one(CBPF_ALU | CBPF_OR, 6, 12, 0), 14);
    CHECK_EQ(one(CBPF_ALU | CBPF_XOR, 6, 12, 0), 10);
    CHECK_EQ(one(CBPF_ALU | CBPF_LSH, 4, 3, 0), 48);
    CHECK_EQ(one(CBPF_ALU | CBPF_RSH, 4, 48, 0), 3);
    CHECK_EQ(one(CBPF_ALU | CBPF_LSH | CBPF_X, 0, 1, 32), 0);
    CHECK_EQ(one(CBPF_ALU | CBPF_RSH | CBPF_X, 0, 1, 40), 0);
    CHECK_EQ(one(CBPF_ALU | CBPF_NEG, 0, 1, 0), 0xffffffff);
    CHECK_EQ(one(CBPF_MISC | CBPF_TXA, 0, 1, 9), 9);
}

TEST(cbpf_loads)
{
    CHECK_EQ(one(CBPF_LD | CBPF_ABS | CBPF_W, 4, 0, 0), 0x04050607);
    CHECK_EQ(one(CBPF_LD | CBPF_ABS | CBPF_H, 6, 0, 0), 0x0607);
    CHECK_EQ(one(CBPF_LD | CBPF_ABS | CBPF_B, 7, 0, 0), 7);
    CHECK_EQ(one(CBPF_LD | CBPF_ABS | CBPF_W, 5, 1, 0), 0); /* beyond the end: the program ends */
    CHECK_EQ(one(CBPF_LD | CBPF_ABS | CBPF_B, 8, 1, 0), 0);
    CHECK_EQ(one(CBPF_LD | CBPF_IND | CBPF_B, 2, 1, 3), 5);
    CHECK_EQ(one(CBPF_LD | CBPF_IND | CBPF_B, 2, 1, 0xffffffff), 0); /* does not go round */
    CHECK_EQ(one(CBPF_LD | CBPF_LEN, 0, 1, 0), 100);
    CHECK_EQ(one(CBPF_LD | CBPF_ABS, CBPF_AD_OFF + CBPF_AD_VLAN_TAG, 0, 0), 77);
    CHECK_EQ(one(CBPF_LD | CBPF_ABS, CBPF_AD_OFF + CBPF_AD_VLAN_TAG_PRESENT, 0, 0), 1);
    CHECK_EQ(one(CBPF_LD | CBPF_ABS, CBPF_AD_OFF + CBPF_AD_IFINDEX, 0, 0), 3);
    CHECK_EQ(one(CBPF_LD | CBPF_ABS, CBPF_AD_OFF + CBPF_AD_PROTOCOL, 0, 0), 0x800);
    struct cbpf_insn msh[] = {{CBPF_LDX | CBPF_MSH | CBPF_B, 0, 0, 0}, {CBPF_MISC | CBPF_TXA, 0, 0, 0}, RET_A};
    CHECK_EQ(run(msh, 3), 20);
    struct cbpf_insn scratch[] = {{CBPF_LD | CBPF_IMM, 0, 0, 9},   {CBPF_ST, 0, 0, 15},
                                  {CBPF_LDX | CBPF_MEM, 0, 0, 15}, {CBPF_STX, 0, 0, 0},
                                  {CBPF_LD | CBPF_MEM, 0, 0, 0},   RET_A};
    CHECK_EQ(run(scratch, 6), 9);
}

TEST(cbpf_jumps)
{
    static const struct {
        u16 op;
        u32 a, k;
        bool jumps;
    } cases[] = {
        {CBPF_JEQ, 5, 5, true},  {CBPF_JEQ, 5, 6, false},  {CBPF_JGT, 5, 4, true},
        {CBPF_JGT, 5, 5, false}, {CBPF_JGE, 5, 5, true},   {CBPF_JGE, 5, 6, false},
        {CBPF_JSET, 6, 2, true}, {CBPF_JSET, 6, 1, false}, {CBPF_JGT, ~0u, 1, true}, /* there are no negative numbers */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct cbpf_insn p[] = {{CBPF_LD | CBPF_IMM, 0, 0, cases[i].a},
                                {CBPF_JMP | cases[i].op, 1, 0, cases[i].k},
                                {CBPF_RET, 0, 0, 10},
                                {CBPF_RET, 0, 0, 20}};
        CHECK_EQ(run(p, 4), cases[i].jumps ? 20 : 10);
    }
    struct cbpf_insn ja[] = {{CBPF_JMP | CBPF_JA, 0, 0, 1}, {CBPF_RET, 0, 0, 1}, {CBPF_RET, 0, 0, 2}};
    CHECK_EQ(run(ja, 3), 2);
}
