/* Source lines that are shown beside a finding, without what may be a secret in them. */
#ifndef COLDSPOT_PRESENT_MASK_H
#define COLDSPOT_PRESENT_MASK_H

#include <stddef.h>

/* Puts `*` over, in a line of Python of `len` bytes, all columns staying where they are: what a string or a comment holds of 16 or more
 * letters and digits in a row, a digit among them (keys, digests); the user's part of a URL (`//me:pass@`); and a string that is given to a name
 * that says what it is (password, secret, token, api key). */
void mask_secrets(char *line, size_t len);

#endif
