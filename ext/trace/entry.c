/* entry.c - what tare-agent begins: a trace of calls or lines (common/entry.h). It ends when there
 * is no interpreter any more, so that what runs in atexit and in finalisers is in it. */
#include "trace/engine.h"

#include "common/agent.h"
#include "common/entry.h"

#include <stdlib.h>

static tare_trace_options take_options(void)
{
    return (tare_trace_options){
        .output = tare_entry_take("TARE_AGENT_OUTPUT"),
        .command = tare_entry_take("TARE_AGENT_COMMAND"),
        .mode = "run",
        .overwrite = tare_entry_take_flag("TARE_AGENT_OVERWRITE"),
        .builtins = tare_entry_take_flag("TARE_AGENT_BUILTINS"),
        .classes = true,
        .cpu_clock = tare_entry_take_flag("TARE_AGENT_CPU_CLOCK"),
        .durations = tare_entry_take_flag("TARE_AGENT_DURATIONS"),
        .lines = getenv("TARE_AGENT_LINES") != NULL,
        .selection = tare_entry_take("TARE_AGENT_LINES"),
        .children = tare_entry_take_flag("TARE_AGENT_CHILDREN"),
    };
}

static void finish(void)
{
    tare_trace_finish(true);
}

static void leave(int last)
{
    tare_trace_finish(last != 0);
}

static tare_trace_options options; /* between run and begin */

static bool begin(void)
{
    return options.output != NULL && tare_trace_start(&options, NULL) == TARE_OK;
}

static int run(int argc, char **argv)
{
    options = take_options();
    return tare_entry_run(argc, argv, begin, finish);
}

extern const tare_agent_entry_points tare_agent_entry;

__attribute__((visibility("default"))) const tare_agent_entry_points tare_agent_entry = {
    .run = run,
    .leave = leave,
};
