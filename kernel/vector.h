/* Who has which interrupt vector. */
#ifndef KERNEL_VECTOR_H
#define KERNEL_VECTOR_H

/* Fixed vectors. Devices get 0x30 .. 0xdf. */
enum vector {
    VECTOR_PIC = 0x20, /* 16 vectors to which the masked 8259 would send what is spurious */
    VECTOR_DEVICE = 0x30,
    VECTOR_DEVICE_END = 0xe0,
    VECTOR_TIMER = 0xf0,
    VECTOR_KICK = 0xf1,    /* look at your softirqs */
    VECTOR_RESCHED = 0xf2, /* look at your run queue */
    VECTOR_CALL = 0xf3,    /* run what smp_call left for you */
    VECTOR_ERROR = 0xfe,
    VECTOR_SPURIOUS = 0xff, /* no EOI */
};

#endif
