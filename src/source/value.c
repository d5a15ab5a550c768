/* Constant folding.  A name's value is that of its last binding before the place where it is read; where that binding stands
 * under a condition that is not known, or the name was changed in place, the value is unknown and says why. */
#include "source/value.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { DEPTH_MOST = 60, ITEMS_MOST = 10000, TEXT_MOST = 65536, OLDER_MOST = 16, FRAMES_MOST = 6 };

/* The arguments of a call of a project's function that is being folded. */
struct frame {
    const struct module *module;
    def_id def;
    node_id call;
    const struct module *caller;
    const struct frame *caller_frame;
};

struct folder {
    const struct project *project;
    struct arena *arena;
    const struct frame *frame;
    unsigned frames;
    size_t *budget; /* nodes that may still be folded */
};

static const struct value *fold(const struct folder *f, const struct module *module, node_id node, unsigned depth);

static struct value *value_new(const struct folder *f, enum value_kind kind, const struct module *module, node_id node)
{
    struct value *value = arena_new(f->arena, struct value);
    value->kind = kind;
    value->module = module;
    value->node = node;
    return value;
}

static const struct value *unknown(const struct folder *f, const struct module *module, node_id node, const char *why)
{
    struct value *value = value_new(f, VALUE_UNKNOWN, module, node);
    value->why = why;
    return value;
}

static const struct value *unknown_likely(const struct folder *f, const struct value *likely, const char *why)
{
    struct value *value = value_new(f, VALUE_UNKNOWN, likely->module, likely->node);
    value->why = why;
    value->likely = likely->kind == VALUE_UNKNOWN ? likely->likely : likely;
    return value;
}

static const struct value *integer(const struct folder *f, const struct module *module, node_id node, int64_t number)
{
    struct value *value = value_new(f, VALUE_INT, module, node);
    value->integer = number;
    return value;
}

static const struct value *floating(const struct folder *f, const struct module *module, node_id node, double number)
{
    struct value *value = value_new(f, VALUE_FLOAT, module, node);
    value->number = number;
    return value;
}

static const struct value *boolean(const struct folder *f, const struct module *module, node_id node, bool truth)
{
    struct value *value = value_new(f, VALUE_BOOL, module, node);
    value->truth = truth;
    return value;
}

static const struct value *text(const struct folder *f, const struct module *module, node_id node, struct str bytes)
{
    struct value *value = value_new(f, VALUE_STR, module, node);
    value->text = bytes;
    return value;
}

const struct value *value_likely(const struct value *value)
{
    return value->kind == VALUE_UNKNOWN && value->likely ? value->likely : value;
}

bool value_is_number(const struct value *value)
{
    return value->kind == VALUE_INT || value->kind == VALUE_FLOAT || value->kind == VALUE_BOOL;
}

double value_number(const struct value *value)
{
    return value->kind == VALUE_INT    ? (double)value->integer
           : value->kind == VALUE_BOOL ? (double)value->truth
                                       : value->number;
}

bool value_truth(const struct value *value)
{
    switch (value->kind) {
    case VALUE_NONE:
        return false;
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_FLOAT:
        return value_number(value) != 0;
    case VALUE_STR:
        return value->text.len > 0 || value->is_path;
    case VALUE_LIST:
    case VALUE_DICT:
        return value->len > 0;
    default:
        return true;
    }
}

const struct value *value_under(const struct value *dict, struct str key)
{
    for (size_t i = dict->kind == VALUE_DICT ? dict->len : 0; i > 0; i--)
        if (dict->keys[i - 1]->kind == VALUE_STR && str_equals(dict->keys[i - 1]->text, key))
            return dict->items[i - 1];
    return NULL;
}

/* ---- literals */

enum { DIGITS_MOST = 80 };

/* A number's text without its underscores, with a NUL behind it; how long it is. */
static size_t copy_digits(const struct module *module, node_id node, char digits[DIGITS_MOST])
{
    size_t len = 0;
    struct str source = tree_text(&module->tree, node);
    for (size_t i = 0; i < source.len && len < DIGITS_MOST - 1; i++)
        if (source.ptr[i] != '_')
            digits[len++] = source.ptr[i];
    digits[len] = '\0';
    return len;
}

static const struct value *fold_integer(const struct folder *f, const struct module *module, node_id node)
{
    char digits[DIGITS_MOST];
    size_t len = copy_digits(module, node, digits);
    int base = len > 2 && digits[0] == '0' && (digits[1] | 32) == 'b'   ? 2
               : len > 2 && digits[0] == '0' && (digits[1] | 32) == 'o' ? 8
                                                                        : 0;
    char *end;
    long long number = strtoll(base == 2 || base == 8 ? digits + 2 : digits, &end,
                               base                                   ? base
                               : digits[1] == 'x' || digits[1] == 'X' ? 16
                                                                      : 10);
    return *end ? unknown(f, module, node, "a number beyond 64 bits") : integer(f, module, node, number);
}

static const struct value *fold_float(const struct folder *f, const struct module *module, node_id node)
{
    char digits[DIGITS_MOST];
    copy_digits(module, node, digits);
    return floating(f, module, node, strtod(digits, NULL));
}

static void add_escaped(struct buf *out, struct str raw)
{
    static const char from[] = "nt\\'\"r0", to[] = "\n\t\\'\"\r\0";
    for (size_t i = 0; i < raw.len; i++) {
        const char *known = raw.ptr[i] == '\\' && i + 1 < raw.len ? strchr(from, raw.ptr[i + 1]) : NULL;
        if (known && *known) {
            buf_add_char(out, to[known - from]);
            i++;
        } else if (raw.ptr[i] == '\\' && i + 1 < raw.len && raw.ptr[i + 1] == '\n') {
            i++;
        } else {
            buf_add_char(out, raw.ptr[i]);
        }
    }
}

static void add_value(struct buf *out, const struct value *value)
{
    switch (value->kind) {
    case VALUE_STR:
        buf_add(out, value->text);
        break;
    case VALUE_INT:
        buf_addf(out, "%" PRId64, value->integer);
        break;
    case VALUE_BOOL:
        buf_add(out, value->truth ? STR("True") : STR("False"));
        break;
    case VALUE_NONE:
        buf_add(out, STR("None"));
        break;
    case VALUE_FLOAT:
        if (value->number == floor(value->number) && fabs(value->number) < 1e15)
            buf_addf(out, "%.1f", value->number);
        else
            buf_addf(out, "%.15g", value->number);
        break;
    default:
        break;
    }
}

static bool is_scalar(const struct value *value)
{
    return value->kind == VALUE_STR || value->kind == VALUE_INT || value->kind == VALUE_BOOL ||
           value->kind == VALUE_NONE || value->kind == VALUE_FLOAT;
}

/* One string literal; parts of an f-string are folded.  Returns why it is unknown, NULL when all is known. */
static const char *add_string(const struct folder *f, const struct module *module, node_id node, struct buf *out,
                              bool *guessed_out, unsigned depth)
{
    const struct tree *tree = &module->tree;
    const char *why = NULL;
    bool raw = false;
    for (node_id child = tree->nodes[node].child; child; child = tree->nodes[child].next) {
        enum kind kind = tree_kind(tree, child);
        struct str part = tree_text(tree, child);
        if (kind == KIND_STRING_START) {
            struct str prefix = str_slice(part, 0, part.len > 3 ? 3 : part.len);
            raw = str_contains(prefix, STR("r")) || str_contains(prefix, STR("R"));
        } else if (kind == KIND_STRING_CONTENT) {
            if (raw)
                buf_add(out, part);
            else
                add_escaped(out, part);
        } else if (kind == KIND_INTERPOLATION) {
            const struct value *value = fold(f, module, tree_field(tree, child, FIELD_EXPRESSION), depth);
            bool plain = !tree_field(tree, child, FIELD_NONE) || 1;
            for (node_id detail = tree->nodes[child].child; detail; detail = tree->nodes[detail].next)
                plain = plain && tree_kind(tree, detail) != KIND_FORMAT_SPECIFIER &&
                        tree_kind(tree, detail) != KIND_TYPE_CONVERSION;
            const struct value *likely = value_likely(value);
            if (value->kind == VALUE_UNKNOWN)
                why = value->why;
            else if (!is_scalar(value) || !plain)
                why = "a formatted part of a string";
            if (is_scalar(likely) && plain)
                add_value(out, likely);
            else
                *guessed_out = true;
        }
    }
    return why;
}

static const struct value *fold_string(const struct folder *f, const struct module *module, node_id node,
                                       unsigned depth)
{
    const struct tree *tree = &module->tree;
    struct buf out = {0};
    const char *why = NULL;
    bool guessed = false;
    if (tree_kind(tree, node) == KIND_STRING) {
        why = add_string(f, module, node, &out, &guessed, depth);
    } else {
        for (node_id child = tree->nodes[node].child; child; child = tree->nodes[child].next) {
            const char *part = tree_kind(tree, child) == KIND_STRING
                                   ? add_string(f, module, child, &out, &guessed, depth)
                                   : NULL;
            why = part ? part : why;
        }
    }
    const struct value *value = out.len > TEXT_MOST ? unknown(f, module, node, "a very long string")
                                                    : text(f, module, node, arena_copy(f->arena, buf_str(&out)));
    buf_release(&out);
    if (why)
        return guessed ? unknown(f, module, node, why) : unknown_likely(f, value, why);
    return value;
}

bool value_string(struct arena *arena, const struct module *module, node_id node, struct str *text_out)
{
    size_t budget = 1000;
    struct folder f = {.arena = arena, .budget = &budget};
    node = tree_unwrap(&module->tree, node);
    if (tree_kind(&module->tree, node) != KIND_STRING && tree_kind(&module->tree, node) != KIND_CONCATENATED_STRING)
        return false;
    for (node_id id = node; id < module->tree.nodes[node].past; id++)
        if (tree_kind(&module->tree, id) == KIND_INTERPOLATION)
            return false;
    const struct value *value = fold_string(&f, module, node, 4);
    if (value->kind != VALUE_STR)
        return false;
    *text_out = value->text;
    return true;
}

/* ---- collections */

struct items {
    array_of(const struct value *) values, keys;
    const char *why;
};

static void add_all(const struct folder *f, struct items *items, const struct value *from, bool pairs)
{
    for (size_t i = 0; i < from->len && items->values.len < ITEMS_MOST; i++) {
        *array_push(f->arena, &items->values) = from->items[i];
        if (pairs)
            *array_push(f->arena, &items->keys) = from->keys[i];
    }
}

static const struct value *collection(const struct folder *f, enum value_kind kind, const struct module *module,
                                      node_id node, const struct items *items)
{
    if (items->why)
        return unknown(f, module, node, items->why);
    struct value *value = value_new(f, kind, module, node);
    value->items = items->values.items;
    value->keys = items->keys.items;
    value->len = items->values.len;
    value->is_tuple = node && (tree_kind(&module->tree, node) == KIND_TUPLE ||
                               tree_kind(&module->tree, node) == KIND_EXPRESSION_LIST);
    return value;
}

static const struct value *fold_list(const struct folder *f, const struct module *module, node_id node, unsigned depth)
{
    const struct tree *tree = &module->tree;
    struct items items = {0};
    for (node_id child = tree->nodes[node].child; child && items.values.len < ITEMS_MOST;
         child = tree->nodes[child].next) {
        if (tree_kind(tree, child) != KIND_LIST_SPLAT) {
            *array_push(f->arena, &items.values) = fold(f, module, child, depth);
            continue;
        }
        const struct value *inner = fold(f, module, tree->nodes[child].child, depth);
        if (inner->kind == VALUE_LIST)
            add_all(f, &items, inner, false);
        else
            items.why = inner->kind == VALUE_UNKNOWN ? inner->why : "a * of something that is no list";
    }
    return collection(f, VALUE_LIST, module, node, &items);
}

static const struct value *fold_dict(const struct folder *f, const struct module *module, node_id node, unsigned depth)
{
    const struct tree *tree = &module->tree;
    struct items items = {0};
    for (node_id child = tree->nodes[node].child; child && items.values.len < ITEMS_MOST;
         child = tree->nodes[child].next) {
        if (tree_kind(tree, child) == KIND_PAIR) {
            *array_push(f->arena, &items.keys) = fold(f, module, tree_field(tree, child, FIELD_KEY), depth);
            *array_push(f->arena, &items.values) = fold(f, module, tree_field(tree, child, FIELD_VALUE), depth);
        } else if (tree_kind(tree, child) == KIND_DICT_SPLAT) {
            const struct value *inner = fold(f, module, tree->nodes[child].child, depth);
            if (inner->kind == VALUE_DICT)
                add_all(f, &items, inner, true);
            else
                items.why = inner->kind == VALUE_UNKNOWN ? inner->why : "a ** of something that is no dict";
        }
    }
    return collection(f, VALUE_DICT, module, node, &items);
}

/* dict(a=1, **more) */
static const struct value *fold_dict_call(const struct folder *f, const struct module *module, node_id call,
                                          unsigned depth)
{
    const struct tree *tree = &module->tree;
    struct items items = {0};
    node_id list = tree_field(tree, call, FIELD_ARGUMENTS);
    for (node_id child = tree->nodes[list].child; child && items.values.len < ITEMS_MOST;
         child = tree->nodes[child].next) {
        if (tree_kind(tree, child) == KIND_KEYWORD_ARGUMENT) {
            node_id name = tree_field(tree, child, FIELD_NAME);
            *array_push(f->arena, &items.keys) = text(f, module, name, tree_text(tree, name));
            *array_push(f->arena, &items.values) = fold(f, module, tree_field(tree, child, FIELD_VALUE), depth);
            continue;
        }
        const struct value *inner = fold(
            f, module, tree_kind(tree, child) == KIND_DICT_SPLAT ? tree->nodes[child].child : child, depth);
        if (inner->kind == VALUE_DICT)
            add_all(f, &items, inner, true);
        else
            items.why = inner->kind == VALUE_UNKNOWN ? inner->why : "dict() of something that is no dict";
    }
    return collection(f, VALUE_DICT, module, call, &items);
}

/* ---- operators */

static const struct value *join_path(const struct folder *f, const struct module *module, node_id node, struct str a,
                                     struct str b)
{
    struct value *value = value_new(f, VALUE_STR, module, node);
    value->is_path = true;
    bool slash = str_ends_with(a, STR("/")) || !a.len;
    value->text = str_starts_with(b, STR("/"))
                      ? b
                      : arena_printf(f->arena, "%.*s%s%.*s", STR_ARG(a), slash ? "" : "/", STR_ARG(b));
    return value;
}

static const struct value *concatenate(const struct folder *f, const struct module *module, node_id node,
                                       const struct value *a, const struct value *b)
{
    struct items items = {0};
    add_all(f, &items, a, a->kind == VALUE_DICT);
    add_all(f, &items, b, a->kind == VALUE_DICT);
    return collection(f, a->kind, module, node, &items);
}

static const struct value *integer_result(const struct folder *f, const struct module *module, node_id node,
                                          struct str op, int64_t a, int64_t b)
{
    int64_t result = 0;
    bool overflow = false;
    if (str_equals(op, STR("+")))
        overflow = __builtin_add_overflow(a, b, &result);
    else if (str_equals(op, STR("-")))
        overflow = __builtin_sub_overflow(a, b, &result);
    else if (str_equals(op, STR("*")))
        overflow = __builtin_mul_overflow(a, b, &result);
    else if (str_equals(op, STR("<<")) && b >= 0 && b < 62 && a >= 0 && a < ((int64_t)1 << (62 - b)))
        result = a << b;
    else if (str_equals(op, STR("|")))
        result = a | b;
    else if (str_equals(op, STR("//")) && b && !(a == INT64_MIN && b == -1))
        result = a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
    else if (str_equals(op, STR("%")) && b && !(a == INT64_MIN && b == -1))
        result = a % b + ((a % b != 0 && ((a < 0) != (b < 0))) ? b : 0);
    else if (str_equals(op, STR("**")) && b >= 0 && pow((double)a, (double)b) < 9e15 &&
             pow((double)a, (double)b) > -9e15)
        result = (int64_t)llround(pow((double)a, (double)b));
    else if (str_equals(op, STR("/")) && b)
        return floating(f, module, node, (double)a / (double)b);
    else
        return unknown(f, module, node, "arithmetic that has no 64-bit result");
    return overflow ? unknown(f, module, node, "arithmetic that has no 64-bit result")
                    : integer(f, module, node, result);
}

static const struct value *float_result(const struct folder *f, const struct module *module, node_id node,
                                        struct str op, double a, double b)
{
    if (str_equals(op, STR("+")))
        return floating(f, module, node, a + b);
    if (str_equals(op, STR("-")))
        return floating(f, module, node, a - b);
    if (str_equals(op, STR("*")))
        return floating(f, module, node, a * b);
    if (str_equals(op, STR("/")) && b != 0)
        return floating(f, module, node, a / b);
    if (str_equals(op, STR("//")) && b != 0)
        return floating(f, module, node, floor(a / b));
    if (str_equals(op, STR("**")))
        return floating(f, module, node, pow(a, b));
    return unknown(f, module, node, "arithmetic that is not folded");
}

static const struct value *operate(const struct folder *f, const struct module *module, node_id node, struct str op,
                                   const struct value *a, const struct value *b)
{
    if (a->kind == VALUE_UNKNOWN)
        return unknown(f, module, node, a->why);
    if (b->kind == VALUE_UNKNOWN)
        return unknown(f, module, node, b->why);
    if (value_is_number(a) && value_is_number(b)) {
        if (a->kind == VALUE_FLOAT || b->kind == VALUE_FLOAT)
            return float_result(f, module, node, op, value_number(a), value_number(b));
        return integer_result(f, module, node, op, (int64_t)value_number(a),
                              b->kind == VALUE_INT ? b->integer : b->truth);
    }
    if (a->kind == VALUE_STR && b->kind == VALUE_STR && str_equals(op, STR("/")) && (a->is_path || b->is_path))
        return join_path(f, module, node, a->text, b->text);
    if (a->kind == VALUE_STR && b->kind == VALUE_STR && str_equals(op, STR("+")) &&
        a->text.len + b->text.len < TEXT_MOST)
        return text(f, module, node, arena_printf(f->arena, "%.*s%.*s", STR_ARG(a->text), STR_ARG(b->text)));
    if (a->kind == b->kind &&
        ((a->kind == VALUE_LIST && str_equals(op, STR("+"))) || (a->kind == VALUE_DICT && str_equals(op, STR("|")))))
        return concatenate(f, module, node, a, b);
    return unknown(f, module, node, "an operator that is not folded");
}

static const struct value *fold_binary(const struct folder *f, const struct module *module, node_id node,
                                       unsigned depth)
{
    const struct tree *tree = &module->tree;
    struct str op = tree_text(tree, tree_field(tree, node, FIELD_OPERATOR));
    const struct value *a = fold(f, module, tree_field(tree, node, FIELD_LEFT), depth);
    const struct value *b = fold(f, module, tree_field(tree, node, FIELD_RIGHT), depth);
    const struct value *value = operate(f, module, node, op, a, b);
    if (value->kind != VALUE_UNKNOWN ||
        (value_likely(a)->kind == VALUE_UNKNOWN || value_likely(b)->kind == VALUE_UNKNOWN))
        return value;
    const struct value *likely = operate(f, module, node, op, value_likely(a), value_likely(b));
    return unknown_likely(f, likely, value->why);
}

static const struct value *fold_unary(const struct folder *f, const struct module *module, node_id node, unsigned depth)
{
    const struct tree *tree = &module->tree;
    const struct value *value = fold(f, module, tree_field(tree, node, FIELD_ARGUMENT), depth);
    struct str op = tree_text(tree, tree_field(tree, node, FIELD_OPERATOR));
    if (value->kind == VALUE_INT && str_equals(op, STR("-")) && value->integer != INT64_MIN)
        return integer(f, module, node, -value->integer);
    if (value->kind == VALUE_FLOAT && str_equals(op, STR("-")))
        return floating(f, module, node, -value->number);
    if (value_is_number(value) && str_equals(op, STR("+")))
        return value;
    return value->kind == VALUE_UNKNOWN ? value : unknown(f, module, node, "an operator that is not folded");
}

/* Whether two known scalars are equal; -1: can't be said. */
static int values_equal(const struct value *a, const struct value *b)
{
    if (value_is_number(a) && value_is_number(b))
        return value_number(a) == value_number(b);
    if (a->kind == VALUE_STR && b->kind == VALUE_STR)
        return str_equals(a->text, b->text);
    if (is_scalar(a) && is_scalar(b))
        return a->kind == b->kind && a->kind == VALUE_NONE;
    return -1;
}

static const struct value *compare(const struct folder *f, const struct module *module, node_id node, struct str op,
                                   const struct value *a, const struct value *b)
{
    int equal = values_equal(a, b);
    if ((str_equals(op, STR("==")) || str_equals(op, STR("is"))) && equal >= 0)
        return boolean(f, module, node, equal);
    if ((str_equals(op, STR("!=")) || str_equals(op, STR("is not"))) && equal >= 0)
        return boolean(f, module, node, !equal);
    if (value_is_number(a) && value_is_number(b)) {
        double x = value_number(a), y = value_number(b);
        if (str_equals(op, STR("<")) || str_equals(op, STR("<=")))
            return boolean(f, module, node, x < y || (op.len == 2 && x == y));
        if (str_equals(op, STR(">")) || str_equals(op, STR(">=")))
            return boolean(f, module, node, x > y || (op.len == 2 && x == y));
    }
    bool negated = str_equals(op, STR("not in"));
    if ((negated || str_equals(op, STR("in"))) && a->kind == VALUE_STR && b->kind == VALUE_STR)
        return boolean(f, module, node, str_contains(b->text, a->text) != negated);
    if ((negated || str_equals(op, STR("in"))) && (b->kind == VALUE_LIST || b->kind == VALUE_DICT)) {
        bool found = false;
        for (size_t i = 0; i < b->len; i++) {
            int same = values_equal(a, b->kind == VALUE_DICT ? b->keys[i] : b->items[i]);
            if (same < 0)
                return unknown(f, module, node, "a comparison that is not folded");
            found = found || same;
        }
        return boolean(f, module, node, found != negated);
    }
    return unknown(f, module, node, "a comparison that is not folded");
}

static const struct value *fold_comparison(const struct folder *f, const struct module *module, node_id node,
                                           unsigned depth)
{
    const struct tree *tree = &module->tree;
    node_id left = tree->nodes[node].child, op = left ? tree->nodes[left].next : 0,
            right = op ? tree->nodes[op].next : 0;
    if (!right || tree->nodes[right].next)
        return unknown(f, module, node, "a chained comparison");
    const struct value *a = fold(f, module, left, depth), *b = fold(f, module, right, depth);
    if (a->kind == VALUE_UNKNOWN)
        return a;
    return b->kind == VALUE_UNKNOWN ? b : compare(f, module, node, tree_text(tree, op), a, b);
}

static const struct value *fold_boolean(const struct folder *f, const struct module *module, node_id node,
                                        unsigned depth)
{
    const struct tree *tree = &module->tree;
    bool is_or = str_equals(tree_text(tree, tree_field(tree, node, FIELD_OPERATOR)), STR("or"));
    const struct value *left = fold(f, module, tree_field(tree, node, FIELD_LEFT), depth);
    if (left->kind == VALUE_UNKNOWN) {
        const struct value *right = fold(f, module, tree_field(tree, node, FIELD_RIGHT), depth);
        return is_or && value_likely(left)->kind == VALUE_UNKNOWN ? unknown_likely(f, right, left->why) : left;
    }
    return value_truth(left) == is_or ? left : fold(f, module, tree_field(tree, node, FIELD_RIGHT), depth);
}

static const struct value *fold_conditional(const struct folder *f, const struct module *module, node_id node,
                                            unsigned depth)
{
    const struct tree *tree = &module->tree;
    node_id then = tree->nodes[node].child, condition = tree->nodes[then].next,
            other = condition ? tree->nodes[condition].next : 0;
    const struct value *test = fold(f, module, condition, depth);
    if (test->kind == VALUE_UNKNOWN) {
        const struct value *a = fold(f, module, then, depth), *b = fold(f, module, other, depth);
        if (a->kind != VALUE_UNKNOWN && b->kind != VALUE_UNKNOWN && values_equal(a, b) == 1)
            return a;
        return unknown_likely(f, a, test->why);
    }
    return fold(f, module, value_truth(test) ? then : other, depth);
}

/* ---- names */

enum reached { REACHED_NO, REACHED_YES, REACHED_UNKNOWN };

/* Whether the flow of the scope's body surely comes by the node. */
static enum reached reaches(const struct folder *f, const struct module *module, node_id node, node_id seen_from,
                            unsigned depth, const char **why_out)
{
    const struct tree *tree = &module->tree;
    for (node_id id = node; id; id = tree->nodes[id].parent) {
        node_id parent = tree->nodes[id].parent;
        enum kind kind = tree_kind(tree, parent);
        if (kind == KIND_FUNCTION || kind == KIND_CLASS || !parent)
            return REACHED_YES;
        if (tree_within(tree, seen_from, parent))
            continue;
        uint8_t field = tree->nodes[id].field;
        if (kind == KIND_IF || kind == KIND_ELIF) {
            if (field != FIELD_CONSEQUENCE && field != FIELD_ALTERNATIVE)
                continue;
            const struct value *test = fold(f, module, tree_field(tree, parent, FIELD_CONDITION), depth);
            if (test->kind == VALUE_UNKNOWN) {
                *why_out = test->why;
                return REACHED_UNKNOWN;
            }
            if (field == FIELD_CONSEQUENCE && !value_truth(test))
                return REACHED_NO;
            if (field == FIELD_ALTERNATIVE && value_truth(test))
                return REACHED_NO;
            if (kind == KIND_IF)
                continue;
        } else if (kind == KIND_FOR || kind == KIND_WHILE || kind == KIND_EXCEPT || kind == KIND_CASE) {
            *why_out = "set in a loop or an except clause";
            return REACHED_UNKNOWN;
        } else if (kind == KIND_TRY && field == FIELD_BODY) {
            *why_out = "set in a try block";
            return REACHED_UNKNOWN;
        }
    }
    return REACHED_YES;
}

/* elif clauses are children of the if: those before this one must have failed. */
static enum reached earlier_clauses_fail(const struct folder *f, const struct module *module, node_id node,
                                         node_id seen_from, unsigned depth, const char **why_out)
{
    const struct tree *tree = &module->tree;
    for (node_id id = node; id; id = tree->nodes[id].parent) {
        node_id parent = tree->nodes[id].parent;
        if (tree_kind(tree, parent) != KIND_IF || tree->nodes[id].field != FIELD_ALTERNATIVE ||
            tree_within(tree, seen_from, parent))
            continue;
        for (node_id clause = tree->nodes[parent].child; clause && clause != id; clause = tree->nodes[clause].next) {
            if (tree_kind(tree, clause) != KIND_ELIF)
                continue;
            const struct value *test = fold(f, module, tree_field(tree, clause, FIELD_CONDITION), depth);
            if (test->kind == VALUE_UNKNOWN) {
                *why_out = test->why;
                return REACHED_UNKNOWN;
            }
            if (value_truth(test))
                return REACHED_NO;
        }
    }
    return REACHED_YES;
}

static const struct value *fold_unpacked(const struct folder *f, const struct module *module,
                                         const struct binding *binding, unsigned depth)
{
    const struct tree *tree = &module->tree;
    const struct value *whole = fold(f, module, binding->value, depth);
    node_id pattern = tree->nodes[binding->node].parent;
    size_t position = 0;
    if (whole->kind == VALUE_UNKNOWN)
        return whole;
    for (node_id child = tree->nodes[pattern].child; child && child != binding->node; child = tree->nodes[child].next)
        position++;
    enum kind kind = tree_kind(tree, pattern);
    bool flat = kind == KIND_PATTERN_LIST || kind == KIND_TUPLE_PATTERN || kind == KIND_LIST_PATTERN;
    return flat && whole->kind == VALUE_LIST && position < whole->len
               ? whole->items[position]
               : unknown(f, module, binding->node, "one of several names set together");
}

static const struct value *fold_import(const struct folder *f, const struct module *module,
                                       const struct binding *binding, unsigned depth)
{
    const struct import *import = &module->imports.items[binding->import];
    const struct module *target = import->member.len ? import->target : NULL;
    if (target) {
        uint32_t number = module_binding(target, 0, import->member);
        if (number != NO_BINDING) {
            const struct folder outside = {f->project, f->arena, NULL, f->frames, f->budget};
            node_id end = target->tree.len ? target->tree.len - 1 : 0;
            (void)end;
            const struct binding *there = &target->bindings.items[number];
            if (there->kind == BIND_VALUE) {
                const char *why = NULL;
                enum reached reached = reaches(&outside, target, there->node, 0, depth, &why);
                const struct value *value = fold(&outside, target, there->value, depth);
                return reached == REACHED_YES ? value : unknown_likely(f, value, why ? why : "set under a condition");
            }
            if (there->kind == BIND_CHANGED)
                return unknown(f, module, binding->node, "changed in place where it is defined");
            if (there->kind == BIND_IMPORT && depth)
                return fold_import(&outside, target, there, depth - 1);
        }
    }
    struct value *value = value_new(f, VALUE_OBJECT, module, binding->node);
    value->ref = binding->ref ? *binding->ref : (struct ref){0};
    return value;
}

static const struct value *fold_parameter(const struct folder *f, const struct module *module,
                                          const struct binding *binding, unsigned depth)
{
    const struct tree *tree = &module->tree;
    const struct frame *frame = f->frame;
    if (!frame || frame->module != module || frame->def != binding->scope) {
        const struct value *fallback = binding->value ? fold(f, module, binding->value, depth) : NULL;
        return fallback ? unknown_likely(f, fallback, "a parameter") : unknown(f, module, binding->node, "a parameter");
    }
    const struct folder caller = {f->project, f->arena, frame->caller_frame, f->frames, f->budget};
    node_id given = call_keyword(&frame->caller->tree, frame->call, binding->name);
    uint32_t position = 0;
    node_id list = tree_field(tree, module_def(module, binding->scope)->node, FIELD_PARAMETERS);
    for (node_id child = tree->nodes[list].child; child && !tree_within(tree, binding->node, child);
         child = tree->nodes[child].next)
        position++;
    if (!given)
        given = call_argument(&frame->caller->tree, frame->call, position);
    if (given)
        return fold(&caller, frame->caller, given, depth);
    return binding->value && !call_has_splat(&frame->caller->tree, frame->call)
               ? fold(f, module, binding->value, depth)
               : unknown(f, module, binding->node, "a parameter");
}

static const struct value *fold_one_binding(const struct folder *f, const struct module *module,
                                            const struct binding *binding, unsigned depth)
{
    struct value *value;
    switch ((enum binding_kind)binding->kind) {
    case BIND_VALUE:
        return fold(f, module, binding->value, depth);
    case BIND_UNPACK:
        return fold_unpacked(f, module, binding, depth);
    case BIND_IMPORT:
        return fold_import(f, module, binding, depth);
    case BIND_PARAMETER:
        return fold_parameter(f, module, binding, depth);
    case BIND_DEF:
        value = value_new(f, VALUE_OBJECT, module, binding->node);
        value->ref = (struct ref){.kind = REF_DEF, .module = module, .def = binding->def};
        return value;
    case BIND_WITH:
        value = value_new(f, VALUE_OBJECT, module, binding->node);
        value->ref = binding->ref ? *binding->ref : (struct ref){0};
        return value;
    case BIND_LOOP:
        return unknown(f, module, binding->node, "set by a loop");
    case BIND_CHANGED:
        return unknown(f, module, binding->node, "changed in place");
    }
    return unknown(f, module, binding->node, "not folded");
}

/* The newest binding that is surely reached decides; one that may be reached makes the value unknown, likely its own. */
static const struct value *fold_binding(const struct folder *f, const struct module *module, uint32_t number,
                                        node_id seen_from, unsigned depth)
{
    for (unsigned n = 0; number != NO_BINDING && n < OLDER_MOST; n++) {
        const struct binding *binding = &module->bindings.items[number];
        const char *why = NULL;
        enum reached reached = reaches(f, module, binding->node, seen_from, depth, &why);
        if (reached == REACHED_YES)
            reached = earlier_clauses_fail(f, module, binding->node, seen_from, depth, &why);
        if (reached == REACHED_NO) {
            number = binding->older;
            continue;
        }
        const struct value *value = fold_one_binding(f, module, binding, depth);
        return reached == REACHED_YES ? value : unknown_likely(f, value, why ? why : "set under a condition");
    }
    return unknown(f, module, seen_from, "not set where it could be read");
}

static const struct value *fold_name(const struct folder *f, const struct module *module, node_id node, unsigned depth)
{
    uint32_t number = module_lookup(module, node);
    struct str name = tree_text(&module->tree, node);
    if (number != NO_BINDING)
        return fold_binding(f, module, number, node, depth);
    struct value *value = value_new(f, VALUE_OBJECT, module, node);
    value->ref = (struct ref){.kind = REF_PATH, .path = name};
    return value;
}

/* Config.GPU, config.gpu of a class of constants. */
static const struct value *fold_member(const struct folder *f, struct ref owner, const struct module *module,
                                       node_id node, struct str name, unsigned depth)
{
    if (owner.kind == REF_MODULE) {
        uint32_t number = module_binding(owner.module, 0, name);
        const struct folder outside = {f->project, f->arena, NULL, f->frames, f->budget};
        return number == NO_BINDING ? unknown(f, module, node, "not found in the file it is read from")
                                    : fold_binding(&outside, owner.module, number, 0, depth);
    }
    uint32_t number = module_binding(owner.module, owner.def, name);
    if (number == NO_BINDING || owner.module->bindings.items[number].kind != BIND_VALUE)
        return unknown(f, module, node, "an attribute of an object");
    return fold_binding(f, owner.module, number, 0, depth);
}

static const struct value *fold_attribute(const struct folder *f, const struct module *module, node_id node,
                                          unsigned depth)
{
    const struct tree *tree = &module->tree;
    struct ref object = resolve(f->project, f->arena, module, tree_field(tree, node, FIELD_OBJECT));
    struct str name = tree_text(tree, tree_field(tree, node, FIELD_ATTRIBUTE));
    if (object.kind == REF_MODULE ||
        (object.kind == REF_DEF && module_def(object.module, object.def)->kind == DEF_CLASS && !object.instance))
        return fold_member(f, object, module, node, name, depth);
    if (object.kind == REF_DEF && object.instance) {
        uint32_t attribute = module_attribute(object.module, object.def, name);
        if (attribute != NO_BINDING && object.module->bindings.items[attribute].kind == BIND_VALUE) {
            const struct value *value = fold(f, object.module, object.module->bindings.items[attribute].value, depth);
            return value->kind == VALUE_UNKNOWN || value->kind == VALUE_OBJECT
                       ? value
                       : unknown_likely(f, value, "an attribute of an object");
        }
        const struct value *value = fold_member(f, object, module, node, name, depth);
        return value->kind == VALUE_UNKNOWN ? value : unknown_likely(f, value, "an attribute of an object");
    }
    if (object.kind == REF_PATH && str_equals(object.path, STR("os.environ")))
        return unknown(f, module, node, "an environment variable");
    struct value *value = value_new(f, VALUE_OBJECT, module, node);
    value->ref = resolve(f->project, f->arena, module, node);
    if (value->ref.kind == REF_UNKNOWN)
        return unknown(f, module, node, "an attribute of something unknown");
    return value;
}

static const struct value *fold_subscript(const struct folder *f, const struct module *module, node_id node,
                                          unsigned depth)
{
    const struct tree *tree = &module->tree;
    const struct value *object = fold(f, module, tree_field(tree, node, FIELD_VALUE), depth);
    const struct value *index = fold(f, module, tree_field(tree, node, FIELD_SUBSCRIPT), depth);
    if (object->kind == VALUE_OBJECT && object->ref.kind == REF_PATH && str_equals(object->ref.path, STR("os.environ")))
        return unknown(f, module, node, "an environment variable");
    if (object->kind == VALUE_UNKNOWN)
        return unknown(f, module, node, object->why);
    if (index->kind == VALUE_UNKNOWN)
        return unknown(f, module, node, index->why);
    if (object->kind == VALUE_LIST && index->kind == VALUE_INT) {
        int64_t at = index->integer < 0 ? index->integer + (int64_t)object->len : index->integer;
        if (at >= 0 && at < (int64_t)object->len)
            return object->items[at];
    }
    if (object->kind == VALUE_DICT)
        for (size_t i = object->len; i > 0; i--)
            if (values_equal(object->keys[i - 1], index) == 1)
                return object->items[i - 1];
    return unknown(f, module, node, "an element that is not folded");
}

/* ---- calls */

static const struct value *fold_environment(const struct folder *f, const struct module *module, node_id call,
                                            unsigned depth)
{
    const struct tree *tree = &module->tree;
    node_id name = call_argument(tree, call, 0), fallback = call_argument(tree, call, 1);
    struct str variable = name ? tree_text(tree, name) : STR("?");
    if (!fallback)
        fallback = call_keyword(tree, call, STR("default"));
    const char *why = arena_cstr(f->arena, arena_printf(f->arena, "the environment variable %.*s", STR_ARG(variable)));
    return fallback ? unknown_likely(f, fold(f, module, fallback, depth), why) : unknown(f, module, call, why);
}

static const struct value *convert(const struct folder *f, const struct module *module, node_id call, struct str to,
                                   const struct value *value)
{
    int64_t whole;
    double number;
    struct buf out = {0};
    if (str_equals(to, STR("int")) && value_is_number(value) && fabs(value_number(value)) < 9e15)
        return integer(f, module, call, value->kind == VALUE_INT ? value->integer : (int64_t)value_number(value));
    if (str_equals(to, STR("int")) && value->kind == VALUE_STR && str_to_i64(str_trim(value->text), &whole))
        return integer(f, module, call, whole);
    if (str_equals(to, STR("float")) && value_is_number(value))
        return floating(f, module, call, value_number(value));
    if (str_equals(to, STR("float")) && value->kind == VALUE_STR && str_to_f64(str_trim(value->text), &number))
        return floating(f, module, call, number);
    if (str_equals(to, STR("bool")) && value->kind != VALUE_OBJECT)
        return boolean(f, module, call, value_truth(value));
    if (str_equals(to, STR("len")) && (value->kind == VALUE_LIST || value->kind == VALUE_DICT))
        return integer(f, module, call, (int64_t)value->len);
    if ((str_equals(to, STR("list")) || str_equals(to, STR("tuple"))) && value->kind == VALUE_LIST) {
        struct value *copy = value_new(f, VALUE_LIST, module, call);
        *copy = *value;
        copy->is_tuple = str_equals(to, STR("tuple"));
        return copy;
    }
    if (str_equals(to, STR("str")) && is_scalar(value)) {
        add_value(&out, value);
        const struct value *result = text(f, module, call, arena_copy(f->arena, buf_str(&out)));
        buf_release(&out);
        return result;
    }
    if ((str_equals(to, STR("round")) || str_equals(to, STR("math.ceil")) || str_equals(to, STR("math.floor"))) &&
        value_is_number(value) && fabs(value_number(value)) < 9e15 && !call_argument(&module->tree, call, 1)) {
        double x = value_number(value);
        return integer(f, module, call,
                       (int64_t)(to.len == 5                        ? nearbyint(x)
                                 : str_equals(to, STR("math.ceil")) ? ceil(x)
                                                                    : floor(x)));
    }
    if (str_equals(to, STR("abs")) && value->kind == VALUE_INT && value->integer != INT64_MIN)
        return integer(f, module, call, value->integer < 0 ? -value->integer : value->integer);
    return unknown(f, module, call, "a call that is not folded");
}

static const struct value *fold_extreme(const struct folder *f, const struct module *module, node_id call, bool most,
                                        unsigned depth)
{
    const struct value *best = NULL;
    node_id argument;
    for (uint32_t i = 0; i < 100 && (argument = call_argument(&module->tree, call, i)); i++) {
        const struct value *value = fold(f, module, argument, depth);
        if (!value_is_number(value))
            return value->kind == VALUE_UNKNOWN ? value : unknown(f, module, call, "a call that is not folded");
        if (!best || (most ? value_number(value) > value_number(best) : value_number(value) < value_number(best)))
            best = value;
    }
    return best ? best : unknown(f, module, call, "a call that is not folded");
}

static const struct value *fold_path_call(const struct folder *f, const struct module *module, node_id call,
                                          unsigned depth)
{
    const struct value *path = NULL;
    node_id argument;
    for (uint32_t i = 0; i < 20 && (argument = call_argument(&module->tree, call, i)); i++) {
        const struct value *part = fold(f, module, argument, depth);
        if (part->kind != VALUE_STR)
            return part->kind == VALUE_UNKNOWN ? part : unknown(f, module, call, "a path that is not folded");
        path = path ? join_path(f, module, call, path->text, part->text) : part;
    }
    if (!path)
        return unknown(f, module, call, "a path that is not folded");
    struct value *value = value_new(f, VALUE_STR, module, call);
    value->text = path->text;
    value->is_path = true;
    return value;
}

static struct str change_case(struct arena *arena, struct str from, bool upper)
{
    char *bytes = arena_alloc(arena, from.len + 1);
    for (size_t i = 0; i < from.len; i++) {
        char c = from.ptr[i];
        bytes[i] = upper && c >= 'a' && c <= 'z' ? (char)(c - 32) : !upper && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return str_from(bytes, from.len);
}

/* Methods of strings and dicts. */
static const struct value *fold_method(const struct folder *f, const struct module *module, node_id call,
                                       const struct value *object, struct str method, unsigned depth)
{
    const struct tree *tree = &module->tree;
    node_id first = call_argument(tree, call, 0), second = call_argument(tree, call, 1);
    if (object->kind == VALUE_DICT && str_equals(method, STR("get")) && first) {
        const struct value *key = fold(f, module, first, depth);
        for (size_t i = object->len; i > 0 && key->kind != VALUE_UNKNOWN; i--)
            if (values_equal(object->keys[i - 1], key) == 1)
                return object->items[i - 1];
        if (key->kind == VALUE_UNKNOWN)
            return key;
        return second ? fold(f, module, second, depth) : value_new(f, VALUE_NONE, module, call);
    }
    if ((object->kind == VALUE_DICT || object->kind == VALUE_LIST) && str_equals(method, STR("copy")))
        return object;
    if (object->kind != VALUE_STR)
        return unknown(f, module, call, "a call that is not folded");
    if (str_equals(method, STR("upper")) || str_equals(method, STR("lower")))
        return text(f, module, call, change_case(f->arena, object->text, str_equals(method, STR("upper"))));
    if (str_equals(method, STR("strip")) && !first)
        return text(f, module, call, str_trim(object->text));
    if (str_equals(method, STR("as_posix")) && object->is_path)
        return text(f, module, call, object->text);
    if ((str_equals(method, STR("startswith")) || str_equals(method, STR("endswith"))) && first) {
        const struct value *part = fold(f, module, first, depth);
        if (part->kind == VALUE_STR)
            return boolean(f, module, call,
                           method.len == 10 ? str_starts_with(object->text, part->text)
                                            : str_ends_with(object->text, part->text));
    }
    return unknown(f, module, call, "a call that is not folded");
}

/* A function of the project that does nothing but return a value. */
static const struct value *fold_function(const struct folder *f, const struct module *module, node_id call,
                                         struct ref callee, unsigned depth)
{
    const struct def *def = module_def(callee.module, callee.def);
    node_id body = def->body, last = 0;
    for (node_id child = callee.module->tree.nodes[body].child; child; child = callee.module->tree.nodes[child].next)
        last = child;
    bool only_value = def->returns && last && callee.module->tree.nodes[def->returns].parent == last &&
                      !def->is_generator && !def->is_async;
    bool only_return = true;
    for (node_id id = body; only_value && id < callee.module->tree.nodes[body].past && only_return; id++)
        only_return = tree_kind(&callee.module->tree, id) != KIND_RETURN || id == last;
    if (!only_value || !only_return || f->frames >= FRAMES_MOST || callee.module->tree.nodes[body].past - body > 400)
        return unknown(f, module, call, "the result of a function");
    struct frame frame = {callee.module, callee.def, call, module, f->frame};
    struct folder inner = {f->project, f->arena, &frame, f->frames + 1, f->budget};
    const struct value *value = fold(&inner, callee.module, def->returns, depth);
    return value->kind == VALUE_OBJECT ? unknown_likely(f, value, "the result of a function") : value;
}

static const struct value *fold_object_call(const struct folder *f, const struct module *module, node_id call)
{
    struct value *value = value_new(f, VALUE_OBJECT, module, call);
    value->ref = resolve(f->project, f->arena, module, call);
    if (value->ref.kind == REF_UNKNOWN)
        return unknown(f, module, call, "the result of an unknown call");
    return value;
}

static bool is_path_class(struct str path)
{
    return str_equals(path, STR("pathlib.Path")) || str_equals(path, STR("pathlib.PurePosixPath")) ||
           str_equals(path, STR("pathlib.PosixPath")) || str_equals(path, STR("os.path.join")) ||
           str_equals(path, STR("pathlib.PurePath"));
}

static const struct value *fold_call(const struct folder *f, const struct module *module, node_id call, unsigned depth)
{
    const struct tree *tree = &module->tree;
    static const struct str conversions[] = {{"int", 3}, {"float", 5},     {"str", 3},        {"bool", 4},
                                             {"len", 3}, {"list", 4},      {"tuple", 5},      {"round", 5},
                                             {"abs", 3}, {"math.ceil", 9}, {"math.floor", 10}};
    node_id function = tree_field(tree, call, FIELD_FUNCTION);
    struct ref callee = resolve(f->project, f->arena, module, function);
    if (callee.kind == REF_DEF && module_def(callee.module, callee.def)->kind == DEF_FUNCTION)
        return fold_function(f, module, call, callee, depth);
    struct str path = callee.kind == REF_PATH ? callee.path : (struct str){0};
    if (str_equals(path, STR("os.environ.get")) || str_equals(path, STR("os.getenv")))
        return fold_environment(f, module, call, depth);
    if (str_equals(path, STR("dict")))
        return fold_dict_call(f, module, call, depth);
    if (str_equals(path, STR("max")) || str_equals(path, STR("min")))
        return fold_extreme(f, module, call, path.ptr[1] == 'a', depth);
    if (is_path_class(path))
        return fold_path_call(f, module, call, depth);
    for (size_t i = 0; i < sizeof(conversions) / sizeof(conversions[0]); i++)
        if (str_equals(path, conversions[i]) && call_argument(tree, call, 0)) {
            const struct value *value = fold(f, module, call_argument(tree, call, 0), depth);
            if (value->kind != VALUE_UNKNOWN)
                return convert(f, module, call, path, value);
            const struct value *likely = value_likely(value);
            return likely->kind == VALUE_UNKNOWN
                       ? value
                       : unknown_likely(f, convert(f, module, call, path, likely), value->why);
        }
    if (tree_kind(tree, function) == KIND_ATTRIBUTE) {
        const struct value *object = fold(f, module, tree_field(tree, function, FIELD_OBJECT), depth);
        if (object->kind != VALUE_OBJECT && object->kind != VALUE_UNKNOWN)
            return fold_method(f, module, call, object, tree_text(tree, tree_field(tree, function, FIELD_ATTRIBUTE)),
                               depth);
    }
    return fold_object_call(f, module, call);
}

static const struct value *fold(const struct folder *f, const struct module *module, node_id node, unsigned depth)
{
    if (!node || !depth || !*f->budget)
        return unknown(f, module, node, "too much to fold");
    --*f->budget;
    --depth;
    const struct tree *tree = &module->tree;
    node = tree_unwrap(tree, node);
    switch (tree_kind(tree, node)) {
    case KIND_NONE:
        return value_new(f, VALUE_NONE, module, node);
    case KIND_TRUE:
    case KIND_FALSE:
        return boolean(f, module, node, tree_kind(tree, node) == KIND_TRUE);
    case KIND_INTEGER:
        return fold_integer(f, module, node);
    case KIND_FLOAT:
        return fold_float(f, module, node);
    case KIND_STRING:
    case KIND_CONCATENATED_STRING:
        return fold_string(f, module, node, depth);
    case KIND_LIST:
    case KIND_TUPLE:
    case KIND_SET:
    case KIND_EXPRESSION_LIST:
        return fold_list(f, module, node, depth);
    case KIND_DICT:
        return fold_dict(f, module, node, depth);
    case KIND_BINARY:
        return fold_binary(f, module, node, depth);
    case KIND_UNARY:
        return fold_unary(f, module, node, depth);
    case KIND_NOT: {
        const struct value *value = fold(f, module, tree_field(tree, node, FIELD_ARGUMENT), depth);
        return value->kind == VALUE_UNKNOWN || value->kind == VALUE_OBJECT
                   ? unknown(f, module, node, value->why ? value->why : "an object's truth")
                   : boolean(f, module, node, !value_truth(value));
    }
    case KIND_COMPARISON:
        return fold_comparison(f, module, node, depth);
    case KIND_BOOLEAN:
        return fold_boolean(f, module, node, depth);
    case KIND_CONDITIONAL:
        return fold_conditional(f, module, node, depth);
    case KIND_NAMED_EXPRESSION:
        return fold(f, module, tree_field(tree, node, FIELD_VALUE), depth);
    case KIND_IDENTIFIER:
        return fold_name(f, module, node, depth);
    case KIND_ATTRIBUTE:
        return fold_attribute(f, module, node, depth);
    case KIND_SUBSCRIPT:
        return fold_subscript(f, module, node, depth);
    case KIND_CALL:
        return fold_call(f, module, node, depth);
    default:
        return unknown(f, module, node, "an expression that is not folded");
    }
}

const struct value *value_fold(const struct project *project, struct arena *arena, const struct module *module,
                               node_id node)
{
    size_t budget = 20000;
    struct folder f = {.project = project, .arena = arena, .budget = &budget};
    return fold(&f, module, node, DEPTH_MOST);
}
