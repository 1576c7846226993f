import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePorts } from "./ports.ts";

/** How long the program may take from its start to its first answer. */
const READY_WITHIN_MS = 15_000;

/** Names, ids, and tokens of links: nothing of the kind may reach the log. */
const PERSONAL = /Marino|Conti|Okafor|(doctor|patient|interpreter)-1|[0-9a-f]{40}|access_token=|eyJ/;

/** The real program on ports and a data folder of its own. */
export class Program {
  readonly url: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #dataDir: string;
  #process: ChildProcess | undefined;
  #output = "";

  private constructor(dataDir: string, ports: readonly [number, number, number], settings: Record<string, string>) {
    this.#dataDir = dataDir;
    this.url = `http://localhost:${ports[0]}`;
    this.#environment = {
      PATH: process.env.PATH,
      DATA_DIR: dataDir,
      HTTP_PORT: String(ports[0]),
      MEDIA_UDP_PORT: String(ports[1]),
      MEDIA_TCP_PORT: String(ports[2]),
      WAIT_BEFORE_SERVER_CLOSE_SEC: "0",
      LOG_LEVEL: "debug",
      // Tests in which people wait say so.
      WAITING_ROOM: "false",
      ...settings,
    };
  }

  static async start(settings: Record<string, string> = {}): Promise<Program> {
    const dataDir = await mkdtemp(join(tmpdir(), "teleconsultation-"));
    const program = new Program(dataDir, await freePorts(), settings);
    await program.run();
    return program;
  }

  /** Starts the program, also again after `kill`, and waits until it answers. */
  async run(): Promise<void> {
    const path = process.env.TELECONSULTATION_PROGRAM;
    if (path === undefined) throw new Error("TELECONSULTATION_PROGRAM names the program to test");
    const child = spawn(path, { env: this.#environment, stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await this.#answers())) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the program did not start:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/-/ready`)).ok;
    } catch {
      return false;
    }
  }

  /** Ends the program without any chance to tidy up. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Ends the program as an operator does, and removes its data. Throws if it did not end well, or logged an error or something personal. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
    await rm(this.#dataDir, { recursive: true });
    const log = this.#output.split("\n").filter((line) => line.startsWith("{"));
    const problems = log.filter((line) => /"level":[56]0/.test(line) || PERSONAL.test(line));
    const status = this.#process?.exitCode;
    if (status !== 0 || problems.length > 0) throw new Error(`the program ended with ${status}:\n${problems.join("\n")}`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}
