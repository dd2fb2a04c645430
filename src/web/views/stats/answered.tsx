import type { ComponentChildren } from "preact";
import type { Answer } from "../../answer.ts";
import { Failed, Loading } from "../../parts/states.tsx";

/** A card's content once it is there; until then, that it loads or why it can not be had. */
export function Answered<Data>(props: {
  answer: Answer<Data>;
  title: string;
  children: (data: Data) => ComponentChildren;
}) {
  const { answer, title, children } = props;
  if (answer.data) return <>{children(answer.data)}</>;
  return (
    <section class="card" aria-label={title} aria-busy={!answer.error}>
      <h2>{title}</h2>
      {answer.error ? <Failed error={answer.error} /> : <Loading />}
    </section>
  );
}
