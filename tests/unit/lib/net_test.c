/* struct net: slots that are zeroed, made, unmade, and reached by an add. */
#include "lib/net.h"

#include "lib/check.h"

struct slot_a {
    u64 value, untouched;
};
struct slot_b {
    char name[100];
};

static int made, unmade, fail_b, made_b;

static int init_a(struct net *net, void *slot)
{
    struct slot_a *a = slot;

    a->value = 42;
    made++;
    return 0;
}

static void exit_a(struct net *net, void *slot)
{
    unmade++;
}

static int init_b(struct net *net, void *slot)
{
    if (fail_b)
        return -ENOMEM;
    made_b++;
    return 0;
}

static void exit_b(struct net *net, void *slot)
{
    made_b--;
}

NET_SLOT(test_a, struct slot_a, init_a, exit_a);
NET_SLOT(test_b, struct slot_b, init_b, exit_b);

TEST(net_slots_come_and_go)
{
    made = unmade = fail_b = made_b = 0;
    struct net *one = net_new(), *two = net_new();

    CHECK(one && two);
    CHECK_EQ(made, 2);
    CHECK_EQ(NET_GET(one, struct slot_a, test_a)->value, 42);
    CHECK_EQ(NET_GET(one, struct slot_a, test_a)->untouched, 0);
    NET_GET(one, struct slot_a, test_a)->value = 1;
    CHECK_EQ(NET_GET(two, struct slot_a, test_a)->value, 42);
    CHECK_EQ((uintptr_t)NET_GET(one, struct slot_b, test_b) % 16, 0);
    net_free(one);
    net_free(two);
    CHECK_EQ(unmade, 2);
    CHECK_EQ(made_b, 0);
}

TEST(net_failed_init_unwinds)
{
    made = unmade = made_b = 0;
    fail_b = 1;
    CHECK(!net_new());
    CHECK_EQ(made, unmade);
    CHECK_EQ(made_b, 0);
    fail_b = 0;
    net_free(NULL);
}
