/* names.h - how a reference is written: ".cache", "['k']", "[3]", "<key of type Point>".
 *
 * Steps are composed as one would type them: what is in the __dict__ of a module, class or instance
 * is its attribute, and a variable that lies in a cell is the variable. What cannot be typed is in
 * angle brackets.
 *
 *     tare_composer composer = {.out = &buffer, .exact = true};
 *     for each step: tare_compose(&composer, source, &link);
 *     tare_compose_end(&composer);
 *
 * Nothing of the program's runs: no repr, no hash, no comparison. */
#ifndef TARE_EXT_NAMES_H
#define TARE_EXT_NAMES_H

#include "heap/links.h"

#include "base/bytes.h"

typedef struct tare_composer {
    tare_buffer *out;   /* borrowed */
    PyObject    *owner; /* whose __dict__ the last step led to; it is not written yet */
    bool         cell;  /* the last step led to the cell of a variable, and said the variable */
    bool         exact; /* what is written so far, evaluated, is the object; the caller starts it */
    bool         rough; /* do not ask whether a class hides an attribute: for many steps */
} tare_composer;

void tare_compose(tare_composer *composer, PyObject *source, const tare_link *link);
void tare_compose_end(tare_composer *composer);

/* Appends an expression for a str, bytes, int, float, constant or tuple of such; false and the
 * type in angle brackets when there is none. */
bool tare_names_literal(tare_buffer *out, PyObject *object);

#endif
