/* status.h - how core says that something failed.
 *
 * Every fallible function returns a tare_status and takes a tare_error that the
 * caller owns. The error is plain storage: nothing is allocated, nothing is
 * global, NULL is allowed where the caller does not want the words.
 *
 * A message is one line: what was tried, on what, what the system answered and
 * what to do next. It never ends in a newline. */
#ifndef TARE_BASE_STATUS_H
#define TARE_BASE_STATUS_H

#include <stdarg.h>
#include <stddef.h>

#define TARE_MUST_USE __attribute__((warn_unused_result))
#define TARE_PRINTF(format_index, first_index) \
    __attribute__((format(printf, format_index, first_index)))

/* name, text. The Python exceptions are made from the same list. */
#define TARE_STATUS_LIST(X)                               \
    X(OK, "ok")                                           \
    X(NO_MEMORY, "out of memory")                         \
    X(USAGE, "wrong use")                                 \
    X(SYSTEM, "the system refused")                       \
    X(PERMISSION, "permission denied")                    \
    X(NOT_FOUND, "not found")                             \
    X(GONE, "the process is gone")                        \
    X(NOT_READY, "the interpreter is starting or ending") \
    X(NOT_PYTHON, "not a Python process")                 \
    X(UNSUPPORTED, "not supported")                       \
    X(CORRUPT, "corrupt data")                            \
    X(TORN, "changed while it was read")                  \
    X(LIMIT, "a stated limit is exceeded")                \
    X(INCOMPATIBLE, "incompatible input")

// clang-format off
typedef enum tare_status {
#define TARE_STATUS_ENUM(name, text) TARE_##name,
    TARE_STATUS_LIST(TARE_STATUS_ENUM)
#undef TARE_STATUS_ENUM
    TARE_STATUS_COUNT
} tare_status;
// clang-format on

enum { TARE_ERROR_MESSAGE_BYTES = 512 };

typedef struct tare_error {
    tare_status status;
    int         os_errno; /* errno behind it, 0 = none */
    char        message[TARE_ERROR_MESSAGE_BYTES];
} tare_error;

/* Constant strings; "?" for a status outside the list. */
const char *tare_status_name(tare_status status);
const char *tare_status_text(tare_status status);

/* Fills err (may be NULL) and returns status, so that a failure is one line:
 *     return tare_fail(err, TARE_CORRUPT, "read %s: ...", path); */
tare_status tare_fail(tare_error *err, tare_status status, const char *format, ...)
    TARE_PRINTF(3, 4);

/* The same for a failed system call: appends ": <strerror(os_errno)>" and picks
 * the status that belongs to os_errno (EPERM/EACCES -> PERMISSION, ESRCH -> GONE,
 * ENOENT -> NOT_FOUND, ENOMEM -> NO_MEMORY, anything else -> SYSTEM). */
tare_status tare_fail_os(tare_error *err, int os_errno, const char *format, ...) TARE_PRINTF(3, 4);

/* The only macro that hides control flow. */
#define TARE_TRY(expression)                         \
    do {                                             \
        tare_status tare_try_status_ = (expression); \
        if (tare_try_status_ != TARE_OK)             \
            return tare_try_status_;                 \
    } while (0)

#endif
