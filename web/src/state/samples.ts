// What the call channel may tell, for tests: each says only what it is about.
import type { Member, Welcome } from "./channel";

/** When all of it happens. */
export const NOW = Date.UTC(2026, 0, 1);

export const memberSample = (userId: string, more: Partial<Member> = {}): Member => ({
  userId,
  name: userId.toUpperCase(),
  admin: false,
  stage: "in",
  since: null,
  awaySince: null,
  handRaisedAt: null,
  check: null,
  quality: "unknown",
  ...more,
});

export const welcomeSample = (more: Partial<Welcome> = {}): Welcome => ({
  you: "me",
  stage: "in",
  serverTime: NOW,
  room: "room_1",
  waitingRoom: true,
  hostsPresent: true,
  people: [],
  names: [],
  chat: { messages: [], more: false },
  presented: null,
  files: [],
  boards: [],
  ...more,
});
