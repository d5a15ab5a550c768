/* What the function is called with, from the command line and files; only a digest of it is kept. */
#include "cmd/measure_start.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"

enum { INPUT_MOST = 1 << 30, CURVE_ROUNDS = 5 };

/* The text of an option, or what @FILE holds. */
static int read_text(struct measure *m, const char *value, struct str *text_out, struct err *err)
{
    if (value[0] == '@')
        return file_read(m->arena, value + 1, INPUT_MOST, text_out, err);
    *text_out = str_of(value);
    return 0;
}

static int read_input(struct measure *m, struct err *err)
{
    struct str text;
    int rc = read_text(m, m->options->input, &text, err);
    if (!rc)
        rc = json_parse(text, m->options->input[0] == '@' ? m->options->input + 1 : "--input", &m->input, err);
    if (rc && m->options->input[0] != '@') {
        err->code = ERR_USAGE;
        err_hint(err,
                 "a text needs quotes of its own: --input '\"some text\"'; a list of arguments: --input '[\"a\", 2]'");
    }
    return rc;
}

static int read_inputs(struct measure *m, struct err *err)
{
    struct str text, line;
    int rc = file_read(m->arena, m->options->inputs, INPUT_MOST, &text, err);
    if (rc)
        return rc;
    m->inputs = json_array();
    for (unsigned number = 1; str_cut(&text, '\n', &line); number++) {
        line = str_trim(line);
        if (!line.len)
            continue;
        struct str what = arena_printf(m->arena, "%s, line %u,", m->options->inputs, number);
        json_t *value;
        rc = json_parse(line, what.ptr, &value, err);
        if (rc)
            return rc;
        json_array_append_new(m->inputs, value);
    }
    if (!json_array_size(m->inputs))
        return err_set(err, ERR_INPUT, "'%s' holds no inputs", m->options->inputs);
    return 0;
}

static int read_body(struct measure *m, struct err *err)
{
    struct str text;
    int rc = read_text(m, m->options->body, &text, err);
    if (rc)
        return rc;
    m->body = json_stringn(text.ptr, text.len);
    if (!m->body)
        return err_set(err, ERR_INPUT, "the request's body is not UTF-8");
    return 0;
}

static int read_params(struct measure *m, struct err *err)
{
    m->params = json_object();
    for (size_t i = 0; i < m->options->params.len; i++) {
        struct str value = str_of(m->options->params.items[i]), name;
        if (!str_cut(&value, '=', &name) || !value.ptr || !name.len)
            return err_set(err, ERR_USAGE, "--param takes NAME=VALUE, not '%s'", m->options->params.items[i]);
        json_object_set_new(m->params, arena_cstr(m->arena, name), json_stringn(value.ptr, value.len));
    }
    return 0;
}

static int read_headers(struct measure *m, struct err *err)
{
    for (size_t i = 0; i < m->options->headers.len; i++) {
        struct str value = str_of(m->options->headers.items[i]), name;
        if (!str_cut(&value, ':', &name) || !value.ptr || !name.len)
            return err_set(err, ERR_USAGE, "--header takes 'NAME: VALUE', not '%s'", m->options->headers.items[i]);
        *array_push(m->arena, &m->headers) = (struct harness_header){str_trim(name), str_trim(value)};
    }
    return 0;
}

/* 64 bits of what the function gets: enough to tell that two runs had the same input, not enough to tell which. */
static void digest(struct measure *m)
{
    struct buf text = {0};
    const json_t *parts[] = {m->input, m->inputs, m->body, m->params};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        char *dump = parts[i] ? json_dumps(parts[i], JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) : NULL;
        buf_addf(&text, "%s\n", dump ? dump : "");
        free(dump);
    }
    buf_addf(&text, "%s\n%s\n%u", m->options->input_from ? m->options->input_from : "",
             m->options->request ? m->options->request : "", m->batch);
    m->run->input_digest = arena_printf(m->arena, "%016llx", (unsigned long long)str_hash(buf_str(&text)));
    buf_release(&text);
}

int measure_read_input(struct measure *m, struct err *err)
{
    if ((m->options->input != NULL) + (m->options->input_from != NULL) + (m->options->inputs != NULL) > 1)
        return err_set(err, ERR_USAGE, "only one of --input, --input-from and --inputs at a time");
    int rc = m->options->input ? read_input(m, err) : 0;
    if (!rc && m->options->inputs)
        rc = read_inputs(m, err);
    if (!rc && m->options->body)
        rc = read_body(m, err);
    if (!rc)
        rc = read_params(m, err);
    if (!rc)
        rc = read_headers(m, err);
    if (!rc)
        digest(m);
    m->import_modal = target_imports(&m->target, STR("modal"));
    return rc;
}

/* "1,2,4": ascending, each once. */
static int read_list(struct measure *m, const char *text, const char *option, struct sizes *sizes, struct err *err)
{
    enum { SIZES_MOST = 16, SIZE_MOST = 1000 };
    struct str rest = str_of(text), piece;
    while (str_cut(&rest, ',', &piece)) {
        uint64_t size;
        bool is_size = str_to_u64(str_trim(piece), &size) && size >= 1 && size <= SIZE_MOST;
        bool ascends = is_size && (sizes->len == 0 || sizes->items[sizes->len - 1] < size);
        if (!ascends || sizes->len == SIZES_MOST)
            return err_set(err, ERR_USAGE,
                           "%s takes up to %d numbers from 1 to %d, ascending, such as 1,2,4,8, not '%s'", option,
                           SIZES_MOST, SIZE_MOST, text);
        *array_push(m->arena, sizes) = (uint32_t)size;
    }
    return 0;
}

int measure_read_sizes(struct measure *m, struct err *err)
{
    struct sizes batch = {0}, concurrency = {0};
    int rc = m->options->batch ? read_list(m, m->options->batch, "--batch", &batch, err) : 0;
    if (!rc && m->options->concurrency)
        rc = read_list(m, m->options->concurrency, "--concurrency", &concurrency, err);
    if (rc)
        return rc;
    if (batch.len == 1)
        m->batch = batch.items[0];
    else
        m->curve.batch = batch;
    if (concurrency.len && concurrency.items[0] != 1) { /* what the others are compared with */
        *array_push(m->arena, &m->curve.concurrency) = 1;
        for (size_t i = 0; i < concurrency.len; i++)
            *array_push(m->arena, &m->curve.concurrency) = concurrency.items[i];
    } else {
        m->curve.concurrency = concurrency;
    }
    m->curve.rounds = CURVE_ROUNDS;
    return 0;
}

void measure_release(struct measure *m)
{
    json_decref(m->input);
    json_decref(m->inputs);
    json_decref(m->body);
    json_decref(m->params);
}
