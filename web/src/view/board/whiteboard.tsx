/** @jsxImportSource react */
import { Excalidraw, MainMenu } from "@excalidraw/excalidraw";
import type { OrderedExcalidrawElement } from "@excalidraw/excalidraw/element/types";
import type { ExcalidrawImperativeAPI, ExcalidrawProps } from "@excalidraw/excalidraw/types";
import { useMemo, type ReactElement } from "react";
import type { Language } from "../../i18n/language";
import { mayChange } from "../../state/board-element";
import { allowedPaste, mayUse } from "./guards";
import type { BoardOptions } from "./options";
import { lightened, pictureType } from "./pictures";
import { BACKGROUND } from "./scene";

/** The languages under Excalidraw's names; `excalidraw.plugin.ts` builds in no others. */
const LANGUAGES: Readonly<Record<Language, string>> = { en: "en", it: "it-IT", es: "es-ES", de: "de-DE", fr: "fr-FR" };

/** What goes into files or out to other services is left out: the page has its own ways for that. */
const CANVAS_ACTIONS = {
  changeViewBackgroundColor: false,
  clearCanvas: false,
  export: false,
  loadScene: false,
  saveAsImage: false,
  saveToActiveFile: false,
  toggleTheme: false,
} as const;

interface Props {
  readonly options: BoardOptions;
  readonly onApi: (api: ExcalidrawImperativeAPI) => void;
  /** The drawing is there, and has perhaps changed. Elements that were put in before the first time would be lost. */
  readonly onChange: (elements: readonly OrderedExcalidrawElement[]) => void;
  /** A picture got into the drawing by an own hand. */
  readonly onPicture: (fileId: string) => void;
}

export function Whiteboard({ options, onApi, onChange, onPicture }: Props): ReactElement {
  const { tools } = options;
  const uiOptions = useMemo(() => ({ canvasActions: CANVAS_ACTIONS, tools: { image: tools.addFile } }), [tools.addFile]);
  const initialData = useMemo<ExcalidrawProps["initialData"]>(
    () => ({
      appState: {
        viewBackgroundColor: "#ffffff",
        // Easy to read for everybody: plain letters and lines, not the hand-drawn ones.
        currentItemFontFamily: 6,
        currentItemRoughness: 0,
      },
    }),
    [],
  );
  let api: ExcalidrawImperativeAPI | null = null;
  return (
    <Excalidraw
      langCode={LANGUAGES[options.language]}
      theme={options.theme}
      viewModeEnabled={!mayChange(tools)}
      UIOptions={uiOptions}
      initialData={initialData}
      aiEnabled={false}
      validateEmbeddable={false}
      excalidrawAPI={(given) => {
        api = given;
        onApi(given);
      }}
      onChange={(elements, { activeTool }) => {
        onChange(elements);
        options.session.changed(elements.filter(({ id }) => id !== BACKGROUND));
        if (!mayUse(activeTool.type, tools)) api?.setActiveTool({ type: "selection" });
      }}
      onPointerUpdate={({ pointer }) => {
        if (tools.cursor) options.session.point({ x: pointer.x, y: pointer.y });
      }}
      onPaste={(data) => {
        allowedPaste(data, tools, api?.getFiles() ?? {});
        return true;
      }}
      onLinkOpen={(_element, event) => {
        event.preventDefault();
      }}
      generateIdForFile={async (file) => {
        if (pictureType(file.type) === null) throw new Error(options.texts.pictureType);
        try {
          const fileId = await options.pictures.send(await lightened(file), file.name);
          onPicture(fileId);
          return fileId;
        } catch {
          throw new Error(options.texts.pictureFailed);
        }
      }}
    >
      {/* In place of Excalidraw's own, of which nothing is left. It is not shown. */}
      <MainMenu />
    </Excalidraw>
  );
}
