"""The experiments as one HTML page, which loads nothing and needs no script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from tare.lab.model import Chart, Finding, Picture, Result, Steps, Table, Value, Variant
from tare.lab.running import Session
from tare.render.lab import shown, where
from tare.render.lab_charts import svg
from tare.text import printable

STYLE = """
:root { color-scheme: light dark; --back: #fff; --text: #1d2126; --dim: #5b636d; --line: #d8dce1;
  --code: #f4f5f7; --learn: #eaf2fd; --mark: #1b63b8; --c0: #1b63b8; --c1: #c2410c; --c2: #15803d;
  --c3: #7e22ce; --good: #15703a; --bad: #b3261e; --open: #8a5a00 }
@media (prefers-color-scheme: dark) { :root { --back: #15171a; --text: #dfe3e8; --dim: #98a1ac;
  --line: #33383f; --code: #1e2126; --learn: #16263a; --mark: #7ab4f5; --c0: #6ea8fe; --c1: #fb8c4a;
  --c2: #5cc98a; --c3: #c08bf5; --good: #6fd198; --bad: #ff8a80; --open: #e6b450 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 860px; padding: 24px 16px 64px; background: var(--back);
  color: var(--text); font: 16px/1.55 system-ui, sans-serif; overflow-wrap: break-word }
h1 { font-size: 1.6em; margin: 0 0 .2em } h2 { font-size: 1.25em; margin: 0 0 .3em }
section { border-top: 1px solid var(--line); margin-top: 36px; padding-top: 24px }
a { color: var(--mark) } nav ul { columns: 2 220px; padding-left: 1.2em; margin: .6em 0 }
.dim { color: var(--dim); font-size: .9em } .expect { color: var(--dim); font-style: italic }
pre { background: var(--code); border-radius: 6px; padding: 10px 12px; margin: 0;
  white-space: pre-wrap; font: 13px/1.5 ui-monospace, monospace }
.codes { display: flex; flex-wrap: wrap; gap: 12px; margin: 12px 0 }
.codes figure { margin: 0; flex: 1 1 300px; min-width: 0 }
figcaption { color: var(--dim); font-size: .85em; margin-bottom: 3px }
.scroll { overflow-x: auto; margin: 12px 0 }
table { border-collapse: collapse; font-size: .92em; font-variant-numeric: tabular-nums }
th, td { padding: 4px 16px 4px 0; text-align: right; white-space: nowrap;
  border-bottom: 1px solid var(--line) }
th { color: var(--dim); font-weight: 500 } .left { text-align: left }
.faster { color: var(--good) } .slower { color: var(--bad) } .cannot { color: var(--open) }
.pictures { display: flex; flex-wrap: wrap; gap: 20px; margin: 16px 0 }
.pictures figure { margin: 0; flex: 1 1 320px; max-width: 560px; min-width: 0 }
.pictures svg { width: 100%; height: auto; display: block }
.chart { font: 12px system-ui, sans-serif; fill: var(--dim) }
.chart .grid { stroke: var(--line); stroke-width: .7 } .chart .axis { stroke: var(--dim) }
.chart .line { fill: none; stroke-width: 2 } .chart .bound { stroke-width: 1.5 }
.chart .line.c0, .chart .bound.c0 { stroke: var(--c0) } .chart .point.c0 { fill: var(--c0) }
.chart .line.c1, .chart .bound.c1 { stroke: var(--c1) } .chart .point.c1 { fill: var(--c1) }
.chart .line.c2, .chart .bound.c2 { stroke: var(--c2) } .chart .point.c2 { fill: var(--c2) }
.chart .line.c3, .chart .bound.c3 { stroke: var(--c3) } .chart .point.c3 { fill: var(--c3) }
.chart .bar.c0 { fill: var(--c0) } .chart .bar.c1 { fill: var(--c1) }
.chart .bar.c2 { fill: var(--c2) } .chart .bar.c3 { fill: var(--c3) }
.chart .plain { stroke: var(--text) }
.learn { background: var(--learn); border-left: 4px solid var(--mark); border-radius: 0 6px 6px 0;
  padding: 10px 14px; margin: 14px 0 8px }
.learn p { margin: .25em 0 }
@media print { section { break-inside: avoid } }
"""


def page(session: Session) -> str:
    results = session.results
    links = "".join(
        f'<li><a href="#{escape(one.experiment.name)}">{escape(one.experiment.title)}</a></li>'
        for one in results
    )
    sections = "\n".join(section(one) for one in results)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Tare lab</title><style>{STYLE}</style></head>\n<body>\n"
        "<h1>Measure, don't guess</h1>\n"
        "<p>What makes Python programs fast and slow, tried out on one machine. Answer each "
        "question for yourself before you read on.</p>\n"
        f'<p class="dim">{escape(where(session))}</p>\n'
        f"<nav><ul>{links}</ul></nav>\n{sections}\n</body>\n</html>\n"
    )


def section(result: Result) -> str:
    experiment, finding = result.experiment, result.finding
    parts = [
        f'<section id="{escape(experiment.name)}">',
        f"<h2>{escape(experiment.title)}</h2>",
        f"<p>{escape(experiment.question)}</p>",
        f'<p class="expect">What do you expect? {escape(experiment.expect)}</p>',
        codes(experiment.code),
    ]
    if finding is None:
        parts.append(f'<p class="slower">Not measured: {escape(printable(result.trouble))}</p>')
    else:
        parts += found(finding)
    return "\n".join([*parts, "</section>"])


def found(finding: Finding) -> Iterator[str]:
    yield from (table(one) for one in finding.tables)
    if finding.pictures:
        figures = "\n".join(figure(picture) for picture in finding.pictures)
        yield f'<div class="pictures">{figures}</div>'
    lessons = "".join(f"<p>{escape(printable(lesson))}</p>" for lesson in finding.lessons)
    yield f'<div class="learn">{lessons}</div>'
    beside = [f"Right first: {words}." for words in finding.agreed] + finding.notes
    yield from (f'<p class="dim">{escape(printable(words))}</p>' for words in beside)


def codes(variants: Sequence[Variant]) -> str:
    figures = "".join(
        f"<figure><figcaption>{escape(one.label)}</figcaption>"
        f"<pre>{escape(one.code.rstrip())}</pre></figure>"
        for one in variants
    )
    return f'<div class="codes">{figures}</div>'


def table(given: Table) -> str:
    sides = [is_left(index, given) for index in range(len(given.heads))]
    heads = "".join(
        f"<th{side}>{escape(printable(head))}</th>"
        for head, side in zip(given.heads, sides, strict=True)
    )
    rows = "".join(
        f"<tr>{''.join(map(cell, row, sides))}</tr>" for row in given.rows
    )
    return f'<div class="scroll"><table><tr>{heads}</tr>{rows}</table></div>'


def is_left(index: int, given: Table) -> str:
    text = all(isinstance(row[index].value, str) or row[index].unit == "x" for row in given.rows)
    return ' class="left"' if text else ""


def cell(value: Value, side: str) -> str:
    words = escape(printable(shown(value)))
    if not value.verdict:
        return f"<td{side}>{words}</td>"
    return f'<td class="left {value.verdict.split()[0]}">{words}</td>'


def figure(picture: Picture) -> str:
    return f"<figure><figcaption>{escape(title_of(picture))}</figcaption>{svg(picture)}</figure>"


def title_of(picture: Picture) -> str:
    if isinstance(picture, Steps):
        return f"{picture.growth.n:,} items, one by one: the size of the {picture.growth.name}"
    if isinstance(picture, Chart):
        return f"{picture.title} (both axes logarithmic, 95% intervals)"
    return f"{picture.title} (95% intervals)"
