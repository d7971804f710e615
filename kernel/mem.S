/* memcpy, memmove and memset for the machine: what the compiler calls by itself, under the names it knows.
 *
 * Bulk goes by `rep movsq` and `rep stosq`, one instruction for each 8 bytes; up to 32 bytes go by a few moves that
 * overlap in the middle, chosen by the size's highest bit. All loads of a short copy stand before its first store, so
 * memcpy's short half serves memmove as well. Backwards there is a plain loop: `std` is never set, so no interrupt
 * entry can meet it. General registers alone.
 *
 *     rdi  to        rsi  from (memset: the byte)        rdx  size        rax  to, given back
 */
        .text

        .globl  memmove
        .type   memmove, @function
memmove:
        mov     %rdi, %rcx
        sub     %rsi, %rcx
        cmp     %rdx, %rcx              /* 0 <= to - from < size: forwards would overwrite what is yet to be read */
        jb      .Lbackwards
        .globl  memcpy
        .type   memcpy, @function
memcpy:
        mov     %rdi, %rax
.Lshort_or_bulk:
        cmp     $32, %rdx
        ja      .Lbulk
        cmp     $8, %rdx
        jb      .Lunder_8
        cmp     $16, %rdx
        ja      .Lover_16
        mov     (%rsi), %rcx
        mov     -8(%rsi,%rdx), %r8
        mov     %rcx, (%rdi)
        mov     %r8, -8(%rdi,%rdx)
        ret
.Lover_16:
        mov     (%rsi), %rcx
        mov     8(%rsi), %r8
        mov     -16(%rsi,%rdx), %r9
        mov     -8(%rsi,%rdx), %r10
        mov     %rcx, (%rdi)
        mov     %r8, 8(%rdi)
        mov     %r9, -16(%rdi,%rdx)
        mov     %r10, -8(%rdi,%rdx)
        ret
.Lunder_8:
        cmp     $4, %edx
        jb      .Lunder_4
        mov     (%rsi), %ecx
        mov     -4(%rsi,%rdx), %r8d
        mov     %ecx, (%rdi)
        mov     %r8d, -4(%rdi,%rdx)
        ret
.Lunder_4:
        test    %edx, %edx
        jz      1f
        movzbl  (%rsi), %ecx            /* the first, the middle and the last byte: for 1, 2 and 3 alike */
        movzbl  -1(%rsi,%rdx), %r8d
        mov     %rdx, %r9
        shr     $1, %r9
        movzbl  (%rsi,%r9), %r10d
        mov     %cl, (%rdi)
        mov     %r10b, (%rdi,%r9)
        mov     %r8b, -1(%rdi,%rdx)
1:      ret

.Lbulk:
        mov     -8(%rsi,%rdx), %r8      /* the last 8 bytes, read before an overlapping copy can change them */
        lea     -8(%rdi,%rdx), %r9
        lea     -1(%rdx), %rcx
        shr     $3, %rcx
        rep movsq
        mov     %r8, (%r9)
        ret

.Lbackwards:
        mov     %rdi, %rax
        cmp     $32, %rdx
        jbe     .Lshort_or_bulk
        mov     (%rsi), %r8             /* the first 32 bytes are written last, from registers */
        mov     8(%rsi), %r9
        mov     16(%rsi), %r10
        mov     24(%rsi), %r11
        push    %rbx
1:      mov     -8(%rsi,%rdx), %rcx
        mov     -16(%rsi,%rdx), %rbx
        mov     %rcx, -8(%rdi,%rdx)
        mov     %rbx, -16(%rdi,%rdx)
        sub     $16, %rdx
        cmp     $32, %rdx
        ja      1b
        pop     %rbx
        mov     %r8, (%rdi)
        mov     %r9, 8(%rdi)
        mov     %r10, 16(%rdi)
        mov     %r11, 24(%rdi)
        ret
        .size   memcpy, . - memcpy
        .size   memmove, . - memmove

        .globl  memset
        .type   memset, @function
memset:
        mov     %rdi, %r8               /* given back at the end: rax is the pattern */
        movzbl  %sil, %eax
        mov     $0x0101010101010101, %rcx
        imul    %rcx, %rax
        cmp     $32, %rdx
        ja      2f
        cmp     $8, %edx
        jb      1f
        mov     %rax, (%rdi)
        mov     %rax, -8(%rdi,%rdx)
        cmp     $16, %edx
        jbe     3f
        mov     %rax, 8(%rdi)
        mov     %rax, -16(%rdi,%rdx)
        jmp     3f
1:      cmp     $4, %edx
        jb      1f
        mov     %eax, (%rdi)
        mov     %eax, -4(%rdi,%rdx)
        jmp     3f
1:      test    %edx, %edx
        jz      3f
        mov     %al, (%rdi)
        mov     %al, -1(%rdi,%rdx)
        shr     $1, %rdx
        mov     %al, (%rdi,%rdx)
        jmp     3f
2:      mov     %rax, -8(%rdi,%rdx)
        lea     -1(%rdx), %rcx
        shr     $3, %rcx
        rep stosq
3:      mov     %r8, %rax
        ret
        .size   memset, . - memset

        .section .note.GNU-stack, "", @progbits
