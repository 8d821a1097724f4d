"use strict";
// The form, drawn from what the package declares, and the call.
const service = JSON.parse(byId("service").textContent);
const state = { kind: service.form ? "form" : "json", fields: [], answer: "" };

// ── fields ─────────────────────────────────────────────────────────────────────────────────────
// A field knows its element, its name, and its values: texts, files, or nothing when it was left empty.

function addField(declared, own = false) {
  const makers = { file: fileField, number: numberField, integer: numberField, boolean: booleanField };
  const field = declared.options ? optionsField(declared) : (makers[declared.type] ?? textField)(declared);
  const hint = [range(declared), declared.description].filter(Boolean).join(" · ");
  const name = own ? make("input", { type: "text", value: declared.name, "aria-label": "name" }) : null;
  const kind = make("small", {}, words[declared.type] ?? declared.type ?? "");
  field.name = () => (name ? name.value : declared.name);
  field.element = make("div", { className: "field" },
    make(own ? "div" : "label", { className: "name", ...(own ? {} : { htmlFor: field.input.id }) }, name ?? declared.name, kind),
    field.shown ?? field.input, hint ? make("p", {}, hint) : null);
  field.element.addEventListener("input", showCurl);
  state.fields.push(field);
  byId("fields").append(field.element);
}

function range(declared) {
  const { minimum, maximum } = declared;
  if (minimum !== undefined && maximum !== undefined) return say(words.from, minimum, maximum);
  if (minimum !== undefined) return say(words.least, minimum);
  return maximum !== undefined ? say(words.most, maximum) : "";
}

const newId = () => `field${state.fields.length}`;
const asText = (value) => (value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));

function textField(declared) {
  const input = ["object", "array"].includes(declared.type)
    ? make("textarea", { id: newId(), rows: 4, value: declared.default === undefined ? "" : JSON.stringify(declared.default, null, 2) })
    : make("input", { id: newId(), type: "text", value: asText(declared.default) });
  return { input, values: () => (input.value === "" ? [] : [input.value]) };
}

function numberField(declared) {
  const step = declared.type === "integer" ? "1" : "any";
  const input = make("input", { id: newId(), type: "number", step, value: asText(declared.default) });
  if (declared.minimum !== undefined) input.min = declared.minimum;
  if (declared.maximum !== undefined) input.max = declared.maximum;
  return { input, values: () => (input.value === "" ? [] : [input.value]) };
}

function optionsField(declared) {
  const choices = declared.options.map((one) => make("option", { value: asText(one) }, asText(one)));
  const input = make("select", { id: newId() }, ...choices);
  if (declared.default !== undefined) input.value = asText(declared.default);
  return { input, values: () => [input.value] };
}

function booleanField(declared) {
  return optionsField({ options: ["true", "false"], default: String(declared.default ?? false) });
}

function fileField() {
  const input = make("input", { id: newId(), type: "file", multiple: true, hidden: true });
  const shown = make("div", { className: "drop", tabIndex: 0, role: "button" });
  const field = { input, shown, files: [], values: () => field.files };
  field.take = (files) => {
    field.files = [...files];
    showFiles(field);
    showCurl();
  };
  shown.onclick = () => input.click();
  shown.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); input.click(); } };
  input.onchange = () => field.take(input.files);
  shown.ondragover = (event) => { event.preventDefault(); shown.classList.add("over"); };
  shown.ondragleave = () => shown.classList.remove("over");
  shown.ondrop = (event) => {
    event.preventDefault();
    shown.classList.remove("over");
    if (event.dataTransfer.files.length) field.take(event.dataTransfer.files);
  };
  showFiles(field);
  return field;
}

function showFiles(field) {
  const { files, shown, input } = field;
  shown.classList.remove("over");
  if (!files.length) {
    shown.replaceChildren(words.drop, input);
    return;
  }
  const named = files.length === 1 ? files[0].name : `${files.length} ${words.files}`;
  const size = humanSize(files.reduce((sum, file) => sum + file.size, 0));
  const picture = files[0].type.startsWith("image/") ? make("img", { src: URL.createObjectURL(files[0]), alt: "" }) : null;
  shown.replaceChildren(...[picture, make("b", {}, named), ` ${size}`, input].filter(Boolean));
}

document.addEventListener("paste", (event) => {
  const files = event.clipboardData?.files ?? [];
  const field = state.fields.find((one) => one.take && !one.files.length) ?? state.fields.find((one) => one.take);
  if (files.length && field && state.kind === "form") field.take(files);
});

// ── the request ────────────────────────────────────────────────────────────────────────────────

// What is sent, or null when the JSON is none.
function request() {
  if (state.kind === "form") {
    const body = new FormData();
    for (const field of state.fields) {
      for (const value of field.values()) body.append(field.name(), value);
    }
    return { method: "POST", body };
  }
  try {
    JSON.parse(byId("text").value);
    byId("wrong").textContent = "";
  } catch (error) {
    byId("wrong").textContent = words.wrong + error.message;
    return null;
  }
  return { method: "POST", body: byId("text").value, headers: { "Content-Type": "application/json" } };
}

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function showCurl() {
  const address = new URL(service.path, location.href).href;
  const parts = ["curl"];
  if (state.kind === "json") {
    parts.push("-H 'Content-Type: application/json'", `-d ${quote(compact(byId("text").value))}`);
  } else {
    for (const field of state.fields) {
      const values = field.take && !field.files.length ? [{ name: "FILE" }] : field.values();
      for (const value of values) parts.push(`-F ${quote(`${field.name()}=${typeof value === "string" ? value : `@${value.name}`}`)}`);
    }
  }
  byId("curl").textContent = [...parts, address].join(" ");
}

function compact(text) {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

async function send(event) {
  event?.preventDefault();
  const asked = request();
  if (!asked || byId("send").disabled) return;
  byId("send").disabled = true;
  byId("send").textContent = words.sending;
  const started = performance.now();
  try {
    const response = await fetch(service.path, asked);
    const text = await response.text();
    show(response, text, performance.now() - started);
  } catch {
    clear();
    byId("summary").replaceChildren(make("b", { className: "bad" }, words.lost));
  } finally {
    byId("send").disabled = false;
    byId("send").textContent = words.send;
    lookAtHealth();
  }
}

// ── the answer ─────────────────────────────────────────────────────────────────────────────────

function show(response, text, milliseconds) {
  clear();
  const stages = readTimes(response.headers.get("server-timing") ?? "");
  const told = stages.map(([name, spent]) => `${words[name] ?? name} ${round(spent, 1)}`);
  const facts = [say(words.took, round(milliseconds, milliseconds < 10 ? 1 : 0)), ...told, say(words.bytes, humanSize(new Blob([text]).size))];
  byId("summary").replaceChildren(make("b", { className: response.ok ? "" : "bad" }, String(response.status)), ` · ${facts.join(" · ")}`);
  byId("times").replaceChildren(...stages.map(([name, spent]) => {
    const bar = make("i", { title: `${words[name] ?? name}: ${round(spent, 1)} ms` });
    bar.style.flexGrow = spent;
    return bar;
  }));
  state.answer = text;
  byId("whole").hidden = false;
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    byId("answer").textContent = text || words.empty;
    return;
  }
  byId("drawn").replaceChildren(...draw(answer, sentPicture()));
  byId("answer").textContent = readable(answer);
}

const sentPicture = () => state.fields.flatMap((field) => field.files ?? []).find((file) => file.type.startsWith("image/"));

function readTimes(header) {
  return [...header.matchAll(/(\w+);dur=([\d.]+)/g)].map(([, name, spent]) => [name, Number(spent)]);
}

function clear() {
  byId("summary").textContent = words.nothing;
  byId("times").replaceChildren();
  byId("drawn").replaceChildren();
  byId("whole").hidden = true;
}

async function lookAtHealth() {
  let [name, text] = ["bad", words.gone];
  try {
    [name, text] = (await fetch("/health")).ok ? ["good", words.ready] : ["bad", words.starting];
  } catch {
    // The words above say it.
  }
  byId("health").className = name;
  byId("health").lastElementChild.textContent = text;
}

// ── the page ───────────────────────────────────────────────────────────────────────────────────

function choose(kind) {
  state.kind = kind;
  for (const tab of byId("kinds").children) tab.setAttribute("aria-selected", tab.dataset.kind === kind);
  byId("fields").hidden = byId("more").hidden = kind !== "form";
  byId("json").hidden = kind !== "json";
  showCurl();
}

function reset() {
  state.fields = [];
  byId("fields").replaceChildren();
  byId("text").value = JSON.stringify(service.sample, null, 2);
  byId("wrong").textContent = "";
  for (const declared of service.fields) addField(declared);
  if (!service.fields.length) addField({ name: "images", type: "file" }, true);
  clear();
  showCurl();
}

function copyFrom(button, text) {
  button.hidden = !navigator.clipboard; // browsers offer it on this machine and over TLS only
  button.onclick = async () => {
    await navigator.clipboard.writeText(text());
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = words.copy; }, 1200);
  };
}

document.documentElement.lang = chinese ? "zh-CN" : "en";
for (const id of ["ask", "said", "send", "more", "again", "line"]) byId(id).textContent = words[id];
byId("copycurl").textContent = byId("copyanswer").textContent = words.copy;
byId("about").textContent = service.about;
for (const kind of ["form", "json"]) {
  const tab = make("button", { type: "button", role: "tab", onclick: () => choose(kind) }, words[kind]);
  tab.dataset.kind = kind;
  byId("kinds").append(tab);
}
byId("form").onsubmit = send;
byId("more").onclick = () => addField({ name: "name", type: "text" }, true);
byId("again").onclick = reset;
byId("text").oninput = () => { request(); showCurl(); };
document.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(); });
copyFrom(byId("copycurl"), () => byId("curl").textContent);
copyFrom(byId("copyanswer"), () => state.answer);
reset();
choose(state.kind);
lookAtHealth();
setInterval(lookAtHealth, 10000);
