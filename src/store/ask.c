/* Reading runs back into the value that put wrote. */
#include "store/store.h"

#include "base/json.h"
#include "store/db.h"

static struct str member(struct arena *arena, const json_t *object, const char *key)
{
    return arena_copy(arena, json_get_str(object, key, STR("")));
}

static void read_target(struct arena *arena, const json_t *json, struct run_target *target)
{
    *target = (struct run_target){
        .file = member(arena, json, "file"),
        .function = member(arena, json, "function"),
        .kind = member(arena, json, "kind"),
        .provider = member(arena, json, "provider"),
        .gpu = member(arena, json, "gpu"),
        .gpu_count = (uint32_t)json_get_i64(json, "gpu_count", 0),
        .cpu = json_get_f64(json, "cpu", -1),
        .cpu_limit = json_get_f64(json, "cpu_limit", -1),
        .memory_bytes = json_get_f64(json, "memory_bytes", -1),
        .memory_limit_bytes = json_get_f64(json, "memory_limit_bytes", -1),
        .timeout_s = json_get_f64(json, "timeout_s", -1),
        .scaledown_window_s = json_get_f64(json, "scaledown_window_s", -1),
        .region = member(arena, json, "region"),
        .nonpreemptible = json_get_bool(json, "nonpreemptible", false),
        .memory_snapshot = json_get_bool(json, "memory_snapshot", false),
    };
    for (size_t i = 0; i < RUN_SCALING_FIELDS; i++)
        *(double *)((char *)&target->scaling +
                    run_scaling_fields[i].offset) = json_get_f64(json, run_scaling_fields[i].key, 0);
}

static void read_environment(struct arena *arena, const json_t *json, struct run_environment *environment)
{
    *environment = (struct run_environment){
        .python = member(arena, json, "python"),
        .python_path = member(arena, json, "python_path"),
        .sandbox = member(arena, json, "sandbox"),
        .cache = member(arena, json, "cache"),
        .kernel = member(arena, json, "kernel"),
        .cpus = (uint32_t)json_get_i64(json, "cpus", 0),
        .memory_bytes = (uint64_t)json_get_i64(json, "memory_bytes", 0),
    };
    const json_t *lacks = json_object_get(json, "lacks");
    for (size_t i = 0; i < json_array_size(lacks); i++)
        *array_push(arena, &environment->lacks) = arena_copy(arena,
                                                             str_of(json_string_value(json_array_get(lacks, i))));
}

static int read_run(struct store *store, struct arena *arena, sqlite3_stmt *s, struct run *run, struct err *err)
{
    run->id = db_str(arena, s, 0);
    run->started_at_ns = (uint64_t)sqlite3_column_int64(s, 1);
    run->finished = sqlite3_column_int(s, 2) != 0;
    run->commit = db_str(arena, s, 3);
    run->input_digest = db_str(arena, s, 4);
    json_t *target = NULL, *environment = NULL;
    int rc = json_parse(db_str(arena, s, 5), "the run's target", &target, err);
    if (!rc)
        rc = json_parse(db_str(arena, s, 6), "the run's environment", &environment, err);
    if (rc) {
        err_wrap(err, "the store '%.*s' is damaged: run %.*s", STR_ARG(store->path), STR_ARG(run->id));
        goto out;
    }
    read_target(arena, target, &run->target);
    read_environment(arena, environment, &run->environment);
out:
    json_decref(target);
    json_decref(environment);
    return rc;
}

/* A word of the store that this coldspot must know; the first one where it doesn't, so that nothing is out of range. */
static unsigned word(int index)
{
    return index < 0 ? 0 : (unsigned)index;
}

static void read_phase(struct arena *arena, sqlite3_stmt *s, struct run_start *start)
{
    unsigned phase = word(run_phase_of(db_str(arena, s, 0)));
    start->phases_s[phase] = sqlite3_column_double(s, 1);
    start->phases_cpu_s[phase] = sqlite3_column_double(s, 2);
}

static void read_wait(struct arena *arena, sqlite3_stmt *s, struct run_start *start)
{
    start->waits_s[word(run_wait_of(db_str(arena, s, 0)))] = sqlite3_column_double(s, 1);
}

static int32_t index_or_none(sqlite3_stmt *s, int column)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL ? RUN_NONE : sqlite3_column_int(s, column);
}

static void read_import(struct arena *arena, sqlite3_stmt *s, struct run_start *start)
{
    *array_push(arena, &start->imports) = (struct run_import){
        .module = db_str(arena, s, 0),
        .parent = index_or_none(s, 1),
        .phase = word(run_phase_of(db_str(arena, s, 2))),
        .origin = word(run_origin_of(db_str(arena, s, 3))),
        .path = db_str(arena, s, 4),
        .file = db_str(arena, s, 5),
        .line = (uint32_t)sqlite3_column_int64(s, 6),
        .start_s = sqlite3_column_double(s, 7),
        .self_s = sqlite3_column_double(s, 8),
        .total_s = sqlite3_column_double(s, 9),
        .rss_bytes = sqlite3_column_int64(s, 10),
        .read_bytes = (uint64_t)sqlite3_column_int64(s, 11),
        .used = index_or_none(s, 12),
    };
}

static void read_io(struct arena *arena, sqlite3_stmt *s, struct run_start *start)
{
    *array_push(arena, &start->ios) = (struct run_io){
        .kind = word(run_io_of(db_str(arena, s, 0))),
        .phase = word(run_phase_of(db_str(arena, s, 1))),
        .import = index_or_none(s, 2),
        .stage = db_str(arena, s, 3),
        .invocation = index_or_none(s, 4),
        .target = db_str(arena, s, 5),
        .file = db_str(arena, s, 6),
        .line = (uint32_t)sqlite3_column_int64(s, 7),
        .starting = sqlite3_column_int(s, 8) != 0,
        .calls = (uint64_t)sqlite3_column_int64(s, 9),
        .bytes_in = (uint64_t)sqlite3_column_int64(s, 10),
        .bytes_out = (uint64_t)sqlite3_column_int64(s, 11),
        .wall_s = sqlite3_column_double(s, 12),
        .rss_bytes = sqlite3_column_int64(s, 13),
        .first_s = sqlite3_column_double(s, 14),
        .last_s = sqlite3_column_double(s, 15),
        .mapped_bytes = (uint64_t)sqlite3_column_int64(s, 16),
    };
}

static void read_stage(struct arena *arena, sqlite3_stmt *s, struct run_start *start)
{
    *array_push(arena, &start->stages) = (struct run_stage){
        .name = db_str(arena, s, 0),
        .parent = db_str(arena, s, 1),
        .phase = word(run_phase_of(db_str(arena, s, 2))),
        .calls = (uint64_t)sqlite3_column_int64(s, 3),
        .wall_s = sqlite3_column_double(s, 4),
    };
}

static void read_invocation(struct arena *arena, sqlite3_stmt *s, struct run_start *start)
{
    *array_push(arena, &start->invocations) = (struct run_invocation){
        .number = (uint32_t)sqlite3_column_int64(s, 0),
        .wall_s = sqlite3_column_double(s, 1),
        .peak_bytes = (uint64_t)sqlite3_column_int64(s, 2),
        .end_bytes = (uint64_t)sqlite3_column_int64(s, 3),
    };
}

static void read_sample(struct arena *arena, sqlite3_stmt *s, struct run_start *start)
{
    *array_push(arena, &start->samples) = (struct run_sample){
        .at_s = sqlite3_column_double(s, 0),
        .rss_bytes = (uint64_t)sqlite3_column_int64(s, 1),
        .cpu_s = sqlite3_column_double(s, 2),
        .file_bytes = (uint64_t)sqlite3_column_int64(s, 3),
        .python_bytes = (uint64_t)sqlite3_column_int64(s, 4),
        .native_bytes = (uint64_t)sqlite3_column_int64(s, 5),
    };
}

static void read_frame(struct arena *arena, sqlite3_stmt *s, struct run_start *start)
{
    *array_push(arena, &start->frames) = (struct run_frame){
        .parent = sqlite3_column_type(s, 0) == SQLITE_NULL ? RUN_NONE : sqlite3_column_int(s, 0),
        .function = db_str(arena, s, 1),
        .file = db_str(arena, s, 2),
        .line = (uint32_t)sqlite3_column_int64(s, 3),
    };
}

static void read_stack(struct arena *arena, sqlite3_stmt *s, struct run_start *start)
{
    *array_push(arena, &start->stacks) = (struct run_stack){
        .frame = sqlite3_column_int(s, 0),
        .phase = word(run_phase_of(db_str(arena, s, 1))),
        .wait = word(run_wait_of(db_str(arena, s, 2))),
        .gil = sqlite3_column_int(s, 3) != 0,
        .in_call = sqlite3_column_int(s, 4) != 0,
        .thread = (uint32_t)sqlite3_column_int64(s, 5),
        .interpreter = (uint32_t)sqlite3_column_int64(s, 6),
        .wall_s = sqlite3_column_double(s, 7),
        .samples = (uint64_t)sqlite3_column_int64(s, 8),
        .task = db_str(arena, s, 9),
        .task_frame = index_or_none(s, 10),
    };
}

static void read_task(struct arena *arena, sqlite3_stmt *s, struct run_start *start)
{
    *array_push(arena, &start->tasks) = (struct run_task){
        .name = db_str(arena, s, 0),
        .frame = sqlite3_column_int(s, 1),
        .phase = word(run_phase_of(db_str(arena, s, 2))),
        .wall_s = sqlite3_column_double(s, 3),
        .samples = (uint64_t)sqlite3_column_int64(s, 4),
        .most = (uint64_t)sqlite3_column_int64(s, 5),
    };
}

static void read_stretch(struct arena *arena, sqlite3_stmt *s, struct run_start *start)
{
    *array_push(arena, &start->stretches) = (struct run_stretch){
        .phase = word(run_phase_of(db_str(arena, s, 0))),
        .invocation = index_or_none(s, 1),
        .at_s = sqlite3_column_double(s, 2),
        .wall_s = sqlite3_column_double(s, 3),
        .runnable_s = sqlite3_column_double(s, 4),
        .frame = sqlite3_column_int(s, 5),
        .frame_s = sqlite3_column_double(s, 6),
        .wait = word(run_wait_of(db_str(arena, s, 7))),
        .samples = (uint64_t)sqlite3_column_int64(s, 8),
    };
}

static void read_memory(struct arena *arena, sqlite3_stmt *s, struct run_start *start)
{
    *array_push(arena, &start->memory) = (struct run_memory){
        .frame = sqlite3_column_type(s, 0) == SQLITE_NULL ? RUN_NONE : sqlite3_column_int(s, 0),
        .kind = db_str(arena, s, 1),
        .peak_bytes = (uint64_t)sqlite3_column_int64(s, 2),
        .held_bytes = (uint64_t)sqlite3_column_int64(s, 3),
        .total_bytes = (uint64_t)sqlite3_column_int64(s, 4),
        .error_bytes = sqlite3_column_double(s, 5),
        .samples = (uint64_t)sqlite3_column_int64(s, 6),
        .early_bytes = (uint64_t)sqlite3_column_int64(s, 7),
        .growth_error_bytes = sqlite3_column_double(s, 8),
    };
    start->heap_peak_bytes += (uint64_t)sqlite3_column_int64(s, 2);
}

static void read_note(struct arena *arena, sqlite3_stmt *s, struct run_start *start)
{
    *array_push(arena, &start->notes) = db_str(arena, s, 0);
}

/* The tables that hang on a start, ?1. */
static const struct {
    const char *select;
    void (*read)(struct arena *arena, sqlite3_stmt *statement, struct run_start *start);
    bool figure; /* few rows a start: read for history too */
} tables[] = {
    {"SELECT name, wall_s, cpu_s FROM phase WHERE start = ?1", read_phase, true},
    {"SELECT state, wall_s FROM wait WHERE start = ?1", read_wait, true},
    {"SELECT m.value, parent, phase, origin, p.value, f.value, line, start_s, self_s, total_s, rss_bytes, read_bytes, "
     "used "
     "FROM import LEFT JOIN text m ON m.id = module LEFT JOIN text p ON p.id = path LEFT JOIN text f ON f.id = file "
     "WHERE start = ?1 ORDER BY number",
     read_import, false},
    {"SELECT kind, phase, import, s.value, invocation, t.value, f.value, line, starting, calls, bytes_in, bytes_out, "
     "wall_s, "
     "rss_bytes, first_s, last_s, mapped_bytes FROM io LEFT JOIN text s ON s.id = stage LEFT JOIN text t ON t.id = "
     "target LEFT JOIN "
     "text f ON f.id = file "
     "WHERE start = ?1 ORDER BY io.rowid",
     read_io, false},
    {"SELECT n.value, p.value, phase, calls, wall_s FROM stage LEFT JOIN text n ON n.id = name LEFT JOIN text p ON "
     "p.id = parent "
     "WHERE start = ?1 ORDER BY stage.rowid",
     read_stage, true},
    {"SELECT number, wall_s, peak_bytes, end_bytes FROM invocation WHERE start = ?1 ORDER BY number", read_invocation,
     true},
    {"SELECT at_s, rss_bytes, cpu_s, file_bytes, python_bytes, native_bytes FROM sample WHERE start = ?1 ORDER BY at_s",
     read_sample, false},
    {"SELECT parent, n.value, f.value, line FROM frame LEFT JOIN text n ON n.id = function LEFT JOIN text f ON f.id = "
     "file WHERE start = ?1 ORDER BY number",
     read_frame, false},
    {"SELECT frame, phase, state, gil, in_call, thread, interpreter, wall_s, samples, t.value, task_frame FROM stack "
     "LEFT JOIN text t ON t.id = task WHERE start = ?1 ORDER BY stack.rowid",
     read_stack, false},
    {"SELECT n.value, frame, phase, wall_s, samples, most FROM task LEFT JOIN text n ON n.id = name WHERE start = ?1 "
     "ORDER BY task.rowid",
     read_task, false},
    {"SELECT phase, invocation, at_s, wall_s, runnable_s, frame, frame_s, state, samples FROM stretch WHERE start = ?1 "
     "ORDER BY "
     "stretch.rowid",
     read_stretch, false},
    {"SELECT frame, kind, peak_bytes, held_bytes, total_bytes, error_bytes, samples, early_bytes, "
     "growth_error_bytes FROM memory WHERE start = ?1 "
     "ORDER BY memory.rowid",
     read_memory, false},
    {"SELECT text FROM note WHERE start = ?1 ORDER BY rowid", read_note, false},
};

static bool is_frame(const struct run_start *start, int32_t frame)
{
    return frame >= 0 && (size_t)frame < start->frames.len;
}

/* Rows about a frame that is not there. */
static void drop_frameless(struct run_start *start)
{
    size_t stacks = 0, tasks = 0, stretches = 0;
    for (size_t i = 0; i < start->stacks.len; i++) {
        struct run_stack *stack = &start->stacks.items[i];
        if (!is_frame(start, stack->task_frame))
            stack->task = STR("");
        if (is_frame(start, stack->frame))
            start->stacks.items[stacks++] = *stack;
    }
    for (size_t i = 0; i < start->tasks.len; i++) {
        if (is_frame(start, start->tasks.items[i].frame))
            start->tasks.items[tasks++] = start->tasks.items[i];
    }
    for (size_t i = 0; i < start->stretches.len; i++) {
        if (is_frame(start, start->stretches.items[i].frame))
            start->stretches.items[stretches++] = start->stretches.items[i];
    }
    start->stacks.len = stacks;
    start->tasks.len = tasks;
    start->stretches.len = stretches;
}

/* A damaged store must not send anybody out of an array. */
static void drop_dangling(struct run_start *start)
{
    int32_t n = (int32_t)start->imports.len;
    for (size_t i = 0; i < start->imports.len; i++) {
        if (start->imports.items[i].parent >= n)
            start->imports.items[i].parent = RUN_NONE;
    }
    for (size_t i = 0; i < start->ios.len; i++) {
        if (start->ios.items[i].import >= n)
            start->ios.items[i].import = RUN_NONE;
    }
    for (size_t i = 0; i < start->frames.len; i++) {
        if (start->frames.items[i].parent >= (int32_t)i)
            start->frames.items[i].parent = RUN_NONE;
    }
    for (size_t i = 0; i < start->memory.len; i++) {
        if (start->memory.items[i].frame >= (int32_t)start->frames.len)
            start->memory.items[i].frame = RUN_NONE;
    }
    drop_frameless(start);
}

static int read_tables(struct store *store, struct arena *arena, sqlite3_int64 id, enum store_detail detail,
                       struct run_start *start, struct err *err)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (detail == STORE_FIGURES && !tables[i].figure)
            continue;
        sqlite3_stmt *statement;
        int rc = db_prepare(store, tables[i].select, &statement, err);
        if (rc)
            return rc;
        sqlite3_bind_int64(statement, 1, id);
        int step;
        while ((step = sqlite3_step(statement)) == SQLITE_ROW)
            tables[i].read(arena, statement, start);
        rc = step == SQLITE_DONE ? 0 : db_fail(store, "read", err);
        sqlite3_finalize(statement);
        if (rc)
            return rc;
    }
    drop_dangling(start);
    return 0;
}

static void read_start(struct arena *arena, sqlite3_stmt *s, struct run_start *start)
{
    *start = (struct run_start){
        .number = (uint32_t)sqlite3_column_int64(s, 1),
        .snapshot = str_equals(db_str(arena, s, 2), STR("snapshot")),
        .outcome = word(run_outcome_of(db_str(arena, s, 3))),
        .exit_code = sqlite3_column_int(s, 4),
        .signal = sqlite3_column_int(s, 5),
        .wall_s = sqlite3_column_double(s, 6),
        .harness_s = sqlite3_column_double(s, 7),
        .attributed_s = sqlite3_column_double(s, 8),
        .cpu_s = sqlite3_column_double(s, 9),
        .span_s = sqlite3_column_double(s, 10),
        .cpu_peak_cores = sqlite3_column_double(s, 11),
        .peak_bytes = (uint64_t)sqlite3_column_int64(s, 12),
        .end_bytes = (uint64_t)sqlite3_column_int64(s, 13),
        .children = (uint64_t)sqlite3_column_int64(s, 14),
        .dropped = (uint64_t)sqlite3_column_int64(s, 15),
        .complete = sqlite3_column_int(s, 16) != 0,
    };
}

static int load_starts(struct store *store, struct arena *arena, enum store_detail detail, struct run *run,
                       struct err *err)
{
    sqlite3_stmt *statement;
    int rc = db_prepare(
        store,
        "SELECT id, number, kind, outcome, exit_code, signal, wall_s, harness_s, attributed_s, cpu_s, span_s, "
        "cpu_peak_cores, peak_bytes, end_bytes, children, dropped, complete FROM start WHERE run = ?1 ORDER BY number",
        &statement, err);
    if (rc)
        return rc;
    db_bind_str(statement, 1, run->id);
    int step;
    while (!rc && (step = sqlite3_step(statement)) == SQLITE_ROW) {
        struct run_start *start = array_push(arena, &run->starts);
        read_start(arena, statement, start);
        rc = read_tables(store, arena, sqlite3_column_int64(statement, 0), detail, start, err);
    }
    if (!rc && step != SQLITE_DONE)
        rc = db_fail(store, "read", err);
    sqlite3_finalize(statement);
    return rc;
}

static int load_points(struct store *store, struct arena *arena, struct run *run, struct err *err)
{
    sqlite3_stmt *statement;
    int rc = db_prepare(store, "SELECT kind, size, wall_s FROM point WHERE run = ?1 ORDER BY rowid", &statement, err);
    if (rc)
        return rc;
    db_bind_str(statement, 1, run->id);
    int step;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW)
        *array_push(arena, &run->points) = (struct run_point){word(run_curve_of(db_str(arena, statement, 0))),
                                                              (uint32_t)sqlite3_column_int64(statement, 1),
                                                              sqlite3_column_double(statement, 2)};
    rc = step == SQLITE_DONE ? 0 : db_fail(store, "read", err);
    sqlite3_finalize(statement);
    return rc;
}

static int no_such_run(struct store *store, struct str id, struct err *err)
{
    err_set(err, ERR_INPUT, "there is no run '%.*s' in the store '%.*s'", STR_ARG(id), STR_ARG(store->path));
    return err_hint(err, "coldspot history lists them");
}

int store_load_run(struct store *store, struct arena *arena, struct str id, enum store_detail detail,
                   struct run *run_out, struct err *err)
{
    sqlite3_stmt *statement;
    int rc = db_prepare(store,
                        "SELECT id, started_at_ns, finished, git_commit, input_digest, target, environment FROM run "
                        "WHERE substr(id, 1, length(?1)) = ?1 ORDER BY length(id) LIMIT 2",
                        &statement, err);
    if (rc)
        return rc;
    db_bind_str(statement, 1, id);
    struct run run = {0};
    int step = id.len ? sqlite3_step(statement) : SQLITE_DONE;
    if (step == SQLITE_DONE)
        rc = no_such_run(store, id, err);
    else if (step != SQLITE_ROW)
        rc = db_fail(store, "read", err);
    else
        rc = read_run(store, arena, statement, &run, err);
    bool exact = str_equals(run.id, id);
    if (!rc && !exact && sqlite3_step(statement) == SQLITE_ROW)
        rc = err_set(err, ERR_INPUT, "more than one run begins with '%.*s'", STR_ARG(id));
    sqlite3_finalize(statement);
    if (!rc)
        rc = load_starts(store, arena, detail, &run, err);
    if (!rc)
        rc = load_points(store, arena, &run, err);
    if (!rc)
        *run_out = run;
    return rc;
}

int store_list_runs(struct store *store, struct arena *arena, struct str target, size_t most, struct store_ids *ids_out,
                    struct err *err)
{
    sqlite3_stmt *statement;
    int rc = db_prepare(store,
                        "SELECT id FROM run WHERE ?1 = '' OR target ->> 'file' = ?1 OR target ->> 'function' = ?1 "
                        "OR (target ->> 'file') || '::' || (target ->> 'function') = ?1 "
                        "ORDER BY started_at_ns DESC, rowid DESC LIMIT ?2",
                        &statement, err);
    if (rc)
        return rc;
    db_bind_str(statement, 1, target);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)most);
    struct store_ids ids = {0};
    int step;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW)
        *array_push(arena, &ids) = db_str(arena, statement, 0);
    rc = step == SQLITE_DONE ? 0 : db_fail(store, "read", err);
    sqlite3_finalize(statement);
    if (!rc)
        *ids_out = ids;
    return rc;
}
