import { useEffect, useState } from "preact/hooks";
import type { SessionData } from "../contract/wire/session.ts";
import { ask, onRefused, tell } from "./answer.ts";

/** Whether botel answers this page. */
export interface Session {
  /** Why it does not, as an error code: a token is needed. undefined: it does, as far as is known. */
  out?: string;
  /** Name of the token that the page has; null where botel needs none. */
  name: string | null;
}

let session: Session = { name: null };
const listeners = new Set<(session: Session) => void>();

function set(next: Session): void {
  if (next.out === session.out && next.name === session.name) return;
  session = next;
  for (const listener of listeners) listener(session);
}

onRefused((code) => set({ out: code, name: null }));

/** Looks who the page is for botel; what it hears reaches whoever listens. */
export function lookWho(): void {
  void ask<SessionData>("/api/session").then(
    ({ name }) => set({ name }),
    () => {}, // a refusal was told; whether botel answers at all, others say
  );
}

/** @throws {AskError} where the token is not taken */
export async function signIn(token: string): Promise<void> {
  const { name } = await tell<SessionData>("POST", "/api/session", { token });
  set({ name });
}

/** @throws {AskError} where botel could not be reached */
export async function signOut(): Promise<void> {
  await tell("DELETE", "/api/session");
  set({ out: "AUTH_REQUIRED", name: null });
}

/** @returns ends it */
export function onSession(listener: (session: Session) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSession(): Session {
  const [state, setState] = useState(session);
  useEffect(() => {
    setState(session);
    return onSession(setState);
  }, []);
  return state;
}
