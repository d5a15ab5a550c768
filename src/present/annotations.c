/* Findings for machines that show them beside code: a JSON object a line, GitHub's workflow commands, GitLab's code quality
 * report, and JUnit's test cases. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "present/present.h"

static const struct findings no_findings;

static const struct findings *findings_of(const struct document *document)
{
    return document->findings ? document->findings : &no_findings;
}

int present_jsonl(const struct document *document, const struct present_options *options, struct buf *out,
                  struct err *err)
{
    const struct findings *findings = findings_of(document);
    (void)options;
    (void)err;
    for (size_t i = 0; i < findings->len; i++) {
        struct jsonw json;
        jsonw_init(&json, out, false);
        finding_write_json(&json, &findings->items[i]);
        buf_add_char(out, '\n');
    }
    return 0;
}

/* ---- GitHub */

enum { ANNOTATIONS_MOST = 10, SUMMARY_MOST = 1000 * 1000 };

/* What would end a workflow command is escaped; in properties also what separates them. */
static void add_escaped(struct buf *out, struct str text, bool property)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
            buf_addf(out, "%%%02X", (unsigned char)c);
        else
            buf_add_char(out, c);
    }
}

static const char *command_of(enum severity severity)
{
    return severity == SEVERITY_ERROR ? "error" : severity == SEVERITY_WARN ? "warning" : "notice";
}

static void add_annotation(struct buf *out, const struct finding *finding)
{
    buf_addf(out, "::%s file=", command_of(finding->severity));
    add_escaped(out, finding->location.file, true);
    const struct location *place = &finding->location;
    uint32_t column = place->character ? place->character : place->column;
    buf_addf(out, ",line=%u,col=%u", place->line ? place->line : 1, column ? column : 1);
    if (finding->location.end_line > finding->location.line)
        buf_addf(out, ",endLine=%u", finding->location.end_line);
    buf_add(out, STR(",title="));
    add_escaped(out, finding->code, true);
    buf_add_char(out, ' ');
    add_escaped(out, finding->name, true);
    buf_add(out, STR("::"));
    add_escaped(out, finding->message, false);
    if (finding->advice.len) {
        buf_add(out, STR("%0A"));
        add_escaped(out, finding->advice, false);
    }
    buf_add_char(out, '\n');
}

static void add_cell(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '|' || c == '<' || c == '`')
            buf_add_char(out, '\\');
        buf_add_char(out, c == '\n' || c == '\r' ? ' ' : c);
    }
}

/* All findings as a table for the page of the workflow's run, up to what GitHub takes. */
static void write_summary(const struct findings *findings)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    struct buf text = {0};
    FILE *file = path && path[0] && findings->len ? fopen(path, "a") : NULL;
    if (!file)
        return;
    buf_addf(&text, "### coldspot: %zu finding%s\n\n| where | rule | what |\n|---|---|---|\n", findings->len,
             findings->len == 1 ? "" : "s");
    for (size_t i = 0; i < findings->len && text.len < SUMMARY_MOST; i++) {
        const struct finding *finding = &findings->items[i];
        buf_add(&text, STR("| "));
        add_cell(&text, finding->location.file);
        buf_addf(&text, ":%u | %.*s %.*s | ", finding->location.line, STR_ARG(finding->code), STR_ARG(finding->name));
        add_cell(&text, finding->message);
        buf_add(&text, STR(" |\n"));
    }
    fwrite(text.ptr, 1, text.len, file);
    fclose(file);
    buf_release(&text);
}

int present_github(const struct document *document, const struct present_options *options, struct buf *out,
                   struct err *err)
{
    const struct findings *findings = findings_of(document);
    size_t shown[SEVERITY_ERROR + 1] = {0};
    (void)options;
    (void)err;
    for (int severity = SEVERITY_ERROR; severity >= SEVERITY_INFO; severity--)
        for (size_t i = 0; i < findings->len; i++)
            if ((int)findings->items[i].severity == severity && shown[severity]++ < ANNOTATIONS_MOST)
                add_annotation(out, &findings->items[i]);
    write_summary(findings);
    return 0;
}

/* ---- GitLab */

int present_gitlab(const struct document *document, const struct present_options *options, struct buf *out,
                   struct err *err)
{
    static const char *const severities[] = {"info", "info", "minor", "major"};
    const struct findings *findings = findings_of(document);
    struct jsonw json;
    (void)options;
    (void)err;
    jsonw_init(&json, out, true);
    jsonw_array(&json);
    for (size_t i = 0; i < findings->len; i++) {
        const struct finding *finding = &findings->items[i];
        size_t same = 0;
        for (size_t k = 0; document->fingerprints && k < i; k++)
            same += str_equals(document->fingerprints[k], document->fingerprints[i]);
        jsonw_object(&json);
        jsonw_key_string(&json, "description", finding->message);
        jsonw_key_string(&json, "check_name", finding->name);
        jsonw_key_string(&json, "fingerprint",
                         document->fingerprints
                             ? arena_printf(document->arena, "%.*s%zu", STR_ARG(document->fingerprints[i]), same)
                             : arena_printf(document->arena, "%.*s-%zu", STR_ARG(finding->code), i));
        jsonw_key_string(&json, "severity", str_of(severities[finding->severity]));
        jsonw_key_object(&json, "location");
        jsonw_key_string(&json, "path", finding->location.file);
        jsonw_key_object(&json, "lines");
        jsonw_key_u64(&json, "begin", finding->location.line ? finding->location.line : 1);
        jsonw_end(&json);
        jsonw_end(&json);
        jsonw_end(&json);
    }
    jsonw_end(&json);
    buf_add_char(out, '\n');
    return 0;
}

/* ---- JUnit */

static void add_xml(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        size_t len = c < 0x80 ? 1 : str_utf8_length(str_slice(text, i, text.len));
        if (!len)
            buf_add(out, STR("\xef\xbf\xbd")); /* no UTF-8: a file's name may be any bytes */
        else if (len > 1)
            buf_add(out, str_slice(text, i, i + len));
        else if (c == '&')
            buf_add(out, STR("&amp;"));
        else if (c == '<')
            buf_add(out, STR("&lt;"));
        else if (c == '>')
            buf_add(out, STR("&gt;"));
        else if (c == '"')
            buf_add(out, STR("&quot;"));
        else
            buf_add_char(out, c < 0x20 && c != '\n' && c != '\t' ? ' ' : (char)c);
        i += len > 1 ? len - 1 : 0;
    }
}

static void add_budget_case(struct buf *out, const struct budget_result *result)
{
    const struct budget *budget = result->budget;
    buf_add(out, STR("<testcase classname=\""));
    add_xml(out, budget->target);
    buf_addf(out, "\" name=\"budget %s\"", budget_name(budget->metric));
    if (result->state == BUDGET_KEPT) {
        buf_add(out, STR("/>\n"));
        return;
    }
    const char *element = result->state == BUDGET_UNSURE ? "skipped" : "failure type=\"budget\"";
    buf_addf(out, "><%s message=\"%s", element, result->state == BUDGET_UNSURE ? "inconclusive: " : "");
    if (isnan(result->actual))
        buf_add(out, STR("not measured"));
    else if (budget->unit == BUDGET_CHANGE)
        buf_addf(out, "%+.1f %%", 100 * result->actual);
    else
        buf_addf(out, "%.6g %s", result->actual, budget_unit_name(budget->unit));
    buf_add(out, STR(", the budget is "));
    add_xml(out, budget->text);
    buf_add(out, STR("\"/></testcase>\n"));
}

static void add_finding_case(struct buf *out, const struct finding *finding)
{
    buf_add(out, STR("<testcase classname=\""));
    add_xml(out, finding->location.file);
    buf_addf(out, "\" name=\"%.*s %.*s, line %u\" file=\"", STR_ARG(finding->code), STR_ARG(finding->name),
             finding->location.line);
    add_xml(out, finding->location.file);
    buf_addf(out, "\" line=\"%u\">", finding->location.line);
    if (finding->severity >= SEVERITY_WARN) {
        buf_addf(out, "<failure type=\"%s\" message=\"", severity_name(finding->severity));
        add_xml(out, finding->message);
        buf_add(out, STR("\">"));
        add_xml(out, finding->advice);
        buf_add(out, STR("</failure>"));
    } else {
        buf_add(out, STR("<system-out>"));
        add_xml(out, finding->message);
        buf_add(out, STR("</system-out>"));
    }
    buf_add(out, STR("</testcase>\n"));
}

/* A test case a budget and a finding; one that passes where there is none, so that the report is never empty. */
int present_junit(const struct document *document, const struct present_options *options, struct buf *out,
                  struct err *err)
{
    static const struct budget_results none = {0};
    const struct findings *findings = findings_of(document);
    const struct budget_results *budgets = document->budgets ? document->budgets : &none;
    size_t cases = findings->len + budgets->len, failures = budget_count(budgets, BUDGET_BROKEN);
    (void)options;
    (void)err;
    for (size_t i = 0; i < findings->len; i++)
        failures += findings->items[i].severity >= SEVERITY_WARN;
    buf_addf(out,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"coldspot\" tests=\"%zu\" "
             "failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n",
             cases ? cases : 1, failures, budget_count(budgets, BUDGET_UNSURE));
    if (!cases)
        buf_add(out, STR("<testcase classname=\"coldspot\" name=\"nothing to change\"/>\n"));
    for (size_t i = 0; i < budgets->len; i++)
        add_budget_case(out, &budgets->items[i]);
    for (size_t i = 0; i < findings->len; i++)
        add_finding_case(out, &findings->items[i]);
    buf_add(out, STR("</testsuite>\n</testsuites>\n"));
    return 0;
}
