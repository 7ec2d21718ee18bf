"""Bad targets, bad endings, bad moments: the target ends as it would have, the file opens."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest

from measuring import Background, Run, Sampler, target


def expect_refusal(run: Run, *names: str) -> str:
    """One line says what went wrong, and the exit code that nothing was measured."""
    assert run.code == 3, (run.code, run.status)
    (line,) = run.said("error")
    assert line.split(" ", 1)[0] in names, line
    assert run.err == b"" and run.out == b""
    return line


def plain(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)


def test_target_missing(sampler: Sampler, tmp_path: Path) -> None:
    line = expect_refusal(sampler.run("run", [tmp_path / "absent"]), "NOT_FOUND")
    assert "absent" in line


def test_target_not_executable(sampler: Sampler, tmp_path: Path) -> None:
    file = tmp_path / "plain"
    file.write_text("#!/bin/sh\n")
    file.chmod(0o644)
    line = expect_refusal(sampler.run("run", [file]), "PERMISSION")
    assert "plain" in line


def test_target_is_a_folder(sampler: Sampler, tmp_path: Path) -> None:
    expect_refusal(sampler.run("run", [tmp_path]), "PERMISSION")


def test_target_with_a_missing_interpreter(sampler: Sampler, tmp_path: Path) -> None:
    file = tmp_path / "script"
    file.write_text("#!/nowhere/python\n")
    file.chmod(0o755)
    expect_refusal(sampler.run("run", [file]), "NOT_FOUND")


def test_errors_without_a_status_pipe_are_one_line(executable: Path, tmp_path: Path) -> None:
    run = plain([str(executable), "run", "-o", str(tmp_path / "x.tare"), "--", "/nowhere"])
    assert run.returncode == 3
    assert run.stdout == b""
    assert run.stderr.count(b"\n") == 1 and b"/nowhere" in run.stderr


@pytest.mark.parametrize("words", [
    [], ["run"], ["run", "--"], ["attach", "--", "abc"], ["attach", "--", "-5"], ["gallop"],
    ["run", "--rate", "0", "--", "true"], ["run", "--rate", "-1", "--", "true"],
    ["run", "--rate", "fast", "--", "true"], ["run", "--unknown", "--", "true"],
    ["attach", "--duration", "x", "--", "1"], ["attach", "--", "1", "2"],
])
def test_wrong_use(executable: Path, tmp_path: Path, words: list[str]) -> None:
    output = ["-o", str(tmp_path / "x.tare")] if words[:1] in (["run"], ["attach"]) else []
    run = plain([str(executable), *words[:1], *output, *words[1:]])
    assert run.returncode == 2, run
    assert run.stdout == b"" and run.stderr
    assert not (tmp_path / "x.tare").exists()


def test_not_python(sampler: Sampler) -> None:
    """The target runs to its end untouched; only the measurement has failed."""
    run = sampler.run("run", ["/bin/sh", "-c", "sleep 0.3; echo done; exit 7"])
    assert run.out == b"done\n"
    assert run.ended == "exit 7"
    assert run.code == 3
    (line,) = run.said("error")
    assert line.startswith("NOT_PYTHON") and str(run.path) in line and "ps --ppid" not in line
    assert run.view.number("cpu_ns") > 0 and run.view.program["wait_child_ns"] > 0


def test_shell_script_that_starts_python(sampler: Sampler, python: str) -> None:
    """A wrapper is no Python, its child is."""
    command = " ".join(target(python, "split.py", 0.5)) + "; exit 4"
    run = sampler.run("run", ["/bin/sh", "-c", command])
    assert run.ended == "exit 4"
    assert run.code == 0
    assert run.view.total_ns("main") > 0


def test_syntax_error(sampler: Sampler, python: str) -> None:
    command = target(python, "syntax_error.py")
    run = sampler.run("run", command)
    assert run.ended == "exit 1"
    assert run.err == plain(command).stderr


ENDINGS = {
    "exit_3": "exit 3", "raise_error": "exit 1", "leave_at_once": "exit 9",
    "killed": "signal 9", "segv": "signal 11", "fork_and_exit": "exit 0",
    "exec_other": "exit 7", "close_stderr": "exit 0", "close_everything": "exit 4",
    "change_directory": "exit 0", "new_session": "exit 0", "quiet_children": "exit 0",
}


@pytest.mark.parametrize("how", ENDINGS)
def test_endings(sampler: Sampler, python: str, how: str) -> None:
    run = sampler.run("run", target(python, "endings.py", how)).expect_success()
    assert run.ended == ENDINGS[how]
    key, number = run.ended.split()
    assert run.view.meta["target.exit_code" if key == "exit" else "target.signal"] == number
    if how != "new_session":  # that one leaves at once
        assert run.view.total_ns(how) > 0


def test_output_path_is_relative_to_where_it_began(sampler: Sampler, python: str,
                                                   tmp_path: Path) -> None:
    run = sampler.run("run", target(python, "endings.py", "change_directory"),
                      cwd=tmp_path, path=Path("here.tare"))
    assert run.out == b"/\n"
    assert (tmp_path / "here.tare").exists()


def test_an_existing_file_is_kept(sampler: Sampler, python: str, tmp_path: Path) -> None:
    path = tmp_path / "kept.tare"
    path.write_bytes(b"precious")
    run = sampler.run("run", target(python, "steady.py", 0.1), path=path)
    assert run.code == 2 and len(run.said("error")) == 1
    assert path.read_bytes() == b"precious"
    flags = ["--overwrite"]
    sampler.run("run", target(python, "steady.py", 0.1), path=path, flags=flags).expect_success()


def test_no_file_through_a_symbolic_link(sampler: Sampler, python: str, tmp_path: Path) -> None:
    victim, path = tmp_path / "victim", tmp_path / "link.tare"
    victim.write_bytes(b"precious")
    path.symlink_to(victim)
    for flags in ([], ["--overwrite"]):
        sampler.run("run", target(python, "steady.py", 0.1), path=path, flags=flags)
        assert victim.read_bytes() == b"precious"


def test_output_folder_missing(sampler: Sampler, python: str, tmp_path: Path) -> None:
    run = sampler.run("run", target(python, "steady.py", 0.1), path=tmp_path / "no" / "x.tare")
    assert run.code == 2, "the target is not to blame"
    assert run.said("error")[0].startswith("NOT_FOUND") and not run.said("started")


@pytest.mark.parametrize("how, ending, last", [
    ("interrupted", "exit 5", b"interrupted"), ("interrupted_plain", "signal 2", b"ready"),
])
def test_ctrl_c(sampler: Sampler, python: str, how: str, ending: str, last: bytes) -> None:
    """SIGINT to the whole group, as a terminal sends it: the target decides, we note it."""
    measurement = sampler.start("run", target(python, "endings.py", how),
                                start_new_session=True)
    measurement.wait_for("python")
    wait_for_ready(measurement.process)
    os.killpg(measurement.process.pid, signal.SIGINT)
    run = measurement.end().expect_success()
    assert run.ended == ending
    assert (b"ready\n" + run.out).splitlines()[-1] == last
    assert run.view.total_ns("work") > 0


def wait_for_ready(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout and process.stdout.readline() == b"ready\n"
    time.sleep(0.3)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_stop_requests_reach_the_target(sampler: Sampler, python: str, number: int) -> None:
    measurement = sampler.start("run", target(python, "endings.py", "terminated"))
    measurement.wait_for("python")
    wait_for_ready(measurement.process)
    measurement.process.send_signal(number)
    run = measurement.end().expect_success()
    assert run.ended == ("exit 6" if number == signal.SIGTERM else "signal 1")
    assert run.view.total_ns("work") > 0


def test_killed_tool_leaves_a_readable_file_and_a_running_target(sampler: Sampler,
                                                                 python: str) -> None:
    measurement = sampler.start("run", target(python, "steady.py", 4))
    measurement.wait_for("tick")
    wait_for_ready(measurement.process)
    time.sleep(1.5)
    measurement.process.kill()
    run = measurement.end()  # ends when the target has closed its standard output
    assert run.code == -signal.SIGKILL
    assert "checksum" in run.truth
    assert not run.view.complete
    assert run.view.total_ns("steady") > 0
    assert run.view.number("sampler.gap_count") == 0
    assert run.view.number("sampler.gap_ns") == 0
    assert run.view.number("thread_count") == run.view.number("process_count") == 1


@pytest.mark.parametrize("delay_seconds", [0, 0.02, 0.05, 0.1])
def test_tool_killed_at_once_leaves_a_readable_file(sampler: Sampler, python: str,
                                                    delay_seconds: float) -> None:
    measurement = sampler.start("run", target(python, "steady.py", 0.5))
    measurement.wait_for("started")
    time.sleep(delay_seconds)
    measurement.process.kill()
    run = measurement.end()
    assert run.code == -signal.SIGKILL
    assert "checksum" in run.truth
    assert not run.view.complete
    assert "steady.py" in run.view.meta["target.command"]


def test_tool_killed_when_it_has_just_attached(sampler: Sampler, python: str,
                                               background: Background) -> None:
    process = background.start(target(python, "steady.py", 0.5))
    measurement = sampler.start("attach", [process.pid])
    measurement.wait_for("started")
    measurement.process.kill()
    run = measurement.end()
    assert run.code == -signal.SIGKILL
    assert not run.view.complete
    assert run.view.meta["target.mode"] == "attach"


def limit_file_size(pid: int, size_bytes: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size_bytes, size_bytes))


def test_disk_full(sampler: Sampler, python: str) -> None:
    """No more room for the file: what fits is kept, the target does not notice."""
    command = target(python, "many.py", 20_000, 3)
    measurement = sampler.start("run", command, rate=5_000, flags=["--no-stop"])
    measurement.wait_for("started")
    limit_file_size(measurement.process.pid, 40_000)
    run = measurement.end()
    assert run.code == 4
    assert run.said("warning")
    assert run.ended == "exit 0" and "turns" in run.truth
    assert run.path.stat().st_size <= 40_000
    assert run.view.total_ns("under") > 0


def test_disk_full_from_the_first_byte(sampler: Sampler, python: str) -> None:
    measurement = sampler.start("run", target(python, "steady.py", 1))
    measurement.wait_for("started")
    limit_file_size(measurement.process.pid, 0)
    run = measurement.end()
    assert run.code in (3, 4)
    assert run.ended == "exit 0" and "checksum" in run.truth


def test_few_descriptors(sampler: Sampler, python: str) -> None:
    """A low limit on open files costs detail, not the measurement."""
    measurement = sampler.start("run", target(python, "crowd.py", 200, 1))
    measurement.wait_for("started")
    resource.prlimit(measurement.process.pid, resource.RLIMIT_NOFILE, (16, 16))
    run = measurement.end()
    assert run.code == 0, run.status
    assert run.ended == "exit 0" and run.view.total_ns("busy") > 0


def test_full_device(sampler: Sampler, python: str, tmp_path: Path) -> None:
    """A file system of 64 KiB, where one may be mounted."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path],
                      capture_output=True).returncode:
        pytest.skip("no right to mount a small file system here")
    try:
        run = sampler.run("run", target(python, "many.py", 20_000, 3), rate=5_000,
                          path=tmp_path / "x.tare", flags=["--no-stop"])
        assert run.code == 4 and run.said("warning")
        assert run.ended == "exit 0" and "turns" in run.truth
        assert run.view.entries
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_status_pipe_closed_early(executable: Path, python: str, tmp_path: Path) -> None:
    """Nobody listens any more (the command line was killed): no SIGPIPE, no harm."""
    reader, writer = os.pipe()
    path = tmp_path / "x.tare"
    process = subprocess.Popen(
        [executable, "run", "-o", path, "--status-fd", str(writer), "--",
         *target(python, "steady.py", 1)], pass_fds=[writer], stdout=subprocess.PIPE)
    os.close(writer)
    os.close(reader)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"checksum" in out and path.exists()


def test_detached_helpers_of_the_target_do_not_hold_us(sampler: Sampler, python: str,
                                                       background: Background) -> None:
    """A daemon left behind keeps neither the status pipe nor, for ever, the tool."""
    begin = time.monotonic()
    run = sampler.run("run", target(python, "endings.py", "fork_and_exit", 2))
    assert run.code == 0
    assert time.monotonic() - begin < 60
