/* Knative's KPA (its autoscaler's Scale), Modal's Flash autoscaler (modal.experimental.flash, client 1.5.4) and the hybrid
 * histogram policy of Shahrad et al. (USENIX ATC 2020), each as its source describes it. */
#include "simulate/scaler.h"

#include <math.h>
#include <string.h>

#include "simulate/policy.h"

static const double kpa_target_share = 0.7, kpa_stable_s = 60, kpa_panic_s = 6, kpa_panic_threshold = 2;
static const double kpa_up_most = 1000, kpa_down_most = 2;
static const double flash_tolerance = 0.1, flash_down_s = 300;
static const double histogram_bin_s = 60, forecast_margin = 0.15;

void scaler_reset(struct scaler *scaler)
{
    memset(scaler, 0, sizeof(*scaler));
    scaler->panic_since = -1;
}

static uint32_t clamp(double wanted, const struct settings *settings)
{
    double most = settings->max_containers, least = settings->min_containers;
    return (uint32_t)fmin(fmax(wanted, least), most);
}

/* The mean of the latest `count` averages, or of those there are. */
static double mean_of_latest(const struct scaler *scaler, unsigned count)
{
    unsigned n = scaler->n < count ? scaler->n : count;
    double sum = 0;
    for (unsigned i = 1; i <= n; i++)
        sum += scaler->averages[(scaler->next + SCALER_TICKS - i) % SCALER_TICKS];
    return n ? sum / n : 0;
}

static uint32_t tick_kpa(struct scaler *scaler, const struct settings *settings, const struct scaler_view *view)
{
    double tick_s = settings->policy->tick_s, target = kpa_target_share * settings->max_inputs;
    if (scaler->n == 0 && view->average_load == 0 && view->load == 0)
        return clamp(0, settings); /* nobody has come yet */
    scaler->averages[scaler->next] = view->average_load;
    scaler->next = (scaler->next + 1) % SCALER_TICKS;
    scaler->n += scaler->n < SCALER_TICKS;
    double ready = fmax(1, view->ready), up = kpa_up_most * ready, down = floor(ready / kpa_down_most);
    double stable = ceil(mean_of_latest(scaler, (unsigned)(kpa_stable_s / tick_s)) / target);
    double panic = ceil(mean_of_latest(scaler, (unsigned)(kpa_panic_s / tick_s)) / target);
    double wanted = fmin(fmax(stable, down), up), wanted_panic = fmin(fmax(panic, down), up);
    if (panic / ready >= kpa_panic_threshold)
        scaler->panic_since = view->now;
    else if (scaler->panic_since >= 0 && view->now > scaler->panic_since + kpa_stable_s)
        scaler->panic_since = -1, scaler->panic_most = 0;
    if (scaler->panic_since >= 0) {
        wanted = fmax(wanted, wanted_panic);
        scaler->panic_most = (uint32_t)fmax(scaler->panic_most, wanted);
        wanted = scaler->panic_most;
    }
    return clamp(wanted, settings);
}

/* The most that was wanted within the last five minutes. */
static uint32_t most_wanted(const struct scaler *scaler, double now)
{
    uint32_t most = 0;
    for (unsigned i = 0; i < scaler->n; i++) {
        if (scaler->decided_at[i] >= now - flash_down_s && scaler->decisions[i] > most)
            most = scaler->decisions[i];
    }
    return most;
}

static uint32_t tick_flash(struct scaler *scaler, const struct settings *settings, const struct scaler_view *view)
{
    double target = settings_target(settings), live = view->ready + view->starting;
    double provisioned = fmax(live - settings->buffer_containers, 1);
    double up = view->load / provisioned / target, down = (view->load + view->starting * target) / provisioned / target;
    double desired = provisioned;
    if (up > 1 + flash_tolerance)
        desired = ceil(provisioned * up);
    else if (down < 1 - flash_tolerance)
        desired = ceil(provisioned * down);
    scaler->decisions[scaler->next] = (uint32_t)desired;
    scaler->decided_at[scaler->next] = view->now;
    scaler->next = (scaler->next + 1) % SCALER_TICKS;
    scaler->n += scaler->n < SCALER_TICKS;
    double wanted = live;
    if (desired > live)
        wanted = desired; /* the window for growing is 0 s: the latest decision alone */
    else if (desired < live)
        wanted = fmin(live, most_wanted(scaler, view->now));
    return (uint32_t)fmin((double)clamp(wanted, settings) + settings->buffer_containers, CONTAINERS_MOST);
}

uint32_t scaler_tick(struct scaler *scaler, const struct settings *settings, const struct scaler_view *view)
{
    return settings->policy->scaling == SCALE_KPA ? tick_kpa(scaler, settings, view)
                                                  : tick_flash(scaler, settings, view);
}

void scaler_add_gap(struct scaler *scaler, double gap_s)
{
    scaler->n_gaps++;
    if (gap_s < SCALER_BINS * histogram_bin_s) {
        scaler->gaps[(unsigned)(gap_s / histogram_bin_s)]++;
        return;
    }
    scaler->n_beyond++;
    scaler->forecast_s = scaler->forecast_s > 0 ? 0.7 * scaler->forecast_s + 0.3 * gap_s : gap_s;
}

/* Coefficient of variation of the bins' counts; 0 when there is nothing in them. */
static double variation(const struct scaler *scaler)
{
    double mean = (double)(scaler->n_gaps - scaler->n_beyond) / SCALER_BINS, squares = 0;
    for (unsigned i = 0; i < SCALER_BINS; i++)
        squares += (scaler->gaps[i] - mean) * (scaler->gaps[i] - mean);
    return mean > 0 ? sqrt(squares / SCALER_BINS) / mean : 0;
}

/* The lower end of the bin that holds the q-quantile. */
static double gap_quantile(const struct scaler *scaler, double q)
{
    double wanted = q * (scaler->n_gaps - scaler->n_beyond), seen = 0;
    for (unsigned i = 0; i < SCALER_BINS; i++) {
        seen += scaler->gaps[i];
        if (seen >= wanted && seen > 0)
            return i * histogram_bin_s;
    }
    return SCALER_BINS * histogram_bin_s;
}

void scaler_windows(const struct scaler *scaler, double *start_after_s_out, double *keep_until_s_out)
{
    if (scaler->n_gaps > 0 && scaler->n_beyond * 2 >= scaler->n_gaps) {
        *start_after_s_out = scaler->forecast_s * (1 - forecast_margin);
        *keep_until_s_out = scaler->forecast_s * (1 + forecast_margin);
    } else if (variation(scaler) < 2) {
        *start_after_s_out = 0;
        *keep_until_s_out = SCALER_BINS * histogram_bin_s;
    } else {
        *start_after_s_out = 0.9 * gap_quantile(scaler, 0.05);
        *keep_until_s_out = 1.1 * (gap_quantile(scaler, 0.99) + histogram_bin_s);
    }
}
