/* One file for each question (working directory, paths, options): the newest answer, with the key of all that it depends on.
 *
 * The key holds this build, the options and the content of the files that were asked for.  What those import, and where an
 * import was looked for in vain, is known only afterwards: the entry lists it, and it is looked at again before the answer
 * counts.  Anything unexpected, damaged or unreadable means that there is no entry. */
#include "cmd/check_cache.h"

#include <inttypes.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "diagnose/budget.h"
#include "price/price.h"

enum { ENTRY_MOST = 64 << 20 };
static const struct str magic = {"coldspot check 1\n", 17};

static uint64_t mix(uint64_t hash, uint64_t word, uint64_t odd)
{
    hash = (hash ^ word) * odd;
    return hash ^ hash >> 29;
}

void cache_key_add(struct cache_key *key, struct str bytes)
{
    uint64_t a = key->words[0], b = key->words[1], word = bytes.len;
    a = mix(a, word, 0x9e3779b97f4a7c15u);
    b = mix(b, word, 0xc2b2ae3d27d4eb4fu);
    for (size_t i = 0; i < bytes.len; i += 8) {
        word = 0;
        memcpy(&word, bytes.ptr + i, bytes.len - i < 8 ? bytes.len - i : 8);
        a = mix(a, word, 0x9e3779b97f4a7c15u);
        b = mix(b, word, 0xc2b2ae3d27d4eb4fu);
    }
    key->words[0] = mix(a, b, 0xff51afd7ed558ccdu);
    key->words[1] = mix(b, a, 0xbf58476d1ce4e5b9u);
}

static struct cache_key key_of(struct str bytes)
{
    struct cache_key key = {{1, 2}};
    cache_key_add(&key, bytes);
    return key;
}

static bool same_key(const struct cache_key *a, const struct cache_key *b)
{
    return a->words[0] == b->words[0] && a->words[1] == b->words[1];
}

/* ---- an entry as bytes: magic, key, key of the rest, rest */

static void add_u64(struct buf *out, uint64_t value)
{
    buf_add(out, str_from((const char *)&value, sizeof(value)));
}

static void add_key(struct buf *out, const struct cache_key *key)
{
    add_u64(out, key->words[0]);
    add_u64(out, key->words[1]);
}

static void add_text(struct buf *out, struct str text)
{
    add_u64(out, text.len);
    buf_add(out, text);
}

void cache_entry_write(const struct cache_entry *entry, const struct cache_key *key, struct buf *out)
{
    struct buf rest = {0};
    add_u64(&rest, (uint64_t)entry->exit_code);
    add_text(&rest, entry->answer);
    add_u64(&rest, entry->files.len);
    for (size_t i = 0; i < entry->files.len; i++) {
        add_u64(&rest, entry->files.items[i].exists);
        add_key(&rest, &entry->files.items[i].content);
        add_text(&rest, entry->files.items[i].path);
    }
    struct cache_key sum = key_of(buf_str(&rest));
    buf_add(out, magic);
    add_key(out, key);
    add_key(out, &sum);
    buf_add(out, buf_str(&rest));
    buf_release(&rest);
}

/* Takes the next bytes off the front; false where there are fewer. */
static bool take(struct str *rest, size_t len, struct str *bytes_out)
{
    if (rest->len < len)
        return false;
    *bytes_out = str_slice(*rest, 0, len);
    *rest = str_slice(*rest, len, rest->len);
    return true;
}

static bool take_u64(struct str *rest, uint64_t *value_out)
{
    struct str bytes;
    if (!take(rest, sizeof(*value_out), &bytes))
        return false;
    memcpy(value_out, bytes.ptr, sizeof(*value_out));
    return true;
}

static bool take_key(struct str *rest, struct cache_key *key_out)
{
    return take_u64(rest, &key_out->words[0]) && take_u64(rest, &key_out->words[1]);
}

static bool take_text(struct str *rest, struct str *text_out)
{
    uint64_t len;
    return take_u64(rest, &len) && len <= rest->len && take(rest, (size_t)len, text_out);
}

static bool take_file(struct str *rest, struct cache_file *file_out)
{
    uint64_t exists;
    if (!take_u64(rest, &exists) || exists > 1)
        return false;
    file_out->exists = exists;
    return take_key(rest, &file_out->content) && take_text(rest, &file_out->path) && file_out->path.len < PATH_MAX &&
           (!file_out->path.len || !memchr(file_out->path.ptr, 0, file_out->path.len));
}

bool cache_entry_read(struct arena *arena, struct str bytes, const struct cache_key *key, struct cache_entry *entry_out)
{
    struct str rest = bytes, head;
    struct cache_key own, sum;
    struct cache_entry entry = {0};
    uint64_t exit_code, n;
    if (!take(&rest, magic.len, &head) || !str_equals(head, magic) || !take_key(&rest, &own) || !same_key(&own, key) ||
        !take_key(&rest, &sum))
        return false;
    struct cache_key real = key_of(rest);
    if (!same_key(&real, &sum) || !take_u64(&rest, &exit_code) || exit_code > EXIT_FINDINGS ||
        !take_text(&rest, &entry.answer) || !take_u64(&rest, &n))
        return false;
    entry.exit_code = (int)exit_code;
    for (uint64_t i = 0; i < n; i++) {
        struct cache_file file;
        if (!take_file(&rest, &file))
            return false;
        *array_push(arena, &entry.files) = file;
    }
    if (rest.len)
        return false;
    *entry_out = entry;
    return true;
}

/* ---- what the answer depends on */

/* The linker's digest of this very program. */
static int find_build(struct dl_phdr_info *info, size_t size, void *ctx)
{
    struct str *build = ctx;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        const char *at = (const char *)(info->dlpi_addr + header->p_vaddr), *end = at + header->p_memsz;
        if (header->p_type != PT_NOTE)
            continue;
        while (end - at >= (ptrdiff_t)sizeof(ElfW(Nhdr))) {
            const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)(const void *)at;
            const char *name = at + sizeof(*note), *text = name + (note->n_namesz + 3) / 4 * 4;
            if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && !memcmp(name, "GNU", 4))
                *build = str_from(text, note->n_descsz);
            at = text + (note->n_descsz + 3) / 4 * 4;
        }
    }
    return 1; /* the program itself comes first; no other */
}

static void add_strs(struct cache_key *key, const struct opt_strs *strs)
{
    cache_key_add(key, STR("list"));
    for (size_t i = 0; i < strs->len; i++)
        cache_key_add(key, str_of(strs->items[i]));
}

/* "$XDG_CACHE_HOME/coldspot/check", or below ~/.cache; empty: there is none. */
static struct str cache_directory(struct arena *arena)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && cache[0] == '/')
        return arena_printf(arena, "%s/coldspot/check", cache);
    return home && home[0] == '/' ? arena_printf(arena, "%s/.cache/coldspot/check", home) : STR("");
}

bool cache_find(struct cmd_call *call, const struct check_options *options, const struct opt_words *words,
                struct str format, struct cache_key *key_out, struct str *path_out)
{
    char cwd[PATH_MAX];
    struct cache_key key = {{3, 4}};
    struct buf joined = {0};
    struct str build = {0}, dir = cache_directory(call->arena);
    const char *prices = catalogue_user_directory(call->arena);
    dl_iterate_phdr(find_build, &build);
    if (!build.len || !dir.len || !getcwd(cwd, sizeof(cwd)) || options->baseline || options->update_baseline ||
        (call->budgets && call->budgets->len) || (prices && file_exists(prices)))
        return false;
    const struct opt_strs *lists[] = {&options->select, &options->ignore, &options->severity, &options->exclude};
    cache_key_add(&key, str_of(cwd));
    cache_key_add(&key, format);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        add_strs(&key, lists[i]);
    cache_key_add(&key, str_of(options->fail_on));
    for (size_t i = 0; i < words->len; i++)
        cache_key_add(&key, str_of(words->items[i]));
    *path_out = arena_printf(call->arena, "%.*s/%016" PRIx64 "%016" PRIx64, STR_ARG(dir), key.words[0], key.words[1]);
    cache_key_add(&key, build);
    check_joined_state(call->arena, &joined);
    cache_key_add(&key, buf_str(&joined));
    buf_release(&joined);
    *key_out = key;
    return true;
}

bool cache_add_texts(const struct walk_files *files, struct cache_key *key)
{
    for (size_t i = 0; i < files->len; i++) {
        if (!files->items[i].text.ptr)
            return false;
        cache_key_add(key, files->items[i].path);
        cache_key_add(key, files->items[i].text);
    }
    return true;
}

static bool file_holds(struct arena *arena, const struct cache_file *file)
{
    const char *path = arena_cstr(arena, file->path);
    struct str text;
    if (!file->exists)
        return access(path, R_OK) || (file_is_dir(path) && !str_ends_with(file->path, STR("/")));
    if (file_read(arena, path, TREE_TEXT_MOST, &text, NULL))
        return false;
    struct cache_key content = key_of(text);
    return same_key(&content, &file->content);
}

bool cache_load(struct arena *arena, struct str path, const struct cache_key *key, struct cache_entry *entry_out)
{
    struct str bytes;
    struct arena scratch = {0};
    if (file_read(arena, path.ptr, ENTRY_MOST, &bytes, NULL) || !cache_entry_read(arena, bytes, key, entry_out))
        return false;
    bool holds = true;
    for (size_t i = 0; holds && i < entry_out->files.len; i++) {
        holds = file_holds(&scratch, &entry_out->files.items[i]);
        arena_reset(&scratch);
    }
    arena_release(&scratch);
    return holds;
}

void cache_store(struct arena *arena, struct str path, const struct cache_key *key, const struct project *project,
                 struct cache_entry *entry)
{
    struct buf bytes = {0};
    for (size_t i = 0; i < project->modules.len; i++) {
        const struct module *module = project->modules.items[i];
        if (module->failed)
            return;
        if (i >= project->asked)
            *array_push(arena, &entry->files) = (struct cache_file){module->file, true, key_of(module->tree.text)};
    }
    for (size_t i = 0; i < project->absent.len; i++)
        *array_push(arena, &entry->files) = (struct cache_file){.path = project->absent.items[i]};
    cache_entry_write(entry, key, &bytes);
    if (bytes.len <= ENTRY_MOST && !file_make_dirs(arena_cstr(arena, path_dir(path)), 0700, NULL))
        file_write(path.ptr, buf_str(&bytes), NULL);
    buf_release(&bytes);
}
