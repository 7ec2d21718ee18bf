/* os_linux_maps.c - the memory map of a process, and the files behind it.
 *
 * A line of /proc/PID/maps:
 *
 *     7f3c8a200000-7f3c8a600000 r-xp 0010e000 fe:00 2753   /usr/lib/libpython3.13.so.1.0
 *     start        end          flags offset  dev   inode  path, to the end of the line
 *
 * The kernel answers a read with whole lines, a page of them at most; the map may change between
 * two reads, but never goes backwards. Lines are parsed in the buffer they were read into.
 *
 * The path is what it was called when it was mapped, seen from our own root if it can be seen
 * from there, else from the process's own. By now it may be gone, or name another file. So the
 * ways to the file are tried from the surest to the weakest, and each result must have the inode
 * of the mapping:
 *
 *     /proc/PID/map_files/START-END  the mapped file itself, deleted or not; for root only
 *     /proc/PID/exe                  the executable itself, deleted or not
 *     /proc/PID/root/PATH            through the process's mounts and root
 *     PATH                           for a process that was moved by chroot
 *
 * Files are first opened without touching them (O_PATH) and only then for reading: a mapping may
 * belong to a device, and opening one of those can have effects.
 *
 * Cost: the map 0.8 us for each line; a file 10-30 us.
 * Left out: "\012" for a newline in a path is kept as it is: it cannot be told from a path that
 * has these four characters. map_files and exe find such a file nevertheless. */
#define _GNU_SOURCE 1

#include "os/os_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_LINE_BYTES = 4 * TARE_OS_PATH_BYTES + 128 }; /* a path of newlines, each "\012" */

/* ---- lines ---- */

static bool take_hex(const char **text, uint64_t *value_out)
{
    const char *at = *text;
    uint64_t    value = 0;

    for (; at - *text < 16; at++) {
        if (*at >= '0' && *at <= '9')
            value = value << 4 | (uint64_t)(*at - '0');
        else if (*at >= 'a' && *at <= 'f')
            value = value << 4 | (uint64_t)(*at - 'a' + 10);
        else
            break;
    }
    const bool some = at > *text;
    *text = at;
    *value_out = value;
    return some;
}

static bool take_char(const char **text, char expected)
{
    if (**text != expected)
        return false;
    ++*text;
    return true;
}

/* One of the letters of "rwxp"; '-' and, in the last place, 's' mean no. */
static bool take_flag(const char **text, char letter, bool *set_out)
{
    const char found = **text;

    *set_out = found == letter;
    if (found != letter && found != '-' && found != 's')
        return false;
    ++*text;
    return true;
}

static bool take_flags(const char **text, tare_mapping *mapping)
{
    bool is_private;

    return take_flag(text, 'r', &mapping->readable) && take_flag(text, 'w', &mapping->writable) &&
           take_flag(text, 'x', &mapping->executable) && take_flag(text, 'p', &is_private) &&
           take_char(text, ' ');
}

static bool take_place_in_file(const char **text, tare_mapping *mapping)
{
    uint64_t device;

    if (!take_hex(text, &mapping->file_offset) || !take_char(text, ' ') ||
        !take_hex(text, &device) || !take_char(text, ':') || !take_hex(text, &device) ||
        !take_char(text, ' ') || **text < '0' || **text > '9')
        return false;
    mapping->inode = tare_linux_next_number(text);
    return true;
}

bool tare_linux_parse_mapping(char *line, tare_mapping *mapping_out)
{
    const char  *at = line;
    tare_mapping mapping = {0};

    if (!take_hex(&at, &mapping.start) || !take_char(&at, '-') || !take_hex(&at, &mapping.end) ||
        !take_char(&at, ' ') || mapping.start >= mapping.end || !take_flags(&at, &mapping) ||
        !take_place_in_file(&at, &mapping))
        return false;
    char *path = line + (at - line) + strspn(at, " ");
    mapping.deleted = tare_linux_cut_deleted(path);
    mapping.path = path;
    *mapping_out = mapping;
    return true;
}

typedef bool visit_mapping(void *context, const tare_mapping *mapping);

/* Hands out the whole lines of text and returns how many bytes they took; SIZE_MAX when visit
 * wants no more. */
static size_t visit_lines(char *text, size_t size, visit_mapping *visit, void *context,
                          bool *malformed_out)
{
    size_t       taken = 0;
    char        *end;
    tare_mapping mapping;

    while ((end = memchr(text + taken, '\n', size - taken)) != NULL) {
        *end = '\0';
        *malformed_out = !tare_linux_parse_mapping(text + taken, &mapping);
        if (*malformed_out || !visit(context, &mapping))
            return SIZE_MAX;
        taken = (size_t)(end - text) + 1;
    }
    return taken;
}

static tare_status read_map(int fd, const tare_process *process, visit_mapping *visit,
                            void *context, tare_error *err)
{
    char    text[MAX_LINE_BYTES];
    size_t  held = 0;
    ssize_t got;
    bool    malformed = false;
    bool    empty = true;

    while ((got = read(fd, text + held, sizeof text - held)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return tare_linux_fail_process(err, errno, process->pid, "read the memory map of");
        empty = false;
        held += (size_t)got;
        const size_t taken = visit_lines(text, held, visit, context, &malformed);
        if (malformed || (taken == 0 && held == sizeof text))
            return tare_fail(err, TARE_CORRUPT,
                             "read /proc/%d/maps: it does not read like proc(5) says",
                             process->pid);
        if (taken == SIZE_MAX)
            return TARE_OK;
        held -= taken;
        memmove(text, text + taken, held);
    }
    if (empty && !tare_os_process_alive(process))
        return tare_linux_fail_process(err, ESRCH, process->pid, "read the memory map of");
    return TARE_OK;
}

tare_status tare_os_each_mapping(const tare_process *process,
                                 bool (*visit)(void *context, const tare_mapping *mapping),
                                 void *context, tare_error *err)
{
    char path[TARE_LINUX_PATH_BYTES];

    tare_linux_path(path, process->pid, "maps");
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return tare_linux_fail_process(err, errno, process->pid, "read the memory map of");
    const tare_status status = read_map(fd, process, visit, context, err);
    close(fd);
    return status;
}

/* ---- files ---- */

/* 0, or the errno of what went wrong; ESTALE when path names another file than the mapped one. */
static int open_if_same(const char *path, uint64_t inode, int *fd_out, uint64_t *size_bytes_out)
{
    char        again[TARE_LINUX_PATH_BYTES];
    struct stat info;
    int         failure = 0;

    const int seen = open(path, O_PATH | O_CLOEXEC);
    if (seen < 0)
        return errno;
    if (fstat(seen, &info) != 0)
        failure = errno;
    else if (!S_ISREG(info.st_mode) || info.st_ino != inode)
        failure = ESTALE;
    if (failure == 0) {
        snprintf(again, sizeof again, "/proc/self/fd/%d", seen);
        *fd_out = open(again, O_RDONLY | O_CLOEXEC);
        failure = *fd_out < 0 ? errno : 0;
        *size_bytes_out = (uint64_t)info.st_size;
    }
    close(seen);
    return failure;
}

typedef enum file_way { MAP_FILES, EXECUTABLE, THROUGH_ROOT, AS_WE_SEE_IT, WAY_COUNT } file_way;

static void write_way(char *path, size_t capacity, int way, int pid, const tare_mapping *mapping)
{
    switch ((file_way)way) {
    case MAP_FILES:
        snprintf(path, capacity, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, pid, mapping->start,
                 mapping->end);
        break;
    case EXECUTABLE:
        snprintf(path, capacity, "/proc/%d/exe", pid);
        break;
    case THROUGH_ROOT:
        snprintf(path, capacity, "/proc/%d/root%s", pid, mapping->path);
        break;
    default:
        snprintf(path, capacity, "%s", mapping->path);
        break;
    }
}

/* os_errno is that of the way through the root: the one that is open to every owner. */
static tare_status fail_open(tare_error *err, int os_errno, int pid, const tare_mapping *mapping)
{
    if (os_errno == ESTALE || os_errno == ENOENT)
        return tare_fail(err, TARE_NOT_FOUND,
                         "open %s as process %d has it mapped: the file was %s since; restart the "
                         "program, or run tare as root",
                         mapping->path, pid, mapping->deleted ? "deleted" : "replaced");
    return tare_fail_os(err, os_errno, "open %s as process %d has it mapped", mapping->path, pid);
}

tare_status tare_os_open_mapped_file(const tare_process *process, const tare_mapping *mapping,
                                     int *fd_out, uint64_t *size_bytes_out, tare_error *err)
{
    char path[TARE_OS_PATH_BYTES + TARE_LINUX_PATH_BYTES];
    int  failures[WAY_COUNT];

    *fd_out = -1;
    *size_bytes_out = 0;
    if (mapping->path[0] != '/')
        return tare_fail(err, TARE_NOT_FOUND,
                         "open the file of a mapping of process %d: \"%s\" is no file",
                         process->pid, mapping->path);
    for (int way = 0; way < WAY_COUNT; way++) {
        write_way(path, sizeof path, way, process->pid, mapping);
        failures[way] = open_if_same(path, mapping->inode, fd_out, size_bytes_out);
        if (failures[way] == 0)
            return TARE_OK;
    }
    if (!tare_os_process_alive(process))
        return tare_linux_fail_process(err, ESRCH, process->pid, "open a mapped file of");
    return fail_open(err, failures[THROUGH_ROOT], process->pid, mapping);
}

tare_status tare_os_read_file(int fd, uint64_t offset, void *into, size_t size_bytes,
                              tare_error *err)
{
    char  *at = into;
    size_t missing = size_bytes;

    while (missing > 0) {
        const ssize_t got = pread(fd, at, missing, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return tare_fail_os(err, errno, "read %zu bytes at %" PRIu64 " of an open file",
                                size_bytes, offset);
        if (got == 0)
            return tare_fail(err, TARE_CORRUPT,
                             "read %zu bytes at %" PRIu64 " of an open file: it ends %zu bytes "
                             "earlier",
                             size_bytes, offset, missing);
        at += got;
        offset += (uint64_t)got;
        missing -= (size_t)got;
    }
    return TARE_OK;
}

void tare_os_close_file(int fd)
{
    if (fd >= 0)
        close(fd);
}
