/* provenance.h - what was measured, with what, on what, and at what cost, as meta of the
 * profile (the keys are listed in docs/format.md). */
#ifndef TARE_SAMPLER_PROVENANCE_H
#define TARE_SAMPLER_PROVENANCE_H

#include "sampler/session.h"

/* What is known before there is a target. */
TARE_MUST_USE tare_status tare_provenance_begin(tare_session *session, tare_error *err);
/* What is known once there is one. */
TARE_MUST_USE tare_status tare_provenance_target(tare_session *session, tare_error *err);
/* What changes while the run goes on; again before every flush, so that a killed
 * measurement has it too. */
TARE_MUST_USE tare_status tare_provenance_update(tare_session *session, uint64_t now_ns,
                                                 tare_error *err);

#endif
