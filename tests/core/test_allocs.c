/* test_allocs.c - own and total amounts by function and by line, recursion once, the root's row. */
#include "harness.h"
#include "oom.h"

#include "known_profile.h"
#include "stats/allocs.h"
#include "stats/calltree.h"

/*     main:5 -> load:3 -> load:3 -> parse:9     4 KiB in 2 blocks, all at the peak
 *     main:5 -> load:3                          1 KiB in 1 block, freed before the peak
 *     main:6 -> [x for x in y]:6                2 KiB in 2 blocks, live, half at the peak; worker
 *     (start-up)                                1 KiB in 1 block, live, at the peak
 *     the root                                  8 bytes in 1 block, live, at the peak */
typedef struct known_memory {
    uint32_t main, load, parse, comprehension, start_up, worker;
} known_memory;

static void add(tare_profile *profile, uint32_t node, uint32_t labels, const char *metric,
                uint64_t amount)
{
    const char *unit = strstr(metric, "bytes") != NULL ? "bytes" : "count";
    must(
        tare_profile_add(profile, node, labels, known_metric(profile, metric, unit), amount, NULL));
}

static void add_blocks(tare_profile *profile, uint32_t node, uint32_t labels, uint64_t count,
                       uint64_t bytes)
{
    add(profile, node, labels, "alloc_count", count);
    add(profile, node, labels, "alloc_bytes", bytes);
}

static void add_kept(tare_profile *profile, uint32_t node, uint32_t labels, uint64_t count,
                     uint64_t bytes)
{
    add(profile, node, labels, "live_count", count);
    add(profile, node, labels, "live_bytes", bytes);
}

static void add_peak(tare_profile *profile, uint32_t node, uint32_t labels, uint64_t count,
                     uint64_t bytes)
{
    add(profile, node, labels, "peak_count", count);
    add(profile, node, labels, "peak_bytes", bytes);
}

static known_memory make_memory(tare_profile *profile, const tare_alloc *alloc)
{
    must(tare_profile_init(profile, alloc, NULL));
    known_memory known = {
        .main = known_function(profile, "main", "main", "a.py", 4, TARE_FUNCTION_PYTHON),
        .load = known_function(profile, "load", "load", "a.py", 2, TARE_FUNCTION_PYTHON),
        .parse = known_function(profile, "parse", "parse", "b.py", 8, TARE_FUNCTION_PYTHON),
        .comprehension = known_function(profile, "<listcomp>", "main.<locals>.<listcomp>", "a.py",
                                        6, TARE_FUNCTION_PYTHON),
        .start_up = known_function(profile, "(start-up)", "(start-up)", "", 0,
                                   TARE_FUNCTION_SYNTHETIC),
        .worker = known_thread(profile, "1 app", "2 worker", NULL),
    };
    uint32_t main_5 = known_child(profile, 0, known.main, 5);
    uint32_t main_6 = known_child(profile, 0, known.main, 6);
    uint32_t load = known_child(profile, main_5, known.load, 3);
    uint32_t again = known_child(profile, load, known.load, 3);
    uint32_t parse = known_child(profile, again, known.parse, 9);
    uint32_t comprehension = known_child(profile, main_6, known.comprehension, 6);
    uint32_t start_up = known_child(profile, 0, known.start_up, 0);
    add_blocks(profile, parse, 0, 2, 4096);
    add_kept(profile, parse, 0, 2, 4096);
    add_peak(profile, parse, 0, 2, 4096);
    add_blocks(profile, load, 0, 1, 1024);
    add(profile, load, 0, "freed_count", 1);
    add(profile, load, 0, "freed_bytes", 1024);
    add(profile, load, 0, "temporary_count", 1);
    add(profile, load, 0, "temporary_bytes", 1024);
    add_blocks(profile, comprehension, known.worker, 2, 2048);
    add_kept(profile, comprehension, known.worker, 2, 2048);
    add_peak(profile, comprehension, known.worker, 1, 1024);
    add_blocks(profile, start_up, 0, 1, 1024);
    add_kept(profile, start_up, 0, 1, 1024);
    add_peak(profile, start_up, 0, 1, 1024);
    add_blocks(profile, 0, 0, 1, 8);
    add_kept(profile, 0, 0, 1, 8);
    add_peak(profile, 0, 0, 1, 8);
    return known;
}

static const tare_alloc_row *find_row(const tare_alloc_row *rows, uint32_t count, uint32_t function,
                                      uint32_t line)
{
    static const tare_alloc_row nothing;
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].function == function && rows[i].line == line)
            return &rows[i];
    }
    return &nothing;
}

static void check_bytes(const tare_alloc_row *row, uint64_t own_bytes, uint64_t total_bytes,
                        uint64_t own_peak_bytes, uint64_t total_peak_bytes)
{
    CHECK_EQ(row->own.alloc_bytes, own_bytes);
    CHECK_EQ(row->total.alloc_bytes, total_bytes);
    CHECK_EQ(row->own.peak_bytes, own_peak_bytes);
    CHECK_EQ(row->total.peak_bytes, total_peak_bytes);
    CHECK_EQ(row->total.live_bytes, row->total.alloc_bytes - row->total.freed_bytes);
    CHECK_EQ(row->total.live_count, row->total.alloc_count - row->total.freed_count);
}

TEST(functions_have_their_own_and_all_below_once)
{
    tare_profile profile;
    tare_allocs  allocs;
    known_memory known = make_memory(&profile, tare_alloc_system());
    CHECK(tare_allocs_known(&profile));
    CHECK_EQ(tare_allocs_init(&allocs, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(allocs.function_count, 6);
#define ROW(function) find_row(allocs.functions, allocs.function_count, function, 0)
    check_bytes(ROW(known.parse), 4096, 4096, 4096, 4096);
    check_bytes(ROW(known.load), 1024, 5120, 0, 4096);
    check_bytes(ROW(known.main), 0, 7168, 0, 5120);
    check_bytes(ROW(known.comprehension), 2048, 2048, 1024, 1024);
    check_bytes(ROW(known.start_up), 1024, 1024, 1024, 1024);
    check_bytes(ROW(TARE_NONE), 8, 8, 8, 8);
    CHECK_EQ(ROW(known.load)->own.temporary_bytes, 1024);
    CHECK_EQ(ROW(known.load)->total.temporary_count, 1);
#undef ROW
    CHECK_EQ(allocs.functions[0].function, known.parse);
    CHECK_EQ(allocs.all.alloc_bytes, 8200);
    CHECK_EQ(allocs.all.alloc_count, 7);
    CHECK_EQ(allocs.all.peak_bytes, 6152);
    CHECK_EQ(allocs.all.live_bytes, 7176);
    CHECK_EQ(tare_allocs_error_bytes(&allocs.all), 0);
    allocs.all.alloc_variance = 100 * 100;
    CHECK_EQ(tare_allocs_error_bytes(&allocs.all), 196);
    tare_allocs_deinit(&allocs);
    tare_profile_deinit(&profile);
}

TEST(a_line_is_one_whichever_functions_stand_on_it)
{
    tare_profile profile;
    tare_allocs  allocs;
    known_memory known = make_memory(&profile, tare_alloc_system());
    CHECK_EQ(tare_allocs_init(&allocs, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(allocs.line_count, 6);
#define ROW(function, line) find_row(allocs.lines, allocs.line_count, function, line)
    check_bytes(ROW(known.parse, 9), 4096, 4096, 4096, 4096);
    check_bytes(ROW(known.load, 3), 1024, 5120, 0, 4096);
    check_bytes(ROW(known.main, 5), 0, 5120, 0, 4096);
    check_bytes(ROW(known.comprehension, 6), 2048, 2048, 1024, 1024);
    check_bytes(ROW(known.start_up, 0), 1024, 1024, 1024, 1024);
    check_bytes(ROW(TARE_NONE, 0), 8, 8, 8, 8);
#undef ROW
    tare_allocs_deinit(&allocs);
    tare_profile_deinit(&profile);
}

TEST(a_kind_of_memory_has_its_own_tables)
{
    tare_profile profile;
    tare_allocs  allocs;
    known_memory known = make_memory(&profile, tare_alloc_system());
    CHECK_EQ(tare_allocs_init(&allocs, &profile, known.worker, NULL), TARE_OK);
    CHECK_EQ(allocs.function_count, 2);
    CHECK_EQ(allocs.functions[0].function, known.comprehension);
    CHECK_EQ(allocs.functions[1].function, known.main);
    CHECK_EQ(allocs.all.alloc_bytes, 2048);
    CHECK_EQ(allocs.kind_count, 1);
    tare_allocs_deinit(&allocs);
    CHECK_EQ(tare_allocs_init(&allocs, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(allocs.kind_count, 2);
    CHECK_EQ(allocs.kinds[0].label_set, 0);
    CHECK_EQ(allocs.kinds[0].sums.alloc_bytes, 6152);
    CHECK_EQ(allocs.kinds[1].label_set, known.worker);
    tare_allocs_deinit(&allocs);
    tare_profile_deinit(&profile);
}

TEST(the_call_tree_is_drawn_of_any_metric)
{
    tare_profile  profile;
    tare_calltree tree;
    known_memory  known = make_memory(&profile, tare_alloc_system());
    uint32_t      metric = tare_allocs_metric(&profile, "alloc_bytes");
    CHECK_EQ(tare_calltree_init_metric(&tree, &profile, metric, TARE_NONE, NULL), TARE_OK);
    const uint32_t expected[][3] = {{known.main, 0, 7168},          {known.load, 1, 5120},
                                    {known.load, 2, 4096},          {known.parse, 3, 4096},
                                    {known.comprehension, 1, 2048}, {known.start_up, 0, 1024}};
    CHECK_EQ(tree.row_count, 6);
    for (uint32_t i = 0; i < tree.row_count; i++) {
        CHECK_EQ(tree.rows[i].function, expected[i][0]);
        CHECK_EQ(tree.rows[i].depth, expected[i][1]);
        CHECK_EQ(tree.rows[i].total_ns, expected[i][2]);
    }
    tare_calltree_deinit(&tree);
    CHECK_EQ(tare_calltree_init_metric(&tree, &profile, metric, known.worker, NULL), TARE_OK);
    CHECK_EQ(tree.row_count, 2);
    tare_calltree_deinit(&tree);
    CHECK_EQ(tare_allocs_metric(&profile, "wall_ns"), TARE_NONE);
    tare_profile_deinit(&profile);
}

TEST(other_profiles_have_no_rows)
{
    tare_profile profile;
    tare_allocs  allocs;
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    CHECK(!tare_allocs_known(&profile));
    CHECK_EQ(tare_allocs_init(&allocs, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK_EQ(allocs.function_count + allocs.line_count + allocs.kind_count, 0);
    tare_allocs_deinit(&allocs);
    tare_profile_deinit(&profile);
}

TEST(sums_saturate)
{
    tare_profile profile;
    tare_allocs  allocs;
    known_memory known = make_memory(&profile, tare_alloc_system());
    uint32_t     node = known_child(&profile, 0, known.main, 5);
    add(&profile, node, 0, "alloc_bytes", UINT64_MAX);
    CHECK_EQ(tare_allocs_init(&allocs, &profile, TARE_NONE, NULL), TARE_OK);
    CHECK(allocs.all.alloc_bytes == UINT64_MAX);
    CHECK(find_row(allocs.functions, allocs.function_count, known.main, 0)->total.alloc_bytes ==
          UINT64_MAX);
    tare_allocs_deinit(&allocs);
    tare_profile_deinit(&profile);
}

TEST(every_failed_request_leaves_nothing)
{
    tare_profile profile;
    tare_allocs  allocs;
    tare_status  status = TARE_NO_MEMORY;
    make_memory(&profile, tare_alloc_system());
    for (size_t fail_at = 1; status != TARE_OK; fail_at++) {
        oom memory;
        oom_init(&memory, fail_at);
        profile.alloc = &memory.alloc;
        status = tare_allocs_init(&allocs, &profile, TARE_NONE, NULL);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        tare_allocs_deinit(&allocs);
        CHECK_EQ(memory.outstanding, 0);
    }
    profile.alloc = tare_alloc_system();
    tare_profile_deinit(&profile);
}
