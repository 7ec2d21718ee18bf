/* sites.c - see sites.h.
 *
 *     depth d      LOAD_GLOBAL  NULL + f     pushes two: a candidate at d
 *     depth d + 2  ...                       the arguments, nothing below d + 2 is touched
 *     depth d+2+n  CALL n                    takes f from d
 *
 * The bytecode is walked from the front with the compiler's own table of stack effects. Between
 * candidate and CALL there may be no jump: only in a straight line the depths of neighbours
 * can be compared. Nothing depends on it but which events are heard. */
#include "trace/sites.h"

#if TARE_HAS_MONITORING

#include <opcode.h>
#include <stdint.h>

enum { MAX_NESTING = 16, KEPT_SLOTS = 1 << 12 };

static uint64_t kept[KEPT_SLOTS]; /* places that may not be switched off, by (code, offset) */

typedef struct walk {
    int depth;
    int candidates[MAX_NESTING]; /* depths before a global callee and its NULL */
    int candidate_count;
} walk;

static bool is_jump(int opcode)
{
    switch (opcode) {
    case POP_JUMP_IF_FALSE:
    case POP_JUMP_IF_TRUE:
    case POP_JUMP_IF_NONE:
    case POP_JUMP_IF_NOT_NONE:
    case JUMP_FORWARD:
    case JUMP_BACKWARD:
    case JUMP_BACKWARD_NO_INTERRUPT:
    case FOR_ITER:
    case SEND:
    case YIELD_VALUE:
    case RETURN_VALUE:
    case RAISE_VARARGS:
    case RERAISE:
        return true;
    default:
        return false;
    }
}

static void step(walk *w, int opcode, int argument)
{
    int effect = PyCompile_OpcodeStackEffect(opcode, argument);
    if (is_jump(opcode) || effect == PY_INVALID_STACK_EFFECT) {
        w->candidate_count = 0;
        return;
    }
    if (opcode == LOAD_GLOBAL && (argument & 1) != 0 && w->candidate_count < MAX_NESTING)
        w->candidates[w->candidate_count++] = w->depth;
    w->depth += effect;
    while (w->candidate_count > 0 && w->depth < w->candidates[w->candidate_count - 1] + 2)
        w->candidate_count--;
}

static bool is_global_call(const walk *w, int opcode, int argument)
{
    return opcode == CALL && w->candidate_count > 0 &&
           w->candidates[w->candidate_count - 1] == w->depth - argument - 2;
}

static bool find_call(const uint8_t *bytes, Py_ssize_t size, Py_ssize_t wanted)
{
    walk w = {0};
    int  argument = 0;
    for (Py_ssize_t at = 0; at + 1 < size; at += 2) {
        int opcode = bytes[at];
        if (opcode == CACHE)
            continue;
        argument = argument << 8 | bytes[at + 1];
        if (at == wanted)
            return is_global_call(&w, opcode, argument);
        if (opcode == EXTENDED_ARG)
            continue;
        step(&w, opcode, argument);
        argument = 0;
    }
    return false;
}

bool tare_sites_may_disable(PyCodeObject *code, PyObject *offset)
{
    uint64_t  at = (uint64_t)PyLong_AsLong(offset);
    uint64_t  place = (uintptr_t)code * UINT64_C(0x9E3779B97F4A7C15) ^ at;
    uint32_t  slot = (uint32_t)(place * UINT64_C(0xD6E8FEB86659FD93) >> 52);
    PyObject *bytes;
    bool      found;
    if (kept[slot] == place)
        return false;
    bytes = PyCode_GetCode(code);
    if (bytes == NULL) {
        PyErr_Clear();
        return false;
    }
    found = find_call((const uint8_t *)PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes),
                      (Py_ssize_t)at);
    Py_DECREF(bytes);
    if (!found)
        kept[slot] = place;
    return found;
}

#endif
