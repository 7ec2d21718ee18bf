/* calibrate_lines.c - see calibrate_lines.h.
 *
 *     turn     plain loops | measure them | heard loops | no more        TURNS times
 *
 *     what hearing adds to a line    visit + instruction * instructions of the line
 *     ... to a call                  2 * call + visit
 *
 * The fastest of all runs of a loop counts: what interrupts a run only makes it longer. Where
 * being heard slows no code down an instruction costs nothing, and short lines tell what a line
 * costs. Else a long line and the short ones together tell both. A loop that calls a function of
 * one line tells the rest. How much two loops of short lines differ is the error.
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
    double    counts[LOOP_COUNT]; /* instructions of a turn; 0 where they cost nothing */
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

/* Measures a loop, and counts the code of a turn: all but its first line. */
static bool add_loop(calibration *c, int which)
{
    const tare_line_target *target = tare_line_codes_add(code_of(c->functions[which]));
    if (target == NULL)
        return false;
    c->counts[which] = 0;
    for (uint32_t i = 1; target->code.instructions != NULL && i < target->code.line_count; i++)
        c->counts[which] += target->code.instructions[i];
    return true;
}

static bool run_turn(calibration *c)
{
    if (!run_all(c, c->plain) || tare_trace.listener->begin(NULL) != TARE_OK)
        return false;
    bool whole = add_loop(c, SIMPLE) && add_loop(c, BUSY) && add_loop(c, LONG) &&
                 tare_line_codes_add(code_of(c->callee)) != NULL && run_all(c, c->heard);
    tare_trace.listener->end();
    return whole;
}

static double added_ns(const calibration *c, int which, double ns_per_tick)
{
    double ticks = (double)c->heard[which] - (double)c->plain[which];
    return ticks > 0 ? ticks * ns_per_tick / TURNS_A_RUN : 0;
}

/* From two loops that have one line a turn, and LINES_A_TURN. */
static double find_instruction_ns(const calibration *c, double simple_ns, double long_ns)
{
    double more = c->counts[LONG] - c->counts[SIMPLE] / LINES_A_TURN;
    double more_ns = long_ns - simple_ns;
    return c->counts[LONG] > 0 && more > 0 && more_ns > 0 ? more_ns / more : 0;
}

static void find_costs(const calibration *c, tare_line_costs *costs)
{
    double ns_per_tick = tare_trace_ns_per_tick();
    double simple_ns = added_ns(c, SIMPLE, ns_per_tick) / LINES_A_TURN;
    double busy_ns = added_ns(c, BUSY, ns_per_tick) / LINES_A_TURN;
    double calling_ns = added_ns(c, CALLING, ns_per_tick);
    double own_ns = find_instruction_ns(c, simple_ns, added_ns(c, LONG, ns_per_tick));
    simple_ns -= own_ns * c->counts[SIMPLE] / LINES_A_TURN;
    busy_ns -= own_ns * c->counts[BUSY] / LINES_A_TURN;
    double apart_ns = simple_ns > busy_ns ? simple_ns - busy_ns : busy_ns - simple_ns;
    double visit_ns = own_ns > 0 ? simple_ns : (simple_ns + busy_ns) / 2;
    costs->instruction_ns = own_ns / 2; /* in the middle of none and all */
    costs->visit_ns = visit_ns > 0 ? visit_ns : 0;
    costs->call_ns = calling_ns > costs->visit_ns ? (calling_ns - costs->visit_ns) / 2 : 0;
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
