/** What the server sends for a picture. Every datum may carry the address of the records behind it. */

export type Datum = number | null | { value: number | null; name?: string; href?: string; x?: number; y?: number };

export interface Series {
  name: string;
  data: Datum[];
  kind?: "bar" | "line";
  area?: boolean;
  stack?: string;
}

export interface ChartData {
  kind: "bar" | "line" | "pie" | "funnel" | "scatter" | "heatmap" | "sankey";
  title?: string;
  categories?: string[];
  series?: Series[];
  horizontal?: boolean;
  format?: "number" | "money" | "percent";
  currency?: string;
  unit?: string;
  x?: string[];
  y?: string[];
  xLabel?: string;
  yLabel?: string;
  cells?: { x: number; y: number; value: number; href?: string }[];
  nodes?: string[];
  /** A colour for each node, where the colours of a series would say the wrong thing. */
  hues?: string[];
  links?: { from: string; to: string; value: number; href?: string }[];
}

export interface Paint {
  dark: boolean;
  text: string;
  soft: string;
  line: string;
  surface: string;
  hues: string[];
  low: string;
  high: string;
}

const LIGHT = ["#3a63cf", "#1f9d8a", "#d98a1f", "#a14fc4", "#d1495b", "#5b9bd5", "#7a8f2a", "#8a6d5a"];
const DARK = ["#7d9dff", "#4cc7b2", "#f0b35a", "#cf8cf0", "#f08795", "#8cc4f5", "#b3c95c", "#c7a58f"];

/** A colour of our tokens, as the browser computes it where the picture stands. */
function computed(element: HTMLElement, token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  element.append(probe);
  const canvas = document.createElement("canvas").getContext("2d");
  const value = getComputedStyle(probe).color;
  probe.remove();
  if (!canvas) return value;
  // The drawing library reads rgb only; the canvas turns oklch into it.
  canvas.fillStyle = value;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
  return `rgb(${red}, ${green}, ${blue})`;
}

export function paint(element: HTMLElement): Paint {
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  const dark = scheme === "dark" || (scheme === "light dark" && matchMedia("(prefers-color-scheme: dark)").matches);
  return {
    dark,
    text: computed(element, "--text"),
    soft: computed(element, "--text-soft"),
    line: computed(element, "--line"),
    surface: computed(element, "--surface"),
    hues: dark ? DARK : LIGHT,
    low: dark ? "#232a3d" : "#eaf0fd",
    high: dark ? "#86a6ff" : "#2f55c0",
  };
}

/** How values are written on axes (short) and in tips (full). */
export function formatters(data: ChartData): { short: (value: number) => string; full: (value: number) => string } {
  const language = document.documentElement.lang;
  const money = { style: "currency", currency: data.currency ?? "CNY" } as const;
  const base = data.format === "money" ? money : data.format === "percent" ? ({ style: "percent" } as const) : {};
  const digits = data.format === "percent" ? 1 : data.format === "money" ? 0 : 1;
  const short = new Intl.NumberFormat(language, { ...base, notation: "compact", minimumFractionDigits: 0, maximumFractionDigits: digits });
  const full = new Intl.NumberFormat(language, { ...base, minimumFractionDigits: 0, maximumFractionDigits: 2 });
  const unit = data.unit ? ` ${data.unit}` : "";
  return { short: (value) => short.format(value), full: (value) => full.format(value) + unit };
}
