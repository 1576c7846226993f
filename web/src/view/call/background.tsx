import type { VNode } from "preact";
import type { Own } from "../../state/call";
import { BACKGROUNDS } from "../../state/background";
import { AlertIcon, CheckIcon } from "../icons";
import { Announced, Pulse } from "../parts";
import type { Ports } from "./ports";

interface Props {
  readonly own: Own;
  readonly ports: Ports;
}

/** What is to be behind the person, and how far that is. Not drawn where the browser cannot do it. */
export function BackgroundChoice({ own, ports }: Props): VNode | null {
  const { t, send } = ports;
  const { wish, image, possible } = own.background;
  if (!possible) return null;
  const offered = BACKGROUNDS.filter((background) => background !== "image" || image !== null);
  // Who wanted the company's picture has the blurred room where there is none any more.
  const value = offered.includes(wish) ? wish : "blur";
  return (
    <div class="part-check">
      <label class="field">
        <span>{t("background.label")}</span>
        <select
          value={value}
          onChange={(event) => {
            const chosen = offered.find((background) => background === event.currentTarget.value);
            if (chosen !== undefined) send({ kind: "backgroundWished", wish: chosen });
          }}
        >
          {offered.map((background) => (
            <option key={background} value={background}>
              {t(`background.${background}`)}
            </option>
          ))}
        </select>
      </label>
      <Announced>
        {own.background.phase === "on" ? (
          <p class="found" data-well="true">
            <CheckIcon />
            <span>{t("background.on")}</span>
          </p>
        ) : null}
      </Announced>
      <BackgroundState own={own} ports={ports} />
    </div>
  );
}

/** Why others see the whole picture blurred, while they do, and what the person can do about it. The plain picture is theirs to allow. */
export function BackgroundState({ own, ports: { t, send } }: Props): VNode {
  const { phase } = own.background;
  const stuck = phase === "slow" || phase === "failed";
  return (
    <Announced>
      {phase === "loading" ? (
        <p class="notice">
          <Pulse />
          <span>{t("background.loading")}</span>
        </p>
      ) : null}
      {stuck ? (
        <div class="notice notice-problem">
          <AlertIcon />
          <div>
            <p>{t(`background.${phase}`)}</p>
            <div class="answers">
              <button
                type="button"
                class="button"
                onClick={() => {
                  send({ kind: "backgroundRetried" });
                }}
              >
                {t("action.try_again")}
              </button>
              <button
                type="button"
                class="button"
                onClick={() => {
                  send({ kind: "backgroundWished", wish: "none" });
                }}
              >
                {t("action.show_room")}
              </button>
            </div>
          </div>
        </div>
      ) : null}
    </Announced>
  );
}
