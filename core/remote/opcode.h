/* opcode.h - what the instruction a frame stands at says about the thread.
 *
 * A thread that holds the GIL and stands at a call to a C function is running native
 * code; at most other instructions it is running Python. Operators (a * b, x in y,
 * iteration) can be either: the sampler then looks whether the thread stays there. */
#ifndef TARE_REMOTE_OPCODE_H
#define TARE_REMOTE_OPCODE_H

#include <stddef.h>
#include <stdint.h>

typedef enum tare_opcode_kind {
    TARE_OPCODE_PLAIN,       /* the interpreter itself */
    TARE_OPCODE_NATIVE_CALL, /* specialised for a C function */
    TARE_OPCODE_PYTHON_CALL, /* specialised for a Python function */
    TARE_OPCODE_ANY_CALL,    /* not specialised, or for any callable */
    TARE_OPCODE_OPERATOR     /* may run native code for long */
} tare_opcode_kind;

typedef struct tare_opcode_table {
    uint8_t minor; /* of CPython 3 */
    uint8_t kinds[256];
    uint8_t caches[256];
} tare_opcode_table;

/* Generated data; one row per version. */
extern const tare_opcode_table tare_opcode_tables[];
extern const size_t            tare_opcode_table_count;

#endif
