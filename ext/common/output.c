/* output.c - see output.h. */
#include "common/output.h"

#include "os/os.h"

#include <stdio.h>
#include <string.h>

char *tare_output_copy(const char *text)
{
    void  *copy = NULL;
    size_t size = text != NULL ? strlen(text) + 1 : 0;
    if (size > 0 && tare_acquire(tare_alloc_system(), &copy, size, 1, NULL) == TARE_OK)
        memcpy(copy, text, size);
    return copy;
}

void tare_output_release(char **text)
{
    if (*text != NULL)
        tare_release(tare_alloc_system(), *text, strlen(*text) + 1, 1);
    *text = NULL;
}

tare_status tare_output_name_childs(char **output, size_t size, int process_id, tare_error *err)
{
    char name[TARE_OS_PATH_BYTES];
    int  length = snprintf(name, sizeof name, "%.*s.%d-%llx", (int)size, *output, process_id,
                           (unsigned long long)tare_os_monotonic_ns());
    if (length < 0 || (size_t)length >= sizeof name)
        return tare_fail(err, TARE_LIMIT, "measure a child: the name of its file is too long");
    char *copy = tare_output_copy(name);
    if (copy == NULL)
        return tare_fail(err, TARE_NO_MEMORY, "measure a child: out of memory");
    tare_output_release(output);
    *output = copy;
    return TARE_OK;
}
