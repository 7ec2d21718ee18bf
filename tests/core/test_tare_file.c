/* test_tare_file.c - the bytes of .tare files: what is written comes back, and whatever
 * happens to the bytes is noticed. Files on a disk are in test_tare_writer.c. */
#include "harness.h"
#include "oom.h"

#include "io/encode.h"
#include "io/format.h"
#include "known_profile.h"

static tare_buffer encode(const tare_profile *profile)
{
    tare_buffer out = {.alloc = tare_alloc_system()};
    must(tare_file_encode(profile, &out, NULL));
    return out;
}

static bool same_bytes(const tare_buffer *a, const tare_buffer *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* The same tables in the same order: equal profiles have equal files. */
static bool is_profile(const tare_profile *profile, const tare_buffer *expected)
{
    tare_buffer out = encode(profile);
    bool        same = same_bytes(&out, expected);
    tare_buffer_deinit(&out);
    return same;
}

static tare_status decode(const uint8_t *bytes, size_t size, tare_profile *profile,
                          tare_file_state *state, tare_error *err)
{
    *profile = (tare_profile){0};
    return tare_file_decode(bytes, size, tare_alloc_system(), profile, state, err);
}

/* ---- a file of several flushes, and what a reader must see of each ---- */

enum { MOMENTS = KNOWN_STEPS + 2 };

typedef struct history {
    tare_buffer file;
    uint32_t    ends[MOMENTS];    /* bytes up to the end of each flush; 0: the magic */
    tare_buffer moments[MOMENTS]; /* the profile then, as a file of its own */
} history;

static void add_flush(history *h, tare_progress *progress, const tare_profile *profile, int moment)
{
    tare_part part;
    bool      last = moment == MOMENTS - 1;
    must(tare_encode_part(progress, profile, last, &h->file, &part, NULL));
    tare_progress_advance(progress, profile, &part);
    h->ends[moment] = h->file.size;
    h->moments[moment] = encode(profile);
}

static void make_history(history *h)
{
    const tare_alloc *alloc = tare_alloc_system();
    uint8_t           magic[TARE_FILE_MAGIC_BYTES];
    tare_profile      profile = {0};
    tare_progress     progress;
    *h = (history){.file.alloc = alloc};
    tare_file_magic(magic);
    tare_buffer_append(&h->file, magic, sizeof magic);
    h->ends[0] = h->file.size;
    tare_progress_init(&progress);
    must(tare_profile_init(&profile, alloc, NULL));
    for (int step = 0; step < KNOWN_STEPS; step++) {
        known_step(&profile, step);
        add_flush(h, &progress, &profile, step + 1);
    }
    known_thin_out(&profile);
    add_flush(h, &progress, &profile, MOMENTS - 1);
    tare_progress_deinit(&progress, alloc);
    tare_profile_deinit(&profile);
}

static void free_history(history *h)
{
    for (int i = 1; i < MOMENTS; i++)
        tare_buffer_deinit(&h->moments[i]);
    tare_buffer_deinit(&h->file);
}

/* The last moment whose flush lies within size bytes. */
static int find_moment(const history *h, size_t size)
{
    int moment = 0;
    while (moment + 1 < MOMENTS && h->ends[moment + 1] <= size)
        moment++;
    return moment;
}

/* Bytes damaged somewhere from offset damaged on: exactly the flushes before are there. */
static void check_prefix(const history *h, const uint8_t *bytes, size_t size, size_t damaged)
{
    tare_profile    profile;
    tare_file_state state;
    int             moment = find_moment(h, damaged);
    tare_status     status = decode(bytes, size, &profile, &state, NULL);
    if (moment == 0) {
        CHECK_EQ(status, TARE_CORRUPT);
    } else {
        CHECK_EQ(status, TARE_OK);
        CHECK(!state.complete);
        CHECK_EQ(state.lost_offset, h->ends[moment]);
        CHECK_EQ(state.lost_bytes, size - h->ends[moment]);
        CHECK(is_profile(&profile, &h->moments[moment]));
    }
    tare_profile_deinit(&profile);
}

TEST(whole_file_is_the_last_moment)
{
    history         h;
    tare_profile    profile;
    tare_file_state state;
    make_history(&h);
    CHECK_EQ(decode(h.file.bytes, h.file.size, &profile, &state, NULL), TARE_OK);
    CHECK(state.complete);
    CHECK_EQ(state.version, 1);
    CHECK_EQ(state.lost_bytes, 0);
    CHECK_EQ(state.lost_offset, h.file.size);
    CHECK_EQ(state.unknown_count, 0);
    CHECK(is_profile(&profile, &h.moments[MOMENTS - 1]));
    tare_profile_deinit(&profile);
    free_history(&h);
}

TEST(every_truncation_loses_the_tail_only)
{
    history h;
    make_history(&h);
    for (uint32_t size = 0; size < h.file.size; size++)
        check_prefix(&h, h.file.bytes, size, size);
    free_history(&h);
}

TEST(every_flipped_bit_is_noticed)
{
    history h;
    make_history(&h);
    for (uint32_t at = TARE_FILE_MAGIC_BYTES; at < h.file.size; at++) {
        for (int bit = 0; bit < 8; bit++) {
            h.file.bytes[at] ^= (uint8_t)(1 << bit);
            check_prefix(&h, h.file.bytes, h.file.size, at);
            h.file.bytes[at] ^= (uint8_t)(1 << bit);
        }
    }
    free_history(&h);
}

TEST(every_flipped_bit_of_the_magic_is_noticed)
{
    history h;
    make_history(&h);
    for (uint32_t at = 0; at < TARE_FILE_MAGIC_BYTES; at++) {
        for (int bit = 0; bit < 8; bit++) {
            tare_profile    profile;
            tare_file_state state;
            h.file.bytes[at] ^= (uint8_t)(1 << bit);
            CHECK(decode(h.file.bytes, h.file.size, &profile, &state, NULL) != TARE_OK);
            h.file.bytes[at] ^= (uint8_t)(1 << bit);
            tare_profile_deinit(&profile);
        }
    }
    free_history(&h);
}

TEST(missing_block_ends_the_reading)
{
    history h;
    make_history(&h);
    uint32_t first = h.ends[1], second = h.ends[2];
    memmove(h.file.bytes + first, h.file.bytes + second, h.file.size - second);
    check_prefix(&h, h.file.bytes, h.file.size - (second - first), first);
    free_history(&h);
}

TEST(bytes_after_the_end_are_lost_bytes)
{
    history         h;
    tare_profile    profile;
    tare_file_state state;
    make_history(&h);
    uint32_t size = h.file.size;
    tare_buffer_append(&h.file, "after", 5);
    CHECK_EQ(decode(h.file.bytes, h.file.size, &profile, &state, NULL), TARE_OK);
    CHECK(state.complete);
    CHECK_EQ(state.lost_bytes, 5);
    CHECK_EQ(state.lost_offset, size);
    tare_profile_deinit(&profile);
    free_history(&h);
}

/* ---- round trips ---- */

static void check_round_trip(void (*build)(tare_profile *profile, const tare_alloc *alloc))
{
    tare_profile    profile = {0}, again;
    tare_file_state state;
    build(&profile, tare_alloc_system());
    tare_buffer bytes = encode(&profile);
    CHECK_EQ(decode(bytes.bytes, bytes.size, &again, &state, NULL), TARE_OK);
    CHECK(state.complete);
    CHECK(is_profile(&again, &bytes));
    CHECK_EQ(again.node_count, profile.node_count);
    CHECK_EQ(again.value_count, profile.value_count);
    CHECK_EQ(again.strings.count, profile.strings.count);
    tare_profile_deinit(&again);
    tare_profile_deinit(&profile);
    tare_buffer_deinit(&bytes);
}

TEST(profiles_survive_encode_and_decode)
{
    check_round_trip(known_profile);
    check_round_trip(tangled_profile);
    check_round_trip(hostile_profile);
    check_round_trip(empty_profile);
}

TEST(one_flush_and_three_are_the_same_profile)
{
    history      h;
    tare_profile profile = {0}, again;
    make_history(&h);
    known_profile(&profile, tare_alloc_system());
    tare_buffer     expected = encode(&profile);
    tare_file_state state;
    CHECK_EQ(decode(h.file.bytes, h.ends[KNOWN_STEPS], &again, &state, NULL), TARE_OK);
    CHECK(is_profile(&again, &expected));
    tare_profile_deinit(&again);
    tare_profile_deinit(&profile);
    tare_buffer_deinit(&expected);
    free_history(&h);
}

TEST(names_are_kept_byte_by_byte)
{
    tare_profile    profile = {0}, again;
    tare_file_state state;
    hostile_profile(&profile, tare_alloc_system());
    tare_buffer bytes = encode(&profile);
    CHECK_EQ(decode(bytes.bytes, bytes.size, &again, &state, NULL), TARE_OK);
    for (uint32_t i = 0; i < HOSTILE_COUNT; i++) {
        tare_text name = tare_profile_text(&again, again.functions[i].name);
        CHECK_EQ(name.size, hostile_names[i].size);
        CHECK(memcmp(name.bytes, hostile_names[i].bytes, name.size) == 0);
    }
    CHECK_EQ(tare_profile_text(&again, again.functions[HOSTILE_COUNT].name).size,
             HOSTILE_LONG_BYTES);
    tare_profile_deinit(&again);
    tare_profile_deinit(&profile);
    tare_buffer_deinit(&bytes);
}

TEST(numbers_survive_at_their_limits)
{
    tare_profile    profile = {0}, again;
    tare_file_state state;
    known_profile(&profile, tare_alloc_system());
    uint32_t wall = known_metric(&profile, "wall_ns", "ns");
    must(tare_profile_add(&profile, 3, 2, wall, UINT64_MAX, NULL));
    uint32_t function = known_function(&profile, "last", "last", "z.py", UINT32_MAX,
                                       TARE_FUNCTION_PYTHON);
    known_child(&profile, 0, function, 0);
    known_child(&profile, 0, function, UINT32_MAX);
    known_point(&profile, "rss_bytes", UINT64_MAX, INT64_MIN);
    tare_buffer bytes = encode(&profile);
    CHECK_EQ(decode(bytes.bytes, bytes.size, &again, &state, NULL), TARE_OK);
    CHECK(is_profile(&again, &bytes));
    CHECK(tare_profile_value(&again, 3, 2, wall) == UINT64_MAX);
    CHECK_EQ(again.frames[again.frame_count - 1].line, UINT32_MAX);
    CHECK_EQ(again.frames[again.frame_count - 2].line, 0);
    CHECK(again.series[0].points[2].time_ns == UINT64_MAX);
    CHECK(again.series[0].points[2].amount == INT64_MIN);
    tare_profile_deinit(&again);
    tare_profile_deinit(&profile);
    tare_buffer_deinit(&bytes);
}

/* ---- files made by hand ---- */

typedef struct forge {
    tare_buffer file;
    uint32_t    checksum;
} forge;

static void begin_forge(forge *f, uint8_t version)
{
    uint8_t magic[TARE_FILE_MAGIC_BYTES];
    tare_file_magic(magic);
    magic[TARE_FILE_MAGIC_BYTES - 1] = version;
    *f = (forge){.file.alloc = tare_alloc_system()};
    tare_buffer_append(&f->file, magic, sizeof magic);
    f->checksum = tare_crc32c(0, magic, sizeof magic);
}

static void forge_block(forge *f, int type, int flags, const void *payload, uint32_t size)
{
    tare_buffer header = {.alloc = tare_alloc_system()};
    tare_buffer_u8(&header, (uint8_t)type);
    tare_buffer_u8(&header, (uint8_t)flags);
    tare_buffer_append(&header, "\0\0", 2);
    tare_buffer_u32(&header, size);
    f->checksum = tare_crc32c(f->checksum, header.bytes, header.size);
    f->checksum = tare_crc32c(f->checksum, payload, size);
    tare_buffer_append(&f->file, header.bytes, header.size);
    tare_buffer_u32(&f->file, f->checksum);
    tare_buffer_append(&f->file, payload, size);
    tare_buffer_deinit(&header);
}

static void forge_end(forge *f)
{
    forge_block(f, TARE_BLOCK_END, TARE_BLOCK_COMMIT, "", 0);
}

/* Reads what was forged and frees it. */
static tare_status read_forge(forge *f, tare_file_state *state, tare_error *err)
{
    tare_profile profile;
    *err = (tare_error){0};
    tare_status status = decode(f->file.bytes, f->file.size, &profile, state, err);
    tare_profile_deinit(&profile);
    tare_buffer_deinit(&f->file);
    return status;
}

TEST(unknown_blocks_are_skipped_and_counted)
{
    forge           f;
    tare_file_state state;
    tare_error      err;
    begin_forge(&f, 1);
    forge_block(&f, 200, 0, "whatever", 8);
    forge_block(&f, TARE_BLOCK_STRINGS, 0, "\3abc", 4);
    forge_block(&f, 0, TARE_BLOCK_COMMIT, "", 0);
    forge_end(&f);
    CHECK_EQ(read_forge(&f, &state, &err), TARE_OK);
    CHECK_EQ(state.unknown_count, 2);
    CHECK_EQ(state.block_count, 4);
    CHECK(state.complete);
}

TEST(what_needs_a_newer_reader_is_refused)
{
    static const struct {
        int type, flags;
    } blocks[] = {
        {200, TARE_BLOCK_REQUIRED},
        {0, TARE_BLOCK_REQUIRED},
        {TARE_BLOCK_STRINGS, 4},
        {TARE_BLOCK_STRINGS, 0x80},
        {200, 0x40},
    };
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        forge           f;
        tare_file_state state;
        tare_error      err;
        begin_forge(&f, 1);
        forge_block(&f, blocks[i].type, blocks[i].flags, "", 0);
        forge_end(&f);
        CHECK_EQ(read_forge(&f, &state, &err), TARE_UNSUPPORTED);
        CHECK(strstr(err.message, "needs a newer Tare") != NULL);
    }
}

TEST(required_blocks_that_are_known_are_read)
{
    forge           f;
    tare_file_state state;
    tare_error      err;
    begin_forge(&f, 1);
    forge_block(&f, TARE_BLOCK_STRINGS, TARE_BLOCK_REQUIRED, "\3abc", 4);
    forge_end(&f);
    CHECK_EQ(read_forge(&f, &state, &err), TARE_OK);
}

TEST(newer_version_is_refused_with_a_sentence)
{
    forge           f;
    tare_file_state state;
    tare_error      err;
    begin_forge(&f, 2);
    forge_end(&f);
    CHECK_EQ(read_forge(&f, &state, &err), TARE_UNSUPPORTED);
    CHECK_EQ(state.version, 2);
    CHECK(strstr(err.message, "version 2") != NULL && strstr(err.message, "newer Tare") != NULL);
    begin_forge(&f, 0);
    forge_end(&f);
    CHECK_EQ(read_forge(&f, &state, &err), TARE_CORRUPT);
}

TEST(foreign_and_empty_files_are_refused)
{
    static const struct {
        const char *bytes;
        size_t      size;
    } files[] = {
        {"", 0},
        {"\x89", 1},
        {"\x89Tare\r\n\1", 8},                /* killed before the first flush */
        {"\x89Tare\r\n\1\1\0\0\0\0", 13},     /* in the middle of the first header */
        {"\x89Tare\n\1\x0c\1\0\0\0\0\0", 14}, /* CRLF became LF */
        {"\x89Tare\r\r\n\1\x0c\1\0\0\0", 13}, /* LF became CRLF */
        {"\x09Tare\r\n\1\x0c\1\0\0\0\0", 13}, /* the eighth bit was cleared */
        {"\x89PNG\r\n\x1a\n", 8},
        {"#!/usr/bin/env python3\n", 23},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        tare_profile    profile;
        tare_file_state state;
        tare_error      err = {0};
        CHECK_EQ(decode((const uint8_t *)files[i].bytes, files[i].size, &profile, &state, &err),
                 TARE_CORRUPT);
        CHECK(strlen(err.message) > 20);
        CHECK(!state.complete);
        tare_profile_deinit(&profile);
    }
}

/* Strings 1 "a" .. 4 "d", 5 "n\0l"; function 0 first line 10; frames 0 and 1; nodes 1 and
 * 2; label set 1; metric 0; value 0; series 0 with points at 5 and 9; then the payload. */
static void forge_tables(forge *f)
{
    begin_forge(f, 1);
    forge_block(f, TARE_BLOCK_STRINGS, 0, "\1a\1b\1c\1d\3n\0l", 12);
    forge_block(f, TARE_BLOCK_FUNCTIONS, 0, "\2\0\4\12\0", 5);
    forge_block(f, TARE_BLOCK_FRAMES, 0, "\0\2\0\4", 4);
    forge_block(f, TARE_BLOCK_NODES, 0, "\1\0\1\2", 4);
    forge_block(f, TARE_BLOCK_LABEL_SETS, 0, "\1\1\2", 3);
    forge_block(f, TARE_BLOCK_METRICS, 0, "\1\2", 2);
    forge_block(f, TARE_BLOCK_VALUES, 0, "\2\2\0\7", 4);
    forge_block(f, TARE_BLOCK_SERIES, 0, "\1\2\1", 3);
    forge_block(f, TARE_BLOCK_POINTS, 0, "\0\0\2\5\2\4\3", 7);
}

typedef struct malformed {
    int         type;
    const char *payload;
    uint32_t    size;
    const char *reason; /* part of the message; NULL: the block is sound */
} malformed;

#define ENTRY(type, literal, reason) {TARE_BLOCK_##type, literal, sizeof literal - 1, reason}
#define MAX_VARINT "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"

static const malformed entries[] = {
    ENTRY(STRINGS, "\1e", NULL),
    ENTRY(STRINGS, "\1a", "twice"),
    ENTRY(STRINGS, "\0", "twice"),
    ENTRY(STRINGS, "\3ab", "longer than the block"),
    ENTRY(STRINGS, MAX_VARINT "x", "longer than the block"),
    ENTRY(STRINGS, "\x80", "longer than the block"),
    ENTRY(FUNCTIONS, "\4\0\4\12\0", NULL),
    ENTRY(FUNCTIONS, "\2\0\4\12\0", "twice"),
    ENTRY(FUNCTIONS, "\14\0\4\12\0", "function is out of range"),
    ENTRY(FUNCTIONS, "\1\0\4\12\0", "function is out of range"),
    ENTRY(FUNCTIONS, "\4\12\4\12\0", "function is out of range"),
    ENTRY(FUNCTIONS, "\4\0\14\12\0", "function is out of range"),
    ENTRY(FUNCTIONS, "\4\0\4\x80\x80\x80\x80\x10\0", "function is out of range"),
    ENTRY(FUNCTIONS, "\4\0\4\12\3", "function is out of range"),
    ENTRY(FUNCTIONS, "\4\0\4\12", "function is out of range"),
    ENTRY(FRAMES, "\0\6", NULL),
    ENTRY(FRAMES, "\0\2", "twice"),
    ENTRY(FRAMES, "\2\6", "names no function"),
    ENTRY(FRAMES, "\1\6", "names no function"),
    ENTRY(FRAMES, "\0\25", "line of a frame"),
    ENTRY(FRAMES, "\0\xec\xff\xff\xff\x1f", "line of a frame"),
    ENTRY(FRAMES, "\0\xea\xff\xff\xff\x1f", NULL),
    ENTRY(FRAMES, "\0", "line of a frame"),
    ENTRY(NODES, "\3\2", NULL),
    ENTRY(NODES, "\3\0", "twice"),
    ENTRY(NODES, "\0\0", "no earlier node"),
    ENTRY(NODES, "\4\0", "no earlier node"),
    ENTRY(NODES, MAX_VARINT "\0", "no earlier node"),
    ENTRY(NODES, "\1\4", "names no frame"),
    ENTRY(NODES, "\1", "names no frame"),
    ENTRY(LABEL_SETS, "\2\1\3\2\2", NULL),
    ENTRY(LABEL_SETS, "\1\1\2", "twice"),
    ENTRY(LABEL_SETS, "\0", "twice"),
    ENTRY(LABEL_SETS, "\21", "too many labels"),
    ENTRY(LABEL_SETS, "\1\6\1", "names no string"),
    ENTRY(LABEL_SETS, "\1\1\6", "names no string"),
    ENTRY(LABEL_SETS, "\1\1", "names no string"),
    ENTRY(LABEL_SETS, "\2\2\1\1\1", "not in order"),
    ENTRY(LABEL_SETS, "\2\1\1\1\2", "not in order"),
    ENTRY(METRICS, "\3\2", NULL),
    ENTRY(METRICS, "\1\2", "twice"),
    ENTRY(METRICS, "\6\2", "is no string"),
    ENTRY(METRICS, "\3\6", "is no string"),
    ENTRY(METRICS, "\5\2", "NUL"),
    ENTRY(METRICS, "\3\5", "NUL"),
    ENTRY(VALUES, "\4\0\0\1", NULL),
    ENTRY(VALUES, "\2\2\0\1", "twice"),
    ENTRY(VALUES, "\6\0\0\1", "belongs to nothing"),
    ENTRY(VALUES, "\4\4\0\1", "belongs to nothing"),
    ENTRY(VALUES, "\4\0\2\1", "belongs to nothing"),
    ENTRY(VALUES, "\4\0\0", "cut short"),
    ENTRY(VALUES, "\4\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "cut short"),
    ENTRY(INCREMENTS, "\0\5", NULL),
    ENTRY(INCREMENTS, "\1\5", "belongs to no value"),
    ENTRY(INCREMENTS, MAX_VARINT "\5", "belongs to no value"),
    ENTRY(INCREMENTS, "\0\5\0\5", "belongs to no value"),
    ENTRY(INCREMENTS, "\0", "belongs to no value"),
    ENTRY(SERIES, "\3\2\0", NULL),
    ENTRY(SERIES, "\1\2\1", "twice"),
    ENTRY(SERIES, "\5\2\0", "NUL"),
    ENTRY(SERIES, "\3\2\2", "names no label set"),
    ENTRY(SERIES, "\3\2", "names no label set"),
    ENTRY(POINTS, "\0\2\1\0\0", NULL),
    ENTRY(POINTS, "\0\0\0", NULL),
    ENTRY(POINTS, "\1\0\0", "belong to no series"),
    ENTRY(POINTS, "\0\3\0", "points that are not there"),
    ENTRY(POINTS, "\0\2\x80\x80\x80\x80\x10", "points that are not there"),
    ENTRY(POINTS, "\0\2\xff\xff\xff\xff\x0f\0\0", "cut short"),
    ENTRY(POINTS, "\0\2\1" MAX_VARINT "\0", "out of range"),
    ENTRY(POINTS, "\0\2\1\0", "cut short"),
    ENTRY(META, "\1\5", NULL),
    ENTRY(META, "\1\6", "names no string"),
    ENTRY(META, "\6\1", "names no string"),
    ENTRY(META, "\5\1", "NUL"),
    ENTRY(META, "\1", "names no string"),
    ENTRY(END, "\0", "something in it"),
};

TEST(each_field_is_checked)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        forge           f;
        tare_file_state state;
        tare_error      err;
        forge_tables(&f);
        forge_block(&f, entries[i].type, 0, entries[i].payload, entries[i].size);
        forge_end(&f);
        tare_status status = read_forge(&f, &state, &err);
        bool        sound = entries[i].reason == NULL;
        CHECK_EQ(status, sound ? TARE_OK : TARE_CORRUPT);
        CHECK(sound || strstr(err.message, entries[i].reason) != NULL);
        if (sound != (status == TARE_OK))
            printf("entry %zu: %s\n", i, err.message);
    }
}

TEST(increments_stop_at_the_largest_number)
{
    forge           f;
    tare_profile    profile;
    tare_file_state state;
    forge_tables(&f);
    forge_block(&f, TARE_BLOCK_INCREMENTS, 0, "\0" MAX_VARINT, 11);
    forge_end(&f);
    CHECK_EQ(decode(f.file.bytes, f.file.size, &profile, &state, NULL), TARE_OK);
    CHECK(tare_profile_value(&profile, 1, 1, 0) == UINT64_MAX);
    CHECK_EQ(profile.series[0].points[1].time_ns, 9);
    CHECK_EQ(profile.series[0].points[1].amount, -1);
    tare_profile_deinit(&profile);
    tare_buffer_deinit(&f.file);
}

/* Of nodes 0 to 2: on the way in, so that no reader has to look. */
TEST(a_series_of_nodes_has_no_others)
{
    static const struct {
        const char *payload; /* one point of series 1 */
        bool        sound;
    } rows[] = {{"\1\0\1\0\0", true},
                {"\1\0\1\0\4", true},
                {"\1\0\1\0\3", true},
                {"\1\0\1\0\6", false},
                {"\1\0\1\0\5", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        forge           f;
        tare_file_state state;
        tare_error      err;
        forge_tables(&f);
        forge_block(&f, TARE_BLOCK_STRINGS, 0, "\4node", 5);
        forge_block(&f, TARE_BLOCK_SERIES, 0, "\3\6\1", 3);
        forge_block(&f, TARE_BLOCK_POINTS, 0, rows[i].payload, 5);
        forge_end(&f);
        CHECK_EQ(read_forge(&f, &state, &err), rows[i].sound ? TARE_OK : TARE_CORRUPT);
        CHECK(rows[i].sound || strstr(err.message, "at a node that is not there") != NULL);
    }
}

/* ---- memory ---- */

TEST(failed_allocations_leave_nothing_when_encoding)
{
    tare_profile profile = {0};
    known_profile(&profile, tare_alloc_system());
    tare_buffer expected = encode(&profile);
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status == TARE_NO_MEMORY; fail_at++) {
        oom memory;
        oom_init(&memory, fail_at);
        tare_buffer out = {.alloc = &memory.alloc};
        status = tare_file_encode(&profile, &out, NULL);
        CHECK(status == TARE_OK ? same_bytes(&out, &expected) : out.size == 0);
        tare_buffer_deinit(&out);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK_EQ(status, TARE_OK);
    tare_buffer_deinit(&expected);
    tare_profile_deinit(&profile);
}

TEST(failed_allocations_leave_nothing_when_decoding)
{
    history h;
    make_history(&h);
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status == TARE_NO_MEMORY; fail_at++) {
        oom             memory;
        tare_profile    profile = {0};
        tare_file_state state;
        oom_init(&memory, fail_at);
        status = tare_file_decode(h.file.bytes, h.file.size, &memory.alloc, &profile, &state, NULL);
        CHECK(status != TARE_OK || is_profile(&profile, &h.moments[MOMENTS - 1]));
        tare_profile_deinit(&profile);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK_EQ(status, TARE_OK);
    free_history(&h);
}
