/* provenance.h - what every measurement from within a process says of itself. */
#ifndef TARE_EXT_PROVENANCE_H
#define TARE_EXT_PROVENANCE_H

#include "model/profile.h"

typedef struct tare_provenance {
    const char *engine, *clock;
    const char *mode;    /* "run" or "api" */
    const char *command; /* NULL: there is none */
    int         process_id;
} tare_provenance;

TARE_MUST_USE tare_status tare_provenance_number(tare_profile *profile, const char *key,
                                                 uint64_t number, tare_error *err);
TARE_MUST_USE tare_status tare_provenance_text(tare_profile *profile, const char *key,
                                               const char *text, tare_error *err);
/* The measurement, the machine, the program: what is known at the start. */
TARE_MUST_USE tare_status tare_provenance_begin(const tare_provenance *provenance,
                                                tare_profile *profile, tare_error *err);
/* What has been used by now; where the system does not say, nothing is noted. */
TARE_MUST_USE tare_status tare_provenance_usage(int process_id, uint64_t start_cpu_ns,
                                                tare_profile *profile, tare_error *err);

#endif
