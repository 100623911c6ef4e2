/** From the server's data to the options of the drawing library, one function for each kind of picture. */
import type { EChartsCoreOption } from "echarts/core";
import { type ChartData, type Datum, formatters, type Paint } from "./chart_data.ts";

interface Point {
  name?: string;
  seriesName?: string;
  value?: unknown;
  data?: unknown;
  dataType?: string;
  marker?: string;
}

const number = (value: unknown): number => (Array.isArray(value) ? Number(value.at(-1)) : Number(value));

function tip(data: ChartData, paint: Paint, trigger: "item" | "axis") {
  const { full } = formatters(data);
  return {
    trigger,
    // Drawn on the canvas: tips made of markup would need styles that the content policy refuses.
    renderMode: "richText" as const,
    confine: true,
    backgroundColor: paint.dark ? "#3a4152" : "#262c3a",
    borderWidth: 0,
    textStyle: { color: "#f5f6f8", fontSize: 12 },
    valueFormatter: (value: unknown) => (value === null || value === undefined ? "—" : full(number(value))),
  };
}

function axisLook(paint: Paint) {
  return {
    axisLine: { lineStyle: { color: paint.line } },
    axisTick: { show: false },
    axisLabel: { color: paint.soft, fontSize: 12, hideOverlap: true },
    splitLine: { lineStyle: { color: paint.line } },
    nameTextStyle: { color: paint.soft },
  };
}

function legend(data: ChartData, paint: Paint) {
  const show = (data.series?.length ?? 0) > 1;
  return { show, top: 0, left: 0, itemWidth: 12, itemHeight: 8, textStyle: { color: paint.soft, fontSize: 12 } };
}

function cartesian(data: ChartData, paint: Paint): EChartsCoreOption {
  const { short } = formatters(data);
  const look = axisLook(paint);
  const names = { type: "category" as const, data: data.categories ?? [], ...look, splitLine: { show: false }, inverse: Boolean(data.horizontal) };
  const values = { type: "value" as const, ...look, axisLine: { show: false }, axisLabel: { ...look.axisLabel, formatter: short } };
  const top = (data.series?.length ?? 0) > 1 ? 34 : 12;
  return {
    legend: legend(data, paint),
    tooltip: tip(data, paint, "axis"),
    grid: { left: 4, right: 12, top, bottom: 4, containLabel: true },
    xAxis: data.horizontal ? values : names,
    yAxis: data.horizontal ? names : values,
    series: (data.series ?? []).map((series) => ({
      name: series.name,
      type: series.kind ?? data.kind,
      data: series.data,
      stack: series.stack,
      barMaxWidth: 36,
      smooth: 0.15,
      symbolSize: 6,
      showSymbol: series.data.length < 40,
      lineStyle: { width: 2 },
      areaStyle: series.area ? { opacity: 0.12 } : undefined,
      itemStyle: data.kind === "bar" && !series.stack ? { borderRadius: data.horizontal ? [0, 3, 3, 0] : [3, 3, 0, 0] } : undefined,
    })),
  };
}

function named(data: ChartData): { name: string; value: number | null; href?: string }[] {
  const items = data.series?.[0]?.data ?? [];
  return items.map((item: Datum, index) => {
    const whole = typeof item === "object" && item !== null ? item : { value: item };
    return { ...whole, name: whole.name ?? data.categories?.[index] ?? "" };
  });
}

function round(data: ChartData, paint: Paint): EChartsCoreOption {
  const { full } = formatters(data);
  const label = { color: paint.text, fontSize: 12, formatter: (point: Point) => `${point.name ?? ""}  ${full(number(point.value))}` };
  const edge = { borderColor: paint.surface, borderWidth: 2 };
  const series =
    data.kind === "pie"
      ? { type: "pie", radius: ["48%", "74%"], data: named(data), label, labelLine: { lineStyle: { color: paint.line } }, itemStyle: edge }
      : { type: "funnel", left: 8, right: "30%", top: 8, bottom: 8, gap: 3, minSize: "8%", data: named(data), label: { ...label, position: "right" as const }, labelLine: { show: false }, itemStyle: { ...edge, borderWidth: 0 } };
  return { tooltip: tip(data, paint, "item"), series: [series] };
}

function scatter(data: ChartData, paint: Paint): EChartsCoreOption {
  const { short } = formatters(data);
  const look = axisLook(paint);
  const axis = (name?: string) => ({ type: "value" as const, name, nameLocation: "middle" as const, nameGap: 28, scale: true, ...look, axisLabel: { ...look.axisLabel, formatter: short } });
  const points = (items: Datum[]) => items.map((item) => (typeof item === "object" && item ? { ...item, value: [item.x ?? 0, item.y ?? item.value ?? 0] } : item));
  return {
    legend: legend(data, paint),
    tooltip: tip(data, paint, "item"),
    grid: { left: 24, right: 16, top: 30, bottom: 28, containLabel: true },
    xAxis: axis(data.xLabel),
    yAxis: axis(data.yLabel),
    series: (data.series ?? []).map((series) => ({ name: series.name, type: "scatter", symbolSize: 8, data: points(series.data), itemStyle: { opacity: 0.75 } })),
  };
}

function heatmap(data: ChartData, paint: Paint): EChartsCoreOption {
  const look = axisLook(paint);
  const { full } = formatters(data);
  const cells = data.cells ?? [];
  const most = Math.max(1, ...cells.map((cell) => cell.value));
  const light = (value: number): boolean => (paint.dark ? value < most * 0.55 : value > most * 0.55);
  const axis = (names: string[] | undefined, name: string | undefined, gap: number) => ({ type: "category" as const, data: names ?? [], name, nameLocation: "middle" as const, nameGap: gap, ...look, axisLine: { show: false }, splitLine: { show: false } });
  return {
    tooltip: { ...tip(data, paint, "item"), formatter: (point: Point) => {
      const [x, y, value] = (point.value ?? []) as [number, number, number];
      return `${data.x?.[x] ?? ""} × ${data.y?.[y] ?? ""}\n${full(value)}`;
    } },
    grid: { left: 34, right: 8, top: 8, bottom: 34, containLabel: true },
    xAxis: axis(data.x, data.xLabel, 28),
    yAxis: axis(data.y, data.yLabel, 34),
    visualMap: { show: false, min: 0, max: most, inRange: { color: [paint.low, paint.high] } },
    series: [{
      type: "heatmap",
      data: cells.map((cell) => ({ value: [cell.x, cell.y, cell.value], href: cell.href, label: { color: light(cell.value) ? "#ffffff" : paint.dark ? "#10141f" : "#262c3a" } })),
      label: { show: cells.length <= 120, fontSize: 12, formatter: (point: Point) => full(number(point.value)) },
      itemStyle: { borderColor: paint.surface, borderWidth: 3, borderRadius: 6 },
      emphasis: { itemStyle: { borderColor: paint.text, borderWidth: 2 } },
    }],
  };
}

function sankey(data: ChartData, paint: Paint): EChartsCoreOption {
  return {
    tooltip: tip(data, paint, "item"),
    series: [{
      type: "sankey", left: 4, right: 110, top: 8, bottom: 8, nodeGap: 14, nodeWidth: 12, draggable: false,
      data: (data.nodes ?? []).map((name, index) => ({ name, itemStyle: { color: data.hues?.[index] ?? paint.hues[index % paint.hues.length], borderWidth: 0 } })),
      links: (data.links ?? []).map((link) => ({ source: link.from, target: link.to, value: link.value, href: link.href })),
      lineStyle: { color: "gradient", opacity: paint.dark ? 0.45 : 0.3, curveness: 0.5 },
      label: { color: paint.text, fontSize: 12 },
      emphasis: { focus: "adjacency" },
    }],
  };
}

export function options(data: ChartData, paint: Paint): EChartsCoreOption {
  const make = { bar: cartesian, line: cartesian, pie: round, funnel: round, scatter, heatmap, sankey }[data.kind];
  return {
    color: paint.hues,
    backgroundColor: "transparent",
    textStyle: { fontFamily: "inherit", color: paint.text },
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 300,
    aria: { enabled: true, label: { enabled: true } },
    ...make(data, paint),
  };
}
