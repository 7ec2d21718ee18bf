"""Requests and answers as JSON, one a line, without the module json: it loads re, and so takes as
long as all else that an interpreter does to start.

For workers, in any interpreter from 2.7 on: plain Python. Lines come from Tare's own process, so
they are evaluated as what they also are, literals of Python 3. Where that does not do, json reads.
"""

import sys

try:
    from _json import encode_basestring_ascii as quote
except ImportError:
    from json.encoder import encode_basestring_ascii as quote

NAMES = {"__builtins__": {}, "null": None, "true": True, "false": False}
WORDS = {None: "null", True: "true", False: "false"}


def read(line):
    if sys.version_info[0] < 3:
        import json

        return json.loads(line)
    value = eval(line, dict(NAMES))
    return joined(value) if "\\ud" in line else value


def joined(value):
    """JSON writes a character beyond the first 65,536 as two halves, Python would read two."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if isinstance(value, list):
        return [joined(part) for part in value]
    if isinstance(value, dict):
        return dict((joined(key), joined(part)) for key, part in value.items())
    return value


def write(value):
    """Of None, truth values, finite numbers, texts, and lists and dictionaries of them."""
    if value is None or value is True or value is False:
        return WORDS[value]
    if isinstance(value, dict):
        pairs = ["%s: %s" % (quote(key), write(part)) for key, part in value.items()]
        return "{%s}" % ", ".join(pairs)
    if isinstance(value, (list, tuple)):
        return "[%s]" % ", ".join([write(part) for part in value])
    if isinstance(value, int) or type(value).__name__ == "long":
        return "%d" % value
    if isinstance(value, float):
        return repr(value)
    return quote(value)
