/* pickle.h - the few shapes of Python's pickle format, protocol 2, that .lprof files are made of.
 *
 * No memo: nothing is shared. Source: CPython Lib/pickletools.py. A container is opened empty and
 * filled between a mark and what closes it: items of a list, or keys and values of a dict. */
#ifndef TARE_IO_PICKLE_H
#define TARE_IO_PICKLE_H

#include "base/bytes.h"

void tare_pickle_begin(tare_buffer *out);
void tare_pickle_end(tare_buffer *out);
/* An instance of module.name, made without arguments; then its dict, and tare_pickle_build. */
void tare_pickle_object(tare_buffer *out, const char *module, const char *name);
void tare_pickle_build(tare_buffer *out);
void tare_pickle_dict(tare_buffer *out); /* and a mark */
void tare_pickle_dict_end(tare_buffer *out);
void tare_pickle_list(tare_buffer *out); /* and a mark */
void tare_pickle_list_end(tare_buffer *out);
void tare_pickle_tuple3(tare_buffer *out); /* of the last three values */
void tare_pickle_integer(tare_buffer *out, uint64_t value);
void tare_pickle_float(tare_buffer *out, double value);
/* Invalid UTF-8 becomes U+FFFD. */
void tare_pickle_string(tare_buffer *out, const char *bytes, size_t size);

#endif
