import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventType } from '@micropay/schemas/log/event'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { partitionOf } from '@micropay/schemas/placement'
import { putAccount } from '../decide/account.ts'
import { openIn } from '../decide/open-payments.ts'
import { emptyLedger, overlayOn } from '../decide/overlay.ts'
import { account, partitionsOf } from '../decide/partitions.fixture.ts'
import { posting } from '../decide/payment.fixture.ts'
import { changeOf, changeOfResume } from '../state/partition-state.ts'
import { judgeCommit } from './judge-commit.ts'

const partitions = 2
const held = [0, 1].map((partition) =>
  account(idOn(partition, partitions, 'house'), { type: 'external', overdraftLimit: 'unlimited', owner: 'house' }),
)
const [ada = '', ben = ''] = held.map(({ accountId }) => String(accountId))

/** One of two partitions has lost all that it had, or the last of it, and the other one makes that good. */
function resumed(partition: number, kept: number, isPrompt: boolean, deliveries = 99) {
  const ledger = partitionsOf(partitions, held)
  ledger.pay({ postings: [posting(ada, ben, '300')] }, { mayBook: true, isPrompt: () => isPrompt })
  for (let count = 0; count < deliveries && ledger.mail.length > 0; count += 1) ledger.deliver()
  for (const part of deliveries === 99 ? ledger.parts : []) part.end()
  ledger.mail.splice(0)
  ledger.parts[partition]?.lose(kept)
  for (let turn = 0; turn < 4; turn += 1) {
    for (const [index, part] of ledger.parts.entries()) {
      part.askHistory()
      part.askAgain(openIn(index, partitions, part.ledger))
    }
    ledger.deliverAll()
  }
  return ledger.parts
}

/** What is wrong with the commit of a partition that holds such an event, changed, in front of it as all of it was. */
function judged(
  parts: ReturnType<typeof resumed>,
  partition: number,
  type: EventType,
  change: (commit: Commit) => Commit = (commit) => commit,
): string | undefined {
  const ledger = overlayOn(emptyLedger)
  ledger.put(held.filter(({ accountId }) => partitionOf(accountId, partitions) === partition).map(putAccount))
  for (const entry of parts[partition]?.entries() ?? []) {
    const place = { partition, partitions, hash: entry.place.hash }
    if ('resume' in entry) ledger.put(changeOfResume(entry.resume, ledger, place).puts)
    else if (entry.commit.events.some((event) => event.type === type) && entry.commit.causes) {
      return judgeCommit(change(entry.commit), ledger, { partition, partitions, generation: EVENT_GENERATION })
    } else ledger.put(changeOf(entry.commit, ledger, place).puts)
  }
  return 'there is none'
}

const textOf = (from: string | RegExp, to: string) => (commit: Commit) =>
  JSON.parse(JSON.stringify(commit).replaceAll(from, to)) as Commit
const again = (commit: Commit): Commit => ({ ...commit, causes: [...(commit.causes ?? []), ...(commit.causes ?? [])] })

describe('what is made good of lost history, as its partition alone can judge it', () => {
  const over = resumed(1, 0, true)
  const learned = resumed(0, 1, false, 3)
  const gone = resumed(0, 0, true, 1)
  const promised = resumed(0, 0, false, 1)
  const cases: readonly (readonly [string, typeof over, number, EventType, (commit: Commit) => Commit])[] = [
    ['opened again with another outcome', over, 0, 'PaymentReopened', textOf('"asks":[1]', '"asks":[0]')],
    ['opened again for two reasons', over, 0, 'PaymentReopened', again],
    ['accepted of what is known', over, 0, 'HistoryAccepted', textOf(/"lost":\[[^\]]*\]/g, '"lost":[]')],
    ['forced with another amount', over, 1, 'LegsPosted', textOf('"amount":"-300"', '"amount":"-299"')],
    ['forced as if it were promised', over, 1, 'LegsPosted', textOf('"promised":false', '"promised":true')],
    ['answered by another one', over, 1, 'HistoryAnswered', textOf('"partition":0}', '"partition":1}')],
    ['learned as if it were not over', learned, 0, 'PaymentCompleted', textOf('"ended":false', '"ended":true')],
    ['learned without a word', learned, 0, 'PaymentCompleted', textOf('"learned":true', '"ended":true')],
    ['written off by other sums', gone, 1, 'LegsWrittenOff', textOf('"300"', '"299"')],
    ['released with other legs', promised, 1, 'LegsReleased', textOf('"300"', '"299"')],
  ]
  for (const [what, parts, partition, type, change] of cases) {
    test(`${what} is told, and nothing where nothing was changed`, () => {
      assert.equal(judged(parts, partition, type), undefined)
      assert.notEqual(judged(parts, partition, type, change), undefined)
    })
  }
})
