"""tare compare with what was measured before: --save, --baseline, --history, --in."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import sys
import time
from collections.abc import Sequence
from typing import Any

from tare.cli.failure import OK, Failure
from tare.cli.parser import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tare.comparing.gaining import Gain, Share
    from tare.comparing.many import Pair
    from tare.comparing.result import Comparison
    from tare.comparing.sides import Side
    from tare.comparing.store import Measurement, Saved, Store

PICTURES = (".html", ".svg")


def store_of(options: argparse.Namespace) -> Store:
    from tare.comparing.store import Store

    return Store(options.store)


def refuse_what_does_not_go_together(options: argparse.Namespace) -> None:
    if options.of_function is not None and options.in_profile is None:
        raise Failure("compare: --of names a function of a profile; add --in FILE.tare")
    if options.history_to is not None and not options.history:
        raise Failure("compare: -o is for the picture of a history; add --history NAME")
    if options.history and (options.save or options.baseline):
        raise Failure("compare: --history measures nothing; leave --save and --baseline out")
    if options.save is not None:
        from tare.comparing.store import check_name

        check_name(options.save)  # before minutes are spent


def show_history(options: argparse.Namespace) -> int:
    """--history [NAME]: the names there are, or the one's series."""
    from tare.comparing.history import HISTORY_SCHEMA, series_of, series_part

    names = [*options.sides]
    if len(names) > 1 or options.code:
        raise Failure("compare: --history takes one name; without any it lists them")
    store = store_of(options)
    if not names:
        return list_names(options, store)
    all_series = series_of(names[0], store.load_or_suggest(names[0]))
    if options.history_to is not None:
        write_picture(options, all_series)
    elif options.json:
        from tare.render.document import encode

        series = [series_part(one) for one in all_series]
        print(encode({"schema": HISTORY_SCHEMA, "store": store.path, "series": series}))
    else:
        from tare.render.history import page
        from tare.render.layout import show
        from tare.render.terminal import Screen

        screen = Screen(sys.stdout, options.color)
        show(screen, page(screen, all_series))
    return OK


def list_names(options: argparse.Namespace, store: Store) -> int:
    from tare.comparing.history import HISTORY_SCHEMA

    if options.history_to is not None:
        raise Failure("compare: -o draws one history; name it after --history")
    names = store.names()
    if options.json:
        from tare.render.document import encode

        rows = [one._asdict() for one in names]
        print(encode({"schema": HISTORY_SCHEMA, "store": store.path, "names": rows}))
        return OK
    from tare.render.history import names_page
    from tare.render.layout import show
    from tare.render.terminal import Screen

    screen = Screen(sys.stdout, options.color)
    show(screen, names_page(screen, names, store.path))
    return OK


def write_picture(options: argparse.Namespace, all_series: list[Any]) -> None:
    from tare.cli.writing import write
    from tare.render.history_page import page, picture

    path = options.history_to
    if path != "-" and not path.endswith(PICTURES):
        raise Failure(f"write {path}: give a name that ends with {' or '.join(PICTURES)}")
    text = picture(all_series[0]) if path.endswith(".svg") else page(all_series)
    write(path, text.encode("utf-8", "backslashreplace"), options.overwrite)
    if path != "-":
        say(options, f"wrote {path}")


def find_baseline(options: argparse.Namespace) -> Saved | None:
    return store_of(options).baseline(options.baseline) if options.baseline is not None else None


def pair_with(saved: Saved, side: Side, stack: contextlib.ExitStack) -> tuple[Pair, bool]:
    """The side beside the commit that was saved, laid out; or beside itself, where that commit is
    not to be had and the saved times have to do. Whether they have."""
    from tare.comparing.baseline import has_commit, in_tree
    from tare.comparing.many import Pair, lay_out
    from tare.comparing.revisions import checked_out
    from tare.comparing.sides import REVISION

    now = lay_out(side, stack)
    if not has_commit(saved):
        return Pair(now, now), True
    name = f"{saved.name} ({saved.b.commit[:7]})"
    if side.kind == REVISION:
        return Pair(lay_out(side._replace(name=name, revision=saved.b.commit), stack), now), False
    tree = stack.enter_context(checked_out(saved.b.commit))
    return Pair(in_tree(now, tree, name), now), False


def find_shares(options: argparse.Namespace, pairs: Sequence[Pair]) -> list[Share]:
    """Of the function that each pair is about, in the profile of --in: before minutes are spent."""
    if options.in_profile is None:
        return []
    from tare.comparing.gaining import find_share

    found = []
    for pair in pairs:
        function = options.of_function or pair.a.function
        if not function:
            raise Failure(
                f"compare: which function of {options.in_profile} is {pair.a.name}? "
                "say it with --of FUNCTION"
            )
        file = None if options.of_function else pair.a.file
        found.append(find_share(options.in_profile, function, file))
    return found


def gains_of(shares: Sequence[Share], comparisons: Sequence[Comparison]) -> list[Gain]:
    """What each comparison means for the program; nothing where nothing was timed."""
    return [
        share.gain(comparison.ratio)
        for share, comparison in zip(shares, comparisons, strict=False)
        if comparison.ratio is not None
    ]


def save(options: argparse.Namespace, pairs: Sequence[Pair],
         comparisons: Sequence[Comparison]) -> None:  # fmt: skip
    """Under the name of --save, and that of each comparison where there are several."""
    if options.save is None:
        return
    store, saved = store_of(options), []
    for pair, comparison in zip(pairs, comparisons, strict=True):
        name = options.save
        if len(comparisons) > 1:
            name = f"{options.save}: {comparison.name}"[:200]
        if not comparison.processes:
            say(options, f"not saved as {name}: {comparison.verdict}, so nothing was timed")
            continue
        sides = measurements(pair, comparison)
        store.save(name, time.time_ns(), sides, short_document(comparison))
        saved.append(name)
    if saved:
        name = shlex.quote(saved[0])
        say(options, f"saved as {saved[0]}; tare compare --history {name} shows it")


def measurements(pair: Pair, comparison: Comparison) -> list[Measurement]:
    from tare.comparing.machine import identity
    from tare.comparing.store import Measurement

    about, found = identity(), comparison.machine
    spins = [found.spin_before_ns, found.spin_after_ns] if found is not None else [0]
    sides = []
    for which, side in (("a", pair.a), ("b", pair.b)):
        commit, dirty, pinned = commit_of(side)
        called = getattr(comparison, which)
        memory = getattr(comparison.memory, which, None)
        sides.append(
            Measurement(
                which,
                called.name,
                commit,
                dirty,
                pinned,
                str(about["id"]),
                f"{about['processor']}, {about['processors']} processors",
                called.interpreter,
                comparison.clock,
                min(spins),
                tuple(getattr(process, f"{which}_ns") for process in comparison.processes),
                None if memory is None else round(memory.value),
            )
        )
    return sides


def commit_of(side: Side) -> tuple[str, bool, bool]:
    """(commit, dirty, pinned) of what a side ran."""
    from tare.comparing.revisions import WORKING_TREE, here

    if side.revision and side.name != WORKING_TREE:
        return side.revision, False, True
    return (*here(os.path.dirname(side.file) if side.file else side.cwd), False)


def short_document(comparison: Comparison) -> dict[str, Any]:
    """Without the single blocks, which are most of it."""
    document = comparison.to_dict()
    for process in document["processes"]:
        del process["blocks"]
    return document
