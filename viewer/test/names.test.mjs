// Names: how they are cut to a box, and how a place is searched for.
import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "../making.mjs";

const { fit, Keys, makeQuery } = await load(`
  export { fit } from "./draw/painter.ts";
  export { Keys } from "./model/groups.ts";
  export { makeQuery } from "./model/search.ts";`);

test("a name is cut to the signs that there is room for", () => {
  assert.equal(fit("parse", 50, 10), "parse");
  assert.equal(fit("parse", 49, 10), "par…");
  assert.equal(fit("parse", 30, 10), "pa…");
  assert.equal(fit("parse", 29, 10), "");
  assert.equal(fit("größe", 50, 10), "größe");
});

test("wide signs take the room of two", () => {
  assert.equal(fit("解析器", 60, 10), "解析器");
  assert.equal(fit("解析器", 50, 10), "解析…");
  assert.equal(fit("解析器", 40, 10), "解…");
  assert.equal(fit("a解析器", 60, 10), "a解析…");
  assert.equal(fit("한국어", 50, 10), "한국…");
  assert.equal(fit("ｆｏｏ", 50, 10), "ｆｏ…");
  assert.equal(fit("解析器", 20, 10), "");
});

test("no cut goes through a sign", () => {
  assert.equal(fit("🐍🐍🐍", 60, 10), "🐍🐍🐍");
  for (let room = 3; room < 6; room++) {
    const cut = fit("🐍🐍🐍", room * 10, 10);
    assert.ok(cut.isWellFormed?.() ?? !/[\ud800-\udbff](?![\udc00-\udfff])/.test(cut));
    assert.equal(cut, `${"🐍".repeat(Math.floor((room - 1) / 2))}…`);
  }
  assert.equal(fit("𝑓𝑢𝑛𝑐", 30, 10), "𝑓𝑢…"); // outside of the first plane, and narrow
});

test("a place is looked for in each file of its name", () => {
  const func = (file, line) => ({ name: "f", file, line, kind: 0 });
  const keys = new Keys([
    func("/srv/a/utils.py", 10),
    func("/srv/a/utils.py", 40),
    func("/srv/a/utils.py", 60),
    func("/srv/b/utils.py", 45),
    func("/srv/b/utils.py", 51),
    func("/srv/b/others.py", 40),
    func("/srv/c/utils.py", 70),
  ]);
  const found = (text) => {
    const query = makeQuery(text, keys);
    return keys.functions.map((_, key) => key).filter((key) => query.matches(key));
  };
  assert.deepEqual(found("utils.py:50"), [1, 3]);
  assert.deepEqual(found("b/utils.py:50"), [3]);
  assert.deepEqual(found("/srv/a/utils.py:60"), [2]);
  assert.deepEqual(found("utils.py:5"), []);
});
