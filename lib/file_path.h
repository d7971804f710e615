/* Internal to lib. */
/* How a path is followed to a tree or a view. */
#ifndef LIB_FILE_PATH_H
#define LIB_FILE_PATH_H

#include "lib/file.h"

#define FILE_STORE_MAX (64 * KIB) /* what a view takes at once */

struct file_at {
    struct file_req req; /* net and star filled in */
    unsigned depth;      /* how many stars were met */
    const char *rest;    /* what the view's path still has behind the path: "" when it is the view itself */
    char text[FILE_PATH_MAX];
};

int file_plain_path(const char *path, char plain[FILE_PATH_MAX]); /* without the leading '/': "" is the root */
const struct file_tree *file_tree_of(const char *plain, const char **name);
bool file_view_leads(const struct file_view *v, struct net *net, const char *plain, struct file_at *at);

#endif
