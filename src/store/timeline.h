/* The starting thread's time, cut into phases and wait states.  Private to store/. */
#ifndef COLDSPOT_STORE_TIMELINE_H
#define COLDSPOT_STORE_TIMELINE_H

#include "record/reader.h"
#include "store/run.h"

struct timeline_step {
    uint64_t t_ns;
    enum event_phase phase;
};

struct timeline {
    const struct recording *recording;
    uint64_t asked_ns;
    uint64_t end_ns;      /* of the cold start: the end of the first call, or of the process */
    bool first_call_done; /* or a command, whose end is its process's */
    bool command;
    array_of(struct timeline_step) steps;
};

/* Finds the phases of the starting thread and where the cold start ends.  recording is borrowed. */
void timeline_init(struct arena *arena, const struct recording *recording, uint64_t asked_ns, uint64_t ended_ns,
                   bool command, struct timeline *timeline_out);

/* The phase at that time, in the words of a run; the app's file running counts as import here. */
enum run_phase timeline_phase(const struct timeline *timeline, uint64_t t_ns);

enum run_phase timeline_phase_of(uint32_t event_phase);

/* The wait state that an I/O record stands for. */
enum run_wait timeline_wait(const struct event_io *io, bool has_children);

/* Whether the record is of the starting thread and lies within the cold start. */
bool timeline_is_cold(const struct timeline *timeline, const struct recorded *recorded, uint64_t t_ns);

/* Fills in wall_s, harness_s, attributed_s, phases and waits.  import_s: the time inside imports of other modules while the
 * app's file ran. */
void timeline_attribute(const struct timeline *timeline, double import_s, struct run_start *start);

#endif
