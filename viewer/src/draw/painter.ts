// What a chart is drawn with: a canvas on the screen, or the text of an SVG file.

export interface Fill {
  colour: string;
  hatch?: boolean; // an estimate, or what is not shown one by one
}

export interface Painter {
  box(x: number, y: number, width: number, height: number, fill: Fill): void;
  outline(x: number, y: number, width: number, height: number, colour: string): void;
  /** A ring's part; angles in radians, clockwise from the top. */
  arc(inner: number, outer: number, from: number, to: number, fill: Fill): void;
  text(x: number, y: number, text: string, colour: string, turn?: number): void;
  /** Of what is drawn until the next call, for those who point at it; null ends it. */
  title(text: (() => string) | null): void;
}

export const FONT_SIZE = 12;
export const FONT = `${FONT_SIZE}px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace`;

const NARROW = /^[\u0000-\u10ff]*$/;

/** Signs as wide as two: East Asian ones and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;

/** Cuts a text to a width; its beginning stays. Signs are whole, and wide ones count as two. */
export function fit(text: string, width: number, character: number): string {
  const room = Math.floor(width / character);
  if (NARROW.test(text)) {
    if (text.length <= room) return text;
    return room < 3 ? "" : `${text.slice(0, room - 1)}…`;
  }
  let used = 0;
  let at = 0;
  let end = 0; // of what stays if there is more than fits
  for (const sign of text) {
    used += WIDE.test(sign) ? 2 : 1;
    if (used > room) return room < 3 ? "" : `${text.slice(0, end)}…`;
    at += sign.length;
    if (used < room) end = at;
  }
  return text;
}

export class CanvasPainter implements Painter {
  readonly character: number;
  private last = "";
  private hatch: CanvasPattern | null = null;

  constructor(
    private readonly context: CanvasRenderingContext2D,
    private readonly centre: { x: number; y: number },
    private readonly stripes: string,
  ) {
    context.font = FONT;
    context.textBaseline = "middle";
    this.character = context.measureText("0123456789").width / 10;
  }

  private use(colour: string): void {
    if (this.last === colour) return;
    this.context.fillStyle = colour;
    this.last = colour;
  }

  private pattern(): CanvasPattern {
    if (this.hatch) return this.hatch;
    const tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const context = tile.getContext("2d")!;
    context.strokeStyle = this.stripes;
    context.lineWidth = 1.5;
    context.beginPath();
    for (const shift of [-6, 0, 6]) {
      context.moveTo(shift - 1, 7);
      context.lineTo(shift + 7, -1);
    }
    context.stroke();
    return (this.hatch = this.context.createPattern(tile, "repeat")!);
  }

  box(x: number, y: number, width: number, height: number, fill: Fill): void {
    this.use(fill.colour);
    this.context.fillRect(x, y, width, height);
    if (!fill.hatch) return;
    this.context.fillStyle = this.pattern();
    this.context.fillRect(x, y, width, height);
    this.last = "";
  }

  outline(x: number, y: number, width: number, height: number, colour: string): void {
    this.context.strokeStyle = colour;
    this.context.lineWidth = 2;
    this.context.strokeRect(x + 1, y + 1, Math.max(1, width - 2), height - 2);
  }

  arc(inner: number, outer: number, from: number, to: number, fill: Fill): void {
    const { context, centre } = this;
    const quarter = Math.PI / 2;
    context.beginPath();
    context.arc(centre.x, centre.y, outer, from - quarter, to - quarter);
    context.arc(centre.x, centre.y, inner, to - quarter, from - quarter, true);
    context.closePath();
    this.use(fill.colour);
    context.fill();
    if (!fill.hatch) return;
    context.fillStyle = this.pattern();
    context.fill();
    this.last = "";
  }

  text(x: number, y: number, text: string, colour: string, turn = 0): void {
    this.use(colour);
    if (turn === 0) {
      this.context.fillText(text, x, y);
      return;
    }
    this.context.save();
    this.context.translate(x, y);
    this.context.rotate(turn);
    this.context.fillText(text, 0, 0);
    this.context.restore();
  }

  title(): void {}
}

/** Vector text; every name is escaped here and nowhere else. */
export class SvgPainter implements Painter {
  readonly character = FONT_SIZE * 0.602;
  private parts: string[] = [];
  private isOpen = false;

  constructor(
    private readonly width: number,
    private readonly height: number,
    private readonly background: string,
    private readonly stripes: string,
    private readonly centre: { x: number; y: number },
  ) {}

  box(x: number, y: number, width: number, height: number, fill: Fill): void {
    const at = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
    this.parts.push(`<rect ${at} fill="${fill.colour}"/>`);
    if (fill.hatch) this.parts.push(`<rect ${at} fill="url(#hatch)"/>`);
  }

  outline(x: number, y: number, width: number, height: number, colour: string): void {
    const size = `width="${round(width)}" height="${round(height)}"`;
    this.parts.push(
      `<rect x="${round(x)}" y="${round(y)}" ${size} fill="none" stroke="${colour}" stroke-width="2"/>`,
    );
  }

  arc(inner: number, outer: number, from: number, to: number, fill: Fill): void {
    // A path cannot go once round in one arc: whole rings are two halves.
    if (to - from > Math.PI * 1.999) {
      const middle = (from + to) / 2;
      this.arc(inner, outer, from, middle, fill);
      this.arc(inner, outer, middle, to, fill);
      return;
    }
    const point = (radius: number, angle: number): string =>
      `${round(this.centre.x + radius * Math.sin(angle))} ${round(this.centre.y - radius * Math.cos(angle))}`;
    const large = to - from > Math.PI ? 1 : 0;
    const path =
      `M${point(outer, from)}A${round(outer)} ${round(outer)} 0 ${large} 1 ${point(outer, to)}` +
      `L${point(inner, to)}A${round(inner)} ${round(inner)} 0 ${large} 0 ${point(inner, from)}Z`;
    this.parts.push(`<path d="${path}" fill="${fill.colour}"/>`);
    if (fill.hatch) this.parts.push(`<path d="${path}" fill="url(#hatch)"/>`);
  }

  text(x: number, y: number, text: string, colour: string, turn = 0): void {
    const degrees = (turn * 180) / Math.PI;
    const move = turn ? ` transform="rotate(${round(degrees)} ${round(x)} ${round(y)})"` : "";
    this.parts.push(
      `<text x="${round(x)}" y="${round(y + FONT_SIZE * 0.35)}" fill="${colour}"${move}>${escape(text)}</text>`,
    );
  }

  title(text: (() => string) | null): void {
    if (this.isOpen) this.parts.push("</g>");
    this.isOpen = text !== null;
    if (text) this.parts.push(`<g><title>${escape(text())}</title>`);
  }

  toString(): string {
    this.title(null);
    const family = escape(FONT.slice(FONT.indexOf(" ") + 1));
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${this.width}" height="${this.height}"` +
      ` viewBox="0 0 ${this.width} ${this.height}" font-family="${family}" font-size="${FONT_SIZE}">` +
      `<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse">` +
      `<path d="M-1 7L7 -1M-1 1L1 -1M5 7L7 5" stroke="${this.stripes}" stroke-width="1.5"/></pattern></defs>` +
      `<rect width="${this.width}" height="${this.height}" fill="${this.background}"/>` +
      `${this.parts.join("")}</svg>\n`
    );
  }
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Text for XML: markup is escaped, and what XML cannot hold is U+FFFD. */
export function escape(text: string): string {
  return text
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      "\ufffd",
    )
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");
}
