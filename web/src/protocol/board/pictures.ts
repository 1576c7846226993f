import type { Upload } from "tus-js-client";

/** Where files of the room are, see docs/call-channel.md. */
const FILES_PATH = "/call/files";
/** Pauses between tries, in milliseconds. A picture that somebody waits for with their pen in hand is given up soon. */
const RETRY_MS = [500, 2_000, 5_000];

export interface PictureMeta {
  readonly kind: "board_image" | "snapshot";
  readonly name: string;
  /** Whose picture a snapshot shows; null: nobody's. */
  readonly of: string | null;
}

export interface PicturePorts {
  readonly origin: string;
  readonly accessToken: string;
  /** Loads the tus client, which the first load of the page does without. */
  readonly load: () => Promise<{ readonly Upload: typeof Upload }>;
}

/** Sends a picture as a file of the room (tus). Returns the id of the file, which is whole then. Rejects if it could not be sent. */
export async function sendPicture({ origin, accessToken, load }: PicturePorts, picture: Blob, meta: PictureMeta): Promise<string> {
  const tus = await load();
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(picture, {
      endpoint: origin + FILES_PATH,
      headers: { authorization: `Bearer ${accessToken}` },
      metadata: { filename: meta.name, filetype: picture.type, kind: meta.kind, ...(meta.of === null ? {} : { of: meta.of }) },
      retryDelays: RETRY_MS,
      storeFingerprintForResuming: false,
      onError: reject,
      onSuccess: () => {
        const id = /\/(file_[0-9A-Za-z_-]+)$/.exec(upload.url ?? "")?.[1];
        if (id === undefined) reject(new Error("the server has named no file"));
        else resolve(id);
      },
    });
    upload.start();
  });
}
