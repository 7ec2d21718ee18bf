// A long list of which only the rows that can be seen are elements.
//
//     scroller   what scrolls; may have a head that sticks to its top
//       body     as high as all rows, or as high as a browser can do
//         rows   those in sight, a few around them, and the active one wherever it is
//
// Rows have one height. Where all of them together are higher than an element can be, places in the
// list are places of the scroll bar times a factor. One row is active: Tab leads to it, arrow keys
// move it, and its element is kept as long as it is, so the focus is never lost by scrolling.

import { h, set } from "./dom.ts";

export interface WindowOptions {
  scroller: HTMLElement;
  headHeight: number; // of what sticks to the scroller's top
  rowHeight: number; // both in CSS pixels
  create(): HTMLElement; // an empty row that can have the focus
  update(row: HTMLElement, index: number): void;
  onActive?(index: number): void; // a person moved the active row
}

const AROUND = 6; // rows on either side of those in sight
const MOST_PIXELS = 15e6; // Firefox ends at 17.9 million, others at twice that

/** The frame of a grid: what scrolls, and in it the row of the columns' heads. */
export function makeGrid(
  role: "grid" | "treegrid",
  label: string,
): { head: HTMLElement; scroller: HTMLElement } {
  const head = h("div", { role: "row", class: "grid-head" });
  const top = h("div", { role: "rowgroup", class: "grid-top" }, head);
  return { head, scroller: h("div", { role, class: "grid-rows", "aria-label": label }, top) };
}

export class WindowedList {
  readonly body = h("div", { role: "rowgroup", class: "window-body" });
  private count = 0;
  private activeIndex = 0;
  private readonly rows = new Map<number, HTMLElement>();
  private readonly spare: HTMLElement[] = [];
  private readonly places = new WeakMap<Element, number>();
  private readonly observer: ResizeObserver;
  private readonly onScroll = (): void => this.draw();

  constructor(private readonly options: WindowOptions) {
    const { scroller } = options;
    scroller.append(this.body);
    scroller.addEventListener("scroll", this.onScroll, { passive: true });
    this.body.addEventListener("focusin", (event) => this.follow(event));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(scroller);
  }

  dispose(): void {
    this.observer.disconnect();
    this.options.scroller.removeEventListener("scroll", this.onScroll);
    this.body.remove();
  }

  get active(): number {
    return this.activeIndex;
  }

  /** How many rows can be seen at once. */
  get pageSize(): number {
    return Math.max(1, Math.floor(this.viewHeight / this.options.rowHeight));
  }

  /** The index of the row that an element is in, or -1. */
  indexOf(target: EventTarget | null): number {
    for (let at = target as Element | null; at && at !== this.body; at = at.parentElement) {
      const index = this.places.get(at);
      if (index !== undefined) return index;
    }
    return -1;
  }

  /** Other rows than before: all in sight are drawn anew. isRebuilt: their elements too, because
   * rows are made of other parts. */
  setRows(count: number, active: number, isRebuilt = false): void {
    const hadFocus = this.body.contains(document.activeElement);
    if (isRebuilt) {
      this.body.replaceChildren();
      this.rows.clear();
      this.spare.length = 0;
    }
    this.count = count;
    this.activeIndex = Math.max(0, Math.min(count - 1, active));
    this.body.style.height = `${this.height}px`;
    this.draw(true);
    if (hadFocus) this.focus(this.activeIndex, false);
  }

  /** The same rows with other contents. */
  refresh(): void {
    for (const [index, row] of this.rows) this.options.update(row, index);
  }

  /** The active row without the focus, for what was chosen elsewhere. */
  setActive(index: number): void {
    if (index < 0 || index >= this.count) return;
    this.activeIndex = index;
    this.draw();
  }

  focus(index: number, isMove = true): void {
    if (this.count === 0) return;
    this.activeIndex = Math.max(0, Math.min(this.count - 1, index));
    if (isMove) this.scrollTo(this.activeIndex);
    this.draw();
    this.rows.get(this.activeIndex)?.focus({ preventScroll: true });
  }

  /** As little as is needed to see the row, or so that it is in the middle. */
  scrollTo(index: number, isCentred = false): void {
    const { rowHeight, scroller } = this.options;
    const top = index * rowHeight;
    const from = this.offset;
    const to = from + this.viewHeight;
    let wanted = from;
    if (isCentred && (top < from || top + rowHeight > to))
      wanted = top - (this.viewHeight - rowHeight) / 2;
    else if (top < from) wanted = top;
    else if (top + rowHeight > to) wanted = top + rowHeight - this.viewHeight;
    if (wanted === from) return;
    const least = Math.max(0, wanted) / this.factor;
    scroller.scrollTop = wanted > from ? Math.ceil(least) : Math.floor(least);
    this.draw();
  }

  /** Moves the focus for the keys that every list has; false for others. */
  handleKey(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const steps: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: this.pageSize - 1,
      PageUp: 1 - this.pageSize,
      Home: -this.count,
      End: this.count,
    };
    const step = steps[event.key];
    if (step === undefined) return false;
    event.preventDefault();
    this.focus(this.activeIndex + step);
    return true;
  }

  private get viewHeight(): number {
    return Math.max(0, this.options.scroller.clientHeight - this.options.headHeight);
  }

  private get height(): number {
    return Math.min(MOST_PIXELS, this.count * this.options.rowHeight);
  }

  /** Pixels of the list for one of the scroll bar: 1 but for very long lists. */
  private get factor(): number {
    const hidden = this.height - this.viewHeight;
    if (this.height < MOST_PIXELS || hidden <= 0) return 1;
    return (this.count * this.options.rowHeight - this.viewHeight) / hidden;
  }

  /** Where in the list the view begins, in pixels. */
  private get offset(): number {
    return this.options.scroller.scrollTop * this.factor;
  }

  private follow(event: FocusEvent): void {
    const index = this.indexOf(event.target);
    if (index < 0) return;
    if (index !== this.activeIndex) {
      this.activeIndex = index;
      this.draw();
    }
    // What is half in sight stays where it is: a row must not move away under a pressed button.
    const top = index * this.options.rowHeight - this.offset;
    if (top <= -this.options.rowHeight || top >= this.viewHeight) this.scrollTo(index);
    this.options.onActive?.(index);
  }

  private draw(isAnew = false): void {
    const { rowHeight, scroller, update } = this.options;
    const shift = scroller.scrollTop - this.offset;
    const first = Math.max(0, Math.floor(this.offset / rowHeight) - AROUND);
    const end = Math.min(
      this.count,
      Math.ceil((this.offset + this.viewHeight) / rowHeight) + AROUND,
    );
    const isWanted = (index: number): boolean =>
      index < this.count && ((index >= first && index < end) || index === this.activeIndex);
    for (const [index, row] of this.rows) {
      if (isWanted(index)) continue;
      this.rows.delete(index);
      row.remove();
      this.spare.push(row);
    }
    const wanted: number[] = [];
    if (this.activeIndex < first && this.count > 0) wanted.push(this.activeIndex);
    for (let index = first; index < end; index++) wanted.push(index);
    if (this.activeIndex >= end && this.count > 0) wanted.push(this.activeIndex);
    // Rows that stay are in order already, and are not moved: that would take the focus from them.
    let next = this.body.firstElementChild;
    for (const index of wanted) {
      let row = this.rows.get(index);
      const isNew = row === undefined;
      if (row === undefined) {
        row = this.spare.pop() ?? this.options.create();
        this.rows.set(index, row);
        this.places.set(row, index);
        this.body.insertBefore(row, next);
      } else next = row.nextElementSibling;
      if (isNew || isAnew) update(row, index);
      row.style.transform = `translateY(${Math.round(index * rowHeight + shift)}px)`;
      set(row, "tabindex", index === this.activeIndex ? 0 : -1);
    }
  }
}
