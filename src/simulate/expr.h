/* Formulas over named values: '0.03*GeneratedTokens + ContextTokens/8000', '20ms + 4ms*b'. */
#ifndef COLDSPOT_SIMULATE_EXPR_H
#define COLDSPOT_SIMULATE_EXPR_H

#include "base/arena.h"
#include "base/err.h"

struct expr {
    /* private: the formula in postfix order */
    struct expr_op *ops;
    size_t n;
};

/* + - * / min(a,b,…) max(a,b,…) ( ), numbers with an optional unit of time, names (in backquotes where they are no plain words).
 * `names` are what may occur; what names the formula in errors.  Fails with ERR_USAGE, saying where and what is known. */
int expr_parse(struct arena *arena, struct str text, const char *what, const struct str *names, size_t n_names,
               struct expr *expr_out, struct err *err);

/* values[i] belongs to names[i].  Division by zero gives what IEEE 754 says: the caller checks. */
double expr_eval(const struct expr *expr, const double *values);

/* Whether names[i] occurs. */
bool expr_uses(const struct expr *expr, size_t i);

#endif
