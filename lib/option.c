/* The options of a text tool, as getopt reads them.
 *
 * Operands before options are allowed (`grep eth0 -i file`): option words found later are moved in front of the
 * operands, in argv itself, which belongs to the command. A lone `-` is an operand (standard input); `--` ends
 * the options. Long options there are none but --help: a tool refuses them by name.
 */
#include "lib/option.h"
#include "lib/fmt.h"
#include "lib/string.h"

void option_start(struct option_reader *o, struct cmd_ctx *c, const char *spec)
{
    *o = (struct option_reader){.c = c, .spec = spec, .at = c->words > 1 ? c->words : 1};
    o->seen = o->at - 1;
}

/* Brings argv[from] to argv[to], to <= from; what is between moves up. */
static void move_word(char **argv, int from, int to)
{
    char *moving = argv[from];
    memmove(&argv[to + 1], &argv[to], (size_t)(from - to) * sizeof(*argv));
    argv[to] = moving;
}

/* Finds the next word of options and brings it to argv[o->at]. */
static bool next_word(struct option_reader *o)
{
    char **argv = o->c->argv;
    for (int i = o->at; i < o->c->argc; i++) {
        if (argv[i][0] != '-' || !argv[i][1]) {
            if (o->strict)
                return false;
            continue;
        }
        bool end = str_eq(argv[i], "--");
        move_word(argv, i, o->at);
        o->in = argv[o->at++] + 1;
        o->seen = i;
        return !end;
    }
    return false;
}

static int refuse(struct option_reader *o)
{
    o->bad = true;
    return 0;
}

int option_next(struct option_reader *o)
{
    if (o->bad)
        return 0;
    if (!o->in || !*o->in) {
        if (!next_word(o))
            return 0;
        if (o->in[0] == '-') {
            o->help = str_eq(o->in, "-help");
            fmt(o->why, sizeof(o->why), "unknown option '-%s'", o->in);
            return refuse(o);
        }
    }
    o->letter = *o->in++;
    const char *known = o->letter == ':' ? NULL : strchr(o->spec, o->letter);
    if (!known) {
        fmt(o->why, sizeof(o->why), "unknown option '-%c'", o->letter);
        return refuse(o);
    }
    if (known[1] != ':')
        return o->letter;
    o->value = o->in;
    if (!*o->in && o->seen + 1 < o->c->argc) { /* the value is the word behind, wherever the option stood */
        move_word(o->c->argv, ++o->seen, o->at);
        o->value = o->c->argv[o->at++];
    } else if (!*o->in) {
        fmt(o->why, sizeof(o->why), "option '-%c' wants a value", o->letter);
        return refuse(o);
    }
    o->in = NULL;
    return o->letter;
}

bool option_decimal(const char *s, u64 *v)
{
    u64 n = 0;
    if (!*s)
        return false;
    for (; *s; s++) {
        if (!char_is_digit(*s) || n > (UINT64_MAX - 9) / 10)
            return false;
        n = n * 10 + (u64)(*s - '0');
    }
    *v = n;
    return true;
}

u64 option_number(struct option_reader *o, u64 low, u64 high)
{
    u64 v = 0;
    if (option_decimal(o->value, &v) && v >= low && v <= high)
        return v;
    if (!o->bad)
        fmt(o->why, sizeof(o->why), "option '-%c': \"%.20s\" is not a number from %llu to %llu", o->letter, o->value,
            (unsigned long long)low, (unsigned long long)high);
    refuse(o);
    return low;
}

int option_refuse(struct option_reader *o)
{
    const struct cmd *cmd = o->c->cmd;
    if (!o->help)
        return cmd_usage(o->c, "%s", o->why);
    out_text(o->c->out, "usage: %s %s\n%s\n", cmd ? cmd->name : o->c->argv[0], cmd && cmd->usage ? cmd->usage : "",
             cmd ? cmd->help : "");
    return 0;
}
