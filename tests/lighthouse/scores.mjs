import { launch } from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";

const base = `http://localhost:${process.env.PROGRAM_PORT}`;
const CATEGORIES = ["performance", "accessibility", "best-practices"];
const people = [
  { userId: "doctor", fullName: "Dr. Ada Marino", group: "doctor" },
  { userId: "patient", fullName: "Luca Conti", group: "patient" },
];

async function ask(path, init) {
  const response = await fetch(`${base}${path}`, init);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

const { roomId } = await ask("/teleconsultation", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ start_date: new Date().toISOString(), duration_in_seconds: 3600, participants: { number: people.length, data: people } }),
});
const { accessLinkURL } = await ask(`/teleconsultation/${roomId}`, { headers: { miauserid: "patient" } });
const pages = { lobby: accessLinkURL, desk: `${base}/desk#key=${process.env.DESK_KEY}` };

console.log(["page", "as on a", ...CATEGORIES, "first paint", "largest paint", "blocked", "transferred"].join("\t"));
for (const [page, url] of Object.entries(pages)) {
  for (const [device, config] of [["phone", undefined], ["desktop", desktopConfig]]) {
    const chrome = await launch({
      chromePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream=fps=10", "--use-fake-ui-for-media-stream"],
    });
    try {
      const { lhr } = await lighthouse(url, { port: chrome.port, onlyCategories: CATEGORIES, logLevel: "error" }, config);
      if (lhr.runtimeError !== undefined) throw new Error(lhr.runtimeError.message);
      const scores = CATEGORIES.map((name) => Math.round((lhr.categories[name].score ?? Number.NaN) * 100));
      const figure = (audit) => lhr.audits[audit].displayValue?.replace(/^.*was /, "") ?? "";
      const bytes = lhr.audits["network-requests"].details.items.reduce((sum, { transferSize }) => sum + (transferSize ?? 0), 0);
      console.log([page, device, ...scores, figure("first-contentful-paint"), figure("largest-contentful-paint"), figure("total-blocking-time"), `${Math.round(bytes / 1000)} kB`].join("\t"));
      for (const { id, title } of failed(lhr)) console.log(`\t${id}: ${title}`);
    } finally {
      await chrome.kill();
    }
  }
}

/** What is not as it should be, apart from what performance depends on. */
function failed(lhr) {
  const refs = ["accessibility", "best-practices"].flatMap((name) => lhr.categories[name].auditRefs);
  return refs.filter(({ weight }) => weight > 0).map(({ id }) => lhr.audits[id]).filter(({ score }) => score !== null && score < 1);
}
