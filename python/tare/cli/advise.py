"""tare advise: what to change where a program spends its time, and what that gains."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
import tempfile
from typing import NamedTuple

from tare.cli.failure import OK, Failure
from tare.cli.parser import make_parser, say
from tare.cli.target import find_python, find_python_command, split_arguments
from tare.text import display_path, is_library

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare._profile import Profile
    from tare.advising.model import Advice
    from tare.advising.scaling import Scaling
    from tare.advising.subject import Subject
    from tare.advising.trying import Trials

NAMES = (
    "try_out",
    "grown_sizes",
    "rules",
    "silent",
    "under",
    "size",
    "call_args",
    "setup",
    "trial_seconds",
    "patch_to",
    "replace",
    "rate",
    "python",
    "json",
    "sarif",
    "color",
    "quiet",
    "verbose",
)
DESCRIPTION = """\
Finds what is known to be slow in the lines where a program spends its time,
measures on this interpreter whether the better way pays at the sizes the
program has, and says what the whole program gains. What does not pay is not
said. With --try each change is made in a copy, which must print the same and
be faster. With --scale it runs at n, 2n and 4n, to find what grows faster.

FILE is a profile of tare run, trace or lines. TARGET is a script, -m MODULE,
-c CODE or -- python ..., and is measured first; or a function, FILE:FUNCTION
or MODULE:FUNCTION, which is called with --args."""


MUCH_INSTALLED = 0.2  # of the time


class Found(NamedTuple):
    """All that one call of the command found out."""

    label: str
    python: str
    subject: Subject | None
    advice: list[Advice]
    notes: tuple[str, ...] = ()
    trials: Trials | None = None


def run(arguments: list[str]) -> int:
    own, target = split_arguments(arguments, NAMES)
    if len(target) > 1 and has_no_arguments(target[0]):
        own, target = [*own, *target[1:]], target[:1]
    parser = make_parser("advise", "[OPTION...] FILE|TARGET", DESCRIPTION, NAMES)
    options = parser.parse_args(own)
    refuse_what_does_not_go_together(options)
    if options.rules:
        return print_rules(options, target)
    if options.patch_to is not None:
        from tare.cli.failure import check_writable

        check_writable(options.patch_to, options.replace)
    with tempfile.TemporaryDirectory(prefix="tare-advise-") as folder:
        # An interpreter says where it is by the folder's real name.
        return advise_target(options, target, os.path.realpath(folder))


def refuse_what_does_not_go_together(options: argparse.Namespace) -> None:
    if options.json and options.sarif:
        raise Failure("advise: --json and --sarif are different forms; choose one")
    if options.grown_sizes and (options.try_out or options.sarif):
        other = "--try" if options.try_out else "--sarif"
        raise Failure(f"advise: --scale and {other} are different questions; ask one at a time")
    if options.patch_to is not None and not options.try_out:
        raise Failure("advise: --patch writes the changes that --try confirmed; add --try")


def has_no_arguments(word: str) -> bool:
    """A profile or a function: what follows it are options of Tare's."""
    from tare.advising.subject import parse_function

    return is_profile([word]) or parse_function(word, os.getcwd()) is not None


def is_profile(target: list[str]) -> bool:
    return target[0].endswith(".tare") and os.path.isfile(target[0])


def advise_target(options: argparse.Namespace, target: list[str], folder: str) -> int:
    if options.grown_sizes:
        return print_scaling(options, scale(options, target, folder))
    if target and is_profile(target):
        found = from_profile(options, target[0])
    else:
        found = from_measurement(options, make_subject(options, target), folder)
    if options.try_out:
        found = found._replace(trials=try_out(options, found, folder))
    if options.patch_to is not None:
        write_patch(options, found)
    return print_advice(options, found)


def make_subject(options: argparse.Namespace, target: list[str]) -> Subject:
    from tare.advising.subject import function_subject, parse_command, parse_function

    cwd = os.getcwd()
    function = parse_function(target[0], cwd) if len(target) == 1 else None
    if function is not None:
        python = find_python(options.python, os.environ)
        setup = "\n".join(options.setup or ())
        return function_subject(python, function, options.call_args, setup, cwd)
    if target == ["-"]:
        raise Failure("advise -: standard input can be read once; give a file")
    command = find_python_command(target, options.python, os.environ)
    try:
        return parse_command(command, cwd)
    except ValueError as error:
        raise Failure(f"advise {shlex.join(command)}: {error}; give a file") from None


def from_profile(options: argparse.Namespace, path: str) -> Found:
    from tare.advising.subject import parse_command
    from tare.cli.loading import load_or_fail

    profile, _ = load_or_fail(path)
    meta = profile.meta
    command = shlex.split(meta.get("target.command", ""))
    python = find_python(options.python or interpreter_of(command), os.environ)
    subject = None
    if command:
        try:
            subject = parse_command([python, *command[1:]], meta.get("target.cwd") or os.getcwd())
        except ValueError:  # it can be advised on and not be tried
            subject = None
    return advised(options, path, python, subject, [profile])


def advised(
    options: argparse.Namespace,
    label: str,
    python: str,
    subject: Subject | None,
    profiles: list[Profile],
) -> Found:
    from tare.advising.finding import advise, unread_files

    paths = checked_paths(options)
    say(options, "timing what could be better, on this interpreter")
    advice = advise(profiles, python, options.size, paths)
    if subject is not None and subject.is_function:
        from tare.advising.profiling import of_the_calls

        advice = of_the_calls(advice, profiles[0])
    notes = [
        f"{display_path(file, os.getcwd())} was not looked at: {why}"
        for file, why in unread_files(profiles, paths)
    ]
    if paths is None:
        notes += installed_notes(profiles)
    return Found(label, python, subject, advice, tuple(notes))


def checked_paths(options: argparse.Namespace) -> list[str] | None:
    for path in options.under or ():
        if not os.path.exists(path):
            raise Failure(f"advise --under {path}: no such file or folder")
    return [os.path.abspath(path) for path in options.under] if options.under else None


def installed_notes(profiles: list[Profile]) -> list[str]:
    """What has much of the time and is not the user's own."""
    from tare.advising.finding import Profiles
    from tare.render.units import percent

    shares: dict[str, float] = {}
    for file, share in Profiles(profiles).files().items():
        if is_library(file) and "-packages/" in file:
            root, _, rest = file.rpartition("-packages/")
            package = f"{root}-packages/{rest.partition('/')[0]}"
            shares[package] = shares.get(package, 0.0) + share
    return [
        f"{percent(share)} of the time is in an installed package; to look there too: "
        f"--under {shlex.quote(package)}"
        for package, share in sorted(shares.items(), key=lambda item: -item[1])
        if share >= MUCH_INSTALLED
    ]


def interpreter_of(command: list[str]) -> str | None:
    """That of a command line, if it begins with one and that is still there."""
    name = os.path.basename(command[0]) if command else ""
    is_python = name.startswith(("python", "pypy"))
    return command[0] if is_python and shutil.which(command[0]) else None


def from_measurement(options: argparse.Namespace, subject: Subject, folder: str) -> Found:
    """Sampled first; where there are patterns, the lines are counted for the sizes they have."""
    from tare.advising.finding import hot_matches
    from tare.advising.profiling import count_lines, sample, sample_calls
    from tare.cli.loading import load_or_fail
    from tare.comparing.driving import words_of_ending

    say(options, f"measuring {subject.label()}")
    sampled = os.path.join(folder, "sampled.tare")
    again, ending = subject, ""
    if subject.is_function:
        again = sample_calls(subject, sampled, options.rate)
    else:
        stdout = sys.stderr if wants_document(options) else None
        code = sample(subject, sampled, options.rate, stdout)
        if code != 0:
            ending = f"The program {words_of_ending(code)}: what it did until then was measured."
    profiles = [load_or_fail(sampled)[0]]
    matches = hot_matches(profiles, checked_paths(options))
    places = [(match.file, match.line) for match in matches]
    counted = os.path.join(folder, "counted.tare")
    if places and options.size is None:
        say(options, "counting lines, for the sizes that they work on")
        if count_lines(again, counted, places):
            profiles.append(load_or_fail(counted)[0])
    found = advised(options, subject.label(), subject.python, subject, profiles)
    return found._replace(notes=(ending, *found.notes)) if ending else found


def wants_document(options: argparse.Namespace) -> bool:
    return bool(options.json or options.sarif)


def try_out(options: argparse.Namespace, found: Found, folder: str) -> Trials:
    from tare.advising.trying import try_all

    if found.subject is None:
        raise Failure(f"try {found.label}: the profile does not say what was run; give the target")
    worth = [advice for advice in found.advice if not advice.silent]
    return try_all(
        found.subject,
        worth,
        folder,
        os.environ,
        options.trial_seconds,
        lambda words: say(options, f"trying {words}"),
    )


def write_patch(options: argparse.Namespace, found: Found) -> None:
    from tare.advising.trying import confirmed_patch
    from tare.cli.writing import write

    patch = confirmed_patch(found.trials) if found.trials else ""
    if not patch:
        say(options, f"no change was confirmed: {options.patch_to} is not written")
        return
    write(options.patch_to, patch.encode("utf-8", "surrogateescape"), options.replace)
    say(options, f"wrote {options.patch_to}: apply it with patch -p0 -i {options.patch_to}")


def scale(options: argparse.Namespace, target: list[str], folder: str) -> Scaling:
    from tare.advising.scaling import scale as scale_subject

    if target and is_profile(target):
        raise Failure(f"scale {target[0]}: a profile has one size; give the target")
    subject = make_subject(options, target)
    return scale_subject(
        subject,
        options.grown_sizes,
        folder,
        os.environ,
        options.rate,
        lambda words: say(options, f"measuring {words}"),
    )


def print_scaling(options: argparse.Namespace, found: Scaling) -> int:
    if options.json:
        from tare.render.advise_document import scaling_document
        from tare.render.document import encode

        print(encode(scaling_document(found)))
        return OK
    from tare.render.advise_scaling import page
    from tare.render.layout import show
    from tare.render.terminal import Screen

    screen = Screen(sys.stdout, options.color)
    show(screen, page(screen, found))
    return OK


def print_rules(options: argparse.Namespace, target: list[str]) -> int:
    if target:
        raise Failure(f"advise --list {target[0]}: the list is of all rules; leave one of them out")
    from tare.advising.catalogue import RULES

    if options.json:
        from tare.render.advise_document import rules_document
        from tare.render.document import encode

        print(encode(rules_document(RULES)))
        return OK
    from tare.render.advise_text import rules_page
    from tare.render.layout import show
    from tare.render.terminal import Screen

    screen = Screen(sys.stdout, options.color)
    show(screen, rules_page(screen, RULES, options.verbose))
    return OK


def print_advice(options: argparse.Namespace, found: Found) -> int:
    if wants_document(options):
        from tare.render.document import encode

        print(encode(document(options, found)))
        return OK
    from tare.render.advise_text import page
    from tare.render.layout import show
    from tare.render.terminal import Screen

    screen = Screen(sys.stdout, options.color)
    show(screen, page(screen, found, everything=options.silent, verbose=options.verbose))
    return OK


def document(options: argparse.Namespace, found: Found) -> dict[str, object]:
    if options.sarif:
        from tare.render.advise_sarif import sarif_document

        return sarif_document(found.advice, found.trials, os.getcwd())
    from tare.render.advise_document import advice_document

    return advice_document(found, everything=options.silent)
