/* Where Weir begins: from a 32-bit entry, by PVH or Multiboot2, to C in the upper half.
 *
 *     PVH        %ebx = struct hvm_start_info                     (QEMU -kernel, microvm, Firecracker)
 *     Multiboot2 %eax = 0x36d76289, %ebx = information structure  (GRUB, BIOS and UEFI alike)
 *
 * Both leave us in 32-bit protected mode, paging off, flat segments, interrupts off, at our physical address. Of the
 * other flags, and of the other bits of CR0 and CR4, neither promises anything: all of them are set here.
 *
 *     is it a 64-bit CPU? -> early page tables -> long mode -> upper half, first stack, GS, canary -> boot_main(magic, info)
 *
 *     early map    physical 0..4 GiB at 0 (until vm_init), at 0xffff800000000000, and its first 1 GiB at 0xffffffff80000000
 *
 * A multiboot1 header must never be here: QEMU refuses a 64-bit image that has one.
 */
#define BASE        0xffffffff80000000
#define PHYS(x)     ((x) - BASE)
#define MB2_MAGIC   0xe85250d6
#define STACK_SIZE  16384

#define PRESENT_RW  3
#define LARGE_RW    0x83

        .section .boot.header, "a"
        .balign 8
multiboot2:
        .long MB2_MAGIC, 0, multiboot2_end - multiboot2, -(MB2_MAGIC + 0 + (multiboot2_end - multiboot2))
        /* information request: command line, modules, memory map, framebuffer, RSDPs, EFI map (all optional) */
        .balign 8
1:      .short 1, 1
        .long 2f - 1b
        .long 1, 2, 3, 6, 8, 14, 15, 17
2:      .balign 8
        .short 3, 0                     /* entry address */
        .long 12
        .long PHYS(entry_multiboot2)
        .balign 8
        .short 5, 1                     /* a framebuffer, if there is one: any size, 32 bits */
        .long 20
        .long 0, 0, 32
        .balign 8
        .short 6, 0                     /* modules on page boundaries */
        .long 8
        .balign 8
        .short 0, 0
        .long 8
multiboot2_end:

        .section .note.pvh, "a", @note
        .balign 4
        .long 4, 8, 18                  /* name size, descriptor size (8 in a 64-bit ELF), XEN_ELFNOTE_PHYS32_ENTRY */
        .asciz "Xen"
        .quad PHYS(entry_pvh)

        .section .boot.text, "ax"
        .code32
        .global entry_pvh, entry_multiboot2
entry_pvh:
        xorl    %eax, %eax
entry_multiboot2:
        cli
        cld
        movl    $PHYS(boot_stack_top), %esp
        pushl   $2                      /* no flag at all */
        popfl
        movl    %eax, %ebp              /* %ebp, %ebx: what the loader said, kept to the end */
        movl    %ebx, %edi

        movl    $0x80000000, %eax
        cpuid
        cmpl    $0x80000001, %eax
        jb      no_long_mode
        movl    $0x80000001, %eax
        cpuid
        btl     $29, %edx
        jnc     no_long_mode
        movl    %edx, %esi              /* bit 20: NX */
        movl    %edi, %ebx

        /* 2048 pages of 2 MiB in the four early page directories */
        movl    $PHYS(early_pd), %edi
        movl    $LARGE_RW, %eax
        movl    $2048, %ecx
1:      movl    %eax, (%edi)
        addl    $0x200000, %eax
        addl    $8, %edi
        decl    %ecx
        jnz     1b
        movl    $PHYS(early_pd) + PRESENT_RW, %eax
        movl    %eax, PHYS(early_pdpt_kernel) + 510 * 8
        movl    $PHYS(early_pdpt), %edi
        movl    $4, %ecx
1:      movl    %eax, (%edi)
        addl    $4096, %eax
        addl    $8, %edi
        decl    %ecx
        jnz     1b
        movl    $PHYS(early_pdpt) + PRESENT_RW, %eax
        movl    %eax, PHYS(early_pml4)
        movl    %eax, PHYS(early_pml4) + 256 * 8
        movl    $PHYS(early_pdpt_kernel) + PRESENT_RW, %eax
        movl    %eax, PHYS(early_pml4) + 511 * 8

        movl    $0x20, %eax             /* PAE */
        movl    %eax, %cr4
        movl    $PHYS(early_pml4), %eax
        movl    %eax, %cr3
        movl    $0xc0000080, %ecx       /* EFER: long mode, and NX where there is one */
        rdmsr
        orl     $0x100, %eax
        btl     $20, %esi
        jnc     1f
        orl     $0x800, %eax
1:      wrmsr
        movl    $0x80010021, %eax       /* PG, WP, NE, PE; caches on */
        movl    %eax, %cr0
        lgdt    PHYS(early_gdt_at)
        ljmp    $8, $PHYS(entry64)

no_long_mode:
        movl    $PHYS(no_long_mode_text), %esi
1:      lodsb
        testb   %al, %al
        jz      2f
        movw    $0x3f8, %dx
        outb    %al, %dx
        jmp     1b
2:      hlt
        jmp     2b

        .code64
entry64:
        movabsq $entry_high, %rax
        jmp     *%rax

        .section .text
entry_high:
        xorl    %eax, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        movq    $boot_stack_top, %rsp

        /* The canary comes before the first function that is protected by it: time and whatever the loader left, stirred.
         * cpu_init stirs in RDRAND where there is one, before any protected function that would return. */
        rdtsc
        shlq    $32, %rdx
        orq     %rdx, %rax
        movabsq $0x9e3779b97f4a7c15, %rcx
        mulq    %rcx
        xorq    %rdx, %rax
        xorq    %rbx, %rax
        movb    $0, %al                 /* a zero byte stops a string from writing over it unseen */
        movq    %rax, cpu_boot + 40

        leaq    cpu_boot(%rip), %rax
        movq    %rax, cpu_boot
        movq    %rax, %rdx
        shrq    $32, %rdx
        movl    $0xc0000101, %ecx       /* GS base */
        wrmsr

        movl    %ebp, %edi
        movl    %ebx, %esi
        xorl    %ebp, %ebp              /* the last frame of every backtrace */
        call    boot_main
        ud2

        .section .rodata
no_long_mode_text:
        .asciz  "weir: this CPU has no 64-bit mode\r\n"
        .balign 8
early_gdt:
        .quad   0, 0x00af9b000000ffff   /* 64-bit code */
early_gdt_at:
        .short  15
        .quad   PHYS(early_gdt)

        .section .bss
        .balign 4096
        .global early_pml4
early_pml4:
        .skip   4096
early_pdpt:
        .skip   4096
early_pdpt_kernel:
        .skip   4096
early_pd:
        .skip   4 * 4096
        .global boot_stack_guard        /* not mapped from vm_init on */
boot_stack_guard:
        .skip   4096
        .global boot_stack
boot_stack:
        .skip   STACK_SIZE
        .global boot_stack_top
boot_stack_top:
        .section .note.GNU-stack, "", @progbits
