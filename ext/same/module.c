/* module.c - the extension module tare._same: do two values agree, and where do they not?
 *
 *     compare(left, right, rule, expand, root) -> (compared, differing, first, worst...)
 *     ulp_distance(a, b)                       -> int
 *     flush()                                  what C code has printed is out
 *
 * The rule comes as a tuple of numbers, in the order of tare_close_rule; what has no format of its
 * own here is turned into what has by `expand`. tare/agreeing.py is what people call. */
#include "same/walk.h"

#include <stdio.h>

/* (kind, nan_equal, absolute_alone, relative, absolute, ulp, sigmas, error, draw_count, scale,
 * strict, ordered) */
static int read_rule(PyObject *given, tare_walk *walk)
{
    int                kind, nan_equal, absolute_alone, strict, ordered;
    unsigned long long ulp;
    tare_close_rule   *rule = &walk->rule;
    if (!PyArg_ParseTuple(given, "ippddKddddpp:rule", &kind, &nan_equal, &absolute_alone,
                          &rule->relative, &rule->absolute, &ulp, &rule->sigmas, &rule->error,
                          &rule->draw_count, &rule->scale, &strict, &ordered))
        return -1;
    if (kind < 0 || kind >= TARE_CLOSE_COUNT) {
        PyErr_Format(PyExc_ValueError, "rule %d: there are %d", kind, TARE_CLOSE_COUNT);
        return -1;
    }
    rule->kind = (tare_close_kind)kind;
    rule->nan_equal = nan_equal != 0;
    rule->absolute_alone = absolute_alone != 0;
    rule->ulp = ulp;
    walk->strict = strict != 0;
    walk->ordered = ordered != 0;
    return 0;
}

static PyObject *tell(const tare_walk *walk)
{
    const tare_tally *tally = &walk->tally;
    return Py_BuildValue("(KKOddKO)", (unsigned long long)tally->compared,
                         (unsigned long long)tally->differing,
                         walk->first != NULL ? walk->first : Py_None, tally->worst_absolute,
                         tally->worst_relative, (unsigned long long)tally->worst_ulp,
                         walk->worst_path != NULL ? walk->worst_path : Py_None);
}

static PyObject *compare(PyObject *module, PyObject *arguments)
{
    PyObject *left, *right, *rule, *found = NULL;
    tare_walk walk = {.alloc = tare_alloc_system(), .met = {.alloc = tare_alloc_system()}};
    (void)module;
    if (!PyArg_ParseTuple(arguments, "OOO!OU:compare", &left, &right, &PyTuple_Type, &rule,
                          &walk.expand, &walk.root) ||
        read_rule(rule, &walk) < 0)
        return NULL;
    if (tare_walk_pair(&walk, left, right) == 0 && tare_walk_settle_worst(&walk) == 0)
        found = tell(&walk);
    tare_walk_deinit(&walk);
    return found;
}

static PyObject *ulp_distance(PyObject *module, PyObject *arguments)
{
    double a, b;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "dd:ulp_distance", &a, &b))
        return NULL;
    uint64_t distance = tare_ulp_distance(a, b, TARE_FLOAT_DOUBLE);
    if (distance == TARE_ULP_NONE)
        Py_RETURN_NONE;
    return PyLong_FromUnsignedLongLong(distance);
}

static PyObject *flush(PyObject *module, PyObject *Py_UNUSED(none))
{
    (void)module;
    (void)fflush(NULL);
    Py_RETURN_NONE;
}

static int execute(PyObject *module)
{
    static const struct {
        const char *name;
        int         value;
    } constants[] = {
        {"ITEMS", TARE_STYLE_ITEMS},   {"ATTRIBUTES", TARE_STYLE_ATTRIBUTES},
        {"WORDS", TARE_STYLE_WORDS},   {"BUFFER", TARE_STYLE_BUFFER},
        {"GAP", TARE_STYLE_GAP},       {"EXACT", TARE_CLOSE_EXACT},
        {"NUMPY", TARE_CLOSE_NUMPY},   {"MATH", TARE_CLOSE_MATH},
        {"PYTEST", TARE_CLOSE_PYTEST}, {"SIGMA", TARE_CLOSE_SIGMA},
    };
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0)
            return -1;
    }
    if (PyModule_AddStringConstant(module, "LEFT_ONLY", TARE_SAME_LEFT_ONLY) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "RIGHT_ONLY", TARE_SAME_RIGHT_ONLY);
}

static PyMethodDef functions[] = {
    {"compare", compare, METH_VARARGS,
     "compare(left, right, rule, expand, root, /)\n--\n\nWalks two values side by side.\n\n"
     "(compared, differing, (path, left, right, why) or None, worst_absolute, worst_relative,\n"
     "worst_ulp, worst_path or None)"},
    {"ulp_distance", ulp_distance, METH_VARARGS,
     "ulp_distance(a, b, /)\n--\n\nHow many floats lie from a to b; None for what is not a "
     "number."},
    {"flush", flush, METH_NOARGS, "flush()\n--\n\nWrites out what streams of C's own hold."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    TARE_MODULE_SLOTS(execute),
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,  .m_name = "tare._same", .m_doc = "Do two values agree?",
    .m_methods = functions, .m_slots = slots,
};

TARE_MODULE_INIT(_same, &definition)
