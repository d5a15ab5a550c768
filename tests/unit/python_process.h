/* Pythons of every version that is installed, each running a program that says what it does and waits to be read. */
#ifndef COLDSPOT_TESTS_PYTHON_PROCESS_H
#define COLDSPOT_TESTS_PYTHON_PROCESS_H

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpython/frames.h"
#include "cpython/text.h"

struct python {
    pid_t pid;
    FILE *said;
    int input;
};

static int python_read(void *ctx, uint64_t address, void *buffer, size_t length)
{
    pid_t pid = *(pid_t *)ctx;
    struct iovec to = {buffer, length}, from = {(void *)(uintptr_t)address, length};
    return process_vm_readv(pid, &to, 1, &from, 1, 0) == (ssize_t)length ? 0 : -1;
}

/* Of the process; python is kept. */
static struct memory python_memory(struct python *python)
{
    return (struct memory){.read = python_read, .ctx = &python->pid};
}

static struct python python_begin(const char *executable, const char *program)
{
    int out[2], in[2];
    assert_int_equal(pipe(out), 0);
    assert_int_equal(pipe(in), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(out[1], 1);
        dup2(in[0], 0);
        close(in[1]);
        execl(executable, executable, "-I", program, NULL);
        _exit(127);
    }
    close(out[1]);
    close(in[0]);
    return (struct python){pid, fdopen(out[0], "r"), in[1]};
}

static void python_end(struct python *python)
{
    close(python->input);
    fclose(python->said);
    waitpid(python->pid, NULL, 0);
}

/* "F line file<TAB>name" of a frame as we read it. */
static void python_describe(struct frames *frames, const struct frame *frame, char *out, size_t size)
{
    static char scratch[FRAMES_LINES_MOST];
    struct frames_code code;
    char file[512], name[512];
    size_t file_length = 0, name_length = 0;
    assert_int_equal(frames_code(frames, frame->code, &code), 0);
    assert_int_equal(text_read(&frames->memory, &frames->layout, code.filename, file, sizeof(file), &file_length), 0);
    uint64_t named = code.qualname ? code.qualname : code.name;
    assert_int_equal(text_read(&frames->memory, &frames->layout, named, name, sizeof(name), &name_length), 0);
    snprintf(out, size, "F %u %.*s\t%.*s\n", frames_line(frames, frame, &code, scratch, sizeof(scratch)),
             (int)file_length, file, (int)name_length, name);
}

/* 3.9 to 3.14 are read; of another, or one that is free-threaded, it is said which it is. */
static int python_refusal(const char *executable, unsigned long hex)
{
    return strstr(executable, "/nogil-") ? LAYOUT_FREE_THREADED : hex >> 16 > 0x030e ? LAYOUT_VERSION : LAYOUT_OK;
}

/* Calls it for each that is installed, from 3.9 on; answers how many there were. */
static size_t python_each(void (*call)(const char *executable))
{
    char pattern[512];
    snprintf(pattern, sizeof(pattern), "%s/.pyenv/versions/3.*/bin/python3", getenv("HOME") ? getenv("HOME") : "");
    glob_t found = {0};
    glob(pattern, 0, NULL, &found);
    glob("/usr/bin/python3", GLOB_APPEND, NULL, &found);
    glob(MADE_PYTHONS "/*/bin/python3", GLOB_APPEND, NULL, &found);
    size_t called = 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *version = strstr(found.gl_pathv[i], "/versions/3.");
        if (version && atoi(version + strlen("/versions/3.")) < 9)
            continue;
        print_message("# %s\n", found.gl_pathv[i]);
        call(found.gl_pathv[i]);
        called++;
    }
    globfree(&found);
    return called;
}

#endif
