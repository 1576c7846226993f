const WIDTH = 640;
const HEIGHT = 360;
const FRAME_MS = 66;
const BLOCK = 20;

/**
 * Makes up a moving picture, in place of the person's own: what is checked is the line, and nobody's face is needed for that. Returns null
 * where the browser cannot send what is drawn.
 */
export function testPicture(): { readonly track: MediaStreamTrack; readonly end: () => void } | null {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext("2d");
  if (context === null || !("captureStream" in canvas)) return null;
  let frame = 0;
  const draw = (): void => {
    frame += 1;
    // Changes enough from one frame to the next that the encoder has something to send.
    for (let x = 0; x < WIDTH; x += BLOCK) {
      for (let y = 0; y < HEIGHT; y += BLOCK) {
        context.fillStyle = `hsl(${(x * 7 + y * 13 + frame * 29) % 360} 60% ${30 + ((x * y + frame * 17) % 40)}%)`;
        context.fillRect(x, y, BLOCK, BLOCK);
      }
    }
  };
  draw();
  const track = canvas.captureStream(15).getVideoTracks()[0];
  if (track === undefined) return null;
  const timer = setInterval(draw, FRAME_MS);
  return {
    track,
    end: () => {
      clearInterval(timer);
      track.stop();
    },
  };
}
