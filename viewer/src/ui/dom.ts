// Elements without a framework. Text is only ever set as text: no name in a profile is markup.

type Child = Node | string | null | undefined | false;
type Handler = (event: never) => void;
type Value = string | number | boolean | null | undefined | Handler;

/** h("button", {class: "on", onclick: f}, "text"). Handlers are properties that begin with on; true
 * sets an empty attribute, false and null none. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) set(element, key, value);
  element.append(...children.filter((child): child is Node | string => !!child || child === ""));
  return element;
}

export function set(element: HTMLElement, key: string, value: Value): void {
  if (typeof value === "function") element.addEventListener(key.slice(2), value as EventListener);
  else if (value === true) element.setAttribute(key, "");
  else if (value === false || value === null || value === undefined) element.removeAttribute(key);
  else element.setAttribute(key, String(value));
}

/** Puts children in the place of all that an element has. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter((child): child is Node | string => !!child));
}

/** Says something to those who listen to the page; what was said before is replaced. */
export function announce(text: string): void {
  let region = document.getElementById("said");
  if (!region) {
    region = h("div", { id: "said", class: "unseen", "aria-live": "polite", role: "status" });
    (document.querySelector("main") ?? document.body).after(region);
  }
  region.textContent = text;
}

export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return !!target?.closest("input, select, textarea");
}
