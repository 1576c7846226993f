import { Channel, CHANNEL_PATH } from "./protocol/channel/channel";
import type { CommandName, Commands, RefusalCode, Reply } from "./protocol/channel/commands";
import { openWebSocket, type OpenWire } from "./protocol/channel/wire";
import type { Fetch } from "./protocol/http";
import type { OwnStill } from "./protocol/own-still";
import type { Figures } from "./protocol/quality";
import { sendRating } from "./protocol/rating";
import { Uploads, type UploadMeta, type UploadPorts } from "./protocol/uploads";
import type { Answer } from "./state/answers";
import type { CallEvent } from "./state/call";
import type { ChannelEvent } from "./state/channel";
import { stepTools } from "./state/step-tools";
import { toolsStart, type Refusal, type ToolsEffect, type ToolsEvent, type ToolsState } from "./state/tools";

/** The call channel for the view: to ask for something, and to hear what is drawn past the state, such as pointers and drawings. */
export interface ChannelPort {
  readonly send: <Name extends CommandName>(name: Name, members: Commands[Name]["members"]) => Promise<Reply<Commands[Name]["ok"]>>;
  /** Returns how to stop. */
  readonly on: (listener: (event: ChannelEvent) => void) => () => void;
}

/** Stills of pictures: of the own camera, and of what comes from others. Null: there is no picture. */
export interface Stills {
  readonly own: () => Promise<OwnStill>;
  readonly of: (userId: string) => Promise<Blob | null>;
}

export interface RoomBrowser {
  readonly fetch: Fetch;
  readonly origin: string;
  readonly now: () => number;
  readonly chance: () => number;
  readonly openWire?: OpenWire;
  /** Something that nobody else makes, for messages and uploads. */
  readonly newKey: () => string;
  readonly chime: () => void;
  readonly keepRead: (number: number) => void;
  readonly uploads: Pick<UploadPorts, "load" | "memory">;
}

/** What the rest of the page hears of the room. */
export interface RoomHears {
  readonly tellCall: (event: CallEvent) => void;
  readonly changed: () => void;
  readonly stills: Stills;
}

const LOST = { kind: "refused", code: "lost", field: null } as const;
/** A name of a still that says when it was taken, and nothing of whom. */
const STILL_NAME = /[-:]|\.\d+Z$/g;

/** Holds the room and its tools, carries out what they decide, and keeps the channel, which is made anew after it has ended. */
export class RoomShell implements ChannelPort {
  readonly #browser: RoomBrowser;
  readonly #hears: RoomHears;
  readonly #listeners = new Set<(event: ChannelEvent) => void>();
  #channel: Channel | null = null;
  #uploads: Uploads | null = null;
  #accessToken = "";
  #state: ToolsState;

  constructor(browser: RoomBrowser, readUpTo: number, hears: RoomHears) {
    this.#browser = browser;
    this.#hears = hears;
    this.#state = toolsStart(readUpTo);
  }

  get state(): ToolsState {
    return this.#state;
  }

  /** Connects, if that was not done or has ended; at once if it waits to. A page that came late would take the place of a newer one. */
  open(accessToken: string): void {
    this.#accessToken = accessToken;
    if (this.#channel !== null) {
      this.#channel.hurry();
      return;
    }
    const { origin, chance, openWire = openWebSocket } = this.#browser;
    const channel = new Channel({
      url: origin.replace(/^http/, "ws") + CHANNEL_PATH,
      accessToken,
      open: openWire,
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => {
          clearTimeout(timer);
        };
      },
      chance,
    });
    this.#channel = channel;
    this.#uploads ??= this.#uploadsWith(accessToken);
    channel.on((event) => {
      if (event.kind === "linkEnded") this.#channel = null;
      this.take({ kind: "channel", event });
      for (const listener of [...this.#listeners]) listener(event);
    });
    channel.start();
  }

  /** The browser is online again: connects at once if it waits to, and goes on with what could not be sent. */
  hurry(): void {
    this.#channel?.hurry();
    for (const { id, problem } of this.#state.uploads) {
      if (problem === "offline") this.take({ kind: "uploadAgainWished", id });
    }
  }

  /** Takes one event. What it leads to begins at once. */
  readonly take = (event: ToolsEvent): void => {
    const { state, effects } = stepTools(this.#state, event, this.#browser.now());
    const changed = state !== this.#state;
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    if (changed) this.#hears.changed();
  };

  /** Sends files that were chosen, dropped or pasted. */
  readonly sendFiles = (files: readonly File[]): void => {
    for (const file of files) {
      this.#upload(file, { name: file.name, mediaType: file.type, kind: "file", request: null, of: null });
    }
  };

  readonly send: ChannelPort["send"] = (name, members) => this.#channel?.send(name, members) ?? Promise.resolve(LOST);

  readonly on: ChannelPort["on"] = (listener) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  knock(): void {
    void this.send("knock", {});
  }

  unknock(): void {
    void this.send("unknock", {});
  }

  tellQuality(figures: Figures): void {
    void this.send("quality", { ...figures });
  }

  #uploadsWith(accessToken: string): Uploads {
    return new Uploads({
      origin: this.#browser.origin,
      accessToken,
      ...this.#browser.uploads,
      report: {
        moved: (id, sent) => {
          this.take({ kind: "uploadMoved", id, sent });
        },
        failed: (id, problem) => {
          this.take({ kind: "uploadFailed", id, problem });
        },
        done: (id) => {
          this.take({ kind: "uploadDone", id });
        },
      },
    });
  }

  #upload(file: Blob, meta: UploadMeta, plain = false): void {
    const id = this.#browser.newKey();
    this.take({ kind: "uploadAdded", id, name: meta.name, size: file.size, plainFor: plain ? meta.request : null });
    this.#uploads?.add(id, file, meta);
  }

  #run(effect: ToolsEffect): void {
    switch (effect.kind) {
      case "send":
        void this.#sendMessage(effect);
        return;
      case "typing":
        void this.send("chat.typing", { to: effect.to });
        return;
      case "older":
        void this.#older(effect.before);
        return;
      case "hand":
        this.#ask("hand", { raised: effect.raised });
        return;
      case "admit":
      case "turnAway":
        void this.#answer(effect);
        return;
      case "remove":
        this.#ask("remove", { userId: effect.userId });
        return;
      case "mute":
        this.#ask("mute", { userId: effect.userId, source: effect.source });
        return;
      case "present":
        this.#ask("present", { source: effect.source });
        return;
      case "askStill":
        void this.#askStill(effect.userId);
        return;
      case "takeStill":
        void this.#takeStill(effect.request);
        return;
      case "tellStillFailed":
        void this.send("snapshot.failed", { request: effect.request, reason: effect.reason });
        return;
      case "takeFrame":
        void this.#takeFrame(effect.userId);
        return;
      case "deleteFile":
        this.#ask("file.delete", { fileId: effect.fileId });
        return;
      case "cancelUpload":
        this.#uploads?.cancel(effect.id);
        return;
      case "uploadAgain":
        this.#uploads?.again(effect.id);
        return;
      case "rate":
        void this.#rate(effect);
        return;
      case "keepRead":
        this.#browser.keepRead(effect.number);
        return;
      case "chime":
        this.#browser.chime();
        return;
      case "tellCall":
        this.#hears.tellCall(effect.event);
        return;
    }
  }

  /** Asks for something of which nothing needs to be known but that it was refused. */
  #ask<Name extends CommandName>(name: Name, members: Commands[Name]["members"]): void {
    void this.send(name, members).then((reply) => {
      if (reply.kind === "refused") this.take({ kind: "refused", refusal: refusalOf(reply.code) });
    });
  }

  /** Answers who is at the door. */
  async #answer(answer: Answer): Promise<void> {
    const { kind, userId } = answer;
    const reply = await (kind === "admit" ? this.send("admit", { userId }) : this.send("turn_away", { userId, message: answer.message }));
    if (reply.kind === "refused" && reply.code === "lost") {
      this.take({ kind: "answerLost", answer });
      return;
    }
    this.take({ kind: "answerHeard", userId });
    if (reply.kind === "refused") this.take({ kind: "refused", refusal: refusalOf(reply.code) });
  }

  async #sendMessage({ to, text, key }: Extract<ToolsEffect, { kind: "send" }>): Promise<void> {
    const reply = await this.send("chat.send", { to, text, key });
    if (reply.kind === "ok") this.take({ kind: "sent", key, ...reply.ok });
    else this.take({ kind: "notSent", key, refusal: reply.code === "lost" ? null : refusalOf(reply.code) });
  }

  async #older(before: number): Promise<void> {
    const reply = await this.send("chat.older", { before });
    this.take({ kind: "olderCame", page: reply.kind === "ok" ? reply.ok : null });
    if (reply.kind === "refused") this.take({ kind: "refused", refusal: refusalOf(reply.code) });
  }

  async #askStill(userId: string): Promise<void> {
    const reply = await this.send("snapshot.request", { userId });
    this.take({ kind: "stillAsked", userId, request: reply.kind === "ok" ? reply.ok.request : null });
  }

  async #takeStill(request: string): Promise<void> {
    const still = await this.#hears.stills.own();
    if (still.kind === "none") void this.send("snapshot.failed", { request, reason: still.reason });
    else this.#upload(still.picture, { ...this.#still(still.picture), request, of: null }, still.plain);
  }

  async #takeFrame(userId: string): Promise<void> {
    const still = await this.#hears.stills.of(userId);
    if (still === null) this.take({ kind: "stillFailed", userId });
    else this.#upload(still, { ...this.#still(still), request: null, of: userId });
  }

  #still(still: Blob): Pick<UploadMeta, "name" | "mediaType" | "kind"> {
    const moment = new Date(this.#browser.now()).toISOString().replace(STILL_NAME, "").replace("T", "-");
    return { name: `${moment}.${still.type === "image/png" ? "png" : "jpg"}`, mediaType: still.type, kind: "snapshot" };
  }

  async #rate({ stars, comment }: Extract<ToolsEffect, { kind: "rate" }>): Promise<void> {
    this.take({ kind: "rated", result: await sendRating(this.#browser.fetch, this.#accessToken, stars, comment) });
  }
}

function refusalOf(code: RefusalCode): Refusal {
  switch (code) {
    case "not_allowed":
    case "wrong_stage":
      return "not_allowed";
    case "unknown":
      return "gone";
    case "too_many":
      return "too_many";
    case "invalid":
    case "unavailable":
    case "lost":
      return "not_done";
  }
}
