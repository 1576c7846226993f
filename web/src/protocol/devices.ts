import type { Device, DeviceKind, DeviceList, DeviceProblem } from "../state/model";

export const NO_DEVICES: DeviceList = { microphone: [], camera: [], speaker: [] };

/** The browser's devices, or why it lets no page use any. */
export type Media = MediaDevices | "insecure" | "unsupported";

const KINDS: Readonly<Record<DeviceKind, MediaDeviceKind>> = {
  microphone: "audioinput",
  camera: "videoinput",
  speaker: "audiooutput",
};

/** The browser's name for a kind of device. */
export function browserKind(device: DeviceKind): MediaDeviceKind {
  return KINDS[device];
}

/** Lists the devices that can be chosen. Before the person has allowed their use the browser names none. */
export async function listDevices(media: Media, speakers: boolean): Promise<DeviceList> {
  if (typeof media === "string") return NO_DEVICES;
  const found = await media.enumerateDevices().catch((): MediaDeviceInfo[] => []);
  const of = (device: DeviceKind): Device[] =>
    found
      .filter((info) => info.kind === KINDS[device] && info.deviceId !== "")
      .map((info) => ({ id: info.deviceId, label: info.label }));
  return { microphone: of("microphone"), camera: of("camera"), speaker: speakers ? of("speaker") : [] };
}

/** Says what the person can do about a device that did not start, by the name of the browser's error, also as older browsers give it. */
export function deviceProblem(error: unknown, media: object | Exclude<Media, MediaDevices>): DeviceProblem {
  if (typeof media === "string") return media;
  // Not every browser's error is an `Error`.
  switch (typeof error === "object" && error !== null && "name" in error ? error.name : null) {
    case "NotAllowedError":
    case "PermissionDeniedError":
      return "blocked";
    case "NotFoundError":
    case "DevicesNotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "TrackStartError":
      return "busy";
    default:
      return "failed";
  }
}
