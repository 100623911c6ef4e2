/** The headers of unsafe requests: who asks, and which intention this is. */
import { cookie, meta } from "../dom.ts";

const keys = new WeakMap<Element, string>();

function hidden(element: Element): HTMLInputElement | null {
  const form = element instanceof HTMLFormElement ? element : (element as HTMLButtonElement).form ?? element.closest("form");
  return form?.querySelector<HTMLInputElement>('input[name="idempotency_key"]') ?? null;
}

/** The key of one intention: made with the form or the first click, kept over retries, renewed after success. */
function idempotencyKey(element: Element): string {
  const field = hidden(element);
  if (field?.value) return field.value;
  const holder = element.closest("form") ?? element;
  const key = keys.get(holder) ?? crypto.randomUUID();
  keys.set(holder, key);
  return key;
}

/** Another key, for the next intention. */
export function renew(element: Element): void {
  const field = hidden(element);
  if (field) field.value = crypto.randomUUID();
  keys.delete(element.closest("form") ?? element);
}

/** Headers for an unsafe request of our own. */
export function unsafeHeaders(element: Element): Record<string, string> {
  return { "X-CSRFToken": cookie("csrftoken") || meta("csrf-token"), "Idempotency-Key": idempotencyKey(element) };
}
