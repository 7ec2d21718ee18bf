/* listing.c - see listing.h.
 *
 *     roots, what the collector tracks --meet--> seen before?  no --> found, and what it refers to
 *
 * All are found before the first reference is taken, for making a list may run a collection.
 * Cost: a visit, a bit and a word for each object. */
#include "heap/listing.h"

#include "heap/interior.h"
#include "heap/kinds.h"
#include "heap/links.h"
#include "heap/roots.h"

#include "heap/addresses.h"

typedef struct listing {
    tare_kinds     kinds;
    tare_roots     roots;
    tare_addresses seen;
    PyObject     **found; /* owned; those before `done` have been gone through */
    uint32_t       count, capacity, done;
    tare_status    status;
    tare_error     err;
} listing;

static tare_status take(listing *all, PyObject *object)
{
    bool is_new = false;
    TARE_TRY(tare_addresses_add(&all->seen, (uintptr_t)object, &is_new, &all->err));
    if (!is_new)
        return TARE_OK;
    if (all->count == all->capacity)
        TARE_TRY(tare_grow(all->seen.alloc, (void **)&all->found, &all->capacity,
                           (size_t)all->count + 1, sizeof *all->found, &all->err));
    all->found[all->count++] = object;
    return TARE_OK;
}

static int meet(PyObject *object, void *context)
{
    listing *all = context;
    all->status = object != NULL ? take(all, object) : TARE_OK;
    return all->status != TARE_OK;
}

static int meet_tracked(PyObject *object, unsigned Py_UNUSED(age), void *context)
{
    return meet(object, context);
}

static tare_status go_through(listing *all)
{
    for (; all->done < all->count; all->done++) {
        PyObject        *object = all->found[all->done];
        const tare_kind *kind;
        TARE_TRY(tare_kinds_of(&all->kinds, object, &kind, &all->err));
        TARE_TRY(take(all, (PyObject *)Py_TYPE(object)));
        if (kind->visit != NULL)
            kind->visit(kind, object, meet, all);
        TARE_TRY(all->status);
    }
    return TARE_OK;
}

static tare_status find_all(listing *all)
{
    TARE_TRY(tare_roots_collect(&all->roots, &all->err));
    for (uint32_t i = 0; i < all->roots.count; i++)
        if (!all->roots.roots[i].own)
            TARE_TRY(take(all, all->roots.roots[i].object));
    tare_interior_tracked(meet_tracked, all);
    TARE_TRY(all->status);
    return go_through(all);
}

/* A tuple that is being filled has no item in some places, and one in its end may be taken off. */
static bool is_whole(PyObject *object)
{
    if (Py_REFCNT(object) <= 0)
        return false;
    if (PyTuple_Check(object))
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(object); i++)
            if (PyTuple_GET_ITEM(object, i) == NULL)
                return false;
    return true;
}

/* Takes a reference to each that stays in it. */
static void keep_whole(listing *all)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < all->count; i++)
        if (is_whole(all->found[i]))
            all->found[kept++] = Py_NewRef(all->found[i]);
    all->count = kept;
}

static PyObject *make_list(listing *all)
{
    keep_whole(all);
    PyObject *list = PyList_New((Py_ssize_t)all->count);
    for (uint32_t i = 0; i < all->count; i++)
        if (list != NULL)
            PyList_SET_ITEM(list, (Py_ssize_t)i, all->found[i]);
        else
            Py_DECREF(all->found[i]);
    return list;
}

PyObject *tare_listing_objects(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none))
{
    const tare_alloc *alloc = tare_alloc_system();
    listing           all = {.kinds.alloc = alloc, .roots.alloc = alloc, .seen.alloc = alloc};
    PyObject         *list = NULL;
    if (find_all(&all) == TARE_OK)
        list = make_list(&all);
    else
        PyErr_SetString(PyExc_MemoryError, all.err.message);
    tare_release(alloc, all.found, all.capacity, sizeof *all.found);
    tare_addresses_deinit(&all.seen);
    tare_roots_deinit(&all.roots);
    tare_kinds_deinit(&all.kinds);
    return list;
}

/* ---- attributes ---- */

typedef struct pairs {
    const tare_alloc *alloc;
    PyObject        **items; /* owned; names and values in turn, borrowed */
    uint32_t          count, capacity;
    bool              failed;
} pairs;

static int add_pair(const tare_link *link, void *context)
{
    pairs *all = context;
    if (link->kind != TARE_LINK_ATTRIBUTE)
        return 0;
    if (tare_grow(all->alloc, (void **)&all->items, &all->capacity, (size_t)all->count + 2,
                  sizeof *all->items, NULL) != TARE_OK) {
        all->failed = true;
        return 1;
    }
    all->items[all->count++] = Py_NewRef(link->key);
    all->items[all->count++] = Py_NewRef(link->target);
    return 0;
}

static PyObject *make_dict(const pairs *all)
{
    PyObject *dict = all->failed ? PyErr_NoMemory() : PyDict_New();
    for (uint32_t i = 0; i < all->count; i += 2) {
        if (dict != NULL && PyDict_SetItem(dict, all->items[i], all->items[i + 1]) < 0)
            Py_CLEAR(dict);
        Py_DECREF(all->items[i]);
        Py_DECREF(all->items[i + 1]);
    }
    return dict;
}

PyObject *tare_listing_attributes(PyObject *Py_UNUSED(module), PyObject *object)
{
    pairs     all = {.alloc = tare_alloc_system()};
    PyObject *dict = tare_links_dict(object);
    if (dict != NULL)
        return Py_NewRef(dict);
    if (!(Py_TYPE(object)->tp_flags & Py_TPFLAGS_MANAGED_DICT) &&
        Py_TYPE(object)->tp_dictoffset == 0)
        Py_RETURN_NONE;
    tare_links_visit(object, add_pair, &all);
    dict = make_dict(&all);
    tare_release(all.alloc, all.items, all.capacity, sizeof *all.items);
    return dict;
}
