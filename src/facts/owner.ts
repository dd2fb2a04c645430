import type { FactBase } from "../contract/fact.ts";
import type { Inherited } from "../contract/span.ts";
import type { Fields } from "./fields.ts";
import { nameOf } from "./values.ts";

export type Owner = Pick<FactBase, "botId" | "userId" | "userName" | "groupId" | "groupName">;

/** Whose a fact is: what the span says, else what the bot's context says. A name goes with its own id only. */
export function ownedBy(fields: Fields, inherited: Inherited | undefined): Owner {
  const userId = nameOf(fields.userId) ?? inherited?.userId;
  const groupId = nameOf(fields.groupId) ?? inherited?.groupId;
  return {
    botId: nameOf(fields.botId) ?? inherited?.botId,
    userId,
    userName: nameOf(fields.userName) ?? (userId === inherited?.userId ? inherited?.userName : undefined),
    groupId,
    groupName: nameOf(fields.groupName) ?? (groupId === inherited?.groupId ? inherited?.groupName : undefined),
  };
}
