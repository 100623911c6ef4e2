/** Theme, density and the width of the sidebar: set on the root, remembered in cookies that the server reads. */
import { all, on, remember } from "../dom.ts";

function check(attribute: string, value: string): void {
  for (const item of all(`[data-set-${attribute}]`)) {
    item.setAttribute("aria-checked", String(item.getAttribute(`data-set-${attribute}`) === value));
  }
}

function setTheme(value: string): void {
  const root = document.documentElement;
  root.dataset["themeChoice"] = value;
  if (value === "auto") root.removeAttribute("data-bs-theme");
  else root.setAttribute("data-bs-theme", value);
  remember("theme", value);
  check("theme", value);
  document.dispatchEvent(new CustomEvent("theme:changed"));
}

function setDensity(value: string): void {
  document.documentElement.dataset["density"] = value;
  remember("density", value);
  check("density", value);
}

export function toggleSidebar(): void {
  const root = document.documentElement;
  const next = root.dataset["sidebar"] === "narrow" ? "wide" : "narrow";
  root.dataset["sidebar"] = next;
  remember("sidebar", next);
}

export function startLook(): void {
  on("click", "[data-set-theme]", (_event, item) => setTheme(item.dataset["setTheme"] ?? "auto"));
  on("click", "[data-set-density]", (_event, item) => setDensity(item.dataset["setDensity"] ?? "comfortable"));
  on("click", "[data-sidebar-toggle]", toggleSidebar);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    document.dispatchEvent(new CustomEvent("theme:changed")),
  );
}
