/**
 * The filter island: `<div data-island="filter" data-schema="#fields" data-value="#condition" data-name="where">` inside a form.
 * The hidden field `data-name` always holds the JSON of the condition, empty when there is none.
 */
import { h, json, one } from "../dom.ts";
import { group, readTree } from "./builder.ts";
import type { Schema } from "./schema.ts";
import type { Tree } from "./tree.ts";

export function mount(element: HTMLElement): () => void {
  const schema = json<Schema>(element.dataset["schema"] ?? "");
  if (!schema) return () => undefined;
  const value = json<Tree>(element.dataset["value"] ?? "#none");
  const empty = !value || !Object.keys(value).length;
  const top = group(schema, empty ? ({ and: [{}] } as Tree) : value, false);
  const field = h("input", { type: "hidden", name: element.dataset["name"] ?? "where" });
  const write = (): void => {
    const tree = readTree(top);
    field.value = tree ? JSON.stringify(tree) : "";
  };
  element.classList.add("builder");
  element.replaceChildren(top, field);
  element.addEventListener("input", write);
  element.addEventListener("change", write);
  write();
  // The dialog opened before this code was here; take the focus from its close button to the first value.
  if (element.closest("dialog")?.contains(document.activeElement)) one(empty ? ".builder-row select" : ".builder-value :is(input, select)", element)?.focus();
  return () => element.replaceChildren();
}
