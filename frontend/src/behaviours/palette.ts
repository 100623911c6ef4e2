/** The command palette: a combobox over places of this installation and records that the server finds. */
import { all, h, on, one, word } from "../dom.ts";

const PAUSE = 90;

function parts() {
  const dialog = one<HTMLDialogElement>("#palette");
  const input = one<HTMLInputElement>("#palette-input");
  const results = one("#palette-results");
  return dialog && input && results ? { dialog, input, results } : null;
}

function options(results: Element): HTMLElement[] {
  return all("[role='option']", results);
}

function select(index: number): void {
  const found = parts();
  if (!found) return;
  const list = options(found.results);
  const chosen = list[(index + list.length) % Math.max(1, list.length)];
  list.forEach((option, at) => {
    option.id ||= `palette-option-${at}`;
    option.setAttribute("aria-selected", String(option === chosen));
  });
  if (chosen) {
    found.input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  } else found.input.removeAttribute("aria-activedescendant");
}

function selected(results: Element): number {
  return options(results).findIndex((option) => option.getAttribute("aria-selected") === "true");
}

/** Places whose label holds the words typed. */
function places(text: string): HTMLElement | null {
  const template = one<HTMLTemplateElement>("#palette-places");
  const wanted = text.trim().toLowerCase();
  const fitting = all("[role='option']", template?.content ?? document.createDocumentFragment())
    .filter((place) => (place.dataset["words"] ?? "").toLowerCase().includes(wanted))
    .slice(0, wanted ? 5 : 8)
    .map((place) => document.importNode(place, true));
  if (!fitting.length) return null;
  const title = word("places");
  return h("div", { role: "group", "aria-label": title }, h("div", { class: "palette-group", "aria-hidden": "true" }, title), ...fitting);
}

function show(text: string, found: string): void {
  const here = parts();
  if (!here) return;
  here.results.innerHTML = found;
  const local = places(text);
  if (local) here.results.append(local);
  const count = options(here.results).length;
  if (!count) {
    const empty = h("div", { class: "empty empty-small" }, h("p", { class: "empty-text" }, word("noResults")));
    here.results.append(empty);
  }
  const status = document.getElementById("palette-status");
  if (status) status.textContent = count ? word("results", { n: count }) : word("noResults");
  for (const option of options(here.results)) option.id = "";
  select(0);
}

const REMEMBERED = 8;

/** Which records this reader opened last, by kind and id alone: their names are the server's to tell. */
function recent(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(`zhike_recent_${parts()?.dialog.dataset["reader"] ?? ""}`) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

function rememberOpened(): void {
  const opened = one("[data-record]")?.dataset["record"];
  if (!opened) return;
  const kept = [opened, ...recent().filter((each) => each !== opened)].slice(0, REMEMBERED);
  try {
    localStorage.setItem(`zhike_recent_${parts()?.dialog.dataset["reader"] ?? ""}`, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing shows nothing as opened last.
  }
}

let request: AbortController | null = null;
let pause = 0;

async function ask(text: string): Promise<void> {
  const here = parts();
  const address = here?.dialog.dataset["url"];
  request?.abort();
  if (!address) {
    show(text, "");
    return;
  }
  const mine = (request = new AbortController());
  const url = new URL(address, location.href);
  url.searchParams.set("q", text);
  if (!text) for (const each of recent()) url.searchParams.append("recent", each);
  try {
    const answer = await fetch(url, { signal: mine.signal, headers: { "HX-Request": "true", Accept: "text/html" } });
    const found = answer.ok && !answer.redirected ? await answer.text() : "";
    if (!mine.signal.aborted) show(text, found);
  } catch {
    if (!mine.signal.aborted) show(text, "");
  }
}

export function openPalette(): void {
  const here = parts();
  if (!here || here.dialog.open) return;
  here.input.value = "";
  here.dialog.showModal();
  here.input.focus();
  show("", "");
  void ask("");
}

function follow(option: HTMLElement | undefined, apart: boolean): void {
  const link = option instanceof HTMLAnchorElement ? option : option?.querySelector("a");
  if (!link) return;
  if (apart) window.open(link.href, "_blank", "noopener");
  else {
    parts()?.dialog.close();
    location.assign(link.href);
  }
}

function typed(event: KeyboardEvent): void {
  const here = parts();
  if (!here || event.isComposing) return;
  const at = selected(here.results);
  if (event.key === "ArrowDown") select(at + 1);
  else if (event.key === "ArrowUp") select(at - 1);
  else if (event.key === "Enter") follow(options(here.results)[at], event.ctrlKey || event.metaKey);
  else return;
  event.preventDefault();
}

export function startPalette(): void {
  rememberOpened();
  on("click", "[data-open-palette]", openPalette);
  on("keydown", "#palette-input", typed);
  on("input", "#palette-input", (event, input) => {
    // While an input method composes pinyin, the letters are not the word yet.
    if ((event as InputEvent).isComposing) return;
    clearTimeout(pause);
    pause = window.setTimeout(() => void ask((input as HTMLInputElement).value), PAUSE);
  });
  document.addEventListener("compositionend", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.id === "palette-input") void ask(event.target.value);
  });
  on("pointermove", "#palette-results [role='option']", (_event, option) => {
    const here = parts();
    if (here && option.getAttribute("aria-selected") !== "true") select(options(here.results).indexOf(option));
  });
}
