import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readArguments } from './arguments.ts'

test('without arguments all is measured, on both logs', () => {
  assert.deepEqual(readArguments([]), {
    kind: 'measure',
    logs: ['kafka', 'postgres'],
    seconds: 8,
    connections: [1, 16, 64, 256],
    payments: 1_000_000,
    json: undefined,
  })
})

test('--compare takes a revision and has short rounds on Kafka, all measures, unless told otherwise', () => {
  assert.deepEqual(readArguments(['--compare', 'HEAD~1']), {
    kind: 'compare',
    base: 'HEAD~1',
    logs: ['kafka'],
    measures: ['payments', 'gateway', 'batches'],
    partitions: { a: 1, b: 1 },
    workers: undefined,
    following: false,
    edge: false,
    telemetry: false,
    seconds: 2,
    rounds: 12,
    connections: 64,
    payments: 100_000,
    json: undefined,
  })
  const told = ['--log', 'postgres,kafka', '--measure', 'batches', '--seconds', '1', '--rounds', '20']
  assert.deepEqual(readArguments(['--compare', 'main', ...told, '--connections', '1', '--json', 'out.json']), {
    kind: 'compare',
    base: 'main',
    logs: ['postgres', 'kafka'],
    measures: ['batches'],
    partitions: { a: 1, b: 1 },
    workers: undefined,
    following: false,
    edge: false,
    telemetry: false,
    seconds: 1,
    rounds: 20,
    connections: 1,
    payments: 100_000,
    json: 'out.json',
  })
})

test('rebuilds are those of all read models, or of the one that is named', () => {
  const measuresOf = (measure: string) => {
    const read = readArguments(['--compare', 'main', '--measure', measure, '--payments', '500'])
    return read.kind === 'compare' ? [read.measures, read.payments] : read
  }
  assert.deepEqual(measuresOf('rebuilds'), [['accounts', 'reconciliation', 'audit'], 500])
  assert.deepEqual(measuresOf('audit'), [['audit'], 500])
})

test('one number of partitions is that of both sides, two are of A and B; what is measured then goes by place', () => {
  const read = (...args: string[]) => {
    const found = readArguments(['--compare', '.', ...args])
    return found.kind === 'compare' ? [found.partitions, found.measures, found.following] : found
  }
  const placed = ['inside', 'across', 'paced']
  assert.deepEqual(read('--partitions', '8', '--following'), [{ a: 8, b: 8 }, placed, true])
  assert.deepEqual(read('--partitions', '1,8'), [{ a: 1, b: 8 }, placed, false])
  assert.deepEqual(read('--partitions', '1,8', '--measure', 'payments'), [{ a: 1, b: 8 }, ['payments'], false])
})

test('workers are those of both sides, or of A and B, and are measured by what is placed', () => {
  const read = readArguments(['--compare', '.', '--partitions', '8', '--workers', '1,2'])
  assert.deepEqual(read.kind === 'compare' && [read.workers, read.measures], [
    { a: 1, b: 2 },
    ['inside', 'across', 'paced'],
  ])
})

test('with --edge the gateway is measured, and nothing else can be', () => {
  const read = readArguments(['--compare', '.', '--edge'])
  assert.deepEqual(read.kind === 'compare' && [read.edge, read.measures], [true, ['gateway']])
})

test('with --telemetry the gateway is measured, unless told otherwise', () => {
  const read = (...args: string[]) => readArguments(['--compare', '.', '--telemetry', ...args])
  const [usual, told] = [read(), read('--measure', 'payments')]
  assert.deepEqual(usual.kind === 'compare' && [usual.telemetry, usual.measures], [true, ['gateway']])
  assert.deepEqual(told.kind === 'compare' && told.measures, ['payments'])
})

test('--attack measures on Kafka, 10 s each, unless told otherwise', () => {
  assert.deepEqual(readArguments(['--attack']), { kind: 'attack', logs: ['kafka'], seconds: 10 })
  const told = readArguments(['--attack', '--log', 'postgres', '--seconds', '3'])
  assert.deepEqual(told, { kind: 'attack', logs: ['postgres'], seconds: 3 })
})

const wrong: readonly [string, readonly string[], RegExp][] = [
  ['a log that there is not', ['--log', 'redis'], /--log takes kafka, postgres or both with a comma, not redis/],
  ['seconds that are no number', ['--seconds', 'two'], /--seconds takes whole numbers from 1 on, not two/],
  ['no rounds at all', ['--compare', 'main', '--rounds', '0'], /--rounds takes whole numbers from 1 on, not 0/],
  ['several numbers of connections', ['--compare', 'main', '--connections', '1,64'], /--connections .* not 1,64/],
  ['a measure that there is not', ['--compare', 'main', '--measure', 'speed'], /--measure takes some of .* not speed/],
  ['rounds of nothing compared', ['--rounds', '3'], /--rounds goes with --compare BASE/],
  ['payments for no rebuild', ['--compare', 'main', '--payments', '5'], /--payments goes with rebuilds/],
  ['rebuilds beside payments', ['--compare', 'main', '--measure', 'batches,rebuilds'], /rebuilds stands by itself/],
  ['no partition at all', ['--compare', '.', '--partitions', '0'], /--partitions takes whole numbers from 1 on, not 0/],
  ['three numbers of partitions', ['--compare', '.', '--partitions', '1,2,3'], /one number up to 64, or two .* 1,2,3/],
  ['more partitions than accounts', ['--compare', '.', '--partitions', '65'], /one number up to 64, or two .* 65/],
  ['more workers than partitions', ['--compare', '.', '--workers', '1,2'], /--workers needs --partitions/],
  [
    'workers without places',
    ['--compare', '.', '--partitions', '8', '--workers', '2', '--measure', 'batches'],
    /--workers measures inside, across and paced alone/,
  ],
  ['nine workers', ['--compare', '.', '--partitions', '16', '--workers', '9'], /--workers takes one number up to 8/],
  ['partitions of one side', ['--partitions', '8'], /--partitions goes with --compare BASE/],
  ['rebuilds beside what follows', ['--compare', '.', '--measure', 'audit', '--following'], /rebuilds have their/],
  ['an edge of the write side', ['--compare', '.', '--edge', '--measure', 'payments'], /--edge measures the gateway/],
  ['an edge that tells', ['--compare', '.', '--edge', '--telemetry'], /--edge and --telemetry/],
  ['an edge of nothing compared', ['--edge'], /--edge goes with --compare BASE/],
  ['an attack on what is compared', ['--attack', '--compare', 'main'], /--compare does not go with --attack/],
  ['an empty revision', ['--compare', ''], /--compare takes a git revision/],
  ['an option that there is not', ['--fast'], /--fast/],
  ['a word that belongs to no option', ['main'], /main/],
]
for (const [name, args, reason] of wrong) {
  test(`is told what is wrong: ${name}`, () => {
    const read = readArguments(args)
    assert.equal(read.kind, 'wrong')
    assert.match(read.kind === 'wrong' ? read.reason : '', reason)
  })
}
