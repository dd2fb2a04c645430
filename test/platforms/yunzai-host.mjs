// What Yunzai does with a plug-in, as far as the example needs it: the global class, its rules, an event with `reply`.
//   node yunzai-host.mjs PLUGIN; each line of the standard input is an event, each reply a line of the standard output.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

globalThis.plugin = function plugin({ rule }) {
  this.rule = rule;
};
const classes = Object.values(await import(pathToFileURL(process.argv[2]).href));

for await (const line of createInterface({ input: process.stdin })) {
  const event = { isGroup: "group_id" in JSON.parse(line), ...JSON.parse(line) };
  event.reply = (text) => process.stdout.write(`reply ${JSON.stringify(text)}\n`);
  const rules = classes.flatMap((Plugin) => {
    const one = new Plugin();
    return one.rule.map((rule) => ({ one, rule }));
  });
  for (const { one, rule } of rules) {
    if (new RegExp(rule.reg).test(event.msg) && (await one[rule.fnc](event)) !== false) break;
  }
}
