"""What is varied from process to process, and that it really varies there."""

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import islice

from tare.comparing import design


def test_each_order_and_size_comes_equally_often():
    found = list(islice(design.settings(1), 40))
    assert Counter(one.order for one in found) == {"AB": 20, "BA": 20}
    assert set(Counter(one.env_bytes for one in found).values()) == {10}
    assert len({one.hash_seed for one in found}) == 40


def test_a_seed_gives_the_same_design_and_another_one_another():
    assert list(islice(design.settings(7), 9)) == list(islice(design.settings(7), 9))
    assert list(islice(design.settings(7), 9)) != list(islice(design.settings(8), 9))


def test_sides_take_turns():
    assert design.turns(4, "AB") == [0, 1, 1, 0, 0, 1, 1, 0]
    assert design.turns(3, "BA") == [1, 0, 0, 1, 1, 0]


def test_hash_seed_and_environment_reach_the_process():
    code = "import os, json; print(json.dumps([hash('x'), sum(map(len, os.environ.values()))]))"
    seen = []
    clean = {name: value for name, value in os.environ.items() if name != design.HASH_SEED}
    for setting in islice(design.settings(3), 4):
        environ = design.environment(setting, clean)
        done = subprocess.run([sys.executable, "-c", code], env=environ, stdout=subprocess.PIPE)
        hashed, size = json.loads(done.stdout)
        seen.append((hashed, size - setting.env_bytes - len(str(setting.hash_seed))))
    assert len({hashed for hashed, _ in seen}) == 4
    assert len({size for _, size in seen}) == 1


def test_a_hash_seed_of_the_users_stays():
    setting = design.Setting(5, 0, "AB")
    assert design.environment(setting, {design.HASH_SEED: "0"}) == {design.HASH_SEED: "0"}
    assert design.environment(setting, {design.HASH_SEED: "random"}) == {design.HASH_SEED: "5"}
