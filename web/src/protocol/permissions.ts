import type { Permission } from "../state/check";

/** The part of the browser's `Permissions` that is used. */
export interface PermissionSource {
  readonly query: (descriptor: { readonly name: PermissionName }) => Promise<PermissionStatus>;
}

/**
 * Tells how the browser stands to camera and microphone, now and whenever that changes. Browsers that do not say (older Firefox and Safari)
 * are `unknown`.
 */
export async function watchPermissions(
  source: PermissionSource | null,
  tell: (permissions: { readonly camera: Permission; readonly microphone: Permission }) => void,
): Promise<void> {
  const status = async (name: PermissionName): Promise<PermissionStatus | null> => {
    try {
      return (await source?.query({ name })) ?? null;
    } catch {
      return null;
    }
  };
  const [camera, microphone] = [await status("camera"), await status("microphone")];
  const now = (): void => {
    tell({ camera: camera?.state ?? "unknown", microphone: microphone?.state ?? "unknown" });
  };
  camera?.addEventListener("change", now);
  microphone?.addEventListener("change", now);
  now();
}
