/* code_names.h - which code it is that people name: its module, its file.
 *
 * Names come as a text and its size, a part of a longer one. All is read from what is there: no
 * code of the program's runs, and nothing is raised. */
#ifndef TARE_EXT_CODE_NAMES_H
#define TARE_EXT_CODE_NAMES_H

#include "common/pycompat.h"

#include <stddef.h>

/* Borrowed from text; fallback where it is no text that can be encoded. */
const char *tare_code_utf8(PyObject *text, const char *fallback);

/* "__name__" in those globals, which may be NULL; "" without. */
const char *tare_code_module(PyObject *globals);

/* Whether that is the name of the code's module: of a main module also the one that it has for
 * others, its file's and of one that was run by -m the package's before that. */
bool tare_code_is_module(const char *word, size_t size, PyCodeObject *code, PyObject *globals);

/* The same file, or one whose last parts are these. */
bool tare_code_is_file(const char *word, size_t size, const char *file);

#endif
