/* A measured run, played back without what some changes take away: each cold start's own timeline and each warm call, so that
 * what two changes share is never counted twice. */
#ifndef COLDSPOT_RECOMMEND_WHATIF_H
#define COLDSPOT_RECOMMEND_WHATIF_H

#include "diagnose/change.h"
#include "diagnose/facts.h"
#include "store/run.h"

/* Seconds before and after, in the order of the run; of the calls, those whose rows tell what the changes would take away.
 * unsure: how much later it may be, since what seems to go may be needed by what stays. */
struct whatif_times {
    double *before, *after, *unsure;
    size_t n;
};

struct whatif {
    struct whatif_times cold, warm;
    double memory_bytes, cpu; /* to be asked for; negative: as it is */
    double peak_less_bytes;   /* how much lower the peak is */
};

/* facts may be NULL.  Lives in the arena. */
void whatif_play(struct arena *arena, const struct run *run, const struct facts *facts, const struct changes *changes,
                 struct whatif *whatif_out);

/* Bytes a second that this run read its larger files with, or WHATIF_READ_RATE where it read none. */
#define WHATIF_READ_RATE 500e6
double whatif_read_rate(const struct run *run);

#endif
