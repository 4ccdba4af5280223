import type { EventLog } from '@micropay/event-log/event-log'
import { createLedger, type Ledger } from '@micropay/event-log/ledger.fixture'
import { appendTo } from '@micropay/event-log/log-reading.fixture'
import { StatementImportedV1, statementFromV1 } from '@micropay/schemas/log/statement-shapes'
import { partitionOf } from '@micropay/schemas/placement'
import { formatPositions } from '@micropay/schemas/position'

/** So many groups of accounts, each of which lives together on one partition or another. */
export const tags = Array.from({ length: 12 }, (_, index) => String.fromCharCode(97 + index))
export const accountsOf = (tag: string) => [`{${tag}}bank`, `{${tag}}ada`, `{${tag}}bob`, `{${tag}}shop`]
export const everyAccount = tags.flatMap(accountsOf)
const ROUNDS = 4

export type SpreadBook = {
  readonly log: EventLog
  readonly partitions: number
  /** How many were taken so far. */
  readonly steps: number
  /** The position that a step was given; steps are called alike whatever the partitions. */
  at(step: string): { readonly partition: number; readonly seq: number }
  /** Where all partitions stood when a step was the newest. */
  vectorAfter(step: string): string
  /** Where all partitions stand. */
  end(): string
  /** Ids and positions become the names of their steps: what is left is the same for any number of partitions. */
  named(text: string): string
  /** Another step, which is appended at once. */
  pay(step: string, tag: string, amount: number): Promise<void>
}

/**
 * The same commands at the same times on any number of partitions: each goes where its accounts are. All of them are
 * decided at times of their own, and have value dates of their own, so that no order of a list is left to positions.
 */
export async function writeSpreadBook(log: EventLog, partitions: number): Promise<SpreadBook> {
  await log.prepare(partitions)
  const ledgers = Array.from({ length: partitions }, (_, partition) => createLedger(partition, partitions))
  for (const [partition, ledger] of ledgers.entries())
    await appendTo(log, partition, [ledger.genesis(), ledger.claim()])
  const steps = new Map<string, { position: { partition: number; seq: number }; vector: string }>()
  const names = new Map<string, string>()
  const vector = () => formatPositions(ledgers.map((ledger) => ledger.position()))
  const at = (step: string) => steps.get(step)?.position ?? { partition: 0, seq: 0 }
  const write = async (step: string, tag: string, record: (given: Given) => ReturnType<Ledger['pay']>) => {
    const partition = partitionOf(`{${tag}}`, partitions)
    const ledger = ledgers[partition] as Ledger
    const decidedAt = new Date(Date.UTC(2026, 2, 1, 9, 0, steps.size)).toISOString()
    // Later rounds count on earlier days, so that the two orders differ.
    const round = Number(/[0-9]+$/.exec(step)?.[0] ?? 0)
    const effectiveAt = new Date(Date.UTC(2026, 0, 50 - 12 * round, 12, 0, 0, steps.size)).toISOString()
    const seq = ledger.position().seq + 1
    const idOf = (kind: string, of = step) => `${kind}-${of === step ? `${partition}-${seq}` : hyphened(at(of))}`
    const written = record({ ledger, decidedAt, effectiveAt, idOf })
    names.set(`${partition}:${seq}`, step)
    await appendTo(log, partition, [written])
    steps.set(step, { position: { partition, seq }, vector: vector() })
  }
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const tag of tags)
      for (const [name, step] of stepsOf(round)) await write(`${tag}-${name}`, tag, step(tag, round))
  }
  return {
    ...{ log, partitions, at, end: vector },
    get steps() {
      return steps.size
    },
    vectorAfter: (step) => steps.get(step)?.vector ?? '',
    named: (text) =>
      text
        .replaceAll(/\b(pay|prp|prd|pol)-([0-9]+)-([0-9]+)\b/g, (id, kind, partition, seq) => {
          const step = names.get(`${partition}:${seq}`)
          return step === undefined ? id : `${kind} of ${step}`
        })
        .replaceAll(/(?<![\w:.-])[0-9]+:[0-9]+(?![0-9:])/g, (position) => names.get(position) ?? position),
    pay: (step, tag, amount) =>
      write(step, tag, ({ ledger, decidedAt, effectiveAt }) =>
        ledger.pay([[`{${tag}}bank`, `{${tag}}ada`, amount]], { kind: 'deposit', decidedAt, effectiveAt }),
      ),
  }
}

const hyphened = ({ partition, seq }: { partition: number; seq: number }) => `${partition}-${seq}`

type Given = {
  readonly ledger: Ledger
  readonly decidedAt: string
  readonly effectiveAt: string
  /** An id of this step, or of an earlier one. */
  idOf(kind: string, step?: string): string
}
type Step = (tag: string, round: number) => (given: Given) => ReturnType<Ledger['pay']>

/** The first round opens the accounts, and the last one imports what the banks say of the others. */
function stepsOf(round: number): readonly (readonly [string, Step])[] {
  const steps = round === 0 ? opening : round < ROUNDS ? paying : closing
  return Object.entries(steps).map(([name, step]) => [`${name}${round}`, step] as const)
}

const unlimited = { overdraftLimit: 'unlimited' }

const opening: Readonly<Record<string, Step>> = {
  bank:
    (tag) =>
    ({ ledger, decidedAt }) =>
      ledger.open(`{${tag}}bank`, { ...unlimited, type: 'external', owner: 'house', name: `Bank ${tag}`, decidedAt }),
  ada:
    (tag) =>
    ({ ledger, decidedAt }) =>
      ledger.open(`{${tag}}ada`, { name: `Ada ${tag}`, decidedAt }),
  bob:
    (tag) =>
    ({ ledger, decidedAt }) =>
      ledger.open(`{${tag}}bob`, { owner: 'customer:bob', name: `Bob ${tag}`, decidedAt }),
  shop:
    (tag) =>
    ({ ledger, decidedAt }) =>
      ledger.open(`{${tag}}shop`, { ...unlimited, type: 'internal', owner: 'house', path: `income/${tag}`, decidedAt }),
}

const paying: Readonly<Record<string, Step>> = {
  deposit:
    (tag, round) =>
    ({ ledger, decidedAt, effectiveAt }) =>
      ledger.pay([[`{${tag}}bank`, `{${tag}}ada`, 1_000 * round]], {
        ...{ kind: 'deposit', decidedAt, effectiveAt, reference: `wages ${round}` },
        metadata: { operation: 'payroll', purpose: 'wages' },
      }),
  sale:
    (tag, round) =>
    ({ ledger, decidedAt, effectiveAt }) =>
      ledger.pay([[`{${tag}}ada`, `{${tag}}shop`, 30 + round]], {
        ...{ decidedAt, effectiveAt, reference: 'INV-7', description: `bought of ${tag}` },
      }),
  split:
    (tag, round) =>
    ({ ledger, decidedAt, effectiveAt }) => {
      const legs = [
        [`{${tag}}ada`, -40],
        [`{${tag}}bob`, 25 + round],
        [`{${tag}}shop`, 15 - round],
      ] as const
      return ledger.payLegs(legs, { decidedAt, effectiveAt, reference: `split ${tag}` })
    },
  refund:
    (tag, round) =>
    ({ ledger, decidedAt, effectiveAt, idOf }) =>
      ledger.pay([[`{${tag}}shop`, `{${tag}}ada`, 10]], {
        // As a refund without a reason has them.
        ...{ reference: 'INV-7', description: '' },
        ...{ decidedAt, effectiveAt, reverses: { paymentId: idOf('pay', `${tag}-sale${round}`), whole: false } },
      }),
  refused:
    (tag) =>
    ({ ledger, decidedAt }) =>
      ledger.refuse(
        {
          postings: [{ from: `{${tag}}ada`, to: `{${tag}}bob`, amount: '999999', currency: 'EUR' }],
          reference: 'much',
        },
        { decidedAt },
      ),
}

const closing: Readonly<Record<string, Step>> = {
  statement:
    (tag) =>
    ({ ledger, decidedAt }) =>
      imported(ledger, tag, january, decidedAt),
  feb:
    (tag) =>
    ({ ledger, decidedAt }) =>
      imported(ledger, tag, feb, decidedAt),
  frozen:
    (tag) =>
    ({ ledger, decidedAt }) => {
      const event = { type: 'AccountFrozen', version: 2, data: { accountId: `{${tag}}bob`, direction: 'all' } }
      return ledger.decide('FreezeAccount', [event], { decidedAt })
    },
}

function imported(ledger: Ledger, tag: string, [statementId, from, to, amount]: StatementOf, decidedAt: string) {
  const data = StatementImportedV1.parse({
    ...{ accountId: `{${tag}}bank`, statementId, iban: `IBAN ${tag}`, currency: 'EUR' },
    ...{ from, to, opening: '0', closing: amount },
    lines: [{ amount, bookedOn: from, references: ['wages 1'] }],
  })
  const event = { type: 'StatementImported', version: 2, data: statementFromV1(data) }
  return ledger.decide('ImportStatement', [event], { decidedAt })
}

type StatementOf = readonly [statementId: string, from: string, to: string, amount: string]
const january: StatementOf = ['jan', '2026-01-11', '2026-01-31', '1007']
const feb: StatementOf = ['feb', '2026-02-11', '2026-02-28', '9']
