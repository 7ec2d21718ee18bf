"""What Tare raises.

Error is the base. Its subclasses, one per status of the C core (NotPythonError,
PermissionError, ...), are made from the core's own list when the first extension module is
imported, and are found here.
"""


class Error(Exception):
    """Something failed; str() is one line: what was tried, on what, and what to do."""

    status = "ERROR"  # the name of the core's status, such as "NOT_PYTHON"
    os_errno = 0  # the system's error number behind it; 0: none


def __getattr__(name: str) -> type[Error]:
    if name.endswith("Error"):
        from importlib import import_module

        import_module("tare._profile")  # puts the subclasses into this module
        found: type[Error] | None = globals().get(name)
        if found is not None:
            return found
    raise AttributeError(f"module 'tare.errors' has no attribute {name!r}")
