// Reads unknown JSON at the edge. Nothing behind this file sees a value whose shape was not checked.

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectIn(value: unknown, name: string): JsonObject | null {
  const inner = isObject(value) ? value[name] : null;
  return isObject(inner) ? inner : null;
}

export function textIn(value: JsonObject | null, name: string): string | null {
  const inner = value?.[name];
  return typeof inner === "string" ? inner : null;
}

export function flagIn(value: JsonObject | null, name: string): boolean {
  return value?.[name] === true;
}

/** Returns a number that is finite and not negative, else null. */
export function amountIn(value: JsonObject | null, name: string): number | null {
  const inner = value?.[name];
  return typeof inner === "number" && Number.isFinite(inner) && inner >= 0 ? inner : null;
}

/** Returns the parsed text, or undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
