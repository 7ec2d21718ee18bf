/* encode.h - what a profile has and a file has not, as blocks.
 *
 * A tare_progress says how much of one profile is in the file. A part is everything
 * beyond it: whole blocks, the last of which carries the commit flag. The caller writes
 * the part and only then advances the progress, so a failed write is simply repeated. */
#ifndef TARE_IO_ENCODE_H
#define TARE_IO_ENCODE_H

#include "base/bytes.h"
#include "model/profile.h"

/* What the file holds of one series. */
typedef struct tare_series_mark {
    uint32_t point_count;
    uint32_t edition; /* of the series then: one that was thinned out is noticed */
} tare_series_mark;

typedef struct tare_progress {
    uint32_t          string_count; /* in the file; likewise below */
    uint32_t          function_count;
    uint32_t          frame_count;
    uint32_t          node_count;
    uint32_t          label_set_count;
    uint32_t          metric_count;
    uint32_t          value_count;
    uint32_t          series_count;
    uint32_t          meta_count;
    uint64_t         *amounts; /* owned; by value id */
    uint32_t          amount_capacity;
    tare_series_mark *series; /* owned; by series id */
    uint32_t          series_capacity;
    uint32_t         *meta_values; /* owned; string ids, in the order of meta */
    uint32_t          meta_capacity;
    uint32_t          checksum; /* of the last block, or of the magic */
} tare_progress;

typedef struct tare_part {
    uint32_t checksum;      /* of its last block */
    uint32_t passing_bytes; /* of what later parts may make void: increments and points */
} tare_part;

/* A file with nothing but its magic. */
void tare_progress_init(tare_progress *progress);
void tare_progress_deinit(tare_progress *progress, const tare_alloc *alloc);

/* Appends the part to out: no bytes when there is nothing new and last is false. last
 * adds the block that marks the file as complete. On failure out keeps what it had.
 * Cost: O(what is new + number of values). */
TARE_MUST_USE tare_status tare_encode_part(tare_progress *progress, const tare_profile *profile,
                                           bool last, tare_buffer *out, tare_part *part_out,
                                           tare_error *err);

/* What a part is made of, for files that have blocks beside those of a profile: the tables, each
 * a whole block if there is something new in it; any other block, empty when end finds nothing
 * written since begin; and at last the flags and checksums, from the checksum before. */
void     tare_encode_tables(const tare_progress *progress, const tare_profile *profile,
                            tare_buffer *out);
uint32_t tare_encode_begin(tare_buffer *out, uint8_t type); /* start, for end */
void     tare_encode_end(tare_buffer *out, uint32_t start);
void     tare_encode_seal(uint8_t *bytes, uint32_t size, uint32_t checksum, tare_part *part_out);

/* The part is in the file now. profile must not have changed since it was encoded. */
void tare_progress_advance(tare_progress *progress, const tare_profile *profile,
                           const tare_part *part);

#endif
