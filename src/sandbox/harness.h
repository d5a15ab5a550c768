/* The contract with python/coldspot/harness.py: the request it is given and the events it leaves.  docs/reference/harness.md
 * has both in words. */
#ifndef COLDSPOT_SANDBOX_HARNESS_H
#define COLDSPOT_SANDBOX_HARNESS_H

#include <jansson.h>

#include "sandbox/python.h"
#include "sandbox/target.h"

struct harness_header {
    struct str name, value;
};

/* Sizes of batches, and numbers of calls at once, each measured in so many rounds. */
struct sizes {
    uint32_t *items;
    size_t len, cap;
};
struct harness_curve {
    struct sizes batch, concurrency;
    uint32_t rounds;
};

struct harness_point {
    bool is_batch;
    uint32_t size;
    uint64_t wall_ns;
};

struct harness_request {
    const struct target *target;
    const char *result; /* path of the file for events */

    const json_t *input;    /* --input, parsed; NULL: none.  Borrowed */
    const json_t *inputs;   /* --inputs: a JSON array, used in turn by the calls; NULL: none */
    const char *input_from; /* "FILE.py::function", the file absolute; NULL: none */
    const char *web;        /* --request: "GET /path"; NULL: none */
    const json_t *web_body; /* a string, or any JSON sent as application/json; NULL: none */
    const struct harness_header *web_headers;
    size_t web_header_count;
    uint32_t batch;                    /* --batch; 0: the function's max_batch_size */
    const struct harness_curve *curve; /* sizes to measure after the calls; NULL: none */
    const json_t *params;              /* --param k=v as an object of strings; NULL: none */

    uint32_t calls;       /* the first and the warm ones; at least 1 */
    bool remote_is_error; /* --remote error */
    bool import_modal;    /* import the platform's client before the app: target_imports(target, STR("modal")) */
    bool list;            /* only say what functions there are */
};

/* argv for a sandbox_spec: {python, harness.py, SANDBOX_REQUEST_PATH, NULL}.  package_dir: the directory that holds coldspot/. */
const char *const *harness_argv(struct arena *arena, const struct python *python, const char *package_dir);

/* The request as bytes, in arena. */
struct str harness_write_request(struct arena *arena, const struct harness_request *request);

/* The events of one start, in the order they came.  An event that was cut short by a kill is left out. */
struct harness_result {
    json_t *target;  /* the "target" event's object (see docs/reference/harness.md); NULL when it got not so far */
    json_t *listing; /* array of function names, for list */
    array_of(uint64_t) call_wall_ns; /* by index; call 0 is the first */
    array_of(struct harness_point) points;
    json_t *error; /* the "error" event's object: kind, message, hint, names…; NULL: none */
    bool done;     /* all calls and exit hooks ran */
};

int harness_read_result(struct arena *arena, const char *path, struct harness_result *result_out, struct err *err);
void harness_result_release(struct harness_result *result);

/* How an "error" event is shown: sets *err with message and hint and returns the negative code: ERR_FUNCTION for what the user's
 * function did (exception, exit), ERR_INPUT for what is wrong with the app, ERR_USAGE for what is wrong with the command line.
 * target and python give the hints their words; either may be NULL. */
int harness_error(const json_t *error, const struct target *target, const struct python *python, struct err *err);

#endif
