/* The 256 gates: each pushes its vector, all meet below, where a struct trap_frame (kernel/trap.h) is built and C called.
 *
 *     vectors 0..31     trap_fault(frame)
 *     vectors 32..255   irq_enter_vector(vector, frame): interrupts off, on the stack of what was interrupted
 *
 * GS is this CPU's block always: there is no user mode to come from. The direction flag is cleared; iretq brings it back.
 * The CPU aligned the stack before it pushed, and a frame is 22 words, the link 2: so the stack is aligned at each call.
 */
        .altmacro
        .section .text

        .macro gate n
        .balign 16
        .if !((\n == 8) || ((\n >= 10) && (\n <= 14)) || (\n == 17) || (\n == 21) || (\n == 29) || (\n == 30))
        pushq   $0                      /* the CPU pushes no error code here */
        .endif
        pushq   $\n
        .if \n < 32
        jmp     fault
        .else
        jmp     interrupt
        .endif
        .endm

        .balign 16
        .global trap_gates              /* 16 bytes each: kernel/trap.c points the IDT at them */
trap_gates:
        .set    i, 0
        .rept   256
        gate    %i
        .set    i, i + 1
        .endr

        .macro save
        pushq   %rax
        pushq   %rbx
        pushq   %rcx
        pushq   %rdx
        pushq   %rbp
        pushq   %rsi
        pushq   %rdi
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        cld
        .endm

        .macro link                     /* what was interrupted is the caller, for a backtrace from above */
        pushq   17 * 8(%rsp)            /* its rip */
        pushq   %rbp
        movq    %rsp, %rbp
        .endm

fault:
        save
        movq    %rsp, %rdi
        link
        call    trap_fault
        jmp     restore

interrupt:
        save
        movl    15 * 8(%rsp), %edi
        movq    %rsp, %rsi
        link
        call    irq_enter_vector

restore:
        addq    $16, %rsp               /* the link */
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdi
        popq    %rsi
        popq    %rbp
        popq    %rdx
        popq    %rcx
        popq    %rbx
        popq    %rax
        addq    $16, %rsp               /* vector, error */
        iretq

/* bool trap_read(u64 addr, u64 *v): a fault at the load goes on at trap_read_failed. */
        .global trap_read, trap_read_at, trap_read_failed
trap_read:
trap_read_at:
        movq    (%rdi), %rax
        movq    %rax, (%rsi)
        movl    $1, %eax
        ret
trap_read_failed:
        xorl    %eax, %eax
        ret

/* int trap_call(void (*fn)(void *), void *arg, u64 *resume): like fn(arg), with the stack as it is now kept in *resume; a
 * fault goes on at trap_call_failed with %rsp from there and the vector in %rax. */
        .global trap_call, trap_call_failed
trap_call:
        pushq   %rbp
        movq    %rsp, %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        subq    $8, %rsp
        movq    %rsp, (%rdx)
        movq    %rdi, %rax
        movq    %rsi, %rdi
        call    *%rax
        movl    $-1, %eax
trap_call_failed:
        addq    $8, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        ret

/* u64 irq_save(void), void irq_restore(u64 flags): kernel/plat_cpu.h */
        .global irq_save, irq_restore
irq_save:
        pushfq
        popq    %rax
        cli
        ret
irq_restore:
        pushq   %rdi
        popfq
        ret

        .section .note.GNU-stack, "", @progbits
