import { z } from "zod";
import { ERROR_STATUS, type ErrorCode } from "../errors.ts";

/** `{"success": true, "data": …}` (contract §3). */
export function success<Data extends z.ZodType>(data: Data) {
  return z.strictObject({ success: z.literal(true), data });
}

const codes = Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]];

/** `{"success": false, "error": "…", "code": "…"}` (contract §3); a request id only with `INTERNAL`. */
export const failure = z
  .strictObject({
    success: z.literal(false),
    error: z.string().min(1).meta({ description: "a sentence that says what to do" }),
    code: z.enum(codes),
    requestId: z.uuid().optional().meta({ description: "with INTERNAL: the same id is in botel's log" }),
  })
  .meta({ id: "Failure" });

export type Failure = z.infer<typeof failure>;
