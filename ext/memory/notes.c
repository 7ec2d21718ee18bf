/* notes.c - see notes.h. "memory." is for what only such a profile has. Sums over all cells are
 * there too, so that a reader can tell whether what it adds up is whole. */
#include "memory/notes.h"

#include "common/provenance.h"
#include "memory/moments.h"

#include "os/os.h"

#include <stdio.h>
#include <string.h>

static tare_status set_number(const char *key, uint64_t number, tare_error *err)
{
    return tare_provenance_number(&tare_memory.profile, key, number, err);
}

static tare_status add_label(tare_label *label, const char *key, const char *value)
{
    tare_profile *profile = &tare_memory.profile;
    TARE_TRY(tare_profile_string(profile, key, strlen(key), &label->key, NULL));
    return tare_profile_string(profile, value, strlen(value), &label->value, NULL);
}

/* Of whom, and through which of the allocators. */
static tare_status add_label_sets(void)
{
    static const char *const kinds[TARE_MEMORY_KINDS] = {"raw", "mem", "obj", "native"};
    char                     process[TARE_OS_NAME_BYTES];
    snprintf(process, sizeof process, "%d python", tare_memory.process_id);
    for (int kind = 0; kind < TARE_MEMORY_KINDS; kind++) {
        tare_label labels[2];
        TARE_TRY(add_label(&labels[0], "process", process));
        TARE_TRY(add_label(&labels[1], "domain", kinds[kind]));
        TARE_TRY(tare_profile_label_set(&tare_memory.profile, labels, 2,
                                        &tare_memory.label_sets[kind], NULL));
    }
    return TARE_OK;
}

tare_status tare_memory_notes_begin(tare_error *err)
{
    const tare_memory_options *options = &tare_memory.options;
    const tare_provenance      provenance = {.engine = "memory",
                                             .clock = "monotonic",
                                             .mode = options->mode,
                                             .command = options->command,
                                             .process_id = tare_memory.process_id};
    TARE_TRY(tare_provenance_begin(&provenance, &tare_memory.profile, err));
    TARE_TRY(set_number("memory.sample_bytes", (uint64_t)options->sample_bytes, err));
    TARE_TRY(set_number("memory.native", options->native, err));
    TARE_TRY(set_number("memory.depth_limit", options->depth, err));
    TARE_TRY(set_number("memory.node_limit", options->node_limit, err));
    return add_label_sets();
}

tare_status tare_memory_notes_update(tare_error *err)
{
    const tare_memory_engine *engine = &tare_memory;
    const tare_ledger        *ledger = &engine->ledger;
    const struct {
        const char *key;
        uint64_t    number;
    } numbers[] = {
        {"wall_ns", engine->wall_ns},
        {"process_count", 1},
        {"thread_count", engine->thread_count},
        {"memory.live_bytes", ledger->live.bytes},
        {"memory.live_count", tare_ledger_whole(ledger->live.count)},
        {"memory.peak_bytes", ledger->peak.bytes},
        {"memory.peak_count", tare_ledger_whole(ledger->peak.count)},
        {"memory.peak_time_ns", engine->peak_time_ns},
        {"memory.alloc_bytes", ledger->live.bytes + ledger->freed.bytes},
        {"memory.alloc_count", tare_ledger_whole(ledger->live.count + ledger->freed.count)},
        {"memory.rss_bytes", tare_own_rss_bytes()},
        {"memory.path_count", engine->profile.node_count},
        {"memory.truncated_count", engine->truncated_count},
        {"memory.lost_count", engine->lost_count},
        {"memory.lost_bytes", engine->lost_bytes},
        {"memory.unknown_freed_count", engine->unknown_freed_count},
        {"memory.unheard_count", engine->unheard}, /* processes, when children are added */
        {"memory.failed_count", engine->failed_count},
        {"memory.fork_count", engine->fork_count},
        {"memory.flush_count", engine->flush_count},
        {"memory.flush_ns", engine->flush_ns},
        {"memory.block_count", engine->blocks.count},
        {"memory.table_bytes", (uint64_t)engine->blocks.capacity * sizeof(tare_block_slot)},
        {"memory.cell_bytes", (uint64_t)engine->ledger.capacity * sizeof(tare_cell)},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        TARE_TRY(set_number(numbers[i].key, numbers[i].number, err));
    TARE_TRY(tare_moments_store(err));
    return tare_provenance_usage(engine->process_id, engine->start_cpu_ns, &tare_memory.profile,
                                 err);
}
