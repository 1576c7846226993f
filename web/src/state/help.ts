// The one next step for a device that does not work, in this browser on this system.
import type { Permission } from "./check";
import type { DeviceProblem } from "./model";
import type { Platform } from "./platform";

export type HelpKey =
  | "help.in_app"
  | "help.ask_again"
  | "help.site_chrome"
  | "help.site_firefox"
  | "help.site_safari_mac"
  | "help.site_safari_ios"
  | "help.site_android"
  | "help.site_firefox_android"
  | "help.site_other"
  | "help.app_ios"
  | "help.system_windows"
  | "help.system_macos"
  | "help.system_android"
  | "help.system_ios"
  | "help.system_other"
  | "help.missing"
  | "help.missing_phone"
  | "help.busy"
  | "help.busy_phone"
  | "help.insecure"
  | "help.unsupported_ios"
  | "help.unsupported"
  | "help.failed";

/**
 * Chooses the step. `permission` is how the browser stands to the page: refused although it is granted means that the system refuses the
 * browser.
 */
export function helpFor(problem: DeviceProblem, platform: Platform, permission: Permission): HelpKey {
  const { browser, system, inApp } = platform;
  const phone = system === "android" || system === "ios";
  switch (problem) {
    case "blocked":
      if (inApp) return "help.in_app";
      if (permission === "granted") return systemHelp(platform);
      if (permission === "prompt") return "help.ask_again";
      if (system === "ios") return browser === "safari" ? "help.site_safari_ios" : "help.app_ios";
      if (system === "android") return browser === "firefox" ? "help.site_firefox_android" : "help.site_android";
      if (browser === "chrome" || browser === "edge") return "help.site_chrome";
      if (browser === "firefox") return "help.site_firefox";
      return browser === "safari" ? "help.site_safari_mac" : "help.site_other";
    case "missing":
      return inApp ? "help.in_app" : phone ? "help.missing_phone" : "help.missing";
    case "busy":
      return phone ? "help.busy_phone" : "help.busy";
    case "insecure":
      return "help.insecure";
    case "unsupported":
      if (inApp) return "help.in_app";
      return system === "ios" ? "help.unsupported_ios" : "help.unsupported";
    case "failed":
      return inApp ? "help.in_app" : "help.failed";
  }
}

function systemHelp({ system }: Platform): HelpKey {
  switch (system) {
    case "windows":
      return "help.system_windows";
    case "macos":
      return "help.system_macos";
    case "android":
      return "help.system_android";
    case "ios":
      return "help.system_ios";
    case "linux":
    case "other":
      return "help.system_other";
  }
}
