/* An awk program as the machine in awk_run.c runs it: steps over a stack of values.
 *
 *     $3 > 5 { s += $2 }        CONST 3, FIELD, CONST 5, LESS_OR_... , JUMP_IF_NOT, GET s, CONST 2, FIELD, ADD, SET s,
 * DROP
 *
 * Made by awk_parse.c in one pass, without a tree. Bounded in every part.
 */
#ifndef APPS_SHELL_AWK_PROGRAM_H
#define APPS_SHELL_AWK_PROGRAM_H

#include "apps/shell/awk_value.h"
#include "lib/base.h"
#include "lib/regex.h"

#define AWK_STEPS    4096
#define AWK_CONSTS   512
#define AWK_NAMES    128
#define AWK_REGEXES  64
#define AWK_ITEMS    64 /* pattern { action } pairs */
#define AWK_NAME_MAX 32
#define AWK_ARGS_MAX 32

enum awk_op {
    AOP_CONST,       /* a: which            -> value */
    AOP_GET,         /* a: variable         -> value */
    AOP_SET,         /* a: variable   value -> value */
    AOP_FIELD,       /*               index -> value */
    AOP_FIELD_SET,   /*         index value -> value */
    AOP_ELEMENT,     /* a: array        key -> value */
    AOP_ELEMENT_SET, /* a: array  key value -> value */
    AOP_COPY,        /*                   x -> x x */
    AOP_DROP,
    AOP_STEP, /* ++ and --: b: enum awk_step; a: variable; takes the index or key of what is no variable */
    AOP_ADD,
    AOP_SUBTRACT,
    AOP_MULTIPLY,
    AOP_DIVIDE,
    AOP_REMAINDER,
    AOP_POWER,
    AOP_NEGATE,
    AOP_PLUS, /* makes a number of it */
    AOP_NOT,
    AOP_TRUTH, /* makes 1 or 0 of it */
    AOP_CONCAT,
    AOP_COMPARE,     /* b: enum awk_relation */
    AOP_MATCH,       /* text pattern -> 1 or 0; b: 1 for !~ */
    AOP_MATCH_CONST, /* a: regex; text -> 1 or 0; b as above */
    AOP_REGEX,       /* a: regex -> a value that stands for it, for the calls that want a pattern */
    AOP_JUMP,
    AOP_JUMP_IF, /* takes the value */
    AOP_JUMP_IF_NOT,
    AOP_IN,         /* a: array; key -> 1 or 0 */
    AOP_JOIN,       /* b: how many keys -> one, with SUBSEP between */
    AOP_COUNT,      /* a: array -> how many elements */
    AOP_REMOVE,     /* a: array; key */
    AOP_REMOVE_ALL, /* a: array */
    AOP_WALK,       /* a: array: begins a for (k in array) */
    AOP_WALK_NEXT,  /* a: where to when there is no further one; else -> key */
    AOP_WALK_END,   /* leaves it early */
    AOP_PRINT,      /* b: how many values */
    AOP_PRINTF,
    AOP_CALL,       /* a: enum awk_function; b: how many values */
    AOP_SPLIT,      /* a: array; b: values (text, and a separator) */
    AOP_SUBSTITUTE, /* b: enum awk_target, 0x80: all; a: variable or array */
    AOP_RANGE,      /* a: where to when the range is open already; b: which range */
    AOP_RANGE_OPEN,
    AOP_RANGE_CLOSE,
    AOP_STATEMENT, /* scratch memory is free again */
    AOP_NEXT,
    AOP_EXIT, /* b: with a status */
    AOP_END,
};

enum awk_relation { AWK_LESS, AWK_LESS_EQUAL, AWK_EQUAL, AWK_NOT_EQUAL, AWK_GREATER, AWK_GREATER_EQUAL };
enum awk_target { AWK_TO_VARIABLE, AWK_TO_FIELD, AWK_TO_ELEMENT };
enum awk_step { AWK_STEP_TARGET = 3, AWK_STEP_DOWN = 4, AWK_STEP_AFTER = 8 };

enum awk_function {
    AWK_LENGTH,
    AWK_SUBSTR,
    AWK_INDEX,
    AWK_MATCH,
    AWK_LOWER,
    AWK_UPPER,
    AWK_INT,
    AWK_SPRINTF,
    AWK_FUNCTIONS
};

/* Variables that the machine itself knows, by these indices. */
enum awk_special {
    AWK_NF,
    AWK_NR,
    AWK_FNR,
    AWK_FS,
    AWK_OFS,
    AWK_ORS,
    AWK_SUBSEP,
    AWK_FILENAME,
    AWK_RSTART,
    AWK_RLENGTH,
    AWK_SPECIALS
};

struct awk_op_step {
    u8 op, b;
    u16 a;
};

struct awk_name {
    char name[AWK_NAME_MAX];
    u8 kind; /* 0: not known yet, 1: variable, 2: array */
};

struct awk_program {
    struct awk_memory *memory;
    struct awk_op_step step[AWK_STEPS];
    u32 steps;
    struct awk_cell constant[AWK_CONSTS];
    u32 constants;
    struct awk_name name[AWK_NAMES];
    u32 names;
    struct regex *regex[AWK_REGEXES];
    u32 regexes;
    struct awk_item {
        enum { AWK_BEGIN, AWK_MAIN, AWK_AT_END } when;
        u16 start; /* step */
    } item[AWK_ITEMS];
    u32 items, ranges;
};

#endif
