"""Writes core/remote/opcode_tables.c from the headers of the CPython versions Tare reads.

    python tools/opcode_tables.py 3.11=FOLDER 3.12=FOLDER ... > core/remote/opcode_tables.c

FOLDER is what sysconfig.get_path("include") says for that version. The table is data, kept
in the repository, because the sampler reads versions whose headers are not there when it is built.
"""

import re
import sys
from pathlib import Path

NATIVE = re.compile(
    r"(CALL_BUILTIN|CALL_METHOD_DESCRIPTOR|CALL_NO_KW_|PRECALL_BUILTIN|PRECALL_NO_KW_"
    r"|PRECALL_METHOD_DESCRIPTOR|CALL_NON_PY|CALL_KW_NON_PY|CALL_EX_NON_PY)"
    r"|^(CALL_LEN|CALL_ISINSTANCE|CALL_LIST_APPEND|CALL_STR_1|CALL_TUPLE_1|CALL_TYPE_1)$"
    r"|^IMPORT_NAME$"
)
PYTHON_CALL = re.compile(
    r"^(CALL_PY_|CALL_BOUND_METHOD|CALL_ALLOC|CALL_KW_PY|CALL_KW_BOUND|PRECALL_BOUND"
    r"|PRECALL_PYFUNC|CALL_EX_PY)"
)
ANY_CALL = re.compile(r"^(INSTRUMENTED_)?(PRE)?CALL(_KW|_FUNCTION_EX|_ADAPTIVE)?$")
OPERATOR = re.compile(
    r"^(INSTRUMENTED_)?(BINARY_OP|BINARY_SUBSCR|BINARY_SLICE|STORE_SUBSCR|STORE_SLICE|DELETE_SUBSCR"
    r"|COMPARE_OP|CONTAINS_OP\w*|FOR_ITER|UNPACK_SEQUENCE|UNPACK_EX|LIST_EXTEND|SET_UPDATE"
    r"|DICT_UPDATE|DICT_MERGE|BUILD_STRING|BUILD_MAP|BUILD_SET|FORMAT_VALUE|FORMAT_SIMPLE"
    r"|FORMAT_WITH_SPEC|CONVERT_VALUE|LOAD_ATTR|STORE_ATTR|UNARY_\w+|GET_ITER|GET_LEN|IMPORT_FROM"
    r"|CALL_INTRINSIC_\d|SEND|BINARY_OP_ADAPTIVE|BINARY_SUBSCR_ADAPTIVE|BINARY_OP_EXTEND)$"
)


def read(include: Path, *names: str) -> str:
    return "".join(
        path.read_text()
        for name in names
        for path in (include / name, include / "internal" / name)
        if path.exists()
    )


def kind(name: str) -> int:
    if PYTHON_CALL.search(name):
        return 2
    if NATIVE.search(name):
        return 1
    if ANY_CALL.search(name):
        return 3
    return 4 if OPERATOR.search(name) else 0


def table(include: Path) -> tuple[list[int], list[int]]:
    numbers = {
        name: int(number)
        for name, number in re.findall(
            r"^#define\s+([A-Z][A-Z_0-9]*)\s+(\d+)\s*$",
            read(include, "opcode.h", "opcode_ids.h"),
            re.M,
        )
        if int(number) < 256 and not name.startswith(("HAVE_", "MIN_", "NB_", "PY_"))
    }
    metadata = read(include, "pycore_opcode.h", "pycore_opcode_metadata.h")
    def pairs(array: str, value: str) -> list[tuple[str, str]]:
        body = re.search(array + r"\[256\]\s*=\s*\{(.*?)\};", metadata, re.S)
        assert body, f"{include}: no {array}"
        return re.findall(r"\[([A-Z_0-9]+)\]\s*=\s*(" + value + ")", body.group(1))
    caches = {name: int(count) for name, count in pairs("_PyOpcode_Caches", r"\d+")}
    base = dict(pairs("_PyOpcode_Deopt", r"[A-Z_0-9]+"))
    kinds, counts = [0] * 256, [0] * 256
    for name, number in numbers.items():
        kinds[number] = kind(name)
        counts[number] = caches.get(base.get(name, name), caches.get(name, 0))
    return kinds, counts


def rows(values: list[int]) -> str:
    return "\n".join(
        "        " + " ".join(f"{value}," for value in values[start : start + 32])
        for start in range(0, 256, 32)
    )


def main() -> None:
    print(
        """/* opcode_tables.c - what each opcode of each CPython version does.
 *
 * Written by tools/opcode_tables.py from CPython's own headers (opcode.h, opcode_ids.h,
 * pycore_opcode.h, pycore_opcode_metadata.h); do not edit. kinds: tare_opcode_kind;
 * caches: code units of inline cache behind the instruction. */
#include "remote/opcode.h"

const tare_opcode_table tare_opcode_tables[] = {"""
    )
    for argument in sys.argv[1:]:
        version, include = argument.split("=", 1)
        kinds, counts = table(Path(include))
        minor = int(version.split(".")[1])
        print(f"    {{{minor},")
        print(f"     {{\n{rows(kinds)}\n     }},")
        print(f"     {{\n{rows(counts)}\n     }}}},")
    print("};\n")
    size = "sizeof tare_opcode_tables / sizeof tare_opcode_tables[0]"
    print(f"const size_t tare_opcode_table_count = {size};")


if __name__ == "__main__":
    main()
