"""Holds what is compared and times it, in the interpreter that it is compared on.

Runs unchanged on Python 2.7 and later and on PyPy, with the standard library alone: plain Python.
Requests come and answers go one a line, as JSON, on pipes of their own; what the measured code
prints goes to /dev/null.

    ["prepare", [side, ...]]               loads each side; what it is, and what must be known of it
    ["calibrate", target_ns, most]         how many loops of each side make a block that long
    ["blocks", [[side, loops], ...]]       times them in that order, a list of numbers for each
    ["once", side, name]                   runs it once: the outcome, carried
    ["check", path, rule, names]           runs each once and compares the outcomes, with Tare there
    ["memory", side]                       runs it once: how far the memory in use rose, by whom
    ["end"]

A block is a loop around the code, in a function whose globals are the setup's: what the setup
binds is global to the code, as in a module; what the code binds is local, as in a function.
Side -1 is the empty loop.
"""

import itertools
import os
import sys
import time

try:
    import resource
except ImportError:
    resource = None

EMPTY = -1
ONLY_TREE = 0x400  # PyCF_ONLY_AST
GENERATOR = 0x20
COROUTINES = 0x80 | 0x200  # with asynchronous generators
WALL_PART = 5  # what waits is timed in longer blocks, but not for as long as it takes in CPU time
WARM_PART = 20  # of a block, as much is run before it untimed
MOST_COPIES = 1000

BLOCK = """
def block(_tare_loops, _tare_repeat, _tare_wall, _tare_cpu, _tare_given):
    _tare_repeated = _tare_repeat(None, _tare_loops)
    _tare_wall_0 = _tare_wall()
    _tare_cpu_0 = _tare_cpu()
    for _tare_index in _tare_repeated:
        pass
    _tare_cpu_1 = _tare_cpu()
    return _tare_wall() - _tare_wall_0, _tare_cpu_1 - _tare_cpu_0
"""
ONCE = """
def once(_tare_given):
    pass
    return locals()
"""


class Trouble(Exception):
    """What goes wrong for a reason that the person who compares can do something about."""

    is_trouble = True

    def __init__(self, kind, words):
        Exception.__init__(self, words)
        self.kind = kind


def find_clocks():
    """Of wall time and of CPU time of this process, and how many ns their unit is."""
    if hasattr(time, "process_time_ns"):
        return time.perf_counter_ns, time.process_time_ns, 1
    if hasattr(time, "process_time"):
        return time.perf_counter, time.process_time, 1e9
    return time.time, time.clock, 1e9


def describe(error):
    """An exception in one line."""
    name = type(error).__name__
    module = getattr(type(error), "__module__", None)
    if module not in (None, "builtins", "exceptions", "__main__"):
        name = module + "." + name
    try:
        words = " ".join(str(error).split())
    except Exception:
        words = "its message cannot be read"
    return name + ": " + words if words else name


def parse(code, name, where):
    """The code's tree; it must stand on its own, without what belongs to a function or a loop."""
    try:
        compile(code, "<%s>" % name, "exec")
        return compile(code, "<%s>" % name, "exec", ONLY_TREE)
    except (SyntaxError, ValueError, TypeError) as error:
        line = getattr(error, "lineno", None)
        words = getattr(error, "msg", None) or str(error)
        at = " in line %d" % line if line else ""
        raise Trouble("syntax", "%s%s: %s" % (where, at, words))


def make_function(template, nodes, namespace, name):
    """The function of a template whose pass is replaced, with the namespace as its globals.

    What the code binds and the namespace has is local with that value to begin with.
    """
    code = compile_template(template, nodes, (), name)
    bound = [word for word in code.co_varnames + code.co_cellvars if word in namespace]
    if bound:
        code = compile_template(template, nodes, bound, name)
    return type(find_clocks)(code, namespace, "tare", None)


def compile_template(template, nodes, bound, name):
    tree = compile(template, "<%s>" % name, "exec", ONLY_TREE)
    function = tree.body[0]
    for statement in function.body:
        if type(statement).__name__ == "For":
            statement.body = nodes
    if type(function.body[0]).__name__ == "Pass":
        function.body[:1] = nodes
    lines = "".join("%s = _tare_given[%r]\n" % (word, word) for word in bound)
    function.body[:0] = compile(lines, "<%s>" % name, "exec", ONLY_TREE).body
    for constant in compile(tree, "<%s>" % name, "exec").co_consts:
        if hasattr(constant, "co_code"):
            return constant
    raise AssertionError("the template has no function")


def children(node):
    for field in getattr(node, "_fields", ()):
        value = getattr(node, field, None)
        for child in value if isinstance(value, list) else [value]:
            if hasattr(child, "_fields"):
                yield child


def assigned_names(nodes):
    """What statements bind and a reader may want, but not the variables of their loops."""
    found = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        kind = type(node).__name__
        if kind in ("FunctionDef", "ClassDef", "AsyncFunctionDef", "Lambda"):
            continue
        if kind in ("For", "comprehension"):
            waiting.extend(child for child in children(node) if child is not node.target)
            continue
        if kind == "Name" and type(node.ctx).__name__ == "Store":
            found.add(node.id)
        waiting.extend(children(node))
    return sorted(found)


class Statement(object):
    """Code that runs in the namespace of its setup."""

    def __init__(self, spec):
        self.name = spec["name"]
        self.notes = []
        self.namespace = {"__name__": "__tare__", "__builtins__": __builtins__}
        run_setup(spec, self.namespace)
        self.nodes = parse(spec["code"], self.name, self.name).body
        self.names = assigned_names(self.nodes)
        self.block = make_function(BLOCK, self.nodes, self.namespace, self.name)

    def call(self, loops, wall, cpu):
        return self.block(loops, itertools.repeat, wall, cpu, self.namespace)

    def once(self):
        """A dictionary of what is bound after the code; "" is the value of its last expression."""
        nodes = list(self.nodes)
        if nodes and type(nodes[-1]).__name__ == "Expr":
            holder = compile("_tare_value = 0", "<tare>", "exec", ONLY_TREE).body[0]
            holder.value = nodes[-1].value
            nodes[-1] = holder
        function = make_function(ONCE, nodes, self.namespace, self.name)
        local = function(self.namespace)
        found = dict((word, local[word]) for word in self.names if word in local)
        if "_tare_value" in local:
            found[""] = local["_tare_value"]
        return found

    def result(self, names):
        """What is compared: one name, or a dictionary of several."""
        found = self.once()
        missing = [word for word in names if word not in found and word not in self.namespace]
        if missing:
            raise Trouble("result", "%s binds no %s" % (self.name, ", ".join(missing)))
        values = [found[word] if word in found else self.namespace[word] for word in names]
        return values[0] if len(values) == 1 else dict(zip(names, values))

    def about(self):
        nodes = self.nodes
        value = bool(nodes) and type(nodes[-1]).__name__ == "Expr"
        given = [name for name in self.namespace if not name.startswith("__")]
        names = ([""] if value else []) + self.names
        return {"names": names, "given": sorted(given), "notes": self.notes}


class Function(object):
    """A call of a function of a file or module, with the arguments that an expression gives."""

    def __init__(self, spec):
        self.name = spec["name"]
        self.notes = []
        module = load_module(spec)
        self.function = find_function(module, spec)
        self.fresh = bool(spec.get("fresh"))
        self.namespace = dict(vars(module))
        run_setup(spec, self.namespace)
        self.args, self.kwargs = find_arguments(spec, self.namespace)
        self.block = call_block(self.function, self.fresh, self.notes)

    def call(self, loops, wall, cpu):
        if self.fresh:
            sets = [copy_arguments(self.args, self.kwargs) for _ in range(loops)]
            return self.block(loops, lambda _, count: sets, wall, cpu, self)
        return self.block(loops, itertools.repeat, wall, cpu, self)

    def result(self, names):
        return self.function(*self.args, **self.kwargs)

    def about(self):
        return {"names": None, "notes": self.notes}


def call_block(function, fresh, notes):
    """The block that calls; a generator is read to its end, or nothing of it would run."""
    flags = getattr(getattr(function, "__code__", None), "co_flags", 0)
    name = getattr(function, "__name__", "the function")
    if flags & COROUTINES:
        raise Trouble(
            "function", "%s is a coroutine function; give one that runs it to its end" % name
        )
    words = "*_tare_index[0], **_tare_index[1]" if fresh else "*_tare_args, **_tare_kwargs"
    call = "_tare_function(%s)" % words
    if flags & GENERATOR:
        notes.append("%s is a generator: each is read to its end" % name)
        call = "for _tare_item in %s: pass" % call
    opening = "\n".join(
        (
            "    _tare_function = _tare_given.function",
            "    _tare_args = _tare_given.args",
            "    _tare_kwargs = _tare_given.kwargs",
            "",
        )
    )
    head, colon, rest = BLOCK.partition(":\n")
    source = head + colon + opening + rest
    nodes = compile(call, "<tare>", "exec", ONLY_TREE).body
    return make_function(source, nodes, {}, "tare")


class Live(Function):
    """A function of this very process, as tare.compare has it after a fork."""

    def __init__(self, name, function, args, kwargs, fresh):
        self.name = name
        self.notes = []
        self.function = function
        self.fresh = fresh
        self.args, self.kwargs = args, kwargs
        self.block = call_block(function, fresh, self.notes)


class Empty(object):
    """The loop alone."""

    name = "the empty loop"

    def __init__(self):
        nodes = compile("pass", "<tare>", "exec", ONLY_TREE).body
        self.block = make_function(BLOCK, nodes, {}, "tare")

    def call(self, loops, wall, cpu):
        return self.block(loops, itertools.repeat, wall, cpu, None)


def copy_arguments(args, kwargs):
    from copy import deepcopy

    return deepcopy((args, kwargs))


def run_setup(spec, namespace):
    setup = spec.get("setup") or ""
    if not setup:
        return
    parse(setup, "setup", "the setup")
    try:
        exec(compile(setup, "<setup>", "exec"), namespace)
    except Exception as error:
        raise Trouble("setup", "the setup of %s raised %s" % (spec["name"], describe(error)))


def load_module(spec):
    """The module of a function; a file is loaded once, whatever it is asked for."""
    path, name = spec.get("file"), spec["module"]
    try:
        if path is None:
            __import__(name)
            return sys.modules[name]
        found = sys.modules.get(name)
        if found is not None and getattr(found, "__file__", None) == path:
            return found
        return load_file(path, name)
    except Exception as error:
        where = path if path is not None else "module " + name
        raise Trouble("import", "load %s: %s" % (where, describe(error)))


def load_file(path, name):
    """As an import of it would; the name of a module that is there already gets another one."""
    if name in sys.modules:
        name = "%s_%d" % (name, len(sys.modules))
    try:
        from importlib.util import module_from_spec, spec_from_file_location
    except ImportError:
        import imp

        return imp.load_source(name, path)
    from importlib.machinery import SourceFileLoader

    spec = spec_from_file_location(name, path, loader=SourceFileLoader(name, path))
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def find_function(module, spec):
    found = module
    for part in spec["function"].split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            names = [name for name in vars(module) if callable(getattr(module, name))]
            names = [name for name in names if not name.startswith("_")]
            known = "; it has " + ", ".join(sorted(names)[:8]) if names else ""
            where = spec.get("file") or spec["module"]
            raise Trouble("function", "%s has no %s%s" % (where, spec["function"], known))
    if not callable(found):
        kind = type(found).__name__
        raise Trouble("function", "%s is no function but a %s" % (spec["name"], kind))
    return found


def find_arguments(spec, namespace):
    """What stands between the parentheses of a call, evaluated."""
    words = spec.get("args") or ""
    collect = namespace.copy()
    collect["_tare_collect"] = lambda *args, **kwargs: (args, kwargs)
    try:
        code = compile("_tare_collect(%s\n)" % words, "<args>", "eval")
        return eval(code, collect)
    except SyntaxError:
        known = "is no list of arguments, as in --args '[1, 2], n=3'"
        raise Trouble("args", "--args %r %s" % (words, known))
    except Exception as error:
        raise Trouble("args", "--args %r for %s raised %s" % (words, spec["name"], describe(error)))


KINDS = {"statement": Statement, "function": Function}


class Bench(object):
    """The sides that this process holds, and what is asked of them."""

    def __init__(self, meter):
        self.meter = meter
        self.wall, self.cpu, self.unit_ns = find_clocks()
        self.sides = []
        self.empty = Empty()
        self.trouble = None  # why there are no sides

    def prepare(self, specs):
        if specs and specs[0].get("path") is not None:
            sys.path.insert(0, specs[0]["path"])
        for spec in specs:
            self.sides.append(KINDS[spec["kind"]](spec))
        return self.about()

    def about(self):
        if self.trouble is not None:
            raise self.trouble
        return {
            "sides": [side.about() for side in self.sides],
            "version": sys.version.split()[0],
            "implementation": implementation_name(),
            "tag": getattr(getattr(sys, "implementation", None), "cache_tag", None),
            "executable": sys.executable,
        }

    def side(self, index):
        return self.empty if index == EMPTY else self.sides[index]

    def block(self, index, loops):
        """[side, loops, wall_ns, cpu_ns, what the meter counts..., CPU before, CPU after]"""
        side = self.side(index)
        if loops >= WARM_PART:  # caches hold what the other side, or another program, left there
            self.run(side, loops // WARM_PART)
        cpu_before = current_cpu()
        before = self.meter.read()
        wall, cpu = self.run(side, loops)
        after = self.meter.read()
        counted = [then - first if first >= 0 else -1 for first, then in zip(before, after)]
        times = [int(wall * self.unit_ns), int(cpu * self.unit_ns)]
        return [index, loops] + times + counted + [cpu_before, current_cpu()]

    def run(self, side, loops):
        try:
            return side.call(loops, self.wall, self.cpu)
        except Exception as error:
            raise Trouble("raised", "%s raised %s" % (side.name, describe(error)))

    def blocks(self, plan):
        silence_errors()
        return [self.block(index, loops) for index, loops in plan]

    def calibrate(self, target_ns, most):
        """Loops of each side, and of the empty loop last."""
        silence_errors()
        return [self.loops_of(index, target_ns, most) for index in range(len(self.sides))] + [
            self.loops_of(EMPTY, target_ns // 8, most)
        ]

    def loops_of(self, index, target_ns, most):
        if index != EMPTY and getattr(self.sides[index], "fresh", False):
            most = min(most, MOST_COPIES)
        loops = 1
        while True:
            spent, cpu_ns = self.spent_ns(index, loops)
            if spent * 2 >= target_ns > cpu_ns * 2:  # it waits, or it was only held up
                spent = min(spent, self.spent_ns(index, loops)[0])
            if loops >= most:
                return most
            if spent * 2 >= target_ns:
                return max(1, min(most, int(round(loops * float(target_ns) / spent))))
            loops = min(most, loops * (2 if spent * 16 >= target_ns else 8))

    def spent_ns(self, index, loops):
        """What a block takes, of what the code does itself: running or waiting; and running."""
        block = self.block(index, loops)
        wall_ns, cpu_ns, run_delay_ns = block[2], block[3], block[8]
        return max(cpu_ns, (wall_ns - max(0, run_delay_ns)) // WALL_PART), cpu_ns

    def once(self, index, names):
        return carry_outcome(self.sides[index], names)

    def check(self, folder, rule, names):
        check_sides = load_checking(folder)
        return check_sides(self.sides, rule, names)

    def memory(self, index):
        return measure_memory(self.sides[index])


def load_checking(folder):
    """Tare's own, from the folder that it is in, without leaving that to the code's imports."""
    sys.path.append(folder)
    try:
        from tare.comparing.checking import check_sides
    finally:
        sys.path.remove(folder)
    return check_sides


def carry_outcome(side, names):
    """What a call came to, as text that another interpreter can read."""
    carry = load_carrying().carry
    try:
        value = side.result(names)
    except Trouble:
        raise
    except Exception as error:
        return {"raised": type(error).__name__, "words": describe(error)}
    return {"value": carry(value)}


def load_carrying():
    """The module beside this one: by its file, since the interpreter knows no tare."""
    folder = os.path.dirname(os.path.abspath(__file__))
    kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return load_file(os.path.join(folder, "carrying.py"), "_tare_carrying")
    finally:
        sys.dont_write_bytecode = kept


def implementation_name():
    """As platform.python_implementation() says it, which would load much else."""
    if "__pypy__" in sys.builtin_module_names:
        return "PyPy"
    name = getattr(getattr(sys, "implementation", None), "name", "cpython")
    return {"cpython": "CPython", "graalpy": "GraalPy"}.get(name, name)


def current_cpu():
    """The processor that this process was last on; -1: not known."""
    try:
        with open("/proc/self/stat", "rb") as stream:
            return int(stream.read().rpartition(b")")[2].split()[36])
    except (IOError, OSError, IndexError, ValueError):
        return -1


def measure_memory(side):
    """[in use before, most in use since, how that is known] in bytes; "" where it is not.

    What Python allocates is counted exactly; PyPy and old versions are asked how many pages they
    have, whose peak Linux counts anew after a 5 is written to clear_refs.
    """
    names = side.about()["names"] or ()
    try:
        import tracemalloc
    except ImportError:
        return measure_pages(side, names)
    side.result(names)  # what is made once for all calls belongs to none
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    side.result(names)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return [before, peak, "allocated"]


def measure_pages(side, names):
    try:
        with open("/proc/self/clear_refs", "w") as stream:
            stream.write("5")
    except (IOError, OSError):
        return [-1, -1, ""]
    before = status_bytes("VmRSS")
    side.result(names)
    return [before, status_bytes("VmHWM"), "resident"]


def status_bytes(word):
    with open("/proc/self/status") as stream:
        for line in stream:
            if line.startswith(word + ":"):
                return int(line.split()[1]) * 1024
    return -1


def serve(bench, lines, reader, writer):
    """Answers requests until there are no more; {"trouble": ...} for those that fail."""
    doing = {
        "prepare": bench.prepare,
        "calibrate": bench.calibrate,
        "blocks": bench.blocks,
        "once": bench.once,
        "check": bench.check,
        "memory": bench.memory,
        "about": bench.about,
    }
    while True:
        line = reader.readline()
        if not line:
            return
        request = lines.read(line)
        if request[0] == "end":
            return
        try:
            answer = {"answer": doing[request[0]](*request[1:])}
        except Trouble as trouble:
            answer = {"trouble": trouble.kind, "words": str(trouble)}
        except SystemExit as error:
            answer = {"trouble": "raised", "words": "the code called sys.exit(%r)" % (error.code,)}
        writer.write(lines.write(answer) + "\n")
        writer.flush()


def silence_errors():
    """From now on: code that complains each time would fill a disk."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def take_pipes():
    """The pipes that were stdin and stdout; what the code reads and prints has no end and no
    beginning."""
    reader, writer = os.dup(0), os.dup(1)
    try:
        import fcntl

        for number in (reader, writer):
            fcntl.fcntl(number, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    except ImportError:
        pass
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return os.fdopen(reader, "r"), os.fdopen(writer, "w")


def main(lines, meter):
    reader, writer = take_pipes()
    sys.argv[:] = [""]
    serve(Bench(meter.Meter()), lines, reader, writer)
