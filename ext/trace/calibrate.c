/* calibrate.c - see calibrate.h.
 *
 *     turn     plain loops | listen | heard loops | listen no more        TURNS times
 *
 * Each loop calls in another way, and nothing else. The fastest of all its runs counts: what
 * interrupts a run only makes it longer. The thread's tree gives way to an empty one for the
 * heard runs: what lies below the loop itself is the callee's.
 *
 * The loops see no builtins: a program may have put its own code there.
 *
 * The body of an empty function is taken to last as long as a turn of an empty loop, which is as
 * many instructions; that of a C function, what its call adds to the empty loop. */
#include "trace/calibrate.h"

#include "trace/engine.h"
#include "trace/listen.h"

enum { TURNS = 3, RUNS = 4, CALLS_A_RUN = 200, MAX_PATHS = 64 };

/* Which loop is which. */
enum {
    FIRST_WORK, /* code between calls, of several kinds */
    EMPTY = FIRST_WORK + 4,
    NONE,
    THREE,
    LOCAL,
    RESUME,
    NATIVE,
    METHOD,
    LOOP_COUNT
};

static const char *const names[LOOP_COUNT] = {"numbers", "attributes", "branches",   "texts",
                                              "empty",   "call_none",  "call_three", "local",
                                              "resume",  "native",     "method"};

static const char source[] = "def none(): pass\n"
                             "def three(a, b, c): return a\n"
                             "def items(turns):\n"
                             "    for _ in turns: yield\n"
                             "def empty(turns):\n"
                             "    for _ in turns: pass\n"
                             "def numbers(turns, x=1):\n"
                             "    for _ in turns: x = x * 3 % 7919 + 1\n"
                             "def attributes(turns, o=none):\n"
                             "    for _ in turns: o.x = 1; o.y = o.x\n"
                             "def branches(turns, x=1):\n"
                             "    for _ in turns:\n"
                             "        if x < 5: x = 7\n"
                             "        else: x = 1\n"
                             "def texts(turns, s='a'):\n"
                             "    for _ in turns: t = s + 'b'\n"
                             "def call_none(turns):\n"
                             "    for _ in turns: none()\n"
                             "def call_three(turns):\n"
                             "    for _ in turns: three(1, 2, 3)\n"
                             "def local(turns, f=none):\n"
                             "    for _ in turns: f()\n"
                             "def resume(turns):\n"
                             "    for _ in items(turns): pass\n"
                             "def native(turns):\n"
                             "    for _ in turns: nothing(1)\n"
                             "def method(turns, s='1'):\n"
                             "    for _ in turns: s.isdigit()\n";

/* Ticks of CALLS_A_RUN turns, the least of all runs so far. */
typedef struct loop {
    PyObject *function; /* owned */
    uint64_t  plain, heard, callee;
} loop;

typedef struct calibration {
    PyObject *turns; /* owned; what the loops go through */
    loop      loops[LOOP_COUNT];
} calibration;

static void release(calibration *c)
{
    for (int i = 0; i < LOOP_COUNT; i++)
        Py_XDECREF(c->loops[i].function);
    Py_XDECREF(c->turns);
}

static PyObject *do_nothing(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(argument))
{
    Py_RETURN_NONE;
}

static PyMethodDef nothing = {"nothing", do_nothing, METH_O, NULL};

static bool compile_loops(calibration *c)
{
    PyObject *function = PyCFunction_New(&nothing, NULL);
    PyObject *space = Py_BuildValue("{s{}sO}", "__builtins__", "nothing", function);
    PyObject *code = Py_CompileString(source, "<tare>", Py_file_input);
    PyObject *done = NULL;
    if (space != NULL && code != NULL)
        done = PyEval_EvalCode(code, space, space);
    for (int i = 0; i < LOOP_COUNT && done != NULL; i++)
        c->loops[i].function = Py_XNewRef(PyDict_GetItemString(space, names[i]));
    c->turns = PyObject_CallFunction((PyObject *)&PyRange_Type, "i", CALLS_A_RUN);
    bool whole = done != NULL && c->turns != NULL;
    Py_XDECREF(done);
    Py_XDECREF(code);
    Py_XDECREF(space);
    Py_XDECREF(function);
    return whole;
}

/* False when it raised. */
static bool run_once(const calibration *c, const loop *one, uint64_t *ticks_out)
{
    uint64_t  start = tare_trace_now();
    PyObject *none = PyObject_CallOneArg(one->function, c->turns);
    *ticks_out = tare_trace_now() - start;
    Py_XDECREF(none);
    return none != NULL;
}

static void forget_time(tare_calls *calls)
{
    for (uint32_t i = 0; i < calls->node_count; i++)
        tare_calls_node(calls, i)->self_ticks = 0;
}

static uint64_t callee_ticks(const tare_calls *calls)
{
    uint64_t ticks = 0;
    for (uint32_t i = 0; i < calls->node_count; i++) {
        const tare_call_node *node = tare_calls_node(calls, i);
        if (node->parent != NULL && node->parent != calls->root)
            ticks += node->self_ticks;
    }
    return ticks;
}

static bool run_plain(calibration *c)
{
    for (int i = 0; i < LOOP_COUNT * RUNS; i++) {
        loop    *one = &c->loops[i / RUNS];
        uint64_t ticks;
        if (!run_once(c, one, &ticks))
            return false;
        if (one->plain == 0 || ticks < one->plain)
            one->plain = ticks;
    }
    return true;
}

static bool run_heard(calibration *c, tare_calls *calls)
{
    for (int i = 0; i < LOOP_COUNT * RUNS; i++) {
        loop    *one = &c->loops[i / RUNS];
        uint64_t ticks;
        forget_time(calls);
        if (!run_once(c, one, &ticks))
            return false;
        if (one->heard == 0 || ticks < one->heard) {
            one->heard = ticks;
            one->callee = callee_ticks(calls);
        }
    }
    return true;
}

static bool run_all(calibration *c, tare_trace_thread *thread)
{
    tare_calls_budget budget = {.node_limit = MAX_PATHS};
    tare_calls        kept = thread->calls;
    bool              whole = true;
    if (tare_calls_init(&thread->calls, &budget, tare_trace_now(), tare_alloc_system(), NULL) !=
        TARE_OK) {
        thread->calls = kept;
        return false;
    }
    for (int turn = 0; turn < TURNS && whole; turn++) {
        whole = run_plain(c) && tare_trace.listener->begin(NULL) == TARE_OK;
        if (whole) {
            whole = run_heard(c, &thread->calls);
            tare_trace.listener->end();
        }
    }
    tare_calls_deinit(&thread->calls);
    thread->calls = kept;
    return whole;
}

/* Of Python code between events. How much depends on the instructions: the mean, and half of what
 * the kinds differ by. */
static void find_slowdown(const calibration *c, tare_costs *costs)
{
    double sum = 0, least = 0, most = 0;
    costs->slowdown = 1;
    costs->slowdown_error = 0;
    for (int i = FIRST_WORK; i < EMPTY; i++) {
        double ratio = (double)c->loops[i].heard / (double)c->loops[i].plain;
        sum += ratio;
        least = i == FIRST_WORK || ratio < least ? ratio : least;
        most = i == FIRST_WORK || ratio > most ? ratio : most;
    }
    double mean = sum / (EMPTY - FIRST_WORK);
    if (!tare_trace.listener->slows() || mean < 1)
        return;
    costs->slowdown = mean;
    costs->slowdown_error = (most - least) / 2;
}

static tare_cost_loop shape_of(const calibration *c, tare_cost_kind kind, int which, double ns)
{
    const loop *one = &c->loops[which];
    double      turn_ns = (double)c->loops[EMPTY].plain * ns;
    double      plain_ns = (double)one->plain * ns;
    return (tare_cost_loop){.kind = kind,
                            .plain_ns = plain_ns,
                            .heard_ns = (double)one->heard * ns,
                            .callee_ns = (double)one->callee * ns,
                            .body_ns = kind == TARE_COST_NATIVE ? plain_ns - turn_ns : turn_ns};
}

/* What a call by a local name costs more than one by a global name. */
static tare_cost_loop shape_of_announcement(const calibration *c, double ns)
{
    const loop *global = &c->loops[NONE];
    const loop *local = &c->loops[LOCAL];
    return (tare_cost_loop){.kind = TARE_COST_ANNOUNCEMENT,
                            .plain_ns = ((double)local->plain - (double)global->plain) * ns,
                            .heard_ns = ((double)local->heard - (double)global->heard) * ns};
}

static void find_costs(const calibration *c, tare_costs *costs)
{
    double ns = tare_trace_ns_per_tick() / CALLS_A_RUN;
    find_slowdown(c, costs);
    const tare_cost_loop shapes[] = {
        shape_of(c, TARE_COST_CALL, NONE, ns),     shape_of(c, TARE_COST_CALL, THREE, ns),
        shape_of(c, TARE_COST_RESUME, RESUME, ns), shape_of(c, TARE_COST_NATIVE, NATIVE, ns),
        shape_of(c, TARE_COST_NATIVE, METHOD, ns), shape_of_announcement(c, ns),
    };
    tare_costs_measured(costs, shapes, sizeof shapes / sizeof shapes[0]);
}

bool tare_calibrate(tare_costs *costs_out)
{
    calibration        c = {0};
    tare_trace_thread *thread = tare_trace_thread_at(tare_trace_now());
    int                collects = PyGC_Disable();
    bool               whole = thread != NULL && compile_loops(&c) && run_all(&c, thread);
    *costs_out = (tare_costs){.slowdown = 1};
    if (whole)
        find_costs(&c, costs_out);
    release(&c);
    if (PyErr_Occurred())
        PyErr_Clear();
    if (collects)
        PyGC_Enable();
    return whole;
}
