/* What looks like a secret.  It errs on the side of hiding: an excerpt says where a finding is, not what is configured there. */
#include "present/mask.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { KEY_LEAST = 16 };

static const char *const tellers[] = {"password", "passwd", "secret", "token", "apikey", "api_key", "authorization"};

static void cover(char *line, size_t from, size_t to)
{
    for (; from < to; from++)
        if ((unsigned char)line[from] < 0x80) /* what is wider than a byte keeps its columns */
            line[from] = '*';
}

/* Where the string that begins at the quote `at` ends: at its other quote, or at the end of the line. */
static size_t end_of_string(const char *line, size_t len, size_t at)
{
    for (size_t i = at + 1; i < len; i++) {
        if (line[i] == '\\')
            i++;
        else if (line[i] == line[at])
            return i;
    }
    return len;
}

static void cover_keys(char *line, size_t from, size_t to)
{
    while (from < to) {
        size_t end = from;
        bool has_digit = false;
        for (; end < to && (isalnum((unsigned char)line[end]) || line[end] == '+'); end++)
            has_digit |= isdigit((unsigned char)line[end]) != 0;
        if (has_digit && end - from >= KEY_LEAST)
            cover(line, from, end);
        from = end + 1;
    }
}

static void cover_users(char *line, size_t from, size_t to)
{
    for (size_t i = from; i + 3 <= to; i++) {
        size_t at = i + 3;
        if (memcmp(line + i, "://", 3) != 0)
            continue;
        while (at < to && !strchr("/?# \t@\"'", line[at]))
            at++;
        if (at < to && line[at] == '@')
            cover(line, i + 3, at);
    }
}

/* Where what stands between a name and a string begins: punctuation, a `=` or `:` in it, and the string's own prefix; 0: it is
 * something else. */
static size_t end_of_name(const char *line, size_t quote)
{
    bool is_given = false;
    size_t end = quote;
    while (end > 0 && quote - end < 2 && strchr("bBfFrRuU", line[end - 1]))
        end--;
    if (end > 0 && isalnum((unsigned char)line[end - 1]))
        return 0;
    for (; end > 0 && strchr("\"'[](){}=:, \t", line[end - 1]); end--)
        is_given |= line[end - 1] == '=' || line[end - 1] == ':';
    return is_given ? end : 0;
}

/* Whether the name that the string at `quote` is given to says that it is a secret. */
static bool is_told(const char *line, size_t quote)
{
    size_t end = end_of_name(line, quote);
    for (size_t i = 0; i < sizeof(tellers) / sizeof(*tellers); i++) {
        size_t length = strlen(tellers[i]);
        if (end >= length && strncasecmp(line + end - length, tellers[i], length) == 0)
            return true;
    }
    return false;
}

void mask_secrets(char *line, size_t len)
{
    for (size_t at = 0; at < len; at++) {
        if (line[at] == '#') {
            cover_keys(line, at, len);
            cover_users(line, at, len);
            return;
        }
        if (line[at] != '"' && line[at] != '\'')
            continue;
        size_t end = end_of_string(line, len, at);
        if (is_told(line, at))
            cover(line, at + 1, end);
        cover_keys(line, at + 1, end);
        cover_users(line, at + 1, end);
        at = end;
    }
}
