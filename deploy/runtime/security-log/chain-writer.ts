import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import { type ChainHead, chainLine, type SecurityEvent } from './chain.ts'
import { type ChainFile, openChainFile } from './chain-file.ts'

export type Happened = { readonly atMs: number; readonly what: SecurityEvent }

export type ChainWriter = {
  head(): ChainHead
  /** Writes them as the next lines. Rejects when it could not; some may stand there then, and it can be asked again. */
  write(happened: readonly Happened[]): Promise<void>
  close(): Promise<void>
}

type WriterOptions = {
  readonly path: string
  readonly service: string
  readonly clock: Pick<Clock, 'nowMs'>
  readonly log: Pick<Logger, 'error'>
}

/** Writes a chain on to its file, or to a new one where somebody has moved it away. */
export async function openChainWriter(options: WriterOptions): Promise<ChainWriter> {
  const { path, service, clock, log } = options
  let file: ChainFile | undefined = await openChainFile(path)
  let head: ChainHead = file.head
  /** What is written before all else: that a process begins, or why it goes on otherwise. */
  let begins: SecurityEvent | undefined = openedBy(file, undefined)

  async function opened(): Promise<ChainFile> {
    const fate = file ? await file.fate() : 'unwritten'
    if (file && fate === 'ours') return file
    await leave()
    file = await openChainFile(path, head)
    const goesOn = file.head.seq === head.seq && file.head.hash === head.hash
    // A write that failed may have left some of its lines.
    const isChanged = fate === 'changed' || (fate === 'moved' && !goesOn)
    if (isChanged) log.error({ path, head, found: file.head }, changedByOthers)
    begins = openedBy(file, isChanged ? 'changed by others' : fate === 'moved' ? 'moved away' : 'not written')
    head = file.head
    return file
  }
  async function leave(): Promise<void> {
    const left = file
    file = undefined
    await left?.close().catch(() => undefined)
  }
  return {
    head: () => head,
    async write(happened) {
      const to = await opened()
      const all = begins ? [{ atMs: clock.nowMs(), what: begins }, ...happened] : happened
      let [text, next] = ['', head]
      for (const { atMs, what } of all) {
        const link = chainLine(next, { atMs, service, what })
        text += `${link.line}\n`
        next = link.head
      }
      try {
        await to.append(text)
      } catch (error) {
        await leave()
        throw error
      }
      begins = undefined
      head = next
    },
    close: leave,
  }
}

const changedByOthers = 'the security log was changed by somebody else: keep it as it is, and look who can write there'

type Opened = SecurityEvent & { readonly torn?: true }

function openedBy({ isTorn }: ChainFile, reason: string | undefined): Opened {
  return { event: 'log_opened', ...(reason === undefined ? {} : { reason }), ...(isTorn ? { torn: true } : {}) }
}
