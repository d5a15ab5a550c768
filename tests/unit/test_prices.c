/* Sums worked by hand from the tables in data/prices. */
#include "unit.h"

#include <math.h>

#include "price/price.h"

static struct arena arena;
static struct err err;
static struct catalogue catalogue;

static struct price_rate rate_of(struct price_settings settings, struct price_use use)
{
    struct price_rate rate;
    err_reset(&err);
    if (price_rate(&arena, &catalogue, &settings, &use, &rate, &err))
        fail_msg("%s", buf_cstr(&err.message));
    return rate;
}

static void assert_usd(double actual, double expected)
{
    if (fabs(actual - expected) > 1e-12 + 1e-9 * fabs(expected))
        fail_msg("%.15g != %.15g", actual, expected);
}

static void a_rate_is_the_sum_of_its_parts(void **state)
{
    (void)state;
    struct price_rate rate = rate_of((struct price_settings){.gpu = STR("L4"), .cpu = 2, .memory_mib = 4096},
                                     (struct price_use){0});
    assert_usd(rate.gpu_usd_per_s, 0.000222);
    assert_usd(rate.cpu_usd_per_s, 0.0000262);
    assert_usd(rate.memory_usd_per_s, 0.00000888);
    assert_usd(rate.usd_per_s, 0.00025708);
    assert_str(rate.basis,
               "$0.000257/s = L4 0.000222 + 2 CPU 0.0000262 + 4 GiB 0.00000888 (Modal prices of 2026-09-01, "
               "start-up billed)");
}

static void gpus_are_counted_and_named_in_any_case(void **state)
{
    (void)state;
    struct price_rate rate = rate_of((struct price_settings){.gpu = STR("h100:8")}, (struct price_use){0});
    assert_usd(rate.gpu_usd_per_s, 8 * 0.001097);
    assert_str(rate.gpu, "H100");
    assert_int_equal(rate.gpu_memory_bytes, 640000000000);
    assert_usd(rate_of((struct price_settings){.gpu = STR("A10G")}, (struct price_use){0}).gpu_usd_per_s, 0.000306);
    assert_usd(rate_of((struct price_settings){.gpu = STR("H100!")}, (struct price_use){0}).gpu_usd_per_s, 0.001097);
    assert_usd(rate_of((struct price_settings){.gpu = STR("a100")}, (struct price_use){0}).gpu_usd_per_s, 0.000583);
    assert_usd(rate_of((struct price_settings){.gpu = STR("B200+:2")}, (struct price_use){0}).gpu_usd_per_s,
               2 * 0.001736);
    assert_usd(rate_of((struct price_settings){.gpu = STR("L4"), .gpu_count = 2}, (struct price_use){0}).gpu_usd_per_s,
               2 * 0.000222);
    assert_str(catalogue_gpu(&catalogue, STR("NVIDIA H100 80GB HBM3"))->name, "H100");
}

static void a_list_is_priced_at_its_first_and_bounded_by_its_dearest(void **state)
{
    (void)state;
    struct price_settings settings = {.gpu = STR("L4, H100,A100-40GB:2"), .cpu = 1, .memory_mib = 1024};
    struct price_rate rate = rate_of(settings, (struct price_use){0});
    assert_str(rate.gpu, "L4");
    assert_usd(rate.usd_per_s, 0.000222 + 0.0000131 + 0.00000222);
    assert_usd(rate.usd_per_s_most, 2 * 0.000583 + 0.0000131 + 0.00000222);
}

static void defaults_and_least_amounts_are_the_platforms(void **state)
{
    (void)state;
    struct price_rate rate = rate_of((struct price_settings){0}, (struct price_use){0});
    /* 0.125 core x 0.0000131 + 128/1024 GiB x 0.00000222 */
    assert_usd(rate.usd_per_s, 0.0000016375 + 0.0000002775);
    rate = rate_of((struct price_settings){.cpu = 0.01, .memory_mib = 16}, (struct price_use){0});
    assert_usd(rate.usd_per_s, 0.0000016375 + 0.0000002775);
}

static void use_beyond_the_request_is_billed_up_to_the_limit(void **state)
{
    (void)state;
    struct price_settings settings = {.cpu = 1, .memory_mib = 1024};
    struct price_rate rate = rate_of(settings, (struct price_use){2.5, 512});
    assert_usd(rate.cpu_usd_per_s, 2.5 * 0.0000131);
    assert_usd(rate.memory_usd_per_s, 0.00000222);
    assert_str(rate.basis,
               "$0.0000350/s = 2.5 CPU used 0.0000327 + 1 GiB 0.00000222 (Modal prices of 2026-09-01, start-up "
               "billed)");
    settings.cpu_limit = 2;
    settings.memory_limit_mib = 2048;
    rate = rate_of(settings, (struct price_use){2.5, 4096});
    assert_usd(rate.usd_per_s, 2 * 0.0000131 + 2 * 0.00000222);
}

static void regions_and_nonpreemptible_multiply(void **state)
{
    (void)state;
    struct price_settings settings = {.gpu = STR("T4"), .cpu = 1, .memory_mib = 1024, .region = REGION_NARROW};
    assert_usd(rate_of(settings, (struct price_use){0}).usd_per_s, 1.75 * (0.000164 + 0.0000131 + 0.00000222));
    settings = (struct price_settings){.cpu = 1, .memory_mib = 1024, .region = REGION_BROAD, .nonpreemptible = true};
    struct price_rate rate = rate_of(settings, (struct price_use){0});
    assert_usd(rate.usd_per_s, 1.5 * 3 * (0.0000131 + 0.00000222));
    assert_str(rate.basis,
               "$0.0000689/s = (1 CPU nonpreemptible 0.0000393 + 1 GiB nonpreemptible 0.00000666) x 1.5 for its region "
               "(Modal prices of 2026-09-01, start-up billed)");
    settings.gpu = STR("T4"); /* not sold with a GPU: changes nothing */
    assert_usd(rate_of(settings, (struct price_use){0}).usd_per_s, 1.5 * (0.000164 + 0.0000131 + 0.00000222));
}

static void asking_for_disk_asks_for_memory(void **state)
{
    (void)state;
    /* 500 GiB of disk: 25 GiB of memory */
    struct price_settings settings = {.cpu = 1, .memory_mib = 1024, .disk_mib = 500 * 1024};
    assert_usd(rate_of(settings, (struct price_use){0}).memory_usd_per_s, 25 * 0.00000222);
    settings.memory_mib = 32 * 1024;
    assert_usd(rate_of(settings, (struct price_use){0}).memory_usd_per_s, 32 * 0.00000222);
}

static void an_invocation_costs_its_seconds(void **state)
{
    (void)state;
    struct price_settings settings = {.gpu = STR("L4"), .cpu = 2, .memory_mib = 4096};
    struct price_rate rate = rate_of(settings, (struct price_use){0});
    assert_usd(price_cold(&rate, 4.04, 0.08), 0.00025708 * 4.12);
    assert_usd(price_warm(&rate, 0.083), 0.00025708 * 0.083);
    assert_usd(price_idle(&rate), 0.00025708 * 60);
    settings.scaledown_window_s = 300;
    settings.startup_billed = CHOICE_NO;
    rate = rate_of(settings, (struct price_use){0});
    assert_usd(price_cold(&rate, 4.04, 0.08), 0.00025708 * 0.08);
    assert_usd(price_idle(&rate), 0.00025708 * 300);
}

static void lambda_bills_memory_by_the_millisecond_and_each_request(void **state)
{
    (void)state;
    struct price_settings settings = {.provider = STR("aws-lambda"), .cpu = 4, .memory_mib = 2048};
    struct price_rate rate = rate_of(settings, (struct price_use){3, 4000});
    assert_usd(rate.usd_per_s, 2 * 0.0000166667);
    assert_usd(price_billed_s(&rate, 0.1002), 0.101);
    assert_usd(price_billed_s(&rate, 0.1), 0.1);
    assert_usd(price_warm(&rate, 0.0831), 2 * 0.0000166667 * 0.084 + 0.0000002);
    assert_usd(price_cold(&rate, 1.5, 0.0831), 2 * 0.0000166667 * 1.584 + 0.0000002);
    assert_usd(price_idle(&rate), 0);
    assert_usd(price_cores(rate.table, 0, 3538), 2);
    settings.disk_mib = 1536; /* 512 MiB are free */
    assert_usd(rate_of(settings, (struct price_use){0}).disk_usd_per_s, 0.0000000309);
}

static void requests_to_make_are_a_fifth_above_the_peak(void **state)
{
    (void)state;
    const struct price_table *modal = catalogue_table(&catalogue, STR("")),
                             *lambda = catalogue_table(&catalogue, STR("AWS-Lambda"));
    assert_usd(price_recommend_memory_mib(modal, 1344.0 * 1048576), 1613);
    assert_usd(price_recommend_memory_mib(modal, 1000.0 * 1048576), 1200);
    assert_usd(price_recommend_memory_mib(modal, 1048576), 128);
    assert_usd(price_recommend_memory_mib(lambda, 20e9), 10240);
    assert_usd(price_recommend_cpu(modal, 1.56), 1.872);
    assert_usd(price_recommend_cpu(modal, 0.01), 0.125);
    assert_usd(price_recommend_cpu(lambda, 2), 0);
}

static void assert_refused(struct price_settings settings, const char *message, const char *hint)
{
    struct price_rate rate;
    err_reset(&err);
    assert_int_equal(price_rate(&arena, &catalogue, &settings, NULL, &rate, &err), -ERR_INPUT);
    assert_string_equal(buf_cstr(&err.message), message);
    if (hint && !str_contains(buf_str(&err.hint), str_of(hint)))
        fail_msg("no '%s' in '%s'", hint, buf_cstr(&err.hint));
}

static void mistakes_are_named(void **state)
{
    (void)state;
    assert_refused((struct price_settings){.gpu = STR("h1000")}, "there is no GPU 'h1000'", "did you mean: H100");
    assert_refused((struct price_settings){.gpu = STR("V100X")}, "there is no GPU 'V100X'", "known are T4, L4, A10");
    assert_refused((struct price_settings){.gpu = STR("H100:many")}, "'many' is no number of GPUs, in 'H100:many'",
                   "H100:8");
    assert_refused((struct price_settings){.gpu = STR("A10:8")}, "Modal gives a container at most 4 A10, not 8", NULL);
    assert_refused((struct price_settings){.provider = STR("aws-lambda"), .gpu = STR("L4")},
                   "AWS Lambda x86 us-east-1 sells no GPU 'L4'", "coldspot prices show aws-lambda");
    assert_refused((struct price_settings){.provider = STR("acme")}, "there are no prices of a provider 'acme'",
                   "modal");
    assert_refused((struct price_settings){.provider = STR("aws-lambda"), .memory_mib = 20480},
                   "AWS Lambda x86 us-east-1 sells at most 10240 MiB of memory, not 20480", NULL);
}

static int load(void **state)
{
    (void)state;
    return catalogue_load(&arena, NULL, NULL, &catalogue, &err);
}

static int done(void **state)
{
    (void)state;
    arena_release(&arena);
    err_release(&err);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_is_the_sum_of_its_parts),
        cmocka_unit_test(gpus_are_counted_and_named_in_any_case),
        cmocka_unit_test(a_list_is_priced_at_its_first_and_bounded_by_its_dearest),
        cmocka_unit_test(defaults_and_least_amounts_are_the_platforms),
        cmocka_unit_test(use_beyond_the_request_is_billed_up_to_the_limit),
        cmocka_unit_test(regions_and_nonpreemptible_multiply),
        cmocka_unit_test(asking_for_disk_asks_for_memory),
        cmocka_unit_test(an_invocation_costs_its_seconds),
        cmocka_unit_test(lambda_bills_memory_by_the_millisecond_and_each_request),
        cmocka_unit_test(requests_to_make_are_a_fifth_above_the_peak),
        cmocka_unit_test(mistakes_are_named),
    };
    return cmocka_run_group_tests(tests, load, done);
}
