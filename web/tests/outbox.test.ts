import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Outbox, parseWaiting } from "../src/outbox";

const COMMENT = { kind: "comment", issue: "i1", text: "已到现场" } as const;
let box: Outbox;
let told: string[];

/** A service that answers each request with the next of `answers`; null is no network. */
function service(...answers: (Response | null)[]) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push(`${init.method} ${path.replace("/api/v1/projects/p1/issues/", "")}`);
    const answer = answers.shift();
    if (!answer) throw new TypeError("no network");
    return answer;
  });
  return asked;
}

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

beforeEach(() => {
  localStorage.clear();
  told = [];
  box = new Outbox("p1", async (issue) => told.push(issue));
});
afterEach(() => {
  box.close();
  vi.unstubAllGlobals();
});

test("a comment waits while there is no network and survives a reload", async () => {
  service(null);
  box.add(COMMENT);
  await box.flush();

  expect(box.waiting.value.map((w) => w.kind)).toEqual(["comment"]);
  const again = new Outbox("p1", async () => {});
  expect(again.waiting.value).toEqual(box.waiting.value);
  again.close();
});

test("it is sent once the network is back, and the list is told", async () => {
  const asked = service(json(200, { items: [] }), json(201, {}));
  box.add(COMMENT);
  await box.flush();

  expect(asked).toEqual(["GET i1/comments", "POST i1/comments"]);
  expect([box.waiting.value, told]).toEqual([[], ["i1"]]);
});

test("a comment that arrived although its answer was lost is not sent twice", async () => {
  const there = { id: "c", author: "a", text: "已到现场", created: new Date().toISOString() };
  const asked = service(json(200, { items: [there] }));
  box.add(COMMENT);
  await box.flush();

  expect(asked).toEqual(["GET i1/comments"]);
  expect(box.waiting.value).toEqual([]);
});

test("a change that someone else overtook stays with its reason and is not forced", async () => {
  const asked = service(json(412, { code: "SRV912", detail: "内容已被他人修改。" }));
  box.add({ kind: "change", issue: "i1", version: 3, change: { status: "resolved" } });
  await box.flush();
  await box.flush();

  expect(asked).toEqual(["PATCH i1"]);
  expect(box.waiting.value.map((w) => Boolean(w.refused))).toEqual([true]);
});

test("what is unreadable on the device counts as nothing", () => {
  expect([parseWaiting(null), parseWaiting("{"), parseWaiting('{"a":1}')]).toEqual([[], [], []]);
});
