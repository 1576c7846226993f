// The browser's speech recognition, on this device only: what is said in a consultation goes to no service.

/** The parts of the Web Speech API that are used (webaudio.github.io/web-speech-api), which no compiler knows yet with `processLocally`. */
interface Recognition extends EventTarget {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  processLocally: boolean;
  start(track?: MediaStreamTrack): void;
  abort(): void;
}

interface RecognitionClass {
  new (): Recognition;
  available?(options: { readonly langs: readonly string[]; readonly processLocally: boolean }): Promise<string>;
  install?(options: { readonly langs: readonly string[]; readonly processLocally: boolean }): Promise<boolean>;
}

declare global {
  interface Window {
    SpeechRecognition?: RecognitionClass;
  }
}

interface ResultEvent extends Event {
  readonly resultIndex: number;
  readonly results: ArrayLike<ArrayLike<{ readonly transcript: string }> & { readonly isFinal: boolean }>;
}

function isResult(event: Event): event is ResultEvent {
  return "results" in event && "resultIndex" in event;
}

/** After an end that nobody asked for it begins again, not faster than this. */
const AGAIN_MS = 1_000;

/** Whether what is said in this language can be written down without leaving the device. A browser that does not say so does not do so. */
export async function canTranscribe(language: string): Promise<boolean> {
  const found = window.SpeechRecognition;
  if (found?.available === undefined || !("processLocally" in found.prototype)) return false;
  try {
    const state = await found.available({ langs: [language], processLocally: true });
    return state === "available" || (state !== "unavailable" && found.install !== undefined);
  } catch {
    return false;
  }
}

/** Writes down what is said into the own microphone. Returns how to stop. */
export function transcribe(
  language: string,
  said: (text: string, final: boolean) => void,
  failed: () => void,
): () => void {
  let stopped = false;
  let recognition: Recognition | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = async (): Promise<void> => {
    const found = window.SpeechRecognition;
    try {
      const state = await found?.available?.({ langs: [language], processLocally: true });
      if (state !== "available" && (await found?.install?.({ langs: [language], processLocally: true })) !== true) throw new Error("no language pack");
      if (stopped || found === undefined) return;
      recognition = new found();
      recognition.lang = language;
      recognition.continuous = true;
      recognition.interimResults = true;
      recognition.processLocally = true;
      recognition.addEventListener("result", (event) => {
        if (!isResult(event)) return;
        for (let index = event.resultIndex; index < event.results.length; index += 1) {
          const result = event.results[index];
          const text = result?.[0]?.transcript ?? "";
          if (result !== undefined) said(text, result.isFinal);
        }
      });
      recognition.addEventListener("end", () => {
        if (stopped) return;
        timer = setTimeout(() => {
          void begin();
        }, AGAIN_MS);
      });
      recognition.start();
    } catch {
      if (!stopped) failed();
    }
  };
  void begin();
  return () => {
    stopped = true;
    clearTimeout(timer);
    recognition?.abort();
  };
}
