import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { FastifyReply } from 'fastify'
import { openInProcessMemory } from '../share/in-process/in-process-memory.ts'
import type { Ends, SharedMemory } from '../share/shared-memory.ts'
import { createOpenAnswers, isEnded } from './open-answers.ts'
import type { Marks } from './session-marks.ts'

const SET = 'ended-sessions'
/** Asks all gateways to look into the set. */
const COMPARE = 'compare'

export type EndedSessions = ReturnType<typeof createEndedSessions>

/**
 * Sessions that were ended before their time, by their marks, at all gateways of the site until that time comes. What
 * this gateway knows it keeps itself: while the shared memory is away that holds, and goes into it when it is back.
 */
export function createEndedSessions({ memory, clock, log }: { memory: SharedMemory; clock: Clock; log: Logger }) {
  const own = openInProcessMemory(clock)
  const open = createOpenAnswers()
  const listeners: ((ends: Ends) => void)[] = []

  memory.subscribe(SET, (text) => {
    if (text === COMPARE) tryTo(learn)
    else void keep(endsIn(text))
  })
  // A message that was sent while this gateway heard nothing is not sent again.
  memory.onReach(() => tryTo(compare))

  /** What it knows goes to all others, who may know nothing of it: the memory itself may have lost it. */
  async function compare(): Promise<void> {
    const known = await own.members(SET)
    if (known.size > 0) {
      await memory.add(SET, known)
      await memory.publish(SET, COMPARE)
    }
    await learn()
  }

  const learn = async () => keep(await memory.members(SET))

  async function keep(ends: Ends): Promise<void> {
    await own.add(SET, ends)
    open.breakOff(ends)
    for (const listener of listeners) listener(ends)
  }

  /** Where it fails the memory is away, and it is done when that is back. */
  function tryTo(work: () => Promise<void>): void {
    work().catch((error: unknown) => log.warn({ err: error }, 'ended sessions could not be compared yet'))
  }

  return {
    /** Ends them here at once, and at the others before this resolves: false where those could not be reached. */
    async end(ends: Ends): Promise<boolean> {
      await keep(ends)
      try {
        await memory.add(SET, ends)
        for (const [mark, untilMs] of ends) await memory.publish(SET, textOf(mark, untilMs))
        return true
      } catch (error) {
        log.error({ err: error }, 'a session was ended at this gateway alone: others learn of it later')
        return false
      }
    },

    async has(marks: Marks): Promise<boolean> {
      const names = [...marks.keys()]
      if (isEnded(marks, await own.among(SET, names))) return true
      const ends = await memory.among(SET, names).catch((): Ends => new Map())
      return isEnded(marks, ends)
    },

    /** Told of each that ends, as soon as this gateway knows of it, and perhaps again. */
    onEnd: (listener: (ends: Ends) => void) => void listeners.push(listener),

    /** An answer that may last, and is broken off when its session ends. */
    watch(marks: Marks, reply: FastifyReply): void {
      open.add(marks, reply)
      // It may have ended since whoever asks was let in.
      void own.among(SET, [...marks.keys()]).then((ends) => {
        if (isEnded(marks, ends)) reply.raw.destroy()
      })
    },
  }
}

/** In whole milliseconds: times of tokens may have fractions of a second. */
function textOf(mark: string, untilMs: number): string {
  return `${Math.ceil(untilMs)} ${mark}`
}

function endsIn(text: string): Ends {
  const [, untilMs, mark] = /^(\d{1,16}) (\S{1,200})$/.exec(text) ?? []
  return new Map(mark === undefined ? [] : [[mark, Number(untilMs)]])
}
