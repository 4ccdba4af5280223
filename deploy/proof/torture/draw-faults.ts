import { type Random, randomOf } from './random.ts'
import { type WireMode, wireModes } from './wire.ts'

export type LogName = 'kafka' | 'postgres'
export type Role = 'serving' | 'standby'
export type ProjectionName = 'p1' | 'p2'

/** What one fault does, and to whom; `serving` and `standby` are looked up when it begins. */
export type FaultDeed =
  | { readonly kind: 'kill' | 'stop' | 'terminate'; readonly target: Role | ProjectionName | 'reads' }
  | { readonly kind: 'kill postgres' | 'stop postgres' }
  | { readonly kind: 'kill broker' | 'stop broker'; readonly broker: BrokerRole }
  | {
      readonly kind: 'wire'
      readonly of: Role | ProjectionName | 'reads'
      readonly to: WireEnd
      readonly mode: WireMode
    }
  | { readonly kind: 'inbox'; readonly how: InboxFault }
  | { readonly kind: 'full disk'; readonly target: Role }
  | { readonly kind: 'clock'; readonly target: Role; readonly byMs: number; readonly at: 'once' | 'start' }
  | { readonly kind: 'history'; readonly how: 'truncated' | 'emptied' | 'changed'; readonly records: number }
  | {
      readonly kind: 'state'
      readonly target: Role
      readonly how: 'edited' | 'truncated' | 'flipped' | 'removed' | 'older'
    }

/** Whoever sends or reads waits; there is none; all that was in it is lost. */
export type InboxFault = 'silent' | 'gone' | 'emptied'

/** The log as a whole, one broker of it, or a database. */
export type WireEnd = 'log' | 'lease' | 'read model' | BrokerRole
/** The broker that takes what is appended, or one of those that copy it; looked up when the fault begins. */
export type BrokerRole = 'leader' | 'follower'

export type Fault = {
  /** Counted through all rounds, from 1. */
  readonly number: number
  /** Since the round began. */
  readonly atMs: number
  readonly lastsMs: number
  readonly deed: FaultDeed
}

/** Faults that overlap, or one alone; all are healed before the next round. */
export type Round = { readonly faults: readonly Fault[] }

/**
 * The rounds of a seed: the same for the same seed, however many faults are asked for. `only` is a part of the names of
 * the kinds that are wanted; throws RangeError where none has it.
 */
export function drawRounds(seed: string, on: Ground, faults: number, only = ''): readonly Round[] {
  const rounds: Round[] = []
  for (let drawn = 0; drawn < faults; ) {
    const random = randomOf(seed, `round ${rounds.length}`)
    let many = only === '' ? Math.min(random.pick([1, 1, 1, 2, 2, 3]), faults - drawn) : 1
    const round: Fault[] = []
    const struck = new Set<string>()
    while (round.length < many) {
      const deed = drawDeed(random, on, only)
      if (targetsOf(deed).some((target) => struck.has(target))) continue
      if (deed.kind === 'history') {
        // What is done to history is put right by hand, which other faults would disturb.
        if (round.length > 0) continue
        many = 1
      }
      for (const target of targetsOf(deed)) struck.add(target)
      drawn += 1
      const isLong = deed.kind === 'stop' && random.chance(0.5)
      const lastsMs = isLong ? random.between(9_000, 15_000) : random.between(1_000, 7_000)
      round.push({ number: drawn, atMs: round.length === 0 ? 0 : random.between(0, 3_000), lastsMs, deed })
    }
    rounds.push({ faults: round })
  }
  return rounds
}

/** Two faults of one round strike different targets. */
function targetsOf(deed: FaultDeed): readonly string[] {
  if (deed.kind === 'wire')
    return [`wire ${deed.of} ${deed.to === 'leader' || deed.to === 'follower' ? 'log' : deed.to}`]
  // The other worker is sent away meanwhile.
  if (deed.kind === 'state') return ['serving', 'standby']
  if ('broker' in deed) return ['broker']
  return ['target' in deed ? deed.target : deed.kind.replace(/.* /, '')]
}

const roles = ['serving', 'serving', 'standby'] as const
const instances = ['p1', 'p2'] as const
const brokerRoles = ['leader', 'leader', 'follower'] as const
const day = 86_400_000
const jumps = [401 * day, 401 * day, 3_600_000, 30_000, -3_600_000, -401 * day]

/** What the ledger is kept on. */
export type Ground = { readonly log: LogName; readonly partitions: number }

type Kind = {
  readonly weight: number
  readonly logs?: readonly LogName[]
  /** Of ledgers with so many partitions alone. */
  readonly on?: 'one' | 'several'
  draw(random: Random): FaultDeed
}

const kinds: readonly Kind[] = [
  { weight: 5, draw: (random) => ({ kind: 'kill', target: random.pick(roles) }) },
  { weight: 5, draw: (random) => ({ kind: 'stop', target: random.pick(roles) }) },
  { weight: 3, draw: (random) => ({ kind: 'terminate', target: random.pick(roles) }) },
  { weight: 2, draw: (random) => ({ kind: 'kill', target: random.pick([...instances, 'reads']) }) },
  { weight: 3, draw: (random) => ({ kind: 'stop', target: random.pick([...instances, 'reads']) }) },
  { weight: 1, draw: (random) => ({ kind: 'terminate', target: random.pick([...instances, 'reads']) }) },
  { weight: 2, draw: () => ({ kind: 'stop postgres' }) },
  { weight: 1, draw: () => ({ kind: 'kill postgres' }) },
  { weight: 2, logs: ['kafka'], draw: (random) => ({ kind: 'stop broker', broker: random.pick(brokerRoles) }) },
  { weight: 2, logs: ['kafka'], draw: (random) => ({ kind: 'kill broker', broker: random.pick(brokerRoles) }) },
  { weight: 6, draw: (random) => wire(random, random.pick(roles), 'log') },
  { weight: 4, draw: (random) => wire(random, random.pick(roles), 'lease') },
  { weight: 3, draw: (random) => wire(random, random.pick(instances), 'log') },
  { weight: 3, draw: (random) => wire(random, random.pick(instances), 'read model') },
  { weight: 2, draw: (random) => wire(random, 'reads', 'read model') },
  {
    ...{ weight: 6, logs: ['kafka'] },
    draw: (random) => wire(random, random.pick([...roles, ...instances]), random.pick(brokerRoles)),
  },
  { weight: 5, logs: ['postgres'], on: 'several', draw: (random) => inbox(random, ['silent', 'gone', 'emptied']) },
  { weight: 5, logs: ['kafka'], on: 'several', draw: (random) => inbox(random, ['gone', 'emptied']) },
  { weight: 2, draw: (random) => ({ kind: 'full disk', target: random.pick(roles) }) },
  {
    weight: 3,
    draw: (random) => ({
      ...{ kind: 'clock', target: random.pick(roles), byMs: random.pick(jumps) },
      at: random.pick(['once', 'once', 'start']),
    }),
  },
  {
    // Older copies of all disks take something from some partitions, and nothing from others, which rightly go on.
    ...{ weight: 1, logs: ['kafka'], on: 'one' },
    draw: (random) => ({ kind: 'history', how: 'truncated', records: random.pick([1, 20, 60]) }),
  },
  {
    ...{ weight: 3, logs: ['postgres'] },
    draw: (random) => ({
      ...{ kind: 'history', how: random.pick(['truncated', 'truncated', 'emptied', 'changed']) },
      records: random.pick([1, 2, 5, 30]),
    }),
  },
  {
    weight: 3,
    draw: (random) => ({
      ...{ kind: 'state', target: random.pick(roles) },
      how: random.pick(['edited', 'edited', 'truncated', 'flipped', 'removed', 'older']),
    }),
  },
]

function wire(random: Random, of: Role | ProjectionName | 'reads', to: WireEnd): FaultDeed {
  return { kind: 'wire', of, to, mode: random.pick(wireModes) }
}

function inbox(random: Random, ways: readonly InboxFault[]): FaultDeed {
  return { kind: 'inbox', how: random.pick(ways) }
}

const mostDraws = 10_000

function drawDeed(random: Random, { log, partitions }: Ground, only: string): FaultDeed {
  const other = partitions === 1 ? 'several' : 'one'
  const drawn = kinds.filter(({ logs, on }) => (logs === undefined || logs.includes(log)) && on !== other)
  for (let draw = 0; draw < mostDraws; draw += 1) {
    const deed = random.weighted(drawn).draw(random)
    if (`${kindOf(deed)}, ${describeDeed(deed)}`.includes(only)) return deed
  }
  throw new RangeError(`no fault on ${log} is called ${only}`)
}

/** In words, for the report and for who watches. */
export function describeDeed(deed: FaultDeed): string {
  switch (deed.kind) {
    case 'wire':
      return `${deed.mode}: ${deed.of} to ${deed.to}`
    case 'kill broker':
    case 'stop broker':
      return `${deed.kind} ${deed.broker}`
    case 'kill postgres':
    case 'stop postgres':
      return deed.kind
    case 'clock':
      return `clock of ${deed.target} by ${deed.byMs / 1000} s${deed.at === 'start' ? ' at a start' : ''}`
    case 'history':
      return `log ${deed.how}${deed.how === 'truncated' ? ` by ${deed.records}` : ''}`
    case 'state':
      return `state of ${deed.target} ${deed.how}`
    case 'inbox':
      return `inbox ${deed.how}`
    case 'full disk':
      return `full disk of ${deed.target}`
    default:
      return `${deed.kind} ${deed.target}`
  }
}

/** What the report counts by. */
export function kindOf(deed: FaultDeed): string {
  switch (deed.kind) {
    case 'wire':
      return `wire ${deed.mode}`
    case 'history':
      return `log ${deed.how}`
    case 'state':
      return `state ${deed.how}`
    case 'inbox':
      return `inbox ${deed.how}`
    case 'clock':
      return deed.at === 'start' ? 'clock wrong at a start' : 'clock jumps'
    case 'kill':
    case 'stop':
    case 'terminate':
      return `${deed.kind} ${isRole(deed.target) ? 'worker' : deed.target === 'reads' ? 'read side' : 'projection'}`
    default:
      return deed.kind
  }
}

export function isRole(target: Role | ProjectionName | 'reads'): target is Role {
  return target === 'serving' || target === 'standby'
}
