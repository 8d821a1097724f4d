/** ModelArts' analysis report, read with care: scripts of any age write it. */

export interface Grid {
  name: string;
  corner: string;
  rows: string[];
  columns: string[];
  cells: (string | number | null)[][];
}

export interface Lines {
  name: string;
  x: string;
  y: string;
  curves: { name: string; xs: number[]; ys: (number | null)[] }[];
}

export interface Bars {
  name: string;
  bars: { name: string; value: number }[];
}

export interface Finding {
  text: string;
  suggestion: string;
  level: number;
}

export interface Operation {
  key: string;
  title: string;
  description: string;
  figures: [string, number | string][];
  grids: Grid[];
  charts: Lines[];
  bars: Bars[];
  wrong: { truth: string; predicted: string; score: string; sample: string }[];
}

export interface Section {
  operations: Operation[];
  findings: Finding[];
}

type Told = Record<string, unknown>;
const isTold = (value: unknown): value is Told => typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const parts = (value: unknown): [string, unknown][] => (isTold(value) ? Object.entries(value) : []);
const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");
const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);

export function readSection(content: unknown): Section {
  const operations = parts(content).filter(([key, one]) => key !== "diagnosis" && isTold(one)).map(([key, one]) => readOperation(key, one as Told));
  const findings = list(isTold(content) ? content.diagnosis : []).filter(isTold).map((one) => ({
    text: text(one.diagnosis), suggestion: text(one.suggestion), level: Number(one.level) || 3,
  }));
  return { operations: operations.filter((one) => !isBare(one)), findings: findings.sort((one, other) => one.level - other.level) };
}

const isBare = (one: Operation) => one.figures.length + one.grids.length + one.charts.length + one.bars.length + one.wrong.length === 0;

function readOperation(key: string, told: Told): Operation {
  return {
    key,
    title: text(told.title) || key,
    description: text(told.description),
    figures: parts(told.value).flatMap(([name, value]) => (typeof value === "number" || typeof value === "string" ? [[name, value] as [string, number | string]] : [])),
    grids: parts(told.table).flatMap(([name, grid]) => (isTold(grid) ? [readGrid(name, grid)] : [])),
    charts: parts(told.line_chart).flatMap(([name, chart]) => (isTold(chart) ? [readLines(name, chart)] : [])).filter((one) => one.curves.length > 0),
    bars: [...parts(told.bar_chart), ...parts(told.pie_chart)].flatMap(([name, chart]) => (isTold(chart) ? [readBars(name, chart)] : [])),
    wrong: list(told[key]).filter(isTold).map((one) => ({
      truth: names(one.labels), predicted: names(one.predict_labels), score: text(one.score), sample: text(one.data_info),
    })),
  };
}

const names = (labels: unknown) => list(labels).map((one) => text(isTold(one) ? one.name : one)).join(", ");

function readGrid(name: string, told: Told): Grid {
  const cell = (value: unknown) => (typeof value === "string" ? value : number(value));
  return {
    name, corner: text(told.top_left_cell), rows: list(told.row_labels).map(text), columns: list(told.col_labels).map(text),
    cells: list(told.cell_value).map((row) => list(row).map(cell)),
  };
}

function readLines(name: string, told: Told): Lines {
  const curves = parts(told.curve).map(([curve, points]) => {
    const pairs = list(points).map(list).filter(([x]) => number(x) !== null);
    return { name: curve, xs: pairs.map(([x]) => number(x) ?? 0), ys: pairs.map(([, y]) => number(y)) };
  });
  return { name: text(told.name) || name, x: text(told.x_axis_name), y: text(told.y_axis_name), curves: curves.filter((one) => one.xs.length > 0) };
}

function readBars(name: string, told: Told): Bars {
  const values = list(told.value);
  return { name, bars: list(told.label).map((label, at) => ({ name: text(label), value: number(values[at]) ?? 0 })) };
}

/** How full a cell of a matrix is of its column, for its colour; null for one of text. */
export function heat(grid: Grid): (number | null)[][] {
  const most = grid.columns.map((_, at) => grid.cells.reduce((sum, row) => sum + Math.abs(Number(row[at] ?? 0) || 0), 0));
  return grid.cells.map((row) => row.map((cell, at) => (typeof cell === "number" && most[at] ? Math.abs(cell) / (most[at] ?? 1) : null)));
}
