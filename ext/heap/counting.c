/* counting.c - see counting.h.
 *
 *     roots ----push----> pending --next: measure, visit--> what was not seen --push--> ...
 *     what the collector tracks, and was not reached  --push--> ...      counted as unreached too
 *
 * Sums are kept by kind, in an array beside the table of kinds, and get their names at the end:
 * an object costs one addition, not a look-up. Classes of sizes and ages have an array of their
 * own.
 *
 * Rows lie outside the Python heap, and no reference is taken to anything.
 * Cost: one visit and one bit for each object; a name for each type. */
#include "heap/counting.h"

#include "heap/interior.h"
#include "heap/kinds.h"
#include "heap/links.h"
#include "heap/pending.h"
#include "heap/roots.h"
#include "heap/rounding.h"
#include "heap/words.h"

#include "common/allocation.h"

#include "base/bytes.h"
#include "heap/addresses.h"

#include <string.h>

enum {
    YOUNG_GENERATIONS = TARE_GENERATIONS - 1, /* the oldest needs no set: it is all the others */
    AGE_SETS = YOUNG_GENERATIONS + 1,         /* and the frozen */
    OLD_AGE = AGE_SETS,
    TRACKED_AGE,
    UNTRACKED_AGE,
    AGES
};

static const char *const age_names[AGES] = {
    "generation 0",
    "generation 1",
    "frozen",
    "generation 2",
    "tracked by the collector",
    "not tracked by the collector",
};

/* What is known of a kind beside what kinds.h says. */
typedef struct kind_sum {
    tare_census_sum sum;
    tare_census_sum dicts; /* of its objects; by class alone */
    bool            met;   /* its type was pushed */
} kind_sum;

/* By class: whose a dict is turns out when its owner is met, before or after it. */
typedef struct met_dict {
    PyObject       *dict; /* borrowed */
    tare_census_sum sum;
    uint32_t        kind;
} met_dict;

/* By site: objects that were allocated at one line of one function. */
typedef struct site_sum {
    uint32_t        site;
    tare_census_sum sum;
} site_sum;

typedef struct counting_walk {
    const tare_counting          *counting;
    tare_census                  *out;
    tare_kinds                    kinds;
    tare_roots                    roots;
    tare_rounding                 rounding;
    tare_addresses                seen;
    tare_addresses                ages[AGE_SETS];
    tare_pending                  pending;
    kind_sum                     *sums; /* owned; by kind index */
    uint32_t                      sum_capacity;
    met_dict                     *dicts; /* owned */
    uint32_t                      dict_count, dict_capacity;
    tare_map                      owners;      /* dict -> kind index of the owner */
    const tare_allocation_source *allocations; /* borrowed; by site alone */
    site_sum                     *sites;       /* owned; the first is of those not known */
    uint32_t                      site_count, site_capacity;
    tare_map                      by_site;
    tare_census_sum               groups[TARE_CENSUS_SIZE_CLASSES]; /* by size class, or age */
    tare_census_sum               of_object;                        /* the one at hand */
    bool                          is_static;
    bool                          reached; /* from a root */
    tare_buffer                   words;
    tare_status                   status;
    tare_error                   *err;
} counting_walk;

/* ---- one object ---- */

static void add_block(void *context, const tare_heap_block *block)
{
    counting_walk *walk = context;
    if (block->domain == TARE_HEAP_STATIC) {
        walk->is_static = true;
        return;
    }
    walk->of_object.bytes += (int64_t)block->bytes;
    walk->of_object.allocated_bytes += (int64_t)tare_rounding_of(&walk->rounding, block);
}

/* The own block of most objects is all that they have, and is known without being told. */
static inline void measure(counting_walk *walk, const tare_kind *kind, PyObject *object)
{
    size_t bytes = kind->one_block ? kind->sum(kind, object) : TARE_KIND_UNKNOWN;
    walk->of_object = (tare_census_sum){.count = 1};
    walk->is_static = bytes == 0;
    if (bytes == TARE_KIND_UNKNOWN) {
        kind->measure(kind, object, add_block, walk);
    } else if (bytes > 0) {
        const tare_heap_block own = {.bytes = bytes, .domain = kind->domain};
        walk->of_object.bytes = (int64_t)bytes;
        walk->of_object.allocated_bytes = (int64_t)tare_rounding_of(&walk->rounding, &own);
    }
}

static tare_status push(counting_walk *walk, PyObject *object)
{
    bool is_new = false;
    TARE_TRY(tare_addresses_add(&walk->seen, (uintptr_t)object, &is_new, walk->err));
    return is_new ? tare_pending_push(&walk->pending, object, walk->err) : TARE_OK;
}

static int meet(PyObject *object, void *context)
{
    counting_walk *walk = context;
    if (object != NULL)
        walk->status = push(walk, object);
    return walk->status != TARE_OK;
}

/* A type that is seen for the first time: it is an object too, held by its objects. */
static tare_status meet_kind(counting_walk *walk, const tare_kind *kind)
{
    TARE_TRY(tare_grow(walk->seen.alloc, (void **)&walk->sums, &walk->sum_capacity,
                       (size_t)kind->index + 1, sizeof *walk->sums, walk->err));
    kind_sum *known = &walk->sums[kind->index];
    if (known->met)
        return TARE_OK;
    known->met = true;
    return !walk->counting->given ? push(walk, (PyObject *)kind->type) : TARE_OK;
}

/* ---- rows ---- */

static unsigned find_age(counting_walk *walk, PyObject *object)
{
    unsigned age = 0;
    if (!PyObject_GC_IsTracked(object))
        return UNTRACKED_AGE;
    if (!tare_interior_knows_ages())
        return TRACKED_AGE;
    while (age < AGE_SETS && !tare_addresses_has(&walk->ages[age], (uintptr_t)object))
        age++;
    return age;
}

static tare_status note_dict(counting_walk *walk, const tare_kind *kind, PyObject *object)
{
    const tare_alloc *alloc = walk->seen.alloc;
    if (PyDict_CheckExact(object)) {
        TARE_TRY(tare_grow(alloc, (void **)&walk->dicts, &walk->dict_capacity,
                           (size_t)walk->dict_count + 1, sizeof *walk->dicts, walk->err));
        walk->dicts[walk->dict_count++] = (met_dict){
            .dict = object, .sum = walk->of_object, .kind = kind->index};
        return TARE_OK;
    }
    tare_census_sum_add(&walk->sums[kind->index].sum, &walk->of_object);
    PyObject *dict = tare_links_dict(object);
    return dict == NULL
               ? TARE_OK
               : tare_map_put(&walk->owners, (uintptr_t)dict, kind->index, alloc, walk->err);
}

static void settle_dicts(counting_walk *walk)
{
    for (uint32_t i = 0; i < walk->dict_count; i++) {
        const met_dict *met = &walk->dicts[i];
        uint32_t        owner = tare_map_get(&walk->owners, (uintptr_t)met->dict);
        tare_census_sum_add(owner != TARE_MAP_ABSENT ? &walk->sums[owner].dicts
                                                     : &walk->sums[met->kind].sum,
                            &met->sum);
    }
}

/* ---- by site ---- */

/* Not imported: a module that is not there measures nothing. */
static tare_status find_allocations(counting_walk *walk)
{
    if (PyDict_GetItemString(PyImport_GetModuleDict(), "tare._memory") != NULL)
        walk->allocations = PyCapsule_Import(TARE_ALLOCATION_CAPSULE, 0);
    PyErr_Clear();
    if (walk->allocations == NULL)
        return tare_fail(walk->err, TARE_USAGE,
                         "count by site: no allocations have been measured; count within "
                         "tare.memory()");
    walk->site_count = 1;
    return tare_grow(walk->seen.alloc, (void **)&walk->sites, &walk->site_capacity, 1,
                     sizeof *walk->sites, walk->err);
}

static tare_status find_site(counting_walk *walk, uint32_t site, uint32_t *index_out)
{
    *index_out = tare_map_get(&walk->by_site, site);
    if (*index_out != TARE_MAP_ABSENT)
        return TARE_OK;
    TARE_TRY(tare_grow(walk->seen.alloc, (void **)&walk->sites, &walk->site_capacity,
                       (size_t)walk->site_count + 1, sizeof *walk->sites, walk->err));
    TARE_TRY(tare_map_put(&walk->by_site, site, walk->site_count, walk->seen.alloc, walk->err));
    *index_out = walk->site_count++;
    walk->sites[*index_out].site = site;
    return TARE_OK;
}

static tare_status add_to_site(counting_walk *walk, const tare_kind *kind, PyObject *object)
{
    tare_allocation allocation;
    uint32_t        index = 0;
    if (walk->allocations->find((const char *)object - kind->head_bytes, &allocation))
        TARE_TRY(find_site(walk, allocation.site, &index));
    tare_census_sum_add(&walk->sites[index].sum, &walk->of_object);
    return TARE_OK;
}

static tare_status name_sites(counting_walk *walk)
{
    enum { SITE_BYTES = 1024 };
    static const char unknown[] = "(not known: allocated before, or no sample)";
    for (uint32_t i = 0; i < walk->site_count; i++) {
        char   text[SITE_BYTES];
        size_t size = i > 0 ? walk->allocations->describe(walk->sites[i].site, text, sizeof text)
                            : 0;
        size = size < sizeof text ? size : sizeof text - 1;
        if (walk->sites[i].sum.count == 0)
            continue;
        TARE_TRY(tare_census_add(walk->out, size > 0 ? text : unknown,
                                 size > 0 ? size : sizeof unknown - 1, &walk->sites[i].sum,
                                 walk->err));
    }
    return TARE_OK;
}

static tare_status add_row(counting_walk *walk, const tare_kind *kind, PyObject *object)
{
    tare_census_sum *sum = &walk->sums[kind->index].sum;
    if (walk->counting->by == TARE_CENSUS_CLASS)
        return note_dict(walk, kind, object);
    if (walk->counting->by == TARE_CENSUS_SITE)
        return add_to_site(walk, kind, object);
    if (walk->counting->by == TARE_CENSUS_SIZE)
        sum = &walk->groups[tare_census_size_class((uint64_t)walk->of_object.bytes)];
    else if (walk->counting->by == TARE_CENSUS_AGE)
        sum = &walk->groups[find_age(walk, object)];
    tare_census_sum_add(sum, &walk->of_object);
    return TARE_OK;
}

static void add_parts(counting_walk *walk, const tare_kind *kind)
{
    if (!walk->reached)
        tare_census_sum_add(&walk->out->parts[TARE_CENSUS_UNREACHED], &walk->of_object);
    if (walk->is_static)
        tare_census_sum_add(&walk->out->parts[TARE_CENSUS_STATIC], &walk->of_object);
    if (kind->opaque)
        tare_census_sum_add(&walk->out->parts[TARE_CENSUS_OPAQUE], &walk->of_object);
}

static tare_status count(counting_walk *walk, const tare_kind *kind, PyObject *object)
{
    measure(walk, kind, object);
    TARE_TRY(walk->status);
    add_parts(walk, kind);
    return add_row(walk, kind, object);
}

static tare_status name_row(counting_walk *walk, PyTypeObject *type, const char *before,
                            const tare_census_sum *sum)
{
    if (sum->count == 0)
        return TARE_OK;
    tare_buffer_clear(&walk->words);
    tare_buffer_append(&walk->words, before, strlen(before));
    if (walk->counting->by == TARE_CENSUS_MODULE)
        tare_words_module(&walk->words, type);
    else
        tare_words_type(&walk->words, type);
    if (walk->words.failed)
        return tare_fail(walk->err, TARE_NO_MEMORY, "name a type: out of memory");
    return tare_census_add(walk->out, (const char *)walk->words.bytes, walk->words.size, sum,
                           walk->err);
}

static tare_status name_groups(counting_walk *walk)
{
    for (uint32_t i = 0; i < TARE_CENSUS_SIZE_CLASSES; i++) {
        char        size[TARE_CENSUS_SIZE_BYTES];
        const char *name = size;
        if (walk->groups[i].count == 0)
            continue;
        if (walk->counting->by == TARE_CENSUS_AGE)
            name = age_names[i];
        else
            tare_census_size_key(i, size);
        TARE_TRY(tare_census_add(walk->out, name, strlen(name), &walk->groups[i], walk->err));
    }
    return TARE_OK;
}

/* Of a kind by its name; two classes with one name share a row. */
static tare_status name_rows(counting_walk *walk)
{
    TARE_TRY(name_groups(walk));
    TARE_TRY(name_sites(walk));
    settle_dicts(walk);
    for (uint32_t i = 0; i < walk->kinds.count && i < walk->sum_capacity; i++) {
        PyTypeObject *type = walk->kinds.kinds[i]->type;
        TARE_TRY(name_row(walk, type, "", &walk->sums[i].sum));
        TARE_TRY(name_row(walk, type, "dict of ", &walk->sums[i].dicts));
    }
    return TARE_OK;
}

/* ---- all objects ---- */

static inline tare_status take(counting_walk *walk, PyObject *object)
{
    const tare_kind *kind;
    TARE_TRY(tare_kinds_of(&walk->kinds, object, &kind, walk->err));
    if (kind->index >= walk->sum_capacity || !walk->sums[kind->index].met)
        TARE_TRY(meet_kind(walk, kind));
    if (kind->hidden)
        return TARE_OK;
    TARE_TRY(count(walk, kind, object));
    if (kind->visit != NULL)
        kind->visit(kind, object, meet, walk);
    return walk->status;
}

static tare_status reach(counting_walk *walk)
{
    for (PyObject *object; (object = tare_pending_next(&walk->pending)) != NULL;)
        TARE_TRY(take(walk, object));
    return TARE_OK;
}

static tare_status reach_roots(counting_walk *walk)
{
    walk->reached = true;
    for (uint32_t i = 0; i < walk->roots.count; i++) {
        if (walk->roots.roots[i].own)
            continue;
        TARE_TRY(push(walk, walk->roots.roots[i].object));
        TARE_TRY(reach(walk));
    }
    return TARE_OK;
}

/* What only the frames that ask hold is seen now, and counted never. */
static tare_status pass_over_own(counting_walk *walk)
{
    for (uint32_t i = 0; i < walk->roots.count; i++) {
        bool is_new;
        if (walk->roots.roots[i].own)
            TARE_TRY(tare_addresses_add(&walk->seen, (uintptr_t)walk->roots.roots[i].object,
                                        &is_new, walk->err));
    }
    return TARE_OK;
}

static tare_status count_frozen(counting_walk *walk, PyObject *object)
{
    const tare_kind *kind;
    TARE_TRY(tare_kinds_of(&walk->kinds, object, &kind, walk->err));
    measure(walk, kind, object);
    tare_census_sum_add(&walk->out->parts[TARE_CENSUS_FROZEN], &walk->of_object);
    return walk->status;
}

static int meet_tracked(PyObject *object, unsigned age, void *context)
{
    counting_walk *walk = context;
    walk->status = push(walk, object);
    if (walk->status == TARE_OK)
        walk->status = reach(walk);
    if (walk->status == TARE_OK && age == TARE_GENERATIONS)
        walk->status = count_frozen(walk, object);
    return walk->status != TARE_OK;
}

static int note_age(PyObject *object, unsigned age, void *context)
{
    counting_walk *walk = context;
    bool           is_new;
    unsigned       set = age == TARE_GENERATIONS ? AGE_SETS - 1 : age;
    if (age == YOUNG_GENERATIONS || age > TARE_GENERATIONS)
        return 0;
    walk->status = tare_addresses_add(&walk->ages[set], (uintptr_t)object, &is_new, walk->err);
    return walk->status != TARE_OK;
}

static tare_status count_all(counting_walk *walk)
{
    walk->out->during_collection = tare_interior_collecting();
    walk->out->frozen_hidden = !tare_interior_tells_frozen();
    TARE_TRY(tare_roots_collect(&walk->roots, walk->err));
    if (walk->counting->by == TARE_CENSUS_AGE)
        tare_interior_tracked(note_age, walk);
    TARE_TRY(walk->status);
    TARE_TRY(reach_roots(walk));
    TARE_TRY(pass_over_own(walk));
    walk->reached = false;
    tare_interior_tracked(meet_tracked, walk);
    return walk->status;
}

/* ---- some ---- */

static tare_status count_given(counting_walk *walk)
{
    walk->reached = true;
    for (Py_ssize_t i = 0; i < walk->counting->object_count; i++) {
        PyObject        *object = walk->counting->objects[i];
        const tare_kind *kind;
        bool             is_new;
        TARE_TRY(tare_addresses_add(&walk->seen, (uintptr_t)object, &is_new, walk->err));
        TARE_TRY(tare_kinds_of(&walk->kinds, object, &kind, walk->err));
        TARE_TRY(meet_kind(walk, kind));
        if (is_new && !kind->hidden)
            TARE_TRY(count(walk, kind, object));
    }
    return TARE_OK;
}

tare_status tare_count_objects(const tare_counting *counting, tare_census *out, tare_error *err)
{
    const tare_alloc *alloc = out->alloc;
    counting_walk     walk = {
            .counting = counting,
            .out = out,
            .kinds.alloc = alloc,
            .kinds.hidden = counting->hidden,
            .kinds.hidden_count = counting->hidden_count,
            .roots.alloc = alloc,
            .rounding = tare_rounding_now(),
            .pending.alloc = alloc,
            .seen.alloc = alloc,
            .words.alloc = alloc,
            .err = err,
    };
    for (size_t i = 0; i < AGE_SETS; i++)
        walk.ages[i].alloc = alloc;
    out->by = counting->by;
    tare_status status = counting->by == TARE_CENSUS_SITE ? find_allocations(&walk) : TARE_OK;
    if (status == TARE_OK)
        status = counting->given ? count_given(&walk) : count_all(&walk);
    if (status == TARE_OK)
        status = name_rows(&walk);
    tare_pending_deinit(&walk.pending);
    tare_release(alloc, walk.sums, walk.sum_capacity, sizeof *walk.sums);
    tare_release(alloc, walk.dicts, walk.dict_capacity, sizeof *walk.dicts);
    tare_map_deinit(&walk.owners, alloc);
    tare_release(alloc, walk.sites, walk.site_capacity, sizeof *walk.sites);
    tare_map_deinit(&walk.by_site, alloc);
    tare_buffer_deinit(&walk.words);
    for (size_t i = 0; i < AGE_SETS; i++)
        tare_addresses_deinit(&walk.ages[i]);
    tare_addresses_deinit(&walk.seen);
    tare_roots_deinit(&walk.roots);
    tare_kinds_deinit(&walk.kinds);
    return status;
}
