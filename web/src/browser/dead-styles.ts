/**
 * Asks anew for style sheets that did not come. What loads parts of the page asks for each once, and takes it for there from then on: who
 * tries again would see the part without its looks. Throws if one does not come this time either.
 */
export async function reviveStyles(): Promise<void> {
  const dead = [...document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")].filter(isDead);
  await Promise.all(
    dead.map(
      (link) =>
        new Promise((resolve, reject) => {
          const fresh = document.createElement("link");
          fresh.rel = link.rel;
          fresh.crossOrigin = link.crossOrigin;
          fresh.addEventListener("load", resolve);
          fresh.addEventListener("error", () => {
            reject(new Error("a style sheet did not come"));
          });
          fresh.href = link.href;
          link.replaceWith(fresh);
        }),
    ),
  );
}

/** Browsers differ in what they put in the place of a sheet that did not come: nothing, an empty one, or one that nobody may look into. */
function isDead({ sheet }: HTMLLinkElement): boolean {
  try {
    return sheet === null || sheet.cssRules.length === 0;
  } catch {
    return true;
  }
}
