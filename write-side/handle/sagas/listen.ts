import { type Answer, isOfHistory, isRequest, type Message } from '@micropay/schemas/log/message'
import { isBlocked, isDropped } from '../../decide/history.ts'
import { isGone } from '../../decide/lost-spans.ts'
import { sagas } from '../../decide/saga.ts'
import { hearSeal } from './closings.ts'
import type { Engine, SagaPorts } from './engine-state.ts'
import { takeHistory } from './history-run.ts'
import { park } from './park.ts'
import { tellFacts } from './speak.ts'

/** Takes what others say as steps, until the signal aborts. */
export async function receive(engine: Engine, { inbox }: SagaPorts, signal: AbortSignal): Promise<void> {
  const { partition, log } = engine
  const onTrouble = (error: Error) => log.warn({ err: error, partition }, 'messages of other partitions do not come')
  for await (const batch of inbox.receive(partition, { signal, onTrouble })) {
    for (const bytes of batch) take(engine, bytes)
  }
}

function take(engine: Engine, bytes: Uint8Array): void {
  const { ports, counts, queue } = engine
  if (!ports) return
  counts.received += 1
  const message = ports.codec.decode(bytes)
  if ('fault' in message) park(engine, bytes, message.fault)
  else if (isOfHistory(message)) takeHistory(engine, message)
  else if (isUnheard(engine, message)) return
  else if (message.kind === 'ask-facts') tellFacts(engine, message.from, message.known)
  else if (message.kind === 'fact') queue.addStep({ kind: 'told', message })
  else if (message.kind === 'sealed') hearSeal(engine, bytes, message)
  else if (isRequest(message) || !isNoted(engine, message)) queue.addStep({ kind: 'heard', message })
}

/** It is as if it were lost on its way: its sender says it again, or has no reason to any more. */
function isUnheard({ ledger, runs }: Engine, message: Message): boolean {
  return runs.has(message.from) || (ledger !== undefined && isDropped(message, ledger))
}

/** Notes an answer; true where that is all, since the payment is decided and only waits for all of them. */
function isNoted({ promptness, ledger, heard, underWay }: Engine, message: Answer): boolean {
  promptness.answered(message.from)
  const saga = ledger?.read(sagas, message.payment)
  // Somebody else may know how it came out: nothing is decided on it before, and it is asked for again then.
  if (ledger && saga && isBlocked(saga, ledger)) return true
  if (saga) heard.add(message, (known) => !ledger || !isGone({ partition: known.from, seq: known.at.seq }, ledger))
  const way = underWay.get(message.payment)
  if (way) way.isHeard = true
  return saga?.state === 'completed' || saga?.state === 'failed'
}
