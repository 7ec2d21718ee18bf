/* options.c - see options.h. The command line is written by the tare command, so it is
 * small and strict: every option once, then "--", then the target. */
#include "sampler/options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static tare_status parse_number(const char *option, const char *text, double low, double high,
                                double *value_out, tare_error *err)
{
    char *end = NULL;
    errno = 0;
    double value = strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0' || !(value >= low && value <= high))
        return tare_fail(err, TARE_USAGE, "%s '%s': give a number from %g to %g", option, text, low,
                         high);
    *value_out = value;
    return TARE_OK;
}

static tare_status parse_mode(tare_options *options, const char *word, tare_error *err)
{
    static const struct {
        const char *name;
        tare_mode   mode;
    } modes[] = {{"run", TARE_MODE_RUN}, {"attach", TARE_MODE_ATTACH}, {"dump", TARE_MODE_DUMP}};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(word, modes[i].name) == 0) {
            options->mode = modes[i].mode;
            options->mode_name = modes[i].name;
            return TARE_OK;
        }
    }
    return tare_fail(err, TARE_USAGE, "'%s': give run, attach or dump", word);
}

static tare_status parse_count(const char *option, const char *text, uint32_t least,
                               uint32_t *count_out, tare_error *err)
{
    double number = 0;
    TARE_TRY(parse_number(option, text, least, 1 << 30, &number, err));
    *count_out = (uint32_t)number;
    return TARE_OK;
}

/* One option and its value; *index moves past both. */
static tare_status parse_option(tare_options *options, int argc, char **argv, int *index,
                                tare_error *err)
{
    const char *name = argv[(*index)++];
    double      number = 0;
    if (strcmp(name, "--no-children") == 0) {
        options->follow_children = false;
        return TARE_OK;
    }
    if (strcmp(name, "--overwrite") == 0) {
        options->overwrite = true;
        return TARE_OK;
    }
    if (strcmp(name, "--no-stop") == 0) {
        options->may_hold = false;
        return TARE_OK;
    }
    if (*index >= argc)
        return tare_fail(err, TARE_USAGE, "'%s': not an option, or its value is missing", name);
    const char *value = argv[(*index)++];
    if (strcmp(name, "-o") == 0) {
        options->output = value;
        return TARE_OK;
    }
    if (strcmp(name, "--rate") == 0)
        return parse_number(name, value, 0.1, TARE_MAX_RATE_HZ, &options->rate_hz, err);
    if (strcmp(name, "--hold") == 0) {
        TARE_TRY(parse_number(name, value, 0.01, TARE_MAX_HOLD_PERCENT, &number, err));
        options->hold_share = number / 100;
        return TARE_OK;
    }
    if (strcmp(name, "--duration") == 0)
        return parse_number(name, value, 0.001, 1e9, &options->duration_s, err);
    if (strcmp(name, "--flush") == 0)
        return parse_number(name, value, 0.01, 1e9, &options->flush_s, err);
    if (strcmp(name, "--max-nodes") == 0)
        return parse_count(name, value, 16, &options->max_nodes, err);
    if (strcmp(name, "--max-labels") == 0)
        return parse_count(name, value, 1, &options->max_labels, err);
    if (strcmp(name, "--max-traced") == 0)
        return parse_count(name, value, 0, &options->max_traced, err);
    if (strcmp(name, "--status-fd") == 0) {
        TARE_TRY(parse_number(name, value, 0, INT_MAX, &number, err));
        options->status_fd = (int)number;
        return TARE_OK;
    }
    return tare_fail(err, TARE_USAGE, "'%s': no such option", name);
}

tare_status tare_options_parse(tare_options *options, int argc, char **argv, tare_error *err)
{
    double pid = 0;
    int    index = 2;
    *options = (tare_options){.rate_hz = TARE_DEFAULT_RATE_HZ,
                              .follow_children = true,
                              .may_hold = true,
                              .hold_share = TARE_HOLD_SHARE,
                              .max_nodes = TARE_DEFAULT_MAX_NODES,
                              .max_labels = TARE_DEFAULT_MAX_LABELS,
                              .max_traced = TARE_DEFAULT_MAX_TRACED,
                              .status_fd = -1};
    if (argc < 2)
        return tare_fail(err, TARE_USAGE, "nothing to do: give run, attach or dump");
    TARE_TRY(parse_mode(options, argv[1], err));
    while (index < argc && strcmp(argv[index], "--") != 0)
        TARE_TRY(parse_option(options, argc, argv, &index, err));
    if (options->output == NULL)
        return tare_fail(err, TARE_USAGE, "no file to write: give -o FILE");
    if (++index >= argc)
        return tare_fail(err, TARE_USAGE, "no target: give -- COMMAND or -- PID");
    if (options->mode == TARE_MODE_RUN) {
        options->command = argv + index;
        return TARE_OK;
    }
    if (index + 1 < argc)
        return tare_fail(err, TARE_USAGE, "'%s': one PID at a time", argv[index + 1]);
    TARE_TRY(parse_number("PID", argv[index], 1, INT_MAX, &pid, err));
    options->pid = (int)pid;
    return TARE_OK;
}
