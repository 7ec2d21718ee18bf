/* words.h - names of types and texts of the program's, read without its noticing.
 *
 * Nothing is made in the Python heap, not even the UTF-8 that a str may keep beside it, and no
 * attribute is looked up: a class may answer for its name what it likes. */
#ifndef TARE_EXT_WORDS_H
#define TARE_EXT_WORDS_H

#include "common/pycompat.h"

#include "base/bytes.h"

/* Appends the text as UTF-8, lone surrogates too; nothing when it is no str. */
void tare_words_text(tare_buffer *out, PyObject *text);

/* Appends "collections.deque", "__main__.Outer.Inner", for builtins without module "dict". */
void tare_words_type(tare_buffer *out, PyTypeObject *type);
/* Appends "collections", "builtins". */
void tare_words_module(tare_buffer *out, PyTypeObject *type);

#endif
