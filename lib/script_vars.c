/* The variables of a running script: a list sorted by name, for the few that a script has.
 *
 * A store belongs to one task. Who runs apart ($( ), a stage of a pipe) gets a copy and drops it, so that nothing set
 * there is seen outside, as POSIX says of subshells. Values are text without NUL bytes; any length that memory bears.
 */
#include "lib/script_vars.h"

#include "lib/plat.h"
#include "lib/script.h"
#include "lib/script_parser.h"
#include "lib/string.h"

struct var {
    struct var *next;
    char *value;
    char name[];
};

struct script_vars {
    struct var *first;
};

bool script_name_ok(const char *name)
{
    if (!begins_name(*name))
        return false;
    while (in_name(*name))
        name++;
    return !*name;
}

void script_vars_free(struct script_vars *v)
{
    struct var *var = v ? v->first : NULL;

    while (var) {
        struct var *next = var->next;
        mem_free(var->value);
        mem_free(var);
        var = next;
    }
    mem_free(v);
}

struct script_vars *script_vars_new(const struct script_vars *from)
{
    struct script_vars *v = mem_zalloc(sizeof(*v));

    for (const struct var *var = from ? from->first : NULL; v && var; var = var->next) {
        if (script_vars_set(v, var->name, var->value, strlen(var->value))) {
            script_vars_free(v);
            return NULL;
        }
    }
    return v;
}

/* Where the variable is, or would have to be entered. */
static struct var **find(struct script_vars *v, const char *name)
{
    struct var **at = &v->first;

    while (*at && strcmp((*at)->name, name) < 0)
        at = &(*at)->next;
    return at;
}

static bool is_named(const struct var *var, const char *name)
{
    return var && str_eq(var->name, name);
}

const char *script_vars_get(const struct script_vars *v, const char *name)
{
    for (const struct var *var = v->first; var; var = var->next)
        if (str_eq(var->name, name))
            return var->value;
    return NULL;
}

int script_vars_set(struct script_vars *v, const char *name, const char *value, size_t len)
{
    struct var **at = find(v, name);
    size_t n = strlen(name);
    char *copy = mem_alloc(len + 1);

    if (!copy)
        return -ENOMEM;
    memcpy(copy, value, len);
    copy[len] = '\0';
    if (!is_named(*at, name)) {
        struct var *var = mem_zalloc(sizeof(*var) + n + 1);
        if (!var) {
            mem_free(copy);
            return -ENOMEM;
        }
        memcpy(var->name, name, n);
        var->next = *at;
        *at = var;
    }
    mem_free((*at)->value);
    (*at)->value = copy;
    return 0;
}

void script_vars_unset(struct script_vars *v, const char *name)
{
    struct var **at = find(v, name), *var = *at;

    if (!is_named(var, name))
        return;
    *at = var->next;
    mem_free(var->value);
    mem_free(var);
}

const char *script_get(const struct script_env *env, const char *name)
{
    return env->vars ? script_vars_get(env->vars, name) : NULL;
}

int script_set(struct script_env *env, const char *name, const char *value)
{
    if (!env->vars)
        return -ENOMEM;
    return script_name_ok(name) ? script_vars_set(env->vars, name, value, strlen(value)) : -EINVAL;
}

void script_each_var(const struct script_env *env, void (*fn)(void *arg, const char *name, const char *value),
                     void *arg)
{
    for (const struct var *var = env->vars ? env->vars->first : NULL; var; var = var->next)
        fn(arg, var->name, var->value);
}
