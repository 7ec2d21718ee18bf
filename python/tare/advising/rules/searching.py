"""Looking for something: in lists, where a set or a dict would know at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tare.advising.editing import (
    add_before,
    changes,
    complete,
    drop,
    fresh,
    gathering,
    imported,
    is_empty_list,
    is_simple,
    mutates,
    replace,
    replace_whole,
    same_text,
    single_loop,
    suspends,
    used_after,
    uses,
)
from tare.advising.facts import COMPREHENSIONS, LOOPS, Facts, names_in, target_names
from tare.advising.model import BUILTIN, DIFFERS, LOOP, Edit, Match, Rule, functions

LISTS = ("list", "tuple")
HASHED = "what cannot be hashed raises TypeError, and == must agree with hash"


# -- x in items


def membership(facts: Facts) -> Iterator[tuple[ast.Compare, ast.expr]]:
    """x in y and x not in y, with y."""
    for node in facts.nodes(ast.Compare):
        if len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            yield node, node.comparators[0]


def find_in_list(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node, items in membership(facts):
        if not isinstance(items, (ast.Name, ast.Attribute)) or facts.kind(items) not in LISTS:
            continue
        often = facts.repeats(node) or isinstance(items, ast.Attribute) or is_global(facts, items)
        if often and not short_display(facts, items) and dedupe_of(facts, node) is None:
            name = facts.label(items)
            yield facts.match(IN_LIST, node, (
                f"looking in the list {name} compares with its items one by one: keep a set of "
                "them"), size=f"len({name})")


def is_global(facts: Facts, node: ast.AST) -> bool:
    owner = facts.owner(node.id, node) if isinstance(node, ast.Name) else None
    return owner is not None and owner.parent is None


def short_display(facts: Facts, node: ast.AST) -> bool:
    """Whether a name is a list of a few items that is written out, so that its length is known."""
    if not isinstance(node, ast.Name):
        return False
    owner = facts.owner(node.id, node)
    bound = owner.bindings[node.id] if owner else []
    value = getattr(facts.parents[bound[0]], "value", None) if len(bound) == 1 else None
    few = isinstance(value, (ast.List, ast.Tuple)) and 0 < len(value.elts) <= 8
    return few and not mutates(facts, node.id, facts.tree, handing=False)

def rewrite_in_list(match: Match, source: str) -> list[Edit] | None:
    """A set of a list that does not change in the loops around, made before them."""
    facts, node = match.facts, match.node
    items = node.comparators[0]
    if not isinstance(items, ast.Name) or not facts.repeats(node):
        return None
    name = items.id
    scope = facts.scope(node)
    if facts.owner(name, node) is not scope or scope.captured(name):
        return None
    statement = hoisted(facts, node, name)
    if statement is None:
        return None
    known = fresh(facts, f"{name}_set")
    others = [
        found for test, found in membership(facts)
        if isinstance(found, ast.Name) and found.id == name and facts.repeats(test)
        and facts.scope(test) is scope and hoisted(facts, test, name) is statement
    ]
    return complete(
        add_before(facts, statement, f"{known} = set({name})"),
        *(replace(facts, found, known) for found in others),
    )


def hoisted(facts: Facts, node: ast.AST, name: str) -> ast.stmt | None:
    """The outermost statement before which something of a name can be computed once for the
    loops and comprehensions that repeat the node; None when the name changes in them."""
    found = None
    child = node
    for parent in facts.ancestors(node):
        if isinstance(parent, COMPREHENSIONS) and facts.repeats(node):
            if any(name in target_names(g.target) for g in parent.generators):
                return None
            found = found or facts.statement(parent)
        if isinstance(parent, LOOPS):
            if changes(facts, name, parent):
                break
            if child is not getattr(parent, "iter", None):
                found = parent
        if parent in facts.scopes:
            break
        child = parent
    return found


IN_LIST = Rule(
    id="in-list",
    title="x in items, again and again -> a set of them",
    why="A list is compared item by item until one is equal; a set looks in one place.",
    same=DIFFERS,
    differs=HASHED,
    pair=functions("items, wanted", """
        items = list(range(n))
        wanted = [i * 2 * n // 100 for i in range(100)]
        """, """
        result = 0
        for x in wanted:
            if x in items:
                result += 1
        """, """
        result = 0
        known = set(items)
        for x in wanted:
            if x in known:
                result += 1
        """, sizes=(2, 10, 100, 1000, 10000), steps="100"),
    find=find_in_list,
    rewrite=rewrite_in_list,
    grows=True,
)


# -- x in [a, b, c]


def constants(node: ast.AST) -> bool:
    """A list or tuple of at least three constants of one type that all can be hashed."""
    if not isinstance(node, (ast.List, ast.Tuple)) or len(node.elts) < 3:
        return False
    kinds = {type(e.value) if isinstance(e, ast.Constant) else None for e in node.elts}
    return len(kinds) == 1 and kinds <= {str, int, bytes}


def find_in_constants(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node, items in membership(facts):
        if constants(items):
            yield facts.match(IN_CONSTANTS, node, (
                f"{facts.label(items)} is compared one by one: braces make it a constant set"))


def rewrite_in_constants(match: Match, source: str) -> list[Edit] | None:
    facts, items = match.facts, match.node.comparators[0]
    if facts.kind(match.node.left) not in ("", "str", "int", "bytes", "bool", "float"):
        return None
    texts = ", ".join(facts.text(e) for e in items.elts)
    return [replace(facts, items, "{" + texts + "}")]


IN_CONSTANTS = Rule(
    id="in-constants",
    title="x in [1, 2, 3] -> x in {1, 2, 3}",
    why="A set of constants is made once, by the compiler, and looks in one place.",
    same=DIFFERS,
    differs="an x that cannot be hashed, such as a list, raises TypeError",
    pair=functions("words", "words = ['w%d' % (i % 97) for i in range(n)]", """
        result = 0
        for w in words:
            if w in ['w1', 'w2', 'w3', 'w4']:
                result += 1
        """, """
        result = 0
        for w in words:
            if w in {'w1', 'w2', 'w3', 'w4'}:
                result += 1
        """, sizes=(1000,)),
    find=find_in_constants,
    rewrite=rewrite_in_constants,
)


# -- if x not in seen: seen.append(x)


def dedupe_of(facts: Facts, node: ast.Compare) -> ast.If | None:
    """The `if` of: if x not in seen: ... seen.append(x)."""
    parent = facts.parents[node]
    items = node.comparators[0]
    if not isinstance(parent, ast.If) or parent.test is not node or parent.orelse:
        return None
    if not isinstance(node.ops[0], ast.NotIn) or not isinstance(items, ast.Name):
        return None
    for statement in parent.body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            added = call.func.attr == "append" and same_text(call.func.value, items)
            if added and len(call.args) == 1 and same_text(call.args[0], node.left):
                return parent
    return None


def find_dedupe(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for node, items in membership(facts):
        found = dedupe_of(facts, node)
        if found is not None and facts.repeats(node) and facts.kind(items) == "list":
            name = facts.label(items)
            yield facts.match(DEDUPE, node, (
                f"each item is looked for in all of {name}: dict.fromkeys keeps the first of "
                "each, in order"), size=f"len({name})")


def rewrite_dedupe(match: Match, source: str) -> list[Edit] | None:
    facts, node = match.facts, match.node
    found, items = dedupe_of(facts, node), node.comparators[0]
    loop = facts.parents[found]
    if not single_loop(loop) or len(loop.body) != 1 or len(found.body) != 1:
        return None
    target = loop.target
    if not isinstance(target, ast.Name) or not same_text(target, node.left):
        return None
    scope = facts.scope(node)
    inside = uses(loop, items.id)
    gathered = gathering(facts, items, is_empty_list, inside)
    if gathered is None or gathered.loop is not loop or used_after(facts, loop, target.id):
        return None
    if len(inside) != 2 or scope.parent is None:
        return None
    text = facts.text(loop.iter)
    return [replace_whole(facts, loop, f"{items.id}.extend(dict.fromkeys({text}))")]


DEDUPE = Rule(
    id="dedupe-by-list",
    title="if x not in out: out.append(x) -> dict.fromkeys",
    why="Each item is compared with all that were kept, where a dict looks in one place.",
    same=DIFFERS,
    differs=HASHED,
    pair=functions("items", "items = [(i * 7919) % n for i in range(n)]", """
        result = []
        for x in items:
            if x not in result:
                result.append(x)
        """, """
        result = []
        result.extend(dict.fromkeys(items))
        """, sizes=(3, 10, 100, 1000)),
    find=find_dedupe,
    rounds=True,
    rewrite=rewrite_dedupe,
    grows=True,
    since=(3, 7),
)


# -- for a in xs: for b in ys: if a.key == b.key


def join_of(facts: Facts, inner: ast.AST) -> tuple[ast.For, ast.expr, ast.expr] | None:
    """The outer loop, and the keys in outer and inner items that must be equal."""
    if not single_loop(inner) or len(inner.body) != 1 or not isinstance(inner.body[0], ast.If):
        return None
    outer = next(iter(facts.loops(inner)), None)
    if not isinstance(outer, ast.For) or inner.body[0].orelse:
        return None
    outer_names, inner_names = target_names(outer.target), target_names(inner.target)
    if outer_names & names_in(inner.iter) or outer_names & inner_names:
        return None
    test = inner.body[0].test
    tests = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
    one = tests[0]
    if not isinstance(one, ast.Compare) or len(one.ops) != 1 or not isinstance(one.ops[0], ast.Eq):
        return None
    for a, b in ((one.left, one.comparators[0]), (one.comparators[0], one.left)):
        of_outer = not names_in(a) & inner_names and names_in(a) & outer_names
        of_inner = names_in(b) & inner_names and not names_in(b) & outer_names
        if of_outer and of_inner and is_simple(a) and is_simple(b):
            return outer, a, b
    return None


def find_nested_join(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for inner in facts.nodes(ast.For):
        found = join_of(facts, inner)
        if found:
            ys = facts.label(inner.iter)
            yield facts.match(NESTED_JOIN, inner, (
                f"each item is compared with all of {ys}: index {ys} once by "
                f"{facts.label(found[2])}"), size=f"len({ys})", loop=inner)


def rewrite_nested_join(match: Match, source: str) -> list[Edit] | None:
    facts, inner = match.facts, match.node
    outer, key, wanted = join_of(facts, inner)
    ys = inner.iter
    if not isinstance(ys, ast.Name) or facts.kind(ys) not in ("list", "tuple"):
        return None
    names = target_names(inner.target)
    if changes(facts, ys.id, outer) or used_after(facts, inner, *names):
        return None
    if names_in(wanted) - names or stored_items(inner, names | target_names(outer.target)):
        return None
    index = fresh(facts, f"{ys.id}_by_key_{inner.lineno}")
    head = f"for {facts.text(inner.target)} in {ys.id}:"
    body = f"    {index}.setdefault({facts.text(wanted)}, []).append({target_item(inner)})"
    return complete(
        add_before(facts, outer, f"{index} = {{}}", head, body),
        replace(facts, ys, f"{index}.get({facts.text(key)}, ())"),
    )


def target_item(loop: ast.For) -> str:
    """What stands for an item again, once a loop has taken it apart."""
    text = ast.unparse(loop.target)
    return text if isinstance(loop.target, ast.Name) or text.startswith("(") else f"({text})"


def stored_items(inner: ast.For, names: set[str]) -> bool:
    """Whether the loop stores into the items that it compares."""
    return any(
        isinstance(n, (ast.Attribute, ast.Subscript)) and not isinstance(n.ctx, ast.Load)
        and names & names_in(n.value) for n in ast.walk(inner)
    )


NESTED_JOIN = Rule(
    id="nested-join",
    title="loop in a loop that looks for equal keys -> dict of lists",
    why="All pairs are compared, n * m of them; an index finds the partners of each at once.",
    same=DIFFERS,
    differs=HASHED,
    pair=functions("xs, ys", """
        xs = [(i, i) for i in range(n)]
        ys = [(i * 2, i) for i in range(n)]
        """, """
        result = []
        for a in xs:
            for b in ys:
                if a[0] == b[0]:
                    result.append((a, b))
        """, """
        result = []
        index = {}
        for b in ys:
            index.setdefault(b[0], []).append(b)
        for a in xs:
            for b in index.get(a[0], ()):
                if a[0] == b[0]:
                    result.append((a, b))
        """, sizes=(2, 5, 10, 100, 300), steps="n * n"),
    find=find_nested_join,
    rewrite=rewrite_nested_join,
    part=LOOP,
    grows=True,
)


# -- items.count(x), items.index(x)


def find_count(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.methods("count", 1):
        items = call.func.value
        if facts.kind(items) in LISTS and facts.repeats(call):
            name = facts.label(items)
            yield facts.match(COUNT_IN_LOOP, call, (
                f"{name}.count goes through all of {name} each time: count once with "
                "collections.Counter"), size=f"len({name})")


def rewrite_count(match: Match, source: str) -> list[Edit] | None:
    facts, call = match.facts, match.node
    items = call.func.value
    if not isinstance(items, ast.Name):
        return None
    scope = facts.scope(call)
    if facts.owner(items.id, call) is not scope or scope.captured(items.id):
        return None
    statement = hoisted(facts, call, items.id)
    if statement is None:
        return None
    counter, edits = imported(facts, "collections", "Counter")
    counts = fresh(facts, f"{items.id}_counts")
    made = complete(
        add_before(facts, statement, f"{counts} = {counter}({items.id})"),
        replace(facts, call, f"{counts}[{facts.text(call.args[0])}]"),
    )
    return made and edits + made


COUNT_IN_LOOP = Rule(
    id="count-in-loop",
    title="items.count(x) for each x -> collections.Counter",
    why="Each count goes through the whole list; a Counter goes through it once for all.",
    same=DIFFERS,
    differs=HASHED,
    pair=functions("items, Counter", """
        from collections import Counter
        items = ['w%d' % (i % 97) for i in range(n)]
        """, "result = {x: items.count(x) for x in set(items)}", """
        counts = Counter(items)
        result = {x: counts[x] for x in set(items)}
        """, sizes=(3, 10, 100, 1000), steps="min(n, 97)"),
    find=find_count,
    rewrite=rewrite_count,
    grows=True,
)


def find_index(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for call in facts.methods("index", 1):
        items = call.func.value
        if facts.kind(items) in LISTS and facts.repeats(call):
            if isinstance(items, ast.Name) and hoisted(facts, call, items.id) is None:
                continue
            name = facts.label(items)
            yield facts.match(INDEX_IN_LOOP, call, (
                f"{name}.index goes through {name} each time: keep a dict of positions"),
                size=f"len({name})")


INDEX_IN_LOOP = Rule(
    id="index-in-loop",
    title="items.index(x) for each x -> dict of positions",
    why="Each search goes through the list from its start; a dict looks in one place.",
    same=DIFFERS,
    differs=HASHED + "; what is not there raises KeyError, not ValueError",
    pair=functions("items", "items = list(range(n))", """
        result = 0
        for x in items:
            result += items.index(x)
        """, """
        result = 0
        places = {}
        for i, x in enumerate(items):
            places.setdefault(x, i)
        for x in items:
            result += places[x]
        """, sizes=(3, 10, 100, 1000)),
    find=find_index,
    grows=True,
)


# -- d[k] = d.get(k, 0) + 1


def counted(loop: ast.AST, facts: Facts) -> tuple[ast.Name, ast.expr] | None:
    """The dict and the key of a loop that only counts."""
    if not single_loop(loop) or len(loop.body) != 1 or not isinstance(loop.body[0], ast.Assign):
        return None
    body = loop.body[0]
    target, value = body.targets[0], body.value
    if len(body.targets) != 1 or not isinstance(target, ast.Subscript):
        return None
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Add):
        return None
    one = isinstance(value.right, ast.Constant) and value.right.value == 1
    get = value.left
    if not one or not isinstance(get, ast.Call) or not isinstance(get.func, ast.Attribute):
        return None
    if get.func.attr != "get" or len(get.args) != 2 or get.keywords:
        return None
    zero = isinstance(get.args[1], ast.Constant) and get.args[1].value == 0
    same = same_text(get.func.value, target.value) and same_text(get.args[0], target.slice)
    if zero and same and isinstance(target.value, ast.Name) and type(value.right.value) is int:
        return target.value, target.slice
    return None


def find_counting(tree: ast.Module, facts: Facts) -> Iterator[Match]:
    for loop in facts.nodes(ast.For):
        found = counted(loop, facts)
        if found:
            yield facts.match(COUNTING, loop, (
                f"the loop only counts into {found[0].id}: collections.Counter does it in C"),
                size=f"len({facts.label(loop.iter)})", loop=loop)


def is_empty_dict(node: ast.AST) -> bool:
    return isinstance(node, ast.Dict) and not node.keys


def rewrite_counting(match: Match, source: str) -> list[Edit] | None:
    facts, loop = match.facts, match.node
    name, key = counted(loop, facts)
    found = gathering(facts, name, is_empty_dict, uses(loop, name.id))
    if found is None or found.loop is not loop or len(uses(loop, name.id)) != 2:
        return None
    if used_after(facts, loop, *target_names(loop.target)) or suspends(loop):
        return None
    counter, edits = imported(facts, "collections", "Counter")
    items = facts.text(loop.iter)
    if not same_text(key, loop.target):
        items = f"{facts.text(key)} for {facts.text(loop.target)} in {items}"
    if facts.before(loop) is not found.first:
        return None
    made = complete(
        drop(facts, found.first),
        replace_whole(facts, loop, f"{name.id} = dict({counter}({items}))"),
    )
    return made and edits + made


COUNTING = Rule(
    id="counting-loop",
    title="d[k] = d.get(k, 0) + 1 in a loop -> collections.Counter",
    why="Counter counts what it is given in C.",
    same=BUILTIN,
    differs="a class of keys with a costly hash is asked once instead of twice",
    pair=functions("words, Counter", """
        from collections import Counter
        words = ['w%d' % (i % 97) for i in range(n)]
        """, """
        result = {}
        for w in words:
            result[w] = result.get(w, 0) + 1
        """, "result = dict(Counter(words))"),
    find=find_counting,
    rewrite=rewrite_counting,
    part=LOOP,
)


RULES = (IN_LIST, IN_CONSTANTS, DEDUPE, NESTED_JOIN, COUNT_IN_LOOP, INDEX_IN_LOOP, COUNTING)
