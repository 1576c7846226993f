import type { TextKey } from "../i18n/translate";
import type { CallState } from "../state/call";
import type { WaitingState } from "../state/waiting";

/** Returns the title of the page, which a screen reader says first and a browser tab shows. */
export function waitingTitle(state: WaitingState): TextKey {
  switch (state.kind) {
    case "opening":
    case "waiting":
      return "title.waiting";
    case "stranger":
      return "title.problem";
    case "call":
      return "title.consultation";
  }
}

export function callTitle(state: CallState): TextKey {
  switch (state.kind) {
    case "refused":
      return "title.problem";
    case "left":
      return state.reason === "elsewhere" || state.reason === "lost" ? "title.consultation" : "title.ended";
    case "waiting":
      return "title.waiting";
    case "opening":
    case "lobby":
    case "joining":
    case "live":
    case "returning":
      return "title.consultation";
  }
}
