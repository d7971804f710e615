/* The ring of messages: order, cutting, overwriting, holes, and many writers against a reader. */
#include "host/test_smp.h"
#include "kernel/log_ring.h"
#include "lib/check.h"
#include "lib/fmt.h"
#include "lib/plat.h"
#include "lib/string.h"

#define SLOTS 16

static struct log_slot slots[SLOTS];
static struct log_ring ring;

static void start(void)
{
    memset(slots, 0, sizeof(slots));
    log_ring_init(&ring, slots, SLOTS);
}

static void put(const char *s)
{
    log_ring_put(&ring, LOG_INFO, 7, 3, s, strlen(s));
}

TEST(log_ring_keeps_order_level_and_time)
{
    struct log_line l;
    u64 at = 0;

    start();
    CHECK(!log_ring_get(&ring, &at, &l, false));
    put("one");
    log_ring_put(&ring, LOG_ERR, 9, 1, "two", 3);
    CHECK(log_ring_get(&ring, &at, &l, false));
    CHECK_STR(l.text, "one");
    CHECK_EQ(l.level, LOG_INFO);
    CHECK_EQ(l.when_ns, 7);
    CHECK_EQ(l.cpu, 3);
    CHECK(log_ring_get(&ring, &at, &l, false));
    CHECK_STR(l.text, "two");
    CHECK_EQ(l.level, LOG_ERR);
    CHECK_EQ(l.missed, 0);
    CHECK(!log_ring_get(&ring, &at, &l, false));
}

TEST(log_ring_long_lines_take_several_slots)
{
    char text[LOG_LINE_MAX * 2], want[LOG_LINE_MAX + 1];
    struct log_line l;

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)('a' + i % 26);
    for (size_t n = 0; n <= sizeof(text); n += n < 2 * LOG_SLOT_TEXT + 2 ? 1 : 37) {
        u64 at = 0;
        start();
        log_ring_put(&ring, LOG_INFO, 0, 0, text, n);
        put("after");
        CHECK(log_ring_get(&ring, &at, &l, false));
        memcpy(want, text, min(n, (size_t)LOG_LINE_MAX));
        want[min(n, (size_t)LOG_LINE_MAX)] = 0;
        if (n > LOG_LINE_MAX)
            memcpy(want + LOG_LINE_MAX - 3, "...", 3);
        CHECK_STR(l.text, want);
        CHECK(log_ring_get(&ring, &at, &l, false));
        CHECK_STR(l.text, "after");
    }
}

/* A cut falls between characters: of \xNN, and of UTF-8, there is all or nothing. */
TEST(log_ring_cuts_no_character)
{
    static const char *const last[] = {"\x01zzzz", "\xc3\xa9zzzz", "\xe2\x94\x80zzzz"};
    char text[LOG_LINE_MAX + 16];
    struct log_line l;

    for (size_t i = 0; i < ARRAY_LEN(last); i++) {
        u64 at = 0;
        start();
        memset(text, 'a', LOG_LINE_MAX - 4);
        str_copy(text + LOG_LINE_MAX - 4, 16, last[i]);
        put(text);
        CHECK(log_ring_get(&ring, &at, &l, false));
        CHECK_EQ(l.len, LOG_LINE_MAX - 1);
        CHECK_STR(l.text + LOG_LINE_MAX - 5, "a...");
    }
}

TEST(log_ring_shows_control_bytes)
{
    struct log_line l;
    u64 at = 0;

    start();
    put("a\033[2J\x7f\tb\n\xc3\xa9");
    CHECK(log_ring_get(&ring, &at, &l, false));
    CHECK_STR(l.text, "a\\x1b[2J\\x7f\tb\\x0a\xc3\xa9");
    char all[LOG_LINE_MAX];
    memset(all, 1, sizeof(all));
    log_ring_put(&ring, LOG_INFO, 0, 0, all, sizeof(all));
    CHECK(log_ring_get(&ring, &at, &l, false));
    CHECK_EQ(l.len, strlen(l.text));
    CHECK_LE(l.len, LOG_LINE_MAX);
    CHECK(str_ends(l.text, "..."));
}

TEST(log_ring_overwrites_the_oldest_and_says_how_many)
{
    struct log_line l;
    u64 at = 0;
    char text[16];

    start();
    at = log_ring_first(&ring);
    for (int i = 0; i < SLOTS + 5; i++) {
        fmt(text, sizeof(text), "line %d", i);
        put(text);
    }
    CHECK(log_ring_get(&ring, &at, &l, false));
    CHECK_EQ(l.missed, 5);
    CHECK_STR(l.text, "line 5");
    for (int i = 6; i < SLOTS + 5; i++) {
        CHECK(log_ring_get(&ring, &at, &l, false));
        CHECK_EQ(l.missed, 0);
    }
    CHECK_STR(l.text, "line 20");
    CHECK(!log_ring_get(&ring, &at, &l, false));
}

/* A long line of which the first slot is overwritten is gone as a whole. */
TEST(log_ring_half_overwritten_line_is_missed)
{
    char text[3 * LOG_SLOT_TEXT];
    struct log_line l;
    u64 at;

    start();
    at = log_ring_first(&ring);
    memset(text, 'x', sizeof(text));
    log_ring_put(&ring, LOG_INFO, 0, 0, text, sizeof(text));
    for (int i = 0; i < SLOTS - 2; i++)
        put("short");
    CHECK(log_ring_get(&ring, &at, &l, false));
    CHECK_STR(l.text, "short");
    CHECK_EQ(l.missed, 3);
}

/* A writer that never finishes: readers wait for it, a panic does not, and who comes around gives the slot up. */
TEST(log_ring_unfinished_writer)
{
    struct log_line l;
    u64 at = 0;

    start();
    put("a");
    slots[(ring.next) & (SLOTS - 1)].state = 2 * ring.next + 1;
    ring.next++;
    put("b");
    CHECK(log_ring_get(&ring, &at, &l, false));
    CHECK(!log_ring_get(&ring, &at, &l, false));
    u64 panic_at = at;
    CHECK(log_ring_get(&ring, &panic_at, &l, true));
    CHECK_STR(l.text, "b");
    CHECK_EQ(l.missed, 1);
    for (int i = 0; i < SLOTS; i++)
        put("c");
    CHECK_EQ(ring.lost, 1);
    unsigned read = 0;
    while (log_ring_get(&ring, &at, &l, false))
        read++;
    CHECK_EQ(read, SLOTS - 1);
    CHECK_EQ(at, log_ring_end(&ring));
}

#define LINES 2000

static u32 last_seen[CPU_MAX];
static u32 writers_done;

static bool line_is_whole(const struct log_line *l)
{
    unsigned who = (unsigned)(l->text[0] - '0'), nr = 0;
    const char *p = l->text + 2;

    while (char_is_digit(*p))
        nr = nr * 10 + (unsigned)(*p++ - '0');
    if (who >= cpu_count() || l->text[1] != ' ' || *p++ != ' ' || nr + 1 <= last_seen[who])
        return false;
    last_seen[who] = nr + 1;
    size_t len = max((size_t)(p - l->text), (size_t)(8 + (nr * 7) % 250));
    for (; *p; p++)
        if (*p != (char)('A' + nr % 26))
            return false;
    return l->len == len;
}

static void write_lines(void)
{
    char text[300];

    for (unsigned i = 0; i < LINES; i++) {
        size_t n = fmt(text, sizeof(text), "%u %u ", cpu_id(), i), len = 8 + (i * 7) % 250;
        while (n < len)
            text[n++] = (char)('A' + i % 26);
        log_ring_put(&ring, LOG_INFO, 0, 0, text, n);
        if (i % 8 == 0)
            smp_relax();
    }
    atomic_add(&writers_done, 1);
}

static void read_or_write(void *arg)
{
    struct log_line l;
    u64 at = 0, lines = 0;

    if (cpu_id()) {
        write_lines();
        return;
    }
    for (bool more = true; more;) {
        more = load_acquire(&writers_done) < cpu_count() - 1;
        for (; log_ring_get(&ring, &at, &l, false); lines++)
            CHECK(line_is_whole(&l));
        smp_relax();
    }
    CHECK(lines > 0);
    CHECK_EQ(at, log_ring_end(&ring));
}

TEST(smp_log_ring_many_writers)
{
    static struct log_slot many[256];

    memset(many, 0, sizeof(many));
    log_ring_init(&ring, many, ARRAY_LEN(many));
    memset(last_seen, 0, sizeof(last_seen));
    writers_done = 0;
    smp_run(read_or_write, NULL);
}
