#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/reader.h"
#include "record/writer.h"

enum { THREADS = 4, NOTES = 30000 };

static char directory[64];

static int make_directory(void **state)
{
    (void)state;
    snprintf(directory, sizeof(directory), "/tmp/coldspot-writer-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command);
}

static struct writer_start start_in(const char *where)
{
    return (struct writer_start){
        .directory = where, .why = EVENT_WHY_EXEC, .max_bytes = 64 << 20, .first_bytes = 64 << 10};
}

static void write_notes(struct writer *writer, struct writer_thread *thread, uint64_t first, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        writer_note(writer, thread, EVENT_NOTE_NO_USES, first + i, NULL);
}

static void read_back(struct arena *arena, const char *path, struct recording *recording_out)
{
    struct err err = {0};
    if (recording_read(arena, path, recording_out, &err) != 0)
        fail_msg("%s", buf_cstr(&err.message));
    err_release(&err);
}

static const char *path_of(pid_t pid, int number)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s/%d.%d.rec", directory, (int)pid, number);
    return path;
}

/* How many notes there are, and whether each thread's count up by one. */
static uint64_t count_notes(const struct recording *recording)
{
    uint64_t count = 0, last[THREADS] = {0};
    for (size_t i = 0; i < recording->records.len; i++) {
        const struct event_note *note = recorded_as(&recording->records.items[i], EVENT_NOTE);
        if (!note)
            continue;
        uint64_t thread = note->number / NOTES;
        assert_in_range(thread, 0, THREADS - 1);
        if (last[thread])
            assert_int_equal(note->number, last[thread] + 1);
        last[thread] = note->number;
        count++;
    }
    return count;
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recording recording;
    struct writer writer = {0};
    struct writer_thread thread = {0};
    struct writer_start start = start_in(directory);
    assert_int_equal(writer_begin(&writer, &start), 0);
    uint32_t id = writer_string(&writer, &thread, "numpy", 5);
    assert_int_equal(writer_string(&writer, &thread, "numpy", 5), id);
    assert_int_equal(writer_string(&writer, &thread, "", 0), 0);
    write_notes(&writer, &thread, 0, NOTES);
    writer_end(&writer, EVENT_END_EXIT, 3);
    write_notes(&writer, &thread, NOTES, 1000);
    read_back(&arena, path_of(getpid(), 0), &recording);
    assert_int_equal(recording.header.pid, getpid());
    assert_int_equal(recording.header.end, EVENT_END_EXIT);
    assert_int_equal(recording.header.exit_code, 3);
    assert_int_equal(recording.header.full, 0);
    assert_str(recording_string(&recording, id), "numpy");
    assert_in_range(count_notes(&recording), NOTES, NOTES + EVENT_BLOCK_BYTES / sizeof(struct event_note));
    assert_int_equal(recording.damaged, 0);
    writer_forget(&writer);
    arena_release(&arena);
}

static void a_second_recording_of_a_pid_has_the_next_number(void **state)
{
    (void)state;
    struct writer_start start = start_in(directory);
    for (int i = 0; i < 3; i++) {
        struct writer writer = {0};
        assert_int_equal(writer_begin(&writer, &start), 0);
        assert_int_equal(writer.header->number, i + 1); /* 0 is of the test before */
        writer_forget(&writer);
    }
    start.directory = "/does/not/exist";
    struct writer writer = {0};
    assert_int_equal(writer_begin(&writer, &start), ENOENT);
    assert_null(writer.header);
}

static void long_and_private_strings(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recording recording;
    struct writer writer = {0};
    struct writer_thread thread = {0};
    struct writer_start start = start_in(directory);
    char text[9000];
    memset(text, 'x', sizeof(text));
    start.redact = 1;
    start.redact_key[0] = 0x0706050403020100;
    start.redact_key[1] = 0x0f0e0d0c0b0a0908;
    assert_int_equal(writer_begin(&writer, &start), 0);
    uint32_t cut = writer_string(&writer, &thread, text, sizeof(text));
    /* SipHash-2-4's published vector: the key 00…0f and the message 00…0e */
    char message[15];
    for (int i = 0; i < 15; i++)
        message[i] = (char)i;
    uint32_t digest = writer_private_string(&writer, &thread, message, sizeof(message));
    read_back(&arena, writer.path, &recording);
    assert_int_equal(recording_string(&recording, cut).len, EVENT_STRING_MAX);
    assert_str(recording_string(&recording, digest), "#a129ca6149be45e5");
    writer_forget(&writer);
    arena_release(&arena);
}

static void a_killed_process_loses_nothing(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recording recording;
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct writer writer = {0};
        struct writer_thread thread = {0};
        struct writer_start start = start_in(directory);
        if (writer_begin(&writer, &start) != 0)
            _exit(1);
        write_notes(&writer, &thread, 0, NOTES);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    read_back(&arena, path_of(pid, 0), &recording);
    assert_int_equal(recording.header.end, EVENT_END_RUNNING);
    assert_int_equal(count_notes(&recording), NOTES);
    arena_release(&arena);
}

struct worker {
    struct writer *writer;
    uint64_t first;
};

static void *work(void *argument)
{
    const struct worker *worker = argument;
    struct writer_thread thread = {0};
    char text[32];
    write_notes(worker->writer, &thread, worker->first, NOTES);
    for (int i = 0; i < 5000; i++) {
        int length = snprintf(text, sizeof(text), "string %d", i);
        writer_string(worker->writer, &thread, text, (size_t)length);
    }
    return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recording recording;
    struct writer writer = {0};
    struct writer_start start = start_in(directory);
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    assert_int_equal(writer_begin(&writer, &start), 0);
    for (uint64_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){&writer, i * NOTES};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    writer_end(&writer, EVENT_END_QUICK, 0);
    read_back(&arena, writer.path, &recording);
    assert_int_equal(recording.header.dropped_records, 0);
    assert_int_equal(recording.header.dropped_strings, 0);
    assert_int_equal(recording.header.threads, THREADS);
    assert_int_equal(count_notes(&recording), THREADS * NOTES);
    size_t strings = 0;
    for (size_t i = 0; i < recording.strings.len; i++)
        strings += recording.strings.items[i].len > 0;
    assert_int_equal(strings, 5000);
    writer_forget(&writer);
    arena_release(&arena);
}

static void *write_three(void *argument)
{
    struct writer *writer = argument;
    struct writer_thread thread = {0};
    write_notes(writer, &thread, 0, 3);
    writer_thread_end(writer, &thread);
    return NULL;
}

static void threads_that_end_leave_their_room_to_others(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recording recording;
    struct writer writer = {0};
    struct writer_start start = start_in(directory);
    pthread_t thread;
    assert_int_equal(writer_begin(&writer, &start), 0);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(pthread_create(&thread, NULL, write_three, &writer), 0);
        pthread_join(thread, NULL);
    }
    assert_in_range(writer.header->tail, 0, 128 << 10);
    read_back(&arena, writer.path, &recording);
    uint32_t tid = 0, notes = 0, threads = 0;
    for (size_t i = 0; i < recording.records.len; i++) {
        const struct recorded *record = &recording.records.items[i];
        if (!recorded_as(record, EVENT_NOTE))
            continue;
        threads += record->tid != tid;
        tid = record->tid;
        notes++;
    }
    assert_int_equal(notes, 1500);
    assert_int_equal(threads, 500);
    writer_forget(&writer);
    arena_release(&arena);
}

static void a_forked_child_leaves_its_parents_recording_alone(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recording recording;
    struct writer writer = {0};
    struct writer_thread thread = {0};
    struct writer_start start = start_in(directory);
    int status;
    assert_int_equal(writer_begin(&writer, &start), 0);
    write_notes(&writer, &thread, 0, 100);
    char parent_path[512];
    snprintf(parent_path, sizeof(parent_path), "%s", writer.path);
    pid_t pid = fork();
    if (pid == 0) {
        start.parent_id = writer.header->id;
        start.why = EVENT_WHY_FORK;
        writer_forget(&writer);
        if (writer_begin(&writer, &start) != 0)
            _exit(1);
        writer_string(&writer, &thread, "child", 5);
        write_notes(&writer, &thread, 0, 50);
        writer_end(&writer, EVENT_END_QUICK, 0);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    write_notes(&writer, &thread, 100, 100);
    read_back(&arena, parent_path, &recording);
    assert_int_equal(count_notes(&recording), 200);
    uint64_t parent = recording.header.id;
    read_back(&arena, path_of(pid, 0), &recording);
    assert_int_equal(recording.header.parent_id, parent);
    assert_int_equal(recording.header.why, EVENT_WHY_FORK);
    assert_int_equal(count_notes(&recording), 50);
    writer_forget(&writer);
    arena_release(&arena);
}

static void the_recording_ends_at_its_limit(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recording recording;
    struct writer writer = {0};
    struct writer_thread thread = {0};
    struct writer_start start = start_in(directory);
    start.max_bytes = 1 << 20;
    assert_int_equal(writer_begin(&writer, &start), 0);
    write_notes(&writer, &thread, 0, NOTES); /* of 24 bytes, and more than there is room for with the next ones */
    write_notes(&writer, &thread, NOTES, NOTES);
    assert_true(writer.header->dropped_records > 0);
    read_back(&arena, writer.path, &recording);
    assert_int_equal(recording.header.full, 1);
    assert_int_equal(recording.header.full_errno, 0);
    assert_int_equal(count_notes(&recording) + recording.header.dropped_records, 2 * NOTES);
    writer_forget(&writer);
    arena_release(&arena);
}

/* Runs in a child, which may change its limits and mounts; the test is skipped where that is not allowed. */
static int in_child(int (*body)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(body());
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

enum { SKIPPED = 77 };

static int fill_a_small_disk(void)
{
    char where[96], path[128];
    snprintf(where, sizeof(where), "%s/disk", directory);
    if (mkdir(where, 0700) != 0 || unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("none", where, "tmpfs", 0, "size=512k") != 0)
        return SKIPPED;
    struct writer writer = {0};
    struct writer_thread thread = {0};
    struct writer_start start = start_in(where);
    start.first_bytes = 128 << 10;
    if (writer_begin(&writer, &start) != 0)
        return 1;
    write_notes(&writer, &thread, 0, NOTES);
    if (!writer.header->full || writer.header->full_errno != ENOSPC || writer.header->dropped_records == 0)
        return 2;
    uint64_t written = NOTES - writer.header->dropped_records;
    struct arena arena = {0};
    struct recording recording;
    struct err err = {0};
    if (recording_read(&arena, writer.path, &recording, &err) != 0 || count_notes(&recording) != written ||
        written < 1000)
        return 3;
    struct writer second = {0};
    snprintf(path, sizeof(path), "%s/%d.1.rec", where, (int)getpid());
    start.first_bytes = 400 << 10;
    return writer_begin(&second, &start) == ENOSPC && access(path, F_OK) != 0 ? 0 : 4;
}

static void a_full_disk_ends_the_recording_and_nothing_else(void **state)
{
    (void)state;
    int code = in_child(fill_a_small_disk);
    if (code == SKIPPED)
        skip();
    assert_int_equal(code, 0);
}

static int meet_the_file_size_limit(void)
{
    struct rlimit limit = {200 << 10, 200 << 10};
    struct writer writer = {0};
    struct writer_thread thread = {0};
    struct writer_start start = start_in(directory);
    setrlimit(RLIMIT_FSIZE, &limit);
    if (writer_begin(&writer, &start) != 0)
        return 1;
    write_notes(&writer, &thread, 0, NOTES);
    if (!writer.header->full || writer.header->dropped_records == 0 || writer.header->max_bytes > (200 << 10))
        return 2;
    limit.rlim_cur = 16 << 10;
    setrlimit(RLIMIT_FSIZE, &limit);
    struct writer second = {0};
    return writer_begin(&second, &start) == EFBIG ? 0 : 3;
}

static void the_file_size_limit_sends_no_signal(void **state)
{
    (void)state;
    assert_int_equal(in_child(meet_the_file_size_limit), 0);
}

/* A sanitizer takes more addresses than the limit leaves. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
enum {
    SANITIZED = __has_feature(thread_sanitizer) || __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
};
#else
enum { SANITIZED = 0 };
#endif

static int have_little_address_space(void)
{
    struct rlimit limit = {128 << 20, 128 << 20};
    struct writer writer = {0};
    struct writer_thread thread = {0};
    struct writer_start start = start_in(directory);
    struct arena arena = {0};
    struct recording recording;
    struct err err = {0};
    start.max_bytes = 1 << 30;
    setrlimit(RLIMIT_AS, &limit);
    if (writer_begin(&writer, &start) != 0)
        return 1;
    for (uint64_t i = 0; i < 4; i++)
        write_notes(&writer, &thread, i * NOTES, NOTES);
    if (recording_read(&arena, writer.path, &recording, &err) != 0 || count_notes(&recording) != 4 * NOTES)
        return 2;
    return writer.chunks[2] && !writer.chunks[4] ? 0 : 3;
}

static void only_what_is_written_takes_addresses(void **state)
{
    (void)state;
    if (SANITIZED)
        skip();
    assert_int_equal(in_child(have_little_address_space), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_second_recording_of_a_pid_has_the_next_number),
        cmocka_unit_test(long_and_private_strings),
        cmocka_unit_test(a_killed_process_loses_nothing),
        cmocka_unit_test(threads_do_not_disturb_each_other),
        cmocka_unit_test(threads_that_end_leave_their_room_to_others),
        cmocka_unit_test(a_forked_child_leaves_its_parents_recording_alone),
        cmocka_unit_test(the_recording_ends_at_its_limit),
        cmocka_unit_test(a_full_disk_ends_the_recording_and_nothing_else),
        cmocka_unit_test(the_file_size_limit_sends_no_signal),
        cmocka_unit_test(only_what_is_written_takes_addresses),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
