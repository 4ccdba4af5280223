import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { unfitting } from '@micropay/elk/fits-mapping'
import { indexTemplate } from '@micropay/elk/index-template'
import { readRunning } from '@micropay/local/running'
import { systemClock } from '@micropay/runtime/clock'
import { measuredServices } from '@micropay/runtime/telemetry/metric'
import { asSuperuser } from './log-database.fixture.ts'
import { type Product, startProduct } from './product.fixture.ts'

/** Every line of every service, where the index of Kibana takes each of them. */
function documentsIn(logs: string): readonly Readonly<Record<string, unknown>>[] {
  const files = readdirSync(logs).filter((name) => !/^(postgres|kafka)/.test(name))
  const lines = files.flatMap((name) => readFileSync(join(logs, name), 'utf8').split('\n'))
  return lines.flatMap((line) => {
    if (!line.startsWith('{"@timestamp"')) return []
    const document: Record<string, unknown> = JSON.parse(line)
    assert.deepEqual(unfitting(document, indexTemplate().template.mappings.properties), [], line)
    return [document]
  })
}

test('a start on a log that lost its end says what is stopped, why and what helps, in ECS too, and is no ready one', {
  timeout: 120_000,
}, async (context) => {
  const home = await mkdtemp(join(tmpdir(), 'micropay-stopped-'))
  context.after(() => rm(home, { recursive: true, force: true }))
  const first = await startProduct({ home })
  await asSuperuser(first, (client) =>
    client.query(`delete from event_log.records where "offset" >= 100;
      update event_log.partitions set next_offset = 100`),
  )
  await first.stop()

  await using product = await startProduct({ home, environment: { LOG_FORMAT: 'ecs' } })
  const answer = await product.as('olga').send({ method: 'GET', path: '/v1/accounts/ada:main' })
  assert.equal(answer.status, 200, 'what is held can be read')
  const told = await product.micropay('status').ended
  assert.match(
    told.output,
    /^http:\S+: it answers, but partition 0 of the ledger is STOPPED, [1-9] read models STOPPED/,
  )
  assert.equal(told.code, 1)
  const { code, output } = await product.stop()
  assert.equal(code, 0)
  assert.doesNotMatch(output, /MicroPay is ready/)
  assert.match(output, /runs after .* the ledger is STOPPED[\s\S]* partition 0: the log .* ends at offset 10/)
  assert.match(output, /micropay resume[\s\S]*docs\/operations\.md[\s\S]*\/projections/)
  const reasons = output.split('\n').filter((line) => /^ {2}(write-side: |partition 0: )/.test(line))
  assert.equal(reasons.length, 1, output)
  const documents = documentsIn(join(home, 'logs'))
  const services = new Set(documents.map((document) => document['service.name']))
  for (const name of Object.keys(measuredServices)) assert.ok(services.has(name), `no line in ECS of ${name}`)
  assert.ok(documents.some((document) => document['log.level'] === 'fatal'))
})

test('what micropay verify finds is told by status and the next start, until a sound verification', {
  timeout: 120_000,
}, async (context) => {
  const home = await mkdtemp(join(tmpdir(), 'micropay-unsound-'))
  context.after(() => rm(home, { recursive: true, force: true }))
  const first = await startProduct({ home })
  const swapped = `convert_to(replace(convert_from(value, 'UTF8'), $1, $2), 'UTF8')`
  const statement = `update event_log.records set value = ${swapped} where "offset" = 20`
  const change = (changed: Product, from: string, to: string) =>
    asSuperuser(changed, (client) => client.query(statement, [from, to]))
  const [sound, untouched] = ['"type":', '"type" :'] as const
  await change(first, sound, untouched)
  const found = await first.micropay('verify').ended
  assert.equal(found.code, 1, found.output)
  assert.match(found.output, /told +the audit[\s\S]*NOT sound/)
  const told = await first.micropay('status').ended
  assert.equal(told.code, 1, told.output)
  assert.match(told.output, /^http:\S+: it answers, but the log is NOT SOUND\n/)
  assert.match(told.output, /the log is NOT SOUND, verified at .*: chain_broken at 0:/)
  await first.stop()

  await using product = await startProduct({ home })
  await change(product, untouched, sound)
  assert.equal((await product.micropay('verify').ended).code, 0)
  const mended = await product.micropay('status').ended
  assert.equal(mended.code, 0, mended.output)
  const { output } = await product.stop()
  assert.match(output, /runs after .* and its log is NOT sound\n\n {2}the log is NOT sound, verified at/)
  assert.doesNotMatch(output, /micropay resume/, 'which would give up what counts')
})

test('a service that was started again is named by its new process', { timeout: 60_000 }, async () => {
  await using product = await startProduct()
  const before = product.running.services.accounts ?? 0
  process.kill(before, 'SIGKILL')
  const pid = async () => (await readRunning(product.home))?.services.accounts
  while ((await pid()) === before) await systemClock.sleep(50)
  assert.doesNotThrow(async () => process.kill((await pid()) ?? -1, 0))
  assert.equal((await product.as('olga').send({ method: 'GET', path: '/v1/accounts/ada:main' })).status, 200)
})
