import { applyBatch, type Batch } from './apply-batch.ts'
import { type Gathered, type Run, replaced } from './follow-run.ts'
import { traceApplied } from './trace-applied.ts'

/** Starts to apply what was gathered, unless a batch is being applied already or more is worth waiting for. */
export function applyDue(run: Run, isLast = false): void {
  const { gathered, source } = run
  if (run.applying || !gathered || gathered.records === 0 || run.stop.signal.aborted) return
  const { records, until } = source.batches ?? { records: 1, until: 0n }
  if (gathered.records < records && gathered.to.offset < until && !isFull(gathered) && !isLast) return
  run.gathered = undefined
  run.applying = applyAndRest(run, { ...gathered, changes: run.writer.take() }).then(
    () => {
      run.applying = undefined
      applyDue(run, isLast)
    },
    (error: unknown) => {
      run.applying = undefined
      run.failure = error
      run.stop.abort()
    },
  )
}

/** Whether no more is to be folded ahead of the batch that is being applied. */
export function isFull({ records, bytes }: Gathered): boolean {
  return records >= MOST_RECORDS || bytes >= MOST_BYTES
}

/** Applied in one transaction at most. Records are of 700 bytes or so, and may be of a million. */
const MOST_RECORDS = 10_000
const MOST_BYTES = 32 * 1024 * 1024

/**
 * Any transaction costs as much as some dozens of rows: a live version begins one as soon as there is something, and
 * not more often than this.
 */
const TRANSACTION_EVERY_MS = 20

async function applyAndRest(run: Run, batch: Applied): Promise<void> {
  const { clock, batches, meter, partition } = run.source
  const startedMs = clock.monotonicMs()
  await run.source.followers.inTurn(async () => {
    // What was given up meanwhile is read again.
    if (!run.stop.signal.aborted) await apply(run, batch)
  })
  const tookMs = clock.monotonicMs() - startedMs
  meter?.applied(partition, batch.records, tookMs / 1000)
  const restMs = TRANSACTION_EVERY_MS - tookMs
  if (restMs > 0 && batches === undefined) await clock.sleep(restMs, run.stop.signal)
}

type Applied = Batch & Pick<Gathered, 'folded'>

async function apply(run: Run, batch: Applied): Promise<void> {
  const { source, rate } = run
  const { schema, projection, partition, clock } = source
  const known = run.end && batch.to.offset >= run.end.offset ? run.end.atMs : undefined
  rate.add(batch.commits)
  const move = {
    schema,
    caughtUpAgoMs: known === undefined ? undefined : source.clock.monotonicMs() - known,
    ratePerSecond: rate.perSecond(),
  }
  const { records } = batch
  const traced = traceApplied(batch.folded, { projection: projection.name, partition, records, clock })
  const told = traced?.told
  const version = await applyBatch(source.pool, { projection, schema }, told ? { ...batch, told } : batch, move).catch(
    (error: unknown) => {
      traced?.end('it was undone, or it is not known')
      throw error
    },
  )
  traced?.end()
  run.applied = batch.to.offset
  run.unanalyzed += batch.commits
  source.onApplied?.(run.applied)
  if (version !== 'live' && version !== 'building') replaced(run)
}
