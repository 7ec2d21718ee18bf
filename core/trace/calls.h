/* calls.h - the calls of one thread, as they happen: an exact calling-context tree.
 *
 *     root --- f --- g --- h        each node: how often entered, and the ticks during
 *           \     \-- h   <-current which it was the current one (its self time)
 *            \-- g
 *
 * Time is charged where it passes: every event first gives the ticks since the last event to the
 * current node, then moves current. So the self ticks of all nodes add up to the thread's
 * last_ticks - first_ticks, exactly, whatever happens.
 *
 * A callable is a key, opaque here, smaller than TARE_CALLS_MAX_KEY; its lowest bit says whether
 * it is native. Nodes hold increments since the last merge (merge.h), which zeroes them.
 *
 * With tare_calls_use_durations each activation is timed, less what hearing of the calls in it
 * cost. A function's durations are counted by their number of binary digits; a node's first one is
 * kept in the node, so that what is called once needs no more room. Some 5 ns an activation.
 *
 * An activation for which there is no node (too many paths, no memory) is counted in skipped and
 * in lost_calls, its time goes to current; what it calls is skipped with it. Nothing here
 * fails, and nothing recurses.
 *
 * Thread rule: a tare_calls belongs to one thread at a time (under the GIL, to whoever has it).
 * Cost: enter and leave O(1); the child that was entered last, and the one that followed it last
 * time, are found without the hash map. */
#ifndef TARE_TRACE_CALLS_H
#define TARE_TRACE_CALLS_H

#include "base/map.h"
#include "trace/cpu_meter.h"

#include <stdbool.h>

enum { TARE_CALLS_MAX_KEY = 1U << 31, TARE_CALLS_DURATIONS = 48 };

typedef struct tare_call_node tare_call_node;
struct tare_call_node {
    tare_call_node *parent;  /* NULL for the root */
    tare_call_node *recent;  /* the child entered last; the empty node when there is none */
    tare_call_node *follows; /* the sibling that was entered after this one, last time */
    uint64_t        self_ticks;
    uint64_t        calls;
    uint64_t        resumes; /* of a generator or coroutine, after the call */
    uint64_t        suspended_ticks;
    uint64_t        announced; /* calls out of it that were heard of before they began */
    uint64_t        cpu_ns;    /* of the self time, with a CPU clock */
    uintptr_t       owner;     /* while current: what was entered, as the caller names it; or 0 */
    uint64_t        entered_ticks; /* of the activation under way, or the last one */
    uint64_t        entered_count; /* of all activations of the thread, then */
    uint32_t       *durations;     /* borrowed from the thread's, of its key; NULL = none yet */
    uint32_t        key;
    uint32_t        index;          /* in the order of first entry; parent's is smaller */
    uint8_t         first_duration; /* digits + 1 of the first that ended; 0 = none, or merged */
};

/* Of the activations of one key: how many had so many binary digits of nanoseconds. */
typedef struct tare_call_durations {
    uint32_t counts[TARE_CALLS_DURATIONS]; /* the last one: that many or more */
    uint32_t node;                         /* index of one with that key */
} tare_call_durations;

/* Shared by the threads of a measurement. */
typedef struct tare_calls_budget {
    uint32_t node_limit; /* distinct paths, of all threads together */
    uint32_t node_count; /* <= node_limit but for what threads need to begin with */
} tare_calls_budget;

typedef struct tare_calls {
    tare_call_node    *current; /* never NULL after init */
    uint64_t           last_ticks;
    uint64_t           skipped; /* activations above current that have no node */
    tare_call_node    *back_to; /* while skipped > 0: current after the last of them */
    uint64_t           first_ticks;
    const tare_alloc  *alloc;  /* borrowed */
    tare_calls_budget *budget; /* borrowed */
    tare_call_node    *root;
    tare_call_node    *overflow; /* a child of the root, takes what the budget refuses */
    tare_call_node   **chunks;   /* owned, and each of them */
    uint32_t           chunk_capacity;
    uint32_t           node_count;
    tare_map           by_path;      /* parent's index, key -> index */
    uint64_t           lost_calls;   /* had no node, for want of memory */
    uint64_t           resync_count; /* a leave that was not the current node's */
    /* Durations. */
    uint64_t              entered_count; /* activations */
    uint64_t              pair_ticks;    /* that hearing of one costs its callers */
    uint64_t              own_ticks;     /* ... and itself */
    uint64_t              ns_scale;  /* nanoseconds of a tick, times 2^32; 0 = none are counted */
    tare_call_durations **durations; /* owned, and each of them */
    uint32_t              duration_count, duration_capacity;
    tare_map              durations_of; /* key -> index */
    tare_cpu_meter        cpu;
} tare_calls;

enum { TARE_CALLS_OVERFLOW_KEY = TARE_CALLS_MAX_KEY - 2 };

TARE_MUST_USE tare_status tare_calls_init(tare_calls *calls, tare_calls_budget *budget,
                                          uint64_t now, const tare_alloc *alloc, tare_error *err);
void                      tare_calls_deinit(tare_calls *calls); /* no-op on zeroed storage */

/* As if the thread had begun now, in the middle of the activations that are under way: these end
 * in the new tree, but were not called in it. On failure the calls are deinitialised. */
TARE_MUST_USE tare_status tare_calls_begin_again(tare_calls *calls, uint64_t now, tare_error *err);

/* The thread's own CPU clock is read from its next event on. */
void tare_calls_use_cpu_clock(tare_calls *calls, double ns_per_tick);

/* Activations are timed from now on; hearing of one costs so many ticks beside what it took, and in
 * it. ns_per_tick in (0, 2^31). */
void tare_calls_use_durations(tare_calls *calls, double ns_per_tick, double pair_ticks,
                              double own_ticks);

/* Charges up to now from another thread than the one whose calls they are. */
void tare_calls_settle(tare_calls *calls, uint64_t now);
/* The thread did something for Tare that took so long: it is not the program's time. */
void tare_calls_shift(tare_calls *calls, uint64_t ticks);

/* index < node_count; the root is 0, a parent comes before its children. */
tare_call_node *tare_calls_node(const tare_calls *calls, uint32_t index);

/* TARE_CORRUPT with the first invariant that does not hold. O(nodes). */
TARE_MUST_USE tare_status tare_calls_check(const tare_calls *calls, tare_error *err);

/* The parts that are not on the hot path. */
void            tare_calls_charge_cpu(tare_calls *calls, uint64_t now, uint64_t ticks);
tare_call_node *tare_calls_find(tare_calls *calls, uint32_t key);
void            tare_calls_leave_other(tare_calls *calls, uint32_t key, uint64_t now);
void            tare_calls_time(tare_calls *calls, uint64_t now);

/* Gives the time since the last event to the current node. A counter that another processor
 * reads a little differently would make time run backwards: then none has passed. */
static inline void tare_calls_charge(tare_calls *calls, uint64_t now)
{
    uint64_t ticks = now - calls->last_ticks;
    if (__builtin_expect((int64_t)ticks < 0, 0))
        return;
    calls->last_ticks = now;
    calls->current->self_ticks += ticks;
    if (__builtin_expect(calls->cpu.on, 0))
        tare_calls_charge_cpu(calls, now, ticks);
}

/* The current activation ends. */
static inline void tare_calls_pop(tare_calls *calls, uint64_t now)
{
    if (__builtin_expect(calls->ns_scale != 0, 0))
        tare_calls_time(calls, now);
    calls->current = calls->current->parent;
}

/* The node that now becomes current, or NULL when the activation is skipped. */
static inline tare_call_node *tare_calls_descend(tare_calls *calls, uint32_t key, uint64_t now)
{
    tare_calls_charge(calls, now);
    tare_call_node *child = calls->current->recent;
    if (__builtin_expect(child->key != key || calls->skipped != 0, 0)) {
        child = tare_calls_find(calls, key);
        if (child == NULL)
            return NULL;
    }
    if (__builtin_expect(calls->ns_scale != 0, 0)) {
        child->entered_ticks = now;
        child->entered_count = ++calls->entered_count;
    }
    return calls->current = child;
}

/* owner saves a look-up of the key when the activation is left: see tare_calls_leave_owner. */
static inline void tare_calls_enter(tare_calls *calls, uint32_t key, uintptr_t owner, uint64_t now)
{
    tare_call_node *node = tare_calls_descend(calls, key, now);
    if (__builtin_expect(node == NULL, 0))
        return;
    node->owner = owner;
    node->calls++;
}

/* The same for an activation that goes on after it was suspended for some ticks. */
static inline void tare_calls_resume(tare_calls *calls, uint32_t key, uintptr_t owner, uint64_t now,
                                     uint64_t suspended_ticks)
{
    tare_call_node *node = tare_calls_descend(calls, key, now);
    if (__builtin_expect(node == NULL, 0))
        return;
    node->owner = owner;
    node->resumes++;
    node->suspended_ticks += suspended_ticks;
}

/* A call that will begin, or not, by itself: only its cost is noted. */
static inline void tare_calls_announce(tare_calls *calls)
{
    calls->current->announced++;
}

/* Returns, yields, or ends by an exception. Of an activation that was never entered (it was
 * there before the measurement) nothing happens; one that lies below others ends these too. */
static inline void tare_calls_leave(tare_calls *calls, uint32_t key, uint64_t now)
{
    tare_calls_charge(calls, now);
    if (__builtin_expect(calls->current->key == key && calls->skipped == 0, 1))
        tare_calls_pop(calls, now);
    else
        tare_calls_leave_other(calls, key, now);
}

/* The usual case of it: the current activation is that owner's. Else false, and nothing is left. */
static inline bool tare_calls_leave_owner(tare_calls *calls, uintptr_t owner, uint64_t now)
{
    tare_calls_charge(calls, now);
    bool same = calls->current->owner == owner && calls->skipped == 0;
    if (__builtin_expect(same, 1))
        tare_calls_pop(calls, now);
    return same;
}

/* The same for a native callable, which is current if any is: those of which the end is not told
 * were left when their caller was. */
static inline void tare_calls_leave_native(tare_calls *calls, uint64_t now)
{
    tare_calls_charge(calls, now);
    const tare_call_node *current = calls->current;
    if (__builtin_expect(calls->skipped != 0, 0))
        tare_calls_leave_other(calls, current->key, now);
    else if (__builtin_expect((current->key & 1) != 0 && current->parent != NULL, 1))
        tare_calls_pop(calls, now);
}

#endif
