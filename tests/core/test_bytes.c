/* test_bytes.c - numbers to bytes and back, failures that are remembered, CRC-32C. */
#include "harness.h"
#include "oom.h"

#include "base/bytes.h"

static bool holds(const tare_buffer *buffer, const char *bytes, size_t size)
{
    return !buffer->failed && buffer->size == size && memcmp(buffer->bytes, bytes, size) == 0;
}

static tare_cursor read_from(const tare_buffer *buffer)
{
    return (tare_cursor){.bytes = buffer->bytes, .size = buffer->size};
}

TEST(varints_have_known_bytes)
{
    static const struct {
        uint64_t    number;
        const char *bytes;
        size_t      size;
    } rows[] = {
        {0, "\x00", 1},
        {1, "\x01", 1},
        {127, "\x7f", 1},
        {128, "\x80\x01", 2},
        {300, "\xac\x02", 2},
        {16383, "\xff\x7f", 2},
        {16384, "\x80\x80\x01", 3},
        {UINT32_MAX, "\xff\xff\xff\xff\x0f", 5},
        {UINT64_C(1) << 63, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 10},
        {UINT64_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10},
    };
    tare_buffer buffer = {.alloc = tare_alloc_system()};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tare_buffer_clear(&buffer);
        tare_buffer_varint(&buffer, rows[i].number);
        CHECK(holds(&buffer, rows[i].bytes, rows[i].size));
        tare_cursor in = read_from(&buffer);
        CHECK(tare_cursor_varint(&in) == rows[i].number);
        CHECK(!in.failed && in.at == rows[i].size);
    }
    tare_buffer_deinit(&buffer);
}

TEST(signed_varints_zigzag)
{
    static const struct {
        int64_t  number;
        uint64_t written;
    } rows[] = {
        {0, 0},
        {-1, 1},
        {1, 2},
        {-2, 3},
        {2, 4},
        {INT64_MAX, UINT64_MAX - 1},
        {INT64_MIN, UINT64_MAX},
    };
    tare_buffer buffer = {.alloc = tare_alloc_system()};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tare_buffer_clear(&buffer);
        tare_buffer_svarint(&buffer, rows[i].number);
        tare_cursor in = read_from(&buffer);
        tare_cursor again = in;
        CHECK(tare_cursor_varint(&in) == rows[i].written);
        CHECK_EQ(tare_cursor_svarint(&again), rows[i].number);
    }
    tare_buffer_deinit(&buffer);
}

TEST(numbers_around_each_power_of_two_come_back)
{
    tare_buffer buffer = {.alloc = tare_alloc_system()};
    for (unsigned bit = 0; bit < 64; bit++) {
        for (uint64_t offset = 0; offset < 3; offset++) {
            uint64_t number = (UINT64_C(1) << bit) + offset - 1;
            tare_buffer_clear(&buffer);
            tare_buffer_varint(&buffer, number);
            tare_buffer_svarint(&buffer, (int64_t)number);
            tare_buffer_u64(&buffer, number);
            tare_buffer_u32(&buffer, (uint32_t)number);
            tare_buffer_u8(&buffer, (uint8_t)number);
            tare_cursor in = read_from(&buffer);
            CHECK(tare_cursor_varint(&in) == number);
            CHECK_EQ(tare_cursor_svarint(&in), (int64_t)number);
            CHECK(tare_cursor_u64(&in) == number);
            CHECK_EQ(tare_cursor_u32(&in), (uint32_t)number);
            CHECK_EQ(tare_cursor_u8(&in), (uint8_t)number);
            CHECK(!in.failed && in.at == in.size);
        }
    }
    tare_buffer_deinit(&buffer);
}

TEST(fixed_numbers_are_little_endian)
{
    tare_buffer buffer = {.alloc = tare_alloc_system()};
    tare_buffer_u8(&buffer, 0xFE);
    tare_buffer_u32(&buffer, 0x01020304);
    tare_buffer_u64(&buffer, UINT64_C(0x1112131415161718));
    CHECK(holds(&buffer, "\xfe\x04\x03\x02\x01\x18\x17\x16\x15\x14\x13\x12\x11", 13));
    tare_buffer_deinit(&buffer);
}

TEST(text_is_formatted_behind_what_is_there)
{
    tare_buffer buffer = {.alloc = tare_alloc_system()};
    tare_buffer_append(&buffer, "a\0b", 3);
    tare_buffer_append(&buffer, NULL, 0);
    tare_buffer_format(&buffer, "[%d %s]", -5, "twelve chars");
    tare_buffer_format(&buffer, "%s", "");
    CHECK(holds(&buffer, "a\0b[-5 twelve chars]", 20));
    tare_buffer_clear(&buffer);
    CHECK_EQ(buffer.size, 0);
    CHECK(buffer.capacity >= 20);
    tare_buffer_deinit(&buffer);
    CHECK(buffer.bytes == NULL && buffer.alloc == tare_alloc_system());
}

TEST(zeroed_buffer_can_be_released)
{
    tare_buffer buffer = {0};
    tare_buffer_clear(&buffer);
    tare_buffer_deinit(&buffer);
    CHECK(buffer.bytes == NULL);
}

TEST(buffer_remembers_that_memory_ran_out)
{
    for (size_t fail_at = 1; fail_at <= 3; fail_at++) {
        oom         memory;
        uint32_t    written_count = 0;
        tare_buffer buffer = {.alloc = &memory.alloc};
        oom_init(&memory, fail_at);
        while (!buffer.failed) {
            tare_buffer_u32(&buffer, written_count);
            written_count += !buffer.failed;
        }
        CHECK_EQ(memory.requests, fail_at);
        tare_buffer_append(&buffer, "x", 1); /* there is memory again, but a gap would follow */
        tare_buffer_format(&buffer, "%d", 1);
        tare_buffer_u8(&buffer, 1);
        CHECK(buffer.failed);
        CHECK_EQ(memory.requests, fail_at);
        CHECK_EQ(buffer.size, 4 * written_count);
        tare_buffer_clear(&buffer);
        tare_buffer_append(&buffer, "fresh start, with more room", 27);
        CHECK(holds(&buffer, "fresh start, with more room", 27));
        tare_buffer_deinit(&buffer);
        CHECK_EQ(memory.outstanding, 0);
    }
}

TEST(buffer_has_a_largest_size)
{
    oom         memory;
    tare_buffer buffer = {.alloc = &memory.alloc};
    oom_init(&memory, 0);
    tare_buffer_u8(&buffer, 1);
    tare_buffer_append(&buffer, "unread", SIZE_MAX); /* would wrap to 0 */
    CHECK(buffer.failed && buffer.size == 1);
    tare_buffer_deinit(&buffer);
}

TEST(cursor_stops_at_the_end_and_yields_zeros)
{
    const uint8_t bytes[] = {1, 2, 3, 4, 5};
    tare_cursor   in = {.bytes = bytes, .size = sizeof bytes};
    CHECK_EQ(tare_cursor_u32(&in), 0x04030201);
    CHECK_EQ(tare_cursor_u32(&in), 0);
    CHECK(in.failed);
    CHECK_EQ(in.at, 4);
    CHECK_EQ(tare_cursor_u8(&in), 0); /* a byte is left, but the record is broken */
    CHECK(tare_cursor_u64(&in) == 0 && tare_cursor_varint(&in) == 0);
    CHECK_EQ(tare_cursor_svarint(&in), 0);
    CHECK(tare_cursor_take(&in, 1) == NULL);
    CHECK_EQ(in.at, 4);
}

TEST(cursor_takes_what_is_there)
{
    const uint8_t bytes[] = "abc";
    tare_cursor   in = {.bytes = bytes, .size = 3};
    CHECK(tare_cursor_take(&in, 2) == bytes);
    CHECK(tare_cursor_take(&in, 0) == bytes + 2);
    CHECK(tare_cursor_take(&in, SIZE_MAX) == NULL); /* at + size would wrap */
    CHECK(in.failed && in.at == 2);
    tare_cursor empty = {0};
    CHECK_EQ(tare_cursor_u8(&empty), 0);
    CHECK(empty.failed);
}

TEST(varints_that_cannot_be_are_refused)
{
    static const struct {
        const char *bytes;
        size_t      size;
        bool        valid;
    } rows[] = {
        {"", 0, false},
        {"\x80", 1, false},
        {"\xff\xff\xff\xff", 4, false},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, true},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, false},     /* 65 bits */
        {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11, false}, /* 11 bytes */
        {"\x80\x00", 2, true}, /* 0 in more bytes than it needs */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tare_cursor in = {.bytes = (const uint8_t *)rows[i].bytes, .size = rows[i].size};
        uint64_t    number = tare_cursor_varint(&in);
        CHECK(in.failed == !rows[i].valid);
        CHECK(rows[i].valid || number == 0);
        CHECK(in.at <= in.size);
    }
}

/* RFC 3720, B.4, and the usual check value. */
TEST(crc32c_of_known_bytes)
{
    uint8_t bytes[32];
    memset(bytes, 0, sizeof bytes);
    CHECK_EQ(tare_crc32c(0, bytes, sizeof bytes), 0x8A9136AA);
    memset(bytes, 0xFF, sizeof bytes);
    CHECK_EQ(tare_crc32c(0, bytes, sizeof bytes), 0x62A8AB43);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = i;
    CHECK_EQ(tare_crc32c(0, bytes, sizeof bytes), 0x46DD794E);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(31 - i);
    CHECK_EQ(tare_crc32c(0, bytes, sizeof bytes), 0x113FDB5C);
    CHECK_EQ(tare_crc32c(0, "123456789", 9), 0xE3069283);
    CHECK_EQ(tare_crc32c(0, NULL, 0), 0);
}

TEST(crc32c_goes_on_where_it_stopped)
{
    for (size_t cut = 0; cut <= 9; cut++) {
        uint32_t crc = tare_crc32c(0, "123456789", cut);
        CHECK_EQ(tare_crc32c(crc, &"123456789"[cut], 9 - cut), 0xE3069283);
    }
}
