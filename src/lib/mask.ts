/** What stands in the place of a value that is not to be shown. */
export const HIDDEN = "[redacted]";

/** Returns the text with {@link HIDDEN} in place of what is not to be shown. */
export type Mask = (text: string) => string;

/** So far behind what is kept of a text is looked, so that what begins before the end is known … */
const SLACK = 512;
/** … and this much before the end of the look a secret may begin that is not known there. */
const UNSURE = 64;

/** Masks the first `max` characters of a text, in a time that does not grow with the rest. It may be longer afterwards. */
export function maskStart(text: string, max: number, mask: Mask): string {
  if (text.length <= max + SLACK) return mask(text);
  return mask(text.slice(0, max + SLACK)).slice(0, -UNSURE);
}

interface Pattern {
  /** Every repetition is bounded or ends at a character that it does not take: the time grows with the text alone. */
  regex: RegExp;
  /** A cheap look that spares most texts the search. */
  mayBe: (text: string) => boolean;
  isIt?: (match: string) => boolean;
}

const hasDigits = (text: string): boolean => /\d[\d ()-]{6}/.test(text);

/** By what they find. Letters, digits and `_` around a number make it another number, or an id. */
const PATTERNS = {
  /** Of OpenAI and who does likewise, Stripe, GitHub, GitLab, Slack, Google, Hugging Face, Groq, npm, AWS, Aliyun, Tencent. */
  apiKeys: {
    regex:
      /(?<![A-Za-z0-9])(?:sk-[\w-]{16,}|[rsp]k_(?:live|test)_\w{10,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|AIza[\w-]{30,}|hf_\w{20,}|gsk_\w{20,}|npm_\w{30,}|(?:AKIA|ASIA)[A-Z0-9]{16}|LTAI[A-Za-z0-9]{12,}|AKID[A-Za-z0-9]{13,})/g,
    mayBe: (text) => /sk-|[rsp]k_|gh[pousr]_|github_|glpat|xox|AIza|hf_|gsk_|npm_|AKI|ASIA|LTAI/.test(text),
  },
  /** `Bearer …`, JSON web tokens, and the password of a URL. */
  tokens: {
    regex:
      /(?<!\w)bearer\s{1,4}(?=[A-Za-z.~+/=_-]*\d)[\w.~+/=-]{8,}|(?<![\w-])eyJ[\w-]{10,}(?:\.[\w-]*){0,4}|(?<=:\/\/)[^\s/@:"]{0,256}:[^\s/@:"]{1,256}(?=@)/gi,
    mayBe: (text) => /bearer\s|eyJ|:\/\/[^/]*@/i.test(text),
  },
  privateKeys: {
    regex:
      /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    mayBe: (text) => text.includes("-----BEGIN"),
  },
  emails: {
    regex: /(?<![\w.%+-])[\w.%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![\w-])/g,
    mayBe: (text) => text.includes("@"),
  },
  /** Chinese mobile numbers, and any number that is written as `+…` (E.164). */
  phones: {
    regex:
      /(?<![\w.+-])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\w-])|(?<![\w.+])\+[1-9](?:[ ()-]{0,2}\d){6,14}(?!\w)/g,
    mayBe: hasDigits,
  },
  /** Of Chinese citizens: 17 digits with a date of birth, and a check digit. */
  idCards: {
    regex: /(?<![\w.])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\w)/g,
    mayBe: hasDigits,
    isIt: isIdCard,
  },
  /** Of credit and debit cards: the right beginning and length, and a check digit. */
  cards: {
    regex:
      /(?<![\w.-])(?:3[47]\d{2}[ -]?\d{6}[ -]?\d{5}|62\d{14,17}|(?:4\d|5[1-5]|2[2-7]|6[025])\d{2}(?:[ -]?\d{4}){3})(?![\w-])/g,
    mayBe: hasDigits,
    isIt: isCard,
  },
} satisfies Record<string, Pattern>;

export type PatternName = keyof typeof PATTERNS;

export const PATTERN_NAMES = Object.keys(PATTERNS) as PatternName[];

/**
 * Hides what looks like a secret or like somebody's data, in any text.
 *
 * @param keys in text as `key=value` (of URLs, of environments), the values of these are hidden too
 */
export function createMask(names: readonly PatternName[], keys: readonly string[]): Mask {
  const patterns: Pattern[] = names.map((name) => PATTERNS[name]);
  const assigned = assignments(keys);

  return (text) => {
    // Shorter than the shortest of them.
    if (text.length < 6) return text;
    let masked = text;
    if (assigned !== undefined && masked.includes("=")) masked = masked.replaceAll(assigned, `$1=${HIDDEN}`);
    for (const { regex, mayBe, isIt } of patterns) {
      if (!mayBe(masked)) continue;
      masked = masked.replaceAll(regex, (match) => (isIt?.(match) === false ? match : HIDDEN));
    }
    return masked;
  };
}

/** @returns undefined where there is no key */
function assignments(keys: readonly string[]): RegExp | undefined {
  // `-`, `_`, `.` in a key, or none of them, are the same key.
  const names = keys
    .map((key) => key.split(/[-_.\s]+/).map((part) => RegExp.escape(part)))
    .filter((parts) => parts.join("") !== "")
    .map((parts) => parts.join("[-_.]?"));
  if (names.length === 0) return undefined;
  return new RegExp(`(?<![\\w.-])([\\w.-]{0,40}?(?:${names.join("|")}))=[^\\s&"'\\\\,;]{1,4096}`, "gi");
}

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

function isIdCard(text: string): boolean {
  const sum = ID_WEIGHTS.reduce((all, weight, at) => all + weight * Number(text[at]), 0);
  return "10X98765432"[sum % 11] === text[17]?.toUpperCase();
}

/** Luhn's check. */
function isCard(text: string): boolean {
  const digits = text.replaceAll(/\D/g, "");
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at]);
    sum += at % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0);
  }
  return sum % 10 === 0;
}
