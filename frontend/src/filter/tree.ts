/** The JSON tree of a condition and the shape the builder shows: groups of rows that match all, any or none. */

export type Value = string | number | boolean | (string | number)[] | null;

export interface Test {
  field: string;
  op: string;
  value?: Value;
}

export type Tree =
  | Record<string, never>
  | Test
  | { and: Tree[] }
  | { or: Tree[] }
  | { not: Tree }
  | { any: string; where: Tree }
  | { none: string; where: Tree };

export type Match = "all" | "any" | "none";

export interface Group {
  match: Match;
  parts: Tree[];
}

/** Read any tree as a group; what is no group becomes the only part of one. */
export function asGroup(tree: Tree | null | undefined): Group {
  if (!tree || !Object.keys(tree).length) return { match: "all", parts: [] };
  if ("and" in tree) return { match: "all", parts: tree.and };
  if ("or" in tree) return { match: "any", parts: tree.or };
  if ("not" in tree) {
    const inner = tree.not;
    return { match: "none", parts: "or" in inner ? inner.or : [inner] };
  }
  return { match: "all", parts: [tree] };
}

/** Whether the tree is shown as a nested group rather than as one row. */
export function isGroup(tree: Tree): tree is { and: Tree[] } | { or: Tree[] } | { not: Tree } {
  return "and" in tree || "or" in tree || "not" in tree;
}

/** Write a group as a tree, leaving out what is not finished; null when nothing is left. */
export function asTree(match: Match, parts: (Tree | null)[]): Tree | null {
  const kept = parts.filter((part) => part !== null);
  if (!kept.length) return null;
  if (match === "none") return { not: { or: kept } };
  if (kept.length === 1 && kept[0] && !isGroup(kept[0])) return kept[0];
  return match === "all" ? { and: kept } : { or: kept };
}
