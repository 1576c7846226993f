import { BoardShell } from "./board-shell";
import type { Backdrops, Browser, Kept } from "./call-browser";
import type { MakeProcessor } from "./protocol/dressing";
import type * as engineModule from "./engine";
import type { CallConnection } from "./protocol/call-connection";
import { listDevices } from "./protocol/devices";
import { enter } from "./protocol/enter";
import type { NetworkCheck } from "./protocol/network-check";
import { watchPermissions } from "./protocol/permissions";
import { CALL_ENDED, LINK_REFUSED } from "./protocol/messages";
import { ownStill } from "./protocol/own-still";
import type { Preview } from "./protocol/preview";
import { RoomShell, type Stills } from "./room-shell";
import { backoffMs, jittered } from "./state/backoff";
import { effective, type OwnBackground } from "./state/background";
import { CAPTION_LENGTH_MAX } from "./state/captions";
import { reportOf } from "./state/check";
import { callStart, isWanted, type CallEffect, type CallEvent, type CallState } from "./state/call";
import type { LinkWishes } from "./state/model";
import { pictureWish } from "./state/profile";
import { step } from "./state/step";
import { resumed } from "./state/step-check";
import type { ToolsState } from "./state/tools";

/** How often the page tells how good its connection is. */
const QUALITY_MS = 10_000;
/** How often who waits knocks again: it changes nothing but shows whether the connection still holds, and a lost knock comes after all. */
const KNOCK_AGAIN_MS = 25_000;

/** After so many failures the person is told that a part of the page does not come. */
const TOLD_AFTER = 2;

/** What captures, checks and connects, with what the person sees of themselves before the call. */
interface Engine {
  readonly parts: typeof engineModule;
  readonly preview: Preview;
}

/** Holds the state, carries out its effects and feeds back what happens. The one place where time passes. */
export class CallShell {
  readonly #browser: Browser;
  readonly #token: string | null;
  readonly #draw: (state: CallState, tools: ToolsState, boards: BoardShell) => void;
  #engine: Engine | null = null;
  /** What is to be done with it, in order, until it is there. */
  readonly #later: ((engine: Engine) => void)[] = [];
  #loadsFailed = 0;
  readonly #backdrops: Backdrops;
  readonly #room: RoomShell;
  /** What is to be done first, until `start`. */
  readonly #first: CallEffect[];
  readonly #boards: BoardShell;
  #state: CallState;
  #connection: CallConnection | null = null;
  #networkCheck: NetworkCheck | null = null;
  #stopWriting: (() => void) | null = null;
  /** What the server was last told of the check. */
  #checkTold = "";
  /** Answers to an older question than this one are not heard. */
  #question = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    browser: Browser,
    token: string | null,
    wishes: LinkWishes,
    kept: Kept,
    draw: (state: CallState, tools: ToolsState, boards: BoardShell) => void,
  ) {
    this.#browser = browser;
    this.#token = token;
    this.#draw = draw;
    this.#backdrops = browser.backdrops((phase) => {
      this.send({ kind: "backgroundTold", phase });
    });
    const start = callStart(wishes, kept.stay, resumed(kept.check), kept.background);
    this.#state = start.state;
    this.#room = new RoomShell(browser, kept.readUpTo, {
      tellCall: (event) => {
        this.send(event);
      },
      changed: () => {
        this.#drawAll();
      },
      stills: this.#stills(),
    });
    this.#room.on((event) => {
      // The server may have been started anew, and forgotten it.
      if (event.kind === "welcome") this.#checkTold = "";
      if (event.kind === "caption") this.send({ kind: "captionSaid", from: event.from, text: event.text, final: event.final });
      this.#tellCheck();
    });
    const sending = { origin: browser.origin, accessToken: token ?? "", load: browser.boards.loadTus };
    this.#boards = new BoardShell({ ...browser.boards, now: browser.now, sending }, this.#room, () => {
      this.#drawAll();
    });
    if (typeof browser.media !== "string") {
      browser.media.addEventListener("devicechange", () => {
        void this.#listDevices();
      });
    }
    setInterval(() => {
      if (this.#state.kind === "live" || this.#state.kind === "left") this.send({ kind: "tick" });
      this.#room.take({ kind: "tick" });
      this.#boards.take({ kind: "tick" });
    }, 1000);
    setInterval(() => void this.#tellQuality(), QUALITY_MS);
    setInterval(() => {
      if (this.#state.kind === "waiting") this.#room.knock();
    }, KNOCK_AGAIN_MS);
    this.#first = [...start.effects];
  }

  /** Draws for the first time, and begins. */
  start(): void {
    void this.#loadEngine();
    void watchPermissions(this.#browser.permissions, (permissions) => {
      this.send({ kind: "permissionsChanged", ...permissions });
    });
    this.#drawAll();
    for (const effect of this.#first.splice(0)) this.#run(effect);
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
    if (this.#state.kind !== "live") {
      this.#stopWriting?.();
      this.#stopWriting = null;
    }
    if (changed) this.#tellCheck();
    if (changed) this.#drawAll();
  }

  /** Whether a part of the page does not come, although the page goes on asking for it. */
  get incomplete(): boolean {
    return this.#loadsFailed >= TOLD_AFTER;
  }

  /** The room, with its tools and the call channel. */
  get room(): RoomShell {
    return this.#room;
  }

  /** Draws everything anew, because the page looks different. */
  redraw(): void {
    this.#drawAll();
  }

  /** The browser says that it is online again. */
  online(): void {
    this.#room.hurry();
  }

  attach(key: string, element: HTMLMediaElement): (() => void) | null {
    return this.#engine?.preview.attach(key, element) ?? this.#connection?.attach(key, element) ?? null;
  }

  /** The same in the small window, where a picture is seen although the page may be hidden. */
  attachAbove(key: string, element: HTMLMediaElement): (() => void) | null {
    return this.#connection?.attachAbove(key, element) ?? null;
  }

  level(): number {
    return this.#engine?.preview.level() ?? 0;
  }

  /** What is wished of a camera or a connection before the engine is there is wished when it is. */
  #withEngine(use: (engine: Engine) => void): void {
    if (this.#engine === null) this.#later.push(use);
    else use(this.#engine);
  }

  #withConnection(use: (connection: CallConnection) => void): void {
    this.#withEngine(() => {
      if (this.#connection !== null) use(this.#connection);
    });
  }

  async #loadEngine(): Promise<void> {
    const { loadEngine, media, after, chance } = this.#browser;
    const parts = await loadEngine().catch(() => null);
    if (parts === null) {
      this.#loadsFailed += 1;
      this.#drawAll();
      after(jittered(backoffMs(this.#loadsFailed), chance()), () => void this.#loadEngine());
      return;
    }
    const preview = new parts.Preview(media, this.#makeProcessor, (report) => {
      this.send({ kind: "previewed", ...report });
      void this.#listDevices();
    });
    this.#engine = { parts, preview };
    this.#loadsFailed = 0;
    for (const use of this.#later.splice(0)) use(this.#engine);
    this.#drawAll();
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
      case "openChannel":
        if (this.#token !== null) this.#room.open(this.#token);
        return;
      case "knock":
        this.#room.knock();
        return;
      case "unknock":
        this.#room.unknock();
        return;
      case "preview": {
        const { microphone, camera, chosen, background } = effect.own;
        this.#hideBackground(background);
        this.#withEngine(({ preview }) => {
          preview.want({
            microphone: { on: isWanted(microphone), deviceId: chosen.microphone },
            camera: { on: isWanted(camera), deviceId: chosen.camera },
            backCamera: effect.backCamera,
          });
        });
        return;
      }
      case "endPreview":
        this.#askAnew();
        this.#withEngine(({ preview }) => {
          preview.stop();
          this.#networkCheck?.close();
        });
        return;
      case "connect":
        this.#withEngine((engine) => {
          this.#connect(engine, effect);
        });
        return;
      case "microphone":
        this.#withConnection((connection) => {
          connection.wishMicrophone(effect.on);
        });
        return;
      case "camera":
        this.#withConnection((connection) => {
          connection.wishCamera(effect.on);
        });
        return;
      case "screen":
        this.#withConnection((connection) => {
          connection.wishScreen(effect.on);
        });
        return;
      case "device":
        this.#withConnection((connection) => {
          connection.wishDevice(effect.device, effect.id);
        });
        return;
      case "startPlayback":
        void this.#connection?.startPlayback();
        return;
      case "disconnect":
        this.#askAnew();
        this.#boards.end();
        this.#withEngine(() => {
          this.#connection?.close();
          this.#connection = null;
        });
        return;
      case "tellEnded":
        this.#browser.tellParent({ type: CALL_ENDED, reason: effect.reason });
        return;
      case "tellRefused":
        this.#browser.tellParent({ type: LINK_REFUSED });
        return;
      case "go":
        this.#browser.goTo(effect.url);
        return;
      case "processing":
        this.#withConnection((connection) => {
          connection.wishProcessing(effect.on);
        });
        return;
      case "picture":
        this.#withConnection((connection) => {
          connection.wishPicture(effect.picture);
        });
        return;
      case "background":
        this.#hideBackground(effect.background);
        return;
      case "keepBackground":
        this.#browser.keepBackground(effect.wish);
        return;
      case "retryBackground":
        this.#backdrops.retry();
        return;
      case "restart":
        void this.#connection?.restart(effect.device);
        return;
      case "smallWindow":
        if (effect.on) void this.#openSmallWindow();
        else this.#browser.smallWindow.close();
        return;
      case "writeCaptions":
        this.#stopWriting?.();
        this.#stopWriting = effect.on ? this.#writeCaptions() : null;
        return;
      case "checkNetwork":
        this.#withEngine((engine) => void this.#checkNetwork(engine));
        return;
      case "endNetworkCheck":
        this.#withEngine(() => {
          this.#networkCheck?.close();
          this.#networkCheck = null;
        });
        return;
      case "playSound":
        void this.#playSound(effect.speaker);
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

  #connect({ parts, preview }: Engine, { entry, server, own, wishes }: Extract<CallEffect, { kind: "connect" }>): void {
    this.#connection?.close();
    this.#hideBackground(own.background);
    const connection = new parts.CallConnection(
      {
        url: server.url === "" ? this.#browser.origin.replace(/^http/, "ws") : server.url,
        token: server.token,
        displayName: wishes.displayName,
        microphone: isWanted(own.microphone),
        camera: isWanted(own.camera) && entry.camera,
        devices: own.chosen,
        backCamera: wishes.backCamera,
        processing: own.processing,
        picture: pictureWish(own.profile, false),
        hiding: effective(own.background) !== "none",
        makeProcessor: this.#makeProcessor,
        takePreview: () => preview.take(),
      },
      this.#browser.media,
      { hidden: this.#browser.hidden, now: this.#browser.now },
      (event) => {
        if (connection !== this.#connection) return;
        this.send(event);
        if (event.kind === "connected") void this.#lookForSpeech();
      },
    );
    this.#connection = connection;
    void connection.connect();
  }

  readonly #makeProcessor: MakeProcessor = () => this.#backdrops.makeProcessor();

  /** What is behind the person, before anything of their camera goes anywhere. */
  #hideBackground(background: OwnBackground): void {
    const hiding = effective(background) !== "none";
    this.#connection?.hideBackground(hiding);
    this.#backdrops.wish(background);
    this.#withEngine(({ preview }) => {
      preview.hide(hiding);
    });
    if (hiding) this.#room.take({ kind: "roomHidden" });
  }

  /** Writes down what the person says while their microphone is on, for themselves and the others. Returns how to stop. */
  #writeCaptions(): () => void {
    const { speech } = this.#browser;
    return speech.transcribe(
      (text, final) => {
        if (this.#state.kind !== "live" || !isWanted(this.#state.own.microphone)) return;
        const short = text.trim().slice(0, CAPTION_LENGTH_MAX);
        const own = [...this.#state.people.values()].find((person) => person.own);
        if (own === undefined || short === "") return;
        this.send({ kind: "captionSaid", from: own.id, text: short, final });
        if (this.#room.state.room.link === "open") void this.#room.send("caption", { text: short, final, language: speech.language });
      },
      () => {
        this.send({ kind: "captionsFailed" });
      },
    );
  }

  async #openSmallWindow(): Promise<void> {
    this.send({ kind: "smallTold", open: await this.#browser.smallWindow.open() });
  }

  async #lookForSpeech(): Promise<void> {
    if (await this.#browser.speech.possible()) this.send({ kind: "captionsPossible" });
  }

  #drawAll(): void {
    this.#draw(this.#state, this.#room.state, this.#boards);
  }

  #stills(): Stills {
    return {
      own: () => ownStill({ look: () => this.#connection?.ownPicture() ?? null, photo: this.#browser.photoOf, frame: this.#browser.frameOf }),
      of: async (userId) => {
        const picture = this.#connection?.pictureOf(userId) ?? null;
        return picture === null ? null : this.#browser.frameOf(picture);
      },
    };
  }

  async #tellQuality(): Promise<void> {
    if (this.#state.kind !== "live") return;
    const figures = await this.#connection?.figures(this.#browser.now());
    if (figures != null) this.#room.tellQuality(figures);
  }

  async #checkNetwork({ parts }: Engine): Promise<void> {
    this.#networkCheck?.close();
    const { fetch, origin, now, testPicture } = this.#browser;
    const check = new parts.NetworkCheck({ fetch, origin, now, accessToken: this.#token ?? "", picture: testPicture });
    this.#networkCheck = check;
    const result = await check.run();
    if (check === this.#networkCheck) this.send({ kind: "networkChecked", result });
  }

  async #playSound(speaker: string | null): Promise<void> {
    if (!(await this.#browser.playTestSound(speaker))) this.send({ kind: "soundAnswered", heard: false });
  }

  /** Lets the clinician's side see what the check found, each time that something changes before the call. */
  #tellCheck(): void {
    const { kind, own } = this.#state;
    if (this.#room.state.room.link !== "open" || (kind !== "lobby" && kind !== "waiting" && kind !== "joining")) return;
    const check = reportOf(own, this.#browser.label);
    const text = JSON.stringify(check);
    if (text === this.#checkTold) return;
    this.#checkTold = text;
    void this.#room.send("check", check);
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
