/* How a path is followed to a tree or to a view: words alone, no file is touched.
 *
 * The text of a path is bounded by FILE_PATH_MAX before it is followed; what a '*' matched is copied into the caller's
 * struct file_at, so that each part is a string of its own.
 */
#include "lib/file_path.h"

#include "lib/string.h"

int file_plain_path(const char *path, char plain[FILE_PATH_MAX])
{
    size_t len = 0;

    plain[0] = '\0';
    for (;;) {
        while (*path == '/')
            path++;
        size_t n = strcspn(path, "/");
        if (!n)
            return 0;
        if (n == 2 && path[0] == '.' && path[1] == '.') {
            while (len && plain[--len] != '/')
                ;
        } else if (!(n == 1 && path[0] == '.')) {
            if (len + n + 2 > FILE_PATH_MAX)
                return -ENAMETOOLONG;
            if (len)
                plain[len++] = '/';
            memcpy(plain + len, path, n);
            len += n;
        }
        plain[len] = '\0';
        path += n;
    }
}

const struct file_tree *file_tree_of(const char *plain, const char **name)
{
    const struct file_tree *best = NULL;
    size_t best_len = 0;

    SET_FOREACH(file_tree, const struct file_tree, t) {
        size_t n = strlen(t->path + 1);
        if (n >= best_len && str_starts(plain, t->path + 1) && (plain[n] == '/' || !plain[n])) {
            best = t;
            best_len = n;
            *name = plain + n + (plain[n] == '/');
        }
    }
    return best;
}

struct wanted {
    const char *name;
    bool found;
};

static void compare_name(void *arg, const char *name)
{
    struct wanted *w = arg;
    w->found |= str_eq(name, w->name);
}

/* Is `name` one of those that the view's next '*' stands for? */
static bool star_has(const struct file_view *v, struct file_req *req, unsigned depth, const char *name)
{
    struct wanted w = {.name = name};

    if (!v->list)
        return true;
    v->list(req, (int)depth, compare_name, &w);
    return w.found;
}

bool file_view_leads(const struct file_view *v, struct net *net, const char *plain, struct file_at *at)
{
    const char *want = v->path + 1;
    size_t used = 0;

    at->req = (struct file_req){.net = net};
    at->depth = 0;
    while (*plain) {
        size_t n = strcspn(plain, "/"), m = strcspn(want, "/");
        if (m == 1 && *want == '*') {
            if (at->depth == ARRAY_LEN(at->req.star))
                return false;
            char *star = at->text + used;
            memcpy(star, plain, n);
            star[n] = '\0';
            used += n + 1;
            if (!star_has(v, &at->req, at->depth, star))
                return false;
            at->req.star[at->depth++] = star;
        } else if (m != n || memcmp(plain, want, n) != 0) {
            return false;
        }
        plain += n + (plain[n] == '/');
        want += m + (want[m] == '/');
    }
    at->rest = want;
    return true;
}
