/* Strings, numbers and dates of TOML.  The bytes were checked by scan_check_bytes before anything else looks at them: what is
 * left of control characters is tabs and ends of lines. */
#include "base/toml_scan.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int scan_fail(struct scan *scan, const char *at, const char *format, ...)
{
    struct buf text = {0};
    const char *line = scan->start;
    unsigned number = 1;
    for (const char *c = scan->start; c < at; c++) {
        if (*c == '\n') {
            number++;
            line = c + 1;
        }
    }
    va_list args;
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    int rc = err_set(scan->err, ERR_INPUT, "%s:%u:%zu: %s", scan->what, number,
                     str_columns(str_from(line, (size_t)(at - line))) + 1, buf_cstr(&text));
    buf_release(&text);
    return rc;
}

int scan_check_bytes(struct scan *scan)
{
    for (const char *c = scan->start; c < scan->end;) {
        unsigned char byte = (unsigned char)*c;
        size_t n = str_utf8_length(str_from(c, (size_t)(scan->end - c)));
        bool ends_line = byte == '\n' || (byte == '\r' && c + 1 < scan->end && c[1] == '\n');
        if (!n)
            return scan_fail(scan, c, "these bytes are not UTF-8");
        if ((byte < 0x20 && byte != '\t' && !ends_line) || byte == 0x7f)
            return scan_fail(scan, c, "the control character U+%04X may not stand in TOML", byte);
        c += n;
    }
    return 0;
}

bool scan_sees(const struct scan *scan, struct str bytes)
{
    return str_starts_with(str_from(scan->at, (size_t)(scan->end - scan->at)), bytes);
}

void scan_skip_blanks(struct scan *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t'))
        scan->at++;
}

static void skip_comment(struct scan *scan)
{
    if (scan->at == scan->end || *scan->at != '#')
        return;
    const char *newline = memchr(scan->at, '\n', (size_t)(scan->end - scan->at));
    scan->at = newline ? newline : scan->end;
}

static bool skip_newline(struct scan *scan)
{
    size_t n = scan_sees(scan, STR("\n")) ? 1 : scan_sees(scan, STR("\r\n")) ? 2 : 0;
    scan->at += n;
    return n > 0;
}

int scan_end_of_line(struct scan *scan)
{
    scan_skip_blanks(scan);
    skip_comment(scan);
    if (scan->at == scan->end || skip_newline(scan))
        return 0;
    return scan_fail(scan, scan->at, "the line should end here");
}

void scan_skip_lines(struct scan *scan)
{
    do {
        scan_skip_blanks(scan);
        skip_comment(scan);
    } while (skip_newline(scan));
}

/* ---- strings ---- */

static void add_code_point(struct buf *out, uint32_t c)
{
    const unsigned bytes = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    buf_add_char(out, (char)(first[bytes] | (c >> (6 * (bytes - 1)))));
    for (unsigned i = 1; i < bytes; i++)
        buf_add_char(out, (char)(0x80 | ((c >> (6 * (bytes - 1 - i))) & 0x3f)));
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \uXXXX or \UXXXXXXXX, after the letter. */
static int read_code_point(struct scan *scan, unsigned digits)
{
    const char *at = scan->at - 2;
    uint32_t c = 0;
    for (unsigned i = 0; i < digits; i++) {
        int digit = scan->at < scan->end ? hex_digit(*scan->at) : -1;
        if (digit < 0)
            return scan_fail(scan, at, "\\%c wants %u hexadecimal digits", at[1], digits);
        c = c << 4 | (uint32_t)digit;
        scan->at++;
    }
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return scan_fail(scan, at, "there is no character U+%04X", c);
    add_code_point(&scan->text, c);
    return 0;
}

/* A backslash at the end of a line takes away all blanks and ends of lines up to the next character. */
static bool skip_joined_lines(struct scan *scan)
{
    const char *at = scan->at;
    scan_skip_blanks(scan);
    if (!skip_newline(scan)) {
        scan->at = at;
        return false;
    }
    do
        scan_skip_blanks(scan);
    while (skip_newline(scan));
    return true;
}

static int read_escape(struct scan *scan, bool multi_line)
{
    static const char letters[] = "btnfr\"\\", meanings[] = "\b\t\n\f\r\"\\";
    const char *at = scan->at++;
    if (multi_line && skip_joined_lines(scan))
        return 0;
    char letter = scan->at < scan->end ? *scan->at : '\0';
    const char *known = letter ? strchr(letters, letter) : NULL;
    if (!known && letter != 'u' && letter != 'U')
        return scan_fail(scan, at, "there is no such escape; a backslash in a string is written \\\\");
    scan->at++;
    if (!known)
        return read_code_point(scan, letter == 'u' ? 4 : 8);
    buf_add_char(&scan->text, meanings[known - letters]);
    return 0;
}

static size_t count_quotes(const struct scan *scan, char quote, size_t most)
{
    size_t n = 0;
    while (n < most && scan->at + n < scan->end && scan->at[n] == quote)
        n++;
    return n;
}

/* Plain bytes up to the next one that means something. */
static void add_run(struct scan *scan, char quote)
{
    const char *from = scan->at;
    while (scan->at < scan->end && *scan->at != quote && *scan->at != '\\' && *scan->at != '\n' && *scan->at != '\r')
        scan->at++;
    buf_add(&scan->text, str_from(from, (size_t)(scan->at - from)));
}

/* After the opening marks.  Up to two quotation marks may stand right before the three closing ones. */
static int read_multi_line(struct scan *scan, char quote, const char *at)
{
    skip_newline(scan);
    while (scan->at < scan->end) {
        size_t quotes = count_quotes(scan, quote, 5);
        int rc = 0;
        if (quotes) {
            size_t closing = quotes >= 3 ? 3 : 0;
            buf_add(&scan->text, str_from(scan->at, quotes - closing));
            scan->at += quotes;
            if (closing)
                return 0;
        } else if (*scan->at == '\\' && quote == '"') {
            rc = read_escape(scan, true);
        } else if (skip_newline(scan)) {
            buf_add_char(&scan->text, '\n');
        } else if (*scan->at == '\\') {
            buf_add_char(&scan->text, *scan->at++);
        } else {
            add_run(scan, quote);
        }
        if (rc)
            return rc;
    }
    return scan_fail(scan, at, "the string that begins here does not end");
}

static int read_single_line(struct scan *scan, char quote, const char *at)
{
    while (scan->at < scan->end && *scan->at != '\n' && *scan->at != '\r') {
        int rc = 0;
        if (*scan->at == quote) {
            scan->at++;
            return 0;
        }
        if (*scan->at == '\\' && quote == '"')
            rc = read_escape(scan, false);
        else if (*scan->at == '\\')
            buf_add_char(&scan->text, *scan->at++);
        else
            add_run(scan, quote);
        if (rc)
            return rc;
    }
    return scan_fail(scan, at, "the string that begins here does not end in its line");
}

int scan_string(struct scan *scan, bool multi_line)
{
    const char *at = scan->at;
    char quote = *at;
    buf_reset(&scan->text);
    if (multi_line && count_quotes(scan, quote, 3) == 3) {
        scan->at += 3;
        return read_multi_line(scan, quote, at);
    }
    scan->at++;
    return read_single_line(scan, quote, at);
}

/* ---- numbers ---- */

/* The front of *rest as digits of that base, with single underscores between them, added to `out`. */
static bool take_digits(struct str *rest, int base, struct buf *out)
{
    size_t i = 0;
    for (bool wants_digit = true; i < rest->len; i++) {
        int digit = hex_digit(rest->ptr[i]);
        bool fits = digit >= 0 && digit < base, joins = rest->ptr[i] == '_' && !wants_digit;
        if (!fits && !joins)
            break;
        if (fits)
            buf_add_char(out, rest->ptr[i]);
        wants_digit = joins;
    }
    bool ends_well = i > 0 && rest->ptr[i - 1] != '_';
    *rest = str_slice(*rest, i, rest->len);
    return ends_well;
}

static bool take(struct str *rest, const char *one_of, struct buf *out)
{
    if (!rest->len || !strchr(one_of, rest->ptr[0]) || !rest->ptr[0])
        return false;
    buf_add_char(out, rest->ptr[0]);
    *rest = str_slice(*rest, 1, rest->len);
    return true;
}

static int make_integer(struct scan *scan, const char *at, const char *digits, int base, json_t **value_out)
{
    errno = 0;
    long long value = strtoll(digits, NULL, base);
    if (errno)
        return scan_fail(scan, at, "the integer does not fit into 64 bits");
    *value_out = json_integer(value);
    return 0;
}

static int make_float(struct scan *scan, const char *at, const char *digits, json_t **value_out)
{
    double value = strtod(digits, NULL);
    if (!isfinite(value))
        return scan_fail(scan, at, "the number is too large");
    *value_out = json_real(value);
    return 0;
}

/* 1_000, -0.5, 6.02e23; 1: it is none. */
static int read_decimal(struct scan *scan, struct str token, json_t **value_out)
{
    struct buf digits = {0};
    struct str rest = token;
    take(&rest, "+-", &digits);
    size_t sign = digits.len;
    bool good = take_digits(&rest, 10, &digits) && (digits.len == sign + 1 || digits.ptr[sign] != '0');
    bool dot = good && take(&rest, ".", &digits);
    if (dot)
        good = take_digits(&rest, 10, &digits);
    bool power = good && take(&rest, "eE", &digits);
    if (power) {
        take(&rest, "+-", &digits);
        good = take_digits(&rest, 10, &digits);
    }
    int rc = 1;
    if (good && !rest.len)
        rc = dot || power ? make_float(scan, token.ptr, buf_cstr(&digits), value_out)
                          : make_integer(scan, token.ptr, buf_cstr(&digits), 10, value_out);
    buf_release(&digits);
    return rc;
}

/* 0xff, 0o17, 0b1; 1: it is none. */
static int read_based(struct scan *scan, struct str token, json_t **value_out)
{
    int base = token.len < 3 || token.ptr[0] != '0' ? 0
               : token.ptr[1] == 'x'                ? 16
               : token.ptr[1] == 'o'                ? 8
               : token.ptr[1] == 'b'                ? 2
                                                    : 0;
    if (!base)
        return 1;
    struct buf digits = {0};
    struct str rest = str_slice(token, 2, token.len);
    int rc = take_digits(&rest, base, &digits) && !rest.len
                 ? make_integer(scan, token.ptr, buf_cstr(&digits), base, value_out)
                 : 1;
    buf_release(&digits);
    return rc;
}

/* ---- dates ---- */

/* `n` digits off the front of *rest, within [least, most]. */
static bool take_number(struct str *rest, unsigned n, unsigned least, unsigned most, unsigned *out)
{
    unsigned value = 0;
    for (unsigned i = 0; i < n; i++) {
        if (i >= rest->len || rest->ptr[i] < '0' || rest->ptr[i] > '9')
            return false;
        value = value * 10 + (unsigned)(rest->ptr[i] - '0');
    }
    *rest = str_slice(*rest, n, rest->len);
    *out = value;
    return value >= least && value <= most;
}

static bool take_char(struct str *rest, const char *one_of)
{
    if (!rest->len || !rest->ptr[0] || !strchr(one_of, rest->ptr[0]))
        return false;
    *rest = str_slice(*rest, 1, rest->len);
    return true;
}

static bool take_date(struct str *rest)
{
    static const unsigned char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned year, month, day;
    if (!take_number(rest, 4, 0, 9999, &year) || !take_char(rest, "-") || !take_number(rest, 2, 1, 12, &month) ||
        !take_char(rest, "-") || !take_number(rest, 2, 1, days[month - 1], &day))
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return leap || month != 2 || day < 29;
}

static bool take_time(struct str *rest)
{
    unsigned value;
    if (!take_number(rest, 2, 0, 23, &value) || !take_char(rest, ":") || !take_number(rest, 2, 0, 59, &value) ||
        !take_char(rest, ":") || !take_number(rest, 2, 0, 59, &value))
        return false;
    if (!take_char(rest, "."))
        return true;
    if (!take_char(rest, "0123456789"))
        return false;
    while (take_char(rest, "0123456789"))
        ;
    return true;
}

static bool take_offset(struct str *rest)
{
    unsigned value;
    if (!rest->len || take_char(rest, "Zz"))
        return true;
    return take_char(rest, "+-") && take_number(rest, 2, 0, 23, &value) && take_char(rest, ":") &&
           take_number(rest, 2, 0, 59, &value);
}

/* A date, a time, or both; 1: it is none. */
static int read_date(struct str token, json_t **value_out)
{
    struct str rest = token;
    bool good = token.len > 2 && token.ptr[2] == ':'
                    ? take_time(&rest)
                    : take_date(&rest) &&
                          (!rest.len || (take_char(&rest, "Tt ") && take_time(&rest) && take_offset(&rest)));
    if (!good || rest.len)
        return 1;
    *value_out = json_stringn(token.ptr, token.len);
    return 0;
}

/* ---- scalars ---- */

static bool is_token_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr("+-_.:", c));
}

/* The bytes up to the next that can belong to no number or date; a blank may part a date from its time. */
static struct str take_token(struct scan *scan)
{
    const char *from = scan->at;
    while (scan->at < scan->end && is_token_char(*scan->at))
        scan->at++;
    bool date = scan->at - from == 10 && from[4] == '-' && from[7] == '-';
    if (date && scan->end - scan->at > 3 && *scan->at == ' ' && scan->at[1] >= '0' && scan->at[1] <= '9')
        for (scan->at++; scan->at < scan->end && is_token_char(*scan->at);)
            scan->at++;
    return str_from(from, (size_t)(scan->at - from));
}

static bool read_word(struct str token, json_t **value_out)
{
    static const char *const words[] = {"inf", "nan", "+inf", "+nan", "-inf", "-nan"};
    if (str_equals(token, STR("true")) || str_equals(token, STR("false"))) {
        *value_out = json_boolean(token.ptr[0] == 't');
        return true;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!str_equals(token, str_of(words[i])))
            continue;
        *value_out = json_string(i % 2 ? "nan" : i == 4 ? "-inf" : "inf");
        return true;
    }
    return false;
}

int scan_scalar(struct scan *scan, json_t **value_out)
{
    enum { SHOWN_MOST = 40 };
    const char *at = scan->at;
    struct str token = take_token(scan);
    if (!token.len)
        return scan_fail(scan, at, "a value should stand here");
    if (read_word(token, value_out))
        return 0;
    int rc = read_based(scan, token, value_out);
    if (rc == 1)
        rc = read_decimal(scan, token, value_out);
    if (rc == 1)
        rc = read_date(token, value_out);
    if (rc == 1)
        rc = scan_fail(scan, at, "'%.*s' is no value; a text needs quotation marks",
                       STR_ARG(str_slice(token, 0, SHOWN_MOST)));
    return rc;
}
