/** Small helpers over the DOM: delegated listeners, element building, icons, words, cookies. */

type Handler<E extends Event> = (event: E, element: HTMLElement) => void;

/** Call `handler` for events inside any present or future element that matches `selector`. */
export function on<K extends keyof DocumentEventMap>(
  type: K,
  selector: string,
  handler: Handler<DocumentEventMap[K]>,
  capture = false,
): void {
  document.addEventListener(
    type,
    (event) => {
      const found = event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null;
      if (found) handler(event, found);
    },
    capture,
  );
}

export function one<T extends HTMLElement = HTMLElement>(selector: string, inside: ParentNode = document): T | null {
  return inside.querySelector<T>(selector);
}

export function all<T extends HTMLElement = HTMLElement>(selector: string, inside: ParentNode = document): T[] {
  return [...inside.querySelectorAll<T>(selector)];
}

type Value = string | number | boolean | null | undefined | EventListener;

/** Build an element: attributes by name (`onclick` takes a listener), then children. Text is never read as markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Value> = {},
  ...children: (Node | string | null)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function meta(name: string): string {
  return one<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name: string): SVGSVGElement {
  const drawing = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${meta("icons")}#${name}`);
  drawing.append(use);
  return drawing;
}

/** The parsed content of a `<script type="application/json">`. */
export function json<T>(selector: string, inside: ParentNode = document): T | null {
  const text = (inside.querySelector(selector) ?? document.querySelector(selector))?.textContent;
  return text ? (JSON.parse(text) as T) : null;
}

let known: Record<string, string> | null = null;

/** A word of the page's language, with `{name}` filled in. */
export function word(key: string, values: Record<string, string | number> = {}): string {
  known ??= json<Record<string, string>>("#words") ?? {};
  return (known[key] ?? key).replaceAll(/\{(\w+)\}/g, (_whole, name: string) => String(values[name] ?? ""));
}

export function cookie(name: string): string {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/** Keep a choice of this browser for a year. */
export function remember(name: string, value: string): void {
  const safe = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `zhike_${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax${safe}`;
}

/** Whether the person is writing, so that single keys must not act. */
export function writing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(textarea|select)$/i.test(target.tagName) ||
      (target instanceof HTMLInputElement && !/^(checkbox|radio|button|submit|range)$/.test(target.type)))
  );
}

export const apple = /mac|iphone|ipad/i.test(navigator.platform);
