"""What the kernel says of a block, which pairs are set aside for it, and words on the machine."""

import math
import mmap
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from interpreters import foreign
from tare.comparing import machine
from tare.comparing.machine import Block, Counters, Machine
from tare.comparing.meter import Meter, between

MS = 1_000_000


def block(**facts: int) -> Block:
    """4 ms in which nothing happened but what is said."""
    quiet = {"nvcsw": 0, "nivcsw": 0, "minflt": 0, "majflt": 0, "run_delay_ns": 0}
    return Block(**{"wall_ns": 4 * MS, "cpu_ns": 4 * MS, **quiet, **facts})


QUIET = block()
WAITING = block(wall_ns=8 * MS, run_delay_ns=4 * MS, nivcsw=1)
STILL = block(wall_ns=12 * MS)
READING = block(majflt=3, nvcsw=3, wall_ns=9 * MS)
SLEEPING = block(wall_ns=100 * MS, nvcsw=1)


def test_quiet_pairs_stay() -> None:
    assert machine.sieve([(QUIET, QUIET)] * 5) == ([0, 1, 2, 3, 4], Counter())
    assert machine.sieve([]) == ([], Counter())


@pytest.mark.parametrize(
    ("bad", "clock", "reason"),
    [
        (STILL, "cpu", machine.STANDSTILL),
        (STILL, "wall", machine.STANDSTILL),
        (READING, "cpu", machine.DISK),
        (WAITING, "wall", machine.WAITED),
        (WAITING, "cpu", ""),
        (SLEEPING, "cpu", ""),
        (SLEEPING, "wall", ""),
        (block(wall_ns=4 * MS + 400_000), "wall", ""),
        (block(wall_ns=5 * MS), "cpu", machine.STANDSTILL),
        (Block(9 * MS, MS), "wall", ""),
    ],
)
def test_rule(bad: Block, clock: str, reason: str) -> None:
    """Whichever of the two it happened to."""
    quiet = [(QUIET, QUIET)] * 3
    for pair in ((QUIET, bad), (bad, QUIET)):
        kept, gone = machine.sieve([*quiet, pair], clock)
        assert (kept, gone) == (
            ([0, 1, 2], Counter({reason: 1})) if reason else ([0, 1, 2, 3], Counter())
        )


def test_what_both_read_from_disk_is_the_programs_own() -> None:
    assert machine.sieve([(READING, READING)] * 4).kept == [0, 1, 2, 3]


def test_half_stays_on_a_machine_that_is_always_busy() -> None:
    """Those that waited the least."""
    waits = [5, 3, 9, 4, 8, 7]
    pairs = [(QUIET, block(wall_ns=(4 + w) * MS, run_delay_ns=w * MS)) for w in waits]
    kept, gone = machine.sieve(pairs, "wall")
    assert kept == [0, 1, 3]
    assert gone == Counter({machine.WAITED: 3})


def test_setting_aside_favours_no_side() -> None:
    """Waiting strikes both sides alike: what is left differs by chance alone. Without the rule the
    wall clock is far off; a rule that looked at one block of a pair only would be, too."""
    chance = random.Random(5)

    def one() -> Block:
        work = round(4 * MS * math.exp(chance.gauss(0, 0.01)))
        wait = round(chance.expovariate(1 / (3 * MS))) if chance.random() < 0.2 else 0
        return block(wall_ns=work + wait, cpu_ns=work, run_delay_ns=wait)

    errors: dict[str, list[float]] = {"all": [], "kept": []}
    for _ in range(200):
        pairs = [(one(), one()) for _ in range(20)]
        kept = machine.sieve(pairs, "wall").kept
        for name, indexes in (("all", range(20)), ("kept", kept)):
            logs = [math.log(pairs[i][0].wall_ns / pairs[i][1].wall_ns) for i in indexes]
            errors[name].append(statistics.fmean(logs))
    standard = statistics.stdev(errors["kept"]) / math.sqrt(200)
    assert abs(statistics.fmean(errors["kept"])) < 4 * standard
    assert statistics.stdev(errors["kept"]) * 3 < statistics.stdev(errors["all"])


def test_words_for_what_was_set_aside() -> None:
    gone = Counter({machine.DISK: 2, machine.WAITED: 1005})
    words = machine.set_aside_words(gone, 4800)
    assert words == "1,007 of 4,800 pairs set aside (R1 1005, R3 2)"
    assert machine.set_aside_words(Counter(), 480) == ""


def test_meter_counts_sleeping() -> None:
    meter = Meter()
    before = meter.read()
    for _ in range(20):
        time.sleep(0.0005)
    nvcsw, nivcsw, _, majflt, delay_ns = between(before, meter.read())
    meter.close()
    assert nvcsw >= 20
    assert nivcsw >= 0 and majflt >= 0 and delay_ns >= 0


def test_meter_counts_faults_of_its_thread() -> None:
    """200 pages touched for the first time, and as many by another thread that do not count."""
    pages = 200
    size = pages * mmap.PAGESIZE

    def touch() -> None:
        with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as area:
            if hasattr(mmap, "MADV_NOHUGEPAGE"):
                area.madvise(mmap.MADV_NOHUGEPAGE)
            for offset in range(0, size, mmap.PAGESIZE):
                area[offset] = 1

    meter = Meter()
    before = meter.read()
    touch()
    own = between(before, meter.read())[2]
    before = meter.read()
    other = threading.Thread(target=touch)
    other.start()
    other.join()
    others = between(before, meter.read())[2]
    assert pages <= own < pages + 100
    assert others < 100


def test_meter_counts_waiting_for_a_processor() -> None:
    """Three that never stop, on one processor: each waits about twice as long as it runs."""
    program = """if True:
        import os, sys, time
        sys.path.insert(0, sys.argv[1])
        from meter import Meter, between
        os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
        if os.fork() == 0 or os.fork() == 0:
            end = time.time() + 0.6
            while time.time() < end: pass
            os._exit(0)
        meter = Meter()
        before, wall, cpu = meter.read(), time.perf_counter_ns(), time.process_time_ns()
        while time.perf_counter_ns() - wall < 400_000_000: pass
        print(between(before, meter.read())[4],
              time.perf_counter_ns() - wall - (time.process_time_ns() - cpu))
    """
    folder = str(Path(machine.__file__).parent)
    out = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, text=True)
    waited_ns, gone_ns = map(int, out.stdout.split())
    assert gone_ns > 50 * MS
    assert 0.7 * gone_ns < waited_ns < 1.3 * gone_ns


def test_unknown_is_not_nothing() -> None:
    assert between((-1, 3, 5), (4, 7, -1)) == (-1, 4, -1)


@pytest.mark.parametrize("python", [sys.executable, *foreign().values()])
def test_meter_in_foreign_interpreters(python: str) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True\n"
        "import meter, time\n"
        "m = meter.Meter(); a = m.read(); time.sleep(0.01); b = m.read(); m.close()\n"
        "print(len(b), meter.between(a, b)[0] >= 1, all(type(x) is type(1) or x > 0 for x in b))"
    )
    folder = str(Path(machine.__file__).parent)
    out = subprocess.run([python, "-c", program, folder], capture_output=True, text=True)
    assert out.stdout.split() in (["5", "True", "True"], ["(5,", "True,", "True)"]), out.stderr


def test_counters_of_the_system() -> None:
    text = "cpu  100 20 30 400 50 6 7 80 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n"
    assert machine.parse_counters(text, 100) == pytest.approx(Counters(1.63, 4.5, 0.8))
    for bad in ("", "cpu 1 2\n", "intr 1 2 3 4 5 6 7 8 9\n", "cpu a b c d e f g h\n"):
        assert machine.parse_counters(bad, 100) is None


def test_shares_of_others_and_of_the_host() -> None:
    before, after = Counters(10, 10, 1), Counters(16, 13, 2)
    others, steal = machine.shares_between(before, after, 4.0)
    assert others == pytest.approx(0.2) and steal == pytest.approx(0.1)
    assert machine.shares_between(before, after, 99.0)[0] == 0.0
    assert machine.shares_between(before, before, 0.0) == (None, None)
    assert machine.shares_between(None, after, 0.0) == (None, None)


def made(**facts: object) -> Machine:
    usual: dict[str, object] = {
        "processors": 2,
        "elapsed_seconds": 20.0,
        "others_share": 0.01,
        "steal_share": 0.0,
        "load": 0.1,
        "spin_before_ns": 1000,
        "spin_after_ns": 1000,
        "governor": None,
        "quota": None,
    }
    return Machine(**{**usual, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "words", "advice"),
    [
        ({}, "quiet: other programs used 1% of 2 processors", []),
        (
            {"others_share": 0.94, "steal_share": 0.021, "spin_after_ns": 1042},
            "busy: other programs used 94% of 2 processors, 2.1% steal, "
            "speed -4% from begin to end",
            ["stop other programs: they used 94%",
             "use another machine or hour: the host kept back 2.1%"],
        ),
        (
            {"others_share": 0.1, "governor": "powersave", "processors": 1, "quota": 1.5},
            "shared: other programs used 10% of 1 processor",
            ["stop other programs: they used 10%",
             "give the control group more than 1.5 processors",
             "set the governor to performance: it is powersave"],
        ),
        (
            {"spin_after_ns": 900},
            "quiet: other programs used 1% of 2 processors, speed +11% from begin to end",
            ["fix the processor's frequency, or let it cool first"],
        ),
        ({"others_share": None, "steal_share": None}, "unknown: the system does not say", []),
    ],
)
def test_words_and_advice(facts: dict[str, object], words: str, advice: list[str]) -> None:
    found = made(**facts)
    assert found.words() == words
    assert found.advice() == advice
    assert Machine.from_dict(found.to_dict()) == found


def test_own_work_is_with_that_of_children() -> None:
    program = (
        "import time\n"
        "while time.process_time() < 0.3: pass\n"
        "print(time.process_time())"
    )
    before = machine.own_cpu_seconds()
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert machine.own_cpu_seconds() - before >= float(out.stdout) - 0.02


def test_watch_looks_at_this_machine() -> None:
    watch = machine.Watch()
    time.sleep(0.2)
    found = watch.end()
    assert found.processors == len(os.sched_getaffinity(0))
    assert found.elapsed_seconds >= 0.2
    assert found.others_share is not None and 0 <= found.others_share <= 1
    assert found.spin_before_ns > 0 and found.spin_after_ns > 0
    assert Machine.from_dict(found.to_dict()) == found


def test_words_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(os, "getloadavg", lambda: (1.4, 9, 9))
    assert machine.words_before() == ""
    monkeypatch.setattr(os, "getloadavg", lambda: (6.24, 0, 0))
    said = "the machine is busy: load 6.2 on 2 processors; it may take longer to be sure"
    assert machine.words_before() == said


def test_identity_is_steady() -> None:
    first = machine.identity()
    assert first == machine.identity()
    assert len(str(first["id"])) == machine.ID_DIGITS
    assert first["processors"] == os.cpu_count()
