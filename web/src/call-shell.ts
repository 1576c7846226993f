import { CallConnection } from "./protocol/call-connection";
import { listDevices, type Media } from "./protocol/devices";
import { enter } from "./protocol/enter";
import type { Fetch } from "./protocol/http";
import { CALL_ENDED, type EndedMessage } from "./protocol/messages";
import { Preview } from "./protocol/preview";
import { RoomShell, type ChannelPort } from "./room-shell";
import { jittered } from "./state/backoff";
import { callStart, isWanted, type CallEffect, type CallEvent, type CallState } from "./state/call";
import type { LinkWishes, Stay } from "./state/model";
import type { RoomState } from "./state/room";
import { step } from "./state/step";

/** What the shell needs of the browser. */
export interface Browser {
  readonly fetch: Fetch;
  readonly origin: string;
  readonly media: Media;
  readonly speakerChoice: boolean;
  readonly now: () => number;
  readonly chance: () => number;
  readonly tellParent: (message: EndedMessage) => void;
}

/** Holds the state, carries out its effects and feeds back what happens. The one place where time passes. */
export class CallShell {
  readonly #browser: Browser;
  readonly #token: string | null;
  readonly #draw: (state: CallState, room: RoomState) => void;
  readonly #preview: Preview;
  readonly #room: RoomShell;
  #state: CallState;
  #connection: CallConnection | null = null;
  /** Answers to an older question than this one are not heard. */
  #question = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(browser: Browser, token: string | null, wishes: LinkWishes, stay: Stay | null, draw: (state: CallState, room: RoomState) => void) {
    this.#browser = browser;
    this.#token = token;
    this.#draw = draw;
    this.#preview = new Preview(browser.media, (report) => {
      this.send({ kind: "previewed", ...report });
      void this.#listDevices();
    });
    const start = callStart(wishes, stay);
    this.#state = start.state;
    this.#room = new RoomShell(browser);
    this.#room.on(() => {
      this.#drawAll();
    });
    if (typeof browser.media !== "string") {
      browser.media.addEventListener("devicechange", () => {
        void this.#listDevices();
      });
    }
    setInterval(() => {
      if (this.#state.kind === "live") this.send({ kind: "tick" });
      if (this.#room.tick()) this.#drawAll();
    }, 1000);
    this.#drawAll();
    for (const effect of start.effects) this.#run(effect);
  }

  get state(): CallState {
    return this.#state;
  }

  /** Takes one event. What it leads to begins at once, so that a click still counts as one to the browser. */
  send(event: CallEvent): void {
    const { state, effects } = step(this.#state, event, this.#browser.now());
    const changed = state !== this.#state;
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    if (changed) this.#drawAll();
  }

  /** The call channel. */
  get channel(): ChannelPort {
    return this.#room;
  }

  /** The browser says that it is online again. */
  online(): void {
    this.#room.hurry();
  }

  attach(key: string, element: HTMLMediaElement): (() => void) | null {
    return this.#preview.attach(key, element) ?? this.#connection?.attach(key, element) ?? null;
  }

  level(): number {
    return this.#preview.level();
  }

  #run(effect: CallEffect): void {
    switch (effect.kind) {
      case "enter":
        void this.#enter();
        return;
      case "enterAfter": {
        const question = this.#askAnew();
        this.#timer = setTimeout(() => {
          if (question === this.#question) this.send({ kind: "enterDue" });
        }, jittered(effect.ms, this.#browser.chance()));
        return;
      }
      case "preview": {
        const { microphone, camera, chosen } = effect.own;
        this.#preview.want({
          microphone: { on: isWanted(microphone), deviceId: chosen.microphone },
          camera: { on: isWanted(camera), deviceId: chosen.camera },
          backCamera: effect.backCamera,
        });
        return;
      }
      case "endPreview":
        this.#askAnew();
        this.#preview.stop();
        return;
      case "connect":
        this.#connect(effect);
        return;
      case "microphone":
        this.#connection?.wishMicrophone(effect.on);
        return;
      case "camera":
        this.#connection?.wishCamera(effect.on);
        return;
      case "screen":
        this.#connection?.wishScreen(effect.on);
        return;
      case "device":
        this.#connection?.wishDevice(effect.device, effect.id);
        return;
      case "startPlayback":
        void this.#connection?.startPlayback();
        return;
      case "disconnect":
        this.#askAnew();
        this.#connection?.close();
        this.#connection = null;
        return;
      case "tellEnded":
        this.#browser.tellParent({ type: CALL_ENDED, reason: effect.reason });
        return;
    }
  }

  async #enter(): Promise<void> {
    const question = this.#askAnew();
    if (this.#token === null) {
      this.send({ kind: "enterFailed", problem: "no_token" });
      return;
    }
    const result = await enter(this.#browser.fetch, this.#token, this.#browser.now);
    if (question !== this.#question) return;
    if (result.kind === "entered") this.#room.open(this.#token);
    this.send(result.kind === "entered" ? result : { kind: "enterFailed", problem: result.problem });
  }

  #connect({ entry, server, own, wishes }: Extract<CallEffect, { kind: "connect" }>): void {
    this.#connection?.close();
    const connection = new CallConnection(
      {
        url: server.url === "" ? this.#browser.origin.replace(/^http/, "ws") : server.url,
        token: server.token,
        displayName: wishes.displayName,
        microphone: isWanted(own.microphone),
        camera: isWanted(own.camera) && entry.camera,
        devices: own.chosen,
        backCamera: wishes.backCamera,
        takePreview: () => this.#preview.take(),
      },
      this.#browser.media,
      (event) => {
        if (connection === this.#connection) this.send(event);
      },
    );
    this.#connection = connection;
    void connection.connect();
  }

  #drawAll(): void {
    this.#draw(this.#state, this.#room.state);
  }

  async #listDevices(): Promise<void> {
    this.send({ kind: "devicesListed", devices: await listDevices(this.#browser.media, this.#browser.speakerChoice) });
  }

  #askAnew(): number {
    clearTimeout(this.#timer);
    this.#question += 1;
    return this.#question;
  }
}
