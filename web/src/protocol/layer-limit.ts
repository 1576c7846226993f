import type { VideoQuality } from "livekit-client";

/** A simulcast layer and whether somebody watches it. */
interface Layer<L> {
  readonly quality: number;
  enabled: boolean;
  clone(): L;
}

/** What is needed of the library's camera track. */
interface Layered<L> {
  setPublishingLayers(svc: boolean, layers: L[]): Promise<void>;
  setPublishingQuality(max: VideoQuality): void;
}

/**
 * Lets a track send no simulcast layer above a limit, also when the server asks for one: the library switches on whatever somebody
 * watches, and has no limit of its own that would hold against that.
 */
export class LayerLimit<L extends Layer<L>> {
  readonly #track: Layered<L>;
  readonly #send: Layered<L>["setPublishingLayers"];
  #max = Number.POSITIVE_INFINITY;
  /** What the server last asked for. */
  #asked: { readonly svc: boolean; readonly layers: readonly L[] } | null = null;
  /** While the limit itself asks, which is no wish of the server. */
  #setting = false;

  constructor(track: Layered<L>) {
    this.#track = track;
    this.#send = track.setPublishingLayers.bind(track);
    track.setPublishingLayers = async (svc, layers) => {
      if (!this.#setting) this.#asked = { svc, layers };
      await this.#send(svc, limited(layers, this.#max));
    };
  }

  /** Sends what the server asked for up to this layer, or everything up to it if the server has not asked yet. */
  async set(max: VideoQuality): Promise<void> {
    this.#max = max;
    if (this.#asked !== null) {
      await this.#send(this.#asked.svc, limited(this.#asked.layers, max));
      return;
    }
    this.#setting = true;
    this.#track.setPublishingQuality(max);
    this.#setting = false;
  }
}

/** Who watches a larger layer gets the largest that is allowed. */
function limited<L extends Layer<L>>(layers: readonly L[], max: number): L[] {
  const larger = layers.some(({ quality, enabled }) => enabled && quality > max);
  return layers.map((asked) => {
    const layer = asked.clone();
    layer.enabled = asked.quality === max ? asked.enabled || larger : asked.enabled && asked.quality < max;
    return layer;
  });
}
