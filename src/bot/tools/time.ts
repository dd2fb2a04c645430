import { textOf, type Tool } from "./tool.ts";

export const time: Tool = {
  name: "get_time",
  description: "The current date and time in a time zone.",
  parameters: {
    type: "object",
    properties: { zone: { type: "string", description: "An IANA name, as Asia/Shanghai" } },
    required: ["zone"],
  },
  run(args, { clock }) {
    const zone = textOf(args, "zone");
    const date = new Date(clock.now());
    return { zone, time: formatOf(zone).format(date) };
  },
};

function formatOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: zone });
  } catch {
    throw new Error(`There is no time zone ${zone}`);
  }
}
