import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { MeasureArguments } from './arguments.ts'
import { benchBatches, fillLedger } from './batches.ts'
import { withCleanUp } from './clean-up.ts'
import { type Ground, type LogName, layGround } from './ground.ts'
import { benchLogFloor } from './log-floor.ts'
import { machineName } from './machine.ts'
import { benchPayments, openAccounts } from './payments.ts'
import { type Service, startFloor } from './processes.ts'
import { benchProjection } from './projections.ts'
import { benchQueries } from './queries.ts'
import { type Measure, type Section, tableOf } from './report.ts'
import { bookSeldom } from './seldom.ts'
import { modelNames, startGateway, startQueries, startWriteSide } from './services.ts'
import { benchVisibility } from './visibility.ts'

/** Measures the ledger against its floors, prints tables, and writes JSON to the file that is named. */
export async function measureAll({ logs, seconds, connections, payments, json }: MeasureArguments): Promise<void> {
  const machine = machineName()
  console.log(`# ${new Date().toISOString().slice(0, 10)}, ${machine}\n`)
  const sections: Section[] = []
  const tell = (title: string, measures: readonly Measure[]) => {
    sections.push({ title, measures })
    console.log(`${tableOf({ title, measures })}\n`)
  }
  for (const log of logs) {
    await onGround(log, (ground, keep) => measurePayments(ground, keep, { seconds, connections, tell }))
    await onGround(log, (ground, keep) => measureBatches(ground, keep, { seconds, tell }))
    // The read models see the same records from either log: the first one that was asked for speaks for both.
    if (payments > 0 && log === logs[0]) {
      await onGround(log, (ground, keep) => measureReadModels(ground, keep, { payments, tell }))
    }
  }
  if (json) await writeFile(json, JSON.stringify({ at: new Date().toISOString(), machine, sections }, null, 2))
}

type Tell = (title: string, measures: readonly Measure[]) => void
type Keep = (starting: Promise<Service>) => Promise<Service>

/**
 * A ground of its own for each part, so that none is measured on what another left behind; `keep` stops what was
 * started.
 */
async function onGround(log: LogName, measure: (ground: Ground, keep: Keep) => Promise<void>): Promise<void> {
  await withCleanUp(async (defer) => {
    const ground = await layGround(log)
    defer(() => ground.stop())
    await measure(ground, async (starting) => {
      const service = await starting
      defer(() => service.stop())
      return service
    })
  })
}

async function measurePayments(
  ground: Ground,
  keep: Keep,
  { seconds, connections, tell }: { seconds: number; connections: readonly number[]; tell: Tell },
): Promise<void> {
  const token = await ground.token('olga')
  const floor = await keep(startFloor())
  const writeSide = await keep(startWriteSide(ground))
  const gateway = await keep(startGateway(ground, writeSide.url))
  await openAccounts(writeSide.url, token)
  const singles = await benchPayments(
    { floor, writeSide, gateway, stores: ground.stores(), token },
    seconds,
    connections,
  )
  const after = await benchBatches('right after the loads above', { url: writeSide.url, token }, seconds)
  tell(`Payments, on ${ground.log}`, [...singles, after])
}

async function measureBatches(
  ground: Ground,
  keep: Keep,
  { seconds, tell }: { seconds: number; tell: Tell },
): Promise<void> {
  const token = await ground.token('olga')
  const writeSide = await keep(startWriteSide(ground))
  await openAccounts(writeSide.url, token)
  const target = { url: writeSide.url, token }
  await benchBatches('warm-up', target, 2)
  const batches = await benchBatches('on a fresh worker', target, seconds)
  const floor = await benchLogFloor(ground)
  const perSecond = floor.perSecond ?? Number.NaN
  const beside: Measure = { ...batches, ofFloor: (batches.perSecond ?? 0) / perSecond, floor: 'the log alone' }
  tell(`Batches, on ${ground.log}`, [{ ...floor, ofFloor: 1, floor: 'the log alone' }, beside])
}

async function measureReadModels(
  ground: Ground,
  keep: Keep,
  { payments, tell }: { payments: number; tell: Tell },
): Promise<void> {
  const [olga, fiona, vera] = [await ground.token('olga'), await ground.token('fiona'), await ground.token('vera')]
  const writeSide = await keep(startWriteSide(ground))
  await openAccounts(writeSide.url, olga)
  await fillLedger({ url: writeSide.url, token: olga }, payments)
  const count = payments.toLocaleString('en')
  const memory = `anonymous memory of the worker, ${count} payments later`
  tell('The command worker', [{ name: memory, figure: anonymousMemory(writeSide) }])
  await bookSeldom(writeSide.url, { fiona, olga })
  const measures: Measure[] = []
  for (const model of modelNames) {
    const { measures: measured, projection } = await benchProjection(ground, model)
    await keep(Promise.resolve(projection))
    measures.push(...measured)
  }
  tell(`Read models of ${count} payments, on ${ground.log}`, measures)
  const [accounts, reconciliation, audit] = [
    await keep(startQueries(ground, 'accounts')),
    await keep(startQueries(ground, 'reconciliation')),
    await keep(startQueries(ground, 'audit')),
  ]
  const queries = { accounts, reconciliation, audit }
  const visible = await benchVisibility({ writeSide, queries, tokens: { olga, fiona, vera } })
  tell(`Visible in the read models, on ${ground.log}`, visible)
  const tokens = { accounts: olga, reconciliation: fiona, audit: vera }
  tell(`Queries behind the pages, with ${count} payments`, await benchQueries(queries, tokens, payments))
}

/** RssAnon of proc(5), where there is a /proc. */
function anonymousMemory({ pid }: Service): string {
  const status = process.platform === 'linux' ? readFileSync(`/proc/${pid}/status`, 'utf8') : ''
  const kilobytes = /^RssAnon:\s+([0-9]+) kB$/m.exec(status)?.[1]
  return kilobytes === undefined ? 'unknown' : `${Math.round(Number(kilobytes) / 1024)} MB`
}
