import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { FastifyReply } from 'fastify'
import { openInProcessMemory } from '../share/in-process/in-process-memory.ts'
import type { Ends, SharedMemory } from '../share/shared-memory.ts'
import { createOpenAnswers } from './open-answers.ts'

const SET = 'ended-sessions'
/** Asks all gateways to look into the set. */
const COMPARE = 'compare'

export type EndedSessions = ReturnType<typeof createEndedSessions>

/**
 * Sessions that were ended before their time, by id, at all gateways of the site until that time comes. What this
 * gateway knows it keeps itself: while the shared memory is away that holds, and goes into it when it is back.
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

  async function learn(): Promise<void> {
    await keep(await memory.members(SET))
  }

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
    /** Ends it here at once, and at the others before this resolves, where they can be reached. */
    async end(session: string, untilMs: number): Promise<void> {
      const ends = new Map([[session, untilMs]])
      await keep(ends)
      try {
        await memory.add(SET, ends)
        await memory.publish(SET, textOf(session, untilMs))
      } catch (error) {
        log.error({ err: error }, 'a session was ended at this gateway alone: others learn of it later')
      }
    },

    async has(session: string): Promise<boolean> {
      if (await own.has(SET, session)) return true
      return memory.has(SET, session).catch(() => false)
    },

    /** Told of each that ends, as soon as this gateway knows of it, and perhaps again. */
    onEnd: (listener: (ends: Ends) => void) => void listeners.push(listener),

    /** An answer that may last, and is broken off when its session ends. */
    watch(session: string, reply: FastifyReply): void {
      open.add(session, reply)
      // It may have ended since whoever asks was let in.
      void own.has(SET, session).then((isEnded) => {
        if (isEnded) reply.raw.destroy()
      })
    },
  }
}

function textOf(session: string, untilMs: number): string {
  return `${untilMs} ${session}`
}

function endsIn(text: string): Ends {
  const [, untilMs, session] = /^(\d{1,16}) (\S{1,200})$/.exec(text) ?? []
  return new Map(session === undefined ? [] : [[session, Number(untilMs)]])
}
