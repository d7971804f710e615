/* Regular expressions: the tree to a program, and the program over a text.
 *
 * The program is a list of steps; a thread is a place in it together with where its match began. All threads advance
 * over the text side by side, one byte at a time, and two threads at the same place are one, since what follows is the
 * same for both: the one that began earlier stays. So the work for each byte is bounded by the number of steps.
 *
 *     a(b|c)*     0 BYTE a
 *                 1 SPLIT 2, 7    <-.
 *                 2 SPLIT 3, 5      |
 *                 3 BYTE b          |
 *                 4 JUMP 6          |
 *                 5 BYTE c          |
 *                 6 JUMP 1        --'
 *                 7 MATCH
 *
 * Threads stand in the order of their beginnings, because the newest is always added last: the first to match is
 * the leftmost, and running on while it lives makes it the longest. When no thread lives the search leaps to the next
 * byte that can begin a match. A search takes no memory and cannot fail.
 */
#include "lib/regex.h"
#include "lib/plat.h"
#include "lib/regex_tree.h"
#include "lib/string.h"

enum step_op { OP_BYTE, OP_SET, OP_REST, OP_SPLIT, OP_JUMP, OP_ASSERT, OP_MATCH };

struct step {
    u8 op;
    u8 kind; /* ASSERT: the regex_kind */
    u16 a;   /* BYTE: the byte; SET: its index; SPLIT, JUMP: where to */
    u16 b;   /* SPLIT: the other way */
};

struct threads {
    u32 n;
    u16 *at;
    u32 *start;
};

struct regex {
    struct step *step;
    u32 steps, room;
    struct regex_set *set;
    struct regex_range *range;
    struct regex_set first; /* bytes that can begin a match */
    bool leap;              /* and without one of them there is no match */

    /* scratch of a search */
    u32 *mark; /* of each step: the round in which it was reached last */
    u32 round;
    u16 *todo;
    struct threads now, then;
};

/* ---- tree to program ---- */

struct build {
    struct regex *re;
    const struct regex_tree *t;
    const char *why;
};

static int emit(struct build *b, enum step_op op, unsigned kind, unsigned a)
{
    struct regex *re = b->re;
    if (re->steps == re->room) {
        u32 room = re->room ? re->room * 2 : 32;
        struct step *more = room > REGEX_STEPS_MAX ? NULL : mem_alloc(room * sizeof(*more));
        if (!more) {
            b->why = room > REGEX_STEPS_MAX ? "Regular expression too big" : "memory exhausted";
            return -1;
        }
        if (re->steps)
            memcpy(more, re->step, re->steps * sizeof(*more));
        mem_free(re->step);
        re->step = more;
        re->room = room;
    }
    re->step[re->steps] = (struct step){.op = (u8)op, .kind = (u8)kind, .a = (u16)a, .b = RK_NONE};
    return (int)re->steps++;
}

/* A chain of steps that shall all lead to a place not known yet, linked through that very field. */
static void patch_jumps(struct regex *re, u16 chain)
{
    while (chain != RK_NONE) {
        u16 next = re->step[chain].a;
        re->step[chain].a = (u16)re->steps;
        chain = next;
    }
}

static void patch_splits(struct regex *re, u16 chain)
{
    while (chain != RK_NONE) {
        u16 next = re->step[chain].b;
        re->step[chain].b = (u16)re->steps;
        chain = next;
    }
}

static bool emit_node(struct build *b, u16 index);

static bool emit_alternatives(struct build *b, const struct regex_node *n)
{
    u16 ends = RK_NONE;
    for (u16 child = n->child; child != RK_NONE; child = b->t->node[child].next) {
        if (b->t->node[child].next == RK_NONE) {
            if (!emit_node(b, child))
                return false;
            break;
        }
        int split = emit(b, OP_SPLIT, 0, b->re->steps + 1);
        if (split < 0 || !emit_node(b, child))
            return false;
        int jump = emit(b, OP_JUMP, 0, ends);
        if (jump < 0)
            return false;
        ends = (u16)jump;
        b->re->step[split].b = (u16)b->re->steps;
    }
    patch_jumps(b->re, ends);
    return true;
}

/* x* and x+: the split stands before the child, or behind it. */
static bool emit_loop(struct build *b, u16 child, bool at_least_once)
{
    u32 top = b->re->steps;
    int split = -1;
    if (!at_least_once && (split = emit(b, OP_SPLIT, 0, top + 1)) < 0)
        return false;
    if (!emit_node(b, child))
        return false;
    if (at_least_once) {
        split = emit(b, OP_SPLIT, 0, top);
        if (split >= 0)
            b->re->step[split].b = (u16)b->re->steps;
        return split >= 0;
    }
    if (emit(b, OP_JUMP, 0, top) < 0)
        return false;
    b->re->step[split].b = (u16)b->re->steps;
    return true;
}

static bool emit_repeat(struct build *b, const struct regex_node *n)
{
    bool forever = n->b == RK_FOREVER;
    unsigned must = forever && n->a ? n->a - 1u : n->a;
    for (unsigned i = 0; i < must; i++) {
        u32 before = b->re->steps;
        if (!emit_node(b, n->child))
            return false;
        if (b->re->steps == before) /* the child is empty: so is the rest, however often */
            return true;
    }
    if (forever)
        return emit_loop(b, n->child, n->a > 0);
    u16 ends = RK_NONE;
    for (unsigned i = n->a; i < n->b; i++) {
        int split = emit(b, OP_SPLIT, 0, b->re->steps + 1);
        if (split < 0 || !emit_node(b, n->child))
            return false;
        b->re->step[split].b = ends;
        ends = (u16)split;
    }
    patch_splits(b->re, ends);
    return true;
}

static bool emit_node(struct build *b, u16 index)
{
    const struct regex_node *n = &b->t->node[index];
    switch ((enum regex_kind)n->kind) {
    case RK_EMPTY: return true;
    case RK_BYTE: return emit(b, OP_BYTE, 0, n->a) >= 0;
    case RK_SET:
        return emit(b, OP_SET, 0, n->a) >= 0 && (!regex_set_is_wide(&b->t->set[n->a]) || emit(b, OP_REST, 0, 0) >= 0);
    case RK_ALT: return emit_alternatives(b, n);
    case RK_REPEAT: return emit_repeat(b, n);
    case RK_CAT:
        for (u16 child = n->child; child != RK_NONE; child = b->t->node[child].next)
            if (!emit_node(b, child))
                return false;
        return true;
    default: return emit(b, OP_ASSERT, n->kind, 0) >= 0;
    }
}

/* ---- search ---- */

static bool assert_holds(unsigned kind, const char *s, size_t n, size_t pos)
{
    bool before = pos > 0 && regex_is_word((u8)s[pos - 1]), after = pos < n && regex_is_word((u8)s[pos]);
    switch (kind) {
    case RK_BOL: return pos == 0;
    case RK_EOL: return pos == n;
    case RK_WORD_EDGE: return before != after;
    case RK_WORD_NOT_EDGE: return before == after;
    case RK_WORD_START: return !before && after;
    case RK_NO_WORD_BEFORE: return !before;
    case RK_NO_WORD_AFTER: return !after;
    default: return before && !after;
    }
}

static bool in_character(const char *s, size_t n, size_t pos)
{
    return pos < n && utf8_is_rest(s[pos]);
}

/* Is the character that begins at pos in the set? */
static bool set_takes(const struct regex *re, const struct regex_set *set, const char *s, size_t n, size_t pos)
{
    u32 rune;
    if (!regex_set_has(set, (u8)s[pos]) || !set->ranges || (u8)s[pos] < 0x80)
        return regex_set_has(set, (u8)s[pos]);
    if (!utf8_take(s + pos, n - pos, &rune))
        return set->but;
    for (u16 i = 0; i < set->ranges; i++)
        if (rune >= re->range[set->range + i].low && rune <= re->range[set->range + i].high)
            return !set->but;
    return set->but;
}

static void reach(struct regex *re, u16 at, u32 *todo)
{
    if (re->mark[at] == re->round)
        return;
    re->mark[at] = re->round;
    re->todo[(*todo)++] = at;
}

static void stand(struct threads *list, u16 at, u32 start)
{
    list->at[list->n] = at;
    list->start[list->n++] = start;
}

/* Adds a thread at step `at` and at all that follows from it without a byte. */
static void add_thread(struct regex *re, struct threads *list, u16 at, u32 start, const char *s, size_t n, size_t pos)
{
    u32 todo = 0;
    for (reach(re, at, &todo); todo;) {
        at = re->todo[--todo];
        const struct step *step = &re->step[at];
        switch (step->op) {
        case OP_JUMP: reach(re, step->a, &todo); break;
        case OP_SPLIT:
            reach(re, step->b, &todo);
            reach(re, step->a, &todo);
            break;
        case OP_ASSERT:
            if (assert_holds(step->kind, s, n, pos))
                reach(re, (u16)(at + 1), &todo);
            break;
        case OP_REST:
            if (in_character(s, n, pos))
                stand(list, at, start);
            else
                reach(re, (u16)(at + 1), &todo);
            break;
        default: stand(list, at, start);
        }
    }
}

static void next_round(struct regex *re)
{
    if (++re->round == 0) { /* after 2^32 bytes the marks would look fresh again */
        memset(re->mark, 0, re->steps * sizeof(*re->mark));
        re->round = 1;
    }
}

/* The first place from pos on where a match may begin. */
static size_t leap(const struct regex *re, const char *s, size_t n, size_t pos)
{
    while (pos < n && !regex_set_has(&re->first, (u8)s[pos]))
        pos++;
    return pos;
}

struct found {
    bool yes;
    u32 start, end;
};

/* Advances every thread over the byte at pos; notes the best match that ends at pos. */
static void advance(struct regex *re, const char *s, size_t n, size_t pos, struct found *f)
{
    re->then.n = 0;
    next_round(re);
    for (u32 i = 0; i < re->now.n; i++) {
        u32 start = re->now.start[i];
        if (f->yes && start > f->start)
            break;
        u16 at = re->now.at[i];
        const struct step *step = &re->step[at];
        if (step->op == OP_MATCH)
            *f = (struct found){true, start, (u32)pos};
        else if (step->op == OP_REST) /* it stands here because there is one byte more */
            add_thread(re, &re->then, at, start, s, n, pos + 1);
        else if (pos < n && (step->op == OP_BYTE ? step->a == (u8)s[pos] : set_takes(re, &re->set[step->a], s, n, pos)))
            add_thread(re, &re->then, (u16)(at + 1), start, s, n, pos + 1);
    }
}

static struct found search(struct regex *re, const char *s, size_t n, size_t from, bool any)
{
    struct found f = {false, 0, 0};
    n = min(n, (size_t)UINT32_MAX);
    re->now.n = 0;
    next_round(re);
    for (size_t pos = from; pos <= n; pos++) {
        if (!re->now.n && re->leap && (pos = leap(re, s, n, pos)) >= n)
            break;
        if (!f.yes && !(pos && in_character(s, n, pos)))
            add_thread(re, &re->now, 0, (u32)pos, s, n, pos);
        advance(re, s, n, pos, &f);
        if (f.yes && (any || !re->then.n))
            break;
        struct threads t = re->now;
        re->now = re->then;
        re->then = t;
    }
    return f;
}

bool regex_find(struct regex *re, const char *s, size_t n, size_t from, size_t *start, size_t *end)
{
    struct found f = search(re, s, n, from, false);
    *start = f.start;
    *end = f.end;
    return f.yes;
}

bool regex_test(struct regex *re, const char *s, size_t n)
{
    return search(re, s, n, 0, true).yes;
}

/* ---- making one ---- */

static bool threads_make(struct threads *t, u32 steps)
{
    t->at = mem_alloc(steps * sizeof(*t->at));
    t->start = mem_alloc(steps * sizeof(*t->start));
    return t->at && t->start;
}

/* Which bytes can begin a match: what a search of the empty prefix reaches when every assertion is let pass. */
static void find_first(struct regex *re)
{
    u32 todo = 0;
    re->leap = true;
    next_round(re);
    for (reach(re, 0, &todo); todo;) {
        u16 at = re->todo[--todo];
        const struct step *step = &re->step[at];
        switch (step->op) {
        case OP_BYTE: regex_set_add(&re->first, (u8)step->a); break;
        case OP_SET:
            for (unsigned i = 0; i < ARRAY_LEN(re->first.bits); i++)
                re->first.bits[i] |= re->set[step->a].bits[i];
            break;
        case OP_SPLIT:
            reach(re, step->b, &todo);
            reach(re, step->a, &todo);
            break;
        case OP_JUMP: reach(re, step->a, &todo); break;
        case OP_ASSERT: reach(re, (u16)(at + 1), &todo); break;
        default: re->leap = false;
        }
    }
}

static bool emit_all(struct build *b, int root, unsigned flags)
{
    unsigned before = flags & REGEX_LINE ? RK_BOL : RK_NO_WORD_BEFORE;
    unsigned after = flags & REGEX_LINE ? RK_EOL : RK_NO_WORD_AFTER;
    bool framed = flags & (REGEX_LINE | REGEX_WORD);
    if (framed && emit(b, OP_ASSERT, before, 0) < 0)
        return false;
    if (!emit_node(b, (u16)root) || (framed && emit(b, OP_ASSERT, after, 0) < 0))
        return false;
    return emit(b, OP_MATCH, 0, 0) >= 0;
}

static bool build(struct regex *re, struct regex_tree *t, int root, unsigned flags, const char **why)
{
    struct build b = {re, t, "memory exhausted"};
    bool ok = emit_all(&b, root, flags);
    if (ok) {
        re->set = t->set;
        re->range = t->range;
        t->set = NULL;
        t->range = NULL;
        re->mark = mem_zalloc(re->steps * sizeof(*re->mark));
        re->todo = mem_alloc(re->steps * sizeof(*re->todo));
        bool now = threads_make(&re->now, re->steps), then = threads_make(&re->then, re->steps);
        ok = re->mark && re->todo && now && then;
    }
    if (ok)
        find_first(re);
    else
        *why = b.why;
    return ok;
}

struct regex *regex_compile(const char *pattern, size_t n, unsigned flags, const char **why)
{
    struct regex *re = mem_zalloc(sizeof(*re));
    struct regex_tree t = {0};
    *why = "memory exhausted";
    int root = re ? regex_tree_parse(&t, pattern, n, flags, why) : -1;
    bool ok = root >= 0 && build(re, &t, root, flags, why);
    regex_tree_free(&t);
    if (ok)
        return re;
    regex_free(re);
    return NULL;
}

void regex_free(struct regex *re)
{
    if (!re)
        return;
    mem_free(re->step);
    mem_free(re->set);
    mem_free(re->range);
    mem_free(re->mark);
    mem_free(re->todo);
    mem_free(re->now.at);
    mem_free(re->now.start);
    mem_free(re->then.at);
    mem_free(re->then.start);
    mem_free(re);
}
