/* import_importtime.c - what python -X importtime writes to stderr.
 *
 *     import time: self [us] | cumulative | imported package
 *     import time:        12 |         12 |     json.scanner
 *     import time:        34 |         46 |   json.decoder
 *     import time:        56 |        102 | json
 *
 * A module stands below those that it imported, which stand two blanks further in: read from
 * the end, each line belongs to the nearest one below it that stands further out. Each line is one
 * import: a call, whose own time is the first number. -X importtime=2 also lists modules that
 * were loaded already, "cached", without times: nothing was imported there, so they are left out,
 * as other lines of a log are.
 * Cost: O(bytes); 40 bytes per line. */
#include "io/decimal.h"
#include "io/import.h"
#include "io/imported.h"

#include <string.h>

enum { US_TO_NS = 3, BLANKS_PER_LEVEL = 2 };

static const char mark[] = "import time:";

typedef struct import_line {
    tare_text name;
    uint64_t  self_ns;
    uint32_t  depth;
    bool      cached;
} import_line;

typedef struct importtime_reader {
    tare_imported im;
    import_line  *lines; /* owned; in the order of the file */
    uint32_t      line_count, line_capacity;
    uint32_t     *path; /* owned; by depth: the node of the line that stands so far in */
    uint32_t      path_capacity;
} importtime_reader;

/* "   12 |", or "cached    |". */
static bool read_column(tare_text *text, uint64_t *ns, bool *cached)
{
    tare_decimal number;
    *ns = 0;
    tare_text_skip_blanks(text);
    *cached = tare_text_skip(text, "cached");
    if (!*cached) {
        size_t size = tare_decimal_read(text->bytes, text->size, &number);
        if (size == 0 || !tare_decimal_scale(&number, US_TO_NS, ns))
            return false;
        text->bytes += size;
        text->size -= size;
    }
    tare_text_skip_blanks(text);
    return tare_text_skip(text, "|");
}

static bool read_line(tare_text text, import_line *out)
{
    uint64_t cumulative_ns;
    bool     unused;
    if (!tare_text_skip(&text, mark) || !read_column(&text, &out->self_ns, &out->cached) ||
        !read_column(&text, &cumulative_ns, &unused) || !tare_text_skip(&text, " "))
        return false;
    const char *begin = text.bytes;
    tare_text_skip_blanks(&text);
    size_t depth = (size_t)(text.bytes - begin) / BLANKS_PER_LEVEL;
    out->name = text;
    out->depth = depth < UINT32_MAX ? (uint32_t)depth : UINT32_MAX;
    return text.size > 0;
}

bool tare_sniff_importtime(const uint8_t *bytes, size_t size)
{
    enum { SNIFFED_LINES = 1000 };

    tare_text   rest = {.bytes = (const char *)bytes, .size = size};
    tare_text   line;
    import_line unused;
    for (int i = 0; i < SNIFFED_LINES && tare_text_line(&rest, &line); i++) {
        if (read_line(line, &unused))
            return true;
    }
    return false;
}

static tare_status add_line(importtime_reader *r, import_line line)
{
    void *memory = r->lines;
    TARE_TRY(tare_grow(r->im.profile->alloc, &memory, &r->line_capacity, r->line_count + (size_t)1,
                       sizeof *r->lines, r->im.err));
    r->lines = memory;
    r->lines[r->line_count++] = line;
    return TARE_OK;
}

/* path_depth: of the line below, plus 1. A line that stands further in than that allows has
 * lost its importer to another line of the log: it goes below the next one out. */
static tare_status place_line(importtime_reader *r, const import_line *line, uint32_t *path_depth)
{
    tare_import_name name = {.name = line->name};
    uint32_t         depth = line->depth < *path_depth ? line->depth : *path_depth;
    uint32_t         function, node;
    void            *memory = r->path;
    TARE_TRY(tare_grow(r->im.profile->alloc, &memory, &r->path_capacity, depth + (size_t)1,
                       sizeof *r->path, r->im.err));
    r->path = memory;
    TARE_TRY(tare_imported_function(&r->im, &name, &function));
    TARE_TRY(tare_imported_child(&r->im, depth > 0 ? r->path[depth - 1] : 0, function, 0, &node));
    r->path[depth] = node;
    *path_depth = depth + 1;
    TARE_TRY(tare_imported_add(&r->im, node, 0, TARE_METRIC_calls, 1));
    return tare_imported_time(&r->im, node, 0, line->self_ns);
}

static tare_status read_file(importtime_reader *r, const uint8_t *bytes, size_t size)
{
    tare_text   rest = {.bytes = (const char *)bytes, .size = size};
    tare_text   text;
    import_line line;
    uint32_t    path_depth = 0;
    while (tare_text_line(&rest, &text)) {
        if (read_line(text, &line) && !line.cached)
            TARE_TRY(add_line(r, line));
    }
    if (r->line_count == 0)
        return tare_fail(r->im.err, TARE_CORRUPT,
                         "read what -X importtime wrote: it has no line with times");
    for (uint32_t i = r->line_count; i > 0; i--)
        TARE_TRY(place_line(r, &r->lines[i - 1], &path_depth));
    return tare_imported_end(&r->im, "Imports only, in microseconds: a module's own time is that "
                                     "of its code and of finding and reading it.");
}

tare_status tare_import_importtime(const uint8_t *bytes, size_t size, tare_profile *into,
                                   tare_error *err)
{
    importtime_reader r = {.im = {.profile = into, .err = err}};
    tare_status       status = read_file(&r, bytes, size);
    tare_release(into->alloc, r.lines, r.line_capacity, sizeof *r.lines);
    tare_release(into->alloc, r.path, r.path_capacity, sizeof *r.path);
    return status;
}
