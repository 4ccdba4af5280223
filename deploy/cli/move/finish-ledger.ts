import { hash } from 'node:crypto'
import { systemClock } from '@micropay/runtime/clock'
import { GovernedCommand } from '@micropay/schemas/api/approval'
import { type Asked, type Asking, ask } from './ask.ts'
import { reasonIn } from './finish-accounts.ts'
import type { Survey } from './survey.ts'
import { noteReason, type Tally } from './tally.ts'

type Options = {
  readonly survey: Survey
  readonly tally: Tally
  readonly keyOf: (what: string) => string
}

/** The zone comes first: in its days value dates are judged, those of accounts and of payments. */
export async function setZone(asking: Asking, { survey, tally, keyOf }: Options): Promise<void> {
  const zone = survey.governance.zone()
  if (zone === undefined) return
  const asked = await ask(asking, '/v1/ledger-zone', keyOf(`zone:${zone}`), { zone })
  note(tally, 'the zone', asked)
  const { clock = systemClock } = asking
  if (asked.kind === 'done' && !asked.replayed) await clock.sleep(TAKEN_OVER_MS)
}

/** Partition 0 decides the zone, and the others, which judge days by it, ask for it every 2 s at the latest. */
const TAKEN_OVER_MS = 5_000

/** Names that people gave to accounts. Whose account was closed since is kept, too, so they come before closings. */
export async function savePayees(asking: Asking, { survey, tally, keyOf }: Options): Promise<void> {
  for (const { owner, alias, accountId } of survey.governance.payees()) {
    const key = keyOf(`payee:${hash('sha256', JSON.stringify([owner, alias, accountId]), 'hex').slice(0, 32)}`)
    note(tally, `payee ${alias} of ${owner}`, await ask(asking, '/v1/payees', key, { owner, alias, accountId }))
  }
}

/**
 * What needs a second person comes last, since what is moved was decided before; the rule on rules is the last of them.
 * Of commands that no rule is about today there is none to set.
 */
export async function setPolicies(asking: Asking, { survey, tally, keyOf }: Options): Promise<void> {
  const known = survey.governance.policies().filter(({ command }) => GovernedCommand.safeParse(command).success)
  const rules = known.toSorted((one, other) => order(one.command) - order(other.command))
  for (const rule of rules) {
    const key = keyOf(`policy:${hash('sha256', JSON.stringify(rule), 'hex').slice(0, 32)}`)
    note(tally, `policy on ${rule.command}`, await ask(asking, '/v1/policies', key, rule))
  }
}

function order(command: string): number {
  return command === 'SetPolicy' ? 1 : 0
}

function note(tally: Tally, what: string, asked: Asked): void {
  if (asked.kind === 'done') tally.done += 1
  if (asked.kind === 'done' && asked.replayed) tally.replayed += 1
  if (asked.kind === 'waiting') tally.waiting += 1
  if (asked.kind === 'refused') tally.refused += 1
  if (asked.kind !== 'done') noteReason(tally, what, reasonIn(asked))
}
