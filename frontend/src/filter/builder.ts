/** The builder: nested groups of rows. What stands on screen is the condition; it is read back from there. */
import { all, h, icon, one, word } from "../dom.ts";
import { type Field, operatorWord, type Relation, type Schema } from "./schema.ts";
import { asGroup, asTree, isGroup, type Match, type Test, type Tree } from "./tree.ts";
import { focusValue, readValue, valueControls } from "./values.ts";

const RELATION = "@";
const readers = new WeakMap<Element, () => Tree | null>();

function removal(row: () => Element): HTMLButtonElement {
  const button = h("button", { type: "button", class: "tool", "aria-label": word("remove"), onclick: () => drop(row()) });
  button.append(icon("x"));
  return button;
}

function drop(row: Element): void {
  const rows = row.parentElement;
  row.remove();
  rows?.dispatchEvent(new Event("input", { bubbles: true }));
  one<HTMLButtonElement>(".builder-foot button", rows?.parentElement ?? document)?.focus();
}

function fieldSelect(schema: Schema, chosen: string): HTMLSelectElement {
  const select = h("select", { class: "form-select", "aria-label": word("field") });
  if (!chosen) select.append(h("option", { value: "" }, word("chooseField")));
  const sections = new Map<string, Field[]>();
  for (const field of schema.fields) sections.set(field.section ?? "", [...(sections.get(field.section ?? "") ?? []), field]);
  for (const [section, fields] of sections) {
    const options = fields.map((field) => h("option", { value: field.name }, field.label));
    select.append(...(section ? [h("optgroup", { label: section }, ...options)] : options));
  }
  if (schema.relations.length) {
    const options = schema.relations.map((each) => h("option", { value: RELATION + each.name }, each.label));
    select.append(h("optgroup", { label: word("related") }, ...options));
  }
  select.value = chosen;
  return select;
}

function operatorSelect(options: [string, string][], chosen: string): HTMLSelectElement {
  const select = h("select", { class: "form-select", "aria-label": word("operator") });
  select.append(...options.map(([value, label]) => h("option", { value }, label)));
  if (options.some(([value]) => value === chosen)) select.value = chosen;
  return select;
}

interface Row {
  element: HTMLElement;
  field: HTMLSelectElement;
  operator: HTMLSelectElement;
  value: HTMLElement;
}

/** Fill a row for a test of a field. */
function asTest(row: Row, field: Field, test: Test): void {
  const options = field.operators.map((op): [string, string] => [op, word(operatorWord(field, op))]);
  const operator = operatorSelect(options, test.op);
  row.operator.replaceWith(operator);
  row.operator = operator;
  const fill = (value: Test["value"]) => row.value.replaceChildren(...valueControls(field, operator.value, value));
  operator.addEventListener("change", () => {
    fill(readValue(field, operator.value, row.value) ?? undefined);
    focusValue(row.value);
  });
  fill(test.value);
  readers.set(row.element, () => {
    const value = readValue(field, operator.value, row.value);
    if (value === undefined) return { field: field.name, op: operator.value };
    return value === null ? null : { field: field.name, op: operator.value, value };
  });
}

/** Fill a row for a question about related records. */
function asRelation(row: Row, relation: Relation, op: "any" | "none", where: Tree): void {
  const operator = operatorSelect([["any", word("op.any")], ["none", word("op.none")]], op);
  row.operator.replaceWith(operator);
  row.operator = operator;
  const inner = group({ fields: relation.fields, relations: [] }, where, false);
  row.value.replaceChildren();
  row.element.append(inner);
  readers.set(row.element, () => {
    const tree = readTree(inner) ?? {};
    return operator.value === "any" ? { any: relation.name, where: tree } : { none: relation.name, where: tree };
  });
}

function row(schema: Schema, part: Tree): HTMLElement {
  const relation = "any" in part ? part.any : "none" in part ? part.none : "";
  const test = "field" in part ? (part as Test) : null;
  const field = fieldSelect(schema, relation ? RELATION + relation : test?.field ?? "");
  // A row of which nothing is chosen yet asks for its field alone and says nothing.
  const made: Row = { element: h("div", { class: "builder-row" }), field, operator: h("select", { hidden: true }), value: h("div", { class: "builder-value" }) };
  made.element.append(field, made.operator, made.value, removal(() => made.element));
  const fill = (from: Tree): void => {
    one(":scope > .builder-group", made.element)?.remove();
    const asked = schema.relations.find((each) => RELATION + each.name === field.value);
    if (asked) {
      const where = ("where" in from && from.where) || { field: asked.fields[0]?.name ?? "", op: asked.fields[0]?.operators[0] ?? "eq" };
      asRelation(made, asked, "none" in from ? "none" : "any", where as Tree);
      return;
    }
    const known = schema.fields.find((each) => each.name === field.value);
    if (known) asTest(made, known, "field" in from ? (from as Test) : { field: known.name, op: known.operators[0] ?? "eq" });
  };
  field.addEventListener("change", () => {
    one(":scope > option[value='']", field)?.remove();
    fill({});
  });
  fill(part);
  return made.element;
}

function matchSelect(match: Match): HTMLSelectElement {
  const select = h("select", { class: "form-select form-select-sm w-auto", "aria-label": word("match") });
  const words: [Match, string][] = [["all", word("matchAll")], ["any", word("matchAny")], ["none", word("matchNone")]];
  select.append(...words.map(([value, label]) => h("option", { value }, label)));
  select.value = match;
  return select;
}

function addButton(label: string, make: () => HTMLElement, rows: HTMLElement): HTMLButtonElement {
  const add = (): void => {
    const made = make();
    rows.append(made);
    one<HTMLSelectElement>("select", made)?.focus();
    rows.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const button = h("button", { type: "button", class: "btn btn-sm btn-plain", onclick: add }, label);
  button.prepend(icon("plus"));
  return button;
}

/** A group on screen; `nested` groups can be removed, and only groups of the record itself hold further groups. */
export function group(schema: Schema, tree: Tree | null, nested: boolean): HTMLElement {
  const { match, parts } = asGroup(tree);
  const rows = h("div", { class: "builder-rows" });
  rows.append(...parts.map((part) => (isGroup(part) ? group(schema, part, true) : row(schema, part))));
  const element = h("div", { class: "builder-group", role: "group", "aria-label": word("conditions") });
  const head = h("div", { class: "builder-head" }, matchSelect(match));
  if (nested) head.append(removal(() => element));
  const foot = h("div", { class: "builder-foot" }, addButton(word("addCondition"), () => row(schema, {}), rows));
  foot.append(addButton(word("addGroup"), () => group(schema, { or: [{}] as Tree[] }, true), rows));
  element.append(head, rows, foot);
  readers.set(element, () => {
    const chosen = one<HTMLSelectElement>(":scope > .builder-head select", element)?.value as Match;
    return asTree(chosen, all(":scope > .builder-rows > *", element).map(readTree));
  });
  return element;
}

/** The condition that a group or row on screen says. */
export function readTree(element: Element): Tree | null {
  return readers.get(element)?.() ?? null;
}
