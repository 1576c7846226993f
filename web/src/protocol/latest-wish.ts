/**
 * Makes something so, one attempt at a time, with the latest wish winning: a wish that comes while another is being
 * carried out replaces every one that waits.
 */
export class LatestWish<T> {
  readonly #apply: (wish: T) => Promise<void>;
  readonly #settled: (wish: T, error: unknown) => void;
  #next: { readonly wish: T } | null = null;
  #busy = false;
  #closed = false;

  /** `settled` is told of the last wish only, with what went wrong, or undefined. Neither is called after `close`. */
  constructor(apply: (wish: T) => Promise<void>, settled: (wish: T, error: unknown) => void) {
    this.#apply = apply;
    this.#settled = settled;
  }

  /** Whether a wish is being carried out. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Starts at once when idle, still inside the caller's click: browsers ask for that before sharing a screen. */
  want(wish: T): void {
    if (this.#closed) return;
    this.#next = { wish };
    if (!this.#busy) void this.#run();
  }

  close(): void {
    this.#closed = true;
    this.#next = null;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#next !== null) {
      const { wish } = this.#next;
      this.#next = null;
      let problem: unknown;
      try {
        await this.#apply(wish);
      } catch (error) {
        problem = error ?? new Error("failed without a reason");
      }
      if (this.#isLast()) {
        this.#busy = false;
        if (!this.#closed) this.#settled(wish, problem);
        return;
      }
    }
    this.#busy = false;
  }

  // A method, so that the compiler does not take the field for unchanged across the await above.
  #isLast(): boolean {
    return this.#next === null;
  }
}
