import type { DrawnElement, ElementType } from "../../state/board-element";
import { isObject, type JsonObject } from "../json";
import { isOrderKey } from "./order-key";

// Whatever comes from a whiteboard is hostile until it was read here: each member that Excalidraw 0.18 knows is taken over if it is of
// its kind and within bounds, and nothing else is. So there is never a link, an embedded page, or something that the drawing chokes on.

/** Nobody draws so far out; beyond it the numbers of a canvas lose their precision. */
const PLACE_MAX = 1_000_000;
const NAME_MAX = 64;
/** No element that the server takes is longer than its 256 kB. */
const TEXT_MAX = 256_000;
const POINTS_MAX = 32_000;
const LIST_MAX = 1_000;

type Read<T> = (value: unknown) => T | null;

const COLOR = /^(?:#[0-9a-f]{3,8}|[a-z]{3,25})$/i;
/** What the server calls files, see docs/call-channel.md. */
const FILE_ID = /^file_[0-9A-Za-z_-]{1,64}$/;
const ARROWHEADS = [
  "arrow",
  "bar",
  "dot",
  "circle",
  "circle_outline",
  "triangle",
  "triangle_outline",
  "diamond",
  "diamond_outline",
  "crowfoot_one",
  "crowfoot_many",
  "crowfoot_one_or_many",
] as const;

const number =
  (least: number, most: number): Read<number> =>
  (value) =>
    typeof value === "number" && value >= least && value <= most ? value : null;
const whole =
  (least: number, most: number): Read<number> =>
  (value) =>
    Number.isSafeInteger(value) ? number(least, most)(value) : null;
const text =
  (longest: number): Read<string> =>
  (value) =>
    typeof value === "string" && value.length <= longest ? value : null;
const like =
  (pattern: RegExp): Read<string> =>
  (value) =>
    typeof value === "string" && pattern.test(value) ? value : null;
const either =
  <T>(...known: readonly T[]): Read<T> =>
  (value) =>
    known.find((each) => each === value) ?? null;
const flag: Read<boolean> = (value) => (typeof value === "boolean" ? value : null);

/** All or nothing: half a list would be another drawing. */
function list<T>(read: Read<T>, longest: number): Read<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > longest) return null;
    const items: unknown[] = value;
    const all = items.map(read).filter((item) => item !== null);
    return all.length === items.length ? all : null;
  };
}

const place = number(-PLACE_MAX, PLACE_MAX);
const size = number(-PLACE_MAX, PLACE_MAX);
const id: Read<string> = (value) => (typeof value === "string" && value.length >= 1 && value.length <= NAME_MAX ? value : null);
const point: Read<readonly [number, number]> = (value) => {
  const pair: readonly unknown[] = Array.isArray(value) && value.length === 2 ? value : [];
  const [x, y] = [place(pair[0]), place(pair[1])];
  // A hundredth of a pixel is enough, and a third of the length.
  return x === null || y === null ? null : [Math.round(x * 100) / 100, Math.round(y * 100) / 100];
};

/** Takes over one member, or puts what Excalidraw itself would in its place. */
function or<T>(read: Read<T>, instead: T): Read<T> {
  return (value) => read(value) ?? instead;
}

function object<T>(read: (value: JsonObject) => T | null): Read<T> {
  return (value) => (isObject(value) ? read(value) : null);
}

const boundElement = object((value) => {
  const [to, type] = [id(value.id), either("arrow", "text")(value.type)];
  return to === null || type === null ? null : { id: to, type };
});

const roundness = object((value) => {
  const [type, amount] = [either(1, 2, 3)(value.type), number(0, PLACE_MAX)(value.value)];
  if (type === null) return null;
  return amount === null ? { type } : { type, value: amount };
});

const binding = object((value) => {
  const [elementId, focus, gap] = [id(value.elementId), number(-PLACE_MAX, PLACE_MAX)(value.focus), number(0, PLACE_MAX)(value.gap)];
  if (elementId === null || focus === null || gap === null) return null;
  const fixedPoint = point(value.fixedPoint);
  return fixedPoint === null ? { elementId, focus, gap } : { elementId, focus, gap, fixedPoint };
});

const fixedSegment = object((value) => {
  const [start, end, index] = [point(value.start), point(value.end), whole(0, POINTS_MAX)(value.index)];
  return start === null || end === null || index === null ? null : { start, end, index };
});

const crop = object((value) => {
  const names = ["x", "y", "width", "height", "naturalWidth", "naturalHeight"] as const;
  const numbers = names.map((name) => number(name === "x" || name === "y" ? 0 : 1, PLACE_MAX)(value[name]));
  return numbers.includes(null) ? null : Object.fromEntries(names.map((name, at) => [name, numbers[at]]));
});

type Members = Readonly<Record<string, Read<unknown>>>;

const COMMON: Members = {
  x: place,
  y: place,
  width: size,
  height: size,
  angle: or(number(-100, 100), 0),
  strokeColor: or(like(COLOR), "#1e1e1e"),
  backgroundColor: or(like(COLOR), "transparent"),
  fillStyle: or(either("hachure", "cross-hatch", "solid", "zigzag"), "solid"),
  strokeWidth: or(number(0.1, 100), 2),
  strokeStyle: or(either("solid", "dashed", "dotted"), "solid"),
  roughness: or(number(0, 5), 1),
  opacity: or(number(0, 100), 100),
  seed: or(whole(0, Number.MAX_SAFE_INTEGER), 1),
  updated: or(number(0, Number.MAX_SAFE_INTEGER), 1),
  locked: or(flag, false),
  groupIds: or(list(id, LIST_MAX), []),
};

/** Members that may also be null. */
const COMMON_OR_NULL: Members = { roundness, frameId: id, boundElements: list(boundElement, LIST_MAX) };

const TEXT: Members = {
  text: text(TEXT_MAX),
  fontSize: number(1, 2_000),
  fontFamily: or(either(1, 2, 3, 5, 6, 7, 8, 9), 5),
  textAlign: or(either("left", "center", "right"), "left"),
  verticalAlign: or(either("top", "middle", "bottom"), "top"),
  autoResize: or(flag, true),
  lineHeight: or(number(0.5, 5), 1.25),
};

const LINEAR: Members = { points: list(point, POINTS_MAX) };
const LINEAR_OR_NULL: Members = {
  lastCommittedPoint: point,
  startBinding: binding,
  endBinding: binding,
  startArrowhead: either(...ARROWHEADS),
  endArrowhead: either(...ARROWHEADS),
};

/** What the types have besides the common members: those that they need, and those that may be null. */
const OWN: Readonly<Record<ElementType, readonly [Members, Members]>> = {
  rectangle: [{}, {}],
  diamond: [{}, {}],
  ellipse: [{}, {}],
  text: [TEXT, { containerId: id, originalText: text(TEXT_MAX) }],
  line: [LINEAR, LINEAR_OR_NULL],
  arrow: [{ ...LINEAR, elbowed: or(flag, false) }, { ...LINEAR_OR_NULL, fixedSegments: list(fixedSegment, LIST_MAX), startIsSpecial: flag, endIsSpecial: flag }],
  freedraw: [
    { ...LINEAR, pressures: or(list(number(0, 1), POINTS_MAX), []), simulatePressure: or(flag, true) },
    { lastCommittedPoint: point },
  ],
  image: [{ fileId: like(FILE_ID), scale: or(point, [1, 1]) }, { crop }],
  frame: [{}, { name: text(200) }],
};

const TYPES: readonly ElementType[] = ["freedraw", "rectangle", "diamond", "ellipse", "arrow", "line", "frame", "text", "image"];

/** Reads an element of a whiteboard. Returns null if it is not one, or one that nobody may draw. */
export function parseElement(value: unknown): DrawnElement | null {
  if (!isObject(value)) return null;
  const [name, type] = [id(value.id), either(...TYPES)(value.type)];
  const [version, versionNonce] = [whole(1, Number.MAX_SAFE_INTEGER)(value.version), whole(0, Number.MAX_SAFE_INTEGER)(value.versionNonce)];
  if (name === null || type === null || version === null || versionNonce === null) return null;
  const element: Record<string, unknown> = {};
  const [needed, orNull] = OWN[type];
  for (const [member, read] of [...Object.entries(COMMON), ...Object.entries(needed)]) {
    const found = read(value[member]);
    if (found === null) return null;
    element[member] = found;
  }
  for (const [member, read] of [...Object.entries(COMMON_OR_NULL), ...Object.entries(orNull)]) element[member] = read(value[member]);
  if (!isWhole(type, element) && value.isDeleted !== true) return null;
  if (type === "image") element.status = "saved";
  if (type === "text") element.originalText ??= element.text;
  // An elbow is made of right angles by Excalidraw itself; without segments of its own it needs none.
  if (type === "arrow" && element.elbowed === false) for (const member of ["fixedSegments", "startIsSpecial", "endIsSpecial"]) element[member] = null;
  const index = typeof value.index === "string" && isOrderKey(value.index) ? value.index : null;
  return { ...element, id: name, type, version, versionNonce, isDeleted: value.isDeleted === true, index, link: null };
}

/** Whether a line has what there is to draw. In the moment of its making it does not. */
function isWhole(type: ElementType, { points, pressures, simulatePressure }: Readonly<Record<string, unknown>>): boolean {
  if (!Array.isArray(points)) return true;
  if (type !== "freedraw") return points.length >= 2;
  return points.length >= 1 && (simulatePressure === true || (Array.isArray(pressures) && pressures.length === points.length));
}

/** Reads those of many that are elements. */
export function parseElements(values: readonly unknown[]): readonly DrawnElement[] {
  return values.map(parseElement).filter((element) => element !== null);
}
