/* Asking the system, without starting other programs. */
#include "cmd/machine.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/parallel.h"
#include "base/units.h"

void machine_describe(struct arena *arena, struct run_environment *environment)
{
    struct utsname name;
    if (uname(&name) == 0)
        environment->kernel = arena_printf(arena, "%s %s %s", name.sysname, name.release, name.machine);
    environment->cpus = parallel_workers();
    struct sysinfo info;
    if (sysinfo(&info) == 0)
        environment->memory_bytes = (uint64_t)info.totalram * info.mem_unit;
}

static struct str size_text(struct arena *arena, double bytes)
{
    struct buf text = {0};
    units_add_size(&text, bytes);
    struct str copy = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return copy;
}

static bool has_gpu(void)
{
    return file_exists("/dev/nvidiactl") || file_exists("/dev/nvidia0");
}

void machine_add_lacks(struct arena *arena, const struct run_target *target, struct run_environment *environment)
{
    if (target->gpu.len && !has_gpu())
        *array_push(arena, &environment->lacks) = arena_printf(
            arena, "asks for a GPU (%.*s), this machine has none: GPU time was not measured", STR_ARG(target->gpu));
    if (target->cpu > environment->cpus)
        *array_push(arena, &environment->lacks) = arena_printf(arena, "asks for %g cores, this machine has %u",
                                                               target->cpu, environment->cpus);
    if (target->memory_bytes > (double)environment->memory_bytes)
        *array_push(arena, &environment->lacks) = arena_printf(
            arena, "asks for %.*s of memory, this machine has %.*s", STR_ARG(size_text(arena, target->memory_bytes)),
            STR_ARG(size_text(arena, (double)environment->memory_bytes)));
}

enum { GIT_FILE_MOST = 1 << 20 };

static struct str read_git(struct arena *arena, struct str git, struct str name)
{
    struct str text;
    struct str path = arena_printf(arena, "%.*s/%.*s", STR_ARG(git), STR_ARG(name));
    return file_read(arena, path.ptr, GIT_FILE_MOST, &text, NULL) == 0 ? str_trim(text) : STR("");
}

/* The commit of a branch that `git gc` moved into packed-refs: lines of "COMMIT NAME". */
static struct str find_packed(struct str packed, struct str ref)
{
    struct str line;
    while (str_cut(&packed, '\n', &line)) {
        struct str commit;
        if (str_cut(&line, ' ', &commit) && line.ptr && str_equals(str_trim(line), ref))
            return commit;
    }
    return STR("");
}

/* .git is a directory, or in a work tree a file that says where its part of the repository is. */
static struct str find_git(struct arena *arena, struct str directory)
{
    for (;;) {
        struct str git = arena_printf(arena, "%.*s/.git", STR_ARG(directory));
        if (file_is_dir(git.ptr))
            return git;
        struct str text;
        if (file_exists(git.ptr) && file_read(arena, git.ptr, GIT_FILE_MOST, &text, NULL) == 0 &&
            str_starts_with(text, STR("gitdir: ")))
            return str_trim(str_slice(text, 8, text.len));
        if (directory.len <= 1)
            return STR("");
        directory = path_dir(directory);
    }
}

struct str machine_commit(struct arena *arena, struct str directory)
{
    struct str git = directory.len && directory.ptr[0] == '/' ? find_git(arena, directory) : STR("");
    struct str head = git.len ? read_git(arena, git, STR("HEAD")) : STR("");
    if (!str_starts_with(head, STR("ref: ")))
        return head;
    struct str ref = str_slice(head, 5, head.len);
    struct str common = read_git(arena, git, STR("commondir"));
    if (common.len)
        git = common.ptr[0] == '/' ? common : arena_printf(arena, "%.*s/%.*s", STR_ARG(git), STR_ARG(common));
    struct str commit = read_git(arena, git, ref);
    return commit.len ? commit : find_packed(read_git(arena, git, STR("packed-refs")), ref);
}

struct str machine_program_dir(struct arena *arena)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
    return n > 0 ? arena_copy(arena, path_dir(str_from(path, (size_t)n))) : STR(".");
}

struct str machine_find(struct arena *arena, const char *const *candidates, size_t n)
{
    struct str directory = machine_program_dir(arena);
    for (size_t i = 0; i < n; i++) {
        struct str path = arena_printf(arena, "%.*s/%s", STR_ARG(directory), candidates[i]);
        char *real = realpath(path.ptr, NULL);
        if (!real)
            continue;
        struct str found = arena_copy(arena, str_of(real));
        free(real);
        return found;
    }
    return STR("");
}
