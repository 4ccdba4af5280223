import type { Clock } from '@micropay/deploy/runtime/clock'
import type { ReplayLine } from '@micropay/schemas/audit'
import { allOf, type Replay, stepsShown } from './replay-account.ts'

/**
 * A replay as NDJSON, a step a line, made only as fast as the reader takes it. While what lies before `from` is folded, a line now and then says how far that is; the
 * last line is `{"broken":…}` when the replay could not go on. `onAdvance` is told of every commit.
 */
export async function* replayLines(replay: Replay, clock: Clock, onAdvance: () => void): AsyncGenerator<string> {
  const gathered: string[] = []
  let bytes = 0
  let saidMs = Number.NEGATIVE_INFINITY
  for await (const replayed of allOf(replay)) {
    onAdvance()
    if ('broken' in replayed) {
      gathered.push(lineOf({ broken: replayed.broken }))
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

/** Lines go out together, which costs a tenth of sending each for itself. */
const GATHER_BYTES = 16 * 1024
const PROGRESS_EVERY_MS = 1_000

function lineOf(line: ReplayLine): string {
  return `${JSON.stringify(line)}\n`
}
