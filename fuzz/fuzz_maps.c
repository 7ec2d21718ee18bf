/* fuzz_maps.c - any bytes as lines of /proc/PID/maps, and as the stat and syscall of a thread.
 *
 * A line that is accepted must make sense, and mean the same when it is written out in full and
 * read again. Paths come from the process, so they may hold anything but NUL and newline. */
#define _GNU_SOURCE 1

#include "checking.h"
#include "os/os_linux.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Text of its own size, so that a sanitizer sees a read past its end. */
static char *copy_text(const void *bytes, size_t size)
{
    char *text = malloc(size + 1);

    require(text != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    return text;
}

static bool is_same(const tare_mapping *a, const tare_mapping *b)
{
    return a->start == b->start && a->end == b->end && a->file_offset == b->file_offset &&
           a->inode == b->inode && a->readable == b->readable && a->writable == b->writable &&
           a->executable == b->executable && a->deleted == b->deleted &&
           strcmp(a->path, b->path) == 0;
}

static char *write_line(const tare_mapping *mapping)
{
    char *line = NULL;

    require(asprintf(&line, "%" PRIx64 "-%" PRIx64 " %c%c%cp %08" PRIx64 " 00:00 %" PRIu64 " %s%s",
                     mapping->start, mapping->end, mapping->readable ? 'r' : '-',
                     mapping->writable ? 'w' : '-', mapping->executable ? 'x' : '-',
                     mapping->file_offset, mapping->inode, mapping->path,
                     mapping->deleted ? " (deleted)" : "") >= 0);
    return line;
}

static void check_line(const char *bytes, size_t size)
{
    char        *line = copy_text(bytes, size);
    tare_mapping mapping;
    tare_mapping again;

    if (tare_linux_parse_mapping(line, &mapping)) {
        require(mapping.start < mapping.end);
        require(mapping.path >= line && mapping.path <= line + size);
        char *written = write_line(&mapping);
        require(tare_linux_parse_mapping(written, &again));
        require(is_same(&mapping, &again));
        free(written);
    }
    free(line);
}

static void check_lines(const char *text, size_t size)
{
    while (size > 0) {
        const char  *end = memchr(text, '\n', size);
        const size_t length = end == NULL ? size : (size_t)(end - text);
        check_line(text, length);
        if (end == NULL)
            return;
        text += length + 1;
        size -= length + 1;
    }
}

static void check_thread(const char *bytes, size_t size)
{
    char             *text = copy_text(bytes, size);
    tare_linux_stat   stat;
    tare_thread_state state;

    if (tare_linux_parse_stat(text, &stat))
        require(stat.state != '\0');
    if (tare_linux_parse_syscall(text, &state)) {
        require(state.activity == TARE_THREAD_RUNNING || state.activity == TARE_THREAD_BLOCKED);
        require(state.call <= TARE_CALL_CHILD);
        require(state.futex_address == 0 || state.call == TARE_CALL_FUTEX);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_lines((const char *)data, size);
    check_thread((const char *)data, size);
    return 0;
}
