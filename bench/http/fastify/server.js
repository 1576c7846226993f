// The server that ours is compared with: POST and GET /teleconsultation as a Fastify service over SQLite would have them, with the
// same durability (a commit is on disk before it is answered) and nothing else: no video provider, no rooms, no retries.
import { randomBytes } from "node:crypto";

import Database from "better-sqlite3";
import Fastify from "fastify";

const database = new Database(process.env.DATABASE);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.exec(`CREATE TABLE teleconsultations (
  id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, state TEXT NOT NULL,
  start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, document TEXT NOT NULL) STRICT`);
const insert = database.prepare("INSERT INTO teleconsultations VALUES (?, 1, 'ready', ?, ?, ?)");
const select = database.prepare("SELECT document FROM teleconsultations WHERE id = ? AND state <> 'trashed'");

const text = { type: "string" };
const person = {
  type: "object",
  required: ["userId", "groups", "fullName"],
  properties: { userId: text, groups: { type: "array", items: text }, fullName: text, language: text },
};
const creation = {
  type: "object",
  required: ["start_date", "duration_in_seconds", "participants"],
  properties: {
    start_date: { type: "string", format: "date-time" },
    duration_in_seconds: { type: "integer", minimum: 300 },
    participants: {
      type: "object",
      required: ["number", "data"],
      properties: { number: { type: "integer", minimum: 2 }, data: { type: "array", maxItems: 25, items: person } },
    },
  },
};
const created = { type: "object", properties: { roomId: text } };
const view = {
  type: "object",
  properties: {
    bandyerUserId: text,
    accessLinkURL: { type: ["string", "null"] },
    participantsBandyerCall: {
      type: "array",
      items: { type: "object", properties: { bandyerUserId: text, fullName: text } },
    },
  },
};

const server = Fastify();

server.post("/teleconsultation", { schema: { body: creation, response: { 201: created } } }, (request, reply) => {
  const { start_date, duration_in_seconds, participants } = request.body;
  const start = Date.parse(start_date);
  const id = Math.floor(Date.now() / 1000).toString(16).padStart(8, "0") + randomBytes(8).toString("hex");
  const people = participants.data.map(({ userId, groups, fullName, language }) => ({
    id: userId,
    provider_user: `usr_${randomBytes(16).toString("hex")}`,
    role: groups.includes("doctor") ? "plus" : "basic",
    groups,
    full_name: fullName,
    language,
    access_link: `http://localhost:3000/call/${randomBytes(32).toString("base64url")}`,
  }));
  const room = { key: randomBytes(16).toString("hex"), room: `room_${randomBytes(12).toString("hex")}` };
  const document = {
    start: start_date,
    length: { for: [duration_in_seconds, 0] },
    stage: { ready: room },
    expected: participants.number,
    participants: people,
  };
  insert.run(id, start, start + duration_in_seconds * 1000, JSON.stringify(document));
  reply.code(201).send({ roomId: id });
});

server.get("/teleconsultation/:id", { schema: { response: { 200: view } } }, (request, reply) => {
  const row = select.get(request.params.id);
  if (!row) return reply.code(404).send({ error: `Room with id ${request.params.id} not found on CRUD` });
  const { participants } = JSON.parse(row.document);
  const caller = request.headers.miauserid;
  const self = participants.find((participant) => participant.id === caller);
  if (!self) return reply.code(401).send({ error: "Unauthorized user" });
  reply.send({
    bandyerUserId: self.provider_user,
    accessLinkURL: self.access_link,
    participantsBandyerCall: participants
      .filter((participant) => participant !== self)
      .map((participant) => ({ bandyerUserId: participant.provider_user, fullName: participant.full_name })),
  });
});

server.get("/-/ready", () => ({ status: "OK" }));

await server.listen({ host: "127.0.0.1", port: Number(process.env.HTTP_PORT) });
