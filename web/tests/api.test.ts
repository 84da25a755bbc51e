import { afterEach, expect, test, vi } from "vitest";
import { ApiError, api, pages, parseProblem } from "../src/api";
import { lang } from "../src/i18n";
import { stem } from "../src/uploads";

afterEach(() => {
  vi.unstubAllGlobals();
  lang.value = "zh-CN";
});

const PROBLEM = {
  title: "Not an IFC file",
  detail: "这不是 IFC 文件。",
  detail_en: "This is not an IFC file.",
  code: "IFC101",
  remedy: "请上传 .ifc。",
  remedy_en: "Upload .ifc.",
};

test("a refusal speaks both languages and has its code and remedy", async () => {
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(PROBLEM), { status: 415 }));
  const error = await api.post("/x").catch((e: unknown) => e);

  expect(error).toBeInstanceOf(ApiError);
  const refusal = error as ApiError;
  expect([refusal.status, refusal.code]).toEqual([415, "IFC101"]);
  expect([refusal.text, refusal.remedy]).toEqual(["这不是 IFC 文件。", "请上传 .ifc。"]);
  lang.value = "en";
  expect([refusal.text, refusal.remedy]).toEqual(["This is not an IFC file.", "Upload .ifc."]);
});

test("an answer that is no problem document is still a refusal", async () => {
  vi.stubGlobal("fetch", async () => new Response("<html>Bad gateway</html>", { status: 502 }));
  const error = (await api.get("/x").catch((e: unknown) => e)) as ApiError;
  expect([error.status, error.code]).toEqual([502, "HTTP 502"]);
});

test("silence of the network is status 0", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  const error = (await api.get("/x").catch((e: unknown) => e)) as ApiError;
  expect([error.status, error.text]).toEqual([0, "网络不通，未能连接到服务。"]);
});

test("changes carry the header that other sites cannot send, reads do not", async () => {
  const sent: [string, string | null][] = [];
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    sent.push([init.method ?? "", new Headers(init.headers).get("X-Yuyan-Request")]);
    return new Response("{}", { status: 200 });
  });
  await api.get("/x");
  await api.patch("/x", {}, '"1"');
  expect(sent).toEqual([
    ["GET", null],
    ["PATCH", "1"],
  ]);
});

test("all pages of a list are read, in order", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    const last = path.includes("cursor");
    const page = last ? { items: [3], next: null } : { items: [1, 2], next: "a/b" };
    return new Response(JSON.stringify(page), { status: 200 });
  });
  expect(await pages<number>("/x?limit=2")).toEqual([1, 2, 3]);
  expect(asked).toEqual(["/api/v1/x?limit=2", "/api/v1/x?limit=2&cursor=a%2Fb"]);
});

test("text that is no JSON object is an empty problem", () => {
  expect([parseProblem("no"), parseProblem("null"), parseProblem('{"a":1}')]).toEqual([
    {},
    {},
    { a: 1 },
  ]);
});

test("a model is named by its file without the ending", () => {
  expect([stem("结构.v2.ifc"), stem("plan"), stem(".ifc")]).toEqual(["结构.v2", "plan", ".ifc"]);
});
