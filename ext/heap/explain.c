/* explain.c - see explain.h.
 *
 *     part -> parts -> parts ...        depth first; what was counted under one counts there alone
 *
 * Each part is measured before it is known whether it is large enough to be shown. Those of one
 * object are kept in an array that is cut back to the largest whenever it is twice as long as it
 * may be; the rest is a sum. Names are looked for once it is known who stays.
 *
 * Cost: that of the deep size, and for each row a search through the references of its owner. */
#include "heap/explain.h"

#include "heap/names.h"
#include "heap/words.h"

#include <stdlib.h>

typedef struct part part;
struct part {
    PyObject *object;
    uint64_t  bytes, own_bytes, count, opaque_count;
    part     *parts; /* owned */
    uint32_t  part_count, capacity;
    uint64_t  rest_bytes, rest_objects, rest_opaque, rest_count; /* of those cut off */
};

typedef struct explaining {
    tare_explain *out;
    tare_deep     deep;
    uint32_t      limit;
    tare_error   *err;
} explaining;

typedef struct part_list {
    const tare_alloc *alloc;
    PyObject        **objects; /* owned; nothing in it is */
    uint32_t          count, capacity;
    tare_status       status;
    tare_error       *err;
} part_list;

void tare_explain_deinit(tare_explain *explain)
{
    if (explain->alloc != NULL)
        tare_release(explain->alloc, explain->rows, explain->capacity, sizeof *explain->rows);
    tare_buffer_deinit(&explain->texts);
    *explain = (tare_explain){.alloc = explain->alloc};
}

/* ---- the tree ---- */

static void release_part(const tare_alloc *alloc, part *at)
{
    for (uint32_t i = 0; i < at->part_count; i++)
        release_part(alloc, &at->parts[i]);
    tare_release(alloc, at->parts, at->capacity, sizeof *at->parts);
}

static int compare_bytes(const void *a, const void *b)
{
    const part *left = a, *right = b;
    return (left->bytes < right->bytes) - (left->bytes > right->bytes);
}

static void cut_back(const tare_alloc *alloc, part *at, uint32_t limit)
{
    if (at->part_count > 1)
        qsort(at->parts, at->part_count, sizeof *at->parts, compare_bytes);
    while (at->part_count > limit) {
        part *last = &at->parts[--at->part_count];
        at->rest_bytes += last->bytes;
        at->rest_objects += last->count;
        at->rest_opaque += last->opaque_count;
        at->rest_count++;
        release_part(alloc, last);
    }
}

static tare_status keep(explaining *e, part *at, const part *child)
{
    const tare_alloc *alloc = e->out->alloc;
    if (at->part_count / 2 >= e->limit + 4)
        cut_back(alloc, at, e->limit);
    TARE_TRY(tare_grow(alloc, (void **)&at->parts, &at->capacity, (size_t)at->part_count + 1,
                       sizeof *at->parts, e->err));
    at->parts[at->part_count++] = *child;
    return TARE_OK;
}

static int list_part(PyObject *object, void *context)
{
    part_list *list = context;
    list->status = tare_grow(list->alloc, (void **)&list->objects, &list->capacity,
                             (size_t)list->count + 1, sizeof *list->objects, list->err);
    if (list->status != TARE_OK)
        return 1;
    list->objects[list->count++] = object;
    return 0;
}

static tare_status explain_part(explaining *e, part *at, uint32_t depth);

static tare_status explain_each(explaining *e, part *at, const part_list *list, uint32_t depth)
{
    for (uint32_t i = 0; i < list->count; i++) {
        part child = {.object = list->objects[i]};
        bool counts;
        TARE_TRY(tare_deep_enter(&e->deep, child.object, false, &counts));
        if (!counts)
            continue;
        tare_status status = explain_part(e, &child, depth);
        if (status == TARE_OK)
            status = keep(e, at, &child);
        if (status != TARE_OK) {
            release_part(e->out->alloc, &child);
            return status;
        }
    }
    cut_back(e->out->alloc, at, e->limit);
    return TARE_OK;
}

static tare_status explain_parts(explaining *e, part *at, uint32_t depth)
{
    part_list   list = {.alloc = e->out->alloc, .err = e->err};
    tare_status status = tare_deep_each_part(&e->deep, at->object, list_part, &list);
    if (status == TARE_OK)
        status = list.status;
    if (status == TARE_OK)
        status = explain_each(e, at, &list, depth);
    tare_release(list.alloc, list.objects, list.capacity, sizeof *list.objects);
    return status;
}

/* Recursive, but no deeper than TARE_EXPLAIN_MAX_DEPTH. */
static tare_status explain_part(explaining *e, part *at, uint32_t depth)
{
    const tare_deep_size before = e->deep.size;
    TARE_TRY(tare_deep_add_flat(&e->deep, at->object));
    at->own_bytes = e->deep.size.bytes - before.bytes;
    TARE_TRY(depth > 0 ? explain_parts(e, at, depth - 1)
                       : tare_deep_add_parts(&e->deep, at->object));
    at->bytes = e->deep.size.bytes - before.bytes;
    at->count = e->deep.size.count - before.count;
    at->opaque_count = e->deep.size.opaque_count - before.opaque_count;
    return TARE_OK;
}

/* ---- rows ---- */

static tare_status add_row(explaining *e, tare_explain_row row)
{
    tare_explain *out = e->out;
    TARE_TRY(tare_grow(out->alloc, (void **)&out->rows, &out->capacity, (size_t)out->count + 1,
                       sizeof *out->rows, e->err));
    out->rows[out->count++] = row;
    return TARE_OK;
}

static void write_name(tare_buffer *out, PyObject *owner, PyObject *object)
{
    tare_composer composer = {.out = out};
    tare_link     link = tare_links_find(owner, object);
    tare_compose(&composer, owner, &link);
    tare_compose_end(&composer);
}

static tare_status add_rows(explaining *e, const part *at, PyObject *owner, uint32_t depth)
{
    tare_buffer     *texts = &e->out->texts;
    tare_explain_row row = {
        .depth = depth,
        .bytes = at->bytes,
        .own_bytes = at->own_bytes,
        .count = at->count,
        .opaque_count = at->opaque_count,
        .name_at = texts->size,
    };
    if (owner != NULL)
        write_name(texts, owner, at->object);
    row.type_at = texts->size;
    row.name_bytes = row.type_at - row.name_at;
    tare_words_type(texts, Py_TYPE(at->object));
    row.type_bytes = texts->size - row.type_at;
    TARE_TRY(add_row(e, row));
    for (uint32_t i = 0; i < at->part_count; i++)
        TARE_TRY(add_rows(e, &at->parts[i], at->object, depth + 1));
    if (at->rest_count == 0)
        return TARE_OK;
    return add_row(e, (tare_explain_row){
                          .depth = depth + 1,
                          .bytes = at->rest_bytes,
                          .count = at->rest_objects,
                          .opaque_count = at->rest_opaque,
                          .rest_count = at->rest_count,
                      });
}

static tare_status explain(explaining *e, part *root, uint32_t depth)
{
    bool counts;
    TARE_TRY(tare_deep_enter(&e->deep, root->object, true, &counts));
    TARE_TRY(explain_part(e, root, depth));
    TARE_TRY(add_rows(e, root, NULL, 0));
    if (e->out->texts.failed)
        return tare_fail(e->err, TARE_NO_MEMORY, "name the parts of an object: %s",
                         tare_status_text(TARE_NO_MEMORY));
    return TARE_OK;
}

tare_status tare_explain_object(tare_explain *out, PyObject *object, uint32_t depth, uint32_t limit,
                                tare_deep_options options, tare_error *err)
{
    explaining e = {.out = out, .limit = limit, .err = err};
    part       root = {.object = object};
    out->texts.alloc = out->alloc;
    tare_deep_begin(&e.deep, options, err);
    tare_status status = explain(&e, &root, depth);
    release_part(out->alloc, &root);
    tare_deep_end(&e.deep);
    return status;
}
