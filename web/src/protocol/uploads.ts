import type { DetailedError, Upload, UrlStorage } from "tus-js-client";
import type { FileKind } from "../state/channel";
import type { UploadProblem } from "../state/tools";

/** Where files go (docs/call-channel.md). */
export const FILES_PATH = "/call/files";
/** Sent at once: small enough for proxies with a limit, and so little is lost when the network is. */
const CHUNK_BYTES = 4_000_000;
/** Together longer than a cut of half a minute. */
const RETRY_MS = [500, 1_000, 3_000, 5_000, 10_000, 20_000];

export interface UploadMeta {
  readonly name: string;
  readonly mediaType: string;
  readonly kind: FileKind;
  /** The request that a still answers. */
  readonly request: string | null;
  /** Whose picture a still shows. */
  readonly of: string | null;
}

export interface UploadReport {
  readonly moved: (id: string, sent: number) => void;
  readonly failed: (id: string, problem: UploadProblem) => void;
  readonly done: (id: string) => void;
}

export interface UploadPorts {
  readonly origin: string;
  readonly accessToken: string;
  /** The library: loaded with the first file. */
  readonly load: () => Promise<{ readonly Upload: typeof Upload }>;
  /** Remembers where unfinished uploads are, so that the same file goes on after a reload. */
  readonly memory: UrlStorage;
  readonly report: UploadReport;
}

interface Running {
  readonly file: Blob;
  readonly meta: UploadMeta;
  upload: Upload | null;
}

/** Sends files to the room, all at the same time, each by itself resumable (tus 1.0.0). */
export class Uploads {
  readonly #ports: UploadPorts;
  readonly #running = new Map<string, Running>();

  constructor(ports: UploadPorts) {
    this.#ports = ports;
  }

  /** Begins to send. `id` is the page's own name of it. */
  add(id: string, file: Blob, meta: UploadMeta): void {
    this.#running.set(id, { file, meta, upload: null });
    void this.#start(id);
  }

  /** Goes on with one that failed: where it stopped, if the server still has that. */
  again(id: string): void {
    void this.#start(id);
  }

  /** Gives one up, on the server too. */
  cancel(id: string): void {
    const running = this.#running.get(id);
    this.#running.delete(id);
    // What cannot be deleted now, the server deletes by itself after a day.
    running?.upload?.abort(true).catch(() => undefined);
  }

  async #start(id: string): Promise<void> {
    const running = this.#running.get(id);
    if (running === undefined) return;
    const { report } = this.#ports;
    try {
      const { Upload } = await this.#ports.load();
      if (this.#running.get(id) !== running) return;
      running.upload ??= new Upload(running.file, this.#options(id, running));
      if (running.upload.url === null) {
        const [previous] = await running.upload.findPreviousUploads();
        if (previous !== undefined) running.upload.resumeFromPreviousUpload(previous);
      }
      if (this.#running.get(id) === running) running.upload.start();
    } catch {
      // The library itself did not come: the network is gone.
      report.failed(id, "offline");
    }
  }

  #options(id: string, { file, meta }: Running): ConstructorParameters<typeof Upload>[1] {
    const { origin, accessToken, memory, report } = this.#ports;
    const modified = file instanceof File ? file.lastModified : 0;
    const mine = (): boolean => this.#running.has(id);
    return {
      endpoint: origin + FILES_PATH,
      headers: { authorization: `Bearer ${accessToken}` },
      metadata: {
        filename: meta.name,
        filetype: meta.mediaType,
        kind: meta.kind,
        ...(meta.request === null ? {} : { request: meta.request }),
        ...(meta.of === null ? {} : { of: meta.of }),
      },
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_MS,
      onShouldRetry: (error) => isPassing(statusOf(error)),
      removeFingerprintOnSuccess: true,
      // Stills are new each time; a file is the same if all this is.
      storeFingerprintForResuming: meta.kind === "file",
      fingerprint: () => Promise.resolve(JSON.stringify([accessToken.slice(-8), meta.name, file.size, modified])),
      urlStorage: memory,
      onProgress: (sent) => {
        if (mine()) report.moved(id, sent);
      },
      onError: (error) => {
        if (mine()) report.failed(id, uploadProblem(statusOf(error)));
      },
      onSuccess: () => {
        if (mine()) report.done(id);
        this.#running.delete(id);
      },
    };
  }
}

function statusOf(error: Error | DetailedError): number {
  return "originalResponse" in error ? (error.originalResponse?.getStatus() ?? 0) : 0;
}

/** Whether trying again may help: no answer, a silence that the server ended, somebody else's lock or offset, or trouble of the server that passes. */
function isPassing(status: number): boolean {
  return status === 0 || status === 408 || status === 409 || status === 423 || (status >= 500 && status !== 507);
}

/** Says what the person can do about an upload that was answered so; 0 is no answer. */
export function uploadProblem(status: number): UploadProblem {
  switch (status) {
    // What was sent did not arrive: the network is as good as gone.
    case 0:
    case 408:
      return "offline";
    case 401:
    case 403:
      return "not_allowed";
    case 404:
    case 410:
      return "expired";
    case 413:
      return "too_large";
    case 415:
      return "type";
    case 429:
      return "too_many";
    case 507:
      return "no_space";
    default:
      return "failed";
  }
}
