/* `coldspot rule`: the pages of the rules. */
#include "cmd/cmd.h"
#include "diagnose/rule.h"

struct args {
    bool all;
    struct cmd_output output;
};

static const struct opt opts[] = {
    {'a', "all", OPT_FLAG, offsetof(struct args, all), NULL,
     "every rule, a line each; with --format json or markdown their pages", 0, 0},
    {0},
};

static void write_rule(struct jsonw *json, const struct rule *rule)
{
    jsonw_object(json);
    jsonw_key_string(json, "code", rule->code);
    jsonw_key_string(json, "name", rule->name);
    jsonw_key_string(json, "severity", str_of(severity_name(rule->severity)));
    jsonw_key_string(json, "fix", str_of(fix_kind_name(rule->fix)));
    jsonw_key_bool(json, "static", rule->check.len > 0);
    jsonw_key_bool(json, "measured", rule->measured.len > 0);
    jsonw_key_string(json, "title", rule->title);
    jsonw_key_string(json, "page", rule->page);
    jsonw_end(json);
}

static void add_list(struct document *document, const struct rules *rules)
{
    static const struct column columns[] = {{"code", COLUMN_LEFT, 0},
                                            {"name", COLUMN_LEFT, 0},
                                            {"severity", COLUMN_LEFT, 0},
                                            {"what it finds", COLUMN_LEFT, 62}};
    struct table *table = section_table(document, document_section(document, ""), false, columns, 4);
    for (size_t i = 0; i < rules->len; i++) {
        table_add_str(document, table, STYLE_PLAIN, rules->items[i].code);
        table_add_str(document, table, STYLE_ANSWER, rules->items[i].name);
        table_add(document, table, STYLE_DETAIL, "%s", severity_name(rules->items[i].severity));
        table_add_str(document, table, STYLE_PLAIN, rules->items[i].title);
        table_end_row(document, table);
    }
}

/* The page, with a line about code and severity under its heading. */
static void add_page(struct document *document, const struct rule *rule)
{
    struct str page = rule->page, heading;
    str_cut(&page, '\n', &heading);
    section_verbatim(document, document_section(document, ""),
                     arena_printf(document->arena, "%.*s\n\n%.*s %.*s · %s · fix: %s\n%.*s\n\n", STR_ARG(heading),
                                  STR_ARG(rule->code), STR_ARG(rule->name), severity_name(rule->severity),
                                  fix_kind_name(rule->fix), STR_ARG(page)));
}

static int fill(struct cmd_call *call, const struct args *args, const struct opt_words *words,
                struct document *document, struct err *err)
{
    struct rules rules;
    struct jsonw json;
    int rc = rules_load(call->arena, &rules, err);
    if (rc)
        return rc;
    bool pages = words->len || (args->output.format && str_equals(str_of(args->output.format), STR("markdown")));
    bool one = words->len == 1 && rules_find(&rules, str_of(words->items[0]));
    jsonw_init(&json, &document->json, true);
    if (!one)
        jsonw_array(&json);
    for (size_t i = 0; i < (words->len ? words->len : 1); i++) {
        struct str name = words->len ? str_of(words->items[i]) : STR("all");
        size_t cursor = 0, n = 0;
        for (const struct rule *rule; (rule = rules_next(&rules, name, &cursor)); n++) {
            write_rule(&json, rule);
            if (pages)
                add_page(document, rule);
        }
        if (!n) {
            struct str nearest = rules_nearest(&rules, name);
            err_set(err, ERR_USAGE, "there is no rule '%.*s'", STR_ARG(name));
            if (nearest.len)
                err_hint(err, "did you mean: coldspot rule %.*s", STR_ARG(nearest));
            return err_hint(err, "coldspot rule --all lists them");
        }
    }
    if (!one)
        jsonw_end(&json);
    if (!pages)
        add_list(document, &rules);
    return 0;
}

static int run_rule(struct cmd_call *call, struct err *err)
{
    struct args args = {0};
    struct opt_words words;
    struct document document;
    int rc = cmd_parse(call, (void *const[]){&args, &args.output}, 2, &words, err);
    if (rc)
        return rc;
    document_init(&document, call->arena);
    rc = fill(call, &args, &words, &document, err);
    if (!rc)
        rc = cmd_answer(&args.output, &document, err);
    document_release(&document);
    return rc;
}

const struct command command_rule = {
    .name = "rule",
    .summary = "what a rule finds, why it costs, and what to do instead",
    .usage = "[OPTIONS] [NAME...]",
    .details = "A rule is named by its name (heavy-import-unused), its code (CS101), or its family (CS1).  Without a "
               "name, and\n"
               "with --all, the rules are listed.",
    .examples = "  coldspot rule heavy-import-unused\n"
                "  coldspot rule --all\n"
                "  coldspot rule --all --format markdown",
    .tables = {{NULL, opts}, {"Output", cmd_output_opts}},
    .run = run_rule,
};
