"""Loading a profile of any tool, with a line for people when it fails."""

from __future__ import annotations

from tare.cli.failure import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare._profile import Profile
    from tare.errors import Error

_AFTER_LOADING = {
    "NOT_FOUND": "check the name",
    "PERMISSION": "ask its owner, or run tare as that user",
    "USAGE": "write it to a file first, or check the name",
    "CORRUPT": "give a whole file",
    "LIMIT": "give a smaller one",
    "SYSTEM": "copy the file elsewhere and try again",
}


def load_or_fail(path: str, source: str | None = None) -> tuple[Profile, str]:
    """The Profile in a file, and the name of its format; or a Failure, which names the file.

    source: the format that it is said to be in; without, it is found by the bytes.
    """
    from tare.errors import Error
    from tare.importing import load_any

    try:
        loaded = load_any(path, source)
    except Error as error:
        raise Failure("; ".join(filter(None, (str(error), advice(error, path, source))))) from None
    refuse_heap(loaded[0], path)
    return loaded


def refuse_heap(profile: Profile, path: str) -> None:
    """A file of objects is no profile: it has no time and no stack."""
    if profile.meta.get("engine") == "heap":
        raise Failure(
            f"open {path}: there is a heap in it and no profile; tare heap shows what it holds"
        )


def advice(error: Error, path: str, source: str | None) -> str:
    if error.status == "UNSUPPORTED" and str(error).startswith("import "):
        from tare._profile import import_formats

        known = "|".join(format.name for format in import_formats())
        return f"if it is one of these, say tare import {path} --from {known}"
    if error.status == "CORRUPT" and source is not None:
        return "leave out --from, or give a whole file"
    return _AFTER_LOADING.get(error.status, "")  # the others say it themselves
