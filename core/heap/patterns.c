/* patterns.c - see patterns.h.
 *
 *     0 --sys.modules['x']--> 1 --.head--> 2 --.next--> 3 --...--> 4 --.next--> 4
 *                                                       (step .next)
 *
 * Cost: extend O(length of the step). */
#include "heap/patterns.h"

#include <stdlib.h>
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

/* ---- telling ---- */

typedef struct ranked {
    uint64_t count, bytes;
    uint32_t node, pattern;
} ranked;

static int compare(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? 1 : -1;
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    return a->pattern < b->pattern ? -1 : a->pattern > b->pattern;
}

static uint32_t list_counted(const tare_patterns *patterns, ranked *rows)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < patterns->count; i++) {
        const tare_pattern *pattern = &patterns->patterns[i];
        if (pattern->count > 0)
            rows[count++] = (ranked){pattern->count, pattern->bytes, pattern->node, i};
    }
    return count;
}

tare_status tare_patterns_rank(const tare_patterns *patterns, uint32_t *ids_out, uint32_t limit,
                               uint32_t *count_out, uint32_t *all_count_out, tare_error *err)
{
    void *rows;
    *count_out = *all_count_out = 0;
    TARE_TRY(tare_acquire(patterns->alloc, &rows, patterns->count, sizeof(ranked), err));
    uint32_t count = list_counted(patterns, rows);
    if (count > 0)
        qsort(rows, count, sizeof(ranked), compare);
    for (uint32_t i = 0; i < count && i < limit; i++)
        ids_out[(*count_out)++] = ((ranked *)rows)[i].pattern;
    *all_count_out = count;
    tare_release(patterns->alloc, rows, patterns->count, sizeof(ranked));
    return TARE_OK;
}

uint32_t tare_patterns_way(const tare_patterns *patterns, uint32_t pattern, uint32_t *out,
                           uint32_t capacity, bool *cut_out)
{
    uint32_t length = 0;
    for (; pattern != 0 && length < capacity; pattern = patterns->patterns[pattern].parent)
        out[length++] = pattern;
    *cut_out = pattern != 0;
    for (uint32_t i = 0; i < length / 2; i++) {
        uint32_t other = out[length - 1 - i];
        out[length - 1 - i] = out[i];
        out[i] = other;
    }
    return length;
}
