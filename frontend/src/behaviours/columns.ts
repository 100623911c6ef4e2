/** Lists put in order by dragging, or by the two buttons each line gets (WCAG 2.5.7). */
import { all, h, icon, on, one, word } from "../dom.ts";

function button(step: number, label: string): HTMLButtonElement {
  const made = h("button", { type: "button", class: "tool", "data-step": step, "aria-label": label });
  made.append(icon(step < 0 ? "chevron-up" : "chevron-down"));
  return made;
}

function dress(list: HTMLElement): void {
  if (list.dataset["ready"]) return;
  list.dataset["ready"] = "1";
  for (const line of all("li", list)) line.append(button(-1, word("moveUp")), button(1, word("moveDown")));
  void import("sortablejs").then(({ default: Sortable }) => {
    Sortable.create(list, { handle: "[data-grip]", animation: 120, ghostClass: "sortable-ghost" });
  });
}

export function startColumns(): void {
  on("click", "[data-sortable] [data-step]", (_event, pressed) => {
    const line = pressed.closest("li");
    const step = Number(pressed.dataset["step"]);
    const other = step < 0 ? line?.previousElementSibling : line?.nextElementSibling;
    if (!line || !other) return;
    if (step < 0) other.before(line);
    else other.after(line);
    one(`[data-step='${step}']`, line)?.focus();
  });
  document.addEventListener("htmx:after:swap", () => all("[data-sortable]").forEach(dress));
  all("[data-sortable]").forEach(dress);
}
