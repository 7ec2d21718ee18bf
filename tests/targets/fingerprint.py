"""Everything a program can see of how it was started, as JSON.

Ends with exit code 17, so that the exit code is compared too. What differs between any
two runs (process numbers, addresses) is left out.
"""

import os
import resource
import signal
import sys
import threading

from truth import tell


# Signals 32 and 33 are the C library's own: posix_spawn leaves them ignored in a child, and a
# process that ever had a second thread does not, whoever it is that starts the program.
OWN_SIGNALS = 0b11 << 31


def status_lines() -> dict[str, str]:
    wanted = ("Umask", "TracerPid", "Uid", "Gid", "Groups", "Threads", "SigQ", "SigPnd",
              "ShdPnd", "SigBlk", "SigIgn", "SigCgt", "NoNewPrivs", "Seccomp", "CapInh",
              "CapPrm", "CapEff", "CapBnd", "CapAmb")
    with open("/proc/self/status", encoding="utf-8") as lines:
        pairs = (line.rstrip("\n").split(":\t", 1) for line in lines)
        found = {key: value for key, value in pairs if key in wanted and key != "SigQ"}
    found["SigIgn"] = f"{int(found['SigIgn'], 16) & ~OWN_SIGNALS:016x}"
    return found


def descriptors() -> dict[str, str]:
    found = {}
    for number in sorted(map(int, os.listdir("/proc/self/fd"))):
        try:
            found[str(number)] = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue  # the descriptor of the listing itself
    return found


def limits() -> dict[str, tuple[int, int]]:
    names = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    return {name: resource.getrlimit(getattr(resource, name)) for name in names}


def main() -> None:
    tell(
        argv=sys.argv, path=sys.path, flags=list(sys.flags), modules=sorted(sys.modules),
        executable=sys.executable, prefix=sys.prefix, xoptions=sys._xoptions,
        stdin=sys.stdin.read(), cwd=os.getcwd(), environment=dict(os.environ),
        descriptors=descriptors(), status=status_lines(), limits=limits(),
        handlers={str(int(s)): str(signal.getsignal(s)) for s in signal.valid_signals()},
        threads=[thread.name for thread in threading.enumerate()],
        trace=str(sys.gettrace()), profile=str(sys.getprofile()),
        group=os.getpgrp() == os.getpgid(os.getppid()), session=os.getsid(0),
        nice=os.nice(0), affinity=sorted(os.sched_getaffinity(0)),
        scheduler=os.sched_getscheduler(0), timers=signal.getitimer(signal.ITIMER_REAL),
    )
    sys.stderr.write("to standard error\n")
    sys.exit(17)


main()
