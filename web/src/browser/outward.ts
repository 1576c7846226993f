/**
 * The window that shows this page to the person: the page around it where that is ours, such as the waiting page, else its own. Another
 * site that frames us stays where it is.
 */
export function ownWindow(): Window {
  const { parent } = window;
  try {
    if (parent !== window && parent.location.origin === location.origin) return parent;
  } catch {
    // A parent of another origin does not say what it is.
  }
  return window;
}

/** The same, as the target of a link. */
export function outwardTarget(): "_self" | "_parent" {
  return ownWindow() === window ? "_self" : "_parent";
}

/** Leaves for another page. The program's answers tell browsers to send no referrer. */
export function goTo(url: string): void {
  ownWindow().location.assign(url);
}
