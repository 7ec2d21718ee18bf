/* encode.c - tables to blocks.
 *
 *     profile     [ in the file already | new ]         one block per table with something
 *                  progress.node_count ^                 new, in the order of block_writers
 *
 * A payload is entries of one table until it ends; there is no count to lie. Ids are
 * not written: an entry's id is its place. Most ids refer to something just added, so
 * differences to the entry before are written and take one byte.
 *
 * The order of the rows matters: an entry refers only to blocks before its own.
 *
 * Invariant: bytes of a part depend on the profile and the progress alone, so encoding
 * the decoded bytes again gives the same bytes.
 * Cost: O(new entries), and one comparison for each value already in the file.
 * Left out: compression. Blocks have room for it (docs/format.md). */
#include "io/encode.h"

#include "io/format.h"

static int64_t difference(uint32_t value, uint32_t previous)
{
    return (int64_t)value - (int64_t)previous;
}

static void store_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t load_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* ---- one function per table; each appends its new entries ---- */

static void write_strings(const tare_progress *done, const tare_profile *profile, tare_buffer *out)
{
    for (uint32_t id = done->string_count; id < profile->strings.count; id++) {
        tare_text text = tare_profile_text(profile, id);
        tare_buffer_varint(out, text.size);
        tare_buffer_append(out, text.bytes, text.size);
    }
}

static void write_functions(const tare_progress *done, const tare_profile *profile,
                            tare_buffer *out)
{
    tare_function previous = {0};
    for (uint32_t id = done->function_count; id < profile->function_count; id++) {
        tare_function function = profile->functions[id];
        tare_buffer_svarint(out, difference(function.name, previous.name));
        tare_buffer_svarint(out, difference(function.qualname, function.name));
        tare_buffer_svarint(out, difference(function.file, previous.file));
        tare_buffer_varint(out, function.first_line);
        tare_buffer_varint(out, function.kind);
        previous = function;
    }
}

static void write_frames(const tare_progress *done, const tare_profile *profile, tare_buffer *out)
{
    uint32_t previous = 0;
    for (uint32_t id = done->frame_count; id < profile->frame_count; id++) {
        tare_frame frame = profile->frames[id];
        uint32_t   first_line = profile->functions[frame.function].first_line;
        tare_buffer_svarint(out, difference(frame.function, previous));
        tare_buffer_svarint(out, difference(frame.line, first_line));
        previous = frame.function;
    }
}

static void write_nodes(const tare_progress *done, const tare_profile *profile, tare_buffer *out)
{
    uint32_t previous = 0;
    for (uint32_t id = done->node_count; id < profile->node_count; id++) {
        tare_node node = profile->nodes[id];
        tare_buffer_varint(out, id - node.parent);
        tare_buffer_svarint(out, difference(node.frame, previous));
        previous = node.frame;
    }
}

static void write_label_sets(const tare_progress *done, const tare_profile *profile,
                             tare_buffer *out)
{
    for (uint32_t id = done->label_set_count; id < profile->label_set_count; id++) {
        tare_label_set set = profile->label_sets[id];
        tare_buffer_varint(out, set.count);
        for (uint32_t i = 0; i < set.count; i++) {
            tare_buffer_varint(out, profile->labels[set.first + i].key);
            tare_buffer_varint(out, profile->labels[set.first + i].value);
        }
    }
}

static void write_metrics(const tare_progress *done, const tare_profile *profile, tare_buffer *out)
{
    for (uint32_t id = done->metric_count; id < profile->metric_count; id++) {
        tare_buffer_varint(out, profile->metrics[id].name);
        tare_buffer_varint(out, profile->metrics[id].unit);
    }
}

static void write_values(const tare_progress *done, const tare_profile *profile, tare_buffer *out)
{
    tare_value previous = {0};
    for (uint32_t id = done->value_count; id < profile->value_count; id++) {
        tare_value value = profile->values[id];
        tare_buffer_svarint(out, difference(value.node, previous.node));
        tare_buffer_svarint(out, difference(value.label_set, previous.label_set));
        tare_buffer_svarint(out, difference(value.metric, previous.metric));
        tare_buffer_varint(out, value.amount);
        previous = value;
    }
}

static void write_increments(const tare_progress *done, const tare_profile *profile,
                             tare_buffer *out)
{
    uint32_t previous = 0;
    for (uint32_t id = 0; id < done->value_count; id++) {
        uint64_t increment = profile->values[id].amount - done->amounts[id];
        if (increment == 0)
            continue;
        tare_buffer_varint(out, id - previous);
        tare_buffer_varint(out, increment);
        previous = id;
    }
}

static void write_series(const tare_progress *done, const tare_profile *profile, tare_buffer *out)
{
    for (uint32_t id = done->series_count; id < profile->series_count; id++) {
        tare_buffer_varint(out, profile->series[id].name);
        tare_buffer_varint(out, profile->series[id].unit);
        tare_buffer_varint(out, profile->series[id].label_set);
    }
}

/* How many points in the file are still those of the series: all, or none when it was
 * thinned out meanwhile. */
static uint32_t count_kept_points(const tare_series_mark *mark, const tare_series *series)
{
    return mark->edition == series->edition ? mark->point_count : 0;
}

static void write_points(const tare_progress *done, const tare_profile *profile, tare_buffer *out)
{
    for (uint32_t id = 0; id < profile->series_count; id++) {
        const tare_series *series = &profile->series[id];
        tare_series_mark   mark = {0};
        if (id < done->series_count)
            mark = done->series[id];
        uint32_t kept = count_kept_points(&mark, series);
        if (kept == mark.point_count && kept == series->point_count)
            continue;
        tare_buffer_varint(out, id);
        tare_buffer_varint(out, kept);
        tare_buffer_varint(out, series->point_count - kept);
        tare_point previous = {0};
        if (kept > 0)
            previous = series->points[kept - 1];
        for (uint32_t i = kept; i < series->point_count; i++) {
            tare_point point = series->points[i];
            /* Unsigned, because the difference of two amounts may not fit: it wraps. */
            uint64_t step = (uint64_t)point.amount - (uint64_t)previous.amount;
            tare_buffer_varint(out, point.time_ns - previous.time_ns);
            tare_buffer_svarint(out, (int64_t)step);
            previous = point;
        }
    }
}

static void write_meta(const tare_progress *done, const tare_profile *profile, tare_buffer *out)
{
    for (uint32_t i = 0; i < profile->meta_count; i++) {
        tare_meta meta = profile->meta[i];
        if (i < done->meta_count && done->meta_values[i] == meta.value)
            continue;
        tare_buffer_varint(out, meta.key);
        tare_buffer_varint(out, meta.value);
    }
}

static const struct {
    tare_block_type type;
    void (*write)(const tare_progress *done, const tare_profile *profile, tare_buffer *out);
} block_writers[] = {
    {TARE_BLOCK_STRINGS, write_strings},
    {TARE_BLOCK_FUNCTIONS, write_functions},
    {TARE_BLOCK_FRAMES, write_frames},
    {TARE_BLOCK_NODES, write_nodes},
    {TARE_BLOCK_LABEL_SETS, write_label_sets},
    {TARE_BLOCK_METRICS, write_metrics},
    {TARE_BLOCK_VALUES, write_values},
    {TARE_BLOCK_INCREMENTS, write_increments},
    {TARE_BLOCK_SERIES, write_series},
    {TARE_BLOCK_POINTS, write_points},
    {TARE_BLOCK_META, write_meta},
};

enum { WRITER_COUNT = sizeof block_writers / sizeof block_writers[0] };

/* ---- blocks ---- */

/* Appends a header whose length and checksum come later. */
uint32_t tare_encode_begin(tare_buffer *out, uint8_t type)
{
    uint32_t start = out->size;
    tare_buffer_u8(out, type);
    for (int i = 1; i < TARE_BLOCK_HEADER_BYTES; i++)
        tare_buffer_u8(out, 0);
    return start;
}

void tare_encode_end(tare_buffer *out, uint32_t start)
{
    if (out->failed)
        return;
    uint32_t length = out->size - start - TARE_BLOCK_HEADER_BYTES;
    if (length == 0)
        out->size = start; /* nothing new in this table */
    else
        store_u32(out->bytes + start + TARE_BLOCK_LENGTH_AT, length);
}

void tare_encode_tables(const tare_progress *progress, const tare_profile *profile,
                        tare_buffer *out)
{
    for (int row = 0; row < WRITER_COUNT; row++) {
        uint32_t start = tare_encode_begin(out, (uint8_t)block_writers[row].type);
        block_writers[row].write(progress, profile, out);
        tare_encode_end(out, start);
    }
}

/* Marks the last block of the part as its end and chains the checksums. */
void tare_encode_seal(uint8_t *bytes, uint32_t size, uint32_t checksum, tare_part *part)
{
    *part = (tare_part){.checksum = checksum};
    for (uint32_t at = 0; at < size;) {
        uint8_t *header = bytes + at;
        uint32_t length = load_u32(header + TARE_BLOCK_LENGTH_AT);
        uint32_t whole = TARE_BLOCK_HEADER_BYTES + length;
        if (at + whole == size)
            header[TARE_BLOCK_FLAGS_AT] = TARE_BLOCK_COMMIT;
        if (header[TARE_BLOCK_TYPE_AT] == TARE_BLOCK_INCREMENTS ||
            header[TARE_BLOCK_TYPE_AT] == TARE_BLOCK_POINTS)
            part->passing_bytes += whole;
        uint32_t crc = tare_crc32c(part->checksum, header, TARE_BLOCK_CHECKED_BYTES);
        part->checksum = tare_crc32c(crc, header + TARE_BLOCK_HEADER_BYTES, length);
        store_u32(header + TARE_BLOCK_CHECKED_BYTES, part->checksum);
        at += whole;
    }
}

/* ---- progress ---- */

void tare_progress_init(tare_progress *progress)
{
    uint8_t magic[TARE_FILE_MAGIC_BYTES];
    tare_file_magic(magic);
    /* The empty string, the root and the empty label set need no words in the file. */
    *progress = (tare_progress){
        .string_count = 1,
        .node_count = 1,
        .label_set_count = 1,
        .checksum = tare_crc32c(0, magic, sizeof magic),
    };
}

void tare_progress_deinit(tare_progress *progress, const tare_alloc *alloc)
{
    tare_release(alloc, progress->amounts, progress->amount_capacity, sizeof *progress->amounts);
    tare_release(alloc, progress->series, progress->series_capacity, sizeof *progress->series);
    tare_release(alloc, progress->meta_values, progress->meta_capacity,
                 sizeof *progress->meta_values);
    *progress = (tare_progress){0};
}

/* Room for every mark, so that advancing cannot fail once the bytes are on the disk. */
static tare_status reserve_marks(tare_progress *progress, const tare_profile *profile,
                                 const tare_alloc *alloc, tare_error *err)
{
    void *memory = progress->amounts;
    TARE_TRY(tare_grow(alloc, &memory, &progress->amount_capacity, profile->value_count,
                       sizeof *progress->amounts, err));
    progress->amounts = memory;
    memory = progress->series;
    TARE_TRY(tare_grow(alloc, &memory, &progress->series_capacity, profile->series_count,
                       sizeof *progress->series, err));
    progress->series = memory;
    memory = progress->meta_values;
    TARE_TRY(tare_grow(alloc, &memory, &progress->meta_capacity, profile->meta_count,
                       sizeof *progress->meta_values, err));
    progress->meta_values = memory;
    return TARE_OK;
}

void tare_progress_advance(tare_progress *progress, const tare_profile *profile,
                           const tare_part *part)
{
    progress->string_count = profile->strings.count;
    progress->function_count = profile->function_count;
    progress->frame_count = profile->frame_count;
    progress->node_count = profile->node_count;
    progress->label_set_count = profile->label_set_count;
    progress->metric_count = profile->metric_count;
    progress->value_count = profile->value_count;
    progress->series_count = profile->series_count;
    progress->meta_count = profile->meta_count;
    progress->checksum = part->checksum;
    for (uint32_t id = 0; id < profile->value_count; id++)
        progress->amounts[id] = profile->values[id].amount;
    for (uint32_t id = 0; id < profile->series_count; id++) {
        const tare_series *series = &profile->series[id];
        progress->series[id].point_count = series->point_count;
        progress->series[id].edition = series->edition;
    }
    for (uint32_t i = 0; i < profile->meta_count; i++)
        progress->meta_values[i] = profile->meta[i].value;
}

/* ---- whole parts and files ---- */

tare_status tare_encode_part(tare_progress *progress, const tare_profile *profile, bool last,
                             tare_buffer *out, tare_part *part_out, tare_error *err)
{
    TARE_TRY(reserve_marks(progress, profile, out->alloc, err));
    uint32_t start = out->size;
    tare_encode_tables(progress, profile, out);
    if (last)
        (void)tare_encode_begin(out, TARE_BLOCK_END);
    if (out->failed) {
        out->size = start;
        return tare_fail(err, TARE_NO_MEMORY,
                         "encode a profile of %u nodes and %u values: out of memory",
                         profile->node_count, profile->value_count);
    }
    if (out->size > start)
        tare_encode_seal(out->bytes + start, out->size - start, progress->checksum, part_out);
    else
        *part_out = (tare_part){.checksum = progress->checksum};
    return TARE_OK;
}

tare_status tare_file_encode(const tare_profile *profile, tare_buffer *out, tare_error *err)
{
    uint32_t start = out->size;
    uint8_t  magic[TARE_FILE_MAGIC_BYTES];
    tare_file_magic(magic);
    tare_buffer_append(out, magic, sizeof magic);
    tare_progress progress;
    tare_progress_init(&progress);
    tare_part   part;
    tare_status status = tare_encode_part(&progress, profile, true, out, &part, err);
    tare_progress_deinit(&progress, out->alloc);
    if (status != TARE_OK)
        out->size = start;
    return status;
}
