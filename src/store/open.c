/* Opening: the directory, the pragmas that make several processes safe, the schema and its version. */
#include "store/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/embedded.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/db.h"

extern const struct embedded store_schema[]; /* data/schema.sql */

enum { SCHEMA_VERSION = 1, BUSY_TIMEOUT_MS = 10000 };

struct str store_directory(struct arena *arena, const char *given)
{
    const char *from_environment = getenv("COLDSPOT_STORE");
    const char *data_home = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (given && given[0])
        return arena_copy(arena, str_of(given));
    if (from_environment && from_environment[0])
        return arena_copy(arena, str_of(from_environment));
    if (data_home && data_home[0] == '/')
        return arena_printf(arena, "%s/coldspot", data_home);
    return arena_printf(arena, "%s/.local/share/coldspot", home && home[0] ? home : ".");
}

static int ask_number(const struct store *store, const char *sql, int *number_out, struct err *err)
{
    sqlite3_stmt *statement;
    int rc = db_prepare(store, sql, &statement, err);
    if (rc)
        return rc;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *number_out = sqlite3_column_int(statement, 0);
    else
        rc = db_fail(store, "read", err);
    sqlite3_finalize(statement);
    return rc;
}

static int schema_version(const struct store *store, int *version_out, struct err *err)
{
    return ask_number(store, "PRAGMA user_version", version_out, err);
}

/* A database with tables and no version of ours is somebody else's: nothing of it is changed, not even how it is journalled.
 * One statement, as another process may be making the schema just now. */
static int check_ours(const struct store *store, struct err *err)
{
    int foreign = 0;
    int rc = ask_number(store,
                        "SELECT user_version = 0 AND EXISTS (SELECT 1 FROM sqlite_master) FROM pragma_user_version",
                        &foreign, err);
    if (!rc && foreign)
        rc = err_set(err, ERR_INPUT, "'%.*s' is a database, but not a store of coldspot's", STR_ARG(store->path));
    return rc;
}

/* A number for the text of the schema, so that a store made with another one of the same version is told from ours. */
static int schema_digest(void)
{
    struct str text = str_from((const char *)store_schema[0].bytes, store_schema[0].len);
    return (int)(str_hash(text) & 0x7fffffff);
}

static int mark(const struct store *store, struct err *err)
{
    struct buf sql = {0};
    buf_addf(&sql, "PRAGMA user_version = %d; PRAGMA application_id = %d", SCHEMA_VERSION, schema_digest());
    int rc = db_exec(store, buf_cstr(&sql), err);
    buf_release(&sql);
    return rc;
}

static int check_digest(const struct store *store, struct err *err)
{
    int digest = 0;
    int rc = ask_number(store, "PRAGMA application_id", &digest, err);
    if (rc || digest == schema_digest())
        return rc;
    err_set(err, ERR_INPUT, "the store '%.*s' was made by another build of coldspot, whose tables differ",
            STR_ARG(store->path));
    return err_hint(err, "move it away, or use another directory with --store");
}

/* Creates the schema once, however many processes open an empty store at the same time. */
static int create_schema(const struct store *store, struct err *err)
{
    int rc = db_exec(store, "BEGIN IMMEDIATE", err);
    int version = 0;
    if (!rc)
        rc = schema_version(store, &version, err);
    if (!rc && version == 0)
        rc = db_exec(store, (const char *)store_schema[0].bytes, err);
    if (!rc && version == 0)
        rc = mark(store, err);
    if (rc) {
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        return rc;
    }
    return db_exec(store, "COMMIT", err);
}

static int migrate(const struct store *store, struct err *err)
{
    int version = 0;
    int rc = schema_version(store, &version, err);
    if (rc)
        return rc;
    if (version > SCHEMA_VERSION) {
        err_set(err, ERR_INPUT, "the store '%.*s' has version %d; this coldspot knows up to %d", STR_ARG(store->path),
                version, SCHEMA_VERSION);
        return err_hint(err, "use the coldspot that made it, or another directory with --store");
    }
    return version == 0 ? create_schema(store, err) : check_digest(store, err);
}

static int set_up(const struct store *store, struct err *err)
{
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    int rc = check_ours(store, err);
    if (rc)
        return rc;
    rc = db_exec(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON", err);
    return rc ? rc : migrate(store, err);
}

/* What was opened and called is nobody else's business; SQLite gives its other files the mode of this one. */
static void make_private_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

int store_open(const char *directory, struct store **store_out, struct err *err)
{
    int rc = file_make_dirs(directory, 0700, err);
    if (rc) {
        err_wrap(err, "the store");
        return err_hint(err, "choose a directory that can be written: --store DIR, or COLDSPOT_STORE");
    }
    struct buf path = {0};
    buf_addf(&path, "%s/store.sqlite", directory);
    struct store *store = xcalloc(1, sizeof(*store));
    store->path = buf_str(&path);
    make_private_file(buf_cstr(&path));
    bool opened = sqlite3_open_v2(buf_cstr(&path), &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) ==
                  SQLITE_OK;
    rc = opened ? set_up(store, err) : db_fail(store, "open or make anything", err);
    if (rc) {
        if (err && !err->hint.len)
            err_hint(err, opened ? "move that file away, or choose another directory: --store DIR, or COLDSPOT_STORE"
                                 : "choose a directory that can be written: --store DIR, or COLDSPOT_STORE");
        store_close(store);
        return rc;
    }
    *store_out = store;
    return 0;
}

static uint64_t file_bytes(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? (uint64_t)info.st_size : 0;
}

/* Whether what was opened to be read is a store as this build makes it. */
static int check_readable(const struct store *store, struct err *err)
{
    int version = 0;
    int rc = check_ours(store, err);
    rc = rc ? rc : schema_version(store, &version, err);
    if (!rc && version != SCHEMA_VERSION)
        rc = err_set(err, ERR_INPUT, "the store '%.*s' has version %d, not %d", STR_ARG(store->path), version,
                     SCHEMA_VERSION);
    return rc ? rc : check_digest(store, err);
}

int store_open_to_read(const char *directory, struct store **store_out, struct err *err)
{
    struct buf path = {0};
    buf_addf(&path, "%s/store.sqlite", directory);
    struct store *store = xcalloc(1, sizeof(*store));
    store->path = buf_str(&path);
    bool opened = file_bytes(buf_cstr(&path)) &&
                  sqlite3_open_v2(buf_cstr(&path), &store->db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK;
    int rc = opened      ? check_readable(store, err)
             : store->db ? db_fail(store, "open", err)
                         : err_set(err, ERR_INPUT, "there is no store '%s'", buf_cstr(&path));
    if (rc) {
        store_close(store);
        return rc;
    }
    *store_out = store;
    return 0;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    sqlite3_close(store->db);
    free((char *)store->path.ptr);
    free(store);
}

int store_size(struct store *store, uint64_t *runs_out, uint64_t *bytes_out, struct err *err)
{
    sqlite3_stmt *statement;
    int rc = db_prepare(store, "SELECT count(*) FROM run", &statement, err);
    if (rc)
        return rc;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *runs_out = (uint64_t)sqlite3_column_int64(statement, 0);
    else
        rc = db_fail(store, "read", err);
    sqlite3_finalize(statement);
    struct buf wal = {0};
    buf_addf(&wal, "%.*s-wal", STR_ARG(store->path));
    *bytes_out = file_bytes(store->path.ptr) + file_bytes(buf_cstr(&wal));
    buf_release(&wal);
    return rc;
}
