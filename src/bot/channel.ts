import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleType } from "cockatiel";
import { DelegateBackoff, retry, type CircuitBreakerPolicy } from "cockatiel";
import type { ChannelSettings } from "../config/settings.ts";
import type { ChannelAnnouncement } from "../index.ts";
import { attempt, type Ask, type AttemptOptions } from "./attempt.ts";
import type { Completion } from "./completion.ts";
import { AttemptError, STOPPING } from "./failure.ts";
import { providerOf } from "../lib/model-provider.ts";
import { openModels, type Models } from "./models.ts";
import type { Pace } from "./pace.ts";

/** One configured way to a model provider, with its breaker. */
export interface Channel {
  readonly id: string;
  readonly models: readonly string[];
  /** False while the breaker is open, and while somebody else tries whether it may close. */
  available(): boolean;
  /**
   * Asks a model, again where the failure may pass.
   *
   * @param previous id of the channel that failed and that this one is asked instead of
   * @throws {AttemptError} the last attempt's
   */
  complete(model: string, ask: Ask, previous?: string): Promise<Completion>;
}

export interface ChannelOptions extends Omit<AttemptOptions, "models"> {
  settings: ChannelSettings;
}

export function createChannel({ settings, ...options }: ChannelOptions): Channel {
  const { pace, instrument, stop } = options;
  const breaker = circuitBreaker(
    handleType(AttemptError, (error) => error.counts),
    { halfOpenAfter: pace.breakerOpen, breaker: new ConsecutiveBreaker(pace.breakerFailures) },
  );
  const retries = retry(
    handleType(AttemptError, (error) => error.passing && (error.retryAfter ?? 0) <= pace.retryAfterMax),
    { maxAttempts: pace.attempts - 1, backoff: waitAsAsked(pace) },
  );
  const provider = settings.provider ?? providerOf(new URL(settings.baseUrl).hostname, settings.adapter);

  let models: Promise<Models> | undefined;
  let why: string | undefined;
  function announce(breaker: ChannelAnnouncement["breaker"]): void {
    const { id, name, adapter, models } = settings;
    const status = breaker === "closed" ? "active" : "error";
    instrument.announceChannel({ id, name, adapter, models, status, breaker, errorType: why });
  }

  async function complete(model: string, ask: Ask, previous?: string): Promise<Completion> {
    const first = { provider, model, channel: settings.id, previousChannel: previous };
    let failure: AttemptError | undefined;

    async function attemptOnce(): Promise<Completion> {
      if (stop.aborted) throw new AttemptError("aborted", STOPPING);
      // Only the first attempt is a failover; the next ones try the same channel again.
      const target = failure === undefined ? first : { ...first, previousChannel: undefined };
      try {
        return await attempt(target, ask, { ...options, models: await (models ??= openModels(settings)) });
      } catch (error) {
        if (error instanceof AttemptError) failure = error;
        throw error;
      }
    }

    try {
      return await retries.execute(() => breaker.execute(attemptOnce), stop);
    } catch (error) {
      // The attempt before opened the breaker: it is the one to tell of.
      if (error instanceof BrokenCircuitError && failure !== undefined) throw failure;
      throw error;
    }
  }

  announce("closed");
  breaker.onBreak((reason) => {
    why = "error" in reason ? codeOf(reason.error) : undefined;
    announce("open");
  });
  breaker.onHalfOpen(() => announce("half_open"));
  breaker.onReset(() => {
    why = undefined;
    announce("closed");
  });
  return { id: settings.id, models: settings.models, available: () => mayTry(breaker), complete };
}

/** Others would wait for whoever tries a half-open breaker: they had better take the next channel. */
function mayTry(breaker: CircuitBreakerPolicy): boolean {
  return breaker.state === CircuitState.Closed || breaker.state === CircuitState.Open;
}

function waitAsAsked(pace: Pace) {
  return new DelegateBackoff<{ result: object }>(({ result }) => {
    const error = "error" in result ? result.error : undefined;
    return (error instanceof AttemptError ? error.retryAfter : undefined) ?? pace.retryDelay;
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof AttemptError ? error.code : undefined;
}
