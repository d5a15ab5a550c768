/* Writing runs: a row a thing, texts interned, one transaction a start. */
#include "store/store.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "store/db.h"

static void write_settings(struct jsonw *json, const struct run_target *target)
{
    static const struct {
        const char *key;
        size_t offset;
    } numbers[] = {
        {"cpu", offsetof(struct run_target, cpu)},
        {"cpu_limit", offsetof(struct run_target, cpu_limit)},
        {"memory_bytes", offsetof(struct run_target, memory_bytes)},
        {"memory_limit_bytes", offsetof(struct run_target, memory_limit_bytes)},
        {"timeout_s", offsetof(struct run_target, timeout_s)},
        {"scaledown_window_s", offsetof(struct run_target, scaledown_window_s)},
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        jsonw_key_f64(json, numbers[i].key, *(const double *)((const char *)target + numbers[i].offset));
    for (size_t i = 0; i < RUN_SCALING_FIELDS; i++) {
        double value = *(const double *)((const char *)&target->scaling + run_scaling_fields[i].offset);
        if (value > 0)
            jsonw_key_f64(json, run_scaling_fields[i].key, value);
    }
    jsonw_key_string(json, "region", target->region);
    jsonw_key_bool(json, "nonpreemptible", target->nonpreemptible);
    jsonw_key_bool(json, "memory_snapshot", target->memory_snapshot);
}

static void write_target(struct jsonw *json, const struct run_target *target)
{
    jsonw_object(json);
    jsonw_key_string(json, "file", target->file);
    jsonw_key_string(json, "function", target->function);
    jsonw_key_string(json, "kind", target->kind);
    jsonw_key_string(json, "provider", target->provider);
    jsonw_key_string(json, "gpu", target->gpu);
    jsonw_key_u64(json, "gpu_count", target->gpu_count);
    write_settings(json, target);
    jsonw_end(json);
}

static void write_environment(struct jsonw *json, const struct run_environment *environment)
{
    jsonw_object(json);
    jsonw_key_string(json, "python", environment->python);
    jsonw_key_string(json, "python_path", environment->python_path);
    jsonw_key_string(json, "sandbox", environment->sandbox);
    jsonw_key_string(json, "cache", environment->cache);
    jsonw_key_string(json, "kernel", environment->kernel);
    jsonw_key_u64(json, "cpus", environment->cpus);
    jsonw_key_u64(json, "memory_bytes", environment->memory_bytes);
    jsonw_key_array(json, "lacks");
    for (size_t i = 0; i < environment->lacks.len; i++)
        jsonw_string(json, environment->lacks.items[i]);
    jsonw_end(json);
    jsonw_end(json);
}

/* Binds the columns that both INSERT and UPDATE of a run have, from parameter 1 on. */
static void bind_run(sqlite3_stmt *statement, const struct run *run)
{
    struct buf text = {0};
    struct jsonw json;
    jsonw_init(&json, &text, false);
    write_target(&json, &run->target);
    db_bind_str(statement, 1, buf_str(&text));
    buf_reset(&text);
    jsonw_init(&json, &text, false);
    write_environment(&json, &run->environment);
    db_bind_str(statement, 2, buf_str(&text));
    db_bind_str_or_null(statement, 3, run->commit);
    db_bind_str_or_null(statement, 4, run->input_digest);
    buf_release(&text);
}

/* Ids are random, so that runs of several processes do not meet; short as long as the store is small. */
static int random_id(struct arena *arena, unsigned digits, struct str *id_out)
{
    uint64_t random;
    sqlite3_randomness(sizeof(random), &random);
    *id_out = arena_printf(arena, "%0*llx", (int)digits, (unsigned long long)(random >> (64 - 4 * digits)));
    return 0;
}

int store_begin_run(struct store *store, struct arena *arena, struct run *run, struct err *err)
{
    sqlite3_stmt *statement;
    int rc = db_prepare(store,
                        "INSERT INTO run (target, environment, git_commit, input_digest, id, started_at_ns, finished) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)",
                        &statement, err);
    if (rc)
        return rc;
    bind_run(statement, run);
    sqlite3_bind_int64(statement, 6, (sqlite3_int64)run->started_at_ns);
    for (unsigned attempt = 0; attempt < 64; attempt++) {
        random_id(arena, 4 + attempt / 8, &run->id);
        db_bind_str(statement, 5, run->id);
        int step = sqlite3_step(statement);
        sqlite3_reset(statement);
        if (step != SQLITE_CONSTRAINT) {
            rc = step == SQLITE_DONE ? 0 : db_fail(store, "add a run", err);
            break;
        }
    }
    sqlite3_finalize(statement);
    return rc;
}

/* What writing one start needs: the statements of one table after the other, and texts' ids. */
struct put {
    const struct store *store;
    sqlite3_stmt *find_text, *add_text;
    sqlite3_int64 start;
    struct err *err;
};

static int text_id(struct put *put, struct str text, sqlite3_int64 *id_out)
{
    db_bind_str(put->find_text, 1, text);
    int step = sqlite3_step(put->find_text);
    sqlite3_int64 id = step == SQLITE_ROW ? sqlite3_column_int64(put->find_text, 0) : 0;
    sqlite3_reset(put->find_text);
    if (step != SQLITE_ROW) {
        db_bind_str(put->add_text, 1, text);
        int rc = db_run(put->store, put->add_text, put->err);
        if (rc)
            return rc;
        id = sqlite3_last_insert_rowid(put->store->db);
    }
    *id_out = id;
    return 0;
}

/* Binds the id of a text, NULL for an empty one. */
static int bind_text(struct put *put, sqlite3_stmt *statement, int index, struct str text)
{
    if (!text.len) {
        sqlite3_bind_null(statement, index);
        return 0;
    }
    sqlite3_int64 id;
    int rc = text_id(put, text, &id);
    if (!rc)
        sqlite3_bind_int64(statement, index, id);
    return rc;
}

static int insert_start(struct put *put, const struct run *run, const struct run_start *start)
{
    sqlite3_stmt *s;
    int rc = db_prepare(
        put->store,
        "INSERT INTO start (run, number, kind, outcome, exit_code, signal, wall_s, harness_s, attributed_s, "
        "cpu_s, span_s, cpu_peak_cores, peak_bytes, end_bytes, children, dropped, complete) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        &s, put->err);
    if (rc)
        return rc;
    db_bind_str(s, 1, run->id);
    sqlite3_bind_int64(s, 2, start->number);
    db_bind_str(s, 3, start->snapshot ? STR("snapshot") : STR("cold"));
    db_bind_str(s, 4, str_of(run_outcome_name(start->outcome)));
    sqlite3_bind_int(s, 5, start->exit_code);
    sqlite3_bind_int(s, 6, start->signal);
    const double reals[] = {start->wall_s, start->harness_s, start->attributed_s,
                            start->cpu_s,  start->span_s,    start->cpu_peak_cores};
    for (int i = 0; i < 6; i++)
        sqlite3_bind_double(s, 7 + i, reals[i]);
    const uint64_t integers[] = {start->peak_bytes, start->end_bytes, start->children, start->dropped};
    for (int i = 0; i < 4; i++)
        sqlite3_bind_int64(s, 13 + i, (sqlite3_int64)integers[i]);
    sqlite3_bind_int(s, 17, start->complete);
    rc = db_run(put->store, s, put->err);
    sqlite3_finalize(s);
    put->start = sqlite3_last_insert_rowid(put->store->db);
    return rc;
}

static int put_phases(struct put *put, sqlite3_stmt *s, const struct run_start *start)
{
    int rc = 0;
    for (int i = 0; i < RUN_PHASES && !rc; i++) {
        if (start->phases_s[i] <= 0)
            continue;
        db_bind_str(s, 2, str_of(run_phase_name(i)));
        sqlite3_bind_double(s, 3, start->phases_s[i]);
        sqlite3_bind_double(s, 4, start->phases_cpu_s[i]);
        rc = db_run(put->store, s, put->err);
    }
    return rc;
}

static int put_waits(struct put *put, sqlite3_stmt *s, const struct run_start *start)
{
    int rc = 0;
    for (int i = 0; i < RUN_WAITS && !rc; i++) {
        db_bind_str(s, 2, str_of(run_wait_name(i)));
        sqlite3_bind_double(s, 3, start->waits_s[i]);
        rc = db_run(put->store, s, put->err);
    }
    return rc;
}

static int put_import(struct put *put, sqlite3_stmt *s, int number, const struct run_import *import)
{
    sqlite3_bind_int(s, 2, number);
    db_bind_index_or_null(s, 4, import->parent);
    db_bind_str(s, 5, str_of(run_phase_name(import->phase)));
    db_bind_str(s, 6, str_of(run_origin_name(import->origin)));
    sqlite3_bind_int64(s, 9, import->line);
    sqlite3_bind_double(s, 10, import->start_s);
    sqlite3_bind_double(s, 11, import->self_s);
    sqlite3_bind_double(s, 12, import->total_s);
    sqlite3_bind_int64(s, 13, import->rss_bytes);
    sqlite3_bind_int64(s, 14, (sqlite3_int64)import->read_bytes);
    db_bind_index_or_null(s, 15, import->used);
    int rc = bind_text(put, s, 3, import->module);
    if (!rc)
        rc = bind_text(put, s, 7, import->path);
    if (!rc)
        rc = bind_text(put, s, 8, import->file);
    return rc ? rc : db_run(put->store, s, put->err);
}

static int put_imports(struct put *put, sqlite3_stmt *s, const struct run_start *start)
{
    int rc = 0;
    for (size_t i = 0; i < start->imports.len && !rc; i++)
        rc = put_import(put, s, (int)i, &start->imports.items[i]);
    return rc;
}

static int put_io(struct put *put, sqlite3_stmt *s, const struct run_io *io)
{
    db_bind_str(s, 2, str_of(run_io_name(io->kind)));
    db_bind_str(s, 3, str_of(run_phase_name(io->phase)));
    db_bind_index_or_null(s, 4, io->import);
    db_bind_index_or_null(s, 6, io->invocation);
    sqlite3_bind_int64(s, 9, io->line);
    sqlite3_bind_int(s, 10, io->starting);
    const uint64_t integers[] = {io->calls, io->bytes_in, io->bytes_out};
    for (int i = 0; i < 3; i++)
        sqlite3_bind_int64(s, 11 + i, (sqlite3_int64)integers[i]);
    sqlite3_bind_double(s, 14, io->wall_s);
    sqlite3_bind_int64(s, 15, io->rss_bytes);
    sqlite3_bind_double(s, 16, io->first_s);
    sqlite3_bind_double(s, 17, io->last_s);
    sqlite3_bind_int64(s, 18, (sqlite3_int64)io->mapped_bytes);
    int rc = bind_text(put, s, 5, io->stage);
    if (!rc)
        rc = bind_text(put, s, 7, io->target);
    if (!rc)
        rc = bind_text(put, s, 8, io->file);
    return rc ? rc : db_run(put->store, s, put->err);
}

static int put_ios(struct put *put, sqlite3_stmt *s, const struct run_start *start)
{
    int rc = 0;
    for (size_t i = 0; i < start->ios.len && !rc; i++)
        rc = put_io(put, s, &start->ios.items[i]);
    return rc;
}

static int put_stages(struct put *put, sqlite3_stmt *s, const struct run_start *start)
{
    int rc = 0;
    for (size_t i = 0; i < start->stages.len && !rc; i++) {
        const struct run_stage *stage = &start->stages.items[i];
        db_bind_str(s, 4, str_of(run_phase_name(stage->phase)));
        sqlite3_bind_int64(s, 5, (sqlite3_int64)stage->calls);
        sqlite3_bind_double(s, 6, stage->wall_s);
        rc = bind_text(put, s, 2, stage->name);
        if (!rc)
            rc = bind_text(put, s, 3, stage->parent);
        if (!rc)
            rc = db_run(put->store, s, put->err);
    }
    return rc;
}

static int put_invocations(struct put *put, sqlite3_stmt *s, const struct run_start *start)
{
    int rc = 0;
    for (size_t i = 0; i < start->invocations.len && !rc; i++) {
        sqlite3_bind_int64(s, 2, start->invocations.items[i].number);
        sqlite3_bind_double(s, 3, start->invocations.items[i].wall_s);
        sqlite3_bind_int64(s, 4, (sqlite3_int64)start->invocations.items[i].peak_bytes);
        sqlite3_bind_int64(s, 5, (sqlite3_int64)start->invocations.items[i].end_bytes);
        rc = db_run(put->store, s, put->err);
    }
    return rc;
}

static int put_samples(struct put *put, sqlite3_stmt *s, const struct run_start *start)
{
    int rc = 0;
    for (size_t i = 0; i < start->samples.len && !rc; i++) {
        sqlite3_bind_double(s, 2, start->samples.items[i].at_s);
        sqlite3_bind_int64(s, 3, (sqlite3_int64)start->samples.items[i].rss_bytes);
        sqlite3_bind_double(s, 4, start->samples.items[i].cpu_s);
        sqlite3_bind_int64(s, 5, (sqlite3_int64)start->samples.items[i].file_bytes);
        sqlite3_bind_int64(s, 6, (sqlite3_int64)start->samples.items[i].python_bytes);
        sqlite3_bind_int64(s, 7, (sqlite3_int64)start->samples.items[i].native_bytes);
        rc = db_run(put->store, s, put->err);
    }
    return rc;
}

static int put_frames(struct put *put, sqlite3_stmt *s, const struct run_start *start)
{
    int rc = 0;
    for (size_t i = 0; i < start->frames.len && !rc; i++) {
        const struct run_frame *frame = &start->frames.items[i];
        sqlite3_bind_int64(s, 2, (sqlite3_int64)i);
        db_bind_index_or_null(s, 3, frame->parent);
        sqlite3_bind_int64(s, 6, frame->line);
        rc = bind_text(put, s, 4, frame->function);
        if (!rc)
            rc = bind_text(put, s, 5, frame->file);
        if (!rc)
            rc = db_run(put->store, s, put->err);
    }
    return rc;
}

static int put_stacks(struct put *put, sqlite3_stmt *s, const struct run_start *start)
{
    int rc = 0;
    for (size_t i = 0; i < start->stacks.len && !rc; i++) {
        const struct run_stack *stack = &start->stacks.items[i];
        sqlite3_bind_int(s, 2, stack->frame);
        db_bind_str(s, 3, str_of(run_phase_name(stack->phase)));
        db_bind_str(s, 4, str_of(run_wait_name(stack->wait)));
        sqlite3_bind_int(s, 5, stack->gil);
        sqlite3_bind_int(s, 6, stack->in_call);
        sqlite3_bind_int64(s, 7, stack->thread);
        sqlite3_bind_int64(s, 8, stack->interpreter);
        sqlite3_bind_double(s, 9, stack->wall_s);
        sqlite3_bind_int64(s, 10, (sqlite3_int64)stack->samples);
        db_bind_index_or_null(s, 12, stack->task.len ? stack->task_frame : RUN_NONE);
        rc = bind_text(put, s, 11, stack->task);
        if (!rc)
            rc = db_run(put->store, s, put->err);
    }
    return rc;
}

static int put_tasks(struct put *put, sqlite3_stmt *s, const struct run_start *start)
{
    int rc = 0;
    for (size_t i = 0; i < start->tasks.len && !rc; i++) {
        const struct run_task *task = &start->tasks.items[i];
        sqlite3_bind_int(s, 3, task->frame);
        db_bind_str(s, 4, str_of(run_phase_name(task->phase)));
        sqlite3_bind_double(s, 5, task->wall_s);
        sqlite3_bind_int64(s, 6, (sqlite3_int64)task->samples);
        sqlite3_bind_int64(s, 7, (sqlite3_int64)task->most);
        rc = bind_text(put, s, 2, task->name);
        if (!rc)
            rc = db_run(put->store, s, put->err);
    }
    return rc;
}

static int put_stretches(struct put *put, sqlite3_stmt *s, const struct run_start *start)
{
    int rc = 0;
    for (size_t i = 0; i < start->stretches.len && !rc; i++) {
        const struct run_stretch *stretch = &start->stretches.items[i];
        db_bind_str(s, 2, str_of(run_phase_name(stretch->phase)));
        db_bind_index_or_null(s, 3, stretch->invocation);
        sqlite3_bind_double(s, 4, stretch->at_s);
        sqlite3_bind_double(s, 5, stretch->wall_s);
        sqlite3_bind_double(s, 6, stretch->runnable_s);
        sqlite3_bind_int(s, 7, stretch->frame);
        sqlite3_bind_double(s, 8, stretch->frame_s);
        db_bind_str(s, 9, str_of(run_wait_name(stretch->wait)));
        sqlite3_bind_int64(s, 10, (sqlite3_int64)stretch->samples);
        rc = db_run(put->store, s, put->err);
    }
    return rc;
}

static int put_memory(struct put *put, sqlite3_stmt *s, const struct run_start *start)
{
    int rc = 0;
    for (size_t i = 0; i < start->memory.len && !rc; i++) {
        const struct run_memory *memory = &start->memory.items[i];
        db_bind_index_or_null(s, 2, memory->frame);
        db_bind_str(s, 3, memory->kind);
        const uint64_t integers[] = {memory->peak_bytes, memory->held_bytes, memory->total_bytes};
        for (int k = 0; k < 3; k++)
            sqlite3_bind_int64(s, 4 + k, (sqlite3_int64)integers[k]);
        sqlite3_bind_double(s, 7, memory->error_bytes);
        sqlite3_bind_int64(s, 8, (sqlite3_int64)memory->samples);
        sqlite3_bind_int64(s, 9, (sqlite3_int64)memory->early_bytes);
        sqlite3_bind_double(s, 10, memory->growth_error_bytes);
        rc = db_run(put->store, s, put->err);
    }
    return rc;
}

static int put_notes(struct put *put, sqlite3_stmt *s, const struct run_start *start)
{
    int rc = 0;
    for (size_t i = 0; i < start->notes.len && !rc; i++) {
        db_bind_str(s, 2, start->notes.items[i]);
        rc = db_run(put->store, s, put->err);
    }
    return rc;
}

/* The tables that hang on a start: ?1 is its id in each. */
static const struct {
    const char *insert;
    int (*put)(struct put *put, sqlite3_stmt *statement, const struct run_start *start);
} tables[] = {
    {"INSERT INTO phase VALUES (?1, ?2, ?3, ?4)", put_phases},
    {"INSERT INTO wait VALUES (?1, ?2, ?3)", put_waits},
    {"INSERT INTO import VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)", put_imports},
    {"INSERT INTO io VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
     put_ios},
    {"INSERT INTO stage VALUES (?1, ?2, ?3, ?4, ?5, ?6)", put_stages},
    {"INSERT INTO invocation VALUES (?1, ?2, ?3, ?4, ?5)", put_invocations},
    {"INSERT INTO sample VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", put_samples},
    {"INSERT INTO frame VALUES (?1, ?2, ?3, ?4, ?5, ?6)", put_frames},
    {"INSERT INTO stack VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)", put_stacks},
    {"INSERT INTO task VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", put_tasks},
    {"INSERT INTO stretch VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", put_stretches},
    {"INSERT INTO memory VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", put_memory},
    {"INSERT INTO note VALUES (?1, ?2)", put_notes},
};

static int put_tables(struct put *put, const struct run_start *start)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        sqlite3_stmt *statement;
        int rc = db_prepare(put->store, tables[i].insert, &statement, put->err);
        if (rc)
            return rc;
        sqlite3_bind_int64(statement, 1, put->start);
        rc = tables[i].put(put, statement, start);
        sqlite3_finalize(statement);
        if (rc)
            return rc;
    }
    return 0;
}

static int put_start(struct put *put, const struct run *run, const struct run_start *start)
{
    int rc = db_prepare(put->store, "SELECT id FROM text WHERE value = ?1", &put->find_text, put->err);
    if (!rc)
        rc = db_prepare(put->store, "INSERT INTO text (value) VALUES (?1)", &put->add_text, put->err);
    if (!rc)
        rc = insert_start(put, run, start);
    if (!rc)
        rc = put_tables(put, start);
    sqlite3_finalize(put->find_text);
    sqlite3_finalize(put->add_text);
    return rc;
}

int store_add_start(struct store *store, const struct run *run, const struct run_start *start, struct err *err)
{
    int rc = db_exec(store, "BEGIN IMMEDIATE", err);
    if (rc)
        return rc;
    struct put put = {.store = store, .err = err};
    rc = put_start(&put, run, start);
    if (rc) {
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        return rc;
    }
    return db_exec(store, "COMMIT", err);
}

int store_drop_run(struct store *store, const struct run *run, struct err *err)
{
    sqlite3_stmt *statement;
    int rc = db_prepare(store, "DELETE FROM run WHERE id = ?1", &statement, err);
    if (rc)
        return rc;
    db_bind_str(statement, 1, run->id);
    rc = db_run(store, statement, err);
    sqlite3_finalize(statement);
    return rc;
}

/* Starts other than the median one keep what rules compare between starts: what took a millisecond, a network, or a big file. */
static int drop_small_rows(const struct store *store, const struct run *run, struct err *err)
{
    sqlite3_stmt *statement;
    int rc = db_prepare(store,
                        "DELETE FROM io WHERE wall_s < 0.001 AND last_s - first_s < 0.001 AND bytes_in < 100000 AND "
                        "mapped_bytes < 1000000 AND kind <> 'network' "
                        "AND start IN (SELECT id FROM start WHERE run = ?1 AND number <> ?2)",
                        &statement, err);
    if (rc)
        return rc;
    const struct run_start *median = run_median_start(run, false);
    db_bind_str(statement, 1, run->id);
    sqlite3_bind_int64(statement, 2, median ? (int64_t)median->number : -1);
    rc = db_run(store, statement, err);
    sqlite3_finalize(statement);
    return rc;
}

static int put_points(const struct store *store, const struct run *run, struct err *err)
{
    sqlite3_stmt *statement;
    int rc = db_prepare(store, "INSERT INTO point (run, kind, size, wall_s) VALUES (?1, ?2, ?3, ?4)", &statement, err);
    for (size_t i = 0; !rc && i < run->points.len; i++) {
        const struct run_point *point = &run->points.items[i];
        db_bind_str(statement, 1, run->id);
        db_bind_str(statement, 2, str_of(run_curve_name(point->kind)));
        sqlite3_bind_int64(statement, 3, point->size);
        sqlite3_bind_double(statement, 4, point->wall_s);
        rc = db_run(store, statement, err);
    }
    sqlite3_finalize(statement);
    return rc;
}

int store_finish_run(struct store *store, const struct run *run, struct err *err)
{
    int rc = db_exec(store, "BEGIN IMMEDIATE", err);
    if (rc)
        return rc;
    sqlite3_stmt *statement = NULL;
    rc = db_prepare(
        store,
        "UPDATE run SET target = ?1, environment = ?2, git_commit = ?3, input_digest = ?4, finished = 1 WHERE id = ?5",
        &statement, err);
    if (!rc) {
        bind_run(statement, run);
        db_bind_str(statement, 5, run->id);
        rc = db_run(store, statement, err);
    }
    sqlite3_finalize(statement);
    if (!rc)
        rc = put_points(store, run, err);
    if (!rc && run->starts.len > 1)
        rc = drop_small_rows(store, run, err);
    if (rc) {
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        return rc;
    }
    return db_exec(store, "COMMIT", err);
}
