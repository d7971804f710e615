/* Feeds: in order, bounded, and honest about what was lost. */
#include "lib/notify.h"

#include <string.h>

#include "host/host.h"
#include "lib/check.h"

TEST(notify_in_order_to_each_follower)
{
    struct notify_feed f;
    struct follower a, b;
    struct event e;
    char buf[64];

    CHECK_EQ(notify_init(&f, 4096), 0);
    CHECK(!notify_is_followed(&f));
    follow_start(&a, &f);
    CHECK(notify_is_followed(&f));
    notify_publish(&f, 1, "one", 3);
    follow_start(&b, &f);
    notify_publish(&f, 2, "two!", 4);
    CHECK_EQ(follow_read(&a, &e, buf, sizeof(buf), 0), 1);
    CHECK_EQ(e.type, 1);
    CHECK_EQ(e.len, 3);
    CHECK_MEM(buf, "one", 3);
    CHECK_EQ(follow_read(&a, &e, buf, sizeof(buf), 0), 1);
    CHECK_EQ(follow_read(&a, &e, buf, sizeof(buf), 0), 0);
    CHECK_EQ(follow_read(&b, &e, buf, 2, 0), 1); /* cut, and it shows */
    CHECK_EQ(e.len, 4);
    CHECK_MEM(buf, "tw", 2);
    CHECK_EQ(e.type, 2);
    CHECK_EQ(e.lost, 0);
    follow_end(&a);
    CHECK(notify_is_followed(&f));
    follow_end(&b);
    CHECK(!notify_is_followed(&f));
    notify_exit(&f);
}

static void read_all(struct follower *w, u32 *next, u64 *read, u64 *lost)
{
    static u8 data[NOTIFY_EVENT_MAX];
    struct event e;

    while (follow_read(w, &e, data, sizeof(data), 0) > 0) {
        *lost += e.lost;
        *next += (u32)e.lost;
        if (e.type != *next)
            test_failed(__FILE__, __LINE__, "event %u, not %u", e.type, *next);
        for (u32 i = 0; i < e.len; i++)
            if (data[i] != (u8)e.type)
                test_failed(__FILE__, __LINE__, "byte %u of event %u is %u", i, e.type, data[i]);
        *next = e.type + 1;
        ++*read;
    }
}

TEST(notify_slow_follower_is_told)
{
    static u8 data[NOTIFY_EVENT_MAX + 100];
    struct notify_feed f;
    struct follower w;
    u32 next = 0;
    u64 lost = 0, read = 0;

    CHECK_EQ(notify_init(&f, 4096), 0);
    follow_start(&w, &f);
    for (u32 i = 0; i < 5000; i++) {
        size_t n = test_rand() % sizeof(data);
        memset(data, (int)i, sizeof(data));
        notify_publish(&f, i, data, n);
        if (test_rand() % 8 == 0)
            read_all(&w, &next, &read, &lost);
    }
    read_all(&w, &next, &read, &lost);
    CHECK_EQ(read + lost, 5000);
    CHECK_LT(0, lost);
    CHECK_LT(500, read);
    notify_exit(&f);
}

static struct notify_feed feed;

static void publish_later(void *arg)
{
    task_sleep(5 * NS_PER_MS);
    notify_publish(&feed, 9, "x", 1);
}

TEST(notify_wakes_who_waits)
{
    struct follower w;
    struct event e;
    char c;
    u64 begin = clock_ns();

    CHECK_EQ(notify_init(&feed, 4096), 0);
    follow_start(&w, &feed);
    CHECK(task_start("later", publish_later, NULL, TASK_NORMAL, 0) != NULL);
    CHECK_EQ(follow_read(&w, &e, &c, 1, ~0ull), 1);
    CHECK_EQ(e.type, 9);
    CHECK_LE(begin + 5 * NS_PER_MS, clock_ns());
    CHECK_EQ(follow_read(&w, &e, &c, 1, clock_ns() + NS_PER_MS), 0);
    task_interrupt(task_self());
    CHECK_EQ(follow_read(&w, &e, &c, 1, ~0ull), -EINTR);
    task_interrupt_clear();
    host_run();
    notify_exit(&feed);
}
