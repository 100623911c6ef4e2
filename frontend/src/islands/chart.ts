/** Pictures. A click on a datum opens the records behind it; the table under the picture is the server's. */
import { BarChart, FunnelChart, HeatmapChart, LineChart, PieChart, SankeyChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { type ChartData, paint } from "./chart_data.ts";
import { options } from "./chart_options.ts";

use([
  BarChart, FunnelChart, HeatmapChart, LineChart, PieChart, SankeyChart, ScatterChart,
  AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, CanvasRenderer,
]);

function hrefOf(datum: unknown): string {
  const found = typeof datum === "object" && datum !== null && "href" in datum ? datum.href : "";
  return typeof found === "string" ? found : "";
}

export function mount(element: HTMLElement, raw: unknown): () => void {
  const data = raw as ChartData;
  const chart = init(element, null, { locale: document.documentElement.lang.startsWith("zh") ? "ZH" : "EN" });
  const draw = (): void => {
    const colours = paint(element);
    const font = getComputedStyle(element).fontFamily;
    chart.setOption({ ...options(data, colours), textStyle: { fontFamily: font, color: colours.text } }, true);
    element.setAttribute("role", "img");
  };
  draw();
  chart.on("click", (point) => {
    const address = hrefOf(point.data);
    if (address) location.assign(address);
  });
  chart.on("mouseover", (point) => chart.getZr().setCursorStyle(hrefOf(point.data) ? "pointer" : "default"));
  const resized = new ResizeObserver(() => chart.resize());
  resized.observe(element);
  document.addEventListener("theme:changed", draw);
  return () => {
    resized.disconnect();
    document.removeEventListener("theme:changed", draw);
    chart.dispose();
  };
}
