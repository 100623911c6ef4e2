/** The keys of the whole page. Single keys can be switched off in the sheet (WCAG 2.1.4). */
import { all, cookie, on, one, remember, writing } from "../dom.ts";
import { editFirst } from "./cells.ts";
import { toggleSidebar } from "./look.ts";
import { openPalette } from "./palette.ts";
import { current, moveRow, openRow, pickRow } from "./selection.ts";

const LETTERS: Record<string, string> = {
  home: "h", jobs: "j", customers: "c", duplicates: "d", imports: "i", value: "v",
};
const goals = new Map<string, string>();
let goUntil = 0;

/** Give every place of the sheet its letter: the agreed one, else the first free letter of its name. */
function assign(): void {
  for (const line of all("[data-go]")) {
    const name = line.dataset["go"] ?? "";
    const letter = LETTERS[name] ?? [...name].find((each) => !goals.has(each) && !Object.values(LETTERS).includes(each));
    const key = one("[data-go-key]", line);
    if (!letter || goals.has(letter) || !key) continue;
    goals.set(letter, line.dataset["url"] ?? "");
    key.textContent = letter.toUpperCase();
    line.hidden = false;
  }
}

function press(selector: string): boolean {
  const target = one(selector);
  target?.click();
  return Boolean(target);
}

function focus(selector: string): boolean {
  const target = one<HTMLInputElement>(selector);
  target?.focus();
  target?.select();
  return Boolean(target);
}

const SINGLE: Record<string, () => boolean> = {
  "?": () => press("[data-open-dialog='shortcuts']"),
  "/": () => focus("[data-list-search]"),
  "[": () => (toggleSidebar(), true),
  f: () => press("[data-filter-open]"),
  n: () => press("[data-key='n']") || press("#menu-new .menu-item"),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  x: pickRow,
  e: () => press("[data-key='e']") || editFirst(current()),
  Enter: openRow,
};

function single(event: KeyboardEvent): void {
  if (event.timeStamp < goUntil) {
    goUntil = 0;
    const goal = goals.get(event.key.toLowerCase());
    if (goal) location.assign(goal);
    return;
  }
  if (event.key === "g") {
    goUntil = event.timeStamp + 1200;
    return;
  }
  if (event.key === "Enter" && (event.target as Element).closest("a, button, summary, [data-cell]")) return;
  if (SINGLE[event.key]?.()) event.preventDefault();
}

function pressed(event: KeyboardEvent): void {
  const mod = event.ctrlKey || event.metaKey;
  if (mod && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
  } else if (mod && event.key === "Enter") {
    const form = document.activeElement?.closest("form");
    if (form) event.preventDefault();
    form?.requestSubmit();
  } else if (!mod && !event.altKey && !event.isComposing && !event.defaultPrevented && cookie("zhike_keys") !== "off") {
    if (!writing(event.target) && !one("dialog[open]")) single(event);
  }
}

export function startShortcuts(): void {
  assign();
  document.addEventListener("keydown", pressed);
  for (const box of all<HTMLInputElement>("[data-single-keys]")) box.checked = cookie("zhike_keys") !== "off";
  on("change", "[data-single-keys]", (_event, box) => remember("keys", (box as HTMLInputElement).checked ? "on" : "off"));
}
