"""The worker, in this interpreter and in whatever others there are, down to Python 2.7."""

import os
import sys

import pytest

from interpreters import foreign
from tare.comparing import driving, worker
from tare.comparing.driving import CompareError
from tare.comparing.engines import Group

TARGET_NS = 2_000_000


WANTED = ("2.7", "3.6", "3.13", "pypy")
PYTHONS = {"own": sys.executable,
           **{name: path for name, path in foreign().items() if name.startswith(WANTED)}}


@pytest.fixture(params=PYTHONS.values(), ids=PYTHONS)
def hired(request):
    with driving.start("it", request.param, os.environ, 60.0) as found:
        yield found


def statement(code, setup=""):
    return {"kind": "statement", "name": "it", "setup": setup, "code": code, "path": ""}


def test_blocks_in_any_interpreter(hired):
    setup = "L = list(range(2000))\ntotal = 5"
    slow = statement("for x in L:\n    total += x\nresult = [total for x in L]", setup)
    about = hired.ask("prepare", [slow, statement("result = sum(L)", setup)])
    assert [one["names"] for one in about["sides"]] == [["result", "total"], ["result"]]
    loops = hired.ask("calibrate", TARGET_NS, 10**9)
    hired.ask("blocks", [[0, loops[0]], [1, loops[1]]] * 20)  # until a compiler is done with it
    loops = hired.ask("calibrate", TARGET_NS, 10**9)
    assert min(loops) > 1
    found = hired.ask("blocks", [[0, loops[0]], [1, loops[1]], [1, loops[1]], [-1, loops[2]]])
    assert [one[0] for one in found] == [0, 1, 1, -1] and {len(one) for one in found} == {11}
    assert all(one[2] > 0 and one[3] > 0 for one in found)
    per_loop = [one[3] / one[1] for one in found]
    assert per_loop[0] > 2 * per_loop[1] > 20 * per_loop[3]
    before, peak, what = hired.ask("memory", 0)
    assert what in ("allocated", "resident") and peak >= before


def test_results_come_as_text(hired):
    from tare.comparing.carrying import uncarry

    code = statement("result = {'a': [1, 2.5, None], 'b': (1 + 2j, u'\\xe4')}")
    hired.ask("prepare", [code])
    answer = hired.ask("once", 0, ["result"])
    assert uncarry(answer["value"]) == {"a": [1, 2.5, None], "b": (1 + 2j, "\xe4")}


@pytest.mark.parametrize(
    ("spec", "kind", "part"),
    [
        (statement("x = "), "syntax", "invalid syntax"),
        (statement("return"), "syntax", "outside function"),
        (statement("x", "import no_such"), "setup", "no_such"),
    ],
)
def test_trouble_has_a_kind(hired, spec, kind, part):
    with pytest.raises(CompareError) as caught:
        hired.ask("prepare", [spec])
    assert caught.value.kind == kind and part in str(caught.value)


def test_what_code_prints_goes_nowhere(hired):
    noisy = "import os, sys; sys.stdout.write('x'); sys.stderr.write('y'); os.write(1, b'z')"
    hired.ask("prepare", [statement(noisy)])
    assert len(hired.ask("blocks", [[0, 3]])) == 1


def test_code_with_strings_of_several_lines_is_not_indented(hired):
    hired.ask("prepare", [statement('result = """a\n  b\nc"""')])
    assert '"a\\n  b\\nc"' in hired.ask("once", 0, ["result"])["value"]


def test_a_module_is_loaded_from_its_file_once(tmp_path):
    (tmp_path / "helper.py").write_text("import builtins\nbuiltins.loads = 1\nvalue = 7\n")
    path = tmp_path / "mod.py"
    path.write_text("import helper\ndef f(x): return helper.value + x\ng = f\nclass C:\n  m = f\n")
    spec = {"kind": "function", "file": str(path), "module": "mod", "setup": "y = 2",
            "args": "y", "path": str(tmp_path), "fresh": False}  # fmt: skip
    with driving.start("it", sys.executable, os.environ, 60.0) as hired:
        specs = [{**spec, "name": name, "function": name} for name in ("f", "g", "C.m")]
        hired.ask("prepare", specs)
        assert '9' in hired.ask("once", 0, [])["value"]
        assert '9' in hired.ask("once", 2, [])["value"]


def test_a_block_that_was_held_up_does_not_mislead():
    """The first block of one loop takes 30 ms of wall time, since something else ran."""

    class Scripted(worker.Bench):
        def __init__(self):
            self.sides, self.asked = [object()], 0

        def block(self, index, loops):
            self.asked += 1
            held_ns = 30_000_000 if self.asked == 1 else 0
            return [index, loops, loops * 100 + held_ns, loops * 100, 0, 1, 0, 0, -1, 0, 0]

    assert Scripted().loops_of(0, 4_000_000, 10**9) == 40_000


def test_a_group_of_two_is_asked_as_one():
    with Group([driving.start("it", sys.executable, os.environ, 60.0) for _ in range(2)]) as both:
        for hired in both.workers:
            hired.ask("prepare", [statement("x = [1] * 9")])
        loops = both.calibrate(TARGET_NS)
        assert [one.side for one in both.blocks([1, 0, 0, 1], loops)] == [1, 0, 0, 1]
        assert both.empty_ns(loops[2]) > 0


def test_who_dies_is_reported_with_its_last_words():
    code = statement("import os, sys; os.write(2, b'last words\\n'); os.abort()")
    with driving.start("it", sys.executable, os.environ, 60.0) as hired:
        hired.ask("prepare", [code])
        with pytest.raises(CompareError, match="it: its process was killed by SIGABRT"):
            hired.ask("blocks", [[0, 1]])


def test_a_request_larger_than_a_pipe():
    with driving.start("it", sys.executable, os.environ, 60.0) as hired:
        hired.ask("prepare", [statement("x = len(%r)" % ("y" * 300_000))])
        assert "300000" in hired.ask("once", 0, ["x"])["value"]


def test_who_does_not_listen_is_given_up():
    deaf = driving.Worker("deaf", driving.Started(["sleep", "60"], os.environ, None), 0.3)
    with deaf, pytest.raises(CompareError, match="deaf took longer than 0.3 s"):
        deaf.ask("x" * 300_000)


def test_who_closes_all_descriptors_is_given_up():
    with driving.start("it", sys.executable, os.environ, 60.0) as hired:
        hired.ask("prepare", [statement("import os, time; os.closerange(0, 100); time.sleep(60)")])
        with pytest.raises(CompareError, match="it: its process closed its pipe"):
            hired.ask("blocks", [[0, 1]])


def test_no_interpreter_there():
    with pytest.raises(CompareError, match="start /no/python: No such file"):
        driving.start("it", "/no/python", os.environ, 60.0)
