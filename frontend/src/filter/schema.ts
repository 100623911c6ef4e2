/** What a condition may ask about: the server's list of fields and relations with their operators. */

export type Kind =
  | "text" | "long_text" | "number" | "money" | "date" | "moment" | "yes_no"
  | "choice" | "choices" | "phone" | "email" | "link" | "reference";

export interface Field {
  name: string;
  label: string;
  kind: Kind;
  operators: string[];
  section?: string;
  choices?: [value: string, label: string][];
}

export interface Relation {
  name: string;
  label: string;
  fields: Field[];
}

export interface Schema {
  fields: Field[];
  relations: Relation[];
}

/** What the value of a test looks like on screen. */
export type Shape = "none" | "days" | "pair" | "several" | "list" | "yes_no" | "one_of" | "single";

export function shapeOf(field: Field, operator: string): Shape {
  if (operator === "empty" || operator === "not_empty") return "none";
  if (operator.endsWith("_days")) return "days";
  if (operator === "between") return "pair";
  const many = ["in", "not_in", "has_any", "has_all", "has_none"].includes(operator);
  if (many) return field.choices?.length ? "several" : "list";
  if (field.kind === "yes_no") return "yes_no";
  return field.choices?.length ? "one_of" : "single";
}

/** The kind of input for one value of the field. */
export function inputType(kind: Kind): string {
  const types: Partial<Record<Kind, string>> = { number: "number", money: "number" };
  return types[kind] ?? "text";
}

/** The word key of an operator; orders of time have words of their own. */
export function operatorWord(field: Field, operator: string): string {
  const time = field.kind === "date" || field.kind === "moment";
  return time && ["lt", "le", "gt", "ge"].includes(operator) ? `time.${operator}` : `op.${operator}`;
}
