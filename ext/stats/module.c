/* module.c - the extension module tare._stats: what measurements say, and how surely.
 *
 * Its functions are in the files around it (stats/stats.h), its arithmetic in core/stats. */
#include "stats/stats.h"

tare_stats_state *tare_stats_state_of(PyObject *module)
{
    return PyModule_GetState(module);
}

static int execute(PyObject *module)
{
    bool failed = tare_stats_records_init(module, tare_stats_state_of(module)) < 0 ||
                  PyModule_AddFunctions(module, tare_stats_samples) < 0 ||
                  PyModule_AddFunctions(module, tare_stats_comparing) < 0 ||
                  PyModule_AddFunctions(module, tare_stats_series) < 0 ||
                  PyModule_AddFunctions(module, tare_stats_splitting) < 0;
    return failed ? -1 : 0;
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    tare_stats_state *state = tare_stats_state_of(module);
    for (int kind = 0; kind < TARE_STATS_KIND_COUNT; kind++)
        Py_VISIT(state->records[kind]);
    return 0;
}

static int clear(PyObject *module)
{
    tare_stats_state *state = tare_stats_state_of(module);
    for (int kind = 0; kind < TARE_STATS_KIND_COUNT; kind++)
        Py_CLEAR(state->records[kind]);
    return 0;
}

static void free_module(void *module)
{
    clear(module);
}

static PyModuleDef_Slot slots[] = {
    TARE_MODULE_SLOTS(execute),
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tare._stats",
    .m_doc = "What measurements say, and how surely.",
    .m_size = sizeof(tare_stats_state),
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = free_module,
};

TARE_MODULE_INIT(_stats, &definition)
