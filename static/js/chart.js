/* Draws every [data-chart]: lines with direct labels, shapes and dashes besides colour, gaps where too few may be
   shown. The numbers are those of the table below it (U42). Nothing moves. */
(() => {
  "use strict";
  const SHAPES = ["circle", "diamond", "triangle", "rect"];

  /* A colour as the browser resolves it now: also the system's own, when the reader has set colours. */
  const resolve = (name, forced) => {
    const probe = document.createElement("i");
    probe.hidden = true;
    document.body.append(probe);
    probe.style.color = matchMedia("(forced-colors: active)").matches ? forced : `var(${name})`;
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  };

  const palette = () => ({
    ink: resolve("--ink-2", "CanvasText"),
    line: resolve("--line", "GrayText"),
    axis: resolve("--line-strong", "CanvasText"),
    paper: resolve("--paper", "Canvas"),
    vermillion: resolve("--data-vermillion", "CanvasText"),
    blue: resolve("--data-blue", "CanvasText"),
    grey: resolve("--data-grey", "CanvasText"),
  });

  const line = (series, number, colours, font, narrow, rtl) => ({
    type: "line",
    name: series.name,
    data: series.values,
    connectNulls: false,
    symbol: SHAPES[number % SHAPES.length],
    symbolSize: 8,
    showAllSymbol: true,
    color: colours[series.tone],
    lineStyle: { width: 2.25, type: series.dash ? "dashed" : "solid", color: colours[series.tone] },
    endLabel: {
      show: true,
      formatter: "{a}",
      align: rtl ? "right" : "left",
      offset: rtl ? [-16, 0] : [0, 0],
      color: colours[series.tone],
      fontWeight: 650,
      fontSize: narrow ? 12 : 13,
      padding: [3, 0],
      ...font,
    },
    labelLayout: { moveOverlap: "shiftY" },
    emphasis: { disabled: true },
    z: 3,
  });

  /* A band of uncertainty: an unseen line at its lower edge with the width stacked upon it. */
  const band = (series, colours) => {
    const hidden = { type: "line", silent: true, symbol: "none", stack: `band ${series.name}`, lineStyle: { opacity: 0 } };
    const width = series.high.map((high, at) => (high === null ? null : high - series.low[at]));
    return [
      { ...hidden, data: series.low, tooltip: { show: false } },
      { ...hidden, data: width, tooltip: { show: false }, areaStyle: { color: colours[series.tone], opacity: 0.13 } },
    ];
  };

  const marks = (data, colours, font) => ({
    silent: true,
    symbol: "none",
    lineStyle: { type: [3, 4], color: colours.axis, width: 1 },
    label: { position: "insideEndTop", rotate: 0, color: colours.ink, fontSize: 12, ...font },
    data: data.marks.map((mark) => ({ xAxis: mark.x, label: { formatter: mark.words } })),
  });

  const option = (data, width) => {
    const colours = palette();
    const font = { fontFamily: getComputedStyle(document.body).fontFamily };
    const text = { color: colours.ink, fontSize: 12.5, ...font };
    const rtl = document.dir === "rtl";
    const lines = data.series.map((series, number) => line(series, number, colours, font, width < 420, rtl));
    if (data.marks?.length && width > 520) lines[0].markLine = marks(data, colours, font);
    const banded = data.series.filter((series) => series.band).flatMap((series) => band(series, colours));
    const labels = width < 420 ? 90 : 104;
    return {
      animation: false,
      textStyle: font,
      grid: { top: 20, bottom: 8, left: rtl ? labels : 4, right: rtl ? 4 : labels, containLabel: true },
      tooltip: {
        trigger: "axis",
        renderMode: "richText",
        confine: true,
        backgroundColor: colours.paper,
        borderColor: colours.axis,
        textStyle: text,
        axisPointer: { lineStyle: { color: colours.axis, type: "solid" } },
        formatter: (points) =>
          [points[0].name]
            .concat(data.series.map((series) => `${series.name}: ${series.shown[points[0].dataIndex]}`))
            .join("\n"),
      },
      xAxis: {
        type: "category",
        data: data.x,
        inverse: rtl,
        boundaryGap: false,
        axisLine: { lineStyle: { color: colours.axis } },
        axisTick: { show: false },
        axisLabel: { ...text, hideOverlap: true, margin: 12 },
      },
      yAxis: {
        type: "value",
        min: 0,
        minInterval: 20,
        position: rtl ? "right" : "left",
        axisLabel: { ...text, formatter: `{value} ${data.unit}` },
        splitLine: { lineStyle: { color: colours.line } },
      },
      series: [...lines, ...banded],
    };
  };

  const draw = (place) => {
    const data = JSON.parse(place.dataset.chart);
    const chart = echarts.init(place, null, { renderer: "svg" });
    const fit = () => {
      chart.resize();
      chart.setOption(option(data, place.clientWidth), true);
    };
    new ResizeObserver(fit).observe(place);
    matchMedia("(forced-colors: active)").addEventListener("change", fit);
    document.fonts.ready.then(fit);
  };

  for (const place of document.querySelectorAll("[data-chart]")) draw(place);
})();
