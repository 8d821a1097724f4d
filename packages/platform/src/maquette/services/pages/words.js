"use strict";
// What the page says, in the browser's language.
const WORDS = {
  en: {
    ask: "Request", said: "Answer", form: "Form", json: "JSON", send: "Predict", sending: "Predicting …", more: "+ field",
    again: "Start over", line: "The same in a terminal", copy: "Copy", copied: "Copied", ready: "Ready", starting: "Not ready",
    gone: "No answer", drop: "Drop a file here, paste one, or click to choose", files: "files", file: "file", text: "text",
    nothing: "Fill in the form and press Predict. Ctrl+Enter does it too.", times: "times", wrong: "This is no JSON: ",
    took: "{0} ms in all", bytes: "{0} of data", lost: "The service did not answer. Is it still running?",
    threshold: "Show from score", boxes: "{0} of {1} boxes", label: "Label", score: "Score", box: "Box (ymin, xmin, ymax, xmax)",
    noimage: "Choose the picture in the form to see the boxes on it.", queued: "waiting", preprocess: "preprocess",
    inference: "inference", postprocess: "postprocess", value: "Value", empty: "The answer is empty.", from: "{0} to {1}",
    least: "{0} or more", most: "at most {0}",
    errors: {
      "MR.0101": "The request was empty or could not be read. Fields of a form go as multipart/form-data, JSON as application/json.",
      "MR.0105": "The package's code raised an exception. Its traceback is in the terminal in which the service runs. (400: KeyError or TypeError, often a field that the code expects and the request lacks.)",
      "PY.0101": "The body is no JSON.",
      "PY.0105": "The package's code raised an exception; error_info has its traceback.",
      "APIG.0201": "The request is larger than the service allows.",
      "ModelArts.4206": "More requests are waiting than the service takes. Try again in a moment.",
      "ModelArts.4302": "No instance is running. The terminal says why.",
      "ModelArts.4503": "The instance took too long, or ended while it was at this request. The terminal says more.",
    },
  },
  zh: {
    ask: "请求", said: "结果", form: "表单", json: "JSON", send: "预测", sending: "预测中 …", more: "+ 参数",
    again: "重新开始", line: "在终端中执行同样的请求", copy: "复制", copied: "已复制", ready: "运行中", starting: "未就绪",
    gone: "无响应", drop: "拖入、粘贴或点击选择文件", files: "个文件", file: "文件", text: "文本",
    nothing: "填写表单后点击“预测”,也可按 Ctrl+Enter。", times: "耗时", wrong: "不是合法的 JSON:",
    took: "共 {0} 毫秒", bytes: "返回 {0}", lost: "服务没有响应,请确认它仍在运行。",
    threshold: "显示得分不低于", boxes: "{1} 个框中的 {0} 个", label: "标签", score: "得分", box: "坐标(ymin, xmin, ymax, xmax)",
    noimage: "在表单中选择图片后,检测框会画在图片上。", queued: "排队", preprocess: "预处理",
    inference: "推理", postprocess: "后处理", value: "值", empty: "返回为空。", from: "{0} 到 {1}",
    least: "不小于 {0}", most: "不大于 {0}",
    errors: {
      "MR.0101": "请求为空或无法解析。表单参数请用 multipart/form-data,JSON 请用 application/json。",
      "MR.0105": "模型包代码抛出了异常,调用栈打印在运行服务的终端里。(400 表示 KeyError 或 TypeError,常见原因是请求缺少代码所需的参数。)",
      "PY.0101": "请求体不是 JSON。",
      "PY.0105": "模型包代码抛出了异常,error_info 中有调用栈。",
      "APIG.0201": "请求体超过了服务允许的大小。",
      "ModelArts.4206": "等待的请求过多,请稍后再试。",
      "ModelArts.4302": "没有运行中的实例,原因见终端。",
      "ModelArts.4503": "实例处理超时,或在处理该请求时退出,详情见终端。",
    },
  },
};
const chinese = (navigator.languages?.[0] ?? navigator.language ?? "en").toLowerCase().startsWith("zh");
const words = chinese ? WORDS.zh : WORDS.en;
const say = (text, ...values) => text.replace(/\{(\d)\}/g, (_, place) => values[place]);
const byId = (id) => document.getElementById(id);

// A new element: its tag, its properties, and what is inside.
function make(tag, properties = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...inside.filter((one) => one !== null && one !== undefined));
  return element;
}

function humanSize(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
