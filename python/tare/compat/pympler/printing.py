"""The statistics that asizeof prints: a summary, the largest objects, objects by type."""

from __future__ import annotations

import bisect
import sys
from typing import Any, NamedTuple

from tare.compat.pympler.referents import basicsize, itemsize, leng, own_length
from tare.compat.pympler.wording import both_units, clipped, or_larger_unit, percent, plain, plural
from tare.compat.pympler.wording import words

MOST_RANKED = 100
POINTER_BYTES = 8


class _Rank(NamedTuple):
    """One of the largest objects. No reference to it is kept beyond the measurement."""

    size: int
    address: int
    text: str  # its type, itself and its length
    depth: int
    parent: int  # an address; 0 for what was given


class _Profile:
    """Of a type: of each object alone."""

    __slots__ = ("basic", "count", "item", "largest", "length", "size", "text")

    def __init__(self) -> None:
        self.count = self.size = self.largest = self.basic = self.item = 0
        self.text = ""
        self.length: int | None = None

    @property
    def order(self) -> tuple[int, int]:
        return self.size, self.count


class Printer:
    """What an Asizer prints."""

    _options: dict[str, Any]
    total: Any
    sized: Any
    seen: Any
    missed: Any
    duplicate: Any
    excluded: Any
    excluded_count: Any
    above: Any
    align: Any
    clip: Any
    code: Any
    cutoff: Any
    stats: Any
    stream: Any

    def forget_statistics(self) -> None:
        self._ranks: list[_Rank] = []  # the largest last
        self._ranked = 0
        self._depth = 0
        self._profiles: dict[str, _Profile] = {}

    @property
    def ranked(self) -> int:
        """How many objects are larger than the option above."""
        return self._ranked

    # ---- while it measures ----

    def rank(self, obj: Any, size: int, depth: int, parent: int) -> None:
        """One that is larger than the option above, with what it refers to."""
        self._ranked += 1
        if len(self._ranks) == MOST_RANKED and size <= self._ranks[0].size:
            return
        text = f"{plain(type(obj))}: {clipped(obj, self.clip)}{_length_text(obj)}"
        bisect.insort(self._ranks, _Rank(size, id(obj), text, depth, parent), key=lambda r: r.size)
        del self._ranks[:-MOST_RANKED]

    def profile(self, obj: Any, size: int, depth: int) -> None:
        """Each object that is measured, alone."""
        self._depth = max(self._depth, depth)
        if self.stats < 2:
            return
        profile = self._profiles.setdefault(plain(type(obj)), _Profile())
        profile.count += 1
        profile.size += size
        if profile.largest < size or not profile.text:
            profile.largest = size
            profile.text = f"{clipped(obj, self.clip)}{_length_text(obj)}"
            profile.basic, profile.item = basicsize(obj), itemsize(obj)
            profile.length = leng(obj)

    # ---- in the end ----

    def print_stats(
        self,
        objs: Any = (),
        opts: dict[str, Any] | None = None,
        sized: Any = (),
        sizes: Any = (),
        stats: float = 3,
        **print3options: Any,
    ) -> None:
        """A head, and as much as the option stats wants.

        objs, opts, sized, sizes  what the head shows: the objects, the options that were given, and
                                  what asized or asizesof has returned
        print3options             file, end and flush, as print has them
        """
        opts = opts or {}
        stats = min(opts.get("stats", stats) or 0, self.stats)
        if stats <= 0:
            return
        width = len(str(self.missed + self.seen + self.total)) + 1
        self._print_head(width, objs, opts, sized, sizes, print3options)
        self.print_summary(w=width, objs=objs, **print3options)
        self.print_largest(w=width, **print3options)
        if stats > 1:
            self.print_profiles(w=width, **print3options)
        if stats > 2:
            self.print_typedefs(w=width, **print3options)

    def _print_head(
        self, width: int, objs: Any, opts: dict[str, Any], sized: Any, sizes: Any, to: Any
    ) -> None:
        text = words(opts)
        comma = ", " if text and objs else ""
        if sized and objs and len(objs) > 1:
            self._print(f"\nasized(...{comma}{text}) ...", to)
            for number, one in enumerate(sized):
                self._print(f"{number:{width - 1}d}: {one}", to)
        elif sized and objs:
            self._print(f"\nasized({text}): {sized}", to)
        elif sizes and objs:
            self._print(f"\nasizesof(...{comma}{text}) ...", to)
            for size, one in zip(sizes, objs, strict=True):
                self._print(
                    f"{size:{width}d} bytes{or_larger_unit(size)}{self._code_text}:  "
                    f"{clipped(one, self.clip)}",
                    to,
                )
        else:
            shown = clipped(objs, self.clip) if objs else ""
            self._print(f"\nasizeof({shown}{comma}{text}) ...", to)

    def print_summary(self, w: int = 0, objs: Any = (), **print3options: Any) -> None:
        """Bytes, and how many objects were met on the way."""
        given = len(objs or ())
        self._print(
            f"{self.total:{w}d} bytes{or_larger_unit(self.total)}{self._code_text}", print3options
        )
        if self.align > 1:
            self._print(f"{self.align:{w}d} byte aligned", print3options)
        self._print(f"{POINTER_BYTES:{w}d} byte sizeof(void*)", print3options)
        counts = [(given, "given"), (self.sized, "sized")]
        if self.excluded:
            counts.append((self.excluded_count, "excluded"))
        counts.append((self.seen, "seen"))
        if self.ranked:
            counts.append((self.ranked, "ranked"))
        counts.append((self.missed, "missed"))
        for count, what in counts:
            self._print(f"{count:{w}d} object{plural(count)} {what}", print3options)
        self._print(f"{self.duplicate:{w}d} duplicate{plural(self.duplicate)}", print3options)
        if self._depth > 0:
            self._print(f"{self._depth:{w}d} deepest recursion", print3options)

    def print_largest(self, w: int = 0, cutoff: int = 0, **print3options: Any) -> None:
        """The largest objects, with what they refer to; cutoff: so many."""
        shown = self._ranks[::-1][: int(cutoff) or self.cutoff]
        if not shown or self.above <= 0:
            return
        self._print(
            f"\n{len(shown):{w}d} largest object{plural(len(shown))} (of {self.ranked} over "
            f"{self.above} bytes{or_larger_unit(self.above)})",
            print3options,
        )
        places = {rank.address: place for place, rank in enumerate(self._ranks[::-1])}
        for rank in shown:
            place = f", ix {places.get(rank.address, '?')}"
            depth = f" (at {rank.depth})" if rank.depth else ""
            parent = f", pix {places.get(rank.parent, '?')}" if rank.parent else ""
            self._print(
                f"{rank.size:{w}d} bytes{or_larger_unit(rank.size)}: {rank.text}{place}{depth}"
                f"{parent}",
                print3options,
            )

    def print_profiles(self, w: int = 0, cutoff: int = 0, **print3options: Any) -> None:
        """Objects by type; cutoff: types below so many per cent are summed up."""
        profiles = sorted(self._profiles.items(), key=lambda item: item[1].order, reverse=True)
        if not profiles:
            return
        cutoff = int(cutoff) or self.cutoff
        share = " (% of grand total)" if self.total else ""
        self._print(
            f"\n{len(profiles):{w}d} profile{plural(len(profiles))}:  total{share}, average, and "
            f"largest flat size{self._code_text}:  largest object",
            print3options,
        )
        for left, (name, profile) in zip(range(len(profiles) - 1, -1, -1), profiles, strict=True):
            self._print(self._profile_text(w, name, profile), print3options)
            if left > 1 and profile.size < cutoff * self.total // 100:
                self._print(f"{left:+{w}d} profiles below cutoff ({cutoff:.0f}%)", print3options)
                break

    def _profile_text(self, w: int, name: str, profile: _Profile) -> str:
        share = f" ({percent(profile.size, self.total)})" if self.total else ""
        return (
            f"{profile.count:{w}d} {name} object{plural(profile.count)}:  "
            f"{both_units(profile.size)}{share}, {both_units(profile.size // profile.count)}, "
            f"{both_units(profile.largest)}:  {profile.text}"
        )

    def print_typedefs(self, w: int = 0, **print3options: Any) -> None:
        """The types that were met."""
        if not self._profiles:
            return
        count = len(self._profiles)
        self._print(
            f"\n{count:{w}d} dynamic type{plural(count)}:  basicsize, itemsize, _len_(), _refs()",
            print3options,
        )
        for name, profile in sorted(self._profiles.items()):
            length = "n/a" if profile.length is None else "leng"
            self._print(
                f"{'':{w}s} {name}:  {profile.basic}, {profile.item}, {length}, parts",
                print3options,
            )

    @property
    def _code_text(self) -> str:
        return " (incl. code)" if self.code else ""

    def _print(self, text: str, print3options: dict[str, Any]) -> None:
        to = {"file": self.stream or sys.stdout, **print3options}
        print(text, **to)


def _length_text(obj: Any) -> str:
    room = leng(obj)
    if room is None:
        return ""
    return f" leng {room}{'!' if room > (own_length(obj) or 0) else ''}"
