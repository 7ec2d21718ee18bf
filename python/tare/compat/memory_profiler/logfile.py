"""LogFile: a stream for tables whose lines go to a logger."""

from __future__ import annotations

import logging


class LogFile:
    """LogFile(name=None, reportIncrementFlag=False)

    reportIncrementFlag  only the titles, and lines that memory has grown in
    """

    def __init__(self, name: str | None = None, reportIncrementFlag: bool = False) -> None:
        self.logger = logging.getLogger(name)
        self.reportIncrementFlag = reportIncrementFlag

    def write(self, msg: str, level: int = logging.INFO) -> None:
        if not self.reportIncrementFlag or _has_grown(msg):
            self.logger.log(level, msg)

    def flush(self) -> None:
        for handler in self.logger.handlers:
            handler.flush()


def _has_grown(msg: str) -> bool:
    """Two amounts are before the text of a row: what there was, and by how much it grew."""
    parts = msg.split("MiB")
    if len(parts) < 3:
        return "Filename:" in msg or "Line Contents" in msg
    return float(parts[1]) > 0
