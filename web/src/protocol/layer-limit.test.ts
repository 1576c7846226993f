import { VideoQuality } from "livekit-client";
import { expect, test } from "vitest";
import { LayerLimit } from "./layer-limit";

class Layer {
  constructor(
    readonly quality: VideoQuality,
    public enabled: boolean,
  ) {}

  clone(): Layer {
    return new Layer(this.quality, this.enabled);
  }
}

const { LOW, MEDIUM, HIGH } = VideoQuality;

/** What the library does with layers, without a browser. */
class Track {
  sent: VideoQuality[] = [];

  setPublishingLayers(_svc: boolean, layers: Layer[]): Promise<void> {
    this.sent = layers.flatMap(({ quality, enabled }) => (enabled ? [quality] : []));
    return Promise.resolve();
  }

  setPublishingQuality(max: VideoQuality): void {
    void this.setPublishingLayers(
      false,
      [LOW, MEDIUM, HIGH].map((quality) => new Layer(quality, quality <= max)),
    );
  }

  async asks(...enabled: VideoQuality[]): Promise<void> {
    await this.setPublishingLayers(
      false,
      [LOW, MEDIUM, HIGH].map((quality) => new Layer(quality, enabled.includes(quality))),
    );
  }
}

test("no larger layer is sent, whatever the server asks for", async () => {
  const track = new Track();
  await new LayerLimit(track).set(LOW);
  expect(track.sent).toEqual([LOW]);
  await track.asks(LOW, MEDIUM, HIGH);
  expect(track.sent).toEqual([LOW]);
  await track.asks(HIGH);
  expect(track.sent, "who watches a larger one gets the largest that is allowed").toEqual([LOW]);
  await track.asks();
  expect(track.sent, "nobody watches").toEqual([]);
});

test("without the limit, what the server asked for is sent again", async () => {
  const track = new Track();
  const limit = new LayerLimit(track);
  await limit.set(HIGH);
  expect(track.sent).toEqual([LOW, MEDIUM, HIGH]);
  await track.asks(LOW, MEDIUM);
  await limit.set(LOW);
  expect(track.sent).toEqual([LOW]);
  await limit.set(HIGH);
  expect(track.sent).toEqual([LOW, MEDIUM]);
});
