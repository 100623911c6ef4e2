/** What every request of htmx carries, and what its failures say. */
import { cookie, meta, word } from "../dom.ts";
import type { HtmxRequestCtx } from "htmx.org";
import { toast } from "./toasts.ts";

const SAFE = /^(GET|HEAD|OPTIONS|DIALOG)$/;
const keys = new WeakMap<Element, string>();

function hidden(element: Element): HTMLInputElement | null {
  const form = element instanceof HTMLFormElement ? element : (element as HTMLButtonElement).form ?? element.closest("form");
  return form?.querySelector<HTMLInputElement>('input[name="idempotency_key"]') ?? null;
}

/** The key of one intention: made with the form or the first click, kept over retries, renewed after success. */
export function idempotencyKey(element: Element): string {
  const field = hidden(element);
  if (field?.value) return field.value;
  const holder = element.closest("form") ?? element;
  const key = keys.get(holder) ?? crypto.randomUUID();
  keys.set(holder, key);
  return key;
}

function renew(element: Element): void {
  const field = hidden(element);
  if (field) field.value = crypto.randomUUID();
  keys.delete(element.closest("form") ?? element);
}

/** Headers for an unsafe request of our own. */
export function unsafeHeaders(element: Element): Record<string, string> {
  return { "X-CSRFToken": cookie("csrftoken") || meta("csrf-token"), "Idempotency-Key": idempotencyKey(element) };
}

function explain(status: number): string {
  if (status === 403) return word("forbidden");
  if (status === 404) return word("gone");
  if (status === 429) return word("tooMany");
  return word("failed");
}

let running = 0;

function busy(change: number, ctx: HtmxRequestCtx): void {
  if (ctx.sourceElement.closest("[data-quiet]")) return;
  running = Math.max(0, running + change);
  document.getElementById("working")?.toggleAttribute("data-busy", running > 0);
}

/** A redirect to the sign-in page means that the session ended: load the page again instead of swapping the form in. */
function signedOut(response: Response): boolean {
  return response.status === 401 || (response.redirected && /\/login\/?(\?|$)/.test(response.url));
}

export function startRequests(): void {
  const begun = new WeakSet<HtmxRequestCtx>();
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    if (!SAFE.test(ctx.request.method)) Object.assign(ctx.request.headers, unsafeHeaders(ctx.sourceElement));
  });
  document.addEventListener("htmx:before:request", (event) => {
    begun.add(event.detail.ctx);
    busy(1, event.detail.ctx);
  });
  document.addEventListener("htmx:finally:request", (event) => {
    if (begun.delete(event.detail.ctx)) busy(-1, event.detail.ctx);
  });
  document.addEventListener("htmx:before:response", (event) => {
    const raw = event.detail.ctx.response?.raw;
    if (raw && signedOut(raw)) {
      event.preventDefault();
      location.reload();
    }
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    const status = ctx.response?.status ?? 0;
    if (status < 400) {
      if (!SAFE.test(ctx.request.method)) renew(ctx.sourceElement);
    } else if (status !== 409 && status !== 422 && !ctx.response?.headers.has("HX-Trigger")) {
      toast({ message: explain(status), kind: "error" });
    }
  });
  document.addEventListener("htmx:error", (event) => {
    const { ctx } = event.detail as { ctx?: HtmxRequestCtx };
    if (!ctx || ctx.response || ctx.sourceElement.closest("[data-quiet]")) return;
    toast({ message: word(String(ctx.request.signal?.reason) === "timeout" ? "slow" : "offline"), kind: "error" });
  });
}
