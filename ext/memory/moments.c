/* moments.c - see moments.h.
 *
 *     held      ___/\/\___/\
 *     looked at   ^        ^      near the highest, when that has grown by an eighth since
 *
 * so of a peak of n bytes the process is asked some 8 ln(n) times, however often it is passed, and
 * at most an eighth below it. What it costs grows with the memory: the system's counters, malloc's
 * own lists, and the headers of pymalloc's pools (8 ms for each GiB of small blocks).
 *
 * What pymalloc has is in the text of sys._debugmallocstats, and nowhere else that is the same in
 * all versions. The function behind it asks first whether pymalloc is what is called, so that it
 * has to be so while it runs: for that time our hooks are not in. That needs the GIL, and that
 * there is no other; else nothing is known of pymalloc. */
#include "memory/moments.h"

#include "common/provenance.h"
#include "memory/engine.h"
#include "memory/hooks.h"
#include "memory/own.h"

#include "os/footprint.h"

#include <stdio.h>
#include <string.h>

enum { LEAST_BYTES = 1 << 20, GROWTH_SHARE = 8, KEY_BYTES = 64, STATS_BYTES = 16384 };

typedef struct moment {
    bool           known;
    bool           arenas_known;
    uint64_t       time_ns, live_bytes, peak_bytes;
    uint64_t       arena_bytes, arena_used_bytes;
    uint64_t       own_bytes; /* Tare's own tables */
    tare_footprint footprint;
} moment;

/* Objects/obmalloc.c: 0 when pymalloc is not in use. NULL where it is not to be had. */
int _PyObject_DebugMallocStats(FILE *out) __attribute__((weak));

static moment at_peak;

void tare_moments_begin(void)
{
    at_peak = (moment){0};
}

/* The number behind the "=" of the line with these words, with its commas; 0 when there is none. */
static uint64_t find_number(const char *text, const char *words)
{
    const char *at = strstr(text, words);
    const char *end = at != NULL ? strchr(at, '\n') : NULL;
    uint64_t    number = 0;
    at = at != NULL ? strchr(at, '=') : NULL;
    for (; at != NULL && end != NULL && at < end; at++)
        if (*at >= '0' && *at <= '9')
            number = number * 10 + (uint64_t)(*at - '0');
    return number;
}

typedef struct stats_call {
    FILE *out;
    int   written;
} stats_call;

static void write_stats(void *context)
{
    stats_call *call = context;
    call->written = _PyObject_DebugMallocStats(call->out);
}

static void ask_pymalloc(moment *now)
{
    char       text[STATS_BYTES] = "";
    FILE      *out = _PyObject_DebugMallocStats != NULL ? fmemopen(text, sizeof text, "w") : NULL;
    stats_call call = {.out = out};
    if (out == NULL)
        return;
    bool done = tare_hooks_step_aside(write_stats, &call);
    if (fclose(out) != 0 || !done || call.written == 0)
        return;
    now->arena_bytes = find_number(text, " bytes/arena ");
    now->arena_used_bytes = find_number(text, "# bytes in allocated blocks ");
    now->arenas_known = now->arena_bytes >= now->arena_used_bytes && now->arena_bytes > 0;
}

static moment look(uint64_t now_ns)
{
    moment now = {
        .known = true,
        .time_ns = now_ns,
        .live_bytes = tare_memory.ledger.live.bytes,
        .peak_bytes = tare_memory.ledger.peak.bytes,
        .own_bytes = tare_memory_own_bytes(),
    };
    ask_pymalloc(&now);
    now.footprint = tare_footprint_read();
    return now;
}

void tare_moments_look(uint64_t now_ns)
{
    uint64_t live = tare_memory.ledger.live.bytes;
    uint64_t peak = tare_memory.ledger.peak.bytes;
    uint64_t asked = at_peak.live_bytes;
    bool     is_higher = live > asked + asked / GROWTH_SHARE && live > asked + LEAST_BYTES;
    if (is_higher && live >= peak - peak / GROWTH_SHARE)
        at_peak = look(now_ns);
}

static tare_status store_number(const char *name, const char *part, uint64_t number,
                                tare_error *err)
{
    char key[KEY_BYTES];
    snprintf(key, sizeof key, "memory.%s.%s", name, part);
    return tare_provenance_number(&tare_memory.profile, key, number, err);
}

static tare_status store(const moment *at, const char *name, tare_error *err)
{
    const tare_footprint *footprint = &at->footprint;
    const struct {
        const char *part;
        uint64_t    number;
        bool        known;
    } numbers[] = {
        {"time_ns", at->time_ns, true},
        {"live_bytes", at->live_bytes, true},
        {"peak_bytes", tare_memory.ledger.peak.bytes, true},
        {"own_bytes", at->own_bytes, true},
        {"arena_bytes", at->arena_bytes, at->arenas_known},
        {"arena_used_bytes", at->arena_used_bytes, at->arenas_known},
        {"malloc_used_bytes", footprint->malloc_used_bytes, footprint->malloc_known},
        {"malloc_free_bytes", footprint->malloc_free_bytes, footprint->malloc_known},
        {"file_bytes", footprint->file_bytes, footprint->rss_bytes > 0},
        {"swap_bytes", footprint->swap_bytes, footprint->rss_bytes > 0},
        {"rss_bytes", footprint->rss_bytes, footprint->rss_bytes > 0},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (at->known && numbers[i].known)
            TARE_TRY(store_number(name, numbers[i].part, numbers[i].number, err));
    return TARE_OK;
}

tare_status tare_moments_store(tare_error *err)
{
    moment now = look(tare_memory.wall_ns);
    TARE_TRY(store(&at_peak, "peak", err));
    return store(&now, "end", err);
}
