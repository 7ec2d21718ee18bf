"""Writes tests/core/layouts.c: where the headers of each CPython version say that things are.

    python tools/layouts.py INTERPRETER=INCLUDE_DIR ... > tests/core/layouts.c

INTERPRETER is a command line ("python3.13", "tools/in_chroot FOLDER python3.15"); INCLUDE_DIR is
what sysconfig.get_path("include") says for it. A C program made of FIELDS and those headers tells
the offsets; the interpreter itself tells the table at the start of its _PyRuntime, if it has one.
core/remote/layout.c knows neither: it must come to the same from the table alone.
"""

import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

HEADERS = ("interp", "frame", "runtime", "dict", "gil")

# Field of tare_layout: expressions with the minor version from which on each holds.
FIELDS: dict[str, dict[int, str]] = {
    "runtime.finalizing": {11: "offsetof(_PyRuntimeState, _finalizing)"},
    "runtime.interpreters_head": {11: "offsetof(_PyRuntimeState, interpreters.head)"},
    "runtime.gil": {11: "offsetof(_PyRuntimeState, ceval.gil)", 12: ""},
    "interpreter.next": {11: "offsetof(PyInterpreterState, next)"},
    "interpreter.id": {11: "offsetof(PyInterpreterState, id)"},
    "interpreter.threads_head": {11: "offsetof(PyInterpreterState, threads.head)"},
    "interpreter.gc_collecting": {11: "offsetof(PyInterpreterState, gc.collecting)"},
    "interpreter.gil_pointer": {11: "", 12: "offsetof(PyInterpreterState, ceval.gil)"},
    "interpreter.code_witness": {
        11: "",
        13: "offsetof(PyInterpreterState, func_state.next_version)",
    },
    "thread.next": {11: "offsetof(PyThreadState, next)"},
    "thread.native_thread_id": {11: "offsetof(PyThreadState, native_thread_id)"},
    "thread.datastack_chunk": {11: "offsetof(PyThreadState, datastack_chunk)"},
    "thread.frame": {
        11: "offsetof(PyThreadState, cframe)",
        13: "offsetof(PyThreadState, current_frame)",
    },
    "thread.frame_field": {11: "offsetof(_PyCFrame, current_frame)", 13: ""},
    "frame.code": {
        11: "offsetof(_PyInterpreterFrame, f_code)",
        13: "offsetof(_PyInterpreterFrame, f_executable)",
    },
    "frame.previous": {11: "offsetof(_PyInterpreterFrame, previous)"},
    "frame.instruction": {
        11: "offsetof(_PyInterpreterFrame, prev_instr)",
        13: "offsetof(_PyInterpreterFrame, instr_ptr)",
    },
    "frame.owner": {11: "offsetof(_PyInterpreterFrame, owner)"},
    "frame.stacktop": {11: "offsetof(_PyInterpreterFrame, stacktop)", 14: ""},
    "frame.is_entry": {11: "offsetof(_PyInterpreterFrame, is_entry)", 12: ""},
    "frame.locals": {11: "offsetof(_PyInterpreterFrame, localsplus)"},
    "frame.first_shim_owner": {
        11: "FRAME_OWNED_BY_FRAME_OBJECT + 1",
        12: "FRAME_OWNED_BY_CSTACK",
        14: "FRAME_OWNED_BY_INTERPRETER",
    },
    "code.first_line": {11: "offsetof(PyCodeObject, co_firstlineno)"},
    "code.file": {11: "offsetof(PyCodeObject, co_filename)"},
    "code.name": {11: "offsetof(PyCodeObject, co_name)"},
    "code.qualname": {11: "offsetof(PyCodeObject, co_qualname)"},
    "code.line_table": {11: "offsetof(PyCodeObject, co_linetable)"},
    "code.flags": {11: "offsetof(PyCodeObject, co_flags)"},
    "code.bytecode": {11: "offsetof(PyCodeObject, co_code_adaptive)"},
    "code.frame_words": {11: "", 12: "offsetof(PyCodeObject, co_framesize)"},
    "code.locals_count": {11: "offsetof(PyCodeObject, co_nlocalsplus)", 12: ""},
    "code.stack_size": {11: "offsetof(PyCodeObject, co_stacksize)", 12: ""},
    "object.type_name": {11: "offsetof(PyTypeObject, tp_name)"},
    "object.type_flags": {11: "offsetof(PyTypeObject, tp_flags)"},
    "object.type_basic_size": {11: "offsetof(PyTypeObject, tp_basicsize)"},
    "object.cached_keys": {11: "offsetof(PyHeapTypeObject, ht_cached_keys)"},
    "object.text_length": {11: "offsetof(PyASCIIObject, length)"},
    "object.text_state": {11: "offsetof(PyASCIIObject, state)"},
    "object.text_ascii": {11: "sizeof(PyASCIIObject)"},
    "object.text_compact": {11: "sizeof(PyCompactUnicodeObject)"},
    "object.bytes_size": {11: "offsetof(PyBytesObject, ob_base.ob_size)"},
    "object.bytes_value": {11: "offsetof(PyBytesObject, ob_sval)"},
    "object.dict_keys": {11: "offsetof(PyDictObject, ma_keys)"},
    "object.dict_values": {11: "offsetof(PyDictObject, ma_values)"},
    "object.values_first": {11: "offsetof(struct _dictvalues, values)"},
}
GIL = {
    "gil_holder": {11: "offsetof(struct _gil_runtime_state, last_holder)"},
    "gil_locked": {11: "offsetof(struct _gil_runtime_state, locked)"},
    "gil_bytes": {11: "sizeof(struct _gil_runtime_state)"},
}

READ_TABLE = """
import ctypes, sys
words = ctypes.c_uint64 * int(sys.argv[1])
print(*words.in_dll(ctypes.pythonapi, "_PyRuntime"))
"""

HEAD = """\
/* layouts.c - written by tools/layouts.py, do not edit: layouts as the headers of each version
 * have them, and the table of offsets as its interpreter has it. */
#include "layouts.h"

#define NO TARE_LAYOUT_ABSENT
"""
TAIL = """\
};

const size_t known_layout_count = sizeof known_layouts / sizeof known_layouts[0];
"""


def expression(versions: dict[int, str], minor: int) -> str:
    """The one that holds for this version; "" for none."""
    return versions[max(first for first in versions if first <= minor)]


def probe(include: str, minor: int) -> dict[str, str]:
    """What a C program with these headers says of each field; and table_words."""
    prints = [
        f'    printf("{name} %zu\\n", (size_t)({expression(versions, minor)}));'
        for name, versions in {**FIELDS, **GIL}.items()
        if expression(versions, minor)
    ]
    if minor >= 13:
        prints.append('    printf("table_words %zu\\n", sizeof(_Py_DebugOffsets) / 8);')
    lines = ["#define Py_BUILD_CORE 1", "#include <Python.h>", "#include <stdio.h>"]
    lines += [f'#include "internal/pycore_{header}.h"' for header in HEADERS]
    source = "\n".join([*lines, "int main(void)", "{", *prints, "}", ""])
    with tempfile.TemporaryDirectory() as folder:
        program = f"{folder}/probe"
        paths = ["-I", include, "-I", f"{include}/internal", "-idirafter", Path(include).parent]
        command = ["cc", *map(str, paths), "-x", "c", "-", "-o", program]
        subprocess.run(command, input=source, text=True, check=True)
        said = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    return dict(line.split() for line in said.splitlines())


def ask(interpreter: str, script: str, *arguments: str) -> str:
    command = [*shlex.split(interpreter), "-I", "-", *arguments]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=True)
    return done.stdout


def wrapped(words: list[str]) -> str:
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) > 90:
            lines.append("")
        lines[-1] += f"{word}, "
    return "\n".join(f"    {line.rstrip()}" for line in lines)


def initialiser(name: str, said: dict[str, str]) -> str:
    return f"        .{name} = {said.get(name, 'NO')},"


def main() -> None:
    rows = []
    print(HEAD)
    for argument in sys.argv[1:]:
        interpreter, include = argument.rsplit("=", 1)
        minor = int(ask(interpreter, "import sys; print(sys.version_info[1])"))
        said = probe(include, minor)
        words = said.get("table_words", "0")
        if minor >= 13:
            table = ask(interpreter, READ_TABLE, words).split()
            print(f"static const uint64_t table_{minor}[] = {{\n{wrapped(table)}\n}};\n")
        rows.append(f"    {{.words = {f'table_{minor}' if minor >= 13 else 'NULL'},")
        rows.append(f"     .word_count = {words},")
        rows += [f"     .{name} = {said[name]}," for name in GIL]
        rows.append(f"     .layout = {{\n        .minor = {minor},")
        rows += [initialiser(name, said) for name in FIELDS]
        rows.append("     }},")
    print("const known_layout known_layouts[] = {")
    print("\n".join(rows))
    print(TAIL, end="")


if __name__ == "__main__":
    main()
