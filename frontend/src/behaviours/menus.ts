/** Menus (popover) beside their buttons, arrow keys in them, and the tips that buttons show. */
import { all, apple, on, one } from "../dom.ts";

const GAP = 6;

/** Put a popover under its button, or above it where there is more room, inside the window. */
function place(popover: HTMLElement, anchor: Element, gap = GAP): void {
  const at = anchor.getBoundingClientRect();
  const size = popover.getBoundingClientRect();
  const toRight = at.left + size.width + 8 > innerWidth;
  const left = toRight ? at.right - size.width : at.left;
  const below = at.bottom + gap + size.height + 8 <= innerHeight || at.top < innerHeight - at.bottom;
  const top = below ? at.bottom + gap : at.top - gap - size.height;
  popover.style.left = `${Math.max(8, Math.min(left, innerWidth - size.width - 8))}px`;
  popover.style.top = `${Math.max(8, Math.min(top, innerHeight - size.height - 8))}px`;
}

function items(menu: Element): HTMLElement[] {
  return all("[role^='menuitem']:not([disabled])", menu);
}

function opener(menu: Element): HTMLElement | null {
  return one(`[popovertarget="${CSS.escape(menu.id)}"]`);
}

function toggled(event: Event): void {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !menu.matches(".menu[popover]")) return;
  const button = opener(menu);
  const open = (event as ToggleEvent).newState === "open";
  button?.setAttribute("aria-expanded", String(open));
  if (!open || !button) return;
  place(menu, button);
  items(menu)[0]?.focus();
}

function moved(event: KeyboardEvent, menu: HTMLElement): void {
  const list = items(menu);
  const index = list.indexOf(document.activeElement as HTMLElement);
  const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: list.length - 1 }[event.key];
  if (next === undefined || !list.length) return;
  event.preventDefault();
  list[(next + list.length) % list.length]?.focus();
}

/** Keys as this machine writes them: ⌘K or Ctrl K. */
function keyText(keys: string): string {
  const names: Record<string, string> = apple
    ? { mod: "⌘", shift: "⇧", alt: "⌥", enter: "↵" }
    : { mod: "Ctrl", shift: "Shift", alt: "Alt", enter: "↵" };
  return keys.split("+").map((key) => names[key] ?? key.toUpperCase()).join(apple ? "" : " ");
}

let waiting = 0;

function showTip(anchor: HTMLElement, after: number): void {
  const narrow = document.documentElement.dataset["sidebar"] === "narrow";
  const text = anchor.dataset["tip"] ?? (narrow && anchor.closest(".sidebar") ? anchor.dataset["tipNarrow"] : undefined);
  const tip = document.getElementById("tip");
  clearTimeout(waiting);
  if (!text || !tip) return;
  waiting = window.setTimeout(() => {
    if (!anchor.isConnected || anchor.getAttribute("aria-expanded") === "true") return;
    tip.textContent = text;
    if (anchor.dataset["tipKeys"]) {
      const key = document.createElement("kbd");
      key.textContent = keyText(anchor.dataset["tipKeys"]);
      tip.append(key);
    }
    tip.showPopover();
    place(tip, anchor, 4);
  }, after);
}

function hideTip(): void {
  clearTimeout(waiting);
  const tip = document.getElementById("tip");
  if (tip?.matches(":popover-open")) tip.hidePopover();
}

export function startMenus(): void {
  document.addEventListener("toggle", toggled, true);
  on("keydown", ".menu[popover]", moved);
  on("click", ".menu[popover] .menu-item", (event, item) => {
    const menu = item.closest<HTMLElement>(".menu[popover]");
    if (!event.defaultPrevented && !item.matches("[role='menuitemradio'], [data-keep-open]")) menu?.hidePopover();
  });
  addEventListener("resize", () => all(".menu:popover-open").forEach((menu) => menu.hidePopover()));
  const tips = "[data-tip], .sidebar [data-tip-narrow]";
  on("pointerover", tips, (event, anchor) => event.pointerType === "mouse" && showTip(anchor, 450));
  on("pointerout", tips, hideTip);
  on("focusin", tips, (_event, anchor) => anchor.matches(":focus-visible") && showTip(anchor, 200));
  on("focusout", tips, hideTip);
  on("click", tips, hideTip, true);
  for (const key of all("[data-keys]")) key.textContent = keyText(key.dataset["keys"] ?? "");
}
