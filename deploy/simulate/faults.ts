import type { Disk } from './disk.ts'
import type { FaultKind } from './fault-names.ts'
import {
  appends,
  backUp,
  clock,
  crash,
  diskFull,
  link,
  loseDisk,
  pause,
  restart,
  restoreBackup,
  slow,
  writes,
} from './host-faults.ts'
import { changeRecord, empty, replaceLog, truncate } from './log-harm.ts'
import type { OwnerHost } from './owner-host.ts'
import { claimByNewerCode, claimFarAhead, forge, resumeOfAnotherPast } from './strange-records.ts'
import type { World } from './world.ts'

/** Begins a fault, and answers what ends it. */
type Begin = (world: World, host: OwnerHost) => () => void

/** Every kind of fault, by its name. Each ends by itself: the world is whole again after its time. */
const begins = {
  'append answer lost': appends('answer lost'),
  'append late': appends('late'),
  'append never': appends('never'),
  'append twice': appends('twice'),
  'append slow': appends('slow'),
  'log refused': link('log', 'refused'),
  'log silent': link('log', 'silent'),
  'log slow': slow('log'),
  'log away for all': everywhere(link('log', 'refused')),
  'log silent for all': everywhere(link('log', 'silent')),
  'lease refused': link('lease', 'refused'),
  'lease silent': link('lease', 'silent'),
  'lease slow': slow('lease'),
  'leases away for all': everywhere(link('lease', 'refused')),
  'leases silent for all': everywhere(link('lease', 'silent')),
  'lease lost': leaseLost,
  'lease for everybody': leaseFor('everybody'),
  'lease for nobody': leaseFor('nobody'),
  'lease of the same name': sameName,
  'clients cut off': link('clients', 'silent'),
  'follower crash': (world) => {
    const follower = world.random.pick(world.followers)
    follower.crash()
    return follower.start
  },
  'follower pause': ({ random, followers }) => {
    const { process } = random.pick(followers)
    process?.pause()
    return () => process?.goOn()
  },
  'follower log silent': followerLink('log', 'silent'),
  'follower database refused': followerLink('database', 'refused'),
  'follower database silent': followerLink('database', 'silent'),
  crash,
  'crash of all': everywhere(crash),
  pause,
  restart,
  'clock forward': clock(90_000),
  'clock back': clock(-90_000),
  'disk full': diskFull,
  'disk slow': writes('slow'),
  'disk loses what is not flushed': writes('unflushed'),
  'disk tears what is not flushed': writes('torn'),
  'disk lost': whileDown((_, disk) => loseDisk(disk)),
  'disk backed up': backUp,
  'disk restored': whileDown((_, disk) => restoreBackup(disk)),
  'disk of another machine': whileDown(diskOfAnother),
  'disk of another ledger': whileDown(foreignDisk, true),
  'disk edited': whileDown(editDisk, true),
  'disk cut off': whileDown((_, { content }) => content.truncate(), true),
  'disk without its key': whileDown((_, { content }) => content.loseKey(), true),
  'log truncated': truncate(0.05),
  'log restored': truncate(0.6),
  'log emptied': empty,
  'log replaced': replaceLog,
  'record changed': changeRecord,
  'record forged': forge,
  'claim of newer code': claimByNewerCode,
  'claim far ahead': claimFarAhead,
  'resume of another past': resumeOfAnotherPast,
  'record skipped': skipRecord,
  'clock far forward': clock(401 * 86_400_000),
  'clock far back': clock(-401 * 86_400_000),
  'clock of the log far forward': clockOfLog,
} satisfies Record<FaultKind, Begin>

export function beginFault(kind: FaultKind, world: World, host: OwnerHost): () => void {
  return begins[kind](world, host)
}

function everywhere(begin: Begin): Begin {
  return (world) => {
    const ends = world.hosts.map((host) => begin(world, host))
    return () => {
      for (const end of ends) end()
    }
  }
}

/** Once, the next time that something is read. */
function skipRecord(_: World, host: OwnerHost): () => void {
  host.skipsRecord = true
  return () => {
    host.skipsRecord = false
  }
}

function followerLink(name: 'log' | 'database', mode: 'refused' | 'silent'): Begin {
  return ({ followers }) => {
    for (const { links } of followers) links[name].mode = mode
    return () => {
      for (const { links } of followers) links[name].mode = 'up'
    }
  }
}

function leaseLost({ leases }: World): () => void {
  leases.forget()
  return () => undefined
}

function leaseFor(whom: 'everybody' | 'nobody'): Begin {
  return ({ leases }) => {
    leases.gives = whom
    return () => {
      leases.gives = 'one'
    }
  }
}

/** Two workers were given the same id: both get the lease. */
function sameName({ hosts }: World, host: OwnerHost): () => void {
  const other = hosts.find((each) => each !== host)
  const take = (ownerId: string) => {
    host.ownerId = ownerId
    host.crash()
    host.start()
  }
  take(other?.name ?? host.name)
  return () => take(host.name)
}

/** All machines seem to be wrong then, and so does the ledger. */
function clockOfLog({ log }: World): () => void {
  log.wall.offsetMs = 30 * 86_400_000
  return () => {
    log.wall.offsetMs = 0
  }
}

/** What is done to a disk while its worker is down. */
function whileDown(change: (world: World, disk: Disk, host: OwnerHost) => void, spoils = false): Begin {
  return (world, host) => {
    host.crash()
    host.disk.isSpoiled = spoils
    change(world, host.disk, host)
    world.crashed(host)
    return host.start
  }
}

function diskOfAnother({ hosts }: World, disk: Disk, host: OwnerHost): void {
  const other = hosts.find((each) => each !== host)
  if (!other) return
  disk.content.restore(other.disk.content.copy())
  disk.isSpoiled = other.disk.isSpoiled
}

/** The state of another ledger, as sound as ours. */
function foreignDisk(_: World, { content }: Disk): void {
  content.edit(
    'meta',
    'text',
    'mark',
    (value) =>
      value && Buffer.from(Buffer.from(value).toString().replace('"ledgerId":"simulated"', '"ledgerId":"another"')),
  )
}

/** Somebody gives himself money, or a bit flips. */
function editDisk({ random }: World, { content }: Disk): void {
  const accountId = random.pick(['ada', 'ben', 'cid', 'bank'])
  content.edit(
    'accounts',
    'text',
    `main\n${accountId}`,
    (value) => value && flipped(value, random.below(value.byteLength)),
  )
}

function flipped(value: Uint8Array, at: number): Uint8Array {
  return value.map((byte, index) => (index === at ? byte ^ 1 : byte))
}
