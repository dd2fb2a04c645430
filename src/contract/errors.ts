/** The codes of contract §3, each with its HTTP status. */
export const ERROR_STATUS = {
  INVALID_PARAMETER: 400,
  AUTH_REQUIRED: 401,
  INVALID_TOKEN: 401,
  TOKEN_EXPIRED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** What each code means, for whoever reads the API's description. */
export const ERROR_MEANING: Readonly<Record<ErrorCode, string>> = {
  INVALID_PARAMETER:
    "A known parameter has a value that it does not accept; the sentence names it and what it accepts.",
  AUTH_REQUIRED: "A token is needed and none was sent.",
  INVALID_TOKEN: "The token is not known.",
  TOKEN_EXPIRED: "The token has expired.",
  FORBIDDEN: "The token has no right to this, or the host is not one that botel answers for.",
  NOT_FOUND: "There is nothing at this path.",
  METHOD_NOT_ALLOWED: "The path is right, the method is not; `Allow` names those that are.",
  PAYLOAD_TOO_LARGE: "The request is larger than botel reads.",
  UNSUPPORTED_MEDIA_TYPE: "The body is in a format that botel does not read.",
  RATE_LIMITED: "Too many requests; `Retry-After` says in how many seconds to come back.",
  INTERNAL: "botel failed; its log has the request id.",
  UNAVAILABLE: "botel cannot answer now; `Retry-After` says in how many seconds to come back.",
};

/** The one error that botel raises on purpose: a stable code and a sentence that says what to do. */
export class BotelError extends Error {
  readonly code: ErrorCode;
  /** Whole seconds after which it may be tried again. */
  readonly retryAfter?: number;

  constructor(code: ErrorCode, sentence: string, options?: { cause?: unknown; retryAfter?: number }) {
    super(sentence, options);
    this.name = "BotelError";
    this.code = code;
    this.retryAfter = options?.retryAfter;
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }
}
