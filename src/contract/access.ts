/** What a token may do (contract §6): read `/api`, events and `/metrics`; send OTLP; erase, and change what is stored. */
export const SCOPES = ["read", "ingest", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** A token as it is kept: what was handed out is not in it. */
export interface Token {
  /** Unique; shown in messages, never secret. */
  name: string;
  scopes: readonly Scope[];
  /**
   * SHA-256 of the token, in hex. A fast hash is right here: a token has 256 random bits, so that nobody can try what it
   * could be, as one can with passwords.
   */
  sha256: string;
  /** Epoch ms; undefined: never. */
  expiresMs?: number;
}
