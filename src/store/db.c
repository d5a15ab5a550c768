/* The few things that every statement needs. */
#include "store/db.h"

int db_fail(const struct store *store, const char *what, struct err *err)
{
    return err_set(err, ERR_SYSTEM, "cannot %s in the store '%.*s': %s", what, STR_ARG(store->path),
                   sqlite3_errmsg(store->db));
}

int db_exec(const struct store *store, const char *sql, struct err *err)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return db_fail(store, "work", err);
    return 0;
}

int db_prepare(const struct store *store, const char *sql, sqlite3_stmt **statement_out, struct err *err)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return db_fail(store, "ask", err);
    *statement_out = statement;
    return 0;
}

int db_run(const struct store *store, sqlite3_stmt *statement, struct err *err)
{
    int rc = sqlite3_step(statement) == SQLITE_DONE ? 0 : db_fail(store, "write", err);
    sqlite3_reset(statement);
    return rc;
}

void db_bind_str(sqlite3_stmt *statement, int index, struct str text)
{
    sqlite3_bind_text(statement, index, text.ptr ? text.ptr : "", (int)text.len, SQLITE_TRANSIENT);
}

void db_bind_str_or_null(sqlite3_stmt *statement, int index, struct str text)
{
    if (text.len)
        db_bind_str(statement, index, text);
    else
        sqlite3_bind_null(statement, index);
}

void db_bind_index_or_null(sqlite3_stmt *statement, int index, int64_t number)
{
    if (number >= 0)
        sqlite3_bind_int64(statement, index, number);
    else
        sqlite3_bind_null(statement, index);
}

struct str db_str(struct arena *arena, sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    if (!text)
        return STR("");
    return arena_copy(arena, str_from(text, (size_t)sqlite3_column_bytes(statement, column)));
}
