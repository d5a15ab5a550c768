/* What a run is stored with besides its figures: the machine, and the commit of the target. */
#ifndef COLDSPOT_CMD_MACHINE_H
#define COLDSPOT_CMD_MACHINE_H

#include "store/run.h"

/* Kernel, cores and memory of this machine. */
void machine_describe(struct arena *arena, struct run_environment *environment);

/* What the target asks for and this machine lacks, as sentences in environment->lacks. */
void machine_add_lacks(struct arena *arena, const struct run_target *target, struct run_environment *environment);

/* The commit that HEAD names in the git repository around `directory`; empty when there is none. */
struct str machine_commit(struct arena *arena, struct str directory);

/* The directory of this program, as /proc/self/exe says. */
struct str machine_program_dir(struct arena *arena);

/* The first of the paths, relative to the program's directory, that is there; empty when none is. */
struct str machine_find(struct arena *arena, const char *const *candidates, size_t n);

#endif
