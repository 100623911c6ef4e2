/**
 * Cells changed where they stand. `<td data-cell data-url="…" tabindex="0">`: a click or Enter fetches the form from the
 * address; it answers a POST with the new cell, or with itself and the problem (409, 422). Esc brings the old text back,
 * arrows move between cells, Tab saves and goes on.
 */
import { all, on, one } from "../dom.ts";
import { htmx } from "../globals.ts";

interface Open {
  cell: HTMLElement;
  before: Node[];
  value: string;
  step: number;
}

let open: Open | null = null;

const control = (cell: Element) => one<HTMLInputElement>("input:not([type='hidden']), select, textarea", cell);

function edit(cell: HTMLElement): void {
  if (open?.cell === cell || cell.matches(".cell-open") || !cell.dataset["url"]) return;
  close(true);
  const before = [...cell.childNodes].map((node) => node.cloneNode(true));
  open = { cell, before, value: "", step: 0 };
  cell.classList.add("cell-open");
  void htmx.ajax("GET", cell.dataset["url"], { target: cell, source: cell, swap: "innerHTML" });
}

/** Open the first changeable cell of a row, or of the list where no row is current; false where there is none. */
export function editFirst(row: HTMLElement | null): boolean {
  const focused = document.activeElement?.closest<HTMLElement>("[data-cell]");
  const cell = focused ?? one("[data-cell]", row ?? document);
  if (cell) edit(cell);
  return Boolean(cell);
}

/** Put the old text back; with `focus` false the focus stays where it went. */
function cancel(focus = true): void {
  if (!open) return;
  const { cell, before } = open;
  open = null;
  cell.classList.remove("cell-open");
  cell.replaceChildren(...before);
  if (focus) cell.focus();
}

function save(step = 0): void {
  const field = open ? control(open.cell) : null;
  if (!open || !field) return;
  if (field.value === open.value && !open.cell.querySelector("[aria-invalid='true']")) {
    const { cell } = open;
    cancel(step === 0);
    if (step) neighbour(cell, 0, step)?.focus();
    return;
  }
  open.step = step;
  field.form?.requestSubmit();
}

function close(leaving: boolean): void {
  if (!open) return;
  if (control(open.cell)) save();
  else if (leaving) cancel(false);
}

/** The changeable cell so many rows down and cells across. */
function neighbour(cell: HTMLElement, down: number, across: number): HTMLElement | null {
  const row = cell.closest("tr");
  if (!row) return null;
  if (down) {
    const table = all<HTMLTableRowElement>("tr[data-row]", row.parentElement ?? document);
    const target = table[table.indexOf(row) + down];
    const twin = target?.cells[(cell as HTMLTableCellElement).cellIndex];
    return twin?.matches("[data-cell]") ? twin : null;
  }
  const every = all("[data-cell]", cell.closest("table") ?? document);
  return every[every.indexOf(cell) + across] ?? null;
}

const STEPS: Record<string, [number, number]> = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
};

function inForm(event: KeyboardEvent): void {
  if (event.isComposing) return;
  if (event.key === "Escape") cancel();
  else if (event.key === "Tab") save(event.shiftKey ? -1 : 1);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function pressed(event: KeyboardEvent, cell: HTMLElement): void {
  if (open?.cell === cell) {
    inForm(event);
    return;
  }
  const step = STEPS[event.key];
  if (step) neighbour(cell, ...step)?.focus();
  else if (event.key === "Enter" || event.key === "F2") edit(cell);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** The form has arrived, or the cell came back. */
function swapped(): void {
  if (!open) return;
  const { cell, step } = open;
  const field = control(cell);
  if (cell.isConnected && field) {
    open.value = cell.querySelector("[aria-invalid='true']") ? open.value : field.value;
    field.focus();
    if (field instanceof HTMLInputElement && !/^(date|number|checkbox)/.test(field.type)) field.select();
    return;
  }
  if (cell.isConnected) return;
  open = null;
  const fresh = one(`[data-cell][data-url="${CSS.escape(cell.dataset["url"] ?? "")}"]`);
  fresh?.classList.add("cell-saved");
  const next = fresh && step ? neighbour(fresh, 0, step) : fresh;
  if (document.activeElement === document.body || step) next?.focus();
}

export function startCells(): void {
  on("click", "[data-cell]", (event, cell) => {
    if (!(event.target as Element).closest("a, button, input, select, textarea")) edit(cell);
  });
  on("keydown", "[data-cell]", pressed, true);
  on("change", ".cell-open select", () => save());
  document.addEventListener("focusout", (event) => {
    if (!open?.cell.contains(event.target as Node)) return;
    if (event.relatedTarget instanceof Node && open.cell.contains(event.relatedTarget)) return;
    const { cell } = open;
    // The answer of the server also takes the focus away; only a person leaving an unchanged or changed form counts.
    window.setTimeout(() => {
      if (open?.cell === cell && cell.isConnected && !cell.contains(document.activeElement) && !cell.querySelector(".htmx-request")) {
        close(true);
      }
    }, 0);
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    const status = ctx.response?.status ?? 0;
    const cell = ctx.sourceElement.closest<HTMLElement>("[data-cell]");
    if (!cell || open?.cell !== cell) return;
    // A refused form replaces the form, not the cell.
    if (status === 409 || status === 422) Object.assign(ctx, { target: cell, swap: "innerHTML" });
    else if (status >= 400) cancel();
  });
  document.addEventListener("htmx:after:swap", swapped);
}
