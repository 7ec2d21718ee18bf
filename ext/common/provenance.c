/* provenance.c - see provenance.h. Keys that mean the same in a sampled profile have the same names
 * there. */
#include "common/provenance.h"

#include "common/pycompat.h"

#include "os/os.h"

#include <string.h>

tare_status tare_provenance_text(tare_profile *profile, const char *key, const char *text,
                                 tare_error *err)
{
    return tare_profile_set_meta(profile, key, text, strlen(text), err);
}

tare_status tare_provenance_number(tare_profile *profile, const char *key, uint64_t number,
                                   tare_error *err)
{
    return tare_profile_format_meta(profile, err, key, "%llu", (unsigned long long)number);
}

static tare_status set_machine(tare_profile *profile, tare_error *err)
{
    tare_machine machine;
    tare_os_machine(&machine);
    TARE_TRY(tare_provenance_text(profile, "host.name", machine.host, err));
    TARE_TRY(tare_provenance_text(profile, "host.system", machine.system, err));
    TARE_TRY(tare_provenance_text(profile, "host.processor", machine.processor, err));
    TARE_TRY(tare_provenance_number(profile, "host.cpu_count", machine.cpu_count, err));
    return tare_provenance_number(profile, "host.memory_bytes", machine.memory_bytes, err);
}

static tare_status set_target(const tare_provenance *provenance, tare_profile *profile,
                              tare_error *err)
{
    char         path[TARE_OS_PATH_BYTES] = "";
    tare_process process;
    if (tare_os_process_open(&process, provenance->process_id, NULL) == TARE_OK) {
        if (tare_os_process_executable(&process, path, sizeof path, NULL) != TARE_OK)
            path[0] = '\0';
        tare_os_process_close(&process);
    }
    TARE_TRY(tare_provenance_text(profile, "target.executable", path, err));
    TARE_TRY(tare_provenance_text(profile, "target.mode", provenance->mode, err));
    TARE_TRY(tare_provenance_number(profile, "target.pid", (uint64_t)provenance->process_id, err));
    TARE_TRY(tare_profile_format_meta(profile, err, "target.python", "%lu.%lu.%lu",
                                      Py_Version >> 24 & 0xff, Py_Version >> 16 & 0xff,
                                      Py_Version >> 8 & 0xff));
    if (provenance->command == NULL)
        return TARE_OK;
    return tare_provenance_text(profile, "target.command", provenance->command, err);
}

tare_status tare_provenance_begin(const tare_provenance *provenance, tare_profile *profile,
                                  tare_error *err)
{
    TARE_TRY(tare_provenance_text(profile, "engine", provenance->engine, err));
    TARE_TRY(tare_provenance_text(profile, "clock", provenance->clock, err));
    TARE_TRY(tare_provenance_text(profile, "tare.version", TARE_VERSION, err));
    TARE_TRY(tare_provenance_number(profile, "created_unix_ns", tare_os_unix_ns(), err));
    TARE_TRY(set_machine(profile, err));
    return set_target(provenance, profile, err);
}

tare_status tare_provenance_usage(int process_id, uint64_t start_cpu_ns, tare_profile *profile,
                                  tare_error *err)
{
    tare_process process;
    tare_usage   usage;
    TARE_TRY(tare_provenance_number(profile, "cpu_ns", tare_os_own_cpu_ns() - start_cpu_ns, err));
    if (tare_os_process_open(&process, process_id, NULL) != TARE_OK)
        return TARE_OK;
    tare_status known = tare_os_usage(&process, &usage, NULL);
    tare_os_process_close(&process);
    if (known != TARE_OK)
        return TARE_OK;
    return tare_provenance_number(profile, "memory.peak_rss_bytes", usage.peak_rss_bytes, err);
}
