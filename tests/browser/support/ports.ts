import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** The system gives ports from 32768 on to connections, which could take one while the program is killed and started again. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Three different ports that are free, and that no connection takes by itself. */
export async function freePorts(): Promise<[number, number, number]> {
  const first = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
  const held: Server[] = [];
  const ports: number[] = [];
  for (let port = first; ports.length < 3; port = port < HIGHEST ? port + 1 : LOWEST) {
    const server = await hold(port);
    if (server === null) continue;
    held.push(server);
    ports.push(port);
  }
  for (const server of held) {
    server.close();
    await once(server, "close");
  }
  const [http, udp, tcp] = ports;
  if (http === undefined || udp === undefined || tcp === undefined) throw new Error("three ports were held");
  return [http, udp, tcp];
}

async function hold(port: number): Promise<Server | null> {
  const server = createServer();
  const listening = once(server, "listening");
  server.listen(port, "127.0.0.1");
  try {
    await listening;
    return server;
  } catch {
    return null;
  }
}
