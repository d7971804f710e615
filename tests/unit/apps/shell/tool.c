/* Runs a text tool on a text, and the tool of the same name on this machine. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/cmd.h"
#include "lib/fmt.h"
#include "lib/io.h"
#include "lib/net.h"
#include "lib/string.h"
#include "tests/unit/apps/shell/tool.h"

static int split(char *line, char **argv, int room)
{
    int argc = 0;
    char *to = line;
    while (*line) {
        while (*line == ' ')
            line++;
        if (!*line || argc + 1 == room)
            break;
        argv[argc++] = to;
        for (char quote = 0; *line && (quote || *line != ' '); line++) {
            if (quote ? *line == quote : *line == '\'' || *line == '"')
                quote = quote ? 0 : *line;
            else
                *to++ = *line;
        }
        bool end = !*line;
        *to++ = 0;
        line += !end;
    }
    argv[argc] = NULL;
    return argc;
}

void tool_run(struct tool_result *r, const char *line, const char *input, size_t n)
{
    char words[1024], *argv[64];
    struct out_mem out, err;
    struct io_mem in;
    str_copy(words, sizeof(words), line);
    out_mem_init(&out, r->out, sizeof(r->out), false);
    out_mem_init(&err, r->err, sizeof(r->err), false);
    io_mem_init(&in, input, n);
    struct cmd_ctx c = {.net = net_first, .out = &out.out, .err = &err.out, .in = &in.io, .argv = argv};
    c.argc = split(words, argv, (int)ARRAY_LEN(argv));
    r->status = cmd_run(&c);
    r->out_len = out.len;
}

/* The one awk that the tests are held against, whatever else this machine calls awk. */
#define ORACLE "awk() { mawk \"$@\"; }; "

bool tool_run_system(struct tool_result *r, const char *line, const char *input, size_t n)
{
    char name[] = "/tmp/weir-tool-XXXXXX", command[2048];
    int fd = mkstemp(name);
    if (fd < 0)
        return false;
    unlink(name); /* nothing is left of it, whatever happens */
    bool written = write(fd, input, n) == (ssize_t)n;
    fmt(command, sizeof(command), ORACLE "export LC_ALL=C; cat /dev/fd/%d | { %s; } 2>/dev/null", fd, line);
    FILE *p = written ? popen(command, "r") : NULL;
    if (p) {
        r->out_len = fread(r->out, 1, sizeof(r->out) - 1, p);
        r->out[r->out_len] = 0;
        r->status = WEXITSTATUS(pclose(p));
    }
    close(fd);
    return p && r->status != 127;
}

bool tool_compare(const char *file, int at, const char *line, const char *input, size_t n)
{
    static struct tool_result ours, theirs;
    if (!tool_run_system(&theirs, line, input, n))
        return false;
    tool_run(&ours, line, input, n);
    if (ours.status != theirs.status || ours.out_len != theirs.out_len ||
        memcmp(ours.out, theirs.out, theirs.out_len) != 0)
        test_failed(file, at, "%s\non:\n%.*s\ngives %d:\n%.2000s%s\nand on this machine %d:\n%.2000s", line,
                    (int)min(n, (size_t)1500), input, ours.status, ours.out, ours.err, theirs.status, theirs.out);
    return true;
}
