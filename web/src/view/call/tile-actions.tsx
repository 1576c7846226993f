import type { VNode } from "preact";
import type { Focus } from "../../state/layout";
import { PinIcon, PipIcon } from "../icons";
import { nameOf, type Ports } from "./ports";
import type { Person } from "../../state/model";

interface Props {
  readonly person: Person;
  readonly source: Focus["source"];
  readonly ports: Ports;
  /** Whether this is the one that the person has pinned; null where there is nothing to choose from. */
  readonly pinned: boolean | null;
  /** It is large enough that somebody may want it in a window of its own. */
  readonly large?: boolean;
}

/** What can be done with one picture: show it large, or in a small window above all others. */
export function TileActions({ person, source, ports, pinned, large = false }: Props): VNode | null {
  const { t, send } = ports;
  const moving = source === "screen" || person.camera !== null;
  // The small window for the whole call, where there is one, is among the controls.
  const pip = large && moving && !ports.smallWindow && document.pictureInPictureEnabled;
  if (pinned === null && !pip) return null;
  const pinWord = t(pinned === true ? "layout.unpin" : "layout.pin", { name: nameOf(person, t) });
  return (
    <div class="tile-actions">
      {pip ? (
        <button
          type="button"
          class="tile-button"
          aria-label={t("layout.pip")}
          title={t("layout.pip")}
          onClick={(event) => {
            void showSmall(event.currentTarget);
          }}
        >
          <PipIcon />
        </button>
      ) : null}
      {pinned === null ? null : (
        <button
          type="button"
          class="tile-button"
          data-active={pinned}
          aria-label={pinWord}
          title={pinWord}
          onClick={() => {
            send({ kind: "pinWished", focus: pinned ? null : { id: person.id, source } });
          }}
        >
          <PinIcon />
        </button>
      )}
    </div>
  );
}

/** Opens the browser's small window with the picture beside the button, or closes it. */
async function showSmall(button: HTMLElement): Promise<void> {
  const video = button.closest(".tile, .screen")?.querySelector("video");
  try {
    if (document.pictureInPictureElement !== null) await document.exitPictureInPicture();
    else await video?.requestPictureInPicture();
  } catch {
    // The browser refuses until the first frame is there; the person presses again.
  }
}
