/* options.h - the command line of tare-sample. */
#ifndef TARE_SAMPLER_OPTIONS_H
#define TARE_SAMPLER_OPTIONS_H

#include "base/status.h"
#include "remote/memory.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    TARE_DEFAULT_RATE_HZ = 1000,
    TARE_MAX_RATE_HZ = 1000000,
    TARE_MAX_HOLD_PERCENT = 50,        /* the target must get on */
    TARE_DEFAULT_MAX_NODES = 1 << 20,  /* distinct stacks: some 250 MB */
    TARE_DEFAULT_MAX_LABELS = 1 << 16, /* threads that are told apart: some 50 MB */
    TARE_DEFAULT_MAX_TRACED = 128      /* processes with series of their own: 32 MB in a day */
};

typedef enum tare_mode { TARE_MODE_RUN, TARE_MODE_ATTACH, TARE_MODE_DUMP } tare_mode;

typedef struct tare_options {
    tare_mode    mode;
    const char  *mode_name;
    const char  *output;
    double       rate_hz;
    double       duration_s; /* 0 = until the target ends */
    double       flush_s;    /* at most between writes; 0 = 1 s, later 1 % of the run */
    uint32_t     max_nodes;  /* what more there is is counted as "(overflow)", */
    uint32_t     max_labels; /* "(other threads)" and */
    uint32_t     max_traced; /* "(other processes)" */
    bool         follow_children;
    bool         overwrite;
    bool         may_hold;   /* threads, for some microseconds, */
    double       hold_share; /* of their time at most */
    int          status_fd;  /* -1 = none: errors go to stderr */
    char *const *command;    /* run: what to start; borrows argv */
    int          pid;        /* attach, dump */
} tare_options;

/* USAGE with a one-line message for anything that is not understood. */
TARE_MUST_USE tare_status tare_options_parse(tare_options *options, int argc, char **argv,
                                             tare_error *err);

#endif
