import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { unfitting } from '@micropay/elk/fits-mapping'
import { indexTemplate } from '@micropay/elk/index-template'
import { strangeDocuments } from '@micropay/elk/strange-documents'
import { measuredServices } from '@micropay/runtime/telemetry/metric'
import { startProduct } from '../e2e/product.fixture.ts'
import { makeTraffic } from '../observed/traffic.ts'
import { ELASTICSEARCH, startElasticsearch } from './elasticsearch.ts'
import { type LogIndex, logIndex } from './index-lines.ts'

/**
 * Ten thousand lines and more that the whole system wrote, some of its processes being killed meanwhile, all of them in
 * a real Elasticsearch under our strict mapping. By hand and by night: it takes Maven, Java 17, and some minutes. Ends
 * with 1 where a line was refused, or is not found.
 */
const LINES = 10_000
const REQUESTS = 10_500
/** After so many requests one of these dies; `start` starts it again. */
const dies = { 2000: 'accounts', 4000: 'write-side', 6000: 'accounts-projection', 8000: 'reconciliation' } as const
const say = (line: string) => void process.stdout.write(`${line}\n`)
const { properties } = indexTemplate().template.mappings

type Line = { readonly text: string; readonly document: Readonly<Record<string, unknown>> }

const lines = await linesOfARun()
checkLines(lines)
await using elasticsearch = await startElasticsearch()
say(`Elasticsearch ${ELASTICSEARCH} answers`)
const index = logIndex(elasticsearch.url)
await index.putTemplate()
await checkStrangeDocuments(index)
await index.index(lines.map(({ text }) => text))
assert.equal(await index.count(), lines.length + strangeDocuments.filter(([, , why]) => why === undefined).length)
say(`All ${lines.length} lines were taken, none was refused`)
await checkTraces(index, lines)
const { total: errors } = await index.search({ terms: { 'log.level': ['error', 'fatal'] } }, 1)
const isError = ({ document }: Line) => ['error', 'fatal'].includes(String(document['log.level']))
assert.equal(errors, lines.filter(isError).length)
say(`All ${errors} errors are found by their level`)

async function linesOfARun(): Promise<readonly Line[]> {
  await using product = await startProduct({ environment: { LOG_FORMAT: 'ecs', LOG_LEVEL: 'debug' }, partitions: 2 })
  say('The system runs')
  const answered = await makeTraffic(product.running, REQUESTS, (done) => {
    const name = Object.entries(dies).find(([after]) => Number(after) === done)?.[1]
    const pid = name === undefined ? undefined : product.running.services[name]
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  })
  say(
    `Answered: ${[...answered]
      .sort()
      .map(([status, times]) => `${status}: ${times}`)
      .join(', ')}`,
  )
  await product.stop()
  const folder = join(product.home, 'logs')
  const files = readdirSync(folder).filter((name) => name.endsWith('.log'))
  const texts = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
  return texts.filter((text) => text.startsWith('{')).map((text) => ({ text, document: JSON.parse(text) }))
}

/** Enough, of every service, and as our own checker has them. */
function checkLines(written: readonly Line[]): void {
  assert.ok(written.length >= LINES, `${written.length} lines, fewer than ${LINES}`)
  const services = new Map<string, number>()
  for (const { text, document } of written) {
    const name = String(document['service.name'])
    services.set(name, (services.get(name) ?? 0) + 1)
    assert.deepEqual(unfitting(document, properties), [], text)
  }
  for (const name of Object.keys(measuredServices)) assert.ok(services.has(name), `no line of ${name}`)
  say(`${written.length} lines: ${[...services].map(([name, times]) => `${name} ${times}`).join(', ')}`)
}

/** That the checker of the tests says what Elasticsearch says. */
async function checkStrangeDocuments({ refusalOf }: LogIndex): Promise<void> {
  for (const [title, document, why] of strangeDocuments) {
    const refusal = await refusalOf({ '@timestamp': '2026-01-01T00:00:00Z', ...document })
    assert.equal(refusal === undefined, why === undefined, `${title}: ${refusal ?? 'taken'}`)
  }
  say(`${strangeDocuments.length} strange documents are taken or refused as the tests have it`)
}

/** A trace of each size that there is: all of its lines, and no other one. */
async function checkTraces({ search }: LogIndex, written: readonly Line[]): Promise<void> {
  const traces = Map.groupBy(
    written.filter(({ document }) => document['trace.id'] !== undefined),
    ({ document }) => String(document['trace.id']),
  )
  const ofSize = new Map([...traces].map(([id, those]) => [those.length, id]))
  assert.ok(ofSize.size > 1, 'no trace has several lines')
  for (const [size, id] of ofSize) {
    const { total, documents } = await search({ term: { 'trace.id': id } })
    assert.equal(total, size)
    for (const document of documents) assert.equal(document['trace.id'], id)
  }
  const services = (those: readonly Line[]) => new Set(those.map(({ document }) => document['service.name'])).size
  const most = Math.max(...[...traces.values()].map(services))
  const sizes = [...ofSize.keys()].sort((one, other) => one - other).join(', ')
  say(`Traces of ${sizes} lines, of ${most} services at most, are found whole`)
}
