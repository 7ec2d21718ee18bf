"""Settings: [tool.tare] in pyproject.toml, then TARE_*, then flags."""

import pytest
from tare.cli import COMMANDS
from tare.cli.failure import Failure
from tare.cli.options import OPTIONS
from tare.cli.settings import find_settings

NAMES = ("rate", "target", "no_children", "color", "quiet")


@pytest.fixture
def project(tmp_path):
    def write(text):
        (tmp_path / "pyproject.toml").write_text(text)
        return str(tmp_path)

    return write


def test_nothing_given_is_nothing_set(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert find_settings("run", NAMES, {}, str(tmp_path)) == {}


def test_file_sets_options_for_all_commands_and_for_one(project):
    folder = project("[tool.tare]\nrate = 500\nno-children = true\n[tool.tare.run]\nrate = 700\n")
    assert find_settings("run", NAMES, {}, folder) == {"rate": 700, "no_children": True}
    assert find_settings("attach", NAMES, {}, folder) == {"rate": 500, "no_children": True}


def test_environment_is_stronger_than_the_file(project):
    folder = project("[tool.tare]\nrate = 500\n[tool.tare.run]\nrate = 700\n")
    environ = {"TARE_RATE": "900", "TARE_QUIET": "yes", "TARE_SAMPLE": "/bin/x"}
    assert find_settings("run", NAMES, environ, folder) == {"rate": 900, "quiet": True}


def test_nearest_file_upwards_counts(project, tmp_path):
    project("[tool.tare]\nrate = 500\n")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_settings("run", NAMES, {}, str(below)) == {"rate": 500}
    (tmp_path / "a" / "pyproject.toml").write_text("")
    assert find_settings("run", NAMES, {}, str(below)) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.tare]\nrat = 5\n", "[tool.tare] rat: no such setting"),
        ("[tool.tare]\nrate = 0\n", "[tool.tare] rate: '0' is not a positive number"),
        ("[tool.tare]\nrate = [1]\n", "must be text, a number or a truth value"),
        ("[tool.tare]\ncolor = 'blue'\n", "none of auto, always, never"),
        ("[tool.tare]\noutput = 'x'\n", "[tool.tare] output: no such setting"),
        ("[tool.tare.run]\nrat = 5\n", "[tool.tare.run] rat: no such setting"),
        ("[tool.tare\n", "pyproject.toml"),
        ("[tool]\ntare = 5\n", "[tool.tare] must be a table"),
        ("[tool.tare]\nrun = 5\n", "[tool.tare.run] must be a table"),
    ],
)
def test_mistakes_are_named_with_their_place(project, text, words):
    with pytest.raises(Failure) as caught:
        find_settings("run", NAMES, {}, project(text))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_mistake_in_the_environment_is_named():
    with pytest.raises(Failure, match="TARE_RATE: 'fast' is not a positive number"):
        find_settings("run", NAMES, {"TARE_RATE": "fast"}, "/")


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("TARE_RAT", "TARE_RAT: no such setting; did you mean TARE_RATE?"),
        ("TARE_rate", "TARE_rate: no such setting; did you mean TARE_RATE?"),
        ("TARE_NO-CHILDREN", "did you mean TARE_NO_CHILDREN?"),
        ("TARE_SAMPEL", "did you mean TARE_SAMPLE?"),
        ("TARE_WHATEVER_THIS_IS", "no such setting; known are TARE_BROWSER, TARE_CLOCK, "),
        ("TARE_LIMIT", "TARE_LIMIT: no setting; give --limit each time"),
        ("TARE_OUTPUT", "TARE_OUTPUT: no setting; give --output each time"),
        ("TARE_OVERWRITE", "TARE_OVERWRITE: no setting; give --overwrite each time"),
        ("TARE_BY_LINE", "TARE_BY_LINE: no setting; give --lines each time"),
        ("TARE_TREE", "TARE_TREE: no setting; give --tree each time"),
    ],
)
def test_what_is_no_setting_is_refused_in_the_environment_too(tare, variable, words):
    done = tare("run", "-c", "pass", env={variable: "5"})
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr and done.stderr.count("\n") == 1


def test_every_option_is_a_variable_or_is_refused(tmp_path):
    for name, option in OPTIONS.items():
        environ = {"TARE_" + name.upper(): ""}
        assert find_settings("run", NAMES, environ, str(tmp_path)) == {}  # empty is not set
        if not option.settable:
            with pytest.raises(Failure, match="no setting; give -"):
                find_settings("run", NAMES, {"TARE_" + name.upper(): "1"}, str(tmp_path))


def test_each_command_can_have_a_table(tmp_path):
    tables = [f"[tool.tare.{command}]\ncolor = 'never'\n" for command in COMMANDS]
    (tmp_path / "pyproject.toml").write_text("".join(tables))
    for command in COMMANDS:
        found = find_settings(command, ("color",), {}, str(tmp_path))
        assert found == {"color": "never"}, command


def test_variables_of_builds_and_tests_are_nobodys_mistake(tmp_path):
    names = ("LINES", "SAMPLE", "FORKY", "TEST_PYTHONS", "SOAK", "BENCH", "BENCH_ROUNDS")
    environ = {f"TARE_{name}": "x" for name in names}
    assert find_settings("run", NAMES, environ, str(tmp_path)) == {}


@pytest.mark.parametrize(
    ("variable", "flag", "word", "undo"),
    [
        ("TARE_NO_CHILDREN", "--no-children", "--no-children", "--children"),
        ("TARE_NO_STOP", "--no-stop", "--no-stop", "--stop"),
    ],
)
def test_flags_undo_what_settings_say(tare, folder, variable, flag, word, undo):
    def words(*arguments, **environ):
        log = folder / "log"
        done = tare("run", *arguments, "-c", "pass", env={"FAKE_LOG": str(log), **environ})
        assert done.returncode == 0, done.stderr
        return log.read_text().split("\n")

    assert word in words(flag)
    assert word in words(**{variable: "1"})
    assert word not in words()
    assert word not in words(undo, **{variable: "1"})
    assert word not in words(flag, undo)
    assert word in words(undo, flag)


def test_quiet_and_verbose_can_be_undone(tare):
    assert tare("run", "-c", "pass", env={"TARE_QUIET": "1"}).stderr == ""
    assert "Next: " in tare("run", "--no-quiet", "-c", "pass", env={"TARE_QUIET": "1"}).stderr
    shown = tare("run", "--no-verbose", "-c", "pass", env={"TARE_VERBOSE": "1"}).stderr
    assert "sampler.weight" not in shown


def test_settable_flags_can_all_be_undone():
    flags = [option for option in OPTIONS.values() if option.kind == "flag"]
    assert all(bool(option.undo) == option.settable for option in flags)


def test_settings_have_no_name_of_a_command():
    assert not set(OPTIONS) & set(COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "environ", "file", "rate"),
    [
        ((), {}, "", "1000"),
        ((), {}, "rate = 50", "50"),
        ((), {"TARE_RATE": "60"}, "rate = 50", "60"),
        (("--rate", "70"), {"TARE_RATE": "60"}, "rate = 50", "70"),
        (("--rate=80",), {}, "rate = 50", "80"),
    ],
)
def test_rate_that_reaches_the_sampler(tare, folder, arguments, environ, file, rate):
    (folder / "pyproject.toml").write_text(f"[tool.tare]\n{file}\n")
    log = folder / "log"
    done = tare("run", *arguments, "-c", "pass", env={"FAKE_LOG": str(log), **environ})
    assert done.returncode == 0, done.stderr
    words = log.read_text().split("\n")
    assert words[words.index("--rate") + 1] == rate
