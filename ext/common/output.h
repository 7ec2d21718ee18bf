/* output.h - the name of the file that a measurement writes. */
#ifndef TARE_EXT_OUTPUT_H
#define TARE_EXT_OUTPUT_H

#include "base/status.h"

/* A copy, or NULL: of no text, or without memory. Released by tare_output_release. */
char *tare_output_copy(const char *text);
void  tare_output_release(char **text); /* no-op on NULL */

/* In a child: OUTPUT.PID-TIME, written by nobody else, also when the number of a process is used
 * again. size: of the parent's name at the beginning of *output. */
TARE_MUST_USE tare_status tare_output_name_childs(char **output, size_t size, int process_id,
                                                  tare_error *err);

#endif
