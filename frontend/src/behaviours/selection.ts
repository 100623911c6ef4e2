/** Rows of a list: picking one, a range, the page or all; the bar that acts on them; moving by keys. */
import { all, on, one, word } from "../dom.ts";

let last: HTMLInputElement | null = null;

function listOf(element: Element): HTMLElement | null {
  return element.closest<HTMLElement>("[data-list]");
}

function boxes(list: ParentNode): HTMLInputElement[] {
  return all<HTMLInputElement>("[data-pick]", list);
}

/** Make the bar, the head box and the rows agree with the boxes. */
function refresh(list: HTMLElement): void {
  const every = boxes(list);
  const picked = every.filter((box) => box.checked);
  if (picked.length < every.length || !every.length) delete list.dataset["all"];
  for (const box of every) box.closest("[data-row]")?.classList.toggle("row-picked", box.checked);
  const head = one<HTMLInputElement>("[data-pick-page]", list);
  if (head) {
    head.checked = every.length > 0 && picked.length === every.length;
    head.indeterminate = picked.length > 0 && !head.checked;
  }
  const bar = one("[data-bulk-bar]", list);
  if (!bar) return;
  bar.hidden = picked.length === 0;
  const everything = one("[data-bulk-all]", bar);
  const count = one("[data-bulk-count]", bar);
  if (everything) everything.hidden = !head?.checked || list.dataset["all"] === "1";
  if (count) count.textContent = list.dataset["all"] === "1" ? everything?.textContent ?? "" : word("selected", { n: picked.length });
}

function picked(event: MouseEvent, box: HTMLInputElement): void {
  const list = listOf(box);
  if (!list) return;
  const every = boxes(list);
  if (event.shiftKey && last && every.includes(last)) {
    const [from, to] = [every.indexOf(last), every.indexOf(box)].sort((a, b) => a - b);
    for (const between of every.slice(from, (to ?? 0) + 1)) between.checked = box.checked;
  }
  last = box;
  refresh(list);
}

function setAll(list: HTMLElement, value: boolean): void {
  for (const box of boxes(list)) box.checked = value;
  refresh(list);
}

const rows = (): HTMLElement[] => all("[data-row]");
export const current = (): HTMLElement | null => one(".row-current");

/** Step to the next (1) or previous (-1) row; false where the page has no rows. */
export function moveRow(step: number): boolean {
  const every = rows();
  if (!every.length) return false;
  const at = current();
  const next = every[Math.max(0, Math.min(every.length - 1, at ? every.indexOf(at) + step : 0))];
  at?.classList.remove("row-current");
  next?.classList.add("row-current");
  one<HTMLElement>("a[href]", next ?? document)?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
  return true;
}

export function pickRow(): boolean {
  const box = one<HTMLInputElement>("[data-pick]", current() ?? document.createDocumentFragment());
  box?.click();
  return Boolean(box);
}

export function openRow(): boolean {
  const url = current()?.dataset["url"];
  if (url) location.assign(url);
  return Boolean(url);
}

/** Requests from the bar name the picked records as `ids`, or `all=1` for everything the list's conditions hold. */
function attach(source: Element, body: FormData): void {
  const list = source.closest("[data-bulk-bar]") ? listOf(source) : null;
  if (!list) return;
  if (list.dataset["all"] === "1") body.set("all", "1");
  else for (const box of boxes(list)) if (box.checked) body.append("ids", box.value);
}

export function startSelection(): void {
  on("click", "[data-pick]", (event, box) => picked(event, box as HTMLInputElement));
  on("change", "[data-pick-page]", (_event, box) => {
    const list = listOf(box);
    if (list) setAll(list, (box as HTMLInputElement).checked);
  });
  on("click", "[data-bulk-clear]", (_event, button) => {
    const list = listOf(button);
    if (list) setAll(list, false);
  });
  on("click", "[data-bulk-all]", (_event, button) => {
    const list = listOf(button);
    if (!list) return;
    list.dataset["all"] = "1";
    refresh(list);
  });
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.request.body instanceof FormData) attach(ctx.sourceElement, ctx.request.body);
  });
  document.addEventListener("htmx:after:swap", () => all("[data-list]").forEach(refresh));
  all("[data-list]").forEach(refresh);
}
