import type { Language } from "./language";

/** How to get the texts of each language but English. */
export type Loaders<T> = Readonly<Record<Exclude<Language, "en">, () => Promise<T>>>;

/** A language and its texts. */
export interface Speech<T> {
  readonly language: Language;
  readonly texts: T;
}

/** How long a page stays as it is while it waits for texts, before it speaks what it has: the line must be very poor by then. */
export const PATIENCE_MS = 10_000;
/** How often texts are asked for, and how long after they did not come they are asked for again. */
export const ATTEMPTS_MAX = 4;
export const AGAIN_AFTER_MS = 2000;

/** What it needs of the browser. */
interface Around {
  readonly after: (ms: number, run: () => void) => void;
  /** The answer of [`Spoken.in`] has changed: draw again. */
  readonly changed: () => void;
}

/**
 * The texts of the languages as far as they are wanted. English is always there. A page that wants another one draws nothing new until its
 * texts have come, so that nobody sees one language for a moment and then another.
 */
export class Spoken<T> {
  readonly #loaders: Loaders<T>;
  readonly #around: Around;
  readonly #texts: Map<Language, T>;
  readonly #wanted = new Set<Language>();
  readonly #late = new Set<Language>();
  #last: Speech<T>;

  constructor(english: T, loaders: Loaders<T>, around: Around) {
    this.#loaders = loaders;
    this.#around = around;
    this.#texts = new Map([["en", english]]);
    this.#last = { language: "en", texts: english };
  }

  /**
   * What to speak where `language` is wanted. Null: its texts are on their way, and nothing is to be drawn until `changed`. Where they do
   * not come in time, what was spoken last, or English, until they come.
   */
  in(language: Language): Speech<T> | null {
    const texts = this.#texts.get(language);
    if (texts !== undefined) {
      this.#last = { language, texts };
      return this.#last;
    }
    if (language !== "en" && !this.#wanted.has(language)) this.#want(language);
    return this.#late.has(language) ? this.#last : null;
  }

  #want(language: Exclude<Language, "en">): void {
    this.#wanted.add(language);
    this.#around.after(PATIENCE_MS, () => {
      this.#giveUp(language);
    });
    void this.#load(language, 1);
  }

  async #load(language: Exclude<Language, "en">, attempt: number): Promise<void> {
    let texts: T;
    try {
      texts = await this.#loaders[language]();
    } catch {
      // Some browsers answer every further attempt as the first: then the page speaks what it has.
      if (attempt === ATTEMPTS_MAX) this.#giveUp(language);
      else this.#around.after(AGAIN_AFTER_MS, () => void this.#load(language, attempt + 1));
      return;
    }
    this.#texts.set(language, texts);
    this.#around.changed();
  }

  #giveUp(language: Language): void {
    if (this.#texts.has(language) || this.#late.has(language)) return;
    this.#late.add(language);
    this.#around.changed();
  }
}
