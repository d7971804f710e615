/* The text of a regular expression to its tree.
 *
 * One scanner for both dialects: `lex` answers what the next piece of the pattern means, and the grammar above it is
 * the same for basic and extended expressions. Where POSIX leaves a case open, the answer is that of GNU grep, since
 * its habits are in people's fingers:
 *
 *     *  at the start of a basic expression, a group or a branch is a character; of an extended one it repeats nothing
 *     {  in an extended expression is a character unless a bound follows
 *     ^  and $ in a basic expression are anchors only at the ends of it, of a group or of a branch
 *     a| and () match the empty text
 *
 * Recursion is one level for each open group and is bounded by REGEX_DEPTH_MAX, since kernel stacks are small. Every
 * text gives a tree or a reason; nothing is read beyond p[n). Never allocates more than the bounds in lib/regex.h
 * imply.
 */
#include "lib/regex_tree.h"
#include "lib/plat.h"
#include "lib/regex_flag.h"
#include "lib/string.h"

enum token {
    T_END,
    T_BYTE, /* value: the byte */
    T_CHAR, /* value: the first byte of a character; the others follow at p */
    T_NODE, /* value: a regex_kind without operands */
    T_SET,  /* value: index of the set */
    T_OPEN,
    T_CLOSE,
    T_ALT,
    T_REPEAT, /* low, high */
    T_BAD,
};

struct scan {
    struct regex_tree *t;
    const u8 *p, *end;
    unsigned flags;
    const char *why;
    int value, low, high;
    bool fresh; /* at the start of an expression, a group or a branch */
    u8 groups;  /* open now */
};

#define NO_UTF8 0x110000 /* a byte that belongs to no character, as one: no text is found to hold it */

static const char too_big[] = "Regular expression too big";
static const char no_memory[] = "memory exhausted";

static enum token bad(struct scan *s, const char *why)
{
    s->why = why;
    return T_BAD;
}

static int new_node(struct scan *s, enum regex_kind kind, unsigned a)
{
    struct regex_tree *t = s->t;
    if (t->nodes == t->node_room) {
        s->why = too_big;
        return -1;
    }
    t->node[t->nodes] =
        (struct regex_node){.kind = kind, .depth = 1, .a = (u16)a, .child = RK_NONE, .last = RK_NONE, .next = RK_NONE};
    return (int)t->nodes++;
}

static int new_set(struct scan *s)
{
    struct regex_tree *t = s->t;
    if (t->sets == t->set_room) {
        u32 room = t->set_room ? t->set_room * 2 : 8;
        struct regex_set *more = mem_alloc(room * sizeof(*more));
        if (!more) {
            s->why = no_memory;
            return -1;
        }
        if (t->sets)
            memcpy(more, t->set, t->sets * sizeof(*more));
        mem_free(t->set);
        t->set = more;
        t->set_room = room;
    }
    t->set[t->sets] = (struct regex_set){.but = false};
    return (int)t->sets++;
}

static void set_invert(struct regex_set *set)
{
    set->bits[0] = ~set->bits[0];
    set->bits[1] = ~set->bits[1];
    set->bits[3] = ~0ull;
    set->but = true;
}

/* Characters beyond ASCII; the set's ranges stand together, since one bracket is read at a time. */
static bool add_range(struct scan *s, struct regex_set *set, u32 low, u32 high)
{
    struct regex_tree *t = s->t;
    if (t->ranges == t->range_room) {
        u32 room = t->range_room ? t->range_room * 2 : 8;
        struct regex_range *more = mem_alloc(room * sizeof(*more));
        if (!more) {
            s->why = no_memory;
            return false;
        }
        if (t->ranges)
            memcpy(more, t->range, t->ranges * sizeof(*more));
        mem_free(t->range);
        t->range = more;
        t->range_room = room;
    }
    if (!set->ranges++)
        set->range = (u16)t->ranges;
    set->bits[3] = ~0ull;
    t->range[t->ranges++] = (struct regex_range){low, high};
    return true;
}

static bool set_add_all(struct scan *s, struct regex_set *set, u32 low, u32 high)
{
    for (u32 c = low; c <= min(high, 0x7fu); c++)
        regex_set_add(set, (u8)c);
    return high < 0x80 || add_range(s, set, max(low, 0x80u), high);
}

static void set_fold(struct regex_set *set) /* a letter in either case brings the other */
{
    for (unsigned i = 0; i < 26; i++) {
        u8 c = (u8)('a' + i), upper = (u8)('A' + i);
        if (regex_set_has(set, c) || regex_set_has(set, upper)) {
            regex_set_add(set, c);
            regex_set_add(set, upper);
        }
    }
}

/* ---- brackets ---- */

/* [:name:], [.x.] or [=x=]; s->p stands behind the "[:". Returns the character of the latter two, -1 for a class, -2:
 * bad.
 */
static int bracket_special(struct scan *s, struct regex_set *set, u8 mark)
{
    const u8 *start = s->p;
    while (s->end - s->p >= 2 && !(s->p[0] == mark && s->p[1] == ']'))
        s->p++;
    if (s->end - s->p < 2) {
        s->why = "Unmatched [, [^, [:, [., or [=";
        return -2;
    }
    size_t n = (size_t)(s->p - start);
    s->p += 2;
    if (mark != ':') {
        u32 rune = 0;
        s->why = "Invalid collation character";
        return n && utf8_take((const char *)start, n, &rune) == n ? (int)rune : -2;
    }
    int class = char_class((const char *)start, n);
    s->why = "Invalid character class name";
    for (unsigned c = 0; class >= 0 && c < 256; c++)
        if (char_in_class(class, (char)c))
            regex_set_add(set, (u8)c);
    return class >= 0 ? -1 : -2;
}

static u8 awk_escape(u8 c)
{
    switch (c) {
    case 't': return '\t';
    case 'n': return '\n';
    case 'r': return '\r';
    case 'f': return '\f';
    case 'v': return '\v';
    case 'a': return '\a';
    default: return c;
    }
}

/* One end of a range: as bracket_special. A byte that is no UTF-8 is a character of its own. */
static int bracket_char(struct scan *s, struct regex_set *set)
{
    u32 rune;
    unsigned bytes = utf8_take((const char *)s->p, (size_t)(s->end - s->p), &rune);
    if (bytes > 1) {
        s->p += bytes;
        return (int)rune;
    }
    u8 c = *s->p++;
    if (c >= 0x80)
        return NO_UTF8 + c;
    if (c == '[' && s->p < s->end && (*s->p == ':' || *s->p == '.' || *s->p == '='))
        return bracket_special(s, set, *s->p++);
    if (c == '\\' && (s->flags & REGEX_AWK) && s->p < s->end)
        return awk_escape(*s->p++);
    return c;
}

/* "a", "a-z" or "[:alpha:]". */
static bool bracket_item(struct scan *s, struct regex_set *set)
{
    int low = bracket_char(s, set), high = low;
    if (low == -2)
        return false;
    if (low >= 0 && s->end - s->p >= 2 && s->p[0] == '-' && s->p[1] != ']') {
        s->p++;
        high = bracket_char(s, set);
        if (high == -2)
            return false;
        if (high < low) {
            s->why = "Invalid range end";
            return false;
        }
    }
    return low < 0 || set_add_all(s, set, (u32)low, (u32)high);
}

static enum token lex_bracket(struct scan *s)
{
    int index = new_set(s);
    if (index < 0)
        return T_BAD;
    struct regex_set *set = &s->t->set[index];
    bool invert = s->p < s->end && *s->p == '^';
    s->p += invert;
    for (const u8 *first = s->p;;) {
        if (s->p >= s->end)
            return bad(s, "Unmatched [, [^, [:, [., or [=");
        if (*s->p == ']' && s->p > first)
            break;
        if (!bracket_item(s, set))
            return T_BAD;
    }
    s->p++;
    if (s->flags & REGEX_ICASE)
        set_fold(set);
    if (invert)
        set_invert(set);
    s->value = index;
    return T_SET;
}

/* ---- the other pieces ---- */

static enum token class_token(struct scan *s, bool (*in)(u8 c), bool invert)
{
    int index = new_set(s);
    if (index < 0)
        return T_BAD;
    for (unsigned c = 0; c < 0x80; c++)
        if (in((u8)c))
            regex_set_add(&s->t->set[index], (u8)c);
    if (invert)
        set_invert(&s->t->set[index]);
    s->value = index;
    return T_SET;
}

static bool is_none(u8 c)
{
    return false;
}

static bool is_space(u8 c)
{
    return char_is_space((char)c);
}

static enum token byte_token(struct scan *s, u8 c)
{
    if ((s->flags & REGEX_ICASE) && char_is_alpha((char)c)) {
        int index = new_set(s);
        if (index < 0)
            return T_BAD;
        regex_set_add(&s->t->set[index], c);
        set_fold(&s->t->set[index]);
        s->value = index;
        return T_SET;
    }
    s->value = c;
    return c < 0xc0 ? T_BYTE : T_CHAR;
}

static enum token node_token(struct scan *s, enum regex_kind kind)
{
    s->value = kind;
    return T_NODE;
}

static enum token repeat_token(struct scan *s, int low, int high)
{
    s->low = low;
    s->high = high;
    return T_REPEAT;
}

static int bound_number(const u8 **p, const u8 *end)
{
    int v = -1;
    for (; *p < end && char_is_digit((char)**p); ++*p)
        v = min((v < 0 ? 0 : v) * 10 + (**p - '0'), 60000);
    return v;
}

/* s->p stands behind the brace. In an extended expression what is no bound is a character. */
static enum token lex_bound(struct scan *s)
{
    bool ere = s->flags & REGEX_ERE;
    const u8 *p = s->p;
    int low = bound_number(&p, s->end), high = low;
    if (p < s->end && *p == ',') {
        p++;
        high = bound_number(&p, s->end);
        if (high < 0)
            high = RK_FOREVER;
        if (low < 0)
            low = 0;
    }
    bool closed = ere ? p < s->end && *p == '}' : s->end - p >= 2 && p[0] == '\\' && p[1] == '}';
    if (!closed || low < 0) {
        if (ere)
            return byte_token(s, '{');
        return bad(s, p >= s->end ? "Unmatched \\{" : "Invalid content of \\{\\}");
    }
    if (low > high)
        return bad(s, "Invalid content of \\{\\}");
    if (low > REGEX_REPEAT_MAX || (high > REGEX_REPEAT_MAX && high != RK_FOREVER))
        return bad(s, too_big);
    s->p = p + (ere ? 1 : 2);
    return repeat_token(s, low, high);
}

static enum token lex_backslash(struct scan *s)
{
    if (s->p >= s->end)
        return bad(s, "Trailing backslash");
    u8 c = *s->p++;
    if (s->flags & REGEX_AWK) {
        if (awk_escape(c) != c)
            return byte_token(s, awk_escape(c));
    } else if (c >= '1' && c <= '9') {
        return bad(s, "back-references are not supported: write out what shall repeat");
    }
    if (!(s->flags & REGEX_ERE)) {
        switch (c) {
        case '(': return T_OPEN;
        case ')': return T_CLOSE;
        case '{': return lex_bound(s);
        case '|': return T_ALT;
        case '+': return s->fresh ? byte_token(s, c) : repeat_token(s, 1, RK_FOREVER);
        case '?': return s->fresh ? byte_token(s, c) : repeat_token(s, 0, 1);
        }
    }
    switch (c) {
    case 'w': return class_token(s, regex_is_word, false);
    case 'W': return class_token(s, regex_is_word, true);
    case 's': return class_token(s, is_space, false);
    case 'S': return class_token(s, is_space, true);
    case 'b': return node_token(s, RK_WORD_EDGE);
    case 'B': return node_token(s, RK_WORD_NOT_EDGE);
    case '<': return node_token(s, RK_WORD_START);
    case '>': return node_token(s, RK_WORD_END);
    case '`': return node_token(s, RK_BOL);
    case '\'': return node_token(s, RK_EOL);
    default: return byte_token(s, c);
    }
}

/* In a basic expression `$` is an anchor only where the expression, a group or a branch ends. */
static bool at_branch_end(const struct scan *s)
{
    return s->p >= s->end || (s->end - s->p >= 2 && s->p[0] == '\\' && (s->p[1] == ')' || s->p[1] == '|'));
}

static enum token lex_ere(struct scan *s, u8 c)
{
    switch (c) {
    case '(': return T_OPEN;
    case ')': return T_CLOSE;
    case '|': return T_ALT;
    case '*': return repeat_token(s, 0, RK_FOREVER);
    case '+': return repeat_token(s, 1, RK_FOREVER);
    case '?': return repeat_token(s, 0, 1);
    case '{': return lex_bound(s);
    case '^': return node_token(s, RK_BOL);
    case '$': return node_token(s, RK_EOL);
    default: return byte_token(s, c);
    }
}

static enum token lex_bre(struct scan *s, u8 c)
{
    if (c == '*' && !s->fresh)
        return repeat_token(s, 0, RK_FOREVER);
    if (c == '^' && s->fresh)
        return node_token(s, RK_BOL);
    if (c == '$' && at_branch_end(s))
        return node_token(s, RK_EOL);
    return byte_token(s, c);
}

static enum token lex(struct scan *s)
{
    if (s->p >= s->end)
        return T_END;
    u8 c = *s->p++;
    if (s->flags & REGEX_FIXED)
        return byte_token(s, c);
    switch (c) {
    case '\\': return lex_backslash(s);
    case '[': return lex_bracket(s);
    case '.': return class_token(s, is_none, true);
    default: return s->flags & REGEX_ERE ? lex_ere(s, c) : lex_bre(s, c);
    }
}

/* ---- grammar ---- */

static void add_child(struct regex_tree *t, int parent, int child)
{
    struct regex_node *p = &t->node[parent];
    if (p->last == RK_NONE)
        p->child = (u16)child;
    else
        t->node[p->last].next = (u16)child;
    p->last = (u16)child;
    p->depth = max(p->depth, (u8)(t->node[child].depth + 1));
}

/* The last child of `cat` becomes the operand of a repeat. */
static bool repeat_last(struct scan *s, int cat)
{
    struct regex_tree *t = s->t;
    u16 operand = t->node[cat].last;
    if (operand == RK_NONE) { /* nothing to repeat: the empty text */
        if (s->flags & REGEX_AWK) {
            s->why = "Invalid preceding regular expression";
            return false;
        }
        return true;
    }
    if (t->node[operand].kind == RK_REPEAT && t->node[operand].a <= 1 && t->node[operand].b == RK_FOREVER &&
        s->low <= 1 && s->high == RK_FOREVER) { /* a** */
        t->node[operand].a = (u16)min((int)t->node[operand].a, s->low);
        return true;
    }
    if (t->node[operand].depth >= REGEX_DEPTH_MAX) {
        s->why = too_big;
        return false;
    }
    /* The operand moves to a new place and the repeat takes its index, so that no sibling's link changes. */
    int moved = new_node(s, RK_EMPTY, 0);
    if (moved < 0)
        return false;
    t->node[moved] = t->node[operand];
    t->node[operand] = (struct regex_node){.kind = RK_REPEAT,
                                           .depth = (u8)(t->node[moved].depth + 1),
                                           .a = (u16)s->low,
                                           .b = (u16)s->high,
                                           .child = (u16)moved,
                                           .last = (u16)moved,
                                           .next = RK_NONE};
    t->node[cat].depth = max(t->node[cat].depth, (u8)(t->node[operand].depth + 1));
    return true;
}

static int parse_alternatives(struct scan *s);

static int parse_group(struct scan *s)
{
    if (s->groups >= REGEX_DEPTH_MAX / 3) { /* each group is a level of three nodes: ALT, CAT and perhaps REPEAT */
        s->why = too_big;
        return -1;
    }
    s->groups++;
    int group = parse_alternatives(s);
    if (group >= 0)
        s->groups--;
    return group;
}

/* A character of several bytes is one thing to repeat. */
static int parse_char(struct scan *s)
{
    int cat = new_node(s, RK_CAT, 0), byte = cat < 0 ? -1 : new_node(s, RK_BYTE, (unsigned)s->value);
    while (byte >= 0) {
        add_child(s->t, cat, byte);
        if (s->p >= s->end || !utf8_is_rest((char)*s->p))
            return cat;
        byte = new_node(s, RK_BYTE, *s->p++);
    }
    return -1;
}

/* Adds what `tok` says to the branch; false with s->why when that cannot be. */
static bool branch_add(struct scan *s, int cat, enum token tok)
{
    int child;
    switch (tok) {
    case T_REPEAT: return repeat_last(s, cat);
    case T_BYTE: child = new_node(s, RK_BYTE, (unsigned)s->value); break;
    case T_SET: child = new_node(s, RK_SET, (unsigned)s->value); break;
    case T_NODE: child = new_node(s, (enum regex_kind)s->value, 0); break;
    case T_CHAR: child = parse_char(s); break;
    case T_OPEN: child = parse_group(s); break;
    default: return false;
    }
    if (child < 0)
        return false;
    add_child(s->t, cat, child);
    return true;
}

/* Reads up to the end, or to the closing of the group that the caller opened. */
static int parse_alternatives(struct scan *s)
{
    u8 level = s->groups;
    int alt = new_node(s, RK_ALT, 0);
    while (alt >= 0) {
        int cat = new_node(s, RK_CAT, 0);
        enum token tok = T_BAD;
        if (cat < 0)
            return -1;
        for (s->fresh = true;;) {
            tok = lex(s);
            if (tok == T_END || tok == T_CLOSE || tok == T_ALT || tok == T_BAD)
                break;
            bool anchor = tok == T_NODE && s->value == RK_BOL && s->fresh;
            if (!branch_add(s, cat, tok))
                return -1;
            s->fresh = anchor && !(s->flags & REGEX_ERE); /* `^*` in a basic expression: the star is a character */
        }
        add_child(s->t, alt, cat);
        if (tok == T_ALT)
            continue;
        if (tok == T_END && level)
            s->why = "Unmatched ( or \\(";
        else if (tok == T_CLOSE && !level)
            s->why = "Unmatched ) or \\)";
        else if (tok != T_BAD)
            return alt;
        return -1;
    }
    return -1;
}

int regex_tree_parse(struct regex_tree *t, const char *p, size_t n, unsigned flags, const char **why)
{
    struct scan s = {.t = t, .p = (const u8 *)p, .end = (const u8 *)p + n, .flags = flags, .why = no_memory};
    *t = (struct regex_tree){.node_room = (u32)(4 * n + 8)};
    if (n > REGEX_PATTERN_MAX) {
        *why = too_big;
        return -1;
    }
    t->node = mem_alloc(t->node_room * sizeof(*t->node));
    int root = t->node ? parse_alternatives(&s) : -1;
    if (root < 0)
        *why = s.why;
    return root;
}

void regex_tree_free(struct regex_tree *t)
{
    mem_free(t->node);
    mem_free(t->set);
    mem_free(t->range);
}
