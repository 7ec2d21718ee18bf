/* status.c - names of statuses and the words of errors.
 *
 *     format, arguments  ->  line on the stack  ->  controls made visible  ->  err->message
 *
 * The line is built on the stack first, so an error may quote the error it replaces. Paths
 * and names come from outside: a newline or an escape in them would break the promise of one
 * line, or the terminal, so control characters become '?'.
 * Nothing is allocated; a message that does not fit is cut. Cost: O(length). */
#include "base/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *text;
} statuses[] = {
#define TARE_STATUS_ROW(name, text) {#name, text},
    TARE_STATUS_LIST(TARE_STATUS_ROW)
#undef TARE_STATUS_ROW
};

const char *tare_status_name(tare_status status)
{
    return (unsigned)status < TARE_STATUS_COUNT ? statuses[status].name : "?";
}

const char *tare_status_text(tare_status status)
{
    return (unsigned)status < TARE_STATUS_COUNT ? statuses[status].text : "?";
}

static void store_line(tare_error *err, tare_status status, int os_errno, char *line)
{
    for (char *at = line; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    }
    err->status = status;
    err->os_errno = os_errno;
    memcpy(err->message, line, strlen(line) + 1);
}

tare_status tare_fail(tare_error *err, tare_status status, const char *format, ...)
{
    if (err == NULL)
        return status;
    char    line[TARE_ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    store_line(err, status, 0, line);
    return status;
}

static tare_status status_of_errno(int os_errno)
{
    switch (os_errno) {
    case EPERM:
    case EACCES:
        return TARE_PERMISSION;
    case ESRCH:
        return TARE_GONE;
    case ENOENT:
        return TARE_NOT_FOUND;
    case ENOMEM:
        return TARE_NO_MEMORY;
    default:
        return TARE_SYSTEM;
    }
}

tare_status tare_fail_os(tare_error *err, int os_errno, const char *format, ...)
{
    tare_status status = status_of_errno(os_errno);
    if (err == NULL)
        return status;
    char    line[TARE_ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    size_t size = strlen(line);
    snprintf(line + size, sizeof line - size, ": %s", strerror(os_errno));
    store_line(err, status, os_errno, line);
    return status;
}
