/* calibrate_lines.c - see calibrate_lines.h.
 *
 *     turn     plain loops | measure them | heard loops | no more        TURNS times
 *
 * The fastest of all runs of a loop counts: what interrupts a run only makes it longer. A loop of
 * three lines tells what a line costs; one that calls a function of one line, what its start and
 * its end cost together with that line. How much two loops of lines differ is the error.
 * Where being heard slows all code down, a line of many instructions tells by how much; that is not
 * taken off, for a line can as well wait in C, but is in the error.
 *
 * The loops see no builtins: a program may have put its own code there. */
#include "trace/calibrate_lines.h"

#include "trace/line_codes.h"
#include "trace/listen.h"

enum { TURNS = 3, RUNS = 4, TURNS_A_RUN = 200 };
enum { SIMPLE, BUSY, LONG, CALLING, LOOP_COUNT };

static const char *const names[LOOP_COUNT] = {"simple", "busy", "long", "calling"};

static const char source[] = "def callee(): pass\n"
                             "def simple(turns):\n"
                             "    for _ in turns:\n"
                             "        a = 1\n"
                             "        b = a\n"
                             "def busy(turns, o=callee):\n"
                             "    for i in turns:\n"
                             "        o.x = i * 3 % 7\n"
                             "        if o.x < 3: o.y = o.x\n"
                             "def long(turns, x=1):\n"
                             "    for _ in turns: a = x; b = a; c = b; d = c; x = d * 3 % 7919; "
                             "e = x; f = e; g = f; h = g; x = h + 1\n"
                             "def calling(turns):\n"
                             "    for _ in turns: callee()\n";

enum { LINES_A_TURN = 3 };

typedef struct calibration {
    PyObject *functions[LOOP_COUNT], *callee; /* owned, as is the next */
    PyObject *turns;
    uint64_t  plain[LOOP_COUNT], heard[LOOP_COUNT]; /* ticks, the least so far */
} calibration;

static bool compile_loops(calibration *c)
{
    PyObject *space = Py_BuildValue("{s{}}", "__builtins__");
    PyObject *code = Py_CompileString(source, "<tare>", Py_file_input);
    PyObject *done = space != NULL && code != NULL ? PyEval_EvalCode(code, space, space) : NULL;
    for (int i = 0; i < LOOP_COUNT && done != NULL; i++)
        c->functions[i] = Py_XNewRef(PyDict_GetItemString(space, names[i]));
    c->callee = done != NULL ? Py_XNewRef(PyDict_GetItemString(space, "callee")) : NULL;
    c->turns = PyObject_CallFunction((PyObject *)&PyRange_Type, "i", TURNS_A_RUN);
    Py_XDECREF(done);
    Py_XDECREF(code);
    Py_XDECREF(space);
    return c->callee != NULL && c->turns != NULL;
}

static void release(calibration *c)
{
    for (int i = 0; i < LOOP_COUNT; i++)
        Py_XDECREF(c->functions[i]);
    Py_XDECREF(c->callee);
    Py_XDECREF(c->turns);
}

static bool run_all(const calibration *c, uint64_t least[LOOP_COUNT])
{
    for (int i = 0; i < LOOP_COUNT * RUNS; i++) {
        int       which = i / RUNS;
        uint64_t  start = tare_trace_now();
        PyObject *none = PyObject_CallOneArg(c->functions[which], c->turns);
        uint64_t  ticks = tare_trace_now() - start;
        Py_XDECREF(none);
        if (none == NULL)
            return false;
        if (least[which] == 0 || ticks < least[which])
            least[which] = ticks;
    }
    return true;
}

static PyCodeObject *code_of(PyObject *function)
{
    return (PyCodeObject *)PyFunction_GET_CODE(function);
}

static bool run_turn(calibration *c)
{
    if (!run_all(c, c->plain) || tare_trace.listener->begin(NULL) != TARE_OK)
        return false;
    bool whole = tare_line_codes_add(code_of(c->functions[SIMPLE])) != NULL &&
                 tare_line_codes_add(code_of(c->functions[BUSY])) != NULL &&
                 tare_line_codes_add(code_of(c->functions[LONG])) != NULL &&
                 tare_line_codes_add(code_of(c->callee)) != NULL && run_all(c, c->heard);
    tare_trace.listener->end();
    return whole;
}

static double added_ns(const calibration *c, int which, double ns_per_tick)
{
    double ticks = (double)c->heard[which] - (double)c->plain[which];
    return ticks > 0 ? ticks * ns_per_tick / TURNS_A_RUN : 0;
}

/* Of a line of many instructions, less what hearing of it once a turn costs. */
static double find_slowdown(const calibration *c, double visit_ticks)
{
    double heard = (double)c->heard[LONG] - visit_ticks * TURNS_A_RUN;
    double ratio = heard / (double)c->plain[LONG];
    return tare_trace.listener->slows() && ratio > 1 ? ratio : 1;
}

static void find_costs(const calibration *c, tare_line_costs *costs)
{
    double ns_per_tick = tare_trace_ns_per_tick();
    double simple_ns = added_ns(c, SIMPLE, ns_per_tick) / LINES_A_TURN;
    double busy_ns = added_ns(c, BUSY, ns_per_tick) / LINES_A_TURN;
    double calling_ns = added_ns(c, CALLING, ns_per_tick);
    double apart_ns = simple_ns > busy_ns ? simple_ns - busy_ns : busy_ns - simple_ns;
    costs->visit_ns = (simple_ns + busy_ns) / 2;
    costs->call_ns = calling_ns > costs->visit_ns ? (calling_ns - costs->visit_ns) / 2 : 0;
    costs->slowdown = find_slowdown(c, costs->visit_ns / ns_per_tick);
    costs->error_ns = apart_ns / 2 + costs->visit_ns / 10; /* the pace of a shared machine */
}

bool tare_calibrate_lines(tare_line_costs *costs_out)
{
    calibration c = {0};
    int         collects = PyGC_Disable();
    bool        whole = compile_loops(&c);
    *costs_out = (tare_line_costs){0};
    for (int turn = 0; turn < TURNS && whole; turn++)
        whole = run_turn(&c);
    if (whole)
        find_costs(&c, costs_out);
    release(&c);
    if (PyErr_Occurred())
        PyErr_Clear();
    if (collects)
        PyGC_Enable();
    return whole;
}
