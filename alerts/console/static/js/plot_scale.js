// The arithmetic of a plot: ranges, ticks, and thinning that keeps every peak.

const FAR = 2; // a limit more than this many data spans away is not drawn to scale

// Maps [from, to] onto [start, end].
export function scaleOf([from, to], [start, end]) {
  const per = (end - start) / (to - from || 1);
  return (value) => start + (value - from) * per;
}

// The span of values to draw, with the limits that fit into it and those that do not.
export function valueRange(series) {
  const values = series.points.map(([, value]) => value).filter((value) => value !== null);
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (values.length === 0) [low, high] = [0, 1];
  const size = high - low || Math.abs(high) * 0.1 || 1;
  const near = (limit) => limit.value < high + FAR * size && limit.value > low - FAR * size;
  const limits = series.limits ?? [];
  const inside = limits.filter(near);
  for (const { value } of inside) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const room = (high - low || size) * 0.08;
  return { span: [low - room, high + room], inside, outside: limits.filter((limit) => !near(limit)) };
}

// About `wanted` round values inside the span.
export function axis([from, to], wanted) {
  const rough = (to - from) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const ticks = [];
  for (let place = Math.ceil(from / step); place * step <= to; place += 1) ticks.push(place * step);
  return ticks;
}

// At most four points per column: first, lowest, highest, last, in the order of time; gaps stay gaps.
export function columns(points, wide) {
  if (points.length <= wide * 2) return points;
  const first = points[0][0];
  const per = (points[points.length - 1][0] - first) / wide || 1;
  const kept = [];
  let column = [];
  let at = 0;
  const close = () => {
    const values = column.filter(([, value]) => value !== null).sort((one, other) => one[1] - other[1]);
    const chosen = new Set([column[0], column[column.length - 1], values[0], values[values.length - 1]]);
    const gap = column.find(([, value]) => value === null);
    if (gap) chosen.add(gap);
    chosen.delete(undefined);
    kept.push(...[...chosen].sort((one, other) => one[0] - other[0]));
  };
  for (const point of points) {
    const place = Math.floor((point[0] - first) / per);
    if (place !== at && column.length) {
      close();
      column = [];
    }
    at = place;
    column.push(point);
  }
  close();
  return kept;
}
