"""Starts commands and waits for them, from a process so small that it does not hide their peak.

Linux counts what the starting process has in memory into the peak of what it starts. Runs as
`python -I -S launcher.py` in Tare's own interpreter; one request and one answer a line, as JSON:

    [program, argv, folder, environment, file for stdout, file for stderr]
                                                                 [] asks how large it is itself
    [wall_ns, cpu_ns, nvcsw, nivcsw, minflt, majflt, run_delay_ns, peak_bytes, status]

Times, switches and faults are those of the command and all children that it has waited for;
run_delay_ns is what its first thread, and then this process, waited for a processor. status is
below 0 for a signal, and a sentence where the command could not be started.
"""

import os
import sys
import time

READ = os.O_RDONLY
WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def run(program, argv, folder, environ, out, err):
    if folder:
        os.chdir(folder)
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, READ, 0),
        (os.POSIX_SPAWN_OPEN, 1, out, WRITE, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, err, WRITE, 0o600),
    ]
    delay_ns = read_run_delay("self")
    begin_ns = time.perf_counter_ns()
    try:
        pid = os.posix_spawn(program, argv, environ, file_actions=actions)
    except OSError as error:
        return [0, 0, -1, -1, -1, -1, -1, -1, os.strerror(error.errno)]
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    wall_ns = time.perf_counter_ns() - begin_ns
    run_delay_ns = read_run_delay(pid)
    if run_delay_ns >= 0:
        run_delay_ns += read_run_delay("self") - delay_ns
    status, used = os.wait4(pid, 0)[1:]
    cpu_ns = round((used.ru_utime + used.ru_stime) * 1e9)
    counts = [used.ru_nvcsw, used.ru_nivcsw, used.ru_minflt, used.ru_majflt]
    code = os.waitstatus_to_exitcode(status)
    return [wall_ns, cpu_ns, *counts, run_delay_ns, used.ru_maxrss * 1024, code]


def read_run_delay(pid):
    """Of this process, or of one that has ended and was not waited for yet."""
    try:
        with open(f"/proc/{pid}/schedstat", "rb") as stream:
            return int(stream.read().split()[1])
    except (OSError, IndexError, ValueError):
        return -1


def own_peak_bytes():
    with open("/proc/self/status") as stream:
        for line in stream:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def main():
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import lines

    for line in sys.stdin:
        request = lines.read(line)
        answer = run(*request) if request else [own_peak_bytes()]
        sys.stdout.write(lines.write({"answer": answer}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
