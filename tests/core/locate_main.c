/* locate_main.c - prints what tare_runtime_locate says of a process; for test_locate.py.
 *
 *     locate_main PID   ->   ok 0x7f3c8a534000 0x30d00f0 offsets /usr/lib/libpython3.13.so.1.0
 *                       ->   not_python find Python in process 41: it runs /bin/sleep, ...
 *
 * The exit code is 0 in both cases: that there is an answer is what is tested. */
#include "remote/locate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static tare_status locate(int pid, tare_runtime *runtime, tare_error *err)
{
    tare_process process;

    TARE_TRY(tare_os_process_open(&process, pid, err));
    const tare_status status = tare_runtime_locate(runtime, &process, tare_alloc_system(), err);
    tare_os_process_close(&process);
    return status;
}

int main(int argument_count, char **arguments)
{
    static tare_runtime runtime;
    tare_error          err;

    if (argument_count != 2) {
        fprintf(stderr, "usage: locate_main PID\n");
        return 2;
    }
    const tare_status status = locate(atoi(arguments[1]), &runtime, &err);
    if (status == TARE_OK)
        printf("ok 0x%" PRIx64 " 0x%" PRIx32 " %s %s\n", runtime.address, runtime.version_hex,
               runtime.has_debug_offsets ? "offsets" : "-", runtime.path);
    else
        printf("%s %s\n", tare_status_name(status), err.message);
    return 0;
}
