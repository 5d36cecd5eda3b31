/** What an EventSource may be told besides what a browser's is. */
export interface EventSourceOptions {
  /** Sends cookies to other origins too. */
  withCredentials?: boolean;
  /** Fields of the request, such as Authorization. */
  headers?: HeadersInit;
  /** "GET" by default. Any other is sent once, and the source is closed when its stream ends. */
  method?: string;
  body?: string | Uint8Array;
  /** The id of the event behind which to begin. */
  lastEventId?: string;
  /** Whether to try again where the server refuses, after its Retry-After and longer each time. */
  reopensAfterRefusal?: boolean;
  /** Milliseconds without a byte after which the connection is made anew; by default none are too many. */
  silentAfter?: number;
  /** Milliseconds that an attempt may go without an answer: 30,000 by default. */
  answerWithin?: number;
}

export interface EventSourceEventMap {
  open: Event;
  message: MessageEvent<string>;
  error: Event;
}

/** A browser's EventSource, with more that it can be told and more that it tells. */
export class EventSource extends EventTarget {
  static readonly CONNECTING: 0;
  static readonly OPEN: 1;
  static readonly CLOSED: 2;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSED: 2;

  /** Throws a SyntaxError where the URL is none, and a TypeError where a field is none. */
  constructor(url: string | URL, options?: EventSourceOptions);

  readonly url: string;
  readonly withCredentials: boolean;
  readonly readyState: 0 | 1 | 2;
  onopen: ((this: EventSource, event: Event) => unknown) | null;
  onmessage: ((this: EventSource, event: MessageEvent<string>) => unknown) | null;
  onerror: ((this: EventSource, event: Event) => unknown) | null;
  addEventListener<Type extends keyof EventSourceEventMap>(
    type: Type,
    listener: (this: EventSource, event: EventSourceEventMap[Type]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: (this: EventSource, event: MessageEvent<string>) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  close(): void;

  /** More than readyState tells: whether it was open before, and whether it is pausing between two attempts. */
  readonly state: "connecting" | "open" | "reconnecting" | "waiting" | "closed";
  /** Why it waits or is closed. */
  readonly reason: "" | "closed" | "refused" | "silent" | "gave up" | "ended" | "lost" | "too long";
  /** HTTP's status of the latest answer; 0: there is none. */
  readonly status: number;
  /** Of a refusal: the sentence of its problem+json, or its text. */
  readonly problem: string;

  /** Reads no more until resume(), and dispatches nothing: the server has to wait. */
  pause(): void;
  resume(): void;
  /** A field of the attempts that follow, such as a new token. */
  setHeader(name: string, value: string): void;
}
