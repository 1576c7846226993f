/** @jsxImportSource react */
import "@excalidraw/excalidraw/index.css";
import { exportToBlob } from "@excalidraw/excalidraw";
import type { OrderedExcalidrawElement } from "@excalidraw/excalidraw/element/types";
import type { ExcalidrawImperativeAPI } from "@excalidraw/excalidraw/types";
import { createRoot } from "react-dom/client";
import { mendAccess } from "./access";
import "./board.css";
import { spokenName } from "./cursors";
import { isDataUrl, isFileId, isPicture, isSocketId } from "./excalidraw-types";
import { guard, isIdle } from "./guards";
import { keepMiddle } from "./middle";
import type { ShowBoard } from "./options";
import { dataUrl, pictureType, sizeOf } from "./pictures";
import { BACKGROUND, isBelowAll, showBackground, showIn } from "./scene";
import { snapshotElement } from "./snapshot";
import { Whiteboard } from "./whiteboard";

declare global {
  interface Window {
    EXCALIDRAW_ASSET_PATH?: string | string[];
  }
}
/** Where the build has put Excalidraw's fonts. */
declare const EXCALIDRAW_ASSETS: string;

/** Pictures that are made of a board have no longer side than this, in pixels. */
const PICTURE_SIDE_MAX = 4_096;
/** How long the others see that somebody has opened the board, if they then do nothing on it. In milliseconds. */
const HERE_MS = 3_000;
/** How much is left free around what is on a board when a picture is made of it. */
const PICTURE_MARGIN = 16;

/** Draws a whiteboard into an element with React and Excalidraw, which nothing else of the page knows. */
export const showBoard: ShowBoard = (host, first) => {
  window.EXCALIDRAW_ASSET_PATH = EXCALIDRAW_ASSETS;
  const root = createRoot(host);
  let options = first;
  let drawing: ExcalidrawImperativeAPI | null = null;
  let detach: (() => void) | null = null;
  let snapshot: OrderedExcalidrawElement | null = null;
  let settle: (() => void) | null = null;
  const loading = new Set<string>();
  const { session, background } = first;

  const loadPictures = (api: ExcalidrawImperativeAPI): void => {
    for (const element of api.getSceneElements()) {
      if (element.id !== BACKGROUND && isPicture(element)) void loadPicture(api, element.fileId);
    }
  };
  const loadPicture = async (api: ExcalidrawImperativeAPI, fileId: string): Promise<Blob | null> => {
    if (loading.has(fileId) || Object.hasOwn(api.getFiles(), fileId) || !isFileId(fileId)) return null;
    loading.add(fileId);
    const blob = await options.pictures.load(fileId);
    const mimeType = pictureType(blob?.type ?? "");
    loading.delete(fileId);
    if (detach === null) return null;
    if (blob === null || mimeType === null) {
      options.onPictureFailed();
      return null;
    }
    const url = await dataUrl(blob);
    if (isDataUrl(url)) api.addFiles([{ id: fileId, mimeType, dataURL: url, created: Date.now() }]);
    return blob;
  };
  const loadBackground = async (api: ExcalidrawImperativeAPI, fileId: string): Promise<void> => {
    const blob = await loadPicture(api, fileId);
    if (blob === null) return;
    const picture = snapshotElement(fileId, await sizeOf(blob));
    snapshot = picture;
    showBackground(api, picture);
    settle = keepMiddle(api, () => {
      api.scrollToContent(picture, { fitToViewport: true, viewportZoomFactor: 0.95, animate: false });
    });
  };
  const showCursors = (): void => {
    const collaborators = [...session.cursors()].flatMap(([userId, at]) => {
      if (!isSocketId(userId)) return [];
      const username = spokenName(options.nameOf(userId));
      return [[userId, { id: userId, username, pointer: { ...at, tool: "pointer" as const } }] as const];
    });
    drawing?.updateScene({ collaborators: new Map(collaborators) });
  };
  /** To open a board is to come to it, which the others learn from the pointer. */
  const showHere = (api: ExcalidrawImperativeAPI): void => {
    const { width, height, scrollX, scrollY, zoom } = api.getAppState();
    const middle = { x: width / 2 / zoom.value - scrollX, y: height / 2 / zoom.value - scrollY };
    session.point(middle);
    setTimeout(() => {
      session.unpoint(middle);
    }, HERE_MS);
  };
  const changed = (elements: readonly OrderedExcalidrawElement[]): void => {
    // Excalidraw knows how to unlock it, and how to put something below it.
    if (drawing !== null && snapshot !== null && !isBelowAll(elements)) showBackground(drawing, snapshot);
    settle?.();
    ready();
  };
  const ready = (): void => {
    const api = drawing;
    if (api === null || detach !== null) return;
    detach = session.attach({
      show: (elements, gone) => {
        showIn(api, elements, gone);
        loadPictures(api);
      },
      refused: (codes) => {
        options.onRefused(codes);
      },
      cursorsChanged: showCursors,
    });
    // Told after Excalidraw's own, which is older.
    resized.observe(host);
    if (options.tools.cursor) showHere(api);
    showIn(api, session.elements(), []);
    showCursors();
    if (background === null) {
      api.scrollToContent(undefined, { fitToContent: true, animate: false });
      settle = keepMiddle(api, null);
    } else void loadBackground(api, background);
    loadPictures(api);
  };
  const render = (): void => {
    root.render(
      <Whiteboard
        options={options}
        onApi={(api) => {
          drawing = api;
        }}
        onChange={changed}
        onPicture={(fileId) => loading.add(fileId)}
      />,
    );
  };
  const leave = (): boolean => {
    if (drawing === null || !isIdle(drawing.getAppState())) return false;
    options.onLeave();
    return true;
  };
  // Excalidraw chooses its tools by the room that they have, but draws them only with the next change.
  const resized = new ResizeObserver(() => {
    drawing?.refresh();
  });
  const unguard = guard(host, () => options.tools, leave);
  const unmend = mendAccess(host);
  const left = (): void => {
    session.point(null);
  };
  host.addEventListener("pointerleave", left);
  render();
  return {
    update: (next) => {
      const before = options;
      options = next;
      const same = (["language", "theme"] as const).every((member) => next[member] === before[member]);
      if (!same || JSON.stringify(next.tools) !== JSON.stringify(before.tools)) render();
    },
    picture: () => {
      const elements = drawing?.getSceneElements() ?? [];
      if (drawing === null || elements.length === 0) return Promise.resolve(null);
      return exportToBlob({
        elements,
        appState: { exportBackground: true, viewBackgroundColor: "#ffffff", exportWithDarkMode: false, exportScale: background === null ? 2 : 1 },
        files: drawing.getFiles(),
        mimeType: "image/png",
        maxWidthOrHeight: PICTURE_SIDE_MAX,
        exportPadding: background === null ? PICTURE_MARGIN : 0,
      });
    },
    close: () => {
      unguard();
      unmend();
      host.removeEventListener("pointerleave", left);
      resized.disconnect();
      detach?.();
      detach = null;
      root.unmount();
    },
  };
};
