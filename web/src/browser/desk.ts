// What the desk needs of the browser beside drawing.

const KEY = "teleconsultation.desk_key";

/** Takes the key out of the address, where shoulders and histories see it. Null if neither the address nor the tab has one. */
export function takeDeskKey(): string | null {
  const given = new URLSearchParams(location.hash.slice(1).replace(/\+/g, "%2B")).get("key");
  if (location.hash !== "") history.replaceState(null, "", location.pathname + location.search);
  return given === null || given === "" ? rememberedKey() : given;
}

function rememberedKey(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** Keeps the key for reloads of this tab; null forgets it. */
export function keepDeskKey(key: string | null): void {
  try {
    if (key === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, key);
  } catch {
    // Storage is refused or full: the key lives as long as the page.
  }
}

/** Whether the text is in the clipboard now. Browsers allow that on safe pages only. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Lets the browser keep a file. */
export function keepFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has begun to read it by then; a minute is longer than any needs for a file of a few kilobytes.
  setTimeout(() => { URL.revokeObjectURL(url); }, 60_000);
}

/** Names for people who have none in the caller's system: 96 bits of chance. */
export function newIds(count: number): readonly string[] {
  return Array.from({ length: count }, () => {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return `desk-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  });
}
