"""Writes tests/core/line_tables.c: location tables as compilers made them, and what they mean.

    python tools/line_tables.py INTERPRETER ... > tests/core/line_tables.c

INTERPRETER is a command line ("python3.13", "tools/in_chroot FOLDER python3.15"). Each compiles
SOURCE twice, with and without columns, and says itself what its tables mean: co_lines(). The
file is kept in the repository, because tests run where most of these versions are not.
"""

import shlex
import subprocess
import sys
from pathlib import Path

FAR = 3000  # lines: a delta of more than two varint bytes

SOURCE = (
    '''
def plain(first, second):
    total = first + second
    total = total * (first - second)

    if total: print(total, total.real, total.imag, (total + 1) * 2, -total, [total], end="")


    return total


def loop(items):
    while items:
        try:
            items.sort(
                key=lambda item: item,
                reverse=True,
            )
        except ValueError as error:
            with open(error.args[0]) as file:
                items = file.readlines()
        finally:
            items.pop()


def generate(count):
    yield from (
        number for number in range(count) if number % 2
    )


def far(first):
    total = first + 1
'''
    + "\n" * FAR
    + "    return total\n"
)

HEADER = """\
/* line_tables.c - written by tools/line_tables.py, do not edit: co_linetable and co_lines() of
 * functions compiled by real interpreters. */
#include "line_tables.h"
"""
FOOTER = """\
};

const size_t line_table_count = sizeof line_tables / sizeof line_tables[0];
"""


def functions(code: object) -> list:
    """The code objects in this one, outermost first."""
    inner = [constant for constant in code.co_consts if hasattr(constant, "co_linetable")]
    return inner + [deeper for one in inner for deeper in functions(one)]


def wrapped(words: list[str], joint: str) -> str:
    """Words in lines of four spaces and at most 96 columns."""
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) > 90:
            lines.append("")
        lines[-1] += word + joint
    return "\n".join(f"    {line.rstrip()}" for line in lines)


def literal(data: bytes) -> str:
    lines = [data[at : at + 22] for at in range(0, len(data), 22)]
    return "\n".join('    "' + "".join(f"\\x{byte:02x}" for byte in line) + '"' for line in lines)


def joined(code: object) -> list[list[int]]:
    """(code units, line), neighbours of one line together; 0 for none."""
    runs: list[list[int]] = []
    for start, end, line in code.co_lines():
        if not runs or runs[-1][1] != (line or 0):
            runs.append([0, line or 0])
        runs[-1][0] += (end - start) // 2
    return runs


def dump(suffix: str) -> None:
    """Run inside each interpreter: its tables as C."""
    version = "%d_%d" % sys.version_info[:2]
    for code in functions(compile(SOURCE, "source", "exec")):
        name = code.co_name.strip("<>")
        symbol = f"{name}_{version}{suffix}"
        runs = [f"{{{count}, {line}}}" for count, line in joined(code)]
        print(f"static const char bytes_{symbol}[] =\n{literal(code.co_linetable)};")
        print(f"static const line_run runs_{symbol}[] = {{\n{wrapped(runs, ', ')}\n}};")
        print(f"ROW {symbol} {code.co_firstlineno}")


def row(symbol: str, first_line: str) -> str:
    return (
        f'    {{"{symbol}", {first_line}, bytes_{symbol}, sizeof bytes_{symbol} - 1,\n'
        f"     runs_{symbol}, sizeof runs_{symbol} / sizeof runs_{symbol}[0]}},"
    )


def ask(interpreter: str, options: list[str], suffix: str) -> list[str]:
    command = [*shlex.split(interpreter), "-I", *options, "-", "--dump", suffix]
    script = Path(__file__).read_text()
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def main() -> None:
    lines = [
        line
        for interpreter in sys.argv[1:]
        for options, suffix in (([], ""), (["-X", "no_debug_ranges"], "_bare"))
        for line in ask(interpreter, options, suffix)
    ]
    print(HEADER)
    print("\n".join(line for line in lines if not line.startswith("ROW ")))
    print("\nconst line_table line_tables[] = {")
    print("\n".join(row(*line.split()[1:]) for line in lines if line.startswith("ROW ")))
    print(FOOTER, end="")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--dump"]:
        dump(sys.argv[2] if len(sys.argv) > 2 else "")
    else:
        main()
