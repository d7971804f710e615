/* The console as an output: a page at a time, when that is wanted.
 *
 *     pager_begin(&p, columns, rows, paging);      before each command
 *     ... prints to &p.out ...
 *
 * With paging on, `--More--` appears after each page: space for the next, Enter for a line, q or Ctrl-C for no more.
 */
#ifndef APPS_SHELL_PAGER_H
#define APPS_SHELL_PAGER_H

#include "apps/shell/typed.h"
#include "lib/base.h"
#include "lib/out.h"

struct pager {
    struct out out;
    struct typed *typed;
    bool paging; /* stop after each page */
    bool clean;  /* the last byte ended a row */
    u16 columns, rows, row, column;
    bool in_escape;
};

void pager_init(struct pager *p, struct typed *typed);
void pager_begin(struct pager *p, u16 columns, u16 rows, bool paging);

#endif
