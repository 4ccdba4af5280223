import { createHash } from 'node:crypto'
import { type Commit, commitOf } from './commit.ts'
import type { Findings } from './findings.ts'
import type { LogRecord } from './read-log.ts'

/** One partition of it. */
export type Folded = {
  readonly partition: number
  readonly commits: readonly Commit[]
  readonly bySeq: ReadonlyMap<number, Commit>
  readonly voids: number
  readonly claims: number
}

type State = {
  seq: number
  hash: Buffer
  epoch: number
  seqAtClaim: number
  readonly claimed: Set<number>
  offset: bigint
  voids: number
  claims: number
}

/** Folds a partition by the rules of docs/log-protocol.md. */
export function foldLog(
  records: readonly LogRecord[],
  ledgerId: string,
  partition: number,
  findings: Findings,
): Folded {
  const state: State = {
    ...{ seq: 0, epoch: 0, seqAtClaim: 0, claimed: new Set(), offset: 0n, voids: 0, claims: 0 },
    hash: createHash('sha256').update(`${ledgerId}\n${partition}`).digest(),
  }
  const commits: Commit[] = []
  const wrong = (what: string) => findings.add('records that do not follow', `partition ${partition}, ${what}`)
  for (const { offset, value } of records) {
    if (offset !== state.offset) wrong(`offset ${offset} stands where ${state.offset} is due`)
    state.offset = offset + 1n
    const event = JSON.parse(value.toString('utf8'))
    const { type, data } = event
    if (type === 'micropay.genesis.v1') {
      const isFirst = offset === 0n && data.ledgerId === ledgerId && data.partition === partition
      if (!isFirst) state.voids += 1
    } else if (type === 'micropay.claim.v1') foldClaim(state, data)
    else if (type === 'micropay.resume.v1') foldResume(state, data, value, offset, wrong)
    else if (type === 'micropay.heartbeat.v1') foldHeartbeat(state, data, offset, wrong)
    else if (type === 'micropay.commit.v1') {
      if (!counts(state, data, value, offset, wrong)) continue
      commits.push(commitOf({ offset, partition, hash: state.hash.toString('base64url') }, data))
    } else if (event.ignorable !== true) wrong(`offset ${offset} is of the unknown type ${type}`)
  }
  const { voids, claims } = state
  const bySeq = new Map(commits.map((commit) => [commit.seq, commit]))
  return { partition, commits, bySeq, voids, claims }
}

// biome-ignore lint/suspicious/noExplicitAny: what stands in the log has no type here, on purpose
type Data = any

function foldClaim(state: State, { epoch }: Data): void {
  if (epoch <= state.epoch || epoch > state.epoch + 1_000) {
    state.voids += 1
    return
  }
  state.epoch = epoch
  state.claimed.add(epoch)
  state.seqAtClaim = state.seq
  state.claims += 1
}

function foldResume(state: State, data: Data, value: Buffer, offset: bigint, wrong: (what: string) => void): void {
  if (data.epoch <= state.epoch || data.epoch > state.epoch + 1_000) {
    state.voids += 1
    return
  }
  const follows = data.previousSeq === state.seq && data.previousHash === state.hash.toString('base64url')
  if (!follows || data.seq <= state.seq) {
    wrong(`offset ${offset}: a resume that does not follow`)
    return
  }
  state.epoch = data.epoch
  state.claimed.add(data.epoch)
  state.seq = data.seq
  state.seqAtClaim = data.seq
  state.hash = nextHash(state.hash, value)
}

function foldHeartbeat(state: State, { epoch }: Data, offset: bigint, wrong: (what: string) => void): void {
  if (!state.claimed.has(epoch)) wrong(`offset ${offset}: a heartbeat of epoch ${epoch}, which nobody claimed`)
}

function counts(state: State, data: Data, value: Buffer, offset: bigint, wrong: (what: string) => void): boolean {
  const { epoch, seq, previousHash } = data
  if (!state.claimed.has(epoch)) {
    wrong(`offset ${offset}: a commit of epoch ${epoch}, which nobody claimed`)
    return false
  }
  const isNext = epoch === state.epoch && seq === state.seq + 1 && previousHash === state.hash.toString('base64url')
  if (isNext) {
    state.seq = seq
    state.hash = nextHash(state.hash, value)
    return true
  }
  state.voids += 1
  if (epoch < state.epoch) return false
  if (seq <= state.seqAtClaim) wrong(`offset ${offset}: a fork, seq ${seq} of epoch ${epoch}`)
  else if (seq > state.seq) wrong(`offset ${offset}: a broken chain, seq ${seq} behind ${state.seq}`)
  return false
}

function nextHash(hash: Buffer, value: Buffer): Buffer {
  return createHash('sha256').update(hash).update(value).digest()
}
