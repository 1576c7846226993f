import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Ports } from "./ports";

interface PictureProps {
  readonly track: string;
  readonly label: string;
  readonly mirrored?: boolean;
  /** Show all of it, with bars, in place of filling the tile. */
  readonly whole?: boolean;
  readonly attach: Ports["attach"];
  /** Called when the first frames have been shown, and again whenever they have after a pause. */
  readonly onSeen?: () => void;
}

/** A moving picture. Always silent: voices are played by `Sound`. */
export function Picture({ track, label, mirrored = false, whole = false, attach, onSeen }: PictureProps): VNode {
  const ref = useRef<HTMLVideoElement>(null);
  useLayoutEffect(() => {
    if (ref.current === null) return undefined;
    return attach(track, ref.current) ?? undefined;
  }, [track]);
  return <video ref={ref} class="picture" data-mirrored={mirrored} data-whole={whole} aria-label={label} autoPlay playsInline muted onPlaying={onSeen} />;
}

/** A voice, or the sound of a shared screen. */
export function Sound({ track, attach }: { track: string; attach: Ports["attach"] }): VNode {
  const ref = useRef<HTMLAudioElement>(null);
  useLayoutEffect(() => {
    if (ref.current === null) return undefined;
    return attach(track, ref.current) ?? undefined;
  }, [track]);
  return <audio ref={ref} autoPlay />;
}
