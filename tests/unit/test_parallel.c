#include <stdatomic.h>

#include "unit.h"

#include "base/parallel.h"

enum { ROUNDS = 10000, WORKERS = 4 };

struct tally {
    unsigned char seen[ROUNDS];
    size_t by_worker[WORKERS];
    atomic_uint strays; /* rounds of a worker that there should not be */
};

static void count(size_t i, unsigned worker, void *ctx)
{
    struct tally *tally = ctx;
    if (worker >= WORKERS) {
        tally->strays++;
        return;
    }
    tally->seen[i]++;
    tally->by_worker[worker]++;
}

static void every_round_runs_once_and_workers_share_nothing(void **state)
{
    (void)state;
    static struct tally tally;
    parallel_for(ROUNDS, WORKERS, count, &tally);
    size_t sum = 0;
    for (size_t i = 0; i < ROUNDS; i++)
        assert_int_equal(tally.seen[i], 1);
    for (unsigned worker = 0; worker < WORKERS; worker++)
        sum += tally.by_worker[worker];
    assert_int_equal(sum, ROUNDS);
    assert_int_equal(tally.strays, 0);
}

static void no_rounds_are_no_work(void **state)
{
    (void)state;
    struct tally tally = {0};
    parallel_for(0, WORKERS, count, &tally);
    parallel_for(0, 0, count, &tally);
    assert_int_equal(tally.by_worker[0], 0);
}

static void more_workers_than_rounds_do_no_harm(void **state)
{
    (void)state;
    struct tally tally = {0};
    parallel_for(2, WORKERS, count, &tally);
    assert_int_equal(tally.seen[0] + tally.seen[1], 2);
    assert_int_equal(tally.strays, 0);
    assert_true(parallel_workers() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_round_runs_once_and_workers_share_nothing),
                                       cmocka_unit_test(no_rounds_are_no_work),
                                       cmocka_unit_test(more_workers_than_rounds_do_no_harm)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
