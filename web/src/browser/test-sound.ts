/** Three tones that rise, each so long, in seconds; quiet at both ends, so that nothing clicks. */
const TONES_HZ = [440, 554, 659];
const TONE_S = 0.35;
const RATE_HZ = 24_000;
const LOUDNESS = 0.35;

/**
 * Plays the test sound, on the chosen speaker where the browser lets pages choose. To be called inside a click. Returns whether the browser
 * played it; whether it was heard only the person knows.
 */
export async function playTestSound(speaker: string | null): Promise<boolean> {
  const address = URL.createObjectURL(new Blob([wave()], { type: "audio/wav" }));
  const player = new Audio(address);
  try {
    if (speaker !== null && "setSinkId" in player) await player.setSinkId(speaker).catch(() => undefined);
    await player.play();
    await new Promise((resolve) => {
      player.addEventListener("ended", resolve, { once: true });
      player.addEventListener("error", resolve, { once: true });
    });
    return player.error === null;
  } catch {
    return false;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** The sound as a WAVE file of one channel with 16 bits (RFC 2361). */
function wave(): ArrayBuffer {
  const samples = Math.round(TONE_S * RATE_HZ) * TONES_HZ.length;
  const view = new DataView(new ArrayBuffer(44 + samples * 2));
  const text = (at: number, word: string): void => {
    for (let index = 0; index < word.length; index += 1) view.setUint8(at + index, word.charCodeAt(index));
  };
  text(0, "RIFF");
  view.setUint32(4, 36 + samples * 2, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE_HZ, true);
  view.setUint32(28, RATE_HZ * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, samples * 2, true);
  const perTone = samples / TONES_HZ.length;
  for (let index = 0; index < samples; index += 1) {
    const tone = TONES_HZ[Math.floor(index / perTone)] ?? 440;
    const within = (index % perTone) / perTone;
    const swell = Math.sin(Math.PI * within);
    view.setInt16(44 + index * 2, Math.round(Math.sin((2 * Math.PI * tone * index) / RATE_HZ) * swell * LOUDNESS * 0x7fff), true);
  }
  return view.buffer;
}
