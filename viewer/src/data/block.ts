// The columns block of core/io/columns.h, from the page's text to typed arrays.
//
// The block was written by Tare from a profile that it checked, so ids are in range here. What
// can still be wrong is a page that was cut short on its way: then unpacking fails, or a section
// ends early, and the error says so.

export interface Metric {
  name: string;
  unit: string;
  role: "count" | "total" | "busy" | "wait" | "part" | "apart" | "other";
  words: string;
}

export interface Head {
  kind: "samples" | "trace" | "lines" | "memory";
  complete: boolean;
  lost_bytes: number;
  whole_ns: number;
  effective_count: number;
  meta: Record<string, string>;
  metrics: Metric[];
  label_sets: Record<string, string>[];
  counts: { functions: number; frames: number; nodes: number };
}

/** One metric of one label set, still packed: most are never looked at. */
export interface Column {
  metric: number;
  labelSet: number;
  bytes: Uint8Array;
}

export interface Series {
  name: string;
  unit: string;
  labelSet: number;
  times: Float64Array; // nanoseconds since the start
  amounts: Float64Array;
}

/** Everything in a block. Nodes are in pre-order, 0 is the root. */
export interface Block {
  head: Head;
  strings: string[];
  functions: Uint32Array; // five numbers each: name, qualname, file, first line, kind
  frameFunction: Uint32Array;
  frameLine: Uint32Array;
  parent: Int32Array; // -1 for the root
  frame: Int32Array; // -1 for the root
  columns: Column[];
  series: Series[];
}

const MAGIC = [0x54, 0x61, 0x72, 0x65, 0x43, 0x6f, 0x6c, 1];

/** Reads varints one after the other; numbers above 2^53 are rounded. */
export class Reader {
  at = 0;
  constructor(readonly bytes: Uint8Array) {}

  varint(): number {
    const { bytes } = this;
    let byte = bytes[this.at++]!;
    if (byte < 128) return byte;
    let value = byte & 127;
    let scale = 128;
    do {
      if (this.at >= bytes.length) throw new Error("the page's data is cut short");
      byte = bytes[this.at++]!;
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte > 127);
    return value;
  }

  /** Zigzag: 0, -1, 1, -2 are written 0, 1, 2, 3. */
  svarint(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  take(size: number): Uint8Array {
    if (this.at + size > this.bytes.length) throw new Error("the page's data is cut short");
    const part = this.bytes.subarray(this.at, this.at + size);
    this.at += size;
    return part;
  }
}

/** base64 of zlib, as it stands in the page. */
export async function unpack(text: string): Promise<Uint8Array> {
  const packed = fromBase64(text.trim());
  const stream = new Blob([packed as BlobPart])
    .stream()
    .pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function fromBase64(text: string): Uint8Array {
  const native = Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array };
  if (native.fromBase64) return native.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

export function readBlock(bytes: Uint8Array): Block {
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) throw new Error("this is no profile's data");
  const sections = new Map<number, Uint8Array[]>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at < bytes.length;) {
    const size = Number(view.getBigUint64(at + 1, true));
    const reader = new Reader(bytes);
    reader.at = at + 9;
    const list = sections.get(bytes[at]!) ?? [];
    list.push(reader.take(size));
    sections.set(bytes[at]!, list);
    at += 9 + size;
  }
  const one = (tag: number): Uint8Array => sections.get(tag)?.[0] ?? new Uint8Array(0);
  const head = JSON.parse(new TextDecoder().decode(one(1))) as Head;
  const frames = readPairs(one(4), head.counts.frames);
  return {
    head,
    strings: readStrings(one(2)),
    functions: readNumbers(one(3), head.counts.functions * 5),
    frameFunction: frames[0],
    frameLine: frames[1],
    ...readNodes(one(5), head.counts.nodes),
    columns: (sections.get(6) ?? []).map(readColumn),
    series: (sections.get(7) ?? []).map(readSeries),
  };
}

function readStrings(bytes: Uint8Array): string[] {
  const reader = new Reader(bytes);
  const decoder = new TextDecoder();
  const strings: string[] = [];
  while (reader.at < bytes.length) strings.push(decoder.decode(reader.take(reader.varint())));
  return strings;
}

function readNumbers(bytes: Uint8Array, count: number): Uint32Array {
  const reader = new Reader(bytes);
  const numbers = new Uint32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = reader.varint();
  return numbers;
}

function readPairs(bytes: Uint8Array, count: number): [Uint32Array, Uint32Array] {
  const reader = new Reader(bytes);
  const first = new Uint32Array(count);
  const second = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    first[i] = reader.varint();
    second[i] = reader.varint();
  }
  return [first, second];
}

function readNodes(bytes: Uint8Array, count: number): { parent: Int32Array; frame: Int32Array } {
  const reader = new Reader(bytes);
  const parent = new Int32Array(count).fill(-1);
  const frame = new Int32Array(count).fill(-1);
  for (let node = 1; node < count; node++) {
    let above = node - 1;
    for (let up = reader.varint(); up > 0; up--) above = parent[above]!;
    parent[node] = above;
    frame[node] = reader.varint();
  }
  return { parent, frame };
}

function readColumn(bytes: Uint8Array): Column {
  const reader = new Reader(bytes);
  const metric = reader.varint();
  const labelSet = reader.varint();
  return { metric, labelSet, bytes: bytes.subarray(reader.at) };
}

/** The values of a column, by rising node. */
export function readValues(column: Column): { nodes: Int32Array; amounts: Float64Array } {
  const reader = new Reader(column.bytes);
  const count = reader.varint();
  const nodes = new Int32Array(count);
  const amounts = new Float64Array(count);
  let node = 0;
  for (let i = 0; i < count; i++) {
    nodes[i] = node += reader.varint();
    amounts[i] = reader.varint();
  }
  return { nodes, amounts };
}

function readSeries(bytes: Uint8Array): Series {
  const reader = new Reader(bytes);
  const head = JSON.parse(new TextDecoder().decode(reader.take(reader.varint()))) as {
    name: string;
    unit: string;
    label_set: number;
  };
  const count = reader.varint();
  const times = new Float64Array(count);
  const amounts = new Float64Array(count);
  let time = 0;
  let amount = 0;
  for (let i = 0; i < count; i++) {
    times[i] = time += reader.varint();
    amounts[i] = amount += reader.svarint();
  }
  return { name: head.name, unit: head.unit, labelSet: head.label_set, times, amounts };
}
