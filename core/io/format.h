/* format.h - the numbers of the .tare file; docs/format.md gives the reasons.
 *
 *     file    magic (8) block block block ...
 *     block   type u8 | flags u8 | reserved u16 | length u32 | checksum u32 | payload
 *
 * All integers are little-endian. The checksum is the CRC-32C of the first 8 bytes of
 * the header and of the payload, started from the checksum of the block before (of the
 * magic for the first): a block that is missing or out of place is noticed as well. */
#ifndef TARE_IO_FORMAT_H
#define TARE_IO_FORMAT_H

#include "io/tare_file.h"

/* The eighth byte of the magic is the version. */
#define TARE_FILE_MAGIC "\x89Tare\r\n"

enum {
    TARE_FILE_MAGIC_BYTES = 8,
    TARE_BLOCK_HEADER_BYTES = 12,
    TARE_BLOCK_CHECKED_BYTES = 8 /* of the header: all but the checksum */
};

/* Where the fields of a block header are. */
enum { TARE_BLOCK_TYPE_AT = 0, TARE_BLOCK_FLAGS_AT = 1, TARE_BLOCK_LENGTH_AT = 4 };

enum {
    TARE_BLOCK_COMMIT = 1,  /* last of a flush: everything up to here belongs together */
    TARE_BLOCK_REQUIRED = 2 /* a reader that does not know the type must refuse the file */
};

typedef enum tare_block_type {
    TARE_BLOCK_STRINGS = 1,
    TARE_BLOCK_FUNCTIONS,
    TARE_BLOCK_FRAMES,
    TARE_BLOCK_NODES,
    TARE_BLOCK_LABEL_SETS,
    TARE_BLOCK_METRICS,
    TARE_BLOCK_VALUES,
    TARE_BLOCK_INCREMENTS,
    TARE_BLOCK_SERIES,
    TARE_BLOCK_POINTS,
    TARE_BLOCK_META,
    TARE_BLOCK_END,
    TARE_BLOCK_CENSUS,
    TARE_BLOCK_HEAP_TYPES,
    TARE_BLOCK_HEAP_OBJECTS,
    TARE_BLOCK_TYPE_COUNT
} tare_block_type;

/* The eight bytes that a file of this version begins with. */
static inline void tare_file_magic(uint8_t magic[TARE_FILE_MAGIC_BYTES])
{
    for (int i = 0; i < TARE_FILE_MAGIC_BYTES - 1; i++)
        magic[i] = (uint8_t)TARE_FILE_MAGIC[i];
    magic[TARE_FILE_MAGIC_BYTES - 1] = TARE_FILE_VERSION;
}

#endif
