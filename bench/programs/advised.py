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


def run_vader(size):
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    moods = ("great", "not good", "VERY bad", "isn't fun", "kind of nice", "at least ok!!", ":)")
    for number, sentence in enumerate(sentences(size)):
        text = f"{sentence} It was {moods[number % len(moods)]}, but {sentence.lower()}"
        yield str(analyzer.polarity_scores(text))


def run_pydes(size):
    import pyDes

    data = " ".join(sentences(size)).encode()
    key = pyDes.triple_des(b"sixteen byte key", padmode=pyDes.PAD_PKCS5)
    hidden = key.encrypt(data)
    yield hidden.hex()
    yield key.decrypt(hidden).decode()


def run_langdetect(size):
    import langdetect

    langdetect.DetectorFactory.seed = 0
    texts = ("The weather is fine today, and we walk along the river.",
             "Das Wetter ist heute schön, und wir gehen am Fluss entlang.",
             "Il fait beau aujourd'hui, nous marchons le long de la rivière.")
    for number in range(size):
        yield str(langdetect.detect_langs(texts[number % 3] * (1 + number % 4)))


def run_pyfiglet(size):
    import pyfiglet

    figlet = pyfiglet.Figlet(font="slant", width=100)
    for sentence in sentences(size):
        yield str(figlet.renderText(sentence))


def run_demjson(size):
    import demjson3

    rows = [{"name": sentence, "number": number, "parts": sentence.split()}
            for number, sentence in enumerate(sentences(size))]
    text = demjson3.encode(rows)
    yield text
    yield str(demjson3.decode(text) == rows)


def run_pyaes(size):
    import pyaes

    data = " ".join(sentences(size)).encode()
    hidden = pyaes.AESModeOfOperationCTR(bytes(range(16))).encrypt(data)
    yield hidden.hex()
    yield pyaes.AESModeOfOperationCTR(bytes(range(16))).decrypt(hidden).decode()


def run_apyori(size):
    from apyori import apriori

    chance = random.Random(4)
    baskets = [chance.sample(WORDS[:12], chance.randint(2, 6)) for _ in range(size)]
    for record in apriori(baskets, min_support=0.01):
        yield f"{sorted(record.items)} {record.support:.6f}"


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
