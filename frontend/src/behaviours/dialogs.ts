/** Dialogs: fetched ones open when they arrive in `#dialog-slot`; questions before dangerous steps. */
import { on, one, word } from "../dom.ts";
import { dirty, forget } from "./guard.ts";

let before: HTMLElement | null = null;

function openSlot(): void {
  const dialog = one<HTMLDialogElement>("#dialog-slot > dialog:not([open])");
  if (!dialog) return;
  before ??= document.activeElement instanceof HTMLElement ? document.activeElement : null;
  dialog.showModal();
  const first = one("[autofocus], .dialog-body :is(input:not([type='hidden']), select, textarea)", dialog);
  first?.focus();
}

function closed(dialog: HTMLDialogElement): void {
  if (dialog.parentElement?.id !== "dialog-slot") return;
  forget(dialog);
  dialog.remove();
  if (before?.isConnected) before.focus();
  before = null;
}

/** Close, unless the person has written something and wants to keep it. */
function tryClose(dialog: HTMLDialogElement): void {
  if (!dirty(dialog)) {
    dialog.close();
    return;
  }
  void ask(word("leave")).then((yes) => {
    if (!yes) return;
    forget(dialog);
    dialog.close();
  });
}

/** Ask a question; true when it is confirmed. `danger` paints the answer red. */
export function ask(text: string, danger = false): Promise<boolean> {
  const dialog = one<HTMLDialogElement>("#confirm");
  const place = document.getElementById("confirm-text");
  if (!dialog || !place) return Promise.resolve(window.confirm(text));
  place.textContent = text;
  const yes = document.getElementById("confirm-yes");
  yes?.classList.toggle("btn-danger", danger);
  yes?.classList.toggle("btn-primary", !danger);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** Whether the pointer is inside the dialog's box (and not on what lies behind it). */
function within(dialog: HTMLDialogElement, event: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect();
  return event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
}

interface Question {
  ctx: { confirm?: string; sourceElement: Element };
  issueRequest: () => void;
  dropRequest: () => void;
}

export function startDialogs(): void {
  on("click", "[data-open-dialog]", (_event, button) => {
    const dialog = document.getElementById(button.dataset["openDialog"] ?? "");
    if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
  });
  on("click", "dialog [data-close]", (_event, button) => {
    const dialog = button.closest("dialog");
    if (dialog) tryClose(dialog);
  });
  document.addEventListener("click", (event) => {
    const dialog = event.target;
    if (!(dialog instanceof HTMLDialogElement) || !dialog.open || within(dialog, event)) return;
    if (dialog.hasAttribute("data-light-dismiss") || dialog.parentElement?.id === "dialog-slot") tryClose(dialog);
  });
  document.addEventListener("cancel", (event) => {
    const dialog = event.target;
    if (!(dialog instanceof HTMLDialogElement) || !dirty(dialog)) return;
    event.preventDefault();
    tryClose(dialog);
  }, true);
  document.addEventListener("close", (event) => {
    if (event.target instanceof HTMLDialogElement) closed(event.target);
  }, true);
  document.addEventListener("htmx:after:swap", openSlot);
  document.addEventListener("closeDialog", () => {
    const dialog = one<HTMLDialogElement>("#dialog-slot > dialog");
    if (dialog) forget(dialog);
    dialog?.close();
  });
  // A plain form asks before it is sent; `submit()` sends it without asking again.
  on("submit", "form[data-ask]", (event, form) => {
    event.preventDefault();
    void ask(form.dataset["ask"] ?? "", "danger" in form.dataset).then((yes) => yes && (form as HTMLFormElement).submit());
  });
  document.addEventListener("htmx:confirm", (event) => {
    const { ctx, issueRequest, dropRequest } = (event as unknown as CustomEvent<Question>).detail;
    if (!ctx.confirm) return;
    event.preventDefault();
    const danger = ctx.sourceElement.matches(".btn-danger, .btn-danger-quiet, .menu-item-danger, [data-danger]");
    void ask(ctx.confirm, danger).then((yes) => (yes ? issueRequest() : dropRequest()));
  });
}
