import { Ajv2020 } from "ajv/dist/2020.js";

type Schema = Record<string, unknown>;

interface Answer {
  $ref?: string;
  description?: string;
  content?: Record<string, { schema: Schema }>;
}

export interface Described {
  openapi: string;
  info: { version: string };
  paths: Record<
    string,
    {
      get: {
        parameters?: { name: string; in: string; required: boolean; description: string; schema: Schema }[];
        responses: Record<string, Answer>;
      };
    }
  >;
  components: { schemas: Record<string, Schema>; responses: Record<string, Answer> };
}

export interface Description {
  document: Described;
  /** Throws where an answer is not as the description says. @param path with its query or without */
  validate(this: void, path: string, status: number, body: unknown): void;
}

/** What an API says of itself, and a check of its answers against that. */
export async function described(get: (path: string) => Promise<Response>): Promise<Description> {
  const document = (await (await get("/api/openapi.json")).json()) as Described;
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, formats });
  ajv.addVocabulary(["components"]);
  ajv.addSchema({ $id: "botel", components: document.components });

  return {
    document,
    validate(path, status, body) {
      const route = path.replace(/\?.*/s, "");
      const schema = schemaOf(document, route, status);
      const text = JSON.stringify(schema).replaceAll('"#/components', '"botel#/components');
      const check = ajv.compile(JSON.parse(text) as Schema);
      if (!check(body)) throw new Error(`${path} ${status}: ${ajv.errorsText(check.errors)}`);
    },
  };
}

function schemaOf(document: Described, route: string, status: number): Schema {
  const answer = document.paths[route]?.get.responses[status];
  const name = answer?.$ref?.replace("#/components/responses/", "");
  const { content } = (name === undefined ? answer : document.components.responses[name]) ?? {};
  const schema = content?.["application/json"]?.schema;
  if (!schema) throw new Error(`${route} says nothing of ${status}`);
  return schema;
}

export const formats = {
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uuid: /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
};
