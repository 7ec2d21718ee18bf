/* test_source.c - which lines of a source belong together, and where a block ends. */
#include "harness.h"
#include "oom.h"

#include "trace/source.h"

#include <string.h>

enum { MAX_LINES = 12 };

/* heads: of each line the first one of its logical line, 0 at the end. */
typedef struct row {
    const char *text;
    uint32_t    heads[MAX_LINES];
    uint32_t    block_end; /* of what begins in line 1 */
} row;

static const row rows[] = {
    {"", {0}, 1},
    {"x", {1}, 1},
    {"x = 1\ny = 2\n", {1, 2}, 1},
    {"f(\n  a,\n)\nb\n", {1, 1, 1, 4}, 3},
    {"x = [1, (2,\n 3)]; y = {\n}\nz\n", {1, 1, 1, 4}, 3},
    {"a = 1 + \\\n  2\nb\n", {1, 1, 3}, 2},
    {"s = '''\n( \"\n'''\nb\n", {1, 1, 1, 4}, 3},
    {"s = '('\nb\n", {1, 2}, 1},
    {"s = 'it\\'s ('\nb\n", {1, 2}, 1},
    {"s = 'a\\\nb('\nc\n", {1, 1, 3}, 2},
    {"s = r'\\'\nb\n", {1, 2}, 1}, /* no string: it ends with its line all the same */
    {"s = ''\nt = \"\"\nu = ''''''\nv\n", {1, 2, 3, 4}, 1},
    {"# (\nb\n", {1, 2}, 2},
    {"f(  # )\n  1)\nb\n", {1, 1, 3}, 2},
    {"f'{a(\n)}'\nb\n", {1, 1, 3}, 2},
    {"f'{{('\nb\n", {1, 2}, 1},
    {"f'{x[\"a\"]}{y:>{w}}(' + f'}}('\nb\n", {1, 2}, 1},
    {"f\"{x[\"(\"]}\"\nb\n", {1, 2}, 1},
    {"f'\\{x}('\nb\n", {1, 2}, 1},
    {"f'''{\na:\n}(\n'''\nb\n", {1, 1, 1, 1, 5}, 4},
    {"rb'('\nbR\"(\"\nb\n", {1, 2, 3}, 1},
    {"a = b'''\n'''\nif_f = 1\nb\n", {1, 1, 3, 4}, 2},
    {"s = 'half\nb(\nc)\n", {1, 2, 2}, 1},
    {"f(\r\n  1)\r\nb\r\n", {1, 1, 3}, 2},
    {"x)\ny\n", {1, 2}, 1},
    {"def f(a,\n      b):\n    x\n\n    y\n# z\n\nq\n", {1, 1, 3, 4, 5, 6, 7, 8}, 5},
    {"@d(\n  1)\n# c\n\n@e\ndef f():\n  x\ny\n", {1, 1, 3, 4, 5, 6, 7, 8}, 7},
    {"def f(): return 1\nx\n", {1, 2}, 1},
    {"class A:\n\tdef f():\n\t\tx\n\ty = '''\nz\n'''\nw\n", {1, 2, 3, 4, 4, 4, 7}, 6},
    {"  def f():\n    x\n  y\n", {1, 2, 3}, 2},
};

TEST(logical_lines_and_blocks)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tare_source source;
        const row  *expected = &rows[i];
        CHECK_EQ(tare_source_init(&source, expected->text, strlen(expected->text),
                                  tare_alloc_system(), NULL),
                 TARE_OK);
        for (uint32_t line = 1; line <= source.line_count; line++)
            if (!CHECK(tare_source_head(&source, line) == expected->heads[line - 1]))
                printf("line %u of:\n%s\n", line, expected->text);
        CHECK(source.line_count == MAX_LINES || expected->heads[source.line_count] == 0);
        if (!CHECK(tare_source_block_end(&source, 1) == expected->block_end))
            printf("the block of:\n%s\n", expected->text);
        tare_source_deinit(&source);
    }
}

TEST(parts_are_whole_lines)
{
    tare_source source;
    const char *bytes;
    size_t      size;
    CHECK_EQ(tare_source_init(&source, "a\nbb\nccc", 8, tare_alloc_system(), NULL), TARE_OK);
    tare_source_part(&source, 2, 2, &bytes, &size);
    CHECK(size == 3 && memcmp(bytes, "bb\n", 3) == 0);
    tare_source_part(&source, 2, 99, &bytes, &size);
    CHECK(size == 6 && memcmp(bytes, "bb\nccc", 6) == 0);
    tare_source_part(&source, 4, 5, &bytes, &size);
    CHECK_EQ(size, 0);
    tare_source_part(&source, 3, 2, &bytes, &size);
    CHECK_EQ(size, 0);
    CHECK_EQ(tare_source_head(&source, 77), 77);
    CHECK_EQ(tare_source_block_end(&source, 0), 0);
    tare_source_deinit(&source);
}

TEST(headers_of_loops)
{
    static const char text[] =
        "for x in y: z\n  while a:\nasync for x in y:\nformat(x)\n[x for x in y]";
    const bool  expected[] = {true, true, true, false, false};
    tare_source source;
    CHECK_EQ(tare_source_init(&source, text, strlen(text), tare_alloc_system(), NULL), TARE_OK);
    for (uint32_t line = 1; line <= 5; line++)
        CHECK_EQ(tare_source_is_loop(&source, line), expected[line - 1]);
    tare_source_deinit(&source);
}

TEST(headers_of_with)
{
    static const char text[] = "with a:\n  async  with (b,\n  c): with_d\n"
                               "with_x = 1\nasync def with\nwith";
    const bool        expected[] = {true, true, false, false, false, true};
    tare_source       source;
    CHECK_EQ(tare_source_init(&source, text, strlen(text), tare_alloc_system(), NULL), TARE_OK);
    for (uint32_t line = 1; line <= 6; line++)
        CHECK_EQ(tare_source_is_with(&source, line), expected[line - 1]);
    CHECK(!tare_source_is_with(&source, 0) && !tare_source_is_with(&source, 7));
    tare_source_deinit(&source);
}

/* Deeper than is remembered: an answer, and not a wrong address. */
TEST(endless_nesting)
{
    enum { DEEP = 5000 };
    static char text[2 * DEEP + 2];
    tare_source source;
    memset(text, '(', DEEP);
    text[DEEP] = '\n';
    memset(text + DEEP + 1, ')', DEEP);
    CHECK_EQ(tare_source_init(&source, text, sizeof text, tare_alloc_system(), NULL), TARE_OK);
    CHECK_EQ(source.line_count, 2);
    CHECK_EQ(tare_source_head(&source, 2), 1);
    tare_source_deinit(&source);
}

TEST(without_memory)
{
    tare_status status = TARE_NO_MEMORY;
    for (size_t fail_at = 1; status == TARE_NO_MEMORY; fail_at++) {
        oom         memory;
        tare_source source;
        oom_init(&memory, fail_at);
        status = tare_source_init(&source, "f(\n1)\nx\ny\nz\n", 12, &memory.alloc, NULL);
        tare_source_deinit(&source);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK_EQ(status, TARE_OK);
}
