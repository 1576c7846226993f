import type { VNode } from "preact";
import type { Live, Own } from "../../state/call";
import { nameOf, type Ports } from "./ports";

/** What is being said, in writing, over the foot of the picture. */
export function CaptionLines({ state, ports: { t } }: { state: Live; ports: Ports }): VNode | null {
  const { lines, shown, spoken } = state.own.captions;
  if (!shown) return null;
  const person = (id: string): string => {
    const found = [...state.people.values()].find((each) => each.id === id || each.id.startsWith(`${id}:`));
    return found === undefined ? t("person.unnamed") : nameOf(found, t);
  };
  return (
    <div class="captions" role="log" aria-label={t("captions.heading")} aria-live={spoken ? "polite" : "off"}>
      {lines.map((line) => (
        <p key={line.id} class="caption">
          <bdi class="caption-name">{person(line.from)}</bdi>
          <span dir="auto">{line.text}</span>
        </p>
      ))}
    </div>
  );
}

const SWITCHES = ["writing", "shown", "spoken"] as const;

/** Writing is offered only where it is done on this device; what others write can be shown everywhere. */
export function CaptionChoice({ own, ports: { t, send } }: { own: Own; ports: Ports }): VNode {
  const { captions } = own;
  return (
    <fieldset class="fields captions-choice">
      <legend>{t("captions.heading")}</legend>
      {SWITCHES.filter((name) => name !== "writing" || captions.possible).map((name) => (
        <label key={name} class="switch">
          <input
            type="checkbox"
            checked={captions[name]}
            onChange={(event) => {
              send({ kind: "captionsWished", [name]: event.currentTarget.checked });
            }}
          />
          <span>{t(`captions.${name}`)}</span>
        </label>
      ))}
    </fieldset>
  );
}
