/** Columns drawn wider or narrower by their edge, with the pointer or by keys; kept with the person. */
import { all, on } from "../dom.ts";
import { unsafeHeaders } from "./headers.ts";

const NARROWEST = 64;
const WIDEST = 900;
const STEP = 16;

function heads(table: HTMLTableElement): HTMLElement[] {
  return all("thead [data-col]", table);
}

/** Give every column the width it has now, so that drawing one leaves the others alone. */
function freeze(table: HTMLTableElement): void {
  if (table.classList.contains("table-fixed")) return;
  const widths = heads(table).map((head) => Math.round(head.getBoundingClientRect().width));
  heads(table).forEach((head, at) => head.setAttribute("width", String(widths[at])));
  table.classList.add("table-fixed");
}

function widthOf(head: HTMLElement): number {
  return Number(head.getAttribute("width")) || Math.round(head.getBoundingClientRect().width);
}

function draw(head: HTMLElement, width: number): void {
  const fitting = Math.round(Math.max(NARROWEST, Math.min(WIDEST, width)));
  head.setAttribute("width", String(fitting));
  head.querySelector("[data-col-grip]")?.setAttribute("aria-valuenow", String(fitting));
}

function keep(table: HTMLTableElement, widths: Record<string, number>): Promise<Response> {
  const body = new FormData();
  body.set("widths", JSON.stringify(widths));
  const headers = { ...unsafeHeaders(table), "Idempotency-Key": crypto.randomUUID() };
  return fetch(table.dataset["widthsUrl"] ?? "", { method: "POST", body, headers });
}

function keepAll(table: HTMLTableElement): void {
  void keep(table, Object.fromEntries(heads(table).map((head) => [head.dataset["col"] ?? "", widthOf(head)])));
}

function parts(grip: Element): { head: HTMLElement; table: HTMLTableElement } | null {
  const head = grip.closest<HTMLElement>("[data-col]");
  const table = grip.closest("table");
  return head && table ? { head, table } : null;
}

let later: ReturnType<typeof setTimeout> | undefined;

function pull(event: PointerEvent, grip: HTMLElement): void {
  const found = parts(grip);
  if (!found || event.button !== 0) return;
  const { head, table } = found;
  event.preventDefault();
  freeze(table);
  const from = widthOf(head);
  const start = event.clientX;
  const move = (at: PointerEvent): void => draw(head, from + at.clientX - start);
  const end = (): void => {
    grip.removeEventListener("pointermove", move);
    if (widthOf(head) !== from) keepAll(table);
  };
  grip.setPointerCapture(event.pointerId);
  grip.addEventListener("pointermove", move);
  grip.addEventListener("lostpointercapture", end, { once: true });
}

function press(event: KeyboardEvent, grip: HTMLElement): void {
  const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
  const found = parts(grip);
  if (!step || !found) return;
  event.preventDefault();
  event.stopPropagation();
  freeze(found.table);
  draw(found.head, widthOf(found.head) + step);
  clearTimeout(later);
  later = setTimeout(() => keepAll(found.table), 400);
}

export function startWidths(): void {
  on("pointerdown", "[data-col-grip]", (event, grip) => pull(event, grip));
  on("keydown", "[data-col-grip]", (event, grip) => press(event, grip));
  // Twice: every column finds its own width again.
  on("dblclick", "[data-col-grip]", (_event, grip) => {
    const table = parts(grip)?.table;
    if (table) void keep(table, {}).then(() => document.body.dispatchEvent(new CustomEvent("list:changed", { bubbles: true })));
  });
}
