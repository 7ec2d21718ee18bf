// A sunburst: the zoomed box in the middle, what it calls in rings around it.

import { percent } from "../format.ts";
import type { Tree } from "../model/tree.ts";
import { paint, TOO_NARROW, type Marks, type Spot, type Window } from "./icicle.ts";
import { eachBox, nodeAt } from "./layout.ts";
import { fit, FONT_SIZE, type Painter } from "./painter.ts";
import { fillsOf, type Scene } from "./scene.ts";

const MOST_RINGS = 10; // as many levels as can be told apart, unless a depth is asked for
const TURN = 2 * Math.PI;

interface Rings {
  root: number;
  levels: number; // rings around the middle
  ring: number; // pixels
}

export function centreOf(seen: Window): { x: number; y: number } {
  return { x: seen.width / 2, y: seen.height / 2 };
}

function deepest(tree: Tree, root: number, most: number): number {
  let depth = 0;
  for (let node = root; node < tree.end[root]! && depth < most; node++)
    depth = Math.max(depth, tree.depth[node]! - tree.depth[root]!);
  return depth;
}

function ringsOf(tree: Tree, root: number, seen: Window, depthLimit: number): Rings {
  const levels = deepest(tree, root, depthLimit > 0 ? depthLimit : MOST_RINGS);
  const radius = Math.max(20, Math.min(seen.width, seen.height) / 2 - 8);
  return { root, levels, ring: radius / (levels + 1) };
}

export function drawRings(
  painter: Painter,
  character: number,
  scene: Scene,
  seen: Window,
  marks: Marks,
  root: number,
): void {
  const pane = scene.panes[0]!;
  const { tree } = pane;
  const { keys } = pane.source;
  const { levels, ring } = ringsOf(tree, root, seen, marks.depthLimit);
  const fillOf = fillsOf(pane, marks.theme);
  const base = tree.depth[root]!;
  const { x: middleX, y: middleY } = centreOf(seen);
  const whole = tree.total[root]! || 1;
  const hoverKey = marks.hover ? tree.key[marks.hover.node] : -1;
  eachBox(
    {
      tree,
      root,
      left: 0,
      scale: TURN / whole,
      from: 0,
      to: TURN,
      least: (depth) => Math.max(0.5 / ((depth - base + 1) * ring), marks.cutoff * TURN),
      maxDepth: base + levels,
      sorted: pane.sorted,
    },
    {
      box(node, depth, from, width, isCut) {
        const level = depth - base;
        const inner = level * ring + (level > 0 ? 0.5 : 0);
        const outer = (level + 1) * ring - 0.5;
        const middle = (inner + outer) / 2;
        const gap = width * middle > 3 ? 0.5 / middle : 0;
        const key = tree.key[node]!;
        const isMarked =
          marks.hover?.node === node ||
          marks.chosen?.node === node ||
          (key === hoverKey && key >= 0);
        if (isMarked) painter.arc(inner, outer, from, from + width, { colour: marks.theme.accent });
        const rim = isMarked && width * middle > 8 ? 2 : 0; // of the mark, around the box
        const aside = gap + rim / middle;
        painter.title(() => `${keys.label(key)} ${percent(tree.total[node]!, tree.total[0]!)}`);
        if (!isMarked || rim > 0)
          painter.arc(
            inner + rim,
            outer - rim,
            from + aside,
            from + width - aside,
            paint(fillOf(node), key, marks),
          );
        if (isCut)
          painter.arc(outer - 3, outer, from + gap, from + width - gap, {
            colour: marks.theme.rest,
            hatch: true,
          });
        if (level === 0)
          labelMiddle(
            painter,
            character,
            keys.label(key),
            tree.total[node]! / (tree.total[0]! || 1),
            ring,
            middleX,
            middleY,
            marks.theme.ink,
          );
        else
          labelArc(
            painter,
            character,
            keys.label(key),
            from + width / 2,
            width,
            inner,
            outer,
            middleX,
            middleY,
            marks.theme.ink,
          );
      },
      rest(depth, from, width) {
        const level = depth - base;
        painter.title(() => TOO_NARROW);
        painter.arc(level * ring + 0.5, (level + 1) * ring - 0.5, from, from + width, {
          colour: marks.theme.rest,
          hatch: width * level * ring > 4,
        });
      },
    },
  );
  painter.title(null);
}

function labelMiddle(
  painter: Painter,
  character: number,
  name: string,
  share: number,
  ring: number,
  x: number,
  y: number,
  ink: string,
): void {
  const text = fit(name, 2 * ring - 12, character);
  painter.text(x - (text.length * character) / 2, y - FONT_SIZE / 2, text, ink);
  const below = percent(share, 1);
  painter.text(x - (below.length * character) / 2, y + FONT_SIZE * 0.9, below, ink);
}

/** Along the ring where the arc is long, outwards where the ring is wide; upright in both. */
function labelArc(
  painter: Painter,
  character: number,
  name: string,
  angle: number,
  width: number,
  inner: number,
  outer: number,
  x: number,
  y: number,
  ink: string,
): void {
  const radius = (inner + outer) / 2;
  const along = width * radius;
  if (along < FONT_SIZE + 3) return;
  const isAlong = along > outer - inner && width < Math.PI;
  const text = fit(name, isAlong ? along * 0.85 - 6 : outer - inner - 8, character);
  if (text === "") return;
  const half = (text.length * character) / 2;
  let turn = isAlong ? angle : angle - Math.PI / 2;
  const flipped = Math.cos(turn) < 0;
  if (flipped) turn += Math.PI;
  const middleX = x + radius * Math.sin(angle);
  const middleY = y - radius * Math.cos(angle);
  painter.text(middleX - half * Math.cos(turn), middleY - half * Math.sin(turn), text, ink, turn);
}

export function spotInRings(
  scene: Scene,
  seen: Window,
  marks: Pick<Marks, "depthLimit">,
  root: number,
  x: number,
  y: number,
): Spot | null {
  const { tree } = scene.panes[0]!;
  const { levels, ring } = ringsOf(tree, root, seen, marks.depthLimit);
  const centre = centreOf(seen);
  const level = Math.floor(Math.hypot(x - centre.x, y - centre.y) / ring);
  if (level > levels) return null;
  const angle = (Math.atan2(x - centre.x, centre.y - y) + TURN) % TURN;
  const node = nodeAt(tree, root, angle / TURN, tree.depth[root]! + level);
  return node >= 0 ? { pane: 0, node } : null;
}
