/* entry.c - what tare-agent begins: a measurement of memory (common/entry.h).
 *
 * It begins when the interpreter is up, not before: the allocators that PYTHONMALLOC asks for are
 * put in when it starts, in the place of ours; and what it allocates until then is no program's. It
 * ends when the interpreter begins to end (engine.c), or when the process does. */
#include "memory/engine.h"

#include "common/agent.h"
#include "common/entry.h"

#include <stdlib.h>

static tare_memory_options options; /* between run and begin */

static double take_number(const char *name)
{
    const char *text = getenv(name);
    double      number = text != NULL ? strtod(text, NULL) : 0;
    unsetenv(name);
    return number >= 0 && number < 0x1p40 ? number : 0;
}

static tare_memory_options take_options(void)
{
    return (tare_memory_options){
        .output = tare_entry_take("TARE_AGENT_OUTPUT"),
        .command = tare_entry_take("TARE_AGENT_COMMAND"),
        .mode = "run",
        .sample_bytes = take_number("TARE_AGENT_SAMPLE_BYTES"),
        .depth = (uint32_t)take_number("TARE_AGENT_DEPTH"),
        .overwrite = tare_entry_take_flag("TARE_AGENT_OVERWRITE"),
        .children = tare_entry_take_flag("TARE_AGENT_CHILDREN"),
        .native = tare_entry_take_flag("TARE_AGENT_NATIVE"),
    };
}

static void finish(void)
{
    tare_memory_finish(true);
}

static void leave(int last)
{
    tare_memory_finish(last != 0);
}

static bool begin(void)
{
    return options.output != NULL && tare_memory_start(&options, NULL) == TARE_OK;
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
