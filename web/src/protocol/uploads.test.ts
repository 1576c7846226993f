import { DetailedError, Upload as RealUpload, type UploadOptions } from "tus-js-client";
import { expect, test } from "vitest";
import { uploadProblem, Uploads, type UploadMeta } from "./uploads";

const META: UploadMeta = { name: "x.pdf", mediaType: "application/pdf", kind: "file", request: null, of: null };
const NO_MEMORY = {
  findAllUploads: () => Promise.resolve([]),
  findUploadsByFingerprint: () => Promise.resolve([]),
  removeUpload: () => Promise.resolve(),
  addUpload: () => Promise.resolve("key"),
};

/** The library with nothing sent: it keeps what it was told, and a test says what happens. */
function fake(): { uploads: Uploads; made: FakeUpload[]; reports: string[] } {
  const made: FakeUpload[] = [];
  const reports: string[] = [];
  class Kept extends FakeUpload {
    constructor(file: Blob, options: UploadOptions) {
      super(file, options);
      made.push(this);
    }
  }
  const uploads = new Uploads({
    origin: "https://clinic.example",
    accessToken: "secret",
    load: () => Promise.resolve({ Upload: Kept }),
    memory: NO_MEMORY,
    report: {
      moved: (id, sent) => reports.push(`${id} ${sent}`),
      failed: (id, problem) => reports.push(`${id} ${problem}`),
      done: (id) => reports.push(`${id} done`),
    },
  });
  return { uploads, made, reports };
}

class FakeUpload extends RealUpload {
  started = 0;
  ended: boolean | null = null;
  override start(): void {
    this.started += 1;
  }
  override abort(terminate = false): Promise<void> {
    this.ended = terminate;
    return Promise.resolve();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test("a file goes to the room of the link, says what it is, and tells how far it is", async () => {
  const { uploads, made, reports } = fake();
  uploads.add("u", new Blob(["hello"]), { ...META, kind: "snapshot", request: "snap_1", of: "user_a" });
  await settled();
  const [upload] = made;
  expect(upload?.started).toBe(1);
  expect(upload?.options).toMatchObject({
    endpoint: "https://clinic.example/call/files",
    headers: { authorization: "Bearer secret" },
    metadata: { filename: "x.pdf", filetype: "application/pdf", kind: "snapshot", request: "snap_1", of: "user_a" },
    storeFingerprintForResuming: false,
  });
  upload?.options.onProgress?.(3, 5);
  upload?.options.onError?.(new Error("no network"));
  uploads.again("u");
  await settled();
  expect([made.length, upload?.started]).toEqual([1, 2]);
  upload?.options.onSuccess?.({ lastResponse: NO_RESPONSE });
  expect(reports).toEqual(["u 3", "u offline", "u done"]);
});

test("what was given up is deleted on the server, and says nothing more", async () => {
  const { uploads, made, reports } = fake();
  uploads.add("u", new Blob(["hello"]), META);
  await settled();
  uploads.cancel("u");
  uploads.cancel("u");
  made[0]?.options.onProgress?.(3, 5);
  made[0]?.options.onError?.(new Error("aborted"));
  uploads.again("u");
  await settled();
  expect([made[0]?.ended, made[0]?.started, reports]).toEqual([true, 1, []]);
});

test("given up before the library has come, nothing begins", async () => {
  const { uploads, made } = fake();
  uploads.add("u", new Blob(["hello"]), META);
  uploads.cancel("u");
  await settled();
  expect(made).toEqual([]);
});

test("a library that does not come is a lost connection", async () => {
  const reports: string[] = [];
  const uploads = new Uploads({
    origin: "",
    accessToken: "",
    load: () => Promise.reject(new TypeError("no network")),
    memory: NO_MEMORY,
    report: { moved: () => undefined, failed: (id, problem) => reports.push(`${id} ${problem}`), done: () => undefined },
  });
  uploads.add("u", new Blob(["x"]), META);
  await settled();
  expect(reports).toEqual(["u offline"]);
});

test("what passes is tried again by itself, what does not is said", async () => {
  const { uploads, made } = fake();
  uploads.add("u", new Blob(["hello"]), META);
  await settled();
  const options = made[0]?.options;
  const retried = [0, 408, 409, 423, 500, 503, 401, 403, 404, 410, 413, 415, 429, 507].filter((status) => {
    const error = new DetailedError("x");
    error.originalResponse = status === 0 ? null : { ...NO_RESPONSE, getStatus: () => status };
    return options?.onShouldRetry?.(error, 0, options);
  });
  expect(retried).toEqual([0, 408, 409, 423, 500, 503]);
});

test.each([
  [0, "offline"],
  [408, "offline"],
  [401, "not_allowed"],
  [403, "not_allowed"],
  [410, "expired"],
  [413, "too_large"],
  [415, "type"],
  [429, "too_many"],
  [507, "no_space"],
  [500, "failed"],
] as const)("%i is %s", (status, problem) => {
  expect(uploadProblem(status)).toBe(problem);
});

const NO_RESPONSE = { getStatus: () => 204, getHeader: () => undefined, getBody: () => "", getUnderlyingObject: () => null };
