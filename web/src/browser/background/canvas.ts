import type { Pixels } from "./pixels";
import type { Cut } from "./segmentation";
import { UPRIGHT, WIDE } from "./segmentation-messages";

/** So many pixels are left of a picture's width when it is blurred as a whole: nobody is known by them. */
const VEIL_WIDTH = 16;
/** On the way back to its size it stops here once, so that no squares are seen. */
const VEIL_STEP = 4;
/** Before the first picture: not black, which looks like a fault. */
const NOTHING = "#20252b";

interface Surface {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
}

function surface(readBack = false): Surface {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: readBack });
  if (context === null) throw new Error("the browser draws nothing");
  return { canvas, context };
}

/** Setting a size empties a canvas, also the same one. */
function fit({ canvas }: Surface, width: number, height: number): void {
  if (canvas.width === width && canvas.height === height) return;
  canvas.width = width;
  canvas.height = height;
}

/** What is sent of a camera's picture. Each change is drawn as a whole, so that no half of one leaves the device. */
export class BackgroundCanvas {
  readonly #shown = surface();
  readonly #taken = surface();
  readonly #small = surface(true);
  readonly #mask = surface();
  readonly #room = surface();
  readonly #veil = surface();
  readonly #veilStep = surface();

  constructor(width: number, height: number) {
    fit(this.#shown, width, height);
    this.empty();
  }

  stream(): MediaStream {
    return this.#shown.canvas.captureStream();
  }

  /** Shows no picture at all. */
  empty(): void {
    const { canvas, context } = this.#shown;
    context.globalCompositeOperation = "copy";
    context.fillStyle = NOTHING;
    context.fillRect(0, 0, canvas.width, canvas.height);
  }

  /** Shows a picture blurred as a whole. */
  veil(video: HTMLVideoElement): void {
    const { videoWidth: width, videoHeight: height } = video;
    fit(this.#shown, width, height);
    fit(this.#veil, VEIL_WIDTH, Math.max(1, Math.round((VEIL_WIDTH * height) / width)));
    const { canvas: tiny } = this.#veil;
    fit(this.#veilStep, tiny.width * VEIL_STEP, tiny.height * VEIL_STEP);
    this.#over(this.#veil, video);
    this.#over(this.#veilStep, tiny);
    this.#over(this.#shown, this.#veilStep.canvas);
  }

  /** Keeps a picture until it is cut, and returns it as small as the model reads it. */
  take(video: HTMLVideoElement): Pixels {
    const { videoWidth: width, videoHeight: height } = video;
    fit(this.#taken, width, height);
    this.#over(this.#taken, video);
    const model = height > width ? UPRIGHT : WIDE;
    fit(this.#small, model.width, model.height);
    this.#over(this.#small, video);
    return this.#small.context.getImageData(0, 0, model.width, model.height);
  }

  /** Shows the kept picture's person before the blurred room, or before an image. */
  cut({ mask, room }: Cut, image: HTMLImageElement | null): void {
    const { canvas, context } = this.#shown;
    const { canvas: taken } = this.#taken;
    fit(this.#shown, taken.width, taken.height);
    const { width, height } = canvas;
    put(this.#mask, mask);
    this.#over(this.#shown, this.#mask.canvas);
    context.globalCompositeOperation = "source-in";
    context.drawImage(taken, 0, 0, width, height);
    context.globalCompositeOperation = "destination-over";
    if (image !== null) {
      const scale = Math.max(width / image.naturalWidth, height / image.naturalHeight);
      const [wide, high] = [image.naturalWidth * scale, image.naturalHeight * scale];
      context.drawImage(image, (width - wide) / 2, (height - high) / 2, wide, high);
    } else if (room !== null) {
      put(this.#room, room);
      context.drawImage(this.#room.canvas, 0, 0, width, height);
    }
    // Whatever of the image lets something through.
    context.fillStyle = NOTHING;
    context.fillRect(0, 0, width, height);
  }

  #over({ canvas, context }: Surface, source: CanvasImageSource): void {
    context.globalCompositeOperation = "copy";
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "medium";
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
  }
}

function put(target: Surface, { width, height, data }: Pixels): void {
  fit(target, width, height);
  const pixels = target.context.createImageData(width, height);
  pixels.data.set(data);
  target.context.putImageData(pixels, 0, 0);
}
