/* Where another CPU begins: 16-bit code in a page below 1 MiB, copied there by kernel/smp.c.
 *
 *     real mode at page:0 -> protected -> long mode on the kernel's tables -> GS, stack -> *entry in the upper half
 *
 * The page is identity mapped meanwhile. %ebx holds its address throughout. What is filled in by the starter lies at the
 * end, at offsets that smp.c knows by the labels.
 */
#define A(label) ((label) - ap_start)

        .section .rodata
        .balign 16
        .globl  ap_start, ap_end, ap_root, ap_stack, ap_block, ap_entry, ap_features
        .code16
ap_start:
        cli
        cld
        movw    %cs, %ax
        movw    %ax, %ds
        movzwl  %ax, %ebx
        shll    $4, %ebx                /* where we are */
        movl    %ebx, %eax
        addl    $A(ap_gdt), %eax
        movl    %eax, A(ap_gdt_at) + 2
        leal    A(ap_32)(%ebx), %eax
        movl    %eax, A(ap_jump32)
        leal    A(ap_64)(%ebx), %eax
        movl    %eax, A(ap_jump64)
        lgdtl   A(ap_gdt_at)
        movl    $1, %eax
        movl    %eax, %cr0              /* PE; caches on */
        ljmpl   *A(ap_jump32)

        .code32
ap_32:
        movw    $0x18, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $0x20, %eax             /* PAE */
        movl    %eax, %cr4
        movl    A(ap_root)(%ebx), %eax
        movl    %eax, %cr3
        movl    $0xc0000080, %ecx       /* EFER: long mode, NX where the first CPU has it */
        rdmsr
        orl     $0x100, %eax
        orl     A(ap_features)(%ebx), %eax
        wrmsr
        movl    $0x80010021, %eax       /* PG, WP, NE, PE */
        movl    %eax, %cr0
        ljmpl   *A(ap_jump64)(%ebx)

        .code64
ap_64:
        movl    %ebx, %ebx
        xorl    %eax, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        movq    A(ap_stack)(%rbx), %rsp
        movq    A(ap_block)(%rbx), %rax
        movq    %rax, %rdx
        shrq    $32, %rdx
        movl    $0xc0000101, %ecx       /* GS base */
        wrmsr
        xorl    %ebp, %ebp
        movq    A(ap_entry)(%rbx), %rax
        call    *%rax
        ud2

        .balign 8
ap_gdt: .quad   0
        .quad   0x00af9b000000ffff      /* 0x08: 64-bit code, the kernel's own selector */
        .quad   0x00cf9b000000ffff      /* 0x10: 32-bit code */
        .quad   0x00cf93000000ffff      /* 0x18: data */
ap_gdt_at:
        .short  31
        .long   0
        .balign 4
ap_jump32:
        .long   0
        .short  0x10
        .balign 4
ap_jump64:
        .long   0
        .short  0x08
        .balign 8
ap_root:
        .quad   0
ap_stack:
        .quad   0
ap_block:
        .quad   0
ap_entry:
        .quad   0
ap_features:
        .long   0
ap_end:
        .section .note.GNU-stack, "", @progbits
