import type { ComponentChildren, VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** A heading that takes the focus when its screen replaces another, so that a screen reader begins there. */
export function Heading({ children }: { children: ComponentChildren }): VNode {
  const ref = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    // On the first screen of the page the browser's own start is right.
    if (document.body.dataset.shown === "true") ref.current?.focus({ preventScroll: true });
    document.body.dataset.shown = "true";
  }, []);
  return (
    <h1 ref={ref} tabIndex={-1}>
      {children}
    </h1>
  );
}

/**
 * A calm screen with a few words in the middle of the page. Each has a key of its own: a screen that replaces another must not take over
 * its heading, which would then not take the focus.
 */
export function Card({ children }: { children: ComponentChildren }): VNode {
  return (
    <main class="center">
      <div class="card">{children}</div>
    </main>
  );
}

/** The one thing to do on a screen where nothing goes on. */
export function Again({ label, send }: { label: string; send: (event: { readonly kind: "againWished" }) => void }): VNode {
  return (
    <div class="actions">
      <button
        type="button"
        class="button button-primary"
        onClick={() => {
          send({ kind: "againWished" });
        }}
      >
        {label}
      </button>
    </div>
  );
}

/** Shows that something goes on. Decoration: the words beside it say what. */
export function Pulse(): VNode {
  return (
    <div class="pulse" aria-hidden="true">
      <span />
      <span />
      <span />
    </div>
  );
}

/** Words that a screen reader speaks when they appear. The place is there before them: else many readers miss the first ones. */
export function Announced({ children }: { children: ComponentChildren }): VNode {
  const placed = usePlaced();
  return (
    <div class="announced" role="status">
      {placed ? children : null}
    </div>
  );
}

/** Whether what uses it is in the page already, and not just coming into it. */
export function usePlaced(): boolean {
  const [placed, setPlaced] = useState(false);
  useEffect(() => {
    setPlaced(true);
  }, []);
  return placed;
}
