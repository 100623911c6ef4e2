/** What every request of htmx carries, and what its failures say. */
import type { HtmxRequestCtx } from "htmx.org";
import { word } from "../dom.ts";
import { renew, unsafeHeaders } from "./headers.ts";
import { toast } from "./toasts.ts";

const SAFE = /^(GET|HEAD|OPTIONS|DIALOG)$/;

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
