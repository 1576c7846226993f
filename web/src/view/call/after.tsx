import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Left } from "../../state/call";
import { secondsLeft } from "../../state/leaving";
import type { Farewell } from "../../state/model";
import { Again, Announced, Card, Heading, usePlaced } from "../parts";
import type { Ports } from "./ports";
import { RateCall } from "./rating";

/** After the call: why it is over, the way back in where there is one, a rating, and the way on to the company's own page. */
export function AfterCall({ state, ports }: { state: Left; ports: Ports }): VNode {
  const { t } = ports;
  const { reason, entry } = state;
  return (
    <Card>
      <Heading>{t(`left.${reason}.heading`)}</Heading>
      <p class="lead">{t(`left.${reason}.body`)}</p>
      {reason === "time_up" ? null : <Again label={t(reason === "elsewhere" ? "action.use_here" : "action.reenter")} send={ports.send} />}
      {reason === "elsewhere" || reason === "lost" ? null : <RateCall ports={ports} />}
      {entry.farewell === null || state.leaving.kind === "none" ? null : <Onward state={state} farewell={entry.farewell} ports={ports} />}
    </Card>
  );
}

/** The way on. What happens by itself is said, counted down in view, and can be stopped; a screen reader hears it once, not every second. */
function Onward({ state: { leaving, now }, farewell, ports }: { state: Left; farewell: Farewell; ports: Ports }): VNode {
  const { t } = ports;
  const section = useRef<HTMLElement>(null);
  const counting = leaving.kind === "counting";
  const placed = usePlaced();
  useLayoutEffect(() => {
    // Below the fold nobody sees that it counts, nor how to stop it.
    if (counting && placed) section.current?.scrollIntoView({ block: "nearest" });
  }, [counting, placed]);
  return (
    <section ref={section} class="onward" aria-label={t("after.onward")}>
      <Announced>
        {counting ? <p>{t("after.goes_on", { host: farewell.host })}</p> : null}
        {leaving.kind === "stopped" ? <p>{t("after.stays")}</p> : null}
      </Announced>
      {leaving.kind === "counting" ? (
        <p class="onward-time" role="timer">
          {t("after.seconds", { count: secondsLeft(leaving.due, now) })}
        </p>
      ) : null}
      <div class="actions">
        {/* Neither this page's address nor a way back to it is told to the other page. */}
        <a class="button" href={farewell.url} target={ports.outward} rel="noreferrer noopener" referrerpolicy="no-referrer">
          {t("after.go", { host: farewell.host })}
        </a>
        {counting ? (
          <button
            type="button"
            class="button"
            onClick={() => {
              ports.send({ kind: "stayWished" });
            }}
          >
            {t("after.stay")}
          </button>
        ) : null}
      </div>
    </section>
  );
}
