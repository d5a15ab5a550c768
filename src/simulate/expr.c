/* A recursive-descent parser that writes postfix; evaluation is a loop over it with a small stack. */
#include "simulate/expr.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/units.h"

enum op { OP_NUMBER, OP_NAME, OP_NEGATE, OP_ADD, OP_SUBTRACT, OP_MULTIPLY, OP_DIVIDE, OP_MIN, OP_MAX };

enum { DEPTH_MOST = 64, STACK_MOST = 256, OPS_MOST = 4096 };

struct expr_op {
    enum op op;
    uint32_t name;
    double number;
};

struct parse {
    struct arena *arena;
    struct str text;
    size_t at;
    const char *what;
    const struct str *names;
    size_t n_names;
    array_of(struct expr_op) ops;
    unsigned depth, stack;
    struct err *err;
};

static int wrong(struct parse *parse, const char *why)
{
    return err_set(parse->err, ERR_USAGE, "%s: %s at character %zu of '%.*s'", parse->what, why, parse->at + 1,
                   STR_ARG(parse->text));
}

static int emit(struct parse *parse, struct expr_op op)
{
    if (op.op <= OP_NAME)
        parse->stack++;
    else if (op.op != OP_NEGATE)
        parse->stack--;
    if (parse->stack > STACK_MOST || parse->ops.len >= OPS_MOST)
        return wrong(parse, "the formula is too long");
    *array_push(parse->arena, &parse->ops) = op;
    return 0;
}

static char peek(struct parse *parse)
{
    while (parse->at < parse->text.len && isspace((unsigned char)parse->text.ptr[parse->at]))
        parse->at++;
    return parse->at < parse->text.len ? parse->text.ptr[parse->at] : 0;
}

static int parse_sum(struct parse *parse);

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/* A number, and the unit that may follow it at once: 20ms. */
static int parse_number(struct parse *parse)
{
    size_t from = parse->at, to = from;
    const char *p = parse->text.ptr;
    while (to < parse->text.len &&
           (is_word(p[to]) || ((p[to] == '+' || p[to] == '-') && to > from && (p[to - 1] == 'e' || p[to - 1] == 'E'))))
        to++;
    double number;
    if (!units_parse_duration(str_slice(parse->text, from, to), &number) || !isfinite(number))
        return wrong(parse, "no number, or a unit that is not one of time (ms, s, m, h)");
    parse->at = to;
    return emit(parse, (struct expr_op){OP_NUMBER, 0, number});
}

/* min(…) and max(…): any number of arguments, folded from the left. */
static int parse_call(struct parse *parse, enum op op)
{
    parse->at++; /* ( */
    int rc = parse_sum(parse);
    while (!rc && peek(parse) == ',') {
        parse->at++;
        rc = parse_sum(parse);
        if (!rc)
            rc = emit(parse, (struct expr_op){op, 0, 0});
    }
    if (rc)
        return rc;
    if (peek(parse) != ')')
        return wrong(parse, "a ) is missing");
    parse->at++;
    return 0;
}

static int unknown_name(struct parse *parse, struct str name)
{
    struct buf known = {0};
    for (size_t i = 0; i < parse->n_names && i < 40; i++)
        buf_addf(&known, "%s%.*s", i ? ", " : "", STR_ARG(parse->names[i]));
    int rc = err_set(parse->err, ERR_USAGE, "%s: there is no column '%.*s'", parse->what, STR_ARG(name));
    err_hint(parse->err, "there %s: %s", parse->n_names == 1 ? "is" : "are", known.len ? buf_cstr(&known) : "none");
    buf_release(&known);
    return rc;
}

static int parse_name(struct parse *parse)
{
    size_t from = parse->at, to = from;
    bool quoted = parse->text.ptr[from] == '`';
    if (quoted) {
        to = ++from;
        while (to < parse->text.len && parse->text.ptr[to] != '`')
            to++;
        if (to == parse->text.len)
            return wrong(parse, "a ` is missing");
    } else {
        while (to < parse->text.len && is_word(parse->text.ptr[to]))
            to++;
    }
    struct str name = str_slice(parse->text, from, to);
    parse->at = to + quoted;
    if (!quoted && peek(parse) == '(' && str_equals(name, STR("min")))
        return parse_call(parse, OP_MIN);
    if (!quoted && peek(parse) == '(' && str_equals(name, STR("max")))
        return parse_call(parse, OP_MAX);
    for (size_t i = 0; i < parse->n_names; i++) {
        if (str_equals(name, parse->names[i]))
            return emit(parse, (struct expr_op){OP_NAME, (uint32_t)i, 0});
    }
    return unknown_name(parse, name);
}

static int parse_factor(struct parse *parse)
{
    if (++parse->depth > DEPTH_MOST)
        return wrong(parse, "too many levels");
    char c = peek(parse);
    int rc;
    if (c == '-') {
        parse->at++;
        rc = parse_factor(parse);
        if (!rc)
            rc = emit(parse, (struct expr_op){OP_NEGATE, 0, 0});
    } else if (c == '(') {
        parse->at++;
        rc = parse_sum(parse);
        if (!rc && peek(parse) != ')')
            rc = wrong(parse, "a ) is missing");
        parse->at++;
    } else if (isdigit((unsigned char)c) || c == '.') {
        rc = parse_number(parse);
    } else if (isalpha((unsigned char)c) || c == '_' || c == '`') {
        rc = parse_name(parse);
    } else {
        rc = wrong(parse, c ? "a number or a name was expected" : "the formula ends too early");
    }
    parse->depth--;
    return rc;
}

static int parse_product(struct parse *parse)
{
    int rc = parse_factor(parse);
    for (char c; !rc && ((c = peek(parse)) == '*' || c == '/');) {
        parse->at++;
        rc = parse_factor(parse);
        if (!rc)
            rc = emit(parse, (struct expr_op){c == '*' ? OP_MULTIPLY : OP_DIVIDE, 0, 0});
    }
    return rc;
}

static int parse_sum(struct parse *parse)
{
    int rc = parse_product(parse);
    for (char c; !rc && ((c = peek(parse)) == '+' || c == '-');) {
        parse->at++;
        rc = parse_product(parse);
        if (!rc)
            rc = emit(parse, (struct expr_op){c == '+' ? OP_ADD : OP_SUBTRACT, 0, 0});
    }
    return rc;
}

int expr_parse(struct arena *arena, struct str text, const char *what, const struct str *names, size_t n_names,
               struct expr *expr_out, struct err *err)
{
    struct parse parse = {.arena = arena, .text = text, .what = what, .names = names, .n_names = n_names, .err = err};
    int rc = parse_sum(&parse);
    if (rc)
        return rc;
    if (peek(&parse))
        return wrong(&parse, "an operator was expected");
    assert(parse.stack == 1);
    *expr_out = (struct expr){parse.ops.items, parse.ops.len};
    return 0;
}

static double apply(enum op op, double a, double b)
{
    switch (op) {
    case OP_ADD:
        return a + b;
    case OP_SUBTRACT:
        return a - b;
    case OP_MULTIPLY:
        return a * b;
    case OP_DIVIDE:
        return a / b;
    case OP_MIN:
        return fmin(a, b);
    default:
        return fmax(a, b);
    }
}

double expr_eval(const struct expr *expr, const double *values)
{
    double stack[STACK_MOST + 1];
    size_t top = 0;
    for (size_t i = 0; i < expr->n; i++) {
        const struct expr_op *op = &expr->ops[i];
        switch (op->op) {
        case OP_NUMBER:
            stack[top++] = op->number;
            break;
        case OP_NAME:
            stack[top++] = values[op->name];
            break;
        case OP_NEGATE:
            stack[top - 1] = -stack[top - 1];
            break;
        default:
            top--;
            stack[top - 1] = apply(op->op, stack[top - 1], stack[top]);
        }
    }
    return stack[0];
}

bool expr_uses(const struct expr *expr, size_t i)
{
    for (size_t k = 0; k < expr->n; k++) {
        if (expr->ops[k].op == OP_NAME && expr->ops[k].name == i)
            return true;
    }
    return false;
}
