import { describe, expect, test } from "vitest";
import exceptions from "./audit-exceptions.json" with { type: "json" };
import { audited } from "./audited.ts";

/** As npm 11 writes it: `b` has the weakness, `a` only depends on it. */
const advisory = {
  source: 1097,
  name: "b",
  dependency: "b",
  title: "Denial of service",
  url: "https://github.com/advisories/GHSA-aaaa-bbbb-cccc",
  severity: "high",
  range: "<2.0.0",
};
const report = JSON.stringify({
  auditReportVersion: 2,
  vulnerabilities: { a: { name: "a", via: ["b"] }, b: { name: "b", via: [advisory] } },
  metadata: {},
});
const LINE =
  "GHSA-aaaa-bbbb-cccc high: b <2.0.0: Denial of service (https://github.com/advisories/GHSA-aaaa-bbbb-cccc)";

describe("issue 8: `npm audit` clean or each exception reasoned", () => {
  test("a weakness is told once, by who has it", () => {
    expect(audited(report, {})).toEqual({ isReached: true, findings: [LINE], outdated: [] });
  });

  test("one with a reason is none; a reason for nothing has to go", () => {
    const reasons = { "GHSA-aaaa-bbbb-cccc": "never called", "GHSA-dddd-eeee-ffff": "gone" };
    expect(audited(report, reasons)).toEqual({ isReached: true, findings: [], outdated: ["GHSA-dddd-eeee-ffff"] });
  });

  test("a clean report is one", () => {
    const clean = JSON.stringify({ auditReportVersion: 2, vulnerabilities: {} });
    expect(audited(clean, {})).toEqual({ isReached: true, findings: [], outdated: [] });
  });

  test.each(["", "npm error", "null", '{"error":{"code":"ENOAUDIT"}}', '{"message":"405 Method Not Allowed"}'])(
    "where the registry does not answer, nothing is known: %s",
    (text) => expect(audited(text, { x: "y" })).toEqual({ isReached: false, findings: [], outdated: [] }),
  );

  test("each exception has a reason", () => {
    for (const [id, reason] of Object.entries<string>(exceptions)) {
      expect(id).toMatch(/^GHSA(?:-\w{4}){3}$/);
      expect(reason.length).toBeGreaterThan(20);
    }
  });
});
