import { ParkedList, type ParkedMessage, ParkedRetried } from '@micropay/schemas/api/parked'
import { type Answer, type LedgerClient, problemOf } from '@micropay/sdk/ledger-client'
import { count, counted } from './progress.ts'

export type ParkedRequest =
  | { readonly what: 'list'; readonly partition: number | undefined }
  | { readonly what: 'retry'; readonly ids: readonly string[] }
  | { readonly what: 'drop'; readonly ids: readonly string[]; readonly reason: string }

/**
 * What partitions could not handle of what others told them: listed, tried again, or given up. True when all went as it
 * was asked for; what is refused again is still parked.
 */
export async function handleParked(
  ledger: LedgerClient,
  request: ParkedRequest,
  print: (line: string) => void,
): Promise<boolean> {
  if (request.what === 'list') return list(ledger, request.partition, print)
  let isWell = true
  for (const id of request.ids) {
    const body = JSON.stringify(request.what === 'drop' ? { reason: request.reason } : {})
    const path = `/v1/parked/${encodeURIComponent(id)}/${request.what}`
    const answer = await ledger.send({ method: 'POST', path, body })
    const { line, went } = request.what === 'drop' ? dropped(answer) : retried(answer)
    print(`${id}: ${line}`)
    isWell &&= went
  }
  return isWell
}

type Told = { readonly line: string; readonly went: boolean }

function dropped(answer: Answer): Told {
  if (answer.status === 200) return { line: 'dropped', went: true }
  // An answer to an earlier try may have been lost.
  if (answer.status === 404 && answer.mayHaveCounted) return { line: 'not parked any more', went: true }
  return { line: problemOf(answer), went: false }
}

function retried(answer: Answer): Told {
  if (answer.status === 404 && answer.mayHaveCounted) return { line: 'not parked any more', went: true }
  if (answer.status !== 202) return { line: problemOf(answer), went: false }
  return ParkedRetried.parse(answer.body).refusedAgain
    ? { line: 'sent again, and refused again: it is parked anew, so drop it', went: false }
    : { line: 'sent again', went: true }
}

async function list(
  ledger: LedgerClient,
  partition: number | undefined,
  print: (line: string) => void,
): Promise<boolean> {
  const of = partition === undefined ? '' : `&partition=${partition}`
  const answer = await ledger.send({ method: 'GET', path: `/v1/parked?limit=1000${of}` })
  if (answer.status !== 200) throw new Error(`what is parked cannot be asked: ${problemOf(answer)}`)
  const { items, counts } = ParkedList.parse(answer.body)
  const asked = counts.filter((each) => partition === undefined || each.partition === partition)
  const [kept, more] = [
    asked.reduce((sum, each) => sum + each.kept, 0),
    asked.reduce((sum, each) => sum + each.more, 0),
  ]
  const room = more > 0 ? `, and ${count(more)} more had no room` : ''
  print(kept === 0 ? 'nothing is parked' : `${counted(kept, 'message')} parked${room}`)
  for (const item of items) for (const line of linesOf(item)) print(`  ${line}`)
  if (items.length < kept) print(`  and ${count(kept - items.length)} that came before`)
  return true
}

function linesOf({ id, partition, says, fromLedger, bytes, reason, count: times, firstAt, lastAt }: ParkedMessage) {
  const claim = fromLedger ? '' : ', as it claims'
  const from = says?.from === null ? '' : ` from partition ${says?.from}`
  const about = says?.payment == null ? '' : ` of ${says.payment}`
  const what = says ? `${says.kind}${about}${from}${claim}` : `${counted(bytes, 'byte')} that cannot be read`
  const when = times === 1 ? `at ${lastAt}` : `${count(times)} times, ${firstAt} to ${lastAt}`
  return [`partition ${partition}: ${what}; ${when}`, `  ${reason}`, `  ${id}`]
}
