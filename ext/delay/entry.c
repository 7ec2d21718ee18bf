/* entry.c - what tare-agent begins when a function is to be delayed (common/entry.h).
 *
 *     TARE_AGENT_OUTPUT     the page (page.h)      TARE_AGENT_FUNCTION   a row (codes.h)
 *     TARE_AGENT_STRETCH    work, released, waits  TARE_AGENT_PROGRESS   likewise, or nothing
 *     TARE_AGENT_RATIO      0 = only measured; below, hidden: then tare-agent-clock is loaded, and
 *                           TARE_AGENT_CLOCK says so to whoever starts us
 *
 * It goes on until the process ends. */
#include "delay/longer.h"

#include "common/agent.h"
#include "common/entry.h"
#include "common/forks.h"
#include "common/output.h"

#include "os/own.h"

#include "delay/codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    char *output, *function, *progress, *stretch, *ratio;
} options; /* between run and begin; the rows stay */

static tare_stretch which_stretch(const char *word)
{
    if (word != NULL && strcmp(word, "released") == 0)
        return TARE_STRETCH_RELEASED;
    return word != NULL && strcmp(word, "waits") == 0 ? TARE_STRETCH_WAITS : TARE_STRETCH_WORK;
}

static void note_fork(void)
{
    /* The child counts itself. */
}

static tare_status start(tare_delay_page *page, tare_error *err)
{
    double ratio = options.ratio != NULL ? strtod(options.ratio, NULL) : 0;
    TARE_TRY(tare_delay_codes_begin(options.function, options.progress, err));
    TARE_TRY(tare_delay_start(page, which_stretch(options.stretch), ratio, err));
    TARE_TRY(tare_forks_watch(tare_delay_begin_child, note_fork, err));
    return tare_delay_listen(err);
}

static bool begin(void)
{
    void      *memory;
    tare_error err = {0};
    if (options.output == NULL ||
        tare_own_share_file(options.output, sizeof(tare_delay_page), &memory, NULL) != TARE_OK)
        return false;
    tare_delay_page *page = memory;
    if (start(page, &err) == TARE_OK) {
        tare_delay_count(&page->process_count, 1);
        page->began = 1;
    } else {
        snprintf(page->message, sizeof page->message, "%s", err.message);
    }
    tare_output_release(&options.output);
    tare_output_release(&options.stretch);
    tare_output_release(&options.ratio);
    return false; /* nothing is to be done at the end: the page is written already */
}

static void finish(void)
{
}

static void leave(int last)
{
    (void)last; /* the same */
}

static int run(int argc, char **argv)
{
    options.output = tare_entry_take("TARE_AGENT_OUTPUT");
    options.function = tare_entry_take("TARE_AGENT_FUNCTION");
    options.progress = tare_entry_take("TARE_AGENT_PROGRESS");
    options.stretch = tare_entry_take("TARE_AGENT_STRETCH");
    options.ratio = tare_entry_take("TARE_AGENT_RATIO");
    (void)tare_entry_take_flag("TARE_AGENT_CLOCK");
    return tare_entry_run(argc, argv, begin, finish);
}

extern const tare_agent_entry_points tare_agent_entry;

__attribute__((visibility("default"))) const tare_agent_entry_points tare_agent_entry = {
    .run = run,
    .leave = leave,
};
