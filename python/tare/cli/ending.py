"""Ending as the target ended."""

import os
import resource
import signal
import sys


def die_of_signal(name_or_number: str | int) -> int:
    """Ends this process by a signal, without a core dump of its own.

    Returns what a shell would report only if the signal does not end a process.
    """
    number = signal.Signals[name_or_number] if isinstance(name_or_number, str) else name_or_number
    sys.stdout.flush()
    sys.stderr.flush()
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
    os.kill(os.getpid(), number)
    return 128 + int(number)
