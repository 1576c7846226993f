import type { ExcalidrawElement, FileId, InitializedExcalidrawImageElement, OrderedExcalidrawElement } from "@excalidraw/excalidraw/element/types";
import type { DataURL, SocketId } from "@excalidraw/excalidraw/types";
import type { DrawnElement } from "../../state/board-element";

// Excalidraw's types have brands, which only a check can give. These are the checks.

/** `parseElement` has read it, member by member, as Excalidraw has them. A copy, because Excalidraw changes elements in place. */
export function toExcalidraw(element: DrawnElement): OrderedExcalidrawElement {
  const copy: unknown = structuredClone(element);
  if (!isElement(copy)) throw new Error("no element");
  return copy;
}

function isElement(value: unknown): value is OrderedExcalidrawElement {
  return typeof value === "object" && value !== null && "id" in value && "type" in value;
}

export function isPicture(element: ExcalidrawElement): element is InitializedExcalidrawImageElement {
  return element.type === "image" && element.fileId !== null;
}

export function isFileId(id: string): id is FileId {
  return id !== "";
}

export function isDataUrl(url: string): url is DataURL {
  return url.startsWith("data:image/");
}

export function isSocketId(id: string): id is SocketId {
  return id !== "";
}
