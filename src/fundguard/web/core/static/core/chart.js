// Draws every chart of the page from the option in its data block: SVG, and tooltips without inline styles (strict CSP).
"use strict";

const INK = "#1f2a3d", GREY = "#5b6678", LINE = "#dfe3ea";
const COLOURS = ["#1557b0", "#c9d6ea", "#2b8a66", "#b3721b", "#b42318", "#6b4fa3"];

function axis(given) {
  return Object.assign({
    axisLabel: { color: GREY }, axisTick: { show: false }, axisLine: { lineStyle: { color: "#8b95a5" } },
    splitLine: { lineStyle: { color: LINE }, show: given.type === "value" },
  }, given);
}

function draw(place) {
  const option = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  for (const name of ["xAxis", "yAxis"]) {
    if (option[name]) option[name] = [].concat(option[name]).map(axis);
  }
  const text = { fontFamily: getComputedStyle(document.body).fontFamily, color: INK };
  const chart = echarts.init(place, null, { renderer: "svg" });
  chart.setOption(Object.assign({
    color: COLOURS, textStyle: text, animation: false,
    grid: { left: 8, right: 28, top: (option.series || []).length > 1 ? 36 : 16, bottom: 8, containLabel: true },
    legend: { show: (option.series || []).length > 1, top: 4, textStyle: text },
  }, option, { tooltip: Object.assign({ trigger: "axis" }, option.tooltip, { renderMode: "richText" }) }));
  new ResizeObserver(() => chart.resize()).observe(place);
}

document.querySelectorAll("[data-chart]").forEach(draw);
