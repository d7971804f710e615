/* The value of one tunable: text to memory and back, in Linux's forms.
 *
 * A number is written decimal, 0x hexadecimal or 0 octal, with blanks around it, and shown in decimal; what follows it
 * is refused. A number that does not fit its bounds changes nothing (-EINVAL). Strings are copied under a lock, since a
 * reader could see half of one otherwise; numbers are one store each.
 */
#include "lib/sysctl_value.h"

#include "lib/fmt.h"
#include "lib/parse.h"
#include "lib/plat.h"
#include "lib/string.h"

#define NUMBERS_MAX  16
#define NUMBERS_TEXT 400 /* sixteen of the longest, and blanks */
#define STRING_MAX   256

static struct spinlock string_lock;

void *sysctl_var(const struct sysctl *s, struct net *net, const char *star)
{
    char *base = NULL;

    if (s->global)
        return s->global;
    if (s->place)
        base = s->place(net, star);
    else if (s->slot && net)
        base = (char *)net + *s->slot;
    return base ? base + s->offset : NULL;
}

static u32 count_of(const struct sysctl *s)
{
    return s->type == SYSCTL_NUMBERS ? s->count : 1;
}

static u64 unit_of(const struct sysctl *s)
{
    return s->unit ? s->unit : 1;
}

static i64 load_number(const struct sysctl *s, const void *var, u32 i)
{
    bool is_signed = s->low < 0;
    u64 unit = unit_of(s), v;

    switch (s->width / count_of(s)) {
    case 1: return is_signed ? load_relaxed((const i8 *)var + i) : load_relaxed((const u8 *)var + i);
    case 2: return is_signed ? load_relaxed((const i16 *)var + i) : load_relaxed((const u16 *)var + i);
    case 4:
        if (is_signed)
            return load_relaxed((const i32 *)var + i) / (i64)unit;
        return (i64)(load_relaxed((const u32 *)var + i) / unit);
    default: v = load_relaxed((const u64 *)var + i); return is_signed ? (i64)v / (i64)unit : (i64)(v / unit);
    }
}

static void store_number(const struct sysctl *s, void *var, u32 i, i64 shown)
{
    u64 v = (u64)shown * unit_of(s);

    switch (s->width / count_of(s)) {
    case 1: store_relaxed((u8 *)var + i, (u8)v); return;
    case 2: store_relaxed((u16 *)var + i, (u16)v); return;
    case 4: store_relaxed((u32 *)var + i, (u32)v); return;
    default: store_relaxed((u64 *)var + i, v); return;
    }
}

void sysctl_string(char *to, size_t size, const char *var)
{
    spin_lock(&string_lock);
    str_copy(to, size, var);
    spin_unlock(&string_lock);
}

int sysctl_show(const struct sysctl *s, struct net *net, const char *star, struct out *o)
{
    char text[STRING_MAX];
    void *var = sysctl_var(s, net, star);

    if (s->access == SYSCTL_WO)
        return -EACCES;
    if (s->type == SYSCTL_CALL)
        return s->show ? s->show(net, star, o) : -EACCES;
    if (!var)
        return -ENOENT;
    if (s->type == SYSCTL_STRING) {
        sysctl_string(text, min(sizeof(text), (size_t)s->width), var);
        out_raw(o, text, strlen(text));
        return 0;
    }
    for (u32 i = 0; i < count_of(s); i++) {
        size_t n = fmt(text, sizeof(text), "%s%lld", i ? "\t" : "", (long long)load_number(s, var, i));
        out_raw(o, text, n);
    }
    return 0;
}

/* Up to `most` numbers within bounds into v[]; how many, or -EINVAL. Nothing at all is refused as well. */
static int read_numbers(const struct sysctl *s, const char *text, i64 *v, u32 most)
{
    char copy[NUMBERS_TEXT], *words[NUMBERS_MAX + 2];
    i64 low = s->low, high = s->low || s->high ? s->high : INT_MAX;

    if (str_copy(copy, sizeof(copy), text) >= sizeof(copy))
        return -EINVAL;
    unsigned n = parse_words(copy, words, ARRAY_LEN(words));
    if (!n || n > most)
        return -EINVAL;
    for (unsigned i = 0; i < n; i++)
        if (parse_i64(words[i], low, high, &v[i], NULL))
            return -EINVAL;
    return (int)n;
}

/* Up to the first newline, cut to the room there is, as Linux's proc_dostring; and without blanks at either end, since
 * sysctl could not write them again. */
static void store_string(const struct sysctl *s, char *var, const char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    size_t n = min(strcspn(text, "\n"), (size_t)s->width - 1);
    while (n && char_is_space(text[n - 1]))
        n--;
    spin_lock(&string_lock);
    str_copy_n(var, s->width, text, n);
    spin_unlock(&string_lock);
}

int sysctl_store(const struct sysctl *s, struct net *net, const char *star, const char *text)
{
    void *var = sysctl_var(s, net, star);
    i64 v[NUMBERS_MAX];
    int n = 0, err = 0;

    if (s->access == SYSCTL_RO)
        return -EACCES;
    if (s->type == SYSCTL_CALL)
        return s->store ? s->store(net, star, text) : -EACCES;
    if (!var)
        return -ENOENT;
    if (s->type != SYSCTL_STRING) {
        n = read_numbers(s, text, v, min(count_of(s), (u32)NUMBERS_MAX));
        if (n < 0)
            return n;
        err = s->check ? s->check(net, star, v[0]) : 0;
    }
    if (err)
        return err;
    if (s->type == SYSCTL_STRING)
        store_string(s, var, text);
    for (int i = 0; i < n; i++)
        store_number(s, var, (u32)i, v[i]);
    if (s->changed)
        s->changed(net, star);
    return 0;
}

void sysctl_set_default(const struct sysctl *s, void *var)
{
    i64 v[NUMBERS_MAX];
    int n = 0;

    switch (s->type) {
    case SYSCTL_STRING: store_string(s, var, s->text ? s->text : ""); break;
    case SYSCTL_NUMBER: store_number(s, var, 0, s->def); break;
    case SYSCTL_NUMBERS:
        n = read_numbers(s, s->text, v, min(s->count, (u32)NUMBERS_MAX));
        if (n != (int)s->count)
            panic("sysctl: the default of %s is not %u numbers", s->name, s->count);
        for (int i = 0; i < n; i++)
            store_number(s, var, (u32)i, v[i]);
        break;
    case SYSCTL_CALL: break;
    }
}

bool sysctl_is_default(const struct sysctl *s, struct net *net, const char *star, char value[SYSCTL_VALUE_MAX])
{
    struct out_mem m;
    char def[24];
    const char *want = s->text ? s->text : "";

    out_mem_init(&m, value, SYSCTL_VALUE_MAX, false);
    if (sysctl_show(s, net, star, &m.out))
        return true; /* there is nothing to tell */
    if (s->type == SYSCTL_NUMBER) {
        fmt(def, sizeof(def), "%lld", (long long)s->def);
        want = def;
    }
    return str_eq(value, want);
}
