import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { ProblemError } from '@micropay/runtime/problem-error'
import { createParseApart } from './parse-apart.ts'

const encoder = new TextEncoder()
/** Far more than fits into the memory that a file may take. */
const bytes = encoder.encode(
  '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>' +
    `${'<Ntry/>'.repeat(1_000_000)}</Stmt></BkToCstmrStmt></Document>`,
)

async function problemOf(reading: Promise<unknown>): Promise<ProblemError> {
  const problem = await reading.then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.ok(problem instanceof ProblemError)
  return problem
}

test('a file that is not read in time, though hardly anything of it was read, can be sent again', async () => {
  const clock = createHandClock()
  const reading = problemOf(createParseApart(clock)(bytes))
  clock.advance(10_000)
  const { code, message } = await reading
  assert.equal(code, 'overloaded')
  assert.match(message, /send it again/)
})

test('one that had a processor for longer than a statement takes is none', async () => {
  const parse = createParseApart(systemClock, { waitMs: 1_000, processorMs: 20 })
  const { code, message } = await problemOf(parse(bytes))
  assert.equal(code, 'statement_unreadable')
  assert.match(message, /more time or memory/)
})

test('what is given up leaves its place to others', async () => {
  const clock = createHandClock()
  const parse = createParseApart(clock)
  for (let each = 0; each < 3; each += 1) {
    const reading = problemOf(parse(bytes))
    clock.advance(10_000)
    assert.match((await reading).message, /could not be read in time/)
  }
})

test('a small file that would fill the memory is given up, and the next one is read', async () => {
  const parse = createParseApart(systemClock, { waitMs: 50_000, processorMs: 50_000 })
  const { code, message } = await problemOf(parse(bytes))
  assert.equal(code, 'statement_unreadable')
  assert.match(message, /more time or memory to read than a statement may/)
  assert.equal((await parse(encoder.encode('<Document/>'))).kind, 'unreadable')
})
