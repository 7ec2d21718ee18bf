"""What advise prints: text at every width, JSON, and SARIF that editors can read."""

import io
import json

import pytest
from advised import advice, replacing
from tare._stats import Estimate
from tare.advising.benches import Difference
from tare.advising.model import Edit, apply_edits
from tare.advising.scaling import Growth, Scaling
from tare.advising.subject import parse_command
from tare.advising.trying import Trial, Trials, confirmed_patch
from tare.cli.advise import Found
from tare.render.document import encode

SOURCE = "def work(items):\n    found = []\n    for ä in items:\n        found.insert(0, ä)\n"
SUBJECT = parse_command(["python", "work.py"], "/srv")
HOSTILE = "\x1b[31mred\nline"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "work.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


@pytest.fixture
def edit():
    return replacing(SOURCE, "found.insert(0, ä)", "found.append(ä)")


def found_with(told, trials=None, notes=()):
    return Found("python work.py", "/usr/bin/python3", SUBJECT, told, notes, trials)


def printed(make, columns, *arguments, **options):
    from tare.render.layout import show
    from tare.render.terminal import Screen

    stream = io.StringIO()
    screen = Screen(stream, "never")
    screen.columns = columns
    show(screen, make(screen, *arguments, **options))
    return stream.getvalue()


def text_of(found, columns=80, everything=False, verbose=False):
    from tare.render.advise_text import page

    return printed(page, columns, found, everything=everything, verbose=verbose)


def tried(one, verdict, **how):
    return Trial((one,), verdict, **how)


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_no_line_is_wider_than_the_screen(file, edit, columns):
    told = [
        advice(file, 4, [edit], function=HOSTILE),
        advice("/srv/" + "long/" * 30 + "name.py", 12345, function="a.b.<locals>." * 9),
        advice(file, 2, silent="gains 0.1% of the program, which is less than 1%: " + "x" * 99),
    ]
    both = Difference("line 3 of what it prints", "a" * 100, HOSTILE)
    trials = Trials(SUBJECT, 12, 1)
    ratio = Estimate(1.7, 1.6, 1.8)
    trials.tried = [
        tried(told[0], "confirmed", ratio=ratio, processes=8, patch="--- a\n+++ a\n+b\n"),
        tried(told[1], "changed the result", difference=both),
    ]
    for found in (found_with(told), found_with(told, trials)):
        said = text_of(found, columns, everything=True, verbose=True)
        assert "\x1b" not in said
        longest = max(said.splitlines(), key=len)
        assert len(longest) <= columns, longest


def test_what_is_said(file, edit):
    told = [advice(file, 4, [edit]), advice(file, 2, silent="gains nothing")]
    said = " ".join(text_of(found_with(told)).split())
    assert "1 piece of advice; the best makes the program 2.0x (1.7-2.5) faster" in said
    assert "work.py:4" in said and "found.insert(0, ä)" in said
    assert "10.0x (9.0-11.0) faster here at n = 1,000; pays from n = 30 [insert-at-0]" in said
    assert "The same for built-in types." in said
    assert "1 place more fits a rule" in said and "gains nothing" not in said
    assert "--try" in said
    everything = text_of(found_with(told), everything=True)
    assert "gains nothing" in everything


def test_no_advice_is_said():
    said = text_of(found_with([]))
    assert "No advice" in said and "Next" not in said


def test_what_may_differ_is_said(file):
    told = [advice(file, 4, same="differs", differs="x must be hashable.")]
    assert "It may differ: x must be hashable." in " ".join(text_of(found_with(told)).split())


def test_trials(file, edit):
    told = [advice(file, 4, [edit]), advice(file, 3, [edit]), advice(file, 2)]
    changed = Difference("how it ends", "exit code 0", "exit code 1: KeyError: 3")
    trials = Trials(SUBJECT, 3, 1)
    trials.tried = [
        tried(
            told[0], "confirmed", ratio=Estimate(1.7, 1.6, 1.8), processes=8,
            patch="--- a\n+++ a\n+b\n",
        ),
        tried(told[1], "changed the result", difference=changed),
        Trial((told[2],), "only by hand"),
    ]
    said = " ".join(text_of(found_with(told, trials)).split())
    assert "1 of 2 changes confirmed: with it the program is 1.70x (1.60-1.80) faster." in said
    assert "it changes how it ends from exit code 0 to exit code 1: KeyError: 3" in said
    assert "Compared: 3 lines of output" in said
    assert "1 line that differs from run to run" in said
    assert "only by hand" in said
    assert confirmed_patch(trials) == "--- a\n+++ a\n+b\n"


def test_a_program_that_prints_nothing_is_said(file, edit):
    told = [advice(file, 4, [edit])]
    trials = Trials(SUBJECT, 0, 0, [tried(told[0], "cannot tell", processes=40)])
    said = " ".join(text_of(found_with(told, trials)).split())
    assert "None of 1 change is confirmed." in said
    assert "only the exit code was compared" in said
    assert confirmed_patch(trials) == ""


def test_json(file, edit):
    from tare.render.advise_document import advice_document

    told = [advice(file, 4, [edit]), advice(file, 2, silent="gains nothing")]
    trials = Trials(SUBJECT, 3, 0)
    trials.tried = [tried(told[0], "confirmed", ratio=Estimate(1.7, 1.6, 1.8), processes=8)]
    shown = json.loads(encode(advice_document(found_with(told, trials), everything=False)))
    assert shown["schema"] == "tare.advise/1"
    (one,) = shown["advice"]
    assert (one["rule"], one["line"], one["size"], one["crossover"]) == ("insert-at-0", 4, 1000, 30)
    assert one["gain"] == {"value": 0.5, "low": 0.4, "high": 0.6}
    assert shown["silent_count"] == 1
    assert shown["trials"]["tried"][0]["advice"] == [0]
    assert shown["trials"]["tried"][0]["verdict"] == "confirmed"
    every = json.loads(encode(advice_document(found_with(told), everything=True)))
    assert [bool(part["silent"]) for part in every["advice"]] == [False, True]
    assert every["trials"] is None


# The parts of SARIF 2.1.0 that a log must have, and what code scanning services ask for.
REQUIRED = {
    "log": ("version", "runs", "$schema"),
    "run": ("tool", "results"),
    "driver": ("name", "rules"),
    "rule": ("id", "shortDescription"),
    "result": ("ruleId", "ruleIndex", "level", "message", "locations"),
    "region": ("startLine", "endLine"),
    "change": ("artifactLocation", "replacements"),
}


def has_required(kind, part):
    missing = [name for name in REQUIRED[kind] if name not in part]
    assert not missing, f"{kind} without {missing}"


def sarif_of(told, trials=None, folder="/srv"):
    from tare.render.advise_sarif import sarif_document

    return json.loads(encode(sarif_document(told, trials, folder)))


def test_sarif_has_what_it_must(file, edit):
    told = [advice(file, 4, [edit]), advice(file, 3, gain=(0.02, 0.01, 0.03), name="other")]
    told.append(advice(file, 2, silent="gains nothing"))
    log = sarif_of(told, folder=str(file.parent))
    has_required("log", log)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    has_required("run", run)
    driver = run["tool"]["driver"]
    has_required("driver", driver)
    for rule in driver["rules"]:
        has_required("rule", rule)
    assert len(run["results"]) == 2
    for result, level in zip(run["results"], ("warning", "note"), strict=True):
        has_required("result", result)
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == level
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"] == {"uri": "work.py", "uriBaseId": "SRCROOT"}
        has_required("region", place["region"])
        assert result["message"]["text"]
    assert run["originalUriBaseIds"]["SRCROOT"]["uri"] == f"file://{file.parent}/"
    assert "fixes" in run["results"][0] and "fixes" not in run["results"][1]


def test_a_fix_makes_the_change(file, edit):
    log = sarif_of([advice(file, 4, [edit])], folder=str(file.parent))
    assert log["runs"][0]["columnKind"] == "unicodeCodePoints"
    (fix,) = log["runs"][0]["results"][0]["fixes"]
    (change,) = fix["artifactChanges"]
    has_required("change", change)
    edits = []
    for part in change["replacements"]:
        region = part["deletedRegion"]
        edits.append(
            Edit(
                region["startLine"], region["startColumn"] - 1, region["endLine"],
                region["endColumn"] - 1, part["insertedContent"]["text"],
            )
        )
    assert apply_edits(SOURCE, edits) == SOURCE.replace("insert(0, ä)", "append(ä)")


def test_what_changed_the_result_is_no_result(file, edit):
    told = [advice(file, 4, [edit]), advice(file, 3, [edit])]
    trials = Trials(SUBJECT, 3, 0)
    trials.tried = [tried(told[0], "changed the result"), tried(told[1], "confirmed")]
    (result,) = sarif_of(told, trials)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
    assert result["properties"]["verdict"] == "confirmed"


def test_uris_are_quoted(edit):
    (result,) = sarif_of([advice("/srv/a b/ä#1.py", 4)])["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "a%20b/%C3%A4%231.py"
    (result,) = sarif_of([advice("/opt/x.py", 4)])["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "file:///opt/x.py"}


@pytest.fixture
def grown(tmp_path):
    (tmp_path / "work.py").write_text("def join(a, b):\n    for x in a: x in b\n")
    file = str(tmp_path / "work.py")
    quadratic, linear = Estimate(2.0, 1.9, 2.1), Estimate(1.0, 0.9, 1.1)
    times = (1e8, 4e8, 1.6e9)
    whole = Growth("", 0, "", (2e8, 6e8, 2e9), None, 1.0)
    join = Growth(file, 1, "join", times, quadratic, 0.8)
    flat = Growth(file, 9, HOSTILE, (1e8, 2e8, 4e8), linear, 0.2)
    line = Growth(file, 2, "join", times, quadratic, 0.8)
    hint = advice(file, 2, function="join").match
    return Scaling(SUBJECT, (10, 20, 40), 3, whole, (join, flat), (line,), (hint,))


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_growth(grown, columns):
    from tare.render.advise_scaling import page

    said = printed(page, columns, grown)
    assert max(map(len, said.splitlines())) <= columns
    assert "\x1b" not in said
    assert "quadratic" in said and "linear" in said
    words = " ".join(said.split())
    assert "is quadratic: 80.0% of the time at 40, about 2 min 40 s at 400" in words
    assert "most of it in line 2. Line 2: an insert at 0 [insert-at-0]." in words
    if columns == 140:
        assert "for x in a: x in b" in said


def test_no_growth(grown):
    from tare.render.advise_scaling import page

    calm = Scaling(SUBJECT, grown.sizes, 3, grown.whole, grown.functions[1:], ())
    assert "Nothing that takes time grows clearly faster than n" in printed(page, 80, calm)


def test_growth_as_json(grown):
    from tare.render.advise_document import scaling_document

    shown = json.loads(encode(scaling_document(grown)))
    assert shown["schema"] == "tare.advise.scaling/1"
    assert [part["steep"] for part in shown["functions"]] == [True, False]
    assert shown["functions"][0]["exponent"] == {"value": 2.0, "low": 1.9, "high": 2.1}
    assert shown["whole"]["exponent"] is None
    assert [(hint["rule"], hint["line"]) for hint in shown["hints"]] == [("insert-at-0", 2)]
