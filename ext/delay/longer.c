/* longer.c - see longer.h.
 *
 *     thread 1   frame, CPU and wall time at its beginning, debt
 *     thread 2   likewise                                           no thread looks at another's
 *     page       sums of all threads of all processes (page.h)
 *
 * CPU time is the thread's own, so neither another thread that has the GIL nor another process that
 * has the CPU makes a call look longer. Cost of a call: two readings of each clock. */
#include "delay/longer.h"

#include "os/os.h"
#include "os/own.h"
#include "os/ticks.h"
#include "trace/debt.h"

enum { CLOCK_READINGS = 200 };
#define USUAL_INTERVAL_NS 5000000U

typedef struct call {
    uintptr_t frame; /* 0: none */
    uint64_t  cpu_ns, wall_ns;
    uint64_t  line_ns;        /* where waits are stretched */
    uint64_t  process_cpu_ns; /* where something is hidden */
    tare_debt debt;
} call;

tare_longer tare_delay;

static _Thread_local call current __attribute__((tls_model("initial-exec")));

static uint64_t measure_clock(void)
{
    uint64_t least_ns = UINT64_MAX;
    for (int i = 0; i < CLOCK_READINGS; i++) {
        uint64_t before_ns = tare_ticks_thread_cpu_ns();
        uint64_t taken_ns = tare_ticks_thread_cpu_ns() - before_ns;
        least_ns = taken_ns < least_ns ? taken_ns : least_ns;
    }
    return least_ns;
}

/* sys.getswitchinterval(). */
static uint64_t ask_interval(void)
{
    PyObject *ask = PySys_GetObject("getswitchinterval");
    PyObject *told = ask != NULL ? PyObject_CallNoArgs(ask) : NULL;
    double    seconds = told != NULL ? PyFloat_AsDouble(told) : 0;
    Py_XDECREF(told);
    PyErr_Clear();
    return seconds > 1e-6 && seconds < 10 ? (uint64_t)(seconds * 1e9) : USUAL_INTERVAL_NS;
}

/* The library that hides it is there when it was loaded before everything else. */
static tare_status ask_for_clock(double part, const tare_clock_functions **clock_out,
                                 tare_error *err)
{
    tare_clock_start_function start_clock;
    *(void **)&start_clock = tare_own_symbol(TARE_CLOCK_SYMBOL);
    if (start_clock == NULL)
        return tare_fail(err, TARE_UNSUPPORTED, "hide a call: tare-agent-clock is not loaded");
    *clock_out = start_clock(part);
    return TARE_OK;
}

tare_status tare_delay_start(tare_delay_page *page, tare_stretch stretch, double ratio,
                             tare_error *err)
{
    const tare_clock_functions *clock = NULL;
    if (!(ratio >= -1 && ratio <= 100))
        return tare_fail(err, TARE_USAGE, "make calls longer: by -1 to 100 times, not %g", ratio);
    if (ratio < 0)
        TARE_TRY(ask_for_clock(-ratio, &clock, err));
    tare_delay = (tare_longer){
        .page = page,
        .stretch = stretch,
        .ratio = ratio,
        .clock_ns = measure_clock(),
        .slice_ns = ask_interval() * 3 / 2,
        .clock = clock,
    };
    return TARE_OK;
}

/* A child's clocks begin anew; it may have been forked in the middle of a call. */
void tare_delay_begin_child(void)
{
    if (tare_delay.page == NULL)
        return;
    tare_delay_count(&tare_delay.page->process_count, 1);
    if (tare_delay.clock != NULL)
        tare_delay.clock->forget();
    current.cpu_ns = tare_ticks_thread_cpu_ns();
    current.wall_ns = tare_os_monotonic_ns();
}

void tare_delay_begin_call(uintptr_t frame, bool resumed)
{
    if (current.frame != 0)
        return;
    tare_delay_count(resumed ? &tare_delay.page->resumes : &tare_delay.page->calls, 1);
    current.frame = frame;
    if (tare_delay.clock != NULL)
        current.process_cpu_ns = tare_os_own_cpu_ns();
    if (tare_delay.stretch == TARE_STRETCH_WAITS)
        current.line_ns = tare_own_line_ns();
    current.wall_ns = tare_os_monotonic_ns();
    current.cpu_ns = tare_ticks_thread_cpu_ns(); /* last: what is before it is not the call's */
    if (tare_delay.clock != NULL)
        tare_delay.clock->begin();
}

static void burn_until(uint64_t cpu_ns)
{
    while (tare_ticks_thread_cpu_ns() < cpu_ns) {
    }
}

/* In slices, after each of which the GIL is given away as Python code must: at once when nobody
 * wants it. They are longer than a switch interval, after which who waits for the GIL insists on
 * it: who is only woken before then finds it taken again, and begins to wait anew. */
static void burn_with_gil(uint64_t from_ns, uint64_t until_ns)
{
    for (uint64_t at_ns = from_ns; at_ns < until_ns;) {
        at_ns = until_ns - at_ns > tare_delay.slice_ns ? at_ns + tare_delay.slice_ns : until_ns;
        burn_until(at_ns);
        if (at_ns < until_ns)
            PyEval_RestoreThread(PyEval_SaveThread());
    }
}

/* Each returns how long the call got. */
static uint64_t burn(uint64_t now_ns, uint64_t due_ns)
{
    if (tare_delay.stretch == TARE_STRETCH_WORK) {
        burn_with_gil(now_ns, now_ns + due_ns);
    } else {
        PyThreadState *state = PyEval_SaveThread();
        burn_until(now_ns + due_ns);
        PyEval_RestoreThread(state);
    }
    return tare_ticks_thread_cpu_ns() - now_ns;
}

static uint64_t without(uint64_t ns, uint64_t part_ns)
{
    return ns > part_ns ? ns - part_ns : 0;
}

static uint64_t wait(uint64_t now_ns, uint64_t due_ns, uint64_t line_ns)
{
    PyThreadState *state = PyEval_SaveThread();
    while (tare_os_monotonic_ns() < now_ns + due_ns) /* a signal ends one sleep */
        tare_os_sleep_until(now_ns + due_ns, 0);
    uint64_t taken_ns = without(tare_os_monotonic_ns() - now_ns, tare_own_line_ns() - line_ns);
    PyEval_RestoreThread(state);
    return taken_ns;
}

/* The clocks at the end of a call, and what it took. */
typedef struct ending {
    uint64_t cpu_ns, wall_ns, line_ns;
    uint64_t own_cpu_ns, own_wall_ns, own_line_ns;
} ending;

static ending read_clocks(void)
{
    ending at = {.cpu_ns = tare_ticks_thread_cpu_ns(), .wall_ns = tare_os_monotonic_ns()};
    at.own_cpu_ns = without(at.cpu_ns - current.cpu_ns, tare_delay.clock_ns);
    at.own_wall_ns = at.wall_ns - current.wall_ns;
    if (tare_delay.stretch == TARE_STRETCH_WAITS) {
        at.line_ns = tare_own_line_ns();
        at.own_line_ns = at.line_ns - current.line_ns;
    }
    return at;
}

static void make_longer(const ending *at)
{
    bool     waits = tare_delay.stretch == TARE_STRETCH_WAITS;
    uint64_t waited_ns = without(at->own_wall_ns, at->own_cpu_ns + at->own_line_ns);
    tare_debt_add(&current.debt, tare_delay.ratio, waits ? waited_ns : at->own_cpu_ns);
    uint64_t due_ns = tare_debt_due(&current.debt);
    if (due_ns == 0)
        return;
    uint64_t taken_ns = waits ? wait(at->wall_ns, due_ns, at->line_ns) : burn(at->cpu_ns, due_ns);
    tare_debt_pay(&current.debt, taken_ns);
    tare_delay_count(&tare_delay.page->inserted_ns, taken_ns);
}

/* What other threads did meanwhile was not held up. */
static void note_hidden(uint64_t own_cpu_ns)
{
    uint64_t process_cpu_ns = tare_os_own_cpu_ns() - current.process_cpu_ns;
    tare_delay_count(&tare_delay.page->beside_ns, without(process_cpu_ns, own_cpu_ns));
    __atomic_store_n(&tare_delay.page->hidden_ns, tare_delay.clock->hidden_ns(), __ATOMIC_RELAXED);
    __atomic_store_n(&tare_delay.page->hidden_line_ns, tare_delay.clock->hidden_line_ns(),
                     __ATOMIC_RELAXED);
}

void tare_delay_end_call(uintptr_t frame)
{
    if (current.frame != frame)
        return;
    if (tare_delay.clock != NULL)
        tare_delay.clock->end();
    ending at = read_clocks();
    tare_delay_count(&tare_delay.page->cpu_ns, at.own_cpu_ns);
    tare_delay_count(&tare_delay.page->wall_ns, at.own_wall_ns);
    tare_delay_count(&tare_delay.page->line_ns, at.own_line_ns);
    if (tare_delay.clock != NULL)
        note_hidden(at.own_cpu_ns);
    if (tare_delay.ratio > 0)
        make_longer(&at);
    current.frame = 0;
}

void tare_delay_note_progress(void)
{
    uint64_t  now_ns = tare_os_monotonic_ns();
    uint64_t  never = 0;
    uint64_t *last_ns = &tare_delay.page->last_progress_ns;
    tare_delay_count(&tare_delay.page->progress_count, 1);
    __atomic_compare_exchange_n(&tare_delay.page->first_progress_ns, &never, now_ns, false,
                                __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    uint64_t known_ns = __atomic_load_n(last_ns, __ATOMIC_RELAXED);
    while (known_ns < now_ns && !__atomic_compare_exchange_n(last_ns, &known_ns, now_ns, false,
                                                             __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}
