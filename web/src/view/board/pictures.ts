/** What every browser shows and none runs: a drawing in SVG is a page of its own. */
export const PICTURE_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;

export type PictureType = (typeof PICTURE_TYPES)[number];

/** More than this nobody sees on a board. In pixels. */
const SIDE_MAX = 2_048;

export function pictureType(type: string): PictureType | null {
  return PICTURE_TYPES.find((each) => each === type) ?? null;
}

/**
 * Makes a photograph small enough to be sent, and takes out of it where and with what it was taken. Other kinds of pictures are left
 * alone unless they are too large.
 */
export async function lightened(file: File): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, SIDE_MAX / Math.max(bitmap.width, bitmap.height));
  if (scale === 1 && file.type !== "image/jpeg") return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const type = file.type === "image/jpeg" ? "image/jpeg" : "image/png";
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error("the picture cannot be made smaller"));
      else resolve(blob);
    }, type, 0.9);
  });
}

/** Returns a picture as a `data:` address, as Excalidraw keeps them. */
export function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      if (typeof reader.result === "string") resolve(reader.result);
    };
    reader.onerror = () => {
      reject(reader.error ?? new Error("the picture cannot be read"));
    };
    reader.readAsDataURL(blob);
  });
}

export async function sizeOf(blob: Blob): Promise<{ width: number; height: number }> {
  const bitmap = await createImageBitmap(blob);
  const { width, height } = bitmap;
  bitmap.close();
  return { width, height };
}
