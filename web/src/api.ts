/** Requests to the service and the problems it answers with. */
import { lang, t } from "./i18n";

const BASE = "/api/v1";

/** A refusal by the service, or silence of the network (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  private readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    super(String(body.detail ?? body.title ?? status));
    this.status = status;
    this.code = typeof body.code === "string" && body.code ? body.code : `HTTP ${status}`;
    this.body = body;
  }

  /** What went wrong, in the language of the screen. */
  get text(): string {
    if (this.status === 0) return t("error.network");
    return this.worded("detail") || this.worded("title") || t("error.unknown");
  }

  /** What the reader can do about it; may be empty. */
  get remedy(): string {
    return this.status === 0 ? t("error.network.remedy") : this.worded("remedy");
  }

  private worded(field: string): string {
    const local = this.body[lang.value === "en" ? `${field}_en` : `${field}_zh`];
    return String(local ?? this.body[field] ?? "");
  }
}

export interface Reply<T> {
  data: T;
  etag: string;
}

interface Options {
  body?: unknown;
  etag?: string;
  signal?: AbortSignal;
}

/** Who wants to know that the session ended. */
let onUnauthorized: () => void = () => {};
export function whenUnauthorized(callback: () => void): void {
  onUnauthorized = callback;
}

export function url(path: string): string {
  return BASE + path;
}

async function send<T>(method: string, path: string, options: Options): Promise<Reply<T>> {
  const headers: Record<string, string> = {
    Accept: "application/json",
    "Accept-Language": lang.value,
  };
  if (method !== "GET") headers["X-Yuyan-Request"] = "1";
  if (options.etag) headers["If-Match"] = options.etag;
  let body: BodyInit | undefined;
  if (options.body instanceof FormData || options.body instanceof Blob) body = options.body;
  else if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(options.body);
  }
  let response: Response;
  try {
    response = await fetch(url(path), { method, headers, body, signal: options.signal ?? null });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, { detail: String(error) });
  }
  if (response.status === 401 && !path.startsWith("/auth/")) onUnauthorized();
  if (!response.ok) throw new ApiError(response.status, await problemOf(response));
  const text = await response.text();
  return {
    data: (text ? JSON.parse(text) : undefined) as T,
    etag: response.headers.get("ETag") ?? "",
  };
}

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  return parseProblem(await response.text());
}

/** The problem document of an answer; an answer of a proxy in between may be anything. */
export function parseProblem(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

export const api = {
  get: <T>(path: string, signal?: AbortSignal) =>
    send<T>("GET", path, signal ? { signal } : {}).then((r) => r.data),
  read: <T>(path: string) => send<T>("GET", path, {}),
  post: <T>(path: string, body?: unknown) => send<T>("POST", path, { body }).then((r) => r.data),
  put: <T>(path: string, body: unknown, etag = "") =>
    send<T>("PUT", path, { body, etag }).then((r) => r.data),
  /** A file as the raw body. */
  putFile: <T>(path: string, file: Blob) =>
    send<T>("PUT", path, { body: file }).then((r) => r.data),
  patch: <T>(path: string, body: unknown, etag = "") => send<T>("PATCH", path, { body, etag }),
  delete: (path: string) => send<void>("DELETE", path, {}).then(() => undefined),
};

/** Every page of a keyset-paged list; `onPage` sees what has arrived so far. */
export async function pages<T>(
  path: string,
  onPage: (items: T[], total: number) => void = () => {},
  signal?: AbortSignal,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const join = path.includes("?") ? "&" : "?";
    const next: string = cursor ? `${path}${join}cursor=${encodeURIComponent(cursor)}` : path;
    const page: { items: T[]; next?: string | null; total?: number } = await api.get(next, signal);
    items.push(...page.items);
    cursor = page.next ?? null;
    onPage(items, page.total ?? items.length);
  } while (cursor);
  return items;
}

export interface Sending {
  /** The id of the revision, where the file became one. */
  done: Promise<string>;
  cancel: () => void;
}

/** How a transfer goes: bytes that have gone out, or that the line is down for now. */
export interface Report {
  progress: (sent: number) => void;
  stalled: () => void;
}

/** Send a form with a file and tell how far it got; `fetch` cannot tell that. */
export function sendForm(path: string, form: FormData, report: Report): Sending {
  const request = new XMLHttpRequest();
  const done = new Promise<string>((resolve, reject) => {
    request.open("POST", url(path));
    request.setRequestHeader("X-Yuyan-Request", "1");
    request.setRequestHeader("Accept-Language", lang.value);
    request.upload.onprogress = (e) => report.progress(e.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve("");
      else reject(refusedBy(request.status, request.responseText));
    };
    request.onerror = () => reject(new ApiError(0, {}));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
}

function refusedBy(status: number, text: string): ApiError {
  if (status === 401) onUnauthorized();
  return new ApiError(status, parseProblem(text));
}

/** Waits between attempts in ms: eight minutes without a byte, then a person is asked. */
const PATIENCE = [500, 1000, 2000, 4000, 8000, ...new Array<number>(31).fill(15_000)];

/** Send a file so that it goes on where it broke off, even after the page was closed. */
export function sendResumable(
  path: string,
  file: File,
  metadata: Record<string, string>,
  report: Report,
): Sending {
  let cancel = () => {};
  const done = new Promise<string>((resolve, reject) => {
    import("tus-js-client").then(async ({ Upload }) => {
      const upload = new Upload(file, {
        endpoint: url(path),
        metadata,
        headers: { "X-Yuyan-Request": "1", "Accept-Language": lang.value },
        retryDelays: PATIENCE,
        removeFingerprintOnSuccess: true,
        onProgress: (sent) => report.progress(sent),
        onShouldRetry: (error) => {
          const status = error.originalResponse?.getStatus() ?? 0;
          const again = status < 400 || status >= 500 || [409, 423, 429].includes(status);
          if (again) report.stalled();
          return again;
        },
        onSuccess: ({ lastResponse }) => resolve(lastResponse.getHeader("X-Yuyan-Revision") ?? ""),
        onError: (error) => {
          const answer = "originalResponse" in error ? error.originalResponse : null;
          reject(refusedBy(answer?.getStatus() ?? 0, answer?.getBody() ?? ""));
        },
      });
      cancel = () => {
        upload.abort(true).catch(() => {}); // what is left on the server expires by itself
        reject(new DOMException("cancelled", "AbortError"));
      };
      const [previous] = await upload.findPreviousUploads();
      if (previous) upload.resumeFromPreviousUpload(previous);
      upload.start();
    }, reject);
  });
  return { done, cancel: () => cancel() };
}
