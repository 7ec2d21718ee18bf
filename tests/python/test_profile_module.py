"""tare._profile: what core computes, as Python sees it, from profiles that are known."""

import gc
import json
import math
import os
import pickle
import pstats
import subprocess
import sys
import threading
from contextlib import suppress

import pytest
import tare
from builder import MAIN, NS, WORKER, Builder
from tare import errors
from tare._profile import STATUSES, decode, formats, load
from tare.errors import Error

MAIN_5 = ("main", "work.py", 1, 5)
HOT_12 = ("hot", "work.py", 10, 12)
HOT_13 = ("hot", "work.py", 10, 13)


@pytest.fixture
def builder(make):
    """main calls hot (3 s on two lines) and sleeps (1 s); a worker waits for a lock (4 s)."""
    return (
        make()
        .sample([MAIN_5, HOT_12], ns=2 * NS)
        .sample([MAIN_5, HOT_13], "native_ns", 1 * NS)
        .sample([MAIN_5], "wait_sleep_ns", 1 * NS)
        .sample([("work", "work.py", 30, 31)], "wait_lock_ns", 4 * NS, labels=WORKER)
        .program(python_ns=2 * NS, native_ns=NS, wait_sleep_ns=NS, cpu_ns=3 * NS)
        .add_series("rss_bytes", "bytes", 0, [(0, 4096), (10, -5), (10, 7)])
    )


@pytest.fixture
def profile(builder):
    return decode(builder.encode())


def test_load_and_decode_agree(builder, saved):
    path = saved(builder)
    assert load(path).values() == decode(path.read_bytes()).values()
    assert load(os.fsencode(path)).meta == load(str(path)).meta
    assert tare.load is load


def test_meta_and_counts(profile, builder):
    assert profile.meta == builder.meta
    counts = profile.counts
    assert (counts.functions, counts.frames, counts.nodes) == (3, 4, 5)
    assert (counts.label_sets, counts.values, counts.series) == (3, 12, 1)
    assert (profile.state.complete, profile.state.lost_bytes, profile.state.version) == (True, 0, 1)


def test_metrics_have_roles(profile):
    roles = {metric.name: metric.role for metric in profile.metrics}
    assert roles["wall_ns"] == "total"
    assert roles["python_ns"] == "busy"
    assert roles["wait_lock_ns"] == "wait"
    assert roles["samples"] == "count"


def test_metric_of_a_newer_version_is_other(make):
    found = decode(make().sample([MAIN_5], "of_the_future_ns").encode()).metrics
    assert [(m.role, m.words) for m in found if m.name == "of_the_future_ns"] == [("other", "")]


def test_summary_of_all_threads(profile):
    summary = profile.summary()
    assert (summary.wall_ns, summary.cpu_ns) == (4 * NS, 3 * NS)
    assert summary.active_ns == 4 * NS  # the worker's waiting is left out
    assert summary.effective_count == 4000
    assert [(s.name, s.ns, s.role) for s in summary.states] == [
        ("python_ns", 2 * NS, "busy"),
        ("native_ns", 1 * NS, "busy"),
        ("wait_sleep_ns", 1 * NS, "wait"),
    ]


def test_function_rows(profile):
    hot, main = profile.summary().functions()
    assert (hot.qualname, hot.file, hot.first_line, hot.line) == ("hot", "work.py", 10, 0)
    assert (hot.self_ns, hot.total_ns, hot.self_native_ns) == (3 * NS, 3 * NS, NS)
    assert (main.qualname, main.self_ns, main.total_ns) == ("main", NS, 4 * NS)
    assert main.self_wait_ns == NS
    assert hot.self_share.value == 0.75
    assert hot.self_share.low < 0.75 < hot.self_share.high
    assert hot.gain_ratio.value == pytest.approx(4.0)
    assert math.isinf(main.gain_ratio.value)


def test_program_time_of_rows(make):
    """Two workers for 4 s, each half of it in f; the main thread waits, then works for 1 s."""
    builder = make().sample([MAIN_5], "wait_lock_ns", 4 * NS, program_ns=0)
    builder.sample([MAIN_5], "python_ns", NS, program_ns=NS)
    for name in "ab":
        labels = {**WORKER, "thread": name}
        builder.sample([HOT_12], "python_ns", 2 * NS, labels, program_ns=NS)
        builder.sample([HOT_13], "wait_disk_ns", 2 * NS, labels, program_ns=NS)
    summary = decode(builder.program(python_ns=3 * NS, wait_disk_ns=2 * NS).encode()).summary()
    main, hot = summary.functions()
    assert (main.self_ns, main.program_ns, main.program_self_wait_ns) == (5 * NS, NS, 0)
    assert (hot.total_ns, hot.program_ns) == (4 * NS, 4 * NS)
    assert (hot.program_self_ns, hot.program_self_wait_ns) == (4 * NS, 2 * NS)
    assert (hot.self_share.value, hot.program_share.value) == (0.8, 0.8)
    assert main.program_share.value == 0.2
    assert main.gain_ratio.value == pytest.approx(1.25)
    assert hot.gain_ratio.low < 5 < hot.gain_ratio.high
    assert [row.program_ns // NS for row in summary.lines() if row.qualname == "hot"] == [2]


def test_line_rows_and_limits(profile):
    lines = profile.summary().lines()
    assert [(row.qualname, row.line, row.self_ns // NS) for row in lines] == [
        ("hot", 12, 2),
        ("main", 5, 1),
        ("hot", 13, 1),
    ]
    assert len(profile.summary().lines(limit=1)) == 1
    assert profile.summary().functions(0) == []
    assert len(profile.summary().functions(99)) == 2


def test_summary_of_one_thread(profile):
    worker = next(
        i for i, labels in enumerate(profile.label_sets()) if labels.get("thread") == "101 Thread-1"
    )
    assert profile.summary(thread=worker).functions() == []
    main = profile.label_sets().index(MAIN)
    assert [row.qualname for row in profile.summary(main).functions()] == ["hot", "main"]
    with pytest.raises(IndexError):
        profile.summary(thread=99)


def test_tree_and_edges(profile):
    summary = profile.summary()
    assert [(row.depth, row.qualname, row.total_ns // NS) for row in summary.tree()] == [
        (0, "main", 4),
        (1, "hot", 3),
    ]
    assert [row.qualname for row in summary.tree(least_share=0.9)] == ["main"]
    ids = {row.qualname: row.id for row in summary.functions()}
    assert [(edge.caller, edge.callee, edge.total_ns // NS) for edge in summary.edges()] == [
        (None, ids["main"], 4),
        (ids["main"], ids["hot"], 3),
    ]


def test_summary_outlives_its_profile(builder):
    summary = decode(builder.encode()).summary()
    assert summary.functions()[0].qualname == "hot"
    assert summary.tree()[0].qualname == "main"


def test_rows_may_be_kept_until_the_interpreter_ends(saved, builder):
    """Where classes and what is made of them go in any order."""
    path = saved(builder)
    script = f"""if True:
        import sys, tare._profile
        class Keeper: pass
        keeper = Keeper()
        keeper.rows = tare._profile.load({str(path)!r}).summary().functions()
        keeper.own, keeper.module = keeper, sys.modules["tare._profile"]
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_rows_are_values(profile):
    row = profile.summary().functions()[0]
    assert pickle.loads(pickle.dumps(row)) == row
    assert row._replace(line=7).line == 7 and row == tuple(row)


@pytest.mark.parametrize(
    ("target", "verdict"),
    [(5, "fast_enough"), (2, "reachable"), (1, "waiting"), (1.1, "unlikely")],
)
def test_judge(profile, target, verdict):
    found = profile.summary().judge(round(target * NS))
    assert (found.verdict, found.target_ns) == (verdict, round(target * NS))
    assert found.excess_ns == max(0, 4 * NS - round(target * NS))
    assert found.waiting_ns == NS


def test_threads_keep_all_waiting(profile):
    first, second = profile.threads()
    assert (first.labels, first.wall_ns) in ((MAIN, 4 * NS), (WORKER, 4 * NS))
    states = {thread.labels["thread"]: thread.states for thread in (first, second)}
    assert states == {
        "100 MainThread": {"python_ns": 2 * NS, "native_ns": NS, "wait_sleep_ns": NS},
        "101 Thread-1": {"wait_lock_ns": 4 * NS},
    }


def test_series(profile):
    (series,) = profile.series()
    assert (series.name, series.unit, series.label_set) == ("rss_bytes", "bytes", 0)
    assert (series.times_ns, series.amounts) == ([0, 10, 10], [4096, -5, 7])


def test_stack_is_innermost_first(profile):
    deepest = max(value.node for value in profile.values() if value.metric == "native_ns")
    frames = profile.stack(deepest)
    assert [(frame.qualname, frame.line) for frame in frames] == [("hot", 13), ("main", 5)]
    assert profile.stack(0) == []
    with pytest.raises(IndexError):
        profile.stack(profile.counts.nodes)
    with pytest.raises((OverflowError, TypeError)):
        profile.stack(-1)


def test_tree_arrays(profile):
    tree = profile.tree()
    assert list(tree.parent) == [0xFFFFFFFF, 0, 1, 1, 0]
    assert (tree.parent.format, tree.frame.format, tree.amount.format) == ("I", "I", "Q")
    assert sum(tree.amount) == 8 * NS
    assert sum(profile.tree(metric="native_ns").amount) == 2 * NS  # the root's state too
    frames = profile.frames()
    assert frames[tree.frame[2]].line == 12
    with pytest.raises(errors.NotFoundError, match="no such metric"):
        profile.tree(metric="calls")


def test_text_that_is_not_utf8_survives(make):
    builder = make(target__command=b"caf\xe9 \xff".decode("utf-8", "surrogateescape"))
    profile = decode(builder.sample([("f\udcff", "\udce9.py", 1, 1)]).encode())
    assert profile.meta["target.command"].encode("utf-8", "surrogateescape") == b"caf\xe9 \xff"
    assert profile.frames()[0].qualname == "f\udcff"


def test_export_gives_whole_files(profile, tmp_path):
    assert {format.name for format in formats()} >= {
        "pstats", "collapsed", "speedscope", "json", "lprof"
    }
    assert b"hot" in profile.export("collapsed")
    assert json.loads(profile.export("json"))["schema"] == "tare.profile/1"
    path = tmp_path / "x.pstats"
    path.write_bytes(profile.export("pstats", metric="python_ns"))
    assert pstats.Stats(str(path)).total_tt == pytest.approx(2.0)
    with pytest.raises(errors.NotFoundError, match="no such format"):
        profile.export("flame")
    with pytest.raises(errors.NotFoundError, match="no such metric"):
        profile.export("json", metric="calls")


def test_subtract_leaves_the_time_between(builder):
    before = decode(builder.encode())
    builder.sample([MAIN_5, HOT_12], ns=NS)
    builder.meta["wall_ns"] = str(5 * NS)
    after = decode(builder.encode())
    after.subtract(before)
    assert after.summary().wall_ns == NS
    assert [(r.qualname, r.self_ns) for r in after.summary().functions()] == [
        ("hot", NS),
        ("main", 0),
    ]
    assert before.summary().wall_ns == 4 * NS


def test_subtract_refuses_what_is_no_earlier_look(profile, make):
    other = decode(make().sample([("other", "o.py", 1, 1)]).encode())
    with pytest.raises(errors.IncompatibleError):
        profile.subtract(other)
    assert profile.summary().wall_ns == 4 * NS
    for wrong in (profile, None, 5):
        with pytest.raises(TypeError):
            profile.subtract(wrong)


def test_columns_are_of_one_state_while_another_thread_subtracts(make):
    builder = make()
    for line in range(2000):
        builder.sample([MAIN_5, ("hot", "hot.py", 1, line)], ns=NS)
    before = decode(builder.encode())
    for line in range(2000):
        builder.sample([MAIN_5, ("hot", "hot.py", 1, line)], ns=line)
    data = builder.encode()
    left = decode(data)
    left.subtract(before)
    possible = {decode(data).columns(), left.columns()}
    for _ in range(20):
        profile, found = decode(data), []
        thread = threading.Thread(target=lambda: found.extend(
            profile.columns() for _ in range(50)
        ))  # fmt: skip
        thread.start()
        while not found:
            pass
        profile.subtract(before)
        thread.join()
        assert set(found) <= possible


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", "CORRUPT"),
        (b"not a profile at all", "CORRUPT"),
        (b"\x89Tare\r\n\x01", "CORRUPT"),
        (b"\x89Tare\r\n\x02" + b"x" * 50, "UNSUPPORTED"),
    ],
)
def test_what_is_no_profile_is_refused_in_one_line(data, status):
    with pytest.raises(Error) as caught:
        decode(data)
    assert caught.value.status == status
    assert "\n" not in str(caught.value)


def test_incomplete_file_is_readable(builder):
    data = builder.encode(complete=False)
    profile = decode(data + b"half a block")
    assert (profile.state.complete, profile.state.lost_bytes) == (False, 12)
    assert profile.state.lost_offset == len(data)
    assert profile.summary().functions()[0].qualname == "hot"


def test_every_cut_is_read_or_refused(builder):
    data = builder.encode()
    whole = decode(data).values()
    for size in range(0, len(data), 7):
        try:
            found = decode(data[:size])
        except Error:
            continue
        assert found.values() in ([], whole)


def test_missing_file(tmp_path):
    with pytest.raises(errors.NotFoundError) as caught:
        load(tmp_path / "no.tare")
    assert caught.value.os_errno == 2
    assert isinstance(caught.value, Error)
    with pytest.raises(TypeError):
        load(5)


def test_every_status_has_its_exception():
    assert STATUSES[0] == "OK"
    for status in STATUSES[1:]:
        name = "".join(word.capitalize() for word in status.split("_")) + "Error"
        found = getattr(errors, name)
        assert issubclass(found, Error)
        assert (found.status, found.__module__, found.__doc__ != "") == (
            status,
            "tare.errors",
            True,
        )
    assert not hasattr(errors, "OkError")


def test_types_cannot_be_made_or_changed(profile):
    for thing in (profile, profile.summary(), profile.calls()):
        with pytest.raises(TypeError):
            type(thing)()
        with pytest.raises((TypeError, AttributeError)):
            thing.wall = 5
        with pytest.raises(TypeError):
            type(thing).functions = None


def test_reading_does_not_leak(builder):
    """A block lost in each round shows in every batch; what free lists keep does not."""
    data, rounds = builder.encode(), 100

    def read():
        profile = decode(data)
        summary = profile.summary()
        _ = (profile.meta, profile.threads(), profile.series(), profile.tree(), profile.values())
        _ = (summary.functions(), summary.lines(), summary.tree(), summary.edges(), summary.states)
        for wrong in (b"", data[:-1] + b"x"):
            with suppress(Error):
                decode(wrong)

    growth = []
    for _ in range(5):
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(rounds):
            read()
        gc.collect()
        growth.append(sys.getallocatedblocks() - before)
    assert min(growth) < rounds, growth


def test_loading_lets_other_threads_run(builder):
    data = builder.encode()
    threads = [threading.Thread(target=lambda: [decode(data) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="interpreters share the GIL before 3.12")
def test_each_interpreter_has_its_own(builder, saved):
    path = saved(builder)
    code = f"import tare; assert tare.load({str(path)!r}).counts.nodes == 5"
    module = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    script = (
        f"import {module} as interpreters\n"
        "for _ in range(2):\n"
        "    one = interpreters.create()\n"
        f"    failure = interpreters.run_string(one, {code!r})\n"
        "    assert failure is None, failure\n"
        "    interpreters.destroy(one)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_ids_that_do_not_exist_are_refused():
    builder = Builder().sample([MAIN_5])
    builder.nodes[(0, 99)] = 2  # a frame that does not exist
    with pytest.raises(errors.CorruptError):
        decode(builder.encode())


# ---- traces ----

MAIN_1 = ("main", "work.py", 1)
FIB_5 = ("fib", "work.py", 5)
LEN = ("len", "", 0, 0, "native")


@pytest.fixture
def trace(make):
    """main calls fib, which calls itself, and len; a worker calls fib too."""
    return (
        make()
        .call([MAIN_1], 1, 4 * NS, raw_ns=5 * NS, error_ns=NS // 3)
        .call([MAIN_1, FIB_5], 2, 2 * NS, durations=[(31, 2)])
        .call([MAIN_1, FIB_5, FIB_5], 6, 3 * NS, resumes=9, suspended_ns=7, durations=[(10, 6)])
        .call([MAIN_1, LEN], 5, NS)
        .call([FIB_5], 1, NS // 2, labels=WORKER)
    )


def test_calls_of_functions(trace):
    profile = decode(trace.encode())
    assert profile.is_trace
    calls = profile.calls()
    rows = {row.qualname: row for row in calls.functions()}
    assert [row.qualname for row in calls.functions()] == ["fib", "main", "len"]
    assert rows["fib"].sums == (9, 3, 5 * NS + NS // 2, 5 * NS + NS // 2, 9, 7, 0, 0, 0)
    assert rows["main"].sums == (1, 1, 4 * NS, 10 * NS, 0, 0, 5 * NS, 0, NS // 3)
    assert (rows["len"].kind, rows["len"].first_line, rows["fib"].first_line) == ("native", 0, 5)
    assert calls.sums[:4] == (15, 9, 10 * NS + NS // 2, 10 * NS + NS // 2)
    assert rows["main"].durations is None
    short, long = (512, 1023), (2**30, 2**31 - 1)
    assert rows["fib"].durations == (8, short, long, long, long)


def test_pairs_of_calls(trace):
    calls = decode(trace.encode()).calls()
    ids = {row.qualname: row.id for row in calls.functions()}
    main, fib = ids["main"], ids["fib"]
    pairs = {(pair.caller, pair.callee): pair.sums for pair in calls.pairs()}
    assert pairs[main, fib][:4] == (2, 2, 2 * NS, 5 * NS)
    assert pairs[fib, fib][:4] == (6, 6, 3 * NS, 3 * NS)
    assert pairs[None, fib][:4] == (1, 1, NS // 2, NS // 2)
    assert {pair.callee for pair in calls.pairs(caller=main)} == {fib, ids["len"]}
    assert [pair.caller for pair in calls.pairs(callee=fib)] == [main, fib, None]
    assert calls.pairs(caller=2**40) == []
    with pytest.raises(TypeError):
        calls.pairs(caller="main")


def test_threads_of_calls(trace):
    profile = decode(trace.encode())
    threads = profile.calls().threads()
    assert [(row.labels, row.sums[:3]) for row in threads] == [
        (MAIN, (14, 8, 10 * NS)),
        (WORKER, (1, 1, NS // 2)),
    ]
    (fib,) = profile.calls(thread=threads[1].label_set).functions()
    assert (fib.qualname, fib.sums.calls) == ("fib", 1)
    with pytest.raises(IndexError):
        profile.calls(thread=99)


def test_tree_of_calls_is_pruned_to_the_hottest(trace):
    calls = decode(trace.encode()).calls()
    rows, fit = calls.tree()
    assert [(row.depth, row.qualname, row.calls) for row in rows] == [
        (0, "main", 1), (1, "fib", 2), (2, "fib", 6), (1, "len", 5), (0, "fib", 1),
    ]  # fmt: skip
    assert fit == 5
    assert rows[0].share == pytest.approx(10 / 10.5)
    rows, fit = calls.tree(least_share=0.09, most=2)
    assert ([row.qualname for row in rows], fit) == (["main", "fib"], 4)
    assert calls.tree(most=0) == ([], 5)
    for share in (-1, 2, math.nan):
        with pytest.raises(ValueError):
            calls.tree(least_share=share)


def test_calls_outlive_their_profile(trace):
    calls = decode(trace.encode()).calls()
    gc.collect()
    assert len(calls.functions()) == 3 and len(calls.tree()[0]) == 5


def test_what_was_sampled_has_no_calls(profile):
    assert not profile.is_trace
    assert profile.calls().sums.calls == 0


def test_calls_do_not_leak(trace):
    profile = decode(trace.encode())

    def use():
        calls = profile.calls()
        _ = (calls.functions(), calls.pairs(), calls.threads(), calls.tree(), calls.sums)
        with suppress(IndexError):
            profile.calls(thread=99)

    growth = []
    for _ in range(5):
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(100):
            use()
        gc.collect()
        growth.append(sys.getallocatedblocks() - before)
    assert min(growth) < 100, growth


# ---- lines ----


@pytest.fixture
def lines(make):
    """outer (with a lambda inside) and a function that never ran; outer in a second thread too."""
    outer, inner = ("outer", "work.py", 1), ("outer.<locals>.<lambda>", "work.py", 2)
    builder = make().begun(outer, 2).begun(("idle", "work.py", 9))
    builder.hit(outer, 3, 2, NS, 4 * NS, raw_ns=2 * NS, cpu_ns=7, error_ns=8, suspended_ns=9)
    builder.hit(inner, 2, 20, 3 * NS).hit(outer, 3, 1, NS, labels=WORKER)
    return decode(builder.encode())


def test_lines_of_functions(lines):
    assert lines.is_lines and not lines.is_trace
    outer, idle = lines.line_table()
    assert outer[:7] == (0, "outer", "outer", "work.py", 1, "python", 2)
    assert outer[7:14] == (23, 5 * NS, 5 * NS, 9, 2 * NS, 7, 8)
    assert [row[:4] for row in outer.rows] == [(2, 20, 3 * NS, 3 * NS), (3, 3, 2 * NS, 5 * NS)]
    assert outer.rows[1][4:] == (9, 2 * NS, 7, 8)
    assert (idle.qualname, idle.calls, idle.hits, idle.rows) == ("idle", 0, 0, [])


def test_lines_of_threads(lines):
    first, second = lines.line_threads()
    assert (first.labels, second.labels) == (MAIN, WORKER)
    assert second[2:5] == (1, NS, NS)
    (outer,) = lines.line_table(thread=second.label_set)
    assert [row[:3] for row in outer.rows] == [(3, 1, NS)]
    assert lines.line_sums()[:3] == (23, 5 * NS, 5 * NS)
    assert lines.line_sums(thread=second.label_set).hits == 1
    with pytest.raises(IndexError):
        lines.line_table(thread=9)


def test_lines_do_not_leak(lines):
    def read():
        lines.line_table()
        lines.line_sums()
        lines.line_threads()

    read()
    before = sys.getallocatedblocks()
    for _ in range(20):
        read()
    assert sys.getallocatedblocks() - before < 40
