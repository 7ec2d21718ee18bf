/* patterns.c - see patterns.h.
 *
 *     0 --sys.modules['x']--> 1 --.head--> 2 --.next--> 3 --...--> 4 --.next--> 4
 *                                                       (step .next)
 *
 * Cost: extend O(length of the step). */
#include "heap/patterns.h"

#include <string.h>

static const char MORE[] = "...";

void tare_patterns_deinit(tare_patterns *patterns)
{
    if (patterns->alloc != NULL) {
        tare_intern_deinit(&patterns->strings, patterns->alloc);
        tare_map_deinit(&patterns->by_step, patterns->alloc);
        tare_release(patterns->alloc, patterns->patterns, patterns->capacity,
                     sizeof *patterns->patterns);
    }
    *patterns = (tare_patterns){.alloc = patterns->alloc};
}

static tare_status append(tare_patterns *patterns, const tare_pattern *pattern, tare_error *err)
{
    TARE_TRY(tare_grow(patterns->alloc, (void **)&patterns->patterns, &patterns->capacity,
                       (size_t)patterns->count + 1, sizeof *patterns->patterns, err));
    patterns->patterns[patterns->count++] = *pattern;
    return TARE_OK;
}

static tare_status find_or_add(tare_patterns *patterns, const tare_pattern *pattern, uint32_t *out,
                               tare_error *err)
{
    uint64_t key = tare_pack(pattern->parent, pattern->text);
    if (patterns->count == 0)
        TARE_TRY(append(patterns, &(tare_pattern){0}, err));
    *out = tare_map_get(&patterns->by_step, key);
    if (*out != TARE_MAP_ABSENT)
        return TARE_OK;
    *out = patterns->count;
    TARE_TRY(append(patterns, pattern, err));
    return tare_map_put(&patterns->by_step, key, *out, patterns->alloc, err);
}

tare_status tare_patterns_extend(tare_patterns *patterns, uint32_t from, const tare_buffer *step,
                                 uint32_t node, uint32_t *out, tare_error *err)
{
    tare_pattern pattern = {.parent = from, .node = node};
    uint32_t     more;
    *out = from;
    if (step->failed)
        return tare_fail(err, TARE_NO_MEMORY, "write a path: out of memory");
    if (step->size == 0)
        return TARE_OK;
    TARE_TRY(tare_intern_add(&patterns->strings, (const char *)step->bytes, step->size,
                             patterns->alloc, &pattern.step, err));
    TARE_TRY(tare_intern_add(&patterns->strings, MORE, strlen(MORE), patterns->alloc, &more, err));
    pattern.text = pattern.step;
    if (from != 0 && patterns->patterns[from].step == pattern.step) {
        if (patterns->patterns[from].text == more)
            return TARE_OK;
        pattern.text = more;
    }
    return find_or_add(patterns, &pattern, out, err);
}

tare_status tare_patterns_below(tare_patterns *patterns, uint32_t from, uint32_t node,
                                uint32_t *out, tare_error *err)
{
    tare_pattern pattern = {.parent = from, .node = node};
    TARE_TRY(tare_intern_add(&patterns->strings, MORE, strlen(MORE), patterns->alloc, &pattern.text,
                             err));
    if (from != 0 && patterns->patterns[from].text == pattern.text) {
        *out = from;
        return TARE_OK;
    }
    return find_or_add(patterns, &pattern, out, err);
}
