/* What the machine allows: asked of the kernel and the driver, changing nothing. */
#include "cmd/doctor.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/units.h"
#include "cmd/machine.h"

enum { SMALL_FILE = 1 << 16 };

static struct str read_small(struct arena *arena, const char *path)
{
    struct str text;
    return file_read(arena, path, SMALL_FILE, &text, NULL) == 0 ? str_trim(text) : STR("");
}

static struct str size_text(struct arena *arena, double bytes)
{
    struct buf text = {0};
    units_add_size(&text, bytes);
    struct str copy = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return copy;
}

void doctor_check_machine(struct doctor *doctor)
{
    struct run_environment environment = {0};
    machine_describe(doctor->arena, &environment);
    doctor_add(doctor, DOCTOR_OK, "machine", "%.*s, %u CPUs, %.*s", STR_ARG(environment.kernel), environment.cpus,
               STR_ARG(size_text(doctor->arena, (double)environment.memory_bytes)));
}

/* Whether the line "CapEff:" of /proc/self/status has the bit of CAP_SYS_PTRACE. */
static bool may_trace_anything(struct arena *arena)
{
    enum { CAP_SYS_PTRACE_BIT = 19 };
    struct str text = read_small(arena, "/proc/self/status");
    ptrdiff_t at = str_find(text, STR("CapEff:"));
    if (at < 0)
        return false;
    unsigned long long bits = strtoull(text.ptr + at + strlen("CapEff:"), NULL, 16);
    return bits >> CAP_SYS_PTRACE_BIT & 1;
}

/* Documentation/admin-guide/LSM/Yama.rst has the four values. */
void doctor_check_ptrace(struct doctor *doctor)
{
    struct str scope = read_small(doctor->arena, "/proc/sys/kernel/yama/ptrace_scope");
    if (!scope.len || str_equals(scope, STR("0"))) {
        doctor_add(doctor, DOCTOR_OK, "ptrace", "processes of the same user can be read");
    } else if (str_equals(scope, STR("3"))) {
        doctor_add(doctor, DOCTOR_WARN, "ptrace", "forbidden for everybody until the next boot (ptrace_scope 3)");
    } else if (may_trace_anything(doctor->arena)) {
        doctor_add(doctor, DOCTOR_OK, "ptrace", "this user can read any process (ptrace_scope %.*s)", STR_ARG(scope));
    } else {
        doctor_add(doctor, DOCTOR_WARN, "ptrace", "restricted (ptrace_scope %.*s): only your own children can be read",
                   STR_ARG(scope))
            ->mend = STR("sudo sysctl kernel.yama.ptrace_scope=0");
    }
}

/* The four calls of NVML that tell which GPUs there are (nvml.h of the CUDA toolkit has their types). */
struct nvml {
    int (*init)(void);
    int (*shutdown)(void);
    int (*count)(unsigned *n);
    int (*handle)(unsigned index, void **device);
    int (*name)(void *device, char *name, unsigned size);
};

static bool nvml_find(void *library, struct nvml *nvml)
{
    *(void **)&nvml->init = dlsym(library, "nvmlInit_v2");
    *(void **)&nvml->shutdown = dlsym(library, "nvmlShutdown");
    *(void **)&nvml->count = dlsym(library, "nvmlDeviceGetCount_v2");
    *(void **)&nvml->handle = dlsym(library, "nvmlDeviceGetHandleByIndex_v2");
    *(void **)&nvml->name = dlsym(library, "nvmlDeviceGetName");
    return nvml->init && nvml->shutdown && nvml->count && nvml->handle && nvml->name;
}

static void name_gpus(struct doctor *doctor, const struct nvml *nvml)
{
    unsigned n = 0;
    struct buf names = {0};
    if (nvml->count(&n) != 0)
        n = 0;
    for (unsigned i = 0; i < n; i++) {
        char name[96] = "unknown"; /* NVML_DEVICE_NAME_V2_BUFFER_SIZE */
        void *device = NULL;
        if (nvml->handle(i, &device) == 0)
            nvml->name(device, name, sizeof(name));
        buf_addf(&names, "%s%s", i ? ", " : "", name);
    }
    if (n)
        doctor_add(doctor, DOCTOR_OK, "GPU", "%s", buf_cstr(&names));
    else
        doctor_add(doctor, DOCTOR_NONE, "GPU", "libnvidia-ml is here and finds no GPU: GPU figures will be missing");
    buf_release(&names);
}

void doctor_check_gpu(struct doctor *doctor)
{
    struct nvml nvml;
    void *library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        doctor_add(doctor, DOCTOR_NONE, "GPU", "no libnvidia-ml: GPU figures will be missing");
        return;
    }
    int code = nvml_find(library, &nvml) ? nvml.init() : -1;
    if (code == 0) {
        name_gpus(doctor, &nvml);
        nvml.shutdown();
    } else {
        doctor_add(doctor, DOCTOR_NONE, "GPU", "libnvidia-ml does not start (error %d): GPU figures will be missing",
                   code);
    }
    dlclose(library);
}

/* The directory of our own cgroup, version 2; empty where there is none. */
static struct str cgroup_directory(struct arena *arena)
{
    struct str rest = read_small(arena, "/proc/self/cgroup"), line;
    while (rest.len && str_cut(&rest, '\n', &line)) {
        if (!str_starts_with(line, STR("0::")))
            continue;
        struct str path = arena_printf(arena, "/sys/fs/cgroup%.*s", STR_ARG(str_slice(line, 3, line.len)));
        return file_exists(arena_printf(arena, "%.*s/cgroup.controllers", STR_ARG(path)).ptr) ? path : STR("");
    }
    return STR("");
}

/* "100000 100000" (time, period) as CPUs; 0: no limit. */
static double cpu_limit(struct str text)
{
    struct str quota, period = text;
    double time, whole;
    str_cut(&period, ' ', &quota);
    return str_to_f64(quota, &time) && str_to_f64(period, &whole) && whole > 0 ? time / whole : 0;
}

/* What limits this very process: a cold start measured under half a CPU is not the platform's. */
void doctor_check_cgroup(struct doctor *doctor)
{
    struct arena *arena = doctor->arena;
    struct str directory = cgroup_directory(arena);
    if (!directory.len) {
        doctor_add(doctor, DOCTOR_OK, "limits", "none known: this process has no cgroup of version 2");
        return;
    }
    double cpus = cpu_limit(read_small(arena, arena_printf(arena, "%.*s/cpu.max", STR_ARG(directory)).ptr)), bytes;
    struct str memory = read_small(arena, arena_printf(arena, "%.*s/memory.max", STR_ARG(directory)).ptr);
    bool memory_limited = str_to_f64(memory, &bytes);
    if (!cpus && !memory_limited) {
        doctor_add(doctor, DOCTOR_OK, "limits", "none on CPU and memory");
        return;
    }
    struct str cpu_text = cpus ? arena_printf(arena, "%.3g CPUs", cpus) : STR("CPU not limited");
    struct str memory_text = memory_limited ? size_text(arena, bytes) : STR("memory not limited");
    doctor_add(doctor, DOCTOR_WARN, "limits", "this process may use %.*s, %.*s: functions measured here have no more",
               STR_ARG(cpu_text), STR_ARG(memory_text));
}

/* How many of the file's first two pages are in the page cache; -1 when the kernel does not say. */
static int pages_cached(int fd, size_t page)
{
    unsigned char in_core[2] = {0, 0};
    void *map = mmap(NULL, 2 * page, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return -1;
    int rc = mincore(map, 2 * page, in_core);
    munmap(map, 2 * page);
    return rc ? -1 : (in_core[0] & 1) + (in_core[1] & 1);
}

/* Whether a file that was just written leaves the page cache when asked to: tmpfs and gVisor keep it. */
void doctor_check_page_cache(struct doctor *doctor)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct str bytes = {arena_alloc(doctor->arena, 2 * page), 2 * page};
    const char *directory = file_is_dir("/var/tmp") ? "/var/tmp" : "/tmp";
    char *path = (char *)arena_printf(doctor->arena, "%s/coldspot-doctor-XXXXXX", directory).ptr;
    int fd = mkstemp(path);
    if (fd < 0) {
        doctor_add(doctor, DOCTOR_WARN, "page cache", "not tried: cannot write in %s: %s", directory, strerror(errno));
        return;
    }
    unlink(path);
    bool written = file_write_fd(fd, path, bytes, NULL) == 0 && fsync(fd) == 0;
    bool dropped = written && posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0 && pages_cached(fd, page) == 0;
    close(fd);
    if (dropped)
        doctor_add(doctor, DOCTOR_OK, "page cache", "files can be evicted");
    else
        doctor_add(doctor, DOCTOR_WARN, "page cache",
                   "files in %s stay cached: a first start on a fresh host can't be measured", directory);
}
