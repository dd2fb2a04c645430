/**
 * A small parser of arithmetic, by recursive descent; it runs nothing but the operations below.
 *
 *     sum     = product { ("+" | "-") product }
 *     product = sign { ("*" | "/" | "%") sign }
 *     sign    = ("+" | "-") sign | power
 *     power   = atom [ "^" sign ]
 *     atom    = number | constant | function "(" sum ")" | "(" sum ")"
 */
const FUNCTIONS = new Map<string, (x: number) => number>([
  ["sqrt", Math.sqrt],
  ["abs", Math.abs],
  ["round", Math.round],
  ["floor", Math.floor],
  ["ceil", Math.ceil],
]);
const CONSTANTS = new Map([
  ["pi", Math.PI],
  ["e", Math.E],
]);
const TOKEN = /\s*(?:(\d+(?:\.\d+)?|\.\d+)|([a-z]+)|([-+*/%^()]))/iy;
const DECIMALS = 12;

/**
 * @param text at most some hundred characters: the depth of the recursion is bounded by its length
 * @returns a finite number, to 12 significant digits
 * @throws {Error} that says what is wrong with the expression
 */
export function evaluate(text: string): number {
  const tokens = tokenize(text.replaceAll("×", "*").replaceAll("÷", "/").replaceAll("−", "-").replaceAll("**", "^"));
  let at = 0;

  const peek = () => tokens[at];
  function take(...wanted: string[]): string | undefined {
    const token = peek();
    if (token === undefined || !wanted.includes(token)) return undefined;
    at += 1;
    return token;
  }
  function expect(wanted: string): void {
    if (take(wanted) === undefined) throw new Error(`"${wanted}" is missing before "${peek() ?? "the end"}"`);
  }

  function sum(): number {
    let value = product();
    for (let sign = take("+", "-"); sign !== undefined; sign = take("+", "-")) {
      value = sign === "+" ? value + product() : value - product();
    }
    return value;
  }

  function product(): number {
    let value = sign();
    for (let op = take("*", "/", "%"); op !== undefined; op = take("*", "/", "%")) {
      const right = sign();
      if (op !== "*" && right === 0) throw new Error("There is no division by zero");
      value = op === "*" ? value * right : op === "/" ? value / right : value % right;
    }
    return value;
  }

  function sign(): number {
    const token = take("+", "-");
    if (token === undefined) return power();
    return token === "-" ? -sign() : sign();
  }

  function power(): number {
    const base = atom();
    return take("^") === undefined ? base : base ** sign();
  }

  function atom(): number {
    const token = peek();
    if (token === undefined) throw new Error("The expression ends too early");
    at += 1;
    if (token === "(") return enclosed();
    const constant = CONSTANTS.get(token);
    if (constant !== undefined) return constant;
    const apply = FUNCTIONS.get(token);
    if (apply !== undefined) {
      expect("(");
      return apply(enclosed());
    }
    const number = Number(token);
    if (Number.isNaN(number)) throw new Error(`"${token}" is not known`);
    return number;
  }

  function enclosed(): number {
    const value = sum();
    expect(")");
    return value;
  }

  const value = sum();
  if (at < tokens.length) throw new Error(`"${peek()}" is not expected there`);
  if (!Number.isFinite(value)) throw new Error("The result is no finite number");
  return Number(value.toPrecision(DECIMALS));
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const source = text.trimEnd();
  while (TOKEN.lastIndex < source.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null) throw new Error(`"${source.slice(from).trim().slice(0, 10)}" is not known`);
    tokens.push(match[0].trim().toLowerCase());
  }
  return tokens;
}
