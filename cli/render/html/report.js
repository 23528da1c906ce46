// report.js — draws the charts of a report. Each <figure class="chart"> holds its numbers as JSON and as a table, written
// by vtlab (chart.cpp); nothing is computed here. Without scripts the tables are all there is, and say the same.
'use strict';

(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const seriesColour = (place) => colour(`--series-${place % 8}`);
  // Never by colour alone: lines differ in dashes and points, too.
  const dashes = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
  const points = ['circle', 'rect', 'triangle', 'rectRot', 'cross', 'star', 'crossRot', 'dash'];

  // ---- numbers on axes, as format.cpp writes them ----

  const digits = (value) => value === 0 ? '0' : String(Number(value.toPrecision(3)));
  const scaled = (value, steps, units) => {
    let unit = 0;
    while (unit + 1 < units.length && Math.abs(value) >= steps) {
      value /= steps;
      unit += 1;
    }
    return `${digits(value)} ${units[unit]}`;
  };
  const formatted = (value, unit) => {
    if (unit.startsWith('ns')) return scaled(value, 1000, ['ns', 'µs', 'ms', 's']);
    if (unit.startsWith('bytes')) return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
    return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : digits(value);
  };

  // ---- one chart ----

  const axis = (of, grid) => ({
    type: of.log ? 'logarithmic' : 'linear',
    beginAtZero: !of.log,
    title: { display: true, text: of.title, color: colour('--text') },
    grid: { color: grid ? colour('--line') : 'transparent', borderColor: colour('--line') },
    ticks: {
      color: colour('--text'),
      maxRotation: 0,
      autoSkipPadding: 16,
      // Of a logarithmic axis only 1, 10, 100 … have a word, or 1, 2, 5 if there are few.
      callback(value) {
        const leading = Number(value.toExponential()[0]);
        const wide = this.max / Math.max(this.min, 1e-9) > 200;
        return of.log && !(wide ? leading === 1 : [1, 2, 5].includes(leading)) ? '' : formatted(value, of.unit);
      },
    },
  });

  // Each step holds from its begin to its end; where there is none, there was nothing.
  const outline = (steps, log) => {
    const pairs = [];
    let end = null;
    for (const [x, y, from] of steps) {
      const begin = log && from <= 0 ? x / 2 : from;
      if (end !== null && end !== begin) pairs.push({ x: end, y: 0 });
      if (end !== begin) pairs.push({ x: begin, y: 0 });
      pairs.push({ x, y });
      end = x;
    }
    if (log && end !== null) pairs.push({ x: end, y: 0 });
    return pairs;
  };

  const dataset = (chart, series, place) => {
    const own = seriesColour(place);
    const common = { label: series.name, hidden: series.hidden, borderColor: own, borderWidth: 2 };
    const pairs = chart.kind === 'steps' ? outline(series.points, chart.x.log) : series.points.map(([x, y]) => ({ x, y }));
    if (chart.kind === 'lines') {
      return { ...common, data: pairs, backgroundColor: own, borderDash: dashes[place % 4],
        pointStyle: points[place % 8], pointRadius: 5, showLine: true };
    }
    if (chart.kind === 'steps') {
      return { ...common, data: pairs, backgroundColor: `${own}22`, borderDash: dashes[place % 4],
        stepped: 'after', fill: chart.series.length < 4 ? 'origin' : false, showLine: true,
        pointRadius: 0, pointHitRadius: 8 };
    }
    const values = chart.categories.map(() => null);
    for (const [x, y] of series.points) values[x] = y;
    return { ...common, data: values, backgroundColor: `${own}cc`, borderWidth: 1, maxBarThickness: 26 };
  };

  const options = (chart) => {
    const bars = chart.kind === 'bars' || chart.kind === 'stacked';
    const value = axis(chart.y, true);
    const other = bars
      ? { ...axis(chart.x, false), type: 'category', labels: chart.categories, title: { display: false } }
      : axis(chart.x, true);
    if (bars) other.ticks = { color: colour('--text'), autoSkip: false };
    if (chart.kind === 'stacked') value.stacked = other.stacked = true;
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      indexAxis: bars ? 'y' : 'x',
      interaction: { mode: bars ? 'index' : 'nearest', axis: bars ? 'y' : 'xy', intersect: false },
      scales: bars ? { x: value, y: other } : { x: other, y: value },
      plugins: {
        legend: { display: false },
        tooltip: {
          callbacks: {
            title: (items) => bars ? items[0].label
              : `${chart.kind === 'steps' ? 'up to ' : ''}${formatted(items[0].parsed.x, chart.x.unit)}`,
            label: (item) =>
              `${item.dataset.label}: ${formatted(bars ? item.parsed.x : item.parsed.y, chart.y.unit)}`,
          },
        },
      },
    };
  };

  // The legend is made of buttons, so that the keyboard reaches it.
  const legend = (drawn, chart) => {
    const list = document.createElement('div');
    list.className = 'chart-legend';
    chart.series.forEach((series, place) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = series.name;
      button.className = `series-${place % 8}`;
      button.setAttribute('aria-pressed', String(!series.hidden));
      button.addEventListener('click', () => {
        const visible = !drawn.isDatasetVisible(place);
        drawn.setDatasetVisibility(place, visible);
        button.setAttribute('aria-pressed', String(visible));
        drawn.update();
      });
      list.append(button);
    });
    return list;
  };

  const drawnCharts = [];
  const draw = (figure) => {
    const chart = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    const canvas = figure.querySelector('canvas');
    const bars = chart.kind === 'bars' || chart.kind === 'stacked';
    if (bars) {
      const each = chart.kind === 'bars' ? 14 * chart.series.length + 14 : 34;
      figure.querySelector('.plot').style.height = `${Math.max(130, 70 + each * chart.categories.length)}px`;
    }
    const drawn = new Chart(canvas, {
      type: bars ? 'bar' : 'scatter',
      data: { labels: bars ? chart.categories : undefined,
        datasets: chart.series.map((series, place) => dataset(chart, series, place)) },
      options: options(chart),
    });
    if (chart.series.length > 1) figure.querySelector('.plot').before(legend(drawn, chart));
    figure.dataset.drawn = 'yes';
    drawnCharts.push({ chart, drawn });
  };

  // The colours are those of the style sheet: they change with light, dark and paper.
  const repaint = () => {
    for (const { chart, drawn } of drawnCharts) {
      chart.series.forEach((series, place) => {
        const { borderColor, backgroundColor } = dataset(chart, series, place);
        Object.assign(drawn.data.datasets[place], { borderColor, backgroundColor });
      });
      drawn.options.scales = options(chart).scales;
      drawn.resize();
      drawn.update('none');
    }
  };

  // ---- all of them, one after the other: the page can be read and scrolled meanwhile ----

  const figures = [...document.querySelectorAll('figure.chart')];
  const waiting = [...figures];
  const drawNext = () => {
    const figure = waiting.shift();
    if (!figure) return;
    if (!figure.dataset.drawn) draw(figure);
    setTimeout(drawNext);
  };
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 13;
  drawNext();

  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
  window.addEventListener('beforeprint', () => {
    for (const figure of figures) if (!figure.dataset.drawn) draw(figure);
    repaint();
  });
  window.addEventListener('afterprint', repaint);
})();
