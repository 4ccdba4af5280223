import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { downcasters, upcasters } from './event-versions.ts'
import { ImportedStatement, StatementImportedV1, statementLines } from './statement-shapes.ts'

const text = fc.string({ maxLength: 20 })
const day = fc.constantFrom('2026-03-01', '2026-03-02')
const sum = fc.bigInt({ min: -1000n, max: 1000n }).map(String)
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined, freq: 1 })
const texts = { text: optional(text), counterparty: optional(text) }
/** As JSON has it: what is undefined is absent. */
const asStored = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value))
const common = {
  accountId: fc.constant('bank:ing'),
  ...{ statementId: text, currency: fc.constant('EUR'), from: day, to: day, opening: sum, closing: sum },
}
const first = fc
  .record({
    ...{ ...common, iban: text },
    lines: fc.array(
      fc.record({ amount: sum, bookedOn: day, valueOn: optional(day), references: fc.array(text), ...texts }),
      { maxLength: 4 },
    ),
  })
  .map((data) => StatementImportedV1.parse(asStored(data)))

const up = (data: object) => ImportedStatement.parse(upcasters.StatementImported?.[1]?.({ ...data }))
const down = (data: object) => downcasters.StatementImported?.[2]?.({ ...data })

test('what version 1 said is said by version 2, and lowered it is the same again', () => {
  fc.assert(
    fc.property(first, (data) => {
      const lifted = up(data)
      assert.deepEqual(down(lifted), data)
      const lines = statementLines(lifted)
      assert.deepEqual(
        lines.map(({ references }) => references.parties ?? []),
        data.lines.map((line) => line.references),
      )
      assert.deepEqual(
        lines.map((line) => [line.amount, line.text]),
        data.lines.map((line) => [line.amount, line.text]),
      )
    }),
  )
})

const plain = fc.record({ parties: fc.array(text, { minLength: 1, maxLength: 2 }) }, { requiredKeys: [] })
const kinds = fc.record(
  { parties: fc.array(text), bank: fc.array(text), position: fc.array(text) },
  { requiredKeys: [] },
)
const references = fc.oneof({ weight: 4, arbitrary: plain }, { weight: 1, arbitrary: kinds })
const second = fc
  .record({
    ...common,
    ...{ sha256: optional(text), parts: fc.integer({ min: 1, max: 2 }), importId: optional(text) },
    held: fc.array(
      fc.record({
        movement: fc.record({ amount: sum, bookedOn: day, batch: optional(fc.integer({ min: 2, max: 9 })) }),
        said: fc.record({ references, ...texts }),
        details: optional(fc.array(fc.record({ amount: optional(sum), references, ...texts }), { maxLength: 2 })),
      }),
      { maxLength: 3 },
    ),
    iban: text,
  })
  .map(({ held, iban, ...head }) => {
    const lines = held.map(({ movement, details }) => ({
      ...movement,
      details: details?.map(({ amount }) => ({ amount })),
    }))
    const said = held.map(({ said: own, details }) => ({
      ...own,
      details: details?.map(({ amount: _, ...each }) => each),
    }))
    const personal = { form: 'plain', data: { iban, lines: said } }
    return ImportedStatement.parse(asStored({ ...head, lineCount: held.length, lines, personal }))
  })

test('version 1 says of version 2 what lifted is the very same, or nothing', () => {
  let said = 0
  fc.assert(
    fc.property(second, (data) => {
      const lowered = down(data)
      if (!lowered) return
      said += 1
      assert.deepEqual(up(StatementImportedV1.parse(lowered)), data)
    }),
    { numRuns: 1_000 },
  )
  assert.ok(said > 20, `${said} could be said`)
})
