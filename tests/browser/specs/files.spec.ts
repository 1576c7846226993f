import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { PassThrough } from "node:stream";

import { Upload, type DetailedError, type UploadOptions } from "tus-js-client";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";

/** The company's key, which opens the API that lists and links files. */
const COMPANY_KEY = "ak_test_0123456789abcdef01234567";

const MB = 1024 * 1024;

test.use({ settings: { BANDYER_API_SECRET_KEY: COMPANY_KEY, UPLOAD_MAX_FILE_SIZE: "8MB" } });

/** A document that is larger than what arrives at once. */
function document(bytes: number): Buffer {
  return Buffer.concat([Buffer.from("%PDF-1.7\n"), randomBytes(bytes - 9)]);
}

/** A network that is cut: passes bytes on until so many have gone out, then drops every connection. */
class Network {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** Bytes that may still go out; further ones cut the network once. */
  budget = Number.POSITIVE_INFINITY;
  cuts = 0;

  private constructor(target: URL) {
    this.#server = createServer((near) => {
      const far = connect(Number(target.port), "localhost");
      for (const socket of [near, far]) {
        this.#open.add(socket);
        socket.on("close", () => this.#open.delete(socket));
        socket.on("error", () => undefined);
      }
      near.on("data", (chunk: Buffer) => {
        if (!far.write(chunk)) near.pause();
        this.budget -= chunk.length;
        if (this.budget < 0) this.#cut();
      });
      far.on("drain", () => near.resume());
      // What ends one side without a farewell, ends the other.
      near.on("close", () => far.destroy());
      far.on("close", () => near.destroy());
      near.on("end", () => far.end());
      far.pipe(near);
    });
  }

  static async to(target: string): Promise<Network> {
    const network = new Network(new URL(target));
    network.#server.listen(0, "127.0.0.1");
    await once(network.#server, "listening");
    return network;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #cut(): void {
    this.cuts += 1;
    this.budget = Number.POSITIVE_INFINITY;
    for (const socket of this.#open) socket.destroy();
  }

  async close(): Promise<void> {
    this.#cut();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** Sends a file with the client of the protocol's authors, and returns where it is. */
async function send(base: string, token: string, file: Buffer, name: string, more: UploadOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      endpoint: `${base}/call/files`,
      headers: { authorization: `Bearer ${token}` },
      metadata: { filename: name, filetype: "application/pdf", kind: "file" },
      retryDelays: [0, 100, 500, 1000],
      onSuccess: () => resolve(upload.url ?? ""),
      onError: reject,
      ...more,
    });
    upload.start();
  });
}

async function tokenOf(base: string, roomId: string, person = patient): Promise<string> {
  return (await accessLink(base, roomId, person)).split("/").at(-1) ?? "";
}

interface Row {
  readonly key: string;
  readonly url?: string;
}

async function company<T>(base: string, path: string, method = "GET"): Promise<T> {
  const response = await fetch(`${base}/v2${path}`, { method, headers: { apikey: COMPANY_KEY } });
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

const sum = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("a file whose sender is cut off twice, and whose server is killed, arrives whole and is fetched as it was sent", async ({ program }) => {
  const token = await tokenOf(program.url, await schedule(program.url, [doctor, patient]));
  const network = await Network.to(program.url);
  const file = document(7 * MB + 12_345);
  // In the middle of the second chunk.
  const chunkSize = 1.5 * MB;
  network.budget = 2.5 * MB;
  let killed: Promise<void> | undefined;
  const offsets: number[] = [];
  const url = await send(network.url, token, file, "Referto «Zoë».pdf", {
    chunkSize,
    retryDelays: [0, 200, 500, 1000, 2000, 4000, 8000],
    onAfterResponse: (request, response) => {
      const offset = Number(response.getHeader("Upload-Offset"));
      if (request.getMethod() !== "HEAD") return;
      offsets.push(offset);
      if (offsets.length === 1) network.budget = 2 * MB;
      if (offsets.length === 2) killed ??= program.kill().then(() => program.run());
    },
  });
  await killed;
  expect(network.cuts).toBe(2);
  // Each time it went on where it was, and not from the beginning.
  expect(offsets.length).toBeGreaterThanOrEqual(3);
  expect(offsets[0]).toBeGreaterThanOrEqual(chunkSize);
  expect(offsets.at(-1)).toBeGreaterThan(offsets[0] ?? 0);
  await network.close();

  const key = new URL(url).pathname.split("/").at(-1) ?? "";
  const { uploads } = await company<{ uploads: Row[] }>(program.url, "/uploads");
  expect(uploads.map((row) => row.key)).toEqual([key]);
  const row = await company<Row>(program.url, `/uploads/${key}`);
  const fetched = await fetch(row.url ?? "");
  expect(fetched.status).toBe(200);
  expect(fetched.headers.get("content-type")).toBe("application/pdf");
  expect(fetched.headers.get("content-disposition")).toContain("attachment; filename=");
  expect(sum(new Uint8Array(await fetched.arrayBuffer()))).toBe(sum(file));

  // And goes on when the download is cut off too.
  const rest = await fetch(row.url ?? "", { headers: { range: "bytes=7340000-", "if-range": fetched.headers.get("etag") ?? "" } });
  expect(rest.status).toBe(206);
  expect(sum(new Uint8Array(await rest.arrayBuffer()))).toBe(sum(file.subarray(7_340_000)));

  await company(program.url, `/uploads/${key}`, "DELETE");
  expect((await fetch(row.url ?? "")).status).toBe(404);
});

test("what must not be sent is refused to the protocol's own client", async ({ program }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const token = await tokenOf(program.url, roomId);
  const status = async (sending: Promise<string>): Promise<number> => {
    try {
      return (await sending).length;
    } catch (error) {
      return (error as DetailedError).originalResponse?.getStatus() ?? 0;
    }
  };
  const page = Buffer.from("<!doctype html><script>alert(1)</script>".padEnd(70_000));
  expect(await status(send(program.url, token, page, "a.pdf"))).toBe(415);
  expect(await status(send(program.url, token, document(8 * MB + 1), "a.pdf"))).toBe(413);
  expect(await status(send(program.url, "0".repeat(48), document(100), "a.pdf"))).toBe(401);
  const metadata = { filename: "a.pdf", kind: "snapshot", request: "snap_none" };
  expect(await status(send(program.url, token, document(100), "a.pdf", { metadata }))).toBe(403);
  expect((await company<{ uploads: Row[] }>(program.url, "/uploads")).uploads).toEqual([]);
});

test("an upload that its sender gives up is gone", async ({ program }) => {
  const token = await tokenOf(program.url, await schedule(program.url, [doctor, patient]));
  const source = new PassThrough();
  const upload = new Upload(source, {
    endpoint: `${program.url}/call/files`,
    headers: { authorization: `Bearer ${token}` },
    metadata: { filename: "a.pdf", kind: "file" },
    uploadSize: 3 * MB,
    chunkSize: MB,
    retryDelays: null,
  });
  const first = new Promise<void>((resolve) => (upload.options.onChunkComplete = () => resolve()));
  source.write(document(2 * MB));
  upload.start();
  await first;
  await upload.abort(true);
  const look = await fetch(upload.url ?? "", {
    method: "HEAD",
    headers: { authorization: `Bearer ${token}`, "tus-resumable": "1.0.0" },
  });
  expect(look.status).toBe(404);
});
