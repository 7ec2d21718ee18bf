/* locate.c - finds the Python runtime inside a process.
 *
 * The map of a process is a list of pieces, each of a file or of none:
 *
 *     55d0...1000  r--p  offset 0      python3        files, in the order they appear:
 *     55d0...2000  r-xp  offset 1000   python3          python3           named python, first
 *     7f3c...0000  r--p  offset 0      libpython3.13    libpython3.13     then this
 *     7f3c...e000  r-xp  offset 10e000 libpython3.13    libc.so.6         then the others: an
 *     7f3c...4000  rw-p  offset 534000 libpython3.13      ...             embedded interpreter
 *
 * In each file that is mapped executable, ELF says at which address, as linked, the runtime
 * lies. Where that is in memory depends on where the file was loaded, and the same file may also
 * be mapped as mere data, or twice; so every piece that holds the beginning of the file is asked
 * in turn for the distance that it implies. A wrong one does not pass:
 *
 *     - the runtime must lie in memory that the process may write to, and
 *     - it must begin with the cookie of the debug offsets and a version (3.13 and newer), or
 *       the exported constant Py_Version, moved by the same distance, must hold a version.
 *
 * The file may be out of reach: deleted or replaced by an upgrade while the program runs, and we
 * are not root. Then the writable pieces are searched for the cookie, at which a runtime begins.
 * The same is done with a file that is named like Python and has lost its section headers.
 *
 * Nothing is guessed. A version older than 3.11 is not written anywhere that can be trusted, nor
 * is that of a 3.11 or 3.12 without the symbol Py_Version: both are UNSUPPORTED. When Python is
 * about to be loaded, but is not yet, the answer is NOT_PYTHON: who has just started the process
 * asks again.
 *
 * Cost: 0.1 to 0.3 ms for a Python; 10 ms for a program that is none and has 100 MB of
 * libraries to be looked through. */
#include "remote/locate.h"

#include "remote/elf.h"

#include <stdio.h>
#include <string.h>

enum {
    MAX_FILES = 4096,       /* different ones in one process; further ones are passed over */
    SCAN_BYTES = 64 * 1024, /* read at once when searching for the cookie */
    SCAN_STEP_BYTES = 8,    /* the runtime is aligned at least like its pointers */
    COOKIE_BYTES = 8,
    NO_FILE = -1
};

static const char     cookie[COOKIE_BYTES + 1] = "xdebugpy";
static const uint64_t max_scan_bytes = UINT64_C(64) << 20; /* of one file's writable pieces */

/* PY_VERSION_HEX, without micro version and stage */
enum { OLDEST_VERSION = 0x030b0000, FIRST_WITH_OFFSETS = 0x030d0000, NEXT_MAJOR = 0x04000000 };

typedef enum file_rank { NAMED_PYTHON, NAMED_LIBPYTHON, NAMED_OTHERWISE, RANK_COUNT } file_rank;

typedef struct mapped_file {
    uint64_t  inode;
    uint32_t  path; /* where it begins in search.paths */
    file_rank rank;
    bool      executable; /* any piece of it */
} mapped_file;

typedef struct mapped_piece {
    tare_raddr start, end;
    uint64_t   file_offset;
    int32_t    file; /* index, or NO_FILE */
    bool       writable, deleted;
} mapped_piece;

typedef struct search {
    const tare_process *process;
    const tare_alloc   *alloc;
    mapped_piece       *pieces; /* owned; by address */
    mapped_file        *files;  /* owned; by first appearance */
    char               *paths;  /* owned; each with its NUL */
    uint32_t            piece_count, piece_capacity;
    uint32_t            file_count, file_capacity;
    uint32_t            paths_size, paths_capacity;
    tare_status         status; /* of the callback that collects */
    tare_error         *err;
} search;

static void deinit_search(search *s)
{
    tare_release(s->alloc, s->pieces, s->piece_capacity, sizeof *s->pieces);
    tare_release(s->alloc, s->files, s->file_capacity, sizeof *s->files);
    tare_release(s->alloc, s->paths, s->paths_capacity, 1);
}

static const char *get_path(const search *s, const mapped_file *file)
{
    return s->paths + file->path;
}

static const char *get_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

static bool begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

static file_rank rank_path(const char *path)
{
    const char *name = get_base_name(path);

    if (begins_with(name, "python"))
        return NAMED_PYTHON;
    return begins_with(name, "libpython") ? NAMED_LIBPYTHON : NAMED_OTHERWISE;
}

/* ---- the map ---- */

static tare_status add_file(search *s, const tare_mapping *mapping)
{
    const size_t size = strlen(mapping->path) + 1;
    void        *files = s->files;
    void        *paths = s->paths;

    tare_status status = tare_grow(s->alloc, &files, &s->file_capacity, s->file_count + 1u,
                                   sizeof *s->files, s->err);
    s->files = files;
    if (status == TARE_OK)
        status = tare_grow(s->alloc, &paths, &s->paths_capacity, s->paths_size + size, 1, s->err);
    s->paths = paths;
    if (status != TARE_OK)
        return status;
    s->files[s->file_count++] = (mapped_file){
        .inode = mapping->inode, .path = s->paths_size, .rank = rank_path(mapping->path)};
    memcpy(s->paths + s->paths_size, mapping->path, size);
    s->paths_size += (uint32_t)size;
    return TARE_OK;
}

/* From the latest to the first: neighbours mostly belong to the same file. */
static int32_t find_file(const search *s, const tare_mapping *mapping)
{
    for (uint32_t i = s->file_count; i-- > 0;) {
        if (s->files[i].inode == mapping->inode &&
            strcmp(get_path(s, &s->files[i]), mapping->path) == 0)
            return (int32_t)i;
    }
    return NO_FILE;
}

static tare_status add_mapping(search *s, const tare_mapping *mapping)
{
    int32_t file = NO_FILE;
    void   *pieces = s->pieces;

    if (mapping->path[0] == '/' && mapping->inode != 0) {
        file = find_file(s, mapping);
        if (file == NO_FILE && s->file_count < MAX_FILES) {
            TARE_TRY(add_file(s, mapping));
            file = (int32_t)s->file_count - 1;
        }
    }
    const tare_status status = tare_grow(s->alloc, &pieces, &s->piece_capacity, s->piece_count + 1u,
                                         sizeof *s->pieces, s->err);
    s->pieces = pieces;
    if (status != TARE_OK)
        return status;
    if (file != NO_FILE && mapping->executable)
        s->files[file].executable = true;
    s->pieces[s->piece_count++] = (mapped_piece){
        .start = mapping->start,
        .end = mapping->end,
        .file_offset = mapping->file_offset,
        .file = file,
        .writable = mapping->writable,
        .deleted = mapping->deleted,
    };
    return TARE_OK;
}

static bool collect_mapping(void *context, const tare_mapping *mapping)
{
    search *s = context;

    s->status = add_mapping(s, mapping);
    return s->status == TARE_OK;
}

static bool lies_in_writable_memory(const search *s, tare_raddr address)
{
    for (uint32_t i = 0; i < s->piece_count; i++) {
        if (address >= s->pieces[i].start && address < s->pieces[i].end)
            return s->pieces[i].writable;
    }
    return false;
}

/* ---- one file ---- */

/* What ELF says of a file; addresses as linked. */
typedef struct clues {
    tare_elf_info info;
    bool          has_runtime;
    uint64_t      runtime;
    bool          has_version;
    uint64_t      version;
    bool          has_python; /* the API of some Python, even if no runtime */
} clues;

static tare_status read_source(void *context, uint64_t offset, void *into, size_t size_bytes,
                               tare_error *err)
{
    return tare_os_read_file(*(const int *)context, offset, into, size_bytes, err);
}

static tare_status open_file(const search *s, int32_t file, int *fd_out, uint64_t *size_out,
                             tare_error *err)
{
    tare_mapping mapping = {0};

    for (uint32_t i = 0; i < s->piece_count; i++) {
        const mapped_piece *piece = &s->pieces[i];
        if (piece->file != file)
            continue;
        mapping.start = piece->start;
        mapping.end = piece->end;
        mapping.file_offset = piece->file_offset;
        mapping.deleted = piece->deleted;
        break;
    }
    mapping.inode = s->files[file].inode;
    mapping.path = get_path(s, &s->files[file]);
    return tare_os_open_mapped_file(s->process, &mapping, fd_out, size_out, err);
}

static tare_status read_clues(const search *s, int fd, uint64_t size_bytes, clues *found,
                              tare_error *err)
{
    enum { RUNTIME, VERSION, ANY_PYTHON, SYMBOL_COUNT };
    tare_elf_symbol symbols[SYMBOL_COUNT] = {
        [RUNTIME] = {.name = "_PyRuntime"},
        [VERSION] = {.name = "Py_Version"},
        [ANY_PYTHON] = {.name = "Py_GetVersion"},
    };
    const tare_elf_source source = {read_source, &fd, size_bytes};

    *found = (clues){0};
    const tare_status status = tare_elf_inspect(&source, ".PyRuntime", symbols, SYMBOL_COUNT,
                                                s->alloc, &found->info, err);
    found->has_runtime = symbols[RUNTIME].found || found->info.section_found;
    found->runtime = symbols[RUNTIME].found ? symbols[RUNTIME].value : found->info.section_address;
    found->has_version = symbols[VERSION].found;
    found->version = symbols[VERSION].value;
    found->has_python = symbols[ANY_PYTHON].found;
    return status; /* with a broken symbol table, the section is a clue still */
}

typedef struct runtime_head { /* _Py_DebugOffsets of 3.13 and newer */
    char     cookie[COOKIE_BYTES];
    uint64_t version;
} runtime_head;

static bool has_offsets(const runtime_head *head)
{
    return memcmp(head->cookie, cookie, COOKIE_BYTES) == 0 && head->version >= FIRST_WITH_OFFSETS &&
           head->version < NEXT_MAJOR;
}

/* Zeros where there is no memory. */
static tare_status read_head(const search *s, tare_raddr address, runtime_head *head_out,
                             tare_error *err)
{
    const tare_read read = {address, head_out, sizeof *head_out};
    size_t          done;

    *head_out = (runtime_head){0};
    return tare_os_read(s->process, &read, 1, &done, err);
}

static tare_status accept_runtime(const search *s, int32_t file, tare_raddr address,
                                  uint64_t version, bool has_debug_offsets, tare_runtime *runtime)
{
    *runtime = (tare_runtime){.address = address,
                              .version_hex = (uint32_t)version,
                              .has_debug_offsets = has_debug_offsets};
    snprintf(runtime->path, sizeof runtime->path, "%s", get_path(s, &s->files[file]));
    return TARE_OK;
}

/* NOT_READY when there is no writable memory at this distance, UNSUPPORTED when there is, but no
 * version of Python. */
static tare_status try_distance(const search *s, int32_t file, const clues *found,
                                uint64_t distance, tare_runtime *runtime, tare_error *err)
{
    const tare_raddr address = found->runtime + distance;
    runtime_head     head;
    uint64_t         version = 0;
    size_t           done;
    const tare_read  read = {found->version + distance, &version, sizeof version};

    if (!lies_in_writable_memory(s, address))
        return TARE_NOT_READY;
    TARE_TRY(read_head(s, address, &head, err));
    if (has_offsets(&head))
        return accept_runtime(s, file, address, head.version, true, runtime);
    if (!found->has_version)
        return TARE_UNSUPPORTED;
    TARE_TRY(tare_os_read(s->process, &read, 1, &done, err));
    if (done != sizeof version || version < OLDEST_VERSION || version >= FIRST_WITH_OFFSETS)
        return TARE_UNSUPPORTED;
    return accept_runtime(s, file, address, version, false, runtime);
}

static tare_status fail_unproved(const search *s, int32_t file, tare_status status, tare_error *err)
{
    const char *path = get_path(s, &s->files[file]);

    if (status == TARE_NOT_READY)
        return tare_fail(err, status,
                         "find Python in process %d: %s is being loaded; try again in a moment",
                         s->process->pid, path);
    return tare_fail(err, TARE_UNSUPPORTED,
                     "find Python in process %d: %s holds one whose version cannot be read, being "
                     "older than 3.11 or built without the symbol Py_Version; run the program with "
                     "another Python, 3.11 or newer",
                     s->process->pid, path);
}

/* Every load of a file has one such piece; so has a mapping of the file as data. */
static bool holds_first_segment(const mapped_piece *piece, const tare_elf_info *info)
{
    return info->load_offset >= piece->file_offset &&
           info->load_offset - piece->file_offset < piece->end - piece->start;
}

/* How far a piece lies from where it was linked to lie. */
static uint64_t get_distance(const mapped_piece *piece, const tare_elf_info *info)
{
    if (!info->dynamic)
        return 0;
    return piece->start - piece->file_offset - info->load_address;
}

static tare_status try_pieces(const search *s, int32_t file, const clues *found,
                              tare_runtime *runtime, tare_error *err)
{
    tare_status verdict = TARE_NOT_READY;

    for (uint32_t i = 0; i < s->piece_count; i++) {
        const mapped_piece *piece = &s->pieces[i];
        if (piece->file != file || !holds_first_segment(piece, &found->info))
            continue;
        const uint64_t    distance = get_distance(piece, &found->info);
        const tare_status status = try_distance(s, file, found, distance, runtime, err);
        if (status == TARE_UNSUPPORTED)
            verdict = status;
        else if (status != TARE_NOT_READY)
            return status;
    }
    return fail_unproved(s, file, verdict, err);
}

/* ---- without the file ---- */

/* NOT_FOUND when this piece holds no runtime. */
static tare_status scan_piece(const search *s, const mapped_piece *piece, uint8_t *buffer,
                              tare_runtime *runtime, tare_error *err)
{
    runtime_head head;
    size_t       done;

    for (tare_raddr at = piece->start; at < piece->end; at += SCAN_BYTES) {
        const uint64_t  left = piece->end - at;
        const tare_read read = {at, buffer, left < SCAN_BYTES ? (size_t)left : SCAN_BYTES};
        TARE_TRY(tare_os_read(s->process, &read, 1, &done, err));
        for (size_t i = 0; i + SCAN_STEP_BYTES <= done; i += SCAN_STEP_BYTES) {
            if (memcmp(buffer + i, cookie, COOKIE_BYTES) != 0)
                continue;
            TARE_TRY(read_head(s, at + i, &head, err));
            if (has_offsets(&head))
                return accept_runtime(s, piece->file, at + i, head.version, true, runtime);
        }
    }
    return TARE_NOT_FOUND;
}

static tare_status scan_file(const search *s, int32_t file, tare_runtime *runtime, tare_error *err)
{
    void       *buffer;
    uint64_t    scanned_bytes = 0;
    tare_status status = TARE_NOT_FOUND;

    TARE_TRY(tare_acquire(s->alloc, &buffer, SCAN_BYTES, 1, err));
    for (uint32_t i = 0; i < s->piece_count && status == TARE_NOT_FOUND; i++) {
        const mapped_piece *piece = &s->pieces[i];
        if (piece->file != file || !piece->writable)
            continue;
        scanned_bytes += piece->end - piece->start;
        if (scanned_bytes > max_scan_bytes)
            break;
        status = scan_piece(s, piece, buffer, runtime, err);
    }
    tare_release(s->alloc, buffer, SCAN_BYTES, 1);
    return status;
}

/* ---- all files ---- */

static tare_status fail_ancient(const search *s, int32_t file, tare_error *err)
{
    return tare_fail(err, TARE_UNSUPPORTED,
                     "find Python in process %d: %s holds one older than 3.7; run the program with "
                     "3.11 or newer",
                     s->process->pid, get_path(s, &s->files[file]));
}

static tare_status fail_unreadable(const search *s, int32_t file, const tare_error *why,
                                   tare_error *err)
{
    const tare_status status = tare_fail(err, why->status, "find Python in process %d: in %s: %s",
                                         s->process->pid, get_path(s, &s->files[file]),
                                         why->message);
    if (err != NULL)
        err->os_errno = why->os_errno;
    return status;
}

/* NOT_PYTHON, without words, when there is nothing of Python in this file. */
static tare_status try_file(const search *s, int32_t file, tare_runtime *runtime, tare_error *err)
{
    const bool  is_named = s->files[file].rank != NAMED_OTHERWISE;
    clues       found = {0};
    tare_error  why = {0};
    int         fd;
    uint64_t    size_bytes;
    tare_status status = open_file(s, file, &fd, &size_bytes, &why);
    const bool  is_open = status == TARE_OK;

    if (is_open) {
        status = read_clues(s, fd, size_bytes, &found, &why);
        tare_os_close_file(fd);
    }
    if (status == TARE_GONE || status == TARE_NO_MEMORY)
        return fail_unreadable(s, file, &why, err);
    if (found.has_runtime)
        return try_pieces(s, file, &found, runtime, err);
    if (is_named || !is_open) {
        const tare_status scanned = scan_file(s, file, runtime, err);
        if (scanned != TARE_NOT_FOUND)
            return scanned;
    }
    if (found.has_python)
        return fail_ancient(s, file, err);
    return status == TARE_OK || !is_named ? TARE_NOT_PYTHON : fail_unreadable(s, file, &why, err);
}

static const char *find_pypy(const search *s)
{
    for (uint32_t i = 0; i < s->file_count; i++) {
        const char *name = get_base_name(get_path(s, &s->files[i]));
        if (begins_with(name, "libpypy") || begins_with(name, "pypy"))
            return get_path(s, &s->files[i]);
    }
    return NULL;
}

static tare_status fail_not_python(const search *s, tare_error *err)
{
    const int   pid = s->process->pid;
    const char *pypy = find_pypy(s);
    char        executable[TARE_OS_PATH_BYTES];

    if (!tare_os_process_alive(s->process))
        return tare_fail(err, TARE_GONE, "find Python in process %d: it has just ended", pid);
    if (pypy != NULL)
        return tare_fail(err, TARE_NOT_PYTHON,
                         "find Python in process %d: it runs PyPy (%s), and Tare reads the stacks "
                         "of CPython only; run the program with python3",
                         pid, pypy);
    if (s->piece_count == 0)
        return tare_fail(err, TARE_NOT_PYTHON,
                         "find Python in process %d: it has no memory, it is part of the kernel",
                         pid);
    TARE_TRY(tare_os_process_executable(s->process, executable, sizeof executable, err));
    if (rank_path(executable) == NAMED_PYTHON)
        return tare_fail(err, TARE_NOT_READY,
                         "find Python in process %d: %s has not loaded it yet; try again in a "
                         "moment",
                         pid, executable);
    return tare_fail(err, TARE_NOT_PYTHON,
                     "find Python in process %d: it runs %s, which has no Python in it; a child "
                     "of it may (ps --ppid %d)",
                     pid, executable, pid);
}

static bool is_final(tare_status status)
{
    return status == TARE_OK || status == TARE_GONE || status == TARE_PERMISSION ||
           status == TARE_NO_MEMORY;
}

/* A file that holds a Python we cannot read does not keep us from one that we can. */
static tare_status try_files(const search *s, tare_runtime *runtime, tare_error *err)
{
    tare_status verdict = TARE_NOT_PYTHON;
    tare_error  attempt = {0};

    for (int rank = 0; rank < RANK_COUNT; rank++) {
        for (uint32_t i = 0; i < s->file_count; i++) {
            if (!s->files[i].executable || s->files[i].rank != (file_rank)rank)
                continue;
            const tare_status status = try_file(s, (int32_t)i, runtime, &attempt);
            if (is_final(status) || (status != TARE_NOT_PYTHON && verdict == TARE_NOT_PYTHON)) {
                verdict = status;
                if (err != NULL && status != TARE_OK)
                    *err = attempt;
            }
            if (is_final(status))
                return status;
        }
    }
    return verdict == TARE_NOT_PYTHON ? fail_not_python(s, err) : verdict;
}

tare_status tare_runtime_locate(tare_runtime *runtime, const tare_process *process,
                                const tare_alloc *alloc, tare_error *err)
{
    search s = {.process = process, .alloc = alloc, .err = err};

    *runtime = (tare_runtime){0};
    tare_status status = tare_os_each_mapping(process, collect_mapping, &s, err);
    if (status == TARE_OK)
        status = s.status;
    if (status == TARE_OK)
        status = try_files(&s, runtime, err);
    deinit_search(&s);
    return status;
}
