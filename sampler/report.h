/* report.h - lines for whoever started tare-sample, on the status descriptor.
 *
 * One event a line, fields by one space, the last field to the end of the line. A reader
 * that went away is no error: the measurement goes on. Without a descriptor only errors
 * and warnings are said, on stderr. */
#ifndef TARE_SAMPLER_REPORT_H
#define TARE_SAMPLER_REPORT_H

#include "base/status.h"

typedef struct tare_reporter {
    int fd; /* -1 = none */
} tare_reporter;

/* fd may be -1. It is kept from the target: what is started later does not inherit it. */
tare_reporter tare_reporter_on(int fd);

void tare_report(const tare_reporter *reporter, const char *format, ...) TARE_PRINTF(2, 3);
void tare_report_error(const tare_reporter *reporter, const tare_error *error);
void tare_report_warning(const tare_reporter *reporter, const tare_error *error);

#endif
