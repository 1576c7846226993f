import type { ComponentChildren, VNode } from "preact";
import { useRef } from "preact/hooks";
import { cornerAt, cornerTowards, nextCorner, type Corner } from "../../state/layout";
import { MoveIcon } from "../icons";
import type { Ports } from "./ports";

/** A finger that moves less than this has pressed, not dragged. */
const DRAG_MIN_PX = 8;

interface Drag {
  readonly pointer: number;
  readonly x: number;
  readonly y: number;
}

/** The own picture over the other one: in a corner, and moved to another one by dragging, by pressing its button or with the arrow keys. */
export function OwnCorner({ corner, ports, children }: { corner: Corner; ports: Ports; children: ComponentChildren }): VNode {
  const { t, send } = ports;
  const drag = useRef<Drag | null>(null);
  const to = (next: Corner): void => {
    if (next !== corner) send({ kind: "cornerWished", corner: next });
  };
  const rightToLeft = (element: Element): boolean => getComputedStyle(element).direction === "rtl";
  const end = (item: HTMLElement, event: PointerEvent): void => {
    const began = drag.current;
    drag.current = null;
    item.style.translate = "";
    delete item.dataset.dragging;
    const box = item.closest(".stage")?.getBoundingClientRect();
    if (began === null || box === undefined || Math.hypot(event.clientX - began.x, event.clientY - began.y) < DRAG_MIN_PX) return;
    const left = (event.clientX - box.left) / box.width;
    to(cornerAt(rightToLeft(item) ? 1 - left : left, (event.clientY - box.top) / box.height));
  };
  return (
    <li
      class="pair-own"
      data-corner={corner}
      onPointerDown={(event) => {
        // Who points at the own picture does not move it.
        const taken = event.target instanceof Element && event.target.closest('button, .pointers[data-pointing="true"]') !== null;
        if (event.button !== 0 || taken) return;
        drag.current = { pointer: event.pointerId, x: event.clientX, y: event.clientY };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        const began = drag.current;
        if (began?.pointer !== event.pointerId) return;
        event.currentTarget.dataset.dragging = "true";
        event.currentTarget.style.translate = `${event.clientX - began.x}px ${event.clientY - began.y}px`;
      }}
      onPointerUp={(event) => {
        end(event.currentTarget, event);
      }}
      onPointerCancel={(event) => {
        drag.current = null;
        end(event.currentTarget, event);
      }}
    >
      {children}
      <div class="tile-actions">
        <button
          type="button"
          class="tile-button"
          aria-label={t("layout.move_own")}
          title={t("layout.move_own")}
          onClick={() => {
            to(nextCorner(corner));
          }}
          onKeyDown={(event) => {
            const [left, right] = rightToLeft(event.currentTarget) ? (["end", "start"] as const) : (["start", "end"] as const);
            const towards = { ArrowUp: "top", ArrowDown: "bottom", ArrowLeft: left, ArrowRight: right } as const;
            const key = event.key;
            if (key !== "ArrowUp" && key !== "ArrowDown" && key !== "ArrowLeft" && key !== "ArrowRight") return;
            event.preventDefault();
            to(cornerTowards(corner, towards[key]));
          }}
        >
          <MoveIcon />
        </button>
      </div>
    </li>
  );
}
