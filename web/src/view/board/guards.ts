import type { ClipboardData } from "@excalidraw/excalidraw/clipboard";
import type { AppState } from "@excalidraw/excalidraw/types";
import { mayDraw, type ElementType } from "../../state/board-element";
import type { WhiteboardTools } from "../../state/model";
import { pictureType } from "./pictures";

// Excalidraw has no switch for most of its tools. What somebody may not do is kept from them here, so that they do not draw what the
// server then refuses; the server alone decides.

type Tool = AppState["activeTool"]["type"];

const DRAWING: Partial<Record<Tool, ElementType>> = {
  freedraw: "freedraw",
  rectangle: "rectangle",
  diamond: "diamond",
  ellipse: "ellipse",
  arrow: "arrow",
  line: "line",
  frame: "frame",
  text: "text",
  image: "image",
};

/** Whether somebody may use a tool. Embedded pages and what Excalidraw's own services do nobody may. */
export function mayUse(tool: Tool, tools: WhiteboardTools): boolean {
  if (tool === "selection" || tool === "hand") return true;
  if (tool === "eraser") return tools.eraser;
  const type = DRAWING[tool];
  return type !== undefined && mayDraw(tools, type);
}

/** Takes out of what is pasted what may not be on the board. Pictures of other boards are not among the files that this one knows. */
export function allowedPaste(data: ClipboardData, tools: WhiteboardTools, files: Readonly<Record<string, unknown>>): void {
  const elements = (data.elements ?? []).filter((element) => {
    const type = Object.entries(DRAWING).find(([, each]) => each === element.type)?.[1];
    if (type === undefined || !mayDraw(tools, type)) return false;
    return element.type !== "image" || (element.fileId !== null && Object.hasOwn(files, element.fileId));
  });
  if (elements.length > 0) data.elements = elements;
  else delete data.elements;
  delete data.files;
}

/** Whether Escape would do nothing in the drawing: no tool, text, selection or menu is to be left. */
export function isIdle(state: AppState): boolean {
  const { activeTool, selectedElementIds, viewModeEnabled } = state;
  const busy = [
    state.editingTextElement,
    state.newElement,
    state.multiElement,
    state.editingLinearElement,
    state.editingGroupId,
    state.croppingElementId,
    state.openDialog,
    state.openMenu,
    state.openPopup,
    state.openSidebar,
    state.contextMenu,
    state.errorMessage,
  ];
  return (viewModeEnabled || activeTool.type === "selection") && Object.keys(selectedElementIds).length === 0 && busy.every((each) => each === null);
}

/**
 * Keeps from Excalidraw what would bring links, other hosts' pictures or whole other boards in. `leave` is
 * asked at Escape, and returns whether the keyboard has left. Returns how to stop.
 */
export function guard(host: HTMLElement, tools: () => WhiteboardTools, leave: () => boolean): () => void {
  const key = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && leave()) stop(event);
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") stop(event);
  };
  const doubleClick = (event: MouseEvent): void => {
    // It would begin a text.
    if (!tools().text && event.target instanceof HTMLCanvasElement) stop(event);
  };
  const drop = (event: DragEvent): void => {
    const files = [...(event.dataTransfer?.files ?? [])];
    const pictures = files.length > 0 && files.every(({ type }) => pictureType(type) !== null);
    if (!pictures || !tools().addFile) stop(event);
  };
  const paste = (event: ClipboardEvent): void => {
    if (!event.isTrusted || !host.contains(document.activeElement)) return;
    const html = event.clipboardData?.getData("text/html") ?? "";
    if (!/<img/i.test(html) || isWritable(document.activeElement)) return;
    // Excalidraw would fetch the pictures from wherever they are. The text, and a picture that is in the clipboard itself, are enough.
    stop(event);
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", event.clipboardData?.getData("text/plain") ?? "");
    for (const file of event.clipboardData?.files ?? []) if (pictureType(file.type) !== null) clipboardData.items.add(file);
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, cancelable: true }));
  };
  host.addEventListener("keydown", key, true);
  host.addEventListener("dblclick", doubleClick, true);
  host.addEventListener("drop", drop, true);
  document.addEventListener("paste", paste, true);
  return () => {
    host.removeEventListener("keydown", key, true);
    host.removeEventListener("dblclick", doubleClick, true);
    host.removeEventListener("drop", drop, true);
    document.removeEventListener("paste", paste, true);
  };
}

function isWritable(element: Element | null): boolean {
  return element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement;
}

function stop(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
  event.stopImmediatePropagation();
}
