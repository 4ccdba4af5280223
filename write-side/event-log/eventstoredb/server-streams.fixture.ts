import { EventEmitter } from 'node:events'

/** What a test server holds: all events in the order in which they came, and those of each stream. */
export type Streams = ReturnType<typeof createStreams>

export type Stored = {
  readonly stream: string
  readonly id: string
  readonly revision: bigint
  /** Its place among all events. */
  readonly position: bigint
  readonly metadata: ReadonlyMap<string, string>
  readonly customMetadata: Uint8Array
  readonly data: Uint8Array
}

export type Proposed = Pick<Stored, 'id' | 'metadata' | 'customMetadata' | 'data'>

/** The revision that the stream ends with, or whether it holds anything. */
export type Expected = bigint | 'any' | 'none' | 'some'

export function createStreams() {
  const all: Stored[] = []
  const streams = new Map<string, Stored[]>()
  const revisions = new Map<string, bigint>()
  const changes = new EventEmitter().setMaxListeners(0)
  const of = (name: string) => streams.get(name) ?? []
  const ticks = () => String(BigInt(Date.now()) * 10_000n)

  return {
    of,
    all: all as readonly Stored[],
    changes,
    /** The revision of the last event of the append, or what the stream has where that is not expected. */
    append(stream: string, events: readonly Proposed[], expected: Expected): { last: bigint; isAppended: boolean } {
      const there = of(stream)
      const current = there.at(-1)?.revision ?? -1n
      const isExpected =
        expected === 'any' || (expected === 'none' && current === -1n) || (expected === 'some' && current >= 0n)
      if (!isExpected && expected !== current) return { last: current, isAppended: false }
      // The same ids again under "any" are answered as if they had just been appended.
      const known = revisions.get(`${stream} ${events[0]?.id}`)
      if (known !== undefined && expected === 'any') {
        return { last: known + BigInt(events.length) - 1n, isAppended: true }
      }
      const created = ticks()
      const stored = events.map((event, index) => ({
        ...event,
        ...{ stream, revision: current + 1n + BigInt(index), position: BigInt(all.length + index) },
        metadata: new Map([...event.metadata, ['created', created]]),
      }))
      if (there.length === 0) streams.set(stream, there)
      for (const each of stored) {
        there.push(each)
        all.push(each)
        revisions.set(`${stream} ${each.id}`, each.revision)
      }
      for (const each of stored) changes.emit('appended', each)
      return { last: stored.at(-1)?.revision ?? current, isAppended: true }
    },
    /** Keeps the first events of a stream only, as a backup that was restored does. */
    lose(stream: string, kept: number): void {
      streams.set(stream, of(stream).slice(0, kept))
    },
    /** Takes one event out of the middle, as nothing but damage does. */
    damage(stream: string, revision: bigint): void {
      streams.set(
        stream,
        of(stream).filter((each) => each.revision !== revision),
      )
    },
  }
}
