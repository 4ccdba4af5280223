import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger, type Logger } from '../logger.ts'
import { ecsFields } from './fields.ts'

/** What a logger in ECS writes of what it is given. */
function written(use: (log: Logger) => void, service = 'write-side'): Record<string, unknown> {
  const lines: string[] = []
  use(createLogger(service, 'info', { write: (line) => void lines.push(line) }, 'ecs'))
  assert.equal(lines.length, 1)
  const [line = ''] = lines
  assert.ok(line.endsWith('}\n'), line)
  return JSON.parse(line)
}

test('a line says in ECS when, how grave, which service, and what', () => {
  const { '@timestamp': at, ...said } = written((log) => log.warn({ partition: 3, reason: 'epoch' }, 'a void record'))
  assert.match(String(at), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  assert.deepEqual(said, {
    ...{ 'log.level': 'warn', message: 'a void record', 'ecs.version': '8.11.0' },
    ...{ 'service.name': 'write-side', 'event.dataset': 'micropay.log' },
    ...{ 'micropay.partition': 3, 'event.reason': 'epoch' },
  })
})

test('a service is called as its metrics and traces call it', () => {
  const names = ['projections/audit', 'read-side/audit', 'gateway'].map((name) => {
    return written((log) => log.info('listening'), name)['service.name']
  })
  assert.deepEqual(names, ['audit-projection', 'audit', 'gateway'])
})

test('a request is found by its trace, which stands once though its child logger and its line both say it', () => {
  const trace = '0af7651916cd43dd8448eb211c80319c'
  const lines: string[] = []
  const log = createLogger('gateway', 'info', { write: (line) => void lines.push(line) }, 'ecs')
  const answered = { method: 'GET', route: '/v1/accounts/:id', status: 404, durationMs: 12, problem: 'not_found' }
  log.child({ traceId: trace }).info({ traceId: trace, ...answered }, 'answered')
  const [line = ''] = lines
  assert.equal(line.split('"trace.id"').length, 2)
  const said = JSON.parse(line)
  assert.deepEqual(
    [said['trace.id'], said['http.request.method'], said['http.route'], said['http.response.status_code']],
    [trace, 'GET', '/v1/accounts/:id', 404],
  )
  assert.deepEqual([said['event.duration'], said['micropay.problem']], [12_000_000, 'not_found'])
})

test('an error has its kind, words, code and stack; what else it knows is kept as text', () => {
  const error = Object.assign(new TypeError('no route'), { code: 'ENETUNREACH', detail: { of: [1] } })
  const said = written((log) => log.error({ err: error }, 'a request failed'))
  assert.deepEqual(
    [said['error.type'], said['error.message'], said['error.code']],
    ['TypeError', 'no route', 'ENETUNREACH'],
  )
  assert.match(String(said['error.stack_trace']), /^TypeError: no route\n {4}at /)
  assert.deepEqual(said['micropay.other'], { err: '{"detail":{"of":[1]}}' })
})

test('a security event is an event of ECS', () => {
  const event = { event: 'refused', subject: 'ada', address: 'many', status: 403, traceId: 'f'.repeat(32), times: 7 }
  const said = written((log) => log.info({ security: event }, 'security'))
  assert.deepEqual(
    [said['event.action'], said['user.id'], said['source.address'], said['trace.id'], said['micropay.times']],
    ['refused', 'ada', 'many', 'f'.repeat(32), 7],
  )
})

test('what is new, or of another kind than its field, goes where anything fits, as text', () => {
  const said = written((log) => {
    log.info({ colour: { of: 'things' }, partition: 'all', seq: 1.5, offset: '9223372036854775808', won: 'yes' }, 'new')
  })
  assert.deepEqual(said['micropay.other'], {
    ...{ colour: '{"of":"things"}', partition: 'all', seq: '1.5' },
    ...{ offset: '9223372036854775808', won: 'yes' },
  })
  assert.deepEqual(
    written((log) => log.info({ offset: '9223372036854775807' }, 'far'))['micropay.offset'],
    '9223372036854775807',
  )
})

test('a line about another service says whose it is and of whom', () => {
  const said = written((log) => log.info({ service: 'accounts', instances: ['a:1', 'b:1'] }, 'found'), 'gateway')
  assert.deepEqual(
    [said['service.name'], said['micropay.of_service'], said['micropay.instances']],
    ['gateway', 'accounts', ['a:1', 'b:1']],
  )
})

test('names that objects have by themselves are names like any other', () => {
  const said = written((log) => log.info(JSON.parse('{"__proto__":"a","constructor":"b"}'), 'strange'))
  assert.equal(Reflect.get(said['micropay.other'] ?? {}, 'constructor'), 'b')
  for (const name of Object.keys(said)) assert.ok(Object.hasOwn(ecsFields, name), name)
})

test('what is redacted is redacted in ECS, wherever it goes', () => {
  const headers = { authorization: 'Bearer token-of-ada', cookie: 'session-of-ada', dpop: 'proof-of-ada' }
  const said = written((log) => log.info({ headers, req: { headers }, login: { password: 'word-of-ada' } }, 'asked'))
  assert.doesNotMatch(JSON.stringify(said), /of-ada/)
})
