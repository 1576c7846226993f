import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Own } from "../../state/call";
import { helpFor, type HelpKey } from "../../state/help";
import type { DeviceProblem } from "../../state/model";
import type { Ports } from "./ports";

interface Trouble {
  readonly says: readonly string[];
  readonly help: HelpKey;
}

/** Puts what does not work into words: each device that failed, and the step that mends it, said once if it is the same for both. */
export function troubles(own: Own, devices: readonly ("microphone" | "camera")[], { t, platform }: Pick<Ports, "t" | "platform">): readonly Trouble[] {
  const failed = devices.flatMap((device) => {
    const capture = own[device];
    return capture.kind === "failed" ? [{ device, problem: capture.problem, help: helpFor(capture.problem, platform, own.check.permissions[device]) }] : [];
  });
  const [first, second] = failed;
  if (first !== undefined && first.problem === second?.problem && first.help === second.help) {
    const { problem } = first;
    const both = problem === "blocked" || problem === "insecure" || problem === "unsupported";
    return [{ says: both ? [t(`both.${problem}`)] : failed.map(({ device }) => said(device, problem, t)), help: first.help }];
  }
  return failed.map(({ device, problem, help }) => ({ says: [said(device, problem, t)], help }));
}

function said(device: "microphone" | "camera", problem: DeviceProblem, t: Ports["t"]): string {
  return device === "camera" ? t(`camera.${problem}`) : t(`microphone.${problem}`);
}

/** The troubles as paragraphs, and the one button that goes with them. */
export function Help({ own, devices, ports, onRetry }: { own: Own; devices: readonly ("microphone" | "camera")[]; ports: Ports; onRetry: () => void }): VNode {
  const { t, link } = ports;
  const found = troubles(own, devices, ports);
  const elsewhere = found.some(({ help }) => help === "help.in_app" || help === "help.unsupported" || help === "help.unsupported_ios");
  const inVain = found.every(({ help }) => help === "help.insecure" || help.startsWith("help.unsupported"));
  return (
    <>
      {found.map(({ says, help }) => (
        <p key={says.join()}>
          <strong>{says.join(" ")}</strong> {t(help)}
        </p>
      ))}
      {elsewhere && link !== null ? (
        <CopyLink link={link} ports={ports} />
      ) : inVain ? null : (
        <button type="button" class="button" onClick={onRetry}>
          {t("action.try_again")}
        </button>
      )}
    </>
  );
}

/** Copies the own link; where the browser does not let pages copy, it stands there to be copied by hand. */
function CopyLink({ link, ports: { t } }: { link: string; ports: Ports }): VNode {
  const [state, setState] = useState<"idle" | "copied" | "by_hand">("idle");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link);
      setState("copied");
    } catch {
      setState("by_hand");
    }
  };
  return state === "by_hand" ? (
    <input
      class="copy-link"
      type="text"
      readOnly
      value={link}
      aria-label={t("action.copy_link")}
      onFocus={(event) => {
        event.currentTarget.select();
      }}
    />
  ) : (
    <button
      type="button"
      class="button"
      onClick={() => {
        void copy();
      }}
    >
      {t(state === "copied" ? "action.copied" : "action.copy_link")}
    </button>
  );
}
