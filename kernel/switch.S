/* Changing stacks: from task to task, and onto a CPU's softirq stack and back.
 *
 * Only what the C calling convention keeps is saved: everything else is dead at a call, or stands in the frame of the
 * interrupt that led here. Interrupts are off in task_switch.
 */
        .text

/* void task_switch(u64 *save, u64 load): leaves on the stack of `load`, returns when somebody loads what went to *save */
        .globl  task_switch
        .type   task_switch, @function
task_switch:
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        ret
        .size   task_switch, . - task_switch

/* Where a new task begins: task_switch returns here, on its empty stack. The frame chain ends here. */
        .globl  task_first
        .type   task_first, @function
task_first:
        xorl    %ebp, %ebp
        call    task_begin
        ud2
        .size   task_first, . - task_first

/* void stack_call(void (*fn)(void), u64 top): calls fn on another stack. The chain of frame pointers runs across. */
        .globl  stack_call
        .type   stack_call, @function
stack_call:
        pushq   %rbp
        movq    %rsp, %rbp
        movq    %rsi, %rsp
        call    *%rdi
        movq    %rbp, %rsp
        popq    %rbp
        ret
        .size   stack_call, . - stack_call

/* void stack_leave(void (*fn)(void), u64 top): the same without a way back, for a CPU that leaves its first stack. */
        .globl  stack_leave
        .type   stack_leave, @function
stack_leave:
        xorl    %ebp, %ebp
        movq    %rsi, %rsp
        call    *%rdi
        ud2
        .size   stack_leave, . - stack_leave

        .section .note.GNU-stack, "", @progbits
