"""Real packages at work, one for each call: python advised.py PACKAGE SIZE.

Each does what people use the package for, on texts, graphs and numbers made here, and prints what
came of it in a few lines, so that a change of its result shows. Nothing depends on chance.
"""

import hashlib
import random
import sys

WORDS = ("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
         "sigma tau upsilon phi chi psi omega").split()


def sentences(count, seed=1):
    chance = random.Random(seed)
    return [" ".join(chance.choices(WORDS, k=chance.randint(4, 14))).capitalize() + "."
            for _ in range(count)]


def marked_up(size):
    """A text in Markdown."""
    lines = []
    for number, sentence in enumerate(sentences(size * 6)):
        kind = number % 6
        if kind == 0:
            lines += ["", f"## {sentence}", ""]
        elif kind == 1:
            lines += [f"*{sentence}* and **{sentence}** with `code {number}`.", ""]
        elif kind == 2:
            lines += [f"- {word}" for word in sentence.split()] + [""]
        elif kind == 3:
            lines += [f"[{sentence}](http://example.org/{number}) &amp; more", ""]
        elif kind == 4:
            lines += ["    indented = code", f"    value = {number}", ""]
        else:
            lines += [f"> {sentence}", ""]
    return "\n".join(lines)


def source_code(size):
    return "\n".join(
        f"def work_{number}(a, b={number}):\n"
        f"    '''{sentence}'''\n"
        f"    return [x * {number} for x in a if x > b]  # {sentence}\n"
        for number, sentence in enumerate(sentences(size)))


def run_markdown(size):
    import markdown

    yield markdown.markdown(marked_up(size), extensions=["tables", "toc", "fenced_code"])


def run_mistune(size):
    import mistune

    yield mistune.html(marked_up(size))


def run_docutils(size):
    from docutils.core import publish_string

    parts = []
    for number, sentence in enumerate(sentences(size)):
        title = f"Part {number}"
        parts += [title, "=" * len(title), "", f"*{sentence}* and ``code``, **bold**.", "",
                  *(f"- {word}" for word in sentence.split()), "",
                  ":field: " + sentence, "", "::", "", f"    literal {number}", ""]
    yield publish_string("\n".join(parts), writer="html",
                         settings_overrides={"report_level": 5}).decode()


def run_jinja2(size):
    import jinja2

    text = """{% macro cell(x) %}<td>{{ x|upper|e }}</td>{% endmacro %}
    <h1>{{ title }}</h1><table>{% for row in rows %}
    <tr class="{{ loop.cycle('odd', 'even') }}">{% for x in row if x != 'mu' %}{{ cell(x) }}
    {% else %}-{% endfor %}</tr>{% endfor %}</table>"""
    rows = [sentence.split() for sentence in sentences(size)]
    yield jinja2.Environment().from_string(text).render(title="Title", rows=rows)
    many = "\n".join(text.replace("cell", f"cell{number}") for number in range(size // 40 + 1))
    yield str(len(jinja2.Environment().compile(many, raw=True)))


def run_pyparsing(size):
    import pyparsing as pp

    number = pp.Word(pp.nums).set_parse_action(lambda found: int(found[0]))
    name = pp.Word(pp.alphas)
    expression = pp.infix_notation(number | name, [
        (pp.one_of("* /"), 2, pp.OpAssoc.LEFT), (pp.one_of("+ -"), 2, pp.OpAssoc.LEFT)])
    chance = random.Random(2)
    for _ in range(size):
        text = " ".join(f"{chance.randint(1, 99)} {chance.choice('+-*/')} ( a + {n} ) -"
                        for n in range(4)) + " b"
        yield str(expression.parse_string(text, parse_all=True).as_list())


def run_networkx(size):
    import networkx as nx

    graph = nx.gnm_random_graph(size, size * 3, seed=3)
    yield str(sorted(nx.betweenness_centrality(graph).items(), key=lambda item: -item[1])[:5])
    yield str(sorted(map(len, nx.connected_components(graph)))[-3:])
    yield str(sorted(nx.core_number(graph).items())[:9])
    yield str(sorted(nx.triangles(graph).items())[:9])
    yield str(len(list(nx.find_cliques(graph))))


def run_tomlkit(size):
    import tomlkit

    text = "\n".join(
        f"[part.p{number}]\ntitle = \"{sentence}\"\nnumbers = [1, 2.5, {number}]\n"
        f"date = 2026-01-{number % 27 + 1:02}\ninline = {{ a = {number}, b = \"x\" }}\n"
        for number, sentence in enumerate(sentences(size)))
    document = tomlkit.parse(text)
    document["part"]["p0"]["title"] = "new"
    yield tomlkit.dumps(document)


def run_textdistance(size):
    import textdistance

    texts = sentences(size)
    for one, other in zip(texts, texts[1:]):
        yield (f"{textdistance.levenshtein(one, other)} {textdistance.jaccard(one, other):.6f} "
               f"{textdistance.lcsseq(one[:30], other[:30])} "
               f"{textdistance.jaro_winkler(one, other):.6f}")


def run_sqlparse(size):
    import sqlparse

    text = "\n".join(
        f"select a.{word}, count(*) as c from t_{number} a left join b on a.id = b.id "
        f"where a.x in (1, 2, {number}) and b.y like '%{word}%' group by a.{word} order by c;"
        for number, word in enumerate(WORDS * (size // len(WORDS) + 1)))
    yield sqlparse.format(text, reindent=True, keyword_case="upper")


def run_pygments(size):
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    yield highlight(source_code(size), PythonLexer(), HtmlFormatter(linenos=True))


def run_mpmath(size):
    import mpmath

    mpmath.mp.dps = 40
    for number in range(1, size + 1):
        yield str(mpmath.quad(lambda x: mpmath.exp(-x * x / number), [0, 1]))
        yield str(mpmath.besselj(number % 5, number / 7))


def run_html5lib(size):
    import html5lib

    text = "".join(f"<div class=c{number}><p>{sentence}<b>bold<i>both</b></i><li>item<table><tr>"
                   f"<td>{number}&copy;</table></div>" for number, sentence
                   in enumerate(sentences(size)))
    yield html5lib.serialize(html5lib.parse(text), omit_optional_tags=False)


def main():
    name, size = sys.argv[1], int(sys.argv[2])
    digest = hashlib.sha256()
    length = 0
    for piece in globals()[f"run_{name}"](size):
        digest.update(piece.encode())
        length += len(piece)
        last = piece
    print(name, size, length, digest.hexdigest())
    print(last[-200:])


main()
