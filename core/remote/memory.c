/* memory.c - see memory.h. Cost: one system call per call, counted. */
#include "remote/memory.h"

static tare_status read_process(void *context, const tare_read *reads, size_t read_count,
                                size_t *done_bytes_out, tare_error *err)
{
    return tare_os_read(context, reads, read_count, done_bytes_out, err);
}

tare_memory tare_memory_of(const tare_process *process)
{
    return (tare_memory){.read = read_process,
                         .context = (void *)(uintptr_t)process,
                         .hold = tare_os_hold,
                         .hold_share = TARE_HOLD_SHARE};
}

tare_status tare_memory_read_all(tare_memory *memory, const tare_read *reads, size_t read_count,
                                 tare_error *err)
{
    size_t done_bytes = 0;
    size_t wanted_bytes = 0;
    for (size_t i = 0; i < read_count; i++)
        wanted_bytes += reads[i].size_bytes;
    memory->read_count++;
    memory->read_bytes += wanted_bytes;
    TARE_TRY(memory->read(memory->context, reads, read_count, &done_bytes, err));
    if (done_bytes != wanted_bytes)
        return tare_fail(err, TARE_TORN, "read %zu bytes of the target: only %zu are mapped",
                         wanted_bytes, done_bytes);
    return TARE_OK;
}

tare_status tare_memory_read(tare_memory *memory, tare_raddr address, void *into, size_t size_bytes,
                             tare_error *err)
{
    tare_read read = {.address = address, .into = into, .size_bytes = size_bytes};
    return tare_memory_read_all(memory, &read, 1, err);
}
