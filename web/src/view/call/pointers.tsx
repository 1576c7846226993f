import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { PictureSource } from "../../state/channel";
import { userOf } from "../../state/room";
import { pictureBox, placeIn, placeOn, type Box } from "./picture-box";
import { memberName, type Ports } from "./ports";

/** So often a moving pointer is told: smooth enough, and within what the server takes. */
const TOLD_MS = 80;
/** A pointer that is not told again is gone, for instance with the page that it came from. */
const GONE_MS = 4_000;
/** How far an arrow key moves the pointer, of 1. */
const KEY_STEP = 0.03;

interface Props {
  /** The media identity of whose picture this lies on. */
  readonly person: string;
  readonly source: PictureSource;
  readonly mirrored: boolean;
  readonly name: string;
  readonly ports: Ports;
}

/** Over a picture: shows where others point, and lets the person point. Drawn past the state, because it moves all the time. */
export function Pointers({ person, source, mirrored, name, ports }: Props): VNode {
  const ref = useRef<HTMLDivElement>(null);
  const latest = useRef({ ports, mirrored });
  latest.current = { ports, mirrored };
  const userId = userOf(person);
  useLayoutEffect(() => {
    const layer = ref.current;
    return layer === null ? undefined : showPointers(layer, userId, source, () => latest.current);
  }, [userId, source]);
  const pointing = ports.tools.pointing;
  useLayoutEffect(() => {
    const layer = ref.current;
    return layer === null || !pointing ? undefined : letPoint(layer, userId, source, () => latest.current);
  }, [userId, source, pointing]);
  return pointing ? (
    <div ref={ref} class="pointers" data-pointing={true} tabIndex={0} role="application" aria-label={ports.t("pointer.on", { name })} />
  ) : (
    <div ref={ref} class="pointers" data-pointing={false} aria-hidden="true" />
  );
}

/** Where in a picture, in shares of its size. */
interface Place {
  readonly x: number;
  readonly y: number;
}

interface Latest {
  readonly ports: Ports;
  readonly mirrored: boolean;
}

function boxOf(layer: HTMLElement): Box | null {
  const video = layer.parentElement?.querySelector("video");
  if (video == null) return null;
  const fit = getComputedStyle(video).objectFit === "contain" ? "contain" : "cover";
  return pictureBox({ width: layer.clientWidth, height: layer.clientHeight }, { width: video.videoWidth, height: video.videoHeight }, fit);
}

function showPointers(layer: HTMLElement, userId: string, source: PictureSource, latest: () => Latest): () => void {
  const shown = new Map<string, { readonly element: HTMLElement; readonly at: Place; timer: ReturnType<typeof setTimeout> }>();
  const remove = (from: string): void => {
    clearTimeout(shown.get(from)?.timer);
    shown.get(from)?.element.remove();
    shown.delete(from);
  };
  const stop = latest().ports.channel.on((event) => {
    if (event.kind === "personGone") remove(event.userId);
    if (event.kind !== "pointer") return;
    const { pointer } = event;
    const box = boxOf(layer);
    if (pointer.userId !== userId || pointer.source !== source || pointer.at === null || box === null) {
      // A pointer is at one place at a time, so that it has gone elsewhere is gone from here.
      remove(pointer.from);
      return;
    }
    const known = shown.get(pointer.from);
    clearTimeout(known?.timer);
    const element = known?.element ?? newPointer(layer, memberName(pointer.from, latest().ports));
    put(element, box, pointer.at, latest().mirrored);
    const timer = setTimeout(() => {
      remove(pointer.from);
    }, GONE_MS);
    shown.set(pointer.from, { element, at: pointer.at, timer });
  });
  const resized = new ResizeObserver(() => {
    const box = boxOf(layer);
    if (box !== null) for (const { element, at } of shown.values()) put(element, box, at, latest().mirrored);
  });
  resized.observe(layer);
  return () => {
    stop();
    resized.disconnect();
    for (const from of [...shown.keys()]) remove(from);
  };
}

function put(element: HTMLElement, box: Box, at: Place, mirrored: boolean): void {
  const { left, top } = placeIn(box, at.x, at.y, mirrored);
  element.style.setProperty("--left", `${left}px`);
  element.style.setProperty("--top", `${top}px`);
}

function newPointer(layer: HTMLElement, name: string): HTMLElement {
  const element = document.createElement("div");
  element.className = "pointer";
  const label = document.createElement("bdi");
  label.className = "pointer-name";
  label.textContent = name;
  element.append(label);
  layer.append(element);
  return element;
}

function letPoint(layer: HTMLElement, userId: string, source: PictureSource, latest: () => Latest): () => void {
  let told = 0;
  let due: ReturnType<typeof setTimeout> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let place: Place | null = null;
  let shown = false;
  const tell = (): void => {
    due = undefined;
    clearTimeout(again);
    told = performance.now();
    if (place === null && !shown) return;
    shown = place !== null;
    // A pointer that rests is still there.
    if (shown) again = setTimeout(tell, GONE_MS / 2);
    void latest().ports.channel.send("point", { userId, source, x: place?.x ?? null, y: place?.y ?? null });
  };
  const move = (next: Place | null): void => {
    place = next;
    due ??= setTimeout(tell, Math.max(0, told + TOLD_MS - performance.now()));
  };
  const pointed = (event: PointerEvent): void => {
    const box = boxOf(layer);
    const { left, top } = layer.getBoundingClientRect();
    move(box === null ? null : placeOn(box, event.clientX - left, event.clientY - top, latest().mirrored));
  };
  const away = (): void => {
    move(null);
  };
  const lifted = (event: PointerEvent): void => {
    // A mouse goes on hovering; a finger that is lifted points no more.
    if (event.pointerType !== "mouse") away();
  };
  const keyed = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const [across, down] = step ?? [];
    if (across === undefined || down === undefined) return;
    event.preventDefault();
    const from = place ?? { x: 0.5, y: 0.5 };
    const within = (value: number): number => Math.min(1, Math.max(0, value));
    move({ x: within(from.x + (latest().mirrored ? -across : across) * KEY_STEP), y: within(from.y + down * KEY_STEP) });
  };
  const stop = new AbortController();
  const { signal } = stop;
  layer.addEventListener("pointermove", pointed, { signal });
  layer.addEventListener("pointerdown", pointed, { signal });
  layer.addEventListener("pointerup", lifted, { signal });
  layer.addEventListener("pointerleave", away, { signal });
  layer.addEventListener("pointercancel", away, { signal });
  layer.addEventListener("keydown", keyed, { signal });
  layer.addEventListener("blur", away, { signal });
  return () => {
    stop.abort();
    clearTimeout(due);
    place = null;
    tell();
  };
}
