/** What sends a track, as far as a gate needs it. */
export interface Gated<T> {
  readonly track: T | null;
  replaceTrack(track: T | null): Promise<void>;
}

/**
 * Stands in what sends a track, and lets through only what may pass at that moment; else nothing is sent. The library puts a camera that it
 * captured anew there by itself, and may be in the middle of that when the person chooses to hide their room.
 */
export class Gate<T> {
  readonly #replace: (track: T | null) => Promise<void>;
  readonly #passes: (track: T) => boolean;
  /** What is to be sent, and what of it was let through. */
  #asked: T | null;
  #passed: T | null;

  constructor(sender: Gated<T>, passes: (track: T) => boolean) {
    this.#replace = sender.replaceTrack.bind(sender);
    this.#passes = passes;
    this.#asked = this.#passed = sender.track;
    sender.replaceTrack = (track) => {
      this.#asked = track;
      return this.#let();
    };
    this.look();
  }

  /** To be called when what may pass has changed. */
  look(): void {
    if (this.#passable() === this.#passed) return;
    // It fails where the connection is gone, and then nothing is sent.
    this.#let().catch(() => undefined);
  }

  #passable(): T | null {
    return this.#asked !== null && this.#passes(this.#asked) ? this.#asked : null;
  }

  #let(): Promise<void> {
    this.#passed = this.#passable();
    return this.#replace(this.#passed);
  }
}
