"""Finds functions that were copied from one module to another.

    python examples/demo.py [FOLDER]

Reads every Python file below FOLDER (the standard library of the interpreter that runs it),
parses it, and compares the bodies of all functions after their names and constants are taken
out. Prints what was copied most, and which names are used most.

It works, and it is about as fast as such programs are when nobody has measured them yet:
see what `tare run examples/demo.py` says.
"""

import ast
import sys
import sysconfig
from pathlib import Path

MOST_FILES = 220
LEAST_STATEMENTS = 4
SHOWN = 5


class Normaliser(ast.NodeVisitor):
    """Writes a syntax tree as text that is equal for equal structure."""

    def __init__(self):
        self.text = ""

    def visit(self, node):
        self.text += type(node).__name__ + "("
        for field, value in ast.iter_fields(node):
            if field in ("id", "arg", "name", "attr", "value", "lineno"):
                if not isinstance(value, ast.AST):
                    continue
            if isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.AST):
                        self.visit(item)
            elif isinstance(value, ast.AST):
                self.visit(value)
        self.text += ")"


class Index:
    """Where each name is used, in the order the names were met, last first."""

    def __init__(self):
        self.names = []
        self.uses = {}

    def add(self, name, place):
        if name not in self.names:
            self.names.insert(0, name)
            self.uses[name] = []
        self.uses[name].append(place)

    def most_used(self, count):
        return sorted(self.names, key=lambda name: (-len(self.uses[name]), name))[:count]


def find_sources(folder):
    skipped = {"test", "tests", "idlelib", "site-packages", "lib2to3"}
    paths = sorted(folder.rglob("*.py"))
    return [path for path in paths if not skipped & set(path.parts)][:MOST_FILES]


def parse(path):
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return None


def functions_in(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def normalise(function):
    normaliser = Normaliser()
    for statement in function.body:
        normaliser.visit(statement)
    return normaliser.text


def index_names(tree, module, index):
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            index.add(node.id, (module, node.lineno))
        elif isinstance(node, ast.Attribute):
            index.add(node.attr, (module, node.lineno))


def find_copies(bodies):
    """Groups of places with the same body in more than one module."""
    groups = [places for places in bodies.values() if len({module for module, _ in places}) > 1]
    return sorted(groups, key=lambda places: (-len(places), places))


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else sysconfig.get_path("stdlib"))
    bodies = {}
    index = Index()
    count = 0
    for path in find_sources(folder):
        tree = parse(path)
        if tree is None:
            continue
        module = str(path.relative_to(folder))
        index_names(tree, module, index)
        for function in functions_in(tree):
            count += 1
            if len(function.body) >= LEAST_STATEMENTS:
                place = (module, function.name)
                bodies.setdefault(normalise(function), []).append(place)
    copies = find_copies(bodies)
    print(f"{count} functions, {len(index.names)} names, {len(copies)} bodies in several modules")
    for places in copies[:SHOWN]:
        print("  copied:", ", ".join(f"{module}:{name}" for module, name in places[:3]))
    print("  names used most:", ", ".join(index.most_used(SHOWN)))


if __name__ == "__main__":
    main()
