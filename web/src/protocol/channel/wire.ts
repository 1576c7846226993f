/** One connection, as the channel needs it. */
export interface Wire {
  readonly send: (text: string) => void;
  /** Nothing is heard of it after that. Safe at any time. */
  readonly close: () => void;
}

export interface Hears {
  readonly opened: () => void;
  readonly received: (text: string) => void;
  /** The last that is heard. */
  readonly closed: (code: number) => void;
}

export type OpenWire = (url: string, hears: Hears) => Wire;

/** Opens a WebSocket of the browser. */
export const openWebSocket: OpenWire = (url, hears) => {
  const socket = new WebSocket(url);
  let silent = false;
  socket.onopen = () => {
    if (!silent) hears.opened();
  };
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (!silent && typeof data === "string") hears.received(data);
  };
  socket.onclose = ({ code }) => {
    if (!silent) hears.closed(code);
  };
  return {
    send: (text) => {
      // A socket that is closing says so by `onclose`.
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => {
      silent = true;
      socket.close(1000);
    },
  };
};
