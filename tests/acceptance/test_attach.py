"""Attaching to what is there, what is not, what is not ours, and what is just ending."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import random
import shutil
import signal
import struct
import subprocess
import time
from pathlib import Path

import pytest

from measuring import Background, Measurement, Run, Sampler, target
from test_faults import expect_refusal

NOBODY = 65_534


def test_attach_for_a_while(sampler: Sampler, python: str, background: Background) -> None:
    process = background.start(target(python, "steady.py", 3))
    run = sampler.run("attach", [process.pid], flags=["--duration", "1"]).expect_success()
    assert run.ended == "detached"
    assert process.poll() is None
    view = run.view
    assert view.meta["target.mode"] == "attach"
    assert view.meta["target.pid"] == str(process.pid)
    assert abs(view.total_ns("steady") / view.number("wall_ns") - 1) < 0.05


def test_attach_until_the_target_ends(sampler: Sampler, python: str,
                                      background: Background) -> None:
    process = background.start(target(python, "steady.py", 1.5))
    run = sampler.run("attach", [process.pid]).expect_success()
    assert run.view.total_ns("steady") > 0
    assert process.wait(10) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_measurement_not_the_target(sampler: Sampler, python: str,
                                                      background: Background,
                                                      number: int) -> None:
    process = background.start(target(python, "steady.py", 3))
    measurement = sampler.start("attach", [process.pid])
    measurement.wait_for("tick")
    measurement.process.send_signal(number)
    run = measurement.end().expect_success()
    assert run.ended == "detached"
    assert process.wait(10) == 0


def test_killed_while_attached(sampler: Sampler, python: str, background: Background) -> None:
    process = background.start(target(python, "steady.py", 3))
    measurement = sampler.start("attach", [process.pid])
    measurement.wait_for("tick")
    time.sleep(1)
    measurement.process.kill()
    run = measurement.end()
    assert not run.view.complete and run.view.total_ns("steady") > 0
    assert process.wait(10) == 0


def test_dump_is_one_sample_of_every_thread(sampler: Sampler, python: str,
                                            background: Background) -> None:
    process = background.start(target(python, "crowd.py", 20, 3), ready=False)
    time.sleep(1)
    view = sampler.run("dump", [process.pid]).expect_success().view
    assert view.meta["target.mode"] == "dump"
    assert view.number("sampler.tick_count") == 1
    assert len({entry.labels["thread"] for entry in view.entries}) == 21
    assert sum(entry.amounts["samples"] for entry in view.entries) == 21


def test_pid_is_not_python(sampler: Sampler, background: Background) -> None:
    process = background.start(["sleep", "30"], ready=False)
    line = expect_refusal(sampler.run("attach", [process.pid]), "NOT_PYTHON")
    assert "sleep" in line, "the refusal says what was found"


def test_pid_gone(sampler: Sampler) -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    expect_refusal(sampler.run("attach", [process.pid]), "GONE", "NOT_FOUND")


def test_pid_of_a_zombie(sampler: Sampler) -> None:
    process = subprocess.Popen(["true"])
    time.sleep(0.2)
    try:
        expect_refusal(sampler.run("attach", [process.pid]), "GONE", "NOT_FOUND", "NOT_PYTHON")
    finally:
        process.wait()


@pytest.mark.parametrize("pid", [0, 2_000_000_000, 2**31, 2**64])
def test_pid_that_cannot_be(sampler: Sampler, pid: int) -> None:
    run = sampler.run("attach", [pid])
    assert run.code in (2, 3), run.status


def test_pid_of_another_user(sampler: Sampler, python: str, background: Background,
                             tmp_path_factory: pytest.TempPathFactory) -> None:
    """As nobody against a program of ours; where we are nobody in particular, against init."""
    if os.geteuid() != 0:
        expect_refusal(sampler.run("attach", [1]), "PERMISSION")
        return
    process = background.start(target(python, "steady.py", 10))
    expect_refusal(as_nobody(sampler, "attach", [process.pid]), "PERMISSION")
    assert process.poll() is None


def as_nobody(sampler: Sampler, mode: str, words: list[object]) -> Run:
    """The executable is copied to where everybody may run it."""
    folder = Path("/tmp") / f"tare-nobody-{os.getpid()}"
    folder.mkdir()
    try:
        shutil.copy(sampler.executable, folder / "tare-sample")
        os.chown(folder, NOBODY, NOBODY)
        other = Sampler(folder / "tare-sample", folder)
        return other.run(mode, words, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/")
    finally:
        shutil.rmtree(folder)


def test_reading_forbidden_by_a_filter(sampler: Sampler, python: str) -> None:
    """As in a container without SYS_PTRACE: the program runs, the refusal names the right."""
    run = sampler.run("run", target(python, "steady.py", 0.5), preexec_fn=forbid_remote_reads)
    assert run.ended == "exit 0" and "checksum" in run.truth
    assert run.code == 3
    assert run.said("error")[0].startswith("PERMISSION")


def forbid_remote_reads() -> None:
    """A seccomp filter for this process and its children: process_vm_readv gives EPERM."""
    call = {"x86_64": 310, "aarch64": 270}[os.uname().machine]
    program = b"".join(struct.pack("=HBBI", *step) for step in (
        (0x20, 0, 0, 0),  # load the number of the system call
        (0x15, 0, 1, call),  # when it is the one,
        (0x06, 0, 0, 0x0005_0000 | errno.EPERM),  # return this error,
        (0x06, 0, 0, 0x7FFF_0000),  # else allow it
    ))
    steps = ctypes.create_string_buffer(program)
    header = struct.pack("@HP", 4, ctypes.addressof(steps))
    libc = ctypes.CDLL(None, use_errno=True)
    set_no_new_privileges, set_seccomp, filter_mode = 38, 22, 2
    if libc.prctl(set_no_new_privileges, 1, 0, 0, 0) or libc.prctl(
            set_seccomp, filter_mode, ctypes.c_char_p(header), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


def test_attach_while_starting_and_ending(sampler: Sampler, python: str,
                                          background: Background) -> None:
    """At every moment of a short life: a clean refusal or a clean file, never a crash."""
    chance = random.Random(1)
    measured = 0
    for _ in range(60):
        process = background.start([python, "-c", "import json, threading"], ready=False)
        time.sleep(chance.random() * 0.06)
        run = sampler.run("attach", [process.pid])
        assert run.code in (0, 3), (run.code, run.status)
        if run.code == 0:
            expect_sane(run)
            measured += 1
        assert process.wait(10) == 0
        assert process.stderr and process.stderr.read() == b""
    assert measured >= 5, "hardly any attempt met a running interpreter"


def expect_sane(run: Run) -> None:
    for frame in run.view.frames:
        assert frame.name.isprintable() and frame.file.isprintable(), frame
        assert frame.line < 100_000, frame


def test_run_of_programs_too_short_to_sample(sampler: Sampler, python: str) -> None:
    for _ in range(10):
        run = sampler.run("run", [python, "-S", "-E", "-c", "pass"])
        assert run.ended == "exit 0" and run.code == 0, run.status
        assert run.view.complete


def test_run_without_descriptors_to_spare(sampler: Sampler) -> None:
    """Whatever cannot be opened: the program runs to its end, and its exit code comes through."""
    for limit in range(4, 40, 2):
        def restrict(limit: int = limit) -> None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

        run = sampler.run("run", ["sh", "-c", "exit 7"], preexec_fn=restrict)
        assert run.code in (2, 3, 4), (limit, run.code, run.status)
        assert run.said("error"), (limit, run.status)
        if run.said("started"):
            assert run.ended == "exit 7", (limit, run.status)


def test_two_at_once(sampler: Sampler, python: str, background: Background) -> None:
    process = background.start(target(python, "steady.py", 2))
    both = [sampler.start("attach", [process.pid]) for _ in range(2)]
    for run in map(Measurement.end, both):
        assert run.expect_success().view.total_ns("steady") > 0
    assert process.wait(10) == 0


def test_what_was_used_before_is_left_out(sampler: Sampler, python: str,
                                          background: Background) -> None:
    """A child that was there, and had burnt a second of CPU time, counts from now on."""
    child = ("import time\nwhile time.process_time() < 1: pass\n"
             "print('ready', flush=True)\ntime.sleep(3)")
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"
    process = background.start([python, "-c", parent])
    run = sampler.run("attach", [process.pid], flags=["--duration", "0.5"]).expect_success()
    assert run.view.number("process_count") == 2
    assert run.view.number("cpu_ns") < 500_000_000
    process.kill()
