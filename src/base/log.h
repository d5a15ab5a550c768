/* What the tool tells about its own doings, on stderr; silent unless COLDSPOT_LOG=debug. */
#ifndef COLDSPOT_BASE_LOG_H
#define COLDSPOT_BASE_LOG_H

void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
