/* weir counters: every named counter, with its meaning.
 *
 *     weir counters              those that are not 0          weir counters -a           all
 *     weir counters 'Ip.*'       by name (* ? [ ])             weir counters -v           with what each means
 *     weir counters -c           one column per CPU            weir counters -j           as JSON
 */
#include "lib/cmd.h"
#include "lib/option.h"
#include "lib/plat.h"
#include "lib/stats.h"
#include "lib/string.h"

struct request {
    bool all, verbose, per_cpu;
    const char *pattern;
};

static int read_words(struct cmd_ctx *c, struct request *r)
{
    struct option_reader o;
    int letter;

    option_start(&o, c, "avcj");
    while ((letter = option_next(&o)) > 0) {
        r->all |= letter == 'a';
        r->verbose |= letter == 'v';
        r->per_cpu |= letter == 'c';
        c->out->json |= letter == 'j';
    }
    if (o.bad)
        return option_refuse(&o);
    if (o.at < c->argc)
        r->pattern = c->argv[o.at++];
    if (o.at < c->argc)
        return cmd_usage(c, "one pattern, not two: \"%s\"", c->argv[o.at]);
    return 0;
}

static void print_counter(struct cmd_ctx *c, const struct request *r, const struct stat_counter *s, u64 v)
{
    out_object(c->out, s->name);
    out_text(c->out, "%-32s", s->name);
    out_u64(c->out, "value", " %20llu", v);
    if (r->per_cpu) {
        out_array(c->out, "cpus");
        for (unsigned i = 0; i < cpu_count(); i++)
            out_u64(c->out, NULL, " %12llu", stats_read_cpu(c->net, s, i));
        out_end(c->out);
    }
    if (r->verbose)
        out_str(c->out, "help", "  %s", s->help);
    out_text(c->out, "\n");
    out_end(c->out);
}

static int cmd_counters(struct cmd_ctx *c)
{
    struct request r = {.pattern = NULL};
    int status = read_words(c, &r);
    unsigned matched = 0;

    if (status || c->out->failed)
        return status;
    out_object(c->out, NULL);
    for (const struct stat_counter *s = stats_next(NULL); s; s = stats_next(s)) {
        if (r.pattern && !str_match(r.pattern, s->name))
            continue;
        matched++;
        u64 v = stats_read(c->net, s);
        if (v || r.all || r.pattern)
            print_counter(c, &r, s, v);
    }
    out_end(c->out);
    return r.pattern && !matched ? cmd_error(c, "no counter's name is like \"%s\"", r.pattern) : 0;
}

CMD(counters, .name = "weir counters", .help = "named counters and what they mean",
    .usage = "[-a] [-v] [-c] [-j] [PATTERN]", .run = cmd_counters);
