"""May this user read the memory of another process?"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from contextlib import suppress

from tare.checks import BAD, GOOD, NOTE, Finding, read_file

CAP_SYS_PTRACE = 19
PATTERN = b"tare looks at a process of its own"
REMEDY = (
    "start programs with `tare run`; or give tare CAP_SYS_PTRACE (containers: "
    "--cap-add SYS_PTRACE); or set kernel.yama.ptrace_scope=0; or let the program call "
    "prctl(PR_SET_PTRACER)"
)
SCOPES = {
    "0": (GOOD, "every process of this user may be read"),
    "1": (NOTE, "only descendants may be read: tare run works, tare attach needs a capability"),
    "2": (NOTE, "only processes with CAP_SYS_PTRACE may read others"),
    "3": (BAD, "no process may read another until the next boot"),
}


def check_scope() -> Finding:
    scope = read_file("/proc/sys/kernel/yama/ptrace_scope")
    facts = {"ptrace_scope": scope}
    if scope is None:
        return Finding("yama", GOOD, "not active on this kernel", facts=facts)
    grade, words = SCOPES.get(scope, (NOTE, "unknown to this version of Tare"))
    if grade != GOOD and has_capability():
        grade, words = GOOD, words + "; this user has the capability"
    return Finding(
        "yama", grade, f"ptrace_scope {scope}: {words}", "" if grade == GOOD else REMEDY, facts
    )


def status_field(name: str) -> str:
    for line in (read_file("/proc/self/status") or "").splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return value.strip()
    return ""


def has_capability() -> bool:
    return bool(int(status_field("CapEff") or "0", 16) >> CAP_SYS_PTRACE & 1)


def check_capability() -> Finding:
    has = has_capability()
    words = "CAP_SYS_PTRACE: " + ("yes" if has else "no; processes of other users cannot be read")
    return Finding("capability", GOOD if has else NOTE, words, facts={"cap_sys_ptrace": has})


def check_seccomp() -> Finding:
    mode = status_field("Seccomp") or "0"
    if mode == "0":
        return Finding("seccomp", GOOD, "no system call filter", facts={"seccomp": mode})
    words = "a system call filter is active; the lines tare run and tare attach say if it matters"
    return Finding("seccomp", NOTE, words, facts={"seccomp": mode})


def check_child() -> Finding:
    """tare run: reading one's own child."""
    error = read_from_process(spawn_child)
    if error is None:
        return Finding("tare run", GOOD, "a child's memory can be read", facts={"errno": 0})
    words = f"read the memory of a child process: {os.strerror(error)}"
    return Finding("tare run", BAD, words, REMEDY, {"errno": error})


def check_stranger() -> Finding:
    """tare attach, top, dump: reading a process of the same user that is no descendant."""
    error = read_from_process(spawn_orphan)
    if error is None:
        words = "other processes of this user can be read"
        return Finding("tare attach", GOOD, words, facts={"errno": 0})
    words = f"read the memory of another process of this user: {os.strerror(error)}"
    return Finding("tare attach", NOTE, words, REMEDY, {"errno": error})


class IoVec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def read_from_process(spawn: Callable[[int, int], int]) -> int | None:
    """Forks, and reads a known text from the copy; the error number, or None."""
    text = ctypes.create_string_buffer(PATTERN)
    stop_read, stop_write = os.pipe()
    pid = spawn(stop_read, stop_write)
    try:
        return read_memory(pid, ctypes.addressof(text), len(PATTERN))
    finally:
        os.close(stop_read)
        os.close(stop_write)
        with suppress(ChildProcessError):  # an orphan is not ours to wait for
            os.waitpid(pid, 0)


def read_memory(pid: int, address: int, length: int) -> int | None:
    function = ctypes.CDLL(None, use_errno=True).process_vm_readv
    function.restype = ctypes.c_ssize_t
    target = ctypes.create_string_buffer(length)
    local = IoVec(ctypes.addressof(target), length)
    remote = IoVec(address, length)
    got = function(pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
    return None if got == length and target.raw == PATTERN else ctypes.get_errno()


def spawn_child(stop_read: int, stop_write: int) -> int:
    """A child that lives until the pipe closes."""
    pid = os.fork()
    if pid == 0:
        wait_for_close(stop_read, stop_write)
    return pid


def spawn_orphan(stop_read: int, stop_write: int) -> int:
    """The same, but no longer a descendant: its parent ends at once."""
    pid_read, pid_write = os.pipe()
    middle = os.fork()
    if middle == 0:
        pid = os.fork()
        if pid == 0:
            wait_for_close(stop_read, stop_write)
        os.write(pid_write, str(pid).encode())
        os._exit(0)
    os.waitpid(middle, 0)
    pid = int(os.read(pid_read, 32))
    os.close(pid_read)
    os.close(pid_write)
    return pid


def wait_for_close(stop_read: int, stop_write: int) -> None:
    os.close(stop_write)
    os.read(stop_read, 1)
    os._exit(0)
