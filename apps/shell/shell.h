/* The shell: what a person at the console talks to, and what runs the configuration at the start.
 *
 *     struct shell *sh = shell_new(net);           NULL: no memory
 *     shell_boot(sh, "/etc/weir.conf");            the boot script, if there is one
 *     shell_run(sh, false);                        prompt after prompt, in the caller's task; never returns
 *
 * There is one at a console. Commands reach it through c->shell; one that runs elsewhere (a test, HTTP) has NULL there.
 */
#ifndef APPS_SHELL_SHELL_H
#define APPS_SHELL_SHELL_H

#include "lib/base.h"

struct shell;
struct net;
struct history;

struct shell *shell_new(struct net *net);
void shell_free(struct shell *sh);
/* 0: done, or there is no such file; else how many commands failed, told on the console. -EINVAL: it was refused as a
 * whole, and no command of it was run. */
int shell_boot(struct shell *sh, const char *path);
/* `may_end`: `exit`, or Ctrl-D at the prompt, returns the exit status. */
int shell_run(struct shell *sh, bool may_end);
/* What a boot does, as one task: shell_boot, `ready` (may be NULL), then shell_run for ever. Returns 0 or -ENOMEM. */
int shell_start(struct net *net, void (*ready)(void));

/* For commands; all bear sh NULL. */
struct history *shell_history(struct shell *sh); /* NULL: none is kept */
struct net *shell_net(struct shell *sh);
unsigned shell_rows(struct shell *sh);      /* of the terminal */
bool shell_page(struct shell *sh, bool on); /* pages for the rest of this command; what was before */
bool shell_paging(struct shell *sh);
void shell_set_paging(struct shell *sh, bool on);

#endif
