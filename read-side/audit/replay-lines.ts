import type { Clock } from '@micropay/runtime/clock'
import type { FailedLine, ReplayLine } from '@micropay/schemas/api/replay'
import { allOf, type Replay, type Replayed, stepsShown } from './replay-account.ts'

/**
 * A replay as NDJSON, a step a line, made only as fast as the reader takes it. While what lies before `from` is folded,
 * a line now and then says how far that is; the last line is `{"broken":…}` when the replay could not go on, and what
 * `onError` makes of an error. `onAdvance` is told of every commit.
 */
export async function* replayLines(
  replay: Replay,
  clock: Clock,
  onAdvance: () => void,
  onError: (error: unknown) => FailedLine,
): AsyncGenerator<string> {
  const gathered: string[] = []
  let bytes = 0
  let saidMs = Number.NEGATIVE_INFINITY
  for await (const replayed of orFailed(allOf(replay), onError)) {
    onAdvance()
    if ('broken' in replayed || 'failed' in replayed) {
      gathered.push(lineOf(replayed))
      break
    }
    const steps = stepsShown(replay, replayed)
    if (steps.length === 0 && clock.monotonicMs() - saidMs >= PROGRESS_EVERY_MS) {
      saidMs = clock.monotonicMs()
      yield lineOf({ progress: { step: replayed.state.step } })
    }
    for (const step of steps) bytes += gathered[gathered.push(lineOf(step)) - 1]?.length ?? 0
    if (bytes < GATHER_BYTES) continue
    yield gathered.splice(0).join('')
    bytes = 0
  }
  if (gathered.length > 0) yield gathered.join('')
}

async function* orFailed(
  all: AsyncIterable<Replayed>,
  onError: (error: unknown) => FailedLine,
): AsyncGenerator<Replayed | FailedLine> {
  try {
    yield* all
  } catch (error) {
    yield onError(error)
  }
}

/** Lines go out together, which costs a tenth of sending each for itself. */
const GATHER_BYTES = 16 * 1024
const PROGRESS_EVERY_MS = 1_000

function lineOf(line: ReplayLine): string {
  return `${JSON.stringify(line)}\n`
}
