/** Two soft notes, a fifth apart; quiet enough for a consultation that goes on meanwhile. */
const NOTES_HZ = [587.33, 880];
const NOTE_S = 0.16;
const LOUDNESS = 0.08;

/** Returns how to say softly that somebody knocks. Before the first click on the page the browser keeps it silent; then it is only seen. */
export function chime(): () => void {
  let context: AudioContext | null = null;
  return () => {
    context ??= new AudioContext();
    // Refused without a click: that is no problem to report, the notice is on the page too.
    context.resume().catch(() => undefined);
    if (context.state !== "running") return;
    for (const [index, frequency] of NOTES_HZ.entries()) {
      const start = context.currentTime + index * NOTE_S;
      const note = new OscillatorNode(context, { frequency, type: "sine" });
      const volume = new GainNode(context, { gain: 0 });
      volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + NOTE_S * 2);
      note.connect(volume).connect(context.destination);
      note.start(start);
      note.stop(start + NOTE_S * 2);
    }
  };
}
