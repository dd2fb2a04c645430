import { z } from "zod";
import { json, whole } from "./scalars.ts";

/** What `GET /api/batch` answers: what each of the paths would have been answered, in their order. */
export const batchData = z
  .strictObject({
    answers: z.array(
      z.strictObject({
        status: whole.meta({ description: "HTTP status" }),
        body: json.meta({ description: "the envelope, as the path has it by itself" }),
      }),
    ),
  })
  .meta({ id: "Batch" });

export type BatchData = z.infer<typeof batchData>;
