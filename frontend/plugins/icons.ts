import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Names in `icons.txt`: one or many per line, `#` begins a comment; `-filled` at the end picks the filled drawing. */
export function iconNames(list: string): string[] {
  const text = readFileSync(list, "utf8").replaceAll(/#.*$/gm, "");
  return [...new Set(text.split(/\s+/).filter(Boolean))].sort();
}

function symbol(name: string, folder: string): string {
  const filled = name.endsWith("-filled");
  const file = filled ? join(folder, "filled", `${name.slice(0, -7)}.svg`) : join(folder, "outline", `${name}.svg`);
  const inside = readFileSync(file, "utf8").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
  const shapes = inside.replace(/<path stroke="none"[^>]*>/, "").replaceAll(/\s+/g, " ").replaceAll("> <", "><").trim();
  const paint = filled ? ' fill="currentColor" stroke="none"' : "";
  return `<symbol id="${name}" viewBox="0 0 24 24"${paint}>${shapes}</symbol>`;
}

/** One SVG file with a symbol for every listed icon; pages point into it with `<use>`. */
export function sprite(list: string, folder: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg">${iconNames(list).map((name) => symbol(name, folder)).join("")}</svg>`;
}
