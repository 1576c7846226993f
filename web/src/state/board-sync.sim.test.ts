import { expect, test } from "vitest";
import { isNewer, type DrawnElement, type Elements } from "./board-element";
import { syncStart, syncStep, type Refused, type Sync, type SyncEffect, type SyncEvent } from "./board-sync";

// Two or three people draw on one board over connections that break at any moment, and with a model of the server. However it went: once
// all are connected and nobody draws, all see the same, and it is what the server has. Everything by seed.

/** Mulberry32 (public domain): chance that is the same each time. */
function chanceOf(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

type Command = { kind: "open" } | { kind: "draw"; elements: readonly DrawnElement[] } | { kind: "clear" };

/** The rules of docs/call-channel.md. */
class ServerModel {
  elements = new Map<string, DrawnElement>();
  readonly #makers = new Map<string, Client>();

  handle(from: Client, command: Command, all: readonly Client[]): void {
    const others = all.filter((client) => client !== from && client.connected);
    switch (command.kind) {
      case "open":
        from.down.push({ kind: "opened", elements: [...this.elements.values()] });
        return;
      case "clear":
        this.elements = new Map();
        for (const client of all) if (client.connected) client.down.push({ kind: "cleared" });
        return;
      case "draw": {
        const kept: DrawnElement[] = [];
        const refused: Refused[] = [];
        const really: DrawnElement[] = [];
        for (const element of command.elements) {
          const own = this.elements.get(element.id);
          const erases = element.isDeleted && own?.isDeleted !== true && this.#makers.get(element.id) !== from;
          if (element.type === "text" && !from.mayText) refused.push({ id: element.id, code: "not_allowed" });
          else if (erases && own !== undefined && !from.mayErase) refused.push({ id: element.id, code: "not_allowed" });
          else if (isNewer(element, own)) {
            this.elements.set(element.id, element);
            if (own === undefined) this.#makers.set(element.id, from);
            kept.push(element);
            continue;
          }
          if (own !== undefined) really.push(own);
        }
        from.down.push({ kind: "answered", kept: kept.map(({ id }) => id), refused, elements: really });
        if (kept.length > 0) for (const client of others) client.down.push({ kind: "drawn", elements: kept });
      }
    }
  }
}

class Client {
  connected = false;
  readonly up: Command[] = [];
  readonly down: SyncEvent[] = [];
  /** What the person sees. */
  readonly scene = new Map<string, DrawnElement>();
  state: Sync = syncStart;
  timer = false;
  refusals = 0;
  busy = 0;
  readonly #chance: () => number;

  constructor(
    readonly name: string,
    readonly mayText: boolean,
    readonly mayErase: boolean,
    chance: () => number,
  ) {
    this.#chance = chance;
  }

  take(event: SyncEvent): void {
    const { state, effects } = syncStep(this.state, event);
    this.state = state;
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: SyncEffect): void {
    switch (effect.kind) {
      case "open":
      case "draw":
        this.up.push(effect);
        return;
      case "sendAfter":
        this.timer = true;
        return;
      case "openAfter":
        this.up.push({ kind: "open" });
        return;
      case "show":
        for (const element of effect.elements) this.scene.set(element.id, element);
        for (const id of effect.gone) this.scene.delete(id);
        return;
      case "tellRefused":
        this.refusals += 1;
    }
  }

  draw(number: number): void {
    const pick = [...this.scene.values()][Math.floor(this.#chance() * this.scene.size)];
    const versionNonce = Math.floor(this.#chance() * 4);
    let element: DrawnElement;
    if (pick === undefined || this.#chance() < 0.4) {
      const type = this.#chance() < 0.3 ? "text" : "freedraw";
      element = { id: `${this.name}${number}`, type, version: 1, versionNonce, isDeleted: false, index: "a0" };
    } else {
      // The drawing is not patient: it may make several versions between two looks.
      const version = pick.version + 1 + Math.floor(this.#chance() * 3);
      element = { ...pick, version, versionNonce, isDeleted: this.#chance() < 0.2, x: this.#chance() };
    }
    this.scene.set(element.id, element);
    this.take({ kind: "changed", elements: [...this.scene.values()] });
  }

  connect(): void {
    this.connected = true;
    this.take({ kind: "linked" });
  }

  break(): void {
    this.connected = false;
    this.up.length = 0;
    this.down.length = 0;
    this.timer = false;
    this.take({ kind: "unlinked" });
  }
}

function receive(client: Client, chance: () => number): void {
  const event = client.down.shift();
  if (event === undefined) return;
  client.take(event);
  // The drawing tells of its elements whenever it was painted, whether they changed or not.
  if (chance() < 0.5) client.take({ kind: "changed", elements: [...client.scene.values()] });
}

const revisions = (elements: Elements): Record<string, string> =>
  Object.fromEntries(
    [...elements]
      .map(([id, { version, versionNonce, isDeleted }]) => [id, `${version}/${versionNonce}${isDeleted ? " deleted" : ""}`] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Without what somebody drew and took back before anybody was told: only they have it, and nobody sees it. */
const visible = (client: Client, server: ServerModel): Elements =>
  new Map([...client.scene].filter(([id, element]) => !element.isDeleted || server.elements.has(id)));

function run(seed: number, people: number, clearing: boolean): { clients: Client[]; server: ServerModel } {
  const chance = chanceOf(seed);
  const server = new ServerModel();
  const clients = Array.from({ length: people }, (_, index) => new Client("abc"[index] ?? "d", index !== 1, index === 0, chance));
  const serve = (client: Client): void => {
    const command = client.up.shift();
    if (command === undefined) return;
    if (command.kind !== "clear" && chance() < 0.05) client.down.push({ kind: "failed", passing: true, code: "unavailable" });
    else server.handle(client, command, clients);
  };
  for (let turn = 0; turn < 400; turn += 1) {
    const client = clients[Math.floor(chance() * clients.length)];
    if (client === undefined) continue;
    const what = chance();
    if (what < 0.3) client.draw(turn);
    else if (what < 0.5) serve(client);
    else if (what < 0.7) receive(client, chance);
    else if (what < 0.85 && client.timer) {
      client.timer = false;
      client.take({ kind: "sendDue" });
    } else if (what < 0.92 && !client.connected) client.connect();
    else if (what > 0.98 && client.connected) client.break();
    else if (what > 0.975 && clearing && client.connected) client.up.push({ kind: "clear" });
  }
  for (const client of clients) if (!client.connected) client.connect();
  for (let turn = 0; turn < 2000 && clients.some(({ up, down, timer }) => up.length + down.length > 0 || timer); turn += 1) {
    for (const client of clients) {
      serve(client);
      receive(client, chance);
      if (!client.timer) continue;
      client.timer = false;
      client.take({ kind: "sendDue" });
    }
  }
  return { clients, server };
}

test.each([2, 3])("%i people who draw over broken connections see the same in the end", (people) => {
  let [drawn, refusals] = [0, 0];
  for (let seed = 1; seed <= 150; seed += 1) {
    const { clients, server } = run(seed, people, false);
    for (const client of clients) {
      expect(client.state, `seed ${seed}, ${client.name}`).toMatchObject({ link: "open", sent: null, due: false, unsent: new Map() });
      expect(revisions(visible(client, server)), `seed ${seed}, ${client.name}`).toEqual(revisions(server.elements));
      refusals += client.refusals;
    }
    drawn += server.elements.size;
  }
  // It is not quiet because nothing happened.
  expect(drawn).toBeGreaterThan(150 * 10);
  expect(refusals).toBeGreaterThan(150);
});

test("and also where somebody clears the board now and then", () => {
  for (let seed = 1000; seed <= 1150; seed += 1) {
    const { clients, server } = run(seed, 3, true);
    for (const client of clients) {
      expect(revisions(visible(client, server)), `seed ${seed}, ${client.name}`).toEqual(revisions(server.elements));
    }
  }
});
