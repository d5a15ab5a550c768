/* What a plan runs on: prices and speeds of the GPUs that it asks about. */
#include <string.h>

#include "base/units.h"
#include "cmd/plan.h"

static int find_speed(const struct plan_args *args, const char *gpu, const char *measured_on, double *speed_out,
                      struct err *err)
{
    *speed_out = 1;
    if (gpu == measured_on || (gpu && measured_on && strcmp(gpu, measured_on) == 0))
        return 0;
    const char *name = gpu ? gpu : "none";
    for (size_t i = 0; i < args->gpu_speeds.len; i++) {
        struct str value = str_of(args->gpu_speeds.items[i]), key;
        str_cut(&value, '=', &key);
        if (!value.ptr || !str_to_f64(value, speed_out) || !(*speed_out > 0))
            return err_set(err, ERR_USAGE, "--gpu-speed takes GPU=FACTOR, such as H100=2.5, not '%s'",
                           args->gpu_speeds.items[i]);
        if (str_equals(key, str_of(name)))
            return 0;
    }
    err_set(err, ERR_USAGE, "how fast the function is on %s is not known", name);
    return err_hint(err, "measure it there, or give a factor: --gpu-speed %s=2.5", name);
}

struct gpus {
    const char *items[64];
    size_t n;
};

static void add_gpu(struct gpus *gpus, const char *gpu)
{
    for (size_t i = 0; i < gpus->n; i++) {
        if (gpus->items[i] == gpu || (gpu && gpus->items[i] && strcmp(gpus->items[i], gpu) == 0))
            return;
    }
    if (gpus->n < 64)
        gpus->items[gpus->n++] = gpu;
}

static void list_gpus(struct arena *arena, const struct plan_question *question, struct gpus *gpus)
{
    add_gpu(gpus, question->baseline.gpu);
    for (size_t i = 0; i < question->n_axes; i++) {
        for (size_t k = 0; str_equals(question->axes[i].key, STR("gpu")) && k < question->axes[i].n; k++) {
            struct str value = question->axes[i].values[k];
            add_gpu(gpus, str_equals(value, STR("none")) ? NULL : arena_cstr(arena, value));
        }
    }
}

int plan_set_hardware(struct cmd_call *call, const struct plan_args *args, const struct run_target *target,
                      struct plan_setup *setup, struct err *err)
{
    struct catalogue catalogue;
    struct gpus gpus = {0};
    int rc = cmd_load_prices(call->arena, &args->money, &catalogue, err);
    if (rc)
        return rc;
    list_gpus(call->arena, &setup->question, &gpus);
    struct hardware *hardware = arena_array(call->arena, struct hardware, gpus.n);
    for (size_t i = 0; i < gpus.n; i++) {
        struct run_target asked = *target;
        struct price_rate rate;
        asked.gpu = str_of(gpus.items[i]);
        asked.gpu_count = i == 0 ? target->gpu_count : 0;
        struct price_settings settings = cmd_price_settings(&asked, &args->money);
        rc = price_rate(call->arena, &catalogue, &settings, NULL, &rate, err);
        if (!rc)
            rc = find_speed(args, gpus.items[i], setup->question.baseline.gpu, &hardware[i].speed, err);
        if (rc)
            return rc;
        hardware[i] = (struct hardware){gpus.items[i],       rate.usd_per_s,   rate.usd_per_request,
                                        rate.startup_billed, rate.idle_billed, hardware[i].speed};
        if (i == 0)
            setup->basis = rate.basis;
    }
    setup->question.hardware = hardware;
    setup->question.n_hardware = gpus.n;
    return 0;
}
