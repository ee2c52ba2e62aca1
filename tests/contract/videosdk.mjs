// Make VideoSDK's own Node SDK use the sandbox's VideoSDK, call by call; the bot has no part in it.
//
// node videosdk.mjs <the SDK's index.mjs>, with the lines of `python -m bot sandbox --keys --v2` in
// the environment.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

const SDK = await import(pathToFileURL(process.argv[2]));
const { Grant, VideoSDK, WebhookVerificationError } = SDK;
const { VIDEOSDK_API_KEY: apiKey, VIDEOSDK_SECRET_KEY: secret } = process.env;
const { VIDEOSDK_API_ENDPOINT: apiEndpoint, VIDEOSDK_EMBED_URL: embedUrl } = process.env;
const PATIENCE = 5_000; // milliseconds; listings are late

const vsdk = new VideoSDK({ apiKey, secret, apiEndpoint, maxRetries: 0 });
const stranger = new VideoSDK({ apiKey, secret: "another secret", apiEndpoint, maxRetries: 0 });

let passed = 0;
let failed = 0;

/** Make one call, print whether it succeeded, and return what it gave. */
async function call(name, run) {
  try {
    const result = await run();
    passed += 1;
    console.log(`ok      ${name}`);
    return result;
  } catch (error) {
    failed += 1;
    console.log(`failed  ${name}: ${error.message.split("\n", 1)[0]}`);
    return undefined;
  }
}

/** Look again until something holds: what has just happened is not listed at once. */
async function eventually(look) {
  for (const end = Date.now() + PATIENCE; ; await sleep(50)) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

/** Let somebody in by the hosted page, with a token that the SDK makes. */
async function join(roomId, participantId, name) {
  const token = vsdk
    .accessToken()
    .setParticipant(participantId)
    .grant(Grant.AllowJoin)
    .forRoom(roomId)
    .expiresIn("15m")
    .toJwt();
  const query = { meetingId: roomId, participantId, token, joinScreenEnabled: "true" };
  const url = `${embedUrl}join?${new URLSearchParams(query)}`;
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams({ name }) });
  assert.equal(answer.status, 200);
  return token;
}

/** Receive webhooks as an application does: the raw body, and the signature beside it. */
async function receiver() {
  const received = [];
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    received.push([Buffer.concat(parts), request.headers["videosdk-signature"]]);
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { received, server, url: `http://127.0.0.1:${server.address().port}/` };
}

async function rooms(webhookUrl) {
  const webhook = { url: webhookUrl, events: ["session*", "participant-*"] };
  const options = { customRoomId: "contract", geoFence: "us001", webhook };
  const room = await call("rooms.create", async () => {
    const created = await vsdk.rooms.create(options);
    assert.match(created.roomId, /^[a-z0-9]{4}(-[a-z0-9]{4}){2}$/);
    assert.equal(created.webhook.endPoint, webhookUrl);
    return created;
  });
  const { roomId } = room;
  await call("rooms.create, the same customRoomId again", async () => {
    assert.equal((await vsdk.rooms.create(options)).roomId, roomId);
  });
  await call("rooms.create, without options", async () => {
    assert.equal((await vsdk.rooms.create()).disabled, false);
  });
  await call("rooms.get", async () => assert.equal((await vsdk.rooms.get("contract")).id, room.id));
  await call("rooms.validate", async () => {
    assert.deepEqual((await vsdk.rooms.validate("contract")).room, room);
  });
  await call("rooms.validate, unknown", async () => {
    assert.equal((await vsdk.rooms.validate("n0t0-y0ur-m33t")).valid, false);
  });
  await call("rooms.list, all pages", async () => {
    const ids = [];
    for await (const one of await vsdk.rooms.list({ perPage: 1 })) ids.push(one.roomId);
    assert.equal(ids.length, 2);
    assert.equal(ids[1], roomId);
  });
  await call("rooms.list, by id", async () => {
    assert.equal((await vsdk.rooms.list({ query: "contract" })).total, 1);
  });
  return roomId;
}

async function sessions(roomId) {
  const session = await call("sessions.list, ongoing", () =>
    eventually(async () => {
      const { data } = await vsdk.sessions.list({ roomId, status: "ongoing", perPage: 1 });
      assert.equal(data[0].participants.length, 3);
      return data[0];
    }),
  );
  await call("sessions.list, of the whole account", async () => {
    assert.equal((await vsdk.sessions.list()).data[0].id, session.id);
  });
  await call("sessions.list, by customRoomId, ended", async () => {
    const found = await vsdk.sessions.list({ customRoomId: "contract", status: "ended" });
    assert.equal(found.total, 0);
  });
  await call("sessions.get", async () => {
    const { customRoomId, status } = await vsdk.sessions.get(session.id);
    assert.deepEqual([customRoomId, status], ["contract", "ongoing"]);
  });
  await call("sessions.listParticipants, all pages", async () => {
    const names = [];
    const page = await vsdk.sessions.listParticipants(session.id, { perPage: 2 });
    for await (const one of page) names.push(one.name);
    assert.deepEqual(names, ["Ada", "Grace", "Joan"]);
  });
  await call("sessions.listActiveParticipants", async () => {
    assert.equal((await vsdk.sessions.listActiveParticipants(session.id)).data.length, 3);
  });
  await call("sessions.getParticipant", async () => {
    assert.equal((await vsdk.sessions.getParticipant(session.id, "ada")).name, "Ada");
  });
  return session.id;
}

async function participants(roomId, sessionId) {
  await call("participants.list", async () => {
    assert.equal((await vsdk.participants.list(roomId)).data.length, 3);
  });
  await call("participants.get", async () => {
    assert.equal((await vsdk.participants.get(roomId, "grace")).name, "Grace");
  });
  await call("participants.remove", async () => {
    assert.equal(typeof (await vsdk.participants.remove(roomId, "ada")), "string");
  });
  await call("sessions.removeParticipant", async () => {
    const options = { sessionId, participantId: "grace" };
    assert.equal(typeof (await vsdk.sessions.removeParticipant(options)), "string");
  });
  await call("participants.list, after two were removed", () =>
    eventually(async () => {
      const { data } = await vsdk.participants.list(roomId);
      assert.deepEqual(data.map((one) => one.name), ["Joan"]);
    }),
  );
}

async function transcriptions(roomId, sessionId, webhookUrl) {
  const { realtime } = vsdk.transcription;
  const options = { webhookUrl, language: "en-US", summary: { enabled: true, prompt: "Short" } };
  const started = await call("transcription.realtime.start", async () => {
    const job = await realtime.start(roomId, options);
    assert.deepEqual([job.status, job.roomId, job.webhookUrl], ["running", roomId, webhookUrl]);
    assert.equal(job.extension.extensionConfig.sessionId, sessionId);
    return job;
  });
  await call("transcription.realtime.start, of an unknown room", () =>
    assert.rejects(realtime.start("n0t0-y0ur-m33t", options), { httpStatus: 402 }),
  );
  await call("transcription.realtime.stop", async () => {
    assert.equal((await realtime.stop(started)).status, "completed");
  });
  await call("transcription.realtime.stop, stopped already", () =>
    assert.rejects(realtime.stop(roomId), { httpStatus: 406 }),
  );
  await call("transcription.realtime.list", () =>
    eventually(async () => {
      const { data } = await realtime.list();
      assert.deepEqual([data.length, data[0].id, data[0].roomId], [1, started.id, roomId]);
    }),
  );
  await call("transcription.realtime.get, with its files", () =>
    eventually(async () => {
      const job = await realtime.get(started.id);
      assert.equal((await fetch(job.transcriptionFilePaths.txt)).status, 200);
      assert.match(await (await fetch(job.summarizedFilePaths.txt)).text(), /Nothing was said/);
    }),
  );
}

async function ends(roomId, sessionId) {
  await call("sessions.end", async () => {
    assert.equal((await vsdk.sessions.end({ roomId, sessionId })).roomId, roomId);
  });
  await call("sessions.end, ended already", () =>
    assert.rejects(vsdk.sessions.end({ roomId }), { httpStatus: 406 }),
  );
  await call("sessions.end, ended already, ignoreClosed", async () => {
    const ended = await vsdk.sessions.end({ meetingId: roomId, ignoreClosed: true, force: true });
    assert.deepEqual([ended.id, ended.status], [sessionId, "ended"]);
  });
  await call("sessions.list, ended", () =>
    eventually(async () => {
      const { data } = await vsdk.sessions.list({ query: "contract", status: "ended" });
      assert.equal(data[0].id, sessionId);
    }),
  );
  await call("participants.list, nobody in", async () => {
    assert.deepEqual((await vsdk.participants.list(roomId)).data, []);
  });
  await call("rooms.end", async () => assert.equal((await vsdk.rooms.end(roomId)).disabled, true));
  await call("rooms.create, of a disabled room", async () => {
    const room = await vsdk.rooms.create({ customRoomId: "contract" });
    assert.deepEqual([room.roomId, room.disabled], [roomId, true]);
  });
}

async function webhooks(received) {
  await call("webhooks.getPublicKey", async () => {
    assert.match(await vsdk.webhooks.getPublicKey(), /^\n-----BEGIN RSA PUBLIC KEY-----\n/);
  });
  await call("webhooks.verify, every event", () =>
    eventually(async () => {
      const events = await Promise.all(received.map((one) => vsdk.webhooks.verify(...one)));
      const types = events.map((event) => event.type).sort();
      const joins = Array(3).fill("participant-joined");
      const exits = Array(3).fill("participant-left");
      const sessions = ["session-ended", "session-started"];
      const written = ["transcription-started", "transcription-stopped"];
      assert.deepEqual(types, [...joins, ...exits, ...sessions, ...written]);
      const { data } = events.find((event) => event.type === "session-ended");
      assert.ok(data.meetingId && data.sessionId && data.start && data.end && data.reason);
    }),
  );
  await call("webhooks.verifySync", async () => {
    const key = await vsdk.webhooks.getPublicKey();
    assert.ok(vsdk.webhooks.verifySync(...received[0], key).type);
  });
  await call("webhooks.verify, an altered event", () => {
    const [body, signature] = received[0];
    const altered = Buffer.concat([body, Buffer.from(" ")]);
    return assert.rejects(vsdk.webhooks.verify(altered, signature), WebhookVerificationError);
  });
}

async function tokens(roomId, participantToken) {
  await call("verifyToken, a participant's", () => {
    assert.equal(vsdk.verifyToken(participantToken).roomId, roomId);
  });
  await call("rooms.get, with a participant's token", () => {
    const participant = new VideoSDK({ token: participantToken, apiEndpoint, maxRetries: 0 });
    return assert.rejects(participant.rooms.get(roomId), { httpStatus: 403 });
  });
  await call("rooms.get, with another secret", () =>
    assert.rejects(stranger.rooms.get(roomId), { httpStatus: 401 }),
  );
}

// Recordings belong here, in a function like these, once the sandbox has them.
const { received, server, url } = await receiver();
try {
  const roomId = await rooms(url);
  const token = await join(roomId, "ada", "Ada");
  await join(roomId, "grace", "Grace");
  await join(roomId, "joan", "Joan");
  const sessionId = await sessions(roomId);
  await tokens(roomId, token);
  await participants(roomId, sessionId);
  await transcriptions(roomId, sessionId, url);
  await ends(roomId, sessionId);
  await webhooks(received);
} catch (error) {
  failed += 1;
  console.log(`failed  ${error.stack}`);
} finally {
  server.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
