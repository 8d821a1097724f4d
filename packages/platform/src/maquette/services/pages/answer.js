"use strict";
// Draws an answer by what is in it: boxes over the picture, bars for classes, pictures, tables, and always the JSON.
const COLOURS = ["#ff4d4f", "#1677ff", "#52c41a", "#fa8c16", "#722ed1", "#13c2c2", "#eb2f96", "#a0d911", "#faad14", "#2f54eb"];
const IMAGE_STARTS = { "/9j/": "jpeg", iVBORw0KGgo: "png", R0lGOD: "gif", UklGR: "webp" };
const LONG_TEXT = 300;

// The parts of the page that show this answer. `picture` is the file that was sent, if it was one.
function draw(answer, picture) {
  const parts = [];
  if (answer !== null && typeof answer === "object" && !Array.isArray(answer)) {
    const code = answer.error_code ?? answer.erno;
    if (words.errors[code]) parts.push(make("p", { className: "note" }, words.errors[code]));
    if (Array.isArray(answer.detection_boxes)) parts.push(drawBoxes(answer, picture));
    const bars = findScores(answer);
    if (bars) parts.push(drawBars(bars));
    else if (typeof answer.predicted_label === "string") parts.push(make("p", {}, make("b", {}, answer.predicted_label)));
    if (Array.isArray(answer.data?.resp_data)) parts.push(drawTable(answer.data.resp_data));
  }
  for (const [name, address] of findImages(answer)) {
    parts.push(make("figure", {}, make("figcaption", {}, name), make("img", { src: address, alt: name })));
  }
  return parts;
}

// `scores` of a classification: [[label, number], …], or an object of labels with numbers.
function findScores(answer) {
  const scores = answer.scores ?? answer.probabilities;
  const pairs = Array.isArray(scores) ? scores
    : scores !== null && typeof scores === "object" ? Object.entries(scores) : [];
  const read = pairs
    .filter((pair) => Array.isArray(pair) && pair.length === 2 && pair[1] !== "" && isFinite(Number(pair[1])))
    .map(([label, score]) => [String(label), Number(score)]);
  return read.length && read.length === pairs.length ? read.sort((one, other) => other[1] - one[1]) : null;
}

function drawBars(pairs) {
  const most = Math.max(1, ...pairs.map(([, score]) => score));
  const rows = pairs.slice(0, 20).map(([label, score], place) => {
    const filled = make("i");
    filled.style.width = `${Math.max(0, (100 * score) / most)}%`;
    return make("div", { className: place ? "bar" : "bar first" },
      make("span", { title: label }, label), make("div", {}, filled), make("em", {}, round(score)));
  });
  return make("div", {}, ...rows);
}

function drawBoxes(answer, picture) {
  const labels = answer.detection_classes ?? [];
  const scores = answer.detection_scores ?? [];
  const found = answer.detection_boxes.map((box, place) => ({
    box: box.map(Number), label: String(labels[place] ?? ""), score: Number(scores[place] ?? 1), colour: COLOURS[0],
  }));
  const kinds = [...new Set(found.map((one) => one.label))];
  for (const one of found) one.colour = COLOURS[kinds.indexOf(one.label) % COLOURS.length];

  const canvas = make("canvas");
  const count = make("span");
  const range = make("input", { type: "range", min: "0", max: "1", step: "0.01", value: "0" });
  const shown = make("output", {}, "0.00");
  const body = make("tbody");
  let image = null;
  let chosen = null;

  function refresh() {
    const least = Number(range.value);
    const kept = found.filter((one) => one.score >= least);
    shown.textContent = least.toFixed(2);
    count.textContent = say(words.boxes, kept.length, found.length);
    body.replaceChildren(...kept.slice(0, 200).map((one) => {
      const row = make("tr", { className: one === chosen ? "on" : "" },
        make("td", {}, one.label), make("td", {}, round(one.score)), make("td", {}, one.box.map((side) => round(side, 1)).join(", ")));
      row.onmouseenter = () => { chosen = one; paint(kept); row.className = "on"; };
      row.onmouseleave = () => { chosen = null; paint(kept); row.className = ""; };
      return row;
    }));
    paint(kept);
  }

  function paint(kept) {
    if (image) paintBoxes(canvas, image, kept, chosen);
  }

  range.oninput = refresh;
  if (picture) {
    createImageBitmap(picture).then((bitmap) => { image = bitmap; refresh(); }, () => canvas.remove());
  }
  refresh();
  const head = make("tr", {}, make("th", {}, words.label), make("th", {}, words.score), make("th", {}, words.box));
  return make("div", {},
    picture ? canvas : make("p", { className: "dim" }, words.noimage),
    make("label", { className: "slider" }, words.threshold, range, shown, count),
    make("div", { className: "scroll" }, make("table", {}, make("thead", {}, head), body)));
}

// Boxes are ymin, xmin, ymax, xmax in pixels of the picture; some models give fractions of its sides instead.
function paintBoxes(canvas, image, kept, chosen) {
  canvas.width = image.width;
  canvas.height = image.height;
  const brush = canvas.getContext("2d");
  brush.drawImage(image, 0, 0);
  const fractions = kept.length > 0 && kept.every((one) => one.box.every((side) => side >= 0 && side <= 1.001));
  const [high, wide] = fractions ? [image.height, image.width] : [1, 1];
  const unit = Math.max(image.width, image.height) / 500;
  brush.font = `600 ${Math.max(10, 13 * unit)}px system-ui, sans-serif`;
  for (const one of kept) {
    const [top, left, bottom, right] = [one.box[0] * high, one.box[1] * wide, one.box[2] * high, one.box[3] * wide];
    brush.globalAlpha = chosen && chosen !== one ? 0.25 : 1;
    brush.strokeStyle = brush.fillStyle = one.colour;
    brush.lineWidth = Math.max(1.5, (one === chosen ? 4 : 2.5) * unit);
    brush.strokeRect(left, top, right - left, bottom - top);
    const text = `${one.label} ${round(one.score, 2)}`.trim();
    const size = Math.max(10, 13 * unit);
    const above = Math.max(0, top - size * 1.4);
    brush.fillRect(left - brush.lineWidth / 2, above, brush.measureText(text).width + size * 0.6, size * 1.4);
    brush.fillStyle = "#fff";
    brush.fillText(text, left + size * 0.2, above + size * 1.05);
  }
  brush.globalAlpha = 1;
}

function drawTable(rows) {
  const objects = rows.every((row) => row !== null && typeof row === "object" && !Array.isArray(row));
  const columns = objects ? [...new Set(rows.flatMap(Object.keys))] : [words.value];
  const cell = (value) => make("td", {}, typeof value === "object" ? JSON.stringify(value) : String(value));
  const lines = rows.slice(0, 200).map((row) => make("tr", {}, ...columns.map((name) => cell(objects ? row[name] ?? "" : row))));
  const head = make("tr", {}, ...columns.map((name) => make("th", {}, name)));
  return make("div", { className: "scroll" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...lines)));
}

// Texts that are pictures in base64, with the way to them as names.
function findImages(value, name = "", found = []) {
  if (found.length >= 12) return found;
  if (typeof value === "string") {
    const address = imageAddress(value);
    if (address) found.push([name, address]);
  } else if (value !== null && typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) findImages(inner, name ? `${name}.${key}` : key, found);
  }
  return found;
}

function imageAddress(text) {
  if (text.startsWith("data:image/")) return text;
  if (text.length < 60) return null;
  const start = Object.keys(IMAGE_STARTS).find((one) => text.startsWith(one));
  return start && /^[A-Za-z0-9+/\s]+=*\s*$/.test(text) ? `data:image/${IMAGE_STARTS[start]};base64,${text}` : null;
}

// JSON to read: indented, rows of numbers on one line, long texts cut.
function readable(value, indent = "") {
  const inner = `${indent}  `;
  if (typeof value === "string") {
    return JSON.stringify(value.length > LONG_TEXT ? `${value.slice(0, LONG_TEXT)} … (${value.length})` : value);
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const list = Array.isArray(value);
  const entries = list ? value : Object.entries(value);
  if (!entries.length) return list ? "[]" : "{}";
  if (list && entries.every((one) => one === null || typeof one !== "object")) {
    const flat = `[${entries.map((one) => readable(one)).join(", ")}]`;
    if (flat.length < 100 || entries.every((one) => typeof one === "number")) return flat;
  }
  const lines = list ? entries.map((one) => inner + readable(one, inner))
    : entries.map(([key, one]) => `${inner}${JSON.stringify(key)}: ${readable(one, inner)}`);
  return list ? `[\n${lines.join(",\n")}\n${indent}]` : `{\n${lines.join(",\n")}\n${indent}}`;
}

function round(number, places = 4) {
  return String(Number(Number(number).toFixed(places)));
}
