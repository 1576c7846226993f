import { CaptureUpdateAction } from "@excalidraw/excalidraw";
import type { OrderedExcalidrawElement } from "@excalidraw/excalidraw/element/types";
import type { ExcalidrawImperativeAPI } from "@excalidraw/excalidraw/types";
import { generateKeyBetween } from "fractional-indexing";
import { isNewer, type DrawnElement } from "../../state/board-element";
import { isOrderKey } from "../../protocol/board/order-key";
import { toExcalidraw } from "./excalidraw-types";

/** The picture below everything: only this page's drawing has it as an element. */
export const BACKGROUND = "background";

/** Puts elements of the board into the drawing, and takes others out. */
export function showIn(api: ExcalidrawImperativeAPI, elements: readonly DrawnElement[], gone: readonly string[]): void {
  const { editingTextElement, resizingElement, newElement } = api.getAppState();
  const inHand = new Set([editingTextElement?.id, resizingElement?.id, newElement?.id]);
  const scene = new Map(api.getSceneElementsIncludingDeleted().map((element) => [element.id, asOrdered(element)]));
  for (const element of elements) {
    // What somebody has in their hand is not taken from them by a newer one of somebody else: when they let go, the newer one wins.
    const own = scene.get(element.id);
    if (own !== undefined && inHand.has(element.id) && isNewer(element, own)) continue;
    scene.set(element.id, toExcalidraw(element));
  }
  for (const id of gone) scene.delete(id);
  // Not in the history: undoing is for what one has done oneself.
  api.updateScene({ elements: inOrder([...scene.values()]), captureUpdate: CaptureUpdateAction.NEVER });
}

/** Puts the picture below everything in, or back in. */
export function showBackground(api: ExcalidrawImperativeAPI, background: OrderedExcalidrawElement): void {
  const others = api.getSceneElementsIncludingDeleted().filter(({ id }) => id !== BACKGROUND);
  api.updateScene({ elements: inOrder([...others.map(asOrdered), { ...background }]), captureUpdate: CaptureUpdateAction.NEVER });
}

/** Whether the picture below everything is where it belongs, and as it was. */
export function isBelowAll([lowest]: readonly OrderedExcalidrawElement[]): boolean {
  return lowest?.id === BACKGROUND && lowest.locked && !lowest.isDeleted && lowest.x === 0 && lowest.y === 0;
}

/** In the order of the pile, with the background below everything. */
function inOrder(elements: OrderedExcalidrawElement[]): OrderedExcalidrawElement[] {
  const background = elements.find(({ id }) => id === BACKGROUND);
  const others = elements.filter((element) => element !== background).sort(byPlace);
  if (background === undefined) return others;
  const lowest = others.find(({ index }) => isOrderKey(placeOf({ index })));
  return [{ ...background, index: lowestBefore(lowest?.index ?? null, background) }, ...others];
}

function lowestBefore(lowest: string | null, background: OrderedExcalidrawElement): OrderedExcalidrawElement["index"] {
  if (lowest === null || background.index < lowest) return background.index;
  const below: unknown = generateKeyBetween(null, lowest);
  return isPlace(below) ? below : background.index;
}

function isPlace(key: unknown): key is OrderedExcalidrawElement["index"] {
  return typeof key === "string";
}

/** Elements that have no place yet are new, and on top. */
function byPlace(a: OrderedExcalidrawElement, b: OrderedExcalidrawElement): number {
  const [first, second] = [placeOf(a), placeOf(b)];
  if (first !== second) return first < second ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

function placeOf({ index }: { index: string | null }): string {
  return index ?? "~";
}

function asOrdered(element: { readonly id: string }): OrderedExcalidrawElement {
  if (!isOrdered(element)) throw new Error("no element");
  return element;
}

/** In a drawing all are: Excalidraw gives each a place as it comes in. */
function isOrdered(element: { readonly id: string }): element is OrderedExcalidrawElement {
  return "index" in element;
}
