"""Threads: each has its own tree and its own time, whenever it was started."""

from __future__ import annotations

import pytest

from tracing import Traced, Tracer

FLAGS = [(), ("--no-builtins",)]


def named(traced: Traced, word: str) -> list[str]:
    return [label for label in traced.threads if label.split(" ", 1)[1:] == [word]]


@pytest.mark.parametrize("flags", FLAGS)
def test_counts_of_all_threads(tracer: Tracer, flags: tuple[str, ...]) -> None:
    traced = tracer.run("""
        import threading
        def step(x):
            return x + 1
        def work():
            for i in range(2000):
                step(i)
        threads = [threading.Thread(target=work, name=f"worker {i}") for i in range(8)]
        for t in threads: t.start()
        for t in threads: t.join()
        work()
    """, flags=flags).expect_whole()
    assert traced.calls("step") == 9 * 2000
    assert traced.calls("work") == 9
    assert traced.number("thread_count") == 9
    for i in range(8):
        (label,) = named(traced, f"worker {i}")
        assert traced.threads[label]["calls"] >= 2001


def test_two_spinning_threads_have_their_true_times(tracer: Tracer) -> None:
    """CPU time by the thread's own clock, whoever has the GIL."""
    traced = tracer.run("""
        import threading, time
        told = {}
        def spin(seconds):
            end = time.thread_time() + seconds
            while time.thread_time() < end:
                pass
            told[threading.current_thread().name] = time.thread_time()
        threads = [threading.Thread(target=spin, args=(s,), name=f"spin {s}") for s in (0.2, 0.4)]
        for t in threads: t.start()
        for t in threads: t.join()
        for name, seconds in sorted(told.items()): print(name, seconds, sep="=")
    """, flags=("--clock", "cpu")).expect_whole()
    for line in traced.out.splitlines():
        name, _, seconds = line.partition("=")
        (label,) = named(traced, name)
        assert traced.threads[label]["cpu_ns"] == pytest.approx(float(seconds) * 1e9, rel=0.05)
        assert traced.threads[label]["wall_ns"] >= 0.95 * float(seconds) * 1e9


def test_the_cpu_clock_does_not_count_sleep(tracer: Tracer) -> None:
    traced = tracer.run("""
        import time
        def sleep():
            time.sleep(0.1)
        def work():
            end = time.process_time() + 0.1
            while time.process_time() < end:
                pass
        sleep(); work(); sleep()
        print(time.process_time())
    """, flags=("--clock", "cpu", "--no-builtins")).expect_whole()
    assert traced.get("sleep", "wall_ns") >= 200_000_000
    assert traced.get("sleep", "cpu_ns") < 20_000_000
    assert traced.get("work", "cpu_ns") >= 90_000_000
    assert traced.total["cpu_ns"] <= 1.05e9 * float(traced.out)


@pytest.mark.parametrize("flags", FLAGS)
def test_many_threads_one_after_the_other(tracer: Tracer, flags: tuple[str, ...]) -> None:
    count = 10_000
    traced = tracer.run(f"""
        import _thread
        lock = _thread.allocate_lock()
        def step():
            pass
        def work():
            step()
            lock.release()
        lock.acquire()
        for _ in range({count}):
            _thread.start_new_thread(work, ())
            lock.acquire()
    """, flags=flags).expect_whole()
    assert traced.calls("work") == traced.calls("step") == count
    assert traced.number("thread_count") == count + 1
    assert len(traced.threads) <= 4096 + 1


@pytest.mark.parametrize("flags", FLAGS)
def test_self_times_are_the_span(tracer: Tracer, flags: tuple[str, ...]) -> None:
    """The main thread's is the run's, from the start to the end of the interpreter, but for what it
    wrote itself; while the other one wrote it slept."""
    traced = tracer.run("""
        import threading, time
        def work():
            time.sleep(0.05)
        t = threading.Thread(target=work)
        t.start()
        work(); work()
        t.join()
    """, flags=flags).expect_whole()
    (main,) = named(traced, "MainThread")
    spent = traced.threads[main]["raw_ns"]
    run = traced.number("wall_ns")
    assert spent <= run
    assert run - traced.number("trace.flush_ns") - spent < 10_000_000  # before the first event
    assert spent >= 100_000_000


@pytest.mark.parametrize("flags", FLAGS)
def test_daemons_are_counted_to_the_end(tracer: Tracer, flags: tuple[str, ...]) -> None:
    traced = tracer.run("""
        import threading, time
        def wait():
            time.sleep(60)
        threading.Thread(target=wait, daemon=True, name="idle").start()
        time.sleep(0.1)
    """, flags=flags).expect_whole()
    (label,) = named(traced, "idle")
    assert 50_000_000 < traced.threads[label]["wall_ns"] < 30_000_000_000


def test_threads_that_were_there_before(tracer: Tracer) -> None:
    """Through the module: start() while others run, twice."""
    import subprocess

    from tare._profile import load

    outputs = [tracer.folder / f"before-{tracer.version[1]}-{i}.tare" for i in range(2)]
    done = subprocess.run([tracer.python, "-c", f"""if 1:
        import threading
        from tare import _trace
        def step(): pass
        def work(n):
            for _ in range(n): step()
        go, done = threading.Semaphore(0), threading.Semaphore(0)
        def serve():
            while True:
                go.acquire()
                work(500)
                done.release()
        for _ in range(3):
            threading.Thread(target=serve, daemon=True).start()
        def turn():
            for _ in range(3): go.release()
            for _ in range(3): done.acquire()
        turn()
        for output in {[str(output) for output in outputs]!r}:
            _trace.start(output, builtins=False, overwrite=True)
            turn()
            _trace.stop()
            turn()
    """], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for output in outputs:
        traced = Traced(0, "", "", load(output))
        assert traced.calls("step") == 3 * 500
        assert traced.calls("work") == 3
