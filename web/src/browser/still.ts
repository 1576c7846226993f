/** As JPEG: a still of a camera is a photograph. */
const MEDIA_TYPE = "image/jpeg";
const QUALITY = 0.92;
/** A camera that has not given a picture by then does not give one. */
const FRAME_WITHIN_MS = 5_000;
const PHOTO_WITHIN_MS = 8_000;

interface PhotoTaker {
  takePhoto: () => Promise<Blob>;
}

/** Takes a photograph at the camera's full resolution. Null: the browser or the camera gives none. */
export async function photoOf(track: MediaStreamTrack): Promise<Blob | null> {
  // Not in Firefox, and in Safari only lately; cameras may refuse too.
  if (!("ImageCapture" in window) || track.readyState !== "live") return null;
  try {
    const Taker: new (track: MediaStreamTrack) => PhotoTaker = ImageCapture;
    return await within(PHOTO_WITHIN_MS, new Taker(track).takePhoto());
  } catch {
    return null;
  }
}

/** Takes a frame of a picture as it is. */
export async function frameOf(track: MediaStreamTrack): Promise<Blob | null> {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  try {
    await within(FRAME_WITHIN_MS, shown(video));
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d")?.drawImage(video, 0, 0);
    return await new Promise((resolve) => {
      canvas.toBlob(resolve, MEDIA_TYPE, QUALITY);
    });
  } catch {
    return null;
  } finally {
    video.srcObject = null;
  }
}

async function shown(video: HTMLVideoElement): Promise<void> {
  await video.play();
  if (video.videoWidth > 0 && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) return;
  await new Promise((resolve) => {
    video.addEventListener("loadeddata", resolve, { once: true });
  });
}

async function within<T>(ms: number, wish: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error("not in time"));
    }, ms);
  });
  try {
    return await Promise.race([wish, late]);
  } finally {
    clearTimeout(timer);
  }
}
