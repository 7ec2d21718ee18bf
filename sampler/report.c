/* report.c - see report.h. Cost: one write per line. */
#include "sampler/report.h"

#include "os/os.h"

#include <stdarg.h>
#include <stdio.h>

enum { LINE_BYTES = 8192 };

tare_reporter tare_reporter_on(int fd)
{
    if (fd >= 0)
        tare_os_keep_to_ourselves(fd);
    return (tare_reporter){.fd = fd};
}

/* One write, so that lines of several writers do not mix; a newline inside becomes a space. */
static void write_line(int fd, const char *format, va_list arguments)
{
    char line[LINE_BYTES];
    int  length = vsnprintf(line, sizeof line - 1, format, arguments);
    if (length < 0)
        return;
    if (length > LINE_BYTES - 2)
        length = LINE_BYTES - 2;
    for (int i = 0; i < length; i++)
        if (line[i] == '\n' || line[i] == '\0')
            line[i] = ' ';
    line[length] = '\n';
    tare_os_say(fd, line, (size_t)length + 1);
}

void tare_report(const tare_reporter *reporter, const char *format, ...)
{
    va_list arguments;
    if (reporter->fd < 0)
        return;
    va_start(arguments, format);
    write_line(reporter->fd, format, arguments);
    va_end(arguments);
}

static void report_problem(const tare_reporter *reporter, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_line(reporter->fd < 0 ? TARE_OS_STDERR : reporter->fd, format, arguments);
    va_end(arguments);
}

void tare_report_error(const tare_reporter *reporter, const tare_error *error)
{
    if (reporter->fd < 0)
        report_problem(reporter, "tare-sample: %s", error->message);
    else
        report_problem(reporter, "error %s %s", tare_status_name(error->status), error->message);
}

void tare_report_warning(const tare_reporter *reporter, const tare_error *error)
{
    report_problem(reporter, reporter->fd < 0 ? "tare-sample: %s" : "warning %s", error->message);
}
