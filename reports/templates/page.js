"use strict";

// Shows a message, which screen readers announce.
const say = (text) => {
  document.getElementById("said").textContent = text;
};

const copy = async (pre) => {
  try {
    await navigator.clipboard.writeText(pre.textContent);
    return true;
  } catch {
    // Some browsers deny pages from files the clipboard API. Copying a selection works everywhere.
    getSelection().selectAllChildren(pre);
    return document.execCommand("copy");
  }
};

for (const pre of document.querySelectorAll("pre.command")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const copied = await copy(pre);
    button.textContent = copied ? "Copied" : "Selected";
    say(copied ? "The command is copied." : "The command is selected.");
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  const around = document.createElement("div");
  around.className = "copyable";
  pre.replaceWith(around);
  around.append(pre, button);
}

const form = document.getElementById("filter");
if (form) {
  const items = [...document.querySelectorAll("main [data-verdict]")];
  const squares = new Map();
  for (const group of document.querySelectorAll("[data-of]")) {
    squares.set(group.dataset.of, group);
  }
  // Each entry of the list is shown with the finding to which it links.
  const entries = [...document.querySelectorAll(".contents li")].map((entry) =>
    [entry, document.getElementById(entry.querySelector("a").hash.slice(1))]);
  const texts = new Map();
  const text = (item) => {
    if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
    return texts.get(item);
  };
  const count = (selector) => {
    const all = items.filter((item) => item.matches(selector));
    return `${all.filter((item) => !item.hidden).length} of ${all.length}`;
  };
  const filter = () => {
    const asked = new FormData(form);
    const words = asked.get("words").toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = new Set(asked.getAll("verdict"));
    const level = asked.get("level");
    for (const item of items) {
      const { verdict, level: of } = item.dataset;
      const fits = verdicts.has(verdict) && (!level || of === level);
      item.hidden = !(fits && words.every((word) => text(item).includes(word)));
    }
    for (const [entry, finding] of entries) entry.hidden = finding.hidden;
    // A square matches if its requirement or one of its findings does.
    const shown = new Set(items.filter((item) => !item.hidden).map((item) => item.dataset.requirement || item.id));
    for (const [id, group] of squares) group.classList.toggle("off", !shown.has(id));
    for (const part of document.querySelectorAll(".filtered")) {
      part.hidden = !part.querySelector("[data-verdict]:not([hidden])");
    }
    if (items.every((item) => !item.hidden)) {
      say("");
      return;
    }
    const findings = items.some((item) => item.matches("article")) ? `${count("article")} findings, ` : "";
    say(`Shown: ${findings}${count("tr")} requirements.`);
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
}

// A link to something that is hidden or folded reveals it.
const reveal = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const hidden = target.closest("[hidden]");
  if (hidden && form) form.reset();
  const folded = target.closest("details");
  if (folded) folded.open = true;
  if (hidden || folded) setTimeout(() => target.scrollIntoView());
};
addEventListener("hashchange", reveal);
reveal();
