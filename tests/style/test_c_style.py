"""The house rules that a machine can check, and proof that each check can fail.

A rule is a function from one file to its complaints. It declares the files it reads and a bad
snippet: the first test runs every rule over the tree, the second over its own bad snippet.
"""

import fnmatch
import os
import re
import shlex
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAIN = ["base", "os", "model", "trace", "heap", "memory", "stats", "same", "io", "remote"]
VERSIONED = tuple(f"ext/common/{name}.h" for name in ("pycompat", "pyobjects", "pyframes"))
OWN_C = ("core/*.[ch]", "ext/*.[ch]", "sampler/*.[ch]", "agent/*.[ch]",
         "tests/*.[ch]", "fuzz/*.[ch]")
SOURCES = OWN_C + ("*.py", "*.pyi", "*.build", "Makefile", "tools/*", ".ci/*")
GENERATED = "written by tools/"
MAX_FUNCTION_LINES = 70
MAX_FILE_LINES = {".c": 800, ".h": 300}
MAX_COLUMNS = 100

Complaints = Iterator[str]


class Source(NamedTuple):
    path: str
    text: str

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def code(self) -> list[str]:
        """The lines of a C file with comments and literals blanked."""
        return blank(self.text).splitlines()

    @property
    def generated(self) -> bool:
        return GENERATED in self.text[:200].lower()


class Rule(NamedTuple):
    name: str
    globs: tuple[str, ...]
    check: Callable[[Source], Complaints]
    bad: Source


RULES: list[Rule] = []


def rule(*globs: str, bad: tuple[str, str]) -> Callable:
    def register(check: Callable[[Source], Complaints]) -> Callable:
        RULES.append(Rule(check.__name__, globs, check, Source(*bad)))
        return check

    return register


def blank(text: str) -> str:
    """Comments and literals become spaces; lines stay where they are."""
    token = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\''
    return re.sub(token, lambda found: re.sub(r"[^\n]", " ", found[0]), text, flags=re.S)


def matches(path: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatch(path, glob) for glob in globs)


def includes(source: Source) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.lines, 1):
        found = re.match(r'\s*#\s*include\s+["<]([^">]+)[">]', line)
        if found:
            yield number, found[1]


def functions(source: Source) -> Iterator[tuple[int, int, str]]:
    """First line, last line and words before the body of each function definition."""
    code = source.code
    start = 0
    for number, line in enumerate(code):
        if line.startswith("{"):
            end = next((n for n in range(number, len(code)) if code[n].startswith("}")), number)
            yield start + 1, end + 1, " ".join(code[start:number]).strip()
        if not line.strip() or line.startswith(("#", "}")) or line.rstrip().endswith((";", "\\")):
            start = number + 1


def find_words(source: Source, pattern: str, words: str) -> Complaints:
    for number, line in enumerate(source.code, 1):
        found = re.search(pattern, line)
        if found:
            yield f"{number}: {found[0].strip()}: {words}"


@rule(*OWN_C, bad=("core/base/x.c", "int f(void)\n{\n" + "    x++;\n" * 70 + "}\n"))
def function_budget(source: Source) -> Complaints:
    for first, last, _ in functions(source):
        if last - first + 1 > MAX_FUNCTION_LINES:
            yield f"{first}: a function of {last - first + 1} lines, {MAX_FUNCTION_LINES} allowed"


@rule(*OWN_C, bad=("core/base/x.h", "\n" * 301))
def file_budget(source: Source) -> Complaints:
    allowed = MAX_FILE_LINES[Path(source.path).suffix]
    if not source.generated and len(source.lines) > allowed:
        yield f"{len(source.lines)} lines, {allowed} allowed"


@rule("core/*.[ch]", bad=("core/model/x.c", '#include "io/tare_file.h"\n'))
def include_chain(source: Source) -> Complaints:
    allowed = CHAIN[: CHAIN.index(source.path.split("/")[1]) + 1]
    known = {path.name for part in ("core", "ext") for path in (ROOT / part).iterdir()}
    for number, name in includes(source):
        folder = name.split("/")[0]
        if "/" in name and folder in known and folder not in allowed:
            yield f"{number}: {name} lies to the right of {source.path}"


@rule("core/*.[ch]", "ext/*.[ch]", bad=("core/base/x.c", '#include "status.h"\n'))
def includes_name_their_folder(source: Source) -> Complaints:
    for number, line in enumerate(source.lines, 1):
        if re.match(r'#include "[^/"]+"', line):
            yield f'{number}: {line}: name the folder too, as in "base/status.h"'


@rule("ext/*.[ch]", bad=("ext/trace/x.c", '#include "lines/lines.h"\n'))
def extensions_are_strangers(source: Source) -> Complaints:
    allowed = (*CHAIN, "common", source.path.split("/")[1])
    for number, name in includes(source):
        if f'"{name}"' in source.lines[number - 1] and name.split("/")[0] not in allowed:
            yield f"{number}: {name}: extension folders share code in ext/common only"


@rule("*.[ch]", bad=("core/base/x.c", "#include <Python.h>\n"))
def python_only_in_ext(source: Source) -> Complaints:
    for number, name in includes(source):
        allowed = source.path.startswith(("ext/", "tests/heap/", "tests/memory/"))
        if name == "Python.h" and not allowed:
            yield f"{number}: Python.h is for ext/"


@rule("*.[ch]", bad=("ext/trace/x.c", "#if PY_VERSION_HEX >= 0x030c0000\n"))
def versions_only_in_pycompat(source: Source) -> Complaints:
    if source.path not in VERSIONED:
        versions = r"\bPY_(VERSION_HEX|M\w+_VERSION)\b"
        yield from find_words(source, versions, "ask ext/common/pycompat.h")


@rule(*OWN_C, bad=("core/io/x.c", "#ifdef __linux__\n"))
def systems_only_in_os(source: Source) -> Complaints:
    if not source.path.startswith("core/os/"):
        yield from find_words(source, r"\b(__linux__|__APPLE__|_WIN32|__unix__)\b", "ask os/os.h")


# Headers of the C standard are for everybody, those of an operating system for core/os.
SYSTEM_HEADERS = r"(sys|linux|asm|arpa|net|netinet)/.*|windows\.h|" + "|".join(
    rf"{name}\.h"
    for name in ("aio", "dirent", "dlfcn", "elf", "fcntl", "grp", "link", "poll", "pthread", "pwd",
                 "sched", "semaphore", "signal", "spawn", "syslog", "termios", "ucontext", "unistd")
)
MAY_INCLUDE = {
    # The handlers of an executable are its own, not the library's; sig_atomic_t is ISO C.
    ("sampler/session.h", "signal.h"),
}


@rule("core/*.[ch]", "ext/*.[ch]", "sampler/*.[ch]", bad=("core/io/x.c", "#include <unistd.h>\n"))
def system_headers_only_in_os(source: Source) -> Complaints:
    for number, name in includes(source):
        allowed = source.path.startswith("core/os/") or (source.path, name) in MAY_INCLUDE
        if re.fullmatch(SYSTEM_HEADERS, name) and not allowed:
            yield f"{number}: <{name}>: ask os/os.h"


@rule("core/*.[ch]", "ext/*.[ch]", "sampler/*.[ch]",
      bad=("ext/profile/x.c", "    char *copy = strdup(name);\n"))
def memory_only_from_alloc(source: Source) -> Complaints:
    calls = r"(?<![\w.>])(malloc|calloc|realloc|free|strn?dup|v?asprintf|getline|alloca)\s*\("
    if source.path != "core/base/alloc.c":
        yield from find_words(source, calls, "memory comes from the tare_alloc passed in")


@rule("core/*.[ch]", bad=("core/io/x.c", "    goto fail;\n"))
def no_goto_in_core(source: Source) -> Complaints:
    yield from find_words(source, r"\bgoto\b", "release what you own and return")


@rule("core/*.c", bad=("core/io/x.c", "static uint32_t seen_count;\n"))
def no_mutable_globals_in_core(source: Source) -> Complaints:
    other = r"(?!typedef|return|goto|enum|union|extern|else|break|struct \w+;)"
    for number, line in enumerate(source.code, 1):
        declared = re.match(rf"(?:\s*static |(?=\w)){other}([\w\s*]+)(\[.*\])?\s*[=;]", line)
        if declared and not re.search(r"\bconst\b[^*]*$", declared[1]):
            yield f"{number}: {line.strip()}: core keeps no state of its own"


@rule("core/*.c", "sampler/*.c", bad=("core/io/x.c", "int read_all(void)\n{\n}\n"))
def names_say_what_is_public(source: Source) -> Complaints:
    for first, _, head in functions(source):
        name = re.search(r"(\w+)\s*\(", re.sub(r"__attribute__\s*\(\(.*?\)\)", "", head))
        if name and name[1] != "main" and head.startswith("static") == name[1].startswith("tare_"):
            yield f"{first}: {name[1]}: tare_<unit>_<verb> if others call it, else static and bare"


@rule(*OWN_C, bad=("core/io/x.c", "static void open(void) {\n}\n"))
def function_braces(source: Source) -> Complaints:
    for number, line in enumerate(source.code, 1):
        if re.match(r"[a-z_][\w *]*\(.*\)\s*\{\s*$", line):
            yield f"{number}: the brace that opens a function stands on its own line"


@rule("*.c", "*.h", "*.py", "*.build", bad=("core/io/x.c", "/* FIX" + "ME later */\n"))
def nothing_left_to_do(source: Source) -> Complaints:
    for number, line in enumerate(source.lines, 1):
        found = re.search(r"\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b", line)
        if found:
            yield f"{number}: {found[0]}"


@rule("core/*.h", "ext/*.h", "sampler/*.h", bad=("core/io/export.h", "#ifndef EXPORT_H\n"))
def guards_match_paths(source: Source) -> Complaints:
    folder, stem = Path(source.path).parts[-2], Path(source.path).stem
    first = "EXT" if source.path.startswith("ext/") else folder
    guard = f"TARE_{first}_{stem}_H".upper()
    if not re.search(rf"^#ifndef {guard}\n#define {guard}\n", source.text, re.M):
        yield f"the guard is {guard}"
    if not source.text.endswith("\n#endif\n"):
        yield "ends in a bare #endif"


@rule(*OWN_C, bad=("core/io/x.c", "#include <stdio.h>\n"))
def opens_with_a_comment(source: Source) -> Complaints:
    name = Path(source.path).name
    if not source.text.startswith(f"/* {name} - "):
        yield f"opens with /* {name} - what it is"


@rule(*SOURCES, bad=("core/io/x.c", "\tint x; \n" + "x" * 101 + "\n\n\n"))
def layout(source: Source) -> Complaints:
    for number, line in enumerate(source.lines, 1):
        if "\t" in line and not source.path.endswith("Makefile"):
            yield f"{number}: a tab"
        if line != line.rstrip():
            yield f"{number}: space at the end"
        if len(line) > MAX_COLUMNS and not source.generated:
            yield f"{number}: {len(line)} columns, {MAX_COLUMNS} allowed"
    if source.text and not source.text.endswith("\n") or source.text.endswith("\n\n"):
        yield "ends in exactly one newline"


@rule("*", bad=("README.md", "cd /" + "work/x\n"))
def no_machine_in_the_text(source: Source) -> Complaints:
    hosts = r"\b(pypi\.org|pythonhosted\.org|\w+\.debian\.org|npmjs\.(org|com)|crates\.io)\b"
    for number, line in enumerate(source.lines, 1):
        found = re.search(r"(?<![\w}*)\]])/(work|root|home)/\w", line) or re.search(hosts, line)
        if found:
            yield f"{number}: {found[0]}: true on one machine only"


def tracked() -> list[str]:
    """What git tracks or would track; from an unpacked sdist, every file."""
    git = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = listed.stdout.split("\0")[:-1]
    else:
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")]
    return sorted(name for name in names if (ROOT / name).is_file())


def read_sources() -> list[Source]:
    sources = []
    for path in tracked():
        try:
            sources.append(Source(path, (ROOT / path).read_bytes().decode()))
        except UnicodeDecodeError:
            continue  # a corpus or a picture, not text
    return sources


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    return read_sources()


@pytest.mark.parametrize("checked", RULES, ids=lambda checked: checked.name)
def test_rule_holds(checked: Rule, sources: list[Source]) -> None:
    complaints = [
        f"{source.path}:{complaint}"
        for source in sources
        if matches(source.path, checked.globs) and not source.path.startswith("third_party/")
        for complaint in checked.check(source)
    ]
    assert not complaints, "\n" + "\n".join(complaints)


@pytest.mark.parametrize("checked", RULES, ids=lambda checked: checked.name)
def test_rule_can_fail(checked: Rule) -> None:
    assert matches(checked.bad.path, checked.globs)
    assert list(checked.check(checked.bad))


def test_blank_keeps_lines_and_code() -> None:
    text = 'a = "/* no */"; /* b\nc */ d // e\n\'"\' f\n'
    assert [line.split() for line in blank(text).splitlines()] == [["a", "=", ";"], ["d"], ["f"]]


def test_functions_are_found_whole() -> None:
    text = "static int\nadd(int a,\n    int b)\n{\n    return a;\n}\n\nint x[] = {\n    1,\n};\n"
    assert list(functions(Source("x.c", text))) == [(1, 6, "static int add(int a,     int b)")]


# Parts of a unit that its test reaches through the header of the whole; opcode.h has no functions.
TESTED_BY = {
    "encode": "tare_file", "format": "tare_file", "stacks": "export", "metric": "profile",
    "profile_index": "profile", "opcode": "code", "stack_walk": "stack",
    "stack_edges": "stack", "edges_settle": "edges", "imported": "import",
    "values": "marshal_read", "heap_blocks": "heap_file",
}  # fmt: skip


@pytest.mark.parametrize("path", [p for p in tracked() if matches(p, ("core/*.h",))])
def test_each_unit_of_core_has_its_test(path: str) -> None:
    unit = Path(path).stem
    test = ROOT / "tests" / "core" / f"test_{TESTED_BY.get(unit, unit)}.c"
    assert test.exists(), f"write {test.relative_to(ROOT)}"


def test_nothing_is_traced() -> None:
    """ptrace could write to the target, and a stop by it cuts some system calls short."""
    traces = [path for path in tracked() if matches(path, ("core/*.[ch]", "sampler/*.[ch]"))
              and re.search(r"sys/ptrace\.h|\bPTRACE_\w+", (ROOT / path).read_text())]
    assert not traces


def test_parts_are_named_once() -> None:
    units = {Path(path).stem for path in tracked() if matches(path, ("core/*.h",))}
    assert set(TESTED_BY) <= units
    doubled = [unit for unit in TESTED_BY if (ROOT / f"tests/core/test_{unit}.c").exists()]
    assert not doubled


HEADERS = [p for p in tracked() if matches(p, ("core/*.h", "ext/*.h", "sampler/*.h", "tests/*.h"))]


def compile_header(text: str, folder: Path) -> subprocess.CompletedProcess:
    python = sysconfig.get_path("include")
    flags = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c", "-"]
    folders = [ROOT, ROOT / "core", ROOT / "ext", folder]
    paths = [*(f"-I{path}" for path in folders), f"-isystem{python}"]
    compiler = shlex.split(os.environ.get("CC", "cc"))
    return subprocess.run(
        [*compiler, *paths, *flags], input=text, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("path", HEADERS)
def test_header_compiles_alone(path: str) -> None:
    header = ROOT / path
    done = compile_header(f'#include "{header}"\n', header.parent)
    assert done.returncode == 0, done.stderr


def test_header_that_does_not_compile_alone_is_seen() -> None:
    assert compile_header("uint32_t count;\n", ROOT).returncode != 0
