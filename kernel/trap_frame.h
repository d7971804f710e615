/* What lies below the traps, for those whom a trap itself calls: the frame, the names.
 *
 * kernel/trap.c answers for the functions. Who only needs these includes this header and not trap.h, so that a panic
 * and a backtrace stand below the trap that asks for them.
 */
#ifndef KERNEL_TRAP_FRAME_H
#define KERNEL_TRAP_FRAME_H

#include "lib/base.h"

struct trap_frame {
    u64 r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rdx, rcx, rbx, rax;
    u64 vector, error; /* error: 0 where the CPU pushes none */
    u64 rip, cs, rflags, rsp, ss;
};

void trap_init_cpu(void);               /* each CPU: loads the gates; cpu_init alone */
const char *trap_name(unsigned vector); /* "page fault" */

#endif
