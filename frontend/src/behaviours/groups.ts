/** Groups of a list: opened and closed by their button; their rows come once, when first opened. */
import { on } from "../dom.ts";

export function startGroups(): void {
  on("click", "[data-group-toggle]", (_event, button) => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    document.getElementById(button.getAttribute("aria-controls") ?? "")?.toggleAttribute("hidden", !open);
  });
}
