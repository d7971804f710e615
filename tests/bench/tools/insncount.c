/* Counts a guest's instructions: a plugin for QEMU's TCG.
 *
 *     qemu-system-x86_64 -plugin build/bench/insncount.so,shm=FILE,entry=0xADDR[,mark=0xADDR]...
 *                                                         [,text=0xADDR,size=BYTES]
 *
 * Counting begins when the instruction at `entry` first runs, so the firmware costs nothing. Each `mark` notes the
 * counts when its address first runs. FILE is mapped shared, as struct page below, and can be read while the guest
 * runs; tests/bench/insn.py does. Every virtual CPU has its own count, and each runs in a thread of its own, so
 * nothing is lost to races; the sum is exact once the CPUs are idle.
 *
 * With text= and size= the page is followed by one word for each byte from there: the instructions that ran in blocks
 * which begin at that byte, for tests/bench/profile.py. CPUs add to these words without a lock: exact with one CPU.
 *
 * The unit is what QEMU translates: a block that an interrupt or fault leaves early counts whole, each round of a
 * REP instruction counts as one. Same guest, same input: same count, but for where interrupts fall.
 *
 * Debian ships no header for plugins: the few declarations of API version 1 that are used here stand below.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define CPUS      64
#define MARKS     8
#define MAGIC     0x31746e756f636e69 /* "incount1" */
#define TEXT_MOST (64u << 20)

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum cb_flags { CB_NO_REGS };
enum inline_op { INLINE_ADD_U64 };
typedef void tb_trans_fn(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void exec_fn(unsigned vcpu, void *arg);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, tb_trans_fn *);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, exec_fn *, enum cb_flags, void *arg);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, enum inline_op, void *word, uint64_t add);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, exec_fn *, enum cb_flags, void *arg);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

/* All words 64 bits; times are CLOCK_MONOTONIC nanoseconds. tests/bench/insn.py knows these offsets. */
struct page {
    uint64_t magic, loaded_ns, entry_ns, cpus; /* cpus: one above the highest that ran */
    struct {
        uint64_t ns, count; /* 0 ns: not reached */
    } mark[MARKS];
    uint64_t unused[44];
    struct {
        uint64_t count, unused[7]; /* a cache line each */
    } cpu[CPUS];
};

static struct page *page;
static uint64_t *block; /* behind the page, `size` of them */
static uint64_t entry, mark[MARKS], text, size;
static unsigned marks;
static volatile int counting;

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void block_runs(unsigned vcpu, void *arg)
{
    if (!counting || vcpu >= CPUS)
        return;
    if (page->cpus <= vcpu)
        page->cpus = vcpu + 1;
    page->cpu[vcpu].count += (uintptr_t)arg;
}

static void entry_runs(unsigned vcpu, void *arg)
{
    if (counting)
        return;
    counting = 1;
    page->entry_ns = now();
}

static void mark_runs(unsigned vcpu, void *arg)
{
    unsigned i = (uintptr_t)arg;
    uint64_t sum = 0;

    if (!counting || page->mark[i].ns)
        return;
    for (unsigned cpu = 0; cpu < CPUS; cpu++)
        sum += page->cpu[cpu].count;
    page->mark[i].count = sum;
    page->mark[i].ns = now();
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t n = qemu_plugin_tb_n_insns(tb);
    uint64_t offset = qemu_plugin_tb_vaddr(tb) - text;

    if (offset < size)
        qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &block[offset], n);
    qemu_plugin_register_vcpu_tb_exec_cb(tb, block_runs, CB_NO_REGS, (void *)n);
    for (size_t i = 0; i < n; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint64_t at = qemu_plugin_insn_vaddr(insn);
        if (at == entry)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, entry_runs, CB_NO_REGS, NULL);
        for (unsigned m = 0; m < marks; m++)
            if (at == mark[m])
                qemu_plugin_register_vcpu_insn_exec_cb(insn, mark_runs, CB_NO_REGS, (void *)(uintptr_t)m);
    }
}

static struct page *map_page(const char *path)
{
    size_t bytes = sizeof(struct page) + size * sizeof *block;
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || ftruncate(fd, (off_t)bytes))
        return NULL;
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return p == MAP_FAILED ? NULL : p;
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    const char *path = NULL;

    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "shm=", 4) == 0)
            path = argv[i] + 4;
        else if (strncmp(argv[i], "entry=", 6) == 0)
            entry = strtoull(argv[i] + 6, NULL, 0);
        else if (strncmp(argv[i], "mark=", 5) == 0 && marks < MARKS)
            mark[marks++] = strtoull(argv[i] + 5, NULL, 0);
        else if (strncmp(argv[i], "text=", 5) == 0)
            text = strtoull(argv[i] + 5, NULL, 0);
        else if (strncmp(argv[i], "size=", 5) == 0)
            size = strtoull(argv[i] + 5, NULL, 0);
        else
            return -1;
    }
    page = path && entry && size < TEXT_MOST ? map_page(path) : NULL;
    if (!page)
        return -1;
    block = (uint64_t *)(page + 1);
    page->loaded_ns = now();
    page->magic = MAGIC;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
