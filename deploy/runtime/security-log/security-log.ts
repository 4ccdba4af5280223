import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { SecurityEvent } from './chain.ts'
import { type ChainWriter, type Happened, openChainWriter } from './chain-writer.ts'
import { coalesce } from './coalesced.ts'

export type SecurityLog = {
  /** Never waits and never throws: what is refused is refused, whatever the disk does. */
  note(event: SecurityEvent): void
  /** Why lines are not written, for /health/ready. */
  trouble(): string | undefined
  /** Writes what is there; takes two seconds at most. */
  close(): Promise<void>
}

export type SecurityLogOptions = {
  /** Without it events go to the ordinary log, without a chain. */
  readonly path: string | undefined
  readonly service: string
  readonly clock: Clock
  readonly log: Logger
}

/**
 * What a security review asks for, as a stream of its own: JSON lines, appended only, each with the hash of the line
 * before (chain.ts). The ordinary log has the last hash each minute in which there was something, so that whoever keeps
 * it elsewhere can tell that an end was cut off. Lines that cannot be written wait, ten thousand at most; how many were
 * lost stands in the chain once it goes on. Rejects when the file is none of a security log, or cannot be written.
 */
export async function openSecurityLog(options: SecurityLogOptions): Promise<SecurityLog> {
  const { path, clock, log } = options
  if (path !== undefined) return chained(await openChainWriter({ ...options, path }), options)
  const alike = coalesce(clock, (event) => log.info({ security: event }, 'security'))
  return { note: alike.note, trouble: () => undefined, close: async () => alike.close() }
}

export const MOST_WAITING = 10_000
const AGAIN_AFTER_MS = 1_000
const TELL_HEAD_EVERY_MS = 60_000
const CLOSE_WITHIN_MS = 2_000

function chained(writer: ChainWriter, { path, clock, log }: SecurityLogOptions): SecurityLog {
  const closing = new AbortController()
  const queue = createQueue(clock)
  let trouble: string | undefined

  async function run(): Promise<void> {
    // That it begins is written at once.
    let isNew = true
    while (isNew || (await queue.filled())) {
      try {
        await queue.drain(writer.write)
        if (trouble !== undefined) log.info({ path }, 'the security log is written again')
        trouble = undefined
        isNew = false
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error)
        if (trouble === undefined) log.error({ err: error, path }, 'the security log cannot be written: its lines wait')
        trouble = `the security log cannot be written: ${text}`
        if (closing.signal.aborted) return
        await clock.sleep(AGAIN_AFTER_MS, closing.signal)
      }
    }
  }
  const tellHead = headTeller(writer, log)
  const telling = clock.every(TELL_HEAD_EVERY_MS, tellHead)
  const alike = coalesce(clock, queue.add)
  const running = run()
  return {
    note: alike.note,
    trouble: () => trouble,
    async close() {
      alike.close()
      telling.cancel()
      closing.abort()
      queue.end()
      const late = new AbortController()
      await Promise.race([running, clock.sleep(CLOSE_WITHIN_MS, late.signal)])
      late.abort()
      tellHead()
      if (queue.size() > 0) log.error({ path, lines: queue.size() }, 'lines of the security log were lost')
      await writer.close()
    },
  }
}

function headTeller(writer: ChainWriter, log: Logger): () => void {
  let toldSeq = writer.head().seq
  return () => {
    const head = writer.head()
    if (head.seq === toldSeq) return
    toldSeq = head.seq
    log.info({ securityLog: head }, 'the security log goes on from here')
  }
}

function createQueue(clock: Clock) {
  const waiting: Happened[] = []
  let lost = 0
  let isOver = false
  let woken = Promise.withResolvers<void>()
  return {
    size: () => waiting.length + lost,
    add(what: SecurityEvent): void {
      if (waiting.length >= MOST_WAITING) lost += 1
      else waiting.push({ atMs: clock.nowMs(), what })
      woken.resolve()
    },
    /** Resolves once something waits; false where nothing does and nothing will. */
    async filled(): Promise<boolean> {
      while (waiting.length === 0) {
        if (isOver) return false
        woken = Promise.withResolvers()
        await woken.promise
      }
      return true
    },
    /** Nothing comes any more. */
    end(): void {
      isOver = true
      woken.resolve()
    },
    /** Has all that waits written, and how much was lost; what could not be written waits on. */
    async drain(write: (happened: readonly Happened[]) => Promise<void>): Promise<void> {
      const [count, told] = [waiting.length, lost]
      const late = told === 0 ? [] : [{ atMs: clock.nowMs(), what: linesLost(told) }]
      await write([...waiting, ...late])
      waiting.splice(0, count)
      lost -= told
    },
  }
}

function linesLost(times: number): SecurityEvent {
  return { event: 'lines_lost', reason: 'more came than could be written', times }
}
