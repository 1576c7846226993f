import { CHECK_FRESH_MS, type CheckFacts, type NetworkResult } from "../state/check";
import { amountIn, isObject, objectIn, parseJson, textIn, type JsonObject } from "./json";

type Kept = Pick<CheckFacts, "speaker" | "network">;

const VERDICTS: readonly NetworkResult["verdict"][] = ["good", "weak", "tcp_only", "failed"];

/** Writes down what was found out, so that a reload need not find it out again. */
export function checkText({ speaker, network }: Kept, now: number): string {
  return JSON.stringify({ speaker: speaker === "heard" ? "heard" : "untried", network, at: now });
}

/** Reads what `checkText` wrote. Returns null if it is too old or no such thing. */
export function parseCheck(text: string | null, now: number): Kept | null {
  const value = parseJson(text ?? "");
  if (!isObject(value)) return null;
  const age = now - (amountIn(value, "at") ?? 0);
  if (age < 0 || age > CHECK_FRESH_MS) return null;
  return { speaker: value.speaker === "heard" ? "heard" : "untried", network: resultIn(objectIn(value, "network")) };
}

function resultIn(value: JsonObject | null): NetworkResult | null {
  const verdict = VERDICTS.find((known) => known === textIn(value, "verdict"));
  const at = amountIn(value, "at");
  if (verdict === undefined || at === null) return null;
  const figure = (name: string): number | null => amountIn(value, name);
  return {
    verdict,
    at,
    uplinkKbps: figure("uplinkKbps"),
    downlinkKbps: figure("downlinkKbps"),
    roundTripMs: figure("roundTripMs"),
    lossPercent: figure("lossPercent"),
  };
}
