"use strict";

const WORDS = {
  en: {
    hello: "Sign in to your workshop", first: "Welcome. Choose a password.", name: "User name",
    password: "Password", again: "Password again", enter: "Sign in", project: "project_id", store: "Object store",
    keys: "Access keys", newKey: "New access key", once: "The secret is shown this once.", csv: "Save credentials.csv",
    leave: "Sign out", differ: "The two passwords differ.", remove: "Delete", sure: "Delete this key?",
    who: (name, role) => `Signed in as ${name} (${role}).`,
    unidentified: "User name or password is wrong, or the link was used already.",
    unreachable: "The server does not answer. See that it runs.",
    too_many_guesses: (more) => `Too many wrong passwords. Try again in ${more.seconds} s.`,
  },
  zh: {
    hello: "登录您的工作空间", first: "欢迎，请设置密码", name: "用户名",
    password: "密码", again: "再次输入密码", enter: "登录", project: "project_id", store: "对象存储",
    keys: "访问密钥", newKey: "新增访问密钥", once: "密钥只显示这一次。", csv: "保存 credentials.csv",
    leave: "退出登录", differ: "两次输入的密码不一致。", remove: "删除", sure: "确定删除该密钥？",
    who: (name, role) => `已登录：${name}（${role}）。`,
    unidentified: "用户名或密码错误，或链接已被使用。",
    unreachable: "服务器没有响应，请检查服务是否运行。",
    "workspaces.password_length": (more) => `密码长度为 ${more.least} 到 ${more.most} 个字符。`,
    "workspaces.password_easy": () => "密码过于简单，请使用更多不同的字符。",
    "workspaces.in_none": () => "该用户不属于任何工作空间，请先将其加入。",
    too_many_guesses: (more) => `密码错误次数过多，请在 ${more.seconds} 秒后重试。`,
  },
};
// What was chosen in the console counts here too.
const language = (localStorage.getItem("maquette-language") || navigator.language).startsWith("zh") ? "zh" : "en";
const theme = localStorage.getItem("maquette-theme");
const words = WORDS[language];
const find = (id) => document.getElementById(id);
const form = find("sign-in");
const link = location.hash.slice(1);
let session = null;

async function call(method, path, body) {
  const headers = { "x-change-token": session ? session.change_token : "" };
  if (body !== undefined) headers["content-type"] = "application/json";
  const sent = fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const answer = await sent.catch(() => { throw new Error(words.unreachable); });
  const text = await answer.text();
  const told = text ? JSON.parse(text) : null;
  if (answer.ok) return told;
  // A sentence with all that is put into it is more exact than the kind of refusal; English is the server's own.
  const exact = told.told && words[told.told.code];
  if (exact) throw new Error(exact(told.told.parameters));
  const own = words[told.code];
  throw new Error(typeof own === "function" ? own(told.parameters) : own || told.error_msg);
}

function attempt(work) {
  return async (event) => {
    event.preventDefault();
    find("problem").textContent = "";
    try {
      await work();
    } catch (error) {
      find("problem").textContent = error.message;
    }
  };
}

async function enter() {
  const fields = Object.fromEntries(new FormData(form));
  if (link) {
    if (fields.password !== fields.again) throw new Error(words.differ);
    await call("POST", "/maquette/session/link", { link, password: fields.password });
    history.replaceState(null, "", "/sign-in");
  } else {
    await call("POST", "/maquette/session", { name: fields.name, password: fields.password });
  }
  await showInside();
}

// Where whoever signs in wanted to go: a page of ours, and of nobody else.
function wantedPage() {
  const wanted = new URLSearchParams(location.search).get("next") || "/console/";
  return new URL(wanted, location.origin).origin === location.origin && wanted.startsWith("/") ? wanted : "/console/";
}

// Into the console; a Maquette that was set up without one shows its keys here.
async function showInside() {
  session = await call("GET", "/maquette/session");
  if ((await fetch("/console/")).ok) {
    location.replace(wantedPage());
    return;
  }
  const about = await call("GET", "/maquette/about");
  form.hidden = true;
  find("inside").hidden = false;
  find("who").textContent = words.who(session.user_name, session.role);
  find("project").textContent = session.project_id;
  find("store").textContent = `${location.protocol}//${location.hostname}:${about.store_port}`;
  await showKeys();
}

async function showKeys() {
  const keys = await call("GET", `/maquette/${session.project_id}/access-keys`);
  find("keys").replaceChildren(...keys.map((key) => {
    const line = document.createElement("li");
    const name = document.createElement("code");
    const remove = document.createElement("button");
    name.textContent = key.access;
    name.title = key.description;
    remove.textContent = words.remove;
    remove.addEventListener("click", attempt(async () => {
      if (!confirm(words.sure)) return;
      await call("DELETE", `/maquette/${session.project_id}/access-keys/${key.access}`);
      await showKeys();
    }));
    line.append(name, remove);
    return line;
  }));
}

async function makeKey() {
  const key = await call("POST", `/maquette/${session.project_id}/access-keys`, {});
  find("made").hidden = false;
  find("secret").textContent = `AWS_ACCESS_KEY_ID=${key.access}\nAWS_SECRET_ACCESS_KEY=${key.secret}`;
  const lines = `User Name,Access Key Id,Secret Access Key\n${session.user_name},${key.access},${key.secret}\n`;
  find("csv").href = URL.createObjectURL(new Blob([lines], { type: "text/csv" }));
  await showKeys();
}

document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
if (theme === "light" || theme === "dark") document.documentElement.style.colorScheme = theme;
for (const place of document.querySelectorAll("[data-say]")) place.textContent = words[place.dataset.say];
form.elements.password.autocomplete = link ? "new-password" : "current-password";
if (link) {
  document.querySelector("[data-say=hello]").textContent = words.first;
  find("name-row").hidden = true;
} else {
  find("again-row").hidden = true;
}
form.addEventListener("submit", attempt(enter));
find("new-key").addEventListener("click", attempt(makeKey));
find("leave").addEventListener("click", attempt(async () => {
  await call("DELETE", "/maquette/session");
  location.reload();
}));
function showForm() {
  form.hidden = false;
  form.querySelector("label:not([hidden]) input").focus();
}
if (link) showForm();
else showInside().catch(showForm);
