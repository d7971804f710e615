/* Internal to lib. */
/* A pipe: a bounded ring between tasks. Who writes into a full one waits for its reader; who reads from an empty one
 * waits for its writer. When the reader has left, writing fails with -EPIPE; when the writers have, reading ends. */
#ifndef LIB_SCRIPT_RING_H
#define LIB_SCRIPT_RING_H

#include "lib/io.h"
#include "lib/out.h"
#include "lib/plat.h"
#include "lib/wait.h"

#define SCRIPT_RING 4096u /* bytes; a power of two */

struct script_ring {
    struct cmd_io in; /* for the reader */
    struct out out;   /* for the writers */
    struct spinlock lock;
    struct waitq waiters; /* readers or writers, never both: the ring is either empty or full */
    bool reader_left, writer_left;
    u32 head, tail; /* bytes written and read, ever: they wrap */
    char bytes[SCRIPT_RING];
};

void script_ring_init(struct script_ring *r);
void script_ring_reader_leaves(struct script_ring *r);
void script_ring_writer_leaves(struct script_ring *r);

#endif
