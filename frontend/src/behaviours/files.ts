/** The file control: what was chosen in the words of the page, and files that are dropped beside it open nothing. */
import { all, on, one } from "../dom.ts";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

function size(bytes: number): string {
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const style = { style: "unit", unit: UNITS[step], unitDisplay: "short", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(document.documentElement.lang, style).format(bytes / 1000 ** step);
}

/** Say which files stand in the control; what it said before comes back when there are none. */
function tell(input: HTMLInputElement): void {
  const field = input.closest<HTMLElement>(".file-field");
  const text = field && one("[data-file-text]", field);
  if (!field || !text) return;
  text.dataset["empty"] ??= text.textContent;
  const chosen = [...(input.files ?? [])];
  text.textContent = chosen.map((file) => `${file.name} · ${size(file.size)}`).join(", ") || text.dataset["empty"];
  input.title = text.textContent;
  field.classList.toggle("has-file", chosen.length > 0);
}

function hover(event: DragEvent, over: boolean): void {
  const target = event.target instanceof Element ? event.target : null;
  target?.closest(".file-field")?.classList.toggle("is-over", over);
}

export function startFiles(): void {
  const dress = (): void => all<HTMLInputElement>(".file-input").forEach(tell);
  on("change", ".file-input", (_event, input) => tell(input as HTMLInputElement));
  document.addEventListener("reset", () => setTimeout(dress));
  for (const type of ["dragenter", "dragover", "dragleave", "drop"] as const) {
    document.addEventListener(type, (event) => {
      hover(event, type === "dragenter" || type === "dragover");
      const input = event.target instanceof Element && event.target.matches(".file-input");
      if (!input && event.dataTransfer?.types.includes("Files") && one(".file-input")) event.preventDefault();
    });
  }
  document.addEventListener("htmx:after:swap", dress);
  dress();
}
