/* Reading traces and formulas: every format, and everything that is refused. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "simulate/expr.h"
#include "simulate/trace.h"
#include "simulate/workload.h"

static char trace_path[] = "/tmp/coldspot-trace-XXXXXX";

static int make_trace(void **state)
{
    (void)state;
    int fd = mkstemp(trace_path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_trace(void **state)
{
    (void)state;
    return unlink(trace_path);
}

/* Writes text to the one file of these tests; it is so until the next call. */
static const char *write_trace(const char *text)
{
    assert_int_equal(file_write(trace_path, str_of(text), NULL), 0);
    return trace_path;
}

/* Opens a text as a trace and drains it into `out`; returns how many requests there were, or the negative error. */
static int read_all(const char *text, const struct trace_options *options, struct chunk *out, struct err *err)
{
    struct trace *trace;
    int rc = trace_open(write_trace(text), options, &trace, err);
    if (rc)
        return rc;
    struct arrivals *source;
    assert_int_equal(trace_source(trace, &source, err), 0);
    assert_int_equal(source->rewind(source, 1, err), 0);
    rc = source->read(source, out, err);
    int n = rc ? rc : (int)out->n;
    trace_close(trace);
    return n;
}

static struct chunk chunk;

static void assert_times(const char *text, const struct trace_options *options, const double *times, int n)
{
    struct err err = {0};
    int got = read_all(text, options, &chunk, &err);
    if (got < 0)
        print_error("%s\n", buf_cstr(&err.message));
    assert_int_equal(got, n);
    for (int i = 0; i < n; i++)
        assert_true(fabs(chunk.time[i] - times[i]) < 1e-6);
    err_release(&err);
}

static const struct trace_options as_it_is;

static void times_come_in_many_forms(void **state)
{
    (void)state;
    const double expected[] = {0, 1.5, 60};
    assert_times("10\n11.5\n70\n", &as_it_is, expected, 3);
    assert_times("1700000000\n1700000001.5\n1700000060\n", &as_it_is, expected, 3);
    assert_times("1700000000000\n1700000001500\n1700000060000\n", &as_it_is, expected, 3);
    assert_times("1700000000000000000\n1700000001500000000\n1700000060000000000\n", &as_it_is, expected, 3);
    assert_times("2024-02-29T23:59:00Z\n2024-02-29 23:59:01.5\n2024-03-01T01:00:00+01:00\n", &as_it_is, expected, 3);
    assert_times("timestamp\r\n10\r\n11.5\r\n\r\n70", &as_it_is, expected, 3);
    assert_times("\xef\xbb\xbf,timestamp\n0,10\n1,11.5\n2,70\n", &as_it_is, expected, 3);
    assert_times("{\"timestamp\": 10}\n{\"timestamp\": \"11.5\"}\n{\"x\": 1, \"timestamp\": 70}\n", &as_it_is, expected,
                 3);
    struct trace_options ms = {.columns = "time=when:ms"};
    assert_times("when\n10000\n11500\n70000\n", &ms, expected, 3);
}

static void rows_out_of_order_are_sorted(void **state)
{
    (void)state;
    const double expected[] = {0, 1, 2};
    assert_times("timestamp,duration\n3,1\n2,9\n4,5\n", &as_it_is, expected, 3);
    assert_true(chunk.service[0] == 9 && chunk.service[1] == 1 && chunk.service[2] == 5);
}

static void services_come_from_columns_and_formulas(void **state)
{
    (void)state;
    const char *text = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 "
                       "18:17:04.0319600,3180,8\n";
    struct trace_options options = {.service_expr = "0.03*GeneratedTokens + ContextTokens/8000"};
    assert_int_equal(read_all(text, &options, &chunk, NULL), 2);
    assert_true(fabs(chunk.service[0] - 0.901) < 1e-12);
    options = (struct trace_options){.columns = "time=TIMESTAMP,service=GeneratedTokens:ms"};
    assert_int_equal(read_all(text, &options, &chunk, NULL), 2);
    assert_true(fabs(chunk.service[1] - 0.008) < 1e-12);
}

static void ends_of_calls_are_turned_into_their_beginnings(void **state)
{
    (void)state;
    const double expected[] = {0, 2.3, 2.5};
    assert_times("app,func,end_timestamp,duration\na,f,10.5,2\na,f,12,1\na,g,11,0.2\n", &as_it_is, expected, 3);
    const double one[] = {0};
    struct trace_options only = {.only = "func=g"};
    assert_times("app,func,end_timestamp,duration\na,f,10.5,2\na,f,12,1\na,g,11,0.2\n", &only, one, 1);
}

static void counts_a_minute_become_arrivals(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_add(&text, STR("HashOwner,HashApp,HashFunction,Trigger"));
    for (int i = 1; i <= 1440; i++)
        buf_addf(&text, ",%d", i);
    for (int function = 0; function < 2; function++) {
        buf_addf(&text, "\no,a,f%d,http", function);
        for (int i = 1; i <= 1440; i++)
            buf_addf(&text, ",%d", i == 3 ? 2 : 0);
    }
    struct trace_options even = {.within_minute = "equidistant"};
    const double expected[] = {127.5, 142.5, 157.5, 172.5};
    assert_times(buf_cstr(&text), &even, expected, 4);
    buf_release(&text);
}

static void windows_of_rates_make_so_many_requests(void **state)
{
    (void)state;
    const char *text = "0,2,3.0,Gamma,0.1,4\n600,0,0,,0,0\n1200,1,1.5,Weibull,0.7,1\n";
    double sum = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct trace *trace;
        struct arrivals *source;
        assert_int_equal(trace_open(write_trace(text), &as_it_is, &trace, NULL), 0);
        assert_int_equal(trace_source(trace, &source, NULL), 0);
        assert_true(source->span_s == 1800);
        source->rewind(source, seed, NULL);
        double last = 0;
        for (;;) {
            source->read(source, &chunk, NULL);
            if (chunk.n == 0)
                break;
            for (size_t i = 0; i < chunk.n; i++) {
                assert_true(chunk.time[i] >= last && chunk.time[i] < 1800);
                last = chunk.time[i];
            }
            sum += (double)chunk.n;
        }
        trace_close(trace);
    }
    assert_true(fabs(sum / 20 / 1800 - 1) < 0.1);
}

static void a_trace_that_is_too_long_is_read_from_the_file_each_time(void **state)
{
    (void)state;
    struct buf text = {0};
    for (int i = 0; i < 5000; i++)
        buf_addf(&text, "%d\n", 100 + i);
    struct trace_options options = {.hold_most = 1000};
    struct trace *trace;
    struct arrivals *source;
    assert_int_equal(trace_open(write_trace(buf_cstr(&text)), &options, &trace, NULL), 0);
    assert_true(trace_is_streamed(trace));
    assert_int_equal(trace_source(trace, &source, NULL), 0);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(source->rewind(source, 1, NULL), 0);
        size_t n = 0;
        do {
            assert_int_equal(source->read(source, &chunk, NULL), 0);
            for (size_t i = 0; i < chunk.n; i++)
                assert_true(chunk.time[i] == (double)(n + i));
            n += chunk.n;
        } while (chunk.n);
        assert_int_equal(n, 5000);
    }
    trace_close(trace);
    buf_add(&text, STR("7\n"));
    assert_int_equal(trace_open(write_trace(buf_cstr(&text)), &options, &trace, NULL), 0);
    assert_int_equal(trace_source(trace, &source, NULL), 0);
    int rc = 0;
    do {
        rc = source->read(source, &chunk, NULL);
    } while (!rc && chunk.n);
    assert_true(rc < 0); /* out of order: sorting would need all of it */
    trace_close(trace);
    buf_release(&text);
}

static void what_no_trace_can_hold_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"", "is empty"},
        {"\n\n", "is empty"},
        {"timestamp\n", "holds no request"},
        {"timestamp\n-5\n", "is negative"},
        {"timestamp\nnan\n", "neither a number nor a date"},
        {"timestamp\ninf\n", "neither a number"},
        {"timestamp\n1e300\n", "not one that a request can have"},
        {"timestamp\n2026-13-01\n", "neither a number nor a date"},
        {"timestamp\n1\n9000000000\n", "longer than a century"},
        {"timestamp,duration\n1,-1\n", "the service time '-1' is negative"},
        {"timestamp,duration\n1,x\n", "not a number of seconds"},
        {"timestamp,duration\n1,1e30\n", "not one that a call can take"},
        {"a,b\n1,2\n", "has no column 'timestamp'"},
        {"timestamp\n1,2\n", "more cells than the 1 columns"},
        {"[1,2]\n", "JSON array"},
        {"{\"timestamp\": 1}\n{\"timestamp\"\n", ":2"},
        {"0,1,1,Gamma,1,1\n0,1,1,Gamma,1,1\n", "do not follow one another"},
        {"0,-1,1,Gamma,1,1\n", "cannot be negative"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = {0};
        int rc = read_all(cases[i].text, &as_it_is, &chunk, &err);
        bool said = rc < 0 && str_contains(buf_str(&err.message), str_of(cases[i].said));
        if (!said)
            print_error("case %zu: rc %d, %s\n", i, rc, buf_cstr(&err.message));
        assert_true(said);
        err_release(&err);
    }
    struct trace_options options = {.service_expr = "Tokens"};
    struct err err = {0};
    assert_true(read_all("timestamp\n1\n", &options, &chunk, &err) < 0);
    assert_str(buf_str(&err.message), "--service-expr: there is no column 'Tokens'");
    err_release(&err);
}

static double eval(const char *text, double b)
{
    struct arena arena = {0};
    struct expr expr;
    const struct str names[] = {STR("b"), STR("odd name")};
    const double values[] = {b, 7};
    int rc = expr_parse(&arena, str_of(text), "test", names, 2, &expr, NULL);
    double value = rc ? NAN : expr_eval(&expr, values);
    arena_release(&arena);
    return value;
}

static void formulas_follow_the_usual_rules(void **state)
{
    (void)state;
    assert_true(fabs(eval("20ms + 4ms*b", 5) - 0.04) < 1e-15);
    assert_true(eval("2 - 3 - 4", 0) == -5);
    assert_true(eval("2 + 3 * 4 / 6", 0) == 4);
    assert_true(eval("-(2 - 5) * -b", 2) == -6);
    assert_true(eval("max(1, b, 3) - min(b, 4)", 9) == 5);
    assert_true(eval("`odd name` + 1e3 + .5", 0) == 1007.5);
    assert_true(eval("1m + 2h", 0) == 7260);
    assert_true(isinf(eval("1/(b-b)", 1)));
    const char *wrong[] = {"",      "1 +",  "(1", "1)", "1 2",  "b b", "2x", "c",     "min(",
                           "min()", "1..2", "`b", "*b", "b(2)", "--",  "1e", "1 + + "};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_true(isnan(eval(wrong[i], 1)));
    struct buf deep = {0};
    buf_add_repeated(&deep, STR("("), 100000);
    assert_true(isnan(eval(buf_cstr(&deep), 1)));
    buf_release(&deep);
}

static void traffic_is_told_by_its_figures(void **state)
{
    (void)state;
    struct generator generator = {.kind = GENERATE_GAMMA, .rate = 5, .cv = 3, .requests = 200000};
    struct workload workload = {.generator = generator};
    struct traffic traffic;
    assert_int_equal(traffic_measure(&workload, 1, &traffic, NULL), 0);
    assert_true(fabs(traffic.rate / 5 - 1) < 0.05);
    assert_true(fabs(traffic.cv / 3 - 1) < 0.05);
    assert_true(traffic.dispersion > 5 && traffic.dispersion < 12); /* CV squared, in the long run */
    workload.rate_scale = 2;
    struct traffic twice;
    assert_int_equal(traffic_measure(&workload, 1, &twice, NULL), 0);
    assert_true(fabs(twice.rate / 10 - 1) < 0.05);
    workload.generator = (struct generator){
        .kind = GENERATE_MMPP, .rate = 4, .peak = 5, .busy_share = 0.1, .dwell_s = 30, .requests = 400000};
    workload.rate_scale = 0;
    assert_int_equal(traffic_measure(&workload, 3, &traffic, NULL), 0);
    assert_true(fabs(traffic.rate / 4 - 1) < 0.05 && traffic.cv > 1.2);
    workload.generator = (struct generator){
        .kind = GENERATE_DIURNAL, .rate = 1, .peak = 1.8, .period_s = 86400, .span_s = 86400};
    assert_int_equal(traffic_measure(&workload, 1, &traffic, NULL), 0);
    assert_true(fabs(traffic.rate - 1) < 0.03);
}

/* 3 of 8 requests in a daily wave, 1 of 8 in spells of 20 times as many: rates add up, and so do the counts' variances. */
static void a_mix_is_the_sum_of_its_parts(void **state)
{
    (void)state;
    struct workload workload = {.generator = {.kind = GENERATE_POISSON, .rate = 8, .cv = 1, .span_s = 200000}};
    struct generator parts[GENERATORS_MOST];
    struct traffic traffic, again;
    size_t n;
    struct str text = STR("4*poisson + 3*diurnal(2,20000s) + mmpp(20,0.05,10s)");
    assert_int_equal(generator_parse_mix(text, &workload.generator, parts, &n, NULL), 0);
    assert_int_equal(n, 3);
    assert_true(parts[0].rate == 4 && parts[1].rate == 3 && parts[2].rate == 1);
    workload.parts = parts;
    workload.n_parts = n;
    assert_int_equal(traffic_measure(&workload, 1, &traffic, NULL), 0);
    assert_true(fabs(traffic.rate / 8 - 1) < 0.02);
    /* over chance: the wave's variance 180^2 / 2, the spells' 60 s x (20^2 x 0.05 x 9.5 s x 0.95 x 2 - edges) */
    assert_true(traffic.dispersion > 70 && traffic.dispersion < 90);
    assert_string_equal(traffic_word(&traffic), "in waves");
    assert_int_equal(traffic_measure(&workload, 1, &again, NULL), 0);
    assert_int_equal(again.requests, traffic.requests);
    workload.generator.span_s = 0; /* a number of requests is that of the whole */
    workload.generator.requests = 12345;
    assert_int_equal(traffic_measure(&workload, 1, &traffic, NULL), 0);
    assert_int_equal(traffic.requests, 12345);
    workload.rate_scale = 2;
    workload.time_scale = 0.5;
    assert_int_equal(traffic_measure(&workload, 1, &traffic, NULL), 0);
    assert_int_equal(traffic.requests, 24690);
}

static void a_kind_of_arrivals_is_refused_with_a_reason(void **state)
{
    (void)state;
    static const char *const bad[] = {"",        "+",          "poisson+",   "0*poisson", "x*poisson",  "mmpp(1,2)",
                                      "gamma(3", "gamma(1,2)", "poisson(2)", "2*",        "nan*poisson"};
    struct generator whole = {.rate = 1, .cv = 1}, parts[GENERATORS_MOST];
    size_t n;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_true(generator_parse_mix(str_of(bad[i]), &whole, parts, &n, NULL) < 0);
}

static void a_trace_at_twice_the_rate_keeps_its_shape(void **state)
{
    (void)state;
    struct trace *trace;
    assert_int_equal(trace_open(write_trace("0\n100\n200\n1000\n"), &as_it_is, &trace, NULL), 0);
    struct workload workload = {.traces = {trace}, .n_traces = 1, .rate_scale = 2};
    struct traffic traffic;
    assert_int_equal(traffic_measure(&workload, 1, &traffic, NULL), 0);
    assert_int_equal(traffic.requests, 8);
    assert_true(traffic.span_s == 1000);
    trace_close(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_come_in_many_forms),
        cmocka_unit_test(rows_out_of_order_are_sorted),
        cmocka_unit_test(services_come_from_columns_and_formulas),
        cmocka_unit_test(ends_of_calls_are_turned_into_their_beginnings),
        cmocka_unit_test(counts_a_minute_become_arrivals),
        cmocka_unit_test(windows_of_rates_make_so_many_requests),
        cmocka_unit_test(a_trace_that_is_too_long_is_read_from_the_file_each_time),
        cmocka_unit_test(what_no_trace_can_hold_is_refused),
        cmocka_unit_test(formulas_follow_the_usual_rules),
        cmocka_unit_test(traffic_is_told_by_its_figures),
        cmocka_unit_test(a_mix_is_the_sum_of_its_parts),
        cmocka_unit_test(a_kind_of_arrivals_is_refused_with_a_reason),
        cmocka_unit_test(a_trace_at_twice_the_rate_keeps_its_shape),
    };
    return cmocka_run_group_tests(tests, make_trace, remove_trace);
}
