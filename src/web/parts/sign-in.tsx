import type { TargetedSubmitEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { AskError } from "../answer.ts";
import { signIn } from "../session.ts";
import { useViewer } from "../words/viewer.ts";

/** What stands in place of everything while botel needs a token. @param why the error code that said so */
export function SignIn({ why }: { why: string }) {
  const { words } = useViewer();
  const [wrong, setWrong] = useState(why);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(field.current?.value.trim() ?? "");
    } catch (error) {
      setWrong(error instanceof AskError ? error.code : "OFFLINE");
      setBusy(false);
      field.current?.select();
    }
  }

  const said = wrong === "AUTH_REQUIRED" ? undefined : (words.signIn.wrong[wrong] ?? words.states.failed);
  return (
    <form class="card sign-in" onSubmit={(event) => void submit(event)}>
      <h1>{words.signIn.title}</h1>
      <p>{words.signIn.intro}</p>
      <label for="token">{words.signIn.token}</label>
      <input
        id="token"
        ref={field}
        type="password"
        autocomplete="current-password"
        spellcheck={false}
        required
        aria-invalid={said !== undefined}
        aria-describedby="sign-in-wrong"
      />
      <p id="sign-in-wrong" role="alert" class="wrong">
        {said}
      </p>
      <button type="submit" disabled={busy}>
        {words.signIn.go}
      </button>
    </form>
  );
}
