import { z } from "zod";
import { SCOPES } from "../access.ts";
import { secondTime } from "./scalars.ts";

/** What `GET` and `POST /api/session` answer: who asks. */
export const sessionData = z
  .strictObject({
    name: z.string().nullable().meta({ description: "the token's; null where botel has no tokens and needs none" }),
    scopes: z.array(z.enum(SCOPES)),
    expires: secondTime.nullable().meta({ description: "of the token; null: never" }),
  })
  .meta({ id: "Session" });

export type SessionData = z.infer<typeof sessionData>;

/** The body of `POST /api/session`. */
export const signIn = z.strictObject({ token: z.string().min(1).max(4096) }).meta({ id: "SignIn" });
