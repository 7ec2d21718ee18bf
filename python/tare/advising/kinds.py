"""Which built-in type a call gives, or an annotation names."""

from __future__ import annotations

import ast

RESULTS = {
    "list": "list sorted dir",
    "tuple": "tuple",
    "dict": "dict vars globals locals",
    "set": "set",
    "frozenset": "frozenset",
    "str": "str repr ascii chr hex oct bin format input",
    "bytes": "bytes",
    "bytearray": "bytearray",
    "int": "int len ord hash id",
    "float": "float",
    "bool": "bool isinstance issubclass callable hasattr any all",
    "range": "range",
}
BUILTINS = {f"builtins.{name}": kind for kind, names in RESULTS.items() for name in names.split()}

# Functions of modules, by dotted name.
OTHERS = {
    "os.listdir": "list",
    "os.path.join": "str",
    "os.path.basename": "str",
    "os.path.dirname": "str",
    "os.getcwd": "str",
    "glob.glob": "list",
    "re.findall": "list",
    "re.split": "list",
    "re.sub": "str",
    "json.dumps": "str",
    "time.time": "float",
    "random.random": "float",
    "random.uniform": "float",
    "random.gauss": "float",
    "random.randint": "int",
    "random.randrange": "int",
    "random.sample": "list",
    "random.choices": "list",
    "math.sqrt": "float",
    "math.sin": "float",
    "math.cos": "float",
    "math.exp": "float",
    "math.log": "float",
    "math.floor": "int",
    "math.ceil": "int",
    "collections.deque": "deque",
    "collections.Counter": "Counter",
    "collections.defaultdict": "defaultdict",
    "collections.OrderedDict": "OrderedDict",
    "pathlib.Path": "Path",
    "pathlib.PurePath": "Path",
    "re.compile": "Pattern",
    "logging.getLogger": "Logger",
    "io.StringIO": "StringIO",
    "io.BytesIO": "BytesIO",
    "builtins.open": "file",
    **{f"numpy.{name}": "array" for name in (
        "array asarray zeros ones empty full arange linspace zeros_like ones_like empty_like "
        "random.rand random.randn random.random random.normal random.uniform random.randint "
        "concatenate hstack vstack copy sqrt dot cumsum where loadtxt eye identity "
        "random.random_sample append").split()},
}

METHODS = {
    "str": {
        "str": "strip lstrip rstrip lower upper title capitalize casefold replace join format "
        "format_map center ljust rjust zfill swapcase expandtabs translate removeprefix "
        "removesuffix",
        "list": "split rsplit splitlines",
        "bytes": "encode",
        "int": "find rfind index rindex count",
        "bool": "startswith endswith isdigit isalpha isalnum isspace isupper islower",
        "tuple": "partition rpartition",
    },
    "bytes": {
        "bytes": "strip lstrip rstrip lower upper replace join",
        "str": "decode hex",
        "list": "split rsplit splitlines",
    },
    "list": {"list": "copy", "int": "index count", "None": "append extend sort reverse insert"},
    "dict": {
        "dict": "copy",
        "dict_keys": "keys",
        "dict_values": "values",
        "dict_items": "items",
    },
    "set": {
        "set": "copy union intersection difference symmetric_difference",
    },
    "Path": {"Path": "joinpath resolve absolute", "str": "as_posix read_text"},
    "file": {"list": "readlines"},
}
BY_METHOD = {
    (owner, method): kind
    for owner, kinds in METHODS.items()
    for kind, methods in kinds.items()
    for method in methods.split()
}
ANNOTATIONS = {
    **{name: name for name in (
        "list tuple dict set frozenset str bytes bytearray int float bool range").split()},
    **{name: name.lower() for name in "List Tuple Dict Set FrozenSet".split()},
    "Deque": "deque",
    "deque": "deque",
    "Path": "Path",
    "ndarray": "array",
}


def builtin_result(name: str) -> str:
    return BUILTINS.get(name) or OTHERS.get(name, "")


def method_result(kind: str, method: str) -> str:
    return BY_METHOD.get((kind, method), "")


def element_kind(name: str) -> str:
    """What iterating over a call of that function gives."""
    return "str" if name in ("os.listdir", "glob.glob", "re.findall") else ""


def annotated_kind(annotation: ast.AST | None) -> str:
    """list[int], List[int], typing.List, "list[int]" -> "list"; X | None and Optional: ""."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return ""
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.value
    if isinstance(annotation, ast.Attribute):
        return ANNOTATIONS.get(annotation.attr, "")
    return ANNOTATIONS.get(annotation.id, "") if isinstance(annotation, ast.Name) else ""
