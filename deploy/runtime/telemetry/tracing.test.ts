import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { z } from 'zod'
import { buildHttp } from '../http.ts'
import { createLogger } from '../logger.ts'
import { type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.fixture.ts'
import { FROM_CALLERS_PER_SECOND, RECORDED_PER_SECOND } from './sampler.ts'
import { currentTrace, openTracing, startLinked, startSpan, type Tracing, traceCounts } from './tracing.ts'
import { tracingEnvironment } from './tracing-environment.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const wanted = `00-${traceId}-00f067aa0ba902b7-01`
const environment = z.object(tracingEnvironment)
let receiver: OtlpReceiver
let lines: string[] = []
before(async () => {
  receiver = await startOtlpReceiver()
})
after(() => receiver.close())
beforeEach(() => {
  receiver.answer = 200
  receiver.spans.length = 0
  receiver.requests.length = 0
  lines = []
})
const log = createLogger('test', 'info', { write: (line) => void lines.push(line) })

async function tracing(
  work: (opened: Tracing) => Promise<void>,
  { isEdge = false, ...env }: { isEdge?: boolean; [name: string]: unknown } = {},
) {
  const config = environment.parse({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env })
  const opened = await openTracing(config, 'test', log, { isEdge })
  await work(opened).finally(() => opened.close())
}

async function answering() {
  const app = await buildHttp({ log, title: 'Test', verifyToken: async () => assert.fail('nobody calls') })
  app.get('/of/:id', async (request) => ({ traceId: request.id, within: currentTrace() ?? null }))
  app.get('/broken', async () => {
    throw new Error('on purpose')
  })
  app.post('/body', async () => ({ within: currentTrace() ?? null }))
  return app
}

test('without an endpoint nothing is traced, and each span is none', async () => {
  const off = await openTracing(environment.parse({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }), 'test', log)
  assert.equal(startSpan('decide', wanted), undefined)
  assert.equal(startLinked('batch', [wanted]), undefined)
  assert.equal(traceCounts(), undefined)
  const app = await answering()
  const { traceId: told, within } = (await app.inject({ url: '/of/1', headers: { traceparent: wanted } })).json()
  assert.deepEqual([told, within], [traceId, null])
  await off.close()
})

test('a request is a span behind its caller’s, by its route, and what its handler begins stands below it', async () => {
  await tracing(async () => {
    const app = await answering()
    const answer = await app.inject({ url: '/of/secret', headers: { traceparent: wanted } })
    const { traceId: told, within } = answer.json()
    assert.equal(told, traceId)
    startSpan('decide', within)?.end()
    assert.equal((await app.inject({ url: '/broken', headers: { traceparent: wanted } })).statusCode, 500)
    const posted = await app.inject({ method: 'POST', url: '/body', payload: { a: 1 } })
    assert.match(posted.json().within, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    for (const url of ['/health/live', '/vitals']) await app.inject({ url, headers: { traceparent: wanted } })
  })
  const [decide, broken, posted, request] = ['decide', 'GET /broken', 'POST /body', 'GET /of/:id'].map((name) =>
    receiver.spans.find((span) => span.name === name),
  )
  assert.equal(receiver.spans.length, 4)
  assert.deepEqual(
    { ...request, startNs: 0n, endNs: 0n, spanId: '' },
    {
      ...{ service: 'test', name: 'GET /of/:id', kind: 2, traceId, parentId: '00f067aa0ba902b7', spanId: '' },
      ...{ startNs: 0n, endNs: 0n, links: [], failure: undefined },
      attributes: { 'http.request.method': 'GET', 'http.route': '/of/:id', 'http.response.status_code': 200n },
    },
  )
  assert.ok(
    request && request.startNs <= request.endNs && Math.abs(Number(request.startNs) / 1e6 - Date.now()) < 60_000,
  )
  assert.deepEqual([decide?.traceId, decide?.parentId], [traceId, request?.spanId])
  assert.equal(broken?.failure, 'answered 500')
  assert.equal(posted?.parentId, '')
  assert.deepEqual(
    receiver.requests.map(({ path, headers }) => [path, headers['content-type']]),
    receiver.requests.map(() => ['/v1/traces', 'application/x-protobuf']),
  )
  assert.ok(!JSON.stringify(receiver.spans, (_, value) => String(value)).includes('secret'))
})

test('what its caller did not record is not recorded, unless the sampler says always', async () => {
  const unwanted = `00-${traceId}-00f067aa0ba902b7-00`
  for (const [sampler, spans] of [
    ['', 0],
    ['parentbased_traceidratio', 0],
    ['always_on', 1],
  ] as const) {
    receiver.spans.length = 0
    await tracing(
      async () => {
        const app = await answering()
        const { within } = (await app.inject({ url: '/of/1', headers: { traceparent: unwanted } })).json()
        assert.equal(within === null, spans === 0)
      },
      { OTEL_TRACES_SAMPLER: sampler },
    )
    assert.equal(receiver.spans.length, spans, sampler)
  }
})

test('a share of what comes without a trace is recorded, and a request that is not says so further on', async () => {
  let recorded = 0
  await tracing(
    async () => {
      const app = await answering()
      app.get('/header', async (request) => request.headers.traceparent)
      const answers = await Promise.all(Array.from({ length: 200 }, () => app.inject({ url: '/header' })))
      recorded = answers.filter(({ body }) => body.endsWith('-01')).length
      assert.ok(recorded > 20 && recorded < 180, `${recorded}`)
      assert.ok(answers.every(({ body }) => /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/.test(body)))
    },
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' },
  )
  assert.equal(receiver.spans.length, recorded)
})

test('at the edge callers get so many traces recorded as they may, by flag or by ids; further in all', async () => {
  for (const sampler of ['parentbased_always_off', 'traceidratio']) {
    await tracing(
      async () => {
        const app = await answering()
        app.get('/header', async (request) => request.headers.traceparent)
        const ask = () => app.inject({ url: '/header', headers: { traceparent: wanted } })
        const sinceMs = performance.now()
        const answers = await Promise.all(Array.from({ length: 5 * FROM_CALLERS_PER_SECOND }, ask))
        const recorded = answers.filter(({ body }) => body.endsWith('-01')).length
        const most = FROM_CALLERS_PER_SECOND * (1 + (performance.now() - sinceMs) / 1_000)
        assert.ok(recorded >= FROM_CALLERS_PER_SECOND && recorded <= Math.ceil(most), `${recorded}`)
        // It belongs to the same trace, for those who read logs.
        assert.ok(answers.every(({ body }) => body.slice(3, 35) === traceId))
      },
      { isEdge: true, OTEL_TRACES_SAMPLER: sampler },
    )
  }
  receiver.spans.length = 0
  await tracing(async () => {
    const app = await answering()
    const ask = () => app.inject({ url: '/of/1', headers: { traceparent: wanted } })
    await Promise.all(Array.from({ length: 5 * FROM_CALLERS_PER_SECOND }, ask))
  })
  assert.equal(receiver.spans.length, 5 * FROM_CALLERS_PER_SECOND)
})

test('an edge records so many traces, however much comes, and each of these whole', async () => {
  let recorded = 0
  await tracing(
    async () => {
      const app = await answering()
      app.get('/part', async () => startSpan('upstream', currentTrace())?.end() ?? 'none')
      const sinceMs = performance.now()
      await Promise.all(Array.from({ length: 4 * RECORDED_PER_SECOND }, () => app.inject({ url: '/part' })))
      recorded = RECORDED_PER_SECOND * (1 + (performance.now() - sinceMs) / 1_000)
    },
    { isEdge: true },
  )
  const [requests, parts] = ['GET /part', 'ask {service}'].map((title) =>
    receiver.spans.filter(({ name }) => name === title),
  )
  assert.ok(requests && requests.length >= RECORDED_PER_SECOND && requests.length <= Math.ceil(recorded))
  assert.equal(parts?.length, requests.length)
})

test('of the work for one request so many parts have its trace', async () => {
  await tracing(async () => {
    const app = await answering()
    app.get(
      '/many',
      async () => Array.from({ length: 1_000 }, currentTrace).filter((trace) => trace !== undefined).length,
    )
    assert.equal((await app.inject({ url: '/many', headers: { traceparent: wanted } })).body, '20')
  })
})

test('a batch is a trace of its own that leads to those of its records', async () => {
  await tracing(
    async () => {
      startLinked('batch', [wanted], { attributes: { 'micropay.batch_records': 3 } })?.end()
    },
    { OTEL_TRACES_SAMPLER: 'parentbased_always_off' },
  )
  const [batch] = receiver.spans
  assert.notEqual(batch?.traceId, traceId)
  assert.deepEqual(batch?.links, [{ traceId, spanId: '00f067aa0ba902b7' }])
})

test('what says that it is a trace and is none has no spans', async () => {
  await tracing(async () => {
    for (const parent of ['', 'x'.repeat(55), wanted.replace(/[0-9a-f]{16}-01$/, `${'0'.repeat(16)}-01`)]) {
      assert.equal(startSpan('project', parent), undefined)
    }
  })
})
