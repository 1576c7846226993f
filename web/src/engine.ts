import { LogLevel, setLogLevel } from "livekit-client";

/*
 * What captures, checks and connects. It stands on livekit-client, which is most of the page's bytes: so it is a part of its own, loaded
 * while the person sees the page already.
 */
export { CallConnection } from "./protocol/call-connection";
export { NetworkCheck } from "./protocol/network-check";
export { Preview } from "./protocol/preview";

// Below this the library writes names and ids to the console.
setLogLevel(LogLevel.warn);
