/* Prints a recording as text, one record a line: for tests and for looking at one by hand.  It checks the rules that
 * docs/recording-format.md gives and exits 1 when one is broken.   dump_recording FILE... */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/event.h"

struct dump {
    char *data;
    size_t bytes; /* bounded by tail, cap and the file */
    struct event_header *header;
    const struct event_string *strings[65536];
    uint64_t zero_ns; /* times are printed since the constructor */
    int broken;
};

#define NAME(name, number, text)                                                                                       \
    case number:                                                                                                       \
        return text;
static const char *why_name(unsigned n)
{
    switch (n) {
        EVENT_WHYS(NAME)
    }
    return "?";
}
static const char *end_name(unsigned n)
{
    switch (n) {
        EVENT_ENDS(NAME)
    }
    return "?";
}
static const char *phase_name(unsigned n)
{
    switch (n) {
        EVENT_PHASES(NAME)
    }
    return "none";
}
static const char *io_name(unsigned n)
{
    switch (n) {
        EVENT_IO_KINDS(NAME)
    }
    return "?";
}
static const char *object_name(unsigned n)
{
    switch (n) {
        EVENT_OBJECTS(NAME)
    }
    return "?";
}
static const char *how_name(unsigned n)
{
    switch (n) {
        EVENT_HOWS(NAME)
    }
    return "?";
}
static const char *note_name(unsigned n)
{
    switch (n) {
        EVENT_NOTES(NAME)
    }
    return "?";
}
static const char *state_name(unsigned n)
{
    switch (n) {
        EVENT_STATES(NAME)
    }
    return "?";
}

static const char *use_name(unsigned n)
{
    switch (n) {
        EVENT_USES(NAME)
    }
    return "?";
}

static void put_string(const struct dump *dump, const char *key, uint32_t id)
{
    if (id == 0)
        return;
    const struct event_string *string = id < 65536 ? dump->strings[id] : NULL;
    if (!string)
        printf(" %s=?%" PRIu32, key, id);
    else
        printf(" %s=%.*s", key, (int)string->length, string->text);
}

static void put_ms(const char *key, uint64_t ns)
{
    if (ns != EVENT_UNKNOWN)
        printf(" %s=%.3f", key, (double)ns / 1e6);
}

static void put_time(const struct dump *dump, const char *key, uint64_t ns)
{
    printf(" %s=%.3f", key, ((double)ns - (double)dump->zero_ns) / 1e6);
}

static void put_number(const char *key, uint64_t number)
{
    if (number != EVENT_UNKNOWN)
        printf(" %s=%" PRIu64, key, number);
}

static void put_usage(const struct dump *dump, const struct event_usage *usage)
{
    put_time(dump, "t", usage->t_ns);
    put_ms("thread_cpu", usage->thread_cpu_ns);
    put_ms("process_cpu", usage->process_cpu_ns);
    put_ms("run_delay", usage->run_delay_ns);
    put_number("rss", usage->rss_bytes);
    put_number("hwm", usage->hwm_bytes);
    put_number("majflt", usage->major_faults);
    put_number("nvcsw", usage->voluntary_switches);
    put_number("read", usage->read_bytes);
    put_number("write", usage->write_bytes);
}

static void put_io(const struct dump *dump, const struct event_io *io)
{
    printf("io %s %s phase=%s calls=%" PRIu32 " bytes=%" PRIu64, io_name(io->kind), object_name(io->object),
           phase_name(io->phase), io->calls, io->bytes);
    put_time(dump, "first", io->first_ns);
    put_time(dump, "last", io->last_ns);
    put_ms("wall", io->wall_ns);
    put_ms("longest", io->longest_ns);
    if (io->busy_since_ns)
        put_time(dump, "busy", io->busy_since_ns);
    printf(" import=%" PRIu32 " stage=%" PRIu32 " call=%" PRId32 "%s%s%s", io->import, io->stage, io->call,
           io->event.flags & EVENT_FLAG_CLOSED ? "" : " +open", io->event.flags & EVENT_FLAG_LONG ? " +long" : "",
           io->event.flags & EVENT_FLAG_FAILED ? " +failed" : "");
    if (io->peer)
        printf(" peer=%" PRIu32, io->peer);
    put_string(dump, "target", io->target);
    put_string(dump, "site", io->site_file);
    if (io->site_line)
        printf(":%" PRIu32, io->site_line);
}

static void put_import(const struct dump *dump, const struct event *event)
{
    if (event->type == EVENT_IMPORT_BEGIN) {
        const struct event_import_begin *begin = (const void *)event;
        printf("import_begin id=%" PRIu32 " parent=%" PRIu32, begin->id, begin->parent);
        put_string(dump, "module", begin->module);
        put_time(dump, "t", begin->t_ns);
        put_ms("thread_cpu", begin->thread_cpu_ns);
        put_string(dump, "site", begin->file);
        if (begin->line)
            printf(":%" PRIu32, begin->line);
        return;
    }
    const struct event_import_end *end = (const void *)event;
    printf("import_end id=%" PRIu32 "%s", end->id, event->flags & EVENT_FLAG_FAILED ? " +failed" : "");
    put_time(dump, "t", end->t_ns);
    put_ms("thread_cpu", end->thread_cpu_ns);
    printf(" rss_self=%" PRId64 " read_self=%" PRIu64, end->rss_self_bytes, end->read_self_bytes);
    put_string(dump, "file", end->file);
}

static void put_stage(const struct dump *dump, const struct event *event)
{
    if (event->type == EVENT_STAGE_BEGIN) {
        const struct event_stage_begin *begin = (const void *)event;
        printf("stage_begin id=%" PRIu32 " parent=%" PRIu32 " call=%" PRId32, begin->id, begin->parent, begin->call);
        put_string(dump, "name", begin->name);
        put_time(dump, "t", begin->t_ns);
        put_ms("thread_cpu", begin->thread_cpu_ns);
        return;
    }
    const struct event_stage_end *end = (const void *)event;
    printf("stage_end id=%" PRIu32 "%s", end->id, event->flags & EVENT_FLAG_OPEN ? " +open" : "");
    put_time(dump, "t", end->t_ns);
    put_ms("thread_cpu", end->thread_cpu_ns);
}

static void put_sample(const struct dump *dump, const struct event_sample *sample)
{
    printf("sample rss=%" PRIu64 " threads=%" PRIu32 " state=%c", sample->rss_bytes, sample->threads,
           sample->start_state ? (char)sample->start_state : '?');
    put_time(dump, "t", sample->t_ns);
    put_ms("process_cpu", sample->process_cpu_ns);
    put_ms("start_cpu", sample->start_cpu_ns);
    put_ms("start_delay", sample->start_delay_ns);
    put_number("majflt", sample->major_faults);
    put_number("read_chars", sample->read_chars);
    put_number("read_bytes", sample->read_bytes);
}

static void put_child(const struct dump *dump, const struct event_child *child)
{
    printf("child %s pid=%" PRIu32, how_name(child->how), child->pid);
    put_time(dump, "t", child->t_ns);
    put_string(dump, "program", child->program);
    put_string(dump, "site", child->site_file);
    if (child->site_line)
        printf(":%" PRIu32, child->site_line);
}

static void put_stack(const struct dump *dump, const struct event *event)
{
    if (event->type == EVENT_STACK_NODE) {
        const struct event_stack_node *node = (const void *)event;
        printf("stack_node id=%" PRIu32 " parent=%" PRIu32 " line=%" PRIu32, node->id, node->parent, node->line);
        put_string(dump, "file", node->file);
        put_string(dump, "function", node->function);
        return;
    }
    const struct event_stack_sample *sample = (const void *)event;
    printf("stack tid=%" PRIu32 " node=%" PRIu32 " state=%s phase=%s call=%" PRId32 " samples=%" PRIu32
           " interpreter=%" PRIu32,
           sample->tid, sample->node, state_name(sample->state), phase_name(sample->phase), sample->call,
           sample->samples, sample->interpreter);
    put_ms("weight", sample->weight_ns);
    put_time(dump, "first", sample->first_ns);
    put_time(dump, "last", sample->last_ns);
    if (sample->task) {
        printf(" task_node=%" PRIu32, sample->task_node);
        put_string(dump, "task", sample->task);
    }
}

static void put_tasks(const struct dump *dump, const struct event_tasks *tasks)
{
    printf("tasks node=%" PRIu32 " phase=%s samples=%" PRIu32 " most=%" PRIu32, tasks->node, phase_name(tasks->phase),
           tasks->samples, tasks->most);
    put_ms("weight", tasks->weight_ns);
    put_time(dump, "first", tasks->first_ns);
    put_time(dump, "last", tasks->last_ns);
    put_string(dump, "name", tasks->name);
}

static void put_stretch(const struct dump *dump, const struct event_stretch *stretch)
{
    printf("stretch phase=%s call=%" PRId32, phase_name(stretch->phase), stretch->call);
    put_ms("wall", stretch->ended_ns - stretch->began_ns);
    put_time(dump, "began", stretch->began_ns);
}

static void put_alloc(const struct event *event)
{
    if (event->type == EVENT_ALLOC_PEAK) {
        const struct event_alloc_peak *peak = (const void *)event;
        printf("alloc_peak epoch=%" PRIu64 " live=%" PRIu64 " peak=%" PRIu64 " lost=%" PRIu64 " rss=%" PRIu64
               " file=%" PRIu64 " knows_untouched=%" PRIu64,
               peak->epoch, peak->live_bytes, peak->peak_bytes, peak->lost, peak->rss_bytes, peak->file_bytes,
               peak->knows_untouched);
        return;
    }
    const struct event_alloc_site *site = (const void *)event;
    printf("alloc_site node=%" PRIu32 " kind=%" PRIu32 " epoch=%" PRIu64 " live=%" PRIu64 " peak=%" PRIu64
           " total=%" PRIu64,
           site->node, site->kind, site->epoch, site->live_bytes, site->peak_bytes, site->total_bytes);
    printf(" live_samples=%" PRIu32 " peak_samples=%" PRIu32 " total_samples=%" PRIu64 " live_variance=%" PRIu64
           " peak_variance=%" PRIu64,
           site->live_samples, site->peak_samples, site->total_samples, site->live_variance, site->peak_variance);
    printf(" calls=%" PRIu64 " held=%" PRIu64 " early=%" PRIu64 " untouched_epoch=%" PRIu64, site->calls,
           site->held_bytes, site->early_bytes, site->untouched_epoch);
    printf(" untouched_bytes=%" PRIu64, site->untouched_bytes);
}

static void put_small(const struct dump *dump, const struct event *event)
{
    if (event->type == EVENT_EXEC) {
        const struct event_exec *exec = (const void *)event;
        printf("exec");
        put_time(dump, "t", exec->t_ns);
        put_string(dump, "program", exec->program);
    } else if (event->type == EVENT_USE) {
        const struct event_use *use = (const void *)event;
        printf("use %s", use_name(use->used));
        put_string(dump, "module", use->module);
    } else if (event->type == EVENT_NOTE) {
        const struct event_note *note = (const void *)event;
        printf("note \"%s\" number=%" PRIu64, note_name(note->code), note->number);
        put_string(dump, "text", note->text);
    } else {
        printf("type %u", event->type);
    }
}

static void put_record(const struct dump *dump, const struct event *event)
{
    switch (event->type) {
    case EVENT_STRING:
        return;
    case EVENT_PHASE: {
        const struct event_phase_begin *phase = (const void *)event;
        printf("phase %s%s", phase_name(phase->phase), event->flags & EVENT_FLAG_AUTO ? " +auto" : "");
        put_usage(dump, &phase->usage);
        break;
    }
    case EVENT_IMPORT_BEGIN:
    case EVENT_IMPORT_END:
        put_import(dump, event);
        break;
    case EVENT_STAGE_BEGIN:
    case EVENT_STAGE_END:
        put_stage(dump, event);
        break;
    case EVENT_CALL_BEGIN:
    case EVENT_CALL_END: {
        const struct event_call *call = (const void *)event;
        printf("%s index=%" PRId32, event->type == EVENT_CALL_BEGIN ? "call_begin" : "call_end", call->index);
        put_usage(dump, &call->usage);
        break;
    }
    case EVENT_IO:
        put_io(dump, (const void *)event);
        break;
    case EVENT_SAMPLE:
        put_sample(dump, (const void *)event);
        break;
    case EVENT_CHILD:
        put_child(dump, (const void *)event);
        break;
    case EVENT_STACK_NODE:
    case EVENT_STACK_SAMPLE:
        put_stack(dump, event);
        break;
    case EVENT_STRETCH:
        put_stretch(dump, (const void *)event);
        break;
    case EVENT_TASKS:
        put_tasks(dump, (const void *)event);
        break;
    case EVENT_ALLOC_SITE:
    case EVENT_ALLOC_PEAK:
        put_alloc(event);
        break;
    default:
        put_small(dump, event);
    }
    putchar('\n');
}

static size_t least_bytes(unsigned type)
{
    switch (type) {
    case EVENT_STRING:
        return sizeof(struct event_string);
    case EVENT_PHASE:
        return sizeof(struct event_phase_begin);
    case EVENT_IMPORT_BEGIN:
        return sizeof(struct event_import_begin);
    case EVENT_IMPORT_END:
        return sizeof(struct event_import_end);
    case EVENT_STAGE_BEGIN:
        return sizeof(struct event_stage_begin);
    case EVENT_STAGE_END:
        return sizeof(struct event_stage_end);
    case EVENT_CALL_BEGIN:
    case EVENT_CALL_END:
        return sizeof(struct event_call);
    case EVENT_IO:
        return sizeof(struct event_io);
    case EVENT_SAMPLE:
        return sizeof(struct event_sample);
    case EVENT_CHILD:
        return sizeof(struct event_child);
    case EVENT_EXEC:
        return sizeof(struct event_exec);
    case EVENT_USE:
        return sizeof(struct event_use);
    case EVENT_NOTE:
        return sizeof(struct event_note);
    case EVENT_THREAD:
        return sizeof(struct event_thread);
    case EVENT_STACK_NODE:
        return sizeof(struct event_stack_node);
    case EVENT_STACK_SAMPLE:
        return sizeof(struct event_stack_sample);
    case EVENT_STRETCH:
        return sizeof(struct event_stretch);
    case EVENT_TASKS:
        return sizeof(struct event_tasks);
    case EVENT_ALLOC_SITE:
        return sizeof(struct event_alloc_site);
    case EVENT_ALLOC_PEAK:
        return sizeof(struct event_alloc_peak);
    default:
        return sizeof(struct event);
    }
}

/* Walks every record; collects the strings when `strings` is set, else prints. */
static void walk(struct dump *dump, int strings)
{
    for (size_t at = EVENT_HEADER_BYTES; at + EVENT_BLOCK_BYTES <= dump->bytes; at += EVENT_BLOCK_BYTES) {
        const struct event_block *block = (const void *)(dump->data + at);
        uint32_t tid = block->tid;
        if (tid == 0)
            continue;
        size_t next = at + sizeof(*block);
        while (next + sizeof(struct event) <= at + EVENT_BLOCK_BYTES) {
            const struct event *event = (const void *)(dump->data + next);
            if (event->bytes == 0)
                break;
            if (event->bytes % 8 || event->bytes < least_bytes(event->type) ||
                next + event->bytes > at + EVENT_BLOCK_BYTES) {
                fprintf(stderr, "offset %zu: a record of type %u with %u bytes\n", next, event->type, event->bytes);
                dump->broken = 1;
                break;
            }
            next += event->bytes;
            if (event->type == EVENT_THREAD) {
                tid = ((const struct event_thread *)event)->tid;
            } else if (event->type == EVENT_STRING) {
                const struct event_string *string = (const void *)event;
                if (string->id < 65536 && string->length + sizeof(*string) <= event->bytes)
                    dump->strings[string->id] = string;
                else
                    dump->broken = 1;
            } else if (!strings) {
                printf("%" PRIu32 " ", tid);
                put_record(dump, event);
            }
        }
    }
}

static int load(struct dump *dump, const char *path)
{
    struct stat status;
    struct event_header header = {0};
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &status) != 0 || pread(fd, &header, sizeof(header), 0) < 0)
        return perror(path), 1;
    if (header.magic[0] == 0)
        return printf("never began\n"), 2; /* killed in between: such a file holds nothing */
    if (status.st_size < (off_t)EVENT_HEADER_BYTES || memcmp(header.magic, EVENT_MAGIC, 8) != 0)
        return fprintf(stderr, "%s: not a recording\n", path), 1;
    dump->bytes = header.tail < header.cap ? header.tail : header.cap;
    if (dump->bytes > (size_t)status.st_size)
        dump->bytes = (size_t)status.st_size;
    dump->data = calloc(1, dump->bytes + EVENT_HEADER_BYTES);
    if (!dump->data || pread(fd, dump->data, dump->bytes, 0) != (ssize_t)dump->bytes)
        return perror(path), 1;
    close(fd);
    dump->header = (struct event_header *)dump->data;
    dump->zero_ns = dump->header->began_ns;
    return 0;
}

static int dump_file(const char *path)
{
    struct dump *dump = calloc(1, sizeof(*dump));
    int failed = dump ? load(dump, path) : 1;
    if (failed)
        return failed == 1;
    const struct event_header *header = dump->header;
    printf("recording pid=%" PRIu32 " ppid=%" PRIu32 " tid=%" PRIu32 " why=%s number=%" PRIu32 " end=%s code=%" PRId32
           " python=%08x observe=%" PRIu32 " sample_hz=%" PRIu32 " bytes=%zu full=%" PRIu32 " errno=%" PRIu32
           " phase=%s agent_us=%" PRIu64 " ended=%.3f",
           header->pid, header->ppid, header->tid, why_name(header->why), header->number, end_name(header->end),
           header->exit_code, header->python_hex, header->observe, header->sample_hz, dump->bytes, header->full,
           header->full_errno, phase_name(header->phase), header->agent_ns / 1000,
           header->ended_ns ? (double)(header->ended_ns - header->began_ns) / 1e6 : 0.0);
    printf(" id=%016" PRIx64 " parent=%016" PRIx64 " dropped=%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
           " program=%s\n",
           header->id, header->parent_id, header->dropped_records, header->dropped_strings, header->dropped_imports,
           header->dropped_samples, header->program);
    walk(dump, 1);
    walk(dump, 0);
    int broken = dump->broken;
    free(dump->data);
    free(dump);
    return broken;
}

int main(int count, char **paths)
{
    int rc = 0;
    for (int i = 1; i < count; i++)
        rc |= dump_file(paths[i]);
    return rc;
}
