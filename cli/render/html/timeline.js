// timeline.js — a timeline that can be zoomed: lanes for CPUs and tasks on a canvas. Each <figure class="timeline"> holds
// its data (timeline_picture.cpp). What is drawn costs as much as there are pixels, not as there are events: of all that
// falls onto one pixel, the first is drawn.
'use strict';

(() => {
  const kLabel = 150, kScale = 26, kLane = 30, kGap = 18;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const time = (ns) => {
    const units = ['ns', 'µs', 'ms', 's'];
    let unit = 0;
    while (unit < 3 && Math.abs(ns) >= 1000) {
      ns /= 1000;
      unit += 1;
    }
    return `${Number(ns.toPrecision(4))} ${units[unit]}`;
  };

  const sums = (gaps) => {
    const out = new Float64Array(gaps.length);
    let at = 0;
    for (let i = 0; i < gaps.length; i += 1) out[i] = at += gaps[i];
    return out;
  };
  const spans = (columns) => {
    const from = sums(columns.gap);
    const to = Float64Array.from(columns.length, (length, i) => from[i] + length);
    return { from, to, who: columns.who, end: columns.end };
  };
  // The first place whose value is at least that.
  const search = (values, wanted, begin = 0) => {
    let low = begin, high = values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle] < wanted) low = middle + 1; else high = middle;
    }
    return low;
  };

  class Lanes {
    constructor(figure) {
      this.figure = figure;
      this.data = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
      this.lanes = this.data.lanes.map((lane) => ({ ...lane, mounts: spans(lane.mounts), runs: spans(lane.runs),
        events: { ...lane.events, at: sums(lane.events.gap) } }));
      this.canvas = figure.querySelector('canvas');
      this.tip = figure.querySelector('.tip');
      this.story = figure.querySelector('.story');
      this.from = 0;
      this.to = this.data.length;
      this.followed = -1;
      this.listen();
      new ResizeObserver(() => this.resize()).observe(figure);
      this.resize();
    }

    // ---- where is what ----

    resize() {
      this.width = Math.max(320, this.figure.clientWidth);
      this.height = kScale + this.lanes.length * (kLane + kGap);
      const ratio = window.devicePixelRatio || 1;
      this.canvas.width = this.width * ratio;
      this.canvas.height = this.height * ratio;
      this.canvas.style.width = `${this.width}px`;
      this.canvas.style.height = `${this.height}px`;
      this.paint(); // at once: a canvas of another size is an empty one
    }

    x(ns) { return kLabel + (ns - this.from) / (this.to - this.from) * (this.width - kLabel); }
    ns(x) { return this.from + (x - kLabel) / (this.width - kLabel) * (this.to - this.from); }
    y(lane) { return kScale + lane * (kLane + kGap); }

    move(from, to) {
      const length = Math.min(this.data.length, Math.max(100, to - from));
      this.from = Math.max(0, Math.min(from, this.data.length - length));
      this.to = this.from + length;
      this.figure.dataset.from = String(Math.round(this.from));
      this.figure.dataset.to = String(Math.round(this.to));
      this.draw();
    }
    zoom(factor, at = (this.from + this.to) / 2) {
      this.move(at - (at - this.from) * factor, at + (this.to - at) * factor);
    }
    pan(share) {
      const by = (this.to - this.from) * share;
      this.move(this.from + by, this.to + by);
    }

    // ---- drawing; at most once for each frame of the screen ----

    draw() {
      if (this.asked) return;
      this.asked = true;
      requestAnimationFrame(() => {
        this.asked = false;
        this.paint();
      });
    }

    paint() {
      const pen = this.pen = this.canvas.getContext('2d');
      const ratio = window.devicePixelRatio || 1;
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, this.width, this.height);
      pen.font = '13px system-ui, "DejaVu Sans", sans-serif';
      pen.textBaseline = 'middle';
      this.colours = [0, 1, 2, 3, 4, 5, 6, 7].map((place) => colour(`--series-${place}`));
      this.ink = { text: colour('--text'), quiet: colour('--quiet'), line: colour('--line'), card: colour('--card') };
      this.scale();
      this.lanes.forEach((lane, place) => this.lane(lane, place));
      if (this.followed >= 0) this.path();
      this.figure.dataset.drawn = 'yes';
    }

    scale() {
      const { pen } = this;
      const wanted = (this.to - this.from) / Math.max(2, (this.width - kLabel) / 130);
      const power = 10 ** Math.floor(Math.log10(wanted));
      const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= wanted);
      pen.strokeStyle = this.ink.line;
      pen.fillStyle = this.ink.quiet;
      pen.textAlign = 'left';
      for (let at = Math.ceil(this.from / step) * step; at <= this.to; at += step) {
        const x = Math.round(this.x(at)) + 0.5;
        pen.beginPath();
        pen.moveTo(x, kScale - 6);
        pen.lineTo(x, this.height);
        pen.stroke();
        pen.fillText(time(at), x + 4, kScale / 2);
      }
    }

    lane(lane, place) {
      const { pen } = this;
      const y = this.y(place);
      pen.fillStyle = this.ink.card;
      pen.fillRect(kLabel, y, this.width - kLabel, kLane);
      pen.fillStyle = this.ink.text;
      pen.textAlign = 'right';
      pen.fillText(lane.name.length > 20 ? `${lane.name.slice(0, 19)}…` : lane.name, kLabel - 8, y + kLane / 2, kLabel - 12);
      if (lane.kind === 'cpu' || lane.mounts.from.length === 0) {
        this.bars(lane.runs, y, kLane, this.data.tasks, false);
      } else {
        this.bars(lane.mounts, y, kLane - 6, this.data.units, true);
        this.bars(lane.runs, y + kLane - 5, 5, null, false);
      }
      this.marks(lane, y);
    }

    bars(of, y, height, names, units) {
      const { pen } = this;
      const perPixel = (this.to - this.from) / (this.width - kLabel);
      for (let i = search(of.to, this.from); i < of.from.length && of.from[i] < this.to; i += 1) {
        const left = Math.max(kLabel, this.x(of.from[i])), right = Math.min(this.width, this.x(of.to[i]));
        const wide = right - left;
        pen.globalAlpha = !units || this.followed < 0 || of.who[i] === this.followed ? 1 : 0.25;
        pen.fillStyle = names ? this.colours[Math.max(0, of.who[i]) % 8] : this.ink.quiet;
        pen.fillRect(left, y, Math.max(1, wide - (wide > 4 ? 1 : 0)), height);
        if (names && wide > 46 && of.who[i] >= 0) {
          pen.fillStyle = colour('--page');
          pen.textAlign = 'left';
          pen.fillText(names[of.who[i]], left + 5, y + height / 2, wide - 8);
        }
        // What ends before the next pixel begins cannot be seen beside this one.
        if (wide < 1) i = Math.max(i, search(of.to, of.from[i] + perPixel, i) - 1);
      }
      pen.globalAlpha = 1;
    }

    marks(lane, y) {
      const { pen } = this;
      const { at, kind } = lane.events;
      const begin = search(at, this.from), end = search(at, this.to);
      if (end - begin > 400) return;  // too near to each other to be told apart
      pen.fillStyle = this.ink.text;
      for (let i = begin; i < end; i += 1) {
        const x = this.x(at[i]);
        pen.beginPath();
        pen.moveTo(x, y);
        pen.lineTo(x - 4, y - 7);
        pen.lineTo(x + 4, y - 7);
        pen.fill();
        if (end - begin < 30 && (i + 1 === end || this.x(at[i + 1]) - x > 90) && x < this.width - 90) {
          pen.textAlign = 'left';
          pen.fillText(this.data.kinds[kind[i]], x + 6, y - 7);
        }
      }
    }

    // The followed unit from task to task, and from whoever woke it to where it then ran.
    path() {
      const { pen } = this;
      pen.save();
      pen.clip(new Path2D(`M${kLabel} 0H${this.width}V${this.height}H${kLabel}Z`));
      pen.strokeStyle = pen.fillStyle = this.ink.quiet;
      this.wakes.filter(({ at, step }) => step.from >= this.from && at <= this.to).forEach((wake) => this.arrow(wake));
      pen.restore();
      pen.strokeStyle = this.ink.text;
      pen.lineWidth = 2;
      pen.beginPath();
      this.steps.forEach(({ lane, from, to }, place) => {
        const y = this.y(lane) + (kLane - 6) / 2;
        if (place) pen.lineTo(this.x(from), y); else pen.moveTo(this.x(from), y);
        pen.lineTo(this.x(to), y);
      });
      pen.save();
      pen.clip(new Path2D(`M${kLabel} 0H${this.width}V${this.height}H${kLabel}Z`));
      pen.stroke();
      pen.fillStyle = this.ink.text;  // where it was mounted, also if that was too short to be seen
      for (const { lane, from } of this.steps) pen.fillRect(this.x(from) - 2, this.y(lane) + 4, 4, kLane - 14);
      pen.restore();
      pen.lineWidth = 1;
    }

    arrow({ lane, at, step }) {
      const { pen } = this;
      const below = step.lane > lane;
      const x = this.x(at), y = this.y(lane) + (below ? kLane : 0), toX = this.x(step.from), toY = this.y(step.lane) + (below ? 0 : kLane - 6);
      if (lane !== step.lane) {
        pen.beginPath();
        pen.setLineDash([5, 3]);
        pen.moveTo(x, y);
        pen.lineTo(toX, toY);
        pen.stroke();
        pen.setLineDash([]);
      }
      const up = below ? -8 : 8;
      pen.beginPath();
      pen.moveTo(toX, toY);
      pen.lineTo(toX - 4, toY + up);
      pen.lineTo(toX + 4, toY + up);
      pen.fill();
    }

    // ---- what is there ----

    under(event) {
      const box = this.canvas.getBoundingClientRect();
      const x = event.clientX - box.left, y = event.clientY - box.top;
      const place = Math.floor((y - kScale) / (kLane + kGap));
      const lane = this.lanes[place];
      if (!lane || x < kLabel) return null;
      const at = this.ns(x), near = (this.to - this.from) / (this.width - kLabel) * 2;
      const find = (of) => {
        const i = search(of.to, at - near);
        return i < of.from.length && of.from[i] <= at + near ? i : -1;
      };
      return { lane, at, near, run: find(lane.runs), mount: find(lane.mounts) };
    }

    told({ lane, at, near, run, mount }) {
      const { data } = this;
      const said = (of, i, name, ends) => i < 0 ? []
        : [`${name}: +${time(of.from[i])}, ${time(of.to[i] - of.from[i])} long, ${ends[of.end[i]]}`];
      const lines = lane.kind === 'cpu'
        ? said(lane.runs, run, `${lane.name}, ${data.tasks[lane.runs.who[run]]}`, data.run_ends)
        : [...said(lane.mounts, mount, `${data.units[lane.mounts.who[mount]]} on ${lane.name}`, data.mount_ends),
          ...said(lane.runs, run, `${lane.name} had a CPU`, data.run_ends)];
      const { events } = lane;
      const begin = search(events.at, at - 3 * near), end = Math.min(search(events.at, at + 3 * near), begin + 6);
      for (let i = begin; i < end; i += 1) {
        const unit = events.unit[i] >= 0 ? `${data.units[events.unit[i]]} ` : '';
        const why = events.reason[i] >= 0 ? ` (${data.reasons[events.reason[i]]})` : '';
        lines.push(`+${time(events.at[i])}: ${unit}${data.kinds[events.kind[i]]}${why}${this.by(events, i)}`);
      }
      return lines;
    }

    // Who did that, if it is known.
    by(events, i) {
      const number = events.number[i];
      const of = (names) => (number >= 0 && number < names.length ? ` by ${names[number]}` : '');
      const said = [() => '', () => of(this.data.units), () => of(this.data.tasks), () => ` by descriptor ${number}`,
        () => ' by its deadline', () => ' by a signal before'];
      return said[events.by[i]]();
    }

    // For what the followed unit began to wait on that lane, then.
    why(place, from, to) {
      const { at, unit, reason } = this.lanes[place].events;
      for (let i = search(at, from); i < at.length && at[i] <= to; i += 1) {
        if (unit[i] === this.followed && reason[i] >= 0) return ` (${this.data.reasons[reason[i]]})`;
      }
      return '';
    }

    // Each time that the unit was started or unparked, and where it then ran first.
    woken(unit) {
      const kinds = ['started', 'unparked'].map((kind) => this.data.kinds.indexOf(kind));
      const began = Float64Array.from(this.steps, ({ from }) => from);
      const wakes = [];
      this.lanes.forEach(({ events }, lane) => events.unit.forEach((who, i) => {
        const step = who === unit && unit >= 0 && kinds.includes(events.kind[i]) && this.steps[search(began, events.at[i])];
        if (step) {
          wakes.push({ lane, at: events.at[i], step });
          step.woken = `; ${this.data.kinds[events.kind[i]]}${this.by(events, i)} on ${this.lanes[lane].name} at +${time(events.at[i])}`;
        }
      }));
      return wakes;
    }

    follow(unit) {
      this.followed = unit;
      this.steps = [];
      this.lanes.forEach((lane, place) => {
        lane.mounts.who.forEach((who, i) => {
          if (who === unit && unit >= 0) {
            this.steps.push({ lane: place, from: lane.mounts.from[i], to: lane.mounts.to[i], end: lane.mounts.end[i] });
          }
        });
      });
      this.steps.sort((a, b) => a.from - b.from);
      this.wakes = this.woken(unit);
      this.figure.dataset.followed = unit < 0 ? '' : this.data.units[unit];
      this.figure.dataset.wakes = String(this.wakes.length);
      const lines = this.steps.slice(0, 100).map(({ lane, from, to, end, woken = '' }) =>
        `+${time(from)} on ${this.lanes[lane].name} for ${time(to - from)}, ${this.data.mount_ends[end]}${this.why(lane, from, to)}${woken}`);
      if (this.steps.length > lines.length) lines.push(`and ${this.steps.length - lines.length} times more`);
      this.story.textContent = this.steps.length === 0 ? '' : [`${this.data.units[unit]}, mounted ${this.steps.length}×`, ...lines].join('\n');
      this.draw();
    }

    // ---- wheel, pointer, keys ----

    listen() {
      const { canvas } = this;
      canvas.addEventListener('wheel', (event) => {
        event.preventDefault();
        const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
        if (sideways) this.pan((event.deltaX || event.deltaY) / this.width);
        else this.zoom(1.0015 ** event.deltaY, this.ns(event.clientX - canvas.getBoundingClientRect().left));
      }, { passive: false });
      let begin = null;
      canvas.addEventListener('pointerdown', (event) => {
        canvas.setPointerCapture(event.pointerId);
        begin = { x: event.clientX, from: this.from, to: this.to, moved: false };
      });
      canvas.addEventListener('pointermove', (event) => {
        if (begin) {
          const by = (begin.x - event.clientX) * (begin.to - begin.from) / (this.width - kLabel);
          begin.moved = begin.moved || Math.abs(event.clientX - begin.x) > 3;
          if (begin.moved) this.move(begin.from + by, begin.to + by);
        }
        const found = this.under(event);
        const lines = found ? this.told(found) : [];
        this.tip.hidden = lines.length === 0;
        this.tip.textContent = lines.join('\n');
        const box = canvas.getBoundingClientRect();
        this.tip.style.left = `${Math.min(event.clientX - box.left + 14, this.width - 340)}px`;
        this.tip.style.top = `${event.clientY - box.top + 18}px`;
      });
      canvas.addEventListener('pointerleave', () => { this.tip.hidden = true; });
      canvas.addEventListener('pointerup', (event) => {
        const found = begin && !begin.moved ? this.under(event) : null;
        begin = null;
        if (found) this.follow(found.lane.kind === 'task' && found.mount >= 0 ? found.lane.mounts.who[found.mount] : -1);
      });
      const keys = { ArrowLeft: () => this.pan(-0.2), ArrowRight: () => this.pan(0.2), '+': () => this.zoom(0.7),
        '=': () => this.zoom(0.7), '-': () => this.zoom(1 / 0.7), Home: () => this.move(0, this.data.length),
        Escape: () => this.follow(-1) };
      canvas.addEventListener('keydown', (event) => {
        if (!keys[event.key]) return;
        event.preventDefault();
        keys[event.key]();
      });
    }
  }

  // report.html#follow=unit 7: a link to somebody in a timeline.
  const wanted = /^#follow=(.+)$/.exec(decodeURIComponent(window.location.hash));
  const all = [...document.querySelectorAll('figure.timeline')].map((figure) => new Lanes(figure));
  if (wanted) all.forEach((lanes) => lanes.follow(lanes.data.units.indexOf(wanted[1])));
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => all.forEach((lanes) => lanes.draw()));
  for (const change of ['beforeprint', 'afterprint']) {
    window.addEventListener(change, () => all.forEach((lanes) => lanes.paint()));
  }
})();
