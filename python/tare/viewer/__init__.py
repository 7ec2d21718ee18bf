"""Profiles to look at: as one HTML file, or in the browser.

    write_report("report.html", {"before": one, "after": other})
"""

from __future__ import annotations

from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike

    from tare._profile import Profile


def write_report(
    path: str | PathLike[str],
    profiles: Mapping[str, Profile],
    *,
    source: bool = True,
    overwrite: bool = False,
) -> int:
    """Writes one self-contained HTML file with these profiles, by name; its size in bytes.

    source: whether the sources of functions with time in them go into it. FileExistsError when
    there is such a file already, unless overwrite; OSError when it cannot be written.
    """
    import os

    from tare.render.report import Report
    from tare.viewer.page import build_page, show
    from tare.viewer.sources import NONE, collect
    from tare.writing import write_file

    reports = {name: Report(profile, name) for name, profile in profiles.items()}
    shown = [show(report, name) for name, report in reports.items()]
    page = build_page(shown, collect(reports.values()) if source else NONE)
    write_file(os.fspath(path), page, overwrite)
    return len(page)
