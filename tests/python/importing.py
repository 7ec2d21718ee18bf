"""What an imported profile holds, as plain dicts: another way to the sums than the core's."""

from collections import defaultdict

UNKNOWN = "(path not known)"
UNEXPANDED = "(not expanded)"


class Found:
    """The tables of a Profile, added up node by node."""

    def __init__(self, profile):
        self.profile = profile
        self.meta = profile.meta
        self.amounts = defaultdict(lambda: defaultdict(int))  # node -> metric -> amount
        self.known_paths = {}
        self.labels = profile.label_sets()
        self.by_label = defaultdict(int)  # label set, metric -> amount
        for node, label_set, metric, amount in profile.values():
            self.amounts[node][metric] += amount
            if node:
                self.by_label[label_set, metric] += amount
        tree = profile.tree(profile.metrics[0].name) if profile.metrics else None
        self.parents = list(tree.parent) if tree else [0]
        self.frames = profile.frames()
        self.frame_of = list(tree.frame) if tree else [0]

    def name(self, node):
        frame = self.frames[self.frame_of[node]]
        return frame.qualname

    def path(self, node):
        """The names from the root; those of the parents are known by then."""
        if node and node not in self.known_paths:
            self.known_paths[node] = (*self.path(self.parents[node]), self.name(node))
        return self.known_paths[node] if node else ()

    def paths(self, metric):
        """path -> amount, of all nodes that have some."""
        found = defaultdict(int)
        for node, amounts in self.amounts.items():
            if node and amounts.get(metric):
                found[self.path(node)] += amounts[metric]
        return dict(found)

    def functions(self, metric):
        """name -> sum over all its nodes."""
        found = defaultdict(int)
        for node, amounts in self.amounts.items():
            if node and amounts.get(metric):
                found[self.name(node)] += amounts[metric]
        return dict(found)

    def total(self, metric):
        return sum(amounts.get(metric, 0) for node, amounts in self.amounts.items() if node)

    def estimated(self):
        return {self.path(node) for node, amounts in self.amounts.items() if "estimated" in amounts}
