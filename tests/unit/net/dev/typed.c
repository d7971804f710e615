/* Lines typed in a test (see typed.h). */
#include "tests/unit/net/dev/typed.h"

#include "lib/out.h"
#include "lib/script.h"
#include "lib/string.h"

char typed_said[16384];

int typed(struct net *net, const char *line)
{
    static char errors[4096];
    struct script_env env;
    struct out_mem out, err;

    out_mem_init(&out, typed_said, sizeof(typed_said), false);
    out_mem_init(&err, errors, sizeof(errors), false);
    script_env_init(&env, net, &out.out, &err.out, NULL);
    int status = script_text(&env, line, strlen(line));
    script_env_free(&env);
    str_append(typed_said, sizeof(typed_said), errors);
    CHECK_LE(out_mem_len(&out) + out_mem_len(&err) + 1, sizeof(typed_said));
    return status;
}

void typed_table(struct net *net, const struct typed *t, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        int status = typed(net, t[i].line);
        if (status != t[i].status || (t[i].said && !str_eq(typed_said, t[i].said)))
            test_failed(__FILE__, __LINE__, "`%s`: %d, not %d; said\n%s\nnot\n%s", t[i].line, status, t[i].status,
                        typed_said, t[i].said);
    }
}
