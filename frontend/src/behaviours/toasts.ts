/** Short messages with a way back. The server sends them as the event `toast` in HX-Trigger. */
import { h, icon, one, word } from "../dom.ts";
import { unsafeHeaders } from "./headers.ts";

export interface Toast {
  message: string;
  kind?: "success" | "info" | "warning" | "error";
  undo?: string;
  link?: string;
  linkLabel?: string;
}

const DRAWINGS = { success: "circle-check", info: "info-circle", warning: "alert-triangle", error: "alert-circle" };

async function takeBack(url: string, line: HTMLElement): Promise<void> {
  const answer = await fetch(url, { method: "POST", headers: { ...unsafeHeaders(line), "HX-Request": "true" } }).catch(() => null);
  line.remove();
  if (!answer?.ok) {
    toast({ message: word("failed"), kind: "error" });
    return;
  }
  toast({ message: word("undone"), kind: "info" });
  document.body.dispatchEvent(new CustomEvent("undone", { bubbles: true }));
  if (!answer.headers.has("HX-Trigger") && !one("[hx-trigger*='undone']")) location.reload();
}

/** Leave after a while, but never while the pointer or the focus rests on it. */
function leaveLater(line: HTMLElement, after: number): void {
  window.setTimeout(() => {
    if (line.matches(":hover, :focus-within")) leaveLater(line, 2000);
    else line.remove();
  }, after);
}

export function toast({ message, kind = "success", undo, link, linkLabel }: Toast): void {
  const place = document.getElementById("toasts");
  if (!place || !message) return;
  const line = h("div", { class: `toast-line toast-${kind}` }, h("span", { class: "toast-text" }, message));
  line.prepend(icon(DRAWINGS[kind] ?? DRAWINGS.info));
  if (undo) line.append(h("button", { type: "button", onclick: () => void takeBack(undo, line) }, word("undo")));
  if (link) line.append(h("a", { href: link }, linkLabel || link));
  const close = h("button", { type: "button", class: "toast-close", "aria-label": word("close"), onclick: () => line.remove() });
  close.append(icon("x"));
  line.append(close);
  place.append(line);
  while (place.querySelectorAll(".toast-line").length > 4) place.querySelector(".toast-line")?.remove();
  // Shown anew each time, so that it stands above a dialog opened in between.
  if (place.matches(":popover-open")) place.hidePopover();
  place.showPopover();
  leaveLater(line, kind === "error" ? 12_000 : undo ? 10_000 : 5_000);
}

export function startToasts(): void {
  document.addEventListener("toast", (event) => toast((event as CustomEvent<Toast>).detail));
  for (const waiting of document.querySelectorAll<HTMLTemplateElement>("template[data-toast]")) {
    const kind = (waiting.dataset["kind"] ?? "info").split(" ").at(-1) as Toast["kind"];
    toast({ message: waiting.content.textContent ?? "", kind: kind && kind in DRAWINGS ? kind : "info" });
    waiting.remove();
  }
}
