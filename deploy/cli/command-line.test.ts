import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCommandLine, UsageError } from './command-line.ts'

test('an import names its format and file, with the sizes that go with it', () => {
  const { command, connection } = readCommandLine([
    'import',
    'berka',
    'a.csv.gz',
    '--batch-size',
    '10000',
    '--url',
    'http://x',
  ])
  assert.deepEqual(command, { kind: 'import', format: 'berka', file: 'a.csv.gz', batchSize: 10_000 })
  assert.equal(connection.url, 'http://x')
  assert.equal(connection.patienceMs, 120_000)
})

test('no command, and --help with any command, show the help', () => {
  assert.equal(readCommandLine([]).command.kind, 'help')
  assert.equal(readCommandLine(['import', '--help']).command.kind, 'help')
})

test('parked messages are listed, tried again, or dropped for a reason', () => {
  const read = (...argv: string[]) => readCommandLine(['parked', ...argv]).command
  assert.deepEqual(read(), { kind: 'parked', what: 'list', partition: undefined })
  assert.deepEqual(read('--partition', '3'), { kind: 'parked', what: 'list', partition: 3 })
  assert.deepEqual(read('retry', '1-a', '1-b'), { kind: 'parked', what: 'retry', ids: ['1-a', '1-b'] })
  const dropped = { kind: 'parked', what: 'drop', ids: ['1-a'], reason: 'it is forged' }
  assert.deepEqual(read('drop', '1-a', '--reason', ' it is forged'), dropped)
})

test('a move names the old log, and sends nothing unless it is told to', () => {
  const read = (...argv: string[]) => readCommandLine(['move', '--from', 'postgres://old/log', ...argv]).command
  const moving = { kind: 'move', from: 'postgres://old/log', tenant: undefined, batchSize: 5_000 }
  assert.deepEqual(read(), { ...moving, until: [], yes: false })
  const until = [
    { partition: 0, seq: 91 },
    { partition: 3, seq: 7 },
  ]
  assert.deepEqual(read('--until', '0:91,3:7', '--yes'), { ...moving, until, yes: true })
})

test('a restore says that the backup is complete, or who passes over what may be lost, and why', () => {
  const read = (...argv: string[]) => readCommandLine(argv).command
  assert.deepEqual(read('backup', 'copy'), { kind: 'backup', what: 'add', directory: 'copy' })
  assert.deepEqual(read('backup', 'check'), { kind: 'backup', what: 'add', directory: 'check' })
  assert.deepEqual(read('backup', 'check', 'copy'), { kind: 'backup', what: 'check', directory: 'copy' })
  const restore = { kind: 'restore', states: [], directory: 'copy' }
  assert.deepEqual(read('restore', 'copy', '--complete'), { ...restore, ending: 'complete' })
  const ending = { actor: 'sam', reason: 'a fire' }
  assert.deepEqual(read('restore', 'copy', '--actor', 'sam', '--reason', ' a fire'), { ...restore, ending })
  const resume = read('resume', '--lost')
  assert.ok(resume.kind === 'resume' && resume.mayHaveLost === true && !resume.yes)
  assert.equal(read('--version').kind, 'version')
})

const wrong: readonly [string[], RegExp][] = [
  [['imprt'], /no command imprt/],
  [['import', 'berka'], /import berka\|csv FILE/],
  [['import', 'xml', 'f'], /no format xml/],
  [['import', 'csv', 'a', 'b'], /import berka\|csv FILE/],
  [['token'], /token PERSONA/],
  [['status', 'x'], /micropay status/],
  [['status', '--loud'], /--loud/],
  [
    ['import', 'csv', 'a', '--batch-size', '10001'],
    /--batch-size is "10001", and must be a whole number from 1 to 10000/,
  ],
  [['import', 'csv', 'a', '--batch-size', '0'], /--batch-size/],
  [['status', '--patience', 'long'], /--patience/],
  [['backup'], /micropay backup FOLDER/],
  [['backup', 'a', 'b'], /micropay backup check FOLDER/],
  [['restore'], /micropay restore FOLDER/],
  [['restore', 'copy'], /needs --actor NAME and --reason TEXT, .* --complete instead/],
  [['restore', 'copy', '--actor', 'sam'], /needs --actor NAME and --reason/],
  [['restore', 'copy', '--complete', '--actor', 'sam'], /and not both/],
  [['parked', 'all'], /micropay parked retry ID/],
  [['parked', 'list', 'x'], /micropay parked retry ID/],
  [['parked', 'retry'], /micropay parked retry ID/],
  [['parked', 'drop', '1-x'], /--reason TEXT/],
  [['parked', 'drop', '1-x', '--reason', ' '], /--reason TEXT/],
  [['parked', '--partition', '1024'], /--partition is "1024"/],
  [['move'], /--from LOG/],
  [['move', 'x', '--from', 'y'], /micropay move --from LOG/],
  [['move', '--from', 'x', '--until', '7'], /--until is "7"/],
  [['verify', 'x'], /micropay verify/],
  [['verify', '--partition', '-1'], /--partition/],
  [['verify', '--partition', '1024'], /--partition is "1024", and must be a whole number from 0 to 1023/],
]
for (const [argv, expected] of wrong) {
  test(`micropay ${argv.join(' ')} is a usage error`, () => {
    assert.throws(
      () => readCommandLine(argv),
      (error) => error instanceof UsageError && expected.test(error.message),
    )
  })
}
