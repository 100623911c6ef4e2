/** The control for the value of one test, and how it is read back. */
import { all, h, icon, one, word } from "../dom.ts";
import { type Field, inputType, shapeOf } from "./schema.ts";
import type { Value } from "./tree.ts";

const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

function input(field: Field, value: unknown, label: string): HTMLElement {
  if (field.kind === "date" || field.kind === "moment") return day(field.kind, value, label);
  const type = inputType(field.kind);
  const made = h("input", { class: "form-control", type, "aria-label": label, step: type === "number" ? "any" : null });
  made.value = text(value);
  return made;
}

function day(kind: "date" | "moment", value: unknown, label: string): HTMLElement {
  const shape = word(kind === "date" ? "dayShape" : "momentShape");
  const made = h("input", { class: "form-control", type: "text", "data-day": kind, placeholder: shape, "aria-label": label });
  made.value = text(value).slice(0, 16).replace("T", " ");
  const button = h("button", { type: "button", class: "tool", "data-day-pick": true, "aria-label": word("pickDay") });
  button.append(icon("calendar"));
  return h("span", { class: "day-field" }, made, button);
}

function select(options: [string, string][], value: unknown): HTMLSelectElement {
  const made = h("select", { class: "form-select", "aria-label": word("value") });
  for (const [key, label] of options) made.append(h("option", { value: key }, label));
  if (value !== undefined && value !== null) made.value = text(value);
  return made;
}

function several(field: Field, value: unknown): HTMLElement {
  const chosen = new Set(Array.isArray(value) ? value.map(String) : []);
  const boxes = (field.choices ?? []).map(([key, label]) => {
    const box = h("input", { type: "checkbox", class: "form-check-input", value: key, checked: chosen.has(key) });
    return h("label", { class: "form-check mb-0" }, box, label);
  });
  return h("div", { class: "form-check-row builder-several", role: "group", "aria-label": word("value") }, ...boxes);
}

/** The controls for a value of this field under this operator, filled with `value`. */
export function valueControls(field: Field, operator: string, value: Value | undefined): HTMLElement[] {
  const pair = Array.isArray(value) ? value : [];
  switch (shapeOf(field, operator)) {
    case "none":
      return [];
    case "days": {
      const days = h("input", { class: "form-control", type: "number", min: 1, max: 36500, "aria-label": word("value") });
      days.value = text(value) || "30";
      return [days, h("span", { class: "text-secondary text-nowrap" }, word("days"))];
    }
    case "pair":
      return [input(field, pair[0], word("value")), h("span", {}, "–"), input(field, pair[1], word("valueTo"))];
    case "several":
      return [several(field, value)];
    case "list": {
      const list = h("input", { class: "form-control", "aria-label": word("value"), placeholder: word("separate") });
      list.value = pair.join("，");
      return [list];
    }
    case "yes_no":
      return [select([["true", word("yes")], ["false", word("no")]], value)];
    case "one_of":
      return [select(field.choices ?? [], value)];
    default:
      return [input(field, value, word("value"))];
  }
}

/** The value written in the controls; null while it is not finished. */
export function readValue(field: Field, operator: string, place: HTMLElement): Value | undefined {
  const shape = shapeOf(field, operator);
  const written = all<HTMLInputElement>("input:not([type='checkbox'], [data-day-picker]), select", place).map((each) => each.value.trim());
  const first = written[0] ?? "";
  if (shape === "none") return undefined;
  if (shape === "days") return Number(first) > 0 ? Number(first) : null;
  if (shape === "pair") return written.length === 2 && written.every(Boolean) ? written : null;
  if (shape === "yes_no") return first === "true";
  if (shape === "several") {
    const chosen = all<HTMLInputElement>("input:checked", place).map((box) => box.value);
    return chosen.length ? chosen : null;
  }
  if (shape === "list") {
    const parts = first.split(/[,，、;；\n]/).map((part) => part.trim()).filter(Boolean);
    return parts.length ? parts : null;
  }
  return first || null;
}

export function focusValue(place: HTMLElement): void {
  one<HTMLInputElement>("input, select", place)?.focus();
}
