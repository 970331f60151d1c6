// Draws what tables say: <figure data-chart="bars|heatmap|funnel"> has a table with the same figures. A mark leads where
// its cell leads. Colours are those of the style sheets, and change with them.

const chosen = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const text = (element) => element.textContent.trim();
const number = (cell) => (cell.dataset.value === undefined ? null : Number(cell.dataset.value));
const link = (cell) => cell?.querySelector("a")?.getAttribute("href");

/** What the table of a figure says. */
function read(figure) {
  const table = figure.querySelector("table");
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const rows = [...table.tBodies[0].rows].map((row) => ({ label: text(row.cells[0]), cells: [...row.cells].slice(1) }));
  return { heads, rows };
}

const plain = () => ({
  animation: !matchMedia("(prefers-reduced-motion: reduce)").matches && !matchMedia("print").matches,
  animationDuration: 300,
  textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: chosen("--ink") },
  tooltip: {
    renderMode: "richText", confine: true, borderWidth: 1, padding: [8, 12],
    backgroundColor: chosen("--sheet"), borderColor: chosen("--line"), textStyle: { color: chosen("--ink"), fontSize: 13 },
  },
});
const axis = () => ({
  axisLine: { lineStyle: { color: chosen("--line") } }, axisTick: { show: false },
  axisLabel: { color: chosen("--soft"), fontSize: 12, hideOverlap: true }, splitLine: { lineStyle: { color: chosen("--line") } },
});

/** Rows are categories, columns with data-series are bars or lines; many long names lie on their side. */
function bars({ heads, rows }, width) {
  const drawn = heads.map((head, nth) => ({ head, nth })).filter(({ head }) => head.dataset.series);
  const lying = rows.length > 1 && rows.some(({ label }) => label.length > 6) && drawn.every(({ head }) => head.dataset.series === "bar");
  const names = { type: "category", data: rows.map(({ label }) => label), ...axis(), inverse: lying, splitLine: { show: false } };
  if (lying) Object.assign(names.axisLabel, { width: Math.min(140, width / 3), overflow: "truncate" });
  const values = { type: "value", minInterval: 1, splitNumber: 3, ...axis(), axisLine: { show: false } };
  const base = plain();
  return {
    height: lying ? Math.max(140, rows.length * (14 + drawn.length * 12) + 60) : 190,
    option: {
      ...base,
      tooltip: { ...base.tooltip, trigger: "axis", axisPointer: { type: "shadow" } },
      legend: drawn.length > 1 ? { top: 0, left: 0, itemWidth: 12, itemHeight: 8, icon: "roundRect", textStyle: { color: chosen("--soft") } } : undefined,
      grid: { left: 4, right: 12, top: drawn.length > 1 ? 34 : 12, bottom: 4, containLabel: true },
      xAxis: lying ? values : names,
      yAxis: lying ? names : values,
      series: drawn.map(({ head, nth }) => ({
        name: text(head), type: head.dataset.series, color: chosen(head.dataset.color ?? "--accent"), barMaxWidth: 22, symbolSize: 7, smooth: false,
        itemStyle: head.dataset.series === "bar" ? { borderRadius: lying ? [0, 3, 3, 0] : [3, 3, 0, 0] } : {},
        lineStyle: { width: 2, type: "dashed" },
        data: rows.map(({ cells }) => ({ value: number(cells[nth]), link: link(cells[nth]) })),
      })),
    },
  };
}

/** Rows against columns: the more, the darker. */
function heatmap({ heads, rows }, width) {
  const base = plain();
  const data = rows.flatMap(({ cells }, y) => cells.map((cell, x) => ({ value: [x, y, number(cell) ?? 0], link: link(cell) })));
  const most = Math.max(1, ...data.map(({ value }) => value[2]));
  const wide = width / Math.max(1, heads.length) > 26;
  return {
    height: rows.length * 26 + 70,
    option: {
      ...base,
      tooltip: { ...base.tooltip, formatter: ({ value: [x, y, count] }) => `${rows[y].label}\n${text(heads[x])}: ${count.toLocaleString()}` },
      grid: { left: 4, right: 4, top: 6, bottom: 40, containLabel: true },
      xAxis: { type: "category", data: heads.map(text), ...axis(), splitLine: { show: false } },
      yAxis: { type: "category", data: rows.map(({ label }) => label), inverse: true, ...axis(), splitLine: { show: false }, axisLabel: { color: chosen("--ink"), width: 96, overflow: "truncate", interval: 0 } },
      visualMap: { min: 0, max: most, calculable: false, orient: "horizontal", left: 0, bottom: 0, itemHeight: 90, itemWidth: 10, textStyle: { color: chosen("--soft") }, inRange: { color: [chosen("--sunk"), chosen("--heat"), chosen("--accent")] } },
      series: [{
        type: "heatmap", data, itemStyle: { borderColor: chosen("--sheet"), borderWidth: 2, borderRadius: 4 },
        label: { show: wide && most < 1000, color: "inherit", fontSize: 11, formatter: ({ value }) => value[2] || "" }, emphasis: { itemStyle: { borderColor: chosen("--ink"), borderWidth: 1 } },
      }],
    },
  };
}

/** Each row is a stage with its first figure. */
function funnel({ heads, rows }) {
  const base = plain();
  const nth = Math.max(0, heads.findIndex((head) => head.dataset.series));
  const colors = ["--accent", "--call", "--change", "--visit", "--system"].map(chosen);
  return {
    height: Math.max(180, rows.length * 40 + 24),
    option: {
      ...base,
      tooltip: { ...base.tooltip, formatter: ({ name, value }) => `${name}: ${value.toLocaleString()}` },
      series: [{
        type: "funnel", sort: "none", left: 4, width: "58%", top: 8, bottom: 8, minSize: "3%", gap: 3, color: colors,
        labelLine: { length: 10, lineStyle: { color: chosen("--line") } },
        label: { position: "right", color: chosen("--ink"), formatter: ({ name, value }) => `${name}  ${value.toLocaleString()}` }, itemStyle: { borderWidth: 0 },
        data: rows.filter(({ cells }) => number(cells[nth]) !== null).map(({ label, cells }) => ({ name: label, value: number(cells[nth]), link: link(cells[nth]) })),
      }],
    },
  };
}

const KINDS = { bars, heatmap, funnel };
const drawn = new Map();

function draw(init, figure) {
  const canvas = figure.querySelector("[data-canvas]");
  canvas.hidden = false;
  const { height, option } = KINDS[figure.dataset.chart](read(figure), canvas.clientWidth);
  drawn.get(figure)?.dispose();
  const chart = init(canvas, null, { renderer: "canvas", height: Number(figure.dataset.height ?? height) });
  chart.setOption(option);
  chart.on("click", ({ data }) => data?.link && location.assign(data.link));
  canvas.dataset.drawn = "";
  drawn.set(figure, chart);
  const save = figure.querySelector("[data-png]");
  if (!save) return;
  save.hidden = false;
  save.onclick = () => {
    const file = document.createElement("a");
    file.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: chosen("--sheet") });
    file.download = `${figure.dataset.name}.png`;
    file.click();
  };
}

async function drawAll() {
  const figures = [...document.querySelectorAll("figure[data-chart]")].filter((figure) => figure.querySelector("tbody tr"));
  if (!figures.length) return;
  const { init } = await import(figures[0].dataset.echarts);
  const again = () => figures.forEach((figure) => draw(init, figure));
  again();
  let width = innerWidth;
  let timer;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(again, 150);
  };
  addEventListener("resize", () => {
    if (innerWidth !== width) later();
    width = innerWidth;
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", later);
  new MutationObserver(later).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("print").addEventListener("change", again); // paper is light
}

// On paper there is nothing to open.
const closed = [];
addEventListener("beforeprint", () => {
  closed.push(...document.querySelectorAll("details.numbers:not([open])"));
  closed.forEach((details) => (details.open = true));
});
addEventListener("afterprint", () => closed.splice(0).forEach((details) => (details.open = false)));

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});
document.querySelectorAll("[data-submits]").forEach((form) => form.addEventListener("change", (event) => event.target.matches("select") && form.requestSubmit()));
drawAll();
