/** Forms marked `data-guard` are not left with changes unsaved without a question. */
import { all, on, word } from "../dom.ts";

const touched = new Set<HTMLFormElement>();

const GUARDED = "form[data-guard]";

/** Whether something inside `place` was changed and not sent. */
export function dirty(place: ParentNode): boolean {
  return all<HTMLFormElement>("form", place).some((form) => touched.has(form));
}

/** Let go of everything inside `place`. */
export function forget(place: ParentNode): void {
  for (const form of all<HTMLFormElement>("form", place)) touched.delete(form);
}

export function startGuard(): void {
  on("input", GUARDED, (_event, form) => touched.add(form as HTMLFormElement));
  on("submit", GUARDED, (_event, form) => {
    if (!form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]")) touched.delete(form as HTMLFormElement);
  });
  document.addEventListener("htmx:after:request", (event) => {
    const form = event.detail.ctx.sourceElement.closest("form");
    if (form && (event.detail.ctx.response?.status ?? 500) < 400) touched.delete(form);
  });
  addEventListener("beforeunload", (event) => {
    if (![...touched].some((form) => form.isConnected)) return;
    event.preventDefault();
    event.returnValue = word("leave");
  });
}
