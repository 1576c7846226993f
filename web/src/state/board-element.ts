import type { WhiteboardTools } from "./model";

/**
 * An element of a whiteboard as Excalidraw has it, read and found harmless. What is not named here is its shape and colour, which only
 * the drawing cares about.
 */
export type DrawnElement = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly type: ElementType;
  /** Grows with each change. */
  readonly version: number;
  /** Drawn by lot with each change; decides between two changes that made the same version. */
  readonly versionNonce: number;
  readonly isDeleted: boolean;
  /** Where it is in the pile, in letters that sort; null: not decided yet. */
  readonly index: string | null;
};

export type ElementType = "freedraw" | "rectangle" | "diamond" | "ellipse" | "arrow" | "line" | "frame" | "text" | "image";

export type Elements = ReadonlyMap<string, DrawnElement>;

/** Which change of an element something is. */
export type Revision = Pick<DrawnElement, "version" | "versionNonce">;

/** Whether `a` replaces `b`: the higher version wins, of equals the lower nonce. It is Excalidraw's rule and the server's. */
export function isNewer(a: Revision, b: Revision | undefined): boolean {
  if (b === undefined || a.version > b.version) return true;
  return a.version === b.version && a.versionNonce < b.versionNonce;
}

const PART_FOR: Readonly<Record<ElementType, keyof WhiteboardTools>> = {
  freedraw: "pen",
  rectangle: "shape",
  diamond: "shape",
  ellipse: "shape",
  arrow: "shape",
  line: "shape",
  frame: "shape",
  text: "text",
  image: "addFile",
};

/** Whether somebody may make and change elements of a type. */
export function mayDraw(tools: WhiteboardTools, type: ElementType): boolean {
  return tools[PART_FOR[type]];
}

/** Whether somebody may do anything on the board besides looking and pointing. */
export function mayChange(tools: WhiteboardTools): boolean {
  return tools.pen || tools.shape || tools.text || tools.addFile || tools.eraser;
}
