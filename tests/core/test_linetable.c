/* test_linetable.c - rows by line, blocks with what is written inside them, threads. */
#include "harness.h"
#include "oom.h"

#include "known_lines.h"
#include "stats/linetable.h"

static tare_linetable make_table(const tare_profile *profile, uint32_t thread)
{
    tare_linetable table;
    CHECK_EQ(tare_linetable_init(&table, profile, thread, NULL), TARE_OK);
    return table;
}

static const tare_lined *find_function(const tare_linetable *table, uint32_t function)
{
    static const tare_lined none;
    for (uint32_t i = 0; i < table->function_count; i++) {
        if (table->functions[i].function == function)
            return &table->functions[i];
    }
    CHECK(!"the function has an entry");
    return &none;
}

static bool has_function(const tare_linetable *table, uint32_t function)
{
    for (uint32_t i = 0; i < table->function_count; i++) {
        if (table->functions[i].function == function)
            return true;
    }
    return false;
}

static const tare_line_sums *find_row(const tare_linetable *table, uint32_t function, uint32_t line)
{
    static const tare_line_sums none;
    const tare_lined           *block = find_function(table, function);
    for (uint32_t i = block->first_row; i < block->first_row + block->row_count; i++) {
        if (table->rows[i].line == line)
            return &table->rows[i].sums;
    }
    CHECK(!"the line has a row");
    return &none;
}

static void check_sums(const tare_line_sums *sums, uint64_t hits, uint64_t self_ms,
                       uint64_t inclusive_ms)
{
    CHECK_EQ(sums->hits, hits);
    CHECK_EQ(sums->self_ns, self_ms * LINES_MS);
    CHECK_EQ(sums->inclusive_ns, inclusive_ms * LINES_MS);
}

static void release(tare_profile *profile, tare_linetable *table)
{
    tare_linetable_deinit(table);
    tare_profile_deinit(profile);
}

/* ---- rows ---- */

TEST(functions_come_by_their_own_time_with_their_lines)
{
    tare_profile   profile;
    known_lines    f = lines_profile(&profile, tare_alloc_system());
    tare_linetable table = make_table(&profile, TARE_NONE);
    uint32_t       expected[] = {f.helper, f.outer, f.method, f.body, f.idle};
    CHECK_EQ(table.function_count, 5);
    for (uint32_t i = 0; i < 5; i++)
        CHECK_EQ(table.functions[i].function, expected[i]);
    check_sums(find_row(&table, f.outer, 2), 2, 1, 1);
    check_sums(find_row(&table, f.outer, 4), 2, 2, 12);
    check_sums(find_row(&table, f.helper, 11), 3, 11, 11);
    CHECK_EQ(find_function(&table, f.helper)->row_count, 1);
    CHECK_EQ(find_function(&table, f.helper)->calls, 3);
    CHECK_EQ(table.rows[find_function(&table, f.outer)->first_row].line, 2);
    release(&profile, &table);
}

TEST(all_columns_are_summed)
{
    tare_profile          profile;
    known_lines           f = lines_profile(&profile, tare_alloc_system());
    tare_linetable        table = make_table(&profile, TARE_NONE);
    const tare_line_sums *row = find_row(&table, f.helper, 11);
    CHECK_EQ(row->raw_ns, 14 * LINES_MS);
    CHECK_EQ(row->cpu_ns, 11 * LINES_MS / 2);
    CHECK_EQ(row->error_ns, 3 * LINES_MS / 4);
    CHECK_EQ(find_row(&table, f.outer, 5)->suspended_ns, 50 * LINES_MS);
    CHECK_EQ(find_function(&table, f.outer)->sums.suspended_ns, 50 * LINES_MS);
    check_sums(&table.all, 31, 23, 23);
    CHECK_EQ(table.all.raw_ns, (23 + 31) * LINES_MS);
    release(&profile, &table);
}

TEST(what_never_ran_has_an_entry_without_rows)
{
    tare_profile      profile;
    known_lines       f = lines_profile(&profile, tare_alloc_system());
    tare_linetable    table = make_table(&profile, TARE_NONE);
    const tare_lined *idle = find_function(&table, f.idle);
    CHECK_EQ(idle->row_count, 0);
    CHECK_EQ(idle->calls, 0);
    check_sums(&idle->sums, 0, 0, 0);
    lines_add(&profile, f.idle, 20, 0, "hits", 0);
    tare_linetable_deinit(&table);
    table = make_table(&profile, TARE_NONE);
    CHECK_EQ(find_function(&table, f.idle)->row_count, 0);
    release(&profile, &table);
}

/* ---- blocks ---- */

TEST(what_is_written_inside_is_in_the_block_around_it)
{
    tare_profile   profile;
    known_lines    f = lines_profile(&profile, tare_alloc_system());
    tare_linetable table = make_table(&profile, TARE_NONE);
    CHECK(!has_function(&table, f.lambda));
    check_sums(find_row(&table, f.outer, 3), 20, 4, 4);
    CHECK_EQ(find_function(&table, f.outer)->row_count, 4);
    CHECK_EQ(find_function(&table, f.outer)->calls, 2);
    check_sums(&find_function(&table, f.outer)->sums, 26, 8, 14); /* the lambda is in line 4 */
    release(&profile, &table);
}

TEST(methods_are_no_part_of_the_body_of_their_class)
{
    tare_profile   profile;
    known_lines    f = lines_profile(&profile, tare_alloc_system());
    uint32_t       listcomp = lines_function(&profile, "C.<listcomp>", 33);
    uint32_t       inner = lines_function(&profile, "C.method.<locals>.D.<lambda>", 34);
    tare_linetable table;
    lines_hit(&profile, listcomp, 33, LINES_MAIN, 5, 1, 1);
    lines_hit(&profile, inner, 34, LINES_MAIN, 7, 1, 1);
    table = make_table(&profile, TARE_NONE);
    CHECK_EQ(table.function_count, 5);
    check_sums(find_row(&table, f.body, 33), 5, 1, 1);
    check_sums(find_row(&table, f.method, 34), 7, 1, 1);
    release(&profile, &table);
}

TEST(the_outermost_measured_function_has_the_block)
{
    tare_profile   profile;
    known_lines    f = lines_profile(&profile, tare_alloc_system());
    uint32_t       deep = lines_function(&profile, "outer.<locals>.g.<locals>.<lambda>", 5);
    uint32_t       alone = lines_function(&profile, "absent.<locals>.g", 50);
    uint32_t       below = lines_function(&profile, "absent.<locals>.g.<locals>.h", 51);
    tare_linetable table;
    lines_hit(&profile, deep, 5, LINES_MAIN, 1, 1, 1);
    lines_hit(&profile, below, 51, LINES_MAIN, 1, 1, 1);
    lines_hit(&profile, alone, 52, LINES_MAIN, 1, 1, 1);
    table = make_table(&profile, TARE_NONE);
    check_sums(find_row(&table, f.outer, 5), 3, 2, 2);
    check_sums(find_row(&table, alone, 51), 1, 1, 1);
    CHECK(!has_function(&table, deep) && !has_function(&table, below));
    release(&profile, &table);
}

/* Two functions of one name: what is inside belongs to the nearer one above. Files do not mix. */
TEST(inner_functions_belong_to_the_nearest_of_that_name_above)
{
    tare_profile   profile;
    known_lines    f = lines_profile(&profile, tare_alloc_system());
    uint32_t       again = lines_function(&profile, "outer", 60);
    uint32_t       inner = lines_function(&profile, "outer.<locals>.k", 62);
    uint32_t       elsewhere = known_function(&profile, "k", "outer.<locals>.k", "b.py", 62,
                                              TARE_FUNCTION_PYTHON);
    tare_linetable table;
    lines_hit(&profile, again, 61, LINES_MAIN, 1, 1, 1);
    lines_hit(&profile, inner, 63, LINES_MAIN, 9, 1, 1);
    lines_hit(&profile, elsewhere, 63, LINES_MAIN, 5, 1, 1);
    table = make_table(&profile, TARE_NONE);
    CHECK_EQ(find_function(&table, f.outer)->row_count, 4);
    check_sums(find_row(&table, again, 63), 9, 1, 1);
    check_sums(find_row(&table, elsewhere, 63), 5, 1, 1);
    release(&profile, &table);
}

TEST(where_the_source_is_known_to_end_the_block_ends)
{
    tare_profile   profile;
    known_lines    f = lines_profile(&profile, tare_alloc_system());
    uint32_t       inside = lines_function(&profile, "outer.<locals>.k", 6);
    uint32_t       beyond = lines_function(&profile, "outer.<locals>.k", 7);
    tare_linetable table;
    lines_hit(&profile, inside, 6, LINES_MAIN, 1, 1, 1);
    lines_hit(&profile, beyond, 7, LINES_MAIN, 1, 1, 1);
    known_meta(&profile, "source:a.py:1", "1\n2\n3\n4\n5\n6");
    table = make_table(&profile, TARE_NONE);
    check_sums(find_row(&table, f.outer, 6), 1, 1, 1);
    check_sums(find_row(&table, beyond, 7), 1, 1, 1);
    tare_linetable_deinit(&table);
    known_meta(&profile, "source:a.py:1", "1\n2\n3\n4\n5\n6\n7\n");
    table = make_table(&profile, TARE_NONE);
    CHECK(!has_function(&table, beyond));
    release(&profile, &table);
}

/* ---- inclusive time of shared lines ---- */

TEST(an_inner_function_is_in_the_line_that_calls_it)
{
    tare_profile   profile;
    known_lines    f = lines_profile(&profile, tare_alloc_system());
    uint32_t       inner = lines_function(&profile, "outer.<locals>.<listcomp>", 4);
    tare_linetable table;
    lines_hit(&profile, inner, 4, LINES_MAIN, 10, 3, 7);
    table = make_table(&profile, TARE_NONE);
    check_sums(find_row(&table, f.outer, 4), 12, 5, 12);
    CHECK_EQ(find_function(&table, f.outer)->sums.inclusive_ns, 14 * LINES_MS);
    release(&profile, &table);
}

/* A callback: no time of it is in the line where it stands. */
TEST(inclusive_is_never_less_than_own)
{
    tare_profile   profile;
    known_lines    f = lines_profile(&profile, tare_alloc_system());
    uint32_t       inner = lines_function(&profile, "outer.<locals>.<lambda>", 2);
    tare_linetable table;
    lines_hit(&profile, inner, 2, LINES_MAIN, 10, 30, 30);
    lines_hit(&profile, inner, 2, LINES_WORKER, 10, 40, 40);
    table = make_table(&profile, TARE_NONE);
    check_sums(find_row(&table, f.outer, 2), 22, 71, 71);
    check_sums(&find_function(&table, f.outer)->sums, 46, 78, 78);
    release(&profile, &table);
}

TEST(threads_do_not_hide_in_each_other)
{
    tare_profile   profile;
    known_lines    f = lines_profile(&profile, tare_alloc_system());
    uint32_t       inner = lines_function(&profile, "outer.<locals>.<lambda>", 4);
    tare_linetable table;
    lines_hit(&profile, inner, 4, LINES_WORKER, 10, 3, 9);
    table = make_table(&profile, TARE_NONE);
    check_sums(find_row(&table, f.outer, 4), 12, 5, 21);
    release(&profile, &table);
}

/* ---- threads ---- */

TEST(one_thread_has_what_it_ran)
{
    tare_profile   profile;
    known_lines    f = lines_profile(&profile, tare_alloc_system());
    tare_linetable table = make_table(&profile, LINES_WORKER);
    CHECK_EQ(table.function_count, 1);
    check_sums(find_row(&table, f.helper, 11), 1, 5, 5);
    CHECK_EQ(table.functions[0].calls, 1);
    check_sums(&table.all, 1, 5, 5);
    release(&profile, &table);
}

TEST(threads_come_by_their_time)
{
    tare_profile   profile;
    tare_linetable table;
    lines_profile(&profile, tare_alloc_system());
    table = make_table(&profile, TARE_NONE);
    CHECK_EQ(table.thread_count, 2);
    CHECK_EQ(table.threads[0].label_set, LINES_MAIN);
    check_sums(&table.threads[0].sums, 30, 18, 18);
    CHECK_EQ(table.threads[1].label_set, LINES_WORKER);
    check_sums(&table.threads[1].sums, 1, 5, 5);
    release(&profile, &table);
}

/* ---- edges ---- */

TEST(profiles_of_lines_are_known_by_their_hits_or_their_engine)
{
    tare_profile profile;
    lines_profile(&profile, tare_alloc_system());
    CHECK(tare_linetable_known(&profile));
    known_meta(&profile, "engine", "trace");
    CHECK(tare_linetable_known(&profile));
    tare_profile_deinit(&profile);
    empty_profile(&profile, tare_alloc_system());
    CHECK(!tare_linetable_known(&profile));
    known_meta(&profile, "engine", "lines");
    CHECK(tare_linetable_known(&profile));
    tare_profile_deinit(&profile);
    known_profile(&profile, tare_alloc_system());
    CHECK(!tare_linetable_known(&profile));
    tare_profile_deinit(&profile);
}

TEST(empty_profile_has_no_entries)
{
    tare_profile   profile;
    tare_linetable table = {0};
    tare_linetable_deinit(&table);
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    table = make_table(&profile, TARE_NONE);
    CHECK_EQ(table.function_count + table.row_count + table.thread_count, 0);
    release(&profile, &table);
}

TEST(only_children_of_the_root_are_lines)
{
    tare_profile   profile;
    known_lines    f = lines_profile(&profile, tare_alloc_system());
    uint32_t       hits = known_metric(&profile, "hits", "count");
    uint32_t       top = known_child(&profile, 0, f.outer, 2);
    uint32_t       deeper = known_child(&profile, top, f.outer, 99);
    tare_linetable table;
    must(tare_profile_add(&profile, deeper, 0, hits, 1000, NULL));
    must(tare_profile_add(&profile, 0, 0, hits, 1000, NULL));
    table = make_table(&profile, TARE_NONE);
    CHECK_EQ(table.all.hits, 31);
    CHECK_EQ(find_function(&table, f.outer)->row_count, 4);
    release(&profile, &table);
}

TEST(sums_saturate)
{
    tare_profile   profile;
    known_lines    f = lines_profile(&profile, tare_alloc_system());
    tare_linetable table;
    lines_add(&profile, f.outer, 2, LINES_MAIN, "inclusive_ns", UINT64_MAX);
    lines_add(&profile, f.outer, 2, LINES_WORKER, "inclusive_ns", UINT64_MAX);
    lines_add(&profile, f.outer, 2, LINES_WORKER, "wall_ns", UINT64_MAX);
    table = make_table(&profile, TARE_NONE);
    CHECK(find_row(&table, f.outer, 2)->inclusive_ns == UINT64_MAX);
    CHECK(find_function(&table, f.outer)->sums.self_ns == UINT64_MAX);
    CHECK(table.all.self_ns == UINT64_MAX);
    release(&profile, &table);
}

/* Names that look like nothing but nesting cost no more than the bound. */
TEST(hostile_names_have_blocks_of_their_own)
{
    tare_profile   profile;
    tare_linetable table;
    char           name[HOSTILE_LONG_BYTES];
    must(tare_profile_init(&profile, tare_alloc_system(), NULL));
    for (size_t i = 0; i + 1 < sizeof name; i++)
        name[i] = "<."[i % 2];
    name[sizeof name - 1] = '\0';
    lines_hit(&profile, lines_function(&profile, name, 1), 1, 0, 1, 1, 1);
    lines_hit(&profile, lines_function(&profile, "", 1), 1, 0, 1, 1, 1);
    lines_hit(&profile, lines_function(&profile, ".<", 1), 1, 0, 1, 1, 1);
    table = make_table(&profile, TARE_NONE);
    CHECK_EQ(table.function_count, 3);
    release(&profile, &table);
}

TEST(failed_allocations_leave_nothing)
{
    tare_profile profile;
    lines_profile(&profile, tare_alloc_system());
    known_meta(&profile, "source:a.py:1", "1\n2\n3\n4\n5\n6");
    const tare_alloc *own = profile.alloc;
    tare_status       status = TARE_NO_MEMORY;
    size_t            fail_at = 1;
    for (; status != TARE_OK; fail_at++) {
        oom            memory;
        tare_linetable table;
        oom_init(&memory, fail_at);
        profile.alloc = &memory.alloc;
        status = tare_linetable_init(&table, &profile, TARE_NONE, NULL);
        CHECK(status == TARE_OK || status == TARE_NO_MEMORY);
        CHECK_EQ(table.function_count, status == TARE_OK ? 5 : 0);
        tare_linetable_deinit(&table);
        CHECK_EQ(memory.outstanding, 0);
    }
    CHECK(fail_at > 12);
    profile.alloc = own;
    tare_profile_deinit(&profile);
}
