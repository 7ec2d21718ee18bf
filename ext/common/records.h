/* records.h - the named tuples that an extension module hands out.
 *
 *     Py_BuildValue("(...)")  ->  tuple  ->  record of the wanted class
 *
 * They are classes of collections.namedtuple: equal to the plain tuple, and whoever has read a
 * figure back from a file can make one, change a field of it, and send it to another process.
 * Struct sequences would do the same from C, but look up their length in their class when they
 * die, which at the interpreter's end may be gone: a complaint on stderr.
 * Cost: two allocations a record beside its items; a class some 50 us, once. */
#ifndef TARE_EXT_RECORDS_H
#define TARE_EXT_RECORDS_H

#include "common/pycompat.h"

typedef struct tare_record_field {
    const char *name; /* NULL ends the fields */
    const char *doc;  /* for help(); NULL: none */
} tare_record_field;

typedef struct tare_record_description {
    const char              *name;
    const char              *doc; /* NULL: none */
    const tare_record_field *fields;
} tare_record_description;

/* Makes count classes, which module has by their names; new references in classes. 0, or -1 with an
 * exception set and the rest of classes NULL. */
int tare_record_classes_init(PyObject *module, const tare_record_description *descriptions,
                             PyObject **classes, int count);

/* A record from what Py_VaBuildValue makes of format: one item per field. */
PyObject *tare_record_build(PyObject *class, const char *format, va_list values);

#endif
