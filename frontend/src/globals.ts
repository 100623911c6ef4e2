/** htmx and Alpine under the names their extensions look for. Imported before any of those. */
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";

declare global {
  interface Window {
    htmx: typeof htmx;
    Alpine: typeof Alpine;
  }
}

window.htmx = htmx;
window.Alpine = Alpine;

export { Alpine, htmx };
