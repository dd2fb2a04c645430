import { z } from "zod";
import { whole } from "./scalars.ts";

/** What `DELETE /api/users/{userId}` and `DELETE /api/groups/{groupId}` answer. */
export const forgottenData = z
  .strictObject({
    facts: whole.meta({ description: "facts that are kept under a tombstone now" }),
    texts: whole.meta({ description: "lines, errors, arguments, results and attributes that were erased" }),
    names: whole.meta({ description: "names that were erased" }),
    days: whole.meta({ description: "days whose totals were counted anew, with the same sums" }),
    file: z.enum(["clean", "rewritten", "left"]).meta({
      description:
        "`rewritten`: copies were left in the file, and the whole database was written anew; `left`: it is too large for that while botel runs",
    }),
  })
  .meta({ id: "ForgottenData" });

export type ForgottenData = z.infer<typeof forgottenData>;
