// Opens the pages of a folder in a real browser, as files, and uses them as readers do.
//
// node check.mjs PAGES SCREENSHOTS CHROMIUM
//
// PAGES holds report.html with report.json (a target with several findings), passed.html, hostile.html,
// many.html (10,000 cases) and trend.html.

import assert from "node:assert/strict";
import { readFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [pages, screenshots, executablePath] = process.argv.slice(2);
// The packages are in the working directory.
const require = createRequire(path.join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

mkdirSync(screenshots, { recursive: true });
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
});

// Opens a page. Console errors, requests and dialogs are errors.
const open = async (name, options = {}) => {
  const context = await browser.newContext({ viewport: DESKTOP, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => complaints.push(`a dialog: ${dialog.message()}`));
  page.on("request", (request) => {
    if (!request.url().startsWith("file:")) complaints.push(`requests ${request.url()}`);
  });
  await page.goto(pathToFileURL(path.join(pages, name)).href);
  const close = async () => {
    assert.deepEqual(complaints, [], `${name}: the browser complains`);
    await context.close();
  };
  return { page, context, close };
};

const check = async (what, body) => {
  await body();
  console.log(`ok: ${what}`);
};

// Accessibility barriers, by the rules of WCAG 2 (A and AA) and of axe.
const barriers = async (page) => {
  // The policy of the page allows only its own script; scripts over the debugger are exempt.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
};

for (const name of ["report.html", "passed.html", "hostile.html", "trend.html"]) {
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
      await check(`${name}, ${colorScheme}, ${size}: no barriers, nothing wider than the screen`, async () => {
        const { page, close } = await open(name, { colorScheme, viewport });
        const shot = path.join(screenshots, `${name.replace(".html", "")}-${colorScheme}-${size}.png`);
        await page.screenshot({ path: shot });
        await page.evaluate(() => document.querySelectorAll("details").forEach((it) => { it.open = true; }));
        assert.deepEqual(await barriers(page), []);
        const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(wide <= screen, `${wide} pixels are wider than ${screen}`);
        await close();
      });
    }
  }
}

const report = JSON.parse(readFileSync(path.join(pages, "report.json"), "utf8"));
const findings = report.requirements.flatMap((requirement) => requirement.findings);
assert.ok(findings.length > 1, "report.json has several findings");
// Findings of the same difference are one article.
const articles = new Set(findings.map((finding) => finding.group)).size;

await check("every case is a square, every internal link has a target", async () => {
  const { page, close } = await open("report.html");
  const cases = report.requirements.reduce((sum, requirement) => sum + Math.max(requirement.cases.length, 1), 0);
  assert.equal(await page.locator(".grid .square").count(), cases);
  const broken = await page.evaluate(() =>
    [...document.querySelectorAll('a[href^="#"]')]
      .map((link) => link.hash.slice(1))
      .filter((id) => !document.getElementById(decodeURIComponent(id))));
  assert.deepEqual(broken, []);
  await page.locator(".grid .square.failed").first().click();
  const target = await page.evaluate(() => document.querySelector(":target").className);
  assert.match(target, /finding/);
  await close();
});

await check("search and verdicts filter, reset shows all", async () => {
  const { page, close } = await open("report.html");
  const shown = () => page.locator("article:visible").count();
  const all = await shown();
  assert.equal(all, articles);
  const first = await page.locator("article h3").first().innerText();
  await page.getByRole("searchbox").fill(`${first.replace(/^\d+\.\s*/, "")} no-such-word`);
  assert.equal(await shown(), 0);
  assert.match(await page.getByRole("status").innerText(), /^Shown: 0 of \d+ findings, 0 of \d+ requirements\.$/);
  await page.getByRole("searchbox").fill(report.requirements.find((it) => it.findings.length > 0).id);
  const some = await shown();
  assert.ok(some > 0 && some < all, `${some} of ${all}`);
  const listed = await page.locator(".contents li:visible").evaluateAll((items) => items.map((item) => `${item.value}.`));
  assert.deepEqual(await page.locator("article:visible .anchor").allInnerTexts(), listed);
  await page.getByRole("button", { name: "Show all" }).click();
  await page.waitForFunction((all) => document.querySelectorAll("article:not([hidden])").length === all, all);
  await page.getByRole("checkbox", { name: "failed" }).uncheck();
  assert.equal(await page.locator('article[data-verdict="failed"]:visible').count(), 0);
  assert.ok(await page.locator("tr[data-verdict=passed]:visible").count() > 0);
  // A link to a hidden finding reveals it.
  await page.evaluate((id) => { location.hash = id; }, await page.locator("article").first().getAttribute("id"));
  await page.locator("article:visible").first().waitFor();
  assert.equal(await shown(), all);
  await close();
});

await check("a link to a case in a folded list opens it", async () => {
  const { page, close } = await open("report.html");
  const id = await page.locator("details:not([open]) .cases li").first().getAttribute("id");
  const passed = page.locator(`[id="${id}"]`);
  assert.ok(!(await passed.isVisible()));
  await page.locator(`a[href="#${id}"]`).first().click();
  await passed.waitFor({ state: "visible" });
  await close();
});

await check("commands are copied as they are", async () => {
  const { page, context, close } = await open("report.html");
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  for (const nth of [0, articles - 1]) {
    const article = page.locator("article").nth(nth);
    await article.getByRole("button", { name: "Copy" }).first().click();
    await article.getByRole("button", { name: "Copied" }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(findings.some((finding) => finding.replay === copied), copied);
  }
  await page.getByText("With curl").first().click();
  await page.locator("article").first().getByRole("button", { name: "Copy" }).nth(1).click();
  const curl = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(findings.some((finding) => finding.curl === curl), curl);
  await close();
});

await check("the keyboard reaches filter, findings and commands", async () => {
  const { page, close } = await open("report.html");
  const reached = new Set();
  for (let presses = 0; presses < 400; presses += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const { tagName, type, className } = document.activeElement;
      return `${tagName}.${type || className}`;
    });
    reached.add(at);
  }
  for (const stop of ["INPUT.search", "INPUT.checkbox", "SELECT.select-one", "A.anchor", "PRE.command", "BUTTON.button"]) {
    assert.ok(reached.has(stop), `${stop} is not among ${[...reached].join(", ")}`);
  }
  assert.ok(![...reached].some((stop) => stop.includes("square")), "squares are no tab stops");
  await close();
});

await check("hostile text stays text", async () => {
  const { page, close } = await open("hostile.html");
  const seen = await page.evaluate(() => ({
    hacked: globalThis.hacked,
    scripts: document.scripts.length,
    images: document.images.length,
    active: document.querySelectorAll("[onerror], a[href^='javascript']").length,
    text: document.body.textContent.includes("<script>window.hacked = 1</script><img src=x"),
  }));
  assert.deepEqual(seen, { hacked: undefined, scripts: 1, images: 0, active: 0, text: true });
  await close();
});

await check("everything is shown without a script, and on paper", async () => {
  const { page, close } = await open("report.html", { javaScriptEnabled: false });
  assert.equal(await page.locator("article:visible").count(), articles);
  assert.ok(!(await page.locator("#filter").isVisible()));
  await page.emulateMedia({ media: "print" });
  await page.pdf({ path: path.join(screenshots, "report.pdf"), format: "A4" });
  await close();
});

await check("10,000 cases open and are filtered", async () => {
  const { page, close } = await open("many.html");
  const squares = await page.locator(".grid .square").count();
  assert.ok(squares >= 10_000, `${squares}`);
  const { loaded, filtered } = await page.evaluate(async () => {
    const [navigation] = performance.getEntriesByType("navigation");
    const start = performance.now();
    const words = document.querySelector("input[type=search]");
    words.value = "above-max";
    words.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return { loaded: navigation.loadEventEnd, filtered: performance.now() - start };
  });
  console.log(`    ${squares} squares: loaded in ${Math.round(loaded)} ms, filtered in ${Math.round(filtered)} ms`);
  await close();
});

await browser.close();
