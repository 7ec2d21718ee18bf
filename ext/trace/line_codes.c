/* line_codes.c - see line_codes.h.
 *
 * A code object is looked at once: is it wanted, which lines has it, where do statements begin.
 * Its own table of lines says the first two (co_lines, a method in C); its source which lines
 * make one statement. Without the source each line is one by itself. */
#include "trace/line_codes.h"

#include "common/code_names.h"

#include "trace/line_sources.h"
#include "trace/listen.h"
#include "trace/names.h"

#include "trace/line_merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NESTING = 50, UNIT_BYTES = 2, MAX_LINES = 1 << 20 };

tare_line_target **tare_line_targets;
void (*tare_line_codes_on_target)(PyCodeObject *code, bool seen);

static uint32_t target_count, target_capacity;
static tare_map number_by_function; /* of the profile */
static char    *selection;          /* owned; NULL = what is added alone */
static uint32_t looking_in;         /* the generation in which code is being looked at */

/* Reading a source can let other threads run, and these can end the measurement. */
static bool is_over(void)
{
    return !tare_trace.active || tare_trace.generation != looking_in;
}

/* ---- the lines of a code object ---- */

typedef struct line_range {
    uint32_t start, end; /* byte offsets */
    uint32_t line;       /* 0: none */
} line_range;

typedef struct line_table {
    line_range *ranges; /* owned */
    uint32_t    count, capacity;
    uint32_t    last_line;
} line_table;

static void release_table(line_table *table)
{
    tare_release(tare_alloc_system(), table->ranges, table->capacity, sizeof *table->ranges);
    *table = (line_table){0};
}

static bool add_range(line_table *table, line_range range)
{
    void *ranges = table->ranges;
    if (tare_grow(tare_alloc_system(), &ranges, &table->capacity, (size_t)table->count + 1,
                  sizeof *table->ranges, NULL) != TARE_OK)
        return false;
    table->ranges = ranges;
    table->ranges[table->count++] = range;
    if (range.line > table->last_line)
        table->last_line = range.line;
    return true;
}

/* co_lines() gives (start, end, line or None), in order. */
static bool read_range(line_table *table, PyObject *row)
{
    if (!PyTuple_CheckExact(row) || PyTuple_GET_SIZE(row) != 3)
        return false;
    PyObject *number = PyTuple_GET_ITEM(row, 2);
    long      start = PyLong_AsLong(PyTuple_GET_ITEM(row, 0));
    long      end = PyLong_AsLong(PyTuple_GET_ITEM(row, 1));
    long      line = number == Py_None ? 0 : PyLong_AsLong(number);
    return start >= 0 && end >= start && line >= 0 && line < INT32_MAX &&
           add_range(table, (line_range){(uint32_t)start, (uint32_t)end, (uint32_t)line});
}

static bool read_table(line_table *table, PyCodeObject *code)
{
    PyObject *rows = PyObject_CallMethod((PyObject *)code, "co_lines", NULL);
    PyObject *row;
    bool      whole = rows != NULL;
    *table = (line_table){0};
    while (whole && (row = PyIter_Next(rows)) != NULL) {
        whole = read_range(table, row);
        Py_DECREF(row);
    }
    Py_XDECREF(rows);
    return whole && !PyErr_Occurred();
}

/* ---- what is wanted ---- */

/* Whether the parts of a name, between dots, are among those of another, in a row. */
static bool has_parts(const char *qualname, const char *name, size_t size)
{
    for (const char *at = qualname; at != NULL;) {
        if (strncmp(at, name, size) == 0 && (at[size] == '\0' || at[size] == '.'))
            return true;
        at = strchr(at, '.');
        at = at != NULL ? at + 1 : NULL;
    }
    return false;
}

static bool is_function(const char *word, size_t size, PyCodeObject *code, PyObject *globals)
{
    const char *colon = memchr(word, ':', size);
    const char *qualname = tare_code_utf8(code->co_qualname, "");
    if (colon == NULL)
        return has_parts(qualname, word, size);
    size_t module_size = (size_t)(colon - word);
    return has_parts(qualname, colon + 1, size - module_size - 1) &&
           tare_code_is_module(word, module_size, code, globals);
}

/* The file, or a folder that it is in. */
static bool is_under(const char *word, size_t size, const char *file)
{
    size_t file_size = strlen(file);
    size_t last = word[0] == '/' || file_size < size ? 0 : file_size - size;
    for (size_t at = 0; at <= last && at + size < file_size; at++)
        if ((at == 0 || file[at - 1] == '/') && file[at + size] == '/' &&
            memcmp(file + at, word, size) == 0)
            return true;
    return tare_code_is_file(word, size, file);
}

static bool begins_with_parts(const char *name, const char *word, size_t size)
{
    return strncmp(name, word, size) == 0 && (name[size] == '.' || name[size] == '\0');
}

static bool is_in_package(const char *word, size_t size, PyCodeObject *code, PyObject *globals)
{
    const char *name = tare_code_module(globals);
    if (memchr(word, '/', size) != NULL || (size > 3 && memcmp(word + size - 3, ".py", 3) == 0))
        return is_under(word, size, tare_code_utf8(code->co_filename, ""));
    PyObject   *found = globals != NULL ? PyDict_GetItemString(globals, "__package__") : NULL;
    const char *package = tare_code_utf8(found, ""); /* that of a main module, too */
    return begins_with_parts(name, word, size) || begins_with_parts(package, word, size) ||
           tare_code_is_module(word, size, code, globals);
}

static bool is_top_level(PyCodeObject *code)
{
    return strcmp(tare_code_utf8(code->co_name, ""), "<module>") == 0;
}

static uint32_t last_line_of(PyCodeObject *code, const tare_source *source, uint32_t table_last)
{
    uint32_t first = code->co_firstlineno > 0 ? (uint32_t)code->co_firstlineno : 1;
    uint32_t last = table_last > first ? table_last : first;
    bool     block = tare_code_utf8(code->co_name, "<")[0] != '<';
    if (source == NULL)
        return last;
    uint32_t end = is_top_level(code) ? source->line_count
                   : block            ? tare_source_block_end(source, first)
                                      : last;
    return end > last ? end : last;
}

static bool is_around(PyCodeObject *code, const tare_source *source, uint32_t line)
{
    line_table table;
    bool       around = read_table(&table, code);
    uint32_t   first = code->co_firstlineno > 0 ? (uint32_t)code->co_firstlineno : 1;
    around = around && line >= first && line <= last_line_of(code, source, table.last_line);
    release_table(&table);
    return around;
}

/* Around the line, and nothing inside is. */
static bool is_innermost(PyCodeObject *code, const tare_source *source, uint32_t line)
{
    if (!is_around(code, source, line))
        return false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *inner = PyTuple_GET_ITEM(code->co_consts, i);
        if (PyCode_Check(inner) &&
            tare_code_utf8(((PyCodeObject *)inner)->co_name, "<")[0] != '<' &&
            is_around((PyCodeObject *)inner, source, line))
            return false;
    }
    return true;
}

static bool is_at_line(const char *word, size_t size, PyCodeObject *code, PyObject *globals)
{
    size_t colon = size;
    while (colon > 0 && word[colon] != ':')
        colon--;
    if (!tare_code_is_file(word, colon, tare_code_utf8(code->co_filename, "")))
        return false;
    const uint32_t     line = (uint32_t)strtoul(word + colon + 1, NULL, 10);
    const tare_source *source = tare_line_source(code->co_filename, globals);
    return !is_over() && is_innermost(code, source, line);
}

static bool fits(const char *row, size_t size, PyCodeObject *code, PyObject *globals)
{
    switch (row[0]) {
    case 'f':
        return is_function(row + 2, size - 2, code, globals);
    case 'l':
        return is_at_line(row + 2, size - 2, code, globals);
    default:
        return is_in_package(row + 2, size - 2, code, globals);
    }
}

static bool is_wanted(PyCodeObject *code, PyObject *globals)
{
    for (const char *row = selection; row != NULL && *row != '\0';) {
        size_t size = strcspn(row, "\n");
        if (fits(row, size, code, globals))
            return true;
        if (is_over())
            return false;
        row += size + (row[size] == '\n');
    }
    return false;
}

/* ---- targets ---- */

static void release_target(tare_line_target *target)
{
    const tare_alloc *alloc = tare_alloc_system();
    Py_XDECREF(target->file);
    tare_release(alloc, target->code.heads, target->code.line_count, sizeof *target->code.heads);
    tare_release(alloc, target->code.instructions, target->code.line_count,
                 sizeof *target->code.instructions);
    tare_release(alloc, target->range_starts, target->range_count, sizeof *target->range_starts);
    tare_release(alloc, target->range_lines, target->range_count, sizeof *target->range_lines);
    tare_release(alloc, target->range_begins, target->range_count, sizeof *target->range_begins);
    tare_release(alloc, target, 1, sizeof *target);
}

static bool acquire_ranges(tare_line_target *target, uint32_t count)
{
    const tare_alloc *alloc = tare_alloc_system();
    void             *starts, *lines, *begins;
    if (tare_acquire(alloc, &starts, count, sizeof *target->range_starts, NULL) != TARE_OK)
        return false;
    target->range_count = count;
    target->range_starts = starts;
    if (tare_acquire(alloc, &lines, count, sizeof *target->range_lines, NULL) != TARE_OK)
        return false;
    target->range_lines = lines;
    if (tare_acquire(alloc, &begins, count, sizeof *target->range_begins, NULL) != TARE_OK)
        return false;
    target->range_begins = begins;
    return true;
}

static uint32_t head_of(const tare_source *source, uint32_t line)
{
    return source != NULL ? tare_source_head(source, line) : line;
}

static bool came_before(const tare_line_target *target, uint32_t range, uint32_t head,
                        const tare_source *source)
{
    for (uint32_t i = 0; i < range; i++)
        if (target->range_lines[i] > 0 && head_of(source, target->range_lines[i]) == head)
            return true;
    return false;
}

static bool is_with(const tare_source *source, uint32_t head)
{
    return source != NULL && tare_source_is_with(source, head);
}

/* A statement begins where the instructions before are another's; a with at its first only. */
static bool fill_ranges(tare_line_target *target, const line_table *table,
                        const tare_source *source)
{
    uint32_t before = 0;
    if (!acquire_ranges(target, table->count))
        return false;
    for (uint32_t i = 0; i < table->count; i++) {
        const line_range *range = &table->ranges[i];
        uint32_t          head = range->line > 0 ? head_of(source, range->line) : before;
        target->range_starts[i] = range->start;
        target->range_lines[i] = range->line;
        target->range_begins[i] = head != before &&
                                  !(is_with(source, head) && came_before(target, i, head, source));
        before = head;
    }
    return true;
}

/* Of one line, with what the hits of its statement depend on. */
static uint32_t describe_head(const tare_line_code *code, const tare_source *source, uint32_t index)
{
    uint32_t line = code->first_line + index;
    uint32_t head = head_of(source, line);
    bool     with = is_with(source, head);
    bool     shared = with || head != line || head_of(source, line + 1) == line;
    if (head < code->first_line)
        return index;
    bool loop = source != NULL && tare_source_is_loop(source, head);
    return (head - code->first_line) | (shared ? TARE_LINE_SHARED : 0) |
           (with ? TARE_LINE_RETURNS : 0) | (loop ? TARE_LINE_LOOPS : 0);
}

static uint32_t count_instructions(const char *bytes, const line_range *range)
{
    uint32_t count = 0; /* what is 0 is a word of the cache of the one before */
    for (uint32_t at = range->start; at < range->end; at += UNIT_BYTES)
        count += bytes[at] != 0;
    return count;
}

/* Code that is there more than once (a finally) counts once: what is not run costs nothing. */
static void add_instructions(tare_line_target *target, const line_table *table, const char *bytes)
{
    tare_line_code *code = &target->code;
    for (uint32_t i = 0; i < table->count; i++) {
        const line_range *range = &table->ranges[i];
        uint32_t          index = range->line - code->first_line;
        if (range->line < code->first_line || index >= code->line_count)
            continue;
        uint32_t *sum = &code->instructions[index];
        uint32_t  count = count_instructions(bytes, range);
        *sum = !target->range_begins[i] ? *sum + count : count > *sum ? count : *sum;
    }
}

static bool fill_instructions(tare_line_target *target, const line_table *table, PyCodeObject *code)
{
    void *counts;
    if (!tare_trace.listener->slows())
        return true;
    if (tare_acquire(tare_alloc_system(), &counts, target->code.line_count,
                     sizeof *target->code.instructions, NULL) != TARE_OK)
        return false;
    target->code.instructions = counts;
    PyObject *bytes = PyObject_GetAttrString((PyObject *)code, "co_code");
    bool      whole = bytes != NULL && PyBytes_CheckExact(bytes) &&
                 (uint64_t)PyBytes_GET_SIZE(bytes) >= table->ranges[table->count - 1].end;
    if (whole)
        add_instructions(target, table, PyBytes_AS_STRING(bytes));
    Py_XDECREF(bytes);
    return whole;
}

/* Only where a statement has more than one line, or is gone back to. */
static bool fill_heads(tare_line_target *target, const tare_source *source)
{
    tare_line_code *code = &target->code;
    void           *heads;
    bool            needed = false;
    for (uint32_t i = 0; i < code->line_count && source != NULL; i++)
        needed = needed || describe_head(code, source, i) != i;
    if (!needed)
        return true;
    if (tare_acquire(tare_alloc_system(), &heads, code->line_count, sizeof *code->heads, NULL) !=
        TARE_OK)
        return false;
    code->heads = heads;
    for (uint32_t i = 0; i < code->line_count; i++)
        code->heads[i] = describe_head(code, source, i);
    return true;
}

/* As provenance: "source:FILE:LINE". Read already, so nothing is run for it. */
static void keep_source(const tare_line_target *target)
{
    char               key[TARE_OS_PATH_BYTES + 32];
    const char        *bytes;
    size_t             size;
    uint32_t           first = target->code.first_line;
    const tare_source *source = target->file != NULL ? tare_line_source(target->file, NULL) : NULL;
    if (source == NULL)
        return;
    tare_source_part(source, first, first + target->code.line_count - 1, &bytes, &size);
    snprintf(key, sizeof key, "source:%s:%u", tare_code_utf8(target->file, ""), first);
    if (size > 0 && tare_profile_set_meta(&tare_trace.profile, key, bytes, size, NULL) != TARE_OK)
        tare_trace.failed_count++;
}

static bool register_target(tare_line_target *target)
{
    void *items = tare_line_targets;
    if (tare_grow(tare_alloc_system(), &items, &target_capacity, (size_t)target_count + 1,
                  sizeof *tare_line_targets, NULL) != TARE_OK)
        return false;
    tare_line_targets = items;
    if (tare_map_put(&number_by_function, target->code.function, target_count, tare_alloc_system(),
                     NULL) != TARE_OK)
        return false;
    target->code.index = target_count;
    tare_line_targets[target_count++] = target;
    return true;
}

/* keep: its source, for it does not stand in what is kept already. */
static tare_line_target *make_target(PyCodeObject *code, uint32_t function, PyObject *globals,
                                     bool keep)
{
    const tare_source *source = tare_line_source(code->co_filename, globals);
    void              *memory;
    line_table         table;
    if (is_over())
        return NULL;
    if (tare_acquire(tare_alloc_system(), &memory, 1, sizeof(tare_line_target), NULL) != TARE_OK)
        return NULL;
    tare_line_target *target = memory;
    bool              whole = read_table(&table, code) && table.count > 0;
    uint32_t          first = code->co_firstlineno > 0 ? (uint32_t)code->co_firstlineno : 1;
    target->code.function = function;
    target->code.first_line = first;
    target->code.line_count = last_line_of(code, source, table.last_line) - first + 1;
    whole = whole && target->code.line_count <= MAX_LINES && fill_heads(target, source);
    whole = whole && fill_ranges(target, &table, source) &&
            fill_instructions(target, &table, code) && register_target(target);
    release_table(&table);
    if (!whole) {
        release_target(target);
        return NULL;
    }
    if (keep)
        target->file = Py_NewRef(code->co_filename);
    keep_source(target);
    return target;
}

/* The target that code of that name has already, if it has its lines. */
static tare_line_target *find_target(PyCodeObject *code, uint32_t function)
{
    uint32_t   number = tare_map_get(&number_by_function, function);
    line_table table;
    if (number == TARE_MAP_ABSENT)
        return NULL;
    const tare_line_code *known = &tare_line_targets[number]->code;
    bool                  fits_in = read_table(&table, code) &&
                   table.last_line < known->first_line + known->line_count;
    release_table(&table);
    return fits_in ? tare_line_targets[number] : NULL;
}

static void mark(PyCodeObject *code, const tare_line_target *target)
{
    uint32_t  number = target != NULL ? target->code.index + 1 : 0;
    uintptr_t extra = (uintptr_t)((uint64_t)tare_trace.generation << 32 | number);
    if (TARE_CODE_EXTRA_SET((PyObject *)code, tare_trace.extra_index, (void *)extra) < 0) {
        PyErr_Clear();
        tare_trace.failed_count++;
    }
}

/* The target of one code object, without what is inside. NULL without memory, or where it is too
 * odd: then it is not looked at again. */
static tare_line_target *want_alone(PyCodeObject *code, PyObject *globals, bool keep)
{
    uint32_t          function = tare_names_function(code);
    tare_line_target *target = find_target(code, function);
    uint32_t          node;
    if (target == NULL)
        target = make_target(code, function, globals, keep);
    if (is_over())
        return NULL;
    if (target != NULL &&
        tare_lines_place(&target->code, &tare_trace.profile, &node, NULL) != TARE_OK)
        target = NULL;
    tare_trace.failed_count += target == NULL;
    mark(code, target);
    return target;
}

static tare_line_target *want(PyCodeObject *code, PyObject *globals, uint32_t depth)
{
    tare_line_target *target;
    bool              seen = tare_line_codes_know(code, &target);
    if (target != NULL && depth == 0) /* it may be another listening to the same */
        tare_line_codes_on_target(code, false);
    if (target != NULL)
        return target; /* with all that is inside */
    target = want_alone(code, globals, depth == 0);
    if (target == NULL)
        return NULL;
    tare_line_codes_on_target(code, seen);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts) && depth < MAX_NESTING; i++) {
        PyObject *inner = PyTuple_GET_ITEM(code->co_consts, i);
        if (PyCode_Check(inner) && !is_over())
            (void)want((PyCodeObject *)inner, globals, depth + 1);
    }
    return is_over() ? NULL : target;
}

/* ---- the interface ---- */

/* What collecting garbage would run could look at code itself, or end the measurement. */
tare_line_target *tare_line_codes_look(PyCodeObject *code, PyObject *globals)
{
    PyObject         *type, *value, *traceback;
    tare_line_target *target = NULL;
    int               collects = PyGC_Disable();
    PyErr_Fetch(&type, &value, &traceback);
    looking_in = tare_trace.generation;
    if (is_wanted(code, globals))
        target = want(code, globals, 0);
    else if (!is_over())
        mark(code, NULL);
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    if (collects)
        PyGC_Enable();
    return target;
}

tare_line_target *tare_line_codes_add(PyCodeObject *code)
{
    int collects = PyGC_Disable();
    looking_in = tare_trace.generation;
    tare_line_target *target = want(code, NULL, 0);
    PyErr_Clear();
    if (collects)
        PyGC_Enable();
    return target;
}

tare_status tare_line_codes_place(tare_error *err)
{
    uint32_t node;
    for (uint32_t i = 0; i < target_count; i++) {
        TARE_TRY(tare_lines_place(&tare_line_targets[i]->code, &tare_trace.profile, &node, err));
        keep_source(tare_line_targets[i]);
    }
    return TARE_OK;
}

static bool is_row(const char *row, size_t size)
{
    if (size < 3 || row[1] != ' ' || strchr("flp", row[0]) == NULL)
        return false;
    if (row[0] != 'l')
        return true;
    const char *colon = memrchr(row, ':', size);
    return colon != NULL && strspn(colon + 1, "0123456789") == size - (size_t)(colon + 1 - row) &&
           colon[1] != '\n' && colon[1] != '\0';
}

tare_status tare_line_codes_begin(const char *rows, tare_error *err)
{
    void *copy;
    for (const char *row = rows; row != NULL && *row != '\0';) {
        size_t size = strcspn(row, "\n");
        if (!is_row(row, size))
            return tare_fail(err, TARE_USAGE, "measure the lines of %.*s: what is that?", (int)size,
                             row);
        row += size + (row[size] == '\n');
    }
    if (rows == NULL)
        return TARE_OK;
    TARE_TRY(tare_acquire(tare_alloc_system(), &copy, strlen(rows) + 1, 1, err));
    selection = copy;
    memcpy(selection, rows, strlen(rows) + 1);
    return TARE_OK;
}

void tare_line_codes_end(void)
{
    for (uint32_t i = 0; i < target_count; i++)
        release_target(tare_line_targets[i]);
    tare_release(tare_alloc_system(), tare_line_targets, target_capacity,
                 sizeof *tare_line_targets);
    if (selection != NULL)
        tare_release(tare_alloc_system(), selection, strlen(selection) + 1, 1);
    tare_map_deinit(&number_by_function, tare_alloc_system());
    tare_line_sources_forget();
    tare_line_targets = NULL;
    selection = NULL;
    target_count = target_capacity = 0;
}

static uint32_t find_range(const tare_line_target *target, uint32_t offset)
{
    uint32_t low = 0, high = target->range_count; /* starts[low] <= offset < starts[high] */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (target->range_starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint32_t tare_line_at(const tare_line_target *target, uint32_t offset)
{
    return target->range_count > 0 ? target->range_lines[find_range(target, offset)] : 0;
}

bool tare_line_begins_at(const tare_line_target *target, uint32_t offset)
{
    if (target->range_count == 0)
        return true;
    uint32_t range = find_range(target, offset);
    return target->range_begins[range] && target->range_starts[range] == offset;
}
