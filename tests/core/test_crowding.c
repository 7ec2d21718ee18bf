/* test_crowding.c - when the sampler stays beside its target. */
#include "harness.h"

#include "sampler/crowding.h"

static const uint64_t MS = 1000000;
static const uint64_t S = 1000000000;

TEST(small_delays_are_no_crowd)
{
    tare_crowding crowding = {0};
    for (uint64_t now_ns = 10 * S; now_ns < 11 * S; now_ns += MS) {
        tare_crowding_note(&crowding, now_ns, 40 * MS);
        CHECK(!tare_crowding_is(&crowding, now_ns));
    }
}

TEST(one_late_tick_counts_for_a_while)
{
    tare_crowding crowding = {0};
    tare_crowding_note(&crowding, 10 * S, 60 * MS);
    CHECK(tare_crowding_is(&crowding, 10 * S));
    CHECK(tare_crowding_is(&crowding, 11 * S));
    CHECK(!tare_crowding_is(&crowding, 12 * S));
}

/* How long it is crowded each time that it was tried again and a tick was late at once. */
TEST(longer_each_time_up_to_a_minute)
{
    tare_crowding crowding = {0};
    uint64_t      now_ns = 10 * S;
    uint64_t      before_ns = 0;
    for (int i = 0; i < 10; i++) {
        uint64_t begin_ns = now_ns;
        tare_crowding_note(&crowding, now_ns, S);
        while (tare_crowding_is(&crowding, now_ns))
            now_ns += 100 * MS;
        uint64_t twice_ns = 2 * before_ns < 64 * S ? 2 * before_ns : 64 * S;
        CHECK_EQ(now_ns - begin_ns, i == 0 ? 2 * S : twice_ns);
        before_ns = now_ns - begin_ns;
    }
    now_ns += 200 * S; /* all was well for long */
    tare_crowding_note(&crowding, now_ns, 60 * MS);
    CHECK(!tare_crowding_is(&crowding, now_ns + 2 * S));
}

TEST(late_ticks_in_a_crowd_prolong_it)
{
    tare_crowding crowding = {0};
    tare_crowding_note(&crowding, 10 * S, 60 * MS);
    tare_crowding_note(&crowding, 11 * S, 60 * MS);
    CHECK(tare_crowding_is(&crowding, 13 * S - 1));
    CHECK(!tare_crowding_is(&crowding, 13 * S));
}
