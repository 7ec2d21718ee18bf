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


def run_strsimpy(size):
    from strsimpy.damerau import Damerau
    from strsimpy.longest_common_subsequence import LongestCommonSubsequence
    from strsimpy.optimal_string_alignment import OptimalStringAlignment

    texts = sentences(size)
    for one, other in zip(texts, texts[1:]):
        yield (f"{OptimalStringAlignment().distance(one, other)} "
               f"{LongestCommonSubsequence().distance(one, other)} "
               f"{Damerau().distance(one, other)}")


def run_pysbd(size):
    import pysbd

    text = " ".join(f"{sentence} Mr. Smith, e.g., paid $4.50 (No. {number}). \"Fine!\" he said."
                    for number, sentence in enumerate(sentences(size)))
    segmenter = pysbd.Segmenter(language="en", clean=False)
    for first in range(0, len(text), 2000):
        yield "|".join(segmenter.segment(text[first:first + 2000]))


def run_sacremoses(size):
    import sacremoses

    tokenizer = sacremoses.MosesTokenizer(lang="en")
    for number, sentence in enumerate(sentences(size)):
        yield tokenizer.tokenize(f"{sentence} It's Mr. Smith's, {number}% of 1,000...",
                                 return_str=True)


def run_commonmark(size):
    import commonmark

    yield commonmark.commonmark(marked_up(size))


def run_html2text(size):
    import html2text

    yield html2text.html2text("".join(
        f"<h2>{sentence}</h2><p><b>{sentence}</b> <a href='http://example.org/{number}'>link</a> "
        f"&amp; more</p><ul><li>{sentence}</li></ul>"
        for number, sentence in enumerate(sentences(size))))


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
