/* host_switch(&from->sp, to->sp): leaves one coroutine and goes on in another.
 *
 * Only what the ABI says a call keeps is saved: rbx, rbp, r12-r15 and the stack pointer. The control words of the
 * floating point units are the same in all coroutines of a program, and are not touched.
 *
 * A new coroutine's first frame (context_make builds it) returns into host_context_start with the function in r12
 * and its argument in r13. That function never returns.
 */
    .text
    .globl host_switch
    .type host_switch, @function
host_switch:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
    .size host_switch, . - host_switch

    .globl host_context_start
    .type host_context_start, @function
host_context_start:
    .cfi_startproc
    .cfi_undefined %rip
    mov %r13, %rdi
    call *%r12
    ud2
    .cfi_endproc
    .size host_context_start, . - host_context_start

    .section .note.GNU-stack, "", @progbits
