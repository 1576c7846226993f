import type { OrderedExcalidrawElement } from "@excalidraw/excalidraw/element/types";
import { parseElement } from "../../protocol/board/element";
import { toExcalidraw } from "./excalidraw-types";
import { BACKGROUND } from "./scene";

/** The picture that is annotated, one pixel of it for one of the board, so that annotating loses nothing. It is on no server's board. */
export function snapshotElement(fileId: string, { width, height }: { width: number; height: number }): OrderedExcalidrawElement {
  const element = parseElement({ id: BACKGROUND, type: "image", version: 1, versionNonce: 1, index: "a0", fileId, x: 0, y: 0, width, height, locked: true });
  if (element === null) throw new Error(`no picture: ${fileId}`);
  return toExcalidraw(element);
}
