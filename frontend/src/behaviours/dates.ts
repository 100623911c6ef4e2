/**
 * Days and moments are written the same way in every browser and both languages: 2026-03-05, 2026-03-05 14:30.
 * The browser's own control, which writes them as the browser likes, serves only to pick one behind the button.
 */
import { on, one } from "../dom.ts";

const SHAPE = /^\s*(\d{4})\D*(\d{1,2})\D*(\d{1,2})(?:\D+(\d{1,2})\D(\d{1,2}))?\D*$/;

/** A day or moment as it is written here; what is no such thing stays as it is. */
function written(text: string, moment: boolean): string {
  const found = SHAPE.exec(text);
  if (!found) return text.trim();
  const [year, month, day, hour, minute] = found.slice(1).map((part) => (part ?? "0").padStart(2, "0"));
  return `${year}-${month}-${day}${moment ? ` ${hour}:${minute}` : ""}`;
}

const isMoment = (input: HTMLInputElement): boolean => input.dataset["day"] === "moment";

/** Let the browser's control pick; it stands in the page only meanwhile. */
function pick(field: HTMLElement): void {
  const input = one<HTMLInputElement>("[data-day]", field);
  if (!input || input.disabled || input.readOnly || one("[data-day-picker]", field)) return;
  const moment = isMoment(input);
  const picker = document.createElement("input");
  picker.type = moment ? "datetime-local" : "date";
  picker.tabIndex = -1;
  picker.dataset["dayPicker"] = "";
  picker.setAttribute("aria-hidden", "true");
  picker.value = written(input.value, moment).replace(" ", "T");
  picker.addEventListener("input", (event) => event.stopPropagation());
  picker.addEventListener("change", (event) => {
    event.stopPropagation();
    input.value = picker.value ? written(picker.value, moment) : "";
    for (const type of ["input", "change"]) input.dispatchEvent(new Event(type, { bubbles: true }));
    if (!moment) input.focus();
  });
  picker.addEventListener("blur", () => picker.remove());
  field.append(picker);
  picker.focus({ preventScroll: true });
  picker.showPicker();
}

export function startDates(): void {
  on("change", "[data-day]", (_event, element) => {
    const input = element as HTMLInputElement;
    input.value = written(input.value, isMoment(input));
  }, true);
  on("click", "[data-day-pick]", (_event, button) => {
    const field = button.closest<HTMLElement>(".day-field");
    if (field) pick(field);
  });
}
