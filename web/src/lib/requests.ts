/** How a page talks to the server: one function that sends, waits, tries again and says what went wrong. */

/** What the server turned down, as a sentence for the person. */
export class ApiError extends Error {
  /**
   * @param status - HTTP status; 0 where no answer came at all.
   * @param code - One word to go by, such as `paused`.
   * @param message - One sentence for the person.
   * @param details - Further facts, such as `seconds_to_wait`.
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export type Verb = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Asking {
  /** Sent as JSON. */
  body?: unknown;
  /** Whether asking twice does no more than asking once; GET, PUT and DELETE always do. */
  repeatable?: boolean;
  /** Lets the request outlive the page: for what is sent while it closes. */
  keepalive?: boolean;
  signal?: AbortSignal;
}

/** Whether the last request got through; `waiting` counts those that are tried again. */
export interface Connection {
  online: boolean;
  waiting: number;
}

export type Fetch = typeof fetch;

export interface ClientOptions {
  /** What stands before each path. */
  base?: string;
  fetch?: Fetch;
  /** The cookies of the page. */
  cookies?: () => string;
  /** Milliseconds before each further try; as many tries as there are waits, and one. */
  waits?: readonly number[];
  /** Resolves after some milliseconds, or sooner when the network is back. */
  pause?: (milliseconds: number) => Promise<void>;
}

const WAITS = [400, 1000, 2000, 4000, 8000, 15000] as const;
const SAFE: ReadonlySet<Verb> = new Set(["GET"]);
const REPEATABLE: ReadonlySet<Verb> = new Set(["GET", "PUT", "DELETE"]);
/** A proxy speaks these while the server behind it restarts. */
const PASSING: ReadonlySet<number> = new Set([502, 503, 504]);

/** The value of a cookie, or an empty string. */
export function cookie(cookies: string, name: string): string {
  const found = cookies.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/** Waits, but not longer than until the browser says that the network is back. */
function pauseUntilOnline(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      globalThis.removeEventListener?.("online", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    globalThis.addEventListener?.("online", done);
  });
}

/** Sends requests; holds the token of a frame, which has no cookies, and the state of the connection. */
export class Client {
  private token = "";
  private waiting = 0;
  private online = true;
  private readonly listeners = new Set<(connection: Connection) => void>();
  private readonly base: string;
  private readonly fetch: Fetch;
  private readonly cookies: () => string;
  private readonly waits: readonly number[];
  private readonly pause: (milliseconds: number) => Promise<void>;

  constructor(options: ClientOptions = {}) {
    this.base = options.base ?? "/api";
    this.fetch = options.fetch ?? ((...given) => fetch(...given));
    this.cookies = options.cookies ?? (() => document.cookie);
    this.waits = options.waits ?? WAITS;
    this.pause = options.pause ?? pauseUntilOnline;
  }

  /** From here on requests carry this token and no cookies, as a page in another site's frame must. */
  useToken(token: string): void {
    this.token = token;
  }

  /** Calls the listener now and on each change; returns what ends that. */
  onConnection(listener: (connection: Connection) => void): () => void {
    this.listeners.add(listener);
    listener({ online: this.online, waiting: this.waiting });
    return () => this.listeners.delete(listener);
  }

  /**
   * Returns what the server answered.
   *
   * A request that did not get through is tried again with growing waits where that is harmless.
   *
   * @throws ApiError - the server turned it down, or could not be reached.
   */
  async ask<T>(verb: Verb, path: string, asking: Asking = {}): Promise<T> {
    const tries = (asking.repeatable ?? REPEATABLE.has(verb)) ? this.waits.length + 1 : 1;
    let counted = false;
    try {
      for (let attempt = 1; ; attempt += 1) {
        const response = await this.once(verb, path, asking);
        if (response) {
          this.tell(true);
          return await this.read<T>(response);
        }
        if (attempt >= tries) throw unreachable();
        if (!counted) this.waiting += 1;
        counted = true;
        this.tell(false);
        await this.pause(this.waits[attempt - 1] ?? 0);
      }
    } finally {
      if (counted) this.waiting -= 1;
      if (counted) this.tell(this.online);
    }
  }

  /** The response, or null where the request did not get through. */
  private async once(verb: Verb, path: string, asking: Asking): Promise<Response | null> {
    if (!SAFE.has(verb) && !this.token && !this.crossSiteToken()) await this.seekCookie();
    try {
      let response = await this.fetch(this.base + path, this.options(verb, asking));
      if (await isStaleCookie(response)) {
        await this.seekCookie();
        response = await this.fetch(this.base + path, this.options(verb, asking));
      }
      return PASSING.has(response.status) ? null : response;
    } catch (fault) {
      if (asking.signal?.aborted) throw fault;
      this.tell(false);
      return null;
    }
  }

  private options(verb: Verb, asking: Asking): RequestInit {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (asking.body !== undefined) headers["Content-Type"] = "application/json";
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    else if (!SAFE.has(verb)) headers["X-CSRF-Token"] = this.crossSiteToken();
    return {
      method: verb,
      headers,
      body: asking.body === undefined ? undefined : JSON.stringify(asking.body),
      credentials: this.token ? "omit" : "same-origin",
      keepalive: asking.keepalive,
      signal: asking.signal,
    };
  }

  private crossSiteToken(): string {
    return cookie(this.cookies(), "netgloss_csrf");
  }

  /** The first request of a page that has no cookie yet: asking who one is sets it. */
  private async seekCookie(): Promise<void> {
    try {
      await this.fetch(`${this.base}/me`, { credentials: "same-origin" });
    } catch {
      // The request itself will find out that the server is away.
    }
  }

  private async read<T>(response: Response): Promise<T> {
    const text = await response.text();
    if (response.ok && !text) return undefined as T;
    const body = parsed(text);
    if (response.ok && body !== undefined) return body as T;
    throw refusal(response.status, body);
  }

  private tell(online: boolean): void {
    this.online = online;
    for (const listener of this.listeners) listener({ online, waiting: this.waiting });
  }
}

/** The JSON value; undefined where the text is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether the request was refused, and nothing done, only because the page's cookie had ended. */
async function isStaleCookie(response: Response): Promise<boolean> {
  if (response.status !== 403) return false;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return (body as { error?: { code?: unknown } } | null)?.error?.code === "csrf";
}

function unreachable(): ApiError {
  return new ApiError(0, "offline", "The server cannot be reached; please check the connection.");
}

function refusal(status: number, body: unknown): ApiError {
  const error = (body as { error?: Record<string, unknown> } | null | undefined)?.error;
  if (typeof error?.message !== "string")
    return new ApiError(
      status,
      "unreadable",
      `The server could not do this (it said ${status}); please load the page again.`,
    );
  const { code, message, ...details } = error;
  return new ApiError(status, String(code), message as string, details);
}

/** A sentence for the person, whatever was thrown. */
export function sentence(fault: unknown): string {
  if (fault instanceof ApiError) return fault.message;
  return "Something went wrong on this page; please load it again.";
}
