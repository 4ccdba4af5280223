import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { LogRecord, NewRecord } from './event-log.ts'
import { type Folded, firstHash, foldRecord, nextHash } from './fold.ts'
import { type FoldState, initialFold } from './fold-state.ts'
import { claim, commits, genesis, ledgerId } from './ledger-records.fixture.ts'
import { foldAll } from './log-reading.fixture.ts'

/**
 * One step of a schedule: a writer that does something, perhaps with a stale view of the log, and a log that does what
 * logs do.
 */
type Step =
  | { readonly do: 'read'; readonly writer: number }
  | { readonly do: 'claim'; readonly writer: number }
  | {
      readonly do: 'append'
      readonly writer: number
      readonly size: number
      readonly fate: Fate
      readonly torn: number
    }
  | { readonly do: 'resend'; readonly writer: number }
  | { readonly do: 'deliver' }

/**
 * `written`: the writer learns of it; `answer lost`: it does not; `delayed`: it arrives at the next `deliver`; `torn`:
 * a part of it does.
 */
type Fate = 'written' | 'answer lost' | 'delayed' | 'torn' | 'lost'

const writer = fc.nat({ max: 2 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant<'read'>('read'), writer }),
  fc.record({ do: fc.constant<'claim'>('claim'), writer }),
  fc.record({
    do: fc.constant<'append'>('append'),
    writer,
    size: fc.integer({ min: 1, max: 3 }),
    fate: fc.constantFrom<Fate>('written', 'written', 'answer lost', 'delayed', 'torn', 'lost'),
    torn: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ do: fc.constant<'resend'>('resend'), writer }),
  fc.record({ do: fc.constant<'deliver'>('deliver') }),
)

test('whatever writers and zombies do, the commits that count are one chain, and every reader agrees on it', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      const log = runSchedule(steps)
      const { state, folded } = foldAll(log)
      for (const result of folded) seen.add(result.kind === 'void' ? result.reason : result.kind)
      checkChain(log, folded)
      checkPrefixes(log, folded)
      assert.equal(state.offset, BigInt(log.length))
    }),
    { numRuns: 300 },
  )
  for (const kind of ['counted', 'stale_claim', 'stale_epoch', 'duplicate', 'chain_broken']) {
    assert.ok(seen.has(kind), `no schedule had ${kind}: the property proves too little`)
  }
})

/** One commit for each seq from 1 on, each naming the hash of the one before. */
function checkChain(log: readonly LogRecord[], folded: readonly Folded[]): void {
  let seq = 0
  let epoch = 0
  let hash = firstHash(ledgerId, 0)
  folded.forEach((result, index) => {
    if (result.kind !== 'counted') return
    assert.equal(result.commit.seq, seq + 1)
    assert.equal(result.commit.previousHash, hash)
    assert.ok(result.commit.epoch >= epoch)
    ;({ seq, epoch } = result.commit)
    hash = nextHash(hash, log[index]?.value ?? new Uint8Array())
  })
}

/**
 * A reader that stops anywhere and goes on from its checkpoint, in other bytes of the same content, gets to the same
 * state.
 */
function checkPrefixes(log: readonly LogRecord[], folded: readonly Folded[]): void {
  for (let cut = 0; cut < log.length; cut += 1) {
    const checkpoint = cut === 0 ? initialFold(0) : folded[cut - 1]?.state
    const record = log[cut]
    assert.ok(checkpoint && record)
    const resumed = foldRecord(structuredClone(checkpoint), { ...record, value: Uint8Array.from(record.value) })
    assert.deepEqual(resumed, folded[cut])
  }
}

/**
 * What each writer does next depends on what it last read, not on what the log holds: that is what makes it a zombie.
 */
function runSchedule(steps: readonly Step[]): LogRecord[] {
  const log: LogRecord[] = []
  const append = (records: readonly NewRecord[]) => {
    for (const record of records) log.push({ ...record, offset: BigInt(log.length) })
  }
  append([genesis()])
  const views = [0, 1, 2].map(() => foldAll(log).state)
  const lastBatches: NewRecord[][] = [[], [], []]
  const delayed: NewRecord[][] = []

  for (const [index, now] of steps.entries()) {
    if (now.do === 'deliver') {
      append(delayed.shift() ?? [])
      continue
    }
    const view = views[now.writer] ?? initialFold(0)
    if (now.do === 'read') views[now.writer] = foldAll(log).state
    if (now.do === 'resend') append(lastBatches[now.writer] ?? [])
    if (now.do === 'claim') {
      append([claim(view.epoch + 1, `writer-${now.writer}-${index}`)])
      views[now.writer] = foldAll(log).state
    }
    if (now.do === 'append' && view.epoch > 0) {
      const references = Array.from({ length: now.size }, (_, part) => `${now.writer}:${index}:${part}`)
      const batch = commits(view, references)
      lastBatches[now.writer] = batch
      if (now.fate === 'delayed') delayed.push(batch)
      if (now.fate === 'torn') append(batch.slice(0, now.torn))
      if (now.fate === 'written' || now.fate === 'answer lost') append(batch)
      if (now.fate === 'written') views[now.writer] = advanced(view, batch)
    }
  }
  return log
}

/** The view of a writer that trusts its own batch, as a zombie does that nobody told. */
function advanced(view: FoldState, batch: readonly NewRecord[]): FoldState {
  let { seq, hash } = view
  for (const record of batch) {
    seq += 1
    hash = nextHash(hash, record.value)
  }
  return { ...view, seq, hash }
}
