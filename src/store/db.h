/* Statements with fewer words: what put.c and ask.c share over SQLite.  Private to store/. */
#ifndef COLDSPOT_STORE_DB_H
#define COLDSPOT_STORE_DB_H

#include <sqlite3.h>

#include "base/arena.h"
#include "base/err.h"

struct store {
    sqlite3 *db;
    struct str path; /* owned: malloc'd */
};

/* The current sqlite error as ours: "cannot WHAT in the store 'PATH': WHY". */
int db_fail(const struct store *store, const char *what, struct err *err);

int db_exec(const struct store *store, const char *sql, struct err *err);
int db_prepare(const struct store *store, const char *sql, sqlite3_stmt **statement_out, struct err *err);

/* Steps a statement that gives no rows and resets it. */
int db_run(const struct store *store, sqlite3_stmt *statement, struct err *err);

void db_bind_str(sqlite3_stmt *statement, int index, struct str text);

/* NULL for an empty text, and for a negative number. */
void db_bind_str_or_null(sqlite3_stmt *statement, int index, struct str text);
void db_bind_index_or_null(sqlite3_stmt *statement, int index, int64_t number);

/* A column's text in the arena; empty for NULL. */
struct str db_str(struct arena *arena, sqlite3_stmt *statement, int column);

#endif
