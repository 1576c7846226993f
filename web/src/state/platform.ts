// Which browser on which system, as far as the help that we give depends on it. Nothing else depends on it.

export type BrowserName = "chrome" | "edge" | "firefox" | "safari" | "samsung" | "other";
export type SystemName = "windows" | "macos" | "android" | "ios" | "linux" | "other";

export interface Platform {
  readonly browser: BrowserName;
  readonly system: SystemName;
  /** The page is inside an app that is no browser, such as a messenger: many of these give pages no camera. */
  readonly inApp: boolean;
  /** For people, such as `Safari 17`; at most 60 characters. */
  readonly label: string | null;
}

/** What apps that show pages inside themselves call themselves. */
const APPS = /\b(?:FBAN|FBAV|FB_IAB|Instagram|WhatsApp|Line|MicroMessenger|GSA|Snapchat|TikTok|musical_ly|BytedanceWebview|Twitter|LinkedInApp|Pinterest|Telegram|Viber|Slack|Teams|Outlook-iOS)\b/i;
/** What Android's own view of pages says of itself (developer.chrome.com, "WebView user agent"). */
const ANDROID_WEB_VIEW = "; wv)";

const BROWSERS: readonly (readonly [BrowserName, string, RegExp])[] = [
  ["edge", "Edge", /\b(?:Edg|EdgA|EdgiOS)\/(\d+)/],
  ["samsung", "Samsung Internet", /\bSamsungBrowser\/(\d+)/],
  ["other", "Opera", /\b(?:OPR|OPT)\/(\d+)/],
  ["firefox", "Firefox", /\b(?:Firefox|FxiOS)\/(\d+)/],
  ["chrome", "Chrome", /\b(?:Chrome|CriOS|HeadlessChrome)\/(\d+)/],
  ["safari", "Safari", /\bVersion\/(\d+)[\d.]* (?:Mobile\/\S+ )?Safari\//],
];

/** Reads a user agent. `touchPoints` tells an iPad from the Mac that it says it is. */
export function platformOf(userAgent: string, touchPoints: number): Platform {
  const system = systemOf(userAgent, touchPoints);
  const [browser, name, version] = browserOf(userAgent);
  // An app on iOS that shows a page has no `Safari/` of its own in what it says; every browser there has.
  const bareWebKit = system === "ios" && !userAgent.includes("Safari/");
  return {
    browser,
    system,
    inApp: APPS.test(userAgent) || userAgent.includes(ANDROID_WEB_VIEW) || bareWebKit,
    label: name === null ? null : `${name} ${version}`.slice(0, 60),
  };
}

function browserOf(userAgent: string): readonly [BrowserName, string | null, string] {
  for (const [browser, name, pattern] of BROWSERS) {
    const version = pattern.exec(userAgent)?.[1];
    if (version !== undefined) return [browser, name, version];
  }
  return ["other", null, ""];
}

function systemOf(userAgent: string, touchPoints: number): SystemName {
  if (/\b(?:iPhone|iPad|iPod)\b/.test(userAgent)) return "ios";
  if (/\bAndroid\b/.test(userAgent)) return "android";
  if (/\bMacintosh\b/.test(userAgent)) return touchPoints > 1 ? "ios" : "macos";
  if (/\bWindows NT\b/.test(userAgent)) return "windows";
  if (/\b(?:Linux|X11|CrOS)\b/.test(userAgent)) return "linux";
  return "other";
}
