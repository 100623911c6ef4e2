/**
 * Heavy widgets, fetched only where a page has one: `<div data-island="chart" data-src="#json-id">`.
 * An island is a module with `mount(element, data)` that returns how to take it down again.
 */
import { all, json } from "./dom.ts";

interface Island {
  mount(element: HTMLElement, data: unknown): () => void;
}

const ISLANDS: Record<string, () => Promise<Island>> = {
  chart: () => import("./islands/chart.ts") as Promise<Island>,
  filter: () => import("./filter/island.ts") as Promise<Island>,
};

const down = new Map<HTMLElement, () => void>();

async function raise(element: HTMLElement): Promise<void> {
  const load = ISLANDS[element.dataset["island"] ?? ""];
  if (!load || down.has(element)) return;
  down.set(element, () => undefined);
  const island = await load();
  if (!element.isConnected) return;
  const source = element.dataset["src"];
  down.set(element, island.mount(element, source ? json(source) : null));
}

const watcher = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watcher.unobserve(entry.target);
      void raise(entry.target as HTMLElement);
    }
  },
  { rootMargin: "200px" },
);

function look(): void {
  for (const [element, takeDown] of down) {
    if (element.isConnected) continue;
    takeDown();
    down.delete(element);
  }
  for (const element of all("[data-island]")) if (!down.has(element)) watcher.observe(element);
}

export function startIslands(): void {
  look();
  document.addEventListener("htmx:after:swap", look);
}
